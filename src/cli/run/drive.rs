//! The steps of a run: in stretches, with a bar, until the end, SIGINT, or a loss that is not finite.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::Ended;
use super::legs::Leg;
use super::record::Record;
use crate::cli::{complain, hushed, watched};
use crate::engine::cpu::CpuEngine;
use crate::engine::{Diagnosis, Divergence, Engine, EngineError, MarginsAt, State};
use crate::experiment::EngineKind;
use crate::experiment::start::{Start, engine};

/// How long the engine goes on between two looks at the clock.
const STRETCH: Duration = Duration::from_millis(50);
/// Steps of a stretch at most, however fast they are.
const MOST: u64 = 1 << 12;
/// How often a line says how far it is, where nobody watches a bar.
const LINE: Duration = Duration::from_secs(5);
/// How often the state of a device that may be lost is kept.
const KEPT: Duration = Duration::from_secs(1);

/// Makes so many steps of a run on the engine it asks for.
///
/// # Errors
/// What the engine says, where no other engine may take over.
pub(super) fn run(
    legs: &[Leg],
    steps: u64,
    state: State,
    record: &mut Record,
    measuring: bool,
) -> Result<Ended, EngineError> {
    let begun = &legs[0].begun;
    // What a GPU may be lost from; the CPU is not.
    let kept = (begun.experiment.engine == EngineKind::Auto).then(|| state.clone());
    let (runner, notices) = hushed(|| engine(&begun.experiment, &begun.problem, state))?;
    for notice in &notices {
        complain(notice);
    }
    let stop = Arc::new(AtomicBool::new(false));
    // Without the handler SIGINT ends the process at once, which loses nothing but the results.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::clone(&stop));
    let drive = Drive {
        legs,
        leg: 0,
        steps,
        record,
        measuring,
        kept: kept.filter(|_| runner.name() == "gpu"),
        made: 0,
        fallen: notices.into_iter().next(),
        runner,
        busy: Duration::ZERO,
        bar: bar(steps),
    };
    drive.whole(&stop)
}

struct Drive<'a> {
    legs: &'a [Leg],
    /// The leg that runs.
    leg: usize,
    /// Steps to make.
    steps: u64,
    record: &'a mut Record,
    /// Whether metrics along the way are wanted.
    measuring: bool,
    runner: Box<dyn Engine>,
    /// The last state that has left an engine that may be lost: where another one would go on.
    kept: Option<State>,
    /// Steps made.
    made: u64,
    fallen: Option<String>,
    /// The time the engine took for steps.
    busy: Duration,
    bar: ProgressBar,
}

impl<'a> Drive<'a> {
    fn whole(mut self, stop: &AtomicBool) -> Result<Ended, EngineError> {
        loop {
            match self.steps(stop).and_then(|diverged| self.end(diverged)) {
                Err(EngineError::Device(why)) if self.may_fall_back() => self.fall_back(&why),
                end => return end,
            }
        }
    }

    fn begun(&self) -> &'a Start {
        &self.legs[self.leg].begun
    }

    /// Begins the next leg where its step has come; says how many steps the present one has left.
    fn turn(&mut self) -> Result<u64, EngineError> {
        while let Some(next) = self.legs.get(self.leg + 1) {
            if next.from > self.made {
                return Ok(next.from.min(self.steps) - self.made);
            }
            let mut state = self.runner.state()?;
            next.take_over(&mut state, &self.begun().problem);
            self.runner.set_problem(&next.begun.problem)?;
            self.runner.set_state(&state)?;
            self.record.turn_to(&next.begun);
            self.leg += 1;
        }
        Ok(self.steps - self.made)
    }

    /// Makes the steps that are left.
    fn steps(&mut self, stop: &AtomicBool) -> Result<Option<Divergence>, EngineError> {
        let steps = self.steps;
        let every = self.record.measures_every(self.runner.name());
        let mut stretch = 1;
        let (mut said, mut kept) = (Instant::now(), Instant::now());
        loop {
            let left = self.turn()?;
            if left == 0 || stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let (made, begun) = (self.made, self.begun());
            let measures = self.measuring && made.is_multiple_of(every);
            if self.may_fall_back() && (measures || kept.elapsed() > KEPT) {
                let state = self.kept.insert(self.runner.state()?);
                kept = Instant::now();
                if measures {
                    self.record.measure(begun, state);
                }
            } else if measures {
                self.runner.show(&mut |state| self.record.measure(begun, state))?;
            }
            let to_measure = if self.measuring { every - made % every } else { steps };
            let count = stretch.min(left).min(to_measure);
            let rate = |step| begun.rate * begun.schedule.factor(step, begun.experiment.steps);
            let rates: Vec<f64> = (made..made + count).map(rate).collect();
            let before = Instant::now();
            let advance = self.runner.advance(&rates)?;
            let took = before.elapsed();
            self.busy += took;
            self.made += advance.records.len() as u64;
            self.record.extend(advance.records);
            self.bar.set_position(self.made);
            if !watched() && said.elapsed() > LINE {
                complain(&format!("step {} of {steps}", self.made));
                said = Instant::now();
            }
            if advance.diverged.is_some() {
                return Ok(advance.diverged);
            }
            if took < STRETCH {
                stretch = (stretch * 2).min(MOST);
            } else if took > 2 * STRETCH && stretch > 1 {
                stretch /= 2;
            }
        }
    }

    /// The state that was reached, and its loss over all data at the mean margin.
    fn end(&mut self, diverged: Option<Divergence>) -> Result<Ended, EngineError> {
        let why = match &diverged {
            Some(at) => self.explain(at)?,
            None => None,
        };
        let problem = &self.begun().problem;
        let terms = self.runner.losses(MarginsAt::Mean)?;
        let state = self.runner.release()?;
        self.bar.finish_and_clear();
        let data: f64 = problem.terms.iter().zip(&terms).map(|(term, loss)| term.weight * loss).sum();
        Ok(Ended {
            loss: data + self.begun().penalty(&state),
            terms,
            interrupted: state.step < self.steps && diverged.is_none(),
            state,
            seconds: self.busy.as_secs_f64(),
            engine: self.runner.name(),
            adapter: self.runner.adapter(),
            diverged,
            why,
            fallen: self.fallen.take(),
        })
    }

    /// Who made a step impossible.
    fn explain(&mut self, at: &Divergence) -> Result<Option<Diagnosis>, EngineError> {
        let begun = &self.legs[self.leg].begun;
        let rate = begun.rate * begun.schedule.factor(at.step, begun.experiment.steps);
        self.runner.explain(&begun.problem, at, rate, begun.experiment.threads)
    }

    /// Whether the CPU may take over: a GPU that nobody demanded.
    fn may_fall_back(&self) -> bool {
        self.begun().experiment.engine == EngineKind::Auto
            && self.runner.name() == "gpu"
            && self.kept.is_some()
    }

    /// Goes on with the CPU from the last state that is known.
    fn fall_back(&mut self, why: &str) {
        let kept = self.kept.take().unwrap_or_default();
        let step = kept.step;
        self.made = step;
        let sentence = format!("the GPU gave up ({why}); the cpu engine goes on from step {step}");
        complain(&sentence);
        self.fallen = Some(sentence);
        self.record.rewind(step);
        self.leg = self.legs.iter().rposition(|leg| leg.from <= step).unwrap_or(0);
        let begun = self.begun();
        self.record.turn_to(begun);
        let threads = begun.experiment.threads;
        self.runner = Box::new(CpuEngine::new(begun.problem.clone(), kept, threads));
    }
}

