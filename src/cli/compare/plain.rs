//! What a comparison says in sentences, for whoever hears it read.

use super::{Compared, report};
use crate::comparison::Kinship;
use crate::comparison::stars::chance;
use crate::comparison::study::{FROM_TARGET, Line, STEPS_TO_MARK};
use crate::describe::{beside, number, sentence};
use crate::geometry::metric;
use crate::objectives::Floor;
use crate::palette;

/// The same as the table says, a sentence a line.
pub(super) fn sentences(compared: &Compared) -> Vec<String> {
    let study = &compared.study;
    let mut said = vec![sentence(&report::setting(compared))];
    if compared.kinship == Kinship::Directions {
        said.push(sentence(&report::LENGTHS_DIFFER.replace('\n', " ")));
    }
    for (arm, name) in study.names.iter().enumerate() {
        let letter = palette::letter(arm);
        if study.rows.is_empty() {
            said.push(format!("{letter} is {name}."));
            continue;
        }
        let floor = match study.floor(arm).and_then(Floor::value) {
            Some(floor) => format!(", {} above its floor", number(study.loss(arm) - floor)),
            None => String::new(),
        };
        said.push(format!("{letter} is {name}; it ends at a loss of {}{floor}.", number(study.loss(arm))));
    }
    said.extend(compared.scales.iter().map(|scales| sentence(scales)));
    if study.rows.is_empty() {
        return said;
    }
    said.push("Losses of unlike objectives are not compared.".to_owned());
    let lines = study.lines();
    for arm in 1..study.names.len() {
        said.extend(report::verdict(study, arm));
        said.extend(lines.iter().filter_map(|line| difference(compared, line, arm)));
    }
    if study.rows.len() > 1 {
        said.push(sentence(report::PAIRED));
        said.extend(
            report::star_lines(study).into_iter().map(|line| sentence(line.trim_start_matches("* "))),
        );
    }
    said.extend(beside::hollow_notes(study).iter().map(|words| sentence(words)));
    said
}

/// One number of a run and the first one, and in how many seeds it is the same way round.
fn difference(compared: &Compared, line: &Line, arm: usize) -> Option<String> {
    let study = &compared.study;
    let (a, b) = (palette::letter(0), palette::letter(arm));
    let (first, other) = (line.median(0), line.median(arm));
    let (what, unit) = match line.key {
        STEPS_TO_MARK => {
            let mark = study.mark.as_ref()?;
            let when = |x: f64| {
                if x.is_finite() { format!("from step {x:.0} on") } else { "never".to_owned() }
            };
            return Some(format!(
                "{} holds {} for {b} and {} for {a}{}.",
                mark,
                when(other),
                when(first),
                agreement(line, arm)
            ));
        }
        FROM_TARGET => ("distance of the smallest class angle from that of theory", " degrees"),
        key => {
            let metric = metric(key)?;
            (metric.description, if metric.unit == "degrees" { " degrees" } else { "" })
        }
    };
    if !first.is_finite() || !other.is_finite() {
        return None;
    }
    let what = what.split(';').next().unwrap_or(what);
    Some(format!(
        "{}: {}{unit} for {b}, {}{unit} for {a}{}.",
        sentence(what).trim_end_matches('.'),
        report::value(line, other),
        report::value(line, first),
        agreement(line, arm)
    ))
}

/// In how many seeds the difference has the sign that it has in most.
fn agreement(line: &Line, arm: usize) -> String {
    let sign = line.sign(arm);
    let (most, of) = sign.agreement();
    if of < 2 || most == 0 {
        return String::new();
    }
    let way = if sign.plus >= sign.minus { "more" } else { "less" };
    let by = line.spread(arm).filter(|s| s.middle.is_finite());
    let by = by.map_or_else(String::new, |s| {
        let ends = [s.least, s.greatest].map(|x| report::end(line, arm, x));
        format!(
            ", differing by {} in the median ({} to {})",
            report::signed(line, s.middle),
            ends[0],
            ends[1]
        )
    });
    let p = sign.p.map_or_else(String::new, |p| format!(" (p {})", chance(p)));
    format!("{by}, {way} in {most} of {of} seeds{p}")
}
