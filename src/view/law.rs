//! The force law: how hard the loss pulls a row toward its own class, by their angle, with the picked point on it; or
//! the target's logit by angle. Laws of other objectives lie over that of the run.

use ratatui::buffer::Buffer;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::pen;
use super::raster::Raster;
use super::theme::Theme;
use crate::app::{App, Area, Pane};
use crate::describe::number;
use crate::engine::force::CALM;
use crate::snapshot::{Law, LawCurve};

pub(super) fn draw(app: &App, buffer: &mut Buffer, area: Area) {
    let theme = Theme::of(app);
    let law = &app.snapshot.law;
    let logits = app.forces.logits;
    let title = match (logits, area.width) {
        (true, 38..) => "target logit by angle",
        (true, 32..) => "target logit",
        (true, _) => "logit",
        (false, 44..) => "pull by angle to own class",
        (false, 32..) => "pull by angle",
        (false, _) => "pull",
    };
    let inner = pen::frame(app, buffer, Pane::Law, area, title);
    if law.curves.is_empty() {
        pen::line(buffer, inner, 0, Span::styled("being computed", theme.quiet()));
        return;
    }
    if inner.height < 3 || inner.width < 12 {
        return;
    }
    let values = |curve: &LawCurve| if logits { curve.logits.clone() } else { Some(curve.pulls.clone()) };
    let curves: Vec<(&LawCurve, Option<Vec<f64>>)> = law.curves.iter().map(|c| (c, values(c))).collect();
    let Some((least, most)) = extent(law, &curves) else {
        let text = "its target has no logit that is a function of the angle alone";
        pen::words(buffer, inner, text, theme.quiet());
        return;
    };
    let head = head(app, law, curves[0].1.as_deref(), usize::from(inner.width), theme);
    pen::line(buffer, inner, 0, head);
    // A little more than the curves take.
    let (low, high) = (least - 0.03 * (most - least), most + 0.05 * (most - least));
    let marks: Vec<(f64, String)> = [most, 0.0, least].map(|value| (value, few(value))).to_vec();
    let margin = marks.iter().map(|(_, text)| text.chars().count()).max().unwrap_or(0) as u16 + 1;
    let plot = Area { y: inner.y + 1, height: inner.height - 2, ..inner };
    let plot = Area { x: plot.x + margin, width: plot.width.saturating_sub(margin), ..plot };
    let across = |degrees: f64| f32::from(plot.x) + f32::from(plot.width) * (degrees / 180.0) as f32;
    let down = |value: f64| {
        let share = ((high - value) / (high - low)) as f32;
        f32::from(plot.y) + 0.15 + (f32::from(plot.height) - 0.35) * share
    };
    let mut raster = Raster::new(plot, theme);
    if low < 0.0 {
        let ends = [0.0, 180.0].map(|degrees| (across(degrees), down(0.0)));
        raster.line(ends[0], ends[1], 4, 0, |_| theme.quiet());
    }
    if let Some(turn) = curves[0].0.turn {
        let ends = [low, high].map(|value| (across(turn), down(value)));
        raster.line(ends[0], ends[1], 2, 1, |_| theme.target());
    }
    // The law of the run comes last, over the others.
    for (k, (_, values)) in curves.iter().enumerate().rev() {
        let Some(values) = values else { continue };
        let points: Vec<(f64, f64)> = law.angles.iter().copied().zip(values.iter().copied()).collect();
        for pair in points.windows(2) {
            if pair.iter().all(|(_, value)| (low..=high).contains(value)) {
                let ends = [pair[0], pair[1]].map(|(degrees, value)| (across(degrees), down(value)));
                raster.line(ends[0], ends[1], if k == 0 { 1 } else { 2 }, 3, |_| style(k, theme));
            }
        }
    }
    let cursor = cursor(app).and_then(|degrees| Some((degrees, at(law, curves[0].1.as_deref()?, degrees))));
    if let Some((degrees, value)) = cursor {
        let ends = [low, high].map(|value| (across(degrees), down(value)));
        raster.line(ends[0], ends[1], 2, 2, |_| theme.accent());
        let class = app.snapshot.inspection.of(app.picked).map_or(0, |inspected| inspected.class as usize);
        let place = down(value.clamp(low, high));
        raster.glyph(
            across(degrees),
            place,
            theme.glyph(class),
            theme.class(class, 1.0).patch(theme.strong()),
        );
    }
    raster.paint(buffer);
    // Where two marks would share a row, the one that was named first stays.
    let mut rows: Vec<u16> = Vec::new();
    for (value, text) in marks {
        let row = (down(value) as u16).saturating_sub(inner.y).clamp(1, inner.height - 2);
        if !rows.contains(&row) {
            rows.push(row);
            let room = Area { width: margin - 1, ..inner };
            pen::right(buffer, room, row, Span::styled(text, theme.quiet()));
        }
    }
    names(&curves, buffer, plot, theme);
    axis(curves[0].0.turn, buffer, Area { y: inner.y, height: inner.height, ..plot }, theme);
}

