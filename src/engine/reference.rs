//! The yardstick: f64, plain loops, whole score matrices, each loss as its paper prints it.
//!
//! Nothing of the fast form of an objective is used here, neither its statistics nor its coupling:
//! scores are computed one by one, [`Objective::reference`] combines them on a [`Tape`], and the
//! slopes go back through the scores to the rows by the product rule.

mod again;
mod network;

use super::batches::Batches;
use super::diagnosis::Witness;
use super::{Advance, Divergence, Engine, EngineError, Evaluation, MarginsAt, Parameter};
use super::{Precision, Problem, Record, State};
use crate::features::Matrix;
use crate::objectives::{Family, Objective, Scene, Score, Term, scene};
use crate::optimizer::{RowState, SHORTEST, update_row};
use crate::tape::Tape;
use network::{Net, NetSlope};

/// Rows of f64, the reference's own parameters.
#[derive(Clone, Default)]
struct Table {
    rows: usize,
    cols: usize,
    value: Vec<f64>,
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Table {
    fn new(parameter: &Parameter) -> Self {
        let wide = |matrix: &Matrix| matrix.data.iter().map(|&x| f64::from(x)).collect();
        Self {
            rows: parameter.value.rows,
            cols: parameter.value.cols,
            value: wide(&parameter.value),
            first: wide(&parameter.first),
            second: wide(&parameter.second),
        }
    }

    fn parameter(&self) -> Parameter {
        let narrow =
            |data: &[f64]| Matrix::new(self.rows, self.cols, data.iter().map(|&x| x as f32).collect());
        Parameter { value: narrow(&self.value), first: narrow(&self.first), second: narrow(&self.second) }
    }

    fn row(&self, i: usize) -> &[f64] {
        &self.value[i * self.cols..(i + 1) * self.cols]
    }

    fn update_row(
        &mut self,
        i: usize,
        gradient: &mut [f64],
        problem: &Problem,
        rate: f64,
        step: u64,
        sphere: bool,
    ) {
        let span = i * self.cols..(i + 1) * self.cols;
        let row = RowState {
            value: &mut self.value[span.clone()],
            first: &mut self.first[span.clone()],
            second: &mut self.second[span],
        };
        update_row(row, gradient, problem.method, rate, step, sphere);
    }

    /// Whether a state can hold it: all are numbers of f32.
    fn is_finite(&self) -> bool {
        let parts = [&self.value, &self.first, &self.second];
        parts.into_iter().flatten().all(|&x| (x as f32).is_finite())
    }

    fn half_square(&self) -> f64 {
        self.value.iter().map(|x| x * x).sum::<f64>() / 2.0
    }
}

/// Rows divided by their lengths.
struct Unit {
    rows: Vec<Vec<f64>>,
    lengths: Vec<f64>,
}

impl Unit {
    fn new(rows: &[&[f64]]) -> Self {
        let lengths: Vec<f64> = rows.iter().map(|row| dot(row, row).sqrt().max(SHORTEST)).collect();
        let rows =
            rows.iter().zip(&lengths).map(|(row, length)| row.iter().map(|x| x / length).collect()).collect();
        Self { rows, lengths }
    }
}

/// The score of two rows, without the bias: the rows as they are for raw scores, else unit rows.
pub(super) fn score(kind: Score, u: &[f64], v: &[f64]) -> f64 {
    match kind {
        Score::Raw | Score::Cosine => dot(u, v),
        Score::SquaredDistance => u.iter().zip(v).map(|(a, b)| (a - b) * (a - b)).sum(),
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn add(to: &mut [f64], factor: f64, vector: &[f64]) {
    for (t, v) in to.iter_mut().zip(vector) {
        *t += factor * v;
    }
}

/// The loss of each term and the gradient of the weighted sum, on the rows of one batch.
struct Slope {
    terms: Vec<f64>,
    features: Vec<Vec<f64>>,
    weights: Vec<Vec<f64>>,
    bias: Vec<f64>,
    network: Option<NetSlope>,
    /// ∂L/∂score of each term, anchor after anchor, unweighted.
    couplings: Vec<Vec<f64>>,
}

/// The f64 engine.
pub struct ReferenceEngine {
    problem: Problem,
    batches: Batches,
    step: u64,
    features: Table,
    weights: Table,
    bias: Option<Table>,
    network: Option<Net>,
}

impl ReferenceEngine {
    /// An engine that starts from `state`.
    pub fn new(problem: Problem, state: &State) -> Self {
        Self {
            batches: Batches::new(&problem),
            step: state.step,
            features: Table::new(&state.features),
            weights: Table::new(&state.weights),
            bias: state.bias.as_ref().map(Table::new),
            network: state.network.as_ref().map(Net::new),
            problem,
        }
    }

    /// Loss and gradient on `rows`, decay left out.
    fn slope(&self, rows: &[u32], margins: MarginsAt) -> Slope {
        let problem = &self.problem;
        let outputs: Vec<Vec<f64>> =
            self.network.iter().flat_map(|net| rows.iter().map(|&r| net.outputs(r as usize))).collect();
        let raw: Vec<&[f64]> = match &self.network {
            Some(_) => outputs.iter().map(Vec::as_slice).collect(),
            None => rows.iter().map(|&r| self.features.row(r as usize)).collect(),
        };
        let raw_weights: Vec<&[f64]> = (0..self.weights.rows).map(|c| self.weights.row(c)).collect();
        let unit = Unit::new(&raw);
        let unit_weights = Unit::new(&raw_weights);
        let d = self.features.cols;
        let mut slope = Slope {
            terms: Vec::new(),
            features: vec![vec![0.0; d]; rows.len()],
            weights: vec![vec![0.0; d]; self.weights.rows],
            bias: vec![0.0; self.weights.rows],
            network: None,
            couplings: Vec::new(),
        };
        for (k, term) in problem.terms.iter().enumerate() {
            let normalised = term.objective.score() != Score::Raw;
            let anchors: Vec<&[f64]> =
                if normalised { unit.rows.iter().map(Vec::as_slice).collect() } else { raw.clone() };
            let candidates: Vec<&[f64]> = match term.objective.family() {
                Family::Pair => anchors.clone(),
                Family::Class if normalised => unit_weights.rows.iter().map(Vec::as_slice).collect(),
                Family::Class => raw_weights.clone(),
            };
            let margins = problem.drawn_margins(k, rows, margins).unwrap_or_default();
            let mut of_term = self.term(term, rows, &anchors, &candidates, &margins);
            slope.terms.push(of_term.loss);
            slope.couplings.push(std::mem::take(&mut of_term.couplings));
            if normalised {
                pull_back(&mut of_term.anchors, &unit);
                if term.objective.family() == Family::Class {
                    pull_back(&mut of_term.candidates, &unit_weights);
                }
            }
            if term.objective.family() == Family::Pair {
                // The candidates are the same rows; both roles add up before going through the norm.
                if normalised {
                    pull_back(&mut of_term.candidates, &unit);
                }
                for (to, from) in of_term.anchors.iter_mut().zip(&of_term.candidates) {
                    add(to, 1.0, from);
                }
            } else {
                for (to, from) in slope.weights.iter_mut().zip(&of_term.candidates) {
                    add(to, term.weight, from);
                }
                if !normalised {
                    add(&mut slope.bias, term.weight, &of_term.bias);
                }
            }
            for (to, from) in slope.features.iter_mut().zip(&of_term.anchors) {
                add(to, term.weight, from);
            }
        }
        slope.network = self.network.as_ref().map(|net| net.slope(rows, &slope.features));
        slope
    }

    fn term(&self, term: &Term, rows: &[u32], x: &[&[f64]], y: &[&[f64]], margins: &[f32]) -> TermSlope {
        let problem = &self.problem;
        let objective = term.objective;
        let labels: Vec<u32> = rows.iter().map(|&r| problem.labels[r as usize]).collect();
        let instances: Vec<u32> = rows.iter().map(|&r| problem.instances[r as usize]).collect();
        let groups = scene::groups(objective, &term.knobs, &labels, &instances).to_vec();
        let scores = self.scores(objective, x, y);
        let arcs: Vec<Arc> = match (objective.family(), objective.score()) {
            (Family::Class, Score::Cosine) => {
                x.iter().zip(&groups).map(|(u, &label)| Arc::new(u, y[label as usize])).collect()
            }
            _ => Vec::new(),
        };
        let sines: Vec<f64> = arcs.iter().map(|arc| arc.sine).collect();
        let tape = Tape::new();
        let margins = margins.iter().map(|&m| f64::from(m)).collect();
        let scene = Scene::new(
            &tape,
            objective.family(),
            x.len(),
            y.len(),
            &scores,
            &sines,
            groups.clone(),
            margins,
            problem.counts(),
        );
        let loss = objective.reference(&term.knobs, &scene);
        let slopes = tape.slopes(loss);
        let (score_vars, sine_vars) = scene.variables();
        let d = self.features.cols;
        let mut out = TermSlope {
            loss: loss.value,
            anchors: vec![vec![0.0; d]; x.len()],
            candidates: vec![vec![0.0; d]; y.len()],
            bias: vec![0.0; y.len()],
            couplings: score_vars.iter().map(|&score| slopes.of(score)).collect(),
        };
        for i in 0..x.len() {
            for j in 0..y.len() {
                let g = out.couplings[i * y.len() + j];
                if g == 0.0 {
                    continue;
                }
                if objective.score() == Score::SquaredDistance {
                    for k in 0..d {
                        let difference = 2.0 * g * (x[i][k] - y[j][k]);
                        out.anchors[i][k] += difference;
                        out.candidates[j][k] -= difference;
                    }
                } else {
                    add(&mut out.anchors[i], g, y[j]);
                    add(&mut out.candidates[j], g, x[i]);
                    out.bias[j] += g;
                }
            }
        }
        for (i, (arc, &sine)) in arcs.iter().zip(sine_vars).enumerate() {
            let g = slopes.of(sine);
            let label = groups[i] as usize;
            // With r = v − c·u, c = u·v and r·u = 0: d|r| = (r·dv − c r·du)/|r|.
            add(&mut out.anchors[i], -g * arc.cosine, &arc.direction);
            add(&mut out.candidates[label], g, &arc.direction);
        }
        out
    }

    fn scores(&self, objective: &dyn Objective, x: &[&[f64]], y: &[&[f64]]) -> Vec<f64> {
        let mut scores = Vec::with_capacity(x.len() * y.len());
        for u in x {
            for (j, v) in y.iter().enumerate() {
                let bias = match objective.score() {
                    Score::Raw => self.bias.as_ref().and_then(|b| b.value.get(j)).copied().unwrap_or(0.0),
                    Score::Cosine | Score::SquaredDistance => 0.0,
                };
                scores.push(score(objective.score(), u, v) + bias);
            }
        }
        scores
    }

    fn all_rows(&self) -> Vec<u32> {
        (0..self.features.rows as u32).collect()
    }

    fn has_bias(&self) -> bool {
        self.bias.is_some() && self.problem.uses_raw()
    }

    /// The first term whose loss is not finite.
    fn broken_term(slope: &Slope) -> Option<usize> {
        slope.terms.iter().position(|loss| !loss.is_finite())
    }

    fn one_step(&mut self, rate: f64) -> Result<Record, Divergence> {
        let step = self.step;
        let rows = self.batches.rows(step).unwrap_or_else(|| self.all_rows());
        let mut slope = self.slope(&rows, MarginsAt::Step(step));
        let finite =
            slope.features.iter().chain(&slope.weights).flatten().chain(&slope.bias).all(|g| g.is_finite());
        if let Some(term) = Self::broken_term(&slope) {
            return Err(Divergence { step, term: Some(term) });
        }
        if !finite {
            return Err(Divergence { step, term: Some(0) });
        }
        let problem = self.problem.clone();
        let share = self.features.rows as f64 / rows.len() as f64;
        let decay = problem.decay;
        let mut penalty = 0.0;
        if let (Some(net), Some(of_net)) = (&self.network, &mut slope.network) {
            // The outputs are no parameters: neither do they decay nor does their gradient count.
            slope.features.clear();
            penalty += net.add_decay(of_net, &rows, decay, share);
        }
        for (gradient, &r) in slope.features.iter_mut().zip(&rows) {
            let row = self.features.row(r as usize);
            penalty += decay.features * share * dot(row, row) / 2.0;
            add(gradient, decay.features * share, row);
        }
        if problem.uses_weights() {
            for (c, gradient) in slope.weights.iter_mut().enumerate() {
                add(gradient, decay.weights, self.weights.row(c));
            }
            penalty += decay.weights * self.weights.half_square();
        }
        if self.has_bias()
            && let Some(bias) = &self.bias
        {
            add(&mut slope.bias, decay.bias, &bias.value);
            penalty += decay.bias * bias.half_square();
        } else {
            slope.bias.fill(0.0);
        }
        let (first, second) = (problem.moves.features(), problem.moves.weights());
        let of = |gradient: &mut dyn Iterator<Item = &f64>| gradient.map(|g| g * g).sum::<f64>();
        let mut squares = 0.0;
        if first {
            squares += of(&mut slope.features.iter().flatten());
            squares += slope.network.as_ref().map_or(0.0, NetSlope::square);
        }
        if second {
            squares += of(&mut slope.weights.iter().flatten().chain(&slope.bias));
        }
        let before = (self.features.clone(), self.weights.clone(), self.bias.clone(), self.network.clone());
        if let (Some(net), Some(of_net), true) = (&mut self.network, &mut slope.network, first) {
            net.update(of_net, &rows, &problem, rate, step);
        }
        for (gradient, &r) in slope.features.iter_mut().zip(&rows).filter(|_| first) {
            self.features.update_row(r as usize, gradient, &problem, rate, step, problem.sphere);
        }
        if second && problem.uses_weights() {
            for (c, gradient) in slope.weights.iter_mut().enumerate() {
                self.weights.update_row(c, gradient, &problem, rate, step, problem.sphere);
            }
        }
        if second
            && self.has_bias()
            && let Some(bias) = &mut self.bias
        {
            bias.update_row(0, &mut slope.bias, &problem, rate, step, false);
        }
        let finite = self.features.is_finite()
            && self.weights.is_finite()
            && self.bias.as_ref().is_none_or(Table::is_finite)
            && self.network.as_ref().is_none_or(Net::is_finite);
        if !finite {
            (self.features, self.weights, self.bias, self.network) = before;
            return Err(Divergence { step, term: None });
        }
        self.step += 1;
        Ok(Record { step, terms: slope.terms, decay: penalty, gradient_norm: squares.sqrt(), rate })
    }
}

struct TermSlope {
    loss: f64,
    anchors: Vec<Vec<f64>>,
    candidates: Vec<Vec<f64>>,
    bias: Vec<f64>,
    /// ∂L/∂score, anchor after anchor.
    couplings: Vec<f64>,
}

/// The arc from an anchor to its target.
struct Arc {
    cosine: f64,
    sine: f64,
    /// (v − c·u)/|v − c·u|, or 0 where that has no direction.
    direction: Vec<f64>,
}

impl Arc {
    fn new(u: &[f64], v: &[f64]) -> Self {
        let cosine = dot(u, v);
        let mut direction: Vec<f64> = u.iter().zip(v).map(|(a, b)| b - cosine * a).collect();
        let sine = dot(&direction, &direction).sqrt();
        let scale = if sine < SHORTEST { 0.0 } else { 1.0 / sine };
        for x in &mut direction {
            *x *= scale;
        }
        Self { cosine, sine, direction }
    }
}

/// Gradients with respect to unit rows become gradients with respect to the rows.
fn pull_back(gradients: &mut [Vec<f64>], unit: &Unit) {
    for ((gradient, row), length) in gradients.iter_mut().zip(&unit.rows).zip(&unit.lengths) {
        let along = dot(gradient, row);
        for (g, u) in gradient.iter_mut().zip(row) {
            *g = (*g - along * u) / length;
        }
    }
}

impl Engine for ReferenceEngine {
    fn name(&self) -> &'static str {
        "reference"
    }

    fn precision(&self) -> Precision {
        Precision::Double
    }

    fn evaluate(&mut self, margins: MarginsAt) -> Result<Evaluation, EngineError> {
        Ok(self.evaluate_on(None, margins))
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
        if let Some(net) = &self.network {
            self.features.value = (0..self.features.rows).flat_map(|r| net.outputs(r)).collect();
        }
        Ok(State {
            step: self.step,
            features: self.features.parameter(),
            weights: self.weights.parameter(),
            bias: self.bias.as_ref().map(Table::parameter),
            network: self.network.as_ref().map(Net::network),
        })
    }

    fn set_state(&mut self, state: &State) -> Result<(), EngineError> {
        *self = Self::new(self.problem.clone(), state);
        Ok(())
    }

    fn set_problem(&mut self, problem: &Problem) -> Result<(), EngineError> {
        self.batches = Batches::new(problem);
        self.problem = problem.clone();
        Ok(())
    }
}
