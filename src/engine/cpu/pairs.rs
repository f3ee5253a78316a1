//! Pair objectives: each unordered pair is scored once and moves both its rows.
//!
//! Couplings in both directions, G_ij + G_ji, are symmetric, so the tiles right of the diagonal serve
//! the rows below it too; below a ceiling of the exponents so do the statistics.

use rayon::prelude::*;

use super::distance;
use super::parts::{self, Part};
use super::rows::add_scaled;
use super::term::{Buffers, Packed, Sides};
use super::tiles::{BLOCK, PITCH, TILE, to_anchors, with_tiles};
use crate::features::Matrix;
use crate::lanes::LANES;
use crate::objectives::{BatchLanes, Ends, Row, Stats};
use crate::product::{Left, Onto, Product};

/// Numbers of [`crate::objectives::Columns`] a candidate has.
const SUMS: usize = 4;

impl Sides<'_> {
    /// How many rows a block of this sweep has, and how many blocks there are; the last one takes what is left. As even
    /// as whole lanes allow, since of a block with itself each pair is looked at from both ends.
    fn blocks(&self) -> (usize, usize) {
        let n = self.x.rows;
        let blocks = n.div_ceil(BLOCK).max(1);
        let few = n / blocks / LANES * LANES;
        if few > 0 && n - few * (blocks - 1) <= BLOCK {
            return (few, blocks);
        }
        let rows = n.div_ceil(blocks).next_multiple_of(LANES);
        (rows, n.div_ceil(rows.max(1)))
    }

    /// How many rows the block has that starts at row `first`.
    fn block_rows(&self, first: usize) -> usize {
        let (rows, blocks) = self.blocks();
        if first == rows * (blocks - 1) { self.x.rows - first } else { rows }
    }

    /// Prepares the parts that share out the blocks, and runs `work` on each part and its blocks. Blocks
    /// near the top meet more rows: the parts take them in turns.
    fn share_blocks(&self, shares: &mut Vec<Part>, work: impl Fn(&mut Part, usize) + Sync + Send) {
        let (rows, blocks) = self.blocks();
        let parts = parts::count(self.x.data.len()).min(blocks);
        shares.resize_with(parts, Part::default);
        parts::each(self.threads_pay(), shares, |p, part| {
            for b in (p..blocks).step_by(parts) {
                work(part, b * rows);
            }
        });
    }

    /// The block from `first` with itself, and with the tiles of all later rows.
    fn half(&self, first: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
        let count = self.block_rows(first);
        std::iter::once((first, count)).chain(self.tiles(first + count))
    }

    /// The first sweep of statistics, into `stats`: both ends of a pair take from the one score.
    pub(super) fn fold_pairs(&self, buffers: &mut Buffers) {
        let (objective, knobs) = (self.term.objective, &self.term.knobs);
        let n = self.x.rows;
        let Buffers { prepared, stats, panels, parts: shares, .. } = buffers;
        let room = n.next_multiple_of(LANES) * SUMS;
        for part in &mut *shares {
            part.sums.clear();
        }
        self.share_blocks(shares, |part, first| {
            part.sums.resize(room, 0.0);
            let count = self.block_rows(first);
            let mut own = [Stats::EMPTY; BLOCK];
            with_tiles(|scores, columns| {
                for (start, len) in self.half(first) {
                    self.scores(panels, (first, count), (start, len), scores);
                    let columns = &mut columns[..len.next_multiple_of(LANES) * SUMS];
                    columns.fill(0.0);
                    for (r, own) in own.iter_mut().take(count).enumerate() {
                        let tile = self.tile(prepared, first + r, (start, len), &scores[r * PITCH..]);
                        if start == first {
                            objective.fold(knobs, 0, &tile, &Row::default(), own, &mut []);
                        } else {
                            objective.fold_both(knobs, &tile, own, columns);
                        }
                    }
                    if start != first {
                        let sums = &mut part.sums[start * SUMS..];
                        for (sum, &x) in sums.iter_mut().zip(&*columns) {
                            *sum += f64::from(x);
                        }
                    }
                }
            });
            for (r, own) in own.iter().take(count).enumerate() {
                for (k, x) in own.sum.iter().enumerate() {
                    part.sums[column(first + r, k)] += x;
                }
            }
        });
        let max = objective.ceiling(knobs).unwrap_or(Stats::EMPTY.max);
        stats.clear();
        stats.extend((0..n).map(|i| Stats {
            max,
            sum: [0, 1, 2, 3].map(|k| shares.iter().map(|part| part.sums[column(i, k)]).sum()),
        }));
    }

    /// Statistics in one sweep, couplings in another. Adds the gradient, N×d, and returns the loss.
    pub(super) fn pairs(&self, buffers: &mut Buffers, gradient: &mut Matrix) -> f64 {
        let (objective, knobs) = (self.term.objective, &self.term.knobs);
        let finished = self.statistics(buffers);
        let view = finished.view();
        let Buffers { prepared, rows, columns, panels, parts: shares, .. } = buffers;
        let couple = |_: &mut Part, first: usize, tile: (usize, usize), scores: &[f32], out: &mut [f32]| {
            let count = self.block_rows(first);
            for (r, out) in out.chunks_mut(PITCH).take(count).enumerate() {
                let ends = Ends { row: &rows[first + r], rows: columns, first: tile.0, batch: &view };
                let tile = self.tile(prepared, first + r, tile, &scores[r * PITCH..]);
                objective.couple_both(knobs, &tile, &ends, out);
            }
        };
        self.half_gradient(panels, shares, gradient, couple, |_| 1.0);
        finished.loss
    }

    /// Couplings in the one sweep that finds the statistics, a common factor put in afterwards.
    pub(super) fn pairs_at_once(&self, buffers: &mut Buffers, gradient: &mut Matrix) -> f64 {
        let (objective, knobs) = (self.term.objective, &self.term.knobs);
        let Buffers { prepared, panels, parts: shares, .. } = buffers;
        let mut batch = self.relations.batch.clone();
        batch.value = objective.finish_batch(knobs, &Stats::EMPTY, &batch);
        let value = batch.value.map(|x| x as f32);
        for part in &mut *shares {
            part.reset();
        }
        let couple =
            |part: &mut Part, first: usize, tile: (usize, usize), scores: &[f32], out: &mut [f32]| {
                let count = self.block_rows(first);
                let view = BatchLanes { value, table: &[] };
                let mut stats = Stats::EMPTY;
                for (r, out) in out.chunks_mut(PITCH).take(count).enumerate() {
                    let tile = self.tile(prepared, first + r, tile, &scores[r * PITCH..]);
                    objective.sweep_both(knobs, &tile, &view, &mut stats, out);
                }
                if tile.0 != first {
                    // The pairs right of the diagonal stand for those below it.
                    stats.sum = stats.sum.map(|sum| 2.0 * sum);
                }
                part.total = part.total.merge(stats, objective.scaled_by());
            };
        let mut loss = 0.0;
        self.half_gradient(panels, shares, gradient, couple, |shares| {
            let total =
                shares.iter().fold(Stats::EMPTY, |a, part| a.merge(part.total, objective.scaled_by()));
            batch.value = objective.finish_batch(knobs, &total, &batch);
            loss = objective.loss(knobs, 0.0, &total, &batch);
            if objective.needs() == crate::objectives::Needs::Nothing {
                return 1.0;
            }
            let anchor = crate::objectives::Anchor::default();
            objective.finish_row(knobs, 0, &total, &anchor, &batch, &Row::default()).value[0]
        });
        loss
    }

    /// Adds the gradient of couplings that `couple` writes for a block and a tile, each pair's both
    /// directions in one, times what `factor` says when all is swept.
    fn half_gradient(
        &self,
        panels: &Packed,
        shares: &mut Vec<Part>,
        gradient: &mut Matrix,
        couple: impl Fn(&mut Part, usize, (usize, usize), &[f32], &mut [f32]) + Sync + Send,
        factor: impl FnOnce(&[Part]) -> f32,
    ) {
        for part in &mut *shares {
            part.candidates.clear();
        }
        self.share_blocks(shares, |part, first| {
            part.candidates.resize(self.x.data.len(), 0.0);
            with_tiles(|scores, couplings| {
                let count = self.block_rows(first);
                for tile in self.half(first) {
                    self.scores(panels, (first, count), tile, scores);
                    couple(part, first, tile, scores, couplings);
                    self.move_both(panels, (first, count), tile, couplings, &mut part.candidates);
                }
            });
        });
        let factor = factor(shares);
        parts::add(self.threads_pay(), &mut gradient.data, shares, factor, |part| &part.candidates);
    }

    /// Adds G·Y to the rows of a block and, right of the diagonal, Gᵀ·X to those of the tile.
    fn move_both(
        &self,
        panels: &Packed,
        (first, count): (usize, usize),
        (start, len): (usize, usize),
        couplings: &[f32],
        out: &mut [f32],
    ) {
        let d = self.x.cols;
        let by_products = self.by_products();
        // Σ 2g(u_i − u_j) = 2(Σg)u_i − 2g·U, where scores are distances.
        let factor = self.term.weight as f32 * if by_products { -2.0 } else { 1.0 };
        let other_side = start != first;
        to_anchors(
            panels.candidates(self),
            couplings,
            PITCH,
            ((start, len), d),
            count,
            factor,
            &mut out[first * d..],
        );
        if other_side {
            // The rows are candidates and anchors alike.
            Product {
                left: Left::Columns(couplings, PITCH),
                right: panels.candidates(self),
                inner: first..first + count,
                columns: 0..d,
                rows: len,
                factor,
                onto: Onto::Itself,
                out: &mut out[start * d..],
                stride: d,
            }
            .run();
        }
        if !by_products {
            return;
        }
        let mut columns = [0.0; TILE];
        for r in 0..count {
            let row = &couplings[r * PITCH..];
            let own = (first + r) * d..(first + r + 1) * d;
            add_scaled(&mut out[own], -factor * distance::sum(row, len), self.x.row(first + r));
            add_scaled(&mut columns[..len], 1.0, row);
        }
        for (j, sum) in columns[..len].iter().enumerate().filter(|_| other_side) {
            let at = start + j;
            add_scaled(&mut out[at * d..(at + 1) * d], -factor * sum, self.y.row(at));
        }
    }

    /// All pairs from both ends, each moving its anchor along the difference itself.
    pub(super) fn by_differences(&self, buffers: &mut Buffers, gradient: &mut Matrix) -> f64 {
        let (objective, knobs) = (self.term.objective, &self.term.knobs);
        let finished = self.statistics(buffers);
        let view = finished.view();
        let Buffers { prepared, rows, columns, panels, .. } = buffers;
        let d = self.x.cols;
        let stride = self.y.rows.next_multiple_of(LANES);
        let weight = self.term.weight as f32;
        let block = |(b, out): (usize, &mut [f32])| {
            let first = b * BLOCK;
            let count = out.len() / d;
            with_tiles(|scores, couplings| {
                for (start, len) in self.tiles(0) {
                    self.scores(panels, (first, count), (start, len), scores);
                    for (r, out) in out.chunks_mut(d).enumerate() {
                        let i = first + r;
                        let tile = self.tile(prepared, i, (start, len), &scores[r * PITCH..]);
                        let ends = Ends { row: &rows[i], rows: columns, first: start, batch: &view };
                        objective.couple_both(knobs, &tile, &ends, couplings);
                        let from = (&self.transposed[start..], stride);
                        distance::pull_back(self.x.row(i), from, couplings, weight, out, len);
                    }
                }
            });
        };
        if self.threads_pay() {
            gradient.data.par_chunks_mut(BLOCK * d).enumerate().for_each(block);
        } else {
            gradient.data.chunks_mut(BLOCK * d).enumerate().for_each(block);
        }
        finished.loss
    }
}

/// Where the sum `k` of candidate `j` stands among [`crate::objectives::Columns`].
fn column(j: usize, k: usize) -> usize {
    j / LANES * (LANES * SUMS) + k * LANES + j % LANES
}
