//! Eigenvalues and singular values, guarded: finite input only, capped iterations, an upper size.
//!
//! Singular values come from the smaller Gram matrix, which turns everything below 1e-8 of the largest one into
//! noise, and collapsed features live exactly there. So what is small is taken again, from the rows seen along the
//! axes of the small values alone, until nothing small is left.

use std::panic::{AssertUnwindSafe, catch_unwind};

use nalgebra::{DMatrix, SymmetricEigen};

use super::{Undefined, blocks};
use crate::features::Matrix;

/// The largest decomposition made: beyond it a value would take minutes.
const LARGEST: usize = 2048;

/// Eigenvalues and the eigenvectors (columns, in the same order) of a symmetric matrix.
pub(super) fn symmetric_eigen(matrix: DMatrix<f64>) -> Result<(Vec<f64>, DMatrix<f64>), Undefined> {
    check(&matrix)?;
    let scale = matrix.amax();
    if scale == 0.0 {
        let n = matrix.nrows();
        return Ok((vec![0.0; n], DMatrix::identity(n, n)));
    }
    let cap = 1000 + 100 * matrix.nrows();
    let found = catch_unwind(AssertUnwindSafe(|| SymmetricEigen::try_new(matrix / scale, f64::EPSILON, cap)));
    let eigen = found.ok().flatten().ok_or(NOT_CONVERGED)?;
    let values: Vec<f64> = eigen.eigenvalues.iter().map(|value| value * scale).collect();
    if values.iter().chain(eigen.eigenvectors.iter()).any(|x| !x.is_finite()) {
        return Err(NOT_CONVERGED);
    }
    Ok((values, eigen.eigenvectors))
}

/// A singular value below this share of the largest in the same Gram matrix has lost half its digits.
const SHARP: f64 = 1e-4;
/// Singular values below this share of the largest are rounding of the rows themselves.
const NOTHING: f64 = 1e-15;

/// Singular values of N rows, up to one common positive factor (they are scaled to a largest entry of 1).
pub(super) fn singular_values_of_rows(points: &Matrix) -> Result<Vec<f64>, Undefined> {
    let scale = points.data.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
    let (n, d) = (points.rows, points.cols);
    if n.min(d) > LARGEST {
        return Err(too_large(n.min(d)));
    }
    if scale == 0.0 {
        return Ok(vec![0.0; n.min(d)]);
    }
    let scale = 1.0 / f64::from(scale);
    if n <= d {
        return singular_values(blocks::columns_of(points, 0..n) * scale);
    }
    tall(n, d, &|number| blocks::columns_of(points, block(number, n)) * scale)
}

/// Singular values of any matrix, in no order.
pub(super) fn singular_values(matrix: DMatrix<f64>) -> Result<Vec<f64>, Undefined> {
    if matrix.is_empty() {
        return Err(Undefined::because("there are no rows"));
    }
    // Columns are what is summed over: as many as the larger side.
    let wide = if matrix.nrows() > matrix.ncols() { matrix.transpose() } else { matrix };
    check(&wide)?;
    let scale = wide.amax();
    let (small, large) = wide.shape();
    if scale == 0.0 {
        return Ok(vec![0.0; small]);
    }
    let values = tall(large, small, &|number| {
        let range = block(number, large);
        wide.columns(range.start, range.len()) / scale
    })?;
    Ok(values.into_iter().map(|value| value * scale).collect())
}

/// Rows handled at a time.
const ROWS: usize = 512;

fn block(number: usize, count: usize) -> std::ops::Range<usize> {
    blocks::block_range(number, ROWS, count)
}

/// Singular values of n rows of d ≤ n numbers with a largest entry of 1; `block(number)` has [`ROWS`] of them as columns.
fn tall(n: usize, d: usize, block: &(impl Fn(usize) -> DMatrix<f64> + Sync)) -> Result<Vec<f64>, Undefined> {
    let mut values = Vec::with_capacity(d);
    let mut axes: Option<DMatrix<f64>> = None;
    let mut largest = 0.0_f64;
    loop {
        let gram = gram(n.div_ceil(ROWS), block, axes.as_ref());
        let left = gram.nrows();
        let most = gram.diagonal().amax().sqrt();
        largest = largest.max(most);
        if most <= NOTHING * largest {
            values.resize(d, 0.0);
            return Ok(values);
        }
        let sharp = |squares: &[f64]| {
            let top = squares.iter().copied().fold(0.0, f64::max);
            squares.iter().all(|&square| square > SHARP * SHARP * top)
        };
        // Without their axes values cost a third.
        let squares = symmetric_values(gram.clone())?;
        if sharp(&squares) {
            values.extend(squares.iter().map(|square| square.sqrt()));
            return Ok(values);
        }
        let (squares, vectors) = symmetric_eigen(gram)?;
        let top = squares.iter().copied().fold(0.0, f64::max);
        let small: Vec<usize> = (0..left).filter(|&k| squares[k] <= SHARP * SHARP * top).collect();
        values.extend(
            squares.iter().filter(|&&square| square > SHARP * SHARP * top).map(|square| square.sqrt()),
        );
        let rest = vectors.select_columns(&small);
        axes = Some(axes.map_or_else(|| rest.clone(), |axes| blocks::product(&axes, &rest)));
        if small.is_empty() {
            return Ok(values);
        }
    }
}

