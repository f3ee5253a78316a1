//! What an objective is set to, in few characters.

use crate::experiment::{Experiment, Model, OptimizerKind};
use crate::objectives::{Range, Term};
use crate::optimizer::Schedule;

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

/// How it is minimised: name and value of the optimiser, how its rate goes, what decays, and the batch.
pub fn of_training(experiment: &Experiment) -> Vec<(&'static str, String)> {
    let optimiser = match experiment.optimizer {
        OptimizerKind::Adam => "adam".to_owned(),
        OptimizerKind::Sgd => format!("sgd, momentum {}", setting(experiment.momentum)),
    };
    let schedule = experiment.schedule.unwrap_or(Schedule::Constant).name().to_owned();
    let of_network = matches!(experiment.model, Model::Mlp { .. });
    let mut rows = vec![
        ("optimiser", optimiser),
        ("schedule of the rate", schedule),
        (if of_network { "network decay" } else { "point decay" }, setting(experiment.weight_decay)),
        ("weight decay", setting(experiment.weight_decay_weights)),
    ];
    if experiment.weight_decay_bias != 0.0 {
        rows.push(("bias decay", setting(experiment.weight_decay_bias)));
    }
    let batch = experiment.batch.map_or_else(|| "all points".to_owned(), |size| size.to_string());
    rows.push(("batch", batch));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::expression;

    #[test]
    fn training_says_who_moves_points_and_how() {
        let of = |experiment: Experiment| {
            let rows = of_training(&experiment).into_iter();
            rows.map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("; ")
        };
        assert_eq!(
            of(Experiment::default()),
            "optimiser: adam; schedule of the rate: constant; point decay: 0; weight decay: 0; batch: all points"
        );
        let sgd = Experiment {
            optimizer: OptimizerKind::Sgd,
            momentum: 0.9,
            schedule: Some(Schedule::Cosine),
            weight_decay_weights: 5e-4,
            batch: Some(32),
            ..Experiment::default()
        };
        let said = of(sgd);
        assert!(said.contains("sgd, momentum 0.9") && said.contains("cosine") && said.ends_with("batch: 32"));
        assert!(said.contains("weight decay: 0.0005"), "{said}");
    }

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
