//! The projection of points to two dimensions: classes, weights, targets, and the sphere they live on.

mod over;
mod rays;
#[cfg(test)]
mod tests;
mod together;

use std::ops::RangeInclusive;

pub use over::{Gauge, PickedPoint, ProjectedArrow, TurnedAxis};
pub(super) use rays::Ray;

use super::axis::{Axis, extent};
use super::legend::{self, Entry, Legend, Sample};
use super::mark;
use super::panel::{Grid, Margins, Panel, draw_axes};
use super::picture::{Area, Ink, Picture};
use super::scale::{Heading, Scale};
use super::{Extent, Size, USUAL_DPI, class_name};
use crate::palette;

/// Points of two coordinates with their classes, and what stands around them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Projection {
    /// Bold, above the panel.
    pub title: String,
    /// In small type under the title.
    pub subtitle: String,
    /// The share of the variance that this picture does not show, 0 to 1; stands in the subtitle before all else, so
    /// that it is there in narrow figures too.
    pub hidden_variance: Option<f64>,
    /// Which projection it is, where the axes do not say so; stands after it.
    pub view: String,
    /// For example "PC 1 (34 %)".
    pub x_label: String,
    /// For example "PC 2 (33 %)".
    pub y_label: String,
    /// The name of each class, by its dense index; missing ones are numbered.
    pub class_names: Vec<String>,
    /// The points.
    pub points: Vec<ProjectedPoint>,
    /// Class weights, drawn larger with an outline.
    pub weights: Vec<ProjectedWeight>,
    /// Class means: where a line from the origin leads, if there are few.
    pub means: Vec<ProjectedWeight>,
    /// Where the origin of feature space lies; lines begin there.
    pub origin: Option<[f64; 2]>,
    /// Directions of a target frame.
    pub targets: Vec<[f64; 2]>,
    /// What the legend calls the targets, for example "simplex target".
    pub target_name: String,
    /// The radius of the sphere, drawn as a circle around the origin.
    pub radius: Option<f64>,
    /// How far both axes reach from 0 at least: the same in every frame of a film.
    pub reach: Option<f64>,
    /// The map that the coordinates are places on; its axes have no numbers.
    pub map: Option<Map>,
    /// Ways that class means and points have come, under the points.
    pub trails: Vec<ProjectedTrail>,
    /// Force arrows, over the points.
    pub arrows: Vec<ProjectedArrow>,
    /// The picked point.
    pub picked: Option<PickedPoint>,
    /// How long arrows are, in the other corner; nothing where they have no common length.
    pub gauge: Option<Gauge>,
    /// The three axes of a view that is turned, in a corner; empty where the axes of the page say it.
    pub turned: Vec<TurnedAxis>,
}

/// An oval map and the lines on it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    /// Half its width and half its height.
    pub half: [f64; 2],
    /// Meridians and parallels, each piece a line.
    pub graticule: Vec<Vec<[f64; 2]>>,
}

/// The way that a class mean or a point has come.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProjectedTrail {
    /// The class, a dense index.
    pub class: usize,
    /// Whether it is that of a class mean, drawn stronger.
    pub mean: bool,
    /// Its pieces, oldest first.
    pub pieces: Vec<Vec<[f64; 2]>>,
}

/// One point of a projection.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ProjectedPoint {
    /// Its two coordinates.
    pub at: [f64; 2],
    /// Its class, a dense index: colour and shape.
    pub class: usize,
    /// The label given to the objective where that is another class (label noise): a ring in its colour.
    pub given: Option<usize>,
}

/// The weight vector of a class.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ProjectedWeight {
    /// Its two coordinates.
    pub at: [f64; 2],
    /// Its class, a dense index.
    pub class: usize,
}

impl Projection {
    /// Where the panel lies in a figure of a size: [`Panel::place`] maps a point to its pixel.
    pub fn panel(&self, size: Size) -> Panel {
        draw(self, size).1
    }

