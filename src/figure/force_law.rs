//! Force laws: the coupling of an anchor and a candidate over their angle, several objectives in one panel.

use super::Size;
use super::axis::{Axis, extent};
use super::legend::{Entry, Legend, Sample};
use super::mark::LineLook;
use super::panel::{Grid, Panel, lay};
use super::picture::{Area, Ink, Picture};
use super::scale::{Heading, Scale};
use super::series::{self, Series};
use crate::engine::force::CALM;

/// Coupling curves over an angle from 0 to 180 degrees.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForceLaw {
    /// Bold, above the panel.
    pub title: String,
    /// In small type under the title.
    pub subtitle: String,
    /// Empty means "angle to the own class weight (°)".
    pub x_label: String,
    /// Empty means "coupling −∂L/∂s".
    pub y_label: String,
    /// One series of (degrees, coupling) an objective.
    pub curves: Vec<Series>,
}

/// How far a curve may leave the range it has at calm angles before it is cut off, as a share of the range.
const SLACK: f64 = 0.05;

impl ForceLaw {
    /// Pulls toward the own class by angle. Curves are broken where they leave what all of them do at [`CALM`]
    /// angles, and the line under the title says so.
    pub fn of_angles(title: String, mut subtitle: String, mut curves: Vec<Series>) -> Self {
        if cut_off(&mut curves) {
            if !subtitle.is_empty() {
                subtitle.push_str(" · ");
            }
            subtitle.push_str("cut off outside 10°–170° where out of range");
        }
        Self {
            title,
            subtitle,
            x_label: "angle to the own class (°)".to_owned(),
            y_label: "pull −N·∂L/∂cos".to_owned(),
            curves,
        }
    }

    /// Where the panel lies in a figure of a size.
    pub fn panel(&self, size: Size) -> Panel {
        draw(self, size).1
    }
}

/// Breaks curves where they leave what all of them do at calm angles; whether any did.
fn cut_off(curves: &mut [Series]) -> bool {
    let calm = || curves.iter().flat_map(|curve| &curve.points).filter(|point| CALM.contains(&point[0]));
    let (low, high) = calm()
        .map(|point| point[1])
        .filter(|pull| pull.is_finite())
        .fold((0.0f64, 0.0f64), |(low, high), pull| (low.min(pull), high.max(pull)));
    let slack = SLACK * (high - low);
    let mut cut = false;
    for point in curves.iter_mut().flat_map(|curve| &mut curve.points) {
        if !CALM.contains(&point[0]) && !(low - slack..=high + slack).contains(&point[1]) {
            point[1] = f64::NAN;
            cut = true;
        }
    }
    cut
}

/// Lays out and draws the figure; also where its panel is.
pub(super) fn draw(law: &ForceLaw, size: Size) -> (Picture, Panel) {
    let mut picture = Picture::new(size, &law.title);
    let scale = Scale::of(&picture);
    let page = scale.page(&picture);
    let heading = Heading::new(scale, &law.title, &law.subtitle, page);
    let several = law.curves.len() > 1;
    let entry = |(index, curve): (usize, &Series)| Entry {
        sample: Sample::Line(LineLook::of(index, true), several),
        name: curve.name.clone(),
    };
    let entries: Vec<Entry> =
        law.curves.iter().enumerate().map(entry).filter(|entry| several || !entry.name.is_empty()).collect();
    let legend = Legend::rows(scale, &entries, page.width() - 2.0 * scale.tick, 4);
    let or =
        |given: &str, otherwise: &str| if given.is_empty() { otherwise.to_owned() } else { given.to_owned() };
    let x = Axis::degrees(&or(&law.x_label, "angle to the own class weight (°)"));
    // Zero is always in sight: where the force changes sign or dies is what the figure is for.
    let couplings = law.curves.iter().flat_map(|curve| &curve.points).map(|point| point[1]);
    let seen = extent(couplings.chain([0.0])).filter(|(low, high)| low < high);
    let below = if seen.is_some_and(|(low, _)| low < 0.0) { 0.06 } else { 0.02 };
    let y = Axis::linear(&or(&law.y_label, "coupling −∂L/∂s"), seen, below, 0.06);
    let legend_top = page.top + heading.height();
    let outer = Area { top: legend_top + legend.height, ..page };
    let panel = lay(&mut picture, scale, outer, x, y, Grid::Both);
    heading.draw(&mut picture, page, panel.area.left, page.top);
    legend.draw(
        &mut picture,
        scale,
        [panel.area.left.min(page.right - legend.width).max(page.left), legend_top],
    );
    let zero = panel.place([0.0, 0.0])[1];
    picture.line(vec![[panel.area.left, zero], [panel.area.right, zero]], 1.2 * scale.unit, Ink::grey(0x88));
    for (index, curve) in law.curves.iter().enumerate() {
        let marks = several.then_some((index, law.curves.len()));
        series::draw(&mut picture, scale, &panel, &curve.points, &LineLook::of(index, true), marks);
    }
    (picture, panel)
}
