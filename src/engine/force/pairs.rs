//! The law of pairs: how hard one anchor pulls each of its positives and pushes each of its negatives, by their angle.
//!
//! Read from the reference form of an objective on one fixed scene: an anchor, and as many positives as negatives, each
//! kind spread evenly over all angles. So a weight that grows with the distance shows as such.

use crate::objectives::{Family, Scene, Score, Term};
use crate::tape::Tape;

/// What an anchor does to its positives and to its negatives at each angle: K·(−∂ℓ/∂cos) with ℓ the loss of the anchor
/// alone and K the number of angles, above 0 where it pulls.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PairLaw {
    /// Of positives.
    pub positives: Vec<f64>,
    /// Of negatives.
    pub negatives: Vec<f64>,
}

/// The law of a sum of terms at each of `angles` degrees; nothing where a term compares rows with classes.
pub fn pair_law(terms: &[Term], angles: &[f64]) -> Option<PairLaw> {
    if terms.is_empty() || terms.iter().any(|term| term.objective.family() != Family::Pair) {
        return None;
    }
    let count = angles.len();
    let mut law = PairLaw { positives: vec![0.0; count], negatives: vec![0.0; count] };
    // The anchor first, then its positives, then its negatives.
    let cosines: Vec<f64> = [0.0].iter().chain(angles).chain(angles).map(|a| a.to_radians().cos()).collect();
    let groups: Vec<u32> = (0..cosines.len()).map(|k| u32::from(k > count)).collect();
    for term in terms {
        let squared = term.objective.score() == Score::SquaredDistance;
        let scores: Vec<f64> =
            cosines.iter().map(|cos| if squared { 2.0 - 2.0 * cos } else { *cos }).collect();
        let by_cosine = if squared { -2.0 } else { 1.0 };
        let tape = Tape::new();
        let (anchors, candidates) = (1, scores.len());
        let sizes = vec![count as f64 + 1.0, count as f64];
        let scene = Scene::new(
            &tape,
            Family::Pair,
            anchors,
            candidates,
            &scores,
            &[],
            groups.clone(),
            Vec::new(),
            sizes,
        );
        let loss = term.objective.reference(&term.knobs, &scene);
        let slopes = tape.slopes(loss);
        let of = |j: usize| -term.weight * by_cosine * count as f64 * slopes.of(scene.score(0, j));
        for k in 0..count {
            law.positives[k] += of(1 + k);
            law.negatives[k] += of(1 + count + k);
        }
    }
    Some(law)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::expression;

    fn law(text: &str) -> Option<PairLaw> {
        let mut terms = expression::parse(text).unwrap();
        expression::resolve(&mut terms, 2);
        pair_law(&terms, &[30.0, 60.0, 90.0, 120.0, 150.0])
    }

    #[test]
    fn cacr_pulls_far_positives_and_pushes_near_negatives_harder() {
        let plain = law("cacr(positive_temperature=0, negative_temperature=0)").unwrap();
        // Without temperatures all weigh alike: K·2·(1/K) each way.
        assert!(plain.positives.iter().all(|pull| (pull - 2.0).abs() < 1e-9), "{plain:?}");
        assert!(plain.negatives.iter().all(|push| (push + 2.0).abs() < 1e-9), "{plain:?}");
        let warm = law("cacr(positive_temperature=1, negative_temperature=1, weights=detached)").unwrap();
        assert!(warm.positives.is_sorted(), "farther positives are pulled harder: {warm:?}");
        assert!(warm.negatives.is_sorted(), "nearer negatives are pushed harder: {warm:?}");
        assert!(warm.negatives.iter().all(|push| *push < 0.0));
        // Where the slope goes through the weights, what is far is attracted: D beyond its mean by 1/t⁻.
        let through = law("cacr(positive_temperature=1, negative_temperature=2)").unwrap();
        assert!(through.negatives[4] > 0.0, "{through:?}");
    }

    #[test]
    fn supcon_is_what_its_softmax_says() {
        let law = law("supcon(temperature=0.5)").unwrap();
        let cosines = [30.0f64, 60.0, 90.0, 120.0, 150.0].map(|a| a.to_radians().cos());
        let total: f64 = 2.0 * cosines.iter().map(|cos| (cos / 0.5).exp()).sum::<f64>();
        for (k, cos) in cosines.iter().enumerate() {
            let p = (cos / 0.5).exp() / total;
            // −∂ℓ/∂cos = (1/|P| − p)/τ of a positive and −p/τ of a negative, times K = |P| = 5.
            assert!((law.positives[k] - 5.0 * (0.2 - p) / 0.5).abs() < 1e-9, "{law:?}");
            assert!((law.negatives[k] + 5.0 * p / 0.5).abs() < 1e-9, "{law:?}");
        }
    }

    #[test]
    fn what_compares_rows_with_classes_has_none() {
        assert_eq!(law("arcface"), None);
        assert_eq!(law("supcon + softmax"), None);
        assert!(law("alignment + uniformity").is_some());
    }
}
