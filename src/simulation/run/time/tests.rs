use super::*;
use crate::experiment::expression;
use crate::simulation::timeline::keyframes::Keyframes;

fn of(objective: &str) -> Experiment {
    Experiment {
        objective: expression::parse(objective).unwrap(),
        per_class: Some(8),
        seed: 3,
        engine: crate::experiment::EngineKind::Cpu,
        ..Experiment::default()
    }
}

fn to(run: &mut Run, place: To) {
    run.seek(place);
    run.arrive();
}

/// Makes so many steps, keeping states on the way as frames do.
fn live(run: &mut Run, steps: u64) {
    for _ in 0..steps {
        run.advance(1);
        run.read_back();
    }
}

fn here(run: &Run) -> State {
    (*run.state).clone()
}

/// Batches, random margins, momentum, views, networks, a schedule: whatever a step may depend on.
fn all_kinds() -> Vec<Experiment> {
    let momentum = crate::experiment::OptimizerKind::Sgd;
    let schedule = Some(crate::optimizer::Schedule::Cosine);
    vec![
        of("normface(scale=4)"),
        Experiment { batch: Some(7), ..of("elastic-arcface(margin=0.3, sigma=0.05)") },
        Experiment { batch: Some(5), optimizer: momentum, schedule, steps: 100, ..of("supcon") },
        Experiment { weight_decay: 0.01, optimizer: momentum, lr: Some(0.1), ..of("softmax") },
        Experiment { model: crate::experiment::Model::Linear { depth: 3 }, ..of("softmax") },
        Experiment {
            model: crate::experiment::Model::Mlp { depth: 1, width: 8 },
            source: crate::experiment::Source::Bundled("digits".into()),
            per_class: None,
            batch: Some(32),
            ..of("softmax")
        },
    ]
}

#[test]
fn what_was_there_is_there_again_bit_by_bit() {
    for start in all_kinds() {
        let mut run = Run::new(&start).unwrap();
        let mut seen = vec![here(&run)];
        for _ in 0..40 {
            run.advance(1);
            run.fetch();
            seen.push(here(&run));
        }
        // Only the start is kept, so everything is run again.
        assert!(run.timeline.keyframes().len() <= 2);
        for step in [39, 3, 17, 0, 31, 40, 1] {
            to(&mut run, To::Step(step));
            assert_eq!(
                here(&run),
                seen[step as usize],
                "{:?} at {step}",
                start.objective[0].objective.name()
            );
        }
        // With states kept on the way as well, and on past the newest step.
        to(&mut run, To::Newest);
        live(&mut run, 10);
        let newest = here(&run);
        to(&mut run, To::Step(44));
        to(&mut run, To::By(6));
        assert_eq!((here(&run), run.step), (newest, 50));
        assert_eq!(run.snapshot().time.newest, 50);
    }
}

/// A run with edits at 10 (twice: the second counts), 20 (another objective, off the sphere) and 30 (back on it).
fn edited() -> (Run, Vec<State>) {
    let start = Experiment { batch: Some(6), ..of("elastic-arcface(margin=0.3, sigma=0.05)") };
    let mut run = Run::new(&start).unwrap();
    let mut seen = vec![here(&run)];
    for step in 0..40 {
        let change = |run: &mut Run, objective: &str| {
            let objective = expression::parse(objective).unwrap();
            run.change(&Experiment { objective, ..(*run.experiment).clone() }).unwrap();
        };
        match step {
            10 => {
                change(&mut run, "softmax");
                change(&mut run, "elastic-arcface(margin=0.5, sigma=0.1)");
            }
            20 => change(&mut run, "softmax"),
            25 => run.change(&Experiment { lr: Some(0.02), ..(*run.experiment).clone() }).unwrap(),
            30 => change(&mut run, "normface(scale=2)"),
            _ => {}
        }
        run.fetch();
        seen[step] = here(&run);
        run.advance(1);
        run.fetch();
        seen.push(here(&run));
    }
    (run, seen)
}

