//! Problems and start states for the tests of the GPU engine.

use std::sync::{Mutex, OnceLock, PoisonError};

use losslab::engine::{
    Engine, EngineError, Evaluation, MarginsAt, Parameter, Problem, State, cpu, gpu, reference,
};
use losslab::features::Matrix;
use losslab::objectives::{self, Knobs, Objective, Term};
use losslab::optimizer::{Decay, Method, Moves};
use losslab::random;

/// An objective with its default knobs.
pub(crate) fn term(objective: &'static dyn Objective, classes: usize) -> Term {
    Term { objective, weight: 1.0, knobs: Knobs::defaults(objective.knobs(), classes) }
}

/// The term of an objective by name, some knobs set by their names.
pub(crate) fn named(name: &str, classes: usize, set: &[(&str, f64)]) -> Term {
    let mut term = term(objectives::find(name).expect("a registered objective"), classes);
    for &(knob, value) in set {
        let place = term.objective.knobs().iter().position(|k| k.name == knob).expect("a knob of it");
        term.knobs.0[place] = value;
    }
    term
}

/// Standard normal entries from stream `stream`.
pub(crate) fn gaussian(rows: usize, cols: usize, stream: u32) -> Matrix {
    Matrix::from_fn(rows, cols, |i, k| random::normal(11, 0, i as u32, 100 + stream, k as u32) as f32)
}

/// A problem of `n` rows of unequal classes, two views an instance, and its start.
pub(crate) fn scene(terms: Vec<Term>, n: usize, d: usize, classes: usize) -> (Problem, State) {
    let labels: Vec<u32> = (0..n).map(|i| ((i / 2) * (i / 2 + 3) % classes) as u32).collect();
    let problem = Problem {
        terms,
        labels,
        instances: (0..n as u32).map(|i| i / 2).collect(),
        classes,
        margins: None,
        seed: 3,
        batch: None,
        method: Method::Adam,
        decay: Decay::default(),
        moves: Moves::default(),
        sphere: false,
    };
    let state = State {
        step: 0,
        features: Parameter::new(gaussian(n, d, 0)),
        weights: Parameter::new(gaussian(classes, d, 1)),
        bias: Some(Parameter::new(gaussian(1, classes, 2))),
        network: None,
    };
    (problem, state)
}

/// Whose device and pipelines the others share.
static FIRST: OnceLock<Mutex<gpu::GpuEngine>> = OnceLock::new();

/// The GPU engine on any adapter, on a device and with pipelines that all tests share.
pub(crate) fn gpu(problem: &Problem, state: &State) -> gpu::GpuEngine {
    let first = FIRST.get_or_init(|| Mutex::new(alone(problem, state)));
    let first = first.lock().unwrap_or_else(PoisonError::into_inner);
    let engine = first.beside(problem, state).expect("an engine on the device");
    assert_eq!(engine.name(), "gpu");
    assert!(engine.adapter().is_some_and(|name| !name.is_empty()));
    engine
}

/// The same with kernels of another kind; `None` where the adapter lacks what they need.
pub(crate) fn gpu_with(tiles: gpu::Tiles, problem: &Problem, state: &State) -> Option<gpu::GpuEngine> {
    let first = FIRST.get_or_init(|| Mutex::new(alone(problem, state)));
    let first = first.lock().unwrap_or_else(PoisonError::into_inner);
    match first.beside_with(tiles, problem, state) {
        Ok(engine) => Some(engine),
        Err(EngineError::Unsupported(why)) if tiles == gpu::Tiles::Subgroup => {
            println!("  not within subgroups: {why}");
            None
        }
        Err(error) => panic!("an engine on the device: {error}"),
    }
}

/// The GPU engine on a device of its own.
pub(crate) fn alone(problem: &Problem, state: &State) -> gpu::GpuEngine {
    gpu::GpuEngine::new(problem.clone(), state, gpu::Choice::Any).expect("an adapter was found")
}

/// How much of the tolerance an evaluation uses: of the losses, of the gradient.
pub(crate) fn used(got: &Evaluation, want: &Evaluation) -> (f64, f64) {
    let loss = got.terms.iter().zip(&want.terms).map(|(g, w)| (g - w).abs() / (1e-7 + 5e-6 * w.abs()));
    let flat = |e: &Evaluation| -> Vec<f64> {
        let g = &e.gradient;
        let parts = [Some(&g.features), g.weights.as_ref(), g.bias.as_ref()];
        parts.into_iter().flatten().flatten().copied().collect()
    };
    let (got, want) = (flat(got), flat(want));
    assert_eq!(got.len(), want.len(), "gradients have the same parts");
    let size = want.iter().map(|x| x * x).sum::<f64>().sqrt();
    let off = got.iter().zip(&want).map(|(g, w)| (g - w) * (g - w)).sum::<f64>().sqrt();
    // `max` would hide a NaN.
    let worst = loss.fold(0.0, |a: f64, b| if b > a || b.is_nan() { b } else { a });
    (worst, off / (1e-7 + 5e-5 * size))
}

/// Evaluates on GPU and reference and gives the used shares of the tolerance.
pub(crate) fn compare(problem: &Problem, state: &State, margins: MarginsAt) -> (f64, f64) {
    let got = gpu(problem, state).evaluate(margins).expect("evaluation on the device");
    let want = reference::ReferenceEngine::new(problem.clone(), state)
        .evaluate(margins)
        .expect("evaluation by the reference");
    used(&got, &want)
}

/// The same with the CPU engine as the judge, for sizes beyond the reference.
pub(crate) fn compare_with_cpu(problem: &Problem, state: &State, margins: MarginsAt) -> (f64, f64) {
    let got = gpu(problem, state).evaluate(margins).expect("evaluation on the device");
    let want = cpu::CpuEngine::new(problem.clone(), state.clone(), None)
        .evaluate(margins)
        .expect("evaluation on the processor");
    used(&got, &want)
}
