//! Who is predicted: by the scores, and by the nearest class mean.
//!
//! Who may win is found in `contenders`, by rounded scores; among those the scores and distances themselves decide,
//! in f64, and of equal ones the first class wins.

use super::contenders::{Candidates, decide};
use super::seeded::dot;
use super::{Better, Classes, Metric, Over, Summary, Undefined};
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
    over: Over::RowsByClasses,
    compute: nc4,
};

/// Accuracy of the scores.
pub(super) const ACCURACY: Metric = Metric {
    key: "accuracy",
    description: "share of rows whose label is their largest score, among all class weights",
    unit: "share",
    better: Better::Higher,
    cheap: true,
    over: Over::RowsByClasses,
    compute: accuracy,
};

/// Accuracy of the nearest class mean.
pub(super) const NCC_ACCURACY: Metric = Metric {
    key: "ncc_accuracy",
    description: "share of rows whose label is the nearest class mean",
    unit: "share",
    better: Better::Higher,
    cheap: true,
    over: Over::RowsByClasses,
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
    let rows = summary.scored_rows();
    let label = |row: usize| classes.labels[classes.of_row[row]] as usize;
    Ok(share(scored.iter().zip(rows).map(|(scored, row)| scored.row == label(row))))
}

fn ncc_accuracy(summary: &Summary) -> Result<f64, Undefined> {
    let of_row = &summary.classes()?.of_row;
    let rows = summary.scored_rows();
    Ok(share(summary.nearest()?.iter().zip(rows).map(|(&class, row)| class == of_row[row])))
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

/// The largest score of each of [`Summary::scored_rows`]. A row's own length does not change which of its cosines is
/// largest, so for cosine scores only the weights are normalised.
pub(super) fn largest_scores(summary: &Summary) -> Result<Vec<Scored>, Undefined> {
    let points = summary.points()?;
    let present = summary.weight_rows()?;
    let weights = summary.weights()?;
    let bias = summary.bias()?;
    let divisor: Option<Vec<f64>> = summary
        .sample()
        .cosine_scores
        .then(|| weights.norms().into_iter().map(|norm| norm.max(LEAST_NORM)).collect());
    let entry = |c: usize, x: f32| f64::from(x) / divisor.as_ref().map_or(1.0, |divisor| divisor[c]);
    let shift = |c: usize| bias.map_or(0.0, |bias| f64::from(bias[c]));
    let score = |row: usize, c: usize| {
        let products = points.row(row).iter().zip(weights.row(c)).map(|(&x, &w)| f64::from(x) * entry(c, w));
        products.sum::<f64>() + shift(c)
    };
    let rows = summary.scored_rows();
    let fill = |row: usize, out: &mut [f64]| {
        for (to, &x) in out.iter_mut().zip(points.row(row)) {
            *to = f64::from(x);
        }
    };
    let of_all = Candidates::new(
        (weights.rows, weights.cols),
        |c, out| {
            for (to, &x) in out.iter_mut().zip(weights.row(c)) {
                *to = entry(c, x);
            }
        },
        shift,
    );
    let winners = decide(&rows, &of_all, fill, |row, c| -score(row, c));
    if present.len() == weights.rows {
        return Ok(winners.into_iter().map(|c| Scored { row: c, present: c }).collect());
    }
    // The winner of all is the winner of those present, if it is one of them.
    let missing = |&c: &usize| present.binary_search(&(c as u32)).is_err();
    let others: Vec<usize> =
        rows.iter().zip(&winners).filter(|(_, c)| missing(c)).map(|(&row, _)| row).collect();
    let of_present = Candidates::new(
        (present.len(), weights.cols),
        |class, out| {
            let c = present[class] as usize;
            for (to, &x) in out.iter_mut().zip(weights.row(c)) {
                *to = entry(c, x);
            }
        },
        |class| shift(present[class] as usize),
    );
    let second = decide(&others, &of_present, fill, |row, class| -score(row, present[class] as usize));
    let mut second = second.into_iter();
    let scored = winners.into_iter().map(|c| {
        let class = present.binary_search(&(c as u32)).ok().or_else(|| second.next());
        Scored { row: c, present: class.unwrap_or(0) }
    });
    Ok(scored.collect())
}

/// The class of the nearest mean for each of some rows: argmax of x·m − |m|²/2, both relative to the centre so that a
/// common offset of all rows costs no digits.
pub(super) fn nearest_means(points: &Matrix, classes: &Classes, rows: &[usize]) -> Vec<usize> {
    let dim = points.cols;
    let centred = |class: usize| &classes.centred.as_slice()[class * dim..(class + 1) * dim];
    let candidates = Candidates::new(
        (classes.len(), dim),
        |class, out| out.copy_from_slice(centred(class)),
        |class| -0.5 * dot(centred(class), centred(class)),
    );
    let fill = |row: usize, out: &mut [f64]| {
        for ((to, &x), centre) in out.iter_mut().zip(points.row(row)).zip(classes.centre.iter()) {
            *to = f64::from(x) - centre;
        }
    };
    let distance = |row: usize, class: usize| {
        let mean = &classes.means.as_slice()[class * dim..(class + 1) * dim];
        points.row(row).iter().zip(mean).map(|(&x, m)| (f64::from(x) - m).powi(2)).sum::<f64>()
    };
    decide(rows, &candidates, fill, distance)
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
        assert_eq!(nearest_means(&points, &classes, &[0, 1, 2, 3]), [0, 0, 2, 2]);
        assert_eq!(nearest_means(&points, &classes, &[1, 3]), [0, 2]);
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
