//! The inner loops: one anchor against a stretch of candidates, sixteen at a time.
//!
//! Each loop is compiled once for every objective and every instruction set; the objective's own
//! lines are inlined into it. No formula lives here.

use super::{BatchLanes, Family, Knobs, Objective, Pair, Row, RowLanes, Stats};
use crate::lanes::dispatch::{Simd, Vectorised, vectorised};
use crate::lanes::{LANES, LOWEST, Lanes, Mask};

/// One anchor and a stretch of its candidates.
///
/// The slices are padded to whole lanes; only the first `len` entries are pairs.
#[derive(Clone, Copy, Debug)]
pub struct Tile<'a> {
    /// The scores.
    pub scores: &'a [f32],
    /// How many of them are real.
    pub len: usize,
    /// The candidates' groups: their numbers in the class family, their classes or instances in the
    /// pair family.
    pub groups: &'a [u32],
    /// The candidates' constants.
    pub constants: &'a [f32],
    /// The anchor's group: a candidate of the same group is a positive.
    pub group: u32,
    /// Where in the stretch the anchor itself stands, if it does (pair family).
    pub own: Option<usize>,
    /// The anchor's target logit (class family).
    pub logit: f32,
}

impl Tile<'_> {
    /// Hands the pairs to `work`, sixteen at a time, with where they start. (A closure in two places:
    /// where all sixteen pairs exist the compiler drops what is there for those that do not.)
    #[inline(always)]
    pub(super) fn each(&self, mut work: impl FnMut(usize, &Pair)) {
        let mut start = 0;
        while start < self.len {
            let own = self.own.is_some_and(|own| own >= start && own < start + LANES);
            if start + LANES <= self.len && !own {
                let same = Mask::equal(&self.groups[start..], self.group);
                work(start, &self.pair(start, same, !same));
            } else {
                let inside = Mask::within(start, 0, self.len);
                let real = self.own.map_or(inside, |own| inside & !Mask::within(start, own, own + 1));
                let same = Mask::equal(&self.groups[start..], self.group);
                work(start, &self.pair(start, same & real, !same & real));
            }
            start += LANES;
        }
    }

    #[inline(always)]
    fn pair(&self, start: usize, positive: Mask, negative: Mask) -> Pair {
        Pair {
            score: Lanes::load(&self.scores[start..]),
            positive,
            negative,
            logit: Lanes::splat(self.logit),
            constant: Lanes::load(&self.constants[start..]),
        }
    }
}

impl RowLanes {
    /// Sixteen anchors, one a lane.
    pub fn of(rows: &[Row; LANES]) -> Self {
        let mut out = Self::default();
        for (l, row) in rows.iter().enumerate() {
            for (lanes, x) in out.max.iter_mut().zip(row.max) {
                lanes.0[l] = x;
            }
            for (lanes, x) in out.value.iter_mut().zip(row.value) {
                lanes.0[l] = x;
            }
        }
        out
    }

    /// The same anchor in every lane.
    #[inline(always)]
    pub(super) fn splat(row: &Row) -> Self {
        let [a, b, c, d] = row.value;
        Self {
            max: [Lanes::splat(row.max[0]), Lanes::splat(row.max[1])],
            value: [Lanes::splat(a), Lanes::splat(b), Lanes::splat(c), Lanes::splat(d)],
        }
    }
}

/// `lanes` where the pairs exist, `otherwise` elsewhere.
#[inline(always)]
pub(super) fn existing(pair: &Pair, lanes: Lanes, otherwise: f32) -> Lanes {
    pair.exists().select(lanes, Lanes::splat(otherwise))
}

/// The exponents of the pairs there are. (Arrays are taken apart by hand in these files: `map` on
/// them is not inlined into code for wider instructions.)
#[inline(always)]
pub(super) fn exponents<O: Objective + ?Sized>(objective: &O, knobs: &Knobs, pair: &Pair) -> [Lanes; 2] {
    let [a, b] = objective.exponents(knobs, pair);
    [existing(pair, a, LOWEST), existing(pair, b, LOWEST)]
}

/// e^(x − max) for the exponentials in use, 0 for the others.
#[inline(always)]
pub(super) fn exponentials<O: Objective + ?Sized>(
    objective: &O,
    knobs: &Knobs,
    pair: &Pair,
    max: [Lanes; 2],
    simd: Simd,
) -> [Lanes; 2] {
    let used = objective.exponentials();
    if used == 0 {
        return [Lanes::ZERO; 2];
    }
    let [a, b] = exponents(objective, knobs, pair);
    [(a - max[0]).exp_on(simd), if used > 1 { (b - max[1]).exp_on(simd) } else { Lanes::ZERO }]
}

/// Four sums over sixteen lanes.
#[derive(Clone, Copy)]
pub(super) struct Sums([Lanes; 4]);

