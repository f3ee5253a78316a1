use std::time::{Duration, Instant};

use super::*;
use crate::experiment::{Edit, EngineKind};
use crate::simulation::Simulation;
use crate::simulation::timeline::BUDGET;
use crate::snapshot::{Pace, Request, Status};

fn start() -> Experiment {
    Experiment { engine: EngineKind::Cpu, per_class: Some(10), ..Experiment::default() }
}

fn with(objective: &str) -> Experiment {
    Experiment { objective: expression::parse(objective).unwrap(), ..start() }
}

/// Brings everybody to where the main run is, in small stretches.
fn gather(company: &mut Company, main: &mut Run) {
    while !company.is_level(main) {
        main.travel(7);
        company.follow(main, 7);
    }
    main.read_back();
    company.runs_mut().iter_mut().for_each(Run::read_back);
}

fn go(company: &mut Company, main: &mut Run, steps: usize) {
    for _ in 0..steps {
        main.advance(1);
        company.follow(main, 1);
    }
    gather(company, main);
}

fn seek(company: &mut Company, main: &mut Run, to: To) {
    main.seek(to);
    gather(company, main);
}

fn rows(run: &Run) -> Vec<f32> {
    run.snapshot().points.data.clone()
}

/// A and B of two objectives, a copy that was changed at its start.
fn two(objective: &str) -> (Company, Run) {
    let (mut company, mut main) = (Company::default(), Run::new(&start()).unwrap());
    main.advance(40);
    company.copy(&mut main, 0).unwrap();
    gather(&mut company, &mut main);
    assert_eq!((main.step(), company.runs()[0].step()), (0, 0), "both are at the start");
    assert_eq!(rows(&main), rows(&company.runs()[0]));
    company.runs_mut()[0].change(&with(objective)).unwrap();
    (company, main)
}

#[test]
fn a_copy_changed_at_the_start_is_the_run_that_its_objective_makes_from_there() {
    let (mut company, mut main) = two("arcface(scale=4)");
    go(&mut company, &mut main, 60);
    let edits = [Edit { step: 0, experiment: with("arcface(scale=4)") }];
    let alone = Run::replayed(&start(), &edits, 60).unwrap();
    assert_eq!(rows(&company.runs()[0]), rows(&alone), "bit by bit");
    assert_eq!(rows(&main), rows(&Run::replayed(&start(), &[], 60).unwrap()), "A is as it was without B");
    assert_ne!(rows(&main), rows(&company.runs()[0]));
}

#[test]
fn rewinding_takes_all_of_them_and_the_way_back_gives_the_same_bits() {
    let (mut company, mut main) = two("cosface(scale=4)");
    company.copy(&mut main, 1).unwrap();
    gather(&mut company, &mut main);
    let mut third = with("cosface(scale=4)");
    third.lr = Some(0.3);
    company.runs_mut()[1].change(&third).unwrap();
    go(&mut company, &mut main, 90);
    let all = |company: &Company, main: &Run| -> Vec<Vec<f32>> {
        std::iter::once(main).chain(company.runs()).map(rows).collect()
    };
    let newest = all(&company, &main);
    for to in [To::By(-1), To::Step(31), To::First, To::Step(88), To::By(-50)] {
        seek(&mut company, &mut main, to);
        assert!(company.runs().iter().all(|run| run.step() == main.step()), "{to:?}");
    }
    let (at, seen) = (main.step(), all(&company, &main));
    seek(&mut company, &mut main, To::Newest);
    assert_eq!((main.step(), all(&company, &main)), (90, newest));
    seek(&mut company, &mut main, To::Step(at));
    assert_eq!(all(&company, &main), seen);
}

#[test]
fn a_change_in_the_past_of_a_copy_takes_the_place_of_what_came_after() {
    let (mut company, mut main) = two("arcface(scale=4)");
    go(&mut company, &mut main, 50);
    for (step, objective) in [(20, "cosface(scale=4)"), (0, "cosface(scale=8)"), (0, "arcface(scale=8)")] {
        seek(&mut company, &mut main, To::Step(step));
        company.runs_mut()[0].change(&with(objective)).unwrap();
        go(&mut company, &mut main, 25);
    }
    let copy = company.runs()[0].snapshot();
    assert_eq!((copy.step, copy.time.branches.len(), copy.edits.len()), (25, 1, 1));
    let edits = [Edit { step: 0, experiment: with("arcface(scale=8)") }];
    assert_eq!(rows(&company.runs()[0]), rows(&Run::replayed(&start(), &edits, 25).unwrap()));
}