#[test]
fn edits_are_met_again_on_the_way() {
    let (mut run, seen) = edited();
    let steps: Vec<u64> = run.snapshot().edits.iter().map(|edit| edit.step).collect();
    assert_eq!(steps, [10, 20, 25, 30]);
    for step in [40, 9, 35, 10, 11, 0, 24, 25, 20, 30, 40] {
        to(&mut run, To::Step(step));
        assert_eq!(here(&run), seen[step as usize], "at {step}");
    }
    assert!(seen[22].bias.is_some(), "softmax has a bias here, and keeps it under another rate");
    assert!(seen[27].bias.is_some());
    to(&mut run, To::Step(22));
    assert_eq!(run.experiment.objective[0].objective.name(), "softmax");
    // Running on from the past, not only looking: the same line, the same edits.
    run.go();
    run.advance(18);
    run.fetch();
    assert_eq!(here(&run), seen[40]);
    assert_eq!(run.snapshot().time.branches.len(), 1);
}

#[test]
fn a_run_is_its_start_and_its_edits() {
    let (run, seen) = edited();
    let told = run.snapshot();
    for step in [0, 10, 23, 40] {
        let again = Run::replayed(&told.start, &told.edits, step).unwrap();
        assert_eq!(here(&again), seen[step as usize], "at {step}");
        let replay = Replay { start: (*told.start).clone(), edits: (*told.edits).clone(), step };
        let mut again = Run::replaying(&replay).unwrap();
        again.arrive();
        assert_eq!((here(&again), again.step), (seen[step as usize].clone(), step));
        assert_eq!(again.experiment.objective, again.settings().experiment.objective);
    }
    let wrong = [Edit { step: 5, experiment: Experiment { dim: Some(9), ..(*told.start).clone() } }];
    let error = Run::replayed(&told.start, &wrong, 10).err().unwrap();
    assert!(error.starts_with("the edit at step 5: "), "{error}");
}

#[test]
fn a_change_in_the_past_makes_a_branch_and_the_old_line_stays() {
    let mut run = Run::new(&of("normface(scale=4)")).unwrap();
    run.go();
    live(&mut run, 30);
    let old = here(&run);
    let old_curve = run.snapshot().history.clone();
    to(&mut run, To::Step(12));
    assert!(run.snapshot().time.is_rewound(12));
    assert_eq!(
        run.snapshot().history.last().unwrap().step,
        old_curve.last().unwrap().step,
        "it is still there"
    );
    let louder = of("normface(scale=9)");
    run.change(&louder).unwrap();
    live(&mut run, 8);
    let new = here(&run);
    let told = run.snapshot();
    assert_eq!((told.time.here().unwrap().name.as_str(), told.time.newest, told.edits.len()), ("b1", 20, 1));
    assert_eq!(told.time.branches[1].parent, Some((0, 12)));
    assert_eq!(
        told.time.branches[0].curve.first(),
        told.history.first(),
        "they have their beginning in common"
    );
    // What the branch does is what a run with that edit does.
    let straight = Run::replayed(&told.start, &told.edits, 20).unwrap();
    assert_eq!(here(&straight), new);
    run.switch(0).unwrap();
    run.arrive();
    assert_eq!((here(&run), run.experiment.objective[0].knobs.exact(0)), (old, 4.0));
    assert_eq!(run.snapshot().edits.len(), 0);
    run.switch(1).unwrap();
    run.arrive();
    assert_eq!((here(&run), &*run.experiment), (new, &louder));
    // Into the common past and back, through states of the parent.
    to(&mut run, To::Step(5));
    to(&mut run, To::Newest);
    assert_eq!(run.step, 20);
    assert!(run.forget(1).is_err() && run.forget(0).is_err());
    run.switch(0).unwrap();
    run.forget(1).unwrap();
    assert_eq!(run.snapshot().time.branches.len(), 1);
}

#[test]
fn several_changes_at_one_step_count_as_the_last() {
    let mut run = Run::new(&of("normface(scale=4)")).unwrap();
    live(&mut run, 5);
    let before = here(&run);
    run.change(&of("softmax")).unwrap();
    run.change(&of("normface(scale=5)")).unwrap();
    assert_eq!(run.snapshot().edits.len(), 1);
    run.change(&of("normface(scale=4)")).unwrap();
    assert_eq!((run.snapshot().edits.len(), here(&run)), (0, before), "as if nothing had been");
}

