//! A lesson on the screen: title, what is read, what is measured, what may be changed; and the lists of lessons and
//! presets.

use ratatui::buffer::Buffer;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Widget};

use super::overlay::{panel, prompt};
use super::pen;
use super::theme::Theme;
use crate::app::keys::Action;
use crate::app::lesson::{self, Session};
use crate::app::settings::Row;
use crate::app::{App, Area, Layout, Search, places, presets};
use crate::lesson::{Check, LESSONS};
use crate::snapshot::Status;

pub(super) fn draw(app: &App, buffer: &mut Buffer, layout: &Layout) {
    let theme = Theme::of(app);
    let (Some(session), Some((_, desk))) = (&app.lesson, app.desk()) else { return };
    pen::line(buffer, layout.title, 0, title(app, session, theme));
    if desk.read.width > 0 {
        let inner = boxed(buffer, desk.read, "Read", theme);
        let room = usize::from(inner.height);
        let [text, mut rest] = reading(session, usize::from(inner.width), room, theme);
        if text.len() + rest.len() > room {
            rest.retain(|line| line.width() > 0);
        }
        // What is to be answered or pressed is always there; where the text is too long for the rest, it says so.
        let shown = text.len().min(room.saturating_sub(rest.len()));
        let more = shown > 0 && shown < text.len();
        for (row, line) in text.into_iter().take(shown).chain(rest).enumerate() {
            let cut = more && row + 1 == shown;
            pen::line(buffer, inner, row as u16, if cut { line + Span::raw(" …") } else { line });
        }
    }
    let (head, lines) = check(app, session, usize::from(desk.check.height.saturating_sub(2)), theme);
    let inner = boxed(buffer, desk.check, &head, theme);
    for (row, line) in lines.into_iter().enumerate() {
        pen::line(buffer, inner, row as u16, line);
    }
    pen::line(buffer, layout.info, 0, Line::styled(may_change(app, session), theme.quiet()));
    let status = match &app.said {
        Some(said) => {
            Line::styled(format!(" {}", said.text), if said.wrong { theme.wrong() } else { theme.strong() })
        }
        None => Line::styled(format!(" {}", what_next(app, session)), theme.quiet()),
    };
    super::lines::say(app, buffer, layout, status);
    pen::line(buffer, layout.footer, 0, super::lines::footer(app, theme, layout.footer.width));
}

fn boxed(buffer: &mut Buffer, area: Area, title: &str, theme: Theme) -> Area {
    let outer = pen::rect(area).intersection(buffer.area);
    Clear.render(outer, buffer);
    Block::bordered()
        .border_set(theme.border(false))
        .border_style(theme.quiet())
        .title_top(Line::styled(format!(" {title} "), theme.strong()))
        .render(outer, buffer);
    Area {
        x: area.x + 2,
        y: area.y + 1,
        width: area.width.saturating_sub(4),
        height: area.height.saturating_sub(2),
    }
}

/// What somebody should do now; where the lesson ends, what comes after it.
fn what_next(app: &App, session: &Session) -> String {
    let key = |action| app.keymap.key_of(action);
    let (on, run) = (key(Action::NextPage), key(Action::Toggle));
    match (&app.snapshot.status, session.asks(), session.done()) {
        (_, true, _) => format!("Predict first: press {}.", session.letters()),
        (_, _, true) if session.ends() => format!("{on} ends the lesson. Next: {}", session.lesson.next),
        (_, _, true) => format!("{on} goes on."),
        _ if session.is_late() => {
            let keys = [Action::Restart, Action::Hint, Action::SkipPage].map(key);
            let [anew, hint, skip] = keys;
            let hint = if session.page().hint.is_empty() { String::new() } else { format!("{hint} hints, ") };
            format!("It should be true by now, and is not: {anew} starts again, {hint}{skip} skips.")
        }
        (Status::Converged(_), ..) => {
            let [anew, skip] = [Action::Restart, Action::SkipPage].map(key);
            format!("It has come to rest, and the check is not true: {anew} starts again, {skip} skips.")
        }
        (Status::Running, ..) => format!("It runs by itself until the check comes true; {run} pauses."),
        _ => format!("{run} runs it until the check comes true."),
    }
}

