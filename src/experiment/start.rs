//! From an experiment to what an engine needs: labels, parameters at their start, the problem.
//!
//! `synthetic` draws data from the seed, `given` takes it from a file, `needs` says what an objective
//! asks of data, `network` makes the layers of a model, `split` holds rows out. Nothing is stepped here.

mod engine;
mod given;
mod material;
mod needs;
mod network;
mod seen;
mod split;
mod synthetic;

pub use engine::engine;
use material::Material;
pub use split::Held;
pub use synthetic::class_sizes;

use super::{Constraint, Experiment, Fault, Model, OptimizerKind, Source, check, expression};
use crate::data::ReadError;
use crate::engine::{Parameter, Problem, State, cpu};
use crate::features::Matrix;
use crate::models::Network;
use crate::objectives::{Case, Origin, Score};
use crate::optimizer::{Decay, Method, SHORTEST, Schedule};
use crate::random::Stream;

/// Who wants to run an experiment: some defaults depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// A headless run: rate 0.05 falling as a cosine; settings without effect are refused.
    Run,
    /// The lab: rate 0.02, constant; settings without effect are noticed.
    Lab,
}

/// A run before its first step.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "four independent facts about the source")]
pub struct Start {
    /// The experiment with every open setting filled in, for the run folder.
    pub experiment: Experiment,
    /// What is minimised.
    pub problem: Problem,
    /// The parameters at step 0.
    pub state: State,
    /// The class each row belongs to; `problem.labels` has the noisy ones that the objective sees.
    pub truth: Vec<u32>,
    /// Whether there are labels at all. Without them all rows are of class 0.
    pub labelled: bool,
    /// Whether the source brings class weights of its own.
    pub has_weights: bool,
    /// Whether the source brings a bias of its own.
    pub has_bias: bool,
    /// Whether the source says which rows are views of one instance.
    pub has_instances: bool,
    /// A name for each class where the source has names or numbers of its own; else empty.
    pub label_names: Vec<String>,
    /// A name for each row, where given.
    pub point_names: Option<Vec<String>>,
    /// Rows that no step sees; none of the other fields counts them.
    pub held: Option<Held>,
    /// What floors are asked about.
    pub case: Case,
    /// The rate, before the schedule.
    pub rate: f64,
    /// How the rate changes.
    pub schedule: Schedule,
    /// What the user should know.
    pub notices: Vec<String>,
}

/// Why an experiment cannot start. All of these are wrong use or input: exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum ExperimentError {
    /// A setting is wrong, or contradicts another or the data.
    #[error(transparent)]
    Setting(#[from] Fault),
    /// The feature file was not read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The data lack what the objective needs: one sentence.
    #[error("{0}")]
    Data(String),
}

/// Makes labels, parameters and the problem of an experiment.
///
/// # Errors
/// [`ExperimentError`] if a setting cannot be, the file cannot be read, or the data lack what the
/// objective compares.
pub fn start(experiment: &Experiment, asker: Asker) -> Result<Start, ExperimentError> {
    if let Some(fault) = check::faults(experiment).into_iter().next() {
        return Err(fault.into());
    }
    let mut terms = experiment.objective.clone();
    let sphere = on_sphere(experiment);
    let mut notices = Vec::new();
    for fault in check::idle(experiment, sphere) {
        match asker {
            Asker::Run => return Err(fault.into()),
            Asker::Lab => notices.push(fault.sentence),
        }
    }
    let mut material = match &experiment.source {
        Source::Synthetic => synthetic::material(experiment)?,
        Source::Bundled(_) | Source::File(_) => given::material(experiment)?,
    };
    notices.append(&mut material.notices);
    needs::check_needs(&terms, material.labelled, &material.instances)?;
    let share = experiment.holdout;
    let mut held =
        if share > 0.0 { Some(split::split(&mut material, share, experiment.seed)?) } else { None };
    let labels = material.noisy_labels(experiment.label_noise, experiment.seed)?;
    let has_bias = check::has_bias(experiment);
    if !has_bias && material.bias.is_some() {
        notices.push("the bias of the file is left out: this run has none".into());
    }
    expression::resolve(&mut terms, material.classes);
    let (gave_weights, gave_bias) = (material.weights.is_some(), material.bias.is_some());
    let Rows { features, weights, network } =
        rows(experiment, &mut material, &labels, held.as_mut(), &mut notices)?;
    let rate = experiment.lr.unwrap_or(default_rate(experiment.model, asker));
    let schedule = experiment.schedule.unwrap_or(match asker {
        Asker::Run => Schedule::Cosine,
        Asker::Lab => Schedule::Constant,
    });
    let decay = decay(experiment);
    let case = Case {
        decay_features: decay.features,
        decay_weights: decay.weights,
        bias: has_bias.then_some(decay.bias),
        sphere: sphere && network.is_none(),
        origin: origin(experiment.model),
        ..material.case(&labels, features.cols, experiment.label_noise == 0.0)
    };
    let bias = has_bias.then(|| {
        let start = material.bias.take().unwrap_or_else(|| vec![0.0; material.classes]);
        Parameter::new(Matrix::new(1, material.classes, start))
    });
    if let Some(batch) = experiment.batch
        && batch > case.views.len()
    {
        notices
            .push(format!("--batch {batch} is more than the {} instances: steps see all", case.views.len()));
    }
    let filled = Experiment {
        lr: Some(rate),
        schedule: Some(schedule),
        constraint: Some(if sphere { Constraint::Sphere } else { Constraint::None }),
        bias: has_bias.then_some(true).or(experiment.bias),
        dim: Some(features.cols),
        ..with_sizes(experiment, material.classes)
    };
    Ok(Start {
        experiment: filled,
        problem: Problem {
            terms,
            labels,
            instances: material.instances,
            classes: material.classes,
            margins: material.margins,
            seed: experiment.seed,
            batch: experiment.batch,
            method: method(experiment),
            decay,
            moves: experiment.moves,
            sphere,
        },
        state: State {
            step: 0,
            features: Parameter::new(features),
            weights: Parameter::new(weights),
            bias,
            network,
        },
        truth: material.labels,
        labelled: material.labelled,
        has_weights: gave_weights,
        has_bias: gave_bias,
        has_instances: material.has_instances,
        label_names: material.label_names,
        point_names: material.point_names,
        held,
        case,
        rate,
        schedule,
        notices,
    })
}

