//! Who made a step impossible: which row or class weight, with which other, by which number.
//!
//! Engines only say at which step and in which term something was not finite: their loops have no room for more. A step
//! is made whole or not at all, so the state before it is still there, and this module looks at that step once more: in
//! the order in which a step computes its numbers, it names the first that is beyond the engine's precision. Sums are
//! taken again by the processor's engine (or by the reference, for a run of its own), scores one by one in f64. Nothing
//! that is N×M is kept, and no more than [`MOST_WORK`] multiplications are made on a search.

mod found;
mod moves;
mod network;
mod pairs;
mod scores;

pub use found::{Diagnosis, Precision, What, Whom, Written};

use super::batches::Batches;
use super::cpu::CpuEngine;
use super::reference::ReferenceEngine;
use super::{Divergence, Evaluation, MarginsAt, Problem, State};
use crate::features::Matrix;
use crate::objectives::{Family, Score, Term};
use crate::optimizer::{Method, normalise};

/// Multiplications that computing a step again may take, on all threads: a fraction of a second.
pub const MOST_WORK: u64 = 1 << 33;
/// Multiplications of a search that goes pair by pair, on one thread.
const MOST_STEPS: u64 = 1 << 30;

/// The numbers behind one anchor's pairs.
pub(super) struct Seen {
    /// ∂L/∂score with every candidate, the term's weight included.
    pub(super) couplings: Vec<f64>,
    /// The larger of what each pair puts into exponentials; empty where that is not known.
    pub(super) exponents: Vec<f64>,
    /// The anchor's own part of the loss, where the loss has such parts.
    pub(super) loss: f64,
}

/// An engine that computes a step again.
pub(super) trait Witness {
    /// Loss and gradient of `rows` (all for `None`), decay left out, a row of the gradient for each of them.
    fn evaluate_on(&mut self, rows: Option<&[u32]>, margins: MarginsAt) -> Evaluation;

    /// Shows the pairs of each of `anchors` (places in `rows`), a term after the other, until `visit` (given the term,
    /// the anchor and its pairs) says false.
    fn look(
        &mut self,
        rows: Option<&[u32]>,
        margins: MarginsAt,
        anchors: &[usize],
        visit: &mut (dyn FnMut(usize, usize, &Seen) -> bool + Send),
    );
}

/// Why the step after `state` could not be made at this rate: `divergence` is what the engine said of it. The processor
/// computes it again on `threads` threads (all of them for `None`).
pub fn explain(
    problem: &Problem,
    state: &State,
    divergence: &Divergence,
    rate: f64,
    threads: Option<usize>,
    precision: Precision,
) -> Diagnosis {
    let rows = Batches::new(problem).rows(state.step);
    let count = rows.as_ref().map_or(state.features.value.rows, Vec::len);
    let search = Search {
        problem,
        state,
        rows: rows.as_deref(),
        share: state.features.value.rows as f64 / count.max(1) as f64,
        count,
        rate,
        threads,
        precision,
        named: divergence.term,
    };
    search.explain()
}

/// The step that is looked at.
struct Search<'a> {
    problem: &'a Problem,
    state: &'a State,
    rows: Option<&'a [u32]>,
    /// How many rows of the data one of the batch stands for.
    share: f64,
    count: usize,
    rate: f64,
    threads: Option<usize>,
    precision: Precision,
    /// The term the engine named.
    named: Option<usize>,
}

