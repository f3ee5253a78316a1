//! Decoupled softmax: each positive against the negatives alone.
//!
//! L = mean over anchors of mean over positives l of log(e^{s_l} + Neg) − s_l, Neg = Σ over negatives
//! of e^s, s = cos/τ. An easy positive is never pushed away, as multi-positive InfoNCE does.
//! Gupta et al. 2023, "Dual-encoders for extreme multi-label classification". Anchors without a
//! positive do not count.

use super::{
    About, Anchor, Batch, BatchLanes, Family, Knob, Knobs, Needs, Objective, Pair, Row, RowLanes, Scene,
    Score, Stats, supcon,
};
use crate::lanes::{LOWEST, Lanes};
use crate::tape::Var;

/// The unit struct of this objective.
pub(super) struct DecoupledSoftmax;

impl Objective for DecoupledSoftmax {
    fn name(&self) -> &'static str {
        "decoupled-softmax"
    }

    fn about(&self) -> About {
        About {
            title: "Decoupled softmax",
            formula: "L = mean_i mean_{l in P_i} log(exp(s_il) + sum_{neg} exp(s_ij)) - s_il,  s = cos/tau",
            paper: "Gupta et al. 2023: Dual-encoders for extreme multi-label classification",
            effect: "Positives do not compete with each other, so none of them is pushed away.",
        }
    }

    fn knobs(&self) -> &'static [Knob] {
        const { &[supcon::temperature_knob(0.05)] }
    }

    fn family(&self) -> Family {
        Family::Pair
    }

    fn score(&self) -> Score {
        Score::Cosine
    }

    fn reference<'t>(&self, knobs: &Knobs, scene: &Scene<'t>) -> Var<'t> {
        let logit = |i: usize, j: usize| scene.score(i, j) / knobs.exact(0);
        let losses: Vec<_> = (0..scene.anchors)
            .filter(|&i| scene.positives(i).next().is_some())
            .map(|i| {
                let negatives: Vec<_> = scene.negatives(i).map(|j| logit(i, j)).collect();
                let each: Vec<_> = scene
                    .positives(i)
                    .map(|l| {
                        let mut all = negatives.clone();
                        all.push(logit(i, l));
                        Var::log_sum_exp(scene.tape, &all) - logit(i, l)
                    })
                    .collect();
                scene.mean(&each)
            })
            .collect();
        scene.mean(&losses)
    }

    fn sweeps(&self) -> usize {
        2
    }

    fn needs(&self) -> Needs {
        Needs::Row
    }

    #[inline(always)]
    fn ceiling(&self, knobs: &Knobs) -> Option<[f32; 2]> {
        supcon::ceiling(knobs)
    }

    #[inline(always)]
    fn exponents(&self, knobs: &Knobs, pair: &Pair) -> [Lanes; 2] {
        let nothing = Lanes::splat(LOWEST);
        [pair.negative.select(pair.score * (1.0 / knobs.fast(0)), nothing), nothing]
    }

    fn exponentials(&self) -> usize {
        1
    }

    /// First Σ e^(s − max) over negatives; then, over positives, Σ Neg/(e^s + Neg) and the costs.
    fn sums(&self) -> usize {
        2
    }

    #[inline(always)]
    fn terms(&self, knobs: &Knobs, sweep: usize, pair: &Pair, e: [Lanes; 2], row: &RowLanes) -> [Lanes; 4] {
        if sweep == 0 {
            return [pair.negative.keep(e[0]), Lanes::ZERO, Lanes::ZERO, Lanes::ZERO];
        }
        let above = row.value[1] - pair.score * (1.0 / knobs.fast(0));
        let (push, cost) = (above.sigmoid(), above.softplus());
        [pair.positive.keep(push), pair.positive.keep(cost), Lanes::ZERO, Lanes::ZERO]
    }

    fn scaled_by(&self) -> [Option<usize>; 4] {
        [Some(0), None, None, None]
    }

    /// Value: \[factor of e on negatives, log Neg, factor on positives, Σ e of the first sweep\].
    fn finish_row(
        &self,
        knobs: &Knobs,
        sweep: usize,
        stats: &Stats,
        anchor: &Anchor,
        batch: &Batch,
        row: &Row,
    ) -> Row {
        if sweep == 0 {
            let sum = stats.sum[0];
            let log = if sum > 0.0 { (f64::from(stats.max[0]) + sum.ln()) as f32 } else { LOWEST };
            return Row { max: stats.max, value: [0.0, log, 0.0, sum as f32], ..Row::default() };
        }
        let positives = f64::from(anchor.positives);
        if positives == 0.0 {
            return Row { value: [0.0, row.value[1], 0.0, 0.0], loss: 0.0, ..*row };
        }
        let each = 1.0 / (positives * batch.active);
        let scale = each / knobs.exact(0);
        let sum = f64::from(row.value[3]);
        let negatives = if sum > 0.0 { scale * stats.sum[0] / sum } else { 0.0 };
        Row { value: [negatives as f32, row.value[1], scale as f32, 0.0], loss: stats.sum[1] * each, ..*row }
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
        let above = row.value[1] - pair.score * (1.0 / knobs.fast(0));
        pair.positive.select(-(above.sigmoid() * row.value[2]), e[0] * row.value[0])
    }

    fn shader(&self) -> Option<&'static [&'static str]> {
        Some(&[include_str!("../../shaders/objectives/decoupled_softmax.wgsl")])
    }
}
