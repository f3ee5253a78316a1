//! Runs side by side: a view each, loss curves and angles over one another, a table of shared numbers.
//!
//! ```text
//!  COMPARE  same start and batches, seed 7 │ C=4 d=3 N=200 │ step 600 ▶ 4/frame
//! ╔ > A normface s=4 ════════════════════╗╭ B arcface s=4 m=0.5 ─────────────────╮
//! ║                                      ║│                                      │
//! ╚══════════════════════════════════════╝╰──────────────────────────────────────╯
//! ╭ 2 Loss  each on its own scale, log ──╮╭ 3 Angles ────────────────────────────╮
//! ╰──────────────────────────────────────╯╰──────────────────────────────────────╯
//!             within  closest   to ETF      NC1     loss    floor
//!  A normface   21.3    104.8    0.121    0.061   0.0331   0.0144
//!  B arcface    13.9    108.6    0.033    0.018   0.0312   0.0234
//!  B − A       -7.4*    +3.8*   -0.088*  -0.043*  scales differ
//! ```

mod apart;
mod charts;
mod table;

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use super::{lines, pen, projection, time};
use crate::app::compare::layout::Stage;
use crate::app::{App, Layout, Pane};
use crate::comparison::Kinship;
use crate::palette;
use crate::snapshot::{Company, Snapshot, Status};

/// Columns of the name of a projection and of how much it hides.
const TITLE: usize = 20;

pub(super) fn draw(app: &App, buffer: &mut Buffer, layout: &Layout, stage: &Stage) {
    let theme = Theme::of(app);
    let Some(company) = &app.snapshot.company else { return };
    pen::line(buffer, layout.title, 0, title(app, company, theme));
    for (run, area) in &stage.views {
        let shown = app.of(*run);
        let head = head(&shown, *run, usize::from(area.width).saturating_sub(6));
        projection::draw_headed(&shown, buffer, *area, &head, *run == app.beside.run);
    }
    if let Some(area) = stage.apart {
        apart::draw(app, buffer, area);
    }
    if let Some(area) = stage.laws {
        charts::laws(app, company, buffer, area);
    }
    for (pane, area) in &layout.panes {
        match pane {
            Pane::View => {}
            Pane::Loss => charts::losses(app, buffer, *area),
            Pane::Angles => charts::angles(app, buffer, *area),
            other => super::draw_pane(&app.of(app.beside.run), buffer, *other, *area),
        }
    }
    table::draw(app, company, buffer, stage);
    time::draw(app, buffer, layout.time);
    pen::line(buffer, layout.status, 0, status(app, company, theme, layout.status.width));
    pen::line(buffer, layout.footer, 0, lines::footer(app, theme, layout.footer.width));
}

/// The letter of a run, what it minimises with as many knobs as leave room for what the view hides, and whether it has
/// stopped before the others.
fn head(shown: &App, run: usize, width: usize) -> String {
    let stopped = match &shown.snapshot.status {
        Status::Diverged { step, .. } => format!(" diverged at {step}"),
        Status::Failed(_) => " failed".to_owned(),
        _ => String::new(),
    };
    let objective = lines::objective(shown);
    let mut words = objective.split(' ');
    let mut head = format!("{} {}", palette::letter(run), words.next().unwrap_or_default());
    for word in words {
        if head.chars().count() + 1 + word.chars().count() + stopped.chars().count() + TITLE > width {
            break;
        }
        head = format!("{head} {word}");
    }
    let room = width.saturating_sub(stopped.chars().count());
    head.chars().take(room).collect::<String>() + &stopped
}

fn title(app: &App, company: &Company, theme: Theme) -> Line<'static> {
    let snapshot = &app.snapshot;
    let bar = format!(" {} ", theme.pick('│', '|'));
    let (text, style) = lines::doing(app, theme);
    let step = [
        Span::styled(bar.clone(), theme.quiet()),
        Span::styled(format!("step {} ", snapshot.step), theme.strong()),
        Span::styled(text, style),
    ];
    let narrow = app.size.0 < 76;
    let words = company.kinship.words();
    // Where there is little room the first words: "same start", "same directions at the start".
    let alike = if narrow {
        words.split(',').next().unwrap_or(words).replace(" and batches", "")
    } else {
        words.to_owned()
    };
    let mut spans = vec![
        Span::styled(if narrow { " " } else { " COMPARE  " }, theme.accent()),
        Span::styled(format!("{alike}, seed {}", snapshot.experiment.seed), theme.strong()),
    ];
    let sizes = format!("C={} d={} N={}", snapshot.cast.classes, snapshot.points.cols, snapshot.points.rows);
    if !narrow || company.kinship != Kinship::Directions {
        spans.extend([Span::styled(bar.clone(), theme.quiet()), Span::raw(sizes)]);
    }
    spans.extend(step);
    spans.extend([Span::styled(bar, theme.quiet()), Span::raw(engines(snapshot, company))]);
    if snapshot.speed >= 0.5 {
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

fn status(app: &App, company: &Company, theme: Theme, width: u16) -> Line<'static> {
    if app.said.is_none() {
        if let Some((hindmost, goal)) = company.gathering {
            let text = format!(" bringing all runs to step {goal}: the hindmost is at {hindmost}");
            return Line::styled(text, theme.strong());
        }
        let runs = std::iter::once(&*app.snapshot).chain(company.others.iter().map(|other| &**other));
        let stopped = runs.enumerate().find_map(|(k, run)| match &run.status {
            Status::Diverged { step, term } => Some((k, *step, term.clone())),
            _ => None,
        });
        if let Some((run, step, term)) = stopped {
            let what = crate::describe::diverged(term.as_deref());
            let text = format!(" {} is frozen: {what} at step {step}", palette::letter(run));
            return Line::styled(text, theme.wrong());
        }
        // Where the table has no room for its note.
        let goes = matches!(app.snapshot.status, Status::Running | Status::Paused);
        if app.size.1 < 22 && goes && time::status(app).is_none() {
            return Line::styled(
                format!(" {}", table::note(app, company, usize::from(width))),
                theme.quiet(),
            );
        }
        if app.snapshot.status == Status::Paused && time::status(app).is_none() {
            let text = format!(
                " {} has the focus: o another loss, 4 its params, a b Tab another run, space runs all",
                app.letter()
            );
            return Line::styled(text, theme.quiet());
        }
    }
    lines::status(app, theme, "", false)
}
