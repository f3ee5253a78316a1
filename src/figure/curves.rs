//! Loss curves over steps, with the proven floor.

use super::axis::{Axis, extent};
use super::edits::Marked;
use super::legend::{Entry, Legend, Sample};
use super::mark::LineLook;
use super::panel::{Grid, Panel, lay};
use super::picture::{Anchor, Area, Ink, Picture};
use super::scale::{Heading, Scale};
use super::series::{self, Series};
use super::{Size, axis};

/// One or several losses over steps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves {
    /// Bold, above the panel.
    pub title: String,
    /// In small type under the title.
    pub subtitle: String,
    /// What it is drawn over; empty means "step".
    pub x_label: String,
    /// How the horizontal axis is spread.
    pub x_scale: XScale,
    /// What is drawn; empty means "loss".
    pub y_label: String,
    /// How the vertical axis is spread.
    pub y_scale: YScale,
    /// Series of (step, value), or over whatever [`Curves::x_label`] says.
    pub series: Vec<Series>,
    /// Thresholds of the lower axis, drawn upright with their words.
    pub marks: Vec<(f64, String)>,
    /// What was changed on the way: the step, and what in a few words.
    pub edits: Vec<(f64, String)>,
    /// Proven lower bounds, drawn as dashed lines.
    pub floors: Vec<Floor>,
    /// Where a film has come to: beyond it the curves are pale.
    pub now: Option<f64>,
}

/// A proven lower bound.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Floor {
    /// Its value.
    pub value: f64,
    /// Its words, for example "floor 0.0144"; empty means that the value is written out.
    pub label: String,
    /// The series it belongs to, by index; nothing where it holds for all.
    pub series: Option<usize>,
}

/// How the horizontal axis of curves is spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum XScale {
    /// Evenly.
    #[default]
    Linear,
    /// By powers of ten, where all of it is positive; else evenly.
    Log,
    /// By powers of ten, for steps: step 0, which has no logarithm, stands at the left border.
    Steps,
}

/// How the vertical axis of curves is spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum YScale {
    /// Evenly.
    #[default]
    Linear,
    /// By powers of ten. Values that are not positive are left out, and where they are half or more of all
    /// the axis is linear; its label says so.
    Log,
    /// Value minus floor, by powers of ten. Where a series has no floor this is as [`YScale::Log`].
    LogAboveFloor,
}

/// What is drawn in the end: series after subtracting and leaving out, and the axis that says so.
struct Shown {
    series: Vec<Vec<[f64; 2]>>,
    y: Axis,
    floors: bool,
    /// What the axis does not say of itself: a phrase of the subtitle.
    remark: &'static str,
}

impl Curves {
    /// Where the panel lies in a figure of a size.
    pub fn panel(&self, size: Size) -> Panel {
        draw(self, size).1
    }

    fn floor_of(&self, series: usize) -> Option<f64> {
        let own = self.floors.iter().find(|floor| floor.series == Some(series));
        own.or_else(|| self.floors.iter().find(|floor| floor.series.is_none())).map(|floor| floor.value)
    }

    fn y_name(&self) -> &str {
        if self.y_label.is_empty() { "loss" } else { &self.y_label }
    }

    fn shown(&self) -> Shown {
        let name = self.y_name();
        match self.y_scale {
            YScale::Linear => self.linear(name),
            YScale::Log => self.log(name),
            YScale::LogAboveFloor => self.log_above_floor(name),
        }
    }

    fn x_axis(&self, seen: Option<(f64, f64)>) -> Axis {
        let label = if self.x_label.is_empty() { "step" } else { &self.x_label };
        match (self.x_scale, seen) {
            (XScale::Log, Some(seen)) if seen.0 > 0.0 => Axis::log(label, seen, 0.02, 0.02),
            (XScale::Steps, Some(seen)) if seen.1 >= 10.0 => {
                Axis::log(label, (seen.0.max(1.0), seen.1), 0.05, 0.02)
            }
            _ if self.x_label.is_empty() => Axis::steps(label, seen, 0.01),
            (_, Some(_)) => Axis::linear(label, seen, 0.0, 0.01),
            (_, None) => Axis::linear(label, None, 0.0, 0.0),
        }
    }

    fn points(&self) -> Vec<Vec<[f64; 2]>> {
        self.series.iter().map(|series| series.points.clone()).collect()
    }

    fn linear(&self, label: &str) -> Shown {
        let series = self.points();
        let floors = self.floors.iter().map(|floor| floor.value);
        let values = extent(values(&series).chain(floors));
        // Under a floor there is room for its words.
        let below = if self.floors.is_empty() { 0.04 } else { 0.11 };
        Shown { y: Axis::linear(label, values, below, 0.05), series, floors: true, remark: "" }
    }

