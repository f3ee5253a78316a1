//! Scores a tile at a time, and what is folded from them: the statistics of a term.

use std::cell::RefCell;

use rayon::prelude::*;

use super::distance;
use super::parts::{self, Part};
use super::targets::Prepared;
use super::term::{Buffers, Finished, Packed, Sides, TermSlope};
use crate::lanes::LANES;
use crate::lanes::aligned::Aligned;
use crate::objectives::{Batch, Coupled, Family, Needs, Row, Score, Stats, Tile};
use crate::product::{Left, Onto, Product, Right};

/// Adds `weight`·G·Y of a tile of candidates, from `start` on, to the gradient of `count` anchors.
pub(super) fn to_anchors(
    candidates: Right<'_>,
    couplings: &[f32],
    stride: usize,
    ((start, len), d): ((usize, usize), usize),
    count: usize,
    weight: f32,
    out: &mut [f32],
) {
    Product {
        left: Left::Rows(couplings, stride),
        right: candidates,
        inner: start..start + len,
        columns: 0..d,
        rows: count,
        factor: weight,
        onto: Onto::Itself,
        out,
        stride: d,
    }
    .run();
}

/// `weight`·Gᵀ·X of the anchors from `first` on, to the gradient of `len` candidates.
pub(super) fn to_candidates(
    anchors: Right<'_>,
    couplings: Left<'_>,
    (first, count): (usize, usize),
    (len, d): (usize, usize),
    weight: f32,
    onto: Onto<'_>,
    out: &mut [f32],
) {
    Product {
        left: couplings,
        right: anchors,
        inner: first..first + count,
        columns: 0..d,
        rows: len,
        factor: weight,
        onto,
        out,
        stride: d,
    }
    .run();
}

/// Anchors a block has: the unit of work.
pub(super) const BLOCK: usize = 64;
/// Candidates a tile has: with a block of anchors, 128 KiB of scores.
pub(super) const TILE: usize = 512;
/// How far apart the rows of a tile are. Not a power of two, or a column of them would fall into a few
/// sets of the cache.
pub(super) const PITCH: usize = TILE + LANES;

thread_local! {
    static TILES: RefCell<[Aligned; 2]> = const { RefCell::new([Aligned::new(), Aligned::new()]) };
}

/// Runs `work` with this thread's two tile buffers.
pub(super) fn with_tiles<R>(work: impl FnOnce(&mut [f32], &mut [f32]) -> R) -> R {
    TILES.with_borrow_mut(|[scores, couplings]| {
        scores.grow_to(BLOCK * PITCH);
        couplings.grow_to(BLOCK * PITCH);
        work(scores, couplings)
    })
}

