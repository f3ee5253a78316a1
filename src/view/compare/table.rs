//! Shared numbers of all runs, and their differences against the first; losses only where they have one scale. Below
//! them who is ahead, in words.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::knobs;
use super::note::{fitting, note};
use crate::app::App;
use crate::app::compare::layout::Stage;
use crate::comparison::study::{Line as Row, short};
use crate::comparison::{Sign, Study};
use crate::describe::beside;
use crate::geometry::{Better, metric};
use crate::palette;
use crate::snapshot::{Company, Snapshot};
use crate::view::pen;
use crate::view::theme::Theme;

/// What a column tells of a run.
#[derive(Clone, Copy, PartialEq)]
enum What {
    /// A metric by its key; whether it is an angle.
    Metric(&'static str, bool),
    /// When the class angles came near their target.
    Reached,
    Loss,
    Floor,
}

/// A column: what it tells, its head without the arrow, and its width: a space, the number, and the place of a star.
#[derive(Clone, Copy)]
struct Column {
    what: What,
    head: &'static str,
    width: usize,
}

const fn column(what: What, head: &'static str, width: usize) -> Column {
    Column { what, head, width }
}

const COLUMNS: [Column; 7] = [
    column(What::Metric("mean_within_angle_deg", true), "within", 9),
    column(What::Metric("min_class_angle_deg", true), "closest", 9),
    column(What::Metric("nc2_etf_distance", false), "to ETF", 9),
    column(What::Metric("nc1", false), "NC1", 9),
    column(What::Loss, "loss", 8),
    column(What::Floor, "floor", 8),
    column(What::Reached, "to 5° at", 10),
];
/// Where there is no room for all of them.
const NARROW: [Column; 5] = [
    column(What::Metric("mean_within_angle_deg", true), "within", 8),
    column(What::Metric("min_class_angle_deg", true), "closest", 9),
    column(What::Metric("nc1", false), "NC1", 8),
    column(What::Loss, "loss", 7),
    column(What::Reached, "5° at", 8),
];
/// Columns of the screen from which on all columns have room.
const ALL_FIT: u16 = 80;

/// The columns that have room.
const fn columns(width: u16) -> &'static [Column] {
    if width >= ALL_FIT { &COLUMNS } else { &NARROW }
}

impl Column {
    /// The head, with an arrow to where it is better.
    fn title(self, theme: Theme) -> String {
        let better = match self.what {
            What::Metric(key, _) => metric(key).map_or(Better::Neither, |metric| metric.better),
            What::Reached => Better::Lower,
            What::Loss | What::Floor => Better::Neither,
        };
        let arrow = match better {
            Better::Lower => theme.pick('↓', 'v').to_string(),
            Better::Higher => theme.pick('↑', '^').to_string(),
            Better::Neither => " ".to_owned(),
        };
        format!("{:>1$}", format!("{}{arrow}", self.head), self.width)
    }

    /// A number with its mark, or without any.
    fn cell(self, number: &str, mark: char) -> String {
        format!("{number:>0$}{mark}", self.width - 1)
    }

    /// Characters that a number may have.
    const fn room(self) -> usize {
        self.width - 2
    }

    /// What it tells of a run.
    fn value(self, shown: &Snapshot) -> String {
        let none = || "-".to_owned();
        match self.what {
            What::Metric(key, true) => measured(shown, key).map_or_else(none, |x| format!("{x:.1}°")),
            What::Metric(key, false) => measured(shown, key).map_or_else(none, |x| compact(x, self.room())),
            What::Reached => shown.reached.map_or_else(none, |reached| {
                // A wide gap before it leaves open when it was.
                let gap = reached.step - reached.after.unwrap_or(0);
                let rough = gap > 1 && gap > reached.step / 20;
                format!("{}{}", if rough { "≤" } else { "" }, reached.step)
            }),
            What::Loss if shown.terms.is_empty() => none(),
            What::Loss => compact(shown.loss, self.room()),
            What::Floor => shown.floor.value().map_or_else(none, |x| compact(x, self.room())),
        }
    }

    /// How much more of it a run has than the first one, where both have it.
    fn less(self, first: &Snapshot, other: &Snapshot) -> Option<f64> {
        match self.what {
            What::Metric(key, _) => measured(other, key).zip(measured(first, key)).map(|(b, a)| b - a),
            What::Reached => other.reached.zip(first.reached).map(|(b, a)| b.step as f64 - a.step as f64),
            What::Loss => Some(other.loss - first.loss),
            What::Floor => None,
        }
    }

