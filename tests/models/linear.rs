//! M matrices on free features under the squared error, four classes of ten, no bias, decay λ on everything.
//!
//! With b = M·N·(N·λ^(M+1))^(1/M) and β = b/n the theory says: a class stands with squared singular value
//! N·λ·x^M in the product W_M…W_1, where x is the largest root of β = M·x^(M−1)/(x^M + 1)², and then costs
//! n/2N·[1/(1 + x^M) + β·x]; or it vanishes, and costs n/2N. Standing is cheaper for β below
//! (M−1)^((M−1)/M)/M (0.5, 0.5291), and possible up to 0.6495 (M = 2) and 0.8400 (M = 3).

use losslab::experiment::{Experiment, Model, floor};
use losslab::optimizer::Schedule;
use nalgebra::DMatrix;

use crate::{begin, run, under};

const N: f64 = 40.0;

/// The decay that makes b/n = β.
fn decay(matrices: usize, beta: f64) -> f64 {
    let m = matrices as f64;
    ((beta / (4.0 * m)).powf(m) / N).powf(1.0 / (m + 1.0))
}

/// The largest x with β = M·x^(M−1)/(x^M + 1)²: coming down from far above, the first place where the right side is
/// no longer below β.
fn largest_root(matrices: usize, beta: f64) -> f64 {
    let m = matrices as f64;
    let miss = |x: f64| m * x.powf(m - 1.0) / (x.powf(m) + 1.0).powi(2) - beta;
    let place =
        (0..9_999).map(|k| 10.0 - f64::from(k) * 1e-3).find(|&x| miss(x) >= 0.0).expect("there is a root");
    // A chord between two neighbours is exact to the square of their distance.
    place + 1e-3 * miss(place) / (miss(place) - miss(place + 1e-3))
}

fn experiment(matrices: usize, beta: f64, seed: u64) -> Experiment {
    let lambda = decay(matrices, beta);
    Experiment {
        model: Model::Linear { depth: matrices },
        per_class: Some(10),
        dim: Some(6),
        bias: Some(false),
        weight_decay: lambda,
        weight_decay_weights: lambda,
        steps: 6000,
        seed,
        ..under("mse")
    }
}

/// What a run ended with: the loss, decay included, and the singular values of the product of all matrices, largest
/// first.
fn end(experiment: &Experiment) -> (f64, Vec<f64>) {
    let (state, advance) = run(&begin(experiment), 1);
    let last = advance.records.last().unwrap();
    assert_eq!(last.step, 5999);
    let wide = |m: &losslab::features::Matrix| {
        DMatrix::from_row_iterator(m.rows, m.cols, m.data.iter().map(|&x| f64::from(x)))
    };
    let mut product = wide(&state.weights.value);
    for layer in state.network.unwrap().layers.iter().rev() {
        product *= wide(&layer.matrix.value);
    }
    let mut values: Vec<f64> = product.singular_values().iter().copied().collect();
    values.sort_by(|a, b| b.total_cmp(a));
    (last.terms[0] + last.decay, values)
}

/// Whether all four singular values are `want`.
fn all_are(values: &[f64], want: f64) -> bool {
    values[..4].iter().all(|value| (value - want).abs() < 1e-3)
}

fn floor_of(experiment: &Experiment) -> f64 {
    let start = begin(experiment);
    floor::floor(&start.problem, &start.case).value().unwrap()
}

/// Below the global threshold the least loss has all classes standing: reached from the best of six seeds.
fn below(matrices: usize, beta: f64) {
    let x = largest_root(matrices, beta);
    let strength = (N * decay(matrices, beta) * x.powi(matrices as i32)).sqrt();
    let least = 0.5 * (1.0 / (1.0 + x.powi(matrices as i32)) + beta * x);
    assert!(least < 0.5, "standing is cheaper than vanishing");
    assert!((floor_of(&experiment(matrices, beta, 0)) - least).abs() < 1e-9);
    let found = (0..6).map(|seed| end(&experiment(matrices, beta, seed)));
    let mut best = (f64::INFINITY, Vec::new());
    for (loss, values) in found {
        assert!(loss > least - 1e-6, "{loss} is below the floor {least}");
        if loss < best.0 {
            best = (loss, values);
        }
        if (best.0 - least).abs() < 1e-5 && all_are(&best.1, strength) {
            return;
        }
    }
    panic!("best of six: loss {} for {least}, singular values {:?} for {strength}", best.0, best.1);
}

/// Between the thresholds both states hold: all standing, above the least loss, and all vanished, at it.
fn between(matrices: usize, beta: f64) {
    let x = largest_root(matrices, beta);
    let strength = (N * decay(matrices, beta) * x.powi(matrices as i32)).sqrt();
    let standing = 0.5 * (1.0 / (1.0 + x.powi(matrices as i32)) + beta * x);
    assert!(standing > 0.5, "vanishing is cheaper than standing");
    assert_eq!(floor_of(&experiment(matrices, beta, 0)), 0.5);
    let stands = (0..6).map(|seed| end(&experiment(matrices, beta, seed)));
    let stands = stands.into_iter().find(|(_, values)| all_are(values, strength)).expect("one of six stands");
    assert!((stands.0 - standing).abs() < 1e-5, "{} for {standing}", stands.0);
    let (loss, values) = end(&Experiment { init_scale: 0.1, ..experiment(matrices, beta, 0) });
    assert!((loss - 0.5).abs() < 1e-5 && all_are(&values, 0.0), "{loss} {values:?}");
}

/// Above the existence threshold everything vanishes, from every seed. The rate stays, for near the threshold the
/// way down is slow.
fn above(matrices: usize, beta: f64) {
    for seed in 0..6 {
        let start = Experiment { schedule: Some(Schedule::Constant), ..experiment(matrices, beta, seed) };
        let (loss, values) = end(&start);
        assert!((loss - 0.5).abs() < 1e-5 && all_are(&values, 0.0), "seed {seed}: {loss} {values:?}");
    }
}

#[test]
fn two_matrices_stand_at_nine_tenths_of_the_threshold() {
    below(2, 0.9 * 0.5);
}

#[test]
fn three_matrices_stand_at_nine_tenths_of_the_threshold() {
    below(3, 0.9 * 0.529_1);
}

#[test]
fn two_matrices_have_both_states_between_the_thresholds() {
    between(2, 0.57);
}

#[test]
fn three_matrices_have_both_states_between_the_thresholds() {
    between(3, 0.68);
}

#[test]
fn two_matrices_vanish_above_the_last_threshold() {
    above(2, 1.1 * 0.649_5);
}

#[test]
fn three_matrices_vanish_above_the_last_threshold() {
    above(3, 1.1 * 0.84);
}

#[test]
fn one_matrix_is_free_features() {
    let one = begin(&Experiment { model: Model::Linear { depth: 1 }, ..under("mse") });
    let free = begin(&under("mse"));
    assert_eq!((&one.state, &one.problem), (&free.state, &free.problem));
    assert!(one.state.network.is_none());
    let two = begin(&Experiment { model: Model::Linear { depth: 2 }, ..under("mse") });
    assert_eq!(
        two.state.network.as_ref().unwrap().inputs,
        free.state.features,
        "the same free features beneath"
    );
}
