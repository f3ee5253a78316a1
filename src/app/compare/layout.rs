//! The screen of a comparison.
//!
//! ```text
//!   60×18 up              80×22 up                   110×30 up
//!   +-title-----------+   +-title----------------+   +-title--------------------------+
//!   | A      | B      |   | A        | B         |   | A          | B        | B − A  |
//!   | (focused pane)  |   | loss     | angles    |   | loss   | angles  | params      |
//!   | table           |   | table, note          |   | table, note                    |
//!   | time            |   | time                 |   | time                           |
//!   | status, keys    |   | status, keys         |   | status, keys                   |
//!   +-----------------+   +----------------------+   +--------------------------------+
//! ```
//!
//! From 150 columns on the force laws stand between angles and params. Of what is below the table a verdict has its line
//! from 24 rows on.
//!
//! Below 22 rows loss, angles and params fold: the focused one takes the lower half of the views. Params and whatever
//! else is focused take the place of both charts where there is no third column.

use crate::app::layout::{Area, Layout, Pane, SMALLEST};

/// What the screen is divided for.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// How many runs there are.
    pub runs: usize,
    /// The one that has the focus.
    pub run: usize,
    /// The pane that has the focus.
    pub focus: Pane,
    /// Whether each line of differences has one below it with what seeds count.
    pub counts: bool,
    /// Whether a view of the difference is wanted.
    pub apart: bool,
    /// Whether the focused pane has the screen for itself.
    pub expanded: bool,
    /// Rows that the focused pane needs inside its frame to say all it has; 0 for any.
    pub rows: u16,
}

/// The parts that only a comparison has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stage {
    /// The view of each run that is shown.
    pub views: Vec<(usize, Area)>,
    /// The view of the difference.
    pub apart: Option<Area>,
    /// The table.
    pub table: Area,
    /// Whether each line of differences has one below it with what seeds count.
    pub counts: bool,
    /// Whether every other run has a line of its difference in the table, or only the focused one.
    pub all_pairs: bool,
}

/// Divides a screen for a comparison; `None` when it is too small.
pub fn divide(width: u16, height: u16, asked: &Asked) -> Option<(Layout, Stage)> {
    if width < SMALLEST.0 || height < SMALLEST.1 {
        return None;
    }
    let area = |x, y, width, height| Area { x, y, width, height };
    let runs = asked.runs as u16;
    let all_pairs = height >= 30;
    let pairs = if all_pairs { runs - 1 } else { 1 };
    // Views of three runs or more are small enough on a low screen.
    let counts = asked.counts && (height >= 22 || runs == 2);
    let pairs = if counts { 2 * pairs } else { pairs };
    let table_rows = 1 + runs + pairs + u16::from(height >= 22) + u16::from(height >= 24);
    let time_rows = if width >= 160 && height >= 48 { 2 } else { 1 };
    let main = height - 1 - table_rows - time_rows - 2;
    let pane = (!matches!(asked.focus, Pane::View | Pane::Time)).then_some(asked.focus);
    let mut stage =
        Stage { all_pairs, counts, table: area(0, 1 + main, width, table_rows), ..Stage::default() };
    let mut panes = Vec::new();
    if asked.expanded {
        panes.push((asked.focus, area(0, 1, width, main)));
        if asked.focus == Pane::View {
            stage.views.push((asked.run, area(0, 1, width, main)));
        }
    } else {
        let wanted = if asked.rows > 0 { asked.rows + 2 } else { 0 };
        let lower = match (height >= 22, pane) {
            (true, _) => (main * 2 / 5).clamp(if main >= 14 { 6 } else { 5 }, 14),
            (false, Some(_)) => main / 2,
            (false, None) => 0,
        };
        // The views keep room for a small ball.
        let lower = if lower > 0 { lower.max(wanted.min(main.saturating_sub(5))) } else { 0 };
        let upper = main - lower;
        let apart = asked.apart && width >= 110 && height >= 30;
        let count = asked.runs + usize::from(apart);
        let mut cells = grid(area(0, 1, width, upper), count as u16);
        if apart {
            stage.apart = cells.pop();
        }
        stage.views = cells.into_iter().enumerate().collect();
        let run = asked.run.min(asked.runs - 1);
        panes.push((Pane::View, stage.views[run].1));
        let row = area(0, 1 + upper, width, lower);
        let narrow = width < 110;
        let fourth = width >= 150 && lower >= 8;
        let charts = match pane {
            _ if lower == 0 => Vec::new(),
            Some(pane) if height < 22 => vec![pane],
            None | Some(Pane::Loss | Pane::Angles) if narrow => vec![Pane::Loss, Pane::Angles],
            Some(pane) if narrow => vec![pane],
            None | Some(Pane::Loss | Pane::Angles | Pane::Law) if fourth => {
                vec![Pane::Loss, Pane::Angles, Pane::Law, Pane::Params]
            }
            Some(pane) if fourth => vec![Pane::Loss, Pane::Angles, Pane::Law, pane],
            None | Some(Pane::Loss | Pane::Angles) => vec![Pane::Loss, Pane::Angles, Pane::Params],
            Some(pane) => vec![Pane::Loss, Pane::Angles, pane],
        };
        let places = split(row, charts.len() as u16);
        panes.extend(charts.into_iter().zip(places));
    }
    let line = |row, rows| area(0, row, width, rows);
    let time = height - 2 - time_rows;
    let layout = Layout {
        title: line(0, 1),
        panes,
        time: line(time, time_rows),
        info: line(time, 0),
        status: line(height - 2, 1),
        footer: line(height - 1, 1),
    };
    Some((layout, stage))
}