#[test]
fn undo_and_redo_go_through_changes_and_follow_a_journey() {
    let scale = |run: &Run| run.experiment.objective[0].knobs.exact(0);
    let mut run = Run::new(&of("normface(scale=4)")).unwrap();
    assert!(run.undo(9, false).unwrap_err().contains("nothing to undo"));
    for (k, louder) in ["normface(scale=5)", "normface(scale=6)", "normface(scale=7)"].iter().enumerate() {
        live(&mut run, 5);
        run.change(&of(louder)).unwrap();
        assert_eq!(run.step, 5 * (k as u64 + 1));
    }
    run.undo(9, false).unwrap();
    run.undo(9, false).unwrap();
    assert_eq!(scale(&run), 5.0);
    run.undo(9, true).unwrap();
    assert_eq!(scale(&run), 6.0);
    run.undo(9, true).unwrap();
    assert!(run.undo(9, true).is_err());
    live(&mut run, 5);
    to(&mut run, To::Step(7));
    assert_eq!(scale(&run), 5.0);
    run.undo(9, false).unwrap();
    assert_eq!((scale(&run), run.snapshot().time.branches.len()), (4.0, 2), "in the past it makes a branch");
}

#[test]
fn a_knob_turned_notch_by_notch_is_taken_back_at_once_and_keeps_its_edits() {
    let scale = |run: &Run| run.experiment.objective[0].knobs.exact(0);
    let turned = |run: &mut Run, to: u64, gesture| {
        live(run, 5);
        run.turn(&of(&format!("normface(scale={to})")), gesture).unwrap();
    };
    let mut run = Run::new(&of("normface(scale=4)")).unwrap();
    // Two gestures of three notches each, one of a single one between them.
    (5..8).for_each(|to| turned(&mut run, to, 1));
    turned(&mut run, 2, 4);
    (10..13).for_each(|to| turned(&mut run, to, 5));
    let told = run.snapshot();
    assert_eq!(told.edits.iter().map(|edit| edit.step).collect::<Vec<_>>(), [5, 10, 15, 20, 25, 30, 35]);
    let again = Run::replayed(&told.start, &told.edits, 35).unwrap();
    assert_eq!(here(&again), here(&run), "what is kept is every notch at its step");
    let back = |run: &mut Run, redo| {
        run.undo(9, redo).unwrap();
        scale(run)
    };
    assert_eq!([(); 3].map(|()| back(&mut run, false)), [2.0, 7.0, 4.0]);
    assert!(run.undo(9, false).is_err());
    assert_eq!([(); 3].map(|()| back(&mut run, true)), [7.0, 2.0, 12.0]);
    assert!(run.undo(9, true).is_err());
    // The same after a journey, and on the way to where it was left.
    to(&mut run, To::Step(20));
    assert_eq!([(); 2].map(|()| back(&mut run, false)), [7.0, 4.0]);
    run.switch(0).unwrap();
    run.arrive();
    to(&mut run, To::Step(7));
    to(&mut run, To::Step(32));
    assert_eq!([(); 3].map(|()| back(&mut run, false)), [2.0, 7.0, 4.0]);
}

#[test]
fn of_a_gesture_that_came_back_to_where_it_began_nothing_is_taken_back() {
    let of = |scale: u64| of(&format!("normface(scale={scale})"));
    let mut run = Run::new(&of(4)).unwrap();
    run.turn(&of(9), 1).unwrap();
    for scale in [8, 7, 8, 9] {
        live(&mut run, 5);
        run.turn(&of(scale), 2).unwrap();
    }
    assert_eq!(run.snapshot().time.undo.as_deref(), Some(&of(4)));
    live(&mut run, 5);
    run.turn(&of(10), 2).unwrap();
    assert_eq!(run.snapshot().time.undo.as_deref(), Some(&of(9)));
    // A recording begins with the edits alone, each for itself.
    run.afresh();
    let undone = |run: &mut Run| {
        run.undo(9, false).unwrap();
        run.experiment.objective[0].knobs.exact(0)
    };
    assert_eq!([(); 3].map(|()| undone(&mut run)), [9.0, 8.0, 7.0]);
}

