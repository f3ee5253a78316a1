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
        RowLanes {
            max: [Lanes::load(&self.max[0][start..]), Lanes::load(&self.max[1][start..])],
            value: std::array::from_fn(|v| Lanes::load(&self.value[v][start..])),
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
    #[inline(always)]
    fn pair(&self, start: usize) -> Pair {
        let real = Mask::within(start, 0, self.len);
        let real = match self.own {
            Some(own) => real & !Mask::within(start, own, own + 1),
            None => real,
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
        Self { max: row.max.map(Lanes::splat), value: row.value.map(Lanes::splat) }
    }
}

/// The exponents of the pairs there are.
#[inline(always)]
fn exponents<O: Objective + ?Sized>(objective: &O, knobs: &Knobs, pair: &Pair) -> [Lanes; 2] {
    objective.exponents(knobs, pair).map(|x| pair.exists().select(x, Lanes::splat(LOWEST)))
}

/// e^(x − max) for the exponentials in use, 0 for the others.
#[inline(always)]
fn exponentials(used: usize, x: [Lanes; 2], max: [Lanes; 2]) -> [Lanes; 2] {
    [
        if used > 0 { (x[0] - max[0]).exp() } else { Lanes::ZERO },
        if used > 1 { (x[1] - max[1]).exp() } else { Lanes::ZERO },
    ]
}

struct Fold<'a, O: ?Sized>(&'a O, &'a Knobs, usize, &'a Tile<'a>, &'a Row, &'a mut Stats);

impl<O: Objective + ?Sized> Vectorised for Fold<'_, O> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Fold(objective, knobs, sweep, tile, row, stats) = self;
        let used = objective.exponentials();
        let max = if used == 0 || sweep > 0 {
            row.max
        } else {
            let mut largest = [Lanes::splat(LOWEST); 2];
            for start in (0..tile.len).step_by(LANES) {
                let x = exponents(objective, knobs, &tile.pair(start));
                largest = [largest[0].max(x[0]), largest[1].max(x[1])];
            }
            stats.raise(largest.map(Lanes::maximum), objective.scaled_by());
            stats.max
        };
        let before = RowLanes { max: max.map(Lanes::splat), ..RowLanes::splat(row) };
        let mut sums = [Lanes::ZERO; 4];
        for start in (0..tile.len).step_by(LANES) {
            let pair = tile.pair(start);
            let e = exponentials(used, exponents(objective, knobs, &pair), before.max);
            let terms = objective.terms(knobs, sweep, &pair, e, &before);
            for (sum, term) in sums.iter_mut().zip(terms) {
                *sum = *sum + pair.exists().keep(term);
            }
        }
        for (sum, lanes) in stats.sum.iter_mut().zip(sums) {
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
        let used = objective.exponentials();
        let row = RowLanes::splat(row);
        for start in (0..tile.len).step_by(LANES) {
            let pair = tile.pair(start);
            let e = exponentials(used, exponents(objective, knobs, &pair), row.max);
            let coupling = objective.coupling(knobs, &pair, e, &row, batch);
            pair.exists().keep(coupling).store(&mut out[start..]);
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
        let used = objective.exponentials();
        for start in (0..tile.len).step_by(LANES) {
            let pair = tile.pair(start);
            let row = rows.lanes(first + start);
            let e = exponentials(used, exponents(objective, knobs, &pair), row.max);
            let coupling = objective.coupling(knobs, &pair, e, &row, batch);
            let sum = Lanes::load(&out[start..]) + pair.exists().keep(coupling);
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
