//! The fast engine where there is no GPU: tiles that stay in the cache, threads, SIMD.
//!
//! No N×M matrix is ever stored: scores are computed a tile at a time. Every sum is taken in an order
//! that does not depend on the number of threads, so a seed gives the same bits on one thread and on
//! many. How a term is computed depends on what its objective says of itself ([`term::evaluate`]):
//!
//! | way | scores computed | for |
//! | --- | --- | --- |
//! | [`linear`] | never | sums of scores: sums of rows are enough |
//! | [`narrow`] | once, lanes across anchors | few candidates in few dimensions |
//! | [`block`] | once, a block of anchors keeps its row of scores | class objectives |
//! | [`pairs`] | a half, once or twice | pair objectives |
//! | [`tiles`] | twice | what is left |

mod again;
mod arithmetic;
mod awake;
mod block;
mod distance;
mod faint;
mod linear;
mod moves;
mod narrow;
mod network;
mod pairs;
mod parts;
pub mod pulls;
mod rows;
mod targets;
mod term;
mod tiles;

use super::batches::Batches;
use super::relations::Relations;
use super::{Advance, Divergence, Engine, EngineError, Evaluation, Gradient, MarginsAt, Problem};
use super::{Record, State};
use crate::features::Matrix;
use crate::objectives::{Family, Score, Term, scene};
pub use arithmetic::{Link, Sum};
pub use faint::Tally;
pub use network::outputs;
use rows::{FEW, Unit};
pub use term::Couplings;
use term::{Buffers, Sides, TermSlope};

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
    gathered: Gathered,
    slopes: Slopes,
    scenes: Vec<TermScene>,
    /// The loss of each term.
    terms: Vec<f64>,
    /// How large the parameters can be, where that is known.
    bounds: Option<[moves::Bounds; 3]>,
    /// What stands between inputs and features, where a network does.
    pass: network::Pass,
    /// Couplings below this may be left out, tile by tile; 0 for none of them.
    skip_below: f32,
    skipped: Tally,
}

/// The rows of a batch.
#[derive(Default)]
struct Gathered {
    /// The rows, gathered, unless they are all of them.
    raw: Matrix,
    rows: Vec<u32>,
    labels: Vec<u32>,
    instances: Vec<u32>,
    unit: Unit,
    unit_weights: Unit,
}

/// Gradients: with respect to parameters as they are, or to unit rows where nothing else is needed.
#[derive(Default)]
struct Slopes {
    features: Matrix,
    weights: Matrix,
    bias: Vec<f32>,
    /// With respect to unit rows, where some terms are of raw rows and some of unit rows.
    unit_features: Matrix,
    unit_weights: Matrix,
}

/// What is kept of a term: who is whose positive, and buffers.
#[derive(Default)]
struct TermScene {
    relations: Relations,
    /// Whether the relations are those of all rows.
    full: bool,
    buffers: Buffers,
}

impl CpuEngine {
    /// An engine that starts from `state`, on `threads` threads (all of them for `None`).
    pub fn new(problem: Problem, state: State, threads: Option<usize>) -> Self {
        let pool = threads.and_then(|n| rayon::ThreadPoolBuilder::new().num_threads(n).build().ok());
        let counts = problem.counts().iter().map(|&n| n as f32).collect();
        Self { batches: Batches::new(&problem), counts, problem, state, pool, work: Workspace::default() }
    }

    /// Leaves tiles of couplings out of the gradient that are all smaller than this, in class objectives that keep
    /// their scores: a gradient that is off by at most that times the candidates' or anchors' lengths summed. 0,
    /// the default, leaves nothing out.
    pub fn skip_below(&mut self, coupling: f32) {
        self.work.skip_below = coupling;
    }

    /// How many tiles of the last step or evaluation that was.
    pub fn skipped(&self) -> Tally {
        self.work.skipped
    }

    fn has_bias(&self) -> bool {
        self.state.bias.is_some() && self.problem.uses_raw()
    }

    /// Whether one thread does it all.
    fn is_small(&self) -> bool {
        let (n, d) = (self.state.features.value.rows, self.state.features.value.cols);
        let candidates = if self.problem.uses_weights() { self.problem.classes } else { n };
        self.state.network.is_none() && n * candidates.max(1) * d <= parts::WORTH_THREADS && n * d <= FEW
    }