    /// Whether weights and legend carry letters: where colours repeat.
    fn weights_are_lettered(&self) -> bool {
        let most = self.weights.iter().map(|weight| weight.class).max().unwrap_or(0);
        (palette::COLOURS.len()..LETTERED).contains(&most)
    }

    pub(super) fn legend_entries(&self) -> Vec<Entry> {
        let lettered = self.weights_are_lettered();
        let entry = |class| {
            let name = class_name(&self.class_names, class);
            let letter = palette::letter(class).to_string();
            let name = if lettered && name != letter { format!("{letter}  {name}") } else { name };
            Entry { sample: Sample::Point(class), name }
        };
        // Labels far apart are no reason to count through all numbers between them.
        let mut present: Vec<usize> = (0..self.class_names.len()).collect();
        present.extend(self.points.iter().map(|p| p.class).chain(self.weights.iter().map(|w| w.class)));
        present.sort_unstable();
        present.dedup();
        let mut entries = Vec::new();
        let mut other = |shown: bool, sample, name: &str| {
            if shown {
                entries.push(Entry { sample, name: name.to_owned() });
            }
        };
        let rayed = |ray| self.has_rays(ray);
        let weight = if rayed(Ray::Weight) { Sample::Ray(Ray::Weight) } else { Sample::Weight };
        other(!self.weights.is_empty(), weight, "class weight");
        other(self.points.iter().any(|p| p.given.is_some()), Sample::GivenRing, "ring: given label");
        let target_name = if self.target_name.is_empty() { "target" } else { &self.target_name };
        let target = if rayed(Ray::Target) { Sample::Ray(Ray::Target) } else { Sample::Target };
        other(!self.targets.is_empty(), target, target_name);
        entries.splice(0..0, rays::entry(self));
        entries.extend(over::entries(self));
        entries.extend(present.into_iter().map(entry));
        entries
    }

    pub(super) fn full_subtitle(&self) -> String {
        let hidden = self.hidden_variance.map(hidden_words);
        let together = self.together().unwrap_or_default();
        let words = [hidden.unwrap_or_default(), self.view.clone(), self.subtitle.clone(), together];
        words.into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" · ")
    }

    fn finite_points(&self) -> impl Iterator<Item = &ProjectedPoint> + Clone {
        self.points.iter().filter(|p| p.at.iter().all(|v| v.is_finite()))
    }

    /// The two axes, wide enough for all that is drawn, and wider by a share of their length on each side.
    fn axes(&self, beyond: f64) -> (Axis, Axis) {
        let along = |axis: usize| {
            if let Some(map) = &self.map {
                return Some((-map.half[axis], map.half[axis]));
            }
            let circle = self.radius.into_iter().chain(self.reach).flat_map(|r| [-r, r]);
            let marks = self.weights.iter().map(|w| w.at[axis]).chain(self.targets.iter().map(|t| t[axis]));
            let marks = marks.chain(self.rays_from().map(|at| at[axis]));
            extent(self.points.iter().map(|p| p.at[axis]).chain(marks).chain(circle))
        };
        let axis = |label: &str, k: usize| Axis::linear(label, along(k), beyond, beyond);
        (axis(&self.x_label, 0), axis(&self.y_label, 1))
    }

    /// Whether the page has no axes: a map says where places lie by its lines, a turned sphere by its outline and the
    /// three axes in its corner.
    fn is_bare(&self) -> bool {
        let turned = !self.turned.is_empty() && self.radius.is_some();
        self.map.is_some() || turned && self.x_label.is_empty() && self.y_label.is_empty()
    }

    /// How far the largest mark reaches from its place, in units where the panel is not small.
    fn reach_of_marks(&self) -> f64 {
        match (self.targets.is_empty(), self.weights.is_empty()) {
            (false, _) => 1.2 * TARGET,
            (true, false) => 1.5 * WEIGHT,
            (true, true) => 1.3 * POINT,
        }
    }
}

