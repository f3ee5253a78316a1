//! One term on the CPU: statistics, then couplings, then the gradient, tile by tile.

use std::cell::RefCell;

use rayon::prelude::*;

use super::product::{View, product};
use super::{block, distance, linear};
use crate::engine::relations::Relations;
use crate::features::Matrix;
use crate::lanes::LANES;
use crate::objectives::{
    Anchor, Batch, BatchLanes, Family, Row, Rows, Score, Stats, Target, TargetLogit, Term, Tile,
};

/// Anchors a block has: the unit of work.
pub(super) const BLOCK: usize = 64;
/// Candidates a tile has: with a block of anchors, 128 KiB of scores.
pub(super) const TILE: usize = 512;
/// Into how many partial sums the candidates' gradient is split, whatever the number of threads.
pub(super) const PARTS: usize = 8;
/// Below so many columns distances are as fast by direct difference.
const NARROW: usize = 16;
/// Below so many multiply-adds a sweep stays on one thread.
const WORTH_THREADS: usize = 200_000;

/// What a term works on.
pub(super) struct Sides<'a> {
    pub(super) term: &'a Term,
    /// Anchors, N×d.
    pub(super) x: &'a Matrix,
    /// Candidates, M×d.
    pub(super) y: &'a Matrix,
    /// The candidates transposed and padded, for squared distances.
    pub(super) transposed: &'a [f32],
    pub(super) bias: Option<&'a [f32]>,
    /// The anchors' groups.
    pub(super) groups: &'a [u32],
    pub(super) relations: &'a Relations,
    pub(super) margins: Option<&'a [f32]>,
    /// Rows of each class in the data.
    pub(super) counts: &'a [f32],
}

/// Where the gradient of a term is added.
pub(super) struct TermSlope<'a> {
    pub(super) anchors: &'a mut Matrix,
    pub(super) candidates: &'a mut Matrix,
    pub(super) bias: &'a mut [f32],
}

thread_local! {
    static TILES: RefCell<[Vec<f32>; 2]> = const { RefCell::new([Vec::new(), Vec::new()]) };
}

/// Runs `work` with this thread's two tile buffers.
pub(super) fn with_tiles<R>(work: impl FnOnce(&mut [f32], &mut [f32]) -> R) -> R {
    TILES.with_borrow_mut(|[scores, couplings]| {
        scores.resize(BLOCK * TILE, 0.0);
        couplings.resize(BLOCK * TILE, 0.0);
        work(scores, couplings)
    })
}

/// What is known of a term before its scores are swept.
pub(super) struct Prepared {
    pub(super) anchors: Vec<Anchor>,
    /// sine of each target angle, where it is used.
    pub(super) sines: Vec<f32>,
    /// The candidates' groups and constants, padded to whole lanes.
    pub(super) groups: Vec<u32>,
    pub(super) constants: Vec<f32>,
}

/// Adds the gradient of one term, times its weight, and returns its loss (unweighted).
pub(super) fn evaluate(sides: &Sides<'_>, mut slope: TermSlope<'_>) -> f64 {
    let objective = sides.term.objective;
    if objective.family() == Family::Pair && objective.linear(&sides.term.knobs) {
        return linear::evaluate(sides, slope.anchors);
    }
    let prepared = sides.prepare();
    let blockwise = objective.family() == Family::Class && objective.sweeps() == 1 && !objective.batch_wide();
    if blockwise && sides.y.rows <= block::WIDEST {
        return block::evaluate(sides, &prepared, &mut slope);
    }
    let Finished { rows, batch, loss } = sides.statistics(&prepared);
    let view = BatchLanes { value: batch.value.map(|x| x as f32), table: &batch.tabulated.table };
    match objective.family() {
        Family::Class => sides.class_gradient(&prepared, &rows, &view, &mut slope),
        Family::Pair => sides.pair_gradient(&prepared, &rows, &view, slope.anchors),
    }
    loss
}

/// The statistics of a term, finished.
struct Finished {
    rows: Vec<Row>,
    batch: Batch,
    loss: f64,
}

/// The couplings of one anchor, as they move it: the weight of the term included.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Couplings {
    /// ∂L/∂score with every candidate; in the pair family both directions together.
    pub pairs: Vec<f32>,
    /// −∂L/∂θ: the pull along the arc toward the target, where the objective gives it as such.
    pub arc: f32,
}

/// The couplings of anchor `i`.
pub(super) fn couplings(sides: &Sides<'_>, i: usize) -> Couplings {
    let (objective, knobs) = (sides.term.objective, &sides.term.knobs);
    let weight = sides.term.weight as f32;
    let prepared = sides.prepare();
    let Finished { rows, batch, .. } = sides.statistics(&prepared);
    let view = BatchLanes { value: batch.value.map(|x| x as f32), table: &batch.tabulated.table };
    let columns = Rows::of(&rows);
    let mut pairs = Vec::with_capacity(sides.y.rows);
    with_tiles(|scores, couplings| {
        for (start, len) in sides.tiles() {
            sides.couple(&prepared, &rows, &view, (i, 1), (start, len), scores, couplings);
            if objective.family() == Family::Pair {
                let tile = sides.tile(&prepared, i, (start, len), scores);
                objective.couple_back(knobs, &tile, &columns, start, &view, couplings);
            }
            pairs.extend(couplings[..len].iter().map(|g| g * weight));
        }
    });
    Couplings { pairs, arc: weight * rows[i].arc }
}

