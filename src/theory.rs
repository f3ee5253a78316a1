//! What is proved, made visible: the arrangement a floor names, turned to where the rows are; the knobs at which it
//! changes; how far a state is from it, and why it stays away.
//!
//! What is proved stands with each loss ([`crate::objective`]); nothing here is drawn and nothing moves a row.

pub mod align;
pub mod certificate;
pub mod fit;
pub mod remarks;
pub mod target;
pub mod thresholds;

pub use certificate::certificate;
pub use fit::{Fit, Lengths};
pub use remarks::remarks;
pub use target::{Members, Target};
pub use thresholds::{Lever, Threshold};

use crate::engine::Problem;
use crate::experiment::{Experiment, Model, floor};
use crate::features::Matrix;
use crate::geometry::Measurements;
use crate::objectives::{Case, Floor, RowLoss};

/// Everything that is proved about a run before it begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Theory {
    /// The least loss.
    pub floor: Floor,
    /// What reaches it, where one arrangement is proved to.
    pub target: Option<Target>,
    /// Where that changes as a knob moves.
    pub thresholds: Vec<Threshold>,
}

impl Theory {
    /// What is proved about a problem in its case.
    pub fn of(experiment: &Experiment, problem: &Problem, case: &Case) -> Self {
        let floor = floor::floor(problem, case);
        Self {
            target: target::target(problem, case, &floor),
            thresholds: thresholds::thresholds(experiment, problem, case),
            floor,
        }
    }
}

/// A problem with what is proved about it: what looking at a state needs to know.
#[derive(Clone, Debug, PartialEq)]
pub struct Brief {
    /// What is minimised.
    pub problem: Problem,
    /// The situation of its floor.
    pub case: Case,
    /// What is proved.
    pub theory: Theory,
}

impl Brief {
    /// Everything about a problem in its case.
    pub fn new(experiment: &Experiment, problem: &Problem, case: &Case) -> Self {
        let mut theory = Theory::of(experiment, problem, case);
        let deep = thresholds::deep(problem, case);
        let mut case = case.clone();
        if experiment.model != Model::Free {
            // Decay then belongs to a network: the certificate is of free features, and thresholds are others.
            (case.decay_features, case.decay_weights) = (0.0, 0.0);
            theory.thresholds = deep;
        }
        Self { problem: problem.clone(), case, theory }
    }

    /// The target laid over a state, where there is one.
    pub fn fit(&self, points: &Matrix, weights: Option<&Matrix>) -> Option<Fit> {
        let target = self.theory.target.as_ref()?;
        fit::fit(target, points, &self.problem.labels, &self.problem.instances, weights)
    }

    /// Adds the certificate to the metrics of a state: its value, or why there is none.
    pub fn certify(
        &self,
        measured: &mut Measurements,
        points: &Matrix,
        weights: &Matrix,
        bias: Option<&[f32]>,
    ) {
        match certificate(&self.problem, &self.case, points, weights, bias) {
            Ok(value) => measured.values.push((certificate::KEY, Some(value))),
            Err(reason) => {
                measured.values.push((certificate::KEY, None));
                measured.notes.push((certificate::KEY, reason));
            }
        }
    }

    /// What the loss is where everything lies at the origin and the bias is at its best; `None` where that depends on
    /// a decayed bias, or where the origin means nothing.
    pub fn collapsed(&self) -> Option<f64> {
        let (loss, case) = model(&self.problem, &self.case)?;
        let n = case.rows() as f64;
        let share = |count: &usize| *count as f64 / n;
        let entropy = || -case.counts.iter().map(share).map(|p| p * p.ln()).sum::<f64>();
        let weight = self.problem.terms[0].weight;
        let value = match (loss, case.bias) {
            (RowLoss::Squares, None) => 0.5,
            (RowLoss::Squares, Some(0.0)) => {
                0.5 * (1.0 - case.counts.iter().map(share).map(|p| p * p).sum::<f64>())
            }
            (RowLoss::CrossEntropy { balanced: true }, None) | (RowLoss::CrossEntropy { .. }, Some(0.0)) => {
                entropy()
            }
            (RowLoss::CrossEntropy { balanced: false }, None) => (case.classes as f64).ln(),
            (RowLoss::CrossEntropy { .. }, Some(_)) if case.balanced() => (case.classes as f64).ln(),
            _ => return None,
        };
        Some(weight * value)
    }

    /// Whether states of this problem have a certificate at all.
    pub fn has_certificate(&self) -> bool {
        model(&self.problem, &self.case)
            .is_some_and(|(_, case)| case.decay_features * case.decay_weights > 0.0)
    }
}

/// The loss of the unconstrained features model that a problem is, and its decays as that loss alone would have
/// them: w·L + decay = w·(L + decay/w). `None` for sums, and for anything on the sphere.
pub(crate) fn model(problem: &Problem, case: &Case) -> Option<(RowLoss, Case)> {
    let [term] = problem.terms.as_slice() else { return None };
    let loss = term.objective.row_loss().filter(|_| term.weight > 0.0 && !case.sphere)?;
    let mut own = case.clone();
    own.decay_features /= term.weight;
    own.decay_weights /= term.weight;
    own.bias = case.bias.map(|decay| decay / term.weight);
    Some((loss, own))
}
