//! One run: an engine, what it minimises, and what has been seen of it. Everything happens in the call: no thread,
//! no clock, so that a test sees what the screen sees.

use std::sync::Arc;

use super::analysis::axes;
use super::setup::{self, Setup};
use super::timeline::{By, Settings, Timeline};
use crate::engine::cpu::CpuEngine;
use crate::engine::reference::ReferenceEngine;
use crate::engine::{Engine, Problem, State};
use crate::experiment::{EngineKind, Experiment};
use crate::features::Matrix;
use crate::geometry::projection::{self, PROJECTIONS, Projection};
use crate::objectives::{Family, Floor};
use crate::snapshot::{Cast, Geometry, Status};
use crate::theory::Brief;

/// Multiplications that a start may take before its first picture: some milliseconds.
const LIGHT: u64 = 1 << 26;

/// A run and all that is known of it.
pub struct Run {
    /// What a person has set.
    pub experiment: Arc<Experiment>,
    /// What the run is doing.
    pub status: Status,
    setup: Setup,
    timeline: Timeline,
    /// State and settings before the edit at this step, when there is one.
    before: Option<(Arc<State>, Arc<Settings>)>,
    /// Where a journey through time left from, and where it goes.
    journey: Option<(u64, u64)>,
    /// Set when the numbers belong to another line or other settings.
    outdated: bool,
    engine: Box<dyn Engine>,
    /// The newest state that was read back.
    state: Arc<State>,
    /// Steps made so far: those of the state, and those made since.
    step: u64,
    points: Arc<Matrix>,
    weights: Option<Arc<Matrix>>,
    bias: Option<Arc<Matrix>>,
    brief: Arc<Brief>,
    floor: Floor,
    terms: Vec<f64>,
    decay: f64,
    gradient_norm: Option<f64>,
    /// What is wanted of the forces, and what is known of them.
    sight: forces::ForceSight,
    /// Since when the loss has stood at about this value.
    still: Option<(u64, f64)>,
    /// Set when the user runs on past convergence.
    past_convergence: bool,
    chosen: usize,
    axes: Option<Arc<Projection>>,
    geometry: Arc<Geometry>,
    /// How the class angles came to where they are.
    approach: approach::Approach,
    /// Set while another projection was chosen whose axes are not known yet.
    looks_elsewhere: bool,
    /// What else the picture shows, and how far along its tour is.
    look: look::Look,
    /// What the user should know, oldest first.
    pub notices: Vec<String>,
    /// Why no GPU runs, once that is known.
    pub no_gpu: Option<String>,
    /// What numbers about its present line and settings are known by while they are looked for.
    pub(super) token: u64,
}

impl Run {
    /// Starts an experiment on the processor (a GPU is moved to later), or says why it cannot start.
    pub fn new(experiment: &Experiment) -> Result<Self, String> {
        let mut run = Self::assembled(experiment)?;
        run.read_back();
        run.axes = axes(&run.job(), None).ok();
        Ok(run)
    }

    /// The same, running. Of a start that is not [light](Run::is_light) there is no loss before its first step, and no
    /// picture before an analyst has seen it.
    pub fn running(experiment: &Experiment) -> Result<Self, String> {
        let mut run = Self::assembled(experiment)?;
        if run.is_light() {
            run.read_back();
            run.axes = axes(&run.job(), None).ok();
        } else {
            run.fetch();
        }
        run.go();
        Ok(run)
    }

    fn assembled(experiment: &Experiment) -> Result<Self, String> {
        let setup = setup::set_up(experiment)?;
        let (problem, state) = (setup.problem.clone(), setup.state.clone());
        let engine = Self::on_processor(experiment, problem, state);
        Ok(Self::assemble(experiment, setup, engine))
    }

    fn on_processor(experiment: &Experiment, problem: Problem, state: State) -> Box<dyn Engine> {
        match experiment.engine {
            EngineKind::Reference => Box::new(ReferenceEngine::new(problem, &state)),
            _ => Box::new(CpuEngine::new(problem, state, experiment.threads)),
        }
    }

    /// The same with a given engine, which has the setup's problem and state.
    pub fn with_engine(experiment: &Experiment, setup: Setup, engine: Box<dyn Engine>) -> Self {
        let mut run = Self::assemble(experiment, setup, engine);
        run.read_back();
        run.axes = axes(&run.job(), None).ok();
        run
    }

