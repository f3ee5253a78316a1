//! How a run does on rows that it never saw.

use super::EngineKind;
use super::start::Start;
use crate::engine::cpu::CpuEngine;
use crate::engine::reference::ReferenceEngine;
use crate::engine::{Engine, EngineError, MarginsAt, Problem, State};
use crate::geometry::{Sample, measure_cheap};
use crate::objectives::{Family, Score};
use crate::optimizer::Parameter;

/// What is found on the rows held out.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// Share of the rows whose label is their largest score, or why there is none.
    pub accuracy: Result<f64, String>,
    /// The weighted losses over these rows, decay left out, at the mean margin.
    pub loss: f64,
}

/// Judges the parameters of `state` on the rows that `start` holds out; `None` when it holds out none.
///
/// Counts of classes, where an objective wants them, are those of the rows held out.
///
/// # Errors
/// What the engine says; the reference judges a run of the reference, the CPU any other.
pub fn judge(start: &Start, state: &State) -> Result<Option<Judged>, EngineError> {
    let Some(held) = &start.held else { return Ok(None) };
    let problem = Problem {
        labels: held.labels.clone(),
        instances: held.instances.clone(),
        margins: held.margins.clone(),
        batch: None,
        ..start.problem.clone()
    };
    let dim = state.features.value.cols;
    let mut judged = State {
        features: Parameter::new(crate::features::Matrix::zeros(held.rows.rows, dim)),
        ..state.clone()
    };
    match &mut judged.network {
        Some(network) => network.inputs = Parameter::new(held.rows.clone()),
        None => judged.features = Parameter::new(held.rows.clone()),
    }
    let mut engine: Box<dyn Engine> = match start.experiment.engine {
        EngineKind::Reference => Box::new(ReferenceEngine::new(problem, &judged)),
        _ => Box::new(CpuEngine::new(problem, judged, start.experiment.threads)),
    };
    let losses = engine.evaluate(MarginsAt::Mean)?.terms;
    let loss = start.problem.terms.iter().zip(losses).map(|(term, loss)| term.weight * loss).sum();
    let state = engine.state()?;
    let mut class_terms = start.problem.terms.iter().filter(|term| term.objective.family() == Family::Class);
    let raw = class_terms.any(|term| term.objective.score() == Score::Raw);
    let measured = measure_cheap(&Sample {
        points: &state.features.value,
        labels: start.labelled.then_some(held.labels.as_slice()),
        weights: start.problem.uses_weights().then_some(&state.weights.value),
        bias: state.bias.as_ref().filter(|_| raw).map(|bias| bias.value.data.as_slice()),
        cosine_scores: !raw,
        class_sizes: None,
    });
    let why = || measured.note("accuracy").unwrap_or_default().to_owned();
    let accuracy = measured.get("accuracy").ok_or_else(why);
    Ok(Some(Judged { accuracy, loss }))
}
