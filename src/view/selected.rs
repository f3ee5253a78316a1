//! The picked point in short; without one, the words about the objective.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use super::{inspector, marks, pen};
use crate::app::{App, Area, Marked, Pane};

pub(super) fn draw(app: &App, buffer: &mut Buffer, area: Area) {
    let theme = Theme::of(app);
    let width = usize::from(area.width.saturating_sub(2));
    let lines = match app.picked {
        _ if app.marked.is_some() => marks::lines(app, theme),
        Some(row) if (row as usize) < app.snapshot.points.rows => inspector::summary(app, row, width, theme),
        _ => about(app, width, theme),
    };
    let title = match (app.marked, app.picked) {
        (Some(Marked::Class(_)), _) => "<next-class> <last-class> other class".to_owned(),
        (Some(Marked::Pair(..)), _) => "<next-pair> <last-pair> other pair".to_owned(),
        (None, Some(row)) if area.width >= 40 => {
            format!("#{row}  <next-point> <last-point> other  <inspect> arithmetic")
        }
        (None, Some(row)) => format!("#{row}  <next-point> <last-point> <inspect>"),
        (None, None) => "<next-point> picks a point".to_owned(),
    };
    let title = app.keymap.spell(&title);
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
        lines.push(Line::from(Span::styled(about.title, theme.strong())));
        lines.extend(pen::wrap(about.formula, width).into_iter().map(Line::raw));
        lines.extend(pen::wrap(about.paper, width).into_iter().map(|l| Line::styled(l, theme.quiet())));
        lines.extend(pen::wrap(about.effect, width).into_iter().map(Line::raw));
    }
    lines
}
