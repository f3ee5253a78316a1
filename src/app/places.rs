//! Where things that can be clicked lie: entries of the footer and of lists, rows and sliders of the params pane.
//! Drawing and mouse both ask here, so that they agree.

use super::find::{Finder, Found};
use super::keys::{self, Action, Entry};
use super::settings::{Row, Setting};
use super::{App, Area, Export, Overlay};
use crate::palette;

/// Columns a row of the params pane needs.
const COLUMN: u16 = 38;
/// Rows of the picker that tell about the chosen objective.
pub const ABOUT_ROWS: u16 = 5;
/// Columns of a row's mark and name, with the space after it.
pub const NAMES: u16 = 18;

/// The entries of the footer that have room, each with its first column and the one after its last: the most
/// important ones, and at the end always the ways out.
pub fn footer(app: &App, width: u16) -> Vec<(u16, u16, Entry)> {
    let columns = |entry: &Entry| entry.keys.chars().count() + entry.label.chars().count() + 3;
    let mut all = match (&app.overlay, &app.entry) {
        (Some(overlay), _) => keys::over(&app.keymap, overlay),
        (None, Some(_)) => keys::typing(),
        (None, None) if app.lesson.is_some() => keys::of_lesson(&app.keymap),
        (None, None) => keys::footer(&app.keymap, app.focus, app.compares()),
    };
    // What the way out does is what it does now.
    for entry in &mut all {
        if let [Action::LeaveComparison | Action::LeaveLesson] = entry.actions {
            entry.label = app.way_out();
        }
    }
    let (ways_out, hints): (Vec<Entry>, Vec<Entry>) = all.into_iter().partition(|entry| entry.way_out);
    let mut room = usize::from(width).saturating_sub(ways_out.iter().map(columns).sum());
    let fits = |entry: &Entry| {
        let left = room.checked_sub(columns(entry));
        room = left.unwrap_or(0);
        left.is_some()
    };
    let mut from = 0;
    let mut cells = Vec::new();
    for entry in hints.into_iter().take_while(fits).chain(ways_out) {
        let to = from + columns(&entry);
        if to > usize::from(width) {
            break;
        }
        cells.push((from as u16, to as u16, entry));
        from = to;
    }
    cells
}

/// The rectangle of an overlay at most so wide, border and all.
pub fn panel(size: (u16, u16), widest: u16) -> Area {
    small_panel(size, widest, u16::MAX)
}

/// The same with at most so many lines inside.
pub fn small_panel(size: (u16, u16), widest: u16, lines: u16) -> Area {
    let width = size.0.saturating_sub(4).min(widest);
    let height = size.1.saturating_sub(3).min(lines.saturating_add(2));
    Area { x: (size.0 - width) / 2, y: (size.1 - height) / 2, width, height }
}

/// The menu of what can be written: a line each, and one below them.
pub fn exports(size: (u16, u16)) -> Area {
    small_panel(size, 56, Export::ALL.len() as u16 + 1)
}

/// The inside of a border.
pub fn inside(area: Area) -> Area {
    Area {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    }
}

/// How wide the help may be.
pub const HELP: u16 = 84;

/// How wide an overlay may be.
pub fn widest(overlay: &Overlay) -> u16 {
    match overlay {
        Overlay::Picker(_) | Overlay::Lessons(_) | Overlay::Presets(_) => 100,
        _ => HELP,
    }
}

/// The part of a list that holds the chosen entry: the first one shown.
pub fn first_shown(at: usize, room: usize) -> usize {
    (at + 1).saturating_sub(room)
}

/// Rows below a list that tell about its chosen entry.
pub fn about_rows(overlay: &Overlay, inner: Area) -> u16 {
    match overlay {
        Overlay::Picker(_) => ABOUT_ROWS,
        Overlay::Lessons(_) | Overlay::Presets(_) if inner.height > 14 => ABOUT_ROWS,
        Overlay::Lessons(_) | Overlay::Presets(_) | Overlay::Palette(_) => 3,
        // Of a point the list says all.
        Overlay::Find(finder) if matches!(finder.found.get(finder.search.at), Some(Found::Classes(_))) => 3,
        _ => 0,
    }
}

/// How many entries of a list an overlay has room for, below its prompt.
pub fn list_room(overlay: &Overlay, inner: Area) -> usize {
    usize::from(inner.height.saturating_sub(2 + about_rows(overlay, inner))).max(1)
}

/// The entry of the list in an overlay that a cell belongs to.
pub fn list_entry(app: &App, x: u16, y: u16) -> Option<usize> {
    let overlay = app.overlay.as_ref()?;
    let (Overlay::Picker(search)
    | Overlay::Palette(search)
    | Overlay::Lessons(search)
    | Overlay::Presets(search)
    | Overlay::Find(Finder { search, .. })) = overlay
    else {
        return None;
    };
    let inner = inside(panel(app.size, widest(overlay)));
    let room = list_room(overlay, inner);
    let line = usize::from(y.checked_sub(inner.y + 1)?);
    (inner.contains(x, y) && line < room).then(|| first_shown(search.at, room) + line)
}

/// From so many lines inside the view on, its last one is the legend's.
const LEGEND_FROM: u16 = 8;

/// Where the points are, inside the view: what the legend leaves of it.
pub fn scene(inner: Area) -> Area {
    Area { height: inner.height - u16::from(inner.height >= LEGEND_FROM), ..inner }
}

