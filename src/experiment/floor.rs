//! The floor of a whole objective: of one term, or of a weighted sum, decay included.
//!
//! What is proved about one loss stands with the loss ([`Objective::floor`]).

use crate::engine::Problem;
use crate::objectives::{Case, Family, Floor, Frame, Origin, Score};

/// What is proved about the least value of what a run minimises.
///
/// Decay belongs to the first raw term with a positive weight, whose own floor knows it; without one it
/// adds what unit rows cost on the sphere, and nothing that is reached elsewhere. A sum has the weighted
/// sum of its terms' floors where every weight is at least 0 and every floor proved.
pub fn floor(problem: &Problem, case: &Case) -> Floor {
    if let Some(term) = problem.terms.iter().find(|term| term.weight < 0.0) {
        return Floor::Unknown(format!(
            "the weight of {} is negative: nothing is proved about such a sum",
            term.objective.name()
        ));
    }
    let terms: Vec<_> = problem.terms.iter().filter(|term| term.weight > 0.0).collect();
    let mut decay = Some(case);
    let mut total = 0.0;
    let mut frames = Vec::new();
    let mut open: Option<String> = None;
    for term in &terms {
        let owner = if term.objective.score() == Score::Raw && !case.sphere { decay.take() } else { None };
        // w·L + decay = w·(L + decay/w): the term's own floor at decay/w.
        let share = owner.map_or(0.0, |_| 1.0 / term.weight);
        let mut own = Case {
            decay_features: case.decay_features * share,
            decay_weights: case.decay_weights * share,
            ..case.clone()
        };
        own.bias = case.bias.map(|lambda| lambda * share);
        match term.objective.floor(&term.knobs, &own) {
            Floor::Proved { value, frame } => {
                total += term.weight * value;
                frames.push(frame);
            }
            Floor::Infimum { value, why } => {
                total += term.weight * value;
                open.get_or_insert(why);
            }
            Floor::Unknown(reason) if terms.len() == 1 => return Floor::Unknown(reason),
            Floor::Unknown(reason) => {
                return Floor::Unknown(format!("{}: {reason}", term.objective.name()));
            }
        }
    }
    let any_decay = case.decay_features > 0.0 || case.decay_weights > 0.0;
    if decay.is_some() && any_decay {
        if case.origin != Origin::Free {
            return Floor::Unknown("decay of a network under cosines alone: no floor is proved".into());
        }
        if case.sphere {
            total += unit_rows_decay(problem, case);
        } else {
            open.get_or_insert_with(|| "decay shortens the rows without end and cosines do not mind".into());
        }
    }
    if let Some(why) = open {
        return Floor::Infimum { value: total, why };
    }
    let frame = match frames.as_slice() {
        [first, rest @ ..] if rest.iter().all(|frame| frame == first) => *first,
        _ => Frame::Other,
    };
    Floor::Proved { value: total, frame }
}

/// The decay of rows and class weights that all have length 1.
fn unit_rows_decay(problem: &Problem, case: &Case) -> f64 {
    let weighted = problem.terms.iter().any(|term| term.objective.family() == Family::Class);
    let weights = if weighted { case.decay_weights * case.classes as f64 } else { 0.0 };
    0.5 * (case.decay_features * case.rows() as f64 + weights)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::start::{Asker, start};
    use crate::experiment::{Experiment, expression};

    fn of(experiment: Experiment, text: &str) -> Floor {
        let experiment = Experiment { objective: expression::parse(text).unwrap(), ..experiment };
        let start = start(&experiment, Asker::Run).unwrap();
        floor(&start.problem, &start.case)
    }

    fn value(experiment: Experiment, text: &str) -> f64 {
        of(experiment, text).value().unwrap()
    }

    #[test]
    fn a_sum_has_the_weighted_sum() {
        let one = value(Experiment::default(), "normface(scale=4)");
        assert!((one - 0.014_379).abs() < 1e-6, "{one}");
        let two = value(Experiment::default(), "2*normface(scale=4) + 0.5*normface(scale=1)");
        assert!((two - (2.0 * one + 0.5 * 0.582_656)).abs() < 1e-4, "{two}");
        assert!(matches!(of(Experiment::default(), "normface - 0.1*normface"), Floor::Unknown(_)));
        assert_eq!(of(Experiment::default(), "softmax").value(), Some(0.0), "an infimum");
    }

    #[test]
    fn conditions_that_fail_leave_it_open() {
        for experiment in [
            Experiment { label_noise: 0.1, ..Experiment::default() },
            Experiment { imbalance: 10.0, ..Experiment::default() },
            Experiment { dim: Some(2), ..Experiment::default() },
        ] {
            assert!(matches!(of(experiment, "normface"), Floor::Unknown(_)));
        }
    }

    #[test]
    fn decay_on_the_sphere_is_what_unit_rows_cost() {
        let decayed = Experiment { weight_decay: 0.01, weight_decay_weights: 0.1, ..Experiment::default() };
        let plain = value(Experiment::default(), "normface(scale=4)");
        let got = value(decayed, "normface(scale=4)");
        assert!((got - plain - (1.0 + 0.2)).abs() < 1e-12);
    }

    #[test]
    fn a_weight_on_a_decayed_term_is_a_weight_on_its_decay() {
        let decay = |features, weights| Experiment {
            weight_decay: features,
            weight_decay_weights: weights,
            ..Experiment::default()
        };
        let once = value(decay(1e-3, 1e-3), "softmax");
        let thrice = value(decay(3e-3, 3e-3), "3*softmax");
        assert!(once > 0.01 && (thrice - 3.0 * once).abs() < 1e-12, "{once} {thrice}");
    }
}
