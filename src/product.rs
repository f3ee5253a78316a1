//! Matrix products of tiles: one factor packed in panels once a step, the other read as it lies.
//!
//! A library arranges both factors anew for every product; here a tile of candidates meets hundreds of
//! blocks of anchors, and the panels are packed once for all of them.

use crate::lanes::LANES;
use crate::lanes::dispatch::Simd;
use crate::lanes::registers::{Strip, rows_at_once};

/// How many steps of the inner dimension are taken before the next panel: 16 KiB of a panel, which
/// stay in the first-level cache.
const DEPTH: usize = 256;
/// The width of the last panel where that is enough.
const HALF: usize = LANES / 2;

/// A k×n matrix in panels of sixteen columns: panel after panel, in each row after row, the last one
/// filled up with zeros.
#[derive(Clone, Debug, Default)]
pub(crate) struct Panels {
    data: Vec<f32>,
    rows: usize,
    cols: usize,
}

impl Panels {
    /// Packs the row-major matrix `from`, `cols` numbers a row.
    pub(crate) fn fill(&mut self, from: &[f32], cols: usize) {
        let rows = from.len() / cols.max(1);
        self.resize(rows, cols);
        if cols == LANES {
            self.data.copy_from_slice(from);
            return;
        }
        for (p, panel) in self.data.chunks_exact_mut((rows * LANES).max(1)).enumerate() {
            let start = p * LANES;
            let width = LANES.min(cols - start);
            for (to, from) in panel.chunks_exact_mut(LANES).zip(from.chunks_exact(cols)) {
                to[..width].copy_from_slice(&from[start..start + width]);
            }
        }
    }

    /// Packs the transpose of the row-major matrix `from`, `cols` numbers a row.
    pub(crate) fn fill_transposed(&mut self, from: &[f32], cols: usize) {
        let rows = from.len() / cols.max(1);
        self.resize(cols, rows);
        let panels = self.data.chunks_exact_mut((cols * LANES).max(1));
        for (panel, from) in panels.zip(from.chunks(LANES * cols.max(1))) {
            for (l, row) in from.chunks_exact(cols).enumerate() {
                for (to, &x) in panel[l..].iter_mut().step_by(LANES).zip(row) {
                    *to = x;
                }
            }
        }
    }

    fn resize(&mut self, rows: usize, cols: usize) {
        if (self.rows, self.cols) != (rows, cols) {
            self.data.clear();
            self.rows = rows;
            self.cols = cols;
        }
        self.data.resize(cols.div_ceil(LANES) * LANES * rows, 0.0);
    }

    /// The rows `from` to `from + len` of panel `p`.
    fn panel(&self, p: usize, from: usize, len: usize) -> &[[f32; LANES]] {
        let start = (p * self.rows + from) * LANES;
        self.data[start..start + len * LANES].as_chunks().0
    }
}

