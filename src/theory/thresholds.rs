//! The values of a knob at which the arrangement changes: classes merge, vanish, or everything collapses.

use super::model;
use crate::engine::Problem;
use crate::experiment::start::class_sizes;
use crate::experiment::{Experiment, Source};
use crate::objective::unconstrained::{Change, changes};
use crate::objectives::{Case, RowLoss};

/// A knob that can cross a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lever {
    /// λ_H.
    DecayFeatures,
    /// λ_W.
    DecayWeights,
    /// R.
    Imbalance,
    /// n.
    PerClass,
}

/// A value of a knob from which on, going up, something is so.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// The knob.
    pub lever: Lever,
    /// Its value.
    pub value: f64,
    /// What changes there, as a clause.
    pub words: String,
}

impl Lever {
    /// The option of the command line.
    pub fn option(self) -> &'static str {
        match self {
            Self::DecayFeatures => "weight-decay",
            Self::DecayWeights => "weight-decay-weights",
            Self::Imbalance => "imbalance",
            Self::PerClass => "per-class",
        }
    }
}

/// Imbalances looked at: 1 to 100, forty a factor of ten.
const IMBALANCES: usize = 80;
/// More classes would make looking along a knob slow.
const MOST_SCANNED: usize = 16;
/// Sizes of classes looked at.
const SIZES: usize = 200;

/// Every threshold of a run's knobs, the others standing as they are.
pub fn thresholds(experiment: &Experiment, problem: &Problem, case: &Case) -> Vec<Threshold> {
    let Some((loss, own)) = model(problem, case) else { return Vec::new() };
    let weight = problem.terms[0].weight;
    let mut found = Vec::new();
    for (lever, other) in
        [(Lever::DecayFeatures, own.decay_weights), (Lever::DecayWeights, own.decay_features)]
    {
        if other > 0.0 {
            found.extend(changes(loss, &own).into_iter().map(|Change { product, words }| Threshold {
                lever,
                value: weight * product / other,
                words,
            }));
        }
    }
    // Counted from sizes that a knob sets: given files and moved labels have sizes of their own.
    let knobs = experiment.source == Source::Synthetic
        && experiment.class_sizes.is_none()
        && case.clean
        && case.classes <= MOST_SCANNED;
    if knobs && own.decay_features * own.decay_weights > 0.0 {
        let imbalance =
            |k: usize| Experiment { imbalance: 10f64.powf(k as f64 / 40.0), ..experiment.clone() };
        scan(Lever::Imbalance, loss, &own, (0..=IMBALANCES).map(imbalance), &mut found);
        let size = |n: usize| Experiment { per_class: Some(n), ..experiment.clone() };
        scan(Lever::PerClass, loss, &own, (1..=SIZES).map(size), &mut found);
    }
    found
}

/// Goes along a knob and notes where the state of affairs differs from the one before.
fn scan(
    lever: Lever,
    loss: RowLoss,
    case: &Case,
    along: impl Iterator<Item = Experiment>,
    found: &mut Vec<Threshold>,
) {
    let product = case.decay_features * case.decay_weights;
    let value = |experiment: &Experiment| match lever {
        Lever::Imbalance => experiment.imbalance,
        _ => experiment.per_class.unwrap_or(Experiment::PER_CLASS) as f64,
    };
    let mut before: Option<(f64, Affairs)> = None;
    for experiment in along {
        let counts: Vec<usize> = class_sizes(&experiment).iter().map(|n| n * experiment.views).collect();
        let affairs = Affairs::of(&changes(loss, &Case { counts, ..case.clone() }), product);
        let at = value(&experiment);
        if let Some((last, old)) = before.replace((at, affairs))
            && old != affairs
        {
            // Sizes are whole numbers, so the true place lies between the two.
            let place = if lever == Lever::Imbalance { (last * at).sqrt() } else { at };
            found.push(Threshold { lever, value: place, words: affairs.words(old).into() });
        }
    }
}

/// How many kinds of class are gone or merged, and whether all is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Affairs {
    some: bool,
    all: bool,
}

impl Affairs {
    fn of(changes: &[Change], product: f64) -> Self {
        let passed = changes.iter().filter(|change| change.product <= product).count();
        let all = passed > 0 && passed == changes.len();
        Self { some: passed > 0 && !all, all }
    }

    fn words(self, before: Self) -> &'static str {
        match (self, before) {
            (Self { all: true, .. }, _) => "everything collapses to the origin",
            (Self { some: true, .. }, Self { all: true, .. }) => "the larger classes come apart",
            (Self { some: true, .. }, _) => "the smallest classes merge or vanish",
            _ => "all classes stand apart",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::start::{Asker, start};
    use crate::experiment::{ImbalanceKind, expression};

    fn of(experiment: &Experiment) -> Vec<Threshold> {
        let experiment =
            Experiment { objective: expression::parse("softmax").unwrap(), ..experiment.clone() };
        let start = start(&experiment, Asker::Run).unwrap();
        thresholds(&experiment, &start.problem, &start.case)
    }

    #[test]
    fn collapse_stands_where_the_closed_form_puts_it() {
        // C·√(n·λ_W·λ_H) = 1 with C = 4, n = 50, λ_W = 0.05: λ_H = 1/(16·50·0.05) = 0.025.
        let found = of(&Experiment { weight_decay_weights: 0.05, ..Experiment::default() });
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].lever, Lever::DecayFeatures);
        assert!((found[0].value - 0.025).abs() < 1e-12);
    }

    #[test]
    fn minorities_merge_along_the_imbalance() {
        // n_B = N²θ², N = 100(1 + 1/R): with θ² = 4e-4 and n = 50: 50/R = 4·(1 + 1/R)², so R ≈ 10.3.
        let experiment = Experiment {
            imbalance: 2.0,
            imbalance_kind: ImbalanceKind::Step,
            weight_decay: 0.02,
            weight_decay_weights: 0.02,
            ..Experiment::default()
        };
        let along: Vec<Threshold> =
            of(&experiment).into_iter().filter(|t| t.lever == Lever::Imbalance).collect();
        assert!((along[0].value - 10.3).abs() < 0.8, "{along:?}");
        assert!(along[0].words.contains("merge"), "{along:?}");
    }
}
