//! The whole lab as one figure: every pane, in an arrangement of its own that fits a slide.

use super::{ExportError, Screen};
use crate::describe::point::{act, actors};
use crate::figure::{Figure, Panels, Size, Table};
use crate::portrait::screen::{self, Turn};
use crate::snapshot::Snapshot;

/// Width and height in pixels: the shape of a slide.
const SIZE: (u32, u32) = (1920, 1080);

/// The figure, and its size.
pub(super) fn lab(snapshot: &Snapshot, turn: Turn<'_>, on: &Screen) -> Result<(Figure, Size), ExportError> {
    let mut view = screen::projection(snapshot, turn, on.picked, on.target);
    // What the heading above all panels says is said once.
    view.subtitle = view.subtitle.replacen(&screen::state(snapshot), "", 1);
    let kept = view.subtitle.trim_start_matches([',', ' ']).len();
    view.subtitle.drain(..view.subtitle.len() - kept);
    let charts = [
        Some(Figure::Curves(screen::curves(snapshot, on.log_axis))),
        screen::angles(snapshot).map(Figure::Angles),
        screen::gram(snapshot).map(Figure::Gram),
        screen::law(snapshot).map(Figure::ForceLaw),
    ];
    let mut charts: Vec<Figure> = charts.into_iter().flatten().collect();
    if let Some(Figure::Curves(curves)) = charts.first_mut() {
        "loss over steps".clone_into(&mut curves.subtitle);
    }
    for chart in &mut charts {
        chart.title_mut().clear();
    }
    view.title.clear();
    let sections = [
        ("Numbers", Some(screen::numbers(snapshot))),
        ("Settings", Some(screen::settings(snapshot))),
        ("Picked point", on.picked.map(|row| point(snapshot, row))),
    ];
    let mut rows = Vec::new();
    for (name, table) in sections {
        let Some(table) = table else { continue };
        rows.push((name.to_owned(), String::new()));
        rows.extend(table.rows);
    }
    let table = Figure::Table(Table { rows, ..Table::default() });
    let size = Size::new(SIZE.0, SIZE.1)?;
    let cast = &snapshot.cast;
    let (n, d) = (snapshot.points.rows, snapshot.points.cols);
    let panels = Panels {
        title: screen::title(snapshot),
        subtitle: format!("{} · C={}, d={d}, N={n}", screen::state(snapshot), cast.classes),
        ..Panels::beside(Figure::Projection(view), charts, table, size)
    };
    Ok((Figure::Panels(panels), size))
}

/// The picked point in words.
fn point(snapshot: &Snapshot, row: u32) -> Table {
    let at = row as usize;
    let names = screen::names(snapshot);
    let class = snapshot.cast.labels.get(at).map_or(0, |label| *label as usize);
    let name = names.get(class).cloned().unwrap_or_else(|| class.to_string());
    let mut rows = vec![(format!("#{row} of class"), name)];
    if at < snapshot.points.rows {
        let place = snapshot.points.row(at);
        let length = place.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
        rows.push(("length".into(), screen::short(length)));
    }
    if let Some(inspected) = snapshot.inspection.of(Some(row)) {
        if let Some(angle) = inspected.own_angle {
            let centre = if inspected.weighted { "weight" } else { "mean" };
            rows.push((format!("angle to own {centre}"), format!("{angle:.1}°")));
        }
        rows.push(("net force (times N)".into(), screen::short(inspected.net)));
        let (shares, ..) = actors(inspected);
        rows.extend(shares.iter().filter_map(|share| {
            let words = act(&snapshot.cast, inspected.class, share);
            let (who, force) = words.rsplit_once(' ')?;
            Some((who.to_owned(), force.to_owned()))
        }));
    }
    Table { title: String::new(), subtitle: format!("point {row}"), rows }
}
