//! What a run starts from, made from an experiment.

use std::sync::Arc;

use crate::engine::{Parameter, Problem, State};
use crate::experiment::{Constraint, Experiment, OptimizerKind};
use crate::features::Matrix;
use crate::objectives::{Case, Family, Floor, Score};
use crate::optimizer::{Decay, Method, Schedule, normalise};
use crate::random::{self, Stream};
use crate::snapshot::Cast;

/// The rate of the lab, until it is changed.
const LAB_RATE: f64 = 0.02;

/// What a run starts from.
pub struct Setup {
    /// What is minimised.
    pub problem: Problem,
    /// Where it starts.
    pub state: State,
    /// Labels and names.
    pub cast: Arc<Cast>,
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
    let (classes, per_class, dim) =
        (experiment.classes.unwrap_or(4), experiment.per_class.unwrap_or(50), experiment.dim.unwrap_or(3));
    let n = classes * per_class;
    let labels: Vec<u32> = (0..n).map(|i| (i / per_class) as u32).collect();
    let sphere = match experiment.constraint {
        Some(constraint) => constraint == Constraint::Sphere,
        None => experiment.objective.iter().all(|term| term.objective.score() != Score::Raw),
    };
    let draw = |rows: usize, stream: Stream| {
        let mut matrix = Matrix::from_fn(rows, dim, |i, j| {
            random::normal(experiment.seed, 0, i as u32, stream as u32, j as u32) as f32
        });
        if sphere {
            for i in 0..rows {
                normalise(matrix.row_mut(i));
            }
        }
        Parameter::new(matrix)
    };
    let raw_class = experiment
        .objective
        .iter()
        .any(|t| t.objective.score() == Score::Raw && t.objective.family() == Family::Class);
    let problem = Problem {
        terms: experiment.objective.clone(),
        labels: labels.clone(),
        instances: (0..n as u32).collect(),
        classes,
        margins: None,
        seed: experiment.seed,
        batch: experiment.batch,
        method: match experiment.optimizer {
            OptimizerKind::Sgd => Method::Sgd { momentum: experiment.momentum },
            OptimizerKind::Adam => Method::Adam,
        },
        decay: Decay {
            features: experiment.weight_decay,
            weights: experiment.weight_decay_weights,
            bias: experiment.weight_decay_bias,
        },
        sphere,
    };
    let state = State {
        step: 0,
        features: draw(n, Stream::Features),
        weights: draw(classes, Stream::Weights),
        bias: raw_class.then(|| Parameter::new(Matrix::zeros(1, classes))),
    };
    let case = Case {
        counts: vec![per_class; classes],
        classes,
        dim,
        views: vec![1; n],
        clean: true,
        decay_features: experiment.weight_decay,
        decay_weights: experiment.weight_decay_weights,
        bias: raw_class.then_some(0.0),
        sphere,
    };
    let cast = Cast {
        truth: labels.clone(),
        labels,
        instances: problem.instances.clone(),
        classes,
        ..Cast::default()
    };
    Ok(Setup {
        problem,
        state,
        cast: Arc::new(cast),
        case,
        rate: experiment.lr.unwrap_or(LAB_RATE),
        schedule: experiment.schedule.unwrap_or(Schedule::Constant),
        notices: Vec::new(),
    })
}

/// What is proved about the least loss of a start.
pub fn floor(setup: &Setup) -> Floor {
    match setup.problem.terms.as_slice() {
        [term] if term.weight == 1.0 => term.objective.floor(&term.knobs, &setup.case),
        _ => Floor::Unknown("no floor is known for this sum".into()),
    }
}
