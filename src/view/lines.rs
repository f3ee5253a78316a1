//! The lines around the panes: what runs, what is going on, what happened last, and the keys.

use ratatui::buffer::Buffer;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::pen;
use super::theme::Theme;
use crate::app::keys::Entry;
use crate::app::{App, Area, Keymap, Layout, Pane, Tape, places, settings};
use crate::describe::{self, loss};
use crate::snapshot::{Convergence, Status};

pub(super) fn draw(app: &App, buffer: &mut Buffer, layout: &Layout) {
    let theme = Theme::of(app);
    pen::line(buffer, layout.title, 0, title(app, theme));
    let width = usize::from(layout.info.width);
    let facts = fitting(&describe::facts(&app.snapshot), width.saturating_sub(6));
    let why = why(app, width.saturating_sub(6));
    match layout.info.height {
        0 => {}
        1 => pen::line(buffer, layout.info, 0, labelled("now", &facts, theme)),
        _ => {
            pen::line(buffer, layout.info, 0, labelled("why", &why, theme));
            pen::line(buffer, layout.info, 1, labelled("now", &facts, theme));
            pen::line(buffer, layout.info, 2, labelled("on", &machine(app), theme));
        }
    }
    say(app, buffer, layout, status(app, theme, &why, layout.info.height < 3));
    pen::line(buffer, layout.footer, 0, footer(app, theme, layout.footer.width));
}

/// What happened last; where it is too long for its line, over as many of the lines above it as it takes: those that tell
/// what is going on, and on a screen that has none of them the line of time.
pub(super) fn say(app: &App, buffer: &mut Buffer, layout: &Layout, status: Line<'static>) {
    let width = usize::from(layout.status.width);
    let stopped = matches!(app.snapshot.status, Status::Diverged { .. } | Status::Failed(_));
    let whole = stopped || app.is_driven() || app.said.is_some() || meaning(app).is_some();
    if status.width() <= width || !whole {
        return pen::line(buffer, layout.status, 0, status);
    }
    let style = status.style;
    let words = status.to_string();
    let above = if layout.info.height == 0 { layout.time.height } else { layout.info.height };
    let room = usize::from(above) + 1;
    let mut lines = pen::wrap(&words, width.saturating_sub(1));
    if lines.len() > room {
        // What has no room ends in a sign that there was more.
        let rest = lines.split_off(room - 1).join(" ");
        lines.push(rest);
    }
    let above = lines.len() as u16 - 1;
    let area = Area { y: layout.status.y - above, height: above + 1, ..layout.status };
    for (k, words) in lines.into_iter().enumerate() {
        pen::clear(buffer, area, k as u16);
        pen::line(buffer, area, k as u16, Line::styled(format!(" {words}"), style));
    }
}

/// One line for a screen that is too small for more.
pub(super) fn too_small(app: &App) -> String {
    let snapshot = &app.snapshot;
    let (width, height) = crate::app::layout::SMALLEST;
    format!(
        "losslab needs {width}x{height}, this is {}x{}; step {} loss {}",
        app.size.0,
        app.size.1,
        snapshot.step,
        loss(snapshot)
    )
}

fn labelled(label: &str, text: &str, theme: Theme) -> Line<'static> {
    Line::from(vec![Span::styled(format!(" {label:<4}"), theme.accent()), Span::raw(text.to_owned())])
}

/// The objective with at most so many of the knobs that make it what it is.
fn objective(app: &App, most: usize) -> String {
    let experiment = &app.snapshot.experiment;
    let mut text = settings::describe(experiment);
    if let [term] = experiment.objective.as_slice() {
        for knob in describe::knobs::of_term(term).into_iter().take(most) {
            text = text + " " + &knob;
        }
    }
    text
}

