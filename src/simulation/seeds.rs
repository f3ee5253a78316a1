//! A comparison from other seeds, on a thread of its own that stands back behind everything else: each run of it made
//! again with its edits at their steps, so that what is counted is what the screen would show.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::priority::{Rank, step_back};
use super::run::Run;
use crate::comparison::{Mark, Study, Trial};
use crate::engine::Divergence;
use crate::experiment::expression;
use crate::features::Matrix;
use crate::snapshot::{Replay, Seeds, Status};
use crate::theory::Members;

/// Measurements a trial takes on its way.
const MEASUREMENTS: u64 = 60;
/// Steps between two looks at whether to stop.
const STRETCH: u64 = 64;
/// The time between two words about progress.
const WORD: Duration = Duration::from_millis(120);

/// Runs to be made again from other seeds.
#[derive(Clone, Debug)]
pub struct Arms {
    /// The start and the edits of each, all to the same step.
    pub replays: Vec<Replay>,
    /// The line whose crossing is timed.
    pub mark: Option<Mark>,
}

impl Arms {
    /// What each is called: what it minimises in the end.
    pub fn names(&self) -> Vec<String> {
        let last = |replay: &Replay| {
            let before = replay.edits.iter().rev().find(|edit| edit.step <= replay.step);
            expression::print_in_full(&before.map_or(&replay.start, |edit| &edit.experiment).objective)
        };
        self.replays.iter().map(last).collect()
    }

    /// A study of these that has no seed yet.
    pub fn study(&self) -> Study {
        Study { names: self.names(), rows: Vec::new(), mark: self.mark.clone() }
    }

    /// The step they all go to.
    pub fn step(&self) -> u64 {
        self.replays.first().map_or(0, |replay| replay.step)
    }

    /// All of them from one seed, the `k`-th after their own; `goes_on` hears which share of that is done and says
    /// whether to go on. `None` when it was stopped. The rows of the trials are kept of the first seed alone: later
    /// ones are only counted.
    ///
    /// # Errors
    /// One sentence, when a start or an edit cannot be from that seed.
    pub fn from_seed(
        &self,
        k: u64,
        goes_on: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Option<Vec<Trial>>, String> {
        let mut row = Vec::new();
        for (arm, replay) in self.replays.iter().enumerate() {
            let share = |within: f64| (arm as f64 + within) / self.replays.len() as f64;
            let Some(mut trial) = trial(replay, k, &mut |within| goes_on(share(within)))? else {
                return Ok(None);
            };
            if k > 0 {
                (trial.points, trial.weights) = (Matrix::zeros(0, 0), None);
            }
            row.push(trial);
        }
        Ok(Some(row))
    }
}

/// One run from another seed.
fn trial(replay: &Replay, k: u64, goes_on: &mut dyn FnMut(f64) -> bool) -> Result<Option<Trial>, String> {
    let mut replay = replay.clone();
    for experiment in
        std::iter::once(&mut replay.start).chain(replay.edits.iter_mut().map(|edit| &mut edit.experiment))
    {
        experiment.seed = experiment.seed.wrapping_add(k);
        // The pool it runs in is one thread that stands back.
        experiment.threads = None;
    }
    let steps = replay.step;
    let every = steps.div_ceil(MEASUREMENTS).max(1);
    let begun = Instant::now();
    let mut run = Run::replaying(&replay)?;
    let mut measured = vec![(0, run.measured())];
    while run.is_travelling() {
        if !goes_on(run.step() as f64 / steps.max(1) as f64) {
            return Ok(None);
        }
        let to_mark = every - run.step() % every;
        run.travel(to_mark.min(STRETCH) as usize);
        if run.step().is_multiple_of(every) && run.step() < steps {
            measured.push((run.step(), run.measured()));
        }
    }
    run.read_back();
    let last = run.measured();
    if run.step() > 0 {
        measured.push((run.step(), last.clone()));
    }
    Ok(Some(run.trial(measured, last, begun.elapsed())))
}

impl Run {
    fn divergence(&self) -> Option<Divergence> {
        let Status::Diverged { step, term, .. } = &self.status else { return None };
        let terms = &self.experiment.objective;
        let term = term.as_ref().and_then(|name| terms.iter().position(|t| t.objective.name() == name));
        Some(Divergence { step: *step, term })
    }

