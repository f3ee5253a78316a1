//! The line of time: where the run stands, what is kept, where knobs were changed; and the list of branches.

use ratatui::buffer::Buffer;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::pen;
use super::theme::Theme;
use crate::app::keys::Action;
use crate::app::time::{column_of, track};
use crate::app::{App, Area, Pane};
use crate::describe::changes::{self, of_branch};
use crate::describe::number;

pub(super) fn draw(app: &App, buffer: &mut Buffer, area: Area) {
    if area.height == 0 {
        return;
    }
    let theme = Theme::of(app);
    let (snapshot, time) = (&app.snapshot, &app.snapshot.time);
    let focused = app.focus == Pane::Time;
    let style = if focused { theme.accent() } else { theme.quiet() };
    let track = track(area, time.newest);
    let at = |step: u64| usize::from(column_of(track, time.newest, step) - track.0);
    let mut cells = vec![(theme.pick('─', '-'), theme.quiet()); usize::from(track.1)];
    cells[..at(snapshot.step)].fill((theme.pick('━', '='), theme.curve()));
    for step in time.keyframes.iter() {
        // A track full of them would hide everything else.
        if time.keyframes.len() * 2 <= cells.len() {
            cells[at(*step)] = (theme.pick('┿', 'K'), theme.quiet());
        }
    }
    for edit in snapshot.edits.iter() {
        cells[at(edit.step)] = ('m', theme.target());
    }
    if let Some((_, fork)) = time.here().and_then(|branch| branch.parent) {
        cells[at(fork)] = (theme.pick('┬', 'Y'), theme.good());
    }
    if let Some((_, goal)) = time.journey {
        cells[at(goal)] = (theme.pick('◇', '?'), theme.accent());
    }
    if let Some(step) = app.inspected.filter(|step| *step <= time.newest) {
        cells[at(step)] = (theme.pick('│', '|'), theme.accent());
    }
    cells[at(snapshot.step)] = (theme.pick('●', 'O'), theme.accent());
    let mut spans = vec![Span::styled(if focused { " >time 0 [" } else { "  time 0 [" }, style)];
    spans.extend(cells.into_iter().map(|(symbol, style)| Span::styled(symbol.to_string(), style)));
    // Where the run has been rewound the end of the line is not where it stands.
    let stands = if snapshot.step < time.newest { format!("{}/", snapshot.step) } else { String::new() };
    spans.push(Span::styled(format!("] {stands}{} ", time.newest), style));
    let name = time.here().map_or_else(String::new, |branch| branch.name.clone());
    let used: usize = spans.iter().map(Span::width).sum();
    if stands.is_empty() || used + name.chars().count() <= usize::from(area.width) {
        spans.push(Span::raw(name));
    }
    if area.width >= 80 {
        let mib = |bytes: usize| bytes as f64 / f64::from(1 << 20);
        spans
            .push(Span::styled(format!(" {:.1}/{:.0} MiB", mib(time.used), mib(time.budget)), theme.quiet()));
    }
    pen::line(buffer, area, 0, Line::from(spans));
    let names = time.branches.iter().map(|branch| {
        let mark = if branch.id == time.branch { "*" } else { "" };
        format!("{}{mark}", branch.name)
    });
    let edits = changes::along(&snapshot.start, snapshot.edits.iter()).into_iter().rev();
    let edits: Vec<String> = edits.map(|(step, what)| format!("{what} @{step}")).collect();
    let text = app.keymap.spell(&format!(
        "       <step-back> <step> one step   <leap-back> <leap> fifty   <first> <newest>   <branches> branches: {}   edits: {}",
        names.collect::<Vec<_>>().join(" "),
        if edits.is_empty() { "none".to_owned() } else { edits.join("   ") }
    ));
    pen::line(buffer, area, 1, Span::styled(text, theme.quiet()));
}

/// What a rewound run, or one on a journey, should say of itself.
pub(super) fn status(app: &App) -> Option<String> {
    let (step, time) = (app.snapshot.step, &app.snapshot.time);
    if let Some((_, goal)) = time.journey {
        let share = 100 * step / goal.max(1);
        let text = format!("making steps again: {step} of {goal} ({share} %)   <toggle> stops");
        return Some(app.keymap.spell(&text));
    }
    let rest = if app.size.0 < 80 { "" } else { "   <toggle> runs on" };
    let edit = match app.letter() {
        _ if app.snapshot.runs() == 1 => "an edit makes a branch".to_owned(),
        'A' => "an edit of A makes a branch".to_owned(),
        letter if app.size.0 < 100 => format!("an edit remakes {letter}"),
        letter => format!("an edit makes {letter} anew from here"),
    };
    let rewound = || format!("rewound to {step} of {}: {edit}   <newest> newest{rest}", time.newest);
    time.is_rewound(step).then(|| app.keymap.spell(&rewound()))
}

/// The list of branches.
pub(super) fn branches(app: &App, buffer: &mut Buffer, inner: Area, chosen: usize) {
    let theme = Theme::of(app);
    let time = &app.snapshot.time;
    // Where there is little room, more of it is for what tells branches apart.
    let (from_room, step_room, loss_room, differs) =
        if inner.width < 76 { (9, 6, 8, "changed") } else { (16, 8, 10, "differs from the start") };
    let head = format!(
        "   {:<6} {:<from_room$} {:>step_room$} {:>loss_room$}  {differs}",
        "name", "from", "newest", "loss"
    );
    pen::line(buffer, inner, 0, Span::styled(head, theme.quiet()));
    let room = usize::from(inner.height.saturating_sub(2)).max(1);
    let first = (chosen + 1).saturating_sub(room);
    for (k, branch) in time.branches.iter().enumerate().skip(first).take(room) {
        let from = branch.parent.map_or_else(String::new, |(parent, step)| {
            let parent = time.branches.iter().find(|other| other.id == parent);
            format!("{} @{step}", parent.map_or("?", |parent| parent.name.as_str()))
        });
        let curve = if branch.id == time.branch { &app.snapshot.history } else { &branch.curve };
        let loss = curve.last().map_or_else(|| "-".into(), |sample| number(sample.loss));
        let what = of_branch(&app.snapshot.start, branch.edits, &branch.experiment);
        let mark = if branch.id == time.branch { '*' } else { ' ' };
        let text = format!(
            "{}{mark} {:<6} {from:<from_room$} {:>step_room$} {loss:>loss_room$}  {what}",
            if k == chosen { '>' } else { ' ' },
            branch.name,
            branch.newest
        );
        let style =
            if k == chosen { theme.accent().add_modifier(Modifier::REVERSED) } else { theme.strong() };
        pen::line(buffer, inner, (1 + k - first) as u16, Line::styled(text, style));
    }
    let [choose, take, leave] = super::overlay::steering(app);
    let forget = app.keymap.key_of(Action::Erase);
    let pieces = [format!("{choose} choose"), format!("{take} goes there"), format!("{forget} forgets")];
    let end = super::overlay::hints(usize::from(inner.width), &pieces, &format!("{leave} leaves"));
    pen::line(buffer, inner, inner.height.saturating_sub(1), Span::styled(end, theme.quiet()));
}