/// What the run is doing, in a word or two.
pub(super) fn doing(app: &App, theme: Theme) -> (String, Style) {
    let snapshot = &app.snapshot;
    match &snapshot.status {
        Status::Running if matches!(app.tape, Some(Tape::Playing { stands: true, .. })) => {
            ("held".into(), theme.accent())
        }
        Status::Running => (format!("{} {}", theme.pick('▶', '>'), snapshot.pace), theme.good()),
        Status::Paused => ("paused".into(), theme.accent()),
        Status::Converged(Convergence::Floor) => ("at its floor".into(), theme.good()),
        Status::Converged(Convergence::Still) => ("converged".into(), theme.good()),
        Status::Converged(Convergence::Schedule) => ("finished".into(), theme.good()),
        Status::Diverged { .. } => ("diverged".into(), theme.wrong()),
        Status::Failed(_) => ("failed".into(), theme.wrong()),
    }
}

/// What is recorded or played.
pub(super) fn tape(app: &App, theme: Theme) -> Option<Span<'static>> {
    let narrow = app.size.0 < 80;
    app.tape.as_ref().map(|tape| Span::styled(format!(" {} ", tape.words(narrow)), theme.wrong()))
}

/// Knobs of the objective that the title has at most.
const KNOBS: usize = 3;

/// What runs, its data, where it stands and by what. What has no room is left out whole: the speed and the engine, then
/// knobs, the last one first, then the data; where the run is and what it does stay.
fn title(app: &App, theme: Theme) -> Line<'static> {
    let width = usize::from(app.size.0);
    // A recording takes the place of what does not change.
    let data = app.tape.is_none() || width >= 120;
    let wide = (0..3).map(|less| (KNOBS, data, 2 - less));
    let narrow = (0..KNOBS).rev().map(|knobs| (knobs, data, 0));
    let least = (0..=KNOBS).rev().map(|knobs| (knobs, false, 0));
    let mut tries = wide.chain(narrow).chain(least).map(|parts| title_of(app, theme, parts));
    let fits = tries.find(|line| line.width() <= width);
    fits.unwrap_or_else(|| title_of(app, theme, (0, false, 0)))
}

/// The title with so many knobs, with the data or without, and with neither, one or both of engine and speed.
fn title_of(app: &App, theme: Theme, (knobs, data, engine): (usize, bool, usize)) -> Line<'static> {
    let snapshot = &app.snapshot;
    let bar = || Span::styled(format!(" {} ", theme.pick('│', '|')), theme.quiet());
    let (text, style) = doing(app, theme);
    let mut spans = Vec::new();
    if app.size.0 >= 120 {
        spans.push(Span::styled(" losslab ", theme.accent()));
    }
    spans.extend(tape(app, theme));
    spans.extend([Span::styled(format!(" {}", objective(app, knobs)), theme.strong()), bar()]);
    if data {
        let (rows, cols) = (snapshot.points.rows, snapshot.points.cols);
        let classes =
            if snapshot.cast.labelled { format!("C={} ", snapshot.cast.classes) } else { String::new() };
        let words = format!("{classes}d={cols} N={rows} seed {}", snapshot.experiment.seed);
        spans.extend([Span::raw(words), bar()]);
    }
    spans.extend([
        Span::styled(format!("step {} ", snapshot.step), theme.strong()),
        Span::styled(text, style),
    ]);
    if engine > 0 {
        spans.extend([bar(), Span::raw(snapshot.engine)]);
    }
    if engine > 1 && snapshot.speed >= 0.5 {
        spans.push(Span::raw(format!(" {:.0} steps/s", snapshot.speed)));
    }
    Line::from(spans)
}

/// As many of the parts as there is room for, most important first; never a part of a part but for the first.
fn fitting(parts: &[String], width: usize) -> String {
    let mut text = String::new();
    for part in parts {
        if text.is_empty() {
            text.clone_from(part);
        } else if text.chars().count() + 3 + part.chars().count() <= width {
            text.push_str(" · ");
            text.push_str(part);
        }
    }
    text
}

