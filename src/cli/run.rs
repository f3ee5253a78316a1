//! `losslab run`: an experiment without a screen, and its run folder.

mod folder;
mod record;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value, json};

use super::eval::engine_failure;
use super::{Setup, number};
use crate::engine::cpu::CpuEngine;
use crate::engine::{Divergence, Engine, EngineError, MarginsAt, Problem, State};
use crate::experiment::start::{Asker, Start, engine, start};
use crate::experiment::{EngineKind, floor};
use crate::geometry::{Measurements, Sample, measure};
use crate::objectives::{Family, Floor, Score};
use record::Record;

/// How long the engine goes on between two looks at the clock.
const STRETCH: Duration = Duration::from_millis(50);
/// How often a line says how far it is, where nobody watches a bar.
const LINE: Duration = Duration::from_secs(5);
/// The exit code of a run that SIGINT ended.
const INTERRUPTED: u8 = 130;

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
    interrupted: bool,
}

/// Runs, prints, and returns the exit code.
pub fn run(arguments: Arguments) -> u8 {
    let document = match arguments.setup.document() {
        Ok(document) => document,
        Err(sentence) => return super::refuse(&sentence),
    };
    let out = arguments.out.or(document.out);
    let as_json = arguments.json || document.json.unwrap_or(false);
    let begun = match start(&document.experiment, Asker::Run) {
        Ok(begun) => begun,
        Err(error) => return super::refuse(&error.to_string()),
    };
    for notice in &begun.notices {
        super::complain(notice);
    }
    if let Some(out) = &out
        && let Err(error) = std::fs::create_dir_all(out)
    {
        return super::refuse(&format!("the folder {} could not be made: {error}", out.display()));
    }
    let mut record = Record::new(&begun);
    let ended = match go(&begun, &mut record, out.is_some()) {
        Ok(ended) => ended,
        Err(error) => {
            let (code, sentence) = engine_failure(&error);
            super::complain(&sentence);
            return code;
        }
    };
    let floor = floor::floor(&begun.problem, &begun.case);
    let measured = measure(&sample(&begun, &ended.state));
    let summary = summary(&begun, &ended, &floor, &measured);
    if let Some(out) = &out {
        record.measure(&begun, &ended.state);
        record.close(ended.state.step, &ended.terms, ended.loss);
        if let Err(sentence) = folder::write(out, &begun, &ended.state, ended.loss, &record, &floor, &summary)
        {
            return super::refuse(&sentence);
        }
    }
    if as_json {
        super::say(&format!("{summary}\n"));
    } else {
        super::say(&report(&begun, &ended, &floor, &measured, out.as_deref()));
    }
    if let Some(Divergence { step, term }) = &ended.diverged {
        let culprit = term.map_or("the update overflowed".to_owned(), |k| {
            format!("{} was not finite", begun.problem.terms[k].objective.name())
        });
        super::complain(&format!("diverged at step {step}: {culprit}; the state is the last finite one"));
        return super::DIVERGED;
    }
    if ended.interrupted { INTERRUPTED } else { super::FINE }
}

/// Makes the steps.
fn go(begun: &Start, record: &mut Record, measuring: bool) -> Result<Ended, EngineError> {
    let (mut runner, notices) = super::hushed(|| engine(&begun.experiment, begun))?;
    for notice in &notices {
        super::complain(notice);
    }
    let stop = Arc::new(AtomicBool::new(false));
    // Without the handler SIGINT ends the process at once, which loses nothing but the results.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::clone(&stop));
    let steps = begun.experiment.steps;
    let bar = bar(steps);
    let every = record.measures_every(runner.name());
    let (mut made, mut stretch) = (0, 1);
    let mut busy = Duration::ZERO;
    let mut said = Instant::now();
    let mut diverged = None;
    while made < steps && !stop.load(Ordering::Relaxed) {
        if measuring && made.is_multiple_of(every) {
            record.measure(begun, &runner.state()?);
        }
        let to_measure = if measuring { every - made % every } else { steps };
        let count = stretch.min(steps - made).min(to_measure);
        let rates: Vec<f64> =
            (made..made + count).map(|step| begun.rate * begun.schedule.factor(step, steps)).collect();
        let before = Instant::now();
        let advance = match runner.advance(&rates) {
            Err(EngineError::Device(why)) if begun.experiment.engine == EngineKind::Auto => {
                super::complain(&format!("the GPU gave up ({why}); the cpu engine goes on"));
                runner = fall_back(begun, record, made)?;
                continue;
            }
            advance => advance?,
        };
        let took = before.elapsed();
        busy += took;
        made += advance.records.len() as u64;
        record.extend(advance.records);
        bar.set_position(made);
        if !super::watched() && said.elapsed() > LINE {
            super::complain(&format!("step {made} of {steps}"));
            said = Instant::now();
        }
        if let Some(divergence) = advance.diverged {
            diverged = Some(divergence);
            break;
        }
        if took < STRETCH {
            stretch = (stretch * 2).min(1 << 12);
        } else if took > 2 * STRETCH && stretch > 1 {
            stretch /= 2;
        }
    }
    bar.finish_and_clear();
    let interrupted = made < steps && diverged.is_none();
    let state = runner.state()?;
    let terms = runner.evaluate(MarginsAt::Mean)?.terms;
    let data: f64 = begun.problem.terms.iter().zip(&terms).map(|(term, loss)| term.weight * loss).sum();
    Ok(Ended {
        loss: data + penalty(&begun.problem, &state),
        terms,
        state,
        seconds: busy.as_secs_f64(),
        engine: runner.name(),
        adapter: runner.adapter(),
        diverged,
        interrupted,
    })
}

