//! What a snapshot says of runs that go beside the main one, and of seeds that were run for all of them.

use std::sync::Arc;

use super::Snapshot;
use crate::comparison::{Kinship, Study};

/// The most runs that go side by side, the main one among them.
pub const MOST_RUNS: usize = 4;

/// Runs beside the main one, each at its step.
#[derive(Clone, Debug, PartialEq)]
pub struct Company {
    /// B, C, D: whole snapshots, without company of their own. One that has stopped for good (its status says so) may
    /// be at an earlier step than the main run; all others are at its step.
    pub others: Vec<Arc<Snapshot>>,
    /// How alike all of them begin.
    pub kinship: Kinship,
    /// Whether all are seen along the axes of the main run.
    pub locked: bool,
    /// While they are brought to one step, and the rest of this tells of the last step they were all at: how far the
    /// hindmost is, and where they go.
    pub gathering: Option<(u64, u64)>,
    /// Seeds run for all of them.
    pub seeds: Option<Arc<Seeds>>,
}

impl Company {
    /// The seeds that were run to this step, where any are whole.
    pub fn study_at(&self, step: u64) -> Option<&Arc<Study>> {
        let seeds = self.seeds.as_ref().filter(|seeds| seeds.step == step)?;
        Some(&seeds.study).filter(|study| !study.rows.is_empty())
    }
}

/// When the smallest class angle of a run came near its target for good, as far as it was measured on the way: see
/// [`Mark::usual`](crate::comparison::Mark::usual).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The first measured step from which on it stays there, up to the present one.
    pub step: u64,
    /// The measured step before that, at which it was not there yet; none where it was there from the first one.
    pub after: Option<u64>,
}

/// Every run of a comparison from other seeds too, to a step.
#[derive(Clone, Debug)]
pub struct Seeds {
    /// Steps made from each seed.
    pub step: u64,
    /// Seeds that were asked for, those done before among them.
    pub asked: usize,
    /// What share of the work is done.
    pub share: f64,
    /// Whether it goes on.
    pub running: bool,
    /// The trials of the seeds that all runs have finished.
    pub study: Arc<Study>,
    /// Why it ended before its time.
    pub fault: Option<String>,
}

impl PartialEq for Seeds {
    /// Trials are not looked at: the same seeds of the same runs give the same.
    fn eq(&self, other: &Self) -> bool {
        (self.step, self.asked, self.running, &self.fault)
            == (other.step, other.asked, other.running, &other.fault)
            && self.share == other.share
            && self.study.rows.len() == other.study.rows.len()
    }
}
