//! Being looked at: the state read back, what is measured of it, and the snapshot of it all.

use std::sync::Arc;

use super::Run;
use crate::engine::{Evaluation, MarginsAt};
use crate::experiment::EngineKind;
use crate::experiment::holdout::Exam;
use crate::experiment::start::Held;
use crate::features::Matrix;
use crate::geometry::projection::PROJECTIONS;
use crate::objectives::Score;
use crate::simulation::analysis::{Analysis, Job, analyse};
use crate::snapshot::{Pace, Sample, Snapshot, Status, TermLoss};

impl Run {
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

    pub(super) fn fetch(&mut self) {
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

    pub(super) fn evaluate(&mut self) {
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

    pub(super) fn weighted(&self, terms: &[f64]) -> f64 {
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

    /// What is minimised, as it is known by now.
    pub(super) fn minimised(&self) -> f64 {
        self.weighted(&self.terms) + self.decay
    }

    /// What an analyst needs to know of the present state.
    pub fn job(&self) -> Job {
        let terms = &self.setup.problem.terms;
        let unchanged = self.timeline.edits().is_empty();
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
            begun: unchanged.then(|| self.timeline.line().history.first().map(|first| first.loss)).flatten(),
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
