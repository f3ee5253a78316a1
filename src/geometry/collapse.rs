//! Neural collapse: within-class scatter, the shape of the centred class means, the class weights' agreement.
//!
//! Papyan, Han and Donoho (2020) name NC1 to NC4; the forms here divide NC1 by C as later papers do.
//! NC4 is about predictions and lives in `agreement`.

use nalgebra::DMatrix;

use super::{Better, Classes, Metric, Over, Summary, Undefined, blocks, spectrum};
use crate::features::Matrix;

/// Eigenvalues of Sb below this share of the largest are dropped: Sb has rank C − 1 at most.
const RANK_CUT: f64 = 1e-8;
/// A within-class scatter below this share of the mean squared length is rounding.
const SCATTER_ROUNDING: f64 = 1e-28;

/// tr(Sw Sb⁺)/C.
pub(super) const NC1: Metric = Metric {
    key: "nc1",
    description: "within-class scatter measured by between-class scatter, tr(Sw Sb⁺)/C; 0 at collapse",
    unit: "",
    better: Better::Lower,
    cheap: true,
    over: Over::Rows,
    compute: nc1,
};

/// Spread of the lengths of the centred class means.
pub(super) const NC2_EQUINORM: Metric = Metric {
    key: "nc2_equinorm",
    description: "spread of the centred class means' lengths, standard deviation over mean; 0 when equal",
    unit: "",
    better: Better::Lower,
    cheap: true,
    over: Over::Rows,
    compute: nc2_equinorm,
};

/// Distance of the centred class means' cosines from −1/(C−1).
pub(super) const NC2_EQUIANGULAR: Metric = Metric {
    key: "nc2_equiangular",
    description: "mean of |cos + 1/(C−1)| over pairs of centred class means; 0 at the simplex",
    unit: "",
    better: Better::Lower,
    cheap: true,
    over: Over::ClassPairs,
    compute: nc2_equiangular,
};

/// Distance of the centred class means' Gram matrix from the simplex's.
pub(super) const NC2_ETF_DISTANCE: Metric = Metric {
    key: "nc2_etf_distance",
    description: "distance of the centred class means' normalised Gram matrix from the simplex's",
    unit: "",
    better: Better::Lower,
    cheap: true,
    over: Over::ClassPairs,
    compute: nc2_etf_distance,
};

/// Distance of the class weights from the centred class means.
pub(super) const NC3: Metric = Metric {
    key: "nc3",
    description: "distance of the class weights from the centred class means, each of unit Frobenius norm",
    unit: "",
    better: Better::Lower,
    cheap: true,
    over: Over::Rows,
    compute: nc3,
};

/// tr Sb / tr Sw.
pub(super) const FISHER_RATIO: Metric = Metric {
    key: "fisher_ratio",
    description: "between-class over within-class scatter, tr Sb / tr Sw; grows without bound at collapse",
    unit: "",
    better: Better::Higher,
    cheap: true,
    over: Over::Rows,
    compute: fisher_ratio,
};

/// With Sb = V Λ Vᵀ, tr(Sw Sb⁺) is the sum over its axes v of the mean of (v·(h − µ))² over the rows, over λ.
fn nc1(summary: &Summary) -> Result<f64, Undefined> {
    let classes = summary.classes()?;
    classes.means_differ()?;
    let (values, axes) = between_scatter(classes)?;
    let energy = residual_energy(summary.points()?, classes, &axes);
    let sum: f64 = energy.iter().zip(&values).map(|(energy, value)| energy / value).sum();
    Ok(sum / classes.len() as f64)
}

/// The eigenvalues of Sb above the cut and their eigenvectors as rows (r×d), from the smaller of the d×d
/// and the C×C problem.
fn between_scatter(classes: &Classes) -> Result<(Vec<f64>, DMatrix<f64>), Undefined> {
    let centred = &classes.centred;
    let direct = centred.nrows() <= centred.ncols();
    let (values, vectors) = spectrum::symmetric_eigen(blocks::smaller_gram(centred) / classes.len() as f64)?;
    let largest = values.iter().copied().fold(0.0, f64::max);
    let kept: Vec<usize> = (0..values.len()).filter(|&k| values[k] > RANK_CUT * largest).collect();
    let kept_vectors = vectors.select_columns(&kept);
    let mut axes = if direct { kept_vectors } else { blocks::product(centred, &kept_vectors) };
    for mut axis in axes.column_iter_mut() {
        let norm = axis.norm();
        if norm > 0.0 {
            axis /= norm;
        }
    }
    Ok((kept.iter().map(|&k| values[k]).collect(), axes.transpose()))
}

