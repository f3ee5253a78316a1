use std::time::{Duration, Instant};

use super::*;
use crate::experiment::{EngineKind, Experiment};
use crate::simulation::Simulation;
use crate::snapshot::{Request, Snapshot, Status, To};

fn start() -> Experiment {
    Experiment { engine: EngineKind::Cpu, per_class: Some(10), ..Experiment::default() }
}

fn run(seed: u64, steps: usize) -> Run {
    let mut run = Run::new(&Experiment { seed, ..start() }).unwrap();
    for _ in 0..steps {
        run.advance(1);
        run.read_back();
    }
    run
}

fn alone(run: Run) -> Arrangement {
    Arrangement { run, company: Company::default() }
}

#[test]
fn what_one_gesture_restarts_makes_room_once() {
    let mut shelf = Shelf::default();
    shelf.put(alone(run(0, 5)), 7);
    shelf.put(alone(run(1, 1)), 7);
    shelf.put(alone(run(2, 1)), 7);
    let back = shelf.bring_back(false, Some(alone(run(3, 2)))).unwrap();
    assert_eq!((back.run.experiment.seed, back.run.step(), shelf.has(false)), (0, 5, false));
    let again = shelf.bring_back(true, Some(back)).unwrap();
    assert_eq!((again.run.experiment.seed, again.run.step(), shelf.has(true)), (3, 2, false));
    shelf.put(alone(run(4, 1)), 7);
    assert_eq!(shelf.before.len(), 2, "after an undo the gesture is over");
    shelf.changed();
    assert!(shelf.bring_back(true, None).is_none());
}

#[test]
fn what_waits_stays_within_its_memory_and_goes_on_bit_by_bit() {
    let mut shelf = Shelf::default();
    for seed in 0..40 {
        shelf.put(alone(run(seed, 3)), seed + 1);
        assert!(shelf.before.len() <= MOST && shelf.memory() <= ALL && shelf.room() >= BUDGET / 2);
    }
    let seeds: Vec<u64> = shelf.before.iter().map(|kept| kept.run.experiment.seed).collect();
    assert_eq!(seeds, (24..40).collect::<Vec<_>>(), "the oldest went");
    let mut back = shelf.bring_back(false, None).unwrap().run;
    assert_eq!(back.status, Status::Paused);
    back.advance(4);
    back.read_back();
    assert_eq!(back.snapshot().points, run(39, 7).snapshot().points);
    back.seek(To::Step(2));
    back.arrive();
    assert_eq!(back.snapshot().points, run(39, 2).snapshot().points);
}

fn seen(simulation: &Simulation, what: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
    let began = Instant::now();
    loop {
        let snapshot = simulation.snapshot();
        if what(&snapshot) {
            return snapshot;
        }
        assert!(began.elapsed() < Duration::from_mins(5), "{:?} {}", snapshot.time.aside, snapshot.step);
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn the_thread_brings_back_what_a_restart_and_what_a_lone_run_put_aside() {
    let simulation = Simulation::start(&start()).unwrap();
    simulation.ask(Request::Run(false));
    simulation.ask(Request::Step(30));
    let other = Experiment { dim: Some(5), ..start() };
    simulation.ask(Request::Copy(1, 0));
    simulation.ask(Request::Step(9));
    let two = seen(&simulation, |now| now.answered >= 1 && now.step == 9 && now.runs() == 2);
    simulation.ask(Request::Restart(2, Box::new(other.clone()), 2));
    simulation.ask(Request::Run(false));
    let anew = seen(&simulation, |now| now.answered >= 2 && now.status == Status::Paused);
    assert_eq!((anew.points.cols, anew.runs(), anew.generation), (5, 2, two.generation + 1));
    let aside = anew.time.aside[0].clone().unwrap();
    assert_eq!((aside.step, aside.runs, aside.branches), (9, 2, 0));
    simulation.ask(Request::Replace(3, Box::new(start()), 3));
    simulation.ask(Request::Run(false));
    seen(&simulation, |now| now.answered >= 3 && now.runs() == 1);
    simulation.ask(Request::Undo(4));
    simulation.ask(Request::On(1, Box::new(Request::Undo(5))));
    let back = seen(&simulation, |now| now.answered >= 5);
    assert_eq!((back.step, back.runs(), &back.refusal), (9, 2, &None));
    assert_eq!((&back.points, &back.beside(1).points), (&two.points, &two.beside(1).points));
    assert!(back.time.aside[0].is_none() && back.time.aside[1].is_some());
    simulation.ask(Request::Undo(6));
    let none = seen(&simulation, |now| now.answered >= 6);
    assert!(none.refusal.as_ref().is_some_and(|why| why.contains("nothing to undo")), "{:?}", none.refusal);
    simulation.ask(Request::Redo(7));
    let again = seen(&simulation, |now| now.answered >= 7);
    assert_eq!((again.points.cols, again.runs()), (5, 2));
    // A replay begins without what was before it.
    simulation.ask(Request::Afresh);
    seen(&simulation, |now| now.time.aside == [None, None]);
}
