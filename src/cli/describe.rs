//! `losslab describe`: what the screen would show, in plain sentences.

use std::path::{Path, PathBuf};

use crate::data::{self, ReadOptions, printable};
use crate::describe;
use crate::experiment::nearest::did_you_mean;
use crate::experiment::{Experiment, Model, Source, file};
use crate::features::Features;
use crate::geometry::projection::{self, PROJECTIONS};
use crate::geometry::{Classes, Sample, measure};
use crate::simulation::Run;
use crate::snapshot::Snapshot;

/// Arguments of `describe`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A run folder, a feature file, or an experiment file
    #[arg(value_name = "RUN_DIR|F.npz|EXPERIMENT.toml")]
    what: PathBuf,
    /// Run the experiment to this step, and describe that
    #[arg(long, value_name = "STEP")]
    at: Option<u64>,
    /// Look through this projection: `losslab list projections` names them
    #[arg(long, value_name = "NAME")]
    projection: Option<String>,
}

/// Steps made between two looks at the state.
const STRETCH: u64 = 1024;

/// Prints the sentences.
pub fn run(arguments: &Arguments) -> u8 {
    match sentences(&arguments.what, arguments.at, arguments.projection.as_deref()) {
        Ok(sentences) => {
            super::say(&(sentences.join("\n") + "\n"));
            super::FINE
        }
        Err(sentence) => super::refuse(&sentence),
    }
}

fn sentences(what: &Path, at: Option<u64>, projection: Option<&str>) -> Result<Vec<String>, String> {
    let looks = projection.map(place_of).transpose()?;
    let experiment = |path: &Path| file::read(path).map(|read| read.experiment).map_err(|e| e.to_string());
    if what.is_dir() {
        let experiment = experiment(&what.join("experiment.toml"))?;
        return match at {
            Some(step) => Ok(describe::sentences(&snapshot_at(&experiment, step, looks)?)),
            None => Ok(describe::sentences(&last_of(what, &experiment, looks)?)),
        };
    }
    if what.extension().is_some_and(|extension| extension == "toml") {
        let experiment = experiment(what)?;
        let step = at.unwrap_or(experiment.steps);
        return Ok(describe::sentences(&snapshot_at(&experiment, step, looks)?));
    }
    if at.is_some() {
        let sentence = "a feature file is one state and has no steps to go to: leave --at out";
        return Err(sentence.to_owned());
    }
    of_features(what, looks)
}

/// The state of an experiment after so many steps, or where it stops before that.
fn snapshot_at(experiment: &Experiment, steps: u64, looks: Option<usize>) -> Result<Snapshot, String> {
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
    run.read_back();
    if let Some(looks) = looks {
        run.project(looks);
    }
    run.analyse();
    Ok(run.snapshot())
}

/// The place of a projection in the registry.
fn place_of(name: &str) -> Result<usize, String> {
    let known = PROJECTIONS.iter().map(|kind| kind.name);
    let unknown =
        || format!("there is no projection {}{}", data::quoted(name), did_you_mean(name, known.clone()));
    projection::place(name).ok_or_else(unknown)
}

/// The last state of a run folder, as its files have it.
fn last_of(folder: &Path, experiment: &Experiment, looks: Option<usize>) -> Result<Snapshot, String> {
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
    run.read_back();
    if let Some(looks) = looks {
        run.project(looks);
    }
    run.analyse();
    let mut snapshot = run.snapshot();
    if let Some(step) = step {
        snapshot.step = step;
    }
    Ok(snapshot)
}

/// Features alone: no loss is known, only where they lie.
fn of_features(path: &Path, looks: Option<usize>) -> Result<Vec<String>, String> {
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
    said.extend(view_of(&features, looks));
    said.extend(features.notices.iter().map(|notice| format!("Warning: {}", describe::sentence(notice))));
    said.push("To try: losslab with --features and an objective, which moves these rows.".to_owned());
    Ok(said)
}

/// What a projection of features hides; why there is none, where it was asked for.
fn view_of(features: &Features, looks: Option<usize>) -> Option<String> {
    let kind = looks.map_or(projection::default_for(features.points.cols), |looks| PROJECTIONS[looks]);
    let labels = features.labels.as_deref();
    let classes = labels.and_then(|labels| Classes::new(&features.points, labels).ok());
    let source =
        projection::Source { classes: classes.as_ref(), ..projection::Source::of_points(&features.points) };
    match (kind.build)(&source) {
        Ok(made) => {
            let names = features.label_names.as_deref().unwrap_or_default();
            let called = |label: u32| names.get(label as usize).cloned().unwrap_or_else(|| label.to_string());
            let plane = made.plane.map(|plane| plane.map(called));
            Some(describe::selection::view_words(
                made.name,
                plane.as_ref(),
                made.notice.as_deref(),
                made.hidden,
            ))
        }
        Err(why) => looks.map(|_| format!("The projection {} cannot be made: {why}.", kind.name)),
    }
}
