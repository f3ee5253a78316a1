//! The screens of a comparison, as they are drawn after a fixed number of steps of real runs on the cpu engine, and the
//! keys that steer it.
#![expect(clippy::unwrap_used, reason = "a test file: what fails here is the test")]

use std::sync::Arc;

use crossterm::event::KeyCode;
use losslab::app::{App, Command, Marks, Message, Pane};
use losslab::experiment::{EngineKind, Experiment, expression};
use losslab::simulation::Run;
use losslab::simulation::company::Company;
use losslab::snapshot::Request;
use losslab::view;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

#[path = "screens/text.rs"]
mod text;

use text::screen;

fn with(objective: &str) -> Experiment {
    Experiment {
        objective: expression::parse(objective).unwrap(),
        engine: EngineKind::Cpu,
        ..Experiment::default()
    }
}

/// The lab with runs of these objectives beside the first, after so many steps.
fn lab(objectives: &[&str], steps: usize, size: (u16, u16)) -> App {
    let (mut company, mut main) = (Company::default(), Run::new(&with(objectives[0])).unwrap());
    for (k, objective) in objectives.iter().enumerate().skip(1) {
        company.copy(&mut main, 0).unwrap();
        company.runs_mut()[k - 1].change(&with(objective)).unwrap();
    }
    company.changed(&main);
    main.advance(steps);
    company.follow(&main, steps);
    main.read_back();
    main.analyse();
    company.told(&main);
    company.runs_mut().iter_mut().for_each(Run::analyse);
    let mut app = App::new(Arc::new(Run::new(&with(objectives[0])).unwrap().snapshot()), size);
    app.spin = false;
    let mut snapshot = main.snapshot();
    snapshot.company = company.told(&main);
    app.update(Message::Snapshot(Arc::new(snapshot)));
    app
}

fn press(app: &mut App, code: KeyCode) -> Vec<Command> {
    app.update(Message::Key(code.into()))
}

fn keys(app: &mut App, keys: &str) -> Vec<Command> {
    keys.chars().flat_map(|c| press(app, KeyCode::Char(c))).collect()
}

const TWO: [&str; 2] = ["normface(scale=4)", "arcface(scale=4)"];

#[test]
fn two_runs_at_every_usual_size() {
    for size in [(60, 18), (80, 24), (120, 40), (160, 48)] {
        let app = lab(&TWO, 120, size);
        let screen = screen(&app);
        for run in 0..2 {
            let angle = app.snapshot.beside(run).geometry.measured.get("min_class_angle_deg").unwrap();
            assert!(screen.contains(&format!("{angle:.1}")), "{run}: {angle}\n{screen}");
        }
        assert!(screen.contains("scales differ"), "losses of unlike objectives are not subtracted: {screen}");
        insta::assert_snapshot!(format!("{}x{}", size.0, size.1), screen);
    }
}

#[test]
fn four_runs_at_the_smallest_and_a_large_size() {
    let four = [TWO[0], TWO[1], "supcon", "softmax"];
    for size in [(60, 18), (160, 48)] {
        let app = lab(&four, 60, size);
        let screen = screen(&app);
        assert!(["A norm", "B arc", "C sup", "D soft"].iter().all(|head| screen.contains(head)), "{screen}");
        insta::assert_snapshot!(format!("four-{}x{}", size.0, size.1), screen);
    }
}

#[test]
fn the_table_subtracts_geometry_and_only_like_losses() {
    let app = lab(&TWO, 80, (80, 24));
    let measured = |run: usize, key: &str| app.snapshot.beside(run).geometry.measured.get(key).unwrap();
    let difference = measured(1, "mean_within_angle_deg") - measured(0, "mean_within_angle_deg");
    assert!(screen(&app).contains(&format!("{difference:.1}")), "{difference} {}", screen(&app));
    let like = lab(&["normface(scale=4)", "normface(scale=4)"], 80, (80, 24));
    assert!(!screen(&like).contains("scales differ"), "{}", screen(&like));
    assert!(screen(&like).contains("one scale"));
}

