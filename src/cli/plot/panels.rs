//! Several panels in one figure, and the whole lab of a run.

use std::path::Path;

use super::{FigureKind, curves, features, source};
use crate::data::printable;
use crate::figure::{Figure, Pane, Panels, Size, Table};
use crate::portrait::screen::short;

/// The size of a figure where none is asked for: larger for several panels.
pub(super) fn usual_size(kinds: &[FigureKind]) -> Size {
    let sides = match kinds {
        [FigureKind::Lab] => (1600, 960),
        [] | [_] => (800, 600),
        [_, _] => (1200, 480),
        [_, _, _] => (1680, 480),
        [_, _, _, _] => (1280, 960),
        _ => (1680, 960),
    };
    Size::new(sides.0, sides.1).unwrap_or_default()
}

/// Points, curve, angles, cosines and numbers of a run, as the lab has them.
pub(super) fn lab(path: &Path, notices: &mut Vec<String>) -> Result<Figure, String> {
    if !path.is_dir() {
        let name = printable(&path.to_string_lossy());
        return Err(format!("{name}: the lab is of a run, so this must be a run folder"));
    }
    let material = source::read(path, notices)?;
    let pane = |figure: Figure, place: [f64; 4]| Pane { figure, place };
    let mut panels = vec![
        pane(features::projection(&material, None, None)?, [0.0, 0.0, 0.46, 1.0]),
        pane(curves::figure(path)?, [0.46, 0.0, 0.73, 0.5]),
    ];
    // What cannot be (one class, no labels) leaves its place empty; the others stand.
    panels.extend(features::gram(&material).ok().map(|gram| pane(gram, [0.46, 0.5, 0.73, 1.0])));
    panels.extend(features::angles(&material).ok().map(|angles| pane(angles, [0.73, 0.0, 1.0, 0.5])));
    panels.push(pane(Figure::Table(numbers(path)), [0.73, 0.5, 1.0, 1.0]));
    for pane in &mut panels {
        pane.figure.title_mut().clear();
    }
    let title = material.title.clone();
    Ok(Figure::Panels(said_once(Panels { title, subtitle: String::new(), panels, lettered: false })))
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
    for pane in &mut panels.panels {
        let subtitle = match &mut pane.figure {
            Figure::Projection(projection) => &mut projection.subtitle,
            Figure::Gram(gram) => &mut gram.subtitle,
            Figure::Angles(angles) => &mut angles.subtitle,
            _ => continue,
        };
        let own = subtitle.replace(&shared, "");
        own.trim_matches([' ', '·']).clone_into(subtitle);
    }
    panels.subtitle = shared;
    panels
}
