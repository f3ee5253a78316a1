//! Who is predicted: by the scores, and by the nearest class mean.
//!
//! Both are found in blocks of f64 products over centred rows; where two class means are equally near up to
//! rounding, the distances themselves decide, and of equal ones the first class wins.

use nalgebra::DMatrix;

use super::{Better, Classes, Metric, Summary, Undefined, blocks};
use crate::features::Matrix;

/// Length added nowhere, only the least divisor of a cosine's normalisation.
const LEAST_NORM: f64 = 1e-12;

/// Agreement of the scores with the nearest class mean.
pub(super) const NC4: Metric = Metric {
    key: "nc4",
    description: "share of rows whose largest score, among the classes present, is their nearest class mean",
    unit: "share",
    better: Better::Higher,
    cheap: true,
    compute: nc4,
};

/// Accuracy of the scores.
pub(super) const ACCURACY: Metric = Metric {
    key: "accuracy",
    description: "share of rows whose label is their largest score, among all class weights",
    unit: "share",
    better: Better::Higher,
    cheap: true,
    compute: accuracy,
};

/// Accuracy of the nearest class mean.
pub(super) const NCC_ACCURACY: Metric = Metric {
    key: "ncc_accuracy",
    description: "share of rows whose label is the nearest class mean",
    unit: "share",
    better: Better::Higher,
    cheap: true,
    compute: ncc_accuracy,
};

fn nc4(summary: &Summary) -> Result<f64, Undefined> {
    let scored = summary.scored()?;
    let nearest = summary.nearest()?;
    Ok(share(scored.iter().zip(nearest).map(|(scored, class)| scored.present == *class)))
}

fn accuracy(summary: &Summary) -> Result<f64, Undefined> {
    let classes = summary.classes()?;
    let scored = summary.scored()?;
    Ok(share(
        scored
            .iter()
            .zip(&classes.of_row)
            .map(|(scored, &class)| scored.row == classes.labels[class] as usize),
    ))
}

fn ncc_accuracy(summary: &Summary) -> Result<f64, Undefined> {
    let of_row = &summary.classes()?.of_row;
    Ok(share(summary.nearest()?.iter().zip(of_row).map(|(a, b)| a == b)))
}

fn share(agreements: impl ExactSizeIterator<Item = bool>) -> f64 {
    let total = agreements.len();
    agreements.filter(|&agree| agree).count() as f64 / total as f64
}

/// Where a row's scores are largest; of equal ones the first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scored {
    /// Row of the weights, among all of them.
    pub(super) row: usize,
    /// Class (0..C) among those present.
    pub(super) present: usize,
}

/// The largest score of each row. A row's own length does not change which of its cosines is largest, so for
/// cosine scores only the weights are normalised.
pub(super) fn largest_scores(summary: &Summary) -> Result<Vec<Scored>, Undefined> {
    let points = summary.points()?;
    let present = summary.weight_rows()?;
    let weights = summary.weights()?;
    let bias = summary.bias()?;
    let mut candidates = DMatrix::from_fn(weights.rows, weights.cols, |c, i| f64::from(weights.row(c)[i]));
    if summary.sample().cosine_scores {
        for mut candidate in candidates.row_iter_mut() {
            let norm = candidate.norm().max(LEAST_NORM);
            candidate /= norm;
        }
    }
    let shift: Vec<f64> = match bias {
        Some(bias) => bias.iter().map(|&b| f64::from(b)).collect(),
        None => vec![0.0; weights.rows],
    };
    let prepare = |columns: DMatrix<f64>| columns;
    Ok(best_in_blocks(points, &candidates, &shift, prepare, |_, scores, (row, _)| {
        // The winner of all is the winner of those present, if it is one of them.
        let class = present.binary_search(&(row as u32)).unwrap_or_else(|_| {
            let ahead = |a: usize, b: usize| scores[present[b] as usize] > scores[present[a] as usize];
            (1..present.len()).fold(0, |best, class| if ahead(best, class) { class } else { best })
        });
        Scored { row, present: class }
    }))
}

/// The class of the nearest mean for each row: argmax of x·m − |m|²/2, both relative to the centre so that a
/// common offset of all rows costs no digits.
pub(super) fn nearest_means(points: &Matrix, classes: &Classes) -> Vec<usize> {
    let candidates = classes.centred.transpose();
    let halves: Vec<f64> = classes.centred.column_iter().map(|mean| -0.5 * mean.norm_squared()).collect();
    let longest = classes.centred.column_iter().map(|mean| mean.norm()).fold(0.0, f64::max);
    let centre = |mut columns: DMatrix<f64>| {
        for mut column in columns.column_iter_mut() {
            column -= &classes.centre;
        }
        columns
    };
    let distance = |row: usize, class: usize| {
        let mean = classes.means.column(class);
        points.row(row).iter().zip(mean.iter()).map(|(&x, m)| (f64::from(x) - m).powi(2)).sum::<f64>()
    };
    best_in_blocks(points, &candidates, &halves, centre, |row, scores, (class, best)| {
        let reach: f64 = points.row(row).iter().map(|&x| f64::from(x).abs()).sum::<f64>() + longest;
        let near = best - 1e-13 * longest * reach;
        let mut winner = class;
        let mut least = None;
        if scores.iter().filter(|&&score| score >= near).count() > 1 {
            for (class, _) in scores.iter().enumerate().filter(|&(_, &score)| score >= near) {
                let this = distance(row, class);
                if least.is_none_or(|least| this < least) {
                    (winner, least) = (class, Some(this));
                }
            }
        }
        winner
    })
}

