//! Mean and covariance of the rows, streamed in blocks: d×d numbers whatever N is.
//!
//! Products of a block are in f32 (they end up on screen), sums over blocks in f64.

use nalgebra::DMatrix;

use crate::features::Matrix;
use crate::geometry::{Undefined, blocks, seeded::dot, spectrum};

/// Rows in a block.
const ROWS: usize = 512;

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
        if points.rows == 0 || points.cols == 0 {
            return Err(Undefined::because("there are no rows"));
        }
        if !points.is_finite() {
            return Err(Undefined::because("the rows hold a number that is not finite"));
        }
        let mean = mean(points);
        let block = |number: usize| blocks::block_range(number, ROWS, points.rows);
        let count = points.rows.div_ceil(ROWS);
        let reach = points.data.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
        if reach == 0.0 {
            return Ok(Self { matrix: DMatrix::zeros(points.cols, points.cols), mean });
        }
        let scale = 1.0 / f64::from(reach);
        let parts = blocks::in_order(count, |number| {
            let range = block(number);
            let mut columns = DMatrix::<f32>::zeros(points.cols, range.len());
            for (column, row) in columns.as_mut_slice().chunks_exact_mut(points.cols).zip(range) {
                for ((out, &x), m) in column.iter_mut().zip(points.row(row)).zip(&mean) {
                    *out = ((f64::from(x) - m) * scale) as f32;
                }
            }
            let mut product = DMatrix::<f32>::zeros(points.cols, points.cols);
            product.gemm(1.0, &columns, &columns.transpose(), 0.0);
            product
        });
        let mut matrix = DMatrix::<f64>::zeros(points.cols, points.cols);
        for part in parts {
            for (sum, &x) in matrix.iter_mut().zip(part.iter()) {
                *sum += f64::from(x);
            }
        }
        Ok(Self { matrix: matrix / points.rows as f64, mean })
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

fn mean(points: &Matrix) -> Vec<f64> {
    let mut sum = vec![0.0; points.cols];
    for row in points.rows_iter() {
        for (sum, &x) in sum.iter_mut().zip(row) {
            *sum += f64::from(x);
        }
    }
    sum.iter().map(|sum| sum / points.rows as f64).collect()
}
