//! Contrastive attraction and contrastive repulsion (CACR), one batch.
//!
//! L = (1/N) Σ_i [a·Σ_j π⁺_ij·D_ij − r·Σ_j π⁻_ij·D_ij], D = ‖u − u′‖², π⁺ ∝ e^{t⁺D} over positives (far
//! ones heavier), π⁻ ∝ e^{−t⁻D} over negatives (near ones heavier). Zheng et al. 2021, "Contrastive
//! attraction and contrastive repulsion for representation learning". The small-scale code does not
//! detach the weights, so forces change sign: a negative beyond D̄ + 1/t⁻ is attracted. The paper
//! reads as if they were detached; `weights` offers both. Temperatures may be 0: plain means.

use super::{
    About, Anchor, Batch, BatchLanes, Case, Family, Floor, Grouping, Hard, Knob, Knobs, Needs, Objective,
    Pair, Row, RowLanes, Scene, Score, Stats, alignment, supcon,
};
use crate::lanes::{DEEPEST, LOWEST, Lanes};
use crate::tape::Var;

/// The unit struct of this objective.
pub(super) struct Cacr;

const ATTRACTION: usize = 0;
const REPULSION: usize = 1;
const POSITIVE_TEMPERATURE: usize = 2;
const NEGATIVE_TEMPERATURE: usize = 3;
const WEIGHTS: usize = 4;
const POSITIVES: usize = 5;

const fn strength(name: &'static str, symbol: &'static str, meaning: &'static str, default: f64) -> Knob {
    Knob::number(name, symbol, meaning, default, (0.0, 6.0), Hard::NonNegative)
}