/// The mean over the rows of (v·(h − µ))², µ the row's own class mean, for each row v of `axes`.
fn residual_energy(points: &Matrix, classes: &Classes, axes: &DMatrix<f64>) -> Vec<f64> {
    const ROWS: usize = 256;
    let sums = blocks::in_order(points.rows.div_ceil(ROWS), |number| {
        let range = blocks::block_range(number, ROWS, points.rows);
        let mut residual = blocks::columns_of(points, range.clone());
        for (mut column, row) in residual.column_iter_mut().zip(range) {
            column -= classes.means.column(classes.of_row[row]);
        }
        let along = blocks::product(axes, &residual);
        let mut sums = vec![0.0; axes.nrows()];
        for column in along.column_iter() {
            for (sum, x) in sums.iter_mut().zip(column.iter()) {
                *sum += x * x;
            }
        }
        sums
    });
    let mut energy = vec![0.0; axes.nrows()];
    for block in sums {
        for (energy, sum) in energy.iter_mut().zip(block) {
            *energy += sum / points.rows as f64;
        }
    }
    energy
}

fn nc2_equinorm(summary: &Summary) -> Result<f64, Undefined> {
    let classes = summary.classes()?;
    classes.means_differ()?;
    let norms: Vec<f64> = classes.centred.column_iter().map(|column| column.norm()).collect();
    Ok(variation(&norms))
}

/// Population standard deviation over mean, for a mean above zero.
pub(super) fn variation(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    // Scaled first: lengths near the ends of f32 must not leave f64 when squared.
    let variance = values.iter().map(|value| (value / mean - 1.0).powi(2)).sum::<f64>() / count;
    variance.sqrt()
}

fn nc2_equiangular(summary: &Summary) -> Result<f64, Undefined> {
    let classes = summary.classes()?;
    classes.at_least_two()?;
    classes.centred_have_directions()?;
    Ok(summary.centred_pairs()?.mean_gap)
}

fn nc2_etf_distance(summary: &Summary) -> Result<f64, Undefined> {
    summary.classes()?.means_differ()?;
    Ok(summary.centred_pairs()?.simplex_distance)
}

fn nc3(summary: &Summary) -> Result<f64, Undefined> {
    let weights = summary.present_weights()?;
    let classes = summary.classes()?;
    classes.means_differ()?;
    let norm = weights.norm();
    if norm == 0.0 {
        return Err(Undefined::because("the class weights are all 0"));
    }
    let length = classes.centred.norm();
    let gaps = weights.iter().zip(classes.centred.iter()).map(|(w, m)| (w / norm - m / length).powi(2));
    Ok(gaps.sum::<f64>().sqrt())
}

fn fisher_ratio(summary: &Summary) -> Result<f64, Undefined> {
    let points = summary.points()?;
    let classes = summary.classes()?;
    classes.at_least_two()?;
    let between = classes.centred.norm_squared() / classes.len() as f64;
    let mut within = 0.0;
    for (row, &class) in points.rows_iter().zip(&classes.of_row) {
        let mean = classes.means.column(class);
        within += row.iter().zip(mean.iter()).map(|(&x, m)| (f64::from(x) - m).powi(2)).sum::<f64>();
    }
    let size = summary.norms()?.iter().map(|norm| norm * norm).sum::<f64>();
    if within <= SCATTER_ROUNDING * size {
        return Err(Undefined::because(
            "every row lies on its class mean, so there is no within-class scatter",
        ));
    }
    Ok(between / (within / points.rows as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_eigenproblems_agree() {
        // Six classes of two rows in 3 dimensions, and the same in 9 dimensions (zeros added).
        let flat = Matrix::from_fn(12, 3, |i, j| ((i * 7 + j * 5) % 11) as f32 - 5.0);
        let wide = Matrix::from_fn(12, 9, |i, j| if j < 3 { flat.row(i)[j] } else { 0.0 });
        let labels: Vec<u32> = (0..12).map(|i| i / 2).collect();
        let value = |points: &Matrix| {
            let sample =
                super::super::Sample { labels: Some(&labels), ..super::super::Sample::of_points(points) };
            nc1(&Summary::new(sample, super::super::Effort::THOROUGH)).unwrap()
        };
        let (a, b) = (value(&flat), value(&wide));
        assert!((a - b).abs() < 1e-12 * a && a > 0.01, "{a} {b}");
    }
}
