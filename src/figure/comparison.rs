//! Several runs in one figure: their ends side by side through one camera, their losses each on its own scale, and
//! metrics over steps with the spread over seeds.
//!
//! ```text
//!  Title, subtitle, legend of the runs, legend of the classes
//!  ┌ A ───┐ ┌ B ───┐ ┌ loss ─┐
//!  └──────┘ └──────┘ └───────┘      as many columns as fill two rows
//!  ┌angle─┐ ┌within┐ ┌ NC1 ──┐
//!  └──────┘ └──────┘ └───────┘
//! ```

use super::axis::{Axis, extent};
use super::legend::{Entry, Legend, Sample};
use super::mark::LineLook;
use super::panel::{Grid, Panel, lay};
use super::picture::{Anchor, Area, Ink, Item, Picture, Place, Type};
use super::projection::{self, Projection};
use super::scale::{Heading, Scale};
use super::{Size, font, series};

/// Runs to be compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// Bold, at the top.
    pub title: String,
    /// In small type under it.
    pub subtitle: String,
    /// What the runs are called. Their lines differ in tone and dashes and carry their letters: colours are those of
    /// classes alone.
    pub names: Vec<String>,
    /// The end of each run, all through the same axes.
    pub projections: Vec<Projection>,
    /// Losses, then metrics, over steps.
    pub trajectories: Vec<Trajectories>,
}

/// One number of every run over steps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trajectories {
    /// Bold, above the panel.
    pub title: String,
    /// The vertical axis.
    pub y_label: String,
    /// Whether the vertical axis goes by powers of ten, where values allow it.
    pub log: bool,
    /// How many powers of ten below the greatest value are shown at most: what lies lower is rounding.
    pub decades: i32,
    /// A run each.
    pub bands: Vec<Band>,
    /// A dashed line with its words.
    pub target: Option<(f64, String)>,
    /// What is to be known before it is read, in small type under the title.
    pub caveat: String,
}

/// A number over steps, over several seeds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Band {
    /// Step, lower quartile, median, upper quartile.
    pub points: Vec<[f64; 4]>,
}

impl Comparison {
    /// Width and height that give every panel the same shape.
    pub fn natural_size(&self) -> (u32, u32) {
        let cells = self.projections.len() + self.trajectories.len();
        (500 * cells.div_ceil(2).max(1) as u32, 950)
    }
}

/// Lays out and draws the figure.
pub(super) fn draw(figure: &Comparison, size: Size) -> Picture {
    let mut picture = Picture::new(size, &figure.title);
    let cells = (figure.projections.len() + figure.trajectories.len()).max(1);
    let columns = cells.div_ceil(2);
    let rows = cells.div_ceil(columns);
    // Text follows the size of a panel, so that every number of runs reads alike.
    let share = (f64::from(size.width()) / (500.0 * columns as f64))
        .min(f64::from(size.height()) / (475.0 * rows as f64));
    let unit = 1.15 * share.max(0.2);
    let scale = Scale { unit, tick: 13.0 * unit, label: 14.0 * unit, title: 17.0 * unit, pad: 12.0 * unit };
    let page = scale.page(&picture);
    let heading = Heading::new(scale, &figure.title, &figure.subtitle, page);
    heading.draw(&mut picture, page, page.left, page.top);
    let entries: Vec<Entry> = figure
        .names
        .iter()
        .enumerate()
        .map(|(k, name)| Entry { sample: Sample::Line(look(k), false), name: name.clone() })
        .collect();
    let legend = Legend::rows(scale, &entries, page.width(), 2);
    legend.draw(&mut picture, scale, [page.left, page.top + heading.height()]);
    let mut top = page.top + heading.height() + legend.height;
    let classes = Legend::rows(scale, &class_entries(&figure.projections), page.width(), 2);
    classes.draw(&mut picture, scale, [page.left, top]);
    top += classes.height + 0.6 * scale.tick;
    let (width, height) = (page.width() / columns as f64, (page.bottom - top) / rows as f64);
    let gap = 0.7 * scale.tick;
    let cell = |k: usize| {
        let (row, column) = ((k / columns) as f64, (k % columns) as f64);
        let left = page.left + column * width;
        Area {
            left,
            right: left + width - gap,
            top: top + row * height,
            bottom: top + (row + 1.0) * height - gap,
        }
    };
    let common = common_axes(&figure.projections);
    for (k, projection) in figure.projections.iter().enumerate() {
        draw_projection(&mut picture, scale, cell(k), projection, &common);
    }
    let first = figure.projections.len();
    for (k, trajectories) in figure.trajectories.iter().enumerate() {
        draw_trajectories(&mut picture, scale, cell(first + k), trajectories);
    }
    picture
}

