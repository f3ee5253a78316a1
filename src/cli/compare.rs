//! `losslab compare`: the same start, batches and steps under several objectives, over several seeds.
//!
//! What is compared and tested stands in [`crate::comparison`]; here it is run, printed and written.

mod files;
mod plain;
mod report;
mod scales;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

use super::eval::engine_failure;
use super::{FINE, INTERRUPTED, Setup, complain, hushed, refuse, watched};
use crate::comparison::trial::{self, Trial, TrialError};
use crate::comparison::{Kinship, Mark, Study, kinship, sign};
use crate::describe;
use crate::experiment::nearest::did_you_mean;
use crate::experiment::start::{Asker, Start, start};
use crate::experiment::{Experiment, Options, expression};
use crate::geometry::METRICS;
use crate::snapshot::Cast;

/// How many metrics a trial takes along the way.
const MEASUREMENTS: u64 = 400;
/// Objectives that can be told apart in one figure.
const MOST: usize = 8;

/// Arguments of `compare`.
#[derive(Debug, clap::Args)]
#[command(
    mut_arg("objective", |objective| objective.hide(true)),
    after_help = "One of the words may be an experiment file (NAME.toml): all runs start from it. Exit codes: \
                        0 fine; 2 wrong use; 3 a run diverged; 4 no GPU; 130 interrupted, with the finished seeds \
                        whole."
)]
pub struct Arguments {
    /// Two or more objectives, like "softmax" "arcface(margin=0.3)"; differences are against the first
    #[arg(value_name = "EXPR", required = true, num_args = 1..)]
    expressions: Vec<String>,
    /// Starts to run each objective from: seeds S, S+1, and so on; of fewer than 6 none can have p <= 0.05
    #[arg(long, value_name = "K", default_value_t = sign::fewest() as u64, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    seeds: u64,
    /// What to count steps to: METRIC<=X or METRIC>=X, like "nc1<=0.01" (the smallest class angle within 5 degrees of
    /// its target)
    #[arg(long, value_name = "BOUND")]
    mark: Option<String>,
    /// The folder for compare.png, compare.svg, compare.csv, differences.csv, compare.json and each experiment
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print JSON, last on stdout
    #[arg(long)]
    json: bool,
    /// Say it in plain sentences instead of a table
    #[arg(long, conflicts_with = "json")]
    plain: bool,
    #[command(flatten)]
    options: Options,
}

/// A comparison that has been run.
struct Compared {
    study: Study,
    /// The starts of the first seed, one an arm.
    starts: Vec<Start>,
    kinship: Kinship,
    /// That scales differ which nobody wrote, where they do.
    scales: Option<String>,
    /// Steps between two measurements.
    every: u64,
    /// Seeds that were asked for.
    seeds: u64,
    interrupted: bool,
}

/// Runs, prints, and returns the exit code.
pub fn run(arguments: Arguments) -> u8 {
    let (out, as_json, in_words) = (arguments.out.clone(), arguments.json, arguments.plain);
    if let Some(sentence) = out.as_deref().and_then(no_folder) {
        return refuse(&sentence);
    }
    if let Some(out) = &out
        && let Err(error) = std::fs::create_dir_all(out)
    {
        return refuse(&format!("the folder {} could not be made: {error}", out.display()));
    }
    let compared = match compare(arguments) {
        Ok(compared) => compared,
        Err((code, sentence)) => {
            complain(&sentence);
            return code;
        }
    };
    let summary = report::summary(&compared);
    if let Some(out) = &out
        && !compared.study.rows.is_empty()
        && let Err(sentence) = files::write(out, &compared, &summary)
    {
        return refuse(&sentence);
    }
    if as_json {
        super::say(&format!("{summary}\n"));
    } else if in_words {
        super::say(&(plain::sentences(&compared).join("\n") + "\n"));
    } else {
        super::say(&report::text(&compared, out.as_deref()));
    }
    ending(&compared, out.as_deref())
}

/// Why a path is meant as something else than a folder for many files: it has the name of a picture, and is no folder.
fn no_folder(out: &std::path::Path) -> Option<String> {
    const PICTURES: [&str; 8] = ["png", "svg", "gif", "jpg", "jpeg", "webp", "bmp", "pdf"];
    let extension = out.extension()?.to_str()?;
    let is_picture = PICTURES.iter().any(|picture| extension.eq_ignore_ascii_case(picture));
    (is_picture && !out.is_dir()).then(|| {
        format!(
            "--out is a folder, for compare.png, compare.svg, tables and each experiment; {} has the name of a picture",
            out.display()
        )
    })
}

