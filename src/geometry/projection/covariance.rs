//! Mean and covariance of the rows, streamed in blocks: d×d numbers whatever N is.
//!
//! Products of a block are in f32 (they end up on screen), sums over blocks in f64.

use std::ops::Range;

use nalgebra::{DMatrix, DMatrixView};

use crate::features::Matrix;
use crate::geometry::{Undefined, blocks, seeded::dot, spectrum};

/// Rows in a block.
const ROWS: usize = 512;
/// Parts of the rows that run side by side, each with one d×d sum; fixed, so that the bits do not depend on the
/// number of threads.
const STRIPS: usize = 8;

/// Variances below this, of rows with largest entry 1, are rounding: f32 itself is coarser.
const ROUNDING: f64 = 1e-22;

/// Mean and covariance, the latter up to the common factor `scale²`.
pub(super) struct Covariance {
    /// d numbers.
    pub(super) mean: Vec<f64>,
    /// d×d, of the rows less their mean and divided by their largest entry.
    matrix: DMatrix<f64>,
}

impl Covariance {
    /// The covariance of finite rows; an error says why there is none.
    pub(super) fn new(points: &Matrix) -> Result<Self, Undefined> {
        let dim = points.cols;
        if points.rows == 0 || dim == 0 {
            return Err(Undefined::because("there are no rows"));
        }
        let height = points.rows.div_ceil(STRIPS).next_multiple_of(ROWS);
        let strips = points.rows.div_ceil(height);
        let strip = |number: usize| blocks::block_range(number, height, points.rows);
        let sums = blocks::in_order(strips, |number| sum_and_reach(points, strip(number)));
        let mut mean = vec![0.0; dim];
        let mut reach = 0.0_f32;
        for (sum, most) in sums {
            // Bits order non-negative numbers, NaN above infinity.
            reach = f32::from_bits(reach.to_bits().max(most.to_bits()));
            for (mean, sum) in mean.iter_mut().zip(sum) {
                *mean += sum / points.rows as f64;
            }
        }
        if !reach.is_finite() {
            return Err(Undefined::because("the rows hold a number that is not finite"));
        }
        if reach == 0.0 {
            return Ok(Self { matrix: DMatrix::zeros(dim, dim), mean });
        }
        let scale = 1.0 / f64::from(reach);
        let parts = blocks::in_order(strips, |number| products(points, strip(number), &mean, scale));
        let mut matrix = DMatrix::<f64>::zeros(dim, dim);
        for part in parts {
            matrix += part;
        }
        matrix /= points.rows as f64;
        if matrix.trace() <= ROUNDING {
            // The points coincide: what is left is the rounding of their mean, not a direction.
            matrix.fill(0.0);
        }
        Ok(Self { mean, matrix })
    }

    /// The sum of all variances.
    pub(super) fn total(&self) -> f64 {
        self.matrix.trace()
    }

    /// The variance along a unit axis.
    pub(super) fn along(&self, axis: &[f64]) -> f64 {
        dot(axis, &self.times(axis)).max(0.0)
    }

    /// The covariance times a vector.
    pub(super) fn times(&self, vector: &[f64]) -> Vec<f64> {
        // Symmetric, so columns serve as rows, and they lie together in memory.
        self.matrix.as_slice().chunks_exact(vector.len()).map(|column| dot(column, vector)).collect()
    }

    /// Eigenvectors, the greatest variance first.
    pub(super) fn principal_axes(&self, count: usize) -> Result<Vec<Vec<f64>>, Undefined> {
        let (values, vectors) = spectrum::symmetric_eigen(self.matrix.clone())?;
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
        Ok(order.iter().take(count).map(|&k| vectors.column(k).iter().copied().collect()).collect())
    }
}

/// The sum of the rows and the largest absolute entry; the latter is not finite if any number is not.
fn sum_and_reach(points: &Matrix, rows: Range<usize>) -> (Vec<f64>, f32) {
    let mut sum = vec![0.0; points.cols];
    let mut reach = 0_i32;
    for row in rows {
        for (sum, &x) in sum.iter_mut().zip(points.row(row)) {
            *sum += f64::from(x);
            reach = reach.max((x.to_bits() & 0x7fff_ffff) as i32);
        }
    }
    (sum, f32::from_bits(reach as u32))
}

/// Σ (x − mean)(x − mean)ᵀ scale² over some rows.
fn products(points: &Matrix, rows: Range<usize>, mean: &[f64], scale: f64) -> DMatrix<f64> {
    let dim = points.cols;
    let mut total = DMatrix::<f64>::zeros(dim, dim);
    let mut product = DMatrix::<f32>::zeros(dim, dim);
    let mut offsets = Vec::with_capacity(ROWS * dim);
    for start in rows.clone().step_by(ROWS) {
        offsets.clear();
        for row in start..(start + ROWS).min(rows.end) {
            offsets
                .extend(points.row(row).iter().zip(mean).map(|(&x, m)| ((f64::from(x) - m) * scale) as f32));
        }
        let count = offsets.len() / dim;
        let columns = DMatrixView::from_slice(&offsets, dim, count);
        product.gemm(1.0, &columns, &columns.transpose(), 0.0);
        for (sum, &x) in total.iter_mut().zip(product.iter()) {
            *sum += f64::from(x);
        }
    }
    total
}
