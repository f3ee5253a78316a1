//! Objectives that are functions of sums of scores: the sums of the groups' rows are enough.
//!
//! Σ over the ordered pairs of a group of u·v is ‖S‖² − Σ‖u‖², S the sum of its rows; of ‖u − v‖² it is
//! 2n Σ‖u − µ‖². A step costs O(N·d), in f64, and no pair is looked at.

use rayon::prelude::*;

use super::rows::{CHUNK, FEW, half_square};
use super::term::Sides;
use crate::engine::relations::Relations;
use crate::features::Matrix;
use crate::lanes::dispatch::{Simd, Vectorised, vectorised};
use crate::lanes::{Lanes, Mask};
use crate::objectives::{BatchLanes, Pair, RowLanes, Score, Stats};

/// Sums of rows by group, and of all: groups×d, and d.
struct Sums {
    groups: Vec<f64>,
    all: Vec<f64>,
}

/// Adds rows to the sums of their groups.
struct Gather<'a>(&'a Matrix, &'a [u32], &'a mut [f64]);

impl Vectorised for Gather<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, _: Simd) {
        let Gather(rows, groups, sums) = self;
        let d = rows.cols;
        for (row, &g) in rows.data.chunks_exact(d).zip(groups) {
            let sum = &mut sums[g as usize * d..(g as usize + 1) * d];
            for (sum, &x) in sum.iter_mut().zip(row) {
                *sum += f64::from(x);
            }
        }
    }
}

/// Σ of (x − centre)² over a row, in f64.
#[inline(always)]
fn square(row: &[f32], centre: impl Fn(usize) -> f64) -> f64 {
    row.iter().enumerate().map(|(k, &x)| (f64::from(x) - centre(k)).powi(2)).sum()
}

impl Sums {
    fn new(rows: &Matrix, relations: &Relations) -> Self {
        let d = rows.cols;
        let mut groups = vec![0.0; relations.sizes.len() * d];
        vectorised(Gather(rows, &relations.group, &mut groups));
        let mut all = vec![0.0; d];
        for sum in groups.chunks_exact(d) {
            for (all, x) in all.iter_mut().zip(sum) {
                *all += x;
            }
        }
        Self { groups, all }
    }

    /// Σ of the scores over ordered positive pairs, and over ordered negative pairs.
    fn scores(&self, rows: &Matrix, relations: &Relations, score: Score) -> [f64; 2] {
        let (d, n) = (rows.cols, rows.rows as f64);
        let squares = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>();
        if score != Score::SquaredDistance {
            let same = squares(&self.groups);
            let lengths = 2.0 * half_square(&rows.data);
            return [same - lengths, squares(&self.all) - same];
        }
        let (mut same, mut all) = (0.0, 0.0);
        for (row, &g) in rows.rows_iter().zip(&relations.group) {
            let size = f64::from(relations.sizes[g as usize]);
            let sum = &self.groups[g as usize * d..];
            same += size * square(row, |k| sum[k] / size);
            all += n * square(row, |k| self.all[k] / n);
        }
        [2.0 * same, 2.0 * (all - same)]
    }
}

/// Adds the slopes of a stretch of rows: row·x − Σ `own` and `other` times the sums.
struct Slopes<'a> {
    rows: &'a [f32],
    groups: &'a [u32],
    sizes: &'a [u32],
    sums: &'a Sums,
    n: f64,
    /// How hard each positive and each negative pulls, both directions of a pair together.
    pulls: [f64; 2],
    distances: bool,
    out: &'a mut [f32],
}

impl Vectorised for Slopes<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, _: Simd) {
        let d = self.sums.all.len();
        let [same, other] = self.pulls;
        let rows = self.rows.chunks_exact(d).zip(self.out.chunks_exact_mut(d)).zip(self.groups);
        for ((row, out), &g) in rows {
            let size = f64::from(self.sizes[g as usize]);
            let own = &self.sums.groups[g as usize * d..(g as usize + 1) * d];
            // Each of its pulls is one of a score's slopes: the other row, or twice the difference.
            let (of_row, of_own, of_all) = if self.distances {
                (2.0 * (same * size + other * (self.n - size)), 2.0 * (other - same), -2.0 * other)
            } else {
                (-same, same - other, other)
            };
            for (((out, &x), &own), &all) in out.iter_mut().zip(row).zip(own).zip(&self.sums.all) {
                *out += (of_row * f64::from(x) + of_own * own + of_all * all) as f32;
            }
        }
    }
}

/// Adds the gradient of a linear pair objective and returns its loss.
pub(super) fn evaluate(sides: &Sides<'_>, gradient: &mut Matrix) -> f64 {
    let (objective, knobs) = (sides.term.objective, &sides.term.knobs);
    let score = objective.score();
    let relations = sides.relations;
    let sums = Sums::new(sides.x, relations);
    let totals = sums.scores(sides.x, relations, score);
    // What a positive and what a negative of score 1 add, and how hard they pull.
    let mut batch = sides.relations.batch.clone();
    let probe = |own: bool| {
        let (positive, negative) = if own { (Mask::ALL, Mask::NONE) } else { (Mask::NONE, Mask::ALL) };
        let score = Lanes::splat(1.0);
        Pair { score, positive, negative, logit: Lanes::ZERO, constant: Lanes::ZERO }
    };
    let (none, rows) = ([Lanes::ZERO; 2], RowLanes::default());
    let mut total = Stats::EMPTY;
    for (own, sum) in [(true, totals[0]), (false, totals[1])] {
        let terms = objective.terms(knobs, 0, &probe(own), none, &rows);
        for (total, each) in total.sum.iter_mut().zip(terms) {
            *total += sum * f64::from(each.0[0]);
        }
    }
    batch.value = objective.finish_batch(knobs, &total, &batch);
    let view = BatchLanes { value: batch.value.map(|x| x as f32), table: &[] };
    let pull = |own: bool| {
        let coupling = objective.coupling(knobs, &probe(own), none, &rows, &view);
        // Both directions of a pair pull alike.
        2.0 * sides.term.weight * f64::from(coupling.0[0])
    };
    let (same, other) = (pull(true), pull(false));
    let d = sides.x.cols;
    let work = |((rows, out), groups): ((&[f32], &mut [f32]), &[u32])| {
        vectorised(Slopes {
            rows,
            groups,
            sizes: &relations.sizes,
            sums: &sums,
            n: sides.x.rows as f64,
            pulls: [same, other],
            distances: score == Score::SquaredDistance,
            out,
        });
    };
    if sides.x.data.len() > FEW {
        let chunks = sides.x.data.par_chunks(CHUNK * d).zip(gradient.data.par_chunks_mut(CHUNK * d));
        chunks.zip(relations.group.par_chunks(CHUNK)).for_each(work);
    } else {
        work(((&sides.x.data, &mut gradient.data), &relations.group));
    }
    objective.loss(knobs, 0.0, &total, &batch)
}
