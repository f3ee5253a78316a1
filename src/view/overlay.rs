//! What lies over the panes: help, warnings, and the two searched lists.

use ratatui::buffer::Buffer;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Widget};

use super::pen;
use super::theme::Theme;
use crate::app::help;
use crate::app::keys::{Action, Way};
use crate::app::list::{self, Entry};
use crate::app::{App, Area, Overlay, Search, places};
use crate::geometry::projection::PROJECTIONS;

pub(super) fn draw(app: &App, buffer: &mut Buffer) {
    let Some(overlay) = &app.overlay else { return };
    let theme = Theme::of(app);
    match overlay {
        Overlay::Help(first) => {
            let inner = panel(app, buffer, "Keys", places::HELP);
            scroll(app, buffer, inner, help(app, theme, usize::from(inner.width)), *first, theme);
        }
        Overlay::Warnings(first) => {
            let inner = panel(app, buffer, "Warnings and notices", 84);
            let width = usize::from(inner.width);
            let lines = warnings(&app.warnings(), &app.explanations(), width, theme);
            scroll(app, buffer, inner, lines, *first, theme);
        }
        Overlay::Branches(chosen) => {
            let inner = panel(app, buffer, if app.compares() { "Branches of A" } else { "Branches" }, 100);
            super::time::branches(app, buffer, inner, *chosen);
        }
        Overlay::Picker(search) => picker(app, buffer, search, theme),
        Overlay::Palette(search) => palette(app, buffer, search, theme),
        Overlay::Lessons(search) => super::lesson::lessons(app, buffer, search, theme),
        Overlay::Presets(search) => super::lesson::presets(app, buffer, search, theme),
        Overlay::Export(at) => super::export::draw(app, buffer, *at),
        Overlay::Find(finder) => super::find::draw(app, buffer, finder),
        Overlay::Inspector(first) => super::inspector::draw(app, buffer, *first),
    }
}

/// A cleared rectangle in the middle, and the area inside its border.
pub(super) fn panel(app: &App, buffer: &mut Buffer, title: &str, widest: u16) -> Area {
    small_panel(app, buffer, title, widest, u16::MAX)
}

/// The same with at most so many lines.
pub(super) fn small_panel(app: &App, buffer: &mut Buffer, title: &str, widest: u16, lines: u16) -> Area {
    let theme = Theme::of(app);
    let place = places::small_panel(app.size, widest, lines);
    let outer = pen::rect(place).intersection(buffer.area);
    Clear.render(outer, buffer);
    Block::bordered()
        .border_set(theme.border(true))
        .border_style(theme.accent())
        .title_top(Line::styled(
            format!(" {} ", pen::cut(title, usize::from(outer.width).saturating_sub(4))),
            theme.accent(),
        ))
        .render(outer, buffer);
    Area {
        x: outer.x + 1,
        y: outer.y + 1,
        width: outer.width.saturating_sub(2),
        height: outer.height.saturating_sub(2),
    }
}

/// What is known about the chosen entry of a list, between the entries and the last line.
pub(super) fn about(app: &App, buffer: &mut Buffer, inner: Area, words: &str, theme: Theme) {
    let rows = app.overlay.as_ref().map_or(0, |overlay| places::about_rows(overlay, inner));
    let top = inner.height.saturating_sub(rows);
    let room = usize::from(rows.saturating_sub(1));
    let lines = pen::wrap(words, usize::from(inner.width).saturating_sub(4));
    let more = lines.len() > room;
    for (row, line) in lines.into_iter().take(room).enumerate() {
        let end = if more && row + 1 == room { " …" } else { "" };
        pen::line(buffer, inner, top + row as u16, Line::styled(format!(" {line}{end}"), theme.quiet()));
    }
}

/// The keys by which lists are steered now: to choose, to take and to leave.
pub(super) fn steering(app: &App) -> [String; 3] {
    let key = |action| app.keymap.key_of(action);
    [
        key(Action::Arrow(Way::Up)) + &key(Action::Arrow(Way::Down)),
        key(Action::Enter),
        // It closes whatever other keys there are.
        Some(key(Action::Back)).filter(|key| !key.is_empty()).unwrap_or("Esc".into()),
    ]
}

/// Pieces of a hint, as many as there is room for, and the way out, for which there always is.
pub(super) fn hints(width: usize, pieces: &[String], way_out: &str) -> String {
    let mut text = String::new();
    let rest = 4 + way_out.chars().count();
    for piece in pieces {
        if text.chars().count() + 3 + piece.chars().count() + rest <= width {
            text += if text.is_empty() { " " } else { "   " };
            text += piece;
        }
    }
    let gap = if text.is_empty() { " " } else { "   " };
    text + gap + way_out
}

