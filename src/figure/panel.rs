//! A panel with axes: frame, grid, ticks, labels, and where a data point lies in pixels.

use super::axis::{Axis, Tick};
use super::font;
use super::picture::{Anchor, Area, Ink, Picture, Place};
use super::scale::Scale;

/// The rectangle data is drawn in, with its two axes: maps data to pixels of the figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// The rectangle in pixels from the top left corner of the figure.
    pub area: Area,
    pub(super) x: Axis,
    pub(super) y: Axis,
}

impl Panel {
    /// The place of a data point in pixels from the top left corner; points out of range go to the border.
    pub fn place(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [
            self.area.left + self.x.share(x) * self.area.width(),
            self.area.bottom - self.y.share(y) * self.area.height(),
        ]
    }
}

/// The room axes need around a panel, and the ticks it was measured for.
pub(super) struct Margins {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
    y_ticks: Vec<Tick>,
    /// The label of the upright axis, in two lines where it is longer than the axis.
    y_label: Vec<String>,
}

impl Margins {
    /// A little room where there are no axes.
    pub(super) fn none(scale: Scale) -> Self {
        let gap = 0.5 * scale.tick;
        Self { left: gap, right: gap, top: gap, bottom: gap, y_ticks: Vec::new(), y_label: Vec::new() }
    }

    /// Measures for a panel about `height` pixels high.
    pub(super) fn new(scale: Scale, x: &Axis, y: &Axis, height: f64) -> Self {
        let bottom = scale.tick * 1.9 + if x.label.is_empty() { 0.0 } else { scale.label * 1.6 };
        let inner = (height - bottom - scale.tick * 0.5).max(1.0);
        let most = ((inner / (scale.tick * 2.6)) as usize).clamp(1, 8);
        let apart = |ticks: &[Tick]| {
            let distance = |two: &[Tick]| (y.share(two[1].value) - y.share(two[0].value)) * inner;
            ticks.windows(2).all(|two| distance(two) >= 1.4 * scale.tick)
        };
        let y_ticks = y.two_ticks(most, apart);
        let right_type = scale.tick_type(Anchor::End);
        let widest = y_ticks.iter().map(|tick| right_type.width(&tick.text)).fold(0.0, f64::max);
        let y_label = font::halves(&y.label, scale.label, inner + scale.tick);
        let words = match y_label.len() {
            0 => 0.0,
            lines => scale.label * (1.6 + LINE * (lines - 1) as f64),
        };
        Self {
            left: words + widest + 0.8 * scale.tick,
            right: scale.tick * 1.3,
            top: scale.tick * 0.5,
            bottom,
            y_ticks,
            y_label,
        }
    }
}

/// From one line of an upright label to the next, in ems.
const LINE: f64 = 1.2;

/// Which grid lines lie under the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grid {
    Both,
    None,
}

/// A power of ten shorter than this, in units, has no marks within.
const DECADE: f64 = 40.0;

