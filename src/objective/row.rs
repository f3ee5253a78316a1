//! The inner loops: one anchor against a stretch of candidates, sixteen at a time.
//!
//! Each loop is compiled once for every objective and every instruction set; the objective's own
//! lines are inlined into it. No formula lives here.

use super::{BatchLanes, Knobs, Objective, Pair, Row, RowLanes, Stats};
use crate::lanes::dispatch::{Vectorised, vectorised};
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

/// Finished statistics of many anchors, one array a number, padded to whole lanes.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// [`Row::max`].
    pub max: [Vec<f32>; 2],
    /// [`Row::value`].
    pub value: [Vec<f32>; 4],
}

impl Rows {
    /// The lanes from `start`.
    #[inline(always)]
    fn lanes(&self, start: usize) -> RowLanes {
        let [max_a, max_b] = &self.max;
        let [a, b, c, d] = &self.value;
        RowLanes {
            max: [Lanes::load(&max_a[start..]), Lanes::load(&max_b[start..])],
            value: [
                Lanes::load(&a[start..]),
                Lanes::load(&b[start..]),
                Lanes::load(&c[start..]),
                Lanes::load(&d[start..]),
            ],
        }
    }

    /// The rows of all anchors, side by side.
    pub fn of(rows: &[Row]) -> Self {
        let mut out = Self::default();
        let padded = rows.len().next_multiple_of(LANES);
        for (k, column) in out.max.iter_mut().enumerate() {
            column.extend(rows.iter().map(|row| row.max[k]));
            column.resize(padded, 0.0);
        }
        for (k, column) in out.value.iter_mut().enumerate() {
            column.extend(rows.iter().map(|row| row.value[k]));
            column.resize(padded, 0.0);
        }
        out
    }
}

impl Tile<'_> {
    /// The sixteen pairs from `start`.
    #[inline(always)]
    fn pair(&self, start: usize) -> Pair {
        let real = if start + LANES <= self.len && self.own.is_none() {
            Mask::ALL
        } else {
            let inside = Mask::within(start, 0, self.len);
            self.own.map_or(inside, |own| inside & !Mask::within(start, own, own + 1))
        };
        let same = Mask::equal(&self.groups[start..], self.group);
        Pair {
            score: Lanes::load(&self.scores[start..]),
            positive: same & real,
            negative: !same & real,
            logit: Lanes::splat(self.logit),
            constant: Lanes::load(&self.constants[start..]),
        }
    }
}

impl RowLanes {
    /// The same anchor in every lane.
    #[inline(always)]
    fn splat(row: &Row) -> Self {
        let [a, b, c, d] = row.value;
        Self {
            max: [Lanes::splat(row.max[0]), Lanes::splat(row.max[1])],
            value: [Lanes::splat(a), Lanes::splat(b), Lanes::splat(c), Lanes::splat(d)],
        }
    }
}

/// `lanes` where the pairs exist, `otherwise` elsewhere.
#[inline(always)]
fn existing(pair: &Pair, lanes: Lanes, otherwise: f32) -> Lanes {
    pair.exists().select(lanes, Lanes::splat(otherwise))
}

/// The exponents of the pairs there are. (Arrays are taken apart by hand in this file: `map` on
/// them is not inlined into code for wider instructions.)
#[inline(always)]
fn exponents<O: Objective + ?Sized>(objective: &O, knobs: &Knobs, pair: &Pair) -> [Lanes; 2] {
    let [a, b] = objective.exponents(knobs, pair);
    [existing(pair, a, LOWEST), existing(pair, b, LOWEST)]
}

/// e^(x − max) for the exponentials in use, 0 for the others.
#[inline(always)]
fn exponentials<O: Objective + ?Sized>(
    objective: &O,
    knobs: &Knobs,
    pair: &Pair,
    max: [Lanes; 2],
) -> [Lanes; 2] {
    let used = objective.exponentials();
    if used == 0 {
        return [Lanes::ZERO; 2];
    }
    let [a, b] = exponents(objective, knobs, pair);
    [(a - max[0]).exp(), if used > 1 { (b - max[1]).exp() } else { Lanes::ZERO }]
}

struct Fold<'a, O: ?Sized>(&'a O, &'a Knobs, usize, &'a Tile<'a>, &'a Row, &'a mut Stats);