/// The name of a class in the legend.
pub fn legend_name(app: &App, class: usize) -> String {
    let letter = palette::letter(class).to_string();
    let names = app.snapshot.cast.label_names.as_ref().and_then(|names| names.get(class));
    match names {
        // Marks in the view have the letter alone.
        Some(name) if *name != letter => format!("{letter} {name}"),
        _ => letter,
    }
}

/// The entries of the legend on the last line inside the view: first column, the one after the last, and the class;
/// at the end an entry without a class where not all have room.
pub fn legend(app: &App, inner: Area) -> Vec<(u16, u16, Option<usize>)> {
    let mut entries = Vec::new();
    if inner.height < LEGEND_FROM {
        return entries;
    }
    let mut from = 0;
    for class in 0..app.snapshot.cast.classes {
        let columns = legend_name(app, class).chars().count() + 4;
        let to = from + columns;
        if to > usize::from(inner.width) {
            entries.push((from as u16, from as u16 + 1, None));
            break;
        }
        entries.push((from as u16, to as u16, Some(class)));
        from = to;
    }
    entries
}

/// How the pane of cosines shows its cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GramCells {
    /// Whether as numbers; else as shades.
    pub numbers: bool,
    /// Whether the classes stand above and to the left; else their letters stand on the diagonal.
    pub headed: bool,
    /// Columns of a cell.
    pub columns: u16,
    /// Rows and columns of cells that are shown, from the first on.
    pub shown: (usize, usize),
}

/// The cells of a matrix of so many classes inside the pane.
pub fn gram(inner: Area, count: usize) -> GramCells {
    const NUMBER: u16 = 6;
    const SHORT_NUMBER: u16 = 5;
    let (width, height) = (usize::from(inner.width), usize::from(inner.height));
    if count * usize::from(NUMBER) + 2 <= width && count < height {
        GramCells { numbers: true, headed: true, columns: NUMBER, shown: (count, count) }
    } else if count * usize::from(SHORT_NUMBER) <= width && count <= height {
        GramCells { numbers: true, headed: false, columns: SHORT_NUMBER, shown: (count, count) }
    } else {
        GramCells {
            numbers: false,
            headed: false,
            columns: 2,
            shown: (height.saturating_sub(1).min(count), (width / 2).min(count)),
        }
    }
}

impl GramCells {
    /// Where a cell begins, in columns and rows inside the pane.
    pub fn at(&self, row: usize, column: usize) -> (u16, u16) {
        let head = u16::from(self.headed);
        (2 * head + self.columns * column as u16, head + row as u16)
    }

    /// The cell under a place inside the pane; a heading stands for its class.
    pub fn under(&self, x: u16, y: u16) -> Option<(usize, usize)> {
        let head = u16::from(self.headed);
        let row = y.checked_sub(head).map(usize::from);
        let column = x.checked_sub(2 * head).map(|x| usize::from(x / self.columns));
        let (row, column) = match (row, column) {
            (Some(row), Some(column)) => (row, column),
            (Some(row), None) => (row, row),
            (None, Some(column)) => (column, column),
            (None, None) => return None,
        };
        (row < self.shown.0 && column < self.shown.1).then_some((row, column))
    }
}

/// The rows of the params pane that are shown inside its border, each with its place.
pub fn params(inner: Area, count: usize, chosen: usize) -> Vec<(usize, Area)> {
    if inner.width == 0 || inner.height == 0 {
        return Vec::new();
    }
    // No more columns than the rows fill: one has room for words on each row.
    let filled = u16::try_from(count.div_ceil(usize::from(inner.height))).unwrap_or(u16::MAX).max(1);
    let columns = (inner.width / COLUMN).clamp(1, 3).min(filled);
    let width = inner.width / columns;
    let page = usize::from(columns) * usize::from(inner.height);
    // Whole columns at a time, so that rows keep their places while the choice moves within a page.
    let first = chosen / page * page;
    let place = |k: usize| {
        let place = (k - first) as u16;
        let (column, line) = (place / inner.height, place % inner.height);
        Area { x: inner.x + column * width, y: inner.y + line, width: width.saturating_sub(1), height: 1 }
    };
    (first..count.min(first + page)).map(|k| (k, place(k))).collect()
}

/// Columns of a value with the space after it.
pub fn value_columns(value: usize) -> u16 {
    7.max(u16::try_from(value).unwrap_or(u16::MAX - 1) + 1)
}

/// Cells of a slider.
pub fn notches(room: Area) -> u16 {
    if room.width >= 42 { 6 } else { 4 }
}

/// Where the slider of a row lies, if it has one.
pub fn slider(room: Area, row: &Row) -> Option<Area> {
    row.share().filter(|_| row.setting != Setting::Objective)?;
    let x = room.x + NAMES + value_columns(row.text.chars().count());
    Some(Area { x, y: room.y, width: notches(room), height: 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosines_stand_under_a_heading_then_around_letters_then_as_shades() {
        let inner = Area { x: 0, y: 0, width: 30, height: 5 };
        let layout = |count| {
            let cells = gram(inner, count);
            (cells.numbers, cells.headed, cells.shown)
        };
        assert_eq!(layout(4), (true, true, (4, 4)));
        assert_eq!(layout(5), (true, false, (5, 5)), "all rows, since none is a heading");
        assert_eq!(layout(6), (false, false, (4, 6)));
        let cells = gram(inner, 5);
        for (row, column) in [(0, 0), (4, 2), (3, 4)] {
            let (x, y) = cells.at(row, column);
            assert!(x + cells.columns <= inner.width && y < inner.height);
            assert_eq!(cells.under(x, y), Some((row, column)));
        }
    }
}
