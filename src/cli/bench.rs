//! `losslab bench`: what [`crate::bench`] measures, as a table or as JSON. What is measured, and how, lives there.
//!
//! Gradients are checked in this process; each time is taken in one of its own, whose memory nothing else has used.

mod alone;
mod table;

use std::time::Duration;

use clap::ValueEnum;
use serde_json::{Value, json};

use super::number;
use crate::bench::machine::Machine;
use crate::bench::{self, BenchError, Checked, Limits, Measured, WORKLOADS, Work, Workload};
use crate::engine::cpu::CpuEngine;
use crate::engine::gpu::{Choice, GpuEngine};
use crate::engine::reference::ReferenceEngine;
use crate::engine::{Engine, EngineError, Problem, State};

/// How long each of the two limits is measured.
const LIMIT: Duration = Duration::from_millis(800);
/// Most seconds a workload may be given.
const LONGEST: f64 = 3600.0;

/// Arguments of `bench`.
#[derive(Clone, Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Arguments {
    /// Which engines: without it the cpu, and the GPU where a real one is found
    #[arg(long, value_enum, value_name = "E")]
    engine: Option<Which>,
    /// Only this workload, a number of --list; may be given several times
    #[arg(long = "workload", value_name = "K")]
    workloads: Vec<usize>,
    /// How long each workload is timed on each engine
    #[arg(long, value_name = "S", default_value_t = 1.0)]
    seconds: f64,
    /// Threads of the cpu engine and of the limits: all of them without it
    #[arg(long, value_name = "T")]
    threads: Option<usize>,
    /// Leave out what the machine can do at most, and with it the share of it
    #[arg(long)]
    no_limits: bool,
    /// Print the workloads, and measure nothing
    #[arg(long)]
    list: bool,
    /// Print one JSON object: machine, limits and rows
    #[arg(long)]
    json: bool,
    /// Time the workload in this process, unchecked, and print what was found: what this command starts
    #[arg(long, hide = true)]
    alone: bool,
}

/// Which engines are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Which {
    /// The fast engine of the processor
    Cpu,
    /// Any adapter, software included
    Gpu,
    /// The f64 yardstick, on the workloads it can hold
    Reference,
    /// All three, the GPU where there is an adapter
    All,
}

/// One engine to measure.
enum Runner {
    Cpu(usize),
    Gpu(Box<GpuEngine>),
    Reference,
}

impl Runner {
    fn name(&self) -> &'static str {
        match self {
            Self::Cpu(_) => "cpu",
            Self::Gpu(_) => "gpu",
            Self::Reference => "reference",
        }
    }

    fn make(&self, problem: Problem, state: &State) -> Result<Box<dyn Engine>, EngineError> {
        Ok(match self {
            Self::Cpu(threads) => Box::new(CpuEngine::new(problem, state.clone(), Some(*threads))),
            Self::Gpu(open) => Box::new(open.beside(&problem, state)?),
            Self::Reference => Box::new(ReferenceEngine::new(problem, state)),
        })
    }
}

/// One line of the result.
struct Line {
    /// From 1.
    number: usize,
    workload: Workload,
    engine: &'static str,
    work: Work,
    found: Result<Found, Missing>,
}

/// What is known of a line that has a time.
struct Found {
    /// The gradient's error, and where it was looked at; nothing for the reference itself.
    checked: Option<Checked>,
    measured: Measured,
}

/// Why a line has no time.
enum Missing {
    /// It was not tried.
    Skipped(String),
    /// It was tried and is wrong or failed.
    Failed(String),
}

impl Line {
    /// The share of the limit that a median step reaches, where both are known. The limits are the processor's.
    fn share(&self, limits: Option<&Limits>) -> Option<f64> {
        let found = self.found.as_ref().ok().filter(|_| self.engine == "cpu")?;
        Some(self.work.least_seconds(limits?)? / found.measured.timing.median)
    }

    /// A count of the model as a rate: so many a second.
    fn rate(&self, count: Option<f64>) -> Option<f64> {
        Some(count? / self.found.as_ref().ok()?.measured.timing.median)
    }
}

/// Measures and prints. Exit code 1 when a gradient was wrong or a workload failed.
pub fn run(arguments: &Arguments) -> u8 {
    if arguments.list {
        super::say(&if arguments.json { format!("{}\n", listed()) } else { table::workloads() });
        return super::FINE;
    }
    let chosen = match chosen(arguments) {
        Ok(chosen) => chosen,
        Err(sentence) => return super::refuse(&sentence),
    };
    let machine = Machine::this(arguments.threads);
    let runners = match super::hushed(|| runners(arguments.engine, machine.threads)) {
        Ok(runners) => runners,
        Err(error) => {
            let (code, sentence) = super::eval::engine_failure(&error);
            super::complain(&sentence);
            return code;
        }
    };
    if arguments.alone {
        return alone::serve(&chosen, &runners, arguments);
    }
    if cfg!(debug_assertions) {
        super::complain(
            "this is a debug build; a release build is faster, and its times are the ones to quote",
        );
    }
    let limits = (!arguments.no_limits).then(|| Limits::measure(machine.threads, LIMIT));
    if !arguments.json {
        super::say(&table::head(&machine, limits.as_ref()));
    }
    let mut lines = Vec::new();
    for number in chosen {
        for runner in &runners {
            let line = measure(number, runner, arguments);
            if !arguments.json {
                super::say(&table::row(&line, limits.as_ref()));
            }
            lines.push(line);
        }
    }
    if arguments.json {
        super::say(&format!("{}\n", to_json(&machine, limits.as_ref(), &lines)));
    } else {
        super::say(&table::foot(&lines));
    }
    let failures: Vec<&str> = lines
        .iter()
        .filter_map(|line| match &line.found {
            Err(Missing::Failed(why)) => Some(why.as_str()),
            _ => None,
        })
        .collect();
    for why in &failures {
        super::complain(why);
    }
    if failures.is_empty() { super::FINE } else { FAILED }
}

