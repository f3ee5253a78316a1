//! Why a step could not be made: who it was, with which other, by which number, and what to do about it.

mod remedy;

pub use remedy::{briefly_to_do, what_to_do};

use super::sentence;
use crate::engine::diagnosis::{Diagnosis, What, Whom, Written};
use crate::objectives::{Score, find};
use crate::snapshot::Cast;

/// A number as these sentences write it.
pub fn size(x: f64) -> String {
    if x.is_nan() {
        "not a number".to_owned()
    } else if x.is_infinite() {
        if x > 0.0 { "infinite".to_owned() } else { "minus infinite".to_owned() }
    } else if x == 0.0 || (1e-3..1e5).contains(&x.abs()) {
        let text = format!("{x:.4}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        format!("{x:.1e}")
    }
}

/// The name of a class, or its letter; its number where letters run out.
pub fn class_name(cast: &Cast, class: u32) -> String {
    let name = cast.label_names.as_ref().and_then(|names| names.get(class as usize));
    let name = name.filter(|name| !name.trim().is_empty()).cloned();
    name.unwrap_or_else(|| {
        if cast.classes <= 52 {
            crate::palette::letter(class as usize).to_string()
        } else {
            class.to_string()
        }
    })
}

/// The given name of a row, where it has one.
pub fn point_name(cast: &Cast, row: u32) -> Option<&str> {
    let name = cast.point_names.as_ref()?.get(row as usize)?;
    Some(name.as_str()).filter(|name| !name.trim().is_empty())
}

/// The class of a row as the objective sees it, where there are labels.
pub fn class_of(cast: &Cast, row: u32) -> Option<u32> {
    cast.labels.get(row as usize).copied().filter(|_| cast.labelled)
}

/// Who it is, in full: `row 17 "cat" (class B)`, `the weight of class C`. Layers and their units are counted from 1.
pub fn who(whom: Whom, cast: &Cast) -> String {
    let row = |row: u32| {
        let name = point_name(cast, row).map_or(String::new(), |name| format!(" \"{name}\""));
        let class = class_of(cast, row)
            .map_or(String::new(), |class| format!(" (class {})", class_name(cast, class)));
        format!("row {row}{name}{class}")
    };
    match whom {
        Whom::Point(at) => row(at),
        Whom::Input(at) => format!("what goes into the layers for {}", row(at)),
        Whom::Weight(class) => format!("the weight of class {}", class_name(cast, class)),
        Whom::Bias(class) => format!("the bias of class {}", class_name(cast, class)),
        Whom::Unit { layer, unit } => format!("unit {} of layer {}", unit + 1, layer + 1),
    }
}

/// The same in a few letters: `row 17`, `weight C`.
fn briefly(whom: Whom, cast: &Cast) -> String {
    match whom {
        Whom::Point(row) | Whom::Input(row) => {
            match point_name(cast, row).filter(|name| name.chars().count() <= 12) {
                Some(name) => format!("row {row} \"{name}\""),
                None => format!("row {row}"),
            }
        }
        Whom::Weight(class) => format!("weight {}", class_name(cast, class)),
        Whom::Bias(class) => format!("bias {}", class_name(cast, class)),
        Whom::Unit { layer, unit } => format!("unit {} of layer {}", unit + 1, layer + 1),
    }
}

/// The number that was too large, in one word for scripts.
pub fn quantity(what: &What) -> &'static str {
    match what {
        What::Output { .. } | What::OutputAfter { .. } => "output",
        What::Score(_) => "score",
        What::Exponent { .. } => "exponent",
        What::Loss { .. } | What::Sum => "loss",
        What::Coupling { .. } => "coupling",
        What::Gradient => "gradient",
        What::Decay { .. } => "decay",
        What::Update { .. } => "update",
        What::Squares { .. } => "squares",
        What::Nothing { .. } | What::TooLarge => "unknown",
    }
}

/// What that number is, in f64, where it is known.
pub fn value(what: &What) -> Option<f64> {
    match *what {
        What::Score(value)
        | What::Output { value, .. }
        | What::OutputAfter { value, .. }
        | What::Update { value, .. } => Some(value),
        What::Decay { factor, value } => Some(factor * value),
        _ => None,
    }
}

