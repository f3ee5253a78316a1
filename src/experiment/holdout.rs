//! How a run does on rows that it never saw.

use super::EngineKind;
use super::start::{Held, Start};
use crate::engine::cpu::CpuEngine;
use crate::engine::reference::ReferenceEngine;
use crate::engine::{Engine, EngineError, MarginsAt, Problem, State};
use crate::features::Matrix;
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

/// The rows held out, and what they are judged by.
///
/// Counts of classes, where an objective wants them, are those of the rows held out.
#[derive(Clone, Debug)]
pub struct Exam {
    problem: Problem,
    rows: Matrix,
    labelled: bool,
    engine: EngineKind,
    threads: Option<usize>,
}

impl Exam {
    /// The rows of `held` under a problem of the other rows. The reference judges where it is the engine, the CPU
    /// anywhere else.
    pub fn new(
        problem: &Problem,
        held: &Held,
        labelled: bool,
        engine: EngineKind,
        threads: Option<usize>,
    ) -> Self {
        let problem = Problem {
            labels: held.labels.clone(),
            instances: held.instances.clone(),
            margins: held.margins.clone(),
            batch: None,
            terms: problem.terms.clone(),
            ..*problem
        };
        Self { problem, rows: held.rows.clone(), labelled, engine, threads }
    }

    /// The parameters of `state` with the rows held out in place of its own.
    pub fn candidate(&self, state: &State) -> State {
        let mut candidate = State {
            step: state.step,
            features: Parameter::new(Matrix::zeros(self.rows.rows, state.features.value.cols)),
            weights: state.weights.clone(),
            bias: state.bias.clone(),
            network: state.network.clone(),
        };
        match &mut candidate.network {
            Some(network) => network.inputs = Parameter::new(self.rows.clone()),
            None => candidate.features = Parameter::new(self.rows.clone()),
        }
        candidate
    }

    /// Judges a [candidate](Exam::candidate).
    ///
    /// # Errors
    /// What the engine says.
    pub fn judge(&self, candidate: State) -> Result<Judged, EngineError> {
        let problem = &self.problem;
        let mut engine: Box<dyn Engine> = match self.engine {
            EngineKind::Reference => Box::new(ReferenceEngine::new(problem.clone(), &candidate)),
            _ => Box::new(CpuEngine::new(problem.clone(), candidate, self.threads)),
        };
        let losses = engine.evaluate(MarginsAt::Mean)?.terms;
        let loss = problem.terms.iter().zip(losses).map(|(term, loss)| term.weight * loss).sum();
        let state = engine.state()?;
        let mut class_terms = problem.terms.iter().filter(|term| term.objective.family() == Family::Class);
        let raw = class_terms.any(|term| term.objective.score() == Score::Raw);
        let measured = measure_cheap(&Sample {
            points: &state.features.value,
            labels: self.labelled.then_some(problem.labels.as_slice()),
            weights: problem.uses_weights().then_some(&state.weights.value),
            bias: state.bias.as_ref().filter(|_| raw).map(|bias| bias.value.data.as_slice()),
            cosine_scores: !raw,
            class_sizes: None,
        });
        let why = || measured.note("accuracy").unwrap_or_default().to_owned();
        let accuracy = measured.get("accuracy").ok_or_else(why);
        Ok(Judged { accuracy, loss })
    }
}

/// Judges the parameters of `state` on the rows that `start` holds out; `None` when it holds out none.
///
/// # Errors
/// What the engine says.
pub fn judge(start: &Start, state: &State) -> Result<Option<Judged>, EngineError> {
    let Some(held) = &start.held else { return Ok(None) };
    let (engine, threads) = (start.experiment.engine, start.experiment.threads);
    let exam = Exam::new(&start.problem, held, start.labelled, engine, threads);
    exam.judge(exam.candidate(state)).map(Some)
}