impl Search<'_> {
    fn explain(&self) -> Diagnosis {
        if let Some(found) = self.outputs() {
            return found;
        }
        if let Some(found) = self.scores() {
            return found;
        }
        if self.work() > MOST_WORK {
            return self.too_large();
        }
        let mut witness = self.witness();
        let evaluation = witness.evaluate_on(self.rows, self.margins());
        let broken = self.broken(&mut *witness, &evaluation);
        let found = broken.unwrap_or_else(|| self.moved(&mut *witness, &evaluation));
        Diagnosis { stride: self.stride(&evaluation), ..found }
    }

    /// Who computes the step again.
    fn witness(&self) -> Box<dyn Witness> {
        let (problem, state) = (self.problem.clone(), self.state);
        match self.precision {
            Precision::Single => Box::new(CpuEngine::new(problem, state.clone(), self.threads)),
            Precision::Double => Box::new(ReferenceEngine::new(problem, state)),
        }
    }

    /// How far a step takes a free row at this rate, in lengths of a row: the median, momentum left out.
    fn stride(&self, evaluation: &Evaluation) -> Option<f64> {
        if self.state.network.is_some() || !self.problem.moves.features() {
            return None;
        }
        let d = self.state.features.value.cols.max(1);
        let pull = match self.problem.method {
            // Each coordinate goes about as far as the rate says, whatever the gradient.
            Method::Adam => (d as f64).sqrt(),
            Method::Sgd { .. } => {
                let length = |row: &[f64]| row.iter().map(|g| g * g).sum::<f64>().sqrt();
                let mut lengths: Vec<f64> = evaluation.gradient.features.chunks(d).map(length).collect();
                let middle = lengths.len() / 2;
                if lengths.is_empty() {
                    return None;
                }
                *lengths.select_nth_unstable_by(middle, f64::total_cmp).1
            }
        };
        let typical = self.typical(Whom::Point(0)).filter(|length| *length > 0.0)?;
        Some(self.rate * pull / typical)
    }

    fn margins(&self) -> MarginsAt {
        MarginsAt::Step(self.state.step)
    }

    /// The terms, the one the engine named first.
    fn terms(&self) -> impl Iterator<Item = (usize, &Term)> {
        let first = self.named.filter(|&k| k < self.problem.terms.len());
        let others = (0..self.problem.terms.len()).filter(move |&k| Some(k) != first);
        first.into_iter().chain(others).map(|k| (k, &self.problem.terms[k]))
    }

    /// Multiplications of computing the step again.
    fn work(&self) -> u64 {
        let d = self.state.features.value.cols.max(1) as u64;
        let pairs = |term: &Term| self.count as u64 * self.candidates(term) as u64;
        let terms: u64 = self.problem.terms.iter().map(|term| pairs(term).saturating_mul(d)).sum();
        let network = self.state.network.as_ref().map_or(0, |network| {
            network.layers.iter().map(|layer| layer.matrix.value.data.len() as u64).sum::<u64>()
        });
        terms.saturating_add(network.saturating_mul(self.count as u64))
    }

    fn candidates(&self, term: &Term) -> usize {
        match term.objective.family() {
            Family::Class => self.state.weights.value.rows,
            Family::Pair => self.count,
        }
    }

    /// The number in the data of the row at a place in the batch.
    fn row(&self, place: usize) -> u32 {
        self.rows.map_or(place as u32, |rows| rows[place])
    }

    fn candidate(&self, term: &Term, place: usize) -> Whom {
        match term.objective.family() {
            Family::Class => Whom::Weight(place as u32),
            Family::Pair => Whom::Point(self.row(place)),
        }
    }

    /// The score of an anchor with a candidate, by their places, in f64.
    fn score(&self, term: &Term, anchor: usize, candidate: usize) -> f64 {
        let unit = term.objective.score() != Score::Raw;
        let wide = |row: &[f32]| {
            let mut row: Vec<f64> = row.iter().map(|&x| f64::from(x)).collect();
            if unit {
                normalise(&mut row);
            }
            row
        };
        let features = &self.state.features.value;
        let x = wide(features.row(self.row(anchor) as usize));
        let (y, bias) = match term.objective.family() {
            Family::Pair => (wide(features.row(self.row(candidate) as usize)), None),
            Family::Class => (wide(self.state.weights.value.row(candidate)), self.state.bias.as_ref()),
        };
        let bias = bias.filter(|_| !unit).map_or(0.0, |bias| f64::from(bias.value.data[candidate]));
        super::reference::score(term.objective.score(), &x, &y) + bias
    }

    /// What is known of a step before anything was found.
    fn blank(&self, what: What, whom: Option<Whom>, with: Option<Whom>) -> Diagnosis {
        Diagnosis {
            step: self.state.step,
            term: None,
            what,
            whom,
            with,
            lengths: [whom, with].map(|whom| whom.and_then(|whom| self.length(whom))),
            typical: whom.and_then(|whom| self.typical(whom)),
            share: None,
            searched: None,
            rate: self.rate,
            stride: None,
            decay: whom.map_or(0.0, |whom| self.decay_of(whom)),
            precision: self.precision,
        }
    }

    fn in_term(&self, term: usize, mut found: Diagnosis) -> Diagnosis {
        found.term = Some(self.problem.terms[term].objective.name());
        found
    }

    /// All parameters of the same kind, and the place of this one among their rows.
    fn kin(&self, whom: Whom) -> Option<(&Matrix, usize)> {
        let State { features, weights, bias, network, .. } = self.state;
        match whom {
            Whom::Point(row) => Some((&features.value, row as usize)),
            Whom::Input(row) => network.as_ref().map(|network| (&network.inputs.value, row as usize)),
            Whom::Weight(class) => Some((&weights.value, class as usize)),
            Whom::Bias(_) => bias.as_ref().map(|bias| (&bias.value, 0)),
            Whom::Unit { layer, unit } => {
                let layer = network.as_ref()?.layers.get(layer as usize)?;
                Some((&layer.matrix.value, unit as usize))
            }
        }
    }

    fn length(&self, whom: Whom) -> Option<f64> {
        let (matrix, row) = self.kin(whom)?;
        match whom {
            Whom::Bias(class) => matrix.data.get(class as usize).map(|&b| f64::from(b).abs()),
            _ => (row < matrix.rows).then(|| scores::length(matrix.row(row))),
        }
    }

    fn typical(&self, whom: Whom) -> Option<f64> {
        let (matrix, _) = self.kin(whom)?;
        let mut lengths: Vec<f64> = match whom {
            Whom::Bias(_) => matrix.data.iter().map(|&b| f64::from(b).abs()).collect(),
            _ => matrix.rows_iter().map(scores::length).collect(),
        };
        let middle = lengths.len() / 2;
        (!lengths.is_empty()).then(|| *lengths.select_nth_unstable_by(middle, f64::total_cmp).1)
    }

    fn decay_of(&self, whom: Whom) -> f64 {
        let decay = self.problem.decay;
        match (whom, &self.state.network) {
            (Whom::Point(_), None) => decay.features * self.share,
            (Whom::Point(_), Some(_)) => 0.0,
            (Whom::Input(_), network) => {
                network.as_ref().map_or(0.0, |network| network.input_decay(decay) * self.share)
            }
            (Whom::Weight(_), _) => decay.weights,
            (Whom::Bias(_), _) => decay.bias,
            (Whom::Unit { .. }, network) => {
                network.as_ref().map_or(0.0, |network| network.matrix_decay(decay))
            }
        }
    }

    /// Of a step that is not computed again: the longest row or class weight.
    fn too_large(&self) -> Diagnosis {
        let longest = |matrix: &Matrix| {
            let lengths = matrix.rows_iter().map(scores::length).enumerate();
            lengths.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or_default()
        };
        let (point, reach) = longest(&self.state.features.value);
        let (class, of_class) =
            if self.problem.uses_weights() { longest(&self.state.weights.value) } else { (0, 0.0) };
        let whom = if of_class > reach { Whom::Weight(class as u32) } else { Whom::Point(point as u32) };
        let found = self.blank(What::TooLarge, Some(whom), None);
        match self.named {
            Some(term) if term < self.problem.terms.len() => self.in_term(term, found),
            _ => found,
        }
    }
}

#[cfg(test)]
mod tests;
