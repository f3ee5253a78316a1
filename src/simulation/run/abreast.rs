//! A run beside another one: copied from it, at the same step whenever somebody looks, seen along the same axes.
//!
//! Which runs go together stands in [`company`](crate::simulation::company).

use std::sync::Arc;

use super::time::carried;
use super::{Run, axes};
use crate::engine::{Problem, State};
use crate::geometry::projection::Projection;
use crate::geometry::{Classes, Measurements, measure_cheap};
use crate::simulation::timeline::keyframes;
use crate::snapshot::Status;

/// A kept state is gone to on the way onward only where that saves so many steps.
const FAR: u64 = 256;

impl Run {
    /// The same run once more, on the processor: the same start, edits and kept states of the present line, at the
    /// same step. What becomes of it from here on is its own. A change in its past takes the place of what came
    /// after: it has no branches.
    #[must_use]
    pub fn copied(&mut self) -> Self {
        self.leave();
        let (problem, state) = self.material();
        Self {
            experiment: self.experiment.clone(),
            status: Status::Paused,
            setup: self.setup.clone(),
            timeline: self.timeline.line_alone(),
            before: self.before.clone(),
            journey: None,
            outdated: self.outdated,
            engine: Self::on_processor(&self.experiment, problem, state),
            state: self.state.clone(),
            step: self.state.step,
            points: self.points.clone(),
            weights: self.weights.clone(),
            bias: self.bias.clone(),
            brief: self.brief.clone(),
            floor: self.floor.clone(),
            terms: self.terms.clone(),
            decay: self.decay,
            gradient_norm: self.gradient_norm,
            sight: self.sight.copied(),
            look: self.look.copied(),
            still: None,
            past_convergence: true,
            chosen: self.chosen,
            axes: self.axes.clone(),
            geometry: self.geometry.clone(),
            approach: self.approach.clone(),
            looks_elsewhere: self.looks_elsewhere,
            notices: Vec::new(),
            no_gpu: None,
            token: 0,
        }
    }

    /// Lets a run that went beside another one go by itself: it may have branches, and stops where it has converged.
    pub fn goes_alone(&mut self) {
        self.timeline.may_branch();
        self.past_convergence = false;
    }

    /// Goes toward the step of another run, at most `most` steps; whether it is there. One that has stopped for good
    /// before that step is as far as it can be. It never stops by itself for having converged.
    pub fn go_along(&mut self, target: u64, most: usize, running: bool) -> bool {
        let back = target < self.step;
        let leap = target.saturating_sub(self.step) > FAR
            && self.timeline.frame_before(target).is_some_and(|frame| frame.step > self.step);
        if back || leap && self.can_go() {
            let left = self.journey.map_or(self.step, |(left, _)| left);
            self.leave();
            self.status = Status::Paused;
            if let Err(error) = self.load(target) {
                self.status = Status::Failed(error);
            }
            self.journey = (self.step != target).then_some((left, target));
            if self.journey.is_none() {
                self.timeline.arrived(self.step);
            }
        }
        if self.can_go() {
            self.past_convergence = true;
            self.status = if running { Status::Running } else { Status::Paused };
        }
        if self.step < target {
            self.advance((target - self.step).min(most as u64) as usize);
        }
        let there = self.is_level(target);
        if there && self.journey.take().is_some() {
            self.timeline.arrived(self.step);
        }
        there
    }

    /// Whether it stands at a step, or has stopped for good before it.
    pub fn is_level(&self, target: u64) -> bool {
        self.step == target || self.step < target && !self.can_go()
    }

    /// Where a journey under way goes.
    pub fn destination(&self) -> u64 {
        self.journey.map_or(self.step, |(_, target)| target)
    }

    /// What is minimised at step 0 and from where: the start as the edit at step 0, if there is one, leaves it.
    pub fn beginning(&self) -> Option<(&Problem, Arc<State>)> {
        let state = self.timeline.first()?;
        let start = &self.timeline.start;
        Some(match self.timeline.edit_at(0) {
            Some(edit) => (&edit.setup.problem, carried(&state, start, edit)),
            None => (&start.setup.problem, state),
        })
    }

    /// Stands still while others have the screen: on the processor, without what an engine gathers while it runs.
    pub fn rest(&mut self) {
        self.stop();
        self.leave();
        if self.can_go() && self.state.step == self.step {
            let (problem, state) = self.material();
            self.engine = Self::on_processor(&self.experiment, problem, state);
        }
    }

    /// Bytes that its present state takes, as often as there are copies of it while it rests.
    pub fn weight(&self) -> usize {
        3 * keyframes::bytes(&self.state)
    }

    /// Bytes that its kept states take.
    pub fn memory(&self) -> usize {
        self.timeline.frames.memory().0
    }

    /// Sets how many bytes its kept states may take.
    pub fn limit_memory(&mut self, bytes: usize) {
        let now = self.step;
        self.timeline.frames.limit(bytes, now);
    }

    /// The axes it is seen along, as another run may be too.
    pub(in crate::simulation) fn axes(&self) -> Option<(usize, Arc<Projection>)> {
        Some((self.chosen, self.axes.clone()?))
    }

    /// Is seen along the axes of another run.
    pub(in crate::simulation) fn see_along(&mut self, (chosen, axes): &(usize, Arc<Projection>)) {
        if axes.centre.len() == self.points.cols {
            self.chosen = *chosen;
            self.looks_elsewhere = false;
            self.axes = Some(Arc::new(axes.of(&self.points)));
        }
    }

    /// Is seen along its own axes again.
    pub(in crate::simulation) fn see_alone(&mut self) {
        let classes = Classes::new(&self.points, &self.setup.cast.labels).ok();
        let found = axes(&self.job(), classes.as_ref());
        self.look_along(found);
    }

    /// The cheap numbers of the present state, here and now.
    pub(in crate::simulation) fn measured(&mut self) -> Measurements {
        self.fetch();
        measure_cheap(&self.job().sample())
    }
}
