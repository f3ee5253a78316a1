//! Sixteen numbers side by side: the arithmetic of the fast CPU path.
//!
//! Everything here is plain array code that the compiler turns into SIMD instructions; which
//! instructions is decided in [`dispatch`]. No formula of a loss lives here.

use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

pub(crate) mod aligned;
pub mod dispatch;
pub(crate) mod logarithm;
pub(crate) mod registers;

use dispatch::Simd;

/// How many pairs one [`Lanes`] holds.
pub const LANES: usize = 16;

/// The lowest score: stands in for minus infinity, which WGSL does not have.
///
/// It is generated into the shaders' prelude from here.
pub const LOWEST: f32 = -1.0e30;

/// How far below the largest exponent one may lie so that its exponential is a normal number:
/// [`Lanes::exp`] is 0 below −87, and some room is left for rounding.
pub const DEEPEST: f32 = 80.0;

/// The smallest exponential e^(x − max) that still moves anything.
///
/// Divided by the numbers of anchors and candidates anything much smaller would not be a normal number, and
/// many processors take a hundred times as long over those. No parameter in f32 feels a pull of 10⁻²⁶.
pub const FAINTEST: f32 = 1.0e-26;

/// Sixteen `f32` side by side.
#[derive(Clone, Copy, Debug, Default, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C, align(64))]
pub struct Lanes(pub [f32; LANES]);

/// Sixteen truth values: all bits set for true, none for false.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(64))]
pub struct Mask(pub [u32; LANES]);

macro_rules! binary {
    ($operator:ident, $method:ident, $symbol:tt) => {
        impl $operator for Lanes {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                let mut out = self.0;
                for l in 0..LANES {
                    out[l] = self.0[l] $symbol other.0[l];
                }
                Self(out)
            }
        }
        impl $operator<f32> for Lanes {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: f32) -> Self {
                self $symbol Self::splat(other)
            }
        }
    };
}
binary!(Add, add, +);
binary!(Sub, sub, -);
binary!(Mul, mul, *);
binary!(Div, div, /);

impl Neg for Lanes {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        let mut out = self.0;
        for x in &mut out {
            *x = -*x;
        }
        Self(out)
    }
}

/// a·b + c, rounded once if `fused`.
#[inline(always)]
fn fuse(fused: bool, a: f32, b: f32, c: f32) -> f32 {
    if fused { a.mul_add(b, c) } else { a * b + c }
}

impl Lanes {
    /// Sixteen zeros.
    pub const ZERO: Self = Self([0.0; LANES]);

    /// The same number in every lane.
    #[inline(always)]
    pub fn splat(x: f32) -> Self {
        Self([x; LANES])
    }

    /// The first sixteen numbers of a slice.
    ///
    /// # Panics
    /// If the slice holds fewer: buffers of the engine are padded to whole lanes.
    #[inline(always)]
    pub fn load(from: &[f32]) -> Self {
        let mut out = [0.0; LANES];
        out.copy_from_slice(&from[..LANES]);
        Self(out)
    }

    /// Writes the lanes to the front of a slice.
    #[inline(always)]
    pub fn store(self, to: &mut [f32]) {
        to[..LANES].copy_from_slice(&self.0);
    }

    /// Lane by lane, the larger.
    #[inline(always)]
    pub fn max(self, other: Self) -> Self {
        let mut out = self.0;
        for l in 0..LANES {
            out[l] = if self.0[l] > other.0[l] { self.0[l] } else { other.0[l] };
        }
        Self(out)
    }

    /// Lane by lane, the smaller.
    #[inline(always)]
    pub fn min(self, other: Self) -> Self {
        let mut out = self.0;
        for l in 0..LANES {
            out[l] = if self.0[l] < other.0[l] { self.0[l] } else { other.0[l] };
        }
        Self(out)
    }

    /// Exponentials without those fainter than [`FAINTEST`].
    #[inline(always)]
    pub fn felt(self) -> Self {
        self.greater(Self::splat(FAINTEST)).keep(self)
    }

    /// Absolute values.
    #[inline(always)]
    pub fn abs(self) -> Self {
        let mut out = self.0;
        for x in &mut out {
            *x = x.abs();
        }
        Self(out)
    }

    /// −1, 0 or 1: the sign, with 0 for 0.
    #[inline(always)]
    pub fn sign(self) -> Self {
        let positive = self.greater(Self::ZERO).select(Self::splat(1.0), Self::ZERO);
        let negative = Self::ZERO.greater(self).select(Self::splat(1.0), Self::ZERO);
        positive - negative
    }

    /// Where `self > other`.
    #[inline(always)]
    pub fn greater(self, other: Self) -> Mask {
        let mut out = [0; LANES];
        for l in 0..LANES {
            out[l] = if self.0[l] > other.0[l] { u32::MAX } else { 0 };
        }
        Mask(out)
    }

    /// The sum of all lanes, in a fixed order.
    #[inline(always)]
    pub fn sum(self) -> f32 {
        let mut x = self.0;
        let mut width = LANES / 2;
        while width > 0 {
            for l in 0..width {
                x[l] += x[l + width];
            }
            width /= 2;
        }
        x[0]
    }