#[test]
fn one_that_diverges_stays_where_it_stopped_and_comes_along_again() {
    let (mut company, mut main) = two("normface(scale=4)");
    let mut wild = with("mse");
    (wild.lr, wild.optimizer) = (Some(1e30), crate::experiment::OptimizerKind::Sgd);
    company.runs_mut()[0].change(&wild).unwrap();
    go(&mut company, &mut main, 30);
    let copy = &company.runs()[0];
    assert!(matches!(copy.status, Status::Diverged { .. }) && copy.step() < 30, "{:?}", copy.status);
    assert!(company.is_level(&main));
    seek(&mut company, &mut main, To::First);
    assert_eq!(company.runs()[0].step(), 0);
    company.runs_mut()[0].change(&start()).unwrap();
    seek(&mut company, &mut main, To::Newest);
    assert_eq!(rows(&company.runs()[0]), rows(&main), "the same settings again give the same run");
}

#[test]
fn letting_the_main_run_go_makes_the_next_one_main() {
    let (mut company, mut main) = two("arcface(scale=4)");
    go(&mut company, &mut main, 20);
    let kept = rows(&company.runs()[0]);
    let mut next = company.drop(&main, 0).unwrap().unwrap();
    assert!(company.is_empty() && company.drop(&next, 0).is_err());
    next.seek(To::Step(10));
    next.arrive();
    next.change(&start()).unwrap();
    assert_eq!(next.snapshot().time.branches.len(), 2, "it may have branches again");
    next.switch(0).unwrap();
    next.arrive();
    assert_eq!(rows(&next), kept);
}

#[test]
fn a_restart_keeps_the_objectives_and_shares_the_data() {
    let (mut company, main) = two("softmax");
    company.changed(&main);
    assert_eq!(company.kinship, Kinship::Same, "it begins at the same numbers, on the sphere or not");
    let wanted = Experiment { classes: Some(3), seed: 5, ..with("softmax") };
    let anew = company.restarted(&main.experiment, 1, &wanted).unwrap();
    let (anew, copy) = (&anew.run, &anew.company.runs()[0]);
    assert_eq!(anew.experiment.objective, start().objective);
    assert_eq!((anew.cast().classes, copy.cast().classes), (3, 3));
    assert_eq!(copy.experiment.objective, wanted.objective);
    assert_eq!((anew.experiment.seed, copy.experiment.seed), (5, 5));
    assert_eq!(company.runs()[0].cast().classes, 4, "what was there is there still");
    let one_view = Experiment { views: 1, ..with("nt-xent") };
    assert!(company.restarted(&main.experiment, 1, &one_view).is_err());
}

#[test]
fn kept_states_share_one_budget_and_five_runs_are_refused() {
    let (mut company, mut main) = two("arcface");
    company.copy(&mut main, 0).unwrap();
    company.copy(&mut main, 0).unwrap();
    let refused = company.copy(&mut main, 0).unwrap_err();
    assert!(refused.contains("4 runs"), "{refused}");
    company.share_memory(&mut main, BUDGET);
    for run in std::iter::once(&main).chain(company.runs()) {
        assert_eq!(run.snapshot().time.budget, BUDGET / 4);
    }
}

#[test]
fn seeds_count_what_the_screen_shows() {
    let (mut company, mut main) = two("arcface(scale=4)");
    assert!(company.sow(&main, 3).unwrap_err().contains("some steps"));
    go(&mut company, &mut main, 40);
    let arms = arms(&main.snapshot(), company.runs().iter().map(Run::snapshot));
    assert_eq!(arms.names(), ["normface(scale=4)", "arcface(scale=4, margin=0.5)"]);
    let own = arms.from_seed(0, &mut |_| true).unwrap().unwrap();
    assert_eq!((&own[0].points.data, &own[1].points.data), (&rows(&main), &rows(&company.runs()[0])));
    let next = arms.from_seed(1, &mut |_| true).unwrap().unwrap();
    assert_eq!(next[0].seed, 1);
    assert_ne!(next[0].last, own[0].last);
    assert_eq!(arms.from_seed(1, &mut |share| share < 0.5).map(|row| row.is_none()), Ok(true), "stopped");
    company.sow(&main, 3).unwrap();
    let deadline = Instant::now() + Duration::from_mins(1);
    while company.sower.is_some() {
        let news = company.seed_news().recv_timeout(deadline - Instant::now());
        company.hear(Some(news.unwrap()));
    }
    let seeds = company.seeds.clone().unwrap();
    assert_eq!((seeds.study.rows.len(), seeds.step, &seeds.fault), (3, 40, &None));
    let line = seeds.study.line("min_class_angle_deg", |trial| trial.last.get("min_class_angle_deg"));
    let (most, of) = line.sign(1).agreement();
    assert!(most <= 3 && of == 3, "{most} of {of}");
    company.sow(&main, 2).unwrap();
    while company.sower.is_some() {
        let news = company.seed_news().recv_timeout(deadline - Instant::now());
        company.hear(Some(news.unwrap()));
    }
    assert_eq!(company.seeds.clone().unwrap().study.rows.len(), 5, "more seeds come to those there are");
    company.runs_mut()[0].change(&start()).unwrap();
    company.changed(&main);
    assert!(company.seeds.is_none(), "what was counted was about other settings");
}