/// What the objective does, and what is proved about it; where both have no room, the second.
fn why(app: &App, width: usize) -> String {
    let snapshot = &app.snapshot;
    // What keeps this state from where theory ends matters more than what the loss does in general.
    if let Some(remark) = snapshot.geometry.remarks.first() {
        return describe::sentence(remark);
    }
    let (effect, floor) = (describe::effect(snapshot), describe::floor(snapshot));
    let both = format!("{effect} {floor}");
    if both.chars().count() <= width { both } else { floor }
}

fn machine(app: &App) -> String {
    let snapshot = &app.snapshot;
    let adapter = snapshot.adapter.as_ref().map(|adapter| format!(": {adapter}")).unwrap_or_default();
    format!(
        "{}{adapter} · rate {} · {} · {}",
        snapshot.engine,
        settings::show(snapshot.rate),
        snapshot.pace.words(),
        match app.warnings().len() {
            0 => "no warnings".to_owned(),
            1 => "1 warning (w)".to_owned(),
            n => format!("{n} warnings (w)"),
        }
    )
}

/// What the chosen row of the params pane does, while that pane has the focus.
pub(super) fn meaning(app: &App) -> Option<String> {
    let row = app.rows().into_iter().nth(app.row).filter(|_| app.focus == Pane::Params)?;
    let restarts = if row.live { "" } else { " Changing it restarts the run." };
    Some(format!("{}: {}{restarts}", row.name, row.meaning))
}

pub(super) fn status(app: &App, theme: Theme, why: &str, say_why: bool) -> Line<'static> {
    if let Some(said) = &app.said {
        let style = if said.wrong { theme.wrong() } else { theme.strong() };
        return Line::styled(format!(" {}", said.text), style);
    }
    if let Some(text) = super::time::status(app) {
        return Line::styled(format!(" {text}"), theme.strong());
    }
    let narrow = app.size.0 < 80;
    let spell = |text: &str| app.keymap.spell(text);
    let at_floor = || {
        let rest = if narrow {
            "<objective> another loss"
        } else {
            "<objective> another loss  <new-seed> another start"
        };
        Line::styled(spell(&format!(" Done: within 1e-6 of the proven floor.  {rest}")), theme.good())
    };
    match &app.snapshot.status {
        Status::Diverged { step, term, why } => {
            let (what, remedy) = match why {
                Some(why) => (
                    describe::divergence::short(why, &app.snapshot.cast),
                    describe::divergence::briefly_to_do(why),
                ),
                None => (describe::diverged(term.as_deref()), "lower lr"),
            };
            let width = usize::from(app.size.0);
            Line::styled(frozen(&app.keymap, *step, &what, remedy, width), theme.wrong())
        }
        Status::Failed(reason) => {
            Line::styled(spell(&format!(" {reason}; <restart> starts again")), theme.wrong())
        }
        _ if meaning(app).is_some() => {
            Line::styled(format!(" {}", meaning(app).unwrap_or_default()), theme.quiet())
        }
        Status::Converged(Convergence::Floor) => at_floor(),
        // A run that was opened where it had ended stands, and is done all the same.
        Status::Paused if app.pressed < 3 && app.snapshot.floor.is_met(app.snapshot.loss) => at_floor(),
        Status::Converged(Convergence::Still) => {
            let rest = if narrow { "<toggle> goes on" } else { "<new-seed> another start  <toggle> goes on" };
            let text = format!(" Done: still for 500 steps.  <objective> another loss  {rest}");
            Line::styled(spell(&text), theme.good())
        }
        Status::Converged(Convergence::Schedule) => {
            let steps = app.snapshot.experiment.steps;
            let rest = if narrow { "<restart> again" } else { "<restart> again  <objective> another loss" };
            let text = format!(" Finished: its {steps} steps are made, the rate is 0.  {rest}");
            Line::styled(spell(&text), theme.good())
        }
        Status::Running | Status::Paused if describe::spent(&app.snapshot).is_some() => {
            let text = describe::sentence(&describe::spent(&app.snapshot).unwrap_or_default());
            Line::styled(format!(" {text}"), theme.quiet())
        }
        // Nobody need look on while steps that are too long throw everything about.
        Status::Running if say_why && app.is_driven() => Line::styled(format!(" {why}"), theme.wrong()),
        status if app.pressed < 3 => {
            let (head, does) = match status {
                Status::Running => (" Watch it move:", "pauses"),
                _ => (" It stands:", "runs on"),
            };
            let rest = if narrow {
                "<objective> another loss, <help> keys"
            } else {
                "arrows turn, <objective> another loss, <focus-4> knobs, <help> all keys"
            };
            Line::from(vec![
                Span::styled(head, theme.strong()),
                Span::raw(spell(&format!(" <toggle> {does}, {rest}"))),
            ])
        }
        _ if say_why => Line::styled(format!(" {why}"), theme.quiet()),
        _ => Line::default(),
    }
}

