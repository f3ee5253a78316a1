//! The inner loop of a matrix product: a few rows times a few panels' columns, in registers.
//!
//! Written with the processor's own instructions: left to itself the compiler puts the sums into
//! memory. This and [`super::dispatch`] are the places that may lift the ban on `unsafe`.

use super::dispatch::Simd;
use super::{LANES, fuse};

/// What a product is added to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Onto<'a> {
    /// Nothing: it takes the place of what was there.
    Nothing,
    /// What is there.
    Itself,
    /// This row, in each row.
    Row(&'a [f32]),
}

/// A part of a product that fits the registers: a few rows of the left factor against a few panels.
pub(crate) struct Strip<'a> {
    /// The left factor from its first number on.
    pub(crate) left: &'a [f32],
    /// How far apart its rows are, and the numbers of a row.
    pub(crate) strides: (usize, usize),
    /// The panels: in each a row of sixteen for each step of the inner dimension.
    pub(crate) panels: &'a [f32],
    /// How far apart the first rows of two panels are, and two rows of one.
    pub(crate) apart: (usize, usize),
    /// Steps of the inner dimension.
    pub(crate) len: usize,
    /// What the sums are multiplied by.
    pub(crate) factor: f32,
    /// What they are added to then.
    pub(crate) onto: Onto<'a>,
}

/// How many columns, of those left, and how many rows at most are taken at a time: what fits the registers
/// as sums, with a row of each panel and a number of the left factor. The last columns may be fewer
/// ([`takes_fewer`]).
///
/// Enough sums to keep two multipliers busy over their latency, and so many panels that a number of the
/// left factor is not loaded for each of its products.
pub(crate) fn shape(simd: Simd, columns: usize) -> (usize, usize) {
    match (simd, columns) {
        (Simd::Avx512, 49..) => (4 * LANES, 6),
        (Simd::Avx512, 33..) => (3 * LANES, 8),
        (Simd::Avx512, 17..) => (2 * LANES, 12),
        (Simd::Avx512, _) => (LANES, 16),
        (Simd::Avx2, 9..) => (LANES, 6),
        (Simd::Avx2, _) => (LANES / 2, 12),
        (Simd::Portable, _) => (LANES, 2),
    }
}

/// Whether a strip may be narrower than its shape.
pub(crate) fn takes_fewer(simd: Simd) -> bool {
    simd == Simd::Avx512
}

/// The most rows of any shape.
pub(crate) const MOST_ROWS: usize = 16;