    /// Runs `work` where the threads are, all of it, so that no piece of it has to be handed over from
    /// outside; small work stays where it is.
    fn in_pool<R: Send>(&mut self, work: impl FnOnce(&mut Self) -> R + Send) -> R {
        if self.is_small() {
            return work(self);
        }
        match self.pool.take() {
            Some(pool) => {
                let result = pool.install(|| work(self));
                self.pool = Some(pool);
                result
            }
            None => rayon::scope(|_| work(self)),
        }
    }

    /// Makes the features of all rows anew, where a network makes them.
    fn make_features(&mut self) {
        if self.state.network.is_some() {
            self.in_pool(Self::refresh);
        }
    }

    /// Loss and gradient on `rows` (all of them for `None`), decay left out, into the workspace.
    fn slope(&mut self, rows: Option<&[u32]>, margins: MarginsAt) {
        let Self { problem, counts, state, work, .. } = self;
        work.slope(problem, counts, state, rows, margins);
    }

    /// Loss and gradient on `rows` (all of them for `None`), decay left out.
    fn evaluation(&mut self, rows: Option<&[u32]>, margins: MarginsAt) -> Evaluation {
        self.in_pool(|engine| {
            engine.forward(rows);
            engine.slope(rows, margins);
            engine.backward();
        });
        let wide = |data: &[f32]| data.iter().map(|&x| f64::from(x)).collect();
        let gradient = Gradient {
            features: wide(&self.work.slopes.features.data),
            weights: self.problem.uses_weights().then(|| wide(&self.work.slopes.weights.data)),
            bias: self.has_bias().then(|| wide(&self.work.slopes.bias)),
            network: self.network_gradient(),
        };
        Evaluation { terms: self.work.terms.clone(), gradient }
    }

    /// The couplings of row `i` with every candidate, a set for each term, at the present state:
    /// the numbers that move the row.
    pub fn couplings(&mut self, i: usize, margins: MarginsAt) -> Vec<Couplings> {
        self.in_pool(|engine| {
            engine.refresh();
            let Self { problem, counts, state, work, .. } = engine;
            let mut couplings = Vec::new();
            work.each_term(problem, counts, state, None, margins, |sides, buffers, _, _| {
                couplings.extend(term::couplings(sides, buffers, &[i]).0);
            });
            couplings
        })
    }

    fn one_step(&mut self, rate: f64) -> Result<Record, Divergence> {
        let step = self.state.step;
        let rows = self.batches.rows(step);
        self.forward(rows.as_deref());
        self.slope(rows.as_deref(), MarginsAt::Step(step));
        self.backward();
        let has_bias = self.has_bias();
        let Self { problem, state, work, .. } = self;
        let raw = if rows.is_some() { &work.gathered.raw } else { &state.features.value };
        let mut decay = work.slopes.add_decay(problem, state, raw, has_bias);
        let mut squares = work.slopes.half_squares(problem, has_bias);
        if let Some(network) = &state.network {
            decay += work.pass.add_decay(network, problem.decay);
            squares[0] = if problem.moves.features() { work.pass.half_squares() } else { 0.0 };
        }
        let norm = (2.0 * squares.iter().sum::<f64>()).sqrt();
        if !norm.is_finite() || !work.terms.iter().all(|loss| loss.is_finite()) {
            return Err(Divergence { step, term: self.broken_term(rows.as_deref(), step) });
        }
        let moved = if state.network.is_some() {
            work.move_network(problem, state, rows.as_deref(), rate as f32)
        } else {
            work.move_all(problem, state, rows.as_deref(), squares, rate as f32)
        };
        if !moved {
            return Err(Divergence { step, term: None });
        }
        let terms = work.terms.clone();
        state.step += 1;
        Ok(Record { step, terms, decay, gradient_norm: norm, rate })
    }