    /// The largest lane.
    #[inline(always)]
    pub fn maximum(self) -> f32 {
        let mut x = self.0;
        let mut width = LANES / 2;
        while width > 0 {
            for l in 0..width {
                x[l] = if x[l] > x[l + width] { x[l] } else { x[l + width] };
            }
            width /= 2;
        }
        x[0]
    }

    /// `self`·b + c, rounded once where `simd` has an instruction for it, else twice.
    #[inline(always)]
    pub fn times_plus(self, b: Self, c: Self, simd: Simd) -> Self {
        let mut out = [0.0; LANES];
        for l in 0..LANES {
            out[l] = fuse(simd.fused(), self.0[l], b.0[l], c.0[l]);
        }
        Self(out)
    }

    /// e to the power of each lane; exactly 0 below −87, so that [`LOWEST`] stands for "not there".
    ///
    /// Relative error at most 1.2e-7 on [−87, 88].
    #[inline(always)]
    pub fn exp(self) -> Self {
        self.exp_on(Simd::Portable)
    }

    /// [`Lanes::exp`] in code compiled for `simd`: the same, but faster where it can multiply and add at
    /// once.
    #[inline(always)]
    pub fn exp_on(self, simd: Simd) -> Self {
        const MAGIC: f32 = 12_582_912.0; // 1.5 · 2^23: adding it rounds to an integer in the low bits.
        let fused = simd.fused();
        let mut out = [0.0; LANES];
        for l in 0..LANES {
            let given = self.0[l];
            let x = if given > 88.0 { 88.0 } else { given };
            let x = if x < -87.0 { -87.0 } else { x };
            let shifted = fuse(fused, x, std::f32::consts::LOG2_E, MAGIC);
            let n = shifted - MAGIC;
            let r = fuse(fused, n, -0.693_359_4, x);
            let r = fuse(fused, n, 2.121_944_4e-4, r);
            let mut p = 1.987_569_1e-4;
            p = fuse(fused, p, r, 1.398_2e-3);
            p = fuse(fused, p, r, 8.333_452e-3);
            p = fuse(fused, p, r, 4.166_579_6e-2);
            p = fuse(fused, p, r, 1.666_666_6e-1);
            p = fuse(fused, p, r, 0.5);
            let e = fuse(fused, p, r * r, r) + 1.0;
            // Times 2^n: n added to the exponent, which stays in range for these x.
            let scaled = f32::from_bits(e.to_bits().wrapping_add(shifted.to_bits() << 23));
            out[l] = if given < -87.0 { 0.0 } else { scaled };
        }
        Self(out)
    }

    /// Natural logarithm of each lane, for positive normal numbers.
    ///
    /// Relative error at most 1.2e-7 away from 1, absolute 6e-8 near it.
    #[inline(always)]
    pub fn ln(self) -> Self {
        let mut out = [0.0; LANES];
        for l in 0..LANES {
            let bits = self.0[l].to_bits();
            // The mantissa in [√½, √2) and its exponent, without a branch.
            let exponent = ((bits.wrapping_sub(0x3F35_04F3)) as i32) >> 23;
            let m = f32::from_bits(bits.wrapping_sub((exponent as u32) << 23));
            let f = m - 1.0;
            let z = f * f;
            let mut p = 7.037_683_6e-2;
            p = p * f - 1.151_461e-1;
            p = p * f + 1.167_699_9e-1;
            p = p * f - 1.242_014_1e-1;
            p = p * f + 1.424_932_3e-1;
            p = p * f - 1.666_805_7e-1;
            p = p * f + 2.000_071_5e-1;
            p = p * f - 2.499_999_4e-1;
            p = p * f + 3.333_333e-1;
            let e = exponent as f32;
            let tail = p * f * z + e * -2.121_944_4e-4 - 0.5 * z;
            out[l] = f + tail + e * 0.693_359_4;
        }
        Self(out)
    }

    /// log(1 + e^x), without overflow.
    #[inline(always)]
    pub fn softplus(self) -> Self {
        // ln(1 + e) = 2 artanh(e / (2 + e)): for e ≤ 1 the series argument is at most 1/3.
        let e = (-self.abs()).exp();
        let r = e / (e + 2.0);
        let q = r * r;
        let mut p = q * (1.0 / 13.0) + 1.0 / 11.0;
        p = p * q + 1.0 / 9.0;
        p = p * q + 1.0 / 7.0;
        p = p * q + 1.0 / 5.0;
        p = p * q + 1.0 / 3.0;
        p = p * q + 1.0;
        self.max(Self::ZERO) + p * r * 2.0
    }

    /// 1 / (1 + e^−x).
    #[inline(always)]
    pub fn sigmoid(self) -> Self {
        let e = (-self.abs()).exp();
        let small = e / (e + 1.0);
        self.greater(Self::ZERO).select(Self::splat(1.0) - small, small)
    }
}

