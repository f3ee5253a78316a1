//! What a snapshot says about time: how far the run has been, what can be gone back to, which branches there are.

use std::sync::Arc;

use super::Sample;
use crate::experiment::Experiment;

/// A place to go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// So many steps on, or back where negative; counted from where a journey under way ends.
    By(i64),
    /// This step; one that was never reached counts as the newest.
    Step(u64),
    /// The start.
    First,
    /// The newest step.
    Newest,
}

/// One line of steps: the main one, or one that left another where a knob was changed in the past.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// What it is known by; stays the same while the run lives.
    pub id: u32,
    /// `main`, `b1`, `b2`, …
    pub name: String,
    /// The id of the line it left, and after how many steps.
    pub parent: Option<(u32, u64)>,
    /// Steps that have been made on it, those before it left included.
    pub newest: u64,
    /// What holds at its newest step.
    pub experiment: Arc<Experiment>,
    /// Its edits.
    pub edits: usize,
    /// Its loss curve; that of the present line is [`super::Snapshot::history`], and empty here.
    pub curve: Arc<Vec<Sample>>,
}

/// The run through time. Steps after [`super::Snapshot::step`] exist where `newest` is greater: the run is rewound.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Time {
    /// Steps made on the present line.
    pub newest: u64,
    /// The present line's id.
    pub branch: u32,
    /// Every line, in the order they began.
    pub branches: Arc<Vec<Branch>>,
    /// Steps of the present line whose state is kept, in order; those between are run again.
    pub keyframes: Arc<Vec<u64>>,
    /// Bytes that kept states take.
    pub used: usize,
    /// Bytes they may take.
    pub budget: usize,
    /// A journey under way: the step it left from, and the one it goes to.
    pub journey: Option<(u64, u64)>,
    /// What an undo brings back.
    pub undo: Option<Arc<Experiment>>,
    /// What a redo brings back.
    pub redo: Option<Arc<Experiment>>,
    /// What made room for this run, or for one that was undone: an undo, or a redo, brings it back where the run itself
    /// has nothing of the kind.
    pub aside: [Option<Arc<Aside>>; 2],
}

/// What a restart put aside, with all that was known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Aside {
    /// What its main run minimises.
    pub experiment: Arc<Experiment>,
    /// The step it stands at.
    pub step: u64,
    /// Its branches, beside the main line.
    pub branches: usize,
    /// How many runs go side by side there.
    pub runs: usize,
}

impl Time {
    /// Whether steps after this one exist.
    pub fn is_rewound(&self, step: u64) -> bool {
        step < self.newest
    }

    /// The present line.
    pub fn here(&self) -> Option<&Branch> {
        self.branches.iter().find(|branch| branch.id == self.branch)
    }
}
