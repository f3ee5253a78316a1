//! Alignment: positives together.
//!
//! L = mean over ordered positive pairs of ‖u − u′‖^α, in the distance D = ‖u − u′‖²:
//! G = (α/2)·D^{α/2−1}/n⁺. Wang and Isola 2020, "Understanding contrastive representation learning
//! through alignment and uniformity on the hypersphere".

use super::{
    About, Batch, BatchLanes, Case, Family, Floor, Frame, Grouping, Hard, Knob, Knobs, Needs, Objective,
    Pair, RowLanes, Scene, Score, Stats, distance,
};
use crate::lanes::Lanes;
use crate::tape::Var;

/// The unit struct of this objective.
pub(super) struct Alignment;

/// The knob that says who is a positive.
pub(super) const fn positives_knob(default: &'static str) -> Knob {
    Knob::choice(
        "positives",
        "Who is a positive: rows of the same class, or of the same instance.",
        default,
        &["class", "instance"],
    )
}

/// What the positives knob at place `i` says.
pub(super) fn grouping(knobs: &Knobs, i: usize) -> Grouping {
    if knobs.choice(i) == 1 { Grouping::Instance } else { Grouping::Class }
}

impl Objective for Alignment {
    fn name(&self) -> &'static str {
        "alignment"
    }

    fn about(&self) -> About {
        About {
            title: "Alignment",
            formula: "L = mean over positive pairs of |u - u'|^alpha",
            paper: "Wang, Isola 2020: Alignment and uniformity on the hypersphere",
            effect: "Pulls positives together; alone it lets everything fall to one point.",
        }
    }

    fn knobs(&self) -> &'static [Knob] {
        const {
            &[
                Knob::number("power", "α", "Power of the distance.", 2.0, (1.0, 4.0), Hard::Positive),
                positives_knob("class"),
            ]
        }
    }

    fn proved(&self) -> &'static str {
        "0, when positives coincide."
    }

    fn family(&self) -> Family {
        Family::Pair
    }

    fn score(&self) -> Score {
        Score::SquaredDistance
    }

    fn grouping(&self, knobs: &Knobs) -> Grouping {
        grouping(knobs, 1)
    }

    fn reference<'t>(&self, knobs: &Knobs, scene: &Scene<'t>) -> Var<'t> {
        let power = knobs.exact(0) / 2.0;
        let terms: Vec<_> = (0..scene.anchors)
            .flat_map(|i| scene.positives(i).map(move |j| scene.score(i, j)))
            .filter(|square| square.value > 0.0)
            .map(|square| square.powf(power))
            .collect();
        // Coincident pairs count with distance 0 and pull nowhere.
        let pairs: usize = (0..scene.anchors).map(|i| scene.positives(i).count()).sum();
        Var::total(scene.tape, terms.into_iter()) / pairs.max(1) as f64
    }

    fn floor(&self, _: &Knobs, _: &Case) -> Floor {
        Floor::Proved { value: 0.0, frame: Frame::Together }
    }

    fn linear(&self, knobs: &Knobs) -> bool {
        knobs.exact(0) == 2.0
    }

    fn regular(&self, knobs: &Knobs) -> bool {
        knobs.exact(0) >= 2.0
    }

    fn sums(&self) -> usize {
        1
    }

    #[inline(always)]
    fn terms(&self, knobs: &Knobs, _: usize, pair: &Pair, _: [Lanes; 2], _: &RowLanes) -> [Lanes; 4] {
        let reach = distance::power(pair.score, knobs.fast(0) * 0.5);
        [pair.positive.keep(reach), Lanes::ZERO, Lanes::ZERO, Lanes::ZERO]
    }

    fn needs(&self) -> Needs {
        Needs::Nothing
    }

    fn finish_batch(&self, _: &Knobs, _: &Stats, batch: &Batch) -> [f64; 4] {
        let pairs = batch.positive_pairs;
        [if pairs > 0.0 { 1.0 / pairs } else { 0.0 }, 0.0, 0.0, 0.0]
    }

    fn loss(&self, _: &Knobs, _: f64, total: &Stats, batch: &Batch) -> f64 {
        total.sum[0] * batch.value[0]
    }

    #[inline(always)]
    fn coupling(
        &self,
        knobs: &Knobs,
        pair: &Pair,
        _: [Lanes; 2],
        _: &RowLanes,
        batch: &BatchLanes<'_>,
    ) -> Lanes {
        let half = knobs.fast(0) * 0.5;
        pair.positive.keep(distance::power(pair.score, half - 1.0) * (half * batch.value[0]))
    }

    fn shader(&self) -> Option<&'static [&'static str]> {
        Some(&[
            include_str!("../../shaders/distance.wgsl"),
            include_str!("../../shaders/objectives/alignment.wgsl"),
        ])
    }
}
