//! `losslab plot`: a figure of a run folder or a feature file. What a figure looks like lives in
//! [`crate::figure`]; this file finds the numbers for it.

mod curves;
mod features;
mod film;
mod force;
mod lengths;
mod panels;
mod source;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::reading::Reading;
use crate::data::write::atomic_write_bytes;
use crate::experiment::expression;
use crate::experiment::nearest::did_you_mean;
use crate::figure::{Extent, Figure, Format, Panels, Size, Theme, USUAL_DPI, render_with};
use crate::geometry::projection::{self, PROJECTIONS, ProjectionKind};
use crate::palette;
use crate::share::carried;

/// Draw a figure of a run or of your own features
#[derive(Args, Clone, Debug)]
pub struct PlotArgs {
    /// A run folder, a feature file (.npz, .npy or .csv), or for a film an experiment file; force, logit and pairs of
    /// given objectives need none
    #[arg(value_name = "RUN_DIR|F.npz|E.toml", required_unless_present = "objective")]
    pub source: Option<PathBuf>,
    /// Where to write it: a name that ends in .png or .svg; in .gif for a film of the run, made anew from its start
    #[arg(long, value_name = "FIG.png|.svg|.gif")]
    pub out: PathBuf,
    /// What to draw; several, with commas between them, become panels a, b, c of one figure
    #[arg(long, value_enum, value_delimiter = ',')]
    pub figure: Vec<FigureKind>,
    /// Width and height in pixels, like 800x600, or on paper, like 85x60mm; if not said, what suits a page at 300 dots an
    /// inch
    #[arg(long, value_name = "WxH|WxHmm")]
    pub size: Option<Extent>,
    /// Dots an inch of a size in mm; 300 if not said
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(36..=2400))]
    pub dpi: Option<u32>,
    /// White paper, or dark for slides
    #[arg(long, value_enum, default_value = "light")]
    pub theme: Paper,
    /// How a film goes
    #[command(flatten)]
    pub film: film::FilmArgs,
    /// How points are projected: `losslab list projections` names the ways
    #[arg(long, value_name = "NAME")]
    pub projection: Option<String>,
    /// The three classes whose means span the class plane, by name or number, with commas between them
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    pub plane: Vec<String>,
    /// An objective for the figures force, logit and pairs; may be given several times
    #[arg(long, value_name = "EXPR")]
    pub objective: Vec<String>,
    /// With the gram figure: how far each cosine is from that of the proved arrangement (of a file: the simplex)
    #[arg(long)]
    pub difference: bool,
    /// How a feature file is read.
    #[command(flatten)]
    pub reading: Reading,
    /// The number of classes of the figures force, logit and pairs
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
    /// What objectives with a margin make of the angle: the target's logit
    Logit,
    /// How hard an anchor pulls each positive and pushes each negative, by angle
    Pairs,
    /// NC1 to NC4 over the steps of a run
    Collapse,
    /// Lengths of class means and weights of a run, beside the predicted ones
    Lengths,
    /// Where rows lie on the circle or the sphere: a density and its angles, of all rows and class by class
    Density,
    /// The whole lab of a run: its points, its curve, its angles, its cosines and its numbers
    Lab,
}

impl FigureKind {
    /// Whether it is of objectives, and needs no run.
    const fn is_law(self) -> bool {
        matches!(self, Self::Force | Self::Logit | Self::Pairs)
    }
}

/// What a figure is drawn on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Paper {
    /// White
    #[default]
    Light,
    /// Nearly black
    Dark,
}

impl From<Paper> for Theme {
    fn from(paper: Paper) -> Self {
        match paper {
            Paper::Light => Self::Light,
            Paper::Dark => Self::Dark,
        }
    }
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
    refuse_idle(args)?;
    if film::is_asked_for(&args.out) {
        return film::write(args);
    }
    let format = Format::from_path(&args.out).map_err(|error| error.to_string())?;
    let mut notices = Vec::new();
    let kinds = if args.figure.is_empty() { &[FigureKind::Projection][..] } else { &args.figure };
    let size = size(args, panels::usual_size(kinds))?;
    let mut figures = Vec::new();
    for kind in kinds {
        figures.push(one(args, *kind, size, &mut notices)?);
    }
    notices.dedup();
    let figure = if figures.len() == 1 {
        figures.remove(0)
    } else {
        Figure::Panels(panels::said_once(Panels::grid(figures, size)))
    };
    let alone = kinds.len() == 1 && kinds[0] != FigureKind::Lab;
    let size = if alone && args.size.is_none() { figure.natural_size() } else { size };
    if let Some(asked) = args.size
        && let Some(least) = figure.least_extent(asked, args.dpi)
    {
        return Err(format!(
            "this figure cannot be read at {asked}: the least size of this shape is {least}"
        ));
    }
    write(&args.out, &figure, format, size, args)?;
    Ok(notices)
}

/// The size asked for, or the usual one.
fn size(args: &PlotArgs, usual: Size) -> Result<Size, String> {
    match args.size {
        Some(extent) => extent.at(args.dpi.unwrap_or(USUAL_DPI)).map_err(|error| error.to_string()),
        None => Ok(usual),
    }
}

