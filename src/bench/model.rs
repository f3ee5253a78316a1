//! How much work a step is, by one model for every engine: what GFLOP/s, exp/s and the share of the limit are
//! counted by. It counts the scores, their exponentials and the two products of the gradient; an addition and a
//! multiplication are two operations. Normalising and the update, O((N + M)·d), are left out.
//!
//! | kind | objectives | operations | exponentials |
//! | --- | --- | --- | --- |
//! | one sweep | class objectives that need nothing of the whole batch: scores are made once and kept in a block | 6·N·M·d: scores 2, dX 2, dY 2 | N·M |
//! | sweeps | class objectives that do: scores once for each sweep of statistics, once more for the couplings | 8·N·M·d for one sweep, 10 for two | 2·N·M, 3 |
//! | pairs | pair objectives: as above over the N·(N − 1)/2 pairs, since a pair has one score and moves both its rows; once where the coupling waits for a factor at most | 4·N·(N − 1)·d, 5, 3 | N·(N − 1), 3/2, 1/2 |
//! | class sums | functions of sums of scores ([`Objective::linear`]): no pair is looked at | O(N·d), not counted | none |
//!
//! A pair takes at most one exponential a sweep: an objective that has two ([`Objective::exponentials`]) has one
//! for positives and one for negatives. An engine may do more than this (score a pair in both directions,
//! say) and is then further from the limit; the count stays, so that two ways of doing a step can be compared.
//!
//! [`Objective::linear`]: crate::objectives::Objective::linear
//! [`Objective::exponentials`]: crate::objectives::Objective::exponentials

use super::{Limits, Workload};
use crate::objectives::{Family, Needs, Term};

/// How a step visits its pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Scores made once, finished and coupled in a block.
    OneSweep,
    /// Statistics first, then scores again for the couplings.
    Sweeps,
    /// As [`Kind::Sweeps`], each unordered pair once.
    Pairs,
    /// Sums of the groups' rows only.
    ClassSums,
}

impl Kind {
    /// Its name in tables and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::OneSweep => "one sweep",
            Self::Sweeps => "sweeps",
            Self::Pairs => "pairs",
            Self::ClassSums => "class sums",
        }
    }

    /// How a step of this term is counted.
    pub fn of(term: &Term) -> Self {
        let objective = term.objective;
        match objective.family() {
            Family::Pair if objective.linear(&term.knobs) => Self::ClassSums,
            Family::Pair => Self::Pairs,
            Family::Class if objective.needs() <= Needs::Row => Self::OneSweep,
            Family::Class => Self::Sweeps,
        }
    }
}

/// The work of one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Work {
    /// How it was counted.
    pub kind: Kind,
    /// Additions and multiplications; nothing for [`Kind::ClassSums`].
    pub operations: Option<f64>,
    /// Exponentials; nothing for [`Kind::ClassSums`].
    pub exponentials: Option<f64>,
}

impl Work {
    /// The work of one step of a workload.
    pub fn of(workload: &Workload) -> Self {
        let term = workload.term();
        let kind = Kind::of(&term);
        let (n, m, d) = (workload.rows as f64, workload.candidates() as f64, workload.dim as f64);
        let pairs = match kind {
            Kind::ClassSums => return Self { kind, operations: None, exponentials: None },
            Kind::OneSweep | Kind::Sweeps => n * m,
            Kind::Pairs => n * (n - 1.0) / 2.0,
        };
        let scored = match kind {
            Kind::OneSweep => 1.0,
            Kind::Pairs if term.objective.needs() <= Needs::Factor => 1.0,
            _ => term.objective.sweeps() as f64 + 1.0,
        };
        let exponential = if term.objective.exponentials() > 0 { 1.0 } else { 0.0 };
        Self {
            kind,
            operations: Some((2.0 * scored + 4.0) * pairs * d),
            exponentials: Some(scored * exponential * pairs),
        }
    }

    /// The seconds a step takes where products and exponentials run at the machine's limits, one after the other.
    pub fn least_seconds(&self, limits: &Limits) -> Option<f64> {
        Some(self.operations? / limits.operations + self.exponentials? / limits.exponentials)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::WORKLOADS;

    fn work(objective: &'static str, rows: usize, classes: usize, dim: usize) -> Work {
        Work::of(&Workload { objective, rows, classes, dim })
    }

    #[test]
    fn the_counts_by_hand() {
        // 10 anchors, 4 classes, 3 dimensions: 40 scores. 6 · 40 · 3 = 720.
        let one = work("softmax", 10, 4, 3);
        assert_eq!((one.kind, one.operations, one.exponentials), (Kind::OneSweep, Some(720.0), Some(40.0)));
        // 10 rows are 45 pairs: 8 · 45 · 3 = 1080.
        let pairs = work("supcon", 10, 4, 3);
        assert_eq!(
            (pairs.kind, pairs.operations, pairs.exponentials),
            (Kind::Pairs, Some(1080.0), Some(90.0))
        );
        let two = work("decoupled-softmax", 10, 4, 3);
        assert_eq!((two.operations, two.exponentials), (Some(10.0 * 45.0 * 3.0), Some(3.0 * 45.0)));
        // Squared error takes no exponential, and two exponentials for different pairs count as one.
        assert_eq!(work("mse", 10, 4, 3).exponentials, Some(0.0));
        assert_eq!(work("cacr", 10, 4, 3).exponentials, pairs.exponentials);
    }

    #[test]
    fn objectives_of_sums_have_no_count() {
        let sums = work("opl", 10, 4, 3);
        assert_eq!((sums.kind, sums.operations, sums.exponentials), (Kind::ClassSums, None, None));
        assert_eq!(sums.least_seconds(&Limits { operations: 1.0, exponentials: 1.0 }), None);
        // With absolute values every pair counts.
        assert_eq!(work("opl(variant=abs)", 10, 4, 3).kind, Kind::Pairs);
    }

    #[test]
    fn the_least_time_adds_products_and_exponentials() {
        let limits = Limits { operations: 720.0, exponentials: 20.0 };
        assert_eq!(work("softmax", 10, 4, 3).least_seconds(&limits), Some(1.0 + 2.0));
    }

    #[test]
    fn only_sums_go_uncounted_among_the_workloads() {
        let uncounted: Vec<_> =
            WORKLOADS.iter().filter(|w| Work::of(w).operations.is_none()).map(|w| w.objective).collect();
        assert_eq!(uncounted, ["opl"]);
    }
}
