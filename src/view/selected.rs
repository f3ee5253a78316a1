//! The picked point in numbers; without one, the words about the objective.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use super::{marks, pen};
use crate::app::{App, Area, Marked, Pane};
use crate::describe;
use crate::palette;

pub(super) fn draw(app: &App, buffer: &mut Buffer, area: Area) {
    let theme = Theme::of(app);
    let lines = match app.picked {
        _ if app.marked.is_some() => marks::lines(app, theme),
        Some(row) if (row as usize) < app.snapshot.points.rows => point(app, row as usize, theme),
        _ => about(app, usize::from(area.width.saturating_sub(2)), theme),
    };
    let title = match (app.marked, app.picked) {
        (Some(Marked::Class(_)), _) => "j J other class".to_owned(),
        (Some(Marked::Pair(..)), _) => "k K other pair".to_owned(),
        (None, Some(row)) => format!("#{row}  n N other"),
        (None, None) => "n picks a point".to_owned(),
    };
    let inner = pen::frame(app, buffer, Pane::Selected, area, &title);
    for (k, line) in lines.into_iter().enumerate() {
        pen::line(buffer, inner, k as u16, line);
    }
}

/// What is minimised, in the words of its author.
fn about(app: &App, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for term in app.snapshot.experiment.objective.iter().take(3) {
        let about = term.objective.about();
        lines.push(Line::styled(about.title, theme.strong()));
        lines.extend(pen::wrap(about.formula, width).into_iter().map(Line::raw));
        lines.extend(pen::wrap(about.paper, width).into_iter().map(|l| Line::styled(l, theme.quiet())));
        lines.extend(pen::wrap(about.effect, width).into_iter().map(Line::raw));
    }
    lines
}

fn point(app: &App, row: usize, theme: Theme) -> Vec<Line<'static>> {
    let snapshot = &app.snapshot;
    let cast = &snapshot.cast;
    let (label, truth) = (cast.labels.get(row).copied(), cast.truth.get(row).copied());
    let mut lines = Vec::new();
    let mut head = Vec::new();
    if let Some(name) = cast.point_names.as_ref().and_then(|names| names.get(row)) {
        head.push(Span::styled(format!("{name}  "), theme.strong()));
    }
    if let Some(label) = label {
        head.push(Span::styled(
            format!("class {}", class_name(app, label as usize)),
            theme.class(label as usize, 1.0),
        ));
    }
    if let (Some(label), Some(truth)) = (label, truth)
        && label != truth
    {
        head.push(Span::styled(format!("  drawn from {}", class_name(app, truth as usize)), theme.wrong()));
    }
    lines.push(Line::from(head));
    let here = snapshot.points.row(row);
    let norm = length(here);
    lines.push(fact(theme, "length", format!("{norm:.4}")));
    let (to, centres) = match &snapshot.weights {
        Some(weights) => ("weight", (**weights).clone()),
        None => ("mean", describe::means(&snapshot.points, &cast.labels, cast.classes)),
    };
    let mut others: Vec<(f64, usize)> = Vec::new();
    for (class, centre) in centres.rows_iter().enumerate() {
        let Some(angle) = angle(here, centre) else { continue };
        if label == Some(class as u32) {
            lines.push(fact(theme, &format!("to own {to}"), format!("{angle:.2}°")));
        } else {
            others.push((angle, class));
        }
    }
    others.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (angle, class) in others.into_iter().take(3) {
        lines.push(fact(theme, &format!("to {to} {}", class_name(app, class)), format!("{angle:.2}°")));
    }
    let shown: Vec<String> = here.iter().take(6).map(|x| format!("{x:+.3}")).collect();
    let rest = if here.len() > 6 { " …" } else { "" };
    lines.push(fact(theme, "coordinates", format!("{}{rest}", shown.join(" "))));
    lines
}

fn fact(theme: Theme, name: &str, value: String) -> Line<'static> {
    Line::from(vec![Span::styled(format!("{name:<14} "), theme.quiet()), Span::raw(value)])
}

fn class_name(app: &App, class: usize) -> String {
    let names = app.snapshot.cast.label_names.as_ref();
    names.and_then(|names| names.get(class)).cloned().unwrap_or_else(|| palette::letter(class).to_string())
}

fn length(row: &[f32]) -> f64 {
    row.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt()
}

fn angle(a: &[f32], b: &[f32]) -> Option<f64> {
    let lengths = length(a) * length(b);
    let product: f64 = a.iter().zip(b).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum();
    (lengths > 0.0).then(|| (product / lengths).clamp(-1.0, 1.0).acos().to_degrees())
}
