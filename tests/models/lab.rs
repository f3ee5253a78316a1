//! The lab on a network: what it shows are the outputs for the training rows.

use losslab::engine::cpu::outputs;
use losslab::experiment::{Experiment, Model, Source};
use losslab::simulation::Run;
use losslab::snapshot::{Arrows, Request};

use crate::begin;

fn digits() -> Experiment {
    Experiment {
        model: Model::Mlp { depth: 2, width: 16 },
        source: Source::Bundled("digits".into()),
        batch: Some(64),
        ..Experiment::default()
    }
}

#[test]
fn the_lab_shows_what_the_network_gives() {
    let mut run = Run::new(&digits()).unwrap();
    let start = begin(&digits());
    assert_eq!(run.snapshot().points.data, start.state.features.value.data);
    run.go();
    run.want(&Request::Forces(Arrows::Net));
    run.advance(150);
    run.read_back();
    run.analyse();
    let snapshot = run.snapshot();
    assert_eq!((snapshot.points.rows, snapshot.points.cols, snapshot.step), (1797, 3, 150));
    let (_, state) = run.material();
    assert_eq!(*snapshot.points, outputs(state.network.as_ref().unwrap()));
    assert!(snapshot.history.last().unwrap().loss < 0.6 * snapshot.history[0].loss, "it learns");
    assert!(snapshot.gradient_norm.unwrap() > 0.0);
    assert_eq!(snapshot.picture.points.len(), 1797);
    let forces = &snapshot.picture.forces;
    assert_eq!((forces.arrows.len(), forces.of, forces.step), (256, 1797, 150));
    assert!(!snapshot.picture.sphere, "outputs have lengths of their own");
}

#[test]
fn another_network_needs_a_restart_and_a_knob_does_not() {
    let mut run = Run::new(&digits()).unwrap();
    run.advance(3);
    let deeper = Experiment { model: Model::Mlp { depth: 3, width: 16 }, ..digits() };
    assert!(run.change(&deeper).unwrap_err().contains("restart"));
    let wider = Experiment { model: Model::Mlp { depth: 2, width: 17 }, ..digits() };
    assert!(run.change(&wider).unwrap_err().contains("restart"));
    let mut sharper = Experiment { weight_decay: 1e-3, ..digits() };
    sharper.objective[0].knobs.0[0] = 9.0;
    run.change(&sharper).unwrap();
    run.advance(3);
    run.read_back();
    let snapshot = run.snapshot();
    assert_eq!(snapshot.step, 6);
    assert!(snapshot.decay > 0.0, "the matrices decay");
}
