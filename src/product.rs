//! Matrix products of tiles: one factor packed in panels once a step, the other read as it lies.
//!
//! A library arranges both factors anew for every product; here a tile of candidates meets hundreds of
//! blocks of anchors, and the panels are packed once for all of them.

pub(crate) mod general;
mod slim;

use rayon::prelude::*;

use crate::lanes::LANES;
use crate::lanes::aligned::Aligned;
use crate::lanes::dispatch::Simd;
pub(crate) use crate::lanes::registers::Onto;
use crate::lanes::registers::{MOST_ROWS, Strip, shape, takes_fewer};

/// How many rows of panels are taken before the next ones: 32 KiB, which stay in the first-level cache.
const ROWS: usize = 512;
/// Below so many numbers one thread packs them.
const WORTH_THREADS: usize = 1 << 14;
/// The most steps of the inner dimension at a time.
const DEPTH: usize = 256;

/// A k×n matrix in panels of sixteen columns: panel after panel, in each row after row, the last one
/// filled up with zeros.
#[derive(Clone, Debug, Default)]
pub(crate) struct Panels {
    data: Aligned,
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
        let panel = |(p, panel): (usize, &mut [f32])| {
            let start = p * LANES;
            let lines = panel.chunks_exact_mut(LANES).zip(from.chunks_exact(cols));
            // Of a known length, where they are whole: copied in one go.
            match cols - start {
                LANES.. => lines.for_each(|(to, from)| to.copy_from_slice(&from[start..start + LANES])),
                width => lines.for_each(|(to, from)| to[..width].copy_from_slice(&from[start..])),
            }
        };
        self.each(panel);
    }

    /// Packs the transpose of the row-major matrix `from`, `cols` numbers a row.
    pub(crate) fn fill_transposed(&mut self, from: &[f32], cols: usize) {
        let rows = from.len() / cols.max(1);
        self.resize(cols, rows);
        let panel = |(p, panel): (usize, &mut [f32])| {
            for (l, row) in from[p * LANES * cols..].chunks_exact(cols).take(LANES).enumerate() {
                for (to, &x) in panel[l..].iter_mut().step_by(LANES).zip(row) {
                    *to = x;
                }
            }
        };
        self.each(panel);
    }

    /// Does `work` for each panel, on several threads where there is much of it.
    fn each(&mut self, work: impl Fn((usize, &mut [f32])) + Sync + Send) {
        let len = (self.rows * LANES).max(1);
        if self.data.len() > WORTH_THREADS {
            self.data.par_chunks_exact_mut(len).enumerate().for_each(work);
        } else {
            self.data.chunks_exact_mut(len).enumerate().for_each(work);
        }
    }

    fn resize(&mut self, rows: usize, cols: usize) {
        if (self.rows, self.cols) != (rows, cols) {
            self.data.clear_to(cols.div_ceil(LANES) * LANES * rows);
            self.rows = rows;
            self.cols = cols;
        }
    }

    /// The matrix that was packed.
    pub(crate) fn view(&self) -> Right<'_> {
        Right { data: &self.data, rows: self.rows, cols: self.cols, pitch: self.rows * LANES, step: LANES }
    }
}

/// The right factor: panels of sixteen columns, wherever they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Right<'a> {
    data: &'a [f32],
    rows: usize,
    cols: usize,
    /// How far apart the first rows of two panels are, and two rows of one.
    pitch: usize,
    step: usize,
}

impl<'a> Right<'a> {
    /// The row-major matrix `data`, `cols` numbers a row, as it lies: where all its columns are taken at
    /// a time, so that packing it would not bring together what is read together.
    pub(crate) fn as_it_lies(data: &'a [f32], cols: usize) -> Option<Self> {
        let whole = cols.is_multiple_of(LANES) && shape(Simd::current(), cols).0 == cols;
        whole.then(|| Self::lying(data, cols))
    }

    /// The same for products whose left factor is read by columns, which may leave a few columns over: those are
    /// taken one by one.
    pub(crate) fn as_it_lies_by_columns(data: &'a [f32], cols: usize) -> Option<Self> {
        let whole = cols - slim::beyond_panels(cols);
        let fits = whole.is_multiple_of(LANES) && shape(Simd::current(), whole).0 == whole;
        fits.then(|| Self::lying(data, cols))
    }

