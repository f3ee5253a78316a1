//! One run: an engine, what it minimises, and what has been seen of it. Everything happens in the call: no thread,
//! no clock, so that a test sees what the screen sees.

use std::sync::Arc;

use super::analysis::{Analysis, Job, analyse, axes};
use super::setup::{self, Setup};
use super::timeline::{Settings, Timeline};
use crate::engine::cpu::CpuEngine;
use crate::engine::reference::ReferenceEngine;
use crate::engine::{Engine, EngineError, Evaluation, MarginsAt, Problem, State};
use crate::experiment::holdout::Exam;
use crate::experiment::start::Held;
use crate::experiment::{EngineKind, Experiment};
use crate::features::Matrix;
use crate::geometry::projection::{self, PROJECTIONS, Projection};
use crate::objectives::{Family, Floor, Score};
use crate::snapshot::{Cast, Convergence, Geometry, Pace, Sample, Snapshot, Status, TermLoss};
use crate::theory::Brief;

/// A relative change this small over [`STILL_STEPS`] steps counts as none.
const STILL: f64 = 1e-7;
/// See [`STILL`].
const STILL_STEPS: u64 = 500;
/// A run stops for having converged at multiples of this only, so that where it stops does not depend on how many steps
/// are made in one go.
const WATCHED: u64 = 16;
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

    /// Makes up to `steps` steps; fewer when the run converges or diverges. Call [`Run::read_back`] to see them.
    pub fn advance(&mut self, steps: usize) {
        let goal = self.step.saturating_add(steps as u64);
        while self.step < goal && self.can_go() {
            let (before, watched) = (self.step, self.is_watched());
            let mut until = self.timeline.next_edit(before).map_or(goal, |edit| edit.min(goal));
            if watched {
                until = until.min(before - before % WATCHED + WATCHED);
            }
            self.advance_under_one_setting((until - before) as usize);
            if self.step <= before {
                return;
            }
            self.meet_edit();
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
            let name = |k: usize| self.setup.problem.terms[k].objective.name().to_owned();
            self.status = Status::Diverged { step: divergence.step, term: divergence.term.map(name) };
        }
    }

    /// Adds to the curve what is not on it yet: steps made again give what they gave before.
    fn note(&mut self, sample: Sample) {
        let line = self.timeline.line_mut();
        if line.history.last_step().is_none_or(|last| sample.step >= last) {
            line.history.push(sample);
        }
    }

    /// Whether it stops when it has converged.
    fn is_watched(&self) -> bool {
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

    /// Goes on on the processor from the state that was read back last.
    fn fall_back(&mut self, error: &EngineError) {
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

    /// Fetches the state from the engine for the next snapshot.
    pub fn read_back(&mut self) {
        self.fetch();
        self.remember();
        self.leave_trails();
        if self.is_travelling() {
            return;
        }
        // A run in full swing shows the loss of its last step, which costs nothing; one that stands shows the loss
        // of the very state on screen. One that begins shows none where that would take long.
        let begins = self.terms.is_empty() && self.is_light();
        if self.status != Status::Running || begins {
            self.evaluate();
        }
        self.study();
    }

    fn fetch(&mut self) {
        match self.engine.state() {
            Ok(state) => self.state = Arc::new(state),
            Err(error) => self.fall_back(&error),
        }
        self.points = Arc::new(self.state.features.value.clone());
        let uses_weights = self.setup.problem.uses_weights();
        self.weights = uses_weights.then(|| Arc::new(self.state.weights.value.clone()));
        let bias = self.state.bias.as_ref().filter(|_| uses_weights && self.setup.problem.uses_raw());
        self.bias = bias.map(|bias| Arc::new(bias.value.clone()));
    }

    fn evaluate(&mut self) {
        let margins =
            if self.status == Status::Running { MarginsAt::Step(self.step) } else { MarginsAt::Mean };
        match self.engine.evaluate(margins) {
            Ok(evaluation) => self.take(&evaluation),
            Err(error) => self.fall_back(&error),
        }
    }

    fn take(&mut self, evaluation: &Evaluation) {
        let gradient = &evaluation.gradient;
        let finite = evaluation.terms.iter().all(|loss| loss.is_finite());
        if self.status != Status::Running && finite {
            self.terms.clone_from(&evaluation.terms);
            self.decay = self.decay_of_state();
            self.gradient_norm = Some(self.norm_with_decay(gradient));
            let loss = self.minimised();
            self.note(Sample { step: self.step, loss, floor: self.floor.value() });
        }
    }

    fn weighted(&self, terms: &[f64]) -> f64 {
        self.setup.problem.terms.iter().zip(terms).map(|(term, loss)| term.weight * loss).sum()
    }

    /// λ/2·‖·‖² of what decays.
    fn decay_of_state(&self) -> f64 {
        let decay = self.setup.problem.decay;
        let half = |m: &Matrix| m.data.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / 2.0;
        let weights = self.weights.as_ref().map_or(0.0, |w| decay.weights * half(w));
        let bias = self.bias.as_ref().map_or(0.0, |b| decay.bias * half(b));
        let features = match &self.state.network {
            Some(network) => network.penalty(decay),
            None => decay.features * half(&self.points),
        };
        features + weights + bias
    }

    fn norm_with_decay(&self, gradient: &crate::engine::Gradient) -> f64 {
        let decay = self.setup.problem.decay;
        let square = |slope: &[f64], at: &Matrix, lambda: f64| -> f64 {
            slope.iter().zip(&at.data).map(|(g, &x)| (g + lambda * f64::from(x)).powi(2)).sum()
        };
        let mut sum = match (&self.state.network, &gradient.network) {
            (Some(network), Some(gradient)) => network.squared_norm(gradient, decay),
            _ => square(&gradient.features, &self.points, decay.features),
        };
        if let (Some(slope), Some(at)) = (&gradient.weights, &self.weights) {
            sum += square(slope, at, decay.weights);
        }
        if let (Some(slope), Some(at)) = (&gradient.bias, &self.bias) {
            sum += square(slope, at, decay.bias);
        }
        sum.sqrt()
    }

    fn rate_at(&self, step: u64) -> f64 {
        self.setup.rate * self.setup.schedule.factor(step, self.experiment.steps)
    }

    /// Sets what can be set while the run goes on. What would need other data is refused in one sentence.
    pub fn change(&mut self, experiment: &Experiment) -> Result<(), String> {
        let before = self.experiment.clone();
        self.change_to(experiment)?;
        if before != self.experiment {
            self.timeline.changed(before);
        }
        Ok(())
    }

    fn change_to(&mut self, experiment: &Experiment) -> Result<(), String> {
        self.journey = None;
        self.edit(experiment)?;
        // What stopped before may go on under other settings.
        self.status = match &self.status {
            Status::Running | Status::Converged(_) => Status::Running,
            _ => Status::Paused,
        };
        self.read_back();
        Ok(())
    }

    /// What an analyst needs to know of the present state.
    pub fn job(&self) -> Job {
        let terms = &self.setup.problem.terms;
        let exam = |held: &Arc<Held>| {
            let labelled = self.setup.cast.labelled;
            // The analyst has one thread, and works on the processor whatever the engine is.
            let exam = Exam::new(&self.setup.problem, held, labelled, EngineKind::Cpu, None);
            let candidate = exam.candidate(&self.state);
            (exam, candidate)
        };
        Job {
            exam: self.setup.held.as_ref().map(exam),
            token: self.token,
            step: self.state.step,
            points: self.points.clone(),
            weights: self.weights.clone(),
            bias: self.bias.clone(),
            cast: self.setup.cast.clone(),
            brief: self.brief.clone(),
            loss: self.minimised(),
            gradient_norm: self.gradient_norm,
            cosine_scores: terms.iter().any(|term| term.objective.score() != Score::Raw),
            projection: self.chosen,
            previous: self.axes.clone().filter(|axes| axes.name == PROJECTIONS[self.chosen].name),
            seed: self.experiment.seed,
            plane: self.look.shown.plane,
            phase: self.look.phase,
            study: self.study_left(),
            law: self.law_left(),
        }
    }

    /// Takes what an analyst found.
    pub fn learn(&mut self, analysis: Analysis) {
        self.outdated = false;
        self.geometry = Arc::new(analysis.geometry);
        self.note_approach();
        self.learn_forces(analysis.studied, analysis.law);
        if analysis.projection != self.chosen {
            return;
        }
        if std::mem::take(&mut self.looks_elsewhere) {
            self.look_along(analysis.axes);
        } else if let Ok(axes) = analysis.axes {
            self.axes = Some(axes);
        }
    }

    /// What is minimised, as it is known by now.
    fn minimised(&self) -> f64 {
        self.weighted(&self.terms) + self.decay
    }

    /// Analyses the present state here and now.
    pub fn analyse(&mut self) {
        let analysis = analyse(&self.job());
        self.learn(analysis);
    }

    /// Whether the numbers are those of the present state.
    pub fn is_analysed(&self) -> bool {
        let known = self.geometry.step == self.state.step && !self.geometry.measured.values.is_empty();
        let same = self.geometry.loss.to_bits() == self.minimised().to_bits();
        known && same && !self.looks_elsewhere && !self.outdated && self.knows_forces()
    }

    /// Everything the screen shows of this run. Read back and analyse first for the newest.
    pub fn snapshot(&self) -> Snapshot {
        let losses = self.setup.problem.terms.iter().zip(&self.terms);
        let terms: Vec<TermLoss> = losses
            .map(|(term, &loss)| TermLoss { name: term.objective.name(), weight: term.weight, loss })
            .collect();
        Snapshot {
            experiment: self.experiment.clone(),
            start: self.timeline.start.experiment.clone(),
            edits: self.timeline.edits().clone(),
            time: self.time(),
            answered: 0,
            refusal: None,
            noted: None,
            analysed: self.is_analysed(),
            generation: 0,
            company: None,
            cast: self.setup.cast.clone(),
            status: self.status.clone(),
            step: self.state.step,
            loss: if self.terms.is_empty() { f64::NAN } else { self.minimised() },
            terms,
            decay: self.decay,
            gradient_norm: self.gradient_norm,
            rate: self.rate_at(self.step),
            floor: self.floor.clone(),
            brief: self.brief.clone(),
            history: Arc::new(self.timeline.line().history.curve()),
            points: self.points.clone(),
            weights: self.weights.clone(),
            bias: self.bias.clone(),
            picture: Arc::new(self.picture()),
            geometry: self.geometry.clone(),
            reached: self.reached(),
            inspection: self.inspection(),
            law: self.law().clone(),
            engine: self.engine.name(),
            adapter: self.engine.adapter().or_else(|| self.no_gpu.clone()),
            pace: Pace::default(),
            speed: 0.0,
            notices: Arc::new(self.notices.clone()),
        }
    }
}

mod abreast;
mod approach;
mod forces;
mod look;
mod time;

pub use forces::Wanted;

#[cfg(test)]
mod tests;