/// Where a run stopped, by whom, what helps, and which key says more: as much of it as there is room for.
fn frozen(keymap: &Keymap, step: u64, what: &str, remedy: &str, width: usize) -> String {
    let ways = [
        format!(
            " Frozen at step {step}: {what}. Try {remedy}, then <restart> starts again; <warnings> says why"
        ),
        format!(" Frozen at step {step}: {what}. Try {remedy}, then <restart>; <warnings> why"),
        format!(" Frozen: {what}. Try {remedy}, then <restart>; <warnings> why"),
        format!(" Frozen: {what}. Try {remedy}; <warnings> why"),
        format!(" Frozen: {what}. Try {remedy}"),
        format!(" Frozen: {what}. <warnings> why"),
        format!(" {what}: <warnings> why"),
    ];
    let ways = ways.map(|way| keymap.spell(&way));
    let fits = |text: &&String| text.chars().count() <= width;
    let [.., shortest] = &ways;
    ways.iter().find(fits).unwrap_or(shortest).clone()
}

pub(super) fn footer(app: &App, theme: Theme, width: u16) -> Line<'static> {
    let mut spans = Vec::new();
    for (_, _, Entry { keys, label, .. }) in places::footer(app, width) {
        spans.push(Span::raw(" "));
        spans.push(Span::styled(keys, theme.accent()));
        spans.push(Span::styled(format!(" {label} "), theme.quiet()));
    }
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crossterm::event::KeyCode;
    use ratatui::layout::Rect;

    use super::*;
    use crate::app::keys::Action;
    use crate::experiment::Experiment;

    #[test]
    fn who_has_given_an_action_another_key_reads_that_key_wherever_it_is_named() {
        let run = crate::simulation::Run::new(&Experiment::default()).unwrap();
        let mut app = App::new(Arc::new(run.snapshot()), (80, 24));
        app.keymap =
            app.keymap.with(Action::Toggle, &[KeyCode::F(2)]).with(Action::Objective, &[KeyCode::F(3)]);
        let mut seen = String::new();
        for (status, rewound, pressed) in [
            (Status::Running, false, 0),
            (Status::Paused, false, 0),
            (Status::Paused, true, 9),
            (Status::Converged(Convergence::Still), false, 9),
        ] {
            let mut snapshot = (*app.snapshot).clone();
            snapshot.status = status;
            snapshot.time.newest = if rewound { snapshot.step + 50 } else { snapshot.step };
            (app.snapshot, app.pressed) = (Arc::new(snapshot), pressed);
            let mut buffer = Buffer::empty(Rect::new(0, 0, 80, 24));
            crate::view::draw_on(&app, &mut buffer);
            seen.extend(buffer.content.iter().map(ratatui::buffer::Cell::symbol));
        }
        for words in ["F2 pauses, arrows turn, F3 another loss", "   F2 runs on", "F2 goes on", "F3: list"] {
            assert!(seen.contains(words), "{words}: {seen}");
        }
        assert!(!seen.contains("space"), "{seen}");
    }
}
