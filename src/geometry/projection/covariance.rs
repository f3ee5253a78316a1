//! Mean and covariance of the rows, streamed in blocks: d×d numbers whatever N is.
//!
//! [`Scatter`] is the same in two parts: the rows about their class means, and the class means.
//! Products of a block are in f32 (they end up on screen), sums over blocks in f64.

use std::ops::Range;

use nalgebra::DMatrix;

use super::SHOWN;
use crate::features::Matrix;
use crate::geometry::seeded::{dot, orthonormal};
use crate::geometry::{Classes, Undefined, blocks, spectrum};

/// Rows in a block.
const ROWS: usize = 512;
/// Parts of the rows that run side by side, each with one d×d sum; fixed, so that the bits do not depend on the
/// number of threads.
const STRIPS: usize = 8;

/// Variances below this, of rows with largest entry 1, are rounding: f32 itself is coarser.
const ROUNDING: f64 = 1e-22;

/// Steps of power iteration for the widest direction beside others.
const STEPS: usize = 30;

/// Mean and covariance, the latter up to the common factor `scale²`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Covariance {
    /// d numbers.
    pub(super) mean: Vec<f64>,
    /// d×d, of the rows less their mean and divided by their largest entry.
    matrix: DMatrix<f64>,
}

impl Covariance {
    /// The covariance of finite rows; an error says why there is none.
    pub(super) fn new(points: &Matrix) -> Result<Self, Undefined> {
        let (mean, reach) = mean_and_reach(points)?;
        let dim = points.cols;
        if reach == 0.0 {
            return Ok(Self { matrix: DMatrix::zeros(dim, dim), mean });
        }
        let mut matrix = about(points, &|_| &mean, 1.0 / f64::from(reach));
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

/// The covariance in two parts, both up to the factor `scale²` of [`Covariance`].
pub(super) struct Scatter {
    /// d×d: the rows about their class means.
    pub(super) within: DMatrix<f64>,
    /// d×C: class means less the mean of the rows, times the root of their share of the rows. Their products with
    /// themselves are the scatter between classes.
    pub(super) means: DMatrix<f64>,
    /// Both together.
    pub(super) total: Covariance,
}

impl Scatter {
    /// The scatter of finite rows with their classes; an error says why there is none.
    pub(super) fn new(points: &Matrix, classes: &Classes) -> Result<Self, Undefined> {
        let (mean, reach) = mean_and_reach(points)?;
        let (dim, count) = (points.cols, classes.len());
        if reach == 0.0 {
            let nothing = DMatrix::zeros(dim, dim);
            let total = Covariance { mean, matrix: nothing.clone() };
            return Ok(Self { within: nothing, means: DMatrix::zeros(dim, count), total });
        }
        let scale = 1.0 / f64::from(reach);
        // Class means as rows in one piece: columns of a column-major matrix.
        let own = classes.means.as_slice();
        let centre = |row: usize| &own[classes.of_row[row] * dim..(classes.of_row[row] + 1) * dim];
        let mut within = about(points, &centre, scale);
        let mut means = DMatrix::from_fn(dim, count, |i, class| {
            let share = classes.counts[class] as f64 / points.rows as f64;
            share.sqrt() * (classes.means[(i, class)] - mean[i]) * scale
        });
        let mut matrix = blocks::outer_gram(&means) + &within;
        if matrix.trace() <= ROUNDING {
            for part in [&mut within, &mut means, &mut matrix] {
                part.fill(0.0);
            }
        }
        Ok(Self { within, means, total: Covariance { mean, matrix } })
    }
}

/// The direction of greatest variance orthogonal to axes, by power iteration from a start.
pub(super) fn widest_beside(
    covariance: &Covariance,
    axes: &[Vec<f64>],
    start: Option<&Vec<f64>>,
    dim: usize,
) -> Vec<f64> {
    // Not a coordinate axis: that may be orthogonal to what is sought.
    let start = start.cloned().unwrap_or_else(|| (0..dim).map(|i| 1.0 + 0.1 * (i % 7) as f64).collect());
    let count = (axes.len() + 1).min(SHOWN);
    let mut axes = axes.to_vec();
    axes.push(start);
    let mut axes = orthonormal(&axes, count, dim);
    for _ in 0..STEPS {
        let Some(last) = axes.pop() else { break };
        let image = covariance.times(&last);
        let outside = dot(&image, &image) > 1e-24 * covariance.total().powi(2);
        axes.push(if outside { image } else { last });
        axes = orthonormal(&axes, count, dim);
    }
    axes.pop().unwrap_or_default()
}

/// The mean of the rows and their largest absolute entry, which is finite.
fn mean_and_reach(points: &Matrix) -> Result<(Vec<f64>, f32), Undefined> {
    if points.rows == 0 || points.cols == 0 {
        return Err(Undefined::because("there are no rows"));
    }
    let sums = in_strips(points.rows, |rows| sum_and_reach(points, rows));
    let mut mean = vec![0.0; points.cols];
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
    Ok((mean, reach))
}

/// What `part` makes of each strip of the rows, in their order.
fn in_strips<T: Send>(count: usize, part: impl Fn(Range<usize>) -> T + Sync + Send) -> Vec<T> {
    let height = count.div_ceil(STRIPS).next_multiple_of(ROWS);
    blocks::in_order(count.div_ceil(height), |number| part(blocks::block_range(number, height, count)))
}

/// The mean over all rows of (x − centre)(x − centre)ᵀ scale², each row about a centre of its own.
fn about<'a>(points: &Matrix, centre: &(impl Fn(usize) -> &'a [f64] + Sync), scale: f64) -> DMatrix<f64> {
    let parts = in_strips(points.rows, |rows| products(points, rows, centre, scale));
    let mut matrix = DMatrix::<f64>::zeros(points.cols, points.cols);
    for part in parts {
        matrix += part;
    }
    matrix / points.rows as f64
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

/// Σ (x − centre)(x − centre)ᵀ scale² over some rows.
fn products<'a>(
    points: &Matrix,
    rows: Range<usize>,
    centre: &impl Fn(usize) -> &'a [f64],
    scale: f64,
) -> DMatrix<f64> {
    let dim = points.cols;
    let mut total = DMatrix::<f64>::zeros(dim, dim);
    let mut offsets = Vec::with_capacity(ROWS * dim);
    for start in rows.clone().step_by(ROWS) {
        offsets.clear();
        for row in start..(start + ROWS).min(rows.end) {
            offsets.extend(
                points.row(row).iter().zip(centre(row)).map(|(&x, m)| ((f64::from(x) - m) * scale) as f32),
            );
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
