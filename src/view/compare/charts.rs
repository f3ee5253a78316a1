//! Curves and angles of all runs over one another.

use ratatui::buffer::Buffer;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::table::same_scale;
use crate::app::{App, Area, Pane};
use crate::describe::target_angle;
use crate::engine::force::CALM;
use crate::geometry::angles::AngleCounts;
use crate::palette;
use crate::snapshot::{Sample, Snapshot};
use crate::view::angles::in_columns;
use crate::view::law::few;
use crate::view::loss::{Axes, extent, read_words};
use crate::view::pen;
use crate::view::raster::Raster;
use crate::view::theme::Theme;

fn runs(app: &App) -> impl Iterator<Item = (usize, &Snapshot)> {
    (0..app.snapshot.runs()).map(|run| (run, app.snapshot.beside(run)))
}

/// The loss of every run: on one scale where all minimise the same, else each on its own.
pub(super) fn losses(app: &App, buffer: &mut Buffer, area: Area) {
    let theme = Theme::of(app);
    let shared = runs(app).all(|(_, run)| same_scale(&app.snapshot, run));
    // A floor of 0 has no place on a logarithmic axis; the losses above it have.
    let drawn = |floor: Option<f64>| floor.filter(|floor| !app.log_axis || *floor > 0.0);
    let ends_of = |run: &Snapshot| {
        let curve: Vec<Sample> = run.history.iter().map(|s| Sample { floor: drawn(s.floor), ..*s }).collect();
        extent(&curve, drawn(run.floor.value()))
    };
    let mut ends: Vec<(f64, f64)> = runs(app).map(|(_, run)| ends_of(run)).collect();
    if shared {
        let low = ends.iter().map(|(low, _)| *low).fold(f64::INFINITY, f64::min);
        let high = ends.iter().map(|(_, high)| *high).fold(f64::NEG_INFINITY, f64::max);
        ends.fill((low, high));
    }
    let log = app.log_axis && ends.iter().all(|(low, _)| *low > 0.0);
    let title = format!(
        "{}{}",
        if shared { "one scale" } else { "each on its own scale" },
        if log { ", log" } else { ", linear" }
    );
    let inner = pen::frame(app, buffer, Pane::Loss, area, &title);
    if inner.height < 2 || inner.width == 0 {
        return;
    }
    let last = app.last_step();
    let axis = u16::from(inner.height >= 4);
    let plot = Area { height: inner.height - axis, ..inner };
    let mut raster = Raster::new(plot, theme);
    let count = app.snapshot.runs();
    for (run, shown) in runs(app) {
        let axes = Axes { plot, last, ends: ends[run], log };
        let style = theme.run(run);
        if plot.height >= 6 && drawn(shown.floor.value()).is_some() {
            axes.floors(&mut raster, &shown.history, shown.floor.value(), style);
        }
        let faded = |step| if step > app.snapshot.step { theme.quiet() } else { style };
        axes.line(&mut raster, &shown.history, 2, faded);
        // A letter on each curve, at places of its own so that those that run together can be told apart.
        let place = (run + 1) as u64 * last / (count + 1) as u64;
        let nearest = shown.history.iter().min_by_key(|sample| sample.step.abs_diff(place));
        if let Some(sample) = nearest.filter(|sample| sample.loss.is_finite()) {
            let (x, y) = (axes.across(sample.step), axes.at(sample.loss));
            raster.glyph(x, y, palette::letter(run), style.add_modifier(Modifier::BOLD));
        }
    }
    raster.paint(buffer);
    Axes { plot, last, ends: (0.0, 1.0), log: false }.mark(app, buffer, theme);
    if axis == 1 {
        let right = Span::styled(format!("step {last}"), theme.quiet());
        pen::right(buffer, inner, inner.height - 1, right);
        let left = match app.inspected {
            Some(step) => Line::from(read_words(step, &app.read_at(step), app.snapshot.floor.word(), theme)),
            None => Line::styled("0", theme.quiet()),
        };
        pen::line(buffer, inner, inner.height - 1, left);
    }
}

