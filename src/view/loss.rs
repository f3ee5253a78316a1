//! The loss curve with its floor.

use ratatui::buffer::Buffer;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::pen;
use super::raster::Raster;
use super::theme::Theme;
use crate::app::{App, Area, Pane};
use crate::describe::{loss, number};
use crate::snapshot::Sample;

pub(super) fn draw(app: &App, buffer: &mut Buffer, area: Area) {
    let theme = Theme::of(app);
    let snapshot = &app.snapshot;
    let (low, high) = extent(&snapshot.history, snapshot.floor.value());
    let log = app.log_axis && low > 0.0;
    let scale = match (log, app.log_axis) {
        (true, _) => "log",
        (false, true) if area.width >= 44 => "linear: not all above 0",
        (false, _) => "linear",
    };
    let inner = pen::frame(app, buffer, Pane::Loss, area, scale);
    if inner.height == 0 {
        return;
    }
    let read = app.inspected.map(|step| (step, app.read_at(step)));
    let mut head = vec![Span::styled(loss(snapshot), theme.curve().patch(theme.strong()))];
    match &snapshot.floor {
        _ if read.is_some() => head.clear(),
        floor => head.push(match floor.label(number) {
            Some(label) => Span::styled(format!("  {label}"), theme.target()),
            None => Span::styled("  no floor known", theme.quiet()),
        }),
    }
    if let Some((step, read)) = &read {
        head = read_words(*step, read, snapshot.floor.word(), theme);
    }
    pen::line(buffer, inner, 0, Line::from(head));
    if inner.height < 3 {
        return;
    }
    let plot = Area { y: inner.y + 1, height: inner.height - 2, ..inner };
    let last = app.last_step();
    let left = Span::styled("0", theme.quiet());
    pen::line(buffer, inner, inner.height - 1, left);
    pen::right(buffer, inner, inner.height - 1, Span::styled(format!("step {last}"), theme.quiet()));
    let axes = Axes { plot, last, ends: (low, high), log };
    let mut raster = Raster::new(plot, theme);
    axes.floors(&mut raster, &snapshot.history, snapshot.floor.value(), theme.target());
    for branch in snapshot.time.branches.iter().filter(|branch| branch.curve.len() > 1) {
        axes.line(&mut raster, &branch.curve, 1, |_| theme.class(branch.id as usize + 1, 0.0));
    }
    // After the present step lies a future that was left.
    let style = |step| if step > snapshot.step { theme.quiet() } else { theme.curve() };
    axes.line(&mut raster, &snapshot.history, 2, style);
    raster.paint(buffer);
    axes.mark(app, buffer, theme);
    if plot.width >= 40 && plot.height >= 4 {
        pen::right(buffer, plot, 0, Span::styled(number(high), theme.quiet()));
    }
}

/// The step that all charts are read at, and what the curves are there; `floor` is what the least loss is called.
pub(super) fn read_words(
    step: u64,
    read: &[(String, Sample)],
    floor: &str,
    theme: Theme,
) -> Vec<Span<'static>> {
    let mut spans = vec![Span::styled(format!("at {step}:"), theme.accent())];
    for (name, sample) in read {
        let name = if read.len() > 1 { format!(" {name}") } else { String::new() };
        spans.push(Span::styled(format!("{name} {}", number(sample.loss)), theme.strong()));
    }
    if let [(_, Sample { floor: Some(value), .. })] = read {
        spans.push(Span::styled(format!("  {floor} {}", number(*value)), theme.target()));
    }
    spans
}

/// Where steps and losses lie in a plot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axes {
    pub(super) plot: Area,
    /// The step at the right end.
    pub(super) last: u64,
    /// The values at the lower and the upper side.
    pub(super) ends: (f64, f64),
    pub(super) log: bool,
}

impl Axes {
    pub(super) fn at(&self, y: f64) -> f32 {
        let (low, high) = self.ends;
        let (y, low, high) =
            if self.log { (y.max(1e-300).ln(), low.ln(), high.ln()) } else { (y, low, high) };
        let share = if high > low { (y - low) / (high - low) } else { 0.5 };
        // Half a dot from the upper side, a whole one above the lower.
        let room = f32::from(self.plot.height) - 0.3;
        f32::from(self.plot.y) + 0.12 + room * (1.0 - share as f32)
    }

    pub(super) fn across(&self, step: u64) -> f32 {
        let share = (step as f64 / self.last.max(1) as f64) as f32;
        f32::from(self.plot.x) + (f32::from(self.plot.width) - 0.5) * share
    }

    /// An upright line at the step that all charts are read at.
    pub(super) fn mark(&self, app: &App, buffer: &mut Buffer, theme: Theme) {
        let Some(step) = app.inspected.filter(|step| self.last > 0 && *step <= self.last) else { return };
        for row in 0..self.plot.height {
            let mark = theme.pick('│', '|');
            pen::glyph(
                buffer,
                self.plot,
                self.across(step),
                f32::from(self.plot.y + row),
                mark,
                theme.accent(),
            );
        }
    }

    /// The floor as it was at each time, and today's to the end, in dashes.
    pub(super) fn floors(&self, raster: &mut Raster, history: &[Sample], floor: Option<f64>, style: Style) {
        let plot = self.plot;
        let mut floors: Vec<(f32, Option<f64>)> =
            history.iter().map(|sample| (self.across(sample.step), sample.floor)).collect();
        floors.push((f32::from(plot.x + plot.width), floor));
        if history.len() <= 1 {
            floors.insert(0, (f32::from(plot.x), floor));
        }
        for pair in floors.windows(2) {
            if let ((from, _), (to, Some(value))) = (pair[0], pair[1]) {
                let y = self.at(value);
                let mut x = from;
                while x < to {
                    // Dashes in step with the screen, wherever the pieces begin.
                    if (x * 2.0) as i64 % 4 < 2 {
                        raster.dot(x, y, 1, style);
                    }
                    x += 0.5;
                }
            }
        }
    }

    /// A curve; the style of the piece that ends at a step.
    pub(super) fn line(&self, raster: &mut Raster, curve: &[Sample], rank: u8, style: impl Fn(u64) -> Style) {
        for pair in curve.windows(2) {
            let ends = [pair[0], pair[1]].map(|sample| (self.across(sample.step), self.at(sample.loss)));
            if pair[0].loss.is_finite() && pair[1].loss.is_finite() {
                raster.line(ends[0], ends[1], 1, rank, |_| style(pair[1].step));
            }
        }
        if let [only] = curve {
            raster.dot(self.across(only.step), self.at(only.loss), rank, style(only.step));
        }
    }
}

/// The least and the greatest value to be drawn, never equal.
pub(super) fn extent(history: &[Sample], floor: Option<f64>) -> (f64, f64) {
    let losses = history.iter().map(|sample| sample.loss);
    let floors = history.iter().filter_map(|sample| sample.floor).chain(floor);
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in losses.chain(floors).filter(|value| value.is_finite()) {
        low = low.min(value);
        high = high.max(value);
    }
    if low > high {
        (0.0, 1.0)
    } else if low == high {
        (low - 1e-9 - low.abs() * 0.1, high + 1e-9 + high.abs() * 0.1)
    } else {
        (low, high)
    }
}