fn look(run: usize) -> LineLook {
    LineLook::neutral(run)
}

/// What marks and colours of the projections mean: once for all of them.
fn class_entries(projections: &[Projection]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for mut entry in projections.iter().flat_map(Projection::legend_entries) {
        // A number or a letter alone might be that of a run.
        let alone = entry.name.chars().count() == 1 || entry.name.bytes().all(|b| b.is_ascii_digit());
        if matches!(entry.sample, Sample::Point(_)) && alone {
            entry.name = format!("class {}", entry.name);
        }
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    // Of one class there is nothing to tell apart.
    if entries.len() > 1 { entries } else { Vec::new() }
}

/// Letters of a run on its line, at places of its own.
fn letters(picture: &mut Picture, scale: Scale, panel: &Panel, points: &[[f64; 2]], run: usize, runs: usize) {
    // As often as letters of all runs stand apart.
    let times = (panel.area.width() / (2.6 * scale.tick * runs as f64)).clamp(1.0, 3.0) as usize;
    let shown: Vec<Place> =
        points.iter().filter(|p| p.iter().all(|v| v.is_finite())).map(|&p| panel.place(p)).collect();
    let letter = crate::palette::letter(run).to_string();
    for time in 0..times {
        let share = (time as f64 + (run as f64 + 0.5) / runs as f64) / times as f64;
        let x = panel.area.left + share * panel.area.width();
        let after = shown.partition_point(|place| place[0] < x);
        let (Some(next), Some(last)) = (shown.get(after), after.checked_sub(1).map(|k| shown[k])) else {
            continue;
        };
        let within = if next[0] > last[0] { (x - last[0]) / (next[0] - last[0]) } else { 0.0 };
        let y = last[1] + within * (next[1] - last[1]);
        let before = picture.items.len();
        picture.disc([x, y], 0.62 * scale.tick, Ink::WHITE);
        let style = Type::new(0.95 * scale.tick, Anchor::Middle).bold();
        picture.text([x, y + font::CAP_HEIGHT / 2.0 * 0.95 * scale.tick], &letter, style);
        let areas = picture.items.iter().map(Item::text_area).collect::<Vec<_>>();
        let (others, own) = areas.split_at(before);
        // Words that stand there already come first.
        if own.iter().flatten().any(|own| others.iter().flatten().any(|other| own.overlaps(*other))) {
            picture.items.truncate(before);
        }
    }
}

/// The title of a panel; what is left of its cell.
fn titled(picture: &mut Picture, scale: Scale, cell: Area, title: &str, ink: Ink) -> Area {
    let style = Type::new(scale.label, Anchor::Start).bold().ink(ink);
    let title = font::fitted(title, scale.label, true, cell.width());
    picture.text([cell.left, cell.top + 1.1 * scale.label], &title, style);
    Area { top: cell.top + 1.5 * scale.label, ..cell }
}

/// Extents that hold every projection.
fn common_axes(projections: &[Projection]) -> [Option<(f64, f64)>; 2] {
    [0, 1].map(|axis| {
        extent(projections.iter().flat_map(|p| {
            let circle = p.radius.into_iter().flat_map(|r| [-r, r]);
            let others = p.weights.iter().map(|w| w.at[axis]).chain(p.targets.iter().map(|t| t[axis]));
            p.points.iter().map(move |point| point.at[axis]).chain(others.collect::<Vec<_>>()).chain(circle)
        }))
    })
}

fn draw_projection(
    picture: &mut Picture,
    scale: Scale,
    cell: Area,
    shown: &Projection,
    common: &[Option<(f64, f64)>; 2],
) {
    let outer = titled(picture, scale, cell, &shown.title, Ink::TEXT);
    let axes = [(&shown.x_label, common[0]), (&shown.y_label, common[1])];
    let [mut x, mut y] = axes.map(|(label, seen)| Axis::linear(label, seen, 0.06, 0.06));
    let subtitle = scale.tick_type(Anchor::Start).ink(Ink::QUIET);
    picture.text([outer.left, outer.top + 0.9 * scale.tick], &shown.full_subtitle(), subtitle);
    let outer = Area { top: outer.top + 1.4 * scale.tick, ..outer };
    let margins = super::panel::Margins::new(scale, &x, &y, outer.height());
    let mut area = Area {
        left: outer.left + margins.left,
        top: outer.top + margins.top,
        right: outer.right - margins.right,
        bottom: outer.bottom - margins.bottom,
    }
    .at_least_a_pixel();
    projection::equalise(&mut area, &mut x, &mut y);
    let panel = Panel { area, x, y };
    super::panel::draw_axes(picture, scale, &panel, &margins, Grid::None);
    let small = Scale { unit: 0.72 * scale.unit, ..scale };
    projection::draw_data(picture, small, &panel, shown);
}

fn draw_trajectories(picture: &mut Picture, scale: Scale, cell: Area, shown: &Trajectories) {
    let mut outer = titled(picture, scale, cell, &shown.title, Ink::TEXT);
    let quiet = scale.tick_type(Anchor::Start).ink(Ink::QUIET);
    for line in font::wrapped(&shown.caveat, scale.tick, false, outer.width(), 2) {
        picture.text([outer.left, outer.top + 0.9 * scale.tick], &line, quiet);
        outer.top += 1.25 * scale.tick;
    }
    let finite = || shown.bands.iter().flat_map(|b| &b.points).filter(|p| p.iter().all(|v| v.is_finite()));
    let positive = finite().filter(|p| p[1] > 0.0).count() * 2 > finite().count();
    let log = shown.log && positive;
    let keep = |p: &[f64; 4]| p.iter().all(|v| v.is_finite()) && (!log || p[1] > 0.0);
    let target = shown.target.as_ref().map(|(value, _)| *value);
    let seen = extent(finite().filter(|p| keep(p)).flat_map(|p| [p[1], p[3]]).chain(target));
    let y = match seen {
        Some((low, high)) if log => {
            let least = 10f64.powi(-shown.decades) * high;
            Axis::log(&shown.y_label, (low.max(least), high), 0.04, 0.05)
        }
        _ => Axis::linear(&shown.y_label, seen, 0.04, 0.08),
    };
    let steps = extent(finite().map(|p| p[0]));
    let panel = lay(picture, scale, outer, Axis::steps("step", steps, 0.0), y, Grid::Both);
    let inside = |place: [f64; 2]| [place[0], place[1].clamp(panel.area.top, panel.area.bottom)];
    let at = |p: &[f64; 4], k: usize| inside(panel.place([p[0], p[k]]));
    for (run, band) in shown.bands.iter().enumerate() {
        for stretch in band.points.split(|p| !keep(p)).filter(|s| s.len() > 1) {
            let mut outline: Vec<_> = stretch.iter().map(|p| at(p, 3)).collect();
            outline.extend(stretch.iter().rev().map(|p| at(p, 1)));
            picture.polygon(outline, look(run).ink.faded(0.2));
        }
    }
    if let Some((value, words)) = &shown.target {
        let height = panel.place([0.0, *value])[1];
        let ends = [[panel.area.left, height], [panel.area.right, height]];
        picture.dashed(&ends, &[7.0 * scale.unit, 4.0 * scale.unit], 1.4 * scale.unit, Ink::grey(0x33));
        let style = scale.tick_type(Anchor::End);
        picture.text([panel.area.right - 0.5 * scale.tick, height - 0.4 * scale.tick], words, style);
    }
    for (run, band) in shown.bands.iter().enumerate() {
        let low = panel.y.low;
        // What lies below the axis is left out, not drawn along it.
        let line = |p: &[f64; 4]| [p[0], if keep(p) && p[2] >= low { p[2] } else { f64::NAN }];
        let points: Vec<[f64; 2]> = band.points.iter().map(line).collect();
        series::draw(picture, scale, &panel, &points, &look(run), None);
    }
    for (run, band) in shown.bands.iter().enumerate() {
        let low = panel.y.low;
        let seen = band.points.iter().filter(|p| keep(p) && p[2] >= low).map(|p| [p[0], p[2]]);
        letters(picture, scale, &panel, &seen.collect::<Vec<_>>(), run, shown.bands.len());
    }
}