    /// What a comparison wants to know of a run that has come to its end.
    fn trial(
        &self,
        measured: Vec<(u64, crate::geometry::Measurements)>,
        last: crate::geometry::Measurements,
        took: Duration,
    ) -> Trial {
        let snapshot = self.snapshot();
        let target = snapshot.brief.theory.target.as_ref().filter(|t| t.members == Members::Classes);
        Trial {
            seed: snapshot.experiment.seed,
            steps: snapshot.step,
            curve: snapshot.history.iter().map(|sample| [sample.step as f64, sample.loss]).collect(),
            measured,
            last,
            loss: snapshot.loss,
            target_angle: target.and_then(crate::theory::Target::least_angle),
            fit: snapshot.brief.fit(&snapshot.points, snapshot.weights.as_deref()),
            floor: snapshot.floor,
            weights: snapshot.weights.map(|weights| (*weights).clone()),
            points: (*snapshot.points).clone(),
            diverged: self.divergence(),
            why: match &self.status {
                Status::Diverged { why, .. } => why.as_deref().cloned(),
                _ => None,
            },
            engine: snapshot.engine,
            seconds: took.as_secs_f64(),
        }
    }
}

/// The other end of the thread. It stops when this is dropped.
pub(super) struct Sower {
    stop: Arc<AtomicBool>,
    /// How it stands, the newest last.
    pub(super) news: Receiver<Seeds>,
}

impl Sower {
    /// Runs `more` seeds after those of a study.
    pub(super) fn start(arms: Arms, study: Study, more: usize) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let (outbox, news) = unbounded();
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .thread_name(|_| "losslab-seeds".into())
            .start_handler(|_| step_back(Rank::Numbers))
            .build()
            .map_err(std::io::Error::other)?;
        let stopped = stop.clone();
        let sow = move || pool.install(|| sow(&arms, study, more, &stopped, &outbox));
        thread::Builder::new().name("losslab-sower".into()).spawn(sow)?;
        Ok(Self { stop, news })
    }

    /// Stops it soon.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

impl Drop for Sower {
    fn drop(&mut self) {
        self.stop();
    }
}

fn sow(arms: &Arms, mut study: Study, more: usize, stop: &AtomicBool, outbox: &Sender<Seeds>) {
    let (first, asked) = (study.rows.len(), study.rows.len() + more);
    let mut told = Instant::now();
    // Every word carries the trials that are there; they are shared, not copied, while no seed has come to its end.
    let mut shared = Arc::new(study.clone());
    let word = |study: &Arc<Study>, share: f64, running: bool, fault: Option<String>| {
        let _ = outbox.send(Seeds { step: arms.step(), asked, share, running, study: study.clone(), fault });
    };
    word(&shared, 0.0, true, None);
    for k in first..asked {
        let mut goes_on = |within: f64| {
            if told.elapsed() > WORD {
                told = Instant::now();
                word(&shared, ((k - first) as f64 + within) / more as f64, true, None);
            }
            !stop.load(Ordering::Relaxed)
        };
        match arms.from_seed(k as u64, &mut goes_on) {
            Ok(Some(row)) => {
                study.rows.push(row);
                shared = Arc::new(study.clone());
                word(&shared, (k + 1 - first) as f64 / more as f64, true, None);
            }
            Ok(None) => break,
            Err(sentence) => {
                return word(&shared, 1.0, false, Some(sentence));
            }
        }
    }
    word(&shared, 1.0, false, None);
}
