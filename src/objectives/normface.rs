//! Normalised softmax: cross-entropy of scale·cosine.
//!
//! L = (1/N) Σ_i [log Σ_c e^{s·cos_ic} − s·cos_iy], G = (s/N)(P − Y). Wang, Xiang, Cheng and Yuille
//! 2017, "NormFace: L2 hypersphere embedding for face verification". Its minimum for balanced
//! classes with C ≤ d + 1 is log(1 + (C−1)·e^{−sC/(C−1)}), at the simplex ETF.

use super::{About, Case, Family, Floor, Frame, Hard, Knob, Knobs, Objective, Scene, Score, cross_entropy};
use crate::tape::Var;

/// The unit struct of this objective.
pub(super) struct NormFace;

/// The scale knob of a cosine objective.
pub(super) const fn scale_knob(default: f64) -> Knob {
    Knob::log_number(
        "scale",
        "s",
        "What cosines are multiplied by before the softmax: the inverse temperature.",
        default,
        (1.0, 64.0),
        Hard::Positive,
    )
}

impl Objective for NormFace {
    fn name(&self) -> &'static str {
        "normface"
    }

    fn about(&self) -> About {
        About {
            title: "NormFace (normalised softmax)",
            formula: "L = mean_i [ log sum_c exp(s cos_ic) - s cos_iy ]",
            paper: "Wang, Xiang, Cheng, Yuille 2017: NormFace",
            effect: "Collapses classes on the sphere and spreads them as a simplex; the scale sets how far.",
        }
    }

    fn knobs(&self) -> &'static [Knob] {
        const { &[scale_knob(16.0)] }
    }

    fn proved(&self) -> &'static str {
        "Equal classes, d >= C-1: log(1 + (C-1) exp(-s C/(C-1))), at the simplex. Other d or sizes: \
         none."
    }

    fn family(&self) -> Family {
        Family::Class
    }

    fn score(&self) -> Score {
        Score::Cosine
    }

    fn reference<'t>(&self, knobs: &Knobs, scene: &Scene<'t>) -> Var<'t> {
        let scale = knobs.exact(0);
        cross_entropy::reference(scene, |i, j| scene.score(i, j) * scale)
    }

    fn floor(&self, knobs: &Knobs, case: &Case) -> Floor {
        match case.simplex() {
            Ok(()) => Floor::Proved {
                value: cross_entropy::at_gap(
                    case.classes,
                    knobs.exact(0) * cross_entropy::simplex_gap(case.classes),
                ),
                frame: Frame::Simplex,
            },
            Err(reason) => Floor::Unknown(reason),
        }
    }

    fn target(&self, knobs: &Knobs, target: &super::Target) -> super::TargetLogit {
        let scale = cross_entropy::scale(knobs);
        super::TargetLogit { logit: scale * target.score, slope: scale, arc: 0.0 }
    }

    cross_entropy::fast_form!(|knobs, pair| pair.score * cross_entropy::scale(knobs), |knobs| {
        cross_entropy::scale(knobs)
    });

    fn shader(&self) -> Option<&'static [&'static str]> {
        Some(&[
            include_str!("../../shaders/cross_entropy.wgsl"),
            include_str!("../../shaders/objectives/normface.wgsl"),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_of_four_classes_in_three_dimensions() {
        let case = Case { counts: vec![50; 4], classes: 4, dim: 3, clean: true, ..Case::default() };
        let floor = |scale: f64| NormFace.floor(&Knobs([scale, 0., 0., 0., 0., 0., 0., 0.]), &case);
        for (scale, value) in [(1.0, 0.58266), (4.0, 0.014379), (8.0, 6.99e-5)] {
            let got = floor(scale).value().unwrap();
            assert!((got - value).abs() < 1e-5, "{got}");
        }
        let crowded = Case { dim: 2, ..case };
        assert!(matches!(NormFace.floor(&Knobs::default(), &crowded), Floor::Unknown(_)));
    }
}
