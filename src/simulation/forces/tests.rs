use super::*;
use crate::experiment::{Experiment, Model, expression};
use crate::optimizer::{Method, normalise};
use crate::simulation::Run;
use crate::simulation::setup::{brief, set_up};
use crate::snapshot::{Request, To};

/// The start of an experiment on plain steps, to be asked about.
fn study(text: &str, decay: f64, asked: Asked) -> Study {
    let mut objective = expression::parse(text).unwrap();
    expression::resolve(&mut objective, 4);
    let views = if ["nt-xent", "cacr"].contains(&text) { 2 } else { 1 };
    let experiment =
        Experiment { objective, per_class: Some(6), views, weight_decay: decay, ..Experiment::default() };
    let mut setup = set_up(&experiment).unwrap();
    setup.problem.method = Method::Sgd { momentum: 0.0 };
    let brief = Arc::new(brief(&experiment, &setup));
    Study { brief, state: Arc::new(setup.state.clone()), cast: setup.cast.clone(), asked }
}

fn known(studied: &Studied) -> &Inspected {
    match &studied.inspection {
        Inspection::Known(inspected) => inspected,
        other => panic!("{other:?}"),
    }
}

/// The state after a plain step.
fn stepped(study: &Study, rate: f64) -> State {
    let mut engine = CpuEngine::new(study.brief.problem.clone(), (*study.state).clone(), Some(1));
    engine.advance(&[rate]).unwrap();
    engine.state().unwrap()
}

/// Whether rate/N times an arrow takes a row where a step took it.
fn takes(from: &[f32], along: &[f32], to: &[f32], rate: f64, sphere: bool) -> bool {
    let mut want: Vec<f32> = from.iter().zip(along).map(|(x, f)| x + rate as f32 * f).collect();
    if sphere {
        normalise(&mut want);
    }
    want.iter().zip(to).all(|(w, t)| (w - t).abs() < 3e-6 * (1.0 + t.abs()))
}

#[test]
fn the_parts_of_the_inspector_add_up_to_the_step_of_every_objective() {
    let names = crate::objectives::OBJECTIVES.iter().map(|objective| objective.name().to_owned());
    for text in names.chain(["arcface(margin=0.4) + 0.5*uniformity".to_owned()]) {
        let decay = if text == "softmax" { 0.02 } else { 0.0 };
        let study = study(&text, decay, Asked { arrows: Arrows::Net, inspected: Some(3) });
        let studied = study.make();
        let inspected = known(&studied);
        let sum = inspected.sum();
        assert!((sum - inspected.net).abs() <= 1e-5 * inspected.net.max(1e-6), "{text}: {sum}");
        let (n, rate) = (inspected.rows, 0.01);
        assert_eq!(studied.arrows.len(), n, "{text}: an arrow a row");
        let after = stepped(&study, rate);
        let of = |state: &State, row: usize| state.features.value.row(row).to_vec();
        for (k, (row, ..)) in studied.arrows.iter().enumerate() {
            let row = row.unwrap() as usize;
            let along: Vec<f32> = studied.along.row(k).iter().map(|x| x / n as f32).collect();
            let (from, to) = (of(&study.state, row), of(&after, row));
            assert!(takes(&from, &along, &to, rate, study.brief.problem.sphere), "{text} row {row}");
        }
        let arrow = length(studied.along.row(3));
        assert!((arrow - inspected.net).abs() <= 1e-4 * arrow.max(1e-6), "{text}: {arrow}");
        // Along the sphere and along the radius are at right angles and together the push.
        let whole = inspected.sphere.hypot(inspected.radius);
        assert!(whole + 1e-6 >= inspected.net * (1.0 - 1e-5), "{text}: {whole} {}", inspected.net);
    }
}

#[test]
fn a_fan_adds_up_to_the_net_arrow_and_weights_move_by_theirs() {
    let fan = study("cosface(scale=4)", 0.0, Asked { arrows: Arrows::ByClass, inspected: None }).make();
    let study_of = |arrows| study("cosface(scale=4)", 0.0, Asked { arrows, inspected: None });
    let net = study_of(Arrows::Net).make();
    for (k, (row, ..)) in net.arrows.iter().enumerate() {
        let of_row = fan.arrows.iter().enumerate().filter(|(_, (of, ..))| of == row);
        let mut sum = vec![0.0f32; fan.along.cols];
        let mut classes = Vec::new();
        for (at, (_, class, pushes)) in of_row {
            let own = row.map(|row| study_of(Arrows::Net).cast.labels[row as usize]);
            assert_eq!(*pushes, Some(*class) != own, "the own class pulls, the others push");
            classes.push(*class);
            sum.iter_mut().zip(fan.along.row(at)).for_each(|(s, x)| *s += x);
        }
        classes.sort_unstable();
        assert_eq!(classes, [0, 1, 2, 3], "each class pulls or pushes");
        let gap = sum.iter().zip(net.along.row(k)).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(gap < 1e-5, "{row:?}: {gap}");
    }
    let study = study_of(Arrows::Weights);
    let (studied, rate) = (study.make(), 0.01);
    let after = stepped(&study, rate);
    assert_eq!(studied.arrows.len(), 4);
    for (k, (row, class, _)) in studied.arrows.iter().enumerate() {
        let along: Vec<f32> = studied.along.row(k).iter().map(|x| x / 24.0).collect();
        let (from, to) = (&study.state.weights.value, &after.weights.value);
        let class = *class as usize;
        assert!(row.is_none() && takes(from.row(class), &along, to.row(class), rate, true), "{class}");
    }
}

