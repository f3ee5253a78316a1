//! Several panels in one figure, and the whole lab of a run.

use std::path::Path;

use super::super::reading::Reading;
use super::{FigureKind, curves, features, force, source};
use crate::data::printable;
use crate::describe::knobs;
use crate::experiment::file;
use crate::figure::{Figure, Pane, Panels, Size, Table};
use crate::portrait::screen::short;

/// The size that panels are laid out for where none is asked for: a page, and for the lab a slide.
pub(super) fn usual_size(kinds: &[FigureKind]) -> Size {
    if kinds == [FigureKind::Lab] {
        return Size::new(1920, 1080).unwrap_or_default();
    }
    // Only how many there are matters.
    let panel = Pane { figure: Figure::Table(Table::default()), place: [0.0, 0.0, 1.0, 1.0] };
    Figure::Panels(Panels { panels: vec![panel; kinds.len()], ..Panels::default() }).natural_size()
}

/// Points, curve, angles, cosines and numbers of a run, as the lab has them.
pub(super) fn lab(path: &Path, size: Size, notices: &mut Vec<String>) -> Result<Figure, String> {
    if !path.is_dir() {
        let name = printable(&path.to_string_lossy());
        return Err(format!("{name}: the lab is of a run, so this must be a run folder"));
    }
    let reading = Reading::default();
    let material = source::read(path, &reading, notices)?;
    // What cannot be (one class, no labels) is left out; the others stand.
    let charts = [
        Some(curves::figure(path)?),
        features::angles(&material).ok(),
        features::gram(&material).ok(),
        force::figure(
            &force::Asked { run: Some(path), objectives: &[], classes: None, reading: &reading },
            notices,
        )
        .ok(),
    ];
    let mut charts: Vec<Figure> = charts.into_iter().flatten().collect();
    for chart in &mut charts {
        if let Figure::ForceLaw(law) = chart {
            // Beside the others there is room for a few words.
            law.subtitle = law.subtitle.replace(force::SCENE, "");
        }
    }
    let view = features::projection(&material, None, None)?;
    let all = charts.len() + 2;
    let mut table = numbers(path);
    table.rows.push(("Settings".to_owned(), String::new()));
    let document = file::read(&path.join("experiment.toml")).map_err(|error| error.to_string())?;
    let settings = knobs::of_training(document.last()).into_iter();
    table.rows.extend(settings.map(|(name, value)| (name.to_owned(), value)));
    let mut panels = Panels::beside(view, charts, Figure::Table(table), size);
    let shown = panels.panels.len();
    if shown < all {
        notices.push(format!(
            "{shown} of the {all} panels of the lab have room at this size: a larger --size has all"
        ));
    }
    for pane in &mut panels.panels {
        pane.figure.title_mut().clear();
    }
    panels.title.clone_from(&material.title);
    Ok(Figure::Panels(said_once(panels)))
}

/// The numbers of a run's summary.
fn numbers(path: &Path) -> Table {
    let text = curves::text(&path.join("summary.json")).unwrap_or_default();
    let summary: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let mut rows = Vec::new();
    let mut take = |value: &serde_json::Value| {
        for (key, value) in value.as_object().into_iter().flatten() {
            let Some(number) = value.as_f64().filter(|_| value.is_number()) else { continue };
            rows.push((key.replace('_', " "), short(number)));
        }
    };
    take(&summary);
    take(&summary["metrics"]);
    Table { title: String::new(), subtitle: "numbers of the last state".into(), rows }
}

/// What the subtitles of features say alike, said once above all panels.
pub(super) fn said_once(mut panels: Panels) -> Panels {
    let shared = panels.panels.iter().find_map(|pane| match &pane.figure {
        Figure::Projection(projection) => Some(projection.subtitle.clone()),
        _ => None,
    });
    let Some(shared) = shared.filter(|shared| !shared.is_empty()) else { return panels };
    let phrases: Vec<String> = shared.split(" · ").map(str::to_owned).collect();
    for pane in &mut panels.panels {
        let subtitle = match &mut pane.figure {
            Figure::Projection(projection) => &mut projection.subtitle,
            Figure::Gram(gram) => &mut gram.subtitle,
            Figure::Angles(angles) => &mut angles.subtitle,
            _ => continue,
        };
        let own: Vec<&str> =
            subtitle.split(" · ").filter(|own| !phrases.iter().any(|said| said == own)).collect();
        *subtitle = own.join(" · ");
    }
    panels.subtitle = shared;
    panels
}