impl Sides<'_> {
    /// The tiles of candidates from `first` on.
    pub(super) fn tiles(&self, first: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
        let m = self.y.rows;
        (first..m).step_by(TILE).map(move |start| (start, TILE.min(m - start)))
    }

    /// How many sums of couplings the bias needs, padded to whole lanes.
    pub(super) fn bias_sums(&self) -> usize {
        if self.bias.is_some() { self.y.rows.next_multiple_of(LANES) } else { 0 }
    }

    fn own(&self, i: usize, first: usize, len: usize) -> Option<usize> {
        let pair = self.term.objective.family() == Family::Pair;
        (pair && i >= first && i < first + len).then(|| i - first)
    }

    /// Computes the scores of a block of anchors and a tile of candidates, rows `PITCH` apart.
    pub(super) fn scores(
        &self,
        panels: &Packed,
        (first, rows): (usize, usize),
        (start, len): (usize, usize),
        out: &mut [f32],
    ) {
        let by_products = self.by_products();
        let distances = self.term.objective.score() == Score::SquaredDistance;
        if by_products || !distances {
            let d = self.x.cols;
            Product {
                left: Left::Rows(&self.x.data[first * d..], d),
                right: panels.scores.view(),
                inner: 0..d,
                columns: start..start + len,
                rows,
                factor: 1.0,
                onto: self.bias.map_or(Onto::Nothing, |bias| Onto::Row(&bias[start..start + len])),
                out,
                stride: PITCH,
            }
            .run();
        }
        if distances {
            let from = (&self.transposed[start..], self.y.rows.next_multiple_of(LANES));
            for (r, out) in out.chunks_mut(PITCH).take(rows).enumerate() {
                if by_products {
                    distance::from_cosines(self.x.row(first + r), from, out, len);
                } else {
                    distance::distances(self.x.row(first + r), from, out, len);
                }
            }
        }
    }

    /// One anchor and the tile of candidates whose scores are `scores`.
    pub(super) fn tile<'t>(
        &'t self,
        prepared: &'t Prepared,
        i: usize,
        (start, len): (usize, usize),
        scores: &'t [f32],
    ) -> Tile<'t> {
        Tile {
            scores,
            len,
            groups: &prepared.groups[start..],
            constants: &prepared.constants[start..],
            group: self.groups[i],
            own: self.own(i, start, len),
            logit: prepared.anchors[i].target.logit,
        }
    }

    /// Sweeps the scores as often as the objective asks and finishes what it finds into `rows` and
    /// `columns` of the buffers.
    pub(super) fn statistics(&self, buffers: &mut Buffers) -> Finished {
        let (objective, knobs) = (self.term.objective, &self.term.knobs);
        let mut batch = self.relations.batch.clone();
        buffers.rows.clear();
        buffers.rows.resize(self.x.rows, Row::default());
        let mut total = Stats::EMPTY;
        if objective.histogram(knobs).is_some() {
            self.count(buffers, &mut batch);
        } else {
            for sweep in 0..objective.sweeps() {
                if objective.family() == Family::Pair && sweep == 0 && self.symmetric() {
                    self.fold_pairs(buffers);
                } else {
                    self.fold(buffers, sweep);
                }
                let Buffers { stats, rows, prepared, .. } = &mut *buffers;
                if objective.needs() != Needs::Row {
                    total = stats.iter().fold(Stats::EMPTY, |a, b| a.merge(*b, objective.scaled_by()));
                }
                if sweep + 1 == objective.sweeps() {
                    batch.value = objective.finish_batch(knobs, &total, &batch);
                }
                for ((row, stats), anchor) in rows.iter_mut().zip(&*stats).zip(&prepared.anchors) {
                    *row = objective.finish_row(knobs, sweep, stats, anchor, &batch, row);
                }
            }
        }
        let Buffers { rows, columns, .. } = buffers;
        columns.fill(rows);
        let loss = objective.loss(knobs, rows.iter().map(|row| row.loss).sum(), &total, &batch);
        Finished { batch, loss }
    }

    /// One sweep of statistics over all scores.
    fn fold(&self, buffers: &mut Buffers, sweep: usize) {
        let (objective, knobs) = (self.term.objective, &self.term.knobs);
        let Buffers { prepared, rows, stats, panels, .. } = buffers;
        stats.clear();
        stats.resize(self.x.rows, Stats::EMPTY);
        let block = |(b, stats): (usize, &mut [Stats])| {
            let first = b * BLOCK;
            with_tiles(|scores, _| {
                for tile in self.tiles(0) {
                    self.scores(panels, (first, stats.len()), tile, scores);
                    for (r, stats) in stats.iter_mut().enumerate() {
                        let tile = self.tile(prepared, first + r, tile, &scores[r * PITCH..]);
                        objective.fold(knobs, sweep, &tile, &rows[first + r], stats, &mut []);
                    }
                }
            });
        };
        if self.threads_pay() {
            stats.par_chunks_mut(BLOCK).enumerate().for_each(block);
        } else {
            stats.chunks_mut(BLOCK).enumerate().for_each(block);
        }
    }

    /// Counts all scores in the objective's histogram and finishes it.
    fn count(&self, buffers: &Buffers, batch: &mut Batch) {
        let Buffers { prepared, panels, .. } = buffers;
        let (objective, knobs) = (self.term.objective, &self.term.knobs);
        let Some(histogram) = objective.histogram(knobs) else { return };
        let blocks = self.x.rows.div_ceil(BLOCK);
        // Counts are sums of fractions: a fixed number of parts keeps their order.
        let parts = parts::count(2 * histogram.bins);
        let per_part = blocks.div_ceil(parts).max(1);
        let part = |p: usize| {
            let mut counts = [vec![0.0; histogram.bins], vec![0.0; histogram.bins]];
            for b in p * per_part..((p + 1) * per_part).min(blocks) {
                let first = b * BLOCK;
                let len = BLOCK.min(self.x.rows - first);
                with_tiles(|scores, _| {
                    for (start, width) in self.tiles(0) {
                        self.scores(panels, (first, len), (start, width), scores);
                        for r in 0..len {
                            for j in 0..width {
                                if self.own(first + r, start, width) == Some(j) {
                                    continue;
                                }
                                let same = prepared.groups[start + j] == self.groups[first + r];
                                histogram.deposit(&mut counts[usize::from(!same)], scores[r * PITCH + j]);
                            }
                        }
                    }
                });
            }
            counts
        };
        let parts: Vec<[Vec<f64>; 2]> = if self.threads_pay() {
            (0..parts).into_par_iter().map(part).collect()
        } else {
            (0..parts).map(part).collect()
        };
        let mut counts = [vec![0.0; histogram.bins], vec![0.0; histogram.bins]];
        for part in parts {
            for (total, part) in counts.iter_mut().zip(part) {
                for (t, p) in total.iter_mut().zip(part) {
                    *t += p;
                }
            }
        }
        batch.tabulated = objective.tabulate(knobs, [&counts[0], &counts[1]], batch);
    }

    /// Statistics in one sweep, couplings and both gradients of a class objective in another; the
    /// loss.
    pub(super) fn by_tiles(&self, buffers: &mut Buffers, slope: &mut TermSlope<'_>) -> f64 {
        let (objective, knobs) = (self.term.objective, &self.term.knobs);
        let finished = self.statistics(buffers);
        let view = finished.view();
        let (m, d, weight) = (self.y.rows, self.x.cols, self.term.weight as f32);
        let Buffers { prepared, rows, panels, parts: shares, .. } = buffers;
        let parts = parts::count(m * d);
        shares.resize_with(parts, Part::default);
        let per_part = self.x.rows.div_ceil(BLOCK).div_ceil(parts).max(1) * BLOCK;
        let work = |p: usize, part: &mut Part, anchors: &mut [f32]| {
            parts::zeroed(&mut part.candidates, m * d);
            parts::zeroed(&mut part.bias, self.bias_sums());
            for (b, anchors) in anchors.chunks_mut(BLOCK * d).enumerate() {
                let first = p * per_part + b * BLOCK;
                let count = anchors.len() / d;
                with_tiles(|pairs, _| {
                    for (start, len) in self.tiles(0) {
                        self.scores(panels, (first, count), (start, len), pairs);
                        for (r, pairs) in pairs.chunks_mut(PITCH).take(count).enumerate() {
                            let i = first + r;
                            let tile = self.tile(prepared, i, (start, len), &[]);
                            let sums = if part.bias.is_empty() { &mut [] } else { &mut part.bias[start..] };
                            let to = Coupled { pairs, kept: &[], weight, sums };
                            objective.couple(knobs, &tile, &rows[i], &view, to);
                        }
                        let tile = (start, len);
                        to_anchors(panels.candidates(self), pairs, PITCH, (tile, d), count, weight, anchors);
                        let g = Left::Columns(pairs, PITCH);
                        let candidates = &mut part.candidates[start * d..];
                        let x = panels.anchors(self);
                        to_candidates(x, g, (first, count), (len, d), weight, Onto::Itself, candidates);
                    }
                });
                for (r, anchor) in anchors.chunks_mut(d).enumerate() {
                    let label = self.groups[first + r] as usize;
                    let candidate = &mut part.candidates[label * d..(label + 1) * d];
                    self.pull_along_arc(prepared, first + r, rows[first + r].arc, anchor, candidate);
                }
            }
        };
        let pay = self.threads_pay();
        let used = parts::each_with(pay, shares, &mut slope.anchors.data, per_part * d, work);
        parts::add(pay, &mut slope.candidates.data, &shares[..used], 1.0, |part| &part.candidates);
        parts::add(false, slope.bias, &shares[..used], 1.0, |part| &part.bias);
        finished.loss
    }
}
