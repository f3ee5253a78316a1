//! The fast engine where there is no GPU: tiles that stay in the cache, threads, SIMD.
//!
//! No N×M matrix is ever stored: scores are computed a tile at a time, twice a step. Every sum is
//! taken in an order that does not depend on the number of threads, so a seed gives the same bits
//! on one thread and on many.

mod block;
mod classes;
mod distance;
mod linear;
mod moves;
mod network;
mod pairs;
mod product;
mod rows;
mod term;

use super::batches::Batches;
use super::relations::Relations;
use super::{Advance, Divergence, Engine, EngineError, Evaluation, Gradient, MarginsAt, Problem};
use super::{Record, State};
use crate::features::Matrix;
use crate::objectives::{Family, Score, Term, scene};
pub use network::outputs;
use rows::Unit;
pub use term::Couplings;
use term::{Sides, TermSlope};

/// The engine of the processor.
pub struct CpuEngine {
    problem: Problem,
    counts: Vec<f32>,
    batches: Batches,
    state: State,
    pool: Option<rayon::ThreadPool>,
    work: Workspace,
}

/// Buffers of a step, kept from one to the next.
#[derive(Default)]
struct Workspace {
    /// The rows of the batch, gathered.
    raw: Matrix,
    unit: Unit,
    unit_weights: Unit,
    /// Gradient with respect to the rows as they are, and to the unit rows.
    features: Matrix,
    unit_features: Matrix,
    weights: Matrix,
    unit_weights_gradient: Matrix,
    bias: Vec<f32>,
    terms: Vec<f64>,
    /// What stands between inputs and features, where a network does.
    pass: network::Pass,
}

impl CpuEngine {
    /// An engine that starts from `state`, on `threads` threads (all of them for `None`).
    pub fn new(problem: Problem, state: State, threads: Option<usize>) -> Self {
        let pool = threads.and_then(|n| rayon::ThreadPoolBuilder::new().num_threads(n).build().ok());
        let counts = problem.counts().iter().map(|&n| n as f32).collect();
        Self { batches: Batches::new(&problem), counts, problem, state, pool, work: Workspace::default() }
    }

    fn has_bias(&self) -> bool {
        self.state.bias.is_some() && self.problem.uses_raw()
    }

    /// Loss and gradient on `rows` (all of them for `None`), decay left out, into the workspace.
    fn slope(&mut self, rows: Option<&[u32]>, margins: MarginsAt) {
        let Self { problem, counts, state, pool, work, .. } = self;
        let mut run = || work.slope(problem, counts, state, rows, margins);
        match pool {
            Some(pool) => pool.install(run),
            None => run(),
        }
    }

    /// The couplings of row `i` with every candidate, a set for each term, at the present state:
    /// the numbers that move the row.
    pub fn couplings(&mut self, i: usize, margins: MarginsAt) -> Vec<Couplings> {
        self.refresh();
        let Self { problem, counts, state, work, .. } = self;
        let batch = work.gather(problem, state, None);
        let inputs = Inputs { raw: &work.raw, unit: &work.unit, unit_weights: &work.unit_weights };
        let of_term = |(k, term)| {
            let margins = problem.drawn_margins(k, &batch.rows, margins);
            inputs.with_sides(term, state, counts, &batch, margins.as_deref(), |sides| {
                term::couplings(sides, i)
            })
        };
        problem.terms.iter().enumerate().map(of_term).collect()
    }

    fn one_step(&mut self, rate: f64) -> Result<Record, Divergence> {
        let step = self.state.step;
        let rows = self.batches.rows(step);
        self.forward(rows.as_deref());
        self.slope(rows.as_deref(), MarginsAt::Step(step));
        if !self.work.finite() {
            return Err(Divergence { step, term: self.broken_term(rows.as_deref(), step) });
        }
        self.backward();
        let has_bias = self.has_bias();
        let Self { problem, state, work, pool, .. } = self;
        let mut run = || {
            let penalty = work.add_decay(problem, state, rows.as_deref(), has_bias);
            let squares = work.half_squares(problem, state, has_bias) * 2.0;
            let moved = work.move_all(problem, state, rows.as_deref(), has_bias, rate as f32);
            moved.then(|| {
                let terms = work.terms.clone();
                Record { step, terms, decay: penalty, gradient_norm: squares.sqrt(), rate }
            })
        };
        let record = match pool {
            Some(pool) => pool.install(run),
            None => run(),
        };
        let record = record.ok_or(Divergence { step, term: None })?;
        self.state.step += 1;
        Ok(record)
    }

    /// Which term alone is not finite; the first where only their sum is not.
    fn broken_term(&mut self, rows: Option<&[u32]>, step: u64) -> Option<usize> {
        let terms = self.problem.terms.clone();
        let broken = (0..terms.len()).find(|&k| {
            // The other terms keep their places, since random margins are drawn by place.
            for (j, term) in self.problem.terms.iter_mut().enumerate() {
                term.weight = if j == k { terms[j].weight } else { 0.0 };
            }
            self.slope(rows, MarginsAt::Step(step));
            !self.work.terms[k].is_finite() || !self.work.finite_gradient()
        });
        self.problem.terms = terms;
        broken.or(Some(0))
    }
}