#[test]
fn the_radius_is_dropped_on_the_sphere_and_kept_off_it() {
    let asked = Asked { arrows: Arrows::Off, inspected: Some(0) };
    let sphere = study("normface(scale=4)", 0.0, asked).make();
    let on = known(&sphere);
    assert!(on.radius.abs() > 1e-2 && on.kept_radius.abs() < 1e-5, "{on:?}");
    assert!((on.sphere - on.net).abs() < 1e-4 * on.net);
    let free = study("softmax", 0.0, asked).make();
    let off = known(&free);
    assert!((off.radius - off.kept_radius).abs() < 1e-5 && off.radius.abs() > 1e-4, "{off:?}");
    assert!((off.sphere.hypot(off.radius) - off.net).abs() < 1e-4 * off.net);
    // The loss of a row is −ln p(own), and the rank of the largest is 1.
    let (loss, rank) = on.loss.unwrap();
    assert!((loss + on.p_own.unwrap().ln()).abs() < 1e-5);
    assert!((1..=24).contains(&rank));
    assert!(matches!(
        study("softmax", 0.0, Asked { inspected: Some(24), ..asked }).make().inspection,
        Inspection::Refused(_)
    ));
}

#[test]
fn outputs_of_a_network_are_told_as_outputs() {
    let experiment = Experiment {
        objective: expression::parse("normface(scale=4)").unwrap(),
        model: Model::Linear { depth: 2 },
        ..Experiment::default()
    };
    let mut run = Run::new(&experiment).unwrap();
    run.advance(5);
    run.want(&Request::Inspect(Some(7)));
    run.want(&Request::Forces(Arrows::Net));
    run.read_back();
    run.analyse();
    let snapshot = run.snapshot();
    let inspected = snapshot.inspection.of(Some(7)).unwrap();
    assert!(inspected.network && inspected.net > 0.0);
    // The force on an output is minus the gradient with respect to it.
    let (problem, state) = run.material();
    let mut engine = CpuEngine::new(problem, state, Some(1));
    let gradient = engine.pulls(&[7], MarginsAt::Step(5)).rows.remove(0).net();
    let want = length(&gradient) * inspected.rows as f64;
    assert!((want - inspected.net).abs() < 1e-5 * want, "{want} {}", inspected.net);
}

#[test]
fn a_state_gone_back_to_has_its_own_forces() {
    let mut run = Run::new(&Experiment::default()).unwrap();
    run.want(&Request::Inspect(Some(5)));
    let mut seen = Vec::new();
    for _ in 0..4 {
        run.read_back();
        seen.push(run.snapshot().inspection);
        run.advance(10);
    }
    run.read_back();
    run.seek(To::Step(20));
    run.arrive();
    let back = run.snapshot().inspection;
    assert_eq!(back.of(Some(5)).unwrap().step, 20);
    assert_eq!(back, seen[2]);
    assert_ne!(back, seen[3]);
    // An edit at the same step makes other forces there.
    let mut edited = Experiment::default();
    edited.objective[0].knobs.0[0] = 9.0;
    run.change(&edited).unwrap();
    let after = run.snapshot().inspection;
    assert!(after.of(Some(5)).unwrap().step == 20 && after != back);
}

#[test]
fn what_takes_long_is_left_to_the_analyst_and_thinned() {
    let objective = expression::parse("supcon").unwrap();
    let experiment = Experiment { objective, per_class: Some(400), ..Experiment::default() };
    let mut run = Run::new(&experiment).unwrap();
    run.want(&Request::Inspect(Some(801)));
    run.want(&Request::Forces(Arrows::Net));
    run.read_back();
    assert_eq!(run.snapshot().inspection, Inspection::Coming, "not with the steps");
    assert!(run.snapshot().picture.forces.arrows.is_empty() && !run.is_analysed());
    run.analyse();
    let snapshot = run.snapshot();
    let forces = &snapshot.picture.forces;
    assert!(run.is_analysed() && snapshot.inspection.of(Some(801)).is_some());
    assert_eq!((forces.shown, forces.of), (MOST_ARROWS + 1, 1600), "the picked one besides");
    assert!(forces.arrows.iter().any(|arrow| arrow.row == Some(801)));
}
