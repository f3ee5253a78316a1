//! Runs side by side: a view each, loss curves and angles over one another, a table of shared numbers.
//!
//! ```text
//!  COMPARE  same start and batches, seed 7 │ C=4 d=3 N=200 │ step 600 ▶ 4/frame
//! ╔ > A normface s=4 ════════════════════╗╭ B arcface s=4 m=0.5 ─────────────────╮
//! ║                                      ║│                                      │
//! ╚══════════════════════════════════════╝╰──────────────────────────────────────╯
//! ╭ 2 Loss  each on its own scale, log ──╮╭ 3 Angles ────────────────────────────╮
//! ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
//!                   within↓ closest↑  to ETF↓     NC1↓   loss    floor  to 5° at↓
//!  A normface         21.3°   104.8°    0.121    0.061   0.0331  0.0144       640
//!  B arcface m=0.5    13.9°   108.6°    0.033    0.018   0.0312  0.0234       480
//!  B − A              -7.4°*   +3.8°*  -0.088*  -0.043*   scales differ      -160
//!  B has tighter classes (by 7.4°) and wider angles (by 3.8°)
//! ```

mod apart;
mod charts;
mod knobs;
mod note;
mod table;

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use super::{lines, pen, projection, time};
use crate::app::compare::layout::Stage;
use crate::app::{App, Layout, Pane};
use crate::comparison::Kinship;
use crate::describe::{beside, changes};
use crate::palette;
use crate::snapshot::{Company, Snapshot, Status};

pub(super) fn draw(app: &App, buffer: &mut Buffer, layout: &Layout, stage: &Stage) {
    let theme = Theme::of(app);
    let Some(company) = &app.snapshot.company else { return };
    pen::line(buffer, layout.title, 0, title(app, company, theme));
    for (run, area) in &stage.views {
        let shown = app.of(*run);
        let head = head(app, &shown, *run, usize::from(area.width).saturating_sub(6));
        projection::draw_headed(&shown, buffer, *area, &head, *run == app.beside.run);
    }
    if let Some(area) = stage.apart {
        apart::draw(app, buffer, area);
    }
    for (pane, area) in &layout.panes {
        match pane {
            Pane::View => {}
            Pane::Loss => charts::losses(app, buffer, *area),
            Pane::Angles => charts::angles(app, buffer, *area),
            Pane::Law => charts::laws(app, buffer, *area),
            other => super::draw_pane(&app.of(app.beside.run), buffer, *other, *area),
        }
    }
    table::draw(app, company, buffer, stage);
    time::draw(app, buffer, layout.time);
    lines::say(app, buffer, layout, status(app, company, stage, theme));
    pen::line(buffer, layout.footer, 0, lines::footer(app, theme, layout.footer.width));
}

/// The letter of a run, what it minimises with what tells it from the others, whether it has stopped before them, and
/// as many other knobs as leave room for what the view hides.
fn head(app: &App, shown: &App, run: usize, width: usize) -> String {
    let stopped = match &shown.snapshot.status {
        Status::Diverged { step, .. } => format!(" diverged at {step}"),
        Status::Failed(_) => " failed".to_owned(),
        _ => String::new(),
    };
    let hides = projection::least_title(shown).chars().count() + 2;
    let room = width.saturating_sub(stopped.chars().count());
    knobs::name_beside(app, run, room, hides) + &stopped
}

/// What is going on: with fewer words until it fits.
fn title(app: &App, company: &Company, theme: Theme) -> Line<'static> {
    let width = usize::from(app.size.0);
    let lines = (0..=6).map(|level| title_of(app, company, theme, level));
    let mut lines: Vec<Line<'static>> = lines.collect();
    let fits = lines.iter().position(|line| line.width() <= width).unwrap_or(lines.len() - 1);
    lines.swap_remove(fits)
}