    fn assemble(experiment: &Experiment, mut setup: Setup, engine: Box<dyn Engine>) -> Self {
        let state = Arc::new(std::mem::take(&mut setup.state));
        let points = Arc::new(state.features.value.clone());
        let default = projection::default_for(points.cols);
        let chosen = PROJECTIONS.iter().position(|kind| kind.name == default.name).unwrap_or(0);
        let brief = Arc::new(setup::brief(experiment, &setup));
        let experiment = Arc::new(experiment.clone());
        let start = Arc::new(Settings {
            experiment: experiment.clone(),
            setup: setup.clone(),
            bias: state.bias.clone(),
            brief: brief.clone(),
            by: By::Change,
        });
        Self {
            timeline: Timeline::new(start, &state),
            before: None,
            journey: None,
            outdated: false,
            experiment,
            status: Status::Paused,
            floor: brief.theory.floor.clone(),
            brief,
            notices: setup.notices.clone(),
            setup,
            engine,
            step: state.step,
            state,
            points,
            weights: None,
            bias: None,
            terms: Vec::new(),
            decay: 0.0,
            gradient_norm: None,
            sight: forces::ForceSight::default(),
            still: None,
            past_convergence: false,
            chosen,
            axes: None,
            geometry: Arc::default(),
            approach: approach::Approach::default(),
            looks_elsewhere: false,
            look: look::Look::default(),
            no_gpu: None,
            token: 0,
        }
    }

    /// Whether an evaluation and a projection take no longer than a few milliseconds.
    pub fn is_light(&self) -> bool {
        let (n, d) = (self.points.rows as u64, self.points.cols as u64);
        let against = |term: &crate::objectives::Term| match term.objective.family() {
            Family::Class => self.setup.problem.classes as u64,
            Family::Pair => n,
        };
        let most = self.setup.problem.terms.iter().map(against).max().unwrap_or(0);
        n.saturating_mul(d).saturating_mul(most.max(d)) <= LIGHT
    }

    /// What an engine needs to run this from where it is: the state is that of the last [`Run::read_back`].
    pub fn material(&self) -> (Problem, State) {
        (self.setup.problem.clone(), (*self.state).clone())
    }

    /// Labels and names.
    pub fn cast(&self) -> &Arc<Cast> {
        &self.setup.cast
    }

    /// Steps made so far.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// Whether steps can be made at all.
    pub fn can_go(&self) -> bool {
        !matches!(self.status, Status::Diverged { .. } | Status::Failed(_))
    }

    /// Run on, past convergence too.
    pub fn go(&mut self) {
        if self.can_go() {
            self.past_convergence |= matches!(self.status, Status::Converged(_));
            self.still = None;
            self.status = Status::Running;
        }
    }

    /// Stop making steps.
    pub fn pause(&mut self) {
        if self.status == Status::Running {
            self.status = Status::Paused;
        }
    }

    /// Sets what can be set while the run goes on. What would need other data is refused in one sentence.
    pub fn change(&mut self, experiment: &Experiment) -> Result<(), String> {
        self.change_in(experiment, By::Change)
    }

    /// The same as a part of a gesture, known by the number of its first change: all its changes are taken back at once.
    /// What is kept of them, each with its step, is as without.
    pub fn turn(&mut self, experiment: &Experiment, gesture: u64) -> Result<(), String> {
        self.change_in(experiment, By::Gesture(gesture))
    }

    fn change_in(&mut self, experiment: &Experiment, by: By) -> Result<(), String> {
        let before = self.experiment.clone();
        self.change_to(experiment, by)?;
        if before != self.experiment {
            self.timeline.changed(before, &self.experiment, by.gesture());
        }
        Ok(())
    }

    fn change_to(&mut self, experiment: &Experiment, by: By) -> Result<(), String> {
        self.journey = None;
        self.edit(experiment, by)?;
        // What stopped before may go on under other settings.
        self.status = match &self.status {
            Status::Running | Status::Converged(_) => Status::Running,
            _ => Status::Paused,
        };
        self.read_back();
        Ok(())
    }
}

mod abreast;
mod approach;
mod forces;
mod look;
mod seen;
mod steps;
mod time;

pub use forces::Wanted;

#[cfg(test)]
mod tests;