pub(super) fn scroll(
    app: &App,
    buffer: &mut Buffer,
    inner: Area,
    lines: Vec<Line<'static>>,
    first: usize,
    theme: Theme,
) {
    let room = usize::from(inner.height.saturating_sub(1));
    let all = lines.len();
    let first = first.min(all.saturating_sub(room));
    let more = all > room;
    for (k, line) in lines.into_iter().skip(first).take(room).enumerate() {
        pen::line(buffer, inner, k as u16, line);
    }
    let [choose, _, leave] = steering(app);
    let search = app.keymap.key_of(Action::Palette);
    let searches = matches!(app.overlay, Some(Overlay::Help(_))) && !search.is_empty();
    let mut end = if more { format!(" {choose} scroll   ") } else { " ".to_owned() };
    if searches {
        end += &format!("{search} search   ");
    }
    end += &format!("{leave} closes");
    let last = inner.height.saturating_sub(1);
    pen::line(buffer, inner, last, Span::styled(end, theme.quiet()));
    if more {
        let at = format!("{} to {} of {all} ", first + 1, first + room);
        pen::right(buffer, inner, last, Span::styled(at, theme.quiet()));
    }
}

fn help(app: &App, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let show = |line| match line {
        help::Line::Heading(words) => Line::styled(format!(" {words}"), theme.strong()),
        help::Line::Entry(keys, words) => Line::from(vec![
            Span::styled(format!(" {keys:>columns$} ", columns = help::KEY_COLUMNS), theme.accent()),
            Span::raw(format!(" {words}")),
        ]),
        help::Line::Blank => Line::default(),
    };
    help::lines(app, width).into_iter().map(show).collect()
}

fn warnings(all: &[String], explained: &[String], width: usize, theme: Theme) -> Vec<Line<'static>> {
    let listed = |lines: &mut Vec<Line<'static>>, sentences: &[String]| {
        for sentence in sentences {
            for (k, line) in pen::wrap(sentence, width.saturating_sub(4)).into_iter().enumerate() {
                lines.push(Line::raw(format!(" {} {line}", if k == 0 { "-" } else { " " })));
            }
        }
    };
    let mut lines = Vec::new();
    if all.is_empty() {
        lines.push(Line::styled(" There are none.", theme.quiet()));
    }
    listed(&mut lines, all);
    if !explained.is_empty() {
        lines.extend([Line::default(), Line::styled(" Why the run is where it is:", theme.quiet())]);
        listed(&mut lines, explained);
    }
    lines
}

pub(super) fn prompt(buffer: &mut Buffer, inner: Area, search: &Search, hint: &str, theme: Theme) {
    let line = vec![
        Span::styled(" find ", theme.quiet()),
        Span::styled(format!("{}_", search.text), theme.strong()),
    ];
    pen::line(buffer, inner, 0, Line::from(line));
    pen::line(buffer, inner, inner.height.saturating_sub(1), Span::styled(hint.to_owned(), theme.quiet()));
}

