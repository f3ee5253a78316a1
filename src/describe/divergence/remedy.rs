//! What helps against a step that could not be made.

use super::{is_coincidence, is_of_directions, is_rate_too_large, is_short, size, who};
use crate::engine::diagnosis::{Diagnosis, What, Whom, Written};
use crate::objectives::{Score, find};
use crate::snapshot::Cast;

/// What helps.
enum Remedy {
    /// A rate at which rows do not land on one another.
    ShorterSteps,
    /// A rate below 2/λ, beyond which decay throws everything out.
    RateBelow(f64),
    LowerRate,
    /// The start is at fault.
    Data,
    /// Rows in other directions.
    Apart,
    LessDecay,
    /// No row next to zero.
    Longer,
    /// A knob of the objective, and which way; without one the weight of the term.
    Knob(Option<&'static str>),
}

fn remedy(found: &Diagnosis) -> Remedy {
    if found.rate * found.decay > 2.0 && !is_rate_too_large(found) {
        return Remedy::RateBelow(2.0 / found.decay);
    }
    if threw_together(found) {
        return Remedy::ShorterSteps;
    }
    match found.what {
        What::Loss { .. } if is_of_directions(found) => calmer(found),
        What::Score(_) | What::Loss { .. } | What::Output { .. } | What::TooLarge if found.step == 0 => {
            Remedy::Data
        }
        What::Coupling { score } if is_coincidence(found, score) => Remedy::Apart,
        What::Gradient
        | What::Squares { .. }
        | What::Update { written: Written::First | Written::Second, .. }
            if is_short(found) =>
        {
            Remedy::Longer
        }
        What::Exponent { .. }
        | What::Sum
        | What::Coupling { .. }
        | What::Gradient
        | What::Squares { .. }
        | What::Update { written: Written::First | Written::Second, .. } => calmer(found),
        What::Decay { .. } => Remedy::LessDecay,
        _ => Remedy::LowerRate,
    }
}

/// Whether steps longer than the rows themselves brought rows so near to one another that what drives them apart
/// overflows. Before the first step the data have them there, and at short steps the knobs are at fault.
fn threw_together(found: &Diagnosis) -> bool {
    let repels = found.term.and_then(find).is_some_and(|of| of.score() == Score::SquaredDistance);
    let overflows = !matches!(
        found.what,
        What::Update { written: Written::Value, .. }
            | What::Output { .. }
            | What::OutputAfter { .. }
            | What::Decay { .. }
            | What::Nothing { .. }
            | What::TooLarge
    );
    let long = found.stride.is_some_and(|stride| stride > 1.0);
    repels && overflows && long && found.step > 0 && !is_rate_too_large(found)
}

/// The knob of the objective that makes its numbers smaller.
fn calmer(found: &Diagnosis) -> Remedy {
    let knobs = found.term.and_then(find).map_or(&[][..], |objective| objective.knobs());
    let ways =
        [("scale", "smaller scale"), ("temperature", "larger temperature"), ("power", "smaller power")];
    let way = ways.into_iter().find(|(name, _)| knobs.iter().any(|knob| knob.name == *name));
    Remedy::Knob(way.map(|(_, way)| way))
}

/// What to do about it, without a full stop.
pub fn what_to_do(found: &Diagnosis, cast: &Cast) -> String {
    match remedy(found) {
        Remedy::RateBelow(most) => format!(
            "a rate below {}: rate × decay is {}, and above 2 decay throws {} farther out with every step",
            size(most),
            size(found.rate * found.decay),
            found.whom.map_or("everything".to_owned(), |whom| who(whom, cast))
        ),
        Remedy::ShorterSteps => {
            format!("a lower rate than {}: steps so long throw rows onto one another", size(found.rate))
        }
        Remedy::LowerRate => format!("a lower rate than {}", size(found.rate)),
        Remedy::Data => {
            "other data: the start holds these numbers, before any step; divide them by a common number"
                .to_owned()
        }
        Remedy::Apart => "another seed, or data in which no two rows have the same direction".to_owned(),
        Remedy::LessDecay => "less decay, or a start nearer the origin".to_owned(),
        Remedy::Longer => {
            let what = if matches!(found.whom, Some(Whom::Weight(_))) { "weight" } else { "row" };
            format!("a start without a {what} that is next to zero")
        }
        Remedy::Knob(Some(way)) => format!("a {way}"),
        Remedy::Knob(None) => {
            format!("a smaller weight of {} in the sum, or smaller data", found.term.unwrap_or("the term"))
        }
    }
}

/// The same in two or three words, for a line of the screen.
pub fn briefly_to_do(found: &Diagnosis) -> &'static str {
    match remedy(found) {
        Remedy::ShorterSteps | Remedy::RateBelow(_) | Remedy::LowerRate => "lower lr",
        Remedy::Data => "smaller data",
        Remedy::Apart => "another seed (D)",
        Remedy::LessDecay => "less decay",
        Remedy::Longer => "another start",
        Remedy::Knob(way) => way.unwrap_or("a smaller weight"),
    }
}