/// What a run moves: the rows at their start, what they are compared with, what makes them.
struct Rows {
    features: Matrix,
    weights: Matrix,
    network: Option<Network>,
}

/// Takes the rows out of `material`, through the network where there is one, and finds class weights for them.
fn rows(
    experiment: &Experiment,
    material: &mut Material,
    labels: &[u32],
    held: Option<&mut Held>,
    notices: &mut Vec<String>,
) -> Result<Rows, Fault> {
    let mlp = matches!(experiment.model, Model::Mlp { .. });
    if mlp && (material.weights.take().is_some() | material.bias.take().is_some()) {
        notices.push("class weights and bias of the file are left out: an mlp has rows of its own".into());
    }
    let network = network::network(experiment, material)?;
    if let Some(network) = &network {
        material.features = cpu::outputs(network);
    }
    let mut weights = match material.weights.take() {
        Some(weights) => weights,
        None if mlp => {
            let cols = material.features.cols;
            synthetic::gaussian_rows(experiment, material.classes, cols, Stream::Weights)
        }
        None => material.class_means(labels),
    };
    let mut features = std::mem::take(&mut material.features);
    let sphere = on_sphere(experiment);
    if sphere {
        to_sphere(&mut weights);
    }
    if sphere && network.is_none() {
        to_sphere(&mut features);
    }
    if let Some(held) = held.filter(|_| !mlp) {
        let sentence =
            "the rows held out are free features that no step moves: they are judged where they started";
        notices.push(sentence.into());
        if sphere && network.is_none() {
            to_sphere(&mut held.rows);
        }
    }
    Ok(Rows { features, weights, network })
}

/// What makes the rows, as floors ask about it.
fn origin(model: Model) -> Origin {
    match model {
        Model::Free | Model::Linear { depth: 0 | 1 } => Origin::Free,
        Model::Linear { depth } => Origin::Linear { matrices: depth },
        Model::Mlp { .. } => Origin::Mlp,
    }
}

/// The experiment with its sizes filled in and a path that means the same from any folder.
fn with_sizes(experiment: &Experiment, classes: usize) -> Experiment {
    let mut filled = experiment.clone();
    filled.source = absolute(&experiment.source);
    if experiment.class_sizes.is_none() {
        filled.classes = Some(classes);
        if experiment.source == Source::Synthetic {
            filled.per_class = Some(experiment.per_class.unwrap_or(Experiment::PER_CLASS));
        }
    }
    filled
}

/// Whether rows are kept on the sphere: where every term is a cosine objective, unless told otherwise.
fn on_sphere(experiment: &Experiment) -> bool {
    match experiment.constraint {
        Some(constraint) => constraint == Constraint::Sphere,
        None => experiment.objective.iter().all(|term| term.objective.score() != Score::Raw),
    }
}

fn decay(experiment: &Experiment) -> Decay {
    Decay {
        features: experiment.weight_decay,
        weights: experiment.weight_decay_weights,
        bias: experiment.weight_decay_bias,
    }
}

fn method(experiment: &Experiment) -> Method {
    match experiment.optimizer {
        OptimizerKind::Sgd => Method::Sgd { momentum: experiment.momentum },
        OptimizerKind::Adam => Method::Adam,
    }
}

/// The rate of the lab unless one is given.
pub fn lab_rate(model: Model) -> f64 {
    default_rate(model, Asker::Lab)
}

fn default_rate(model: Model, asker: Asker) -> f64 {
    match (model, asker) {
        (Model::Mlp { .. }, _) => 0.005,
        (_, Asker::Run) => 0.05,
        (_, Asker::Lab) => 0.02,
    }
}

/// Divides every row by its length; lengths are taken in f64.
fn to_sphere(matrix: &mut Matrix) {
    for (i, length) in matrix.norms().into_iter().enumerate() {
        for x in matrix.row_mut(i) {
            *x = (f64::from(*x) / length.max(SHORTEST)) as f32;
        }
    }
}

/// The source with a path that means the same from any folder.
fn absolute(source: &Source) -> Source {
    match source {
        Source::File(path) => Source::File(std::path::absolute(path).unwrap_or_else(|_| path.clone())),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests;
