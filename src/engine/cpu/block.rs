//! One sweep: a block of anchors keeps all its scores, is finished and coupled at once.
//!
//! For class objectives whose coupling needs nothing of the whole batch. Scores are computed once, so
//! a step costs 6·N·M·d operations where two sweeps cost 8.

use std::cell::RefCell;

use rayon::prelude::*;

use super::product::{View, product};
use super::rows::add_scaled;
use super::term::{PARTS, Prepared, Sides, TermSlope};
use crate::lanes::LANES;
use crate::objectives::{BatchLanes, Row, Stats, Tile};

/// The most candidates for which a block keeps its scores.
pub(super) const WIDEST: usize = 1 << 16;
/// How many scores a block may hold: 1 MiB of them, within [`FEWEST`] and [`MOST`] anchors.
const SCORES: usize = 1 << 18;
const FEWEST: usize = 32;
const MOST: usize = 256;

thread_local! {
    static SCRATCH: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// What one part of the anchors contributes.
struct Part {
    candidates: Vec<f32>,
    bias: Vec<f32>,
    total: Stats,
    losses: f64,
    rows: Vec<Row>,
}

/// Adds the gradient of a class objective and returns its loss.
pub(super) fn evaluate(sides: &Sides<'_>, prepared: &Prepared, slope: &mut TermSlope<'_>) -> f64 {
    let (objective, knobs) = (sides.term.objective, &sides.term.knobs);
    let (n, m, d) = (sides.x.rows, sides.y.rows, sides.x.cols);
    let stride = m.next_multiple_of(LANES);
    let block = (SCORES / stride).clamp(FEWEST, MOST).min(n.div_ceil(PARTS).max(1));
    let per_part = n.div_ceil(block).div_ceil(PARTS).max(1) * block;
    let part = |(p, anchors): (usize, &mut [f32])| {
        SCRATCH.with_borrow_mut(|scores| {
            let room = (block + 1) * stride;
            if scores.len() < room {
                scores.resize(room, 0.0);
            }
            let mut out = Part {
                candidates: vec![0.0; m * d],
                bias: vec![0.0; if sides.bias.is_some() { m } else { 0 }],
                total: Stats::EMPTY,
                losses: 0.0,
                rows: Vec::new(),
            };
            for (b, anchors) in anchors.chunks_mut(block * d).enumerate() {
                sides.block(prepared, p * per_part + b * block, anchors, scores, stride, &mut out);
            }
            out
        })
    };
    let chunk = per_part * d;
    let parts: Vec<Part> = if sides.threads_pay() {
        slope.anchors.data.par_chunks_mut(chunk).enumerate().map(part).collect()
    } else {
        slope.anchors.data.chunks_mut(chunk).enumerate().map(part).collect()
    };
    let mut total = Stats::EMPTY;
    let mut losses = 0.0;
    let mut rows = Vec::with_capacity(n);
    for part in parts {
        add_scaled(&mut slope.candidates.data, 1.0, &part.candidates);
        if !part.bias.is_empty() {
            add_scaled(slope.bias, 1.0, &part.bias);
        }
        total = total.merge(part.total, objective.scaled_by());
        losses += part.losses;
        rows.extend(part.rows);
    }
    sides.arc_gradient(prepared, &rows, slope);
    objective.loss(knobs, losses, &total, &sides.relations.batch)
}

impl Sides<'_> {
    /// Scores, statistics, couplings and both gradients of one block of anchors.
    fn block(
        &self,
        prepared: &Prepared,
        first: usize,
        anchors: &mut [f32],
        scores: &mut [f32],
        stride: usize,
        out: &mut Part,
    ) {
        let (objective, knobs) = (self.term.objective, &self.term.knobs);
        let (m, d, weight) = (self.y.rows, self.x.cols, self.term.weight as f32);
        let count = anchors.len() / d;
        let x = View::new(&self.x.data[first * d..], count, d, d);
        let y = View::new(&self.y.data, m, d, d);
        let own = &mut scores[stride..];
        let mut keep = 0.0;
        if let Some(bias) = self.bias {
            keep = 1.0;
            for row in own.chunks_mut(stride).take(count) {
                row[..m].copy_from_slice(bias);
            }
        }
        product(own, stride, keep, 1.0, x, y.transposed());
        let batch = &self.relations.batch;
        let view = BatchLanes { value: [0.0; 4], table: &[] };
        // The couplings take the place of the scores, a row at a time.
        let (copy, scores) = scores.split_at_mut(stride);
        for (r, row_scores) in scores.chunks_mut(stride).take(count).enumerate() {
            let i = first + r;
            let mut stats = Stats::EMPTY;
            copy.copy_from_slice(row_scores);
            let tile = Tile {
                scores: copy,
                len: m,
                groups: &prepared.groups,
                constants: &prepared.constants,
                group: self.groups[i],
                own: None,
                logit: prepared.anchors[i].target.logit,
            };
            objective.fold(knobs, 0, &tile, &Row::default(), &mut stats);
            let row = objective.finish_row(knobs, 0, &stats, &prepared.anchors[i], batch, &Row::default());
            objective.couple(knobs, &tile, &row, &view, row_scores);
            out.total = out.total.merge(stats, objective.scaled_by());
            out.losses += row.loss;
            out.rows.push(row);
        }
        let g = View::new(scores, count, m, stride);
        product(anchors, d, 1.0, weight, g, y);
        product(&mut out.candidates, d, 1.0, weight, g.transposed(), x);
        if !out.bias.is_empty() {
            for row in scores.chunks(stride).take(count) {
                add_scaled(&mut out.bias, weight, row);
            }
        }
    }
}
