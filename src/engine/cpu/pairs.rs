//! The gradient of a pair objective: each pair is coupled once and moves both its rows.
//!
//! Couplings in both directions, G_ij + G_ji, are symmetric, so the tiles right of the diagonal serve
//! the rows below it too.

use rayon::prelude::*;

use super::distance;
use super::product::{View, product};
use super::rows::add_scaled;
use super::term::{BLOCK, PARTS, Prepared, Sides, TILE, with_tiles};
use crate::features::Matrix;
use crate::lanes::LANES;
use crate::objectives::{BatchLanes, Row, Rows, Score};

/// What the couplings of all pairs are computed from.
struct Known<'a> {
    prepared: &'a Prepared,
    rows: &'a [Row],
    columns: Rows,
    view: &'a BatchLanes<'a>,
}

impl Sides<'_> {
    /// Adds the gradient of all pairs to `gradient`, N×d.
    pub(super) fn pair_gradient(
        &self,
        prepared: &Prepared,
        rows: &[Row],
        view: &BatchLanes<'_>,
        gradient: &mut Matrix,
    ) {
        let d = self.x.cols;
        if d == 0 {
            return;
        }
        let known = Known { prepared, rows, columns: Rows::of(rows), view };
        if self.term.objective.score() == Score::SquaredDistance && !self.by_products() {
            let block = |(b, out): (usize, &mut [f32])| self.by_differences(&known, b * BLOCK, out);
            if self.threads_pay() {
                gradient.data.par_chunks_mut(BLOCK * d).enumerate().for_each(block);
            } else {
                gradient.data.chunks_mut(BLOCK * d).enumerate().for_each(block);
            }
            return;
        }
        let blocks = self.x.rows.div_ceil(BLOCK);
        let part = |p: usize| {
            let mut out = vec![0.0; self.x.rows * d];
            for b in (p..blocks).step_by(PARTS) {
                self.half_row(&known, b * BLOCK, &mut out);
            }
            out
        };
        let parts = PARTS.min(blocks);
        let parts: Vec<Vec<f32>> = if self.threads_pay() {
            (0..parts).into_par_iter().map(part).collect()
        } else {
            (0..parts).map(part).collect()
        };
        for part in parts {
            add_scaled(&mut gradient.data, 1.0, &part);
        }
    }

    /// Couplings in both directions of a block of anchors and a tile of candidates.
    fn couple_both(
        &self,
        known: &Known<'_>,
        (first, count): (usize, usize),
        (start, len): (usize, usize),
        scores: &mut [f32],
        couplings: &mut [f32],
    ) {
        let Known { prepared, rows, columns, view } = known;
        self.couple(prepared, rows, view, (first, count), (start, len), scores, couplings);
        for r in 0..count {
            let tile = self.tile(prepared, first + r, (start, len), &scores[r * TILE..]);
            let out = &mut couplings[r * TILE..(r + 1) * TILE];
            self.term.objective.couple_back(&self.term.knobs, &tile, columns, start, view, out);
        }
    }

    /// The pairs of a block of anchors among themselves and with all later rows.
    fn half_row(&self, known: &Known<'_>, first: usize, out: &mut [f32]) {
        let (n, d) = (self.x.rows, self.x.cols);
        let count = BLOCK.min(n - first);
        let block = (first, count);
        let by_products = self.by_products();
        // Σ 2g(u_i − u_j) = 2(Σg)u_i − 2g·U, where scores are distances.
        let factor = self.term.weight as f32 * if by_products { -2.0 } else { 1.0 };
        let x = View::new(&self.x.data[first * d..], count, d, d);
        with_tiles(|scores, couplings| {
            let own = (first, count);
            let later = (first + count..n).step_by(TILE).map(|start| (start, TILE.min(n - start)));
            for (start, len) in std::iter::once(own).chain(later) {
                self.couple_both(known, block, (start, len), scores, couplings);
                let y = View::new(&self.y.data[start * d..], len, d, d);
                let g = View::new(couplings, count, len, TILE);
                product(&mut out[first * d..], d, 1.0, factor, g, y);
                let other_side = start != first;
                if other_side {
                    product(&mut out[start * d..], d, 1.0, factor, g.transposed(), x);
                }
                if by_products {
                    let mut columns = [0.0; TILE];
                    for r in 0..count {
                        let row = &couplings[r * TILE..];
                        let sum = distance::sum(row, len);
                        add_scaled(
                            &mut out[(first + r) * d..(first + r + 1) * d],
                            -factor * sum,
                            self.x.row(first + r),
                        );
                        add_scaled(&mut columns[..len], 1.0, row);
                    }
                    for (j, sum) in columns[..len].iter().enumerate().filter(|_| other_side) {
                        let at = start + j;
                        add_scaled(&mut out[at * d..(at + 1) * d], -factor * sum, self.y.row(at));
                    }
                }
            }
        });
    }

    /// All pairs of a block of anchors, each moving its anchor along the difference itself.
    fn by_differences(&self, known: &Known<'_>, first: usize, out: &mut [f32]) {
        let d = self.x.cols;
        let count = out.len() / d;
        let stride = self.y.rows.next_multiple_of(LANES);
        let weight = self.term.weight as f32;
        with_tiles(|scores, couplings| {
            for (start, len) in self.tiles() {
                self.couple_both(known, (first, count), (start, len), scores, couplings);
                for (r, out) in out.chunks_mut(d).enumerate() {
                    let from = (&self.transposed[start..], stride);
                    distance::pull_back(
                        self.x.row(first + r),
                        from,
                        &couplings[r * TILE..],
                        weight,
                        out,
                        len,
                    );
                }
            }
        });
    }
}
