//! Softmax cross-entropy of raw scores.
//!
//! L = (1/N) Σ_i [log Σ_c e^{s_ic} − s_iy], G = (P − Y)/N. Without decay the loss has no minimum:
//! it falls to 0 while the norms grow like log t. With decay it collapses classes to a simplex ETF
//! (core results: Papyan, Han and Donoho 2020; Zhu et al. 2021).

use super::{About, Case, Family, Floor, Frame, Knobs, Objective, Origin, Scene, Score, cross_entropy};
use crate::tape::Var;

/// The unit struct of this objective.
pub(super) struct Softmax;

impl Objective for Softmax {
    fn name(&self) -> &'static str {
        "softmax"
    }

    fn about(&self) -> About {
        About {
            title: "Softmax cross-entropy",
            formula: "L = mean_i [ log sum_c exp(s_ic) - s_iy ],  s = H W^T + b",
            paper: "Papyan, Han, Donoho 2020: Prevalence of neural collapse",
            effect: "Collapses each class to one point and spreads the points as a simplex.",
        }
    }

    fn family(&self) -> Family {
        Family::Class
    }

    fn score(&self) -> Score {
        Score::Raw
    }

    fn reference<'t>(&self, _: &Knobs, scene: &Scene<'t>) -> Var<'t> {
        cross_entropy::reference(scene, |i, j| scene.score(i, j))
    }

    fn floor(&self, _: &Knobs, case: &Case) -> Floor {
        decayed_floor(case)
    }

    cross_entropy::fast_form!(|_knobs, pair| pair.score, |_knobs| 1.0);

    fn shader(&self) -> Option<&'static [&'static str]> {
        Some(&[
            include_str!("../../shaders/cross_entropy.wgsl"),
            include_str!("../../shaders/objectives/softmax.wgsl"),
        ])
    }
}

/// The minimum of cross-entropy with decay over free features (core results §1.5): with
/// ε = √(N·λ_W·λ_H/C), log C when C·ε ≥ 1, else −log(1 − (C−1)ε) + (C−1)·ε·m.
fn decayed_floor(case: &Case) -> Floor {
    if case.decay_weights == 0.0 || case.decay_features == 0.0 {
        return Floor::Infimum {
            value: 0.0,
            why: "without decay of both features and weights the norms grow without end".into(),
        };
    }
    if case.origin != Origin::Free {
        return Floor::Unknown("decay of a network, not of free features: no floor is proved".into());
    }
    if let Err(reason) = case.simplex() {
        return Floor::Unknown(reason);
    }
    let classes = case.classes as f64;
    let epsilon = (case.rows() as f64 * case.decay_weights * case.decay_features / classes).sqrt();
    if classes * epsilon >= 1.0 {
        return Floor::Proved { value: classes.ln(), frame: Frame::Origin };
    }
    let right = 1.0 - (classes - 1.0) * epsilon;
    let gap = (right / epsilon).ln();
    Floor::Proved { value: -right.ln() + (classes - 1.0) * epsilon * gap, frame: Frame::Simplex }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decayed_floor_is_log_c_past_the_threshold_of_collapse() {
        let case = Case {
            counts: vec![20; 10],
            classes: 10,
            dim: 16,
            clean: true,
            decay_features: 0.1,
            decay_weights: 0.1,
            ..Case::default()
        };
        let collapsed = Floor::Proved { value: 10f64.ln(), frame: Frame::Origin };
        assert_eq!(decayed_floor(&case), collapsed, "C·ε = 10·√20·0.1 = 4.47");
        let none = decayed_floor(&Case { decay_features: 0.0, ..case });
        assert_eq!(none.value(), Some(0.0));
    }
}
