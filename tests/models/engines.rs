//! The CPU engine against the reference, step after step; threads; steps that are not made.

use losslab::engine::cpu::CpuEngine;
use losslab::engine::reference::ReferenceEngine;
use losslab::engine::{Engine, MarginsAt, State};
use losslab::experiment::start::Start;
use losslab::experiment::{Constraint, Experiment, Model, OptimizerKind, Source};
use losslab::features::Matrix;
use losslab::optimizer::Moves;
use losslab::verify::{Engines, Gpu, Outcome, verify_models};

use crate::{begin, rates, run, under};

fn linear(objective: &str) -> Experiment {
    Experiment {
        model: Model::Linear { depth: 3 },
        class_sizes: Some(vec![9, 7, 5]),
        dim: Some(5),
        weight_decay: 0.02,
        weight_decay_weights: 0.01,
        steps: 30,
        ..under(objective)
    }
}

/// The digits, few enough of them for the reference.
fn digits(objective: &str) -> Experiment {
    Experiment {
        model: Model::Mlp { depth: 2, width: 11 },
        source: Source::Bundled("digits".into()),
        dim: Some(4),
        batch: Some(13),
        holdout: 0.9,
        weight_decay: 0.02,
        steps: 12,
        ..under(objective)
    }
}

/// Every number that a run moves.
fn parameters(state: &State) -> Vec<&Matrix> {
    let network = state.network.as_ref().unwrap();
    let mut all = vec![&state.features.value, &state.weights.value, &network.inputs.value];
    all.extend(state.bias.iter().map(|bias| &bias.value));
    for layer in &network.layers {
        all.push(&layer.matrix.value);
        all.extend(layer.bias.iter().map(|bias| &bias.value));
    }
    all
}

fn follow_each_other(experiment: &Experiment) {
    let start = begin(experiment);
    let mut reference = ReferenceEngine::new(start.problem.clone(), &start.state);
    let mut cpu = CpuEngine::new(start.problem.clone(), start.state.clone(), None);
    let (want, got) = (reference.advance(&rates(&start)).unwrap(), cpu.advance(&rates(&start)).unwrap());
    assert_eq!(want.records.len() as u64, experiment.steps);
    for (want, got) in want.records.iter().zip(&got.records) {
        let near = |a: f64, b: f64| (a - b).abs() < 1e-6 + 1e-3 * a.abs();
        assert!(near(want.terms[0], got.terms[0]), "{want:?} {got:?}");
        assert!(near(want.decay, got.decay), "{want:?} {got:?}");
        assert!(near(want.gradient_norm, got.gradient_norm), "{want:?} {got:?}");
    }
    let (want, got) = (reference.state().unwrap(), cpu.state().unwrap());
    let moves = experiment.moves;
    assert_eq!(want.network == start.state.network, !moves.features());
    let moved = (got.weights != start.state.weights, got.bias != start.state.bias);
    let problem = &start.problem;
    let has_bias = got.bias.is_some() && problem.uses_raw();
    assert_eq!(moved, (moves.weights() && problem.uses_weights(), moves.weights() && has_bias), "{moves:?}");
    for (want, got) in parameters(&want).into_iter().zip(parameters(&got)) {
        let size = want.data.iter().fold(0.0f32, |a, x| a.max(x.abs()));
        let off = want.data.iter().zip(&got.data).fold(0.0f32, |a, (x, y)| a.max((x - y).abs()));
        assert!(off <= 2e-3 * size + 1e-6, "{off} of {size} in a {}×{} matrix", want.rows, want.cols);
    }
}

#[test]
fn both_engines_go_the_same_way() {
    let sgd = |e: Experiment| Experiment { optimizer: OptimizerKind::Sgd, lr: Some(0.02), ..e };
    for experiment in [
        linear("mse"),
        Experiment { batch: Some(6), ..linear("softmax") },
        linear("normface(scale=4)"),
        sgd(Experiment { weight_decay_bias: 0.1, ..linear("softmax") }),
        Experiment { weight_decay_weights: 0.05, ..digits("softmax") },
        digits("supcon(temperature=0.5)"),
        sgd(digits("normface(scale=4)")),
        Experiment { moves: Moves::Weights, ..digits("softmax") },
        Experiment { moves: Moves::Features, ..linear("softmax") },
    ] {
        follow_each_other(&experiment);
    }
}

