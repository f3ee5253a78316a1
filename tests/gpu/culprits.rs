//! Who made a step impossible, where the GPU refused it: the one bad row or weight, as on the processor.

use losslab::engine::diagnosis::{Diagnosis, What, Whom, Written};
use losslab::engine::{Engine, Problem, State, cpu::CpuEngine};
use losslab::optimizer::{Decay, Method};

use super::scenes::{gpu, named, scene};

/// Both engines refuse a step, and say who it was.
fn both(problem: &Problem, state: &State, rates: &[f64]) -> [(&'static str, Diagnosis); 2] {
    let stopped = |engine: &mut dyn Engine| {
        let divergence = engine.advance(rates).unwrap().diverged.expect("it cannot go on");
        let rate = rates[divergence.step as usize];
        (engine.name(), engine.explain(problem, &divergence, rate, None).unwrap().unwrap())
    };
    let mut processor = CpuEngine::new(problem.clone(), state.clone(), None);
    [stopped(&mut gpu(problem, state)), stopped(&mut processor)]
}

pub(crate) fn culprits() {
    // One row and one weight are huge; the bad row comes in some batch of the first epoch.
    for batch in [None, Some(10)] {
        let (mut problem, mut state) = scene(vec![named("softmax", 4, &[])], 40, 3, 4);
        problem.batch = batch;
        state.features.value.row_mut(17).fill(2e20);
        state.weights.value.row_mut(2).fill(1e20);
        for (engine, found) in both(&problem, &state, &[1e-3; 4]) {
            assert_eq!(
                (found.whom, found.with),
                (Some(Whom::Point(17)), Some(Whom::Weight(2))),
                "{engine} {found:?}"
            );
            assert!(
                matches!(found.what, What::Score(score) if (score / 6e40 - 1.0).abs() < 1e-3),
                "{found:?}"
            );
        }
    }
    // One row moves too far.
    let (mut problem, mut state) = scene(vec![named("softmax", 4, &[])], 30, 3, 4);
    problem.method = Method::Sgd { momentum: 0.9 };
    state.features.first.row_mut(5)[2] = 900.0;
    for (engine, found) in both(&problem, &state, &[1e36]) {
        assert_eq!(found.whom, Some(Whom::Point(5)), "{engine} {found:?}");
        assert!(matches!(found.what, What::Update { written: Written::Value, .. }), "{engine} {found:?}");
        assert_eq!(found.share, Some((1, 30)), "{engine}");
    }
    // One row is next to nothing under a margin loss: its gradient is divided by its length. The GPU squares a
    // gradient's length in f32, the processor only what Adam does.
    let (mut problem, mut state) = scene(vec![named("arcface", 4, &[("scale", 64.0)])], 30, 3, 4);
    problem.terms[0].weight = 1e12;
    state.features.value.row_mut(13).iter_mut().for_each(|x| *x *= 1e-20);
    for (engine, found) in both(&problem, &state, &[1e-3]) {
        assert_eq!(found.whom, Some(Whom::Point(13)), "{engine} {found:?}");
        assert!(found.lengths[0].unwrap() < 1e-18, "{engine} {found:?}");
    }
    // Two rows all but coincide.
    let (problem, mut state) = scene(vec![named("riesz", 4, &[("power", 4.0)])], 30, 3, 4);
    let near: Vec<f32> = state.features.value.row(9).iter().map(|&x| x * (1.0 + 1e-6) + 1e-6).collect();
    state.features.value.row_mut(22).copy_from_slice(&near);
    for (engine, found) in both(&problem, &state, &[0.1]) {
        let mut pair = [found.whom, found.with];
        pair.sort_by_key(|whom| *whom != Some(Whom::Point(9)));
        assert_eq!(pair, [Some(Whom::Point(9)), Some(Whom::Point(22))], "{engine} {found:?}");
    }
    // Decay throws one row out.
    let (mut problem, mut state) = scene(vec![named("normface", 4, &[])], 30, 3, 4);
    problem.method = Method::Sgd { momentum: 0.0 };
    problem.decay = Decay { features: 1e10, weights: 0.0, bias: 0.0 };
    state.features.value.row_mut(4).iter_mut().for_each(|x| *x *= 1e30);
    for (engine, found) in both(&problem, &state, &[1e-3]) {
        assert_eq!(found.whom, Some(Whom::Point(4)), "{engine} {found:?}");
        assert!(found.rate * found.decay > 2.0, "{engine} {found:?}");
    }
}
