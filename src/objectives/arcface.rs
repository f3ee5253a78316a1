//! ArcFace: a margin on the target angle.
//!
//! Cross-entropy of s·cos θ with the target's s·ψ, ψ = cos(θ + m) = c·cos m − sin θ·sin m. Deng, Guo,
//! Xue and Zafeiriou 2019, "ArcFace: Additive angular margin loss for deep face recognition".
//! Public code has four forms past θ = π − m, kept apart as `variant`:
//! - `exact`: cos(θ + m) everywhere; past π − m the pull reverses and rows are pushed away for good;
//! - `hard`: c − m·sin m past π − m (insightface 2e2e8c97, pytorch-metric-learning);
//! - `easy`: c where c ≤ 0;
//! - `straight-through`: the value of `hard`'s exact branch with slope 1 and no fall-back
//!   (insightface since 657ae30e applies the margin without a gradient).
//!
//! At θ = 0 the exact form has a cone point: its force is taken along the unit tangent
//! (v − c·u)/|v − c·u| with the finite factor s·sin(θ + m), never as ψ′ = sin(θ + m)/sin θ times c.
//! Minimum for balanced classes, C ≤ d + 1 and cos m ≥ (C−2)/(2(C−1)):
//! log(1 + (C−1)·e^{−s(cos m + 1/(C−1))}).

use super::{
    About, Case, Family, Floor, Frame, Hard, Knob, Knobs, Objective, Scene, Score, Target, TargetLogit,
    cross_entropy, normface,
};
use crate::tape::Var;

/// The unit struct of this objective.
pub(super) struct ArcFace;

/// The forms of the target logit, in the order of the `variant` knob.
const VARIANTS: &[&str] = &["exact", "hard", "easy", "straight-through"];

/// The margin knob of an angular-margin objective.
pub(super) const fn margin_knob(default: f64) -> Knob {
    Knob::number(
        "margin",
        "m",
        "What is added to the target angle, in radians.",
        default,
        (0.0, 1.0),
        Hard::Below(std::f64::consts::PI),
    )
}

/// The target logit scale·cos(θ + margin), moving along the arc.
pub(super) fn exact_target(scale: f32, margin: f32, target: &Target) -> TargetLogit {
    let (sin, cos) = margin.sin_cos();
    TargetLogit {
        logit: scale * (target.score * cos - target.sine * sin),
        slope: 0.0,
        arc: scale * (target.sine * cos + target.score * sin),
    }
}

/// cos(θ + margin) on the tape.
pub(super) fn exact_cosine<'t>(scene: &Scene<'t>, i: usize, margin: f64) -> Var<'t> {
    scene.score(i, scene.label(i)) * margin.cos() - scene.sine(i) * margin.sin()
}

/// The proved minimum with angular margin m.
pub(super) fn floor(scale: f64, margin: f64, case: &Case) -> Floor {
    if let Err(reason) = case.simplex() {
        return Floor::Unknown(reason);
    }
    let classes = case.classes as f64;
    let bound = (classes - 2.0) / (2.0 * (classes - 1.0));
    if margin.cos() < bound {
        return Floor::Unknown(format!(
            "cos m = {:.3} is below (C-2)/(2(C-1)) = {bound:.3}: the proof stops there",
            margin.cos()
        ));
    }
    let gap = scale * (margin.cos() + 1.0 / (classes - 1.0));
    Floor::Proved { value: cross_entropy::at_gap(case.classes, gap), frame: Frame::Simplex }
}