/// The Gram matrix of the rows along some axes (columns), or of their own coordinates.
fn gram(
    count: usize,
    block: &(impl Fn(usize) -> DMatrix<f64> + Sync),
    axes: Option<&DMatrix<f64>>,
) -> DMatrix<f64> {
    // Parts of the blocks that run side by side, with one sum each.
    const STRIPS: usize = 8;
    let height = count.div_ceil(STRIPS).max(1);
    let parts = blocks::in_order(count.div_ceil(height), |strip| {
        let grams = blocks::block_range(strip, height, count).map(|number| {
            let rows = block(number);
            let seen = axes.map(|axes| blocks::transposed_product(axes, &rows));
            blocks::outer_gram(seen.as_ref().unwrap_or(&rows))
        });
        grams.reduce(|sum, gram| sum + gram)
    });
    let sum = parts.into_iter().flatten().reduce(|sum, part| sum + part);
    let mut gram = sum.unwrap_or_else(|| DMatrix::zeros(0, 0));
    // Products may round differently on the two sides of the diagonal.
    gram.fill_upper_triangle_with_lower_triangle();
    gram
}

/// Eigenvalues of a symmetric matrix.
fn symmetric_values(matrix: DMatrix<f64>) -> Result<Vec<f64>, Undefined> {
    check(&matrix)?;
    let scale = matrix.amax();
    if scale == 0.0 {
        return Ok(vec![0.0; matrix.nrows()]);
    }
    let found = catch_unwind(AssertUnwindSafe(|| (matrix / scale).symmetric_eigenvalues()));
    let values: Vec<f64> = found.map_err(|_| NOT_CONVERGED)?.iter().map(|value| value * scale).collect();
    if values.iter().all(|x| x.is_finite()) { Ok(values) } else { Err(NOT_CONVERGED) }
}

fn check(matrix: &DMatrix<f64>) -> Result<(), Undefined> {
    // A NaN makes nalgebra's SVD loop for ever and its eigenvalues plausible nonsense.
    if !matrix.iter().all(|x| x.is_finite()) {
        return Err(Undefined::because("the numbers are beyond the range of f64"));
    }
    let size = matrix.nrows().min(matrix.ncols());
    if size > LARGEST {
        return Err(too_large(size));
    }
    Ok(())
}

fn too_large(size: usize) -> Undefined {
    Undefined::at(format!("it would need {size} singular values; up to {LARGEST} are computed"))
}

const NOT_CONVERGED: Undefined = Undefined::because("the decomposition did not converge");

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(mut values: Vec<f64>) -> Vec<f64> {
        values.sort_by(|a, b| b.total_cmp(a));
        values
    }

    #[test]
    fn tiny_singular_values_survive_the_reduction_of_blocks() {
        // Columns 1, 1e-6 and 1e-12 of mutually orthogonal sign patterns over 1024 rows.
        let sign = |row: usize, bit: usize| if row >> bit & 1 == 0 { 1.0 } else { -1.0 };
        let sizes = [1.0_f32, 1e-6, 1e-12];
        let points = Matrix::from_fn(1024, 3, |row, column| sizes[column] * sign(row, column));
        let values = sorted(singular_values_of_rows(&points).unwrap());
        for (value, size) in values.iter().zip(sizes) {
            let expected = 32.0 * f64::from(size);
            assert!((value - expected).abs() <= 1e-9 * expected, "{value} is not {expected}");
        }
    }

    #[test]
    fn not_finite_is_refused_and_zero_is_zero() {
        assert!(singular_values(DMatrix::from_element(3, 3, f64::NAN)).is_err());
        assert!(symmetric_eigen(DMatrix::from_element(3, 3, f64::INFINITY)).is_err());
        assert_eq!(singular_values(DMatrix::zeros(4, 2)).unwrap(), [0.0, 0.0]);
        assert_eq!(symmetric_eigen(DMatrix::zeros(2, 2)).unwrap().0, [0.0, 0.0]);
    }

    #[test]
    fn eigenvectors_belong_to_their_values() {
        let (values, vectors) = symmetric_eigen(DMatrix::from_row_slice(2, 2, &[2., 1., 1., 2.])).unwrap();
        for (k, value) in values.iter().enumerate() {
            let along = vectors[(0, k)] * vectors[(1, k)];
            assert!((value - if along > 0.0 { 3.0 } else { 1.0 }).abs() < 1e-14);
        }
    }
}
