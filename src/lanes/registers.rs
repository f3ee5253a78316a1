//! The inner loop of a matrix product: a few rows times a panel's columns, in registers.
//!
//! Written with the processor's own instructions: left to itself the compiler puts the sums into
//! memory. This and [`super::dispatch`] are the places that may lift the ban on `unsafe`.

use super::dispatch::Simd;
use super::{LANES, fuse};

/// A part of a product that fits the registers: R rows of the left factor against one panel.
pub(crate) struct Strip<'a> {
    /// The left factor from its first number on.
    pub(crate) left: &'a [f32],
    /// How far apart its rows are, and the numbers of a row.
    pub(crate) strides: (usize, usize),
    /// The panel: a row of sixteen for each step of the inner dimension.
    pub(crate) panel: &'a [[f32; LANES]],
    /// What the sums are multiplied by.
    pub(crate) factor: f32,
    /// Whether they are added to what is there.
    pub(crate) add: bool,
}

/// How many rows fit the registers: for sixteen columns, with a row of the panel beside them.
pub(crate) fn rows_at_once(simd: Simd) -> usize {
    match simd {
        Simd::Avx512 => 12,
        Simd::Avx2 => 6,
        Simd::Portable => 2,
    }
}

impl Strip<'_> {
    /// Writes `rows` rows (at most as many as fit, from the list 12, 6, 2, 1) of `width` columns, 8 or
    /// 16, to `out`, `stride` apart.
    ///
    /// # Panics
    /// If the left factor or `out` is too short.
    #[expect(unsafe_code, reason = "the reach of every pointer is checked first, the features by `Simd`")]
    pub(crate) fn run(&self, simd: Simd, rows: usize, width: usize, out: &mut [f32], stride: usize) {
        let (row, step) = self.strides;
        let len = self.panel.len();
        if len == 0 {
            return;
        }
        assert!((rows - 1) * row + (len - 1) * step < self.left.len(), "the left factor is long enough");
        assert!((rows - 1) * stride + width <= out.len(), "the result fits where it is written");
        let (a, b, to) = (self.left.as_ptr(), self.panel.as_ptr().cast(), out.as_mut_ptr());
        let what = (row, step, len, stride, self.factor, self.add);
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the kernels read `rows` rows and `len` steps of `a`, `len` rows of sixteen of `b`, and
        // write `rows` rows of `width` numbers to `to`: the assertions bound them all. `Simd` names an
        // instruction set only after detecting it.
        unsafe {
            match (simd, rows, width) {
                (Simd::Avx512, 12, 16) => return x86::avx512::<12, 1>(a, b, to, what),
                (Simd::Avx512, 6, 16) => return x86::avx512::<6, 1>(a, b, to, what),
                (Simd::Avx512, 12, 8) => return x86::avx2::<12, 1>(a, b, to, what),
                (Simd::Avx2, 6, 16) => return x86::avx2::<6, 2>(a, b, to, what),
                (Simd::Avx512 | Simd::Avx2, 6, 8) => return x86::avx2::<6, 1>(a, b, to, what),
                (Simd::Avx512 | Simd::Avx2, 2, 16) => return x86::avx2::<2, 2>(a, b, to, what),
                (Simd::Avx512 | Simd::Avx2, 2, 8) => return x86::avx2::<2, 1>(a, b, to, what),
                (Simd::Avx512 | Simd::Avx2, 1, 16) => return x86::avx2::<1, 2>(a, b, to, what),
                (Simd::Avx512 | Simd::Avx2, 1, 8) => return x86::avx2::<1, 1>(a, b, to, what),
                _ => {}
            }
        }
        let _ = (a, b, to, what);
        for r in 0..rows {
            self.portable(simd, r, &mut out[r * stride..][..width]);
        }
    }

    /// One row, as the compiler arranges it.
    fn portable(&self, simd: Simd, r: usize, out: &mut [f32]) {
        let (row, step) = self.strides;
        let mut sums = [0.0f32; LANES];
        for (k, b) in self.panel.iter().enumerate() {
            let a = self.left[r * row + k * step];
            for l in 0..LANES {
                sums[l] = fuse(cfg!(target_arch = "aarch64") && simd.fused(), a, b[l], sums[l]);
            }
        }
        for (out, sum) in out.iter_mut().zip(sums) {
            *out = if self.add { *out + self.factor * sum } else { self.factor * sum };
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "instructions that load and store take pointers; `Strip::run` checks them")]
mod x86 {
    use std::arch::x86_64::{
        __m256, __m512, _mm256_add_ps, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_mul_ps, _mm256_set1_ps,
        _mm256_setzero_ps, _mm256_storeu_ps, _mm512_add_ps, _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_mul_ps,
        _mm512_set1_ps, _mm512_setzero_ps, _mm512_storeu_ps,
    };

    use super::LANES;

    /// Strides of the left factor's rows and steps, steps, stride of the result, factor, add.
    type What = (usize, usize, usize, usize, f32, bool);

    macro_rules! kernel {
        (
            $name:ident, $features:literal, $vector:ty, $lanes:literal, $zero:ident, $splat:ident, $load:ident,
            $store:ident, $fma:ident, $mul:ident, $plus:ident
        ) => {
            /// R rows of V vectors.
            ///
            /// # Safety
            /// Every row and step of `a`, row of `b` and row of `to` must lie inside what it points to.
            #[target_feature(enable = $features)]
            pub(super) unsafe fn $name<const R: usize, const V: usize>(
                a: *const f32,
                b: *const f32,
                to: *mut f32,
                what: What,
            ) {
                let (row, step, len, stride, factor, add) = what;
                let mut sums: [[$vector; V]; R] = [[$zero(); V]; R];
                let (mut a, mut b) = (a, b);
                for _ in 0..len {
                    let mut panel: [$vector; V] = [$zero(); V];
                    // SAFETY: the caller's promise; past the last step nothing is read.
                    unsafe {
                        for v in 0..V {
                            panel[v] = $load(b.add(v * $lanes));
                        }
                        for r in 0..R {
                            let x = $splat(*a.add(r * row));
                            for v in 0..V {
                                sums[r][v] = $fma(x, panel[v], sums[r][v]);
                            }
                        }
                    }
                    a = a.wrapping_add(step);
                    b = b.wrapping_add(LANES);
                }
                let factor = $splat(factor);
                for r in 0..R {
                    for v in 0..V {
                        // SAFETY: the caller's promise.
                        unsafe {
                            let to = to.add(r * stride + v * $lanes);
                            let scaled = $mul(factor, sums[r][v]);
                            $store(to, if add { $plus($load(to), scaled) } else { scaled });
                        }
                    }
                }
            }
        };
    }
    kernel!(
        avx2,
        "avx2,fma",
        __m256,
        8,
        _mm256_setzero_ps,
        _mm256_set1_ps,
        _mm256_loadu_ps,
        _mm256_storeu_ps,
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
        _mm512_storeu_ps,
        _mm512_fmadd_ps,
        _mm512_mul_ps,
        _mm512_add_ps
    );
}
