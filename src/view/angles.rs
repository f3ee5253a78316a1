//! Histograms of the angles between points: within classes above, between classes below, the target marked.

use ratatui::buffer::Buffer;
use ratatui::style::Style;
use ratatui::text::Span;

use super::theme::Theme;
use super::{marks, pen};
use crate::app::{App, Area, Pane};
use crate::describe::target_angle;
use crate::geometry::angles::AngleCounts;

const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

pub(super) fn draw(app: &App, buffer: &mut Buffer, area: Area) {
    let theme = Theme::of(app);
    let inner = pen::frame(
        app,
        buffer,
        Pane::Angles,
        area,
        if area.width >= 36 { "in classes / between" } else { "in/between" },
    );
    let Some(angles) = &app.snapshot.geometry.angles else {
        let known = app.snapshot.analysed;
        let why = if known { "no angles: a point has no direction" } else { "being computed" };
        pen::words(buffer, inner, why, theme.quiet());
        return;
    };
    if inner.height < 3 {
        return;
    }
    let rows = inner.height - 1;
    let (upper, lower) = (rows / 2, rows - rows / 2);
    let above = Area { height: upper, ..inner };
    let below = Area { y: inner.y + upper, height: lower, ..inner };
    let picked = marks::angle(app);
    // Columns of the words in the first row below.
    let mut words = 0..0;
    for (part, counts, name) in [(above, &angles.within, "in"), (below, &angles.between, "between")] {
        let mean = counts.mean_deg.map_or("no pairs".into(), |mean| format!("mean {mean:.1}°"));
        let sampled = if counts.is_sample() { " (sample)" } else { "" };
        let mut text = format!("{name} {mean}{sampled}");
        if let Some(mark) = picked.as_ref().filter(|mark| mark.within == (name == "in")) {
            let own = format!("{} {:.1}°", mark.name, mark.degrees);
            let both = format!("{own}  {text}");
            text = if both.chars().count() < usize::from(part.width) { both } else { own };
        }
        let style = if name == "in" { theme.curve() } else { theme.good() };
        if part.height == 1 {
            bars(buffer, part, counts, theme, style);
            continue;
        }
        // Where the bars are not: within angles are small, those between large. Where they are everywhere, they are
        // lower by the row of the words.
        let heights = eighths(counts, part);
        let free = gap(&heights, part.height, text.chars().count(), name == "in");
        let room =
            if free.is_some() { part } else { Area { y: part.y + 1, height: part.height - 1, ..part } };
        bars(buffer, room, counts, theme, style);
        let last = usize::from(part.width).saturating_sub(text.chars().count());
        let at = free.unwrap_or(if name == "in" { last } else { 0 });
        if name != "in" {
            words = at..at + text.chars().count();
        }
        pen::indented(buffer, part, at as u16, 0, Span::styled(text, theme.quiet()));
    }
    axis(app, buffer, inner, below, &words, theme);
    if let Some(mark) = picked {
        let part = if mark.within { above } else { below };
        let column =
            ((mark.degrees / 180.0 * f64::from(inner.width)) as u16).min(inner.width.saturating_sub(1));
        for up in 0..part.height {
            // Beside the row of the axis, which keeps its numbers.
            let (x, y) = (f32::from(part.x + column), f32::from(part.y + up));
            if part.y + up + 1 < inner.y + inner.height && (up > 0 || part.height == 1) {
                pen::glyph(buffer, part, x, y, theme.pick('◆', '%'), theme.accent());
            }
        }
    }
}

/// Counts of equal bins as counts of so many equal columns: a bin is shared out among the columns it lies under, so that
/// none has more than its neighbours for having more bins.
pub(super) fn in_columns(bins: &[u64], columns: usize) -> Vec<f64> {
    let mut shared = vec![0.0; columns];
    let width = columns as f64 / bins.len().max(1) as f64;
    for (k, &count) in bins.iter().enumerate().filter(|(_, count)| **count > 0) {
        let (from, to) = (k as f64 * width, (k + 1) as f64 * width);
        for (column, share) in shared.iter_mut().enumerate().take(to.ceil() as usize).skip(from as usize) {
            let within = to.min((column + 1) as f64) - from.max(column as f64);
            *share += count as f64 * within.max(0.0) / width;
        }
    }
    shared
}

