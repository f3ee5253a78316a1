//! What an objective is set to, in few characters.

use crate::experiment::Experiment;
use crate::objectives::{Range, Term};

/// A number in few characters, exact where it is short.
pub fn setting(x: f64) -> String {
    let plain = format!("{x}");
    if plain.len() <= 7 {
        return plain;
    }
    let size = x.abs();
    if (1e-3..1e5).contains(&size) { format!("{x:.4}") } else { format!("{x:.2e}") }
}

/// The knobs of a term by their symbols: `s=4`, `m=0.5`.
pub fn of_term(term: &Term) -> Vec<String> {
    let value = |(k, knob): (usize, &crate::objectives::Knob)| {
        let exact = term.knobs.exact(k);
        let shown = match knob.range {
            Range::Number { .. } => setting(exact),
            Range::Choice(_) => knob.show(exact),
        };
        format!("{}={shown}", knob.symbol)
    };
    term.objective.knobs().iter().enumerate().map(value).collect()
}

/// The knobs of all terms of an experiment; of several, each with the name of its own.
pub fn of(experiment: &Experiment) -> String {
    let terms = &experiment.objective;
    let words = terms.iter().filter_map(|term| {
        let knobs = of_term(term).join(", ");
        let name = if terms.len() > 1 { format!("{}: ", term.objective.name()) } else { String::new() };
        (!knobs.is_empty()).then(|| name + &knobs)
    });
    words.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::expression;

    #[test]
    fn knobs_go_by_their_symbols() {
        let of = |text: &str| {
            let mut objective = expression::parse(text).unwrap();
            expression::resolve(&mut objective, 4);
            of(&Experiment { objective, ..Experiment::default() })
        };
        assert_eq!(of("normface(scale=4)"), "s=4");
        assert!(of("arcface(scale=8, margin=0.5)").starts_with("s=8, m=0.5"));
        let both = of("arcface(scale=8) + 0.5*uniformity");
        assert!(both.starts_with("arcface: s=8") && both.contains("; uniformity: "), "{both}");
    }
}
