//! Shared numbers of all runs, and their differences against the first; losses only where they have one scale.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use crate::app::App;
use crate::app::compare::layout::Stage;
use crate::comparison::Study;
use crate::comparison::study::short;
use crate::palette;
use crate::snapshot::{Company, Snapshot};
use crate::view::pen;
use crate::view::theme::Theme;

/// Metrics: key, head of the column, whether it is an angle.
const COLUMNS: [(&str, &str, bool); 4] = [
    ("mean_within_angle_deg", "within", true),
    ("min_class_angle_deg", "closest", true),
    ("nc2_etf_distance", "to ETF", false),
    ("nc1", "NC1", false),
];
/// Columns of a number with the space before it.
const WIDTH: usize = 8;

/// Whether losses of two runs mean the same.
pub(super) fn same_scale(a: &Snapshot, b: &Snapshot) -> bool {
    let (a, b) = (&a.experiment, &b.experiment);
    a.objective == b.objective
        && a.weight_decay == b.weight_decay
        && a.weight_decay_weights == b.weight_decay_weights
        && a.weight_decay_bias == b.weight_decay_bias
}

pub(super) fn draw(app: &App, company: &Company, buffer: &mut Buffer, stage: &Stage) {
    let (area, theme) = (stage.table, Theme::of(app));
    let names = (usize::from(area.width).saturating_sub(1 + 6 * WIDTH)).clamp(4, 30);
    let numbers = |cells: &[String]| cells.iter().map(|cell| format!("{cell:>WIDTH$}")).collect::<String>();
    let heads: Vec<String> = COLUMNS
        .iter()
        .map(|(_, head, _)| (*head).to_owned())
        .chain(["loss".into(), "floor".into()])
        .collect();
    let blank = " ".repeat(names + 1);
    pen::line(buffer, area, 0, Span::styled(format!("{blank}{}", numbers(&heads)), theme.quiet()));
    let mut row = 1;
    for run in 0..app.snapshot.runs() {
        let shown = app.snapshot.beside(run);
        let name = format!("{} {}", palette::letter(run), crate::app::settings::describe(&shown.experiment));
        let name: String = name.chars().take(names).collect();
        let style = if run == app.beside.run { theme.accent() } else { theme.run(run) };
        let mut cells: Vec<String> =
            COLUMNS.iter().map(|(key, _, angle)| value(shown, key, *angle)).collect();
        cells.push(if shown.terms.is_empty() { "-".into() } else { short(shown.loss) });
        cells.push(shown.floor.value().map_or_else(|| "-".into(), short));
        let line = vec![
            Span::styled(format!(" {name:<names$}"), style),
            Span::styled(numbers(&cells), theme.strong()),
        ];
        pen::line(buffer, area, row, Line::from(line));
        row += 1;
    }
    let study = study_of_now(app, company);
    let pairs: Vec<usize> =
        if stage.all_pairs { (1..app.snapshot.runs()).collect() } else { vec![app.beside.run.max(1)] };
    for run in pairs {
        let (first, other) = (&*app.snapshot, app.snapshot.beside(run));
        let name = format!("{} {} A", palette::letter(run), theme.pick('−', '-'));
        let mut spans = vec![Span::styled(format!(" {name:<names$}"), theme.quiet())];
        let mut starred = false;
        for (key, _, angle) in COLUMNS {
            let difference = measured(other, key).zip(measured(first, key)).map(|(b, a)| b - a);
            let star = study.is_some_and(|study| unanimous(study, run, key));
            let text = difference.map_or_else(|| "-".into(), |x| signed(x, angle));
            let style = if star { theme.good() } else { theme.strong() };
            // The star stands in the space before the next number.
            let pad = " ".repeat(WIDTH.saturating_sub(text.chars().count() + usize::from(starred)));
            spans.push(Span::styled(format!("{pad}{text}{}", if star { "*" } else { "" }), style));
            starred = star;
        }
        let losses = if same_scale(first, other) {
            format!("{:>1$}", signed(other.loss - first.loss, false), WIDTH - usize::from(starred))
        } else {
            "  scales differ".to_owned()
        };
        spans.push(Span::styled(losses, theme.quiet()));
        pen::line(buffer, area, row, Line::from(spans));
        row += 1;
    }
    if row < area.height {
        let text = note(app, company, usize::from(area.width).saturating_sub(2));
        pen::line(buffer, area, row, Span::styled(format!(" {text}"), theme.quiet()));
    }
}

/// A number of the present step; it may come a moment after the picture.
fn measured(shown: &Snapshot, key: &str) -> Option<f64> {
    shown.geometry.measured.get(key)
}

fn value(shown: &Snapshot, key: &str, angle: bool) -> String {
    match measured(shown, key) {
        Some(value) if angle => format!("{value:.1}"),
        Some(value) => short(value),
        None => "-".into(),
    }
}

fn signed(x: f64, angle: bool) -> String {
    let text = if angle { format!("{x:.1}") } else { short(x) };
    if x > 0.0 { format!("+{text}") } else { text }
}

/// The seeds, where they were run to the step on the screen.
fn study_of_now<'a>(app: &App, company: &'a Company) -> Option<&'a Study> {
    let seeds = company.seeds.as_ref().filter(|seeds| seeds.step == app.snapshot.step)?;
    Some(&*seeds.study)
}

/// Whether a difference has the same sign in every seed.
fn unanimous(study: &Study, run: usize, key: &'static str) -> bool {
    study.names.len() > run && study.line(key, |trial| trial.last.get(key)).sign(run).is_unanimous()
}

/// What is known of seeds, as a sentence that fits.
pub(super) fn note(app: &App, company: &Company, width: usize) -> String {
    let texts = match &company.seeds {
        None => [
            "S runs five seeds to this step: * where a difference has one sign in all of them".to_owned(),
            "S: five seeds, * where all agree on a sign".to_owned(),
        ],
        Some(seeds) if seeds.running => {
            let done = seeds.study.rows.len();
            let share = 100.0 * seeds.share;
            [
                format!(
                    "running seeds to step {}: {done} of {} done, {share:.0} % (S stops)",
                    seeds.step, seeds.asked
                ),
                format!("seeds: {done} of {}, {share:.0} % (S stops)", seeds.asked),
            ]
        }
        Some(seeds) if seeds.step == app.snapshot.step => {
            let count = seeds.study.rows.len();
            let least = 2.0f64.powi(1 - count.max(1) as i32);
            [
                format!(
                    "* same sign in {count} of {count} seeds (sign test: p = {}; S: more seeds)",
                    short(least)
                ),
                format!("* same sign in {count} of {count} seeds, p = {}", short(least)),
            ]
        }
        Some(seeds) => [
            format!(
                "{} seeds were run to step {}: S runs them to this one",
                seeds.study.rows.len(),
                seeds.step
            ),
            format!("seeds are of step {} (S: this one)", seeds.step),
        ],
    };
    let [long, short] = texts;
    if long.chars().count() <= width { long } else { short }
}
