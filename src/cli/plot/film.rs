//! `losslab plot … --out run.gif`: a run made anew without a screen, as a film. SIGINT ends it with what there is.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use super::PlotArgs;
use crate::app::Camera;
use crate::cli::{complain, watched};
use crate::data::write::atomic_write_bytes;
use crate::experiment::{Experiment, file};
use crate::figure::Size;
use crate::portrait::film::{Plan, Progress, Spread, make};
use crate::share::carried;

/// How a film goes.
#[derive(Args, Clone, Debug, Default)]
pub struct FilmArgs {
    /// How long a film is at most, in seconds; 10 if not said
    #[arg(long, value_name = "S")]
    pub seconds: Option<f64>,
    /// Frames a second; 20 if not said
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=50))]
    pub fps: Option<u32>,
    /// How the frames lie along the steps
    #[arg(long, value_enum)]
    pub spread: Option<Along>,
}

/// How frames lie along the steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Along {
    /// As many steps between any two frames
    Even,
    /// Every step at first, ever more between frames later (the usual way: most happens early)
    Log,
}

/// Whether a name is that of a film.
pub(super) fn is_asked_for(out: &Path) -> bool {
    out.extension().is_some_and(|end| end.eq_ignore_ascii_case("gif"))
}

/// Makes the film and writes it; what the user should know.
pub(super) fn write(args: &PlotArgs) -> Result<Vec<String>, String> {
    let path = args.source.as_deref().ok_or("a film needs a run folder or an experiment file")?;
    let experiment = experiment(path)?;
    let plan = plan(args, experiment.steps)?;
    let camera = Camera::default();
    let stop = Arc::new(AtomicBool::new(false));
    // Without the handler SIGINT ends the process at once, which loses nothing but the film.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::clone(&stop));
    let bar = bar();
    let mut cut = false;
    let map = plan.projection.is_some_and(|kind| kind.name == "mollweide");
    let film = make(&experiment, &[], &plan, &|p| camera.see(p, map), &mut |progress| {
        match progress {
            Progress::Steps(at, of) => show(&bar, "step", at, of),
            Progress::Frames(at, of) => show(&bar, "frame", at as u64, of as u64),
        }
        // The first word ends the run, and what was seen of it is drawn; the next one ends the drawing.
        let stopped = stop.swap(false, Ordering::Relaxed);
        cut |= stopped;
        !stopped
    })?;
    bar.finish_and_clear();
    atomic_write_bytes(&args.out, &film.bytes).map_err(|error| error.to_string())?;
    let size = film.bytes.len() as f64 / 1e6;
    let mut notices = Vec::new();
    if cut {
        notices.push(format!("ended early: {} frames of {} steps are in the film", film.frames, film.steps));
    } else if watched() {
        notices.push(format!("{} frames of {} steps, {size:.1} MB", film.frames, film.steps));
    }
    Ok(notices)
}

fn plan(args: &PlotArgs, steps: u64) -> Result<Plan, String> {
    let usual = Plan::of(steps);
    let fps = args.film.fps.unwrap_or(usual.fps);
    let seconds = args.film.seconds.unwrap_or(10.0);
    if !(0.1..=120.0).contains(&seconds) {
        return Err(format!("a film lasts 0.1 to 120 seconds, not {seconds}"));
    }
    Ok(Plan {
        fps,
        frames: ((seconds * f64::from(fps)).round() as usize).max(2),
        spread: if args.film.spread == Some(Along::Even) { Spread::Even } else { Spread::Log },
        size: super::size(args, usual.size).and_then(small_enough)?,
        theme: args.theme.into(),
        projection: super::kind(args.projection.as_deref())?,
        plane: super::plane(args, None)?,
        metadata: carried::metadata(super::share_of(args).as_deref()),
        ..usual
    })
}

fn small_enough(size: Size) -> Result<Size, String> {
    if u64::from(size.width()) * u64::from(size.height()) > 2_100_000 {
        return Err("a film has at most 1920x1080 pixels".into());
    }
    Ok(size)
}

/// The experiment of a run folder, or of a file.
fn experiment(path: &Path) -> Result<Experiment, String> {
    let path = if path.is_dir() { path.join("experiment.toml") } else { path.to_owned() };
    file::read(&path).map(|document| document.experiment).map_err(|error| error.to_string())
}

fn bar() -> ProgressBar {
    if !watched() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {msg} {pos} of {len}, {eta} to go");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn show(bar: &ProgressBar, what: &'static str, at: u64, of: u64) {
    if bar.message() != what {
        // What frames take has nothing to do with what steps took.
        bar.reset_eta();
        bar.set_message(what);
        if !watched() {
            complain(&format!("{what}s…"));
        }
    }
    bar.set_length(of);
    bar.set_position(at);
}