/// Calls the kernel for so many rows, where there is one; whether there was.
#[cfg(target_arch = "x86_64")]
macro_rules! by_rows {
    ($rows:expr, $kernel:ident, $vectors:literal, ($a:expr, $b:expr, $to:expr, $what:expr), $($r:literal)*) => {
        match $rows {
            $($r => { x86::$kernel::<$r, $vectors>($a, $b, $to, $what); true })*
            _ => false,
        }
    };
}
impl Strip<'_> {
    /// Writes `rows` rows of `width` columns (a [`shape`], or fewer rows, or fewer columns where it
    /// [`takes_fewer`]) to `out`, rows `stride` apart.
    ///
    /// # Panics
    /// If the left factor, the panels or `out` are too short, or there is no such shape.
    #[cfg_attr(
        target_arch = "x86_64",
        expect(unsafe_code, reason = "the reach of every pointer is checked first, the features by `Simd`")
    )]
    pub(crate) fn run(&self, simd: Simd, rows: usize, width: usize, out: &mut [f32], stride: usize) {
        let (row, step) = self.strides;
        let (len, (pitch, next)) = (self.len, self.apart);
        if len == 0 {
            return;
        }
        let panels = width.div_ceil(LANES);
        assert!((rows - 1) * row + (len - 1) * step < self.left.len(), "the left factor is long enough");
        assert!(
            (panels - 1) * pitch + (len - 1) * next + LANES <= self.panels.len(),
            "the panels are long enough"
        );
        assert!((rows - 1) * stride + width <= out.len(), "the result fits where it is written");
        #[cfg(target_arch = "x86_64")]
        {
            let (a, b, to) = (self.left.as_ptr(), self.panels.as_ptr(), out.as_mut_ptr());
            let onto = match self.onto {
                Onto::Nothing => None,
                Onto::Itself => Some((to.cast_const(), stride)),
                Onto::Row(row) => {
                    assert!(width <= row.len(), "the row is long enough");
                    Some((row.as_ptr(), 0))
                }
            };
            let last = u16::MAX >> (width.next_multiple_of(LANES) - width);
            let what = x86::What { row, step, len, pitch, next, stride, factor: self.factor, onto, last };
            // SAFETY: the kernels read `rows` rows and `len` steps of `a`, `len` rows of each of the panels
            // of `b`, and write `rows` rows of `width` numbers to `to`, added to as many of `onto`: the
            // assertions bound them all.
            // `Simd` names an instruction set only after detecting it.
            let done = unsafe {
                match (simd, width) {
                    (Simd::Avx512, 49..=64) => by_rows!(rows, avx512, 4, (a, b, to, what), 1 2 3 4 5 6),
                    (Simd::Avx512, 33..=48) => by_rows!(rows, avx512, 3, (a, b, to, what), 1 2 3 4 5 6 7 8),
                    (Simd::Avx512, 17..=32) => {
                        by_rows!(rows, avx512, 2, (a, b, to, what), 1 2 3 4 5 6 7 8 9 10 11 12)
                    }
                    (Simd::Avx512, 1..=16) => {
                        by_rows!(rows, avx512, 1, (a, b, to, what), 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)
                    }
                    (Simd::Avx2, 16) => by_rows!(rows, avx2, 2, (a, b, to, what), 1 2 3 4 5 6),
                    (Simd::Avx2, 8) => {
                        by_rows!(rows, avx2, 1, (a, b, to, what), 1 2 3 4 5 6 7 8 9 10 11 12)
                    }
                    _ => false,
                }
            };
            if done {
                return;
            }
        }
        assert!(simd == Simd::Portable && width == LANES, "no kernel of this shape");
        for r in 0..rows {
            self.portable(simd, r, &mut out[r * stride..][..LANES]);
        }
    }

    /// One row, as the compiler arranges it.
    fn portable(&self, simd: Simd, r: usize, out: &mut [f32]) {
        let (row, step) = self.strides;
        let mut sums = [0.0f32; LANES];
        for (k, b) in self.panels.chunks(self.apart.1).take(self.len).enumerate() {
            let a = self.left[r * row + k * step];
            let b = &b[..LANES];
            for l in 0..LANES {
                sums[l] = fuse(cfg!(target_arch = "aarch64") && simd.fused(), a, b[l], sums[l]);
            }
        }
        for (c, (out, sum)) in out.iter_mut().zip(sums).enumerate() {
            let sum = self.factor * sum;
            *out = match self.onto {
                Onto::Nothing => sum,
                Onto::Itself => *out + sum,
                Onto::Row(row) => row[c] + sum,
            };
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "instructions that load and store take pointers; `Strip::run` checks them")]
mod x86 {
    use std::arch::x86_64::{
        __m256, __m512, _mm256_add_ps, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_mul_ps, _mm256_set1_ps,
        _mm256_setzero_ps, _mm256_storeu_ps, _mm512_add_ps, _mm512_fmadd_ps, _mm512_loadu_ps,
        _mm512_mask_storeu_ps, _mm512_maskz_loadu_ps, _mm512_mul_ps, _mm512_set1_ps, _mm512_setzero_ps,
    };

    use super::LANES;

    // Both kernels are one text: loads and stores at the edge take which of their numbers are there.