/// What is hidden, as a subtitle says it.
pub(super) fn hidden_words(share: f64) -> String {
    format!("hidden variance {}", percent(share))
}

/// A share as a percentage: whole above 1 %, else with enough decimals to differ from 0.
fn percent(share: f64) -> String {
    let percent = 100.0 * share.clamp(0.0, 1.0);
    match percent {
        0.0 => "0 %".to_owned(),
        p if p < 0.01 => "< 0.01 %".to_owned(),
        p if p < 1.0 => format!("{p:.2} %"),
        p if p < 10.0 => format!("{p:.1} %"),
        p => format!("{p:.0} %"),
    }
}

/// The height of a figure of which nobody said how large it is to be, and between which widths it lies, in millimetres.
const NATURAL: (f64, RangeInclusive<u32>) = (100.0, 100..=170);

impl Projection {
    /// A size to be printed in that leaves no white beside the panel: as broad as makes the panel no smaller than more
    /// room would.
    pub fn natural_size(&self) -> Size {
        let of = |width: u32| {
            let size = Extent::Millimetres(f64::from(width), NATURAL.0).at(USUAL_DPI).unwrap_or_default();
            (size, self.panel(size).area.width())
        };
        let sizes: Vec<(Size, f64)> = NATURAL.1.step_by(5).map(of).collect();
        let widest = sizes.iter().map(|(_, width)| *width).fold(0.0, f64::max);
        let first = sizes.iter().find(|(_, width)| *width >= 0.985 * widest);
        first.map_or_else(Size::default, |(size, _)| *size)
    }
}

/// Lays out and draws the figure; also where its panel is.
pub(super) fn draw(projection: &Projection, size: Size) -> (Picture, Panel) {
    let mut picture = Picture::new(size, &projection.title);
    let scale = Scale::of(&picture);
    let page = scale.page(&picture);
    let heading = Heading::new(scale, &projection.title, &projection.full_subtitle(), page);
    let top = page.top + heading.height();
    let entries = projection.legend_entries();
    let gap = 1.2 * scale.tick;
    // Beside the panel where the figure is broad, beneath it where it is tall.
    let beside = page.width() > 1.15 * (page.bottom - top);
    let legend = if beside {
        Legend::column(scale, &entries, 0.34 * page.width(), page.bottom - top - 0.5 * scale.tick)
    } else {
        Legend::rows(scale, &entries, page.width(), (0.25 * (page.bottom - top) / scale.tick) as usize)
    };
    let outer = if beside {
        Area { left: page.left, top, right: page.right - legend.width - gap, bottom: page.bottom }
    } else {
        Area { left: page.left, top, right: page.right, bottom: page.bottom - legend.height - 0.5 * gap }
    };
    let (mut area, x, y, margins) = fit_panel(projection, scale, outer);
    // What is left over is shared by both sides of the panel and its legend.
    let spare = (outer.right - margins.right - area.right).max(0.0) / 2.0;
    area = Area { left: area.left + spare, right: area.right + spare, ..area };
    if projection.is_bare() {
        // Without words below it, it has the middle.
        let down = (outer.bottom - area.bottom).max(0.0) / 2.0;
        area = Area { top: area.top + down, bottom: area.bottom + down, ..area };
    }
    let panel = Panel { area, x, y };
    if projection.is_bare() {
        picture.data.push(area);
    } else {
        draw_axes(&mut picture, scale, &panel, &margins, Grid::None);
    }
    heading.draw(&mut picture, page, area.left, page.top);
    draw_data(&mut picture, scale, &panel, projection);
    let corner = if beside {
        [area.right + margins.right + gap - 0.3 * scale.tick, area.top - 0.2 * scale.tick]
    } else {
        let left = area.centre()[0] - legend.width / 2.0;
        let left = left.min(page.right - legend.width).max(page.left);
        [left, area.bottom + margins.bottom + 0.5 * gap]
    };
    legend.draw(&mut picture, scale, corner);
    (picture, panel)
}

