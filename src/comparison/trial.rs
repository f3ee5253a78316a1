//! One run of a comparison: so many steps of one experiment from its start, its loss along the way, shared metrics at
//! evenly spaced steps, and everything about its end.

use std::time::{Duration, Instant};

use crate::engine::cpu::CpuEngine;
use crate::engine::{Diagnosis, Divergence, Engine, EngineError, MarginsAt};
use crate::experiment::EngineKind;
use crate::experiment::start::{Start, engine};
use crate::features::Matrix;
use crate::geometry::{Measurements, measure, measure_cheap};
use crate::objectives::Floor;
use crate::theory::Brief;
use crate::theory::{Fit, Members};

/// How long an engine goes on before somebody may stop it.
const STRETCH: Duration = Duration::from_millis(50);
/// Steps between two words about progress at most.
const MOST: u64 = 1 << 10;

/// A run that has come to its end.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The seed of its start and batches.
    pub seed: u64,
    /// Steps made.
    pub steps: u64,
    /// The loss (decay included) at every step.
    pub curve: Vec<[f64; 2]>,
    /// The cheap metrics at evenly spaced steps, the end among them.
    pub measured: Vec<(u64, Measurements)>,
    /// Every metric at the end.
    pub last: Measurements,
    /// The loss at the end, over all data, decay included.
    pub loss: f64,
    /// What is proved about the least loss.
    pub floor: Floor,
    /// The least angle of the proved arrangement of classes, in degrees.
    pub target_angle: Option<f64>,
    /// The proved arrangement laid over the end.
    pub fit: Option<Fit>,
    /// N×d rows at the end.
    pub points: Matrix,
    /// C×d class weights at the end, where a term uses them.
    pub weights: Option<Matrix>,
    /// Where it broke off, if it did.
    pub diverged: Option<Divergence>,
    /// Who made that step impossible, where it was looked for.
    pub why: Option<Diagnosis>,
    /// The engine that ran it.
    pub engine: &'static str,
    /// The time its steps took.
    pub seconds: f64,
}

/// Why there is no trial.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Somebody asked to stop before its end.
    #[error("stopped before its end")]
    Stopped,
}

/// Runs `begun` for `steps` steps, measuring every `every` of them. `goes_on` hears how many steps are made and says
/// whether to go on.
///
/// # Errors
/// [`TrialError`]; a device that is lost under `auto` is no error: the run begins again on the processor.
pub fn run(
    begun: &Start,
    steps: u64,
    every: u64,
    goes_on: &mut dyn FnMut(u64) -> bool,
) -> Result<Trial, TrialError> {
    let (runner, _) = engine(&begun.experiment, &begun.problem, begun.state.clone())?;
    let on_gpu = runner.name() == "gpu";
    match follow(begun, runner, steps, every, goes_on) {
        Err(TrialError::Engine(EngineError::Device(_)))
            if on_gpu && begun.experiment.engine == EngineKind::Auto =>
        {
            let threads = begun.experiment.threads;
            let cpu = Box::new(CpuEngine::new(begun.problem.clone(), begun.state.clone(), threads));
            follow(begun, cpu, steps, every, goes_on)
        }
        end => end,
    }
}

fn follow(
    begun: &Start,
    mut runner: Box<dyn Engine>,
    steps: u64,
    every: u64,
    goes_on: &mut dyn FnMut(u64) -> bool,
) -> Result<Trial, TrialError> {
    let weighted = |terms: &[f64]| -> f64 {
        begun.problem.terms.iter().zip(terms).map(|(term, loss)| term.weight * loss).sum()
    };
    let every = every.max(1);
    let (mut made, mut stretch, mut busy) = (0, 1, Duration::ZERO);
    let (mut curve, mut measured, mut diverged) = (Vec::new(), Vec::new(), None);
    while made < steps && diverged.is_none() {
        if !goes_on(made) {
            return Err(TrialError::Stopped);
        }
        if made.is_multiple_of(every) {
            runner.show(&mut |state| measured.push((made, measure_cheap(&begun.sample(state)))))?;
        }
        let count = stretch.min(steps - made).min(every - made % every);
        let rate = |step| begun.rate * begun.schedule.factor(step, steps);
        let rates: Vec<f64> = (made..made + count).map(rate).collect();
        let before = Instant::now();
        let advance = runner.advance(&rates)?;
        let took = before.elapsed();
        busy += took;
        made += advance.records.len() as u64;
        let point =
            |record: &crate::engine::Record| [record.step as f64, weighted(&record.terms) + record.decay];
        curve.extend(advance.records.iter().map(point));
        diverged = advance.diverged;
        if took < STRETCH {
            stretch = (stretch * 2).min(MOST);
        } else if took > 2 * STRETCH && stretch > 1 {
            stretch /= 2;
        }
    }
    let why = match &diverged {
        Some(at) => {
            let rate = begun.rate * begun.schedule.factor(at.step, steps);
            runner.explain(&begun.problem, at, rate, begun.experiment.threads)?
        }
        None => None,
    };
    let terms = runner.losses(MarginsAt::Mean)?;
    let name = runner.name();
    let mut state = runner.release()?;
    state.forget_moments();
    let loss = weighted(&terms) + begun.penalty(&state);
    curve.push([made as f64, loss]);
    let brief = Brief::new(&begun.experiment, &begun.problem, &begun.case);
    let sample = begun.sample(&state);
    let last = measure(&sample);
    let fit = brief.fit(&state.features.value, sample.weights);
    measured.push((made, last.clone()));
    let target = brief.theory.target.as_ref().filter(|target| target.members == Members::Classes);
    Ok(Trial {
        seed: begun.experiment.seed,
        steps: made,
        curve,
        measured,
        last,
        loss,
        target_angle: target.and_then(crate::theory::Target::least_angle),
        floor: brief.theory.floor,
        fit,
        weights: begun.problem.uses_weights().then_some(state.weights.value),
        points: state.features.value,
        diverged,
        why,
        engine: name,
        seconds: busy.as_secs_f64(),
    })
}
