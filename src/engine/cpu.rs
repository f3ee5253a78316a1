//! The fast engine where there is no GPU: tiles that stay in the cache, threads, SIMD.
//!
//! No N×M matrix is ever stored: scores are computed a tile at a time, twice a step. Every sum is
//! taken in an order that does not depend on the number of threads, so a seed gives the same bits
//! on one thread and on many.

mod distance;
mod product;
mod term;

use rayon::prelude::*;

use super::batches::Batches;
use super::relations::Relations;
use super::{Advance, Divergence, Engine, EngineError, Evaluation, Gradient, MarginsAt, Parameter, Problem};
use super::{Record, State};
use crate::features::Matrix;
use crate::lanes::LANES;
use crate::objectives::{Family, Score, Term, scene};
use crate::optimizer::{RowState, SHORTEST, update_row};
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
    /// The first term whose loss or gradient was not finite.
    broken: Option<usize>,
}

/// Rows divided by their lengths, and their transpose for distances.
#[derive(Default)]
struct Unit {
    rows: Matrix,
    lengths: Vec<f32>,
    /// d × N, each line padded to whole lanes.
    transposed: Vec<f32>,
}

impl Unit {
    fn fill(&mut self, raw: &Matrix, transpose: bool) {
        self.rows.clone_from(raw);
        self.lengths.resize(raw.rows, 0.0);
        for (i, length) in self.lengths.iter_mut().enumerate() {
            // Lengths are taken in f64: over many decades f32 squares would underflow.
            let row = self.rows.row_mut(i);
            let exact = row.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt().max(SHORTEST);
            *length = exact as f32;
            for x in row {
                *x = (f64::from(*x) / exact) as f32;
            }
        }
        if transpose {
            let padded = raw.rows.next_multiple_of(LANES);
            self.transposed.clear();
            self.transposed.resize(raw.cols * padded, 0.0);
            for i in 0..raw.rows {
                for (k, &x) in self.rows.row(i).iter().enumerate() {
                    self.transposed[k * padded + i] = x;
                }
            }
        }
    }
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
        self.slope(rows.as_deref(), MarginsAt::Step(step));
        if let Some(term) = self.work.broken {
            return Err(Divergence { step, term: Some(term) });
        }
        let has_bias = self.has_bias();
        let Self { problem, state, work, .. } = self;
        let decay = problem.decay;
        let rows_of_batch = rows.as_ref().map_or(state.features.value.rows, Vec::len);
        let share = state.features.value.rows as f64 / rows_of_batch as f64;
        let row_of = |i: usize| rows.as_ref().map_or(i, |rows| rows[i] as usize);
        let mut penalty = 0.0;
        if decay.features != 0.0 {
            for i in 0..rows_of_batch {
                let row = state.features.value.row(row_of(i));
                penalty += decay.features * share * half_square(row);
                add_scaled(work.features.row_mut(i), (decay.features * share) as f32, row);
            }
        }
        if problem.uses_weights() && decay.weights != 0.0 {
            penalty += decay.weights * half_square(&state.weights.value.data);
            add_scaled(&mut work.weights.data, decay.weights as f32, &state.weights.value.data);
        }
        if let Some(bias) = state.bias.as_ref().filter(|_| has_bias) {
            penalty += decay.bias * half_square(&bias.value.data);
            add_scaled(&mut work.bias, decay.bias as f32, &bias.value.data);
        }
        let mut squares = 2.0 * half_square(&work.features.data);
        if problem.uses_weights() {
            squares += 2.0 * half_square(&work.weights.data);
        }
        if has_bias {
            squares += 2.0 * half_square(&work.bias);
        }
        let before = Saved::of(state, rows.as_deref(), problem, has_bias);
        let rate32 = rate as f32;
        let mut finite = true;
        for i in 0..rows_of_batch {
            let gradient = work.features.row_mut(i);
            finite &=
                move_row(&mut state.features, row_of(i), gradient, problem, rate32, step, problem.sphere);
        }
        if problem.uses_weights() {
            for c in 0..state.weights.value.rows {
                let gradient = work.weights.row_mut(c);
                finite &= move_row(&mut state.weights, c, gradient, problem, rate32, step, problem.sphere);
            }
        }
        if has_bias && let Some(bias) = &mut state.bias {
            finite &= move_row(bias, 0, &mut work.bias, problem, rate32, step, false);
        }
        if !finite {
            before.restore(state, rows.as_deref());
            return Err(Divergence { step, term: None });
        }
        state.step += 1;
        Ok(Record { step, terms: work.terms.clone(), decay: penalty, gradient_norm: squares.sqrt(), rate })
    }
}