/// The factor that is read as it lies: rows `stride` apart, or columns.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Left<'a> {
    /// Entry (i, k) at i·stride + k.
    Rows(&'a [f32], usize),
    /// Entry (i, k) at k·stride + i.
    Columns(&'a [f32], usize),
}

/// A part of a product: `out` (m×n, rows `stride` apart) becomes `factor`·left·right, added to what is
/// there if `add`.
pub(crate) struct Product<'a, 'o> {
    /// m×k.
    pub(crate) left: Left<'a>,
    /// The whole right factor, of which
    pub(crate) right: &'a Panels,
    /// these rows (k of them)
    pub(crate) inner: std::ops::Range<usize>,
    /// and these columns (n of them) are taken; the first a multiple of sixteen.
    pub(crate) columns: std::ops::Range<usize>,
    /// m.
    pub(crate) rows: usize,
    pub(crate) factor: f32,
    pub(crate) add: bool,
    pub(crate) out: &'o mut [f32],
    pub(crate) stride: usize,
}

impl Product<'_, '_> {
    /// Computes it.
    ///
    /// # Panics
    /// If a range is outside the right factor, or the left one or `out` is too short.
    pub(crate) fn run(self) {
        let Product { left, right, inner, columns, rows, factor, add, out, stride } = self;
        assert!(columns.start.is_multiple_of(LANES), "panels start at multiples of sixteen");
        assert!(inner.end <= right.rows && columns.end <= right.cols, "inside the factor");
        if inner.is_empty() && !add {
            for row in out.chunks_mut(stride).take(rows) {
                row[..columns.len()].fill(0.0);
            }
        }
        let simd = Simd::current();
        let most = rows_at_once(simd);
        let (data, row_stride, step) = match left {
            Left::Rows(data, stride) => (data, stride, 1),
            Left::Columns(data, stride) => (data, 1, stride),
        };
        for from in inner.clone().step_by(DEPTH) {
            let len = DEPTH.min(inner.end - from);
            for start in columns.clone().step_by(LANES) {
                let width = LANES.min(columns.end - start);
                let half = if width > HALF { LANES } else { HALF };
                let mut row = 0;
                while row < rows {
                    let some = [12, 6, 2, 1].into_iter().find(|&r| r <= most.min(rows - row)).unwrap_or(1);
                    let strip = Strip {
                        left: &data[row * row_stride + (from - inner.start) * step..],
                        strides: (row_stride, step),
                        panel: right.panel(start / LANES, from, len),
                        factor,
                        add: add || from > inner.start,
                    };
                    let at = row * stride + start - columns.start;
                    if width == half {
                        strip.run(simd, some, half, &mut out[at..], stride);
                    } else {
                        strip.ragged(simd, some, width, &mut out[at..], stride);
                    }
                    row += some;
                }
            }
        }
    }
}

impl Strip<'_> {
    /// Fewer columns than the registers hold, by way of a place that holds them all.
    fn ragged(self, simd: Simd, rows: usize, width: usize, out: &mut [f32], stride: usize) {
        let mut whole = [0.0; 12 * LANES];
        let add = self.add;
        Strip { add: false, ..self }.run(
            simd,
            rows,
            if width > HALF { LANES } else { HALF },
            &mut whole,
            LANES,
        );
        for (r, from) in whole.chunks(LANES).take(rows).enumerate() {
            for (out, &x) in out[r * stride..][..width].iter_mut().zip(from) {
                *out = if add { *out + x } else { x };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    fn numbers(seed: u64, count: usize) -> Vec<f32> {
        (0..count).map(|i| random::normal(seed, 0, i as u32, 1, 0) as f32).collect()
    }

    #[test]
    fn two_by_three_by_hand() {
        // [1 2 3; 4 5 6] · [1 0; 2 1; 0 1] = [5 5; 14 11].
        let mut right = Panels::default();
        right.fill(&[1.0, 0.0, 2.0, 1.0, 0.0, 1.0], 2);
        let left = Left::Rows(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3);
        for (add, want) in [
            (true, [110.0, 110.0, 100.0, 100.0, 128.0, 122.0, 100.0, 100.0]),
            (false, [10.0, 10.0, 100.0, 100.0, 28.0, 22.0, 100.0, 100.0]),
        ] {
            let mut out = [100.0; 8];
            let right = &right;
            let product = Product {
                left,
                right,
                inner: 0..3,
                columns: 0..2,
                rows: 2,
                factor: 2.0,
                add,
                out: &mut out,
                stride: 4,
            };
            product.run();
            assert_eq!(out, want);
        }
    }

    #[test]
    fn ragged_sizes_agree_with_plain_sums_in_both_layouts() {
        for (m, k, n) in [(1, 1, 1), (6, 3, 8), (7, 300, 17), (13, 64, 25), (64, 5, 40), (3, 257, 16)] {
            let (a, b) = (numbers(1, m * k), numbers(2, k * n));
            let transpose = |x: &[f32], rows: usize, cols: usize| -> Vec<f32> {
                (0..rows * cols).map(|i| x[i % rows * cols + i / rows]).collect()
            };
            let want = |i: usize, j: usize| -> f64 {
                (0..k).map(|l| f64::from(a[i * k + l]) * f64::from(b[l * n + j])).sum()
            };
            let (mut plain, mut turned) = (Panels::default(), Panels::default());
            plain.fill(&b, n);
            turned.fill_transposed(&transpose(&b, k, n), k);
            assert_eq!(plain.data, turned.data);
            let columns = transpose(&a, m, k);
            for left in [Left::Rows(&a, k), Left::Columns(&columns, m)] {
                let mut out = vec![0.0; m * n];
                let right = &plain;
                let out_ref = &mut out[..];
                Product {
                    left,
                    right,
                    inner: 0..k,
                    columns: 0..n,
                    rows: m,
                    factor: 1.0,
                    add: false,
                    out: out_ref,
                    stride: n,
                }
                .run();
                for (at, &got) in out.iter().enumerate() {
                    let want = want(at / n, at % n);
                    assert!((f64::from(got) - want).abs() < 1e-4, "{m} {k} {n}: {got} {want}");
                }
            }
        }
    }

    #[test]
    fn a_stretch_of_the_inner_dimension_and_of_the_columns() {
        let (a, b) = (numbers(3, 4 * 10), numbers(4, 10 * 40));
        let mut right = Panels::default();
        right.fill(&b, 40);
        let mut out = vec![0.0; 4 * 9];
        Product {
            left: Left::Rows(&a[2..], 10),
            right: &right,
            inner: 2..7,
            columns: 16..25,
            rows: 4,
            factor: 1.0,
            add: false,
            out: &mut out,
            stride: 9,
        }
        .run();
        for (at, &got) in out.iter().enumerate() {
            let (i, j) = (at / 9, 16 + at % 9);
            let want: f32 = (2..7).map(|l| a[i * 10 + l] * b[l * 40 + j]).sum();
            assert!((got - want).abs() < 1e-5, "{i} {j}: {got} {want}");
        }
    }
}