/// The exit code, with its sentence.
fn ending(compared: &Compared, out: Option<&std::path::Path>) -> u8 {
    let study = &compared.study;
    if compared.interrupted {
        let done = study.rows.len();
        let left = match out {
            Some(out) if done > 0 => format!("{} holds them whole", out.display()),
            Some(_) => "nothing was written".to_owned(),
            None => "the table is of those".to_owned(),
        };
        complain(&format!("interrupted after {done} of {} seeds; {left}", compared.seeds));
        return INTERRUPTED;
    }
    for (k, name) in study.names.iter().enumerate() {
        if let Some(trial) = study.rows.iter().map(|row| &row[k]).find(|trial| trial.diverged.is_some()) {
            let cast = compared.starts.get(k).map(Cast::of).unwrap_or_default();
            let told = trial.why.as_ref().map(|why| format!(" {}", describe::divergence::told(why, &cast)));
            complain(&format!(
                "{name} diverged at step {} from seed {}; its numbers are of the last finite state.{}",
                trial.steps,
                trial.seed,
                told.unwrap_or_default()
            ));
            return super::DIVERGED;
        }
    }
    FINE
}

type Refusal = (u8, String);

fn wrong(sentence: impl Into<String>) -> Refusal {
    (super::WRONG, sentence.into())
}

fn compare(arguments: Arguments) -> Result<Compared, Refusal> {
    let Arguments { expressions, seeds, mark, options, .. } = arguments;
    if options.objective.is_some() {
        return Err(wrong("compare takes its objectives as words, without --objective"));
    }
    let is_file = |word: &String| {
        std::path::Path::new(word).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"))
    };
    let (files, expressions): (Vec<String>, Vec<String>) = expressions.into_iter().partition(is_file);
    if files.len() > 1 {
        return Err(wrong("compare starts from one experiment file at most"));
    }
    let setup = Setup { file: files.into_iter().next().map(PathBuf::from), options };
    let base = setup.document().map_err(wrong)?.experiment;
    if !(2..=MOST).contains(&expressions.len()) {
        let count = expressions.len();
        return Err(wrong(format!("compare takes 2 to {MOST} objectives, not {count}")));
    }
    let arms: Vec<Experiment> = expressions
        .iter()
        .map(|text| {
            let objective = expression::parse(text).map_err(|error| wrong(error.to_string()))?;
            Ok(Experiment { objective, ..base.clone() })
        })
        .collect::<Result<_, Refusal>>()?;
    let starts = begin(&arms, base.seed)?;
    for notice in starts.iter().flat_map(|start| &start.notices) {
        complain(notice);
    }
    let kinship = kinship(&starts.iter().map(|start| (&start.problem, &start.state)).collect::<Vec<_>>());
    if kinship == Kinship::Different {
        return Err(wrong("these objectives would not start alike, so their difference would mean nothing"));
    }
    let steps = base.steps;
    let every = steps.div_ceil(MEASUREMENTS).max(1);
    let mark = match mark {
        Some(text) => Some(parse_mark(&text)?),
        None => usual_mark(&starts),
    };
    let objectives: Vec<_> = arms.iter().map(|arm| arm.objective.clone()).collect();
    let scales = scales::unlike(&objectives, &expressions);
    let names = arms.iter().map(|arm| expression::print_in_full(&arm.objective)).collect();
    let mut compared = Compared {
        study: Study { names, rows: Vec::new(), mark },
        starts,
        kinship,
        scales,
        every,
        seeds,
        interrupted: false,
    };
    follow(&mut compared, &arms, &base)?;
    Ok(compared)
}

fn begin(arms: &[Experiment], seed: u64) -> Result<Vec<Start>, Refusal> {
    let one = |arm: &Experiment| start(&Experiment { seed, ..arm.clone() }, Asker::Run);
    arms.iter().map(|arm| one(arm).map_err(|error| wrong(error.to_string()))).collect()
}

