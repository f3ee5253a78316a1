//! What a run starts from: [`start`](crate::experiment::start) asked by the lab, and the short way when only numbers
//! change.

use std::sync::Arc;

use crate::engine::{Parameter, Problem, State};
use crate::experiment::start::{Asker, Held, start};
use crate::experiment::{Experiment, OptimizerKind, faults};
use crate::features::Matrix;
use crate::objectives::{Case, Range};
use crate::optimizer::{Decay, Method, Schedule, normalise};
use crate::snapshot::Cast;
use crate::theory::Brief;

/// What a run starts from.
#[derive(Clone)]
pub struct Setup {
    /// What is minimised.
    pub problem: Problem,
    /// Where it starts.
    pub state: State,
    /// Labels and names.
    pub cast: Arc<Cast>,
    /// Rows that no step sees.
    pub held: Option<Arc<Held>>,
    /// What floors depend on.
    pub case: Case,
    /// The rate before the schedule.
    pub rate: f64,
    /// How it changes.
    pub schedule: Schedule,
    /// What the user should know.
    pub notices: Vec<String>,
}

/// Makes the start of an experiment, or says in one sentence why it cannot start.
pub fn set_up(experiment: &Experiment) -> Result<Setup, String> {
    let start = start(experiment, Asker::Lab).map_err(|error| error.to_string())?;
    let cast = Cast::of(&start);
    Ok(Setup {
        problem: start.problem,
        state: start.state,
        cast: Arc::new(cast),
        held: start.held.map(Arc::new),
        case: start.case,
        rate: start.rate,
        schedule: start.schedule,
        notices: start.notices,
    })
}

/// The setup under an experiment that differs in numbers alone (knobs, weights of terms, rate, optimiser, decay), made
/// without reading or drawing any data. `None` when more than that differs.
pub fn adjust(setup: &Setup, before: &Experiment, after: &Experiment) -> Option<Result<Setup, String>> {
    let numbers_of_before = before.with_numbers_of(after);
    // The rate of the model stands only in a start.
    let rate_is_known = after.lr.is_some() || before.lr.is_none();
    if !rate_is_known || numbers_of_before != *after || !same_but_for_numbers(before, after) {
        return None;
    }
    if let Some(fault) = faults(after).into_iter().next() {
        return Some(Err(fault.to_string()));
    }
    let mut adjusted = setup.clone();
    for (term, wanted) in adjusted.problem.terms.iter_mut().zip(&after.objective) {
        *term = *wanted;
    }
    crate::experiment::expression::resolve(&mut adjusted.problem.terms, setup.problem.classes);
    adjusted.problem.method = match after.optimizer {
        OptimizerKind::Sgd => Method::Sgd { momentum: after.momentum },
        OptimizerKind::Adam => Method::Adam,
    };
    let decay =
        Decay { features: after.weight_decay, weights: after.weight_decay_weights, ..setup.problem.decay };
    adjusted.problem.decay = decay;
    (adjusted.case.decay_features, adjusted.case.decay_weights) = (decay.features, decay.weights);
    adjusted.rate = after.lr.unwrap_or(setup.rate);
    Some(Ok(adjusted))
}

/// Whether the summands are the same objectives with the same choices of words: those decide what data are needed.
fn same_but_for_numbers(before: &Experiment, after: &Experiment) -> bool {
    before.objective.len() == after.objective.len()
        && before.objective.iter().zip(&after.objective).all(|(old, new)| {
            old.objective.name() == new.objective.name()
                && old.objective.knobs().iter().enumerate().all(|(k, knob)| match knob.range {
                    Range::Number { .. } => true,
                    Range::Choice(_) => old.knobs.exact(k) == new.knobs.exact(k),
                })
        })
}

/// Brings a state from one problem to another on the same data: rows that must now lie on the sphere are put there,
/// and a bias comes or goes. What is put elsewhere forgets its moments.
pub fn carry(state: &mut State, before: &Problem, after: &Problem, bias: Option<&Parameter>) {
    if bias.is_some() != state.bias.is_some() {
        state.bias = bias.cloned();
    }
    if after.sphere && !before.sphere {
        put_on_sphere(&mut state.weights);
        if state.network.is_none() {
            put_on_sphere(&mut state.features);
        }
    }
}

fn put_on_sphere(parameter: &mut Parameter) {
    for i in 0..parameter.value.rows {
        normalise(parameter.value.row_mut(i));
    }
    parameter.first = Matrix::zeros(parameter.value.rows, parameter.value.cols);
    parameter.second = parameter.first.clone();
}

/// The problem of a setup with what is proved about it.
pub fn brief(experiment: &Experiment, setup: &Setup) -> Brief {
    Brief::new(experiment, &setup.problem, &setup.case)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::{Init, Source, expression};

    #[test]
    fn the_short_way_ends_where_the_long_one_does() {
        let before = Experiment::default();
        let mut after =
            Experiment { lr: Some(0.5), weight_decay: 0.01, optimizer: OptimizerKind::Sgd, ..before.clone() };
        after.objective[0].knobs.0[0] = 9.0;
        let setup = set_up(&before).unwrap();
        let short = adjust(&setup, &before, &after).unwrap().unwrap();
        let long = set_up(&after).unwrap();
        assert_eq!((short.problem, short.case, short.rate), (long.problem, long.case, long.rate));
        let other = Experiment { objective: expression::parse("arcface").unwrap(), ..before.clone() };
        assert!(adjust(&setup, &before, &other).is_none(), "another objective may need other data");
        let wrong = Experiment { lr: Some(-1.0), ..before.clone() };
        assert!(adjust(&setup, &before, &wrong).unwrap().is_err());
    }

    #[test]
    fn every_setting_of_the_data_arrives() {
        let noisy =
            Experiment { label_noise: 0.25, imbalance: 5.0, init: Init::Antipodal, ..Experiment::default() };
        let setup = set_up(&noisy).unwrap();
        assert_ne!(setup.cast.labels, setup.cast.truth);
        assert!(setup.cast.labels.len() < 200, "50 of the first class, 10 of the last");
        let digits = Experiment { source: Source::Bundled("digits".into()), ..Experiment::default() };
        let setup = set_up(&digits).unwrap();
        assert_eq!((setup.cast.classes, setup.state.features.value.cols), (10, 64));
    }
}