    fn log(&self, label: &str) -> Shown {
        let mut series = self.points();
        let (all, positive) = (values(&series).count(), values(&series).filter(|&v| v > 0.0).count());
        let floors = self.floors.iter().map(|floor| floor.value).filter(|&v| v > 0.0);
        let Some(seen) = extent(values(&series).filter(|&v| v > 0.0).chain(floors)) else {
            return Shown { remark: "linear: no value above 0", ..self.linear(label) };
        };
        if 2 * positive <= all && all > 0 {
            return Shown { remark: "linear: most values ≤ 0", ..self.linear(label) };
        }
        leave_out(&mut series, |v| v > 0.0);
        let remark = if positive < all { "values ≤ 0 left out" } else { "" };
        let below = if self.floors.is_empty() { 0.04 } else { 0.11 };
        Shown { y: Axis::log(label, seen, below, 0.05), series, floors: true, remark }
    }

    fn log_above_floor(&self, label: &str) -> Shown {
        let Some(floors) = (0..self.series.len()).map(|k| self.floor_of(k)).collect::<Option<Vec<f64>>>()
        else {
            return Shown { remark: "no floor known", ..self.log(label) };
        };
        let mut series = self.points();
        for (points, floor) in series.iter_mut().zip(floors) {
            for point in points {
                point[1] -= floor;
            }
        }
        let all = values(&series).count();
        let Some((low, high)) = extent(values(&series).filter(|&v| v > 0.0)) else {
            return Shown { remark: "linear: nothing above the floor", ..self.linear(label) };
        };
        // Beyond twelve decades there is rounding, not loss.
        let low = low.max(1e-12 * high);
        leave_out(&mut series, |v| v >= low);
        let kept = values(&series).count();
        Shown {
            y: Axis::log(&format!("{label} − floor"), (low, high), 0.04, 0.05),
            series,
            floors: false,
            remark: if kept < all { "only where above the floor" } else { "" },
        }
    }
}

fn values(series: &[Vec<[f64; 2]>]) -> impl Iterator<Item = f64> + '_ {
    series.iter().flatten().map(|point| point[1]).filter(|v| v.is_finite())
}

/// Breaks lines where a value cannot be shown.
fn leave_out(series: &mut [Vec<[f64; 2]>], keep: impl Fn(f64) -> bool) {
    for point in series.iter_mut().flatten().filter(|point| !keep(point[1])) {
        point[1] = f64::NAN;
    }
}

/// Lays out and draws the figure; also where its panel is.
pub(super) fn draw(curves: &Curves, size: Size) -> (Picture, Panel) {
    let mut picture = Picture::new(size, &curves.title);
    let scale = Scale::of(&picture);
    let page = scale.page(&picture);
    let shown = curves.shown();
    let steps = extent(curves.series.iter().flat_map(|s| &s.points).map(|p| p[0]));
    let x = curves.x_axis(steps);
    let changes = Marked::of(&curves.edits, scale, page, |step| x.share(step));
    let words = [curves.subtitle.clone(), shown.remark.to_owned()].into_iter().chain(changes.phrases());
    let words: Vec<String> = words.filter(|words| !words.is_empty()).collect();
    let heading = Heading::new(scale, &curves.title, &words.join(" · "), page);
    let marked = curves.series.len() > 1;
    let entries = legend_entries(curves, marked);
    let legend = Legend::rows(scale, &entries, page.width() - 2.0 * scale.tick, 3);
    let legend_top = page.top + heading.height();
    let outer = Area { top: legend_top + legend.height + changes.height(scale), ..page };
    let panel = lay(&mut picture, scale, outer, x, shown.y, Grid::Both);
    heading.draw(&mut picture, page, panel.area.left, page.top);
    legend.draw(
        &mut picture,
        scale,
        [panel.area.left.min(page.right - legend.width).max(page.left), legend_top],
    );
    changes.draw(&mut picture, scale, &panel);
    // The first lies over the others: it is what the figure is about.
    for (index, points) in shown.series.iter().enumerate().rev() {
        let marks = marked.then_some((index, shown.series.len()));
        let look = LineLook::of(index, false);
        let Some(now) = curves.now else {
            series::draw(&mut picture, scale, &panel, points, &look, marks);
            continue;
        };
        let pale = LineLook { ink: Ink::grey(0xcc), ..look.clone() };
        series::draw(&mut picture, scale, &panel, points, &pale, None);
        let so_far = &points[..points.partition_point(|point| point[0] <= now)];
        series::draw(&mut picture, scale, &panel, so_far, &look, None);
        if let Some(last) = so_far.iter().rev().find(|point| point[1].is_finite()) {
            picture.disc(panel.place(*last), 4.0 * scale.unit, look.ink);
        }
    }
    if steps.is_none() {
        let style = scale.label_type(Anchor::Middle).ink(Ink::QUIET);
        picture.text(panel.area.centre(), "no steps", style);
    }
    for (value, words) in
        curves.marks.iter().filter(|(value, _)| *value >= panel.x.low && *value <= panel.x.high)
    {
        let x = panel.place([*value, 0.0])[0];
        let pattern = [5.0 * scale.unit, 3.0 * scale.unit];
        picture.dashed(
            &[[x, panel.area.top], [x, panel.area.bottom]],
            &pattern,
            1.4 * scale.unit,
            Ink::grey(0x33),
        );
        let style = scale.tick_type(Anchor::Start).ink(Ink::grey(0x33));
        picture.upward([x - 0.4 * scale.tick, panel.area.bottom - 0.8 * scale.tick], words, style);
    }
    if shown.floors {
        draw_floors(&mut picture, scale, &panel, curves);
    }
    (picture, panel)
}

