//! The inner loops of the pair family: each unordered pair is looked at once, for both its ends.
//!
//! With a common ceiling of the exponents a pair has the same exponentials seen from either end, so
//! one exponential serves both. No formula lives here.

use super::row::{Sums, chunked, chunked_mut, existing, exponentials};
use super::{BatchLanes, Family, Knobs, Needs, Objective, Row, RowLanes, Stats, Tile};
use crate::lanes::dispatch::{Simd, Vectorised, vectorised};
use crate::lanes::{LANES, Lanes};

/// Finished statistics of many anchors, one array a number, padded to whole lanes.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// [`Row::max`].
    pub max: [Vec<f32>; 2],
    /// [`Row::value`].
    pub value: [Vec<f32>; 4],
}

impl Rows {
    /// So many rows of sixteen of each column, from anchor `first` on.
    #[inline(always)]
    fn chunks(&self, first: usize, chunks: usize) -> [&[[f32; LANES]]; 6] {
        let [max_a, max_b] = &self.max;
        let [a, b, c, d] = &self.value;
        [
            chunked(&max_a[first..], chunks),
            chunked(&max_b[first..], chunks),
            chunked(&a[first..], chunks),
            chunked(&b[first..], chunks),
            chunked(&c[first..], chunks),
            chunked(&d[first..], chunks),
        ]
    }

    /// The rows of all anchors, side by side.
    pub fn of(rows: &[Row]) -> Self {
        let mut out = Self::default();
        out.fill(rows);
        out
    }

    /// The same in the memory that is there.
    pub fn fill(&mut self, rows: &[Row]) {
        let padded = rows.len().next_multiple_of(LANES);
        for (k, column) in self.max.iter_mut().enumerate() {
            column.clear();
            column.extend(rows.iter().map(|row| row.max[k]));
            column.resize(padded, 0.0);
        }
        for (k, column) in self.value.iter_mut().enumerate() {
            column.clear();
            column.extend(rows.iter().map(|row| row.value[k]));
            column.resize(padded, 0.0);
        }
    }
}

/// The sums of a stretch of candidates: four numbers a candidate, sixteen candidates side by side.
///
/// The sum k of candidate j stands at (j / 16)·64 + 16·k + j mod 16.
pub type Columns<'a> = &'a mut [f32];

/// What the couplings of a stretch of pairs are computed from.
#[derive(Clone, Copy)]
pub struct Ends<'a> {
    /// The anchor.
    pub row: &'a Row,
    /// All anchors.
    pub rows: &'a Rows,
    /// The number of the stretch's first candidate among them.
    pub first: usize,
    /// What is known of the batch.
    pub batch: &'a BatchLanes<'a>,
}

struct Fold<'a, O: ?Sized>(&'a O, &'a Knobs, &'a Tile<'a>, &'a mut Stats, Columns<'a>);

impl<O: Objective + ?Sized> Vectorised for Fold<'_, O> {
    type Output = ();
    #[inline(always)]
    fn run(self, simd: Simd) {
        let Fold(objective, knobs, tile, stats, columns) = self;
        assert!(objective.family() == Family::Pair, "these loops are the pair family's");
        let row = RowLanes::splat(&Row { max: raise_to_ceiling(objective, knobs, stats), ..Row::default() });
        let mut sums = Sums::ZERO;
        let columns = &mut columns.as_chunks_mut::<{ 4 * LANES }>().0[..tile.chunks()];
        tile.each(
            #[inline(always)]
            |c, pair| {
                let e = exponentials(objective, knobs, pair, row.max, simd);
                let terms = objective.terms(knobs, 0, pair, e, &row);
                sums.add(pair, terms, objective.sums());
                let (columns, _) = columns[c].as_chunks_mut::<LANES>();
                for k in 0..objective.sums() {
                    columns[k] = (Lanes(columns[k]) + existing(pair, terms[k], 0.0)).0;
                }
            },
        );
        sums.flush(stats, objective.sums());
    }
}

/// Makes the ceiling the maximum the sums are in units of, and returns it.
#[inline(always)]
fn raise_to_ceiling<O: Objective + ?Sized>(objective: &O, knobs: &Knobs, stats: &mut Stats) -> [f32; 2] {
    if objective.exponentials() == 0 {
        return [0.0; 2];
    }
    let ceiling = objective.ceiling(knobs).expect("pairs are looked at once only below a ceiling");
    stats.raise(ceiling, objective.scaled_by());
    stats.max
}