    /// Which term alone is not finite: the first where only their sum is not, none where it is the
    /// decay.
    fn broken_term(&mut self, rows: Option<&[u32]>, step: u64) -> Option<usize> {
        self.slope(rows, MarginsAt::Step(step));
        if self.work.terms.iter().all(|loss| loss.is_finite()) && self.work.slopes.finite() {
            return None;
        }
        let terms = self.problem.terms.clone();
        let broken = (0..terms.len()).find(|&k| {
            // The other terms keep their places, since random margins are drawn by place.
            for (j, term) in self.problem.terms.iter_mut().enumerate() {
                term.weight = if j == k { terms[j].weight } else { 0.0 };
            }
            self.slope(rows, MarginsAt::Step(step));
            !self.work.terms[k].is_finite() || !self.work.slopes.finite()
        });
        self.problem.terms = terms;
        broken.or(Some(0))
    }
}

impl Slopes {
    /// Zero gradients for `n` rows and `classes` weights of dimension `d`.
    fn clear(&mut self, n: usize, classes: usize, d: usize, mixed: bool) {
        let second = if mixed { (n, classes) } else { (0, 0) };
        for (gradient, count) in [
            (&mut self.features, n),
            (&mut self.weights, classes),
            (&mut self.unit_features, second.0),
            (&mut self.unit_weights, second.1),
        ] {
            gradient.rows = count;
            gradient.cols = d;
            parts::zeroed_abreast(&mut gradient.data, count * d);
        }
        parts::zeroed(&mut self.bias, classes);
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
        let n = rows.map_or(state.features.value.rows, <[u32]>::len);
        let (raw, unit) = (problem.uses_raw(), uses_unit_rows(problem));
        let weights = state.weights.value.rows;
        self.slopes.clear(n, weights, state.features.value.cols, raw && unit);
        let mut terms = std::mem::take(&mut self.terms);
        terms.clear();
        let mut skipped = Tally::default();
        self.each_term(problem, counts, state, rows, margins, |sides, buffers, slopes, cosine| {
            let Slopes { features, weights, bias, unit_features, unit_weights } = slopes;
            let slope = if cosine && raw {
                TermSlope { anchors: unit_features, candidates: unit_weights, bias }
            } else {
                TermSlope { anchors: features, candidates: weights, bias }
            };
            terms.push(term::evaluate(sides, buffers, slope));
            skipped = skipped.with(buffers.skipped);
        });
        self.skipped = skipped;
        self.terms = terms;
        if unit {
            let Slopes { features, weights, unit_features, unit_weights, .. } = &mut self.slopes;
            let Gathered { unit: of_features, unit_weights: of_weights, .. } = &self.gathered;
            if raw {
                of_features.pull_back(unit_features);
                rows::add_scaled(&mut features.data, 1.0, &unit_features.data);
                of_weights.pull_back(unit_weights);
                rows::add_scaled(&mut weights.data, 1.0, &unit_weights.data);
            } else {
                of_features.pull_back(features);
                of_weights.pull_back(weights);
            }
        }
    }