impl<O: Objective + ?Sized> Vectorised for Fold<'_, O> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Fold(objective, knobs, sweep, tile, row, stats) = self;
        let used = objective.exponentials();
        let mut before = RowLanes::splat(row);
        if used > 0 && sweep == 0 {
            let mut largest = [Lanes::splat(LOWEST); 2];
            for start in (0..tile.len).step_by(LANES) {
                let pair = tile.pair(start);
                let [a, b] = exponents(objective, knobs, &pair);
                largest[0] = largest[0].max(a);
                if used > 1 {
                    largest[1] = largest[1].max(b);
                }
            }
            stats.raise([largest[0].maximum(), largest[1].maximum()], objective.scaled_by());
            before.max = [Lanes::splat(stats.max[0]), Lanes::splat(stats.max[1])];
        }
        let [mut a, mut b, mut c, mut d] = [Lanes::ZERO; 4];
        for start in (0..tile.len).step_by(LANES) {
            let pair = tile.pair(start);
            let e = exponentials(objective, knobs, &pair, before.max);
            let terms = objective.terms(knobs, sweep, &pair, e, &before);
            a = a + existing(&pair, terms[0], 0.0);
            b = b + existing(&pair, terms[1], 0.0);
            c = c + existing(&pair, terms[2], 0.0);
            d = d + existing(&pair, terms[3], 0.0);
        }
        for (sum, lanes) in stats.sum.iter_mut().zip([a, b, c, d]) {
            *sum += lanes.0.iter().map(|&x| f64::from(x)).sum::<f64>();
        }
    }
}

/// [`Objective::fold`].
pub(super) fn fold<O: Objective + ?Sized>(
    objective: &O,
    knobs: &Knobs,
    sweep: usize,
    tile: &Tile<'_>,
    row: &Row,
    stats: &mut Stats,
) {
    vectorised(Fold(objective, knobs, sweep, tile, row, stats));
}

struct Couple<'a, O: ?Sized>(&'a O, &'a Knobs, &'a Tile<'a>, &'a Row, &'a BatchLanes<'a>, &'a mut [f32]);

impl<O: Objective + ?Sized> Vectorised for Couple<'_, O> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Couple(objective, knobs, tile, row, batch, out) = self;
        let row = RowLanes::splat(row);
        for start in (0..tile.len).step_by(LANES) {
            let pair = tile.pair(start);
            let e = exponentials(objective, knobs, &pair, row.max);
            let coupling = objective.coupling(knobs, &pair, e, &row, batch);
            existing(&pair, coupling, 0.0).store(&mut out[start..]);
        }
    }
}

/// [`Objective::couple`].
pub(super) fn couple<O: Objective + ?Sized>(
    objective: &O,
    knobs: &Knobs,
    tile: &Tile<'_>,
    row: &Row,
    batch: &BatchLanes<'_>,
    out: &mut [f32],
) {
    vectorised(Couple(objective, knobs, tile, row, batch, out));
}

struct CoupleBack<'a, O: ?Sized>(
    &'a O,
    &'a Knobs,
    &'a Tile<'a>,
    &'a Rows,
    &'a BatchLanes<'a>,
    &'a mut [f32],
    usize,
);

impl<O: Objective + ?Sized> Vectorised for CoupleBack<'_, O> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let CoupleBack(objective, knobs, tile, rows, batch, out, first) = self;
        for start in (0..tile.len).step_by(LANES) {
            let pair = tile.pair(start);
            let row = rows.lanes(first + start);
            let e = exponentials(objective, knobs, &pair, row.max);
            let coupling = objective.coupling(knobs, &pair, e, &row, batch);
            let sum = Lanes::load(&out[start..]) + existing(&pair, coupling, 0.0);
            sum.store(&mut out[start..]);
        }
    }
}

/// [`Objective::couple_back`]; `first` is the number of the tile's first candidate.
pub(super) fn couple_back<O: Objective + ?Sized>(
    objective: &O,
    knobs: &Knobs,
    tile: &Tile<'_>,
    rows: &Rows,
    first: usize,
    batch: &BatchLanes<'_>,
    out: &mut [f32],
) {
    vectorised(CoupleBack(objective, knobs, tile, rows, batch, out, first));
}