/// The angle of the picked point to its own class.
fn cursor(app: &App) -> Option<f64> {
    app.snapshot.inspection.of(app.picked)?.own_angle
}

fn style(curve: usize, theme: Theme) -> Style {
    if curve == 0 { theme.curve().patch(theme.strong()) } else { theme.class(curve - 1, 1.0) }
}

/// The value at an angle, between the angles that are known.
fn at(law: &Law, values: &[f64], degrees: f64) -> f64 {
    let place = law.angles.partition_point(|angle| *angle < degrees).clamp(1, law.angles.len() - 1);
    let (left, right) = (law.angles[place - 1], law.angles[place]);
    let share = ((degrees - left) / (right - left)).clamp(0.0, 1.0);
    values[place - 1] + share * (values[place] - values[place - 1])
}

/// What is to be seen: all of it between 10° and 170°, and 0. `None` without any curve.
fn extent(law: &Law, curves: &[(&LawCurve, Option<Vec<f64>>)]) -> Option<(f64, f64)> {
    if law.angles.len() < 2 || curves.first()?.1.is_none() {
        return None;
    }
    let calm = |values: &Vec<f64>| -> Vec<f64> {
        let both = law.angles.iter().zip(values);
        both.filter(|(angle, value)| CALM.contains(*angle) && value.is_finite()).map(|(_, v)| *v).collect()
    };
    let values: Vec<f64> = curves.iter().filter_map(|(_, values)| values.as_ref()).flat_map(calm).collect();
    let (low, high) = values.iter().fold((0.0f64, 0.0f64), |(low, high), v| (low.min(*v), high.max(*v)));
    Some((low, if low < high { high } else { low + 1.0 }))
}

/// The picked point on the curve in digits; without one, how to get it there.
fn head(app: &App, law: &Law, values: Option<&[f64]>, width: usize, theme: Theme) -> Line<'static> {
    let scene = if law.classes < law.of { format!(" of {} classes", law.classes) } else { String::new() };
    let (Some(row), Some(degrees), Some(values)) = (app.picked, cursor(app), values) else {
        let hint = if app.picked.is_some() { "" } else { "n puts a point on it" };
        return Line::styled(format!("{hint}{scene}"), theme.quiet());
    };
    let by_law = few(at(law, values, degrees));
    let head = format!("#{row} at {degrees:.1}°");
    let inspected = app.snapshot.inspection.of(app.picked);
    let alone = app.snapshot.weights.is_some();
    if let Some(pull) = inspected.and_then(|i| i.own_pull).filter(|_| alone && !app.forces.logits) {
        // The scene of the law has its classes at the corners of a simplex; here they are where they are.
        let here = few(pull);
        let tries = [
            format!("{head}: {by_law} with classes on a simplex, {here} as they are"),
            format!("{head}: law {by_law}, as they are {here}"),
            format!("{head}: law {by_law}, real {here}"),
        ];
        if let Some(text) = tries.into_iter().find(|text| text.chars().count() <= width) {
            return Line::styled(text + &scene, theme.accent());
        }
    }
    Line::styled(format!("{head}: {by_law}{scene}"), theme.accent())
}

/// A number in as few digits as tell it beside a curve.
pub(super) fn few(x: f64) -> String {
    match x.abs() {
        size if !(0.01..1000.0).contains(&size) => number(x),
        size if size >= 100.0 => format!("{x:.0}"),
        size if size >= 10.0 => format!("{x:.1}"),
        _ => format!("{x:.2}"),
    }
}

/// The names of the curves, each in its colour, below one another where curves are not.
fn names(curves: &[(&LawCurve, Option<Vec<f64>>)], buffer: &mut Buffer, plot: Area, theme: Theme) {
    if curves.len() < 2 || plot.height < 4 {
        return;
    }
    for (k, (curve, values)) in curves.iter().enumerate().take(usize::from(plot.height)) {
        let none = if values.is_none() { " (none)" } else { "" };
        let name = Span::styled(format!("{}{none}", curve.name), style(k, theme));
        pen::right(buffer, plot, k as u16, name);
    }
}

/// Degrees along the bottom, and the angle past which it pushes away.
fn axis(turn: Option<f64>, buffer: &mut Buffer, inner: Area, theme: Theme) {
    let row = inner.height - 1;
    let column =
        |degrees: f64| ((degrees / 180.0 * f64::from(inner.width)) as u16).min(inner.width.saturating_sub(1));
    let turns = turn.map(|turn| format!("turns at {turn:.1}°"));
    let room = inner.width.saturating_sub(turns.as_ref().map_or(0, |text| text.chars().count() as u16 + 1));
    for degrees in [0, 45, 90, 135, 180] {
        let text = degrees.to_string();
        let at = column(f64::from(degrees)).min(inner.width.saturating_sub(text.len() as u16));
        let at = if degrees == 0 || degrees == 180 { at } else { at.saturating_sub(1) };
        if at + text.len() as u16 <= room {
            pen::indented(buffer, inner, at, row, Span::styled(text, theme.quiet()));
        }
    }
    if let Some(text) = turns {
        pen::right(buffer, inner, row, Span::styled(text, theme.target()));
    }
}