impl Sides<'_> {
    /// Sweeps the scores as often as the objective asks and finishes what it finds.
    fn statistics(&self, prepared: &Prepared) -> Finished {
        let (objective, knobs) = (self.term.objective, &self.term.knobs);
        let mut batch = self.relations.batch.clone();
        let mut rows = vec![Row::default(); self.x.rows];
        let mut total = Stats::EMPTY;
        if objective.histogram(knobs).is_some() {
            self.count(prepared, &mut batch);
        } else {
            for sweep in 0..objective.sweeps() {
                let stats = self.fold(prepared, sweep, &rows);
                total = stats.iter().fold(Stats::EMPTY, |a, b| a.merge(*b, objective.scaled_by()));
                if sweep + 1 == objective.sweeps() {
                    batch.value = objective.finish_batch(knobs, &total, &batch);
                }
                for ((row, stats), anchor) in rows.iter_mut().zip(&stats).zip(&prepared.anchors) {
                    *row = objective.finish_row(knobs, sweep, stats, anchor, &batch, row);
                }
            }
        }
        let loss = objective.loss(knobs, rows.iter().map(|row| row.loss).sum(), &total, &batch);
        Finished { rows, batch, loss }
    }

    pub(super) fn threads_pay(&self) -> bool {
        self.x.rows * self.y.rows * self.x.cols.max(4) > WORTH_THREADS
    }

    /// Whether distances come from matrix products: where that is safe and pays.
    pub(super) fn by_products(&self) -> bool {
        let objective = self.term.objective;
        objective.score() == Score::SquaredDistance
            && objective.regular(&self.term.knobs)
            && self.x.cols >= NARROW
    }

    fn own(&self, i: usize, first: usize, len: usize) -> Option<usize> {
        let pair = self.term.objective.family() == Family::Pair;
        (pair && i >= first && i < first + len).then(|| i - first)
    }

    fn prepare(&self) -> Prepared {
        let (objective, knobs) = (self.term.objective, &self.term.knobs);
        let (n, m) = (self.x.rows, self.y.rows);
        let padded = m.next_multiple_of(LANES);
        let mut groups: Vec<u32>;
        let mut constants = vec![0.0; padded];
        let mut sines = vec![0.0; n];
        let mut scores = vec![0.0; n];
        match objective.family() {
            Family::Pair => groups = self.groups.to_vec(),
            Family::Class => {
                groups = (0..m as u32).collect();
                for (constant, &count) in constants.iter_mut().zip(self.counts) {
                    *constant = objective.constant(knobs, count);
                }
                for (i, (score, sine)) in scores.iter_mut().zip(&mut sines).enumerate() {
                    let label = self.groups[i] as usize;
                    (*score, *sine) = self.target(i, label);
                }
            }
        }
        groups.resize(padded, 0);
        let margins = self.assigned_margins(&scores);
        let relations = self.relations;
        let anchors = (0..n)
            .map(|i| {
                let target = match objective.family() {
                    Family::Pair => TargetLogit { logit: 0.0, slope: 0.0, arc: 0.0 },
                    Family::Class => objective.target(
                        knobs,
                        &Target {
                            score: scores[i],
                            sine: sines[i],
                            margin: margins.as_ref().map_or(0.0, |margins| margins[i]),
                            constant: constants[self.groups[i] as usize],
                        },
                    ),
                };
                Anchor {
                    score: scores[i],
                    target,
                    positives: relations.positives[i],
                    negatives: relations.negatives[i],
                }
            })
            .collect();
        Prepared { anchors, sines, groups, constants }
    }

    /// The score of an anchor and its class weight, and the sine of the angle between them.
    fn target(&self, i: usize, label: usize) -> (f32, f32) {
        let (x, y) = (self.x.row(i), self.y.row(label));
        let dot: f64 = x.iter().zip(y).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
        if self.term.objective.score() == Score::Raw {
            return ((dot + self.bias.map_or(0.0, |bias| f64::from(bias[label]))) as f32, 0.0);
        }
        let across: f64 = x.iter().zip(y).map(|(&a, &b)| (f64::from(b) - dot * f64::from(a)).powi(2)).sum();
        (dot as f32, across.sqrt() as f32)
    }

    /// The margins as the objective assigns them: as drawn, or the largest to the smallest score.
    fn assigned_margins(&self, scores: &[f32]) -> Option<Vec<f32>> {
        let margins = self.margins?;
        let sorted = self.term.objective.margins(&self.term.knobs).is_some_and(|m| m.sorted);
        Some(if sorted { crate::objective::margins::sorted(scores, margins) } else { margins.to_vec() })
    }

    /// Computes the scores of a block of anchors and a tile of candidates, rows `TILE` apart.
    fn scores(&self, anchors: (usize, usize), candidates: (usize, usize), out: &mut [f32]) {
        let (first, rows) = anchors;
        let (start, len) = candidates;
        let d = self.x.cols;
        if self.term.objective.score() == Score::SquaredDistance {
            let from = (&self.transposed[start..], self.y.rows.next_multiple_of(LANES));
            if self.by_products() {
                let x = View::new(&self.x.data[first * d..], rows, d, d);
                let y = View::new(&self.y.data[start * d..], len, d, d);
                product(out, TILE, 0.0, 1.0, x, y.transposed());
                for (r, out) in out.chunks_mut(TILE).take(rows).enumerate() {
                    distance::from_cosines(self.x.row(first + r), from, out, len);
                }
                return;
            }
            for (r, out) in out.chunks_mut(TILE).take(rows).enumerate() {
                distance::distances(self.x.row(first + r), from, out, len);
            }
            return;
        }
        let x = View::new(&self.x.data[first * d..], rows, d, d);
        let y = View::new(&self.y.data[start * d..], len, d, d);
        let mut keep = 0.0;
        if let Some(bias) = self.bias {
            keep = 1.0;
            for out in out.chunks_mut(TILE).take(rows) {
                out[..len].copy_from_slice(&bias[start..start + len]);
            }
        }
        if d == 0 {
            out.fill(0.0);
        }
        product(out, TILE, keep, 1.0, x, y.transposed());
    }

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

    pub(super) fn tiles(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let m = self.y.rows;
        (0..m).step_by(TILE).map(move |start| (start, TILE.min(m - start)))
    }

    /// One sweep of statistics over all scores.
    fn fold(&self, prepared: &Prepared, sweep: usize, rows: &[Row]) -> Vec<Stats> {
        let (objective, knobs) = (self.term.objective, &self.term.knobs);
        let mut stats = vec![Stats::EMPTY; self.x.rows];
        let block = |(b, stats): (usize, &mut [Stats])| {
            let first = b * BLOCK;
            with_tiles(|scores, _| {
                for tile in self.tiles() {
                    self.scores((first, stats.len()), tile, scores);
                    for (r, stats) in stats.iter_mut().enumerate() {
                        let tile = self.tile(prepared, first + r, tile, &scores[r * TILE..]);
                        objective.fold(knobs, sweep, &tile, &rows[first + r], stats);
                    }
                }
            });
        };
        if self.threads_pay() {
            stats.par_chunks_mut(BLOCK).enumerate().for_each(block);
        } else {
            stats.chunks_mut(BLOCK).enumerate().for_each(block);
        }
        stats
    }

    /// Counts all scores in the objective's histogram and finishes it.
    fn count(&self, prepared: &Prepared, batch: &mut Batch) {
        let (objective, knobs) = (self.term.objective, &self.term.knobs);
        let Some(histogram) = objective.histogram(knobs) else { return };
        let blocks = self.x.rows.div_ceil(BLOCK);
        let per_part = blocks.div_ceil(PARTS).max(1);
        let part = |p: usize| {
            let mut counts = [vec![0.0; histogram.bins], vec![0.0; histogram.bins]];
            for b in p * per_part..((p + 1) * per_part).min(blocks) {
                let first = b * BLOCK;
                let len = BLOCK.min(self.x.rows - first);
                with_tiles(|scores, _| {
                    for (start, width) in self.tiles() {
                        self.scores((first, len), (start, width), scores);
                        for r in 0..len {
                            for j in 0..width {
                                if self.own(first + r, start, width) == Some(j) {
                                    continue;
                                }
                                let same = prepared.groups[start + j] == self.groups[first + r];
                                histogram.deposit(&mut counts[usize::from(!same)], scores[r * TILE + j]);
                            }
                        }
                    }
                });
            }
            counts
        };
        let parts: Vec<[Vec<f64>; 2]> = if self.threads_pay() {
            (0..PARTS).into_par_iter().map(part).collect()
        } else {
            (0..PARTS).map(part).collect()
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

    /// Couplings of a block and a tile, into `couplings` (rows `TILE` apart).
    #[expect(clippy::too_many_arguments, reason = "a block, a tile and their two buffers")]
    pub(super) fn couple(
        &self,
        prepared: &Prepared,
        rows: &[Row],
        view: &BatchLanes<'_>,
        (first, count): (usize, usize),
        tile: (usize, usize),
        scores: &mut [f32],
        couplings: &mut [f32],
    ) {
        self.scores((first, count), tile, scores);
        for r in 0..count {
            let i = first + r;
            let tile = self.tile(prepared, i, tile, &scores[r * TILE..]);
            let out = &mut couplings[r * TILE..(r + 1) * TILE];
            self.term.objective.couple(&self.term.knobs, &tile, &rows[i], view, out);
        }
    }
}
