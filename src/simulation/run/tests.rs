use super::*;
use crate::engine::{Advance, EngineError, Evaluation, MarginsAt};
use crate::snapshot::Convergence;

/// The processor, but it gives up after so many steps, as a GPU may.
struct Mortal {
    inner: CpuEngine,
    left: usize,
}

impl Engine for Mortal {
    fn name(&self) -> &'static str {
        "gpu"
    }
    fn evaluate(&mut self, margins: MarginsAt) -> Result<Evaluation, EngineError> {
        self.inner.evaluate(margins)
    }
    fn advance(&mut self, rates: &[f64]) -> Result<Advance, EngineError> {
        self.left = self
            .left
            .checked_sub(rates.len())
            .ok_or_else(|| EngineError::Device("the device was lost".into()))?;
        self.inner.advance(rates)
    }
    fn state(&mut self) -> Result<State, EngineError> {
        self.inner.state()
    }
    fn set_state(&mut self, state: &State) -> Result<(), EngineError> {
        self.inner.set_state(state)
    }
    fn set_problem(&mut self, problem: &Problem) -> Result<(), EngineError> {
        self.inner.set_problem(problem)
    }
}

fn small() -> Experiment {
    Experiment { per_class: Some(8), ..Experiment::default() }
}

#[test]
fn four_classes_reach_their_floor_and_the_run_stops_there() {
    let mut run = Run::new(&small()).unwrap();
    run.go();
    while run.status == Status::Running && run.step() < 20_000 {
        run.advance(50);
    }
    run.read_back();
    run.analyse();
    let snapshot = run.snapshot();
    // ln(1 + 3·e^(−16/3)) = 0.014379…
    let floor = (3.0 * (-16.0_f64 / 3.0).exp()).ln_1p();
    assert!((snapshot.floor.value().unwrap() - floor).abs() < 1e-12);
    assert!(matches!(snapshot.status, Status::Converged(_)), "{:?} at {}", snapshot.status, snapshot.step);
    assert!((snapshot.loss - floor).abs() < 1e-5, "{} {floor}", snapshot.loss);
    let angle = snapshot.geometry.measured.get("min_class_angle_deg").unwrap();
    assert!((angle - 109.471).abs() < 0.5, "{angle}");
    assert!(snapshot.history.len() > 10 && snapshot.history[0].step == 0);
}

#[test]
fn where_a_run_stops_does_not_depend_on_how_its_steps_are_made() {
    let stopped = |chunk: usize| {
        let mut run = Run::new(&small()).unwrap();
        run.go();
        while run.status == Status::Running && run.step() < 20_000 {
            run.advance(chunk);
        }
        run.read_back();
        run.snapshot()
    };
    let (one, other) = (stopped(7), stopped(4096));
    assert!(matches!(one.status, Status::Converged(_)), "{:?} at {}", one.status, one.step);
    assert_eq!((one.step, &one.status, one.loss), (other.step, &other.status, other.loss));
    assert_eq!(one.points, other.points);
}

#[test]
fn the_floor_moves_with_its_knob_and_a_finished_run_goes_on() {
    let mut run = Run::new(&small()).unwrap();
    run.status = Status::Converged(Convergence::Floor);
    let mut changed = small();
    changed.objective[0].knobs.0[0] = 1.0;
    run.change(&changed).unwrap();
    // ln(1 + 3·e^(−4/3)) = 0.58266.
    assert!((run.snapshot().floor.value().unwrap() - 0.582_66).abs() < 1e-5);
    assert_eq!(run.status, Status::Running);
    let before = run.snapshot().points.clone();
    run.advance(1);
    run.read_back();
    assert_ne!(before, run.snapshot().points);
}

#[test]
fn sizes_are_refused_while_running() {
    let mut run = Run::new(&small()).unwrap();
    let error = run.change(&Experiment { dim: Some(5), ..small() }).unwrap_err();
    assert!(error.contains("restart"), "{error}");
    assert_eq!(*run.experiment, small());
}

#[test]
fn a_raw_objective_can_be_put_in_place_of_a_cosine_one_and_back() {
    let mut run = Run::new(&small()).unwrap();
    run.go();
    run.advance(20);
    let mut raw = small();
    raw.objective[0] = crate::objectives::Term {
        objective: crate::objectives::find("softmax").unwrap(),
        weight: 1.0,
        knobs: crate::objectives::Knobs::default(),
    };
    run.change(&raw).unwrap();
    run.advance(30);
    run.change(&small()).unwrap();
    run.advance(1);
    run.read_back();
    let snapshot = run.snapshot();
    assert_eq!(snapshot.step, 51);
    assert!(snapshot.points.norms().iter().all(|norm| (norm - 1.0).abs() < 1e-5), "back on the sphere");
}

#[test]
fn a_rate_beyond_all_numbers_freezes_the_last_finite_state() {
    let mut wild =
        Experiment { lr: Some(1e30), constraint: Some(crate::experiment::Constraint::None), ..small() };
    wild.objective[0] = crate::objectives::Term {
        objective: crate::objectives::find("softmax").unwrap(),
        weight: 1.0,
        knobs: crate::objectives::Knobs::default(),
    };
    let mut run = Run::new(&wild).unwrap();
    run.go();
    run.advance(100);
    run.read_back();
    let snapshot = run.snapshot();
    assert!(matches!(snapshot.status, Status::Diverged { .. }), "{:?}", snapshot.status);
    assert!(snapshot.points.is_finite());
    let stopped = run.step();
    run.go();
    run.advance(5);
    assert_eq!(run.step(), stopped, "it stays where it stopped");
}

#[test]
fn a_lost_gpu_hands_over_to_the_processor_with_one_notice() {
    let setup = setup::set_up(&small()).unwrap();
    let inner = CpuEngine::new(setup.problem.clone(), setup.state.clone(), None);
    let mut run = Run::with_engine(&small(), setup, Box::new(Mortal { inner, left: 10 }));
    run.go();
    run.advance(10);
    run.read_back();
    run.advance(1);
    run.advance(5);
    run.read_back();
    let snapshot = run.snapshot();
    assert_eq!((snapshot.engine, snapshot.step), ("cpu", 15));
    assert_eq!(snapshot.notices.len(), 1);
    assert!(snapshot.notices[0].contains("from step 10"), "{:?}", snapshot.notices);

    let mut whole = Run::new(&small()).unwrap();
    whole.go();
    whole.advance(15);
    whole.read_back();
    assert_eq!(whole.snapshot().points, snapshot.points, "moments are kept as well");
}
