//! The whole lab as one figure: each pane a figure, arranged as on the screen.

use super::{ExportError, Screen};
use crate::app::{Area, Pane};
use crate::describe::point::{actor, actors};
use crate::figure::{self, Figure, Panels, Size, Table};
use crate::portrait::screen::{self, Turn};
use crate::snapshot::Snapshot;

/// The width of the figure in pixels.
const WIDTH: u32 = 1600;

/// The figure, and the size that goes with the screen's shape.
pub(super) fn lab(snapshot: &Snapshot, turn: Turn<'_>, on: &Screen) -> Result<(Figure, Size), ExportError> {
    let panes = on.layout.as_ref().map(|layout| layout.panes.clone()).unwrap_or_default();
    let right = panes.iter().map(|(_, area)| area.x + area.width).max().unwrap_or(80);
    let top = panes.iter().map(|(_, area)| area.y).min().unwrap_or(0);
    let bottom = panes.iter().map(|(_, area)| area.y + area.height).max().unwrap_or(top + 24);
    let (columns, rows) = (f64::from(right), f64::from(bottom - top));
    // A cell is about twice as high as it is wide.
    let height = (f64::from(WIDTH) * 2.0 * rows / columns.max(1.0)) as u32;
    let size = Size::new(WIDTH, height.clamp(400, 3200))?;
    let place = |area: Area| {
        let (x, y) = (f64::from(area.x), f64::from(area.y - top));
        let (w, h) = (f64::from(area.width), f64::from(area.height));
        [x / columns, y / rows, (x + w) / columns, (y + h) / rows]
    };
    let shown = panes.iter().filter_map(|(pane, area)| {
        let mut figure = of_pane(*pane, snapshot, turn, on.picked)?;
        figure.title_mut().clear();
        Some(figure::Pane { figure, place: place(*area) })
    });
    let panels = Panels {
        title: screen::title(snapshot),
        subtitle: format!("step {}, seed {}", snapshot.step, snapshot.experiment.seed),
        panels: shown.collect(),
        lettered: false,
    };
    Ok((Figure::Panels(panels), size))
}

/// What a pane shows, as a figure; nothing where it has nothing to show.
fn of_pane(pane: Pane, snapshot: &Snapshot, turn: Turn<'_>, picked: Option<u32>) -> Option<Figure> {
    Some(match pane {
        Pane::View => Figure::Projection(screen::projection(snapshot, turn)),
        Pane::Loss => Figure::Curves(screen::curves(snapshot)),
        Pane::Angles => Figure::Angles(screen::angles(snapshot)?),
        Pane::Law => Figure::ForceLaw(screen::law(snapshot)?),
        Pane::Gram => Figure::Gram(screen::gram(snapshot)?),
        Pane::Numbers => Figure::Table(screen::numbers(snapshot)),
        Pane::Params => Figure::Table(screen::settings(snapshot)),
        Pane::Selected => Figure::Table(point(snapshot, picked?)),
        // The line of time steers the screen; a picture stands still.
        Pane::Time => return None,
    })
}

/// The picked point in words.
fn point(snapshot: &Snapshot, row: u32) -> Table {
    let at = row as usize;
    let names = screen::names(snapshot);
    let class = snapshot.cast.labels.get(at).map_or(0, |label| *label as usize);
    let name = names.get(class).cloned().unwrap_or_else(|| class.to_string());
    let mut rows = vec![("class".to_owned(), name)];
    if at < snapshot.points.rows {
        let place = snapshot.points.row(at);
        let length = place.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
        rows.push(("length".into(), screen::short(length)));
        let first = place.iter().enumerate().take(16);
        rows.extend(first.map(|(k, x)| (format!("coordinate {}", k + 1), screen::short(f64::from(*x)))));
    }
    if let Some(inspected) = snapshot.inspection.of(Some(row)) {
        rows.push(("net force (times N)".into(), screen::short(inspected.net)));
        let (shares, ..) = actors(inspected);
        rows.extend(shares.iter().map(|share| {
            let by = actor(&snapshot.cast, inspected.class, share.by);
            (format!("of it by {by}"), screen::short(share.along))
        }));
    }
    Table { title: String::new(), subtitle: format!("point {row}"), rows }
}
