//! Where each pane lies, for every size of terminal. Pure arithmetic, so that keys, mouse and drawing agree.
//!
//! ```text
//!   60×18 to 99×29          100×30 up                 160×48 up
//!   +-title--------------+  +-title----------------+  +-title----------------------+
//!   | view      | loss   |  | view | loss | law    |  | view      | loss  | angles |
//!   |           | second |  |      | angl | gram   |  |           | law   | gram   |
//!   |           |        |  |      |      | numbers|  |           |       | numbers|
//!   | params             |  | params      | select |  | selected  | params         |
//!   | info, status, keys |  | info, status, keys   |  | info, status, keys         |
//!   +--------------------+  +----------------------+  +----------------------------+
//! ```
//!
//! Below 24 rows the right column of the middle one holds two of its three panes.

/// A column of so many rows holds three panes.
const THREE_ROWS: u16 = 24;

/// The smallest screen that is drawn on: columns, rows.
pub const SMALLEST: (u16, u16) = (60, 18);

/// What can be looked at; the number key of each is its place plus one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    /// The points.
    View,
    /// The loss curve.
    Loss,
    /// Histograms of angles.
    Angles,
    /// What can be set.
    Params,
    /// The force law.
    Law,
    /// Cosines between class means.
    Gram,
    /// The picked point.
    Selected,
    /// The line of time.
    Time,
    /// Metrics.
    Numbers,
}

impl Pane {
    /// All of them, by number.
    pub const ALL: [Self; 9] = [
        Self::View,
        Self::Loss,
        Self::Angles,
        Self::Params,
        Self::Law,
        Self::Gram,
        Self::Selected,
        Self::Time,
        Self::Numbers,
    ];

    /// Its number on the screen, from 1.
    pub fn number(self) -> usize {
        Self::ALL.iter().position(|pane| *pane == self).map_or(0, |place| place + 1)
    }

    /// Its name on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::View => "View",
            Self::Loss => "Loss",
            Self::Angles => "Angles",
            Self::Params => "Params",
            Self::Numbers => "Numbers",
            Self::Law => "Force law",
            Self::Gram => "Gram",
            Self::Selected => "Point",
            Self::Time => "Time",
        }
    }
}

/// A rectangle of cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// Columns from the left.
    pub x: u16,
    /// Rows from the top.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

impl Area {
    /// Whether a cell lies inside.
    pub const fn contains(self, x: u16, y: u16) -> bool {
        x >= self.x && x - self.x < self.width && y >= self.y && y - self.y < self.height
    }

    /// Cuts `height` rows off the top.
    fn top(self, height: u16) -> (Self, Self) {
        let height = height.min(self.height);
        (Self { height, ..self }, Self { y: self.y + height, height: self.height - height, ..self })
    }

    /// Cuts `width` columns off the left.
    fn left(self, width: u16) -> (Self, Self) {
        let width = width.min(self.width);
        (Self { width, ..self }, Self { x: self.x + width, width: self.width - width, ..self })
    }
}

/// The screen, divided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// The first line.
    pub title: Area,
    /// The panes that have room, in the order Tab goes.
    pub panes: Vec<(Pane, Area)>,
    /// The line of time; two where there is room.
    pub time: Area,
    /// Lines that say what is going on: as many as there is room for.
    pub info: Area,
    /// What happened last.
    pub status: Area,
    /// The keys.
    pub footer: Area,
}

impl Layout {
    /// Where a pane lies, if it is on the screen.
    pub fn area(&self, pane: Pane) -> Option<Area> {
        self.panes.iter().find(|(here, _)| *here == pane).map(|(_, area)| *area)
    }

    /// The pane at a cell.
    pub fn at(&self, x: u16, y: u16) -> Option<Pane> {
        self.panes.iter().find(|(_, area)| area.contains(x, y)).map(|(pane, _)| *pane)
    }
}

/// Divides a screen. `second` is the pane shown on the right where there is room for one of several; `expanded`
/// takes all the room panes have. `None` when the screen is too small.
pub fn divide(width: u16, height: u16, second: Pane, expanded: Option<Pane>) -> Option<Layout> {
    if width < SMALLEST.0 || height < SMALLEST.1 {
        return None;
    }
    let all = Area { x: 0, y: 0, width, height };
    let (title, rest) = all.top(1);
    let large = width >= 160 && height >= 48;
    let info_rows = if large { 3 } else { u16::from(height >= 21) };
    let time_rows = if large { 2 } else { 1 };
    let (main, bottom) = rest.top(rest.height - info_rows - 2 - time_rows);
    let (time, bottom) = bottom.top(time_rows);
    let (info, bottom) = bottom.top(info_rows);
    let (status, footer) = bottom.top(1);
    let panes = match expanded {
        Some(pane) => vec![(pane, main)],
        None if large => large_panes(main),
        None if width >= 100 && height >= 30 => middle_panes(main, second),
        None => small_panes(main, second),
    };
    Some(Layout { title, panes, time, info, status, footer })
}

