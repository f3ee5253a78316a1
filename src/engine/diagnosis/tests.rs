//! One row or weight is made bad, and it is that one that must be named, by both engines.

use super::*;
use crate::engine::{Engine, Parameter};
use crate::models::{Kind, Layer, Network};
use crate::objectives::{Knobs, find};
use crate::optimizer::{Decay, Method, Moves};

const ROWS: u32 = 30;
const CLASSES: usize = 3;
const SGD: Method = Method::Sgd { momentum: 0.0 };

fn term(name: &str, knobs: &[(usize, f64)]) -> Term {
    let objective = find(name).unwrap();
    let mut all = Knobs::defaults(objective.knobs(), CLASSES);
    for &(place, value) in knobs {
        all.0[place] = value;
    }
    Term { objective, weight: 1.0, knobs: all }
}

/// Rows around a circle and a bit off it, in four dimensions; no two of them alike.
fn rows(count: usize, seed: usize) -> Matrix {
    Matrix::from_fn(count, 4, |i, k| ((i * (2 * k + 3) + seed) as f32).sin() + 0.05 * i as f32)
}

fn scene(terms: Vec<Term>, method: Method) -> (Problem, State) {
    let problem = Problem {
        terms,
        labels: (0..ROWS).map(|i| i % CLASSES as u32).collect(),
        instances: (0..ROWS).collect(),
        classes: CLASSES,
        margins: None,
        seed: 7,
        batch: None,
        method,
        decay: Decay::default(),
        moves: Moves::default(),
        sphere: false,
    };
    let state = State {
        features: Parameter::new(rows(ROWS as usize, 1)),
        weights: Parameter::new(rows(CLASSES, 100)),
        ..State::default()
    };
    (problem, state)
}

/// Lets an engine run until it stops, and asks why.
fn stopped(engine: &mut dyn Engine, problem: &Problem, rates: &[f64]) -> Diagnosis {
    let divergence = engine.advance(rates).unwrap().diverged.expect("it cannot go on");
    let at = divergence.step as usize;
    engine.explain(problem, &divergence, rates[at], Some(1)).unwrap().unwrap()
}

fn on_cpu(problem: &Problem, state: &State, rates: &[f64]) -> Diagnosis {
    stopped(&mut CpuEngine::new(problem.clone(), state.clone(), Some(1)), problem, rates)
}

fn on_reference(problem: &Problem, state: &State, rates: &[f64]) -> Diagnosis {
    stopped(&mut ReferenceEngine::new(problem.clone(), state), problem, rates)
}

#[test]
fn a_score_that_overflows_is_that_of_the_huge_row_with_the_huge_weight() {
    for method in [SGD, Method::Adam] {
        for (name, batch) in [("softmax", None), ("mse", None), ("z-loss", Some(10))] {
            let (mut problem, mut state) = scene(vec![term("alignment", &[]), term(name, &[])], method);
            problem.batch = batch;
            state.features.value.row_mut(17).fill(2e20);
            state.weights.value.row_mut(2).copy_from_slice(&[1e20, 1e20, 0.0, 1e20]);
            let found = on_cpu(&problem, &state, &[1e-3; 4]);
            assert_eq!((found.whom, found.with), (Some(Whom::Point(17)), Some(Whom::Weight(2))), "{found:?}");
            assert!(
                matches!(found.what, What::Score(score) if (score / 6e40 - 1.0).abs() < 1e-3),
                "{found:?}"
            );
            assert_eq!(found.term, Some(name));
        }
    }
}

#[test]
fn a_loss_that_squares_its_scores_names_the_row_and_its_largest_score() {
    let (problem, mut state) = scene(vec![term("mse", &[])], SGD);
    state.features.value.row_mut(11).fill(1e20);
    state.weights.value = Matrix::from_fn(CLASSES, 4, |c, k| if c == 1 { 0.5 } else { 0.1 * k as f32 });
    let found = on_cpu(&problem, &state, &[1e-3]);
    assert_eq!((found.whom, found.with), (Some(Whom::Point(11)), Some(Whom::Weight(1))), "{found:?}");
    assert!(matches!(found.what, What::Loss { score } if (score / 2e20 - 1.0).abs() < 1e-3), "{found:?}");
}