/// `candidates·x + shift` for every row x (after `prepare`), and what `decide(row, scores, (first argmax, max))`
/// makes of it.
fn best_in_blocks<T: Clone + Send>(
    points: &Matrix,
    candidates: &DMatrix<f64>,
    shift: &[f64],
    prepare: impl Fn(DMatrix<f64>) -> DMatrix<f64> + Sync + Send,
    decide: impl Fn(usize, &[f64], (usize, f64)) -> T + Sync + Send,
) -> Vec<T> {
    let width = blocks::block_width(candidates.nrows());
    let found = blocks::in_order(points.rows.div_ceil(width), |number| {
        let range = blocks::block_range(number, width, points.rows);
        let columns = prepare(blocks::columns_of(points, range.clone()));
        let mut scores = blocks::product(candidates, &columns);
        let mut winners = Vec::with_capacity(range.len());
        for (column, row) in scores.as_mut_slice().chunks_exact_mut(shift.len()).zip(range) {
            for (score, shift) in column.iter_mut().zip(shift) {
                *score += shift;
            }
            let most = largest(column);
            let first = column.iter().position(|&score| score == most).unwrap_or(0);
            winners.push(decide(row, column, (first, most)));
        }
        winners
    });
    found.concat()
}

/// The largest of finite numbers, in lanes.
fn largest(scores: &[f64]) -> f64 {
    const LANES: usize = 8;
    let more = |a: f64, b: f64| if b > a { b } else { a };
    let (whole, rest) = scores.as_chunks::<LANES>();
    let mut lanes = [f64::NEG_INFINITY; LANES];
    for chunk in whole {
        for (lane, &score) in lanes.iter_mut().zip(chunk) {
            *lane = more(*lane, score);
        }
    }
    lanes.iter().chain(rest).copied().fold(f64::NEG_INFINITY, more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Sample, measure};

    #[test]
    fn the_bias_decides_and_absent_classes_may_win() {
        // Scores are (x + b0, −x, b2); class 2 has no row.
        let points = Matrix::new(3, 1, vec![2.0, -1.0, 0.5]);
        let weights = Matrix::new(3, 1, vec![1.0, -1.0, 0.0]);
        let bias = [0.0, 0.0, 0.75];
        let labels = [0, 1, 0];
        let sample = Sample {
            labels: Some(&labels),
            weights: Some(&weights),
            bias: Some(&bias),
            ..Sample::of_points(&points)
        };
        let measured = measure(&sample);
        // Row 2 scores 0.5, −0.5, 0.75: wrong among all, right among the classes present.
        assert_eq!(measured.get("accuracy"), Some(2.0 / 3.0));
        // The class means are 1.25 and −1.
        assert_eq!(measured.get("nc4"), Some(1.0));
        assert_eq!(measured.get("ncc_accuracy"), Some(1.0));
    }

    #[test]
    fn cosine_scores_forget_the_lengths_of_the_weights() {
        let points = Matrix::new(1, 2, vec![1.0, 0.9]);
        let weights = Matrix::new(2, 2, vec![1.0, 0.0, 0.0, 5.0]);
        let raw = Sample { labels: Some(&[0]), weights: Some(&weights), ..Sample::of_points(&points) };
        assert_eq!(measure(&raw).get("accuracy"), Some(0.0));
        assert_eq!(measure(&Sample { cosine_scores: true, ..raw }).get("accuracy"), Some(1.0));
    }

    #[test]
    fn equally_near_means_go_to_the_first_class() {
        // Classes 0 and 1 share one mean exactly: every row counts for class 0.
        let points = Matrix::new(4, 2, vec![0.1, 0.7, 0.1, 0.7, 5.0, 5.0, 5.3, 5.0]);
        let classes = Classes::new(&points, &[0, 1, 2, 2]).unwrap();
        assert_eq!(nearest_means(&points, &classes), [0, 0, 2, 2]);
    }

    #[test]
    fn a_large_common_offset_costs_no_digits() {
        let points =
            Matrix::from_fn(64, 2, |i, j| 1e6 + if j == 0 { (i / 32) as f32 } else { (i % 4) as f32 });
        let labels: Vec<u32> = (0..64).map(|i| i / 32).collect();
        let sample = Sample { labels: Some(&labels), ..Sample::of_points(&points) };
        assert_eq!(measure(&sample).get("ncc_accuracy"), Some(1.0));
    }

    #[test]
    fn a_label_without_weights_is_named() {
        let points = Matrix::new(1, 1, vec![1.0]);
        let weights = Matrix::new(2, 1, vec![1.0, 2.0]);
        let sample = Sample { labels: Some(&[7]), weights: Some(&weights), ..Sample::of_points(&points) };
        assert_eq!(measure(&sample).note("accuracy"), Some("label 7 has no row among the 2 class weights"));
    }
}