fn small_panes(main: Area, second: Pane) -> Vec<(Pane, Area)> {
    let params_rows = if main.height >= 18 { 5 } else { 4 };
    let (upper, params) = main.top(main.height - params_rows);
    let (view, right) = upper.left((u32::from(upper.width) * 61 / 100) as u16);
    let (loss, below) = right.top(right.height / 2);
    vec![(Pane::View, view), (Pane::Loss, loss), (second, below), (Pane::Params, params)]
}

fn middle_panes(main: Area, second: Pane) -> Vec<(Pane, Area)> {
    let (upper, lower) = main.top(main.height - (main.height / 4).clamp(7, 12));
    let (view, rest) = upper.left(upper.width / 2);
    let (middle, right) = rest.left(rest.width / 2);
    let (loss, angles) = middle.top(middle.height / 2);
    let (params, selected) = lower.left(lower.width * 55 / 100);
    let mut panes = vec![(Pane::View, view), (Pane::Loss, loss), (Pane::Angles, angles)];
    panes.extend(if right.height >= THREE_ROWS {
        let (law, rest) = right.top(right.height / 3);
        let (gram, numbers) = rest.top(rest.height / 2);
        vec![(Pane::Law, law), (Pane::Gram, gram), (Pane::Numbers, numbers)]
    } else {
        // Two of the three: the law has the place of what was looked at less lately.
        let two = match second {
            Pane::Gram => [Pane::Law, Pane::Gram],
            Pane::Law => [Pane::Law, Pane::Numbers],
            _ => [Pane::Gram, Pane::Numbers],
        };
        let (above, below) = right.top(right.height / 2);
        vec![(two[0], above), (two[1], below)]
    });
    panes.extend([(Pane::Params, params), (Pane::Selected, selected)]);
    panes
}

fn large_panes(main: Area) -> Vec<(Pane, Area)> {
    let lower_rows = (main.height / 4).clamp(11, 16);
    let (upper, lower) = main.top(main.height - lower_rows);
    let (view, rest) = upper.left((u32::from(upper.width) * 54 / 100) as u16);
    let (middle, right) = rest.left(rest.width / 2);
    let (loss, law) = middle.top(middle.height / 2);
    let (angles, rest) = right.top(right.height / 3);
    let (gram, numbers) = rest.top(rest.height / 2);
    let (selected, params) = lower.left(view.width);
    vec![
        (Pane::View, view),
        (Pane::Loss, loss),
        (Pane::Angles, angles),
        (Pane::Law, law),
        (Pane::Gram, gram),
        (Pane::Numbers, numbers),
        (Pane::Selected, selected),
        (Pane::Params, params),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_is_covered_once_and_nothing_sticks_out() {
        for width in 0..200u16 {
            for height in (0..70u16).step_by(3) {
                for expanded in [None, Some(Pane::Gram)] {
                    let Some(layout) = divide(width, height, Pane::Angles, expanded) else {
                        assert!(width < SMALLEST.0 || height < SMALLEST.1);
                        continue;
                    };
                    let mut areas: Vec<Area> = layout.panes.iter().map(|(_, area)| *area).collect();
                    areas.extend([layout.title, layout.time, layout.info, layout.status, layout.footer]);
                    let cells: u32 = areas.iter().map(|a| u32::from(a.width) * u32::from(a.height)).sum();
                    assert_eq!(cells, u32::from(width) * u32::from(height), "{width}x{height}");
                    for (k, a) in areas.iter().enumerate() {
                        assert!(a.x + a.width <= width && a.y + a.height <= height);
                        for b in &areas[k + 1..] {
                            let apart = a.x + a.width <= b.x
                                || b.x + b.width <= a.x
                                || a.y + a.height <= b.y
                                || b.y + b.height <= a.y;
                            assert!(apart || a.height == 0 || b.height == 0, "{width}x{height} {a:?} {b:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn large_screens_show_every_pane() {
        for (width, height) in [(120, 40), (160, 48), (300, 90)] {
            let layout = divide(width, height, Pane::Angles, None).unwrap();
            assert!(
                Pane::ALL.iter().filter(|p| **p != Pane::Time).all(|pane| layout.area(*pane).is_some()),
                "{width}x{height}"
            );
        }
        // Where there is no room for all, one that was gone to is there.
        for second in Pane::ALL.into_iter().filter(|pane| *pane != Pane::Time) {
            let layout = divide(100, 30, second, None).unwrap();
            assert!(layout.area(second).is_some(), "{second:?}");
        }
        assert_eq!(divide(59, 18, Pane::Angles, None), None);
        assert_eq!(divide(60, 17, Pane::Angles, None), None);
    }
}
