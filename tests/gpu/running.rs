//! Whole runs: steps against the CPU engine, submissions, divergence, knobs, a lost device.

use losslab::engine::{Engine, EngineError, State, cpu::CpuEngine};
use losslab::features::Matrix;
use losslab::optimizer::{Decay, Method, Moves};

use super::scenes::{alone, gpu, named, scene, used};

/// The largest difference of two matrices.
fn apart(a: &Matrix, b: &Matrix) -> f32 {
    assert_eq!((a.rows, a.cols), (b.rows, b.cols));
    a.data
        .iter()
        .zip(&b.data)
        .map(|(x, y)| (x - y).abs())
        .fold(0.0, |m, d| if d > m || d.is_nan() { d } else { m })
}

/// Fifty steps of SGD and Adam, on the sphere and off it, batches and decay, against the CPU.
pub(crate) fn steps_agree() {
    for method in [Method::Sgd { momentum: 0.9 }, Method::Adam] {
        for sphere in [false, true] {
            for (batch, moves) in [
                (None, Moves::All),
                (Some(7), Moves::All),
                (None, Moves::Weights),
                (Some(7), Moves::Features),
            ] {
                let terms = vec![named("normface", 4, &[("scale", 4.0)]), named("softmax", 4, &[])];
                let (mut problem, mut state) = scene(terms, 38, 3, 4);
                problem.method = method;
                problem.sphere = sphere;
                problem.batch = batch;
                problem.moves = moves;
                problem.decay = Decay { features: 1e-3, weights: 2e-3, bias: 3e-3 };
                if sphere {
                    for side in [&mut state.features, &mut state.weights] {
                        for i in 0..side.value.rows {
                            losslab::optimizer::normalise(side.value.row_mut(i));
                        }
                    }
                }
                let rates: Vec<f64> = (0..50).map(|i| 0.02 * f64::from(50 - i) / 50.0).collect();
                let mut ours = gpu(&problem, &state);
                let mut theirs = CpuEngine::new(problem.clone(), state.clone(), Some(1));
                let (a, b) = (ours.advance(&rates).unwrap(), theirs.advance(&rates).unwrap());
                assert_eq!(a.records.len(), 50);
                assert_eq!(b.records.len(), 50);
                for (a, b) in a.records.iter().zip(&b.records) {
                    assert_eq!((a.step, a.rate), (b.step, b.rate));
                    for (x, y) in a.terms.iter().zip(&b.terms) {
                        assert!(
                            (x - y).abs() < 1e-4 * (1.0 + y.abs()),
                            "{method:?} {sphere} {batch:?}: {a:?} {b:?}"
                        );
                    }
                    assert!((a.decay - b.decay).abs() < 1e-4 * (1.0 + b.decay), "{a:?} {b:?}");
                    let norm = b.gradient_norm;
                    assert!((a.gradient_norm - norm).abs() < 1e-3 * (0.01 + norm), "{a:?} {b:?}");
                }
                let (a, b) = (ours.state().unwrap(), theirs.state().unwrap());
                assert_eq!(a.step, b.step);
                assert_eq!(a.features == state.features, !moves.features());
                assert_eq!(
                    (a.weights == state.weights, a.bias == state.bias),
                    (!moves.weights(), !moves.weights())
                );
                let off = [
                    apart(&a.features.value, &b.features.value),
                    apart(&a.weights.value, &b.weights.value),
                    apart(&a.features.first, &b.features.first),
                    apart(&a.bias.unwrap().value, &b.bias.unwrap().value),
                ];
                println!("  {method:?} sphere={sphere} batch={batch:?}: apart {off:?}");
                assert!(off.iter().all(|&x| x < 2e-3), "{method:?} {sphere} {batch:?}: {off:?}");
            }
        }
    }
}

/// Sixty-four steps: the steps are one submission, reading the records the other.
pub(crate) fn traffic() {
    let (problem, state) = scene(vec![named("normface", 4, &[])], 50, 3, 4);
    let mut engine = alone(&problem, &state);
    let before = engine.traffic();
    let advance = engine.advance(&[0.01; 64]).unwrap();
    let after = engine.traffic();
    assert_eq!(advance.records.len(), 64);
    assert!(after.submissions - before.submissions <= 2, "{before:?} {after:?}");
    assert_eq!(after.mappings - before.mappings, 1, "only the records come back");
    engine.state().unwrap();
    assert_eq!(engine.traffic().mappings - after.mappings, 1, "a snapshot is one mapping");
}

/// A hundred steps at once and a hundred times one step give the same bits.
pub(crate) fn one_advance_equals_many() {
    let (mut problem, state) = scene(vec![named("normface", 4, &[])], 50, 3, 4);
    problem.batch = Some(6);
    let (mut one, mut many) = (gpu(&problem, &state), gpu(&problem, &state));
    let whole = one.advance(&[0.01; 100]).unwrap();
    let parts: Vec<_> = (0..100).flat_map(|_| many.advance(&[0.01]).unwrap().records).collect();
    assert_eq!(whole.records, parts);
    assert_eq!(one.state().unwrap(), many.state().unwrap());
    assert_ne!(one.state().unwrap(), state);
}