#[test]
fn what_was_taken_back_stays_so_after_a_journey_and_undo_is_of_the_line_one_is_on() {
    let of = |scale: u64| of(&format!("normface(scale={scale})"));
    let back = |run: &Run| {
        let time = run.snapshot().time;
        [time.undo, time.redo].map(|e| e.map(|e| e.objective[0].knobs.exact(0)))
    };
    let mut run = Run::new(&of(4)).unwrap();
    live(&mut run, 5);
    run.change(&of(5)).unwrap();
    live(&mut run, 5);
    run.undo(1, false).unwrap();
    live(&mut run, 5);
    assert_eq!((back(&run), run.snapshot().edits.len()), ([None, Some(5.0)], 2));
    to(&mut run, To::Step(12));
    assert_eq!(back(&run), [None, Some(5.0)], "an undo is not undone");
    assert!(run.undo(2, false).unwrap_err().contains("every change up to here is taken back"));
    to(&mut run, To::Step(3));
    assert_eq!(back(&run), [None, None]);
    assert!(run.undo(3, false).unwrap_err().contains("no knob was changed"));
    // On the way there it is met too.
    run.go();
    run.advance(9);
    assert_eq!((run.step, back(&run)), (12, [None, Some(5.0)]));
    // A branch from between has that change and its own.
    to(&mut run, To::Step(7));
    run.change(&of(9)).unwrap();
    live(&mut run, 3);
    run.switch(0).unwrap();
    run.arrive();
    assert_eq!(back(&run), [None, Some(5.0)]);
    run.switch(1).unwrap();
    run.arrive();
    assert_eq!(back(&run), [Some(5.0), None]);
    run.undo(4, false).unwrap();
    assert_eq!((back(&run), run.snapshot().time.branch), ([Some(4.0), Some(9.0)], 1));
    // A recording begins with the edits alone, each for itself.
    run.switch(0).unwrap();
    run.arrive();
    run.afresh();
    assert_eq!(back(&run), [Some(5.0), None]);
}

#[test]
fn a_journey_can_be_turned_round_and_a_stopped_run_goes_back() {
    let mut run = Run::new(&of("normface(scale=4)")).unwrap();
    run.advance(500);
    run.seek(To::Step(400));
    assert!(run.travel(50) && run.is_travelling());
    assert_eq!(run.snapshot().time.journey, Some((500, 400)));
    run.seek(To::By(-100));
    assert_eq!(run.journey, Some((500, 300)));
    assert_eq!(run.step, 50, "what was made on the way is not made again");
    run.arrive();
    assert_eq!(run.step, 300);
    run.status = Status::Diverged { step: 300, term: None, why: None };
    run.seek(To::By(1));
    assert!(!run.is_travelling() && matches!(run.status, Status::Diverged { .. }));
    run.seek(To::First);
    assert_eq!((run.step, run.status.clone()), (0, Status::Paused));
}

#[test]
fn a_small_budget_only_costs_time() {
    let mut run = Run::new(&of("normface(scale=4)")).unwrap();
    run.timeline.frames = Keyframes::new(20_000);
    let start = run.state.clone();
    run.timeline.keep(&start);
    let mut seen = vec![here(&run)];
    for _ in 0..200 {
        live(&mut run, 1);
        seen.push(here(&run));
    }
    let time = run.snapshot().time;
    assert!(time.used <= time.budget && time.keyframes.len() < 30, "{time:?}");
    for step in [150, 7, 199, 64] {
        to(&mut run, To::Step(step));
        assert_eq!(here(&run), seen[step as usize]);
    }
}

#[test]
fn the_thread_travels_and_answers_while_it_does() {
    use crate::simulation::Simulation;
    let simulation = Simulation::start(&of("normface(scale=4)")).unwrap();
    let until = |what: &str, holds: &dyn Fn(&crate::snapshot::Snapshot) -> bool| {
        let begun = std::time::Instant::now();
        while !holds(&simulation.snapshot()) {
            assert!(begun.elapsed() < std::time::Duration::from_mins(1), "{what}");
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
    };
    until("it runs", &|s| s.step > 20);
    simulation.ask(Request::Seek(1, To::Step(10)));
    until("it is back", &|s| s.answered == 1 && s.step == 10 && s.time.journey.is_none());
    let (points, newest) = (simulation.snapshot().points.clone(), simulation.snapshot().time.newest);
    simulation.ask(Request::Step(30_000));
    simulation.ask(Request::Seek(2, To::First));
    until("a far journey is given up", &|s| s.answered == 2 && s.step == 0);
    simulation.ask(Request::Seek(3, To::Step(10)));
    until("it is there again", &|s| s.step == 10 && s.time.journey.is_none());
    assert_eq!(simulation.snapshot().points, points);
    assert!(simulation.snapshot().time.newest >= newest);
    simulation.ask(Request::Change(4, Box::new(of("normface(scale=8)")), 4));
    until("a branch", &|s| s.answered == 4 && s.time.branches.len() == 2 && s.time.newest == 10);
}
