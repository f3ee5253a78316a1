//! Few candidates and few dimensions: sixteen anchors side by side, one a lane, against one
//! candidate after another.
//!
//! Here a row of scores would not fill the lanes, and a matrix product of a few columns would spend
//! its time arranging them.

use super::parts::{self, Part};
use super::targets::Prepared;
use super::term::{Buffers, Sides, TermSlope};
use crate::features::Matrix;
use crate::lanes::dispatch::{Simd, Vectorised, vectorised};
use crate::lanes::{LANES, Lanes};
use crate::objectives::{Across, BatchLanes, Needs, Row, RowLanes, Stats};

/// The most candidates.
pub(super) const CANDIDATES: usize = 64;
/// The most dimensions.
pub(super) const DIMENSIONS: usize = 16;

/// The fewest times sixteen anchors a part has: fewer would not pay for its sums.
const FEWEST: usize = 32;

/// Room for sixteen anchors: their columns, scores and couplings.
struct Desk {
    columns: [Lanes; DIMENSIONS],
    scores: [Lanes; CANDIDATES],
    couplings: [Lanes; CANDIDATES],
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            columns: [Lanes::ZERO; DIMENSIONS],
            scores: [Lanes::ZERO; CANDIDATES],
            couplings: [Lanes::ZERO; CANDIDATES],
        }
    }
}

/// Sixteen anchors as columns, and what they and their candidates give.
struct Sheet<'a> {
    /// The first anchor's row and those after it, `len` of them.
    rows: &'a [f32],
    len: usize,
    candidates: &'a Matrix,
    bias: Option<&'a [f32]>,
    columns: &'a mut [Lanes; DIMENSIONS],
    scores: &'a mut [Lanes; CANDIDATES],
}

/// Calls a function of the number of dimensions: a constant where there are few, or what is in registers would go
/// through the memory; 0 for any other.
macro_rules! by_dimensions {
    ($d:expr, $of:ident($($argument:expr),*)) => {
        match $d {
            1 => $of::<1>($($argument),*),
            2 => $of::<2>($($argument),*),
            3 => $of::<3>($($argument),*),
            4 => $of::<4>($($argument),*),
            _ => $of::<0>($($argument),*),
        }
    };
}

/// Turns the rows to columns and takes their scores.
impl Vectorised for Sheet<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, simd: Simd) {
        by_dimensions!(self.candidates.cols, scores(self, simd));
    }
}

#[inline(always)]
fn scores<const D: usize>(sheet: Sheet<'_>, simd: Simd) {
    let d = if D == 0 { sheet.candidates.cols } else { D };
    if sheet.len == LANES {
        let rows = &sheet.rows[..LANES * d];
        for (k, column) in sheet.columns.iter_mut().take(d).enumerate() {
            for l in 0..LANES {
                column.0[l] = rows[l * d + k];
            }
        }
    } else {
        for (l, row) in sheet.rows.chunks_exact(d).take(sheet.len).enumerate() {
            for (column, &x) in sheet.columns.iter_mut().zip(row) {
                column.0[l] = x;
            }
        }
    }
    // Through the memory: the compiler would take the lanes apart where it saw them put together.
    let columns = &*std::hint::black_box(sheet.columns);
    let mut near = [Lanes::ZERO; DIMENSIONS];
    near[..d].copy_from_slice(&columns[..d]);
    let candidates = sheet.candidates.data.chunks_exact(d);
    for (j, (score, candidate)) in sheet.scores.iter_mut().zip(candidates).enumerate() {
        let mut sum = Lanes::splat(sheet.bias.map_or(0.0, |bias| bias[j]));
        for (column, &y) in near[..d].iter().zip(candidate) {
            sum = column.times_plus(Lanes::splat(y), sum, simd);
        }
        *score = sum;
    }
}

/// The gradients of sixteen anchors and of their candidates.
struct Gradients<'a> {
    candidates: &'a Matrix,
    columns: &'a [Lanes; DIMENSIONS],
    couplings: &'a [Lanes; CANDIDATES],
    weight: f32,
    /// The anchors' gradient, row after row.
    rows: &'a mut [f32],
    len: usize,
    /// The candidates' gradient, and after it the bias's, a lane an anchor.
    across: &'a mut [Lanes],
}

impl Vectorised for Gradients<'_> {
    type Output = ();
    #[inline(always)]
    fn run(mut self, simd: Simd) {
        by_dimensions!(self.candidates.cols, gradients(&mut self, simd));
    }
}