    /// The same in words.
    fn difference(self, less: Option<f64>) -> String {
        let Some(x) = less else {
            return if self.what == What::Floor { String::new() } else { "-".to_owned() };
        };
        let signed = |x: f64, text: String| format!("{}{text}", if x > 0.0 { "+" } else { "" });
        match self.what {
            // What rounds to nothing has no sign.
            What::Metric(_, true) => match (10.0 * x).round() / 10.0 {
                0.0 => "0.0°".to_owned(),
                x => signed(x, format!("{x:.1}°")),
            },
            What::Reached => signed(x, format!("{x:.0}")),
            _ => signed(x, compact(x, self.room() - usize::from(x > 0.0))),
        }
    }

    /// Whether what a run has more of it than the first one has a star.
    fn stars(self, app: &App, study: &Study, run: usize) -> bool {
        self.tested(app, study, run).is_some_and(|(sign, less)| sign.stars(less))
    }

    /// In how many seeds it has the sign that is shown, as a cell.
    fn count(self, app: &App, study: Option<&Study>, run: usize) -> String {
        let tested =
            study.filter(|study| study.rows.len() > 1).and_then(|study| self.tested(app, study, run));
        let text = match tested.and_then(|(sign, less)| sign.agreeing(less)) {
            Some((with, of)) => {
                let long = format!("{with} of {of}");
                if long.len() > self.room() { format!("{with}/{of}") } else { long }
            }
            None if matches!(self.what, What::Loss | What::Floor) => String::new(),
            None => "-".to_owned(),
        };
        self.cell(&text, ' ')
    }

    /// The signs of its differences over seeds, and the difference that is shown; nothing where it is not tested.
    fn tested(self, app: &App, study: &Study, run: usize) -> Option<(Sign, f64)> {
        let line = self.over_seeds(study).filter(|_| study.names.len() > run)?;
        Some((line.sign(run), self.less(&app.snapshot, app.snapshot.beside(run))?))
    }

    /// It over seeds, where it is tested.
    fn over_seeds(self, study: &Study) -> Option<Row> {
        match self.what {
            What::Metric(key, _) => Some(study.metric(key)),
            What::Reached => study.steps_to_mark(),
            What::Loss | What::Floor => None,
        }
    }
}

/// A number of at most so many characters, 5 or more, its sign among them.
fn compact(x: f64, most: usize) -> String {
    let usual = short(x);
    if usual.chars().count() <= most {
        return usual;
    }
    let fits = |text: &String| text.chars().count() <= most;
    let plain = (0..=3usize)
        .rev()
        .filter(|digits| x.abs() >= 10f64.powi(1 - *digits as i32))
        .map(|digits| format!("{x:.digits$}"));
    let powers = [format!("{x:.1e}"), format!("{x:.0e}")];
    plain.chain(powers).find(fits).unwrap_or_else(|| "…".to_owned())
}

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
    let columns = columns(area.width);
    let taken: usize = columns.iter().map(|column| column.width).sum();
    let names = usize::from(area.width).saturating_sub(1 + taken).clamp(4, 34);
    let heads: String = columns.iter().map(|column| column.title(theme)).collect();
    let of = format!("{:<names$.names$}", whose_step(app));
    pen::line(buffer, area, 0, Span::styled(format!(" {of}{heads}"), theme.quiet()));
    let mut row = 1;
    for run in 0..app.snapshot.runs() {
        let shown = app.snapshot.beside(run);
        let name = knobs::name(app, run, names);
        let style = if run == app.beside.run { theme.accent() } else { theme.run(run) };
        let mut spans = vec![Span::styled(format!(" {name:<names$}"), style)];
        for column in columns {
            let hollow =
                column.what == What::Metric("nc1", false) && beside::nc1_is_hollow(&shown.geometry.measured);
            let (mark, style) = if hollow { ('!', theme.quiet()) } else { (' ', theme.strong()) };
            spans.push(Span::styled(column.cell(&column.value(shown), mark), style));
        }
        pen::line(buffer, area, row, Line::from(spans));
        row += 1;
    }
    let study = company.study_at(app.snapshot.step).map(|study| &**study);
    for run in pairs(app, stage) {
        pen::line(buffer, area, row, differences(app, study, run, columns, names, theme));
        row += 1;
        if stage.counts {
            let cells: String = columns.iter().map(|column| column.count(app, study, run)).collect();
            let text = format!(" {:<names$}{cells}", "same sign in");
            pen::line(buffer, area, row, Span::styled(text, theme.quiet()));
            row += 1;
        }
    }
    let width = usize::from(area.width).saturating_sub(2);
    if area.height > row + 1 {
        let text = fitting(beside::verdict_of(&app.snapshot).unwrap_or_default(), width);
        pen::line(buffer, area, row, Span::styled(format!(" {text}"), theme.strong()));
        row += 1;
    }
    if row < area.height {
        let text = note(app, company, stage, width);
        pen::line(buffer, area, row, Span::styled(format!(" {text}"), theme.quiet()));
    }
}

