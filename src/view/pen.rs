//! Writing into a rectangle without ever leaving it, and the frame around a pane.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Widget};

use super::theme::Theme;
use crate::app::{App, Area, Pane};
pub(super) use crate::describe::wrap;

pub(super) fn rect(area: Area) -> Rect {
    Rect::new(area.x, area.y, area.width, area.height)
}

/// Writes a line at a place within an area; what does not fit is cut, and ends in `…`.
pub(super) fn line(buffer: &mut Buffer, area: Area, row: u16, content: impl Into<Line<'static>>) {
    indented(buffer, area, 0, row, content);
}

/// The same, so many columns in.
pub(super) fn indented(
    buffer: &mut Buffer,
    area: Area,
    column: u16,
    row: u16,
    content: impl Into<Line<'static>>,
) {
    if row < area.height && column < area.width {
        let room = rect(Area { x: area.x + column, y: area.y + row, width: area.width - column, height: 1 });
        let content = content.into();
        let is_cut = width(&content) > usize::from(room.width);
        content.render(room.intersection(buffer.area), buffer);
        if is_cut && let Some(last) = buffer.cell_mut((room.right() - 1, room.y)) {
            last.set_char('…');
        }
    }
}

/// Columns of a line without the blanks at its end.
fn width(content: &Line<'_>) -> usize {
    let mut blank = 0;
    for span in content.spans.iter().rev() {
        let inked = span.content.trim_end();
        blank += span.width() - Span::raw(inked).width();
        if !inked.is_empty() {
            break;
        }
    }
    content.width() - blank
}

/// A text in so many columns: what does not fit is cut, and ends in `…`.
pub(super) fn cut(text: &str, columns: usize) -> String {
    if text.chars().count() <= columns {
        return text.to_owned();
    }
    let kept: String = text.chars().take(columns.saturating_sub(1)).collect();
    kept.trim_end().to_owned() + if columns > 0 { "…" } else { "" }
}

/// As many of the parts of a title, which two blanks part, as have room, from the first on; nothing where not even that
/// has.
fn whole(title: &str, columns: usize) -> String {
    let mut kept = String::new();
    for part in title.split("  ") {
        let gap = if kept.is_empty() { 0 } else { 2 };
        if kept.chars().count() + gap + part.chars().count() > columns {
            break;
        }
        if gap > 0 {
            kept += "  ";
        }
        kept += part;
    }
    kept
}

/// Writes a text over as many rows of an area as it takes.
pub(super) fn words(buffer: &mut Buffer, area: Area, text: &str, style: Style) {
    for (row, words) in wrap(text, usize::from(area.width)).into_iter().enumerate() {
        line(buffer, area, row as u16, Span::styled(words, style));
    }
}

/// Makes a row of an area blank.
pub(super) fn clear(buffer: &mut Buffer, area: Area, row: u16) {
    let room = rect(Area { y: area.y + row, height: 1, ..area });
    Clear.render(room.intersection(buffer.area), buffer);
}

/// Writes text that ends at the right side of an area.
pub(super) fn right(buffer: &mut Buffer, area: Area, row: u16, content: impl Into<Line<'static>>) {
    let content = content.into();
    let width = (content.width() as u16).min(area.width);
    indented(buffer, area, area.width - width, row, content);
}

/// A character at a cell, if the area holds it.
pub(super) fn glyph(buffer: &mut Buffer, area: Area, x: f32, y: f32, symbol: char, style: Style) {
    if !(x >= 0.0 && y >= 0.0) {
        return;
    }
    let (x, y) = (x as u16, y as u16);
    if area.contains(x, y)
        && let Some(cell) = buffer.cell_mut((x, y))
    {
        cell.set_char(symbol).set_style(style);
    }
}

/// The frame of a pane with its title; the area inside.
pub(super) fn frame(app: &App, buffer: &mut Buffer, pane: Pane, area: Area, title: &str) -> Area {
    let whose = app.beside.of.map_or_else(String::new, |letter| format!(" of {letter}"));
    let head = format!("{} {}{whose}", pane.number(), pane.name());
    headed(Theme::of(app), buffer, &head, app.focus == pane, area, title)
}

/// The same under another head than the pane's own.
pub(super) fn headed(
    theme: Theme,
    buffer: &mut Buffer,
    head: &str,
    focused: bool,
    area: Area,
    title: &str,
) -> Area {
    let head = format!("{}{head}", if focused { "> " } else { "" });
    let room = usize::from(area.width).saturating_sub(head.chars().count() + 6);
    let title = whole(title, room);
    let mut spans =
        vec![Span::raw(" "), Span::styled(head, if focused { theme.accent() } else { theme.strong() })];
    if !title.is_empty() {
        spans.push(Span::styled(format!("  {title}"), theme.quiet()));
    }
    spans.push(Span::raw(" "));
    let style = if focused { theme.accent() } else { theme.quiet() };
    Block::bordered()
        .border_set(theme.border(focused))
        .border_style(style)
        .title_top(Line::from(spans))
        .render(rect(area).intersection(buffer.area), buffer);
    Area {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    }
}
