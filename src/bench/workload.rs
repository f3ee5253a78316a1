//! The ten workloads, and the problem each of them is.

use crate::engine::{Parameter, Problem, State};
use crate::experiment::expression;
use crate::features::Matrix;
use crate::objectives::{Family, Score, Term};
use crate::optimizer::{Decay, Method, Moves};
use crate::random::{self, Stream};

/// An objective at a size. A step is loss, gradient and an SGD update with momentum 0.9 and rate
/// [`super::RATE`], on N×d features and, in the class family, C×d weights drawn from N(0, 1), a bias of zeros
/// where scores are raw, and labels i mod C.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Workload {
    /// The objective, as an expression of one term.
    pub objective: &'static str,
    /// N.
    pub rows: usize,
    /// C.
    pub classes: usize,
    /// d.
    pub dim: usize,
}

const fn workload(objective: &'static str, rows: usize, classes: usize, dim: usize) -> Workload {
    Workload { objective, rows, classes, dim }
}

/// The workloads, numbered from 1 wherever people see them.
pub const WORKLOADS: [Workload; 10] = [
    workload("softmax", 600, 10, 3),
    workload("softmax", 4096, 512, 64),
    workload("arcface", 4096, 512, 64),
    workload("arcface", 8192, 8192, 64),
    workload("softmax", 50_000, 10, 3),
    workload("supcon", 600, 10, 16),
    workload("supcon", 4096, 512, 64),
    workload("cacr(positives=class)", 4096, 512, 64),
    workload("opl", 4096, 512, 64),
    workload("uniformity", 4096, 512, 64),
];

impl Workload {
    /// The term of the objective, its knobs filled in.
    pub fn term(&self) -> Term {
        let mut terms =
            expression::parse(self.objective).expect("the objective of a workload is a valid expression");
        expression::resolve(&mut terms, self.classes);
        terms[0]
    }

    /// How many candidates an anchor has: C in the class family, N in the pair family.
    pub fn candidates(&self) -> usize {
        match self.term().objective.family() {
            Family::Class => self.classes,
            Family::Pair => self.rows,
        }
    }

    /// What is minimised, and where it starts.
    pub fn start(&self) -> (Problem, State) {
        let term = self.term();
        let raw = term.objective.score() == Score::Raw;
        let normal = |stream: Stream, rows: usize| {
            Matrix::from_fn(rows, self.dim, |i, k| {
                random::normal(0, 0, i as u32, stream as u32, k as u32) as f32
            })
        };
        let problem = Problem {
            terms: vec![term],
            labels: (0..self.rows).map(|i| (i % self.classes) as u32).collect(),
            instances: (0..self.rows as u32).collect(),
            classes: self.classes,
            margins: None,
            seed: 0,
            batch: None,
            method: Method::Sgd { momentum: 0.9 },
            decay: Decay::default(),
            moves: Moves::default(),
            sphere: false,
        };
        let state = State {
            step: 0,
            features: Parameter::new(normal(Stream::Features, self.rows)),
            weights: Parameter::new(normal(Stream::Weights, self.classes)),
            bias: raw.then(|| Parameter::new(Matrix::zeros(1, self.classes))),
            network: None,
        };
        (problem, state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_workload_is_a_problem_of_its_size() {
        for workload in WORKLOADS {
            let (problem, state) = workload.start();
            assert_eq!(problem.terms.len(), 1, "{}", workload.objective);
            assert_eq!((state.features.value.rows, state.features.value.cols), (workload.rows, workload.dim));
            assert_eq!(
                (state.weights.value.rows, state.weights.value.cols),
                (workload.classes, workload.dim)
            );
            assert_eq!(state.bias.is_some(), workload.objective == "softmax");
            assert_eq!(problem.labels[workload.rows - 1] as usize, (workload.rows - 1) % workload.classes);
            assert_eq!(problem.labels[1], 1);
        }
    }

    #[test]
    fn candidates_are_classes_or_rows() {
        assert_eq!(WORKLOADS[1].candidates(), 512);
        assert_eq!(WORKLOADS[6].candidates(), 4096);
    }
}
