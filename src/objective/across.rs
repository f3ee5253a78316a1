//! The inner loops for few candidates: sixteen anchors at once, one a lane, against one candidate
//! after another. No formula lives here.

use super::row::{Sums, existing, exponentials, exponents};
use super::{BatchLanes, Family, Knobs, Objective, Pair, RowLanes, Stats};
use crate::lanes::dispatch::{Simd, Vectorised, vectorised};
use crate::lanes::{LANES, LOWEST, Lanes, Mask};

/// Sixteen anchors and all their candidates (class family).
#[derive(Clone, Copy, Debug)]
pub struct Across<'a> {
    /// The scores, a candidate after another.
    pub scores: &'a [Lanes],
    /// The anchors' labels.
    pub labels: &'a [u32; LANES],
    /// How many of the sixteen there are: the first so many.
    pub len: usize,
    /// The candidates' constants.
    pub constants: &'a [f32],
    /// The anchors' target logits.
    pub logits: Lanes,
}

/// The statistics of sixteen anchors.
#[derive(Clone, Copy, Debug)]
pub struct AcrossStats {
    /// [`super::Stats::max`].
    pub max: [Lanes; 2],
    /// [`super::Stats::sum`].
    pub sum: [Lanes; 4],
}

impl AcrossStats {
    /// The statistics of the anchor in lane `l`.
    #[inline]
    pub fn of(&self, l: usize) -> Stats {
        let [a, b] = &self.max;
        let [s, t, u, v] = &self.sum;
        Stats { max: [a.0[l], b.0[l]], sum: [s, t, u, v].map(|sum| f64::from(sum.0[l])) }
    }
}

impl Across<'_> {
    /// The pairs of all anchors with candidate `j`.
    #[inline(always)]
    fn pair(&self, j: usize, real: Mask) -> Pair {
        let same = Mask::equal(self.labels, j as u32);
        Pair {
            score: self.scores[j],
            positive: same & real,
            negative: !same & real,
            logit: self.logits,
            constant: Lanes::splat(self.constants[j]),
        }
    }

    #[inline(always)]
    fn real(&self) -> Mask {
        Mask::within(0, 0, self.len)
    }
}

struct Fold<'a, O: ?Sized>(&'a O, &'a Knobs, &'a Across<'a>, usize, &'a RowLanes, &'a mut [Lanes]);

impl<O: Objective + ?Sized> Vectorised for Fold<'_, O> {
    type Output = AcrossStats;
    #[inline(always)]
    fn run(self, simd: Simd) -> AcrossStats {
        let Fold(objective, knobs, across, sweep, rows, keep) = self;
        assert!(objective.family() == Family::Class, "these loops are the class family's");
        let used = objective.exponentials();
        let real = across.real();
        let mut before = *rows;
        if used > 0 && sweep == 0 {
            before.max = [Lanes::splat(LOWEST); 2];
            if let Some([a, b]) = objective.ceiling(knobs) {
                before.max = [Lanes::splat(a), Lanes::splat(b)];
            } else {
                for j in 0..across.scores.len() {
                    let [a, b] = exponents(objective, knobs, &across.pair(j, real));
                    before.max[0] = before.max[0].max(a);
                    if used > 1 {
                        before.max[1] = before.max[1].max(b);
                    }
                }
            }
        }
        let mut sums = Sums::ZERO;
        for (j, kept) in keep.iter_mut().enumerate() {
            let pair = across.pair(j, real);
            let e = exponentials(objective, knobs, &pair, before.max, simd);
            *kept = e[0];
            sums.add(&pair, objective.terms(knobs, sweep, &pair, e, &before), objective.sums());
        }
        AcrossStats { max: before.max, sum: sums.lanes() }
    }
}

/// [`Objective::fold_across`].
#[inline(always)]
pub(super) fn fold<O: Objective + ?Sized>(
    objective: &O,
    knobs: &Knobs,
    across: &Across<'_>,
    sweep: usize,
    rows: &RowLanes,
    keep: &mut [Lanes],
) -> AcrossStats {
    vectorised(Fold(objective, knobs, across, sweep, rows, keep))
}

struct Couple<'a, O: ?Sized>(
    &'a O,
    &'a Knobs,
    &'a Across<'a>,
    &'a RowLanes,
    &'a BatchLanes<'a>,
    &'a mut [Lanes],
);

impl<O: Objective + ?Sized> Vectorised for Couple<'_, O> {
    type Output = ();
    #[inline(always)]
    fn run(self, simd: Simd) {
        let Couple(objective, knobs, across, rows, batch, kept) = self;
        assert!(objective.family() == Family::Class, "these loops are the class family's");
        let real = across.real();
        for (j, kept) in kept.iter_mut().enumerate() {
            let pair = across.pair(j, real);
            let e = if objective.exponentials() == 1 {
                [*kept, Lanes::ZERO]
            } else {
                exponentials(objective, knobs, &pair, rows.max, simd)
            };
            let e = [e[0].felt(), e[1].felt()];
            *kept = existing(&pair, objective.coupling(knobs, &pair, e, rows, batch), 0.0);
        }
    }
}

/// [`Objective::couple_across`].
#[inline(always)]
pub(super) fn couple<O: Objective + ?Sized>(
    objective: &O,
    knobs: &Knobs,
    across: &Across<'_>,
    rows: &RowLanes,
    batch: &BatchLanes<'_>,
    kept: &mut [Lanes],
) {
    vectorised(Couple(objective, knobs, across, rows, batch, kept));
}