/// How hard each loss pulls a row toward its own class, or what it makes of the angle as a logit of the target, by the
/// angle to that class, on one scale.
pub(super) fn laws(app: &App, buffer: &mut Buffer, area: Area) {
    let theme = Theme::of(app);
    let logits = app.forces.logits;
    let title = match (logits, area.width) {
        (true, 40..) => "target logit by angle",
        (true, _) => "target logit",
        (false, 44..) => "pull by angle to own class",
        (false, _) => "pull by angle",
    };
    let inner = pen::frame(app, buffer, Pane::Law, area, title);
    if inner.height < 3 || inner.width < 12 {
        return;
    }
    // A run each: angles with values, none where its loss has no such logit, nothing before its law is known.
    let curves: Vec<(usize, Vec<(f64, f64)>)> = runs(app)
        .filter_map(|(run, shown)| {
            let curve = shown.law.curves.first()?;
            let none: &[f64] = &[];
            let values: &[f64] = if logits { curve.logits.as_deref().unwrap_or(none) } else { &curve.pulls };
            Some((run, shown.law.angles.iter().copied().zip(values.iter().copied()).collect()))
        })
        .collect();
    let calm = curves.iter().flat_map(|(_, points)| points).filter(|(angle, _)| CALM.contains(angle));
    let (low, high) = calm
        .map(|(_, value)| *value)
        .filter(|value| value.is_finite())
        .fold((0.0f64, 0.0f64), |(low, high), value| (low.min(value), high.max(value)));
    let span = (high - low).max(1e-12);
    let plot = Area { height: inner.height - 1, ..inner };
    let place = |(angle, value): (f64, f64)| {
        let x = f32::from(plot.x) + (angle / 180.0) as f32 * (f32::from(plot.width) - 0.5);
        let share = ((value - low) / span) as f32;
        (x, f32::from(plot.y) + 0.12 + (f32::from(plot.height) - 0.3) * (1.0 - share))
    };
    let inside = |point: &(f64, f64)| (low - 0.05 * span..=high + 0.05 * span).contains(&point.1);
    let mut raster = Raster::new(plot, theme);
    raster.line(place((0.0, 0.0)), place((180.0, 0.0)), 4, 1, |_| theme.quiet());
    for (k, (run, points)) in curves.iter().enumerate() {
        let style = theme.run(*run);
        for pair in points.windows(2).filter(|pair| pair.iter().all(inside)) {
            raster.line(place(pair[0]), place(pair[1]), 1, 2, |_| style);
        }
        let at = (k + 1) * points.len() / (curves.len() + 1);
        if let Some(point) = points.get(at).filter(|point| inside(point)) {
            let (x, y) = place(*point);
            raster.glyph(x, y, palette::letter(*run), style.add_modifier(Modifier::BOLD));
        }
    }
    raster.paint(buffer);
    for (degrees, share) in [("0", 0), ("90", 1), ("180", 2)] {
        let at = (inner.width - 1) * share / 2;
        let at = at.min(inner.width - degrees.len() as u16);
        pen::indented(buffer, inner, at, inner.height - 1, Span::styled(degrees, theme.quiet()));
    }
    if low < high {
        pen::right(buffer, plot, 0, Span::styled(few(high), theme.quiet()));
        pen::right(buffer, plot, plot.height - 1, Span::styled(few(low), theme.quiet()));
    }
    let none: String =
        curves.iter().filter(|(_, points)| points.is_empty()).map(|(run, _)| palette::letter(*run)).collect();
    if !none.is_empty() {
        let text = format!("{none}: no logit of the angle alone");
        pen::line(buffer, plot, plot.height / 2, Span::styled(text, theme.quiet()));
    } else if curves.is_empty() {
        pen::line(buffer, plot, 0, Span::styled("being computed", theme.quiet()));
    }
}