    /// Gathers a batch and hands the two sides of each term to `work`, with the term's buffers, the
    /// gradients, and whether the sides are unit rows.
    fn each_term(
        &mut self,
        problem: &Problem,
        counts: &[f32],
        state: &State,
        rows: Option<&[u32]>,
        margins: MarginsAt,
        mut work: impl FnMut(&Sides<'_>, &mut Buffers, &mut Slopes, bool),
    ) {
        self.gathered.fill(problem, state, rows);
        let Gathered { raw, rows: chosen, labels, instances, unit, unit_weights } = &self.gathered;
        let (raw, labels, instances) = match rows {
            Some(_) => (raw, labels.as_slice(), instances.as_slice()),
            None => (&state.features.value, problem.labels.as_slice(), problem.instances.as_slice()),
        };
        self.scenes.resize_with(problem.terms.len(), TermScene::default);
        for (k, (term, scene)) in problem.terms.iter().zip(&mut self.scenes).enumerate() {
            let Term { objective, knobs, .. } = term;
            let (family, cosine) = (objective.family(), objective.score() != Score::Raw);
            let groups = scene::groups(*objective, knobs, labels, instances);
            if rows.is_some() || !scene.full {
                scene.relations = Relations::new(family, groups, state.weights.value.rows);
                scene.buffers.recount();
                scene.full = rows.is_none();
            }
            let x = if cosine { &unit.rows } else { raw };
            let y = match (family, cosine) {
                (Family::Pair, _) => x,
                (Family::Class, true) => &unit_weights.rows,
                (Family::Class, false) => &state.weights.value,
            };
            let margins = problem.drawn_margins(k, chosen, margins);
            let sides = Sides {
                term,
                x,
                y,
                transposed: &unit.transposed,
                bias: state.bias.as_ref().filter(|_| !cosine).map(|b| b.value.data.as_slice()),
                groups,
                relations: &scene.relations,
                margins: margins.as_deref(),
                counts,
                skip_below: self.skip_below,
            };
            work(&sides, &mut scene.buffers, &mut self.slopes, cosine);
        }
    }
}

impl Gathered {
    /// Takes the rows of a batch (of all of them only their numbers) and normalises what the terms need
    /// normalised.
    fn fill(&mut self, problem: &Problem, state: &State, rows: Option<&[u32]>) {
        let all = &state.features.value;
        self.rows.clear();
        match rows {
            None => self.rows.extend(0..all.rows as u32),
            Some(rows) => {
                self.rows.extend_from_slice(rows);
                for (to, from) in
                    [(&mut self.labels, &problem.labels), (&mut self.instances, &problem.instances)]
                {
                    to.clear();
                    to.extend(rows.iter().map(|&r| from[r as usize]));
                }
                self.raw.rows = rows.len();
                self.raw.cols = all.cols;
                self.raw.data.clear();
                for &r in rows {
                    self.raw.data.extend_from_slice(all.row(r as usize));
                }
            }
        }
        if uses_unit_rows(problem) {
            let distances = problem.terms.iter().any(|t| t.objective.score() == Score::SquaredDistance);
            self.unit.fill(if rows.is_some() { &self.raw } else { all }, distances);
            self.unit_weights.fill(&state.weights.value, false);
        }
    }
}

fn uses_unit_rows(problem: &Problem) -> bool {
    problem.terms.iter().any(|term| term.objective.score() != Score::Raw)
}

impl Engine for CpuEngine {
    fn name(&self) -> &'static str {
        "cpu"
    }

    fn evaluate(&mut self, margins: MarginsAt) -> Result<Evaluation, EngineError> {
        Ok(self.evaluation(None, margins))
    }

    fn advance(&mut self, rates: &[f64]) -> Result<Advance, EngineError> {
        let small = self.is_small();
        Ok(self.in_pool(|engine| {
            let mut advance = Advance::default();
            for &rate in rates {
                let step = if small { engine.one_step(rate) } else { awake::awake(|| engine.one_step(rate)) };
                match step {
                    Ok(record) => advance.records.push(record),
                    Err(divergence) => {
                        advance.diverged = Some(divergence);
                        break;
                    }
                }
            }
            advance
        }))
    }

    fn state(&mut self) -> Result<State, EngineError> {
        self.make_features();
        Ok(self.state.clone())
    }

    fn losses(&mut self, margins: MarginsAt) -> Result<Vec<f64>, EngineError> {
        self.in_pool(|engine| {
            engine.forward(None);
            engine.slope(None, margins);
        });
        Ok(self.work.terms.clone())
    }

    fn show(&mut self, look: &mut dyn FnMut(&State)) -> Result<(), EngineError> {
        self.make_features();
        look(&self.state);
        Ok(())
    }

    fn release(&mut self) -> Result<State, EngineError> {
        self.make_features();
        self.work = Workspace { skip_below: self.work.skip_below, ..Workspace::default() };
        Ok(std::mem::take(&mut self.state))
    }

    fn set_state(&mut self, state: &State) -> Result<(), EngineError> {
        self.state.clone_from(state);
        self.work.bounds = None;
        Ok(())
    }

    fn set_problem(&mut self, problem: &Problem) -> Result<(), EngineError> {
        self.counts = problem.counts().iter().map(|&n| n as f32).collect();
        self.batches = Batches::new(problem);
        self.problem = problem.clone();
        // Of parameters that did not move nothing is known.
        self.work.bounds = None;
        for scene in &mut self.work.scenes {
            scene.full = false;
        }
        Ok(())
    }
}