/// The lesson, its page and the step: in fewer words until there is room for them.
fn title(app: &App, session: &Session, theme: Theme) -> Line<'static> {
    let width = usize::from(app.size.0);
    let mut lines: Vec<Line<'static>> =
        (0..=2).map(|level| title_of(app, session, theme, level, usize::MAX)).collect();
    let fits = lines.iter().position(|line| line.width() <= width);
    if let Some(level) = fits {
        lines.swap_remove(level)
    } else {
        // The name of the lesson gives way: where the run is must be seen.
        let over = lines[2].width() - width;
        let name = session.lesson.title.chars().count();
        title_of(app, session, theme, 2, name.saturating_sub(over))
    }
}

/// The title without the bar of pages, then in the shortest words; the name of the lesson cut to so many characters.
fn title_of(app: &App, session: &Session, theme: Theme, level: usize, most: usize) -> Line<'static> {
    let (page, pages) = (session.page + 1, session.lesson.pages.len());
    let number = LESSONS.iter().position(|(name, _)| *name == session.lesson.name).map(|at| at + 1);
    let of = if level < 2 { " of " } else { "/" };
    let head = number.map_or(" LESSON".to_owned(), |at| format!(" LESSON {at}{of}{}", LESSONS.len()));
    let step = app.snapshot.step;
    let state = match &app.snapshot.status {
        Status::Running => format!("step {step} {}", theme.pick('▶', '>')),
        Status::Diverged { step, .. } => format!("diverged at step {step}"),
        Status::Failed(_) => "failed".to_owned(),
        _ => format!("step {step} paused"),
    };
    let mut spans = vec![
        Span::styled(head, theme.accent()),
        Span::styled(format!("  {}", pen::cut(&session.lesson.title, most)), theme.strong()),
        Span::raw(format!("  page {page}{of}{pages}")),
    ];
    if level < 1 {
        let done = "#".repeat(page) + &"-".repeat(pages - page);
        spans.push(Span::styled(format!(" [{done}]"), theme.good()));
    }
    spans.push(Span::styled(format!("  {state}"), theme.quiet()));
    Line::from(spans)
}

/// What is told, and below it what is asked, hinted and explained. Once it is explained, what was told stays where
/// there is room for both.
fn reading(session: &Session, width: usize, room: usize, theme: Theme) -> [Vec<Line<'static>>; 2] {
    let page = session.page();
    let wrapped = |text: &str| pen::wrap(text, width).into_iter().map(Line::raw).collect::<Vec<_>>();
    let explains =
        session.done() && !page.explain.is_empty() && (session.met.is_some() || page.check.is_none());
    let mut lines = Vec::new();
    if let Some(predict) = &page.predict {
        for (place, option) in predict.options.iter().enumerate() {
            let letter = (b'a' + place as u8) as char;
            let right = session.answer.is_some() && session.done() && place == predict.answer;
            let yours = session.answer == Some(place);
            let style = if right {
                theme.good()
            } else if yours {
                theme.accent()
            } else {
                theme.strong()
            };
            let note = match (right, yours) {
                (true, true) => "  right",
                (true, false) => "  this is it",
                (false, true) => "  your answer",
                (false, false) => "",
            };
            lines.push(Line::from(vec![
                Span::styled(format!(" {letter}) {option}"), style),
                Span::styled(note, theme.quiet()),
            ]));
        }
        lines.push(Line::default());
        // The line below the panes asks for it too.
        let text = pen::wrap(&page.text, width).len() + lines.len();
        if session.answer.is_none() && !session.hint && text <= room {
            lines.push(Line::styled("Press a letter, then watch.", theme.quiet()));
        }
    }
    let answers = lines.len();
    // Once it is explained there is nothing to hint at.
    if session.hint && !explains {
        lines.extend(
            pen::wrap(&format!("Hint: {}", page.hint), width)
                .into_iter()
                .map(|l| Line::styled(l, theme.accent())),
        );
    }
    if explains {
        lines.extend(wrapped(&page.explain));
        lines.push(Line::default());
        lines.push(Line::styled("Enter goes on.", theme.quiet()));
    }
    if explains && lines.len() > room {
        // What is explained matters more now than the hint, and the line below says how to go on.
        let explained = wrapped(&page.explain);
        lines.truncate(answers);
        lines.retain(|line| line.width() > 0);
        lines.extend(explained);
    }
    let mut text = wrapped(&page.text);
    let gap = usize::from(!lines.is_empty());
    if explains && text.len() + gap + lines.len() > room && page.check.is_some() {
        text.clear();
    } else if explains && text.len() + lines.len() > room {
        // Without a check it is explained from the start on: first comes what is to be done.
        lines.clear();
    } else if gap > 0 {
        lines.insert(0, Line::default());
    }
    [text, lines]
}

