//! A run through time: going back to a kept state and making the steps from there again, branches, undo.
//!
//! What is kept stands in [`timeline`](crate::simulation::timeline).

use std::sync::Arc;

use super::Run;
use crate::engine::State;
use crate::experiment::{Edit, Experiment};
use crate::simulation::setup;
use crate::simulation::timeline::{By, Settings};
use crate::snapshot::{Replay, Request, Status, Time, To};

/// Steps made in one go where nobody waits for a picture.
const CHUNK: u64 = 256;

impl Run {
    /// A run made again from its start: every edit at its step, and as many steps as asked for; fewer where it
    /// diverges. Edits after the last step are left out. On the CPU engine the state is the same, bit by bit.
    ///
    /// # Errors
    /// One sentence, when the start or an edit cannot be.
    pub fn replayed(start: &Experiment, edits: &[Edit], step: u64) -> Result<Self, String> {
        let mut run = Self::new(start)?;
        for edit in edits.iter().filter(|edit| edit.step <= step) {
            run.make_steps_to(edit.step);
            run.change(&edit.experiment)
                .map_err(|error| format!("the edit at step {}: {error}", edit.step))?;
        }
        run.pause();
        run.make_steps_to(step);
        run.read_back();
        Ok(run)
    }

    fn make_steps_to(&mut self, step: u64) {
        while self.step < step {
            let before = self.step;
            self.advance((step - before).min(CHUNK) as usize);
            if self.step == before {
                return;
            }
        }
    }

    /// What holds now, as edits keep it.
    pub(super) fn settings(&self) -> Arc<Settings> {
        let at = self.timeline.edit_at(self.step);
        at.unwrap_or_else(|| self.timeline.settings_before(self.step)).clone()
    }

    /// Makes a change at this step: of the state as it was before an earlier change at the same step, so that of
    /// several only the last one counts. In the past a branch begins.
    pub(super) fn edit(&mut self, experiment: &Experiment, by: By) -> Result<(), String> {
        if *experiment == *self.experiment {
            return Ok(());
        }
        let now = self.settings();
        let (settings, notices) = self.prepare(&now, experiment, by)?;
        self.read_back();
        let (state, before) = match &self.before {
            Some((state, settings)) => (state.clone(), settings.clone()),
            None => (self.state.clone(), now),
        };
        let undone = *experiment == *before.experiment;
        self.approach.forget_from(self.step);
        self.timeline.edit(self.step, (!undone).then(|| settings.clone()))?;
        self.timeline.keep(&state);
        for notice in notices {
            if !self.notices.contains(&notice) {
                self.notices.push(notice);
            }
        }
        if undone {
            self.before = None;
            self.install(&before, state)
        } else {
            let carried = carried(&state, &before, &settings);
            self.before = Some((state, before));
            self.install(&settings, carried)
        }
    }

    fn prepare(
        &self,
        now: &Settings,
        experiment: &Experiment,
        by: By,
    ) -> Result<(Arc<Settings>, Vec<String>), String> {
        let (new, bias) = if let Some(adjusted) = setup::adjust(&now.setup, &now.experiment, experiment) {
            (adjusted?, now.bias.clone())
        } else {
            let mut new = setup::set_up(experiment)?;
            let start = std::mem::take(&mut new.state);
            let same_network = match (&start.network, &self.state.network) {
                (None, None) => true,
                (Some(new), Some(old)) => new.fits(old),
                _ => false,
            };
            let same_data = new.cast.labels == now.setup.cast.labels
                && start.features.value.cols == self.points.cols
                && same_network;
            if !same_data {
                return Err("this needs other data: restart the run to use it".into());
            }
            (new, start.bias)
        };
        let experiment = Arc::new(experiment.clone());
        let brief = Arc::new(setup::brief(&experiment, &new));
        let notices = new.notices.clone();
        Ok((Arc::new(Settings { experiment, setup: new, bias, brief, by }), notices))
    }

    /// Puts settings and a state in force.
    fn install(&mut self, settings: &Arc<Settings>, state: Arc<State>) -> Result<(), String> {
        self.engine
            .set_problem(&settings.setup.problem)
            .and_then(|()| self.engine.set_state(&state))
            .map_err(|error| error.to_string())?;
        self.step = state.step;
        self.state = state;
        self.setup = settings.setup.clone();
        self.experiment = settings.experiment.clone();
        self.brief = settings.brief.clone();
        self.floor = self.brief.theory.floor.clone();
        self.still = None;
        self.past_convergence = false;
        self.terms.clear();
        self.forget_forces();
        self.outdated = true;
        Ok(())
    }

