//! Cross-entropy of a row of logits with a target: the part that softmax, normface and the margin
//! losses share. They differ in their logits only.
//!
//! Statistics: Z, the sum of e^(logit − max), and R, the same without the target, kept apart so
//! that 1 − p is exact when p is near 1. Value: \[1/(N·Z), ∂L/∂target logit·slope\].

use super::{Anchor, Batch, Knobs, Pair, Row, RowLanes, Scene, Stats};
use crate::lanes::Lanes;
use crate::tape::Var;

/// The mean cross-entropy of the logits `logit(i, j)`, as every textbook prints it.
pub(crate) fn reference<'t>(scene: &Scene<'t>, logit: impl Fn(usize, usize) -> Var<'t>) -> Var<'t> {
    let losses: Vec<_> = (0..scene.anchors)
        .map(|i| {
            let logits: Vec<_> = scene.others(i).map(|j| logit(i, j)).collect();
            Var::log_sum_exp(scene.tape, &logits) - logits[scene.label(i)]
        })
        .collect();
    scene.mean(&losses)
}

/// The exponent of a pair: its logit.
#[inline(always)]
pub(crate) fn exponents(pair: &Pair, logit: Lanes) -> [Lanes; 2] {
    [pair.positive.select(pair.logit, logit), Lanes::splat(crate::lanes::LOWEST)]
}

/// The sums Z and R.
#[inline(always)]
pub(crate) fn terms(pair: &Pair, e: [Lanes; 2]) -> [Lanes; 4] {
    [e[0], pair.negative.keep(e[0]), Lanes::ZERO, Lanes::ZERO]
}

/// How many sums that is.
pub(crate) const SUMS: usize = 2;

/// Both sums are scaled by the one exponential.
pub(crate) const SCALED_BY: [Option<usize>; 4] = [Some(0), Some(0), None, None];

/// The loss of a row and what its couplings need.
pub(crate) fn finish_row(stats: &Stats, anchor: &Anchor, batch: &Batch) -> Row {
    let [sum, rest, ..] = stats.sum;
    let below = f64::from(stats.max[0]) - f64::from(anchor.target.logit);
    let loss = if below > 0.0 { sum.ln() + below } else { rest.ln_1p() };
    let pull = -(rest / sum) / batch.anchors;
    Row {
        max: stats.max,
        value: [(1.0 / (sum * batch.anchors)) as f32, pull as f32 * anchor.target.slope, 0.0, 0.0],
        arc: pull as f32 * anchor.target.arc,
        loss: loss / batch.anchors,
    }
}

/// ∂L/∂score of a pair whose logit is `scale`·score.
#[inline(always)]
pub(crate) fn coupling(pair: &Pair, scale: f32, e: [Lanes; 2], row: &RowLanes) -> Lanes {
    pair.positive.select(row.value[1], e[0] * row.value[0] * scale)
}

/// log(1 + (C − 1)·e^−gap): the cross-entropy when every wrong logit is `gap` below the right one.
pub(crate) fn at_gap(classes: usize, gap: f64) -> f64 {
    ((classes as f64 - 1.0) * (-gap).exp()).ln_1p()
}

/// C/(C − 1): how far the simplex puts the cosine of another class below that of one's own.
pub(crate) fn simplex_gap(classes: usize) -> f64 {
    classes as f64 / (classes as f64 - 1.0)
}

/// The scale of a cosine objective, always its first knob.
pub(crate) fn scale(knobs: &Knobs) -> f32 {
    knobs.fast(0)
}

/// The fast form of a cross-entropy objective inside its `impl`: the logit of a pair that is not the
/// target, and the slope of that logit in the score.
macro_rules! fast_form {
    (|$knobs:ident, $pair:ident| $logit:expr, |$same_knobs:ident| $scale:expr) => {
        #[inline(always)]
        fn exponents(&self, $knobs: &super::Knobs, $pair: &super::Pair) -> [crate::lanes::Lanes; 2] {
            super::cross_entropy::exponents($pair, $logit)
        }

        fn exponentials(&self) -> usize {
            1
        }

        #[inline(always)]
        fn terms(
            &self,
            _: &super::Knobs,
            _: usize,
            pair: &super::Pair,
            e: [crate::lanes::Lanes; 2],
            _: &super::RowLanes,
        ) -> [crate::lanes::Lanes; 4] {
            super::cross_entropy::terms(pair, e)
        }

        fn sums(&self) -> usize {
            super::cross_entropy::SUMS
        }

        fn scaled_by(&self) -> [Option<usize>; 4] {
            super::cross_entropy::SCALED_BY
        }

        fn needs(&self) -> super::Needs {
            super::Needs::Row
        }

        fn finish_row(
            &self,
            _: &super::Knobs,
            _: usize,
            stats: &super::Stats,
            anchor: &super::Anchor,
            batch: &super::Batch,
            _: &super::Row,
        ) -> super::Row {
            super::cross_entropy::finish_row(stats, anchor, batch)
        }

        #[inline(always)]
        fn coupling(
            &self,
            $same_knobs: &super::Knobs,
            pair: &super::Pair,
            e: [crate::lanes::Lanes; 2],
            row: &super::RowLanes,
            _: &super::BatchLanes<'_>,
        ) -> crate::lanes::Lanes {
            super::cross_entropy::coupling(pair, $scale, e, row)
        }
    };
}
pub(crate) use fast_form;