#[test]
fn a_rate_too_large_names_whoever_goes_farthest_and_how_many_go_too_far() {
    let (problem, mut state) = scene(vec![term("softmax", &[])], SGD);
    // A long weight makes the gradients of all rows long; this row's is the longest.
    state.weights.value.row_mut(0).fill(3.0);
    state.features.first.row_mut(5)[2] = 900.0;
    let problem = Problem { method: Method::Sgd { momentum: 0.9 }, ..problem };
    for (found, engine) in
        [(on_cpu(&problem, &state, &[1e36]), "cpu"), (on_reference(&problem, &state, &[1e36]), "reference")]
    {
        assert_eq!(found.whom, Some(Whom::Point(5)), "{engine} {found:?}");
        let What::Update { written: Written::Value, value, .. } = found.what else { panic!("{found:?}") };
        assert!((value.abs() / 8.1e38 - 1.0).abs() < 0.01, "{engine} {value}");
        assert_eq!(found.share, Some((1, ROWS as usize)), "{engine}");
        assert!(matches!(found.with, Some(Whom::Weight(_))), "{engine}: {found:?}");
    }
    // Beyond all numbers nobody moves.
    let found = on_cpu(&problem, &state, &[1e39]);
    assert_eq!(found.share, Some((ROWS as usize, ROWS as usize)), "{found:?}");
}

#[test]
fn rows_on_one_spot_are_named_where_their_force_has_no_bound() {
    let (problem, mut state) = scene(vec![term("riesz", &[(0, 1.0)])], SGD);
    let twin = state.features.value.row(9).to_vec();
    state.features.value.row_mut(22).copy_from_slice(&twin);
    let found = on_reference(&problem, &state, &[0.1]);
    assert_eq!((found.whom, found.with), (Some(Whom::Point(9)), Some(Whom::Point(22))), "{found:?}");
    assert!(matches!(found.what, What::Coupling { score } if score == 0.0), "{found:?}");
    // The processor's engine bounds the force, but not what Adam makes of a pair that is nearly one.
    let (problem, mut state) = scene(vec![term("riesz", &[(0, 4.0)])], Method::Adam);
    let near: Vec<f32> =
        state.features.value.row(9).iter().enumerate().map(|(k, &x)| x + [1e-6, 0.0, 0.0, 0.0][k]).collect();
    state.features.value.row_mut(22).copy_from_slice(&near);
    let found = on_cpu(&problem, &state, &[0.1]);
    let mut pair = [found.whom, found.with];
    pair.sort_by_key(|whom| *whom != Some(Whom::Point(9)));
    assert_eq!(pair, [Some(Whom::Point(9)), Some(Whom::Point(22))], "{found:?}");
    assert!(matches!(found.what, What::Update { written: Written::Second, .. }), "{found:?}");
    assert_eq!(found.share, Some((2, ROWS as usize)));
}

#[test]
fn a_margin_loss_names_the_row_that_is_next_to_nothing() {
    for name in ["arcface", "cosface", "normface"] {
        let (mut problem, mut state) = scene(vec![term(name, &[(0, 64.0)])], Method::Adam);
        for x in state.features.value.row_mut(13) {
            *x *= 1e-20;
        }
        problem.batch = Some(15);
        problem.terms[0].weight = 1e12;
        for found in [on_cpu(&problem, &state, &[1e-3; 2]), on_reference(&problem, &state, &[1e-3; 2])] {
            assert_eq!(found.whom, Some(Whom::Point(13)), "{name} {found:?}");
            assert!(matches!(found.what, What::Update { written: Written::Second, .. }), "{found:?}");
            assert!(found.lengths[0].unwrap() < 1e-18 && found.typical.unwrap() > 0.1, "{found:?}");
            assert!(matches!(found.with, Some(Whom::Weight(_))), "{name} {found:?}");
        }
    }
}

#[test]
fn a_scale_beyond_all_numbers_is_found_in_the_exponents() {
    let (problem, state) = scene(vec![term("normface", &[(0, 1e39)])], SGD);
    let found = on_cpu(&problem, &state, &[1e-3]);
    assert!(matches!(found.what, What::Exponent { score } if score.abs() <= 1.0), "{found:?}");
    assert_eq!(found.term, Some("normface"));
}

