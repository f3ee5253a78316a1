//! The curves of a run: its loss, its terms, its floor, from `curves.csv` and `summary.json`.

use std::path::Path;

use super::{objective_of, source};
use crate::cli::run::INFIMUM;
use crate::data::{plain_io, printable};
use crate::describe::changes;
use crate::experiment::file;
use crate::figure::{Curves, Figure, Floor, Series, YScale, significant};
use crate::objectives::{Floor as Proved, Frame};
use crate::portrait::floor_line;
use crate::theory::Brief;

/// The largest file of a run that is read: 10,000 rows of some tens of numbers.
const LARGEST: u64 = 64 << 20;
/// The most of the terms that get a curve.
const MOST_TERMS: usize = 7;
/// Losses that fall by more than this factor are shown by powers of ten.
const STEEP: f64 = 10.0;

/// The loss and its terms over steps.
pub(super) fn figure(path: &Path) -> Result<Figure, String> {
    if !path.is_dir() {
        let name = printable(&path.to_string_lossy());
        return Err(format!("{name}: curves are of a run, so this must be a run folder"));
    }
    let document = file::read(&path.join("experiment.toml")).map_err(|error| error.to_string())?;
    let (names, rows) = table(&path.join("curves.csv"))?;
    let place = |name: &str| names.iter().position(|column| column == name);
    let missing = |name: &str| format!("{}: there is no column {name}", shown(&path.join("curves.csv")));
    let (step, loss) =
        (place("step").ok_or_else(|| missing("step"))?, place("loss").ok_or_else(|| missing("loss"))?);
    let mut columns = vec![loss];
    let terms = loss + 1..place("decay").unwrap_or(loss + 1);
    if terms.len() > 1 {
        columns.extend(terms.take(MOST_TERMS));
    }
    let series: Vec<Series> = columns
        .iter()
        .map(|&column| Series {
            name: names[column].clone(),
            points: rows.iter().map(|row| [row[step], row[column]]).collect(),
        })
        .collect();
    let collapsed = source::brief_of(document.last())
        .filter(Brief::has_certificate)
        .and_then(|brief| brief.collapsed())
        .map(|value| Floor {
            value,
            label: format!("all at the origin {}", significant(value, 4)),
            series: None,
        });
    let proved = floor(&path.join("summary.json"));
    let mut floors: Vec<Floor> = proved.and_then(|proved| floor_line(&proved, Some(0))).into_iter().collect();
    floors.extend(collapsed);
    let values =
        || series.iter().flat_map(|series| &series.points).map(|point| point[1]).filter(|v| v.is_finite());
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    let finite = rows.iter().rev().find(|row| row[loss].is_finite());
    let last = finite.map(|row| format!("loss {} at step {}", significant(row[loss], 5), row[step]));
    let broken = rows.last().filter(|row| !row[loss].is_finite());
    let broken = broken.map(|row| format!("diverged at step {}", row[step]));
    Ok(Figure::Curves(Curves {
        title: objective_of(document.last()),
        subtitle: last.into_iter().chain(broken).collect::<Vec<_>>().join(" · "),
        y_label: "loss".to_owned(),
        y_scale: if low > 0.0 && high / low > STEEP { YScale::Log } else { YScale::Linear },
        series,
        edits: changes::along(&document.experiment, &document.edits)
            .into_iter()
            .filter(|(step, _)| *step > 0)
            .map(|(step, what)| (step as f64, what))
            .collect(),
        floors,
        ..Curves::default()
    }))
}

/// A column, its name in the figure, and what falls to 0.
type Measure = (&'static str, &'static str, fn(f64) -> f64);

/// The four measures of neural collapse over steps, each falling to 0.
pub(super) fn collapse(path: &Path) -> Result<Figure, String> {
    if !path.is_dir() {
        let name = printable(&path.to_string_lossy());
        return Err(format!("{name}: this figure is of a run, so this must be a run folder"));
    }
    let document = file::read(&path.join("experiment.toml")).map_err(|error| error.to_string())?;
    let (names, rows) = table(&path.join("curves.csv"))?;
    let place = |name: &str| names.iter().position(|column| column == name);
    let step = place("step")
        .ok_or_else(|| format!("{}: there is no column step", shown(&path.join("curves.csv"))))?;
    let wanted: [Measure; 4] = [
        ("nc1", "NC1 variability", |x| x),
        ("nc2_etf_distance", "NC2 simplex", |x| x),
        ("nc3", "NC3 self-duality", |x| x),
        ("nc4", "NC4 nearest mean", |x| 1.0 - x),
    ];
    let series: Vec<Series> = wanted
        .iter()
        .filter_map(|(key, name, shape)| {
            let column = place(key)?;
            // Between measurements a cell is empty: that is no break in the line.
            let points: Vec<[f64; 2]> = rows
                .iter()
                .filter(|row| row[column].is_finite())
                .map(|row| [row[step], shape(row[column])])
                .collect();
            (!points.is_empty()).then(|| Series { name: (*name).to_owned(), points })
        })
        .collect();
    if series.is_empty() {
        return Err(format!("{}: no step was measured", shown(&path.join("curves.csv"))));
    }
    Ok(Figure::Curves(Curves {
        title: objective_of(document.last()),
        subtitle: "neural collapse along the run".to_owned(),
        y_label: "distance from collapse".to_owned(),
        y_scale: YScale::Log,
        series,
        ..Curves::default()
    }))
}

fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

/// The text of a file of a run.
pub(super) fn text(path: &Path) -> Result<String, String> {
    let wrong = |why: String| format!("{}: {why}", shown(path));
    let facts = std::fs::metadata(path).map_err(|error| wrong(plain_io(&error)))?;
    if !facts.is_file() || facts.len() > LARGEST {
        return Err(wrong("this is not a file that a run writes".into()));
    }
    std::fs::read_to_string(path).map_err(|error| wrong(plain_io(&error)))
}

/// Columns and rows of numbers; an empty field is not a number.
fn table(path: &Path) -> Result<(Vec<String>, Vec<Vec<f64>>), String> {
    let text = text(path)?;
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    let wrong = |error: csv::Error| format!("{}: {error}", shown(path));
    let names = reader.headers().map_err(wrong)?.iter().map(str::to_owned).collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(wrong)?;
        let line = record.position().map_or(0, csv::Position::line);
        let numbers: Option<Vec<f64>> = record
            .iter()
            .map(|field| if field.is_empty() { Some(f64::NAN) } else { field.parse().ok() })
            .collect();
        rows.push(numbers.ok_or_else(|| format!("{}:{line}: a field is not a number", shown(path)))?);
    }
    Ok((names, rows))
}

/// What is proved about the least loss of the run, if its summary says it.
fn floor(path: &Path) -> Option<Proved> {
    let summary: serde_json::Value = serde_json::from_str(&text(path).ok()?).ok()?;
    let value = summary.get("floor")?.as_f64()?;
    let note = summary["notes"]["floor"].as_str().and_then(|note| note.strip_prefix(INFIMUM));
    Some(match note {
        Some(why) => Proved::Infimum { value, why: why.to_owned() },
        None => Proved::Proved { value, frame: Frame::Other },
    })
}
