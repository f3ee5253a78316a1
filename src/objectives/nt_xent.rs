//! NT-Xent: the contrastive loss of SimCLR. SupCon with the other views of an instance as positives.
//!
//! Chen, Kornblith, Norouzi and Hinton 2020, "A simple framework for contrastive learning of visual
//! representations". The positive stays in the denominator.

use super::{About, Case, Family, Floor, Grouping, Knob, Knobs, Objective, Scene, Score, supcon};
use crate::tape::Var;

/// The unit struct of this objective.
pub(super) struct NtXent;

impl Objective for NtXent {
    fn name(&self) -> &'static str {
        "nt-xent"
    }

    fn about(&self) -> About {
        About {
            title: "NT-Xent",
            formula: "L = -mean_i log [ exp(s_ip) / sum_{a != i} exp(s_ia) ],  s = cos/tau, p the other view",
            paper: "Chen, Kornblith, Norouzi, Hinton 2020: SimCLR",
            effect: "Pulls the views of an instance together and pushes instances apart, class or no class.",
        }
    }

    fn knobs(&self) -> &'static [Knob] {
        const { &[supcon::temperature_knob(0.5)] }
    }

    fn proved(&self) -> &'static str {
        "As supcon with instances for groups: needs instances - 1 <= d."
    }

    fn family(&self) -> Family {
        Family::Pair
    }

    fn score(&self) -> Score {
        Score::Cosine
    }

    fn grouping(&self, _: &Knobs) -> Grouping {
        Grouping::Instance
    }

    fn reference<'t>(&self, knobs: &Knobs, scene: &Scene<'t>) -> Var<'t> {
        supcon::reference(knobs.exact(0), scene)
    }

    fn floor(&self, knobs: &Knobs, case: &Case) -> Floor {
        supcon::floor(knobs.exact(0), &case.views, "instances", case.dim)
    }

    supcon::fast_form!();

    fn shader(&self) -> Option<&'static [&'static str]> {
        Some(&[
            include_str!("../../shaders/contrastive.wgsl"),
            include_str!("../../shaders/objectives/nt_xent.wgsl"),
        ])
    }
}