/// A CPU engine that has made the steps of the lost one again: nothing of a lost device can be read.
fn fall_back(begun: &Start, record: &mut Record, made: u64) -> Result<Box<dyn Engine>, EngineError> {
    let mut cpu = CpuEngine::new(begun.problem.clone(), begun.state.clone(), begun.experiment.threads);
    let rates: Vec<f64> =
        (0..made).map(|step| begun.rate * begun.schedule.factor(step, begun.experiment.steps)).collect();
    let again = cpu.advance(&rates)?;
    record.replace(again.records);
    Ok(Box::new(cpu))
}

fn bar(steps: u64) -> ProgressBar {
    if !super::watched() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} step {pos} of {len}, {eta} to go");
    ProgressBar::new(steps).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// What decay adds to the loss at a state (sum form, as the engines take it).
fn penalty(problem: &Problem, state: &State) -> f64 {
    let half = |data: &[f32]| data.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>() / 2.0;
    let mut sum = problem.decay.features * half(&state.features.value.data);
    if problem.uses_weights() {
        sum += problem.decay.weights * half(&state.weights.value.data);
    }
    if let Some(bias) = state.bias.as_ref().filter(|_| problem.uses_raw()) {
        sum += problem.decay.bias * half(&bias.value.data);
    }
    sum
}

/// The rows of a state as metrics look at them.
fn sample<'a>(begun: &'a Start, state: &'a State) -> Sample<'a> {
    let class_terms = || begun.problem.terms.iter().filter(|term| term.objective.family() == Family::Class);
    let raw = class_terms().any(|term| term.objective.score() == Score::Raw);
    Sample {
        points: &state.features.value,
        labels: begun.labelled.then_some(begun.problem.labels.as_slice()),
        weights: begun.problem.uses_weights().then_some(&state.weights.value),
        bias: state.bias.as_ref().filter(|_| raw).map(|bias| bias.value.data.as_slice()),
        cosine_scores: !raw,
        class_sizes: None,
    }
}

fn summary(begun: &Start, ended: &Ended, floor: &Floor, measured: &Measurements) -> Value {
    let terms = begun.problem.terms.iter().zip(&ended.terms).map(|(term, &loss)| {
        json!({"name": term.objective.name(), "weight": number(term.weight), "loss": number(loss)})
    });
    let metrics: Map<String, Value> = measured
        .values
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.map_or(Value::Null, number)))
        .collect();
    let mut notes: Map<String, Value> =
        measured.notes.iter().map(|(key, reason)| ((*key).to_owned(), json!(reason))).collect();
    match floor {
        Floor::Unknown(reason) => {
            notes.insert("floor".into(), json!(reason));
        }
        Floor::Infimum { why, .. } => {
            notes.insert("floor".into(), json!(format!("an infimum: {why}")));
        }
        Floor::Proved { .. } => {}
    }
    let mut object = json!({
        "loss": number(ended.loss),
        "floor": floor.value().map_or(Value::Null, number),
        "terms": terms.collect::<Vec<_>>(),
        "steps": ended.state.step,
        "seconds": number(ended.seconds),
        "engine": ended.engine,
        "adapter": ended.adapter,
        "metrics": metrics,
        "notes": notes,
    });
    if let Some(Divergence { step, term }) = &ended.diverged {
        let term = term.map(|k| begun.problem.terms[k].objective.name());
        object["diverged"] = json!({"step": step, "term": term});
    }
    object
}

/// The same for a person.
fn report(
    begun: &Start,
    ended: &Ended,
    floor: &Floor,
    measured: &Measurements,
    out: Option<&std::path::Path>,
) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    let per_step = 1e3 * ended.seconds / ended.state.step.max(1) as f64;
    let adapter = ended.adapter.as_ref().map_or(String::new(), |adapter| format!(" ({adapter})"));
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{} steps in {:.2} s on the {} engine{adapter}, {per_step:.3} ms a step",
        ended.state.step, ended.seconds, ended.engine
    );
    let _ = writeln!(text, "loss   {:.6}", ended.loss);
    let _ = match floor {
        Floor::Proved { value, .. } => {
            writeln!(text, "floor  {value:.6}  (the loss is {:.1e} above it)", ended.loss - value)
        }
        Floor::Infimum { value, why } => writeln!(text, "floor  {value:.6}, never reached: {why}"),
        Floor::Unknown(reason) => writeln!(text, "floor  none: {reason}"),
    };
    if begun.problem.terms.len() > 1 {
        for (term, loss) in begun.problem.terms.iter().zip(&ended.terms) {
            let _ = writeln!(text, "  {} * {}  {loss:.6}", term.weight, term.objective.name());
        }
    }
    for (key, value) in &measured.values {
        if let Some(value) = value {
            let _ = writeln!(text, "  {key:22} {value:.6}");
        }
    }
    if let Some(out) = out {
        let _ = writeln!(text, "wrote {}", out.display());
    }
    text
}