#[test]
fn the_checks_of_verify_pass_and_see_a_difference() {
    let rows = verify_models(Engines { cpu: true, gpu: Gpu::No }, |_| ()).unwrap();
    assert_eq!(rows.len(), 4);
    for row in &rows {
        assert_eq!(row.outcome, Outcome::Passed, "{row:?}");
        assert!(row.share_of_tolerance.unwrap() > 0.0, "{row:?}");
    }
    // The same parameters without one rectifier are another network, and both engines see that.
    let start = begin(&digits("softmax"));
    let mut bent = start.state.clone();
    bent.network.as_mut().unwrap().layers[1].rectified = false;
    let loss = |state: &State| {
        let cpu = CpuEngine::new(start.problem.clone(), state.clone(), None).evaluate(MarginsAt::Mean);
        let reference = ReferenceEngine::new(start.problem.clone(), state).evaluate(MarginsAt::Mean);
        let (cpu, reference) = (cpu.unwrap().terms[0], reference.unwrap().terms[0]);
        assert!((cpu - reference).abs() < 1e-5 * reference, "{cpu} {reference}");
        cpu
    };
    assert!((loss(&start.state) - loss(&bent)).abs() > 0.01);
}

#[test]
fn one_thread_and_three_give_the_same_bits() {
    for experiment in
        [digits("softmax"), Experiment { batch: None, holdout: 0.0, ..digits("normface") }, linear("mse")]
    {
        let start = begin(&experiment);
        let ((one, first), (three, second)) = (run(&start, 1), run(&start, 3));
        assert_eq!(first.records, second.records);
        assert_eq!(one, three);
    }
}

/// A rate beyond all numbers moves nothing at all.
fn stands(start: &Start, engine: &mut dyn Engine) {
    engine.advance(&[0.01, 0.01]).unwrap();
    let before = engine.state().unwrap();
    let advance = engine.advance(&[1e300]).unwrap();
    let diverged = advance.diverged.expect("it cannot be made");
    assert_eq!((diverged.step, advance.records.len()), (2, 0));
    assert_eq!(engine.state().unwrap(), before);
    assert_ne!(before, start.state);
}

#[test]
fn a_step_is_made_whole_or_not_at_all() {
    for experiment in [linear("softmax"), Experiment { batch: Some(6), ..linear("mse") }, digits("softmax")] {
        let start = begin(&experiment);
        stands(&start, &mut CpuEngine::new(start.problem.clone(), start.state.clone(), None));
    }
    let start = begin(&linear("softmax"));
    let mut reference = ReferenceEngine::new(start.problem.clone(), &start.state);
    // In f64 it takes more.
    reference.advance(&[0.01]).unwrap();
    let before = reference.state().unwrap();
    assert!(reference.advance(&[f64::MAX, f64::MAX]).unwrap().diverged.is_some());
    assert_eq!(reference.state().unwrap().weights.value.is_finite(), before.weights.value.is_finite());
}

#[test]
fn on_the_sphere_are_the_class_weights_and_nothing_that_the_network_makes() {
    let start = begin(&Experiment { weight_decay: 0.0, ..digits("normface(scale=8)") });
    assert_eq!(start.experiment.constraint, Some(Constraint::Sphere));
    let (state, _) = run(&start, 2);
    assert!(state.weights.value.norms().iter().all(|norm| (norm - 1.0).abs() < 1e-5));
    assert!(state.features.value.norms().iter().any(|norm| (norm - 1.0).abs() > 0.1));
    let linear = begin(&linear("normface(scale=8)"));
    let (state, _) = run(&linear, 2);
    let inputs = &state.network.unwrap().inputs.value;
    assert!(inputs.norms().iter().any(|norm| (norm - 1.0).abs() > 0.1), "free features beneath are free");
}

#[test]
fn rows_held_out_are_in_no_number_of_the_training() {
    let start = begin(&Experiment { batch: None, ..digits("softmax") });
    let held = start.held.as_ref().unwrap();
    // 90 % of each class: of 178 zeros 160, of 182 ones 164, …
    assert_eq!((start.problem.labels.len(), held.labels.len()), (1797 - held.rows.rows, held.rows.rows));
    let zeros = held.labels.iter().filter(|&&label| label == 0).count();
    assert_eq!(zeros, 160);
    assert_eq!(start.state.features.value.rows, start.problem.labels.len());
    assert_eq!(start.case.rows(), start.problem.labels.len());
    let judged = losslab::experiment::holdout::judge(&start, &start.state).unwrap().unwrap();
    // Before any step the guesses are no better than guesses.
    assert!(judged.accuracy.unwrap() < 0.5 && judged.loss > 1.0);
}