#[inline(always)]
fn gradients<const D: usize>(of: &mut Gradients<'_>, simd: Simd) {
    let (m, d) = (of.candidates.rows, if D == 0 { of.candidates.cols } else { D });
    let mut columns = [Lanes::ZERO; DIMENSIONS];
    columns[..d].copy_from_slice(&of.columns[..d]);
    let mut gradient = [Lanes::ZERO; DIMENSIONS];
    let (across, bias) = of.across.split_at_mut(m * d);
    let each = across.chunks_exact_mut(d).zip(bias).zip(of.candidates.data.chunks_exact(d));
    for (((across, bias), candidate), &coupling) in each.zip(of.couplings) {
        let g = coupling * of.weight;
        *bias = *bias + g;
        for k in 0..d {
            gradient[k] = g.times_plus(Lanes::splat(candidate[k]), gradient[k], simd);
            across[k] = g.times_plus(columns[k], across[k], simd);
        }
    }
    for (l, row) in of.rows.chunks_exact_mut(d).take(of.len).enumerate() {
        for (x, gradient) in row.iter_mut().zip(&gradient) {
            *x += gradient.0[l];
        }
    }
}

/// Adds the gradient of a class objective and returns its loss.
pub(super) fn evaluate(sides: &Sides<'_>, buffers: &mut Buffers, slope: &mut TermSlope<'_>) -> f64 {
    let (objective, knobs) = (sides.term.objective, &sides.term.knobs);
    let (n, m, d) = (sides.x.rows, sides.y.rows, sides.x.cols);
    let pay = sides.threads_pay();
    let Buffers { prepared, parts: shares, .. } = buffers;
    let parts = parts::count(m * d);
    shares.resize_with(parts, Part::default);
    let per_part = n.div_ceil(LANES).div_ceil(parts).max(FEWEST) * LANES;
    let work = |p: usize, part: &mut Part, anchors: &mut [f32]| {
        part.reset();
        parts::zeroed(&mut part.across, m * d + m);
        parts::zeroed(&mut part.candidates, m * d);
        let mut desk = Desk::default();
        for (b, anchors) in anchors.chunks_mut(LANES * d).enumerate() {
            sides.sixteen(prepared, p * per_part + b * LANES, anchors, part, &mut desk);
        }
        for (sum, lanes) in part.candidates.iter_mut().zip(&part.across) {
            *sum += lanes.sum();
        }
        part.bias.clear();
        part.bias.extend(part.across[m * d..].iter().map(|lanes| lanes.sum()));
    };
    let used = parts::each_with(pay, shares, &mut slope.anchors.data, per_part * d, work);
    let shares = &shares[..used];
    parts::add(false, &mut slope.candidates.data, shares, 1.0, |part| &part.candidates);
    if sides.bias.is_some() {
        parts::add(false, slope.bias, shares, 1.0, |part| &part.bias);
    }
    let total = shares.iter().fold(Stats::EMPTY, |a, part| a.merge(part.total, objective.scaled_by()));
    let losses = shares.iter().map(|part| part.losses).sum();
    objective.loss(knobs, losses, &total, &sides.relations.batch)
}

impl Sides<'_> {
    /// Scores, statistics, couplings and both gradients of sixteen anchors from `first`.
    fn sixteen(
        &self,
        prepared: &Prepared,
        first: usize,
        anchors: &mut [f32],
        out: &mut Part,
        desk: &mut Desk,
    ) {
        let (objective, knobs) = (self.term.objective, &self.term.knobs);
        let (m, d, weight) = (self.y.rows, self.x.cols, self.term.weight as f32);
        let len = anchors.len() / d;
        let Desk { columns, scores, couplings } = desk;
        vectorised(Sheet {
            rows: &self.x.data[first * d..],
            len,
            candidates: self.y,
            bias: self.bias,
            columns,
            scores,
        });
        let mut labels = [u32::MAX; LANES];
        labels[..len].copy_from_slice(&self.groups[first..first + len]);
        let known = &prepared.anchors[first..first + len];
        let mut logits = Lanes::ZERO;
        for (logit, anchor) in logits.0.iter_mut().zip(known) {
            *logit = anchor.target.logit;
        }
        let across =
            Across { scores: &scores[..m], labels: &labels, len, constants: &prepared.constants, logits };
        let mut rows = [Row::default(); LANES];
        let mut lanes = RowLanes::default();
        for sweep in 0..objective.sweeps() {
            let found = objective.fold_across(knobs, &across, sweep, &lanes, &mut couplings[..m]);
            objective.finish_across(knobs, sweep, &found, known, &self.relations.batch, &mut rows);
            if objective.needs() < Needs::Row {
                out.total = (0..len).fold(out.total, |a, l| a.merge(found.of(l), objective.scaled_by()));
            }
            lanes = RowLanes::of(&rows);
        }
        let view = BatchLanes { value: [0.0; 4], table: &[] };
        objective.couple_across(knobs, &across, &lanes, &view, &mut couplings[..m]);
        vectorised(Gradients {
            candidates: self.y,
            columns,
            couplings,
            weight,
            rows: anchors,
            len,
            across: &mut out.across,
        });
        for (l, row) in rows.iter().enumerate().take(len) {
            out.losses += row.loss;
            if row.arc == 0.0 {
                continue;
            }
            let label = self.groups[first + l] as usize;
            let candidate = &mut out.candidates[label * d..(label + 1) * d];
            self.pull_along_arc(prepared, first + l, row.arc, &mut anchors[l * d..(l + 1) * d], candidate);
        }
    }
}
