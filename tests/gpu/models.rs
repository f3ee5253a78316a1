//! Networks on the GPU engine: gradients, whole runs, and steps that are not made.

use losslab::engine::cpu::CpuEngine;
use losslab::engine::gpu::{Choice, GpuEngine};
use losslab::engine::{Engine, State};
use losslab::experiment::start::{Asker, Start, start};
use losslab::experiment::{Experiment, Model, OptimizerKind, Source, expression};
use losslab::features::Matrix;
use losslab::verify::{Engines, Gpu, Outcome, verify_models};

fn begin(objective: &str, experiment: Experiment) -> Start {
    let objective = expression::parse(objective).unwrap();
    start(&Experiment { objective, ..experiment }, Asker::Run).unwrap()
}

fn linear() -> Experiment {
    Experiment {
        model: Model::Linear { depth: 3 },
        class_sizes: Some(vec![40, 30, 9]),
        dim: Some(6),
        weight_decay: 0.01,
        weight_decay_weights: 0.02,
        ..Experiment::default()
    }
}

fn digits() -> Experiment {
    Experiment {
        model: Model::Mlp { depth: 2, width: 37 },
        source: Source::Bundled("digits".into()),
        dim: Some(5),
        weight_decay: 0.01,
        weight_decay_weights: 0.02,
        holdout: 0.5,
        ..Experiment::default()
    }
}

pub(crate) fn agree() {
    let rows = verify_models(Engines { cpu: false, gpu: Gpu::Demanded }, |_| ()).unwrap();
    let judged: Vec<_> = rows.iter().filter(|row| row.check == "gpu").collect();
    assert_eq!(judged.len(), 2);
    for row in judged {
        assert_eq!(row.outcome, Outcome::Passed, "{row:?}");
        println!("  {:18} {:5.1} % of the tolerance", row.objective, 100.0 * row.share_of_tolerance.unwrap());
    }
}

fn parameters(state: &State) -> Vec<&Matrix> {
    let network = state.network.as_ref().unwrap();
    let mut all = vec![&state.features.value, &state.weights.value, &network.inputs.value];
    for layer in &network.layers {
        all.push(&layer.matrix.value);
        all.extend(layer.bias.iter().map(|bias| &bias.value));
    }
    all
}

/// Twenty steps, in batches and whole, by both optimisers.
pub(crate) fn steps_agree() {
    let sgd = |e: Experiment| Experiment { optimizer: OptimizerKind::Sgd, ..e };
    for (objective, experiment, rate) in [
        ("softmax", linear(), 0.01),
        ("normface(scale=4)", sgd(Experiment { batch: Some(20), ..linear() }), 0.05),
        ("softmax", Experiment { batch: Some(64), ..digits() }, 0.003),
        (
            "supcon(temperature=0.5)",
            sgd(Experiment { batch: Some(100), weight_decay_weights: 0.0, ..digits() }),
            0.05,
        ),
        ("normface(scale=4)", digits(), 0.003),
    ] {
        let begun = begin(objective, experiment);
        let mut gpu = GpuEngine::new(begun.problem.clone(), &begun.state, Choice::Any).unwrap();
        let mut cpu = CpuEngine::new(begun.problem.clone(), begun.state.clone(), None);
        let rates = [rate; 20];
        let (got, want) = (gpu.advance(&rates).unwrap(), cpu.advance(&rates).unwrap());
        assert_eq!((got.records.len(), want.records.len()), (20, 20), "{objective}: {:?}", got.diverged);
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-5 + 2e-3 * b.abs();
        for (got, want) in got.records.iter().zip(&want.records) {
            let pairs = [
                (got.terms[0], want.terms[0]),
                (got.decay, want.decay),
                (got.gradient_norm, want.gradient_norm),
            ];
            assert!(pairs.iter().all(|&(a, b)| near(a, b)), "{objective}: {got:?} {want:?}");
        }
        let (got, want) = (gpu.state().unwrap(), cpu.state().unwrap());
        assert_eq!(got.step, 20);
        for (got, want) in parameters(&got).into_iter().zip(parameters(&want)) {
            let size = want.data.iter().fold(0.0f32, |a, x| a.max(x.abs()));
            let off = want.data.iter().zip(&got.data).fold(0.0f32, |a, (x, y)| a.max((x - y).abs()));
            assert!(off <= 5e-3 * size + 1e-5, "{objective}: {off} of {size} in {}×{}", want.rows, want.cols);
        }
        // From the state of one the other goes on.
        let mut other = GpuEngine::new(begun.problem.clone(), &begun.state, Choice::Any).unwrap();
        other.set_state(&got).unwrap();
        assert_eq!(other.state().unwrap().network, got.network);
        let (again, on) = (other.advance(&[rate]).unwrap(), gpu.advance(&[rate]).unwrap());
        assert_eq!(again.records, on.records);
    }
}

pub(crate) fn divergence() {
    for begun in [begin("softmax", linear()), begin("softmax", Experiment { batch: Some(50), ..digits() })] {
        let mut gpu = GpuEngine::new(begun.problem.clone(), &begun.state, Choice::Any).unwrap();
        gpu.advance(&[0.01, 0.01]).unwrap();
        let before = gpu.state().unwrap();
        let advance = gpu.advance(&[1e38, 1e38, 1e38, 1e38]).unwrap();
        assert!(advance.diverged.is_some());
        let after = gpu.state().unwrap();
        assert_eq!(after.step, 2 + advance.records.len() as u64);
        assert!(after.network.as_ref().unwrap().layers.iter().all(|layer| layer.matrix.value.is_finite()));
        if advance.records.is_empty() {
            assert_eq!(after, before);
        }
    }
}