/// A check failed.
const FAILED: u8 = 1;

/// The numbers of the workloads asked for, each once, in order.
fn chosen(arguments: &Arguments) -> Result<Vec<usize>, String> {
    let count = WORKLOADS.len();
    if let Some(wrong) = arguments.workloads.iter().find(|k| !(1..=count).contains(*k)) {
        return Err(format!("there is no workload {wrong}: they are numbered 1 to {count} (see --list)"));
    }
    if !(arguments.seconds > 0.0 && arguments.seconds <= LONGEST) {
        return Err(format!("--seconds must be above 0 and at most {LONGEST}, not {}", arguments.seconds));
    }
    if let Some(threads) = arguments.threads
        && !(1..=1024).contains(&threads)
    {
        return Err(format!("--threads must be 1 to 1024, not {threads}"));
    }
    Ok((1..=count).filter(|k| arguments.workloads.is_empty() || arguments.workloads.contains(k)).collect())
}

fn runners(which: Option<Which>, threads: usize) -> Result<Vec<Runner>, EngineError> {
    let gpu = |choice| {
        let (problem, state) = WORKLOADS[0].start();
        GpuEngine::new(problem, &state, choice).map(|open| Runner::Gpu(Box::new(open)))
    };
    let cpu = Runner::Cpu(threads);
    Ok(match which {
        // Having no GPU is the common case and no news.
        None => std::iter::once(cpu).chain(gpu(Choice::Real).ok()).collect(),
        Some(Which::Cpu) => vec![cpu],
        Some(Which::Gpu) => vec![gpu(Choice::Any)?],
        Some(Which::Reference) => vec![Runner::Reference],
        Some(Which::All) => {
            std::iter::once(cpu).chain(gpu(Choice::Any).ok()).chain([Runner::Reference]).collect()
        }
    })
}

/// Checks a workload on an engine, then times it.
fn measure(number: usize, runner: &Runner, arguments: &Arguments) -> Line {
    let workload = WORKLOADS[number - 1];
    let found = if matches!(runner, Runner::Reference) && !bench::fits_reference(&workload) {
        let (n, m) = (workload.rows, workload.candidates());
        Err(Missing::Skipped(format!("the reference keeps every score, {n}×{m} here: too many")))
    } else {
        let failed = |why: String| Missing::Failed(format!("workload {number} on {}: {why}", runner.name()));
        let make = |problem: Problem, state: &State| runner.make(problem, state);
        bench::check(&workload, &make)
            .map_err(|error| match error {
                BenchError::Engine(EngineError::Unsupported(why)) => Missing::Skipped(why),
                error => failed(error.to_string()),
            })
            .and_then(|checked| {
                let measured = alone::ask(number, runner.name(), arguments).map_err(failed)?;
                Ok(Found { checked, measured })
            })
    };
    Line { number, workload, engine: runner.name(), work: Work::of(&workload), found }
}

/// The workloads as JSON.
fn listed() -> Value {
    WORKLOADS.iter().enumerate().map(|(i, workload)| named(i + 1, workload)).collect()
}

fn named(number: usize, workload: &Workload) -> Value {
    let Workload { objective, rows, classes, dim } = *workload;
    json!({"workload": number, "objective": objective, "n": rows, "c": classes, "d": dim})
}

fn to_json(machine: &Machine, limits: Option<&Limits>, lines: &[Line]) -> Value {
    let rows: Vec<Value> = lines.iter().map(|line| row(line, limits)).collect();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "machine": {
            "processor": machine.processor,
            "target": machine.target,
            "simd": machine.simd,
            "threads": machine.threads,
            "available_threads": machine.available,
            "debug_build": cfg!(debug_assertions),
        },
        "limits": limits.map(|limits| json!({
            "gflops": number(limits.operations / 1e9),
            "gexps": number(limits.exponentials / 1e9),
        })),
        "rows": rows,
    })
}

fn row(line: &Line, limits: Option<&Limits>) -> Value {
    let mut row = named(line.number, &line.workload);
    let optional = |x: Option<f64>| x.map_or(Value::Null, number);
    row["engine"] = json!(line.engine);
    row["model"] = json!(line.work.kind.name());
    row["operations"] = optional(line.work.operations);
    row["exponentials"] = optional(line.work.exponentials);
    match &line.found {
        Ok(found) => {
            let Measured { adapter, timing, peak_resident, .. } = &found.measured;
            row["adapter"] = json!(adapter);
            row["median_s"] = number(timing.median);
            row["min_s"] = number(timing.minimum);
            row["steps"] = json!(timing.steps);
            row["gflops"] = optional(line.rate(line.work.operations).map(|x| x / 1e9));
            row["gexps"] = optional(line.rate(line.work.exponentials).map(|x| x / 1e9));
            row["share_of_limit"] = optional(line.share(limits));
            row["peak_resident_bytes"] = json!(peak_resident);
            row["gradient_error"] = optional(found.checked.map(|checked| checked.error));
            row["checked_n"] = json!(found.checked.map(|checked| checked.rows));
            row["checked_c"] = json!(found.checked.map(|checked| checked.classes));
        }
        Err(Missing::Skipped(why)) => row["skipped"] = json!(why),
        Err(Missing::Failed(why)) => row["failed"] = json!(why),
    }
    row
}
