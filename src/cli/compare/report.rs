//! What a comparison says: the object for scripts and the table for a person.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::Compared;
use crate::cli::diverged;
use crate::comparison::stars::{self, chance};
use crate::comparison::study::{FROM_TARGET, Line, STEPS_TO_MARK, short};
use crate::comparison::{Kinship, Study, Trial, told};
use crate::describe::{beside, sentence, verdict};
use crate::geometry::{Better, metric};
use crate::objectives::Floor;
use crate::palette;
use crate::snapshot::Cast;

/// The object `--json` prints.
pub(super) fn summary(compared: &Compared) -> Value {
    let mut told = told(&compared.study);
    told["seeds_asked"] = json!(compared.seeds);
    told["steps"] = json!(compared.starts.first().map(|start| start.experiment.steps));
    told["mark_resolution"] = json!(compared.every);
    told["same_start"] = json!(compared.kinship.shared());
    told["interrupted"] = json!(compared.interrupted);
    for (arm, start) in compared.starts.iter().enumerate() {
        let cast = Cast::of(start);
        let why = |trial: &Trial| match &trial.why {
            Some(why) => Value::Object(diverged::told(why, &cast)),
            None => Value::Null,
        };
        let seeds: Vec<Value> = compared.study.rows.iter().map(|row| why(&row[arm])).collect();
        told["objectives"][arm]["diverged_by"] = Value::Array(seeds);
    }
    told
}

/// What stays the same, as a sentence for title and figure.
pub(super) fn setting(compared: &Compared) -> String {
    let Some(first) = compared.starts.first() else { return String::new() };
    let points = &first.state.features.value;
    let alike = compared.kinship.words();
    let seeds: Vec<u64> = compared.study.rows.iter().filter_map(|row| row.first()).map(|t| t.seed).collect();
    let seeds = match (seeds.first(), seeds.last()) {
        (Some(a), Some(b)) if a != b => format!("seeds {a} to {b}"),
        (Some(a), _) => format!("seed {a}"),
        _ => "no seed finished".into(),
    };
    format!(
        "C = {}, d = {}, N = {}, {} steps, {seeds}, {alike}",
        first.problem.classes, points.cols, points.rows, first.experiment.steps
    )
}

/// The table for a person, of at most 80 columns.
pub(super) fn text(compared: &Compared, out: Option<&Path>) -> String {
    let study = &compared.study;
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{}", setting(compared).replace(", same directions", ",\nsame directions"));
    if compared.kinship == Kinship::Directions {
        let _ = writeln!(text, "{LENGTHS_DIFFER}");
    }
    for (k, name) in study.names.iter().enumerate() {
        let _ = writeln!(text, "  {}  {name}", palette::letter(k));
    }
    if let Some(scales) = &compared.scales {
        let _ = writeln!(text, "{}", folded(scales));
    }
    if study.rows.is_empty() {
        return text;
    }
    let seeds = study.rows.len();
    let lines = study.lines();
    for arm in 1..study.names.len() {
        let (a, b) = (palette::letter(0), palette::letter(arm));
        let over = if seeds > 1 { format!("  {:>17} {:>6}", "least..greatest", "p") } else { String::new() };
        let head = format!(
            "\n{:<26}{a:>8}{b:>9}{:>10}{over}",
            if seeds > 1 { format!("medians over {seeds} seeds") } else { "one seed".into() },
            format!("{b} - {a}"),
        );
        let _ = writeln!(text, "{head}");
        for line in &lines {
            let _ = writeln!(text, "{}", difference(line, arm, seeds).trim_end());
        }
        if let Some(verdict) = verdict(study, arm) {
            let _ = writeln!(text, "{}", folded(&verdict));
        }
    }
    losses(study, &mut text);
    explain(compared, &mut text);
    if let Some(out) = out {
        let _ = writeln!(text, "wrote {}", out.display());
    }
    text
}

/// The row of a number: of the first run, of another, the difference, its spread over seeds, and its p.
fn difference(line: &Line, arm: usize, seeds: usize) -> String {
    let spread = line.spread(arm);
    let middle = spread.map(|spread| spread.middle).filter(|x| x.is_finite());
    let mut row = format!(
        "  {:<22}{} {:>8}{:>9}{:>10}",
        line.key,
        direction(line.key),
        value(line, line.median(0)),
        value(line, line.median(arm)),
        middle.map_or_else(|| "-".into(), |x| signed(line, x)),
    );
    if seeds > 1 {
        let sign = line.sign(arm);
        let spread = spread.map(|s| format!("{}..{}", end(line, arm, s.least), end(line, arm, s.greatest)));
        let star = if sign.is_marked() { "*" } else { "" };
        let p = sign.p.map_or_else(|| "-".into(), chance);
        let _ = write!(row, "  {:>17} {p:>6}{star}", spread.unwrap_or_else(|| "-".into()));
    }
    row
}

/// The least or greatest difference; an infinite one is of a seed in which one run never came there.
pub(super) fn end(line: &Line, arm: usize, x: f64) -> String {
    if x.is_finite() {
        return signed(line, x);
    }
    format!("{} never", palette::letter(if x > 0.0 { arm } else { 0 }))
}