/// Angles within classes and between them: an outline a run, each to its own greatest count.
pub(super) fn angles(app: &App, buffer: &mut Buffer, area: Area) {
    let theme = Theme::of(app);
    let split = area.height >= 9;
    let title = if split { "in classes, between below" } else { "in and between" };
    let inner = pen::frame(app, buffer, Pane::Angles, area, title);
    if inner.height < 2 || inner.width < 2 {
        return;
    }
    let axis = u16::from(inner.height >= 3);
    let plot = Area { height: inner.height - axis, ..inner };
    let upper = Area { height: if split { plot.height / 2 } else { plot.height }, ..plot };
    let lower = if split {
        Area { y: plot.y + upper.height, height: plot.height - upper.height, ..plot }
    } else {
        plot
    };
    let mut raster = Raster::new(plot, theme);
    let mut taken = Vec::new();
    for (run, shown) in runs(app) {
        let Some(angles) = &shown.geometry.angles else { continue };
        outline(&mut raster, upper, &angles.within, run, theme, &mut taken);
        outline(&mut raster, lower, &angles.between, run, theme, &mut taken);
    }
    raster.paint(buffer);
    if axis == 0 {
        return;
    }
    let row = inner.height - 1;
    let column = |degrees: f64| (degrees / 180.0 * f64::from(inner.width - 1)) as u16;
    for degrees in [0u16, 90, 180] {
        let text = degrees.to_string();
        let at = column(f64::from(degrees)).min(inner.width.saturating_sub(text.len() as u16));
        pen::indented(buffer, inner, at, row, Span::styled(text, theme.quiet()));
    }
    if let Some(target) = target_angle(&app.snapshot) {
        let tick = theme.pick('▲', '^').to_string();
        pen::indented(buffer, inner, column(target), row, Span::styled(tick, theme.target()));
    }
}

/// The outline of a histogram, with the letter of its run at its highest place where no other letter stands: `taken`
/// has the cells of those.
fn outline(
    raster: &mut Raster,
    plot: Area,
    counts: &AngleCounts,
    run: usize,
    theme: Theme,
    taken: &mut Vec<(u16, u16)>,
) {
    let columns = usize::from(plot.width) * 2;
    if counts.bins.is_empty() || columns == 0 {
        return;
    }
    // As many columns as there are bins at most: between bins nothing was counted.
    let columns = columns.min(counts.bins.len());
    let heights = in_columns(&counts.bins, columns);
    let most = heights.iter().copied().fold(0.0, f64::max);
    if most == 0.0 {
        return;
    }
    let at = |k: usize| {
        let share = (heights[k] / most) as f32;
        let x = f32::from(plot.x) + (k as f32 + 0.5) / columns as f32 * f32::from(plot.width);
        (x, f32::from(plot.y) + 0.12 + (f32::from(plot.height) - 0.3) * (1.0 - share))
    };
    let style = theme.run(run);
    for k in 1..columns {
        if heights[k] > 0.0 || heights[k - 1] > 0.0 {
            raster.line(at(k - 1), at(k), 1, 2, |_| style);
        }
    }
    let mut places: Vec<usize> = (0..columns).filter(|k| heights[*k] > 0.0).collect();
    places.sort_by(|a, b| heights[*b].total_cmp(&heights[*a]));
    let cell = |(x, y): (f32, f32)| (x as u16, y as u16);
    // Where the whole outline is under other letters, it stands beside its peak.
    let peak = at(places[0]);
    let beside = (1..plot.width).flat_map(|k| [f32::from(k), -f32::from(k)]).map(|dx| (peak.0 + dx, peak.1));
    let inside = |(x, _): &(f32, f32)| *x >= 0.0 && plot.contains(*x as u16, plot.y);
    let mut free = places.iter().map(|k| at(*k)).chain(beside.filter(inside));
    if let Some((x, y)) = free.find(|place| !taken.contains(&cell(*place))) {
        taken.push(cell((x, y)));
        raster.glyph(x, y, palette::letter(run), style.add_modifier(Modifier::BOLD));
    }
}