/// Waits for a snapshot that answers a request; on the way every run must be at the step of the main one, and what is
/// told of their geometry must be of one step too.
fn wait_for(simulation: &Simulation, what: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
    let begun = Instant::now();
    loop {
        let snapshot = simulation.snapshot();
        for k in 1..snapshot.runs() {
            let (main, beside) = (&*snapshot, snapshot.beside(k));
            assert_eq!(beside.step, main.step, "{:?}", main.time.journey);
            assert_eq!(beside.geometry.step, main.geometry.step, "numbers of two steps side by side");
        }
        if what(&snapshot) {
            return snapshot;
        }
        assert!(begun.elapsed() < Duration::from_secs(90), "{:?} {:?}", snapshot.status, snapshot.refusal);
        std::thread::sleep(Duration::from_millis(3));
    }
}

#[test]
fn whoever_looks_finds_all_runs_at_one_step() {
    let simulation = Simulation::start(&start()).unwrap();
    simulation.ask(Request::Pace(Pace::default().changed(4)));
    wait_for(&simulation, |s| s.step > 100);
    simulation.ask(Request::Copy(1, 0));
    let copied = wait_for(&simulation, |s| s.answered == 1 && s.runs() == 2 && s.step == 0);
    assert_eq!(copied.points, copied.beside(1).points);
    simulation.ask(Request::On(1, Box::new(Request::Change(2, Box::new(with("arcface(scale=4)")), 2))));
    simulation.ask(Request::Run(true));
    wait_for(&simulation, |s| s.step > 400);
    simulation.ask(Request::Run(false));
    let paused = wait_for(&simulation, |s| s.status == Status::Paused);
    assert_ne!(paused.points, paused.beside(1).points);
    simulation.ask(Request::Seek(3, To::Step(123)));
    wait_for(&simulation, |s| s.answered == 3 && s.step == 123);
    simulation.ask(Request::Seek(4, To::Step(paused.step)));
    let again = wait_for(&simulation, |s| s.answered == 4 && s.step == paused.step);
    assert_eq!(again.points, paused.points);
    assert_eq!(again.beside(1).points, paused.beside(1).points, "bit by bit");
    wait_for(&simulation, |s| (0..2).all(|k| s.beside(k).geometry.step == s.step));
    simulation.ask(Request::Seeds(5, 2));
    let done = |s: &Snapshot| {
        let seeds = s.company.as_ref().and_then(|company| company.seeds.clone());
        seeds.is_some_and(|seeds| !seeds.running && seeds.study.rows.len() == 2)
    };
    wait_for(&simulation, done);
    simulation.ask(Request::Alone(6));
    let alone = wait_for(&simulation, |s| s.answered == 6);
    assert_eq!((alone.runs(), alone.step), (1, paused.step));
}

#[test]
fn seeds_asked_for_in_full_swing_are_run_to_where_the_runs_stop() {
    let simulation = Simulation::start(&start()).unwrap();
    simulation.ask(Request::Pace(Pace::default().changed(4)));
    simulation.ask(Request::Copy(1, 0));
    wait_for(&simulation, |s| s.answered == 1 && s.runs() == 2);
    simulation.ask(Request::On(1, Box::new(Request::Change(2, Box::new(with("arcface(scale=4)")), 2))));
    simulation.ask(Request::Run(true));
    wait_for(&simulation, |s| s.step > 50);
    simulation.ask(Request::Run(false));
    simulation.ask(Request::Seeds(3, 1));
    let seeds_of = |s: &Snapshot| s.company.as_ref().and_then(|company| company.seeds.clone());
    let whole = |s: &Snapshot| seeds_of(s).is_some_and(|seeds| !seeds.running && seeds.study.rows.len() == 1);
    let done = wait_for(&simulation, |s| whole(s) && s.status == Status::Paused);
    assert_eq!(seeds_of(&done).map(|seeds| seeds.step), Some(done.step));
}
