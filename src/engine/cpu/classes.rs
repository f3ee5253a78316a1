//! The gradient of a class objective in a second sweep, and the pull along arcs.

use rayon::prelude::*;

use super::product::{View, product};
use super::rows::add_scaled;
use super::term::{BLOCK, PARTS, Prepared, Sides, TILE, TermSlope, with_tiles};
use crate::objectives::{BatchLanes, Row};

impl Sides<'_> {
    /// Couplings tile by tile, into the gradients of anchors, candidates and bias.
    pub(super) fn class_gradient(
        &self,
        prepared: &Prepared,
        rows: &[Row],
        view: &BatchLanes<'_>,
        slope: &mut TermSlope<'_>,
    ) {
        let weight = self.term.weight as f32;
        let (m, d) = (self.y.rows, self.x.cols);
        let blocks = self.x.rows.div_ceil(BLOCK);
        let per_part = blocks.div_ceil(PARTS).max(1);
        let part = |(p, anchors): (usize, &mut [f32])| {
            let mut candidates = vec![0.0; m * d];
            let mut bias = vec![0.0; if self.bias.is_some() { m } else { 0 }];
            for (b, anchors) in anchors.chunks_mut(BLOCK * d).enumerate() {
                let first = (p * per_part + b) * BLOCK;
                let count = anchors.len() / d;
                with_tiles(|scores, couplings| {
                    for (start, len) in self.tiles() {
                        let tile = (start, len);
                        self.couple(prepared, rows, view, (first, count), tile, scores, couplings);
                        let g = View::new(couplings, count, len, TILE);
                        let y = View::new(&self.y.data[start * d..], len, d, d);
                        let x = View::new(&self.x.data[first * d..], count, d, d);
                        product(anchors, d, 1.0, weight, g, y);
                        product(&mut candidates[start * d..], d, 1.0, weight, g.transposed(), x);
                        if !bias.is_empty() {
                            for row in couplings.chunks(TILE).take(count) {
                                for (b, g) in bias[start..start + len].iter_mut().zip(row) {
                                    *b += weight * g;
                                }
                            }
                        }
                    }
                });
            }
            (candidates, bias)
        };
        if d == 0 {
            return;
        }
        let chunk = per_part * BLOCK * d;
        let parts: Vec<(Vec<f32>, Vec<f32>)> = if self.threads_pay() {
            slope.anchors.data.par_chunks_mut(chunk).enumerate().map(part).collect()
        } else {
            slope.anchors.data.chunks_mut(chunk).enumerate().map(part).collect()
        };
        for (candidates, bias) in parts {
            add_scaled(&mut slope.candidates.data, 1.0, &candidates);
            add_scaled(slope.bias, 1.0, &bias);
        }
        self.arc_gradient(prepared, rows, slope);
    }

    /// The pull along the arc from each anchor to its target, on both ends.
    pub(super) fn arc_gradient(&self, prepared: &Prepared, rows: &[Row], slope: &mut TermSlope<'_>) {
        let weight = self.term.weight as f32;
        for (i, row) in rows.iter().enumerate() {
            let sine = prepared.sines[i];
            if row.arc == 0.0 || f64::from(sine) < crate::optimizer::SHORTEST {
                continue;
            }
            let pull = weight * row.arc / sine;
            let label = self.groups[i] as usize;
            let cosine = prepared.anchors[i].score;
            let (u, v) = (self.x.row(i), self.y.row(label));
            for (g, (&u, &v)) in slope.anchors.row_mut(i).iter_mut().zip(u.iter().zip(v)) {
                *g += pull * (v - cosine * u);
            }
            for (g, (&u, &v)) in slope.candidates.row_mut(label).iter_mut().zip(u.iter().zip(v)) {
                *g += pull * (u - cosine * v);
            }
        }
    }
}
