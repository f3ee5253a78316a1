//! The few columns of a product that are left beyond whole panels: a sixteenth of a panel's work each, where a panel
//! of their own would cost as much as sixteen.

use std::cell::RefCell;

use super::{Onto, Product};
use crate::lanes::dispatch::{Simd, Vectorised, vectorised};
use crate::lanes::{LANES, Lanes};

/// Columns that are left are taken this way up to so many.
const MOST: usize = 4;
/// A row is worth adding up across its lanes from so many numbers on.
const LONG: usize = 128;
/// Sums side by side, so that one need not wait for another.
const ABREAST: usize = 4;

thread_local! {
    /// A column, and a sum for each row of the left factor.
    static SCRATCH: RefCell<[Vec<f32>; 2]> = const { RefCell::new([Vec::new(), Vec::new()]) };
}

/// How many of so many columns are to be taken one by one, where that pays.
pub(super) fn beyond_panels(columns: usize) -> usize {
    let over = columns % LANES;
    if columns > LANES && over <= MOST { over } else { 0 }
}

/// How many columns at the end of a product are to be taken one by one.
pub(super) fn left_over(product: &Product<'_, '_>) -> usize {
    let pays = matches!(product.left, super::Left::Columns(..)) || product.inner.len() >= LONG;
    if pays { beyond_panels(product.columns.len()) } else { 0 }
}

/// The left factor times one column.
struct Column<'a> {
    left: &'a [f32],
    /// How far apart the left factor's rows are, and the numbers of a row: one of them is 1.
    strides: (usize, usize),
    right: &'a [f32],
    /// One number a row of the left factor.
    sums: &'a mut [f32],
}

impl Vectorised for Column<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, simd: Simd) {
        let (row, step) = self.strides;
        if step == 1 {
            for (r, sum) in self.sums.iter_mut().enumerate() {
                *sum = dot(&self.left[r * row..][..self.right.len()], self.right, simd);
            }
            return;
        }
        let mut pieces = self.sums.chunks_exact_mut(ABREAST * LANES);
        let mut first = 0;
        for piece in &mut pieces {
            let mut sums = [Lanes::ZERO; ABREAST];
            for (k, &y) in self.right.iter().enumerate() {
                let from = self.left[k * step + first..].as_chunks::<LANES>().0;
                let from = &from[..ABREAST];
                for (sum, from) in sums.iter_mut().zip(from) {
                    *sum = Lanes(*from).times_plus(Lanes::splat(y), *sum, simd);
                }
            }
            for (to, sum) in piece.chunks_exact_mut(LANES).zip(sums) {
                to.copy_from_slice(&sum.0);
            }
            first += ABREAST * LANES;
        }
        for (r, sum) in pieces.into_remainder().iter_mut().enumerate() {
            let terms = self.right.iter().enumerate().map(|(k, &y)| self.left[k * step + first + r] * y);
            *sum = terms.sum();
        }
    }
}

#[inline(always)]
fn dot(a: &[f32], b: &[f32], simd: Simd) -> f32 {
    let (a, a_rest) = a.as_chunks::<LANES>();
    let (b, b_rest) = b.as_chunks::<LANES>();
    let mut sums = [Lanes::ZERO; ABREAST];
    let (a, a_more) = a.as_chunks::<ABREAST>();
    let (b, b_more) = b.as_chunks::<ABREAST>();
    for (a, b) in a.iter().zip(b) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum = Lanes(*a).times_plus(Lanes(*b), *sum, simd);
        }
    }
    for (sum, (a, b)) in sums.iter_mut().zip(a_more.iter().zip(b_more)) {
        *sum = Lanes(*a).times_plus(Lanes(*b), *sum, simd);
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    let [s, t, u, v] = sums;
    ((s + t) + (u + v)).sum() + rest
}

/// Computes the last `count` columns of a product, all of its inner dimension.
pub(super) fn columns(product: &mut Product<'_, '_>, count: usize) {
    SCRATCH.with_borrow_mut(|[column, sums]| {
        sums.clear();
        sums.resize(product.rows, 0.0);
        for at in product.columns.len() - count..product.columns.len() {
            one(product, at, column, sums);
        }
    });
}

fn one(product: &mut Product<'_, '_>, at: usize, column: &mut Vec<f32>, sums: &mut [f32]) {
    let (left, row, step) = product.left.parts();
    let from = product.columns.start + at;
    let panel = &product.right.data[from / LANES * product.right.pitch + from % LANES..];
    column.clear();
    column.extend(product.inner.clone().map(|k| panel[k * product.right.step]));
    vectorised(Column { left, strides: (row, step), right: column, sums });
    let to = product.out[at..].iter_mut().step_by(product.stride).zip(sums);
    let factor = product.factor;
    match product.onto {
        Onto::Nothing => to.for_each(|(out, sum)| *out = factor * *sum),
        Onto::Itself => to.for_each(|(out, sum)| *out += factor * *sum),
        Onto::Row(row) => to.for_each(|(out, sum)| *out = row[at] + factor * *sum),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Left, Panels, Right};
    use super::*;
    use crate::random;

    #[test]
    fn columns_beyond_whole_panels_are_as_exact_as_those_within() {
        let numbers = |seed: u64, count: usize| -> Vec<f32> {
            (0..count).map(|i| random::normal(seed, 0, i as u32, 1, 0) as f32).collect()
        };
        for (m, k, n, over) in [(150, 200, 65, 1), (7, 131, 36, 4), (67, 9, 18, 2), (3, 128, 33, 1)] {
            let (a, b, start) = (numbers(1, m * k), numbers(2, k * n), numbers(3, m * n));
            let turned: Vec<f32> = (0..m * k).map(|i| a[i % m * k + i / m]).collect();
            let mut panels = Panels::default();
            panels.fill(&b, n);
            let lies = Right::as_it_lies_by_columns(&b, n);
            let ways = [
                (Left::Rows(&a, k), None),
                (Left::Columns(&turned, m), None),
                (Left::Columns(&turned, m), lies),
            ];
            for (left, lies) in ways {
                for onto in [Onto::Nothing, Onto::Itself, Onto::Row(&start[..n])] {
                    let mut out = start.clone();
                    let right = lies.unwrap_or_else(|| panels.view());
                    let (factor, columns) = (0.5, 0..n);
                    let out_ref = &mut out[..];
                    let product = Product {
                        left,
                        right,
                        inner: 0..k,
                        columns,
                        rows: m,
                        factor,
                        onto,
                        out: out_ref,
                        stride: n,
                    };
                    let one_by_one = matches!(left, Left::Columns(..)) || k >= LONG;
                    assert_eq!(left_over(&product), if one_by_one { over } else { 0 });
                    product.run();
                    for (at, &got) in out.iter().enumerate() {
                        let (i, j) = (at / n, at % n);
                        let sum: f64 =
                            (0..k).map(|l| f64::from(a[i * k + l]) * f64::from(b[l * n + j])).sum();
                        let before = match onto {
                            Onto::Nothing => 0.0,
                            Onto::Itself => start[at],
                            Onto::Row(row) => row[j],
                        };
                        let want = 0.5 * sum + f64::from(before);
                        assert!((f64::from(got) - want).abs() < 2e-5, "{m} {k} {n}, {i} {j}: {got} {want}");
                    }
                }
            }
        }
    }
}