/// Draws frame, grid, ticks and labels of a panel at its place.
pub(super) fn draw_axes(picture: &mut Picture, scale: Scale, panel: &Panel, margins: &Margins, grid: Grid) {
    let page = scale.page(picture);
    let area = panel.area;
    let hair = 1.0 * scale.unit;
    let (short, long) = (2.5 * scale.unit, 4.5 * scale.unit);
    picture.data.push(area);
    // Marks between powers of ten that lie close together would look like a solid border.
    let minor = |axis: &Axis, length: f64| {
        let marks = axis.minor();
        if length < DECADE * scale.unit * axis.decades() { Vec::new() } else { marks }
    };
    let x_type = scale.tick_type(Anchor::Middle);
    let fit = |ticks: &[Tick]| {
        ticks.windows(2).all(|two| {
            let distance = (panel.x.share(two[1].value) - panel.x.share(two[0].value)) * area.width();
            distance >= f64::midpoint(x_type.width(&two[0].text), x_type.width(&two[1].text)) + scale.tick
        })
    };
    let most = ((area.width() / (scale.tick * 3.2)) as usize).clamp(1, 9);
    let x_ticks = panel.x.two_ticks(most, fit);
    // One number does not say how an axis goes on; beside others a small panel may have no more.
    if !picture.size.is_part() {
        picture.lost += usize::from(x_ticks.len() < 2) + usize::from(margins.y_ticks.len() < 2);
    }
    let x_of = |value: f64| area.left + panel.x.share(value) * area.width();
    let y_of = |value: f64| area.bottom - panel.y.share(value) * area.height();
    if grid == Grid::Both {
        for tick in &x_ticks {
            let x = x_of(tick.value);
            picture.line(vec![[x, area.top], [x, area.bottom]], hair, Ink::GRID);
        }
        for tick in &margins.y_ticks {
            let y = y_of(tick.value);
            picture.line(vec![[area.left, y], [area.right, y]], hair, Ink::GRID);
        }
    }
    for (tick, length) in x_ticks
        .iter()
        .map(|t| (t.value, long))
        .chain(minor(&panel.x, area.width()).into_iter().map(|v| (v, short)))
    {
        let x = x_of(tick);
        picture.line(vec![[x, area.bottom], [x, area.bottom + length]], hair, Ink::FRAME);
    }
    let y_marks = margins.y_ticks.iter().map(|t| (t.value, long));
    for (tick, length) in y_marks.chain(minor(&panel.y, area.height()).into_iter().map(|v| (v, short))) {
        let y = y_of(tick);
        picture.line(vec![[area.left - length, y], [area.left, y]], hair, Ink::FRAME);
    }
    picture.frame(area, hair, Ink::FRAME);
    for tick in &x_ticks {
        picture.text([x_of(tick.value), area.bottom + 1.45 * scale.tick], &tick.text, x_type);
    }
    for tick in &margins.y_ticks {
        let baseline = y_of(tick.value) + 0.36 * scale.tick;
        picture.text([area.left - 0.6 * scale.tick, baseline], &tick.text, scale.tick_type(Anchor::End));
    }
    draw_labels(picture, scale, panel, page, margins);
}

/// The two axis labels, centred on the panel as far as the page lets them.
fn draw_labels(picture: &mut Picture, scale: Scale, panel: &Panel, page: Area, margins: &Margins) {
    let style = scale.label_type(Anchor::Middle);
    let centre: Place = panel.area.centre();
    let label = font::fitted(&panel.x.label, style.em, false, page.width());
    picture.lost += usize::from(label != panel.x.label);
    let half = style.width(&label) / 2.0;
    let x = centre[0].min(page.right - half).max(page.left + half);
    picture.text([x, panel.area.bottom + 1.9 * scale.tick + 1.05 * scale.label], &label, style);
    for (k, line) in margins.y_label.iter().enumerate() {
        // No longer than the axis: above it is the heading, below it the other label.
        let label = font::fitted(line, style.em, false, panel.area.height() + 1.2 * scale.tick);
        picture.lost += usize::from(label != *line);
        let x = panel.area.left - margins.left + (1.0 + LINE * k as f64) * scale.label;
        picture.upward([x, centre[1]], &label, style);
    }
}

/// Where a panel with these axes lies in an area, and the room that their words take.
pub(super) fn place(scale: Scale, outer: Area, x: Axis, y: Axis) -> (Panel, Margins) {
    let margins = Margins::new(scale, &x, &y, outer.height());
    let area = Area {
        left: outer.left + margins.left,
        top: outer.top + margins.top,
        right: outer.right - margins.right,
        bottom: outer.bottom - margins.bottom,
    }
    .at_least_a_pixel();
    (Panel { area, x, y }, margins)
}

/// Lays a panel into an area and draws its axes.
pub(super) fn lay(picture: &mut Picture, scale: Scale, outer: Area, x: Axis, y: Axis, grid: Grid) -> Panel {
    let (panel, margins) = place(scale, outer, x, y);
    draw_axes(picture, scale, &panel, &margins, grid);
    panel
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Size;
    use crate::figure::picture::Item;

    #[test]
    fn an_axis_has_two_numbers_where_finer_ones_have_room() {
        let mut picture = Picture::new(Size::default(), "");
        let scale = Scale::of(&picture);
        // From −0.95 to 0.8 the only whole number is 0.
        let x = Axis::linear("PC 1 (33 %)", Some((-0.95, 0.8)), 0.0, 0.0);
        let outer = Area { left: 20.0, top: 20.0, right: 20.0 + 15.0 * scale.tick, bottom: 300.0 };
        lay(&mut picture, scale, outer, x, Axis::linear("", None, 0.0, 0.0), Grid::None);
        let said = |words: &str| {
            picture.items.iter().any(|item| matches!(item, Item::Text { text, .. } if text == words))
        };
        assert!(said("−0.5") && said("0.5"));
    }
}