/// A step that overflows is refused: the state stays, the record says where.
pub(crate) fn divergence() {
    let (problem, state) = scene(vec![named("softmax", 4, &[])], 30, 3, 4);
    let mut engine = gpu(&problem, &state);
    let good = engine.advance(&[0.01; 3]).unwrap();
    assert_eq!((good.records.len(), good.diverged), (3, None));
    let before: State = engine.state().unwrap();
    let bad = engine.advance(&[1e39, 0.1, 0.1]).unwrap();
    assert!(bad.records.is_empty());
    let divergence = bad.diverged.expect("an infinite rate diverges");
    assert_eq!((divergence.step, divergence.term), (3, None));
    assert_eq!(engine.state().unwrap(), before);
    // A finite leap whose next loss overflows: one step is made, the next refused, by term 0.
    let leap = engine.advance(&[1e36, 0.1, 0.1]).unwrap();
    assert_eq!(leap.records.len(), 1);
    assert_eq!(leap.diverged.map(|d| (d.step, d.term)), Some((4, Some(0))));
    assert!(engine.state().unwrap().features.value.is_finite());
    // Put back, it goes on.
    engine.set_state(&before).unwrap();
    assert_eq!(engine.advance(&[0.01]).unwrap().records.len(), 1);
}

/// Knobs, rates and decay are numbers on the device; another objective is another set of kernels.
pub(crate) fn knobs() {
    let (mut problem, state) = scene(vec![named("normface", 4, &[("scale", 4.0)])], 30, 3, 4);
    let mut engine = alone(&problem, &state);
    let before = engine.traffic().pipelines;
    let cold = engine.evaluate(losslab::engine::MarginsAt::Mean).unwrap();
    problem.terms[0].knobs.0[0] = 30.0;
    problem.decay.features = 0.5;
    engine.set_problem(&problem).unwrap();
    let hot = engine.evaluate(losslab::engine::MarginsAt::Mean).unwrap();
    assert_eq!(engine.traffic().pipelines, before);
    assert!((cold.terms[0] - hot.terms[0]).abs() > 0.1, "the knob does something");
    let fresh = gpu(&problem, &state).evaluate(losslab::engine::MarginsAt::Mean).unwrap();
    assert_eq!(hot, fresh);
    problem.terms.push(named("softmax", 4, &[]));
    engine.set_problem(&problem).unwrap();
    assert!(engine.traffic().pipelines > before);
    assert_eq!(engine.evaluate(losslab::engine::MarginsAt::Mean).unwrap().terms.len(), 2);
}

/// Dimensions, rows and classes are numbers on the device: other sizes compile nothing.
pub(crate) fn sizes() {
    let (problem, state) = scene(vec![named("arcface", 9, &[])], 90, 20, 9);
    let mut engine = alone(&problem, &state);
    engine.evaluate(losslab::engine::MarginsAt::Mean).unwrap();
    let before = engine.traffic().pipelines;
    for (n, d, classes) in [(90, 48, 9), (200, 77, 31), (65, 130, 3)] {
        let (problem, state) = scene(vec![named("arcface", classes, &[])], n, d, classes);
        let mut other = engine.beside(&problem, &state).unwrap();
        let got = other.evaluate(losslab::engine::MarginsAt::Mean).unwrap();
        let want = CpuEngine::new(problem, state, None).evaluate(losslab::engine::MarginsAt::Mean).unwrap();
        let (loss, gradient) = used(&got, &want);
        assert!(loss <= 1.0 && gradient <= 1.0, "{n} {d} {classes}: {loss} {gradient}");
        assert_eq!(other.traffic().pipelines, before, "{n} {d} {classes}");
    }
}

/// Every dispatch of a step can be timed, and the kernels that matter are among them.
pub(crate) fn times() {
    let (problem, state) = scene(vec![named("normface", 4, &[])], 50, 3, 4);
    let mut engine = gpu(&problem, &state);
    let before = engine.state().unwrap();
    let times = engine.call_times(2).unwrap();
    for entry in ["prepare", "statistics", "gradient", "sum", "back"] {
        assert!(times.iter().any(|call| call.entry == entry && !call.time.is_zero()), "{entry}: {times:?}");
    }
    assert_eq!(engine.state().unwrap(), before, "timing moves nothing");
}

/// A device that goes away is an error of every later call, never a panic.
pub(crate) fn lost() {
    let (problem, state) = scene(vec![named("normface", 4, &[])], 30, 3, 4);
    let mut engine = alone(&problem, &state);
    engine.advance(&[0.01; 3]).unwrap();
    engine.lose();
    for _ in 0..2 {
        assert!(matches!(engine.advance(&[0.01]), Err(EngineError::Device(_))));
        assert!(matches!(engine.state(), Err(EngineError::Device(_))));
    }
}
