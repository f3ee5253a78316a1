//! Names and values in rows: the numbers of a run as a figure, for a panel beside others.

use super::Size;
use super::font;
use super::picture::{Anchor, Area, Ink, Picture};
use super::scale::{Heading, Scale};

/// Rows of a name and what it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Bold, above the rows.
    pub title: String,
    /// In small type under the title.
    pub subtitle: String,
    /// Name and value of each row; an empty value makes the name a heading.
    pub rows: Vec<(String, String)>,
}

/// Lays out and draws the figure. What has no room is counted in the last line.
pub(super) fn draw(table: &Table, size: Size) -> Picture {
    let mut picture = Picture::new(size, &table.title);
    let scale = Scale::of(&picture);
    let page = scale.page(&picture);
    let heading = Heading::new(scale, &table.title, &table.subtitle, page.width());
    heading.draw(&mut picture, page, page.left, page.top);
    let top = page.top + heading.height();
    let line = 1.5 * scale.tick;
    let room = ((page.bottom - top) / line).floor().max(0.0) as usize;
    let shown = if table.rows.len() > room { room.saturating_sub(1) } else { table.rows.len() };
    for (k, (name, value)) in table.rows.iter().take(shown).enumerate() {
        let area = Area { top: top + k as f64 * line, bottom: top + (k + 1) as f64 * line, ..page };
        row(&mut picture, scale, area, name, value, k % 2 == 1);
    }
    if shown < table.rows.len() && room > 0 {
        let words = format!("… and {} more", table.rows.len() - shown);
        let baseline = top + shown as f64 * line + 1.05 * scale.tick;
        picture.text([page.left, baseline], &words, scale.tick_type(Anchor::Start).ink(Ink::QUIET));
    }
    picture
}

fn row(picture: &mut Picture, scale: Scale, area: Area, name: &str, value: &str, shaded: bool) {
    if shaded {
        picture.rectangle(area, Ink::grey(0xf4));
    }
    let (left, right) = (scale.tick_type(Anchor::Start), scale.tick_type(Anchor::End));
    let baseline = area.top + 1.05 * scale.tick;
    let value = font::fitted(value, scale.tick, false, 0.6 * area.width());
    let room = area.width() - right.width(&value) - scale.tick;
    let style = if value.is_empty() { left.bold() } else { left.ink(Ink::QUIET) };
    picture.text([area.left, baseline], &font::fitted(name, scale.tick, style.bold, room), style);
    picture.text([area.right, baseline], &value, right);
}
