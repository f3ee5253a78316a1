//! The force law: how hard an objective pulls a row toward its own class, by angle.
//!
//! Read from the same couplings that move points, on one fixed scene: the classes stand at the
//! corners of a simplex, and a probe of the first class is turned from its own corner through the
//! second one's direction to the far side.

mod pairs;

pub use pairs::{PairLaw, pair_law};

use super::cpu::CpuEngine;
use super::{MarginsAt, Parameter, Problem, State};
use crate::features::Matrix;
use crate::objectives::{Family, Score, Target, Term};
use crate::optimizer::{Decay, Method, Moves};

/// The angles, in degrees, that a figure shows in full: an angular margin has a slope without bound in the cosine
/// toward 0° and 180°, which would flatten everything else.
pub const CALM: std::ops::RangeInclusive<f64> = 10.0..=170.0;

/// More classes than this do not move the angle at which a pull turns.
const MOST_OF_A_TURN: usize = 16;

/// The pull of a probe toward its own class at one angle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pull {
    /// The angle between the probe and its own class, in degrees.
    pub angle: f64,
    /// −N·∂L/∂cos of that pair: positive pulls together.
    pub coupling: f64,
}

/// The force law of a sum of terms with `classes` classes (at least 2), at each of `angles` degrees.
///
/// Angles should lie inside (0°, 180°): at 0° an angular margin's slope in the cosine is infinite.
pub fn force_law(terms: &[Term], classes: usize, angles: &[f64]) -> Vec<Pull> {
    let classes = classes.max(2);
    let corners = simplex(classes);
    let rows = classes + 1;
    let mut labels = vec![0];
    labels.extend(0..classes as u32);
    let problem = Problem {
        terms: terms.to_vec(),
        instances: labels.clone(),
        labels,
        classes,
        margins: None,
        seed: 0,
        batch: None,
        method: Method::Sgd { momentum: 0.0 },
        decay: Decay::default(),
        moves: Moves::default(),
        sphere: false,
    };
    let (own, other) = (corners.row(0), corners.row(1));
    // The unit direction from the own corner toward the second one.
    let cosine: f64 = own.iter().zip(other).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
    let toward: Vec<f64> = if classes == 2 {
        // The two corners are opposite: any way round is the same, and the diagonal is across both.
        vec![0.5f64.sqrt(); 2]
    } else {
        let sine = (1.0 - cosine * cosine).sqrt();
        own.iter().zip(other).map(|(&a, &b)| (f64::from(b) - cosine * f64::from(a)) / sine).collect()
    };
    let pull = |angle: f64| {
        let (sin, cos) = angle.to_radians().sin_cos();
        let mut points = Matrix::zeros(rows, classes);
        for (x, (&a, &t)) in points.row_mut(0).iter_mut().zip(own.iter().zip(&toward)) {
            *x = (cos * f64::from(a) + sin * t) as f32;
        }
        points.data[classes..].copy_from_slice(&corners.data);
        let state = State {
            step: 0,
            features: Parameter::new(points),
            weights: Parameter::new(corners.clone()),
            bias: None,
            network: None,
        };
        let mut engine = CpuEngine::new(problem.clone(), state, Some(1));
        let couplings = engine.couplings(0, MarginsAt::Mean);
        let coupling = terms.iter().zip(couplings).map(|(term, of_term)| {
            // Candidate 0 is the own class weight; row 1 is the row at the own corner.
            let place = usize::from(term.objective.family() == Family::Pair);
            let pair = f64::from(of_term.pairs[place]);
            let by_cosine = if term.objective.score() == Score::SquaredDistance { -2.0 * pair } else { pair };
            by_cosine + f64::from(of_term.arc) / sin.max(1e-9)
        });
        Pull { angle, coupling: -(rows as f64) * coupling.sum::<f64>() }
    };
    angles.iter().map(|&angle| pull(angle)).collect()
}

/// The scene of [`force_law`] in words: with the lengths, where a pull depends on them.
pub fn scene(terms: &[&Term], classes: usize) -> String {
    let by_length = terms.iter().any(|term| term.objective.score() != Score::Cosine);
    let lengths = match by_length {
        true if terms.iter().any(|term| term.objective.family() == Family::Class) => {
            ", rows and class weights of length 1, no bias"
        }
        true => ", rows of length 1",
        false => "",
    };
    format!("{classes} classes at the corners of a simplex{lengths}")
}

/// The angle past which the pull has turned into a push, between 90° and 180°: π − m of an exact angular margin.
/// `None` where there is no such angle.
pub fn turning_angle(terms: &[Term], classes: usize) -> Option<f64> {
    let pull = |angle: f64| force_law(terms, classes.min(MOST_OF_A_TURN), &[angle])[0].coupling;
    let (mut near, mut far) = (90.0, 179.9);
    if !(pull(near) > 0.0 && pull(far) < 0.0) {
        return None;
    }
    while far - near > 1e-4 {
        let middle = f64::midpoint(near, far);
        if pull(middle) > 0.0 { near = middle } else { far = middle }
    }
    Some(f64::midpoint(near, far))
}

