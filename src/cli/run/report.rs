//! What a run says at its end: the object for scripts and the text for a person.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::{Ended, Seen, UNKEPT};
use crate::cli::{diverged, number};
use crate::engine::Divergence;
use crate::experiment::expression;
use crate::experiment::holdout::Judged;
use crate::experiment::start::Start;
use crate::geometry::Measurements;
use crate::objectives::Floor;
use crate::snapshot::Cast;
use crate::theory::Fit;

/// What must be known about the distance to a simplex where lengths are free.
const FREE_NORMS: &str = "a raw term keeps the rows off the sphere: their lengths differ, and this can stay at 0.1 \
                          while the loss is at its floor";

/// Puts what was found on rows held out beside the metrics of the run.
pub(super) fn add_holdout(measured: &mut Measurements, judged: Option<Judged>) {
    let Some(Judged { accuracy, loss }) = judged else { return };
    measured.values.push(("holdout_accuracy", accuracy.as_ref().ok().copied()));
    measured.values.push(("holdout_loss", Some(loss)));
    if let Err(why) = accuracy {
        measured.notes.push(("holdout_accuracy", why));
    }
}

/// How the note on a floor begins that is never reached.
pub(in crate::cli) const INFIMUM: &str = "an infimum: ";

/// The object `--json` prints.
pub(super) fn summary(begun: &Start, ended: &Ended, seen: &Seen) -> Value {
    let Seen { brief, measured, fit, remarks } = seen;
    let floor = &brief.theory.floor;
    let terms = begun.problem.terms.iter().zip(&ended.terms).map(|(term, &loss)| {
        json!({"name": term.objective.name(), "weight": number(term.weight), "loss": number(loss)})
    });
    let metrics: Map<String, Value> = measured
        .values
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.map_or(Value::Null, number)))
        .collect();
    let mut notes: Map<String, Value> =
        measured.notes.iter().map(|(key, reason)| ((*key).to_owned(), json!(reason))).collect();
    match floor {
        Floor::Unknown(reason) => {
            notes.insert("floor".into(), json!(reason));
        }
        Floor::Infimum { why, .. } => {
            notes.insert("floor".into(), json!(format!("{INFIMUM}{why}")));
        }
        Floor::Proved { .. } => {}
    }
    if begun.problem.terms.len() > 1 && begun.problem.uses_raw() && !begun.problem.sphere {
        notes.entry("nc2_etf_distance").or_insert_with(|| json!(FREE_NORMS));
    }
    if let Some(why) = &ended.fallen {
        notes.insert("engine".into(), json!(why));
    }
    if !remarks.is_empty() {
        notes.insert("loss".into(), json!(remarks.join("; ")));
    }
    let mut object = json!({
        "loss": number(ended.loss),
        "floor": floor.value().map_or(Value::Null, number),
        "terms": terms.collect::<Vec<_>>(),
        "steps": ended.state.step,
        "seconds": number(ended.seconds),
        "engine": ended.engine,
        "adapter": ended.adapter,
        "metrics": metrics,
        "notes": notes,
    });
    object["target"] = fit.as_ref().map_or(Value::Null, target);
    object["thresholds"] = brief
        .theory
        .thresholds
        .iter()
        .map(|at| json!({"knob": at.lever.option(), "value": number(at.value), "from_there": at.words}))
        .collect();
    if let Some(Divergence { step, term }) = &ended.diverged {
        let term = term.map(|k| begun.problem.terms[k].objective.name());
        let mut diverged = Map::new();
        diverged.insert("step".into(), json!(step));
        diverged.insert("term".into(), json!(term));
        if let Some(why) = &ended.why {
            diverged.extend(diverged::told(why, &Cast::of(begun)));
        }
        object["diverged"] = Value::Object(diverged);
    }
    object
}

/// The proved arrangement and how far the state is from it; lengths where those are proved too.
fn target(fit: &Fit) -> Value {
    let numbers = |values: &[f64]| values.iter().copied().map(number).collect::<Vec<_>>();
    let mut object = json!({"frame": fit.name, "distance": number(fit.distance)});
    if let Some(lengths) = &fit.lengths {
        object["lengths"] = json!({
            "means": numbers(&lengths.means),
            "means_predicted": numbers(&lengths.means_predicted),
            "weights": numbers(&lengths.weights),
            "weights_predicted": numbers(&lengths.weights_predicted),
        });
    }
    object
}

/// A number in as many digits as a person compares: six behind the point, or six in powers of ten where that says nothing.
fn told(x: f64) -> String {
    if x == 0.0 || (1e-3..1e6).contains(&x.abs()) { format!("{x:.6}") } else { format!("{x:.5e}") }
}

/// The same for a person.
pub(super) fn text(begun: &Start, ended: &Ended, seen: &Seen, out: Option<&Path>) -> String {
    let Seen { brief, measured, fit, remarks } = seen;
    let floor = &brief.theory.floor;
    let mut text = String::new();
    let per_step = 1e3 * ended.seconds / ended.state.step.max(1) as f64;
    let adapter = ended.adapter.as_ref().map_or(String::new(), |adapter| format!(" ({adapter})"));
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{}", expression::print(&begun.problem.terms));
    let _ = writeln!(
        text,
        "{} steps in {:.2} s on the {} engine{adapter}, {per_step:.3} ms a step",
        ended.state.step, ended.seconds, ended.engine
    );
    let _ = writeln!(text, "loss   {}", told(ended.loss));
    let _ = match floor {
        Floor::Proved { value, .. } => {
            writeln!(text, "floor  {}  (the loss is {:.1e} above it)", told(*value), ended.loss - value)
        }
        Floor::Infimum { value, why } => writeln!(text, "floor  {}, never reached: {why}", told(*value)),
        Floor::Unknown(reason) => writeln!(text, "floor  none: {reason}"),
    };
    if let Some(fit) = fit {
        let _ = writeln!(text, "target {}, {:.1e} away", fit.name, fit.distance);
    }
    for remark in remarks {
        let _ = writeln!(text, "note   {remark}");
    }
    for at in &brief.theory.thresholds {
        let _ = writeln!(text, "from --{} {:.6} on: {}", at.lever.option(), at.value, at.words);
    }
    if begun.problem.terms.len() > 1 {
        for (term, loss) in begun.problem.terms.iter().zip(&ended.terms) {
            let _ = writeln!(text, "  {} * {}  {}", term.weight, term.objective.name(), told(*loss));
        }
    }
    for (key, value) in &measured.values {
        if let Some(value) = value {
            let sampled = if measured.is_sampled(key) { "  (from a sample)" } else { "" };
            let _ = writeln!(text, "  {key:22} {}{sampled}", told(*value));
        }
    }
    let _ = match out {
        Some(out) => writeln!(text, "wrote {}", out.display()),
        // Of a run that was interrupted it is said where that is said.
        None if ended.interrupted => Ok(()),
        None => writeln!(text, "{UNKEPT}"),
    };
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_has_more_digits_than_are_compared() {
        let expected = ["0.000000", "1.564977", "-104.471221", "1.73203e30", "2.43000e-8", "-3.00000e-5"];
        let numbers = [0.0, 1.564_977, -104.471_221, 1.732_029_379_472_922_4e30, 2.43e-8, -3e-5];
        assert_eq!(numbers.map(told), expected);
        assert!([f64::NAN, f64::INFINITY].map(told).iter().all(|text| text.len() < 6));
    }
}