/// The line of what a run has more than the first one.
fn differences(
    app: &App,
    study: Option<&Study>,
    run: usize,
    columns: &[Column],
    names: usize,
    theme: Theme,
) -> Line<'static> {
    let (first, other) = (&*app.snapshot, app.snapshot.beside(run));
    let name = format!("{} {} A", palette::letter(run), theme.pick('−', '-'));
    let mut spans = vec![Span::styled(format!(" {name:<names$}"), theme.quiet())];
    let alike = same_scale(first, other);
    let losses: usize = columns
        .iter()
        .filter(|column| matches!(column.what, What::Loss | What::Floor))
        .map(|column| column.width)
        .sum();
    for column in columns {
        let span = match column.what {
            What::Loss if !alike => {
                // Over the column of the floor too, where there is one.
                // In one narrow column the place of a mark is before it, where the number on its left may have one.
                let text = if losses > 14 {
                    format!("{:>1$} ", "scales differ", losses - 1)
                } else {
                    format!("{:>losses$}", "unlike")
                };
                Span::styled(text, theme.quiet())
            }
            What::Floor if !alike => continue,
            _ => {
                let less = column.less(first, other);
                let star = study.is_some_and(|study| column.stars(app, study, run));
                let (mark, style) = if star { ('*', theme.good()) } else { (' ', theme.strong()) };
                Span::styled(column.cell(&column.difference(less), mark), style)
            }
        };
        spans.push(span);
    }
    Line::from(spans)
}

/// Which step the geometry is of, where that is not the one on the screen: it comes a moment after the picture.
fn whose_step(app: &App) -> String {
    let steps: Vec<u64> = (0..app.snapshot.runs())
        .map(|run| app.snapshot.beside(run))
        .filter(|shown| !shown.geometry.measured.values.is_empty())
        .map(|shown| shown.geometry.step)
        .collect();
    match (steps.iter().min(), steps.iter().max()) {
        (Some(least), Some(most)) if least < most => format!("steps {least}-{most}"),
        (Some(step), _) if *step != app.snapshot.step => format!("of step {step}"),
        _ => String::new(),
    }
}

/// A number of the present step; it may come a moment after the picture.
fn measured(shown: &Snapshot, key: &str) -> Option<f64> {
    shown.geometry.measured.get(key)
}

/// How many numbers of the table are tested, over all runs.
pub(super) fn tests_of(app: &App, study: &Study) -> usize {
    let lines: Vec<Row> = columns(app.size.0).iter().filter_map(|column| column.over_seeds(study)).collect();
    study.tests(&lines)
}

/// How many differences of the table have a star, of the runs whose differences it shows.
pub(super) fn stars(app: &App, study: &Study, pairs: &[usize]) -> usize {
    let of = |run: &usize| columns(app.size.0).iter().filter(|column| column.stars(app, study, *run)).count();
    pairs.iter().map(of).sum()
}

/// The runs whose differences the table shows.
pub(super) fn pairs(app: &App, stage: &Stage) -> Vec<usize> {
    if stage.all_pairs { (1..app.snapshot.runs()).collect() } else { vec![app.beside.run.max(1)] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_within_their_column() {
        for (x, most, text) in [
            (21590.6, 7, "21590.6"),
            (21590.6, 6, "21591"),
            (-21590.6, 6, "-21591"),
            (0.0174, 5, "0.017"),
            (-0.0174, 7, "-0.0174"),
            (-1.4e-4, 6, "-1e-4"),
            (2_159_060.0, 6, "2.2e6"),
            (51.152, 7, "51.15"),
            (0.0, 5, "0"),
        ] {
            assert_eq!(compact(x, most), text, "{x} in {most}");
        }
        for power in -9..9 {
            for x in [1.0, -9.996] {
                let x = x * 10f64.powi(power);
                assert!((5..9).all(|most| compact(x, most).len() <= most), "{x}");
            }
        }
    }
}
