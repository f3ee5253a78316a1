//! The arrangements that are computed and not named: minima of the convex problem of free features under decay, for
//! unequal classes and for biases of every kind. Written out as a state, each must cost what its floor says.

use nalgebra::DMatrix;

use super::scene;
use crate::engine::{MarginsAt, Problem, State};
use crate::features::Matrix;
use crate::objective::unconstrained::minimum;
use crate::objectives::{Case, Floor, Frame, Knobs, Objective, RowLoss, Term};

/// Rows of each class: unequal in two sizes, in four, and equal.
const SIZES: [[usize; 4]; 3] = [[6, 6, 2, 2], [7, 4, 2, 1], [3, 3, 3, 3]];
/// λ_H and λ_W: weak; such that classes of two rows are gone (2 ≤ 16²·λ_H·λ_W).
const DECAYS: [(f64, f64); 2] = [(5e-3, 2e-2), (0.1, 0.1)];
/// No bias, a free one, a decayed one.
const BIASES: [Option<f64>; 3] = [None, Some(0.0), Some(0.2)];

/// An arrangement, the floor that its case has, and what it costs by the reference.
pub(super) struct Computed {
    pub(super) frame: Frame,
    pub(super) floor: f64,
    pub(super) loss: f64,
    pub(super) place: String,
}

/// Every such arrangement of an objective that has the convex problem; none of any other.
pub(super) fn computed(objective: &'static dyn Objective) -> Vec<Computed> {
    let Some(loss) = objective.row_loss() else { return Vec::new() };
    let term = Term { objective, weight: 1.0, knobs: Knobs::defaults(objective.knobs(), 4) };
    let mut out = Vec::new();
    for counts in SIZES {
        for (features, weights) in DECAYS {
            for bias in BIASES {
                let case = Case {
                    counts: counts.into(),
                    views: vec![1; counts.iter().sum()],
                    classes: counts.len(),
                    dim: counts.len(),
                    clean: true,
                    decay_features: features,
                    decay_weights: weights,
                    bias,
                    ..Case::default()
                };
                let place = format!("{counts:?} rows, decays {features} and {weights}, bias {bias:?}");
                if let Floor::Proved { value, frame } = objective.floor(&term.knobs, &case) {
                    let cost = written_out(term, loss, &case).unwrap_or(f64::NAN);
                    out.push(Computed { frame, floor: value, loss: cost, place });
                }
            }
        }
    }
    out
}

/// What the minimum costs, decay included, by the reference at a state that has it.
fn written_out(term: Term, loss: RowLoss, case: &Case) -> Option<f64> {
    let least = minimum(loss, case).ok()?;
    let labels: Vec<u32> =
        case.counts.iter().enumerate().flat_map(|(k, &n)| std::iter::repeat_n(k as u32, n)).collect();
    let cols = least.means.ncols().max(1);
    let narrow = |m: &DMatrix<f64>, row: usize, col: usize| {
        if col < m.ncols() { m[(row, col)] as f32 } else { 0.0 }
    };
    let features = Matrix::from_fn(labels.len(), cols, |i, k| narrow(&least.means, labels[i] as usize, k));
    let weights = Matrix::from_fn(case.classes, cols, |c, k| narrow(&least.weights, c, k));
    let bias =
        case.bias.map(|decay| best_bias(loss, case, &(&least.means * least.weights.transpose()), decay));
    let square = |m: &Matrix| m.norms().iter().map(|norm| norm * norm).sum::<f64>();
    let decay = case.decay_features * square(&features) + case.decay_weights * square(&weights);
    let of_bias = case.bias.unwrap_or(0.0) * bias.iter().flatten().map(|b| b * b).sum::<f64>();
    let bias = bias.map(|b| Matrix::new(1, b.len(), b.iter().map(|&b| b as f32).collect()));
    let state: State = scene::state(features, weights, bias);
    let problem: Problem = scene::problem(term, labels.clone(), labels, case.classes);
    Some(scene::loss(&problem, &state, MarginsAt::Mean) + f64::midpoint(decay, of_bias))
}

/// The bias at which the loss of given class logits (a row a class) is least. It is convex in the bias, with a slope
/// that changes by at most 1 + λ_b: steps of that length go down to the bottom.
fn best_bias(loss: RowLoss, case: &Case, logits: &DMatrix<f64>, decay: f64) -> Vec<f64> {
    const STEPS: usize = 4000;
    let (classes, rows) = (case.classes, case.rows() as f64);
    let mut bias = vec![0.0; classes];
    for _ in 0..STEPS {
        let mut slope: Vec<f64> = bias.iter().map(|b| decay * b).collect();
        for k in 0..classes {
            let share = case.counts[k] as f64 / rows;
            let scores: Vec<f64> = (0..classes).map(|c| logits[(k, c)] + bias[c]).collect();
            let given = match loss {
                RowLoss::Squares => scores,
                RowLoss::CrossEntropy { balanced } => shares(&scores, case, balanced),
            };
            for (c, slope) in slope.iter_mut().enumerate() {
                *slope += share * (given[c] - if c == k { 1.0 } else { 0.0 });
            }
        }
        for (b, slope) in bias.iter_mut().zip(slope) {
            *b -= slope / (1.0 + decay);
        }
    }
    bias
}

/// The softmax of scores, of scores + log n_c if `balanced`.
fn shares(scores: &[f64], case: &Case, balanced: bool) -> Vec<f64> {
    let weight = |c: usize| if balanced { case.counts[c] as f64 } else { 1.0 };
    let top = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let parts: Vec<f64> = scores.iter().enumerate().map(|(c, s)| weight(c) * (s - top).exp()).collect();
    let sum: f64 = parts.iter().sum();
    parts.into_iter().map(|part| part / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objectives::find;

    #[test]
    fn a_bias_of_its_own_is_the_share_of_each_class() {
        let case = Case { counts: vec![6, 2], classes: 2, dim: 2, ..Case::default() };
        let none = DMatrix::zeros(2, 2);
        // With nothing to go by: b = n/N for squares, n/N/(1 + λ_b) decayed; logits log n for shares.
        let free = best_bias(RowLoss::Squares, &case, &none, 0.0);
        assert!((free[0] - 0.75).abs() < 1e-9 && (free[1] - 0.25).abs() < 1e-9);
        let held = best_bias(RowLoss::Squares, &case, &none, 0.5);
        assert!((held[0] - 0.5).abs() < 1e-9);
        let odds = best_bias(RowLoss::CrossEntropy { balanced: false }, &case, &none, 0.0);
        assert!((odds[0] - odds[1] - 3f64.ln()).abs() < 1e-9);
    }

    #[test]
    fn every_computed_arrangement_costs_its_floor() {
        for name in ["softmax", "balanced-softmax", "mse"] {
            let all = computed(find(name).unwrap());
            let kinds = |frame: Frame| all.iter().filter(|one| one.frame == frame).count();
            assert_eq!(all.len(), 18, "{name}");
            assert!(kinds(Frame::Computed) > 5, "{name}");
            for Computed { floor, loss, place, .. } in &all {
                assert!((loss - floor).abs() < 1e-6 * (1.0 + floor), "{name}, {place}: {loss} {floor}");
            }
        }
        assert!(computed(find("normface").unwrap()).is_empty());
    }
}