/// One figure.
fn one(args: &PlotArgs, kind: FigureKind, size: Size, notices: &mut Vec<String>) -> Result<Figure, String> {
    let asked = force::Asked {
        run: args.source.as_deref(),
        objectives: &args.objective,
        classes: args.classes,
        reading: &args.reading,
    };
    match kind {
        FigureKind::Force => return force::figure(&asked, notices),
        FigureKind::Logit => return force::logits(&asked, notices),
        FigureKind::Pairs => return force::pairs(&asked, notices),
        _ => {}
    }
    let path = args.source.as_deref().ok_or("this figure needs a run folder or a feature file")?;
    if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("toml")) {
        return Err(
            "an experiment file has nothing to draw before it runs: give a run folder, or --out a .gif"
                .into(),
        );
    }
    match kind {
        FigureKind::Curves => return curves::figure(path),
        FigureKind::Collapse => return curves::collapse(path),
        FigureKind::Lab => return panels::lab(path, size, notices),
        _ => {}
    }
    let source = source::read(path, &args.reading, notices)?;
    match kind {
        FigureKind::Gram if args.difference => features::difference(&source),
        FigureKind::Gram => features::gram(&source),
        FigureKind::Lengths => lengths::figure(&source),
        FigureKind::Angles => features::angles(&source),
        FigureKind::Density => features::density(&source),
        _ => {
            let plane = plane(args, source.features.label_names.as_deref())?;
            features::projection(&source, self::kind(args.projection.as_deref())?, plane)
        }
    }
}

/// Options that would change nothing are an error, not a surprise.
fn refuse_idle(args: &PlotArgs) -> Result<(), String> {
    let film = film::is_asked_for(&args.out);
    let has = |kind: FigureKind| args.figure.contains(&kind);
    let has_law = args.figure.iter().any(|kind| kind.is_law());
    let shows_points = film || args.figure.is_empty() || has(FigureKind::Projection);
    let in_mm = matches!(args.size, Some(Extent::Millimetres(..)));
    let idle = [
        (!args.objective.is_empty() && !has_law, "--objective", "--figure force, logit or pairs"),
        (args.classes.is_some() && !has_law, "--classes", "--figure force, logit or pairs"),
        (args.difference && !has(FigureKind::Gram), "--difference", "--figure gram"),
        (args.projection.is_some() && !shows_points, "--projection", "--figure projection"),
        (
            !args.plane.is_empty() && args.projection.as_deref() != Some("class-plane"),
            "--plane",
            "--projection class-plane",
        ),
        (args.dpi.is_some() && !in_mm, "--dpi", "a --size in mm, like 85x60mm"),
        (args.film.seconds.is_some() && !film, "--seconds", "an --out that ends in .gif"),
        (args.film.fps.is_some() && !film, "--fps", "an --out that ends in .gif"),
        (args.film.spread.is_some() && !film, "--spread", "an --out that ends in .gif"),
    ];
    if film && !args.figure.is_empty() {
        return Err("a film shows the points beside the curve: --figure does not matter to it".into());
    }
    match idle.into_iter().find(|(is_idle, ..)| *is_idle) {
        Some((_, option, wanted)) => Err(format!("{option} only matters with {wanted}")),
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

/// The labels of the classes that span the plane, where they were named: by a class's name, its letter or its number.
fn plane(args: &PlotArgs, names: Option<&[String]>) -> Result<Option<[u32; 3]>, String> {
    if args.plane.is_empty() {
        return Ok(None);
    }
    let label = |word: &String| {
        let word = word.trim();
        let named = names.and_then(|names| names.iter().position(|name| name.trim() == word));
        let letter = || (0..52).find(|class| names.is_none() && word == palette::letter(*class).to_string());
        let number = || word.parse::<u32>().ok();
        let unknown = || {
            let known = names.unwrap_or_default().iter().map(String::as_str);
            format!("no class is called {}{}", crate::data::quoted(word), did_you_mean(word, known))
        };
        named.or_else(letter).map(|class| class as u32).or_else(number).ok_or_else(unknown)
    };
    let labels: Vec<u32> = args.plane.iter().map(label).collect::<Result<_, _>>()?;
    let three = <[u32; 3]>::try_from(labels);
    three
        .map(Some)
        .map_err(|labels| format!("a plane needs three classes, and --plane names {}", labels.len()))
}

/// The share string of the source: what the features came from is what the figure came from.
fn share_of(args: &PlotArgs) -> Option<String> {
    let source = args.source.as_deref()?;
    let file = if source.is_dir() { source.join("final.npz") } else { source.to_owned() };
    carried::string_in(&file)
}

fn write(out: &Path, figure: &Figure, format: Format, size: Size, args: &PlotArgs) -> Result<(), String> {
    let mut metadata = carried::metadata(share_of(args).as_deref());
    if let Some(name) = args.source.as_deref().and_then(Path::file_name) {
        metadata.push(("Source".to_owned(), name.to_string_lossy().into_owned()));
    }
    let bytes = render_with(figure, format, size, args.theme.into(), &metadata);
    atomic_write_bytes(out, &bytes.map_err(|error| error.to_string())?).map_err(|error| error.to_string())
}

/// The objectives of an experiment as text, with the numbers that nobody set too: a reader of a figure does not know them.
fn objective_of(experiment: &crate::experiment::Experiment) -> String {
    expression::print_in_full(&experiment.objective)
}

#[cfg(test)]
mod tests;
