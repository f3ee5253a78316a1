//! Everything that has been: lines of steps with their edits, kept states, what can be undone. Plain bookkeeping: no
//! step is made here; [`Run`](super::Run) does that, in `run/time.rs`.
//!
//! A state kept at a step is the one before an edit at that step, so that a branch that leaves there shares it.

pub mod keyframes;

use std::sync::Arc;

use super::history::History;
use super::setup::Setup;
use crate::engine::{Parameter, State};
use crate::experiment::{Edit, Experiment};
use crate::snapshot::Branch;
use crate::theory::Brief;
use keyframes::Keyframes;

/// What kept states may take.
pub const BUDGET: usize = 256 << 20;
/// The most lines there may be.
pub const MOST_LINES: usize = 32;
/// The most changes that can be undone.
const MOST_UNDONE: usize = 500;

/// What holds from an edit on.
#[derive(Clone)]
pub struct Settings {
    /// What a person has set.
    pub experiment: Arc<Experiment>,
    /// What follows from it, without a state.
    pub setup: Setup,
    /// The bias a start under it has.
    pub bias: Option<Parameter>,
    /// What is proved about it.
    pub brief: Arc<Brief>,
    /// How it came.
    pub by: By,
}

/// How settings came to hold. Requests have numbers that rise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// By a change, or as the start.
    Change,
    /// By a gesture, known by the number of its first change.
    Gesture(u64),
    /// By the undo of this number, or by the redo.
    Back(u64, bool),
}

impl By {
    /// The gesture, where it is one.
    pub const fn gesture(self) -> Option<u64> {
        if let Self::Gesture(number) = self { Some(number) } else { None }
    }

    /// The number of the request, where that is known.
    const fn number(self) -> Option<u64> {
        match self {
            Self::Change => None,
            Self::Gesture(number) | Self::Back(number, _) => Some(number),
        }
    }
}

/// One line of steps.
#[derive(Clone)]
pub struct Stretch {
    /// Its number; 0 is the main line.
    pub id: u32,
    /// The line it left, and where.
    pub parent: Option<(u32, u64)>,
    /// All edits since step 0, those of its parents included: one a step, in order.
    pub edits: Vec<(u64, Arc<Settings>)>,
    /// Steps made.
    pub newest: u64,
    /// The loss of its steps.
    pub history: History,
}

/// All lines of a run.
pub struct Timeline {
    /// What held at step 0.
    pub start: Arc<Settings>,
    lines: Vec<Stretch>,
    at: usize,
    next: u32,
    /// Kept states.
    pub frames: Keyframes,
    undo: Vec<Arc<Experiment>>,
    redo: Vec<Arc<Experiment>>,
    /// The gesture of the last change that can be undone, while it may go on.
    gesture: Option<u64>,
    /// What came by requests with lower numbers counts as changes.
    known_from: u64,
    /// Made anew whenever they change, so that a snapshot costs nothing.
    edits: Arc<Vec<Edit>>,
    branches: Arc<Vec<Branch>>,
    /// Whether there is one line only: then a change in its past takes the place of what came after.
    alone: bool,
}

impl Timeline {
    /// A time that has just begun.
    pub fn new(start: Arc<Settings>, state: &Arc<State>) -> Self {
        let main = Stretch {
            id: 0,
            parent: None,
            edits: Vec::new(),
            newest: state.step,
            history: History::default(),
        };
        let mut frames = Keyframes::new(BUDGET);
        frames.keep(0, state, state.step);
        let mut timeline = Self {
            start,
            lines: vec![main],
            at: 0,
            next: 1,
            frames,
            undo: Vec::new(),
            redo: Vec::new(),
            gesture: None,
            known_from: 0,
            edits: Arc::default(),
            branches: Arc::default(),
            alone: false,
        };
        timeline.tell();
        timeline
    }

    /// The present line with its edits and kept states (shared, not copied), as a time of its own that has no
    /// branches and never gets any.
    #[must_use]
    pub fn line_alone(&self) -> Self {
        let mut line = self.line().clone();
        (line.id, line.parent) = (0, None);
        let mut frames = Keyframes::new(self.frames.memory().1);
        let now = line.newest;
        for (id, last) in self.lineage(u64::MAX) {
            for state in self.frames.states(id, last) {
                frames.keep(0, state, now);
            }
        }
        let mut timeline = Self {
            start: self.start.clone(),
            lines: vec![line],
            at: 0,
            next: 1,
            frames,
            undo: self.undo.clone(),
            redo: self.redo.clone(),
            gesture: self.gesture,
            known_from: self.known_from,
            edits: Arc::default(),
            branches: Arc::default(),
            alone: true,
        };
        timeline.tell();
        timeline
    }