/// In a few words, for a line of the screen.
pub fn short(found: &Diagnosis, cast: &Cast) -> String {
    let one = found.whom.map_or("a number".to_owned(), |whom| briefly(whom, cast));
    let other = found.with.map_or("another".to_owned(), |with| briefly(with, cast));
    let term = found.term.unwrap_or("the objective");
    match found.what {
        What::Score(value) => format!("the score of {one} with {other} is {}", size(value)),
        What::Exponent { .. } => format!("the exponent of {one} with {other} overflows"),
        What::Loss { .. } => format!("the loss of {one} overflows"),
        What::Coupling { score } if is_coincidence(found, score) => {
            format!("{one} and {other} lie on one spot")
        }
        What::Coupling { .. } => format!("the force between {one} and {other} overflows"),
        What::Sum => format!("the loss of {term} overflows"),
        What::Gradient => format!("the gradient of {one} overflows"),
        What::Decay { .. } => format!("the decay of {one} overflows"),
        What::Update { .. } if is_rate_too_large(found) => format!("the rate {} overflows", size(found.rate)),
        What::Update { written: Written::Value, value, .. } => format!("{one} would go to {}", size(value)),
        What::Update { gradient, .. } => format!("the gradient of {one} is {}", size(gradient)),
        What::Output { layer, value, .. } | What::OutputAfter { layer, value, .. } => {
            format!("layer {} gives {} for {one}", layer + 1, size(value))
        }
        What::Squares { gradient } | What::Nothing { gradient } => {
            format!("the gradient of {one} is {}", size(gradient))
        }
        What::TooLarge => format!("{} was not finite", found.term.unwrap_or("the update")),
    }
}

/// Whether the rate itself is no number of the engine.
fn is_rate_too_large(found: &Diagnosis) -> bool {
    found.rate > found.precision.most()
}

/// Whether two rows are as good as one, so that nothing between them has a direction.
fn is_coincidence(found: &Diagnosis, score: f64) -> bool {
    found.term.and_then(find).is_some_and(|of| of.score() == Score::SquaredDistance) && score < 1e-20
}

/// Why the step could not be made, in whole sentences.
pub fn why(found: &Diagnosis, cast: &Cast) -> String {
    let one = found.whom.map_or("a number".to_owned(), |whom| who(whom, cast));
    let other = found.with.map_or("another".to_owned(), |with| who(with, cast));
    let term = found.term.unwrap_or("the objective");
    let kind = if found.most() > f64::from(f32::MAX) { "double" } else { "single" };
    let beyond = format!("more than the largest number of {kind} precision, {:.1e}", found.most());
    let said = match found.what {
        What::Score(value) => {
            format!("the score of {one} with {other} is {}, {beyond}{}", size(value), lengths(found, cast))
        }
        What::Exponent { score } => format!(
            "the exponent of {one} with {other} in {term} is {beyond}: the knobs make that of a score of {}",
            size(score)
        ),
        What::Loss { score } => format!(
            "the loss of {one} in {term} is {beyond}; its largest score, with {other}, is {}{}",
            size(score),
            lengths(found, cast)
        ),
        What::Coupling { score } if is_coincidence(found, score) => format!(
            "{one} and {other} lie on one spot (squared distance {}): the force of {term} between them is infinite",
            size(score)
        ),
        What::Coupling { score } => {
            format!(
                "the force of {term} between {one} and {other}, at a score of {}, is {beyond}",
                size(score)
            )
        }
        What::Sum => {
            let pair = match (found.whom, found.with) {
                (Some(_), Some(_)) => format!("; {one} and {other} have the largest force between them"),
                _ => String::new(),
            };
            format!("the loss of {term} adds up to {beyond}, though each part of it is finite{pair}")
        }
        What::Gradient => format!("the gradient of {one} is {beyond}{}", mostly(found, cast)),
        What::Decay { factor, value } => {
            format!("decay pulls at {one} with {} times {}, {beyond}", size(factor), size(value))
        }
        What::Update { .. } if is_rate_too_large(found) => {
            format!("the rate {} is itself {beyond}: no step can be made with it", size(found.rate))
        }
        What::Update { written: Written::Value, value, gradient } => format!(
            "the step would put {one} at {}, {beyond}: the rate is {}, its gradient {}{}{}",
            size(value),
            size(found.rate),
            size(gradient),
            mostly(found, cast),
            fellows(found)
        ),
        What::Update { written: Written::First, value, gradient } => format!(
            "the momentum of {one} would be {}, {beyond}: its gradient is {}{}{}",
            size(value),
            size(gradient),
            mostly(found, cast),
            fellows(found)
        ),
        What::Update { written: Written::Second, gradient, .. } => format!(
            "Adam squares the gradient of {one}, and {} squared is {beyond}{}{}",
            size(gradient),
            mostly(found, cast),
            fellows(found)
        ),
        What::Output { layer, unit, value } => {
            format!("layer {} gives {} at unit {} for {one}, {beyond}", layer + 1, size(value), unit + 1)
        }
        What::OutputAfter { layer, unit, value } => format!(
            "after the step layer {} would give {} at unit {} for {one}, {beyond}",
            layer + 1,
            size(value),
            unit + 1
        ),
        What::Squares { gradient } => format!(
            "the squares of the gradient add up to {beyond}: the longest, that of {one}, is {} long",
            size(gradient)
        ),
        What::Nothing { gradient } => format!(
            "computed again on the processor every number stays finite, so the engine's own rounding decided; the \
             longest gradient, {}, is that of {one}",
            size(gradient)
        ),
        What::TooLarge => {
            let what = found
                .term
                .map_or("the update overflowed".to_owned(), |term| format!("{term} was not finite"));
            format!("{what}; who it was is not looked for among so many pairs{}", lengths(found, cast))
        }
    };
    let searched = found.searched.map_or(String::new(), |(made, all)| {
        format!("; {made} of {all} pairs were looked at, so there may be a larger one")
    });
    sentence(&format!("{said}{searched}"))
}

