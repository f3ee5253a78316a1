//! Natural logarithms of several f64 side by side, to within an ulp: a sum of the odd powers of (m − 1)/(m + 1), m the
//! number over a power of two, as in the C libraries that derive from fdlibm (Sun Microsystems 1993, `e_log.c`,
//! `s_log1p.c`), without a branch.

use std::f64::consts::SQRT_2;

/// ln 2 in two parts, the first with zeros at its end, so that a small integer times it is exact.
const LN2: [f64; 2] = [0.6931471803691238, 1.9082149292705877e-10];
/// Of s², s⁴, … s¹⁴ in ln((1 + s)/(1 − s)) = 2s + s·R(s²), the least greatest error on |s| ≤ 0.1716.
const POWERS: [f64; 7] = [
    0.6666666666666735,
    0.3999999999940942,
    0.2857142874366239,
    0.22222198432149784,
    0.1818357216161805,
    0.15313837699209373,
    0.14798198605116586,
];
/// The bits of √2/2, cut: mantissas are taken from there to twice that.
const LOWEST_MANTISSA: u64 = 0x3fe6_a09e_0000_0000;

/// ln(base + x) for x ≥ 0: with base 1 exact for small x where 1 + x is not, with base 0 the logarithm itself. No x may
/// be subnormal; of 0 it is −∞, of ∞ and NaN what they are.
#[inline(always)]
pub(crate) fn ln_above<const L: usize>(base: [f64; L], x: [f64; L]) -> [f64; L] {
    let mut out = [0.0; L];
    for l in 0..L {
        let u = base[l] + x[l];
        // What the addition lost.
        let lost = if x[l] > base[l] { base[l] - (u - x[l]) } else { x[l] - (u - base[l]) };
        let bits = u.to_bits().wrapping_add(1.0f64.to_bits() - LOWEST_MANTISSA);
        // The exponent as a float: into the lowest bits of 2⁵², which leaves with the bias.
        let power = f64::from_bits((bits >> 52) | 0x4330_0000_0000_0000) - (4_503_599_627_370_496.0 + 1023.0);
        let f = f64::from_bits((bits & 0x000f_ffff_ffff_ffff).wrapping_add(LOWEST_MANTISSA)) - 1.0;
        let half = 0.5 * f * f;
        let s = f / (2.0 + f);
        let z = s * s;
        let w = z * z;
        let [a, b, c, d, e, g, h] = POWERS;
        let even = w * (b + w * (d + w * g));
        let odd = z * (a + w * (c + w * (e + w * h)));
        let small = s * (half + odd + even) + (power * LN2[1] + lost / u);
        let found = small - half + f + power * LN2[0];
        let beyond = if u == 0.0 { f64::NEG_INFINITY } else { u };
        out[l] = if u > 0.0 && u < f64::INFINITY { found } else { beyond };
    }
    out
}

const _: () = assert!(LOWEST_MANTISSA <= (SQRT_2 / 2.0).to_bits());

#[cfg(test)]
mod tests {
    use super::*;

    /// Units in the last place.
    fn off(seen: f64, want: f64) -> f64 {
        (seen - want).abs() / (want.abs() * f64::EPSILON).max(f64::MIN_POSITIVE)
    }

    #[test]
    fn it_is_the_logarithm_over_all_magnitudes() {
        let mut worst = [0.0f64; 2];
        for k in -3000..3000 {
            let x = (f64::from(k) * 0.02).exp() * (1.0 + 1e-3 * f64::from(k).sin());
            let [of_one, of_none] = ln_above([1.0, 0.0], [x, x]);
            worst[0] = worst[0].max(off(of_one, x.ln_1p()));
            // Near 1 the argument itself is all there is to lose.
            worst[1] = worst[1].max(off(of_none, x.ln()));
        }
        assert!(worst.iter().all(|&ulps| ulps < 2.0), "{worst:?}");
    }

    #[test]
    fn what_is_no_positive_number_stays_so() {
        let seen = ln_above([0.0, 1.0, 1.0, 1.0, 0.0], [0.0, 0.0, f64::INFINITY, f64::NAN, 1.0]);
        assert!(seen[0] == f64::NEG_INFINITY && seen[1] == 0.0 && seen[2] == f64::INFINITY);
        assert!(seen[3].is_nan() && seen[4] == 0.0);
    }
}
