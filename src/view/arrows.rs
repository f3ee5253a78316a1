//! Force arrows on the points.

use ratatui::buffer::Buffer;
use ratatui::text::Span;

use super::pen;
use super::raster::Raster;
use super::theme::Theme;
use crate::app::{App, Area, Marks, Sight};
use crate::describe::number;
use crate::snapshot::Arrows;

/// The longest arrow takes this share of the view's rows, and at least [`LEAST_ROWS`].
const SHARE: f32 = 0.17;
/// See [`SHARE`].
const LEAST_ROWS: f32 = 3.0;
/// Arrows shorter than so many rows have no head.
const LEAST_HEAD: f32 = 0.8;

/// Which arrows are drawn, on how many of the rows; `None` for none.
pub(super) fn words(app: &App) -> Option<String> {
    let forces = &app.snapshot.picture.forces;
    if forces.kind == Arrows::Off {
        return None;
    }
    let mut words = format!("forces: {}", forces.kind.name());
    if let Some(row) = alone(app) {
        words += &format!(" on #{row}");
    } else if forces.shown < forces.of {
        words += &format!(" on {} of {}", forces.shown, forces.of);
    }
    if !forces.arrows.is_empty() && forces.step != app.snapshot.step {
        words += &format!(" at step {}", forces.step);
    }
    Some(words)
}

/// The picked row, where the arrows are its alone.
fn alone(app: &App) -> Option<u32> {
    let forces = &app.snapshot.picture.forces;
    app.picked.filter(|row| forces.shown == 1 && forces.arrows.iter().all(|arrow| arrow.row == Some(*row)))
}

/// How pulls and pushes are told apart, where there are both.
pub(super) fn legend(app: &App) -> Option<&'static str> {
    let forces = &app.snapshot.picture.forces;
    forces.arrows.iter().any(|arrow| arrow.pushes).then_some("broken: pushes")
}

/// How long the longest arrow is, as a force times N: arrows are drawn in proportion to it, however faint all are.
fn longest(app: &App) -> Option<String> {
    let longest = app.snapshot.picture.forces.longest();
    (longest > 0.0).then(|| format!("longest {}", number(f64::from(longest))))
}

/// The same, where the title has no room for it, in so many columns: how arrows are read too, if there is room.
pub(super) fn on_edge(app: &App, title: &str, columns: usize) -> Option<String> {
    let words = words(app)?;
    let mut text = if title.contains(&words) { String::new() } else { words };
    let legend = legend(app).filter(|legend| !title.contains(legend)).map(str::to_owned);
    for part in [legend, longest(app)].into_iter().flatten() {
        let gap = if text.is_empty() { "" } else { ", " };
        let part = if text.is_empty() { part.replace("longest", "longest arrow") } else { part };
        if text.chars().count() + gap.len() + part.chars().count() + 2 <= columns {
            text = text + gap + &part;
        }
    }
    (!text.is_empty()).then_some(text)
}

/// Says so in the lower edge of the frame.
pub(super) fn name_on_edge(app: &App, buffer: &mut Buffer, area: Area, title: &str, theme: Theme) {
    let edge = Area { x: area.x + 2, width: area.width.saturating_sub(4), ..area };
    if let Some(words) = on_edge(app, title, usize::from(edge.width)) {
        let words = Span::styled(format!(" {words} "), theme.quiet());
        pen::line(buffer, edge, area.height.saturating_sub(1), words);
    }
}

/// Draws them; where one point is picked, a fan of the others stands back.
pub(super) fn draw(app: &App, raster: &mut Raster, sight: &Sight, inner: Area, theme: Theme) {
    let forces = &app.snapshot.picture.forces;
    let longest = forces.longest();
    if longest <= 0.0 {
        return;
    }
    let rows = (SHARE * f32::from(inner.height)).max(LEAST_ROWS);
    let stretch = rows / (sight.scale * longest);
    for arrow in &forces.arrows {
        let tip = [0, 1, 2].map(|axis| arrow.from[axis] + stretch * arrow.along[axis]);
        // On a map the way there is bent, and may leave on one side and come back on the other.
        let pieces = sight.line(arrow.from, tip);
        let (Some(&[(_, _, depth), _]), Some(&[(x0, y0, _), (x1, y1, _)])) = (pieces.first(), pieces.last())
        else {
            continue;
        };
        let picked = arrow.row.is_some() && arrow.row == app.picked;
        let behind = forces.kind == Arrows::ByClass && app.picked.is_some() && !picked;
        let depth = if behind { -0.7 } else { depth };
        let rank = if picked { 6 } else { 2 };
        let style = theme.class(arrow.class as usize, depth);
        for [(x, y, _), (to_x, to_y, _)] in &pieces {
            raster.line((*x, *y), (*to_x, *to_y), if arrow.pushes { 2 } else { 1 }, rank, |_| style);
        }
        // A column is half as wide as a row is high.
        let (right, down) = ((x1 - x0) / 2.0, y1 - y0);
        let size = right.hypot(down);
        if size < LEAST_HEAD || behind {
            continue;
        }
        if matches!(theme.marks, Marks::Dot | Marks::Ascii) {
            let symbol = match (right.abs() > down.abs(), right > 0.0, down > 0.0) {
                (true, true, _) => '>',
                (true, false, _) => '<',
                (false, _, true) => 'v',
                (false, _, false) => '^',
            };
            raster.glyph(x1, y1, symbol, style);
            continue;
        }
        let head = (0.35 * size).min(0.7);
        for turn in [2.6f32, -2.6] {
            let (sin, cos) = turn.sin_cos();
            let (r, d) = ((right * cos - down * sin) / size, (right * sin + down * cos) / size);
            raster.line((x1, y1), (x1 + 2.0 * head * r, y1 + head * d), 1, rank, |_| style);
        }
    }
}
