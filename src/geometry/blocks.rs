//! Work cut into blocks: rows as f64 columns, products of blocks, and sums in one fixed order.
//!
//! Blocks run on however many threads there are, but their results are combined in the order of their
//! numbers, so a value has the same bits on every machine and thread count. No matrix of N×N or C×C numbers
//! is ever held whole.

use std::ops::Range;

use nalgebra::DMatrix;
use rayon::prelude::*;

use crate::features::Matrix;

/// Numbers a block product may hold (1 MiB of f64), so that it stays in a core's cache.
const BLOCK_NUMBERS: usize = 1 << 17;

/// The results of `block(0)..block(count)` in this order, computed in parallel.
pub(super) fn in_order<T: Send>(count: usize, block: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
    match count {
        // A single block stays on this thread: the small samples of the lab must not wait for a pool.
        0 | 1 => (0..count).map(block).collect(),
        _ => (0..count).into_par_iter().map(block).collect(),
    }
}

/// How many columns a block may have whose product has `rows` rows.
pub(super) fn block_width(rows: usize) -> usize {
    (BLOCK_NUMBERS / rows.max(1)).clamp(4, 256)
}

/// Rows `range` of the points as d×n columns of f64.
pub(super) fn columns_of(points: &Matrix, range: Range<usize>) -> DMatrix<f64> {
    let (start, end) = (range.start * points.cols, range.end * points.cols);
    DMatrix::from_iterator(points.cols, range.len(), points.data[start..end].iter().map(|&x| f64::from(x)))
}

/// Block `number` of `0..total` cut into pieces of `width`.
pub(super) fn block_range(number: usize, width: usize, total: usize) -> Range<usize> {
    number * width..((number + 1) * width).min(total)
}

/// `aᵀ·b` through the blocked kernel. The transposed copy costs little beside the product: nalgebra's own
/// `tr_mul` takes single dot products, and its small products read out of bounds on a view with row strides.
pub(super) fn transposed_product(a: &DMatrix<f64>, b: &DMatrix<f64>) -> DMatrix<f64> {
    product(&a.transpose(), b)
}

/// `a·b` through the blocked kernel.
pub(super) fn product(a: &DMatrix<f64>, b: &DMatrix<f64>) -> DMatrix<f64> {
    let mut out = DMatrix::zeros(a.nrows(), b.ncols());
    out.gemm(1.0, a, b, 0.0);
    out
}

/// Runs `fold(first, gram)` over blocks of the lower triangle of `columnsᵀ·columns`: entry (i, j) of `gram` is the
/// product of columns `first + i` and `first + j`, with all i from `first` on but the few j of the block. Results
/// in the order of the blocks.
pub(super) fn over_gram<T: Send>(
    columns: &DMatrix<f64>,
    fold: impl Fn(usize, &DMatrix<f64>) -> T + Sync + Send,
) -> Vec<T> {
    let total = columns.ncols();
    let width = block_width(total);
    let transposed = columns.transpose();
    in_order(total.div_ceil(width), |number| {
        let range = block_range(number, width, total);
        let mut gram = DMatrix::zeros(total - range.start, range.len());
        let below = transposed.rows(range.start, total - range.start);
        gram.gemm(1.0, &below, &columns.columns(range.start, range.len()), 0.0);
        fold(range.start, &gram)
    })
}

/// The part of a block's column that lies strictly below the diagonal, for column `j` of the block.
pub(super) fn below_diagonal(gram: &DMatrix<f64>, j: usize) -> &[f64] {
    let height = gram.nrows();
    &gram.as_slice()[j * height + j + 1..(j + 1) * height]
}

/// `XᵀX` or `XXᵀ`, whichever is smaller: both have the same non-zero eigenvalues and Frobenius norm.
pub(super) fn smaller_gram(columns: &DMatrix<f64>) -> DMatrix<f64> {
    if columns.nrows() <= columns.ncols() {
        product(columns, &columns.transpose())
    } else {
        transposed_product(columns, columns)
    }
}

/// ‖A/‖A‖ − T‖ in Frobenius norms, A the Gram matrix of the columns and T, symmetric with ‖T‖ = 1, given entry by
/// entry. Entry by entry, because `2 − 2⟨A, T⟩` would lose half the digits near zero.
pub(super) fn gram_distance(
    columns: &DMatrix<f64>,
    target: impl Fn(usize, usize) -> f64 + Sync + Send,
) -> f64 {
    let norm = smaller_gram(columns).norm();
    let sums = over_gram(columns, |first, gram| {
        let (mut on, mut below) = (0.0, 0.0);
        for j in 0..gram.ncols() {
            let column = first + j;
            on += (gram[(j, j)] / norm - target(column, column)).powi(2);
            for (i, &value) in below_diagonal(gram, j).iter().enumerate() {
                below += (value / norm - target(column + 1 + i, column)).powi(2);
            }
        }
        on + 2.0 * below
    });
    sums.iter().sum::<f64>().sqrt()
}