    fn lying(data: &'a [f32], cols: usize) -> Self {
        Self { data, rows: data.len() / cols, cols, pitch: LANES, step: cols }
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

impl<'a> Left<'a> {
    /// The numbers, how far apart its rows are, and the numbers of a row.
    fn parts(self) -> (&'a [f32], usize, usize) {
        match self {
            Left::Rows(data, stride) => (data, stride, 1),
            Left::Columns(data, stride) => (data, 1, stride),
        }
    }
}

/// A part of a product: `out` (m×n, rows `stride` apart) becomes `factor`·left·right, added to what
/// `onto` says.
pub(crate) struct Product<'a, 'o> {
    /// m×k.
    pub(crate) left: Left<'a>,
    /// The whole right factor, of which
    pub(crate) right: Right<'a>,
    /// these rows (k of them)
    pub(crate) inner: std::ops::Range<usize>,
    /// and these columns (n of them) are taken; the first a multiple of sixteen.
    pub(crate) columns: std::ops::Range<usize>,
    /// m.
    pub(crate) rows: usize,
    pub(crate) factor: f32,
    pub(crate) onto: Onto<'a>,
    pub(crate) out: &'o mut [f32],
    pub(crate) stride: usize,
}

impl Product<'_, '_> {
    /// Computes it.
    ///
    /// # Panics
    /// If a range is outside the right factor, or the left one or `out` is too short.
    pub(crate) fn run(mut self) {
        assert!(self.columns.start.is_multiple_of(LANES), "panels start at multiples of sixteen");
        assert!(
            self.inner.end <= self.right.rows && self.columns.end <= self.right.cols,
            "inside the factor"
        );
        let over = slim::left_over(&self);
        if over > 0 {
            slim::columns(&mut self, over);
            self.columns.end -= over;
        }
        let Product { left, right, inner, columns, rows, factor, onto, out, stride } = self;
        if inner.is_empty() {
            for row in out.chunks_mut(stride).take(rows) {
                match onto {
                    Onto::Nothing => row[..columns.len()].fill(0.0),
                    Onto::Itself => {}
                    Onto::Row(onto) => row[..columns.len()].copy_from_slice(&onto[..columns.len()]),
                }
            }
        }
        let simd = Simd::current();
        let (data, row_stride, step) = left.parts();
        let mut done = 0;
        while done < columns.len() {
            let remaining = columns.len() - done;
            let (width, most) = shape(simd, remaining);
            let first = (columns.start + done) / LANES;
            let depth = (ROWS / width.div_ceil(LANES)).min(DEPTH);
            for from in inner.clone().step_by(depth) {
                let len = depth.min(inner.end - from);
                for (row, some) in evenly(rows, most) {
                    let strip = Strip {
                        left: &data[row * row_stride + (from - inner.start) * step..],
                        strides: (row_stride, step),
                        panels: &right.data[first * right.pitch + from * right.step..],
                        apart: (right.pitch, right.step),
                        len,
                        factor,
                        onto: match onto {
                            _ if from > inner.start => Onto::Itself,
                            Onto::Row(row) => Onto::Row(&row[done..]),
                            other => other,
                        },
                    };
                    let out = &mut out[row * stride + done..];
                    if width <= remaining || takes_fewer(simd) {
                        strip.run(simd, some, width.min(remaining), out, stride);
                    } else {
                        strip.ragged(simd, some, width, remaining, out, stride);
                    }
                }
            }
            done += width.min(remaining);
        }
    }
}

/// Cuts `rows` rows into the fewest stretches of at most `most`, as even as they can be: starts and lengths.
fn evenly(rows: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let stretches = rows.div_ceil(most);
    let (each, more) = (rows / stretches.max(1), rows % stretches.max(1));
    (0..stretches).map(move |s| (s * each + s.min(more), each + usize::from(s < more)))
}

impl Strip<'_> {
    /// Fewer columns than the `width` of a shape, by way of a place that holds them all.
    fn ragged(self, simd: Simd, rows: usize, width: usize, wanted: usize, out: &mut [f32], stride: usize) {
        let mut whole = [0.0; MOST_ROWS * LANES];
        let onto = self.onto;
        Strip { onto: Onto::Nothing, ..self }.run(simd, rows, width, &mut whole, LANES);
        for (r, from) in whole.chunks(LANES).take(rows).enumerate() {
            for (c, (out, &x)) in out[r * stride..][..wanted].iter_mut().zip(from).enumerate() {
                *out = match onto {
                    Onto::Nothing => x,
                    Onto::Itself => *out + x,
                    Onto::Row(row) => row[c] + x,
                };
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
        for (onto, want) in [
            (Onto::Itself, [110.0, 110.0, 100.0, 100.0, 128.0, 122.0, 100.0, 100.0]),
            (Onto::Row(&[1.0, 2.0, 3.0]), [11.0, 12.0, 100.0, 100.0, 29.0, 24.0, 100.0, 100.0]),
            (Onto::Nothing, [10.0, 10.0, 100.0, 100.0, 28.0, 22.0, 100.0, 100.0]),
        ] {
            let mut out = [100.0; 8];
            let right = right.view();
            let product = Product {
                left,
                right,
                inner: 0..3,
                columns: 0..2,
                rows: 2,
                factor: 2.0,
                onto,
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
            assert_eq!(plain.data[..], turned.data[..]);
            let columns = transpose(&a, m, k);
            for left in [Left::Rows(&a, k), Left::Columns(&columns, m)] {
                let mut out = vec![0.0; m * n];
                let right = plain.view();
                let out_ref = &mut out[..];
                Product {
                    left,
                    right,
                    inner: 0..k,
                    columns: 0..n,
                    rows: m,
                    factor: 1.0,
                    onto: Onto::Nothing,
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
            right: right.view(),
            inner: 2..7,
            columns: 16..25,
            rows: 4,
            factor: 1.0,
            onto: Onto::Nothing,
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
