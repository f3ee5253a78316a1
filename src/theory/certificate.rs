//! The certificate of a global minimum: at a critical point of cross-entropy or squared error under both decays,
//! σ_max(G) ≤ √(λ_W·λ_H) is necessary and sufficient (Zhu et al., 2021).

use nalgebra::DMatrix;

use super::model;
use crate::engine::Problem;
use crate::features::Matrix;
use crate::objectives::{Case, Origin, RowLoss};

/// The key under which it stands among the metrics of a run.
pub const KEY: &str = "certificate";
/// What it is, for lists.
pub const DESCRIPTION: &str = "σ_max(G)/√(λ_W·λ_H) of softmax and mse under both decays; at a critical point at most 1 iff it is a global minimum";
/// More classes than this would keep the rest waiting.
const MOST_CLASSES: usize = 512;

/// σ_max(G)/θ, or why it does not exist here. G is N×C, the couplings of the data term.
///
/// # Errors
/// One clause.
pub fn certificate(
    problem: &Problem,
    case: &Case,
    points: &Matrix,
    weights: &Matrix,
    bias: Option<&[f32]>,
) -> Result<f64, String> {
    let Some((loss, own)) = model(problem, case) else {
        return Err(
            "only a single softmax, balanced-softmax or mse off the sphere has this certificate".into()
        );
    };
    if case.origin != Origin::Free {
        return Err("the certificate is about free features, and a network makes these".into());
    }
    let theta = (own.decay_features * own.decay_weights).sqrt();
    if theta == 0.0 {
        return Err("without decay of both features and weights there is no threshold to compare with".into());
    }
    let classes = weights.rows;
    if classes > MOST_CLASSES {
        return Err(format!("{classes} classes are more than the {MOST_CLASSES} this is worked out for"));
    }
    let n = points.rows as f64;
    let counts = problem.counts();
    let offset = |c: usize| match loss {
        RowLoss::CrossEntropy { balanced: true } => counts[c].max(1e-8).ln(),
        _ => 0.0,
    };
    let offsets: Vec<f64> =
        (0..classes).map(|c| offset(c) + bias.map_or(0.0, |bias| f64::from(bias[c]))).collect();
    let mut gram = DMatrix::<f64>::zeros(classes, classes);
    let mut g = vec![0.0; classes];
    for (row, &label) in points.rows_iter().zip(&problem.labels) {
        for (c, z) in g.iter_mut().enumerate() {
            let dot: f64 = row.iter().zip(weights.row(c)).map(|(&h, &w)| f64::from(h) * f64::from(w)).sum();
            *z = dot + offsets[c];
        }
        if let RowLoss::CrossEntropy { .. } = loss {
            let most = g.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = g.iter().map(|z| (z - most).exp()).sum();
            for z in &mut g {
                *z = (*z - most).exp() / sum;
            }
        }
        g[label as usize] -= 1.0;
        for (c, &slope) in g.iter().enumerate() {
            for (k, &other) in g.iter().enumerate().take(c + 1) {
                gram[(c, k)] += slope * other;
            }
        }
    }
    if gram.iter().any(|x| !x.is_finite()) {
        return Err("a score is not finite".into());
    }
    for c in 0..classes {
        for k in 0..c {
            gram[(k, c)] = gram[(c, k)];
        }
    }
    let most = gram.symmetric_eigenvalues().max().max(0.0);
    Ok(most.sqrt() / n / theta)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::start::{Asker, start};
    use crate::experiment::{Experiment, expression};

    fn at_the_origin(decay: f64) -> f64 {
        let experiment = Experiment {
            objective: expression::parse("softmax").unwrap(),
            weight_decay: decay,
            weight_decay_weights: decay,
            ..Experiment::default()
        };
        let start = start(&experiment, Asker::Run).unwrap();
        let (points, weights) = (Matrix::zeros(200, 3), Matrix::zeros(4, 3));
        certificate(&start.problem, &start.case, &points, &weights, Some(&[0.0; 4])).unwrap()
    }

    #[test]
    fn the_origin_is_the_minimum_exactly_from_the_threshold_on() {
        // C = 4, n = 50: σ_max(G) = √50/200 there, so the threshold is θ = √50/200 = 0.0354.
        let threshold = 50f64.sqrt() / 200.0;
        assert!((at_the_origin(threshold) - 1.0).abs() < 1e-12);
        assert!(at_the_origin(0.9 * threshold) > 1.1 && at_the_origin(1.1 * threshold) < 0.91);
    }

    #[test]
    fn there_is_none_without_decay_or_on_the_sphere() {
        for text in ["softmax", "normface", "softmax + 0.1*opl"] {
            let objective = expression::parse(text).unwrap();
            let start = start(&Experiment { objective, ..Experiment::default() }, Asker::Run).unwrap();
            let (points, weights) = (Matrix::zeros(200, 3), Matrix::zeros(4, 3));
            assert!(certificate(&start.problem, &start.case, &points, &weights, None).is_err(), "{text}");
        }
    }
}
