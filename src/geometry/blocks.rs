//! Work cut into blocks: rows as f64 columns, products of blocks, and sums in one fixed order.
//!
//! Blocks run on however many threads there are, but their results are combined in the order of their
//! numbers, so a value has the same bits whatever the thread count. Sweeps over pairs live in `pairs`.

use std::ops::Range;

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::product::{View, multiply};
use crate::features::Matrix;

/// The results of `block(0)..block(count)` in this order, computed in parallel.
pub(super) fn in_order<T: Send>(count: usize, block: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
    match count {
        // A single block stays on this thread: the small samples of the lab must not wait for a pool.
        0 | 1 => (0..count).map(block).collect(),
        _ => (0..count).into_par_iter().map(block).collect(),
    }
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

/// `aᵀ·b`.
pub(super) fn transposed_product(a: &DMatrix<f64>, b: &DMatrix<f64>) -> DMatrix<f64> {
    let mut out = DMatrix::zeros(a.ncols(), b.ncols());
    multiply(out.as_mut_slice(), view(a).transposed(), view(b));
    out
}

/// `a·b`.
pub(super) fn product(a: &DMatrix<f64>, b: &DMatrix<f64>) -> DMatrix<f64> {
    let mut out = DMatrix::zeros(a.nrows(), b.ncols());
    multiply(out.as_mut_slice(), view(a), view(b));
    out
}

/// `XᵀX` or `XXᵀ`, whichever is smaller: both have the same non-zero eigenvalues and Frobenius norm.
pub(super) fn smaller_gram(columns: &DMatrix<f64>) -> DMatrix<f64> {
    if columns.nrows() > columns.ncols() { transposed_product(columns, columns) } else { outer_gram(columns) }
}

/// `XXᵀ`.
pub(super) fn outer_gram(columns: &DMatrix<f64>) -> DMatrix<f64> {
    let mut out = DMatrix::zeros(columns.nrows(), columns.nrows());
    multiply(out.as_mut_slice(), view(columns), view(columns).transposed());
    out
}

fn view(matrix: &DMatrix<f64>) -> View<'_, f64> {
    View::columns(matrix.as_slice(), matrix.nrows(), matrix.ncols())
}