/// Why, and what to do about it.
pub fn told(found: &Diagnosis, cast: &Cast) -> String {
    format!("{} Try {}.", why(found, cast), what_to_do(found, cast))
}

/// How long the two are, and how long others of the first one's kind.
fn lengths(found: &Diagnosis, cast: &Cast) -> String {
    let of = |whom: Option<Whom>, length: Option<f64>| {
        Some(format!("{} is {} long", who(whom?, cast), size(length?)))
    };
    if is_of_directions(found) && found.what != What::TooLarge {
        return String::new();
    }
    let both: Vec<String> =
        [of(found.whom, found.lengths[0]), of(found.with, found.lengths[1])].into_iter().flatten().collect();
    if both.is_empty() {
        return String::new();
    }
    let usual = match (found.whom, found.typical) {
        (Some(Whom::Point(_)), Some(typical)) => {
            format!("; half of the rows are no longer than {}", size(typical))
        }
        (Some(Whom::Weight(_)), Some(typical)) => {
            format!("; half of the weights are no longer than {}", size(typical))
        }
        _ => String::new(),
    };
    format!(": {}{usual}", both.join(", "))
}

/// Who adds most to a gradient, and that a short row makes it large.
fn mostly(found: &Diagnosis, cast: &Cast) -> String {
    let from = match (found.with, found.term) {
        (Some(with), Some(term)) => format!("; most of it comes from {}, in {term}", who(with, cast)),
        (Some(with), None) => format!("; most of it comes from {}", who(with, cast)),
        _ => String::new(),
    };
    match (found.whom, found.lengths[0]) {
        (Some(Whom::Point(_) | Whom::Weight(_)), Some(length)) if is_short(found) => {
            format!(
                "{from}. It is only {} long, and a direction's gradient is divided by its length",
                size(length)
            )
        }
        _ => from,
    }
}

/// Whether the objective looks at directions alone.
fn is_of_directions(found: &Diagnosis) -> bool {
    found.term.and_then(find).is_some_and(|of| of.score() != Score::Raw)
}

/// Whether a row is next to nothing beside its like, under an objective that looks at directions.
fn is_short(found: &Diagnosis) -> bool {
    let tiny = |length: f64| length < 1e-3 * found.typical.unwrap_or(1.0).min(1.0);
    is_of_directions(found) && found.lengths[0].is_some_and(tiny)
}

/// How many others of its kind could not move either.
fn fellows(found: &Diagnosis) -> String {
    match (found.whom, found.share) {
        (Some(whom), Some((odd, all))) => {
            let kind = match whom {
                Whom::Point(_) | Whom::Input(_) => "rows",
                Whom::Weight(_) | Whom::Bias(_) => "class weights",
                Whom::Unit { .. } => "units of the layer",
            };
            match odd {
                1 => format!(". None of the other {} {kind} overflows", all.saturating_sub(1)),
                odd if odd == all => format!(". All {all} {kind} overflow"),
                odd => format!(". {odd} of {all} {kind} overflow"),
            }
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests;