/// The area of the panel within its surroundings, with axes of equal units and the room their ticks take.
fn fit_panel(projection: &Projection, scale: Scale, outer: Area) -> (Area, Axis, Axis, Margins) {
    let room = |x: &Axis, y: &Axis, height: f64| {
        if projection.is_bare() { Margins::none(scale) } else { Margins::new(scale, x, y, height) }
    };
    let fit = |margins: &Margins, beyond: f64| {
        let (mut x, mut y) = projection.axes(beyond);
        let mut area = Area {
            left: outer.left + margins.left,
            top: outer.top + margins.top,
            right: outer.right - margins.right,
            bottom: outer.bottom - margins.bottom,
        }
        .at_least_a_pixel();
        equalise(&mut area, &mut x, &mut y);
        let height = area.height() + margins.top + margins.bottom;
        (area, x.clone(), y.clone(), room(&x, &y, height))
    };
    let (x, y) = projection.axes(BEYOND);
    let (area, .., margins) = fit(&room(&x, &y, outer.height()), BEYOND);
    // No mark crosses the frame.
    let side = area.width().min(area.height());
    let mark = projection.reach_of_marks() * smallness(scale, area) * scale.unit;
    let beyond = (mark / (side - 2.0 * mark).max(1.0)).clamp(BEYOND, 0.25);
    // Stretching an axis can change its ticks and so the room they take: the next try knows them.
    let mut found = fit(&margins, beyond);
    for _ in 0..3 {
        found = fit(&found.3, beyond);
    }
    found
}

/// Makes a unit of data as long in x as in y: first by shrinking the area to the shape of the data (never
/// slimmer than 2:1), then by stretching the shorter range.
pub(super) fn equalise(area: &mut Area, x: &mut Axis, y: &mut Axis) {
    let (x_span, y_span) = (x.high - x.low, y.high - y.low);
    let shape = (x_span / y_span).clamp(0.5, 2.0);
    let (width, height) = (area.width(), area.height());
    if width > shape * height {
        area.right = area.left + (shape * height).max(1.0);
    } else {
        // The room saved stays above the axis labels: the panel keeps its top.
        area.bottom = area.top + (width / shape).max(1.0);
    }
    let (x_unit, y_unit) = (x_span / area.width(), y_span / area.height());
    if x_unit < y_unit { x.stretch(y_unit / x_unit) } else { y.stretch(x_unit / y_unit) }
}

