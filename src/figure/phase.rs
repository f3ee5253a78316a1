//! A phase diagram: the final state of runs over two knobs, with the curve at which theory puts the change.

use super::Size;
use super::axis::{Axis, extent};
use super::colour_map;
use super::legend::{Entry, Legend, Sample};
use super::mark::LineLook;
use super::panel::{Grid, Panel, draw_axes, place};
use super::picture::{Anchor, Area, Ink, Picture};
use super::scale::{Heading, Scale};
use super::series::{self, Series};
use crate::palette::Shape;

/// Cells over two positive knobs, both spread by powers of ten.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PhaseDiagram {
    /// Bold, above the panel.
    pub title: String,
    /// In small type under the title.
    pub subtitle: String,
    /// The knob along the lower side.
    pub x_label: String,
    /// The knob along the left side.
    pub y_label: String,
    /// Values of the first knob, ascending: the middles of the columns.
    pub x: Vec<f64>,
    /// Values of the second, ascending: the middles of the rows.
    pub y: Vec<f64>,
    /// A row for each value of y, a number for each value of x; one that is not finite stays grey.
    pub cells: Vec<Vec<f64>>,
    /// What the colour says: the words at the lowest and at the highest value.
    pub ends: [String; 2],
    /// Predicted boundaries.
    pub curves: Vec<Series>,
}

impl PhaseDiagram {
    /// Where the panel lies in a figure of a size.
    pub fn panel(&self, size: Size) -> Panel {
        draw(self, size).1
    }
}

/// The borders between values on a logarithmic axis: halfway, and as far beyond the ends.
fn borders(values: &[f64]) -> Vec<f64> {
    let logs: Vec<f64> = values.iter().map(|v| v.max(1e-300).ln()).collect();
    let (Some(first), Some(last)) = (logs.first(), logs.last()) else { return Vec::new() };
    let half = if logs.len() > 1 { (last - first) / (logs.len() - 1) as f64 / 2.0 } else { 0.5 };
    let between = logs.windows(2).map(|pair| f64::midpoint(pair[0], pair[1]).exp());
    std::iter::once((first - half).exp()).chain(between).chain([(last + half).exp()]).collect()
}

/// Lays out and draws the figure; also where its panel is.
pub(super) fn draw(phase: &PhaseDiagram, size: Size) -> (Picture, Panel) {
    let mut picture = Picture::new(size, &phase.title);
    let scale = Scale::of(&picture);
    let page = scale.page(&picture);
    let heading = Heading::new(scale, &phase.title, &phase.subtitle, page);
    let values = phase.cells.iter().flatten().copied();
    let (low, high) = extent(values).unwrap_or((0.0, 1.0));
    // Only one half of the diverging map: from nothing to full.
    let ink = |value: f64| {
        if !value.is_finite() {
            return Ink::grey(0xbb);
        }
        let share = if high > low { (value - low) / (high - low) } else { 0.0 };
        colour_map::diverging(-0.92 * share)
    };
    let look = |k: usize| LineLook {
        ink: if k == 0 { Ink::opaque((190, 60, 10)) } else { Ink::grey(0x22) },
        dashes: if k == 0 { &[] } else { &[7.0, 4.0] },
        shape: Shape::Circle,
    };
    let mut entries: Vec<Entry> = [(low, &phase.ends[0]), (high, &phase.ends[1])]
        .into_iter()
        .map(|(value, words)| Entry { sample: Sample::Area(ink(value), Ink::FRAME), name: words.clone() })
        .collect();
    entries.extend(
        phase
            .curves
            .iter()
            .enumerate()
            .map(|(k, curve)| Entry { sample: Sample::Line(look(k), false), name: curve.name.clone() }),
    );
    let legend = Legend::rows(scale, &entries, page.width() - 2.0 * scale.tick, 3);
    let (columns, rows) = (borders(&phase.x), borders(&phase.y));
    let range =
        |borders: &[f64]| (borders.first().copied().unwrap_or(1.0), borders.last().copied().unwrap_or(10.0));
    let x = Axis::log(&phase.x_label, range(&columns), 0.0, 0.0);
    let y = Axis::log(&phase.y_label, range(&rows), 0.0, 0.0);
    let legend_top = page.top + heading.height();
    let outer = Area { top: legend_top + legend.height, ..page };
    let (panel, margins) = place(scale, outer, x, y);
    for (cells, row) in phase.cells.iter().zip(rows.windows(2)) {
        for (&cell, column) in cells.iter().zip(columns.windows(2)) {
            let ([left, bottom], [right, top]) =
                (panel.place([column[0], row[0]]), panel.place([column[1], row[1]]));
            // A cell reaches under the next one, so that no seam shows.
            let right = (right + 0.5).min(panel.area.right);
            picture.rectangle(
                Area { left, right, top, bottom: (bottom + 0.5).min(panel.area.bottom) },
                ink(cell),
            );
        }
    }
    draw_axes(&mut picture, scale, &panel, &margins, Grid::None);
    heading.draw(&mut picture, page, panel.area.left, page.top);
    legend.draw(
        &mut picture,
        scale,
        [panel.area.left.min(page.right - legend.width).max(page.left), legend_top],
    );
    for (k, curve) in phase.curves.iter().enumerate() {
        // Only what lies inside: a curve pressed against the border would say something else.
        let inside = |p: &[f64; 2]| {
            let within = |v: f64, axis: &Axis| v >= axis.low && v <= axis.high;
            if within(p[0], &panel.x) && within(p[1], &panel.y) { *p } else { [f64::NAN; 2] }
        };
        let points: Vec<[f64; 2]> = curve.points.iter().map(inside).collect();
        series::draw(&mut picture, scale, &panel, &points, &look(k), None);
    }
    if phase.cells.is_empty() {
        let style = scale.label_type(Anchor::Middle).ink(Ink::QUIET);
        picture.text(panel.area.centre(), "no runs", style);
    }
    (picture, panel)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borders_lie_halfway_by_factors() {
        let found = borders(&[1.0, 100.0]);
        assert!(found.iter().zip([0.1, 10.0, 1000.0]).all(|(a, b)| (a / b - 1.0).abs() < 1e-12), "{found:?}");
        assert!(borders(&[]).is_empty());
    }
}
