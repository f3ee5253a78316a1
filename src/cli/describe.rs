//! `losslab describe`: what the screen would show, in plain sentences.

use std::path::{Path, PathBuf};

use super::reading::Reading;
use super::{mistyped, source};
use crate::data::{self, ReadOptions, printable};
use crate::describe;
use crate::experiment::nearest::did_you_mean;
use crate::experiment::{Experiment, Model, Source, file};
use crate::features::Features;
use crate::geometry::projection::{self, PROJECTIONS};
use crate::geometry::{Classes, Sample, measure};
use crate::share::{carried, looks_like_one};
use crate::simulation::Run;
use crate::snapshot::{Request, Shown, Snapshot};

/// Arguments of `describe`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A run folder, a feature file, or an experiment: a file, a preset, a share string, an export
    #[arg(value_name = "RUN_DIR|F.npz|EXPERIMENT.toml")]
    what: PathBuf,
    /// Run the experiment to this step, and describe that
    #[arg(long, value_name = "STEP")]
    at: Option<u64>,
    /// Look through this projection: `losslab list projections` names them
    #[arg(long, value_name = "NAME")]
    projection: Option<String>,
    /// Say who pulls this row too
    #[arg(long, value_name = "ROW")]
    point: Option<u32>,
    /// How a feature file is read.
    #[command(flatten)]
    reading: Reading,
}

/// Steps made between two looks at the state.
const STRETCH: u64 = 1024;

/// Prints the sentences.
pub fn run(arguments: &Arguments) -> u8 {
    match sentences(arguments) {
        Ok(sentences) => {
            super::say(&(sentences.join("\n") + "\n"));
            super::FINE
        }
        Err(sentence) => super::refuse(&sentence),
    }
}

/// What is to be seen of a state.
#[derive(Clone, Copy)]
struct Look {
    /// The place of a projection in the registry.
    projection: Option<usize>,
    /// A row whose forces are told.
    point: Option<u32>,
}

fn sentences(arguments: &Arguments) -> Result<Vec<String>, String> {
    let Arguments { what, at, projection, point, reading } = arguments;
    let (what, at) = (what.as_path(), *at);
    let look = Look { projection: projection.as_deref().map(place_of).transpose()?, point: *point };
    let experiment = |path: &Path| file::read(path).map(|read| read.experiment).map_err(|e| e.to_string());
    if what.is_dir() {
        let experiment = experiment(&what.join("experiment.toml"))?;
        return match at {
            Some(step) => Ok(describe::sentences(&snapshot_at(&experiment, step, look)?)),
            None => Ok(describe::sentences(&last_of(what, &experiment, look)?)),
        };
    }
    if is_moment(what) {
        return Ok(describe::sentences(&moment(what, at, look)?));
    }
    if what.extension().is_some_and(|extension| extension == "toml") {
        let experiment = experiment(what)?;
        let step = at.unwrap_or(experiment.steps);
        return Ok(describe::sentences(&snapshot_at(&experiment, step, look)?));
    }
    if at.is_some() {
        let sentence = "a feature file is one state and has no steps to go to: leave --at out";
        return Err(sentence.to_owned());
    }
    if point.is_some() {
        return Err("features alone have no loss, and nobody pulls their rows: leave --point out".to_owned());
    }
    of_features(what, look.projection, &reading.options())
}

/// Whether this is a share string or a preset, or a file that is there to be looked at and carries a string. The state in an archive
/// stands for itself.
fn is_moment(what: &Path) -> bool {
    let is_archive = what.extension().is_some_and(|end| end.eq_ignore_ascii_case("npz"));
    let is_preset = || matches!(mistyped::as_preset(what), Some(Ok(_)));
    what.to_str().is_some_and(looks_like_one) || !is_archive && carried::may_carry(what) || is_preset()
}

/// The moment of a share string, or a step of its run that was asked for: edits and all.
fn moment(what: &Path, at: Option<u64>, look: Look) -> Result<Snapshot, String> {
    let mut document = source::document(what)?;
    source::find_features(&mut document)?;
    let step = at.or(document.step).unwrap_or(document.experiment.steps);
    let mut run = Run::replayed(&document.experiment, &document.edits, step)?;
    let look = Look {
        projection: look.projection.or(document.view.projection.as_deref().and_then(projection::place)),
        point: look.point.or(document.view.picked),
    };
    if let Some(phase) = document.view.phase {
        run.tour_to(phase);
    }
    run.show(Shown { plane: document.view.plane, ..Shown::default() });
    look_at(&mut run, look)?;
    Ok(run.snapshot())
}

/// The state of an experiment after so many steps, or where it stops before that.
fn snapshot_at(experiment: &Experiment, steps: u64, look: Look) -> Result<Snapshot, String> {
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
    look_at(&mut run, look)?;
    Ok(run.snapshot())
}

/// Measures a state, and asks who pulls a row of it.
fn look_at(run: &mut Run, look: Look) -> Result<(), String> {
    run.read_back();
    let rows = run.cast().labels.len();
    if let Some(row) = look.point.filter(|row| *row as usize >= rows) {
        return Err(format!("there is no row {row}: rows go from 0 to {}", rows.saturating_sub(1)));
    }
    if let Some(place) = look.projection {
        run.project(place);
    }
    run.want(&Request::Inspect(look.point));
    run.analyse();
    Ok(())
}

/// The place of a projection in the registry.
fn place_of(name: &str) -> Result<usize, String> {
    let known = PROJECTIONS.iter().map(|kind| kind.name);
    let unknown =
        || format!("there is no projection {}{}", data::quoted(name), did_you_mean(name, known.clone()));
    projection::place(name).ok_or_else(unknown)
}

/// The last state of a run folder, as its files have it.
fn last_of(folder: &Path, experiment: &Experiment, look: Look) -> Result<Snapshot, String> {
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
    look_at(&mut run, look)?;
    let mut snapshot = run.snapshot();
    if let Some(step) = step {
        snapshot.step = step;
    }
    Ok(snapshot)
}

/// Features alone: no loss is known, only where they lie.
fn of_features(path: &Path, looks: Option<usize>, options: &ReadOptions) -> Result<Vec<String>, String> {
    let features = data::read(path, options).map_err(|error| error.to_string())?;
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
