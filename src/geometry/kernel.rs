//! Smooth densities of directions: kernels of von Mises on the circle and of von Mises and Fisher on the sphere, in
//! multiples of the uniform density, so that 1 is where rows are spread evenly.
//!
//! With concentration κ and the angle θ to a row, the density over the uniform one is e^(κ cos θ)/I₀(κ) on the circle
//! and κ e^(κ cos θ)/sinh κ on the sphere: its mean over all directions is 1.

use std::f64::consts::PI;

/// What directions lie on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// The circle, in two dimensions.
    Circle,
    /// The sphere, in three.
    Sphere,
}

/// A kernel around each row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kernel {
    ground: Ground,
    concentration: f64,
    /// Its value at the row itself.
    peak: f64,
}

/// Exponents below this add nothing that is seen.
const NOTHING: f64 = -30.0;

impl Kernel {
    /// The kernel of a concentration κ ≥ 0.
    pub fn new(ground: Ground, concentration: f64) -> Self {
        let k = concentration.max(0.0);
        let peak = match ground {
            Ground::Circle => 1.0 / scaled_bessel(k),
            // 2κ/(1 − e^(−2κ)), which is 1 at κ = 0.
            Ground::Sphere if k > 1e-9 => 2.0 * k / -(-2.0 * k).exp_m1(),
            Ground::Sphere => 1.0,
        };
        Self { ground, concentration: k, peak }
    }

    /// The density that one row makes, over the uniform one, where the cosine of the angle to it is this.
    pub fn at(&self, cosine: f64) -> f64 {
        let exponent = self.concentration * (cosine - 1.0);
        if exponent < NOTHING { 0.0 } else { self.peak * exponent.exp() }
    }

    /// Which kernel it is, for a caption: with κ and the angle at which it has fallen to e^(−1/2).
    pub fn words(&self) -> String {
        let name = match self.ground {
            Ground::Circle => "von Mises kernel",
            Ground::Sphere => "von Mises-Fisher kernel",
        };
        let wide = (1.0 - 0.5 / self.concentration.max(0.25)).acos().to_degrees();
        format!("{name}, κ = {}, about {wide:.0}° wide", self.concentration)
    }
}

/// I₀(κ)·e^(−κ): the mean of e^(κ(cos t − 1)) over the circle. Of a smooth periodic function the plain mean of evenly
/// spaced values is exact beyond all powers of their distance.
fn scaled_bessel(k: f64) -> f64 {
    const VALUES: u32 = 4096;
    let value = |j: u32| (k * ((2.0 * PI * f64::from(j) / f64::from(VALUES)).cos() - 1.0)).exp();
    (0..VALUES).map(value).sum::<f64>() / f64::from(VALUES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_over_all_directions_is_one() {
        for k in [0.0, 0.5, 4.0, 40.0, 100.0, 900.0] {
            let circle = Kernel::new(Ground::Circle, k);
            let mean = |count: u32, of: &dyn Fn(f64) -> f64| {
                (0..count).map(|j| of((f64::from(j) + 0.5) / f64::from(count))).sum::<f64>()
                    / f64::from(count)
            };
            let around = mean(20_000, &|share| circle.at((2.0 * PI * share).cos()));
            assert!((around - 1.0).abs() < 1e-9, "circle, {k}: {around}");
            // On the sphere the cosine to a fixed direction is uniform.
            let sphere = Kernel::new(Ground::Sphere, k);
            let over = mean(2_000_000, &|share| sphere.at(2.0 * share - 1.0));
            assert!((over - 1.0).abs() < 1e-6, "sphere, {k}: {over}");
        }
    }

    #[test]
    fn known_values() {
        // I₀(1) = 1.2660658777520084, and e/1.26607 is the density over the uniform one at the row.
        assert!((scaled_bessel(1.0) - 1.266_065_877_752_008_4 / 1f64.exp()).abs() < 1e-14);
        assert!(
            (Kernel::new(Ground::Circle, 1.0).at(1.0) - 1f64.exp() / 1.266_065_877_752_008_4).abs() < 1e-12
        );
        let sphere = Kernel::new(Ground::Sphere, 2.0);
        assert!((sphere.at(0.3) - 2.0 * 0.6f64.exp() / 2f64.sinh()).abs() < 1e-12);
        for ground in [Ground::Circle, Ground::Sphere] {
            let flat = Kernel::new(ground, 0.0);
            assert!([-1.0, 0.0, 1.0].iter().all(|cosine| (flat.at(*cosine) - 1.0).abs() < 1e-12));
        }
    }

    #[test]
    fn evenly_spread_rows_are_as_dense_as_the_uniform_everywhere() {
        let kernel = Kernel::new(Ground::Circle, 100.0);
        let rows: Vec<f64> = (0..200).map(|k| 2.0 * PI * f64::from(k) / 200.0).collect();
        for k in 0..37 {
            let at = f64::from(k) * 0.17;
            let density = rows.iter().map(|row| kernel.at((row - at).cos())).sum::<f64>() / 200.0;
            assert!((density - 1.0).abs() < 1e-9, "{at}: {density}");
        }
        assert_eq!(kernel.words(), "von Mises kernel, κ = 100, about 6° wide");
    }
}
