//! Runs that made room for others: what a restart or a preset put aside, undo brings back as it was, with its branches
//! and with the runs beside it. Plain bookkeeping, like [`timeline`](super::timeline).

use std::sync::Arc;

use super::company::Company;
use super::run::Run;
use super::timeline::BUDGET;
use crate::snapshot::Aside;

/// The most arrangements that wait to be brought back.
const MOST: usize = 16;
/// What kept states of a run may take while it waits: it goes on from its last one, which stays in any case.
const EACH: usize = BUDGET / 32;
/// What all of them may take together; the last one is kept whatever it takes.
const ALL: usize = BUDGET / 2;

/// Runs side by side: the main one and its company.
pub struct Arrangement {
    /// The main run.
    pub run: Run,
    /// What goes beside it.
    pub company: Company,
}

impl Arrangement {
    /// Stands still and takes little room.
    fn rested(mut self) -> Self {
        self.company.rest();
        for run in std::iter::once(&mut self.run).chain(self.company.runs_mut()) {
            run.rest();
            run.limit_memory(EACH);
        }
        self
    }

    fn memory(&self) -> usize {
        std::iter::once(&self.run).chain(self.company.runs()).map(|run| run.memory().max(run.weight())).sum()
    }

    fn told(&self) -> Arc<Aside> {
        Arc::new(Aside {
            experiment: self.run.experiment.clone(),
            step: self.run.step(),
            branches: self.run.branches(),
            runs: 1 + self.company.runs().len(),
        })
    }
}

/// What was put aside: by restarts, and by their undoing.
#[derive(Default)]
pub struct Shelf {
    before: Vec<Arrangement>,
    after: Vec<Arrangement>,
    /// The gesture of the last restart, as the number of its first change.
    gesture: Option<u64>,
    told: [Option<Arc<Aside>>; 2],
}

impl Shelf {
    /// Puts aside what makes room for a restart of this gesture. What the same gesture began is of no use to anybody.
    pub fn put(&mut self, old: Arrangement, gesture: u64) {
        self.after.clear();
        if self.gesture.replace(gesture) != Some(gesture) || self.before.is_empty() {
            self.before.push(old.rested());
            self.thin();
        }
        self.tell();
    }

    fn thin(&mut self) {
        let used = |kept: &[Arrangement]| kept.iter().map(Arrangement::memory).sum::<usize>();
        while self.before.len() > MOST || self.before.len() > 1 && used(&self.before) > ALL {
            self.before.remove(0);
        }
    }

    /// Whether an undo (or a redo) has something to bring back.
    pub fn has(&self, redo: bool) -> bool {
        !(if redo { &self.after } else { &self.before }).is_empty()
    }

    /// Brings back what was put aside last; what stands now, if anything does, can be had back by the opposite.
    pub fn bring_back(&mut self, redo: bool, now: Option<Arrangement>) -> Option<Arrangement> {
        let (from, to) =
            if redo { (&mut self.after, &mut self.before) } else { (&mut self.before, &mut self.after) };
        let back = from.pop()?;
        to.extend(now.map(Arrangement::rested));
        self.gesture = None;
        self.tell();
        Some(back)
    }

    /// Something else was changed: what was undone cannot be redone.
    pub fn changed(&mut self) {
        self.gesture = None;
        if !self.after.is_empty() {
            self.after.clear();
            self.tell();
        }
    }

    /// Forgets everything.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// What an undo and a redo bring back.
    pub fn told(&self) -> &[Option<Arc<Aside>>; 2] {
        &self.told
    }

    /// Bytes that kept states of what waits take.
    pub fn memory(&self) -> usize {
        self.before.iter().chain(&self.after).map(Arrangement::memory).sum()
    }

    /// Bytes that are left for kept states of what is on the screen.
    pub fn room(&self) -> usize {
        BUDGET.saturating_sub(self.memory()).max(BUDGET / 4)
    }

    fn tell(&mut self) {
        self.told = [self.before.last().map(Arrangement::told), self.after.last().map(Arrangement::told)];
    }
}

#[cfg(test)]
mod tests;