/// [`Objective::fold_both`].
#[inline(always)]
pub(super) fn fold<O: Objective + ?Sized>(
    objective: &O,
    knobs: &Knobs,
    tile: &Tile<'_>,
    stats: &mut Stats,
    columns: Columns<'_>,
) {
    vectorised(Fold(objective, knobs, tile, stats, columns));
}

struct Couple<'a, O: ?Sized>(&'a O, &'a Knobs, &'a Tile<'a>, &'a Ends<'a>, &'a mut [f32]);

impl<O: Objective + ?Sized> Vectorised for Couple<'_, O> {
    type Output = ();
    #[inline(always)]
    fn run(self, simd: Simd) {
        let Couple(objective, knobs, tile, ends, out) = self;
        assert!(objective.family() == Family::Pair, "these loops are the pair family's");
        let same = objective.ceiling(knobs).is_some();
        let row = RowLanes::splat(ends.row);
        let [max_a, max_b, value_a, value_b, value_c, value_d] = ends.rows.chunks(ends.first, tile.chunks());
        let out = chunked_mut(out, tile.chunks());
        tile.each(
            #[inline(always)]
            |c, pair| {
                let column = RowLanes {
                    max: [Lanes(max_a[c]), Lanes(max_b[c])],
                    value: [Lanes(value_a[c]), Lanes(value_b[c]), Lanes(value_c[c]), Lanes(value_d[c])],
                };
                let e = exponentials(objective, knobs, pair, row.max, simd);
                let back = if same { e } else { exponentials(objective, knobs, pair, column.max, simd) };
                let (e, back) = ([e[0].felt(), e[1].felt()], [back[0].felt(), back[1].felt()]);
                let coupling = objective.coupling(knobs, pair, e, &row, ends.batch)
                    + objective.coupling(knobs, pair, back, &column, ends.batch);
                out[c] = existing(pair, coupling, 0.0).0;
            },
        );
    }
}

/// [`Objective::couple_both`].
#[inline(always)]
pub(super) fn couple<O: Objective + ?Sized>(
    objective: &O,
    knobs: &Knobs,
    tile: &Tile<'_>,
    ends: &Ends<'_>,
    out: &mut [f32],
) {
    vectorised(Couple(objective, knobs, tile, ends, out));
}

struct Sweep<'a, O: ?Sized>(&'a O, &'a Knobs, &'a Tile<'a>, &'a BatchLanes<'a>, &'a mut Stats, &'a mut [f32]);

impl<O: Objective + ?Sized> Vectorised for Sweep<'_, O> {
    type Output = ();
    #[inline(always)]
    fn run(self, simd: Simd) {
        let Sweep(objective, knobs, tile, batch, stats, out) = self;
        assert!(objective.family() == Family::Pair, "these loops are the pair family's");
        assert!(objective.needs() <= Needs::Factor, "coupled before anything is known");
        let max = raise_to_ceiling(objective, knobs, stats);
        let row = RowLanes::splat(&Row { max, value: [1.0, 0.0, 0.0, 0.0], ..Row::default() });
        let mut sums = Sums::ZERO;
        let out = chunked_mut(out, tile.chunks());
        tile.each(
            #[inline(always)]
            |c, pair| {
                let e = exponentials(objective, knobs, pair, row.max, simd);
                sums.add(pair, objective.terms(knobs, 0, pair, e, &row), objective.sums());
                let coupling = objective.coupling(knobs, pair, e, &row, batch) * 2.0;
                out[c] = existing(pair, coupling, 0.0).0;
            },
        );
        sums.flush(stats, objective.sums());
    }
}

/// [`Objective::sweep_both`].
#[inline(always)]
pub(super) fn sweep<O: Objective + ?Sized>(
    objective: &O,
    knobs: &Knobs,
    tile: &Tile<'_>,
    batch: &BatchLanes<'_>,
    stats: &mut Stats,
    out: &mut [f32],
) {
    vectorised(Sweep(objective, knobs, tile, batch, stats, out));
}