#[test]
fn decay_that_throws_rows_out_is_named_with_the_row_it_throws_farthest() {
    let (mut problem, mut state) = scene(vec![term("normface", &[])], SGD);
    problem.decay = Decay { features: 1e10, weights: 0.0, bias: 0.0 };
    for x in state.features.value.row_mut(4) {
        *x *= 1e30;
    }
    for found in [on_cpu(&problem, &state, &[1e-3]), on_reference(&problem, &state, &[1e-3])] {
        assert_eq!(found.whom, Some(Whom::Point(4)), "{found:?}");
        assert_eq!(found.share, Some((1, ROWS as usize)));
        assert!(found.rate * found.decay > 2.0);
    }
    assert!(matches!(on_cpu(&problem, &state, &[1e-3]).what, What::Decay { .. }));
    // And a class weight that decays alone.
    problem.decay = Decay { features: 0.0, weights: 1e10, bias: 0.0 };
    let (_, mut state) = scene(Vec::new(), SGD);
    state.weights.value.row_mut(1)[0] = 1e30;
    let found = on_cpu(&problem, &state, &[1e-3]);
    assert_eq!(found.whom, Some(Whom::Weight(1)), "{found:?}");
}

#[test]
fn a_network_names_its_layer_the_unit_and_the_row() {
    let (problem, mut state) = scene(vec![term("softmax", &[])], SGD);
    let mut network = Network {
        kind: Kind::Mlp,
        inputs: Parameter::new(rows(ROWS as usize, 3)),
        layers: vec![layer(6, 4, true), layer(4, 6, false)],
    };
    network.inputs.value.row_mut(8).fill(1e20);
    network.layers[1].matrix.value.row_mut(3).fill(1e20);
    state.network = Some(network);
    let found = on_cpu(&problem, &state, &[1e-3]);
    assert_eq!(found.whom, Some(Whom::Point(8)), "{found:?}");
    assert_eq!(found.with, Some(Whom::Unit { layer: 1, unit: 3 }), "{found:?}");
    assert!(matches!(found.what, What::Output { layer: 1, unit: 3, value } if value > 1e40), "{found:?}");
    // A step that throws a layer out.
    let (problem, mut state) = scene(vec![term("softmax", &[])], SGD);
    let network = Network {
        kind: Kind::Mlp,
        inputs: Parameter::new(rows(ROWS as usize, 3)),
        layers: vec![layer(6, 4, true), layer(4, 6, false)],
    };
    state.network = Some(network);
    for found in [on_cpu(&problem, &state, &[1e38]), on_reference(&problem, &state, &[1e38])] {
        let layered = matches!(found.whom, Some(Whom::Unit { .. }))
            || matches!(found.what, What::OutputAfter { .. } | What::Update { .. });
        assert!(layered, "{found:?}");
    }
}

fn layer(rows: usize, cols: usize, rectified: bool) -> Layer {
    Layer {
        matrix: Parameter::new(Matrix::from_fn(rows, cols, |i, k| 0.1 + ((i * 5 + k) % 3) as f32)),
        bias: None,
        rectified,
    }
}

#[test]
fn a_layer_that_overflows_names_the_row_that_pulls_most_at_it() {
    let (mut problem, mut state) = scene(vec![term("mse", &[])], SGD);
    problem.moves = Moves::Features;
    problem.batch = Some(20);
    // Squared errors pull in proportion: this row's output is the longest by far.
    for (kind, far) in [(Kind::Mlp, 13u32), (Kind::Linear, 22)] {
        let mut network = Network {
            kind,
            inputs: Parameter::new(rows(ROWS as usize, 3)),
            layers: vec![layer(6, 4, kind == Kind::Mlp), layer(4, 6, false)],
        };
        for x in network.inputs.value.row_mut(far as usize) {
            *x = x.abs() * 1e3;
        }
        state.network = Some(network);
        // The batch of some step has the row.
        let mut batches = Batches::new(&problem);
        let at = (0..9).find(|&step| batches.rows(step).unwrap().contains(&far)).unwrap();
        state.step = at;
        let rates = vec![1e38; at as usize + 1];
        let stopped = |engine: &mut dyn Engine| {
            let divergence = engine.advance(&rates[..1]).unwrap().diverged.expect("it cannot go on");
            engine.explain(&problem, &divergence, 1e38, None).unwrap().unwrap()
        };
        let cpu = stopped(&mut CpuEngine::new(problem.clone(), state.clone(), Some(1)));
        let reference = stopped(&mut ReferenceEngine::new(problem.clone(), &state));
        for found in [cpu, reference] {
            let named = matches!(found.whom, Some(Whom::Unit { .. } | Whom::Input(_)));
            assert!(named && matches!(found.what, What::Update { .. }), "{found:?}");
            if let Some(Whom::Unit { .. }) = found.whom {
                assert_eq!(found.with, Some(Whom::Point(far)), "{found:?}");
            } else {
                assert!(matches!(found.with, Some(Whom::Weight(_))), "{found:?}");
            }
        }
    }
}