impl Workspace {
    fn slope(
        &mut self,
        problem: &Problem,
        counts: &[f32],
        state: &State,
        rows: Option<&[u32]>,
        margins: MarginsAt,
    ) {
        let batch = self.gather(problem, state, rows);
        let (n, d, classes) = (batch.rows.len(), state.features.value.cols, state.weights.value.rows);
        let normalised = uses_unit_rows(problem);
        for (gradient, count) in [
            (&mut self.features, n),
            (&mut self.unit_features, if normalised { n } else { 0 }),
            (&mut self.weights, classes),
            (&mut self.unit_weights_gradient, if normalised { classes } else { 0 }),
        ] {
            gradient.rows = count;
            gradient.cols = d;
            gradient.data.clear();
            gradient.data.resize(count * d, 0.0);
        }
        self.bias.clear();
        self.bias.resize(classes, 0.0);
        self.terms.clear();
        for (k, one) in problem.terms.iter().enumerate() {
            let raw = one.objective.score() == Score::Raw;
            let inputs = Inputs { raw: &self.raw, unit: &self.unit, unit_weights: &self.unit_weights };
            let slope = TermSlope {
                anchors: if raw { &mut self.features } else { &mut self.unit_features },
                candidates: if raw { &mut self.weights } else { &mut self.unit_weights_gradient },
                bias: &mut self.bias,
            };
            let margins = problem.drawn_margins(k, &batch.rows, margins);
            let loss = inputs.with_sides(one, state, counts, &batch, margins.as_deref(), |sides| {
                term::evaluate(sides, slope)
            });
            self.terms.push(loss);
        }
        if normalised {
            self.unit.pull_back(&mut self.features, &self.unit_features);
            self.unit_weights.pull_back(&mut self.weights, &self.unit_weights_gradient);
        }
    }

    /// Copies the rows of a batch and normalises what the terms need normalised.
    fn gather(&mut self, problem: &Problem, state: &State, rows: Option<&[u32]>) -> BatchRows {
        let all = &state.features.value;
        let rows: Vec<u32> = rows.map_or_else(|| (0..all.rows as u32).collect(), <[u32]>::to_vec);
        self.raw.rows = rows.len();
        self.raw.cols = all.cols;
        self.raw.data.clear();
        for &r in &rows {
            self.raw.data.extend_from_slice(all.row(r as usize));
        }
        if uses_unit_rows(problem) {
            let distances = problem.terms.iter().any(|t| t.objective.score() == Score::SquaredDistance);
            self.unit.fill(&self.raw, distances);
            self.unit_weights.fill(&state.weights.value, false);
        }
        let pick = |of: &[u32]| -> Vec<u32> { rows.iter().map(|&r| of[r as usize]).collect() };
        BatchRows { labels: pick(&problem.labels), instances: pick(&problem.instances), rows }
    }
}

/// Which rows a step sees, and what they are.
struct BatchRows {
    rows: Vec<u32>,
    labels: Vec<u32>,
    instances: Vec<u32>,
}

fn uses_unit_rows(problem: &Problem) -> bool {
    problem.terms.iter().any(|term| term.objective.score() != Score::Raw)
}

/// The matrices a term chooses its two sides from.
struct Inputs<'a> {
    raw: &'a Matrix,
    unit: &'a Unit,
    unit_weights: &'a Unit,
}

impl Inputs<'_> {
    /// Puts the two sides of a term together and hands them to `work`.
    fn with_sides<R>(
        &self,
        term: &Term,
        state: &State,
        counts: &[f32],
        batch: &BatchRows,
        margins: Option<&[f32]>,
        work: impl FnOnce(&Sides<'_>) -> R,
    ) -> R {
        let objective = term.objective;
        let family = objective.family();
        let raw = objective.score() == Score::Raw;
        let groups = scene::groups(objective, &term.knobs, &batch.labels, &batch.instances);
        let relations = Relations::new(family, groups, state.weights.value.rows);
        let x = if raw { self.raw } else { &self.unit.rows };
        let y = match (raw, family) {
            (_, Family::Pair) => x,
            (true, Family::Class) => &state.weights.value,
            (false, Family::Class) => &self.unit_weights.rows,
        };
        work(&Sides {
            term,
            x,
            y,
            transposed: &self.unit.transposed,
            bias: state.bias.as_ref().filter(|_| raw).map(|b| b.value.data.as_slice()),
            groups,
            relations: &relations,
            margins,
            counts,
        })
    }
}

impl Engine for CpuEngine {
    fn name(&self) -> &'static str {
        "cpu"
    }

    fn evaluate(&mut self, margins: MarginsAt) -> Result<Evaluation, EngineError> {
        self.forward(None);
        self.slope(None, margins);
        self.backward();
        let wide = |data: &[f32]| data.iter().map(|&x| f64::from(x)).collect();
        let gradient = Gradient {
            features: wide(&self.work.features.data),
            weights: self.problem.uses_weights().then(|| wide(&self.work.weights.data)),
            bias: self.has_bias().then(|| wide(&self.work.bias)),
            network: self.network_gradient(),
        };
        Ok(Evaluation { terms: self.work.terms.clone(), gradient })
    }

    fn advance(&mut self, rates: &[f64]) -> Result<Advance, EngineError> {
        let mut advance = Advance::default();
        for &rate in rates {
            match self.one_step(rate) {
                Ok(record) => advance.records.push(record),
                Err(divergence) => {
                    advance.diverged = Some(divergence);
                    break;
                }
            }
        }
        Ok(advance)
    }

    fn state(&mut self) -> Result<State, EngineError> {
        self.refresh();
        Ok(self.state.clone())
    }

    fn set_state(&mut self, state: &State) -> Result<(), EngineError> {
        self.state.clone_from(state);
        Ok(())
    }

    fn set_problem(&mut self, problem: &Problem) -> Result<(), EngineError> {
        self.counts = problem.counts().iter().map(|&n| n as f32).collect();
        self.batches = Batches::new(problem);
        self.problem = problem.clone();
        Ok(())
    }
}