/// Runs every arm from every seed, a seed at a time, so that what is interrupted is whole.
fn follow(compared: &mut Compared, arms: &[Experiment], base: &Experiment) -> Result<(), Refusal> {
    let stop = Arc::new(AtomicBool::new(false));
    let signal = signal_hook::consts::SIGINT;
    // A second one ends the process at once; without handlers so does the first.
    let _ =
        signal_hook::flag::register_conditional_shutdown(signal, i32::from(INTERRUPTED), Arc::clone(&stop));
    let _ = signal_hook::flag::register(signal, Arc::clone(&stop));
    let whole = compared.seeds * arms.len() as u64 * base.steps;
    let bar = bar(whole);
    let mut made = 0;
    for k in 0..compared.seeds {
        let seed = base.seed.wrapping_add(k);
        let starts = if k == 0 { compared.starts.clone() } else { begin(arms, seed)? };
        let mut row: Vec<Trial> = Vec::new();
        for (arm, start) in starts.iter().enumerate() {
            bar.set_message(format!("seed {seed}, {}", compared.study.names[arm]));
            let mut goes_on = |steps| {
                bar.set_position(made + steps);
                !stop.load(Ordering::Relaxed)
            };
            match hushed(|| trial::run(start, base.steps, compared.every, &mut goes_on)) {
                Ok(trial) => row.push(trial),
                Err(TrialError::Stopped) => {
                    bar.finish_and_clear();
                    compared.interrupted = true;
                    return Ok(());
                }
                Err(TrialError::Engine(error)) => return Err(engine_failure(&error)),
            }
            made += base.steps;
        }
        compared.study.rows.push(row);
        if !watched() && compared.seeds > 1 {
            complain(&format!("seed {seed} done, {} of {}", k + 1, compared.seeds));
        }
    }
    bar.finish_and_clear();
    Ok(())
}

fn bar(steps: u64) -> ProgressBar {
    if !watched() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {percent}%, {eta} to go, {msg}");
    ProgressBar::new(steps).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// A metric, a sign, a number.
fn parse_mark(text: &str) -> Result<Mark, Refusal> {
    let parts = [(">=", true), ("<=", false)].into_iter().find_map(|(sign, at_least)| {
        text.split_once(sign).map(|(key, value)| (key.trim(), at_least, value.trim()))
    });
    let Some((key, at_least, value)) = parts else {
        return Err(wrong(format!("--mark is written METRIC>=X or METRIC<=X, not \"{text}\"")));
    };
    let metric = METRICS.iter().find(|metric| metric.key == key && metric.cheap).ok_or_else(|| {
        let known = METRICS.iter().filter(|metric| metric.cheap).map(|metric| metric.key);
        wrong(format!("no metric along a run is called \"{key}\"{}", did_you_mean(key, known)))
    })?;
    let value = value.parse::<f64>().ok().filter(|x| x.is_finite());
    let value = value.ok_or_else(|| wrong(format!("--mark ends in a number, not \"{text}\"")))?;
    Ok(Mark { key: metric.key, at_least, value })
}

/// The mark that is used when none is given, where there are labels.
fn usual_mark(starts: &[Start]) -> Option<Mark> {
    let first = starts.first()?;
    Mark::usual(first.case.counts.len(), first.case.dim).filter(|_| first.labelled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_strictly() {
        assert_eq!(parse_mark("nc1 <= 0.01"), Ok(Mark { key: "nc1", at_least: false, value: 0.01 }));
        for (text, said) in [
            ("nc1", "METRIC>=X"),
            ("nc0>=1", "did you mean nc"),
            ("nc1>=x", "number"),
            ("nc1>=inf", "number"),
        ] {
            let (code, sentence) = parse_mark(text).unwrap_err();
            assert!(code == super::super::WRONG && sentence.contains(said), "{text}: {sentence}");
        }
    }

    #[test]
    fn the_usual_mark_follows_classes_and_dimensions() {
        let mark = |classes, dim| {
            let experiment = Experiment { classes: Some(classes), dim: Some(dim), ..Experiment::default() };
            usual_mark(&begin(&[experiment], 0).unwrap()).map(|mark| mark.value)
        };
        assert!((mark(4, 3).unwrap() - 104.471).abs() < 1e-3);
        assert_eq!(mark(5, 3), Some(85.0));
        assert_eq!(mark(7, 3), None);
    }
}