/// The title without steps a second, the engine, batches, its first word, sizes, small words: as many of these as the level
/// says.
fn title_of(app: &App, company: &Company, theme: Theme, level: usize) -> Line<'static> {
    let snapshot = &app.snapshot;
    let bar = || Span::styled(format!(" {} ", theme.pick('│', '|')), theme.quiet());
    let (text, style) = lines::doing(app, theme);
    let words = company.kinship.words();
    let uneven = changes::uneven(snapshot).map(|[long, short]| if level >= 6 { short } else { long });
    let alike = if let Some(uneven) = &uneven {
        // Who is changed on the way and who is not says more than what they began with alike.
        if company.kinship == Kinship::Different { format!("{words}; {uneven}") } else { uneven.clone() }
    } else if level >= 3 {
        // "same start", "same directions at the start".
        words.split(',').next().unwrap_or(words).replace(" and batches", "")
    } else {
        words.to_owned()
    };
    let mut spans: Vec<Span<'static>> = lines::tape(app, theme).into_iter().collect();
    spans.extend([
        Span::styled(if level >= 4 { " " } else { " COMPARE  " }, theme.accent()),
        Span::styled(alike, if uneven.is_some() { theme.wrong() } else { theme.strong() }),
        Span::styled(format!(", seed {}", snapshot.experiment.seed), theme.strong()),
    ]);
    if level < 5 {
        let (c, d, n) = (snapshot.cast.classes, snapshot.points.cols, snapshot.points.rows);
        spans.extend([bar(), Span::raw(format!("C={c} d={d} N={n}"))]);
    }
    spans.extend([
        bar(),
        Span::styled(format!("step {} ", snapshot.step), theme.strong()),
        Span::styled(text, style),
    ]);
    if level < 2 {
        spans.extend([bar(), Span::raw(engines(snapshot, company))]);
    }
    if level < 1 && snapshot.speed >= 0.5 {
        spans.push(Span::raw(format!(" {:.0} steps/s", snapshot.speed)));
    }
    Line::from(spans)
}

/// Who computes: said run by run where they differ.
fn engines(snapshot: &Snapshot, company: &Company) -> String {
    let others = company.others.iter().map(|other| other.engine);
    if others.clone().all(|engine| engine == snapshot.engine) {
        return snapshot.engine.to_owned();
    }
    std::iter::once(snapshot.engine).chain(others).collect::<Vec<_>>().join("/")
}

fn status(app: &App, company: &Company, stage: &Stage, theme: Theme) -> Line<'static> {
    if app.said.is_none() {
        if let Some((hindmost, goal)) = company.gathering {
            let text = format!(" bringing all runs to step {goal}: the hindmost is at {hindmost}");
            return Line::styled(text, theme.strong());
        }
        let runs = std::iter::once(&*app.snapshot).chain(company.others.iter().map(|other| &**other));
        let stopped = runs.enumerate().find_map(|(k, run)| match &run.status {
            Status::Diverged { step, term, why } => {
                let what = match why {
                    Some(why) => crate::describe::divergence::short(why, &run.cast),
                    None => crate::describe::diverged(term.as_deref()),
                };
                Some((k, *step, what))
            }
            _ => None,
        });
        if let Some((run, step, what)) = stopped {
            let text = format!(" {} is frozen: {what} at step {step}", palette::letter(run));
            return Line::styled(text, theme.wrong());
        }
        // Where the table has no room for its note.
        let goes = matches!(app.snapshot.status, Status::Running | Status::Paused);
        let speaks = time::status(app).is_some() || lines::meaning(app).is_some();
        if app.size.1 < 22 && goes && !speaks {
            let width = usize::from(app.size.0).saturating_sub(1);
            let verdict = beside::verdict_of(&app.snapshot).filter(|_| company.seeds.is_none());
            let verdict = verdict.map(|texts| note::fitting(texts, width));
            let text = match verdict.filter(|text| text.chars().count() <= width) {
                Some(verdict) => verdict,
                None => note::note(app, company, stage, width),
            };
            return Line::styled(format!(" {text}"), theme.quiet());
        }
        if app.snapshot.status == Status::Paused && !speaks {
            let text = app.keymap.spell(&format!(
                " {} has the focus: <objective> another loss, <focus-4> its params, <first-run> <second-run> <next-run> \
                 others, <toggle> runs all",
                app.letter()
            ));
            return Line::styled(text, theme.quiet());
        }
    }
    lines::status(app, theme, "", false)
}