    /// Lets it have branches from here on.
    pub fn may_branch(&mut self) {
        self.alone = false;
    }

    /// The state at step 0.
    pub fn first(&self) -> Option<Arc<State>> {
        self.frames.before(0, 0).cloned()
    }

    /// Lays edits that are to come on the line, which is to reach this step.
    pub fn lay_out(&mut self, edits: Vec<(u64, Arc<Settings>)>, newest: u64) {
        let line = self.line_mut();
        (line.edits, line.newest) = (edits, newest);
        self.tell();
    }

    /// The present line.
    pub fn line(&self) -> &Stretch {
        &self.lines[self.at]
    }

    /// The same, to be written.
    pub fn line_mut(&mut self) -> &mut Stretch {
        &mut self.lines[self.at]
    }

    /// What holds at a step of the present line, edits at that step left out.
    pub fn settings_before(&self, step: u64) -> &Arc<Settings> {
        let edits = &self.line().edits;
        edits.iter().rev().find(|(at, _)| *at < step).map_or(&self.start, |(_, settings)| settings)
    }

    /// The edit at a step of the present line.
    pub fn edit_at(&self, step: u64) -> Option<&Arc<Settings>> {
        self.line().edits.iter().find(|(at, _)| *at == step).map(|(_, settings)| settings)
    }

    /// The step of the first edit after `step`.
    pub fn next_edit(&self, step: u64) -> Option<u64> {
        self.line().edits.iter().map(|(at, _)| *at).find(|at| *at > step)
    }

    /// The last kept state at or before a step of the present line, its parents searched too.
    pub fn frame_before(&self, step: u64) -> Option<Arc<State>> {
        self.lineage(step).find_map(|(line, last)| self.frames.before(line, last)).cloned()
    }

    /// The steps of the present line whose state is kept.
    pub fn keyframes(&self) -> Vec<u64> {
        let mut steps: Vec<u64> =
            self.lineage(u64::MAX).flat_map(|(line, last)| self.frames.steps(line, last)).collect();
        steps.sort_unstable();
        steps.dedup();
        steps
    }

    /// The present line and those it comes from, each with the last step that counts.
    fn lineage(&self, last: u64) -> impl Iterator<Item = (u32, u64)> {
        let parent = |(line, last): &(u32, u64)| {
            let (parent, fork) = self.lines.iter().find(|other| other.id == *line)?.parent?;
            Some((parent, fork.min(*last)))
        };
        std::iter::successors(Some((self.line().id, last)), parent)
    }

    /// Keeps a state of the present line.
    pub fn keep(&mut self, state: &Arc<State>) {
        let line = self.line().id;
        self.frames.keep(line, state, state.step);
    }

    /// Notes an edit at a step, or that there is none any more; in the past a branch begins there first.
    pub fn edit(&mut self, step: u64, settings: Option<Arc<Settings>>) -> Result<(), String> {
        if step < self.line().newest {
            if self.alone {
                self.forget_after(step);
            } else {
                self.fork(step)?;
            }
        }
        let line = self.line_mut();
        line.edits.retain(|(at, _)| *at < step);
        line.edits.extend(settings.map(|settings| (step, settings)));
        self.tell();
        Ok(())
    }

    /// Forgets what the present line has after a step.
    fn forget_after(&mut self, step: u64) {
        let line = self.line_mut();
        line.newest = step;
        line.edits.retain(|(at, _)| *at <= step);
        line.history.forget_after(step);
        let id = line.id;
        self.frames.forget_after(id, step);
    }

    /// Begins a branch at a step of the present line, and goes there.
    pub fn fork(&mut self, step: u64) -> Result<(), String> {
        if self.lines.len() >= MOST_LINES {
            return Err(format!(
                "there are {MOST_LINES} branches, which is the most: forget one (B, Delete)"
            ));
        }
        let mut branch = self.line().clone();
        branch.parent = Some((branch.id, step));
        branch.id = self.next;
        branch.newest = step;
        branch.edits.retain(|(at, _)| *at <= step);
        branch.history.forget_after(step);
        self.next += 1;
        self.lines.push(branch);
        self.at = self.lines.len() - 1;
        self.tell();
        Ok(())
    }

    /// Goes to another line.
    pub fn switch(&mut self, id: u32) -> Result<(), String> {
        let place = self.lines.iter().position(|line| line.id == id);
        self.at = place.ok_or("there is no such branch any more")?;
        self.tell();
        Ok(())
    }

