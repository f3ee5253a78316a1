//! A study as an object for scripts.

use serde_json::{Value, json};

use super::study::{Line, median};
use super::{Sign, Study, Trial};
use crate::objectives::Floor;
use crate::palette;

/// Every run with its shared numbers, the differences against the first with their sign tests, and the seeds. Numbers
/// that are not finite are null.
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
        "seeds": study.rows.iter().filter_map(|row| row.first()).map(|trial| trial.seed).collect::<Vec<_>>(),
        "mark": study.mark.as_ref().map(ToString::to_string),
    })
}

fn difference(line: &Line, arm: usize) -> Value {
    let Sign { plus, minus, ties, p } = line.sign(arm);
    json!({
        "metric": line.key,
        "of": palette::letter(arm).to_string(),
        "minus": palette::letter(0).to_string(),
        "median": median(&line.differences(arm)),
        "plus": plus,
        "minus_signs": minus,
        "ties": ties,
        "p": p,
        "same_sign": line.sign(arm).is_unanimous(),
    })
}