/// The head of the check and what stands below it, in so many rows: what is taught, how far the page is, and how each
/// claim stands. In two rows there are the claims alone, and how far it is stands in the head.
fn check(app: &App, session: &Session, rows: usize, theme: Theme) -> (String, Vec<Line<'static>>) {
    let head = "Check (measured, not scripted)".to_owned();
    let Some(check) = &session.page().check else {
        return (
            head,
            vec![Line::styled(
                app.keymap.spell("nothing to measure on this page: <next-page> goes on"),
                theme.quiet(),
            )],
        );
    };
    if session.asks() {
        let hidden = ["hidden until you have answered", "(so is where theory says the points end)"];
        return (head, hidden.map(|words| Line::styled(words, theme.quiet())).to_vec());
    }
    let few = rows < 3 && !session.outcomes.is_empty();
    let box_of = |holds: bool| if holds { "[x] " } else { "[ ] " };
    let style = if session.met.is_some() { theme.good() } else { theme.strong() };
    let says = Line::styled(format!("{}{}", box_of(session.met.is_some()), check.says), style);
    let mut lines = if few { Vec::new() } else { vec![says] };
    let room = usize::from(app.size.0).saturating_sub(10);
    for outcome in session.outcomes.iter().take(3) {
        let here = if outcome.holds { theme.good() } else { theme.strong() };
        let now = if outcome.value.is_some() { outcome.now.as_str() } else { "not measured yet" };
        let (now, wanted) = (format!(" {now}"), format!(", wanted {}", outcome.wanted));
        // The numbers stay whole.
        let what = room.saturating_sub(now.chars().count() + wanted.chars().count());
        let mark = if few { box_of(outcome.holds) } else { "    " };
        lines.push(Line::from(vec![
            Span::styled(format!("{mark}{}:", pen::cut(&outcome.words, what)), theme.quiet()),
            Span::styled(now, here),
            Span::styled(wanted, theme.quiet()),
        ]));
    }
    let run = session.page().runs.get(session.run).filter(|_| session.page().compare());
    let of = run.map_or(String::new(), |(name, _)| format!("{name}: "));
    let far = of + &how_far(session, check);
    if few {
        return (format!("Check  {far}"), lines);
    }
    lines.insert(1, Line::styled(format!("    {far}"), theme.quiet()));
    (head, lines)
}

/// How far the page is, and from when on its check counts; past its steps no more is promised.
fn how_far(session: &Session, check: &Check) -> String {
    let (steps, most, began) = (session.steps, check.steps, session.began());
    let head = if began > 0 { format!("step {}: {steps}", began + steps) } else { format!("step {steps}") };
    let page = if began > 0 { " of this page" } else { "" };
    if let Some(met) = session.met.filter(|met| *met < steps) {
        return format!("{head}{page}; it came true at {}", began + met);
    }
    if session.is_late() {
        return format!("{head}{page}, over: it takes {most} at most");
    }
    if steps > most {
        return head + page;
    }
    let own = if began > 0 { " of this page's" } else { " of" };
    let from = match check.after {
        after if after > steps => format!(", counts from {after} on"),
        _ => String::new(),
    };
    format!("{head}{own} at most {most}{from}")
}