/// What a step is about to overwrite, to be put back if it overflows.
struct Saved {
    features: Parameter,
    weights: Option<Parameter>,
    bias: Option<Parameter>,
}

impl Saved {
    fn of(state: &State, rows: Option<&[u32]>, problem: &Problem, has_bias: bool) -> Self {
        let features = match rows {
            None => state.features.clone(),
            Some(rows) => {
                let pick = |m: &Matrix| {
                    let mut out = Matrix::zeros(rows.len(), m.cols);
                    for (i, &r) in rows.iter().enumerate() {
                        out.row_mut(i).copy_from_slice(m.row(r as usize));
                    }
                    out
                };
                let Parameter { value, first, second } = &state.features;
                Parameter { value: pick(value), first: pick(first), second: pick(second) }
            }
        };
        Self {
            features,
            weights: problem.uses_weights().then(|| state.weights.clone()),
            bias: if has_bias { state.bias.clone() } else { None },
        }
    }

    fn restore(self, state: &mut State, rows: Option<&[u32]>) {
        match rows {
            None => state.features = self.features,
            Some(rows) => {
                let put = |to: &mut Matrix, from: &Matrix| {
                    for (i, &r) in rows.iter().enumerate() {
                        to.row_mut(r as usize).copy_from_slice(from.row(i));
                    }
                };
                put(&mut state.features.value, &self.features.value);
                put(&mut state.features.first, &self.features.first);
                put(&mut state.features.second, &self.features.second);
            }
        }
        if let Some(weights) = self.weights {
            state.weights = weights;
        }
        if self.bias.is_some() {
            state.bias = self.bias;
        }
    }
}

/// Moves row `i` of a parameter and says whether it is still finite.
fn move_row(
    parameter: &mut Parameter,
    i: usize,
    gradient: &mut [f32],
    problem: &Problem,
    rate: f32,
    step: u64,
    sphere: bool,
) -> bool {
    let Parameter { value, first, second } = parameter;
    let row = RowState { value: value.row_mut(i), first: first.row_mut(i), second: second.row_mut(i) };
    update_row(row, gradient, problem.method, rate, step, sphere);
    value.row(i).iter().chain(first.row(i)).chain(second.row(i)).all(|x| x.is_finite())
}

fn half_square(data: &[f32]) -> f64 {
    data.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>() / 2.0
}

fn add_scaled(to: &mut [f32], factor: f32, from: &[f32]) {
    for (t, &f) in to.iter_mut().zip(from) {
        *t += factor * f;
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
        self.broken = None;
        for (k, one) in problem.terms.iter().enumerate() {
            let raw = one.objective.score() == Score::Raw;
            let inputs = Inputs { raw: &self.raw, unit: &self.unit, unit_weights: &self.unit_weights };
            let slope = TermSlope {
                anchors: if raw { &mut self.features } else { &mut self.unit_features },
                candidates: if raw { &mut self.weights } else { &mut self.unit_weights_gradient },
                bias: &mut self.bias,
            };
            let margins = problem.drawn_margins(k, &batch.rows, margins);
            let (loss, finite) = inputs.with_sides(one, state, counts, &batch, margins.as_deref(), |sides| {
                term::evaluate(sides, slope)
            });
            self.terms.push(loss);
            if !(finite && loss.is_finite()) && self.broken.is_none() {
                self.broken = Some(k);
            }
        }
        if normalised {
            pull_back(&mut self.features, &self.unit_features, &self.unit);
            pull_back(&mut self.weights, &self.unit_weights_gradient, &self.unit_weights);
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

/// Adds gradients with respect to unit rows to the gradients with respect to the rows.
fn pull_back(to: &mut Matrix, from: &Matrix, unit: &Unit) {
    let d = to.cols.max(1);
    let rows = to.data.par_chunks_mut(d).zip(from.data.par_chunks(d)).with_min_len(1024);
    rows.zip(unit.rows.data.par_chunks(d)).zip(&unit.lengths).for_each(|(((to, from), row), &length)| {
        let along: f32 = from.iter().zip(row).map(|(g, u)| g * u).sum();
        for ((t, &g), &u) in to.iter_mut().zip(from).zip(row) {
            *t += (g - along * u) / length;
        }
    });
}

impl Engine for CpuEngine {
    fn name(&self) -> &'static str {
        "cpu"
    }

    fn evaluate(&mut self, margins: MarginsAt) -> Result<Evaluation, EngineError> {
        self.slope(None, margins);
        let wide = |data: &[f32]| data.iter().map(|&x| f64::from(x)).collect();
        let gradient = Gradient {
            features: wide(&self.work.features.data),
            weights: self.problem.uses_weights().then(|| wide(&self.work.weights.data)),
            bias: self.has_bias().then(|| wide(&self.work.bias)),
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