fn bar(steps: u64) -> ProgressBar {
    if !watched() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} step {pos} of {len}, {eta} to go");
    ProgressBar::new(steps).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Advance, Evaluation, Problem};
    use crate::experiment::Experiment;
    use crate::experiment::start::Asker;

    /// The CPU engine under the name of a GPU that is lost once it has made so many steps.
    struct Fragile {
        inner: CpuEngine,
        left: usize,
    }

    impl Fragile {
        fn lost<T>() -> Result<T, EngineError> {
            Err(EngineError::Device("unplugged".into()))
        }
    }

    impl Engine for Fragile {
        fn name(&self) -> &'static str {
            "gpu"
        }
        fn evaluate(&mut self, margins: MarginsAt) -> Result<Evaluation, EngineError> {
            if self.left == 0 { Self::lost() } else { self.inner.evaluate(margins) }
        }
        fn advance(&mut self, rates: &[f64]) -> Result<Advance, EngineError> {
            self.left = self.left.saturating_sub(rates.len());
            if self.left == 0 { Self::lost() } else { self.inner.advance(rates) }
        }
        fn state(&mut self) -> Result<State, EngineError> {
            if self.left == 0 { Self::lost() } else { self.inner.state() }
        }
        fn set_state(&mut self, state: &State) -> Result<(), EngineError> {
            self.inner.set_state(state)
        }
        fn set_problem(&mut self, problem: &Problem) -> Result<(), EngineError> {
            self.inner.set_problem(problem)
        }
    }

    fn drive(kind: EngineKind, lost_after: usize) -> (Result<Ended, EngineError>, String) {
        let experiment = Experiment { steps: 300, batch: Some(30), engine: kind, ..Experiment::default() };
        let leg = Leg::new(0, &experiment, Asker::Run).unwrap();
        let begun = &leg.begun;
        let mut record = Record::new(begun, 300);
        let (inner, kept) =
            (CpuEngine::new(begun.problem.clone(), begun.state.clone(), None), begun.state.clone());
        let legs = [leg];
        let drive = Drive {
            legs: &legs,
            leg: 0,
            steps: 300,
            record: &mut record,
            measuring: true,
            runner: Box::new(Fragile { inner, left: lost_after }),
            kept: Some(kept),
            made: 0,
            fallen: None,
            busy: Duration::ZERO,
            bar: ProgressBar::hidden(),
        };
        let ended = drive.whole(&AtomicBool::new(false));
        let csv = record.csv();
        let losses: Vec<String> =
            csv.lines().map(|line| line.split(',').take(2).collect::<Vec<_>>().join(",")).collect();
        (ended, losses.join("\n"))
    }

    #[test]
    fn a_lost_device_is_followed_by_the_cpu_from_the_last_state_and_nothing_is_doubled() {
        let (whole, curve) = drive(EngineKind::Auto, usize::MAX);
        let whole = whole.unwrap();
        assert_eq!((whole.engine, whole.fallen.is_none(), whole.state.step), ("gpu", true, 300));
        for lost_after in [1, 150, 300] {
            let (ended, again) = drive(EngineKind::Auto, lost_after);
            let ended = ended.unwrap();
            assert_eq!(ended.engine, "cpu");
            assert!(ended.fallen.unwrap().contains("unplugged"));
            assert_eq!(ended.state, whole.state, "lost after {lost_after}");
            assert_eq!(again, curve, "lost after {lost_after}");
        }
        let (ended, _) = drive(EngineKind::Auto, 150);
        let said = ended.unwrap().fallen.unwrap();
        assert!(said.ends_with("from step 128"), "not from the start: {said}");
    }

    #[test]
    fn a_device_that_was_demanded_is_not_replaced() {
        let (ended, _) = drive(EngineKind::Gpu, 150);
        assert_eq!(ended.err(), Some(EngineError::Device("unplugged".into())));
    }
}