/// What may be changed on the page: by its names, else by what may not, else by its letters; and how to free the rest,
/// where there is room for that too.
fn may_change(app: &App, session: &Session) -> String {
    let rows = app.rows();
    let (locked, free): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| app.locks(row));
    if session.unlocked || locked.is_empty() {
        return " you may change everything (4)".into();
    }
    if free.is_empty() {
        return " everything is locked on this page (: unlock opens it)".into();
    }
    let names_of = |rows: &[&Row]| rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>().join(", ");
    let names = names_of(&free);
    let letters = free.iter().map(|row| row.label()).collect::<Vec<_>>().join(", ");
    let but = format!("everything but {}", names_of(&locked));
    let (rest, short) = ("; the rest is locked (: unlock)", "; : unlock frees the rest");
    let mut ways = vec![(&names, rest), (&names, short)];
    if locked.len() < free.len() {
        ways.extend([(&but, short), (&but, "")]);
    }
    ways.extend([(&names, ""), (&letters, short), (&letters, "")]);
    let words = |(what, rest): &(&String, &str)| format!(" you may change {what} (4){rest}");
    let mut ways = ways.iter().map(words);
    let fits = ways.find(|line| line.chars().count() <= usize::from(app.size.0));
    fits.unwrap_or_else(|| format!(" you may change {} settings (4){short}", free.len()))
}

/// The list of lessons, with how far one got.
pub(super) fn lessons(app: &App, buffer: &mut Buffer, search: &Search, theme: Theme) {
    let entry = |lesson: &crate::lesson::Lesson| {
        let page = app.progress.page(&lesson.name);
        let state = if app.progress.finished(&lesson.name) {
            "done".to_owned()
        } else if page > 0 {
            format!("page {} of {}", page + 1, lesson.pages.len())
        } else {
            String::new()
        };
        let number = LESSONS.iter().position(|(name, _)| *name == lesson.name).map_or(0, |at| at + 1);
        (format!("{number:>2} {}", lesson.title), state, app.keymap.spell(&lesson.pages[0].text))
    };
    let entries: Vec<_> = lesson::lessons(&search.text).iter().map(entry).collect();
    list(app, buffer, "Lessons: predict, run, measure", search, &entries, theme);
}

/// The list of presets.
pub(super) fn presets(app: &App, buffer: &mut Buffer, search: &Search, theme: Theme) {
    let entry = |preset: &crate::experiment::preset::Preset| {
        let about = format!("{}. Look for: {}", preset.paper, app.keymap.spell(&preset.look_for));
        (format!("{:<22}{}", preset.name, preset.title), String::new(), about)
    };
    let entries: Vec<_> = presets::found(&search.text).iter().map(entry).collect();
    list(app, buffer, "Presets: experiments of the papers", search, &entries, theme);
}

