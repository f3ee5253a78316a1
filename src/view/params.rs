//! What can be set: each row with its value, its slider, and whether it restarts the run.

use ratatui::buffer::Buffer;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::pen;
use super::theme::Theme;
use crate::app::settings::{Row, Setting};
use crate::app::{App, Area, Number, Pane, places};

/// A row with so many columns says what it does.
const TELLING: u16 = 76;
/// Where that begins: after the longest row with a slider.
const TOLD: usize = 41;

pub(super) fn draw(app: &App, buffer: &mut Buffer, area: Area) {
    let theme = Theme::of(app);
    let rows = app.rows();
    let threshold = rows.get(app.row).filter(|_| app.focus == Pane::Params && app.entry.is_none());
    let threshold = threshold.and_then(Row::threshold_words);
    let head =
        threshold.map_or(app.keymap.spell(hint(app)), |words| format!("{} {words}", theme.pick('┃', '!')));
    let inner = pen::frame(app, buffer, Pane::Params, area, &head);
    let shown = places::params(inner, rows.len(), app.row);
    for (k, room) in &shown {
        draw_row(app, buffer, *room, &rows[*k], *k == app.row, theme);
    }
    if rows.len() > shown.len() && !shown.is_empty() {
        let more = format!(" {} of {} ", app.row + 1, rows.len());
        let bottom =
            Area { x: area.x, y: area.y + area.height - 1, width: area.width.saturating_sub(2), height: 1 };
        pen::right(buffer, bottom, 0, Span::styled(more, theme.quiet()));
    }
}

fn hint(app: &App) -> &'static str {
    match (app.focus == Pane::Params, app.entry.as_ref().map(Number::is_selected)) {
        (_, Some(true)) => "type a new number  Esc leaves it",
        (_, Some(false)) => "Enter sets  Esc leaves it",
        (true, None) => {
            "<arrow-up><arrow-down> pick  <arrow-left><arrow-right> change  <far-left> <far-right> x10  type a number"
        }
        (false, None) => "<focus-4> to change them",
    }
}

/// Columns of a row's name: [`places::NAMES`] without its mark and the space after it.
const NAME: usize = places::NAMES as usize - 3;

fn draw_row(app: &App, buffer: &mut Buffer, room: Area, row: &Row, chosen: bool, theme: Theme) {
    let focused = chosen && app.focus == Pane::Params;
    // A symbol that repeats the name, or has no room behind it, says nothing.
    let both = format!("{} {}", row.name, row.symbol);
    let tells = !row.symbol.is_empty() && !row.name.ends_with(row.symbol) && both.chars().count() <= NAME;
    let name = if tells { both } else { row.name.clone() };
    let style = if focused { theme.accent() } else { theme.quiet() };
    let mark = if chosen { "> " } else { "  " };
    let typed = app.entry.as_ref().filter(|_| chosen);
    let value = match typed {
        Some(number) => Span::styled(
            format!("{}{}", number.text(), if number.is_selected() { "" } else { "_" }),
            theme.strong().add_modifier(Modifier::REVERSED),
        ),
        None => Span::styled(row.text.clone(), theme.strong()),
    };
    if row.setting == Setting::Objective {
        let hint = if app.locks(row) { "  locked" } else { "  <objective>: list" };
        let hint = app.keymap.spell(hint);
        let fits = NAME + 3 + value.width() + hint.chars().count() <= usize::from(room.width);
        let hint = Span::styled(if fits { hint } else { String::new() }, theme.quiet());
        let line = vec![Span::styled(format!("{mark}{name:<NAME$} "), style), value, hint];
        pen::line(buffer, room, 0, Line::from(line));
        return;
    }
    let columns = usize::from(places::value_columns(value.width()));
    let gap = columns - value.width();
    let long = columns - usize::from(places::value_columns(0)).min(columns);
    let mut line = vec![
        Span::styled(format!("{mark}{:<NAME$} ", pen::cut(&name, NAME)), style),
        value,
        Span::raw(" ".repeat(gap)),
    ];
    let (word, is_said) = match (app.locks(row), row.live, room.width >= 40) {
        (true, ..) => (" locked", true),
        (false, false, _) => (" restart", true),
        (false, true, wide) => (" live", wide),
    };
    let notches = usize::from(places::notches(room));
    if let Some(share) = row.share().filter(|_| typed.is_none()) {
        line.extend(slider(share, &row.threshold_shares(), notches, theme));
    } else {
        // The place of a slider gives way to a long value, and to the word behind it.
        let used = line.iter().map(Span::width).sum::<usize>() + word.len();
        let blanks = notches.saturating_sub(long).min(usize::from(room.width).saturating_sub(used));
        line.push(Span::raw(" ".repeat(blanks)));
    }
    if is_said {
        line.push(Span::styled(word, theme.quiet()));
    }
    let taken: usize = line.iter().map(Span::width).sum();
    if room.width >= TELLING {
        let gap = TOLD.saturating_sub(taken).max(2);
        line.push(Span::styled(format!("{}{}", " ".repeat(gap), row.meaning), theme.quiet()));
    }
    pen::line(buffer, room, 0, Line::from(line));
}

/// The slider, an upright line where something changes.
fn slider(share: f64, thresholds: &[f64], width: usize, theme: Theme) -> Vec<Span<'static>> {
    let full = (share * width as f64).round() as usize;
    let marked = |cell: usize| {
        thresholds.iter().any(|at| ((at * width as f64) as usize).min(width.saturating_sub(1)) == cell)
    };
    (0..width)
        .map(|cell| match (marked(cell), cell < full) {
            (true, _) => Span::styled(theme.pick('┃', '!').to_string(), theme.target()),
            (false, true) => Span::styled(theme.pick('━', '=').to_string(), theme.curve()),
            (false, false) => Span::styled(theme.pick('─', '-').to_string(), theme.quiet()),
        })
        .collect()
}