/// Cells side by side, in one row or in two, whichever leaves more room for a ball in each.
fn grid(whole: Area, count: u16) -> Vec<Area> {
    let ball = |columns: u16, rows: u16| {
        let (width, height) = (whole.width / columns, whole.height / rows);
        (width.saturating_sub(2) / 2).min(height.saturating_sub(2))
    };
    let half = count.div_ceil(2);
    if count < 3 || ball(count, 1) >= ball(half, 2) {
        return split(whole, count);
    }
    let upper = Area { height: whole.height / 2, ..whole };
    let lower = Area { y: whole.y + upper.height, height: whole.height - upper.height, ..whole };
    split(upper, half).into_iter().chain(split(lower, count - half)).collect()
}

/// Equal columns, the last one with what is left over.
fn split(whole: Area, count: u16) -> Vec<Area> {
    let width = whole.width / count.max(1);
    let column = |k: u16| Area {
        x: whole.x + k * width,
        width: if k + 1 == count { whole.width - k * width } else { width },
        ..whole
    };
    (0..count).map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_is_covered_once_whatever_is_asked() {
        let mut seen = 0u32;
        for width in (60..200u16).step_by(7) {
            for height in 18..60u16 {
                for runs in 2..=4usize {
                    for (k, focus) in Pane::ALL.into_iter().enumerate() {
                        let asked = Asked {
                            runs,
                            run: k % runs,
                            focus,
                            counts: k % 3 == 0,
                            apart: k % 2 == 0,
                            expanded: k % 5 == 4,
                            rows: k as u16,
                        };
                        let (layout, stage) = divide(width, height, &asked).unwrap();
                        let mut areas: Vec<Area> = stage.views.iter().map(|(_, area)| *area).collect();
                        areas.extend(stage.apart);
                        areas.extend(
                            layout.panes.iter().filter(|(p, _)| *p != Pane::View).map(|(_, area)| *area),
                        );
                        areas.extend([layout.title, stage.table, layout.time, layout.status, layout.footer]);
                        let cells: u32 = areas.iter().map(|a| u32::from(a.width) * u32::from(a.height)).sum();
                        let whole = u32::from(width) * u32::from(height);
                        assert_eq!(cells, whole, "{width}x{height} {asked:?} {areas:?}");
                        assert!(areas.iter().all(|a| a.x + a.width <= width && a.y + a.height <= height));
                        let focused = !matches!(focus, Pane::Time) || !asked.expanded;
                        assert!(!focused || focus == Pane::Time || layout.area(focus).is_some(), "{asked:?}");
                        seen += 1;
                    }
                }
            }
        }
        assert!(seen > 10_000);
        let asked =
            Asked { runs: 2, run: 0, focus: Pane::View, counts: true, apart: true, expanded: false, rows: 0 };
        assert_eq!(divide(59, 18, &asked), None);
    }

    #[test]
    fn a_pane_that_needs_rows_gets_them_where_the_views_keep_some() {
        let height = |screen: (u16, u16), focus, rows| {
            let asked = Asked { runs: 2, run: 1, focus, counts: false, apart: false, expanded: false, rows };
            let (layout, stage) = divide(screen.0, screen.1, &asked).unwrap();
            (layout.area(focus).unwrap().height, stage.views[0].1.height)
        };
        assert_eq!(height((80, 24), Pane::Gram, 6), (8, 6));
        assert_eq!(height((80, 24), Pane::Gram, 30), (9, 5), "not all of it");
        assert_eq!(height((80, 24), Pane::Loss, 0), (6, 8));
        let (gram, views) = height((60, 18), Pane::Gram, 6);
        assert!(gram >= 5 && views >= 5, "{gram} {views}");
    }

    #[test]
    fn two_views_lie_side_by_side_and_four_where_they_are_largest() {
        let ask = |runs| Asked {
            runs,
            run: 0,
            focus: Pane::View,
            counts: false,
            apart: false,
            expanded: false,
            rows: 0,
        };
        let (_, stage) = divide(80, 24, &ask(2)).unwrap();
        assert_eq!(stage.views[0].1, Area { x: 0, y: 1, width: 40, height: 8 });
        assert_eq!(stage.views[1].1.x, 40);
        let (_, stage) = divide(80, 60, &ask(4)).unwrap();
        assert_eq!((stage.views[2].1.x, stage.views[2].1.y > 1), (0, true), "two rows on a high screen");
    }
}
