//! Cross-entropy of a row of logits with a target: the part that softmax, normface and the margin
//! losses share. They differ in their logits only.
//!
//! Statistics: Z, the sum of e^(logit − max), and R, the same without the target, kept apart so
//! that 1 − p is exact when p is near 1. Value: \[1/(N·Z), ∂L/∂target logit·slope\].

use super::{AcrossStats, Anchor, Batch, Knobs, Pair, Row, RowLanes, Scene, Stats, TargetLogit};
use crate::lanes::dispatch::{Simd, Vectorised, vectorised};
use crate::lanes::logarithm::ln_above;
use crate::lanes::{LANES, Lanes};
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

/// What is known of L anchors after their sweep, one a place.
struct Swept<const L: usize> {
    sum: [f64; L],
    rest: [f64; L],
    max: [f64; L],
    /// The target logits.
    logit: [f64; L],
}

/// What becomes of it.
struct Finished<const L: usize> {
    /// 1/(N·Z).
    factor: [f64; L],
    /// ∂L/∂target logit.
    pull: [f64; L],
    /// Parts of the loss.
    loss: [f64; L],
}

impl<const L: usize> Swept<L> {
    /// Finishes them, out of `n` anchors in all.
    #[inline(always)]
    fn finish(&self, n: f64) -> Finished<L> {
        let Self { sum, rest, max, logit } = self;
        let (mut base, mut x, mut offset) = ([0.0; L], [0.0; L], [0.0; L]);
        let (mut factor, mut pull) = ([0.0; L], [0.0; L]);
        let share = 1.0 / n;
        for l in 0..L {
            let below = max[l] - logit[l];
            // Where the target is the largest, Z is 1 + R, and R may be tiny.
            let under = below > 0.0;
            base[l] = if under { 0.0 } else { 1.0 };
            x[l] = if under { sum[l] } else { rest[l] };
            offset[l] = if under { below } else { 0.0 };
            factor[l] = share / sum[l];
            pull[l] = -(rest[l] * factor[l]);
        }
        let mut loss = ln_above(base, x);
        for l in 0..L {
            loss[l] = (loss[l] + offset[l]) * share;
        }
        Finished { factor, pull, loss }
    }
}

impl<const L: usize> Finished<L> {
    /// What the couplings of the anchor at place `l` need.
    #[inline(always)]
    fn row(&self, l: usize, max: [f32; 2], anchor: &Anchor) -> Row {
        let pull = self.pull[l] as f32;
        let TargetLogit { slope, arc, .. } = anchor.target;
        Row {
            max,
            value: [self.factor[l] as f32, pull * slope, 0.0, 0.0],
            arc: pull * arc,
            loss: self.loss[l],
        }
    }
}

/// The loss of a row and what its couplings need.
pub(crate) fn finish_row(stats: &Stats, anchor: &Anchor, batch: &Batch) -> Row {
    let [sum, rest, ..] = stats.sum;
    let logit = f64::from(anchor.target.logit);
    let swept = Swept { sum: [sum], rest: [rest], max: [f64::from(stats.max[0])], logit: [logit] };
    swept.finish(batch.anchors).row(0, stats.max, anchor)
}

struct Finish<'a>(&'a AcrossStats, &'a [Anchor], f64, &'a mut [Row; LANES]);

impl Vectorised for Finish<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, _: Simd) {
        let Finish(found, anchors, n, rows) = self;
        let wide = |lanes: &Lanes| lanes.0.map(f64::from);
        let mut swept = Swept {
            sum: wide(&found.sum[0]),
            rest: wide(&found.sum[1]),
            max: wide(&found.max[0]),
            logit: [0.0; LANES],
        };
        for (logit, anchor) in swept.logit.iter_mut().zip(anchors) {
            *logit = f64::from(anchor.target.logit);
        }
        let finished = swept.finish(n);
        for (l, (row, anchor)) in rows.iter_mut().zip(anchors).enumerate() {
            *row = finished.row(l, [found.max[0].0[l], found.max[1].0[l]], anchor);
        }
    }
}

/// The same for sixteen anchors at once, or fewer.
pub(crate) fn finish_across(found: &AcrossStats, anchors: &[Anchor], batch: &Batch, rows: &mut [Row; LANES]) {
    vectorised(Finish(found, anchors, batch.anchors, rows));
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

        fn finish_across(
            &self,
            _: &super::Knobs,
            _: usize,
            found: &super::AcrossStats,
            anchors: &[super::Anchor],
            batch: &super::Batch,
            rows: &mut [super::Row; crate::lanes::LANES],
        ) {
            super::cross_entropy::finish_across(found, anchors, batch, rows);
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
