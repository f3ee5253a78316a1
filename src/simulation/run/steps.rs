//! Making steps: under the edits of the line, until the goal, convergence or the step that cannot be made.

use std::sync::Arc;

use super::Run;
use crate::describe;
use crate::engine::cpu::CpuEngine;
use crate::engine::{Divergence, Engine, EngineError};
use crate::snapshot::{Convergence, Sample, Status};

/// A relative change this small over [`STILL_STEPS`] steps counts as none.
const STILL: f64 = 1e-7;
/// See [`STILL`].
const STILL_STEPS: u64 = 500;
/// A run stops for having converged at multiples of this only, so that where it stops does not depend on how many steps
/// are made in one go.
const WATCHED: u64 = 16;

impl Run {
    /// Makes up to `steps` steps; fewer when the run converges or diverges. Call [`Run::read_back`] to see them.
    pub fn advance(&mut self, steps: usize) {
        let goal = self.step.saturating_add(steps as u64);
        while self.step < goal && self.can_go() {
            let (before, watched) = (self.step, self.is_watched());
            let mut until = self.timeline.next_edit(before).map_or(goal, |edit| edit.min(goal));
            let end = self.schedule_ends().filter(|_| watched);
            if watched {
                until = until.min(before - before % WATCHED + WATCHED);
            }
            if let Some(end) = end.filter(|end| *end > before) {
                until = until.min(end);
            }
            self.advance_under_one_setting((until - before) as usize);
            if self.step <= before {
                return;
            }
            self.meet_edit();
            // Nothing would move from here on, and what stands still for want of a rate has not converged.
            let ended = self.schedule_ends().is_some_and(|end| self.step >= end);
            if ended && self.is_watched() {
                self.status = Status::Converged(Convergence::Schedule);
            }
            if watched && self.status != Status::Running {
                return;
            }
        }
    }

    fn advance_under_one_setting(&mut self, steps: usize) {
        let rates: Vec<f64> = (0..steps as u64).map(|k| self.rate_at(self.step + k)).collect();
        let advance = match self.engine.advance(&rates) {
            Ok(advance) => advance,
            Err(error) => return self.fall_back(&error),
        };
        for record in &advance.records {
            let loss = self.weighted(&record.terms) + record.decay;
            self.note(Sample { step: record.step, loss, floor: self.floor.value() });
            self.terms.clone_from(&record.terms);
            self.decay = record.decay;
            self.gradient_norm = Some(record.gradient_norm);
            self.step = record.step + 1;
            self.before = None;
            self.watch(record.step, loss);
        }
        let line = self.timeline.line_mut();
        line.newest = line.newest.max(self.step);
        if let Some(divergence) = advance.diverged {
            self.stop_at(&divergence);
        }
    }

    /// Stops at the step that cannot be made, and looks for who it was.
    fn stop_at(&mut self, divergence: &Divergence) {
        let (step, rate) = (divergence.step, self.rate_at(divergence.step));
        let threads = self.experiment.threads;
        let why = self.engine.explain(&self.setup.problem, divergence, rate, threads);
        let why = why.ok().flatten().map(Arc::new);
        if let Some(why) = &why {
            let (cast, why) = (&self.setup.cast, why.as_ref());
            let notice = format!("Step {step} could not be made. {}", describe::divergence::told(why, cast));
            if self.notices.last() != Some(&notice) {
                self.notices.push(notice);
            }
        }
        let name = |k: usize| self.setup.problem.terms[k].objective.name().to_owned();
        self.status = Status::Diverged { step, term: divergence.term.map(name), why };
    }

    /// Adds to the curve what is not on it yet: steps made again give what they gave before.
    pub(super) fn note(&mut self, sample: Sample) {
        let line = self.timeline.line_mut();
        if line.history.last_step().is_none_or(|last| sample.step >= last) {
            line.history.push(sample);
        }
    }

    /// Whether it stops when it has converged.
    pub(super) fn is_watched(&self) -> bool {
        !self.past_convergence && self.status == Status::Running
    }

    /// Notes convergence.
    fn watch(&mut self, step: u64, loss: f64) {
        if !self.is_watched() {
            return;
        }
        let may_stop = (step + 1).is_multiple_of(WATCHED);
        if self.floor.is_met(loss) {
            if may_stop {
                self.status = Status::Converged(Convergence::Floor);
            }
            return;
        }
        match self.still {
            Some((since, value)) if (loss - value).abs() <= STILL * value.abs() => {
                if may_stop && step - since >= STILL_STEPS {
                    self.status = Status::Converged(Convergence::Still);
                }
            }
            _ => self.still = Some((step, loss)),
        }
    }

    /// The step from which on the schedule leaves no rate, where it comes to that.
    fn schedule_ends(&self) -> Option<u64> {
        self.setup.schedule.ends().then_some(self.experiment.steps)
    }

    pub(super) fn rate_at(&self, step: u64) -> f64 {
        self.setup.rate * self.setup.schedule.factor(step, self.experiment.steps)
    }

    /// Goes on on the processor from the state that was read back last.
    pub(super) fn fall_back(&mut self, error: &EngineError) {
        if self.engine.name() == "cpu" {
            self.status = Status::Failed(error.to_string());
            return;
        }
        self.notices.push(format!("{error}; the CPU goes on from step {}", self.state.step));
        // Steps that were lost at the newest end have not been; those in the past are made again.
        let lost_at_the_end = self.step >= self.timeline.line().newest;
        self.step = self.state.step;
        if lost_at_the_end {
            let line = self.timeline.line_mut();
            line.newest = self.state.step;
            line.history.forget_after(self.state.step);
        }
        let (problem, state) = self.material();
        self.engine = Box::new(CpuEngine::new(problem, state, self.experiment.threads));
    }

    /// Moves the run to another engine, from where it is.
    pub fn move_to(&mut self, mut engine: Box<dyn Engine>) {
        self.read_back();
        let moved = engine.set_problem(&self.setup.problem).and_then(|()| engine.set_state(&self.state));
        match moved {
            Ok(()) => {
                self.notices.push(match engine.adapter() {
                    Some(adapter) => format!("the run has moved to the {}: {adapter}", engine.name()),
                    None => format!("the run has moved to the {}", engine.name()),
                });
                self.engine = engine;
            }
            Err(error) => self.notices.push(format!("{error}; the {} goes on", self.engine.name())),
        }
    }
}
