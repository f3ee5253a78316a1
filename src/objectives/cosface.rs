//! CosFace: a margin off the target cosine.
//!
//! Cross-entropy of s·cos with the target's s·(cos − m). Wang et al. 2018, "CosFace: Large margin
//! cosine loss for deep face recognition". Minimum for balanced classes with C ≤ d + 1:
//! log(1 + (C−1)·e^{−s(C/(C−1) − m)}), at the simplex ETF.

use super::{
    About, Case, Family, Floor, Frame, Hard, Knob, Knobs, Objective, Scene, Score, Target, TargetLogit,
    cross_entropy, normface,
};
use crate::tape::Var;

/// The unit struct of this objective.
pub(super) struct CosFace;

/// The margin knob of a cosine-margin objective.
pub(super) const fn margin_knob(default: f64) -> Knob {
    Knob::number("margin", "m", "What is taken off the target cosine.", default, (0.0, 1.0), Hard::Below(2.0))
}

/// The proved minimum with margin m.
pub(super) fn floor(scale: f64, margin: f64, case: &Case) -> Floor {
    match case.simplex() {
        Ok(()) => Floor::Proved {
            value: cross_entropy::at_gap(
                case.classes,
                scale * (cross_entropy::simplex_gap(case.classes) - margin),
            ),
            frame: Frame::Simplex,
        },
        Err(reason) => Floor::Unknown(reason),
    }
}

/// The target logit with margin `margin`.
pub(super) fn target(scale: f32, margin: f32, target: &Target) -> TargetLogit {
    TargetLogit { logit: scale * (target.score - margin), slope: scale, arc: 0.0 }
}

impl Objective for CosFace {
    fn name(&self) -> &'static str {
        "cosface"
    }

    fn about(&self) -> About {
        About {
            title: "CosFace",
            formula: "softmax of s cos_ic with the target's s (cos_iy - m)",
            paper: "Wang et al. 2018: CosFace",
            effect: "Asks every row for extra room in cosine, so clumps tighten.",
        }
    }

    fn knobs(&self) -> &'static [Knob] {
        const { &[normface::scale_knob(64.0), margin_knob(0.35)] }
    }

    fn proved(&self) -> &'static str {
        "Equal classes, d >= C-1: log(1 + (C-1) exp(-s (C/(C-1) - m))), at the simplex."
    }

    fn family(&self) -> Family {
        Family::Class
    }

    fn score(&self) -> Score {
        Score::Cosine
    }

    fn reference<'t>(&self, knobs: &Knobs, scene: &Scene<'t>) -> Var<'t> {
        let (scale, margin) = (knobs.exact(0), knobs.exact(1));
        cross_entropy::reference(scene, |i, j| {
            let cosine = scene.score(i, j);
            (if j == scene.label(i) { cosine - margin } else { cosine }) * scale
        })
    }

    fn floor(&self, knobs: &Knobs, case: &Case) -> Floor {
        floor(knobs.exact(0), knobs.exact(1), case)
    }

    fn target(&self, knobs: &Knobs, given: &Target) -> TargetLogit {
        target(cross_entropy::scale(knobs), knobs.fast(1), given)
    }

    cross_entropy::fast_form!(|knobs, pair| pair.score * cross_entropy::scale(knobs), |knobs| {
        cross_entropy::scale(knobs)
    });

    fn shader(&self) -> Option<&'static [&'static str]> {
        Some(&[
            include_str!("../../shaders/cross_entropy.wgsl"),
            include_str!("../../shaders/cosine_margin.wgsl"),
            include_str!("../../shaders/objectives/cosface.wgsl"),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_margin_is_normface() {
        let case = Case { counts: vec![5; 3], classes: 3, dim: 2, clean: true, ..Case::default() };
        let knobs = Knobs([8.0, 0.0, 0., 0., 0., 0., 0., 0.]);
        assert_eq!(CosFace.floor(&knobs, &case), normface::NormFace.floor(&knobs, &case));
    }
}
