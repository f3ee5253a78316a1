//! `losslab plot`: a figure of a run folder or a feature file. What a figure looks like lives in
//! [`crate::figure`]; this file finds the numbers for it.

mod curves;
mod features;
mod force;
mod lengths;
mod source;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::data::write::atomic_write_bytes;
use crate::experiment::expression;
use crate::experiment::nearest::did_you_mean;
use crate::figure::{Figure, Format, Size, render_with_metadata};
use crate::geometry::projection::{self, PROJECTIONS, ProjectionKind};
use crate::share::carried;

/// Draw a figure of a run or of your own features
#[derive(Args, Clone, Debug)]
pub struct PlotArgs {
    /// A run folder, or a feature file (.npz, .npy or .csv); the force figure of given objectives needs none
    #[arg(value_name = "RUN_DIR|F.npz", required_unless_present = "objective")]
    pub source: Option<PathBuf>,
    /// Where to write it: a name that ends in .png or .svg
    #[arg(long, value_name = "FIG.png|.svg")]
    pub out: PathBuf,
    /// What to draw
    #[arg(long, value_enum, default_value = "projection")]
    pub figure: FigureKind,
    /// Width and height in pixels
    #[arg(long, value_name = "WxH", default_value = "800x600")]
    pub size: Size,
    /// How points are projected: `losslab list projections` names the ways
    #[arg(long, value_name = "NAME")]
    pub projection: Option<String>,
    /// An objective for the force figure; may be given several times
    #[arg(long, value_name = "EXPR")]
    pub objective: Vec<String>,
    /// With the gram figure: how far each cosine is from that of the proved arrangement (of a file: the simplex)
    #[arg(long)]
    pub difference: bool,
    /// The number of classes of the force figure
    #[arg(long, value_name = "C", value_parser = clap::value_parser!(u32).range(2..=4096))]
    pub classes: Option<u32>,
}

/// The figures there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FigureKind {
    /// The points in two dimensions
    Projection,
    /// The loss and its terms over steps
    Curves,
    /// Cosines between class means
    Gram,
    /// Histograms of the angles within and between classes
    Angles,
    /// How hard objectives pull, by angle
    Force,
    /// NC1 to NC4 over the steps of a run
    Collapse,
    /// Lengths of class means and weights of a run, beside the predicted ones
    Lengths,
}

/// Runs the command: exit code 2 for anything that cannot be drawn.
pub fn run(args: &PlotArgs) -> ExitCode {
    match plot(args) {
        Ok(notices) => {
            for notice in notices {
                super::complain(&notice);
            }
            ExitCode::SUCCESS
        }
        Err(sentence) => {
            super::complain(&sentence);
            ExitCode::from(2)
        }
    }
}

/// Draws and writes the figure; what the user should know, or what is wrong.
fn plot(args: &PlotArgs) -> Result<Vec<String>, String> {
    let format = Format::from_path(&args.out).map_err(|error| error.to_string())?;
    refuse_idle(args)?;
    let mut notices = Vec::new();
    let figure = if args.figure == FigureKind::Force {
        force::figure(args.source.as_deref(), &args.objective, args.classes, &mut notices)?
    } else {
        let path = args.source.as_deref().ok_or("this figure needs a run folder or a feature file")?;
        if args.figure == FigureKind::Curves {
            curves::figure(path)?
        } else if args.figure == FigureKind::Collapse {
            curves::collapse(path)?
        } else {
            let source = source::read(path, &mut notices)?;
            match args.figure {
                FigureKind::Gram if args.difference => features::difference(&source)?,
                FigureKind::Gram => features::gram(&source)?,
                FigureKind::Lengths => lengths::figure(&source)?,
                FigureKind::Angles => features::angles(&source)?,
                _ => features::projection(&source, kind(args.projection.as_deref())?)?,
            }
        }
    };
    write(&args.out, &figure, format, args.size, args.source.as_deref())?;
    Ok(notices)
}

/// Options that would change nothing are an error, not a surprise.
fn refuse_idle(args: &PlotArgs) -> Result<(), String> {
    let force = args.figure == FigureKind::Force;
    let idle = [
        (!args.objective.is_empty() && !force, "--objective", "force"),
        (args.classes.is_some() && !force, "--classes", "force"),
        (args.difference && args.figure != FigureKind::Gram, "--difference", "gram"),
        (args.projection.is_some() && args.figure != FigureKind::Projection, "--projection", "projection"),
    ];
    match idle.into_iter().find(|(is_idle, ..)| *is_idle) {
        Some((_, option, figure)) => Err(format!("{option} only matters with --figure {figure}")),
        None => Ok(()),
    }
}

/// The way of projecting that was asked for.
fn kind(name: Option<&str>) -> Result<Option<&'static ProjectionKind>, String> {
    let Some(name) = name else { return Ok(None) };
    let known = PROJECTIONS.iter().map(|kind| kind.name);
    let unknown = || {
        format!("there is no projection {}{}", crate::data::quoted(name), did_you_mean(name, known.clone()))
    };
    projection::kind(name).map(Some).ok_or_else(unknown)
}

fn write(
    out: &Path,
    figure: &Figure,
    format: Format,
    size: Size,
    source: Option<&Path>,
) -> Result<(), String> {
    // What the features came from is what the figure came from.
    let share = source.and_then(|source| {
        let file = if source.is_dir() { source.join("final.npz") } else { source.to_owned() };
        carried::string_in(&file)
    });
    let mut metadata = carried::metadata(share.as_deref());
    if let Some(name) = source.and_then(Path::file_name) {
        metadata.push(("Source".to_owned(), name.to_string_lossy().into_owned()));
    }
    let bytes = render_with_metadata(figure, format, size, &metadata).map_err(|error| error.to_string())?;
    atomic_write_bytes(out, &bytes).map_err(|error| error.to_string())
}

/// The objectives of an experiment as text.
fn objective_of(experiment: &crate::experiment::Experiment) -> String {
    expression::print(&experiment.objective)
}

#[cfg(test)]
mod tests;
