//! What the reference form of an objective sees: the whole score matrix in f64.

use super::{Family, Grouping, Knobs, Objective};
use crate::tape::{Tape, Var};

/// A batch as the printed formulas speak of it.
///
/// Scores are variables of the tape; everything else is constant.
pub struct Scene<'t> {
    /// Where the calculation is recorded.
    pub tape: &'t Tape,
    /// N, the number of anchors.
    pub anchors: usize,
    /// M, the number of candidates.
    pub candidates: usize,
    family: Family,
    scores: Vec<Var<'t>>,
    sines: Vec<Var<'t>>,
    groups: Vec<u32>,
    margins: Vec<f64>,
    counts: Vec<f64>,
}

impl<'t> Scene<'t> {
    /// Builds the scene of one objective.
    ///
    /// `scores` is N×M, row after row, as [`Objective::score`] says; `sines` holds |v − c·u| of
    /// each anchor and its target (class family, cosine scores). `groups` are the anchors' labels
    /// (class family) or the labels or instances that [`Objective::grouping`] asks for; `margins`
    /// one for each anchor, `counts` the rows of each class in the data.
    #[expect(clippy::too_many_arguments, reason = "plain data put together once, by the reference engine")]
    pub fn new(
        tape: &'t Tape,
        family: Family,
        anchors: usize,
        candidates: usize,
        scores: &[f64],
        sines: &[f64],
        groups: Vec<u32>,
        margins: Vec<f64>,
        counts: Vec<f64>,
    ) -> Self {
        let scores = scores.iter().map(|&s| tape.variable(s)).collect();
        let sines = sines.iter().map(|&s| tape.variable(s)).collect();
        Self { tape, anchors, candidates, family, scores, sines, groups, margins, counts }
    }

    /// The score of anchor `i` and candidate `j`.
    pub fn score(&self, i: usize, j: usize) -> Var<'t> {
        self.scores[i * self.candidates + j]
    }

    /// All scores of anchor `i`.
    pub fn scores(&self, i: usize) -> &[Var<'t>] {
        &self.scores[i * self.candidates..(i + 1) * self.candidates]
    }

    /// The class of anchor `i`: its target among the candidates.
    pub fn label(&self, i: usize) -> usize {
        self.groups[i] as usize
    }

    /// The sine of the angle between anchor `i` and its target.
    pub fn sine(&self, i: usize) -> Var<'t> {
        self.sines[i]
    }

    /// The random margin of anchor `i`.
    pub fn margin(&self, i: usize) -> f64 {
        self.margins[i]
    }

    /// All random margins.
    pub fn margins(&self) -> &[f64] {
        &self.margins
    }

    /// How many rows of the data have class `c`.
    pub fn count(&self, c: usize) -> f64 {
        self.counts[c]
    }

    /// Whether `j` is a positive of `i`.
    pub fn positive(&self, i: usize, j: usize) -> bool {
        match self.family {
            Family::Class => self.label(i) == j,
            Family::Pair => i != j && self.groups[i] == self.groups[j],
        }
    }

    /// The candidates of `i`: all, but itself in the pair family.
    pub fn others(&self, i: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.candidates).filter(move |&j| self.family == Family::Class || i != j)
    }

    /// The positives of `i`.
    pub fn positives(&self, i: usize) -> impl Iterator<Item = usize> + '_ {
        self.others(i).filter(move |&j| self.positive(i, j))
    }

    /// The negatives of `i`.
    pub fn negatives(&self, i: usize) -> impl Iterator<Item = usize> + '_ {
        self.others(i).filter(move |&j| !self.positive(i, j))
    }

    /// The variable for scores, and for sines, in the order they were given.
    pub fn variables(&self) -> (&[Var<'t>], &[Var<'t>]) {
        (&self.scores, &self.sines)
    }

    /// The mean of `terms`: 0 for none.
    pub fn mean(&self, terms: &[Var<'t>]) -> Var<'t> {
        if terms.is_empty() {
            return self.tape.constant(0.0);
        }
        Var::total(self.tape, terms.iter().copied()) / terms.len() as f64
    }
}

/// The groups an objective compares: labels in the class family, else what its grouping says.
pub fn groups<'a>(
    objective: &dyn Objective,
    knobs: &Knobs,
    labels: &'a [u32],
    instances: &'a [u32],
) -> &'a [u32] {
    match (objective.family(), objective.grouping(knobs)) {
        (Family::Pair, Grouping::Instance) => instances,
        _ => labels,
    }
}
