//! A study as an object for scripts.

use serde_json::{Value, json};

use super::sign::{LEVEL, least_p};
use super::study::Line;
use super::{Sign, Spread, Study, Trial, stars};
use crate::objectives::Floor;
use crate::palette;

/// Every run with its shared numbers, the differences against the first with their spread over seeds and their sign tests,
/// and the seeds. Numbers that are not finite are null, and so is p where no seed has a sign.
pub fn told(study: &Study) -> Value {
    let lines = study.lines();
    let arms: Vec<Value> = study
        .names
        .iter()
        .enumerate()
        .map(|(arm, name)| {
            let numbers = |of: &dyn Fn(&Trial) -> Value| -> Vec<Value> {
                study.rows.iter().map(|row| of(&row[arm])).collect()
            };
            let metrics: serde_json::Map<String, Value> = lines
                .iter()
                .map(|line| {
                    let seeds: Vec<Value> = line.values[arm].iter().copied().map(Value::from).collect();
                    (line.key.to_owned(), json!({"median": line.median(arm), "seeds": seeds}))
                })
                .collect();
            json!({
                "name": palette::letter(arm).to_string(),
                "objective": name,
                "loss": {"median": study.loss(arm), "seeds": numbers(&|trial| trial.loss.into())},
                "floor": study.floor(arm).and_then(Floor::value),
                "engine": study.rows.first().map(|row| row[arm].engine),
                "diverged": numbers(&|trial| trial.diverged.as_ref().map_or(Value::Null, |at| json!(at.step))),
                "metrics": metrics,
            })
        })
        .collect();
    let differences: Vec<Value> =
        (1..study.names.len()).flat_map(|arm| lines.iter().map(move |line| difference(line, arm))).collect();
    json!({
        "objectives": arms,
        "differences": differences,
        "sign_test": {
            "star_at_most": LEVEL,
            "least_p": least_p(study.rows.len()),
            "tests": study.tests(&lines),
            "adjusted": false,
            "stars_by_chance": stars::by_chance(study.rows.len(), study.tests(&lines)),
        },
        "seeds": study.rows.iter().filter_map(|row| row.first()).map(|trial| trial.seed).collect::<Vec<_>>(),
        "mark": study.mark.as_ref().map(ToString::to_string),
    })
}

fn difference(line: &Line, arm: usize) -> Value {
    let Sign { plus, minus, ties, p } = line.sign(arm);
    let spread = line.spread(arm);
    let of = |number: fn(Spread) -> f64| spread.map(number).filter(|x| x.is_finite());
    json!({
        "metric": line.key,
        "of": palette::letter(arm).to_string(),
        "minus": palette::letter(0).to_string(),
        "median": of(|spread| spread.middle),
        "least": of(|spread| spread.least),
        "lower_quartile": of(|spread| spread.lower),
        "upper_quartile": of(|spread| spread.upper),
        "greatest": of(|spread| spread.greatest),
        "plus": plus,
        "minus_signs": minus,
        "ties": ties,
        "p": p,
        "same_sign": line.sign(arm).is_unanimous(),
    })
}
