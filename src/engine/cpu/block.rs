//! One sweep: a block of anchors keeps all its scores, is finished and coupled at once.
//!
//! For class objectives whose coupling needs nothing of the whole batch. Scores and exponentials are
//! computed once, so a step costs 6·N·M·d operations where two sweeps cost 8.

use std::cell::RefCell;

use super::faint::{Tally, stretches};
use super::parts::{self, Part};
use super::targets::Prepared;
use super::term::{Buffers, Packed, Sides, TermSlope};
use super::tiles::{to_anchors, to_candidates};
use crate::lanes::LANES;
use crate::lanes::aligned::Aligned;
use crate::objectives::{BatchLanes, Coupled, Needs, Row, Stats, Tile};
use crate::product::{Left, Onto, Product};

/// The most candidates for which a block keeps its scores.
pub(super) const WIDEST: usize = 1 << 16;
/// How many scores a block may hold, within [`FEWEST`] and [`MOST`] anchors: 4 MiB of them. Past the
/// second-level cache the products still gain more from more anchors than they lose.
const SCORES: usize = 1 << 20;
const FEWEST: usize = 32;
const MOST: usize = 128;

thread_local! {
    static SCRATCH: RefCell<Aligned> = const { RefCell::new(Aligned::new()) };
}

/// Adds the gradient of a class objective and returns its loss.
pub(super) fn evaluate(sides: &Sides<'_>, buffers: &mut Buffers, slope: &mut TermSlope<'_>) -> f64 {
    let (objective, knobs) = (sides.term.objective, &sides.term.knobs);
    let (n, m, d) = (sides.x.rows, sides.y.rows, sides.x.cols);
    let pay = sides.threads_pay();
    // Not a power of two, or a column of scores would fall into a few sets of the cache.
    let stride = m.next_multiple_of(LANES) + LANES;
    let parts = parts::count(m * d);
    let block = (SCORES / stride).clamp(FEWEST, MOST).min(n.div_ceil(parts).max(1));
    let per_part = n.div_ceil(block).div_ceil(parts).max(1) * block;
    let Buffers { prepared, panels, parts: shares, skipped, .. } = buffers;
    shares.resize_with(parts, Part::default);
    let work = |p: usize, part: &mut Part, anchors: &mut [f32]| {
        part.reset();
        part.candidates.resize(m * d, 0.0);
        parts::zeroed(&mut part.bias, sides.bias_sums());
        SCRATCH.with_borrow_mut(|scratch| {
            scratch.grow_to((block + 1) * stride + block);
            for (b, anchors) in anchors.chunks_mut(block * d).enumerate() {
                sides.block((prepared, panels), (p * per_part, b * block), anchors, scratch, stride, part);
            }
        });
    };
    let used = parts::each_with(pay, shares, &mut slope.anchors.data, per_part * d, work);
    let shares = &shares[..used];
    parts::add(pay, &mut slope.candidates.data, shares, 1.0, |part| &part.candidates);
    parts::add(false, slope.bias, shares, 1.0, |part| &part.bias);
    *skipped = shares.iter().fold(Tally::default(), |tally, part| tally.with(part.skipped));
    let total = shares.iter().fold(Stats::EMPTY, |a, part| a.merge(part.total, objective.scaled_by()));
    let losses = shares.iter().map(|part| part.losses).sum();
    objective.loss(knobs, losses, &total, &sides.relations.batch)
}

impl Sides<'_> {
    /// Scores, statistics, couplings and both gradients of one block of anchors: the block starts `of`
    /// anchors after the part, which starts at anchor `start`.
    fn block(
        &self,
        (prepared, panels): (&Prepared, &Packed),
        (start, of): (usize, usize),
        anchors: &mut [f32],
        scratch: &mut [f32],
        stride: usize,
        out: &mut Part,
    ) {
        let (objective, knobs) = (self.term.objective, &self.term.knobs);
        let (m, d, weight) = (self.y.rows, self.x.cols, self.term.weight as f32);
        let (first, count) = (start + of, anchors.len() / d);
        let (exponentials, rest) = scratch.split_at_mut(stride);
        let (scores, arcs) = rest.split_at_mut(count * stride);
        Product {
            left: Left::Rows(&self.x.data[first * d..], d),
            right: panels.scores.view(),
            inner: 0..d,
            columns: 0..m,
            rows: count,
            factor: 1.0,
            onto: self.bias.map_or(Onto::Nothing, Onto::Row),
            out: scores,
            stride,
        }
        .run();
        let batch = &self.relations.batch;
        let view = BatchLanes { value: [0.0; 4], table: &[] };
        let sweeps = objective.sweeps();
        let kept = if sweeps == 1 && objective.exponentials() == 1 { exponentials } else { &mut [] };
        // Couplings take the place of the scores, a row at a time.
        for (r, pairs) in scores.chunks_mut(stride).enumerate() {
            let i = first + r;
            let tile = Tile {
                scores: &[],
                len: m,
                groups: &prepared.groups,
                constants: &prepared.constants,
                group: self.groups[i],
                own: None,
                logit: prepared.anchors[i].target.logit,
            };
            let mut row = Row::default();
            for sweep in 0..sweeps {
                let mut stats = Stats::EMPTY;
                objective.fold(knobs, sweep, &Tile { scores: pairs, ..tile }, &row, &mut stats, kept);
                row = objective.finish_row(knobs, sweep, &stats, &prepared.anchors[i], batch, &row);
                if objective.needs() < Needs::Row {
                    out.total = out.total.merge(stats, objective.scaled_by());
                }
            }
            let to = Coupled { pairs, kept, weight, sums: &mut out.bias };
            objective.couple(knobs, &tile, &row, &view, to);
            out.losses += row.loss;
            arcs[r] = row.arc;
        }
        let (x, y) = (panels.anchors(self), panels.candidates(self));
        let whole = self.skip_below == 0.0;
        let onto = if of > 0 || !whole { Onto::Itself } else { Onto::Nothing };
        if of == 0 && !whole {
            out.candidates.fill(0.0);
        }
        let mut move_both = |start: usize, len: usize| {
            let pairs = &scores[start..];
            to_anchors(y, pairs, stride, ((start, len), d), count, weight, anchors);
            let g = Left::Columns(pairs, stride);
            to_candidates(x, g, (first, count), (len, d), weight, onto, &mut out.candidates[start * d..]);
        };
        if whole {
            move_both(0, m);
        } else {
            let tally = stretches(scores, stride, m, self.skip_below / weight.abs(), move_both);
            out.skipped = out.skipped.with(tally);
        }
        for (r, &arc) in arcs[..count].iter().enumerate() {
            let label = self.groups[first + r] as usize;
            let candidate = &mut out.candidates[label * d..(label + 1) * d];
            self.pull_along_arc(prepared, first + r, arc, &mut anchors[r * d..(r + 1) * d], candidate);
        }
    }
}
