//! The list of points and classes that a text finds.

use ratatui::buffer::Buffer;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::overlay::{about, hints, panel, prompt, steering};
use super::pen;
use super::theme::Theme;
use crate::app::find::{Finder, Found};
use crate::app::{App, Marked, places};
use crate::describe::selection::{class_name, class_words, pair_words};

pub(super) fn draw(app: &App, buffer: &mut Buffer, finder: &Finder) {
    let theme = Theme::of(app);
    let inner = panel(app, buffer, "Find a point, a class or a pair", 84);
    let [choose, take, leave] = steering(app);
    let rest = match (finder.found.len(), finder.more) {
        (count, true) => format!("the first {count} of more"),
        (_, false) => "a pair: A B".to_owned(),
    };
    let pieces = [format!("{choose} choose"), format!("{take} picks"), rest];
    let hint = hints(usize::from(inner.width), &pieces, &format!("{leave} leaves"));
    prompt(buffer, inner, &finder.search, &hint, theme);
    let room = app.overlay.as_ref().map_or(1, |overlay| places::list_room(overlay, inner));
    if finder.found.is_empty() {
        pen::line(buffer, inner, 1, Span::styled(" nothing found", theme.wrong()));
    }
    let first = places::first_shown(finder.search.at, room);
    for (k, found) in finder.found.iter().enumerate().skip(first).take(room) {
        let chosen = k == finder.search.at;
        if let (true, Found::Classes(marked)) = (chosen, *found) {
            let words = match marked {
                Marked::Class(class) => class_words(&app.snapshot, class),
                Marked::Pair(a, b) => pair_words(&app.snapshot, a, b),
            };
            about(app, buffer, inner, &words, theme);
        }
        let mut line = vec![Span::raw(if chosen { " > " } else { "   " })];
        line.extend(entry(app, *found, chosen, theme));
        pen::line(buffer, inner, (1 + k - first) as u16, Line::from(line));
    }
}

fn entry(app: &App, found: Found, chosen: bool, theme: Theme) -> Vec<Span<'static>> {
    let snapshot = &app.snapshot;
    let name_style = if chosen { theme.accent().add_modifier(Modifier::REVERSED) } else { theme.strong() };
    match found {
        Found::Point(row) => {
            let names = snapshot.cast.point_names.as_ref();
            let name = names.and_then(|names| names.get(row as usize)).cloned().unwrap_or_default();
            let label = snapshot.cast.labels.get(row as usize).copied().filter(|_| snapshot.cast.labelled);
            let class = label.map_or(String::new(), |label| format!("class {}", class_name(snapshot, label)));
            let style = label.map_or(theme.quiet(), |label| theme.class(label as usize, 1.0));
            vec![
                Span::styled(format!("{:<9}", format!("#{row}")), name_style),
                Span::styled(format!("{class:<16} "), style),
                Span::raw(name),
            ]
        }
        Found::Classes(Marked::Class(class)) => {
            told(&class_words(snapshot, class), name_style, theme.class(class as usize, 1.0))
        }
        Found::Classes(Marked::Pair(a, b)) => told(&pair_words(snapshot, a, b), name_style, theme.quiet()),
    }
}

/// Who it is, and what is known of it.
fn told(words: &str, name: Style, rest: Style) -> Vec<Span<'static>> {
    let (who, what) = words.split_once(": ").unwrap_or((words, ""));
    vec![Span::styled(format!("{who:<8}"), name), Span::styled(format!(" {what}"), rest)]
}
