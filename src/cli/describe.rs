//! `losslab describe`: what the screen would show, in plain sentences.

use std::path::{Path, PathBuf};

use crate::data::{self, ReadOptions, printable};
use crate::describe;
use crate::experiment::{Experiment, Model, Source, file};
use crate::geometry::{Sample, measure};
use crate::simulation::Run;
use crate::snapshot::{Request, Snapshot};

/// Arguments of `describe`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A run folder, a feature file, or an experiment file
    #[arg(value_name = "RUN_DIR|F.npz|EXPERIMENT.toml")]
    what: PathBuf,
    /// Run the experiment to this step, and describe that
    #[arg(long, value_name = "STEP")]
    at: Option<u64>,
    /// Say who pulls this row too
    #[arg(long, value_name = "ROW")]
    point: Option<u32>,
}

/// Steps made between two looks at the state.
const STRETCH: u64 = 1024;

/// Prints the sentences.
pub fn run(arguments: &Arguments) -> u8 {
    match sentences(&arguments.what, arguments.at, arguments.point) {
        Ok(sentences) => {
            super::say(&(sentences.join("\n") + "\n"));
            super::FINE
        }
        Err(sentence) => super::refuse(&sentence),
    }
}

fn sentences(what: &Path, at: Option<u64>, point: Option<u32>) -> Result<Vec<String>, String> {
    let experiment = |path: &Path| file::read(path).map(|read| read.experiment).map_err(|e| e.to_string());
    if what.is_dir() {
        let experiment = experiment(&what.join("experiment.toml"))?;
        return match at {
            Some(step) => Ok(describe::sentences(&snapshot_at(&experiment, step, point)?)),
            None => Ok(describe::sentences(&last_of(what, &experiment, point)?)),
        };
    }
    if what.extension().is_some_and(|extension| extension == "toml") {
        let experiment = experiment(what)?;
        let step = at.unwrap_or(experiment.steps);
        return Ok(describe::sentences(&snapshot_at(&experiment, step, point)?));
    }
    if at.is_some() {
        let sentence = "a feature file is one state and has no steps to go to: leave --at out";
        return Err(sentence.to_owned());
    }
    if point.is_some() {
        return Err("features alone have no loss, and nobody pulls their rows: leave --point out".to_owned());
    }
    of_features(what)
}

/// The state of an experiment after so many steps, or where it stops before that.
fn snapshot_at(experiment: &Experiment, steps: u64, point: Option<u32>) -> Result<Snapshot, String> {
    let mut run = Run::new(experiment)?;
    run.go();
    while run.step() < steps && run.can_go() {
        let before = run.step();
        run.advance((steps - run.step()).min(STRETCH) as usize);
        if run.step() == before {
            break;
        }
    }
    run.pause();
    look_at(&mut run, point)?;
    Ok(run.snapshot())
}

/// Measures a state, and asks who pulls a row of it.
fn look_at(run: &mut Run, point: Option<u32>) -> Result<(), String> {
    run.read_back();
    let rows = run.cast().labels.len();
    if let Some(row) = point.filter(|row| *row as usize >= rows) {
        return Err(format!("there is no row {row}: rows go from 0 to {}", rows.saturating_sub(1)));
    }
    run.want(&Request::Inspect(point));
    run.analyse();
    Ok(())
}

/// The last state of a run folder, as its files have it.
fn last_of(folder: &Path, experiment: &Experiment, point: Option<u32>) -> Result<Snapshot, String> {
    let path = folder.join("final.npz");
    let step = data::read(&path, &ReadOptions::default()).map_err(|error| error.to_string())?.step;
    let free = experiment.model == Model::Free;
    // The rows as they ended stand for themselves; the decay of a network is not theirs.
    let ended = Experiment {
        objective: experiment.objective.clone(),
        source: Source::File(path),
        weight_decay: if free { experiment.weight_decay } else { 0.0 },
        weight_decay_weights: if free { experiment.weight_decay_weights } else { 0.0 },
        weight_decay_bias: if free { experiment.weight_decay_bias } else { 0.0 },
        bias: experiment.bias,
        constraint: experiment.constraint,
        seed: experiment.seed,
        engine: crate::experiment::EngineKind::Cpu,
        threads: experiment.threads,
        max_array_bytes: experiment.max_array_bytes,
        ..Experiment::default()
    };
    let mut run = Run::new(&ended)?;
    look_at(&mut run, point)?;
    let mut snapshot = run.snapshot();
    if let Some(step) = step {
        snapshot.step = step;
    }
    Ok(snapshot)
}

/// Features alone: no loss is known, only where they lie.
fn of_features(path: &Path) -> Result<Vec<String>, String> {
    let features = data::read(path, &ReadOptions::default()).map_err(|error| error.to_string())?;
    let classes = features.labels.as_deref().map(|labels| {
        let mut labels = labels.to_vec();
        labels.sort_unstable();
        labels.dedup();
        labels.len()
    });
    let of = match classes {
        None => "without labels".to_owned(),
        Some(1) => "of 1 class".to_owned(),
        Some(classes) => format!("of {classes} classes"),
    };
    let mut said = vec![format!(
        "{} holds {} rows {of} in {} dimensions.",
        printable(&path.to_string_lossy()),
        features.points.rows,
        features.points.cols
    )];
    said.extend(describe::geometry(&measure(&Sample::from(&features)), None));
    said.extend(features.notices.iter().map(|notice| format!("Warning: {}", describe::sentence(notice))));
    said.push("To try: losslab with --features and an objective, which moves these rows.".to_owned());
    Ok(said)
}