fn list(
    app: &App,
    buffer: &mut Buffer,
    title: &str,
    search: &Search,
    entries: &[(String, String, String)],
    theme: Theme,
) {
    let inner = panel(app, buffer, title, 100);
    let [choose, take, leave] = super::overlay::steering(app);
    prompt(buffer, inner, search, &format!(" {choose} choose   {take} opens   {leave} leaves"), theme);
    if entries.is_empty() {
        pen::line(buffer, inner, 1, Line::styled(" nothing found", theme.wrong()));
    }
    let Some(overlay) = &app.overlay else { return };
    let room = places::list_room(overlay, inner);
    let first = places::first_shown(search.at, room);
    for (k, (words, state, _)) in entries.iter().enumerate().skip(first).take(room) {
        let chosen = k == search.at;
        let style = if chosen { theme.accent().add_modifier(Modifier::REVERSED) } else { theme.strong() };
        let line = vec![
            Span::raw(if chosen { " > " } else { "   " }),
            Span::styled(format!("{words:<44}"), style),
            Span::styled(format!("  {state}"), theme.good()),
        ];
        pen::line(buffer, inner, (1 + k - first) as u16, Line::from(line));
    }
    let Some((_, _, about)) = entries.get(search.at) else { return };
    super::overlay::about(app, buffer, inner, about, theme);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ratatui::layout::Rect;

    use super::*;
    use crate::experiment::Experiment;

    #[test]
    fn what_is_to_be_answered_is_on_the_screen_at_every_size() {
        let run = crate::simulation::Run::new(&Experiment::default()).unwrap();
        for lesson in lesson::lessons("") {
            for size in [(60, 18), (80, 24), (160, 48)] {
                let mut app = App::new(Arc::new(run.snapshot()), size);
                app.open_lesson(lesson.clone());
                for page in 0..lesson.pages.len() {
                    let Some(predict) = &lesson.pages[page].predict else { continue };
                    app.lesson.as_mut().unwrap().page = page;
                    let mut buffer = Buffer::empty(Rect::new(0, 0, size.0, size.1));
                    crate::view::draw_on(&app, &mut buffer);
                    let text: String = buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect();
                    for (place, option) in predict.options.iter().enumerate() {
                        let letter = (b'a' + place as u8) as char;
                        let begins: String = crate::minus::typeset(option).chars().take(8).collect();
                        assert!(
                            text.contains(&format!("{letter}) {begins}")),
                            "{} page {page} at {size:?}: {letter}) {option}",
                            lesson.name
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn an_explanation_is_read_to_its_end_whatever_hint_was_asked_for() {
        let run = crate::simulation::Run::new(&Experiment::default()).unwrap();
        for lesson in lesson::lessons("") {
            let mut app = App::new(Arc::new(run.snapshot()), (80, 24));
            app.open_lesson(lesson);
            // With keys in the place of actions.
            let lesson = app.lesson.as_ref().unwrap().lesson.clone();
            for (page, told) in lesson.pages.iter().enumerate().filter(|(_, page)| !page.explain.is_empty()) {
                let session = app.lesson.as_mut().unwrap();
                (session.page, session.hint, session.met) = (page, true, Some(0));
                session.answer = told.predict.as_ref().map(|predict| predict.answer);
                let (_, desk) = app.desk().unwrap();
                let inner = places::inside(desk.read);
                let mut buffer = Buffer::empty(Rect::new(0, 0, 80, 24));
                crate::view::draw_on(&app, &mut buffer);
                let read: Vec<String> = (inner.y..inner.y + inner.height)
                    .map(|y| (inner.x..inner.x + inner.width).map(|x| buffer[(x, y)].symbol()).collect())
                    .collect();
                let end = pen::wrap(&told.explain, usize::from(inner.width) - 2).pop().unwrap();
                assert!(
                    read.iter().any(|line| line.contains(&end)),
                    "{} page {page}: {read:#?}",
                    lesson.name
                );
            }
        }
    }

    #[test]
    fn keys_that_lessons_and_presets_name_are_those_of_actions_that_there_are() {
        let keymap = crate::app::Keymap::default();
        let unknown = |text: &str| text.split('<').skip(1).any(|rest| rest.starts_with(char::is_alphabetic));
        let mut named = 0;
        for lesson in lesson::lessons("") {
            for page in &lesson.pages {
                for text in [&page.text, &page.hint, &page.explain] {
                    named += usize::from(unknown(text));
                    assert!(!unknown(&keymap.spell(text)), "{}: {text}", lesson.name);
                }
            }
        }
        for preset in presets::found("") {
            assert!(!unknown(&keymap.spell(&preset.look_for)), "{}: {}", preset.name, preset.look_for);
        }
        assert!(named > 5, "{named} texts name a key");
    }

    #[test]
    fn an_answer_is_followed_by_what_goes_on_and_a_pause_by_how_to_go_on() {
        let run = crate::simulation::Run::new(&Experiment::default()).unwrap();
        let mut app = App::new(Arc::new(run.snapshot()), (80, 24));
        app.open_lesson(lesson::lessons("").remove(0));
        app.lesson.as_mut().unwrap().page = 1;
        app.said = Some(crate::app::Said { text: "predict first".into(), wrong: true });
        let key = crossterm::event::KeyEvent::from(crossterm::event::KeyCode::Char('a'));
        let commands = app.update(crate::app::Message::Key(key));
        assert_eq!(app.lesson.as_ref().unwrap().answer, Some(0));
        assert_eq!((commands.len(), app.said.as_ref()), (1, None));
        for (status, says) in [(Status::Running, "; space pauses."), (Status::Paused, "space runs it until")]
        {
            let mut snapshot = (*app.snapshot).clone();
            snapshot.status = status;
            app.snapshot = Arc::new(snapshot);
            let mut buffer = Buffer::empty(Rect::new(0, 0, 80, 24));
            crate::view::draw_on(&app, &mut buffer);
            let text: String = buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect();
            assert!(text.contains(says), "{says}: {text}");
        }
    }
}
