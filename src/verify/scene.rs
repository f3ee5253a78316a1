//! Problems and states to check objectives on: every setting of the choices, random rows, ragged classes.

use crate::engine::reference::ReferenceEngine;
use crate::engine::{Engine, EngineError, Evaluation, MarginsAt, Parameter, Problem, State};
use crate::features::Matrix;
use crate::objective::knobs::Range;
use crate::objectives::{Knobs, Objective, Term};
use crate::optimizer::{Decay, Method, Moves};
use crate::random;

/// An objective under one setting of its knobs, and what to call that.
pub(super) struct Setting {
    pub(super) name: String,
    pub(super) term: Term,
}

/// The defaults first, then every choice that differs from them, one at a time.
pub(super) fn settings(objective: &'static dyn Objective, classes: usize) -> Vec<Setting> {
    let knobs = Knobs::defaults(objective.knobs(), classes);
    let mut settings =
        vec![Setting { name: objective.name().to_owned(), term: Term { objective, weight: 1.0, knobs } }];
    for (place, knob) in objective.knobs().iter().enumerate() {
        let Range::Choice(words) = knob.range else { continue };
        for (value, word) in words.iter().enumerate().filter(|(value, _)| *value as f64 != knobs.0[place]) {
            let mut knobs = knobs;
            knobs.0[place] = value as f64;
            settings.push(Setting {
                name: format!("{}({}={word})", objective.name(), knob.name),
                term: Term { objective, weight: 1.0, knobs },
            });
        }
    }
    settings
}

/// A standard normal number of stream 99.
pub(super) fn normal(seed: u64, row: usize, column: usize) -> f64 {
    random::normal(seed, 0, row as u32, 99, column as u32)
}

/// A problem of one term over given labels and instances.
pub(super) fn problem(term: Term, labels: Vec<u32>, instances: Vec<u32>, classes: usize) -> Problem {
    Problem {
        terms: vec![term],
        labels,
        instances,
        classes,
        margins: None,
        seed: 3,
        batch: None,
        method: Method::Sgd { momentum: 0.0 },
        decay: Decay::default(),
        moves: Moves::default(),
        sphere: false,
    }
}

/// A state at step 0.
pub(super) fn state(features: Matrix, weights: Matrix, bias: Option<Matrix>) -> State {
    State {
        step: 0,
        features: Parameter::new(features),
        weights: Parameter::new(weights),
        bias: bias.map(Parameter::new),
        network: None,
    }
}

/// Random rows of random classes; rows of an instance need not be neighbours.
pub(super) fn random_scene(term: Term, seed: u64, n: usize, classes: usize, d: usize) -> (Problem, State) {
    let pick =
        |stream: u32, row: usize, of: usize| random::words(seed, 0, row as u32, stream, 0)[0] as usize % of;
    let labels = (0..n).map(|i| pick(90, i, classes) as u32).collect();
    let instances = (0..n).map(|i| pick(91, i, n.div_ceil(2)) as u32).collect();
    let matrix = |seed, rows, cols| Matrix::from_fn(rows, cols, |i, k| normal(seed, i, k) as f32);
    let state = state(matrix(seed, n, d), matrix(seed + 1, classes, d), Some(matrix(seed + 2, 1, classes)));
    (problem(term, labels, instances, classes), state)
}

/// What the f64 reference says.
pub(super) fn reference(
    problem: &Problem,
    state: &State,
    margins: MarginsAt,
) -> Result<Evaluation, EngineError> {
    ReferenceEngine::new(problem.clone(), state).evaluate(margins)
}

/// The loss of the one term, by the reference; NaN where it fails.
pub(super) fn loss(problem: &Problem, state: &State, margins: MarginsAt) -> f64 {
    let evaluation = reference(problem, state, margins);
    evaluation.ok().and_then(|e| e.terms.first().copied()).unwrap_or(f64::NAN)
}
