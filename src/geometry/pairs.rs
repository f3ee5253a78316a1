//! Sweeps over all pairs of columns, a tile of products at a time: no matrix of N×N or C×C numbers is ever held.

use std::ops::Range;

use nalgebra::DMatrix;

use super::blocks;
use super::product::{Entry, View, multiply};

/// From so many columns on products are in f32: they cost half, and their rounding of about 1e-7 is lost among the
/// pairs. Few columns are compared in f64, so that ideal frames come out as such.
pub(super) const ROUNDED_FROM: usize = 1024;

/// Columns of a strip: two strips and the tile of their products stay in a core's second cache.
const WIDTH: usize = 192;

/// Folds the products of all unordered pairs of `count` columns of `dim` numbers: `visit(sum, j, i, products)` gets
/// column j with the columns i, i + 1, … (all after j) and its products with them. `fill` writes a stretch of
/// columns. One result a strip, in their order, so that what is made of them does not depend on the number of threads.
pub(super) fn over_pairs<E: Entry, T: Default + Send>(
    (dim, count): (usize, usize),
    fill: impl Fn(Range<usize>, &mut [E]) + Sync,
    visit: impl Fn(&mut T, usize, usize, &[E]) + Sync,
) -> Vec<T> {
    let strip = |number: usize| blocks::block_range(number, WIDTH, count);
    blocks::in_order(count.div_ceil(WIDTH), |number| {
        let mut sum = T::default();
        let below = strip(number);
        let mut left = vec![E::ZERO; below.len() * dim];
        fill(below.clone(), &mut left);
        let mut right = vec![E::ZERO; WIDTH.min(count) * dim];
        let mut tile = vec![E::ZERO; below.len() * WIDTH.min(count)];
        for other in 0..=number {
            let across = strip(other);
            let own = other == number;
            let columns = if own {
                &left
            } else {
                fill(across.clone(), &mut right[..across.len() * dim]);
                &right
            };
            let (a, b) = (View::columns(&left, dim, below.len()), View::columns(columns, dim, across.len()));
            multiply(&mut tile, a.transposed(), b);
            for (j, products) in tile.chunks_exact(below.len()).take(across.len()).enumerate() {
                let skipped = if own { j + 1 } else { 0 };
                visit(&mut sum, across.start + j, below.start + skipped, &products[skipped..]);
            }
        }
        sum
    })
}

/// The same for the columns of a matrix, each pair's product widened where it was rounded.
pub(super) fn over_pairs_of<T: Default + Send>(
    columns: &DMatrix<f64>,
    visit: impl Fn(&mut T, usize, usize, &[f64]) + Sync,
) -> Vec<T> {
    let dim = columns.nrows();
    let stretch = |range: Range<usize>| &columns.as_slice()[range.start * dim..range.end * dim];
    if columns.ncols() < ROUNDED_FROM {
        let fill = |range: Range<usize>, out: &mut [f64]| out.copy_from_slice(stretch(range));
        return over_pairs(columns.shape(), fill, visit);
    }
    let fill = |range: Range<usize>, out: &mut [f32]| {
        for (to, &x) in out.iter_mut().zip(stretch(range)) {
            *to = x as f32;
        }
    };
    over_pairs(columns.shape(), fill, |sum, j, i, products: &[f32]| {
        let mut wide = [0.0; WIDTH];
        for (to, &product) in wide.iter_mut().zip(products) {
            *to = f64::from(product);
        }
        visit(sum, j, i, &wide[..products.len()]);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_comes_once_with_its_product() {
        // More than two strips, and a ragged last one.
        let count = 2 * WIDTH + 17;
        let columns = DMatrix::from_fn(3, count, |k, j| ((j * 7 + k * 5) % 11) as f64);
        let seen = over_pairs_of(&columns, |seen: &mut Vec<(usize, usize, f64)>, j, first, products| {
            seen.extend(products.iter().enumerate().map(|(k, &product)| (j, first + k, product)));
        });
        let mut seen = seen.concat();
        seen.sort_by_key(|&(j, i, _)| (j, i));
        let all = (0..count).flat_map(|j| (j + 1..count).map(move |i| (j, i)));
        assert!(all.eq(seen.iter().map(|&(j, i, _)| (j, i))));
        assert!(seen.iter().all(|&(j, i, product)| product == columns.column(i).dot(&columns.column(j))));
        assert!(over_pairs_of(&DMatrix::zeros(3, 0), |_: &mut (), _, _, _| ()).is_empty());
    }

    #[test]
    fn many_columns_are_compared_in_f32() {
        let columns = DMatrix::from_fn(1, ROUNDED_FROM, |_, j| if j == 7 { 1.0 + 1e-12 } else { 1.0 });
        let sums =
            over_pairs_of(&columns, |sum: &mut f64, _, _, products| *sum += products.iter().sum::<f64>());
        let pairs = ROUNDED_FROM * (ROUNDED_FROM - 1) / 2;
        assert_eq!(sums.iter().sum::<f64>(), pairs as f64);
    }
}