#[test]
fn keys_are_about_the_run_that_has_the_focus() {
    let mut app = lab(&TWO, 20, (80, 24));
    assert_eq!((app.beside.run, app.letter()), (1, 'B'), "the copy has the focus");
    assert_eq!(app.experiment.objective[0].objective.name(), "arcface");
    keys(&mut app, "4");
    let changed = press(&mut app, KeyCode::Down).len() + press(&mut app, KeyCode::Right).len();
    assert_eq!(changed, 1);
    keys(&mut app, "a");
    assert_eq!(app.experiment.objective[0].objective.name(), "normface");
    let commands = press(&mut app, KeyCode::Right);
    assert!(matches!(commands[..], [Command::Ask(Request::Change(..))]), "{commands:?}");
    press(&mut app, KeyCode::Tab);
    let commands = press(&mut app, KeyCode::Right);
    assert!(
        matches!(&commands[..], [Command::Ask(Request::On(1, of))] if matches!(**of, Request::Change(..))),
        "{commands:?}"
    );
    assert_eq!(app.focus, Pane::Params, "changing runs leaves the pane");
    let undo = keys(&mut app, "u");
    assert!(matches!(&undo[..], [Command::Ask(Request::On(1, of))] if matches!(**of, Request::Undo(_))));
    assert!(matches!(keys(&mut app, "R")[..], [Command::Ask(Request::On(1, _))]));
    assert!(matches!(keys(&mut app, "c")[..], [Command::Ask(Request::Copy(_, 1))]));
    let asked = keys(&mut app, "S");
    assert!(matches!(asked[..], [Command::Ask(Request::Run(false)), Command::Ask(Request::Seeds(_, 5))]));
    assert!(matches!(press(&mut app, KeyCode::Delete)[..], [Command::Ask(Request::Drop(_, 1))]));
    assert!(press(&mut app, KeyCode::Esc).is_empty(), "first out of the pane");
    assert!(matches!(press(&mut app, KeyCode::Esc)[..], [Command::Ask(Request::Alone(_))]));
}

#[test]
fn equals_gives_each_run_a_camera_and_takes_it_again() {
    let mut app = lab(&TWO, 20, (80, 24));
    let shared = app.camera;
    press(&mut app, KeyCode::Left);
    assert_eq!(app.of(0).camera, app.of(1).camera);
    assert!(matches!(keys(&mut app, "=")[..], [Command::Ask(Request::Lock(false))]));
    press(&mut app, KeyCode::Left);
    assert_ne!(app.of(0).camera, app.of(1).camera);
    let of_b = app.of(1).camera;
    keys(&mut app, "a");
    assert_eq!(app.of(1).camera, of_b, "the other run keeps its own");
    press(&mut app, KeyCode::Right);
    assert_eq!(app.of(1).camera, of_b);
    assert!(matches!(keys(&mut app, "=")[..], [Command::Ask(Request::Lock(true))]));
    assert_eq!(app.of(0).camera, app.of(1).camera);
    assert_ne!(app.of(0).camera, of_b);
    assert_eq!(shared.zoom, app.camera.zoom);
}

#[test]
fn a_share_string_holds_the_run_that_has_the_focus() {
    let mut app = lab(&TWO, 20, (80, 24));
    let decoded = |app: &App| losslab::share::Share::decode(&app.share().encode().unwrap()).unwrap();
    let of_b = decoded(&app);
    assert_eq!((of_b.step, of_b.edits.len()), (20, 1));
    let again = Run::replayed(&of_b.experiment, &of_b.edits, of_b.step).unwrap();
    assert_eq!(again.snapshot().points, app.snapshot.beside(1).points, "bit by bit");
    keys(&mut app, "a");
    assert_eq!(decoded(&app).edits.len(), 0);
    keys(&mut app, "bY");
    assert!(app.said.as_ref().unwrap().text.contains("run B alone"), "{:?}", app.said);
}

#[test]
fn every_size_draws_and_ascii_is_ascii() {
    let mut app = lab(&[TWO[0], TWO[1], "softmax"], 20, (80, 24));
    for (k, (width, height)) in
        (0..=170u16).step_by(5).flat_map(|w| (0..=56u16).step_by(3).map(move |h| (w, h))).enumerate()
    {
        app.update(Message::Resize(width, height));
        app.focus = Pane::ALL[k % Pane::ALL.len()];
        app.expanded = k % 3 == 0;
        for (w, h) in [(width, height), (width / 2, height)] {
            let mut buffer = Buffer::empty(Rect::new(0, 0, w, h));
            view::draw_on(&app, &mut buffer);
        }
    }
    app.expanded = false;
    app.marks = Marks::Ascii;
    for size in [(60, 18), (160, 48)] {
        app.size = size;
        assert!(screen(&app).is_ascii(), "{}", screen(&app));
    }
}