/// The target's logit at so many degrees from the own class weight, random margins at their mean. `None` where the
/// term has no target, or one that depends on lengths.
pub fn target_logit(term: &Term, degrees: f64) -> Option<f64> {
    let (objective, knobs) = (term.objective, &term.knobs);
    if objective.family() != Family::Class || objective.score() != Score::Cosine {
        return None;
    }
    let (sin, cos) = degrees.to_radians().sin_cos();
    let margin = objective.margins(knobs).map_or(0.0, |margins| margins.mean) as f32;
    let target =
        Target { score: cos as f32, sine: sin as f32, margin, constant: objective.constant(knobs, 1.0) };
    Some(f64::from(objective.target(knobs, &target).logit))
}

/// The corners of a simplex of `classes` unit vectors, as rows in as many dimensions.
fn simplex(classes: usize) -> Matrix {
    let c = classes as f64;
    let length = (1.0 - 1.0 / c).sqrt();
    Matrix::from_fn(classes, classes, |i, k| (((if i == k { 1.0 } else { 0.0 }) - 1.0 / c) / length) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objectives::{Knobs, find};

    fn term(name: &str, set: &[(usize, f64)]) -> Term {
        let objective = find(name).unwrap();
        let mut knobs = Knobs::defaults(objective.knobs(), 2);
        for &(place, value) in set {
            knobs.0[place] = value;
        }
        Term { objective, weight: 1.0, knobs }
    }

    #[test]
    fn two_classes_pull_by_the_logistic_law() {
        // Own weight at angle θ, the other opposite: 1 − p = 1/(1 + e^{2s·cos θ}).
        let pulls = force_law(&[term("normface", &[(0, 4.0)])], 2, &[60.0, 90.0, 150.0]);
        for pull in pulls {
            let cos = pull.angle.to_radians().cos();
            let want = 4.0 / (1.0 + (8.0 * cos).exp());
            assert!((pull.coupling - want).abs() < 1e-4 * (1.0 + want), "{pull:?} {want}");
        }
    }

    #[test]
    fn an_exact_angular_margin_turns_round_where_it_should() {
        let law = |variant: f64| {
            force_law(&[term("arcface", &[(0, 4.0), (1, 0.5), (2, variant)])], 4, &[140.0, 160.0])
        };
        let (exact, hard) = (law(0.0), law(1.0));
        assert!(exact[0].coupling > 0.0 && exact[1].coupling < 0.0, "turns at 151.35°: {exact:?}");
        assert!(hard[1].coupling > 0.0);
    }

    #[test]
    fn the_turn_is_where_the_margin_says_and_the_target_logit_has_its_foot_there() {
        let arcface = term("arcface", &[(0, 4.0), (1, 0.5)]);
        let turn = turning_angle(&[arcface], 4).unwrap();
        assert!((turn - (180.0 - 0.5f64.to_degrees())).abs() < 1e-2, "{turn}");
        assert_eq!(turning_angle(&[term("normface", &[])], 4), None);
        // s·cos(θ + m): at θ = π − m it is −s, and less nowhere.
        assert!((target_logit(&arcface, turn).unwrap() + 4.0).abs() < 1e-4);
        let plain = target_logit(&term("normface", &[(0, 4.0)]), 60.0).unwrap();
        let cosface = target_logit(&term("cosface", &[(0, 4.0), (1, 0.35)]), 60.0).unwrap();
        assert!((plain - 2.0).abs() < 1e-5 && (cosface - (2.0 - 1.4)).abs() < 1e-5, "{plain} {cosface}");
        assert_eq!(target_logit(&term("supcon", &[]), 60.0), None);
        assert_eq!(target_logit(&term("softmax", &[]), 60.0), None);
    }

    #[test]
    fn the_scene_says_lengths_where_a_pull_depends_on_them() {
        let of = |name| scene(&[&term(name, &[])], 4);
        assert_eq!(of("normface"), "4 classes at the corners of a simplex");
        assert!(of("softmax").ends_with("rows and class weights of length 1, no bias"));
        // What is said is what is computed: at length 1 scores are cosines, and the pull is 1 − p.
        let (sin, cos) = 60.0f64.to_radians().sin_cos();
        let along = (1.0 - 1.0 / 9.0f64).sqrt();
        let second = -cos / 3.0 + sin * along;
        let others = -cos / 3.0 + sin * (-4.0 / 9.0) / along;
        let p = cos.exp() / (cos.exp() + second.exp() + 2.0 * others.exp());
        let pull = force_law(&[term("softmax", &[])], 4, &[60.0])[0].coupling;
        assert!((pull - (1.0 - p)).abs() < 1e-5, "{pull} {}", 1.0 - p);
    }

    #[test]
    fn alignment_pulls_alike_at_every_angle() {
        // L has mean D over ordered pairs: −N·∂L/∂cos = 2N/(ordered pairs) for each of the two orders.
        let pulls = force_law(&[term("alignment", &[])], 3, &[30.0, 120.0]);
        assert!((pulls[0].coupling - pulls[1].coupling).abs() < 1e-4);
        assert!((pulls[0].coupling - 2.0 * 2.0 * 4.0 / 2.0).abs() < 1e-4, "{pulls:?}");
    }
}