impl Objective for Cacr {
    fn name(&self) -> &'static str {
        "cacr"
    }

    fn about(&self) -> About {
        About {
            title: "CACR",
            formula: "L = mean_i [ a sum_j w+_ij D_ij - r sum_j w-_ij D_ij ],  w+ ~ exp(t+ D), w- ~ exp(-t- D)",
            paper: "Zheng et al. 2021: Contrastive attraction and contrastive repulsion",
            effect: "Pulls far positives hardest and pushes near negatives hardest.",
        }
    }

    fn knobs(&self) -> &'static [Knob] {
        const {
            &[
                strength("attraction", "a", "Weight of the attraction.", 1.0),
                strength("repulsion", "r", "Weight of the repulsion.", 1.0),
                strength("positive_temperature", "t⁺", "How much far positives outweigh near ones.", 1.0),
                strength("negative_temperature", "t⁻", "How much near negatives outweigh far ones.", 2.0),
                Knob::choice(
                    "weights",
                    "Whether the gradient flows through the weights.",
                    "differentiated",
                    &["differentiated", "detached"],
                ),
                alignment::positives_knob("instance"),
            ]
        }
    }

    fn proved(&self) -> &'static str {
        "Equal groups, groups - 1 <= d: -2 repulsion C/(C-1), at the simplex, whatever the weights."
    }

    fn family(&self) -> Family {
        Family::Pair
    }

    fn score(&self) -> Score {
        Score::SquaredDistance
    }

    fn grouping(&self, knobs: &Knobs) -> Grouping {
        alignment::grouping(knobs, POSITIVES)
    }

    fn reference<'t>(&self, knobs: &Knobs, scene: &Scene<'t>) -> Var<'t> {
        let weighted = |squares: Vec<Var<'t>>, temperature: f64| {
            let exponents: Vec<_> = squares.iter().map(|&square| square * temperature).collect();
            let log_sum = Var::log_sum_exp(scene.tape, &exponents);
            let terms = squares.iter().zip(exponents).map(|(&square, exponent)| {
                let weight = (exponent - log_sum).exp();
                square * if knobs.choice(WEIGHTS) == 1 { weight.detach() } else { weight }
            });
            Var::total(scene.tape, terms)
        };
        let losses: Vec<_> = (0..scene.anchors)
            .map(|i| {
                let positives = scene.positives(i).map(|j| scene.score(i, j)).collect();
                let negatives = scene.negatives(i).map(|j| scene.score(i, j)).collect();
                weighted(positives, knobs.exact(POSITIVE_TEMPERATURE)) * knobs.exact(ATTRACTION)
                    - weighted(negatives, -knobs.exact(NEGATIVE_TEMPERATURE)) * knobs.exact(REPULSION)
            })
            .collect();
        scene.mean(&losses)
    }

    /// Far positives weigh more and near negatives too, so each weighted mean is at least as bad as the plain one;
    /// with equal groups the plain one has its least value at a collapsed simplex.
    fn floor(&self, knobs: &Knobs, case: &Case) -> Floor {
        let (groups, what) = match self.grouping(knobs) {
            Grouping::Instance => (&case.views, "instances"),
            _ if !case.clean => {
                return Floor::Unknown("labels are noisy: the proof needs clean labels".into());
            }
            _ if case.counts.len() < case.classes => {
                return Floor::Unknown("a class has no rows: no floor known".into());
            }
            _ => (&case.counts, "classes"),
        };
        match supcon::simplex(groups, what, case.dim) {
            Ok(()) => {
                let count = groups.len() as f64;
                let value = -2.0 * knobs.exact(REPULSION) * count / (count - 1.0);
                Floor::Proved { value, frame: supcon::frame(what) }
            }
            Err(reason) => Floor::Unknown(reason),
        }
    }

    fn regular(&self, _: &Knobs) -> bool {
        true
    }

    #[inline(always)]
    fn exponents(&self, knobs: &Knobs, pair: &Pair) -> [Lanes; 2] {
        let nothing = Lanes::splat(LOWEST);
        [
            pair.positive.select(pair.score * knobs.fast(POSITIVE_TEMPERATURE), nothing),
            pair.negative.select(pair.score * -knobs.fast(NEGATIVE_TEMPERATURE), nothing),
        ]
    }

    fn exponentials(&self) -> usize {
        2
    }

    /// Σe⁺, Σe⁺·D, Σe⁻, Σe⁻·D.
    #[inline(always)]
    fn terms(&self, _: &Knobs, _: usize, pair: &Pair, e: [Lanes; 2], _: &RowLanes) -> [Lanes; 4] {
        let (pull, push) = (pair.positive.keep(e[0]), pair.negative.keep(e[1]));
        [pull, pull * pair.score, push, push * pair.score]
    }

    fn needs(&self) -> Needs {
        Needs::Row
    }

    /// Squared distances lie in [0, 4].
    #[inline(always)]
    fn ceiling(&self, knobs: &Knobs) -> Option<[f32; 2]> {
        let most = 4.0 * knobs.fast(POSITIVE_TEMPERATURE);
        (most.max(4.0 * knobs.fast(NEGATIVE_TEMPERATURE)) <= DEEPEST).then_some([most, 0.0])
    }

    fn scaled_by(&self) -> [Option<usize>; 4] {
        [Some(0), Some(0), Some(1), Some(1)]
    }

    /// Value: \[a/(N·Σe⁺), D̄⁺, r/(N·Σe⁻), D̄⁻\].
    fn finish_row(&self, knobs: &Knobs, _: usize, stats: &Stats, _: &Anchor, batch: &Batch, _: &Row) -> Row {
        let (attraction, repulsion) = (knobs.exact(ATTRACTION), knobs.exact(REPULSION));
        let part = |sum: f64, costs: f64, weight: f64| {
            if sum > 0.0 { (weight / (batch.anchors * sum), costs / sum) } else { (0.0, 0.0) }
        };
        let (pull, near) = part(stats.sum[0], stats.sum[1], attraction);
        let (push, far) = part(stats.sum[2], stats.sum[3], repulsion);
        Row {
            max: stats.max,
            value: [pull as f32, near as f32, push as f32, far as f32],
            arc: 0.0,
            loss: (attraction * near - repulsion * far) / batch.anchors,
        }
    }

    #[inline(always)]
    fn coupling(
        &self,
        knobs: &Knobs,
        pair: &Pair,
        e: [Lanes; 2],
        row: &RowLanes,
        _: &BatchLanes<'_>,
    ) -> Lanes {
        // Without the second factor, the weights are held constant.
        let flows = if knobs.choice(WEIGHTS) == 0 { 1.0 } else { 0.0 };
        let pull = (pair.score - row.value[1]) * (flows * knobs.fast(POSITIVE_TEMPERATURE)) + 1.0;
        let push = (row.value[3] - pair.score) * (flows * knobs.fast(NEGATIVE_TEMPERATURE)) + 1.0;
        pair.positive.keep(e[0] * row.value[0] * pull) - pair.negative.keep(e[1] * row.value[2] * push)
    }

    fn shader(&self) -> Option<&'static [&'static str]> {
        Some(&[include_str!("../../shaders/objectives/cacr.wgsl")])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::Mask;

    /// One anchor and three negatives at D = 0.2, 1, 3.8 with t⁻ = 2: couplings
    /// (−1.059, 0.055, 0.004), so the far one attracts.
    #[test]
    fn far_negatives_are_attracted_when_the_weights_are_differentiated() {
        let squares = [0.2f32, 1.0, 3.8];
        let knobs = Knobs([1.0, 1.0, 1.0, 2.0, 0.0, 0.0, 0.0, 0.0]);
        let mut score = Lanes::ZERO;
        score.0[..3].copy_from_slice(&squares);
        let pair = Pair {
            score,
            positive: Mask::NONE,
            negative: Mask::within(0, 0, 3),
            logit: Lanes::ZERO,
            constant: Lanes::ZERO,
        };
        let e = Cacr.exponents(&knobs, &pair)[1].exp();
        let [_, _, weight, cost] = Cacr.terms(&knobs, 0, &pair, [e; 2], &RowLanes::default());
        let sum = |lanes: Lanes| f64::from(lanes.sum());
        let stats = Stats { max: [0.0; 2], sum: [0.0, 0.0, sum(weight), sum(cost)] };
        let batch = Batch { anchors: 1.0, ..Batch::default() };
        let row = Cacr.finish_row(&knobs, 0, &stats, &Anchor::default(), &batch, &Row::default());
        let value = row.value.map(Lanes::splat);
        let rows = RowLanes { value, ..RowLanes::default() };
        let view = BatchLanes { value: [0.0; 4], table: &[] };
        let out = Cacr.coupling(&knobs, &pair, [e; 2], &rows, &view).0;
        for (got, want) in out.iter().zip([-1.059, 0.055, 0.004]) {
            assert!((got - want).abs() < 1e-3, "{out:?}");
        }
    }
}