impl Objective for ArcFace {
    fn name(&self) -> &'static str {
        "arcface"
    }

    fn about(&self) -> About {
        About {
            title: "ArcFace",
            formula: "softmax of s cos_ic with the target's s cos(theta_iy + m)",
            paper: "Deng, Guo, Xue, Zafeiriou 2019: ArcFace",
            effect: "Asks every row for extra room in angle; past pi - m the exact form pushes rows away.",
        }
    }

    fn knobs(&self) -> &'static [Knob] {
        const {
            &[
                normface::scale_knob(64.0),
                margin_knob(0.5),
                Knob::choice("variant", "The form of the target logit past pi - m.", "exact", VARIANTS),
            ]
        }
    }

    fn proved(&self) -> &'static str {
        "Equal classes, d >= C-1, cos m >= (C-2)/(2(C-1)): log(1 + (C-1) exp(-s (cos m + \
         1/(C-1)))), at the simplex, in every variant. Rows past pi - m need not find it."
    }

    fn family(&self) -> Family {
        Family::Class
    }

    fn score(&self) -> Score {
        Score::Cosine
    }

    fn reference<'t>(&self, knobs: &Knobs, scene: &Scene<'t>) -> Var<'t> {
        let (scale, m) = (knobs.exact(0), knobs.exact(1));
        cross_entropy::reference(scene, |i, j| {
            let c = scene.score(i, j);
            if j != scene.label(i) {
                return c * scale;
            }
            let exact = exact_cosine(scene, i, m);
            let psi = match VARIANTS[knobs.choice(2)] {
                "hard" if c.value <= (std::f64::consts::PI - m).cos() => c - m * m.sin(),
                "easy" if c.value <= 0.0 => c,
                "straight-through" => c.straight_through(exact.value),
                _ => exact,
            };
            psi * scale
        })
    }

    fn floor(&self, knobs: &Knobs, case: &Case) -> Floor {
        floor(knobs.exact(0), knobs.exact(1), case)
    }

    fn target(&self, knobs: &Knobs, target: &Target) -> TargetLogit {
        let (scale, m) = (cross_entropy::scale(knobs), knobs.fast(1));
        let exact = exact_target(scale, m, target);
        let c = target.score;
        match VARIANTS[knobs.choice(2)] {
            "hard" if c <= -m.cos() => {
                TargetLogit { logit: scale * (c - m * m.sin()), slope: scale, arc: 0.0 }
            }
            "easy" if c <= 0.0 => TargetLogit { logit: scale * c, slope: scale, arc: 0.0 },
            "straight-through" => TargetLogit { slope: scale, arc: 0.0, ..exact },
            _ => exact,
        }
    }

    cross_entropy::fast_form!(|knobs, pair| pair.score * cross_entropy::scale(knobs), |knobs| {
        cross_entropy::scale(knobs)
    });

    fn shader(&self) -> Option<&'static [&'static str]> {
        Some(&[
            include_str!("../../shaders/cross_entropy.wgsl"),
            include_str!("../../shaders/arc_margin.wgsl"),
            include_str!("../../shaders/objectives/arcface.wgsl"),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_margin_raises_the_floor_of_four_classes() {
        let case = Case { counts: vec![50; 4], classes: 4, dim: 8, clean: true, ..Case::default() };
        assert!((floor(4.0, 0.5, &case).value().unwrap() - 0.023359).abs() < 1e-6);
        assert!(matches!(floor(4.0, 1.5, &case), Floor::Unknown(_)), "cos 1.5 = 0.07 < 1/3");
    }

    #[test]
    fn the_forms_differ_only_past_their_turning_angles() {
        let at = |degrees: f32, variant: usize| {
            let (sine, score) = degrees.to_radians().sin_cos();
            let knobs = Knobs([1.0, 0.5, variant as f64, 0., 0., 0., 0., 0.]);
            ArcFace.target(&knobs, &Target { score, sine, margin: 0.0, constant: 0.0 })
        };
        let logit = |degrees: f32, variant: usize| at(degrees, variant).logit;
        assert!((logit(60.0, 0) - (60f32.to_radians() + 0.5).cos()).abs() < 1e-6);
        assert_eq!(logit(60.0, 0), logit(60.0, 1));
        assert_eq!(logit(60.0, 0), logit(60.0, 2));
        assert_eq!(logit(100.0, 2), 100f32.to_radians().cos(), "easy: no margin past a right angle");
        // 151.35° = 180° − 28.65°: beyond it the exact pull has turned round, the hard one has not.
        assert!(at(160.0, 0).arc < 0.0 && at(160.0, 1).slope == 1.0);
        assert_eq!(at(30.0, 3).slope, 1.0);
    }
}