#[test]
fn how_far_a_step_takes_a_row_is_told_in_its_lengths() {
    let (mut problem, mut state) = scene(vec![term("riesz", &[(0, 8.0)])], Method::Adam);
    problem.sphere = true;
    for row in 0..ROWS as usize {
        let length = scores::length(state.features.value.row(row)) as f32;
        state.features.value.row_mut(row).iter_mut().for_each(|x| *x /= length);
    }
    let thrown = on_cpu(&problem, &state, &[1e4; 20]);
    assert!(thrown.step > 0, "{thrown:?}");
    assert!((thrown.stride.unwrap() / 2e4 - 1.0).abs() < 1e-3, "{thrown:?}");
    // The power alone: before any step, and a step would be short.
    problem.terms = vec![term("riesz", &[(0, 90.0)])];
    let near: Vec<f32> = state.features.value.row(9).iter().map(|x| x + 1e-3).collect();
    state.features.value.row_mut(22).copy_from_slice(&near);
    let strong = on_cpu(&problem, &state, &[0.02; 3]);
    assert!(strong.step == 0 && strong.stride.unwrap() < 0.1, "{strong:?}");
}

#[test]
fn a_step_is_computed_again_on_the_threads_that_were_given() {
    let (problem, mut state) = scene(vec![term("softmax", &[])], SGD);
    state.network = Some(Network {
        kind: Kind::Mlp,
        inputs: Parameter::new(rows(ROWS as usize, 3)),
        layers: vec![layer(4, 4, false)],
    });
    for threads in [1, 3] {
        let search = Search {
            problem: &problem,
            state: &state,
            rows: None,
            share: 1.0,
            count: ROWS as usize,
            rate: 0.1,
            threads: Some(threads),
            precision: Precision::Single,
            named: None,
        };
        let mut seen = 0;
        search.witness().look(None, search.margins(), &[0], &mut |_, _, _| {
            seen = rayon::current_num_threads();
            false
        });
        assert_eq!(seen, threads);
    }
}

#[test]
fn a_step_too_large_to_be_looked_at_is_said_to_be_that() {
    let (mut problem, _) = scene(vec![term("normface", &[])], SGD);
    let (n, c) = (1 << 16, 1 << 13);
    problem.labels = (0..n).map(|i| i % c).collect();
    problem.instances = (0..n).collect();
    problem.classes = c as usize;
    let tall =
        |rows: u32| Parameter::new(Matrix::from_fn(rows as usize, 17, |i, k| ((i + k) % 7) as f32 - 3.0));
    let mut state = State { features: tall(n), weights: tall(c), ..State::default() };
    state.features.value.row_mut(4711).fill(1e3);
    let divergence = Divergence { step: 0, term: Some(0) };
    let before = std::time::Instant::now();
    let found = explain(&problem, &state, &divergence, 0.1, None, Precision::Single);
    assert!(before.elapsed().as_secs() < 20, "{:?}", before.elapsed());
    assert_eq!((found.what, found.whom), (What::TooLarge, Some(Whom::Point(4711))));
    assert_eq!(found.term, Some("normface"));
    // A raw score is found all the same: lengths bound the search.
    problem.terms = vec![term("softmax", &[])];
    state.features.value.row_mut(4711).fill(1e20);
    state.weights.value.row_mut(77).fill(1e20);
    let found = explain(&problem, &state, &divergence, 0.1, None, Precision::Single);
    assert_eq!((found.whom, found.with), (Some(Whom::Point(4711)), Some(Whom::Weight(77))));
}

#[test]
fn where_all_is_finite_that_is_said() {
    let (problem, state) = scene(vec![term("softmax", &[])], SGD);
    let found = explain(&problem, &state, &Divergence { step: 0, term: None }, 0.1, None, Precision::Single);
    assert!(matches!(found.what, What::Nothing { gradient } if gradient > 0.0), "{found:?}");
}