/// What is to be known of starts that agree in direction only.
pub(super) const LENGTHS_DIFFER: &str = "\
some keep rows on the sphere and some do not, so lengths differ:
--constraint sphere makes them alike";

/// Who has tighter classes and wider angles, by the medians.
pub(super) fn verdict(study: &Study, arm: usize) -> Option<String> {
    verdict::in_the_median(study, arm).map(|text| sentence(&text))
}

/// Losses with their floors, each run by itself.
fn losses(study: &Study, text: &mut String) {
    let longest = study.names.iter().map(|name| name.chars().count()).max().unwrap_or(0).clamp(20, 36);
    let head = format!("{:<1$}", "losses, own scales", longest + 5);
    let _ = writeln!(text, "\n{head}{:>10}{:>10}{:>13}", "loss", "floor", "above it");
    for (arm, name) in study.names.iter().enumerate() {
        let floor = study.floor(arm).and_then(Floor::value);
        let _ = writeln!(
            text,
            "  {}  {:<longest$}{:>10}{:>10}{:>13}",
            palette::letter(arm),
            clipped(name, longest),
            short(study.loss(arm)),
            floor.map_or_else(|| "-".into(), short),
            floor.map_or_else(|| "-".into(), |floor| format!("{:.1e}", study.loss(arm) - floor)),
        );
    }
}

/// What signs and columns mean, a line each.
fn explain(compared: &Compared, text: &mut String) {
    let (study, seeds) = (&compared.study, compared.study.rows.len());
    let _ = writeln!(text, "\n↓ less is tidier, ↑ more is; losses of unlike objectives are not subtracted");
    if seeds > 1 {
        let _ = writeln!(text, "{}", folded(PAIRED));
        for line in star_lines(study) {
            let _ = writeln!(text, "{}", folded(&line));
        }
    }
    if let Some(mark) = &study.mark {
        let _ = writeln!(text, "{STEPS_TO_MARK}: from which step on {mark};");
        let every = if compared.every == 1 { "step".into() } else { format!("{} steps", compared.every) };
        let _ = writeln!(text, "  measured every {every}, - is never");
    }
    if let Some(words) = from_target_words(study) {
        let _ = writeln!(text, "{}", folded(&words));
    }
    for words in beside::hollow_notes(study) {
        let _ = writeln!(text, "{}", folded(&sentence(&words)));
    }
}

/// What the distance from the target is, and of which runs there is none, where it is a line of the table.
fn from_target_words(study: &Study) -> Option<String> {
    let lines = study.lines();
    let line = lines.iter().find(|line| line.key == FROM_TARGET)?;
    let none = |arm: &usize| line.values[*arm].iter().all(|x| x.is_nan());
    let none: Vec<String> =
        (0..study.names.len()).filter(none).map(|arm| palette::letter(arm).to_string()).collect();
    let whose = if none.is_empty() {
        String::new()
    } else {
        format!("; - where no arrangement is proved ({})", none.join(", "))
    };
    Some(format!("{FROM_TARGET}: from the smallest class angle to that of the proved arrangement{whose}"))
}

/// An arrow to where a number is tidier.
fn direction(key: &str) -> char {
    let better = match key {
        STEPS_TO_MARK | FROM_TARGET => Better::Lower,
        key => metric(key).map_or(Better::Neither, |metric| metric.better),
    };
    match better {
        Better::Lower => '↓',
        Better::Higher => '↑',
        Better::Neither => ' ',
    }
}

/// What a column of differences is, without a full stop.
pub(super) const PAIRED: &str =
    "differences are taken within each seed; their median is not the difference of the two medians";

/// What stars and p mean over the seeds of a study, or why there are none.
pub(super) fn star_lines(study: &Study) -> Vec<String> {
    let (seeds, lines) = (study.rows.len(), study.lines());
    let marked = |line: &Line| (1..study.names.len()).filter(|arm| line.sign(*arm).is_marked()).count();
    let stars = lines.iter().map(marked).sum();
    let longest = |words: Vec<String>| words.into_iter().next();
    let many = stars::multiplicity(seeds, study.tests(&lines));
    longest(stars::meaning(seeds, stars)).into_iter().chain(longest(many)).collect()
}

/// A sentence in lines of at most 80 columns, those after the first a little farther in.
fn folded(text: &str) -> String {
    let (mut lines, mut line) = (String::new(), String::new());
    for word in text.split(' ') {
        if line.chars().count() + 1 + word.chars().count() > 79 {
            lines += line.trim_end();
            lines.push('\n');
            line = "  ".into();
        }
        line += word;
        line.push(' ');
    }
    lines + line.trim_end()
}

pub(super) fn value(line: &Line, x: f64) -> String {
    if line.key == STEPS_TO_MARK && x.is_finite() { format!("{x:.0}") } else { short(x) }
}

/// A difference of a number, with its sign.
pub(super) fn signed(line: &Line, x: f64) -> String {
    format!("{}{}", if x > 0.0 { "+" } else { "" }, value(line, x))
}

fn clipped(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}
