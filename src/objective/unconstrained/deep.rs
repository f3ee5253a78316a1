//! The same model under a product of M matrices (core results §2.6): squared error without a bias, d ≥ C, clean labels.
//!
//! Each class stands alone. With β = b/n_k, b = M·N·(N·λ_H·λ_W^M)^(1/M), it costs n_k/2N·[1/(1 + x^M) + β·x], where
//! N·λ_H·x^M is its squared singular value in the product of the matrices; nothing is at the origin.

use nalgebra::DMatrix;

use super::Minimum;
use crate::objective::Case;

/// The least loss, and the x of each class there, in the order of labels; 0 of a class that is gone.
pub fn least(case: &Case, matrices: usize) -> (f64, Vec<f64>) {
    let (n, m) = (case.rows() as f64, matrices as f64);
    let b = m * n * case.decay_weights * (n * case.decay_features).powf(1.0 / m);
    let mut value = 0.0;
    let settle = |&count: &usize| {
        let count = count as f64;
        let cost = |x: f64| 1.0 / (1.0 + x.powf(m)) + b / count * x;
        let x = strength(matrices, b / count).filter(|&x| cost(x) < 1.0).unwrap_or(0.0);
        value += count / (2.0 * n) * cost(x);
        x
    };
    let strengths = case.counts.iter().map(settle).collect();
    (value, strengths)
}

/// The arrangement itself. All matrices carry the same singular values (balance of equal decays), so that with σ of
/// the product a class weight is σ^(1/M) long; a row, σ/(σ² + N·λ_H) long before the layers, is
/// σ^((M−1)/M)·σ/(σ² + N·λ_H) behind them, where the class weights meet it.
pub fn minimum(case: &Case, matrices: usize) -> Minimum {
    let (value, strengths) = least(case, matrices);
    let m = matrices as f64;
    let ridge = case.rows() as f64 * case.decay_features;
    let alive: Vec<usize> = (0..strengths.len()).filter(|&k| strengths[k] > 0.0).collect();
    let diagonal = |length: &dyn Fn(f64) -> f64| {
        DMatrix::from_fn(strengths.len(), alive.len(), |c, k| {
            if c == alive[k] { length((ridge * strengths[c].powf(m)).sqrt()) } else { 0.0 }
        })
    };
    Minimum {
        value,
        weights: diagonal(&|sigma| sigma.powf(1.0 / m)),
        means: diagonal(&|sigma| sigma.powf((m - 1.0) / m) * sigma / (sigma * sigma + ridge)),
    }
}

/// The largest x > 0 with β = M·x^(M−1)/(x^M + 1)², where a class stands still without vanishing; `None` where
/// there is none, β above the greatest value of the right side.
fn strength(matrices: usize, beta: f64) -> Option<f64> {
    let m = matrices as f64;
    let slope = |x: f64| m * x.powf(m - 1.0) / (x.powf(m) + 1.0).powi(2);
    // The right side rises to its peak at x^M = (M−1)/(M+1) and falls from there, below M·x^(−M−1).
    let mut low = ((m - 1.0) / (m + 1.0)).powf(1.0 / m);
    if slope(low) < beta {
        return None;
    }
    let mut high = (m / beta).powf(1.0 / (m + 1.0)).max(low);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if slope(middle) >= beta { low = middle } else { high = middle }
    }
    Some(low)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::objective::Origin;

    pub(crate) fn case(beta: f64, matrices: usize) -> Case {
        // N = 40, n = 10 and b = M·N·(N·λ^(M+1))^(1/M) with b/n = β.
        let m = matrices as f64;
        let lambda = ((beta / (4.0 * m)).powf(m) / 40.0).powf(1.0 / (m + 1.0));
        Case {
            counts: vec![10; 4],
            classes: 4,
            dim: 6,
            clean: true,
            decay_features: lambda,
            decay_weights: lambda,
            origin: Origin::Linear { matrices },
            ..Case::default()
        }
    }

    #[test]
    fn the_largest_root_is_found_and_ends_at_the_peak() {
        // M = 2: β = 2x/(x² + 1)² has its largest root at x = 1 for β = ½, where the class costs as much as nothing.
        assert!((strength(2, 0.5).unwrap() - 1.0).abs() < 1e-12);
        assert!(strength(2, 0.65).is_none() && strength(3, 0.8399).is_some());
    }

    #[test]
    fn the_arrangement_costs_what_the_formula_says() {
        for matrices in [2, 3, 4] {
            let case = case(0.4, matrices);
            let Minimum { value, weights, means } = minimum(&case, matrices);
            // Every class in the loss itself: its row, the decay of ten rows and of M matrices with one σ^(1/M) each.
            let (w, z) = (weights[(0, 0)], means[(0, 0)]);
            let layers = w.powi(matrices as i32 - 1);
            let fit = 10.0 * (w * z - 1.0).powi(2) / 80.0;
            let rows = case.decay_features * 10.0 * (z / layers).powi(2) / 2.0;
            let decay = matrices as f64 * case.decay_weights * w * w / 2.0;
            assert!((4.0 * (fit + rows + decay) - value).abs() < 1e-12, "{matrices}: {value}");
            assert!(value < 0.5 && weights.shape() == (4, 4));
        }
        let gone = minimum(&case(0.51, 2), 2);
        assert!(gone.value == 0.5 && gone.means.ncols() == 0);
    }
}
