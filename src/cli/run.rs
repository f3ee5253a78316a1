//! `losslab run`: an experiment without a screen, and its run folder.

mod drive;
mod folder;
mod legs;
mod record;
mod report;

pub(in crate::cli) use report::INFIMUM;

use std::path::PathBuf;

use super::Setup;
use super::eval::engine_failure;
use crate::describe;
use crate::engine::{Diagnosis, Divergence, State};
use crate::experiment::holdout;
use crate::experiment::start::Start;
use crate::geometry::{Measurements, measure};
use crate::snapshot::Cast;
use crate::theory::remarks::{Situation, remarks};
use crate::theory::{Brief, Fit};
use legs::Leg;
use record::Record;
use serde_json::Value;

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    setup: Setup,
    /// Write a run folder: experiment, curves, final state, summary, figures
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print JSON, last on stdout
    #[arg(long)]
    json: bool,
}

/// A run that has ended, one way or the other.
struct Ended {
    state: State,
    /// Loss of each term, unweighted, at the state, over all data, at the mean margin.
    terms: Vec<f64>,
    /// What is minimised: weighted terms and decay.
    loss: f64,
    seconds: f64,
    engine: &'static str,
    adapter: Option<String>,
    diverged: Option<Divergence>,
    /// Who made that step impossible.
    why: Option<Diagnosis>,
    interrupted: bool,
    /// Why the engine is not the one the run began on.
    fallen: Option<String>,
}

/// Runs, prints, and returns the exit code.
pub fn run(arguments: Arguments) -> u8 {
    let document = match arguments.setup.document() {
        Ok(document) => document,
        Err(sentence) => return super::refuse(&sentence),
    };
    let out = arguments.out.or_else(|| document.out.clone());
    let as_json = arguments.json || document.json.unwrap_or(false);
    let mut legs = match legs::legs(&document) {
        Ok(legs) => legs,
        Err(error) => return super::refuse(&error.to_string()),
    };
    for notice in legs.iter().flat_map(|leg| &leg.begun.notices) {
        super::complain(notice);
    }
    if let Some(out) = &out
        && let Err(error) = std::fs::create_dir_all(out)
    {
        return super::refuse(&format!("the folder {} could not be made: {error}", out.display()));
    }
    let steps = document.step.unwrap_or(document.experiment.steps);
    let mut record = Record::new(&legs[0].begun, steps);
    // One state at a time: where rows and classes are many it is most of what is in memory.
    let state = std::mem::take(&mut legs[0].begun.state);
    let mut ended = match drive::run(&legs, steps, state, &mut record, out.is_some()) {
        Ok(ended) => ended,
        Err(error) => {
            let (code, sentence) = engine_failure(&error);
            super::complain(&sentence);
            return code;
        }
    };
    ended.state.forget_moments();
    let share = legs::share(&document, &legs, ended.state.step);
    legs.truncate(legs.iter().rposition(|leg| leg.from <= ended.state.step).unwrap_or(0) + 1);
    let edited = legs.len() > 1;
    let Some(Leg { begun, .. }) = legs.pop() else { return super::WRONG };
    let seen = look(&begun, &ended, &record);
    let mut summary = report::summary(&begun, &ended, &seen);
    summary["share"] = share.clone().map_or(Value::Null, Value::String);
    if let Some(out) = &out {
        record.measure(&begun, &ended.state);
        record.close(ended.state.step, &ended.terms, ended.loss);
        if let Some(sampled) = record.sampled() {
            summary["notes"]["curves"] = sampled.into();
        }
        let carried = folder::Carried { share, edited };
        if let Err(sentence) = folder::write(out, &begun, &ended, &record, &seen, &summary, &carried) {
            return super::refuse(&sentence);
        }
    }
    if as_json {
        super::say(&format!("{summary}\n"));
    } else {
        super::say(&report::text(&begun, &ended, &seen, out.as_deref()));
    }
    if let Some(Divergence { step, term }) = &ended.diverged {
        if let Some(why) = &ended.why {
            let told = describe::divergence::told(why, &Cast::of(&begun));
            super::complain(&format!("diverged at step {step}: {told} The state is the last finite one."));
            return super::DIVERGED;
        }
        let culprit = term.map_or("the update overflowed".to_owned(), |k| {
            format!("{} was not finite", begun.problem.terms[k].objective.name())
        });
        super::complain(&format!("diverged at step {step}: {culprit}; the state is the last finite one"));
        return super::DIVERGED;
    }
    if ended.interrupted {
        super::complain(&interrupted(&ended, begun.experiment.steps, out.as_deref()));
        return super::INTERRUPTED;
    }
    super::FINE
}

/// What is seen of the last state, beside what is proved.
struct Seen {
    brief: Brief,
    measured: Measurements,
    /// The target laid over the state.
    fit: Option<Fit>,
    /// Why the state is not where theory puts it.
    remarks: Vec<String>,
}

fn look(begun: &Start, ended: &Ended, record: &Record) -> Seen {
    let brief = Brief::new(&begun.experiment, &begun.problem, &begun.case);
    let sample = begun.sample(&ended.state);
    let mut measured = measure(&sample);
    match holdout::judge(begun, &ended.state) {
        Ok(judged) => report::add_holdout(&mut measured, judged),
        Err(error) => super::complain(&error.to_string()),
    }
    let (points, weights) = (&ended.state.features.value, &ended.state.weights.value);
    brief.certify(&mut measured, points, weights, sample.bias);
    let remarks = remarks(&Situation {
        problem: &begun.problem,
        case: &begun.case,
        floor: &brief.theory.floor,
        loss: ended.loss,
        begun: record.first_loss(),
        points,
        weights,
        frame_distance: measured.get("nc2_etf_distance"),
        gradient_norm: record.last_gradient_norm(),
    });
    let fit = brief.fit(points, sample.weights);
    Seen { brief, measured, fit, remarks }
}

/// What is said where there is no run folder.
const UNKEPT: &str = "nothing was written: --out DIR keeps a run";

/// What is said of a run that SIGINT ended, and of what it leaves.
fn interrupted(ended: &Ended, planned: u64, out: Option<&std::path::Path>) -> String {
    let left = match out {
        Some(out) => format!("{} is whole, with the state so far", out.display()),
        None => UNKEPT.to_owned(),
    };
    format!("interrupted at step {} of {planned}; {left}", ended.state.step)
}