    /// What a kernel is to do, as [`super::Strip`] says it.
    #[derive(Clone, Copy)]
    pub(super) struct What {
        /// Strides of the left factor's rows and of the numbers in one.
        pub(super) row: usize,
        pub(super) step: usize,
        /// Steps.
        pub(super) len: usize,
        /// How far apart panels are, and the rows of one.
        pub(super) pitch: usize,
        pub(super) next: usize,
        /// How far apart rows of the result are.
        pub(super) stride: usize,
        pub(super) factor: f32,
        /// What is added to, and how far apart its rows are.
        pub(super) onto: Option<(*const f32, usize)>,
        /// Which numbers of a row's last sixteen there are.
        pub(super) last: u16,
    }

    macro_rules! kernel {
        (
            $name:ident, $features:literal, $vector:ty, $lanes:literal, $zero:ident, $splat:ident, $load:ident,
            $some:ident, $store:ident, $fma:ident, $mul:ident, $plus:ident
        ) => {
            /// R rows of V vectors: a panel is as many of them as fill sixteen columns.
            ///
            /// # Safety
            /// Every row and step of `a`, row of each panel of `b` and row of `to` and `onto` must lie inside
            /// what it points to.
            #[target_feature(enable = $features)]
            pub(super) unsafe fn $name<const R: usize, const V: usize>(
                a: *const f32,
                b: *const f32,
                to: *mut f32,
                what: What,
            ) {
                let What { row, step, len, pitch, next, stride, factor, onto, last } = what;
                let mut sums: [[$vector; V]; R] = [[$zero(); V]; R];
                let (mut a, mut b) = (a, b);
                for _ in 0..len {
                    let mut panel: [$vector; V] = [$zero(); V];
                    // SAFETY: the caller's promise; past the last step nothing is read.
                    unsafe {
                        for v in 0..V {
                            panel[v] = $load(b.add(v * $lanes / LANES * pitch + v * $lanes % LANES));
                        }
                        for r in 0..R {
                            let x = $splat(*a.add(r * row));
                            for v in 0..V {
                                sums[r][v] = $fma(x, panel[v], sums[r][v]);
                            }
                        }
                    }
                    a = a.wrapping_add(step);
                    b = b.wrapping_add(next);
                }
                let factor = $splat(factor);
                for r in 0..R {
                    for v in 0..V {
                        let there = if v + 1 < V { u16::MAX } else { last };
                        // SAFETY: the caller's promise.
                        unsafe {
                            let to = to.add(r * stride + v * $lanes);
                            let scaled = $mul(factor, sums[r][v]);
                            let sum = match onto {
                                Some((onto, apart)) => {
                                    $plus($some(there, onto.add(r * apart + v * $lanes)), scaled)
                                }
                                None => scaled,
                            };
                            $store(to, there, sum);
                        }
                    }
                }
            }
        };
    }
    /// Eight numbers: all of them are there.
    #[target_feature(enable = "avx2,fma")]
    unsafe fn all_of(_: u16, from: *const f32) -> __m256 {
        // SAFETY: the caller's promise.
        unsafe { _mm256_loadu_ps(from) }
    }

    /// Eight numbers: all of them are there.
    #[target_feature(enable = "avx2,fma")]
    unsafe fn store_all(to: *mut f32, _: u16, numbers: __m256) {
        // SAFETY: the caller's promise.
        unsafe { _mm256_storeu_ps(to, numbers) }
    }

    kernel!(
        avx2,
        "avx2,fma",
        __m256,
        8,
        _mm256_setzero_ps,
        _mm256_set1_ps,
        _mm256_loadu_ps,
        all_of,
        store_all,
        _mm256_fmadd_ps,
        _mm256_mul_ps,
        _mm256_add_ps
    );
    kernel!(
        avx512,
        "avx512f",
        __m512,
        16,
        _mm512_setzero_ps,
        _mm512_set1_ps,
        _mm512_loadu_ps,
        _mm512_maskz_loadu_ps,
        _mm512_mask_storeu_ps,
        _mm512_fmadd_ps,
        _mm512_mul_ps,
        _mm512_add_ps
    );
}
