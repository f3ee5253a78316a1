//! ElasticFace-Cos: a cosine margin drawn anew for each row and step, m_i ~ N(margin, sigma²).
//!
//! Boutros, Damer, Kirchbuchner and Kuijper 2022, "ElasticFace: Elastic margin loss for deep face
//! recognition". `assignment=sorted` is the paper's "+": the largest margin goes to the smallest
//! target cosine (the published code applies the sorting permutation where its inverse is meant).
//! Normal draws are not clamped. The floor is stated at the mean margin.

use super::{
    About, Case, Family, Floor, Knob, Knobs, Objective, RandomMargins, Scene, Score, Target, TargetLogit,
    cosface, cross_entropy, normface,
};
use crate::tape::Var;

/// The unit struct of this objective.
pub(super) struct ElasticCosFace;

impl Objective for ElasticCosFace {
    fn name(&self) -> &'static str {
        "elastic-cosface"
    }

    fn about(&self) -> About {
        About {
            title: "ElasticFace-Cos",
            formula: "softmax of s cos_ic with the target's s (cos_iy - m_i), m_i ~ N(m, sigma^2)",
            paper: "Boutros, Damer, Kirchbuchner, Kuijper 2022: ElasticFace",
            effect: "CosFace with a margin that differs from row to row and step to step.",
        }
    }

    fn knobs(&self) -> &'static [Knob] {
        const {
            &[
                normface::scale_knob(64.0),
                cosface::margin_knob(0.35),
                super::margins::SIGMA,
                super::margins::ASSIGNMENT,
            ]
        }
    }

    fn proved(&self) -> &'static str {
        "At the mean margin, as cosface."
    }

    fn family(&self) -> Family {
        Family::Class
    }

    fn score(&self) -> Score {
        Score::Cosine
    }

    fn margins(&self, knobs: &Knobs) -> Option<RandomMargins> {
        Some(super::margins::of(knobs))
    }

    fn reference<'t>(&self, knobs: &Knobs, scene: &Scene<'t>) -> Var<'t> {
        let scale = knobs.exact(0);
        let margins = super::margins::assigned(knobs, scene);
        cross_entropy::reference(scene, |i, j| {
            let cosine = scene.score(i, j);
            (if j == scene.label(i) { cosine - margins[i] } else { cosine }) * scale
        })
    }

    fn floor(&self, knobs: &Knobs, case: &Case) -> Floor {
        cosface::floor(knobs.exact(0), knobs.exact(1), case)
    }

    fn target(&self, knobs: &Knobs, given: &Target) -> TargetLogit {
        cosface::target(cross_entropy::scale(knobs), given.margin, given)
    }

    cross_entropy::fast_form!(|knobs, pair| pair.score * cross_entropy::scale(knobs), |knobs| {
        cross_entropy::scale(knobs)
    });

    fn shader(&self) -> Option<&'static [&'static str]> {
        Some(&[
            include_str!("../../shaders/cross_entropy.wgsl"),
            include_str!("../../shaders/cosine_margin.wgsl"),
            include_str!("../../shaders/objectives/elastic_cosface.wgsl"),
        ])
    }
}