    /// Applies the edit at the step just reached, if the present line has one.
    pub(super) fn meet_edit(&mut self) {
        let Some(settings) = self.timeline.edit_at(self.step).cloned() else { return };
        let before = self.timeline.settings_before(self.step).clone();
        self.fetch();
        if self.state.step != self.step {
            return;
        }
        let state = self.state.clone();
        self.timeline.keep(&state);
        self.timeline.met(&before, &settings);
        let carried = carried(&state, &before, &settings);
        self.before = Some((state, before));
        if let Err(error) = self.install(&settings, carried) {
            self.status = Status::Failed(error);
        }
    }

    /// Keeps the state that was read back last, unless an edit has touched it.
    pub(super) fn remember(&mut self) {
        if self.before.is_none() && self.timeline.edit_at(self.state.step).is_none() {
            let state = self.state.clone();
            self.timeline.keep(&state);
        }
    }

    /// Keeps the very newest state before another place is gone to.
    pub(super) fn leave(&mut self) {
        self.fetch();
        self.remember();
    }

    /// The same on the way: the edits lie on the line, and a journey to the last step has begun.
    ///
    /// # Errors
    /// As for [`Run::replayed`].
    pub fn replaying(replay: &Replay) -> Result<Self, String> {
        let mut run = Self::running(&replay.start)?;
        run.pause();
        let mut edits: Vec<(u64, Arc<Settings>)> = Vec::new();
        for edit in replay.edits.iter().filter(|edit| edit.step <= replay.step) {
            let now = edits.last().map_or(&run.timeline.start, |(_, settings)| settings).clone();
            let (settings, _) = run
                .prepare(&now, &edit.experiment, By::Change)
                .map_err(|error| format!("the edit at step {}: {error}", edit.step))?;
            edits.retain(|(step, _)| *step < edit.step);
            edits.push((edit.step, settings));
        }
        run.timeline.lay_out(edits, replay.step);
        run.meet_edit();
        run.journey = (replay.step > 0).then_some((0, replay.step));
        Ok(run)
    }

    /// Does what one of the requests about time asks for.
    pub(in crate::simulation) fn move_in_time(&mut self, request: &Request) -> Result<(), String> {
        match *request {
            Request::Seek(_, to) => {
                self.seek(to);
                Ok(())
            }
            Request::Branch(_) => self.branch(),
            Request::Switch(_, id) => self.switch(id),
            Request::Forget(_, id) => self.forget(id),
            Request::Undo(number) => self.undo(number, false),
            Request::Redo(number) => self.undo(number, true),
            _ => Ok(()),
        }
    }

    /// Sets out for another time, and pauses. [`Run::travel`] makes the steps.
    pub fn seek(&mut self, to: To) {
        let newest = self.timeline.line().newest;
        let from = self.journey.map_or(self.step, |(_, target)| target);
        let target = match to {
            To::By(steps) if steps < 0 => from.saturating_sub(steps.unsigned_abs()),
            To::By(steps) => from.saturating_add(steps.unsigned_abs()),
            To::Step(step) => step.min(newest),
            To::First => 0,
            To::Newest => newest,
        };
        self.status = match &self.status {
            // Going on from where nothing goes on stays the same; going back is free.
            stopped if !self.can_go() && target >= self.step => stopped.clone(),
            _ => Status::Paused,
        };
        if !self.can_go() || target == self.step && self.journey.is_none() {
            return;
        }
        let left = self.journey.map_or(self.step, |(left, _)| left);
        // What lies between here and there need not be made again, unless a kept state is nearer.
        let nearer =
            target < self.step || self.timeline.frame_before(target).is_some_and(|f| f.step > self.step);
        if nearer {
            self.leave();
            if let Err(error) = self.load(target) {
                self.status = Status::Failed(error);
                return;
            }
        }
        self.journey = (self.step != target).then_some((left, target));
        if self.journey.is_none() {
            self.timeline.arrived(self.step);
        }
    }

    /// Puts the last kept state at or before a step in force, with what held then.
    pub(super) fn load(&mut self, target: u64) -> Result<(), String> {
        let state = self.timeline.frame_before(target).ok_or("no state of that time is kept")?;
        let settings = self.timeline.settings_before(state.step).clone();
        if target == 0 {
            // Numbers of what came later say nothing of a start: there are none until its own are known.
            self.geometry = Arc::default();
        }
        self.before = None;
        let step = state.step;
        match self.timeline.edit_at(step).cloned() {
            Some(edit) => {
                let after = carried(&state, &settings, &edit);
                self.before = Some((state, settings));
                self.install(&edit, after)?;
            }
            None => self.install(&settings, state)?,
        }
        self.fetch();
        Ok(())
    }

