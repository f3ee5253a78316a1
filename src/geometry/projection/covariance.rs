//! Mean and covariance of the rows, streamed in blocks: d×d numbers whatever N is.
//!
//! Products of a block are in f32 (they end up on screen), sums over blocks in f64.

use std::ops::Range;

use nalgebra::DMatrix;

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
    let mut offsets = Vec::with_capacity(ROWS * dim);
    for start in rows.clone().step_by(ROWS) {
        offsets.clear();
        for row in start..(start + ROWS).min(rows.end) {
            offsets
                .extend(points.row(row).iter().zip(mean).map(|(&x, m)| ((f64::from(x) - m) * scale) as f32));
        }
        // Rows of zeros fill up the last group and add nothing.
        offsets.resize(offsets.len().next_multiple_of(GROUP * dim), 0.0);
        for left in (0..dim).step_by(TILE) {
            for right in (0..=left).step_by(TILE) {
                add_tile(&offsets, left, right, &mut total);
            }
        }
    }
    total.fill_upper_triangle_with_lower_triangle();
    total
}

/// Rows added at a time: their products go into a sum that is loaded and stored once.
const GROUP: usize = 4;
/// Columns of a tile of the covariance, whose f32 sums stay in the first cache.
const TILE: usize = 64;

/// Adds the products of columns `left..` with columns `right..` (of one tile each) over all rows of the block to
/// the lower triangle. Here and not by a general product: packing columns for it costs more than these few sums.
fn add_tile(offsets: &[f32], left: usize, right: usize, total: &mut DMatrix<f64>) {
    let dim = total.nrows();
    let (height, width) = (TILE.min(dim - left), TILE.min(dim - right));
    let mut sums = [[0.0_f32; TILE]; TILE];
    for group in offsets.chunks_exact(GROUP * dim) {
        let [a, b, c, d]: [&[f32]; GROUP] = std::array::from_fn(|k| &group[k * dim..(k + 1) * dim]);
        let mut tile = [[0.0_f32; TILE]; GROUP];
        for (tile, row) in tile.iter_mut().zip([a, b, c, d]) {
            tile[..width].copy_from_slice(&row[right..right + width]);
        }
        for (i, sums) in sums.iter_mut().enumerate().take(height) {
            let (a, b, c, d) = (a[left + i], b[left + i], c[left + i], d[left + i]);
            // On the diagonal tile only up to the diagonal, in whole groups of lanes.
            let end = if left == right { (i + 1).next_multiple_of(8) } else { width.next_multiple_of(8) };
            for (j, sum) in sums[..end].iter_mut().enumerate() {
                *sum += (a * tile[0][j] + b * tile[1][j]) + (c * tile[2][j] + d * tile[3][j]);
            }
        }
    }
    for (i, sums) in sums.iter().enumerate().take(height) {
        for (j, &sum) in sums.iter().enumerate().take(width) {
            if right + j <= left + i {
                total[(left + i, right + j)] += f64::from(sum);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_and_groups_of_ragged_sizes_add_up() {
        for (rows, dim) in [(1, 1), (3, 2), (5, 63), (514, 65), (1031, 130)] {
            let points = Matrix::from_fn(rows, dim, |i, j| ((i * 31 + j * 17 + i * j) % 23) as f32 - 9.0);
            let covariance = Covariance::new(&points).unwrap();
            let reach = points.data.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
            let rows_f64: Vec<Vec<f64>> = points
                .rows_iter()
                .map(|row| row.iter().zip(&covariance.mean).map(|(&x, m)| f64::from(x) - m).collect())
                .collect();
            for i in 0..dim {
                for j in 0..dim {
                    let sum: f64 = rows_f64.iter().map(|row| row[i] * row[j]).sum();
                    let expected = sum / rows as f64 / f64::from(reach).powi(2);
                    let got = covariance.matrix[(i, j)];
                    assert!((got - expected).abs() < 1e-6, "{rows}x{dim} at {i}, {j}: {got} {expected}");
                }
            }
        }
    }
}
