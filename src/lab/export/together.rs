//! Runs side by side as they stand: the figure of a comparison as pixels and vectors, and its numbers with a share
//! string of each run.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use super::reserve;
use crate::app::{App, Export};
use crate::comparison::{Kinship, Study, told};
use crate::data::write::atomic_write_bytes;
use crate::describe::changes;
use crate::figure::{Figure, Format, Size, Theme, render_with};
use crate::palette;
use crate::portrait::comparison::{Cast, comparison};
use crate::portrait::screen;
use crate::share;
use crate::simulation::company::arms;
use crate::simulation::seeds::Arms;
use crate::snapshot::Snapshot;

/// What is to be written of runs side by side.
pub struct Together {
    snapshot: Arc<Snapshot>,
    /// The share string of each run, where it has one.
    shares: Vec<Option<String>>,
}

impl Together {
    /// The runs on the screen.
    pub fn of(app: &App) -> Self {
        let shares = (0..app.snapshot.runs()).map(|run| app.of(run).share().encode().ok()).collect();
        Self { snapshot: app.snapshot.clone(), shares }
    }

    fn runs(&self) -> impl Iterator<Item = &Snapshot> {
        (0..self.snapshot.runs()).map(|run| self.snapshot.beside(run))
    }

    /// The seeds that were run to this step; else every run made again from its start, for the numbers along its way.
    fn study(&self) -> Result<Study, String> {
        let company = self.snapshot.company.as_ref();
        if let Some(study) = company.and_then(|company| company.study_at(self.snapshot.step)) {
            return Ok((**study).clone());
        }
        let arms: Arms = arms(&self.snapshot, self.runs().skip(1).cloned());
        let mut study = arms.study();
        study.rows.extend(arms.from_seed(0, &mut |_| true)?);
        Ok(study)
    }

    fn kinship(&self) -> Kinship {
        self.snapshot.company.as_ref().map_or(Kinship::Same, |company| company.kinship)
    }
}

/// Writes the figure and the numbers into a folder and says in one sentence what.
///
/// # Errors
/// One sentence; names that were taken but not filled are given back.
pub fn write_together(together: &Together, folder: &Path) -> Result<String, String> {
    let study = together.study()?;
    let snapshot = &together.snapshot;
    let sphere: Vec<bool> = together.runs().map(|run| run.picture.sphere).collect();
    let names = screen::names(snapshot);
    let cast = Cast {
        truth: snapshot.cast.labelled.then_some(snapshot.cast.truth.as_slice()),
        names: &names,
        sphere: &sphere,
    };
    let seeds = study.rows.len();
    let spread = if seeds > 1 { "; lines are medians, bands the middle half of the seeds" } else { "" };
    let alike = together.kinship().words();
    let uneven = changes::uneven(snapshot).map(|[words, _]| format!(" ({words})")).unwrap_or_default();
    let from = snapshot.experiment.seed;
    let of = if seeds > 1 {
        format!("seeds {from} to {}", from.wrapping_add(seeds as u64 - 1))
    } else {
        format!("seed {from}")
    };
    let subtitle = format!(
        "C = {}, d = {}, N = {}, {} steps, {of}, {alike}{uneven}{spread}",
        snapshot.cast.classes, snapshot.points.cols, snapshot.points.rows, snapshot.step
    );
    let drawn = comparison(&study, cast, &study.names.join("  against  "), &subtitle);
    let (width, height) = drawn.natural_size();
    let size = Size::new(width, height).map_err(|error| error.to_string())?;
    let mut metadata = share::metadata(together.shares.first().and_then(Option::as_deref));
    metadata.push(("Objectives".to_owned(), study.names.join(" | ")));
    let figure = Figure::Comparison(drawn);
    let taken = reserve(folder, Export::Comparison.ends()).map_err(|error| error.to_string())?;
    taken
        .fill(|paths| {
            for (path, format) in paths.iter().zip([Format::Png, Format::Svg]) {
                let bytes = render_with(&figure, format, size, Theme::Light, &metadata)?;
                atomic_write_bytes(path, &bytes)?;
            }
            Ok(atomic_write_bytes(&paths[2], numbers(together, &study).as_bytes())?)
        })
        .map_err(|error| error.to_string())?;
    Ok(format!("wrote {} into {}", taken.names(), folder.display()))
}

/// What the table says, by name, and each run as a share string: a string holds one run.
fn numbers(together: &Together, study: &Study) -> String {
    let mut told = told(study);
    told["software"] = json!(format!("losslab {}", env!("CARGO_PKG_VERSION")));
    told["step"] = json!(together.snapshot.step);
    told["same_start"] = json!(together.kinship().shared());
    if let Some(arms) = told["objectives"].as_array_mut() {
        for (k, arm) in arms.iter_mut().enumerate() {
            let string = together.shares.get(k).cloned().flatten();
            arm[share::KEY] = string.map_or(Value::Null, Value::from);
            arm["name"] = json!(palette::letter(k).to_string());
        }
    }
    format!("{told:#}\n")
}
