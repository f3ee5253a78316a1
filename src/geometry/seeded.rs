//! Small reproducible random numbers for axes, rotations and samples of pairs.
//!
//! A run's own randomness (starts, batches, margins) is not this one.

use std::f64::consts::TAU;

/// splitmix64 in counter form: number `k` of a seed does not depend on the numbers before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seeded(pub(super) u64);

impl Seeded {
    /// Number `k` of the stream.
    pub(super) fn bits(self, k: u64) -> u64 {
        let key = mix(self.0.wrapping_add(0x9e37_79b9_7f4a_7c15));
        mix(key.wrapping_add(k.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    /// An integer below `bound`, for a bound far below 2⁶⁴.
    pub(super) fn below(self, k: u64, bound: u64) -> u64 {
        ((u128::from(self.bits(k)) * u128::from(bound)) >> 64) as u64
    }

    /// A standard normal number (Box–Muller).
    pub(super) fn normal(self, k: u64) -> f64 {
        // In (0, 1]: the logarithm must not meet 0.
        let open = |bits: u64| ((bits >> 11) + 1) as f64 / (1_u64 << 53) as f64;
        let radius = (-2.0 * open(self.bits(2 * k)).ln()).sqrt();
        radius * (TAU * open(self.bits(2 * k + 1))).cos()
    }
}

fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// `count` orthonormal vectors of `dim` numbers (at most `dim` of them) from candidates, in their order. Where a
/// candidate has nothing new, the coordinate axis with the most to add takes its place.
pub(super) fn orthonormal(candidates: &[Vec<f64>], count: usize, dim: usize) -> Vec<Vec<f64>> {
    let mut axes: Vec<Vec<f64>> = Vec::with_capacity(count.min(dim));
    for k in 0..count.min(dim) {
        let candidate = candidates.get(k).and_then(|candidate| remainder(candidate, &axes));
        let axis = candidate.or_else(|| {
            // Among d unit vectors one keeps at least 1 − k/d of its squared length outside k axes.
            let least = (0..dim).min_by(|&i, &j| covered(&axes, i).total_cmp(&covered(&axes, j)))?;
            remainder(&unit(dim, least), &axes)
        });
        axes.extend(axis);
    }
    axes
}

fn unit(dim: usize, place: usize) -> Vec<f64> {
    (0..dim).map(|i| if i == place { 1.0 } else { 0.0 }).collect()
}

fn covered(axes: &[Vec<f64>], place: usize) -> f64 {
    axes.iter().map(|axis| axis[place] * axis[place]).sum()
}

/// The unit vector of what `vector` has outside the axes, if that is more than rounding.
fn remainder(vector: &[f64], axes: &[Vec<f64>]) -> Option<Vec<f64>> {
    let before = dot(vector, vector).sqrt();
    if before == 0.0 || !before.is_finite() {
        return None;
    }
    let mut rest: Vec<f64> = vector.iter().map(|x| x / before).collect();
    // Twice is enough for full precision.
    for _ in 0..2 {
        for axis in axes {
            let along = dot(&rest, axis);
            for (x, a) in rest.iter_mut().zip(axis) {
                *x -= along * a;
            }
        }
    }
    let after = dot(&rest, &rest).sqrt();
    if after < 1e-10 {
        return None;
    }
    for x in &mut rest {
        *x /= after;
    }
    Some(rest)
}

/// The inner product.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_numbers_have_mean_zero_and_variance_one() {
        let draws: Vec<f64> = (0..20_000).map(|k| Seeded(7).normal(k)).collect();
        let mean = draws.iter().sum::<f64>() / 20_000.0;
        let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
        assert!((0..1000).all(|k| Seeded(1).below(k, 3) < 3));
        assert_ne!(Seeded(0).bits(0), Seeded(1).bits(0));
    }

    #[test]
    fn dependent_candidates_are_completed() {
        let axes = orthonormal(&[vec![0.0, 2.0, 0.0], vec![0.0, 3.0, 0.0]], 3, 3);
        assert_eq!(axes, [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]);
        assert_eq!(orthonormal(&[], 3, 2).len(), 2);
    }
}