impl Sums {
    pub(super) const ZERO: Self = Self([Lanes::ZERO; 4]);

    /// Adds the terms of the pairs there are.
    #[inline(always)]
    pub(super) fn add(&mut self, pair: &Pair, terms: [Lanes; 4]) {
        let [a, b, c, d] = self.0;
        self.0 = [
            a + existing(pair, terms[0], 0.0),
            b + existing(pair, terms[1], 0.0),
            c + existing(pair, terms[2], 0.0),
            d + existing(pair, terms[3], 0.0),
        ];
    }

    /// Adds the lanes up into the sums of one anchor.
    #[inline(always)]
    pub(super) fn flush(&self, stats: &mut Stats) {
        for (sum, lanes) in stats.sum.iter_mut().zip(&self.0) {
            let mut wide = [0.0f64; LANES];
            for (wide, &x) in wide.iter_mut().zip(&lanes.0) {
                *wide = f64::from(x);
            }
            let mut width = LANES / 2;
            while width > 0 {
                for l in 0..width {
                    wide[l] += wide[l + width];
                }
                width /= 2;
            }
            *sum += wide[0];
        }
    }

    /// The sums as they stand, a lane an anchor.
    #[inline(always)]
    pub(super) fn lanes(self) -> [Lanes; 4] {
        self.0
    }
}

struct Fold<'a, O: ?Sized>(&'a O, &'a Knobs, usize, &'a Tile<'a>, &'a Row, &'a mut Stats, &'a mut [f32]);

impl<O: Objective + ?Sized> Vectorised for Fold<'_, O> {
    type Output = ();
    #[inline(always)]
    fn run(self, simd: Simd) {
        let Fold(objective, knobs, sweep, tile, row, stats, keep) = self;
        let used = objective.exponentials();
        let mut before = RowLanes::splat(row);
        if used > 0 && sweep == 0 {
            let mut largest = [Lanes::splat(LOWEST); 2];
            if let Some([a, b]) = objective.ceiling(knobs) {
                largest = [Lanes::splat(a), Lanes::splat(b)];
            } else {
                tile.each(
                    #[inline(always)]
                    |_, pair| {
                        let [a, b] = exponents(objective, knobs, pair);
                        largest[0] = largest[0].max(a);
                        if used > 1 {
                            largest[1] = largest[1].max(b);
                        }
                    },
                );
            }
            stats.raise([largest[0].maximum(), largest[1].maximum()], objective.scaled_by());
            before.max = [Lanes::splat(stats.max[0]), Lanes::splat(stats.max[1])];
        }
        let mut sums = Sums::ZERO;
        let keeps = used > 0 && !keep.is_empty();
        tile.each(
            #[inline(always)]
            |start, pair| {
                let e = exponentials(objective, knobs, pair, before.max, simd);
                if keeps {
                    e[0].store(&mut keep[start..]);
                }
                sums.add(pair, objective.terms(knobs, sweep, pair, e, &before));
            },
        );
        sums.flush(stats);
    }
}

/// [`Objective::fold`].
#[inline(always)]
pub(super) fn fold<O: Objective + ?Sized>(
    objective: &O,
    knobs: &Knobs,
    sweep: usize,
    tile: &Tile<'_>,
    row: &Row,
    stats: &mut Stats,
    keep: &mut [f32],
) {
    vectorised(Fold(objective, knobs, sweep, tile, row, stats, keep));
}

struct Couple<'a, O: ?Sized>(
    &'a O,
    &'a Knobs,
    &'a Tile<'a>,
    &'a Row,
    &'a BatchLanes<'a>,
    &'a mut [f32],
    bool,
);

impl<O: Objective + ?Sized> Vectorised for Couple<'_, O> {
    type Output = ();
    #[inline(always)]
    fn run(self, simd: Simd) {
        let Couple(objective, knobs, tile, row, batch, out, kept) = self;
        assert!(objective.family() == Family::Class, "these loops are the class family's");
        let row = RowLanes::splat(row);
        tile.each(
            #[inline(always)]
            |start, pair| {
                let e = if kept && objective.exponentials() == 1 {
                    [Lanes::load(&out[start..]), Lanes::ZERO]
                } else {
                    exponentials(objective, knobs, pair, row.max, simd)
                };
                let coupling = objective.coupling(knobs, pair, e, &row, batch);
                existing(pair, coupling, 0.0).store(&mut out[start..]);
            },
        );
    }
}

/// [`Objective::couple`].
#[inline(always)]
pub(super) fn couple<O: Objective + ?Sized>(
    objective: &O,
    knobs: &Knobs,
    tile: &Tile<'_>,
    row: &Row,
    batch: &BatchLanes<'_>,
    out: &mut [f32],
    kept: bool,
) {
    vectorised(Couple(objective, knobs, tile, row, batch, out, kept));
}
