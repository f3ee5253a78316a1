//! Eigenvalues and singular values, guarded: finite input only, capped iterations, an upper size.
//!
//! Singular values come from a QR factorisation and not from the Gram matrix, because a Gram matrix turns
//! everything below 1e-8 of the largest one into noise, and collapsed features live exactly there.

use std::panic::{AssertUnwindSafe, catch_unwind};

use nalgebra::{DMatrix, SVD, SymmetricEigen};

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
    let scale = f64::from(scale);
    if n <= d {
        return singular_values(blocks::columns_of(points, 0..n) / scale);
    }
    // Tall rows: reduce blocks of rows to triangles, then the pile of triangles, in a fixed order.
    let height = (4 * d).max(256);
    let triangles = blocks::in_order(n.div_ceil(height), |number| {
        let block = blocks::columns_of(points, blocks::block_range(number, height, n)).transpose() / scale;
        triangle(block)
    });
    let reduced = triangles
        .into_iter()
        .reduce(|upper, lower| {
            let mut pile = DMatrix::zeros(upper.nrows() + lower.nrows(), d);
            pile.rows_mut(0, upper.nrows()).copy_from(&upper);
            pile.rows_mut(upper.nrows(), lower.nrows()).copy_from(&lower);
            triangle(pile)
        })
        .ok_or(Undefined::because("there are no rows"))?;
    singular_values(reduced)
}

/// Singular values of any matrix, in no order.
pub(super) fn singular_values(matrix: DMatrix<f64>) -> Result<Vec<f64>, Undefined> {
    if matrix.is_empty() {
        return Err(Undefined::because("there are no rows"));
    }
    let tall = if matrix.nrows() < matrix.ncols() { matrix.transpose() } else { matrix };
    check(&tall)?;
    let scale = tall.amax();
    let small = tall.ncols();
    if scale == 0.0 {
        return Ok(vec![0.0; small]);
    }
    let square = triangle(tall / scale);
    let cap = 1000 + 100 * small;
    let found =
        catch_unwind(AssertUnwindSafe(|| SVD::try_new_unordered(square, false, false, f64::EPSILON, cap)));
    let svd = found.ok().flatten().ok_or(NOT_CONVERGED)?;
    let values: Vec<f64> = svd.singular_values.iter().map(|value| value * scale).collect();
    if values.iter().any(|x| !x.is_finite()) {
        return Err(NOT_CONVERGED);
    }
    Ok(values)
}

/// The triangle R of a QR factorisation: same singular values, at most as many rows as columns.
fn triangle(matrix: DMatrix<f64>) -> DMatrix<f64> {
    if matrix.nrows() <= matrix.ncols() { matrix } else { matrix.qr().unpack_r() }
}

fn check(matrix: &DMatrix<f64>) -> Result<(), Undefined> {
    // A NaN makes nalgebra's SVD loop for ever and its eigenvalues plausible nonsense.
    if !matrix.iter().all(|x| x.is_finite()) {
        return Err(Undefined::because("the numbers are beyond the range of f64"));
    }
    if matrix.ncols() > LARGEST {
        return Err(too_large(matrix.ncols()));
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
