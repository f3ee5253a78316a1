//! Balanced softmax: cross-entropy of raw scores plus log class counts.
//!
//! Ren et al. 2020, "Balanced meta-softmax for long-tailed visual recognition"; the BSCE of
//! CircuitGCL, which counts the classes of the batch where losslab counts those of the data. For
//! balanced counts it is ordinary cross-entropy.

use super::{
    About, Case, Family, Floor, Knobs, Objective, RowLoss, Scene, Score, Target, TargetLogit, cross_entropy,
    softmax,
};
use crate::tape::Var;

/// The unit struct of this objective.
pub(super) struct BalancedSoftmax;

/// What a class without rows counts as.
const FEWEST: f64 = 1e-8;

impl Objective for BalancedSoftmax {
    fn name(&self) -> &'static str {
        "balanced-softmax"
    }

    fn about(&self) -> About {
        About {
            title: "Balanced softmax",
            formula: "softmax cross-entropy of s_ic + log max(n_c, 1e-8)",
            paper: "Ren et al. 2020: Balanced meta-softmax; CircuitGCL 2025 (BSCE)",
            effect: "Makes room for rare classes by handicapping the frequent ones.",
        }
    }

    fn proved(&self) -> &'static str {
        "With decay the convex problem with log n_c added to the logits; for equal classes the same \
         as softmax."
    }

    fn family(&self) -> Family {
        Family::Class
    }

    fn score(&self) -> Score {
        Score::Raw
    }

    fn reference<'t>(&self, _: &Knobs, scene: &Scene<'t>) -> Var<'t> {
        cross_entropy::reference(scene, |i, j| scene.score(i, j) + scene.count(j).max(FEWEST).ln())
    }

    fn floor(&self, _: &Knobs, case: &Case) -> Floor {
        softmax::floor(true, case)
    }

    fn row_loss(&self) -> Option<RowLoss> {
        Some(RowLoss::CrossEntropy { balanced: true })
    }

    fn constant(&self, _: &Knobs, count: f32) -> f32 {
        f64::from(count).max(FEWEST).ln() as f32
    }

    fn target(&self, _: &Knobs, target: &Target) -> TargetLogit {
        TargetLogit { logit: target.score + target.constant, slope: 1.0, arc: 0.0 }
    }

    cross_entropy::fast_form!(|_knobs, pair| pair.score + pair.constant, |_knobs| 1.0);

    fn shader(&self) -> Option<&'static [&'static str]> {
        Some(&[
            include_str!("../../shaders/cross_entropy.wgsl"),
            include_str!("../../shaders/objectives/balanced_softmax.wgsl"),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absent_class_is_handicapped_but_finite() {
        let constant = BalancedSoftmax.constant(&Knobs::default(), 0.0);
        assert!((constant - 1e-8f32.ln()).abs() < 1e-5);
        assert_eq!(BalancedSoftmax.constant(&Knobs::default(), 1.0), 0.0);
    }
}