pub(super) fn draw_data(picture: &mut Picture, scale: Scale, panel: &Panel, projection: &Projection) {
    let hair = 1.0 * scale.unit;
    let area = panel.area;
    let origin = panel.place([0.0, 0.0]);
    if let Some(map) = &projection.map {
        draw_map(picture, scale, panel, map);
    }
    if !projection.is_bare() && origin[0] > area.left && origin[0] < area.right {
        picture.line(vec![[origin[0], area.top], [origin[0], area.bottom]], hair, Ink::GRID);
    }
    if !projection.is_bare() && origin[1] > area.top && origin[1] < area.bottom {
        picture.line(vec![[area.left, origin[1]], [area.right, origin[1]]], hair, Ink::GRID);
    }
    for trail in &projection.trails {
        let ink = Ink::opaque(palette::colour(trail.class).rgb).faded(if trail.mean { 0.8 } else { 0.3 });
        let width = if trail.mean { 1.8 } else { 0.8 } * scale.unit;
        for piece in &trail.pieces {
            picture.line(placed(panel, piece), width, ink);
        }
    }
    if let Some(radius) = projection.radius.filter(|r| r.is_finite() && *r > 0.0) {
        let edge = panel.place([radius, 0.0]);
        picture.ring(origin, edge[0] - origin[0], 1.1 * scale.unit, Ink::grey(0x99));
    }
    rays::draw(picture, scale, panel, projection);
    let count = projection.finite_points().count();
    // Marks shrink and fade with the number of points, so that density stays visible.
    let crowding = (count as f64 / 200.0).max(1.0);
    let small = if projection.weights.is_empty() { 1.0 } else { smallness(scale, area) };
    let radius = (POINT * small * scale.unit * crowding.powf(-0.22)).max(1.3 * scale.unit);
    let alpha = crowding.powf(-0.25).max(0.3);
    for point in shuffled(&projection.finite_points().collect::<Vec<_>>()) {
        let place = panel.place(point.at);
        mark::point(picture, point.class, place, radius, alpha);
    }
    for point in projection.finite_points() {
        if let Some(given) = point.given {
            let colour = palette::colour(given);
            let ink = Ink::opaque(colour.rgb).darkened(if colour.is_light() { 0.25 } else { 0.0 });
            picture.ring(panel.place(point.at), radius + 2.4 * scale.unit, 1.5 * scale.unit, ink);
        }
    }
    // Targets lie under the weights: at the end of a run they coincide.
    for target in projection.targets.iter().filter(|t| t.iter().all(|v| v.is_finite())) {
        legend::target(picture, panel.place(*target), TARGET * small * scale.unit);
    }
    for weight in projection.weights.iter().filter(|w| w.at.iter().all(|v| v.is_finite())) {
        mark::weight(picture, weight.class, panel.place(weight.at), WEIGHT * small * scale.unit);
    }
    if count == 0 && projection.weights.is_empty() && projection.targets.is_empty() {
        let style = scale.label_type(super::picture::Anchor::Middle).ink(Ink::QUIET);
        picture.text(area.centre(), "no points", style);
    }
    over::arrows(picture, scale, panel, projection);
    if projection.weights_are_lettered() {
        over::letter_weights(picture, scale, panel, projection, radius);
    }
    over::axes(picture, scale, panel, &projection.turned);
    if let Some(gauge) = &projection.gauge {
        over::gauge(picture, scale, panel, gauge);
    }
    if let Some(picked) = &projection.picked {
        over::picked(picture, scale, panel, picked, radius);
    }
}

/// The radius of a class weight in units, where the panel is not small.
const WEIGHT: f64 = 7.2;
/// That of a target, without the hair lines that reach out of it.
const TARGET: f64 = 15.5;
/// That of a point where there are few.
const POINT: f64 = 5.2;
/// The share of their length by which axes reach beyond the data on each side.
const BEYOND: f64 = 0.06;
/// Beyond so many classes letters would repeat, and hide what they name.
const LETTERED: usize = 26;

/// By how much marks are smaller in a panel that is small beside its type, so that they do not cover one another.
fn smallness(scale: Scale, area: Area) -> f64 {
    (area.width().min(area.height()) / (240.0 * scale.unit)).clamp(0.5, 1.0)
}

/// The places of a line that have any.
fn placed(panel: &Panel, line: &[[f64; 2]]) -> Vec<[f64; 2]> {
    line.iter().filter(|at| at.iter().all(|x| x.is_finite())).map(|at| panel.place(*at)).collect()
}

/// The outline of a map and the lines on it.
pub(super) fn draw_map(picture: &mut Picture, scale: Scale, panel: &Panel, map: &Map) {
    for line in &map.graticule {
        picture.line(placed(panel, line), 0.8 * scale.unit, Ink::GRID);
    }
    let side = |k: u32| {
        let (sin, cos) = (f64::from(k) / 90.0 * std::f64::consts::PI).sin_cos();
        panel.place([map.half[0] * cos, map.half[1] * sin])
    };
    picture.line((0..=180).map(side).collect(), 1.1 * scale.unit, Ink::grey(0x99));
}

/// Visits all points in an order that mixes the classes, so that the last class does not cover the others.
fn shuffled<T: Copy>(items: &[T]) -> impl Iterator<Item = T> + '_ {
    let count = items.len();
    let golden = (0.618_034 * count as f64) as usize;
    let stride = (golden.max(1)..=count).find(|&s| gcd(s, count.max(1)) == 1).unwrap_or(1);
    (0..count).map(move |k| items[k * stride % count])
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}