    /// Makes up to `most` steps of a journey; whether one was under way.
    pub fn travel(&mut self, most: usize) -> bool {
        let Some((_, target)) = self.journey else { return false };
        let before = self.step;
        self.advance((target.saturating_sub(before) as usize).min(most));
        if self.step >= target || self.step == before {
            self.journey = None;
            self.timeline.arrived(self.step);
        }
        true
    }

    /// The journey to its end, here and now.
    pub fn arrive(&mut self) {
        while self.travel(CHUNK as usize) {}
        self.read_back();
    }

    /// Stops making steps, those of a journey too.
    pub fn stop(&mut self) {
        if self.journey.take().is_some() {
            self.timeline.arrived(self.step);
        }
        self.pause();
    }

    /// Stands here as if it had just come: see [`Request::Afresh`].
    pub(in crate::simulation) fn afresh(&mut self) {
        if self.can_go() {
            self.status = Status::Paused;
        }
        (self.past_convergence, self.still) = (false, None);
        self.timeline.forget_gestures();
        self.timeline.arrived(self.step);
        self.read_back();
    }

    /// Whether a journey is under way.
    pub fn is_travelling(&self) -> bool {
        self.journey.is_some()
    }

    /// Begins a branch at this step.
    pub fn branch(&mut self) -> Result<(), String> {
        self.leave();
        self.timeline.fork(self.step)
    }

    /// Sets out for the newest step of another branch.
    pub fn switch(&mut self, id: u32) -> Result<(), String> {
        self.journey = None;
        self.leave();
        if self.timeline.line().id != id {
            self.timeline.switch(id)?;
            self.approach.forget_from(0);
            let newest = self.timeline.line().newest;
            self.status = Status::Paused;
            let left = self.step;
            self.load(newest)?;
            self.journey = (self.step != newest).then_some((left, newest));
            self.timeline.arrived(self.step);
        }
        Ok(())
    }

    /// Forgets a branch.
    pub fn forget(&mut self, id: u32) -> Result<(), String> {
        self.timeline.forget(id)
    }

    /// Takes the last change of a knob on this line back, or brings it back again: a change of its own at this step, by the
    /// request of this number.
    pub fn undo(&mut self, number: u64, redo: bool) -> Result<(), String> {
        let Some(wanted) = self.timeline.back(redo).cloned() else {
            let changed = self.timeline.line().edits.iter().any(|(step, _)| *step <= self.step);
            return Err(match (redo, changed) {
                (true, _) => "nothing to redo",
                (false, true) => "nothing more to undo: every change up to here is taken back",
                (false, false) => "nothing to undo: no knob was changed",
            }
            .into());
        };
        let now = self.experiment.clone();
        self.change_to(&wanted, By::Back(number, redo))?;
        self.timeline.brought_back(redo, now);
        Ok(())
    }

    /// What a snapshot says of time.
    pub(super) fn time(&self) -> Time {
        let newest = self.timeline.line().newest.max(self.step);
        let (used, budget) = self.timeline.frames.memory();
        Time {
            newest,
            branch: self.timeline.line().id,
            branches: self.timeline.branches(newest),
            keyframes: Arc::new(self.timeline.keyframes()),
            used,
            budget,
            journey: self.journey,
            undo: self.timeline.back(false).cloned(),
            redo: self.timeline.back(true).cloned(),
            aside: [None, None],
        }
    }

    /// What it was changed by so far is how it begins, and not to be undone.
    pub fn begins_so(&mut self) {
        self.timeline.begins_so();
    }

    /// Whether the run itself has something to undo (or to redo).
    pub fn has_back(&self, redo: bool) -> bool {
        self.timeline.back(redo).is_some()
    }

    /// Its branches, beside the main line.
    pub fn branches(&self) -> usize {
        self.timeline.branches(0).len().saturating_sub(1)
    }
}

/// A state under other settings: with the bias they want, on the sphere where they want that.
pub(super) fn carried(state: &Arc<State>, from: &Settings, to: &Settings) -> Arc<State> {
    let (before, after) = (&from.setup.problem, &to.setup.problem);
    let mut carried = state.clone();
    if to.bias.is_some() != state.bias.is_some() || after.sphere && !before.sphere {
        setup::carry(Arc::make_mut(&mut carried), before, after, to.bias.as_ref());
    }
    carried
}

#[cfg(test)]
mod tests;
