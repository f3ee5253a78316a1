//! What runs gradient steps: the trait of the three engines and the plain data they share.
//!
//! `reference` is f64 and naive and judges the others; `cpu` is the fast one; `gpu` is WGSL. An
//! engine owns the parameters while a run goes on and hands out copies.

pub mod batches;
pub mod cpu;
pub mod diagnosis;
pub mod force;
pub mod gpu;
pub mod reference;
pub mod relations;

pub use diagnosis::{Diagnosis, Precision};

use crate::features::Matrix;
use crate::models::{Network, NetworkGradient};
use crate::objectives::{Family, Score, Term};
pub use crate::optimizer::Parameter;
use crate::optimizer::{Decay, Method, Moves};
use crate::random::{self, Stream};

/// What is minimised, and how: everything an engine needs besides the parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The summands of the objective.
    pub terms: Vec<Term>,
    /// The class of each row, as the objective sees it: each below `classes`.
    pub labels: Vec<u32>,
    /// The instance of each row.
    pub instances: Vec<u32>,
    /// C.
    pub classes: usize,
    /// Margins to use instead of drawing.
    pub margins: Option<Vec<f32>>,
    /// The key of all random numbers.
    pub seed: u64,
    /// How many instances a batch has; all of them without.
    pub batch: Option<usize>,
    /// How a gradient becomes a step.
    pub method: Method,
    /// λ of each kind of parameter.
    pub decay: Decay,
    /// What a step moves. The norm of the gradient is of that alone.
    pub moves: Moves,
    /// Whether rows are kept on the sphere: features and class weights. Features that a network makes are not;
    /// a cosine objective normalises them itself.
    pub sphere: bool,
}

impl Problem {
    /// Whether any term compares rows with class weights.
    pub fn uses_weights(&self) -> bool {
        self.terms.iter().any(|term| term.objective.family() == Family::Class)
    }

    /// Whether any term looks at rows as they are, without normalising.
    pub fn uses_raw(&self) -> bool {
        self.terms.iter().any(|term| term.objective.score() == Score::Raw)
    }

    /// Rows of each class in the data.
    pub fn counts(&self) -> Vec<f64> {
        let mut counts = vec![0.0; self.classes];
        for &label in &self.labels {
            counts[label as usize] += 1.0;
        }
        counts
    }

    /// The margin of term `k` for each of `rows`, before any sorting.
    ///
    /// Given margins come first; else the mean, or a normal draw for the step.
    pub fn drawn_margins(&self, k: usize, rows: &[u32], at: MarginsAt) -> Option<Vec<f32>> {
        let margins = self.terms[k].objective.margins(&self.terms[k].knobs)?;
        if let Some(given) = &self.margins {
            return Some(rows.iter().map(|&row| given[row as usize]).collect());
        }
        let stream = Stream::Margins as u32 + k as u32;
        let draw = |row: u32| match at {
            MarginsAt::Mean => margins.mean,
            MarginsAt::Step(step) => {
                margins.mean + margins.sigma * random::normal(self.seed, step, row, stream, 0)
            }
        };
        Some(rows.iter().map(|&row| draw(row) as f32).collect())
    }
}

/// Which random margins an evaluation uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarginsAt {
    /// The mean margin for every row.
    Mean,
    /// The margins drawn for this step.
    Step(u64),
}

/// All parameters of a run at one step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// Steps made so far.
    pub step: u64,
    /// N×d features: what the objective sees. Under a network they are what it gives for its inputs, made anew
    /// by the engine, and have no moments of their own.
    pub features: Parameter,
    /// C×d class weights (C rows even when no term uses them).
    pub weights: Parameter,
    /// 1×C bias, when there is one.
    pub bias: Option<Parameter>,
    /// The network that makes the features, unless they are free.
    pub network: Option<Network>,
}

impl State {
    /// Lets the moments go, which are two thirds of a state, where no step follows.
    pub fn forget_moments(&mut self) {
        let parameters = [&mut self.features, &mut self.weights];
        for parameter in parameters.into_iter().chain(&mut self.bias) {
            (parameter.first, parameter.second) = (Matrix::default(), Matrix::default());
        }
    }
}