    /// Forgets a line that nothing hangs on.
    pub fn forget(&mut self, id: u32) -> Result<(), String> {
        if self.lines.iter().any(|line| line.parent.is_some_and(|(parent, _)| parent == id)) {
            return Err("another branch left from this one: forget that first".into());
        }
        if id == 0 || id == self.line().id {
            return Err("the main line and the present branch stay: switch to another first".into());
        }
        let here = self.line().id;
        self.lines.retain(|line| line.id != id);
        self.frames.forget(id);
        self.switch(here)
    }

    /// A change was made by a person: what held before can be brought back. The changes of one gesture are brought back
    /// as one, and of a gesture that has come back to where it began there is nothing to bring back.
    pub fn changed(&mut self, from: Arc<Experiment>, to: &Experiment, gesture: Option<u64>) {
        let gesture = gesture.filter(|number| *number >= self.known_from);
        self.redo.clear();
        if gesture.is_some() && gesture == self.gesture {
            if self.undo.pop_if(|began| **began == *to).is_some() {
                self.gesture = None;
            }
            return;
        }
        self.gesture = gesture;
        self.undo.push(from);
        if self.undo.len() > MOST_UNDONE {
            self.undo.remove(0);
        }
    }

    /// From here on each edit there is is one of its own, as in a run that is known by its edits alone.
    pub fn forget_gestures(&mut self) {
        let numbers = self.lines.iter().flat_map(|line| line.edits.iter().filter_map(|(_, s)| s.by.number()));
        self.known_from = numbers.max().map_or(self.known_from, |last| last + 1);
    }

    /// What was done so far is how it begins: there is nothing to undo.
    pub fn begins_so(&mut self) {
        (self.undo, self.redo, self.gesture) = (Vec::new(), Vec::new(), None);
    }

    /// What an undo (or a redo) brings back.
    pub fn back(&self, redo: bool) -> Option<&Arc<Experiment>> {
        if redo { self.redo.last() } else { self.undo.last() }
    }

    /// It was brought back, in place of `from`.
    pub fn brought_back(&mut self, redo: bool, from: Arc<Experiment>) {
        let (stack, other) =
            if redo { (&mut self.redo, &mut self.undo) } else { (&mut self.undo, &mut self.redo) };
        stack.pop();
        other.push(from);
        self.gesture = None;
    }

    /// After a journey what can be undone is what had been done by then on this line: what was taken back there is taken
    /// back, and can be redone.
    pub fn arrived(&mut self, step: u64) {
        self.begins_so();
        let mut before = self.start.clone();
        let edits = &self.line().edits;
        let done: Vec<_> = edits.iter().filter(|(at, _)| *at <= step).map(|(_, s)| s.clone()).collect();
        for settings in done {
            self.met(&before, &settings);
            before = settings;
        }
    }

    /// An edit of the line is met, on the way: settings in place of those before.
    pub fn met(&mut self, before: &Settings, settings: &Settings) {
        let from = before.experiment.clone();
        match settings.by {
            By::Back(number, redo)
                if number >= self.known_from
                    && self.back(redo).is_some_and(|wanted| *wanted == settings.experiment) =>
            {
                self.brought_back(redo, from);
            }
            by => self.changed(from, &settings.experiment, by.gesture()),
        }
    }

    /// The edits of the present line.
    pub fn edits(&self) -> &Arc<Vec<Edit>> {
        &self.edits
    }

    /// All lines, for a list; the newest step of the present one is `newest`.
    pub fn branches(&self, newest: u64) -> Arc<Vec<Branch>> {
        let mut branches = self.branches.clone();
        if branches.get(self.at).is_some_and(|branch| branch.newest != newest) {
            Arc::make_mut(&mut branches)[self.at].newest = newest;
        }
        branches
    }

    /// Writes down what snapshots tell.
    fn tell(&mut self) {
        let told = |(step, settings): &(u64, Arc<Settings>)| Edit {
            step: *step,
            experiment: (*settings.experiment).clone(),
        };
        self.edits = Arc::new(self.line().edits.iter().map(told).collect());
        let here = self.line().id;
        let branch = |line: &Stretch| Branch {
            id: line.id,
            name: if line.id == 0 { "main".into() } else { format!("b{}", line.id) },
            parent: line.parent,
            newest: line.newest,
            experiment: line.edits.last().map_or(&self.start, |(_, s)| s).experiment.clone(),
            edits: line.edits.len(),
            curve: Arc::new(if line.id == here { Vec::new() } else { line.history.curve() }),
        };
        self.branches = Arc::new(self.lines.iter().map(branch).collect());
    }
}
