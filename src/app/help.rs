//! What the help says: the keys, those of the focused pane first, under headings; then what is seen on the screen.

use super::keys::{Binding, Heading, KEYS, Scope};
use super::layout::Pane;
use super::{App, places};
use crate::describe::wrap;
use crate::geometry::METRICS;

/// Columns of the keys, or of what is explained.
pub const KEY_COLUMNS: usize = 11;

/// One line of the help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// What the lines below it are about.
    Heading(String),
    /// Keys, or a word of the screen, and a line of what they mean; the keys are empty where words go on.
    Entry(String, String),
    /// Nothing.
    Blank,
}

/// Words of the screen, each with what it means.
const WORDS: [(&str, &str); 6] = [
    ("[A]", "the weight of class A; where a loss has no class weights, A is the mean of the class"),
    ("○", "where theory proves that the classes end"),
    ("floor", "the least value that the loss can have: proved"),
    ("class angle", "between the two closest class means, beside the angle that theory proves"),
    ("within", "the mean angle between a point and the mean of its class"),
    ("hidden", "the share of the variance of the points that the picture does not show"),
];

/// Metrics whose names stand on the screen by themselves.
const METRIC_WORDS: [(&str, &str); 3] = [("NC1", "nc1"), ("NC2, to ETF", "nc2_etf_distance"), ("NC3", "nc3")];

/// All lines, for so many columns.
pub fn lines(app: &App, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let here = |scope: Scope| match scope {
        Scope::Anywhere | Scope::Lists => false,
        Scope::In(pane) => pane == app.focus,
        Scope::Lesson => app.lesson.is_some(),
        Scope::Comparison => app.compares(),
    };
    let head = format!("Here, in {}", app.focus.name());
    section(app, &mut lines, width, &head, |binding| here(binding.scope));
    let elsewhere = [Heading::Comparison, Heading::Lesson, Heading::Lists];
    let panes = Pane::ALL.map(Heading::In);
    for heading in Heading::EVERYWHERE.into_iter().chain(panes).chain(elsewhere) {
        section(app, &mut lines, width, &heading.words(), |binding| {
            binding.heading == heading && !here(binding.scope)
        });
    }
    lines.push(Line::Heading("What is on the screen".to_owned()));
    for (word, means) in WORDS {
        entry(&mut lines, width, word.to_owned(), means);
    }
    for (word, key) in METRIC_WORDS {
        if let Some(metric) = METRICS.iter().find(|metric| metric.key == key) {
            entry(&mut lines, width, word.to_owned(), metric.description);
        }
    }
    lines
}

/// The keys of the table that are meant, under a heading if there are any.
fn section(app: &App, lines: &mut Vec<Line>, width: usize, head: &str, is_meant: impl Fn(&Binding) -> bool) {
    let mut meant = KEYS.iter().filter(|binding| is_meant(binding)).peekable();
    if meant.peek().is_none() {
        return;
    }
    lines.push(Line::Heading(head.to_owned()));
    for binding in meant {
        entry(lines, width, app.keymap.way_to(binding), binding.help);
    }
    lines.push(Line::Blank);
}

fn entry(lines: &mut Vec<Line>, width: usize, word: String, means: &str) {
    let mut word = Some(word);
    for words in wrap(means, width.saturating_sub(KEY_COLUMNS + 4).max(1)) {
        lines.push(Line::Entry(word.take().unwrap_or_default(), words));
    }
}

/// Lines of a text over the panes that are seen at a time: the last line tells the keys.
pub(super) fn page(app: &App) -> usize {
    let inner = places::inside(places::panel(app.size, places::HELP));
    usize::from(inner.height.saturating_sub(1)).max(1)
}

/// The first line of the last screenful of the help.
pub(super) fn last(app: &App) -> usize {
    let inner = places::inside(places::panel(app.size, places::HELP));
    lines(app, usize::from(inner.width)).len().saturating_sub(page(app))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::experiment::Experiment;
    use crate::simulation::Run;

    #[test]
    fn every_key_has_its_line_and_those_of_the_focused_pane_come_first() {
        let run = Run::new(&Experiment::default()).unwrap();
        let mut app = App::new(Arc::new(run.snapshot()), (80, 24));
        for pane in Pane::ALL {
            app.focus = pane;
            let lines = lines(&app, 200);
            let entries: Vec<&Line> = lines.iter().filter(|line| matches!(line, Line::Entry(..))).collect();
            assert_eq!(entries.len(), KEYS.len() + WORDS.len() + METRIC_WORDS.len(), "{pane:?}");
            for binding in KEYS {
                let line = Line::Entry(app.keymap.way_to(binding), binding.help.to_owned());
                assert!(lines.contains(&line), "{line:?}");
            }
        }
        app.focus = Pane::Gram;
        let lines = lines(&app, 60);
        assert_eq!(lines[0], Line::Heading("Here, in Gram".to_owned()));
        assert!(
            lines.iter().all(|line| !matches!(line, Line::Entry(_, words) if words.chars().count() > 45))
        );
    }
}
