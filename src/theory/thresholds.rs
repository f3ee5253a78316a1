//! The values of a knob at which the arrangement changes: classes merge, vanish, or everything collapses.

use super::model;
use crate::engine::Problem;
use crate::experiment::start::class_sizes;
use crate::experiment::{Experiment, Source};
use crate::objective::unconstrained::{Change, changes};
use crate::objectives::{Case, Origin, RowLoss};

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

/// The thresholds of M matrices on free features under the squared error without a bias (core results §2.6), one pair
/// for every size of class. With b = M·N·(N·λ_H·λ_W^M)^(1/M), classes of n rows are better gone from b/n =
/// (M−1)^((M−1)/M)/M on, and can stand no longer above the peak of M·x^(M−1)/(x^M + 1)². In between both states
/// hold, so that what a run shows depends on where it comes from.
pub fn deep(problem: &Problem, case: &Case) -> Vec<Threshold> {
    let Origin::Linear { matrices } = case.origin else { return Vec::new() };
    let Some((RowLoss::Squares, own)) = model(problem, case) else { return Vec::new() };
    if own.bias.is_some() || !own.clean {
        return Vec::new();
    }
    let (weight, m, rows) = (problem.terms[0].weight, matrices as f64, own.rows() as f64);
    let peak = (m - 1.0) / (m + 1.0);
    let better_gone = (m - 1.0).powf((m - 1.0) / m) / m;
    let last = m * peak.powf((m - 1.0) / m) / (peak + 1.0).powi(2);
    let mut sizes = own.counts.clone();
    sizes.sort_unstable();
    sizes.dedup();
    let mut found = Vec::new();
    for size in &sizes {
        let whose = if sizes.len() == 1 { "classes".to_owned() } else { format!("classes of {size} rows") };
        for (share, what) in [(better_gone, "are better gone"), (last, "can stand no longer")] {
            // λ_H·λ_W^M.
            let product = (share * *size as f64 / (m * rows)).powf(m) / rows;
            let words = format!("{whose} {what}");
            if own.decay_weights > 0.0 {
                let value = weight * product / own.decay_weights.powf(m);
                found.push(Threshold { lever: Lever::DecayFeatures, value, words: words.clone() });
            }
            if own.decay_features > 0.0 {
                let value = weight * (product / own.decay_features).powf(1.0 / m);
                found.push(Threshold { lever: Lever::DecayWeights, value, words });
            }
        }
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

    #[test]
    fn matrices_have_a_threshold_of_the_better_state_and_one_of_the_other() {
        // M = 2, n = 10, N = 40: b = 80·(40·λ³)^(1/2) with all decays λ; b/n = 0.5 and 0.6495.
        let experiment = Experiment {
            objective: expression::parse("mse").unwrap(),
            model: crate::experiment::Model::Linear { depth: 2 },
            per_class: Some(10),
            dim: Some(6),
            bias: Some(false),
            weight_decay: 0.01,
            weight_decay_weights: 0.02,
            ..Experiment::default()
        };
        let start = start(&experiment, Asker::Run).unwrap();
        let found = deep(&start.problem, &start.case);
        assert_eq!(found.len(), 4, "{found:?}");
        for (threshold, share) in found.iter().zip([0.5, 0.5, 0.649_519, 0.649_519]) {
            let (features, weights) = match threshold.lever {
                Lever::DecayFeatures => (threshold.value, 0.02),
                _ => (0.01, threshold.value),
            };
            let b = 80.0 * (40.0 * features * weights * weights).sqrt();
            assert!((b / 10.0 - share).abs() < 1e-6, "{threshold:?}: {b}");
        }
        let with_bias = Experiment { bias: Some(true), ..experiment };
        let start = crate::experiment::start::start(&with_bias, Asker::Run).unwrap();
        assert!(deep(&start.problem, &start.case).is_empty());
    }
}
