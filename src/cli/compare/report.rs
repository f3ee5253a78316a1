//! What a comparison says: the object for scripts and the table for a person.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::Compared;
use crate::comparison::study::{Line, STEPS_TO_MARK, median, short};
use crate::comparison::{Kinship, told};
use crate::objectives::Floor;
use crate::palette;

/// The object `--json` prints.
pub(super) fn summary(compared: &Compared) -> Value {
    let mut told = told(&compared.study);
    told["seeds_asked"] = json!(compared.seeds);
    told["steps"] = json!(compared.starts.first().map(|start| start.experiment.steps));
    told["mark_resolution"] = json!(compared.every);
    told["same_start"] = json!(compared.kinship.shared());
    told["interrupted"] = json!(compared.interrupted);
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

/// The table for a person.
pub(super) fn text(compared: &Compared, out: Option<&Path>) -> String {
    let study = &compared.study;
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{}", setting(compared));
    if compared.kinship == Kinship::Directions {
        let _ = writeln!(
            text,
            "note  some keep rows on the sphere and some do not, so lengths differ: --constraint sphere makes them alike"
        );
    }
    for (k, name) in study.names.iter().enumerate() {
        let _ = writeln!(text, "  {}  {name}", palette::letter(k));
    }
    if study.rows.is_empty() {
        return text;
    }
    let seeds = study.rows.len();
    let lines = study.lines();
    for arm in 1..study.names.len() {
        let (a, b) = (palette::letter(0), palette::letter(arm));
        let _ = writeln!(
            text,
            "\n{:<24}{:>10}{:>10}{:>12}   same sign      p",
            if seeds > 1 { format!("medians over {seeds} seeds") } else { "one seed".into() },
            a,
            b,
            format!("{b} - {a}")
        );
        for line in &lines {
            let sign = line.sign(arm);
            let star = if sign.is_unanimous() { '*' } else { ' ' };
            let difference = median(&line.differences(arm));
            let (most, of) = sign.agreement();
            let test = if seeds > 1 { format!("{most} of {of}  {:>8.4}", sign.p) } else { String::new() };
            let _ = writeln!(
                text,
                "  {:<22}{:>10}{:>10}{:>11}{star}   {test}",
                line.key,
                value(line, line.median(0)),
                value(line, line.median(arm)),
                if difference.is_finite() { signed(difference) } else { "-".into() },
            );
        }
    }
    let _ = writeln!(text, "\n{:<24}{:>10}{:>10}{:>12}", "losses, own scales", "loss", "floor", "above it");
    for (arm, name) in study.names.iter().enumerate() {
        let floor = study.floor(arm).and_then(Floor::value);
        let _ = writeln!(
            text,
            "  {:<22}{:>10}{:>10}{:>12}",
            format!("{}  {}", palette::letter(arm), clipped(name, 18)),
            short(study.loss(arm)),
            floor.map_or_else(|| "-".into(), short),
            floor.map_or_else(|| "-".into(), |floor| format!("{:.1e}", study.loss(arm) - floor)),
        );
    }
    let _ = writeln!(text, "losses of unlike objectives are not subtracted");
    if let Some(mark) = &study.mark {
        let _ = writeln!(
            text,
            "{STEPS_TO_MARK}: the first step after which {mark} stays true, to within {} steps; - is never",
            compared.every
        );
    }
    if seeds > 1 {
        let least = 2.0f64.powi(1 - seeds as i32);
        let enough = if least > 0.05 { "; six seeds are the fewest that can reach 0.05" } else { "" };
        let _ = writeln!(
            text,
            "* the same sign in every seed; p of the two-sided sign test, at least {least:.2e} with {seeds} seeds{enough}"
        );
    }
    if let Some(out) = out {
        let _ = writeln!(text, "wrote {}", out.display());
    }
    text
}

fn value(line: &Line, x: f64) -> String {
    if line.key == STEPS_TO_MARK && x.is_finite() { format!("{x:.0}") } else { short(x) }
}

fn signed(x: f64) -> String {
    if x > 0.0 { format!("+{}", short(x)) } else { short(x) }
}

fn clipped(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}
