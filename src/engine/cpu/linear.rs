//! Objectives that are functions of sums of scores: the sums of the groups' rows are enough.
//!
//! Σ over the ordered pairs of a group of u·v is ‖S‖² − Σ‖u‖², S the sum of its rows; of ‖u − v‖² it is
//! 2n Σ‖u − µ‖². A step costs O(N·d), in f64, and no pair is looked at.

use std::collections::HashMap;

use super::term::Sides;
use crate::features::Matrix;
use crate::lanes::{Lanes, Mask};
use crate::objectives::{BatchLanes, Pair, RowLanes, Score, Stats};

/// Sums of rows by group, and of all.
struct Sums {
    /// Which group each row belongs to, numbered from 0 in order of appearance.
    group: Vec<usize>,
    size: Vec<f64>,
    sum: Vec<Vec<f64>>,
    all: Vec<f64>,
}

impl Sums {
    fn new(rows: &Matrix, groups: &[u32]) -> Self {
        let mut place = HashMap::new();
        let mut sums =
            Self { group: Vec::new(), size: Vec::new(), sum: Vec::new(), all: vec![0.0; rows.cols] };
        for (i, group) in groups.iter().enumerate() {
            let g = *place.entry(group).or_insert_with(|| {
                sums.size.push(0.0);
                sums.sum.push(vec![0.0; rows.cols]);
                sums.size.len() - 1
            });
            sums.group.push(g);
            sums.size[g] += 1.0;
            for (sum, &x) in sums.sum[g].iter_mut().zip(rows.row(i)) {
                *sum += f64::from(x);
            }
        }
        for sum in &sums.sum {
            for (all, x) in sums.all.iter_mut().zip(sum) {
                *all += x;
            }
        }
        sums
    }

    /// Σ of the scores over ordered positive pairs, and over ordered negative pairs.
    fn scores(&self, rows: &Matrix, score: Score) -> [f64; 2] {
        let square = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>();
        let lengths: f64 = rows.data.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
        if score != Score::SquaredDistance {
            let same = self.sum.iter().map(|sum| square(sum)).sum::<f64>();
            return [same - lengths, square(&self.all) - same];
        }
        let n: f64 = self.size.iter().sum();
        let mut same = 0.0;
        let mut all = 0.0;
        for (i, &g) in self.group.iter().enumerate() {
            for (k, &x) in rows.row(i).iter().enumerate() {
                let x = f64::from(x);
                same += self.size[g] * (x - self.sum[g][k] / self.size[g]).powi(2);
                all += n * (x - self.all[k] / n).powi(2);
            }
        }
        [2.0 * same, 2.0 * (all - same)]
    }
}

/// Adds the gradient of a linear pair objective and returns its loss.
pub(super) fn evaluate(sides: &Sides<'_>, gradient: &mut Matrix) -> f64 {
    let (objective, knobs) = (sides.term.objective, &sides.term.knobs);
    let score = objective.score();
    let sums = Sums::new(sides.x, sides.groups);
    let totals = sums.scores(sides.x, score);
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
    let n = sides.x.rows as f64;
    for (i, &g) in sums.group.iter().enumerate() {
        let row = sides.x.row(i);
        for (k, (out, &x)) in gradient.row_mut(i).iter_mut().zip(row).enumerate() {
            let (x, own, all) = (f64::from(x), sums.sum[g][k], sums.all[k]);
            let slope = if score == Score::SquaredDistance {
                let size = sums.size[g];
                2.0 * (same * (size * x - own) + other * ((n - size) * x - (all - own)))
            } else {
                same * (own - x) + other * (all - own)
            };
            *out += slope as f32;
        }
    }
    objective.loss(knobs, 0.0, &total, &batch)
}