/// Gradients of the total loss with respect to the parameters as they are, row-major.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gradient {
    /// N×d.
    pub features: Vec<f64>,
    /// C×d, when a term uses weights.
    pub weights: Option<Vec<f64>>,
    /// C, when a term with raw scores uses a bias.
    pub bias: Option<Vec<f64>>,
    /// Of the network, where there is one.
    pub network: Option<NetworkGradient>,
}

/// A loss and its gradient, over all data, decay left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluation {
    /// The loss of each term, unweighted.
    pub terms: Vec<f64>,
    /// The gradient of the weighted sum.
    pub gradient: Gradient,
}

/// What one step saw before it moved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// The step, counted from 0.
    pub step: u64,
    /// The loss of each term over the step's batch, unweighted.
    pub terms: Vec<f64>,
    /// The decay's part of the loss.
    pub decay: f64,
    /// ‖gradient‖ over all parameters, decay included, before any projection of the optimiser.
    pub gradient_norm: f64,
    /// The rate used.
    pub rate: f64,
}

/// Where a run stopped being finite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The step that was not made.
    pub step: u64,
    /// The term whose loss or gradient was not finite; `None` when the update overflowed.
    pub term: Option<usize>,
}

/// What a stretch of steps gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Advance {
    /// One record a step made.
    pub records: Vec<Record>,
    /// Set when a step was refused: the state is the last finite one.
    pub diverged: Option<Divergence>,
}

/// Why an engine cannot go on.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum EngineError {
    /// There is no adapter, or it does not do what is needed.
    #[error("no GPU: {0}")]
    NoAdapter(String),
    /// The device went away or ran out of memory.
    #[error("the GPU gave up: {0}")]
    Device(String),
    /// The objective cannot run here.
    #[error("{0}")]
    Unsupported(String),
}

/// Runs gradient steps on parameters it owns.
pub trait Engine: Send {
    /// `reference`, `cpu` or `gpu`.
    fn name(&self) -> &'static str;

    /// How it computes, which decides what is too large for it.
    fn precision(&self) -> Precision {
        Precision::Single
    }

    /// The adapter that runs, for the GPU.
    fn adapter(&self) -> Option<String> {
        None
    }

    /// The loss and gradient of the present state over all data.
    fn evaluate(&mut self, margins: MarginsAt) -> Result<Evaluation, EngineError>;

    /// The loss of each term as in [`Engine::evaluate`], where the gradient is not wanted.
    fn losses(&mut self, margins: MarginsAt) -> Result<Vec<f64>, EngineError> {
        Ok(self.evaluate(margins)?.terms)
    }

    /// Makes one step a rate, in order; stops early when a step would not be finite.
    fn advance(&mut self, rates: &[f64]) -> Result<Advance, EngineError>;

    /// A copy of the parameters and moments.
    fn state(&mut self) -> Result<State, EngineError>;

    /// Shows the parameters and moments, without a copy where the engine has them at hand.
    fn show(&mut self, look: &mut dyn FnMut(&State)) -> Result<(), EngineError> {
        look(&self.state()?);
        Ok(())
    }

    /// Looks for who made a step impossible, which [`Engine::advance`] has just refused at this rate, on `threads` threads
    /// (all of them for `None`).
    fn explain(
        &mut self,
        problem: &Problem,
        divergence: &Divergence,
        rate: f64,
        threads: Option<usize>,
    ) -> Result<Option<Diagnosis>, EngineError> {
        let precision = self.precision();
        let mut found = None;
        self.show(&mut |state| {
            found = Some(diagnosis::explain(problem, state, divergence, rate, threads, precision));
        })?;
        Ok(found)
    }

    /// Hands the parameters and moments out at the end of a run; no step can be made after that.
    fn release(&mut self) -> Result<State, EngineError> {
        self.state()
    }

    /// Replaces parameters and moments (same sizes).
    fn set_state(&mut self, state: &State) -> Result<(), EngineError>;

    /// Replaces what is minimised, keeping the parameters: knobs, terms, optimiser, decay, labels.
    fn set_problem(&mut self, problem: &Problem) -> Result<(), EngineError>;
}
