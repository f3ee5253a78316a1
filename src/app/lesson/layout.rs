//! The screen of a lesson.
//!
//! ```text
//!   up to 99×29                        larger
//!   +-lesson, page-----------------+   +-lesson, page-------------------+
//!   | view            | read       |   | view             | read        |
//!   | (focused pane)  |            |   | params           | loss/focus  |
//!   | check                        |   | check                          |
//!   | may change, status, keys     |   | may change, status, keys       |
//!   +------------------------------+   +--------------------------------+
//! ```
//!
//! Below 22 rows what is to be read has the whole width while it comes before what is to be seen.

use crate::app::layout::{Area, Layout, Pane, SMALLEST};

/// The two panes that only lessons have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Desk {
    /// What is read.
    pub read: Area,
    /// What is measured.
    pub check: Area,
}

/// Divides a screen for a lesson, where reading may come before seeing; `None` when it is too small.
pub fn divide(
    width: u16,
    height: u16,
    focus: Pane,
    second: Pane,
    expanded: bool,
    reads: bool,
) -> Option<(Layout, Desk)> {
    if width < SMALLEST.0 || height < SMALLEST.1 {
        return None;
    }
    let focus = if focus == Pane::Time { Pane::View } else { focus };
    let area = |x, y, width, height| Area { x, y, width, height };
    let check_rows = if height >= 30 {
        7
    } else if height >= 22 {
        6
    } else {
        4
    };
    let main = height - 1 - check_rows - 3;
    // Forty words take so many columns where there are few rows.
    let least = if height < 22 && focus == Pane::View { 36 } else { 28 };
    let read_width = (width * 43 / 100).clamp(least, 64);
    let left = width - read_width;
    let top = 1;
    let (view, read) = (area(0, top, left, main), area(left, top, read_width, main));
    let mut desk = Desk { read, check: area(0, top + main, width, check_rows) };
    let panes = if reads && height < 22 && focus == Pane::View && !expanded {
        desk.read = area(0, top, width, main);
        Vec::new()
    } else if expanded {
        desk.read.width = 0;
        vec![(focus, area(0, top, width, main))]
    } else if width >= 100 && height >= 30 {
        let lower = (main / 3).max(8);
        let upper = main - lower;
        desk.read.height = upper;
        let beside =
            if matches!(focus, Pane::View | Pane::Params | Pane::Loss) { Pane::Loss } else { second };
        vec![
            (Pane::View, area(0, top, left, upper)),
            (Pane::Params, area(0, top + upper, left, lower)),
            (beside, area(left, top + upper, read_width, lower)),
        ]
    } else if focus == Pane::View {
        vec![(Pane::View, view)]
    } else {
        let lower = (main / 2).max(4);
        let upper = main - lower;
        vec![(Pane::View, area(0, top, left, upper)), (focus, area(0, top + upper, left, lower))]
    };
    let line = |row| area(0, row, width, 1);
    let layout = Layout {
        title: line(0),
        panes,
        // A lesson keeps the line of time for itself: its checks are of the run as it goes.
        time: area(0, height - 3, width, 0),
        info: line(height - 3),
        status: line(height - 2),
        footer: line(height - 1),
    };
    Some((layout, desk))
}
