//! A lesson without a screen: its pages in order, on the engine of the lab, and whether every taught fact is true and
//! false where it should be.

use std::collections::BTreeMap;

use super::{Check, LOOK_EVERY, Lesson, Outcome, Page, quantity};
use crate::experiment::Experiment;
use crate::simulation::Run;
use crate::snapshot::Status;

/// What came of a check.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The page, from 1.
    pub page: usize,
    /// The line of the check.
    pub line: usize,
    /// The fact in words.
    pub says: String,
    /// Every claim with its measured value.
    pub outcomes: Vec<Outcome>,
    /// Steps of the page that were made.
    pub steps: u64,
    /// Whether the fact came true.
    pub holds: bool,
    /// Whether it stayed false under the settings that refute it; `None` where none are named.
    pub refuted: Option<bool>,
    /// What stopped the run, if something did.
    pub stopped: Option<String>,
}

impl Verdict {
    /// Whether all is as the lesson says.
    pub fn passes(&self) -> bool {
        self.holds && self.refuted != Some(false)
    }
}

/// Measures every check of a lesson.
///
/// # Errors
/// One sentence when a run of it cannot start.
pub fn examine(lesson: &Lesson) -> Result<Vec<Verdict>, String> {
    let mut verdicts = Vec::new();
    let mut run: Option<Run> = None;
    for (number, page) in lesson.pages.iter().enumerate() {
        let told = |sentence: String| format!("{}, page {}: {sentence}", lesson.name, number + 1);
        let mut verdict = play(page, &page.runs, &mut run).map_err(told)?;
        if let Some(verdict) = &mut verdict {
            verdict.page = number + 1;
            let check = page.check.as_ref().filter(|check| !check.fails_with.is_empty());
            if let Some(check) = check {
                let mut other = None;
                let there = play(
                    &Page { restart: true, at: Vec::new(), ..page.clone() },
                    &check.fails_with,
                    &mut other,
                )
                .map_err(told)?;
                verdict.refuted = there.map(|there| !there.holds);
            }
        }
        verdicts.extend(verdict);
    }
    Ok(verdicts)
}

/// Plays a page with these runs; the last run is what the next page goes on from.
fn play(
    page: &Page,
    runs: &[(String, Experiment)],
    last: &mut Option<Run>,
) -> Result<Option<Verdict>, String> {
    let mut known = BTreeMap::new();
    let mut verdict = None;
    for (place, (name, experiment)) in runs.iter().enumerate() {
        let mut run = match last.take() {
            Some(mut run) if !page.restart => {
                run.change(experiment)?;
                run
            }
            _ => Run::new(experiment)?,
        };
        if let Some(check) = &page.check {
            let finds = place + 1 == runs.len();
            let steps = advance(page, check, &mut run, name, &mut known, finds && runs.len() == 1);
            if finds {
                let outcomes = check
                    .outcomes(&|run, name| known.get(&(run.map(str::to_owned), name.to_owned())).copied());
                let stopped = match &run.snapshot().status {
                    Status::Diverged { step, .. } => Some(format!("diverged at step {step}")),
                    Status::Failed(why) => Some(why.clone()),
                    _ => None,
                };
                verdict = Some(Verdict {
                    page: 0,
                    line: check.line,
                    says: check.says.clone(),
                    holds: outcomes.iter().all(|outcome| outcome.holds),
                    outcomes,
                    steps,
                    refuted: None,
                    stopped,
                });
            }
        }
        *last = Some(run);
    }
    Ok(verdict)
}

type Known = BTreeMap<(Option<String>, String), f64>;

/// Runs until the check holds (`early`), or for all of its steps; the last values stay in `known`.
fn advance(page: &Page, check: &Check, run: &mut Run, name: &str, known: &mut Known, early: bool) -> u64 {
    let begins = run.step();
    let mut changes = page.at.iter().peekable();
    loop {
        let made = run.step() - begins;
        while let Some((_, experiment)) = changes.next_if(|(step, _)| *step <= made) {
            if let Err(sentence) = run.change(experiment) {
                run.notices.push(sentence);
            }
        }
        let ends = made >= check.steps || !run.can_go();
        if ends || (early && made >= check.after && changes.peek().is_none()) {
            look(check, run, name, known);
            let holds = check.claims.iter().all(|claim| {
                claim
                    .outcome(&|run, name| known.get(&(run.map(str::to_owned), name.to_owned())).copied())
                    .holds
            });
            if ends || (early && holds) {
                return made;
            }
        }
        let next = changes.peek().map_or(check.steps, |(step, _)| *step).min(check.steps);
        let steps = LOOK_EVERY.min(next - made).max(1);
        run.advance(steps as usize);
        if run.step() - begins == made && run.can_go() {
            return made;
        }
    }
}

/// Measures what the check names of this run.
fn look(check: &Check, run: &mut Run, name: &str, known: &mut Known) {
    run.read_back();
    run.analyse();
    let snapshot = run.snapshot();
    for (of, what) in check.names() {
        if of.as_deref().unwrap_or_default() == name {
            let value = quantity::quantity(&snapshot, &what);
            let key = (of, what);
            match value {
                Some(value) => known.insert(key, value),
                None => known.remove(&key),
            };
        }
    }
}
