//! How a state of a run is looked at: by metrics, and by decay.

use super::Start;
use crate::engine::State;
use crate::geometry::Sample;
use crate::objectives::{Family, Score};

impl Start {
    /// The rows of a state as metrics look at them: with the scores of the class term, or cosines where none is raw.
    pub fn sample<'a>(&'a self, state: &'a State) -> Sample<'a> {
        let class_terms =
            || self.problem.terms.iter().filter(|term| term.objective.family() == Family::Class);
        let raw = class_terms().any(|term| term.objective.score() == Score::Raw);
        Sample {
            points: &state.features.value,
            labels: self.labelled.then_some(self.problem.labels.as_slice()),
            weights: self.problem.uses_weights().then_some(&state.weights.value),
            bias: state.bias.as_ref().filter(|_| raw).map(|bias| bias.value.data.as_slice()),
            cosine_scores: !raw,
            class_sizes: None,
        }
    }

    /// What decay adds to the loss at a state (sum form, as the engines take it).
    pub fn penalty(&self, state: &State) -> f64 {
        let problem = &self.problem;
        let half = |data: &[f32]| data.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>() / 2.0;
        let mut sum = match &state.network {
            Some(network) => network.penalty(problem.decay),
            None => problem.decay.features * half(&state.features.value.data),
        };
        if problem.uses_weights() {
            sum += problem.decay.weights * half(&state.weights.value.data);
        }
        if let Some(bias) = state.bias.as_ref().filter(|_| problem.uses_raw()) {
            sum += problem.decay.bias * half(&bias.value.data);
        }
        sum
    }
}