impl Mask {
    /// True everywhere.
    pub const ALL: Self = Self([u32::MAX; LANES]);
    /// True nowhere.
    pub const NONE: Self = Self([0; LANES]);

    /// Lane by lane, `yes` where true and `no` where false.
    #[inline(always)]
    pub fn select(self, yes: Lanes, no: Lanes) -> Lanes {
        let mut out = [0.0; LANES];
        for l in 0..LANES {
            out[l] = f32::from_bits((yes.0[l].to_bits() & self.0[l]) | (no.0[l].to_bits() & !self.0[l]));
        }
        Lanes(out)
    }

    /// The lanes where true, 0 elsewhere.
    #[inline(always)]
    pub fn keep(self, lanes: Lanes) -> Lanes {
        self.select(lanes, Lanes::ZERO)
    }

    /// Whether it is true anywhere.
    #[inline(always)]
    pub fn any(self) -> bool {
        let mut any = 0;
        for bits in self.0 {
            any |= bits;
        }
        any != 0
    }

    /// Where two rows of sixteen numbers agree with `value`.
    #[inline(always)]
    pub fn equal(values: &[u32], value: u32) -> Self {
        let mut out = [0; LANES];
        for (o, &v) in out.iter_mut().zip(&values[..LANES]) {
            *o = if v == value { u32::MAX } else { 0 };
        }
        Self(out)
    }

    /// True in the lanes `l` with `from <= start + l < to`.
    #[inline(always)]
    pub fn within(start: usize, from: usize, to: usize) -> Self {
        let mut out = [0; LANES];
        for (l, o) in out.iter_mut().enumerate() {
            let index = start + l;
            *o = if index >= from && index < to { u32::MAX } else { 0 };
        }
        Self(out)
    }
}

impl BitAnd for Mask {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        let mut out = self.0;
        for l in 0..LANES {
            out[l] = self.0[l] & other.0[l];
        }
        Self(out)
    }
}

impl BitOr for Mask {
    type Output = Self;
    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        let mut out = self.0;
        for l in 0..LANES {
            out[l] = self.0[l] | other.0[l];
        }
        Self(out)
    }
}

impl Not for Mask {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        let mut out = self.0;
        for o in &mut out {
            *o = !*o;
        }
        Self(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Largest relative error of `ours` against `exact` over evenly spaced arguments.
    fn worst(from: f64, to: f64, ours: impl Fn(Lanes) -> Lanes, exact: impl Fn(f64) -> f64) -> f64 {
        let mut worst = 0.0f64;
        for i in 0..20_000 {
            let x = (from + (to - from) * f64::from(i) / 20_000.0) as f32;
            let want = exact(f64::from(x));
            let got = f64::from(ours(Lanes::splat(x)).0[3]);
            worst = worst.max((got - want).abs() / want.abs().max(1e-30));
        }
        worst
    }

    #[test]
    fn exp_is_within_two_units_in_the_last_place() {
        let error = worst(-86.9, 87.9, Lanes::exp, f64::exp);
        assert!(error < 1.3e-7, "{error:e}");
        // Rounding once changes little; on a processor without the instruction it is slow, but the same.
        let error = worst(-86.9, 87.9, |x| x.exp_on(Simd::Avx2), f64::exp);
        assert!(error < 1.3e-7, "{error:e}");
        assert_eq!(Lanes::splat(LOWEST).exp(), Lanes::ZERO);
        assert_eq!(Lanes::splat(0.0).exp(), Lanes::splat(1.0));
    }

    #[test]
    fn ln_is_accurate_from_tiny_to_huge() {
        let near = worst(0.6, 1.6, |x| x.ln() + 1.0, |x| x.ln() + 1.0);
        assert!(near < 2.5e-7, "{near:e}");
        let wide = worst(-80.0, 80.0, |x| x.exp().ln(), |x| x);
        assert!(wide < 2e-7 / 1e-3, "{wide:e}");
        let high = worst(2.0, 1e6, Lanes::ln, f64::ln);
        assert!(high < 1.3e-7, "{high:e}");
    }

    #[test]
    fn softplus_and_sigmoid_agree_with_f64() {
        let soft = worst(-80.0, 80.0, Lanes::softplus, |x| x.max(0.0) + (-x.abs()).exp().ln_1p());
        assert!(soft < 5e-7, "{soft:e}");
        let sigmoid = worst(-80.0, 80.0, Lanes::sigmoid, |x| 1.0 / (1.0 + (-x).exp()));
        assert!(sigmoid < 5e-7, "{sigmoid:e}");
    }

    #[test]
    fn sums_select_and_signs() {
        let x = Lanes(std::array::from_fn(|l| l as f32 - 3.0));
        assert_eq!(x.sum(), 72.0);
        assert_eq!(x.maximum(), 12.0);
        assert_eq!(x.sign().0[..5], [-1.0, -1.0, -1.0, 0.0, 1.0]);
        assert_eq!(Mask::within(4, 5, 7).keep(Lanes::splat(2.0)).sum(), 4.0);
        assert_eq!((!Mask::NONE).keep(x), x);
    }
}