fn legend_entries(curves: &Curves, marked: bool) -> Vec<Entry> {
    // One line that is called as its axis is needs no legend.
    let says_more = |series: &Series| !series.name.is_empty() && series.name != curves.y_name();
    if !marked && curves.floors.len() < 2 && !curves.series.iter().any(says_more) {
        return Vec::new();
    }
    let line = |(index, series): (usize, &Series)| Entry {
        sample: Sample::Line(LineLook::of(index, false), marked),
        name: if series.name.is_empty() { curves.y_name().to_owned() } else { series.name.clone() },
    };
    let mut entries: Vec<Entry> = curves.series.iter().enumerate().map(line).collect();
    if curves.floors.len() > 1 && curves.y_scale != YScale::LogAboveFloor {
        entries.extend(
            curves.floors.iter().map(|floor| Entry {
                sample: Sample::Line(floor_look(floor), false),
                name: floor_words(floor),
            }),
        );
    }
    entries
}

fn floor_look(floor: &Floor) -> LineLook {
    let look = LineLook::of(floor.series.unwrap_or(0), false);
    let ink = if floor.series.is_some() { look.ink.darkened(0.2) } else { Ink::grey(0x33) };
    LineLook { ink, dashes: &[7.0, 4.0], ..look }
}

fn floor_words(floor: &Floor) -> String {
    if floor.label.is_empty() {
        format!("floor {}", axis::significant(floor.value, 4))
    } else {
        floor.label.clone()
    }
}

fn draw_floors(picture: &mut Picture, scale: Scale, panel: &Panel, curves: &Curves) {
    for floor in curves.floors.iter().filter(|floor| floor.value.is_finite()) {
        if curves.y_scale != YScale::Linear && floor.value <= panel.y.low {
            continue;
        }
        let y = panel.place([0.0, floor.value])[1];
        let look = floor_look(floor);
        let pattern: Vec<f64> = look.dashes.iter().map(|length| length * scale.unit).collect();
        picture.dashed(&[[panel.area.left, y], [panel.area.right, y]], &pattern, 1.5 * scale.unit, look.ink);
        if curves.floors.len() == 1 {
            let style = scale.tick_type(Anchor::End).ink(Ink::grey(0x33));
            let words = floor_words(floor);
            let (margin, width) = (0.6 * scale.tick, style.width(&words));
            let covered = |[end, y]: &[f64; 2]| {
                let (columns, rows) = (end - width..=*end, y - 1.1 * scale.tick..=y + 0.35 * scale.tick);
                let points = curves.series.iter().flat_map(|series| &series.points);
                let places = points.filter(|at| at.iter().all(|x| x.is_finite())).map(|at| panel.place(*at));
                places.filter(|[x, y]| columns.contains(x) && rows.contains(y)).count()
            };
            // Under the line, where nothing lies below a floor, or above it; at the right end or the left one: where
            // the words cover least.
            let (under, over) = (y + 1.15 * scale.tick, y - 0.45 * scale.tick);
            let fits = |y: &f64| y + 0.2 * scale.tick < panel.area.bottom && y - scale.tick > panel.area.top;
            let ends = [panel.area.right - margin, panel.area.left + margin + width];
            let places = [under, over].into_iter().filter(fits).flat_map(|y| ends.map(|end| [end, y]));
            let [end, y] = places.min_by_key(covered).unwrap_or([ends[0], over]);
            picture.text([end, y], &words, style);
        }
    }
}
