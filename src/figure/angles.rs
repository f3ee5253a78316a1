//! Histograms of the angles within and between classes.

use super::Size;
use super::axis::{Axis, number};
use super::legend::{Entry, Legend, Sample};
use super::mark::LineLook;
use super::panel::{Grid, Panel, lay};
use super::picture::{Anchor, Area, Ink, Picture, Place};
use super::scale::{Heading, Scale};
use crate::palette;

/// Counts of angles in equal bins from 0 to 180 degrees.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Angles {
    /// Bold, above the panel.
    pub title: String,
    /// In small type under the title.
    pub subtitle: String,
    /// Counts of angles between rows of the same class.
    pub within: Vec<u64>,
    /// Counts of angles between rows of different classes; may have another number of bins.
    pub between: Vec<u64>,
    /// The angle of a target geometry in degrees and its name, for example 109.47 and "simplex".
    pub target: Option<(f64, String)>,
}

impl Angles {
    /// Where the panel lies in a figure of a size.
    pub fn panel(&self, size: Size) -> Panel {
        draw(self, size).1
    }
}

/// The share of each bin; nothing where there are no counts.
fn shares(counts: &[u64]) -> Vec<f64> {
    let total: f64 = counts.iter().map(|&count| count as f64).sum();
    if total > 0.0 { counts.iter().map(|&count| count as f64 / total).collect() } else { Vec::new() }
}

/// Lays out and draws the figure; also where its panel is.
pub(super) fn draw(angles: &Angles, size: Size) -> (Picture, Panel) {
    let mut picture = Picture::new(size, &angles.title);
    let scale = Scale::of(&picture);
    let page = scale.page(&picture);
    let heading = Heading::new(scale, &angles.title, &angles.subtitle, page);
    // Where both have no room side by side, in a word each.
    let room = page.width() - 2.0 * scale.tick;
    let whole = ["within classes", "between classes"];
    let names = if Legend::fits_a_row(scale, &whole, room - 2.0 * scale.tick) {
        whole
    } else {
        ["within", "between"]
    };
    let histograms = [(names[0], shares(&angles.within), 1), (names[1], shares(&angles.between), 0)];
    let entry = |name: &str, empty: bool, colour: usize| {
        let ink = Ink::opaque(palette::COLOURS[colour].rgb);
        let none = if empty { " (none)" } else { "" };
        Entry { sample: Sample::Area(ink.faded(FILL), ink), name: format!("{name}{none}") }
    };
    let mut entries: Vec<Entry> =
        histograms.iter().map(|(name, h, colour)| entry(name, h.is_empty(), *colour)).collect();
    let target = angles.target.as_ref().filter(|(angle, _)| (0.0..=180.0).contains(angle));
    entries.extend(
        target.map(|target| Entry { sample: Sample::Line(target_look(), false), name: words(target) }),
    );
    let legend = Legend::rows(scale, &entries, room, 3);
    let highest = histograms.iter().flat_map(|(_, h, _)| h).copied().fold(0.0, f64::max);
    let y = Axis::linear("share of pairs", Some((0.0, if highest > 0.0 { highest } else { 1.0 })), 0.0, 0.06);
    let legend_top = page.top + heading.height();
    let outer = Area { top: legend_top + legend.height, ..page };
    let panel = lay(&mut picture, scale, outer, Axis::degrees("angle (°)"), y, Grid::Both);
    heading.draw(&mut picture, page, panel.area.left, page.top);
    legend.draw(
        &mut picture,
        scale,
        [panel.area.left.min(page.right - legend.width).max(page.left), legend_top],
    );
    for (_, shares, colour) in histograms.iter().rev() {
        let ink = Ink::opaque(palette::COLOURS[*colour].rgb);
        draw_histogram(&mut picture, scale, &panel, shares, [0.0, 180.0], ink);
    }
    if let Some((angle, _)) = target {
        let x = panel.place([*angle, 0.0])[0];
        target_look().draw(&mut picture, &[[x, panel.area.top], [x, panel.area.bottom]], 0.8 * scale.unit);
    }
    if highest == 0.0 {
        let [x, y] = panel.area.centre();
        picture.text([x, y], "no pairs", scale.label_type(Anchor::Middle).ink(Ink::QUIET));
    }
    (picture, panel)
}

/// How opaque the filling of a histogram is.
const FILL: f64 = 0.35;

fn target_look() -> LineLook {
    LineLook { ink: Ink::grey(0x22), dashes: &[7.0, 4.0], shape: palette::Shape::Circle }
}

fn words((angle, name): &(f64, String)) -> String {
    let name = if name.is_empty() { "target" } else { name };
    format!("{name} {}°", number(*angle, if angle.fract() == 0.0 { 1.0 } else { 0.01 }))
}

/// Bars without gaps as one area for each group of bars that are not empty, and a line along their tops.
pub(super) fn draw_histogram(
    picture: &mut Picture,
    scale: Scale,
    panel: &Panel,
    shares: &[f64],
    [low, high]: [f64; 2],
    ink: Ink,
) {
    let bin = (high - low) / shares.len().max(1) as f64;
    let mut outline: Vec<Place> = Vec::new();
    for k in 0..=shares.len() {
        let share = shares.get(k).copied().unwrap_or(0.0);
        let (left, right) = (low + k as f64 * bin, low + (k + 1) as f64 * bin);
        if share > 0.0 {
            if outline.is_empty() {
                outline.push(panel.place([left, 0.0]));
            }
            outline.push(panel.place([left, share]));
            outline.push(panel.place([right, share]));
        } else if !outline.is_empty() {
            outline.push(panel.place([left, 0.0]));
            picture.polygon(outline.clone(), ink.faded(FILL));
            picture.line(std::mem::take(&mut outline), 1.6 * scale.unit, ink);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_to_one_and_nothing_has_none() {
        assert_eq!(shares(&[1, 0, 3]), [0.25, 0.0, 0.75]);
        assert!(shares(&[0, 0]).is_empty());
        assert_eq!(shares(&[u64::MAX, u64::MAX]), [0.5, 0.5]);
    }

    #[test]
    fn a_target_is_named_with_its_angle() {
        assert_eq!(words(&(109.471, "simplex".to_owned())), "simplex 109.47°");
        assert_eq!(words(&(90.0, String::new())), "target 90°");
    }
}