/// The heights of the bars of an area, a column each, in eighths of a row.
fn eighths(counts: &AngleCounts, area: Area) -> Vec<usize> {
    let columns = in_columns(&counts.bins, usize::from(area.width));
    let most = columns.iter().copied().fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    let height = |count: f64| (count / most * f64::from(area.height) * 8.0).round() as usize;
    columns.into_iter().map(|count| height(count).max(usize::from(count > 0.0))).collect()
}

/// The first column of a stretch of the top row that holds so many characters and a blank beside bars, from the left
/// or from the right.
fn gap(heights: &[usize], rows: u16, characters: usize, from_right: bool) -> Option<usize> {
    let is_free = |column: usize| heights[column] <= usize::from(rows - 1) * 8;
    let last = heights.len().checked_sub(characters)?;
    let fits = |at: &usize| (at.saturating_sub(1)..(at + characters + 1).min(heights.len())).all(is_free);
    if from_right { (0..=last).rev().find(fits) } else { (0..=last).find(fits) }
}

fn bars(buffer: &mut Buffer, area: Area, counts: &AngleCounts, theme: Theme, style: Style) {
    for (column, eighths) in eighths(counts, area).into_iter().enumerate() {
        for up in 0..area.height {
            let part = eighths.saturating_sub(usize::from(up) * 8).min(8);
            if part == 0 {
                break;
            }
            let symbol = theme.pick(EIGHTHS[part], if part > 4 { '#' } else { '.' });
            let (x, y) = (area.x + column as u16, area.y + area.height - 1 - up);
            pen::glyph(buffer, area, f32::from(x), f32::from(y), symbol, style);
        }
    }
}

/// Degrees along the bottom, and the angle that classes should end at.
fn axis(
    app: &App,
    buffer: &mut Buffer,
    inner: Area,
    below: Area,
    words: &std::ops::Range<usize>,
    theme: Theme,
) {
    let row = inner.height - 1;
    let column =
        |degrees: f64| ((degrees / 180.0 * f64::from(inner.width)) as u16).min(inner.width.saturating_sub(1));
    for degrees in [0, 45, 90, 135, 180] {
        let text = degrees.to_string();
        let at = column(f64::from(degrees)).min(inner.width.saturating_sub(text.len() as u16));
        let at = if degrees == 0 || degrees == 180 { at } else { at.saturating_sub(1) };
        pen::indented(buffer, inner, at, row, Span::styled(text, theme.quiet()));
    }
    if let Some(target) = target_angle(&app.snapshot) {
        let at = column(target);
        let tick = theme.pick('▲', '^').to_string();
        // The words in the first row are not run through.
        let first = u16::from(words.contains(&usize::from(at)));
        for up in first..below.height {
            let (x, y) = (inner.x + at, below.y + up);
            if let Some(cell) = buffer.cell_mut((x, y))
                && cell.symbol() == " "
            {
                cell.set_char(theme.pick('┊', ':')).set_style(theme.target());
            }
        }
        pen::indented(buffer, inner, at, row, Span::styled(tick, theme.target()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_counts_are_equally_high_in_any_number_of_columns() {
        for columns in [1, 7, 58, 118, 180, 400] {
            let shared = in_columns(&[3; 180], columns);
            let each = 3.0 * 180.0 / columns as f64;
            assert!(shared.iter().all(|count| (count - each).abs() < 1e-9), "{columns}: {shared:?}");
        }
        let one: Vec<f64> = in_columns(&[0, 4, 0], 6);
        assert_eq!(one, [0.0, 0.0, 2.0, 2.0, 0.0, 0.0]);
        assert!(in_columns(&[], 3).iter().all(|count| *count == 0.0) && in_columns(&[1], 0).is_empty());
    }
}