fn picker(app: &App, buffer: &mut Buffer, search: &Search, theme: Theme) {
    let inner = panel(app, buffer, "Choose an objective", 100);
    let [choose, take, leave] = steering(app);
    let pieces = [
        format!("{choose} choose"),
        format!("{take} takes it, live"),
        "or type a sum: softmax + 0.1*opl".to_owned(),
    ];
    let hint = hints(usize::from(inner.width), &pieces, &format!("{leave} leaves"));
    prompt(buffer, inner, search, &hint, theme);
    let found = list::objectives(&search.text);
    let about_rows = places::ABOUT_ROWS;
    let room = app.overlay.as_ref().map_or(1, |overlay| places::list_room(overlay, inner));
    if App::is_expression(&search.text) {
        let (text, style) = match crate::experiment::expression::parse(search.text.trim()) {
            Ok(terms) => {
                let printed = crate::experiment::expression::print(&terms);
                (format!(" Enter minimises {printed}"), theme.good())
            }
            Err(error) => (format!(" {error}"), theme.wrong()),
        };
        for (k, line) in pen::wrap(&text, usize::from(inner.width).saturating_sub(2)).into_iter().enumerate()
        {
            pen::line(buffer, inner, 1 + k as u16, Line::styled(format!(" {line}"), style));
        }
        return;
    }
    if found.is_empty() {
        let nearest = list::nearest_objective(search.text.trim());
        pen::line(
            buffer,
            inner,
            1,
            Line::styled(format!(" nothing found; the nearest name is {nearest}"), theme.wrong()),
        );
        return;
    }
    let first = places::first_shown(search.at, room);
    for (k, objective) in found.iter().enumerate().skip(first).take(room) {
        let chosen = k == search.at;
        let now = app.snapshot.experiment.objective.iter().any(|t| t.objective.name() == objective.name());
        let mut style = if chosen { theme.accent() } else { theme.strong() };
        if chosen {
            style = style.add_modifier(Modifier::REVERSED);
        }
        let line = vec![
            Span::raw(if chosen { " > " } else { "   " }),
            Span::styled(format!("{:<18}", objective.name()), style),
            Span::styled(if now { " * " } else { "   " }, theme.good()),
            Span::styled(objective.about().title, theme.quiet()),
        ];
        pen::line(buffer, inner, (1 + k - first) as u16, Line::from(line));
    }
    let Some(chosen) = found.get(search.at) else { return };
    let about = chosen.about();
    let mut words = vec![
        Line::raw(format!(" {}", about.formula)),
        Line::styled(format!(" {}", about.paper), theme.quiet()),
    ];
    words.extend(
        pen::wrap(about.effect, usize::from(inner.width).saturating_sub(2))
            .into_iter()
            .take(2)
            .map(|l| Line::raw(format!(" {l}"))),
    );
    let top = inner.height.saturating_sub(1 + about_rows);
    if top > 2 {
        for (k, line) in words.into_iter().enumerate() {
            pen::line(buffer, inner, top + 1 + k as u16, line);
        }
    }
}

fn palette(app: &App, buffer: &mut Buffer, search: &Search, theme: Theme) {
    let inner = panel(app, buffer, "Commands", 84);
    let [choose, take, leave] = steering(app);
    prompt(buffer, inner, search, &format!(" {choose} choose   {take} does it   {leave} leaves"), theme);
    let found = list::entries(app, &search.text);
    let room = app.overlay.as_ref().map_or(1, |overlay| places::list_room(overlay, inner));
    if found.is_empty() {
        pen::line(buffer, inner, 1, Span::styled(" nothing found", theme.wrong()));
    }
    let rows = app.rows();
    let first = places::first_shown(search.at, room);
    for (k, entry) in found.iter().enumerate().skip(first).take(room) {
        let (label, keys, help) = match *entry {
            Entry::Do(binding) => {
                (binding.label.to_owned(), app.keymap.names(binding), binding.help.to_owned())
            }
            Entry::Minimise(objective) => {
                (objective.name().to_owned(), "loss".to_owned(), objective.about().title.to_owned())
            }
            Entry::Law(objective) => (
                objective.name().to_owned(),
                "law".to_owned(),
                format!("force law of {}", objective.about().title),
            ),
            Entry::Learn(name, title) => (name.to_owned(), "lesson".to_owned(), title.to_owned()),
            Entry::Load(name, title) => (name.to_owned(), "preset".to_owned(), title.to_owned()),
            Entry::Project(place) => {
                let kind = PROJECTIONS[place];
                (kind.name.to_owned(), "view".to_owned(), kind.description.to_owned())
            }
            Entry::Write(what) => {
                let (name, about) = what.words();
                (name.to_owned(), "write".to_owned(), about.to_owned())
            }
            Entry::Wear(name, theme) => (name.to_owned(), "theme".to_owned(), theme.words().to_owned()),
            Entry::Set(row) => match rows.get(row) {
                Some(row) => (row.name.clone(), "set".to_owned(), format!("now {}", row.text)),
                None => continue,
            },
        };
        let chosen = k == search.at;
        if chosen {
            let words = match *entry {
                Entry::Minimise(objective) => objective.about().effect,
                Entry::Set(row) => rows.get(row).map_or("", |row| row.meaning),
                _ => &help,
            };
            about(app, buffer, inner, words, theme);
        }
        let style = if chosen { theme.accent().add_modifier(Modifier::REVERSED) } else { theme.strong() };
        let line = vec![
            Span::raw(if chosen { " > " } else { "   " }),
            Span::styled(format!("{label:<15}"), style),
            Span::styled(format!("{keys:>8}  "), theme.accent()),
            Span::styled(help, theme.quiet()),
        ];
        pen::line(buffer, inner, (1 + k - first) as u16, Line::from(line));
    }
}
