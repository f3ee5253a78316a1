//! The screen's state, by the messages that come to it.

mod lists;
mod pointer;
mod storm;
mod typed;

use crossterm::event::{KeyCode, KeyModifiers, MouseButton, MouseEventKind};

use super::keys::Action;
use super::*;
use crate::snapshot::Status;

fn app() -> App {
    // `app` may not know the simulation; its tests may.
    let run = crate::simulation::Run::new(&Experiment::default()).unwrap();
    App::new(Arc::new(run.snapshot()), (80, 24))
}

#[test]
fn a_complaint_goes_with_the_next_key_and_what_is_said_stays() {
    let mut app = app();
    press(&mut app, KeyCode::Char('u'));
    app.wrong("this cannot be");
    press(&mut app, KeyCode::Char('2'));
    assert_eq!(app.said, None);
    app.say("this was done");
    press(&mut app, KeyCode::Char('3'));
    assert!(app.said.is_some());
    // Esc takes a complaint away as one layer: the focus stays where it is.
    app.wrong("this cannot be");
    press(&mut app, KeyCode::Esc);
    assert_eq!((app.said.take(), app.focus), (None, Pane::Angles));
}

fn press(app: &mut App, code: KeyCode) -> Vec<Command> {
    app.update(Message::Key(KeyEvent::new(code, KeyModifiers::NONE)))
}

fn type_in(app: &mut App, text: &str) {
    for c in text.chars() {
        press(app, KeyCode::Char(c));
    }
}

/// The experiment of the only command, which asks for a change.
fn changed(commands: &[Command]) -> &Experiment {
    match commands {
        [Command::Ask(Request::Change(_, experiment, _) | Request::Restart(_, experiment, _))] => experiment,
        other => panic!("{other:?}"),
    }
}

#[test]
fn space_pauses_what_runs_and_runs_what_is_paused() {
    let mut app = app();
    assert_eq!(press(&mut app, KeyCode::Char(' ')), [Command::Ask(Request::Run(true))]);
    let mut snapshot = (*app.snapshot).clone();
    snapshot.status = Status::Running;
    app.update(Message::Snapshot(Arc::new(snapshot)));
    assert_eq!(press(&mut app, KeyCode::Char(' ')), [Command::Ask(Request::Run(false))]);
}

#[test]
fn a_row_of_sizes_restarts() {
    let mut app = app();
    press(&mut app, KeyCode::Char('4'));
    let classes = app.rows().iter().position(|row| row.setting == settings::Setting::Classes).unwrap();
    for _ in 0..classes {
        press(&mut app, KeyCode::Down);
    }
    let commands = press(&mut app, KeyCode::Right);
    assert!(matches!(commands[..], [Command::Ask(Request::Restart(1, _, 1))]));
    assert_eq!(changed(&commands).classes, Some(5));
    assert!(app.waits());
}

#[test]
fn a_refused_change_is_taken_back_and_said() {
    let mut app = app();
    press(&mut app, KeyCode::Char('D'));
    assert_eq!(app.experiment.seed, 1);
    let mut snapshot = (*app.snapshot).clone();
    snapshot.answered = 1;
    snapshot.refusal = Some("this cannot start".into());
    app.update(Message::Snapshot(Arc::new(snapshot)));
    assert_eq!(app.experiment.seed, 0);
    assert_eq!(app.said.as_ref().unwrap().text, "this cannot start");
    assert!(!app.waits());
}

#[test]
fn escape_climbs_and_never_quits() {
    let mut app = app();
    for key in ['n', 'e', '?'] {
        press(&mut app, KeyCode::Char(key));
    }
    assert!(app.overlay.is_some() && app.expanded && app.picked == Some(0));
    for _ in 0..20 {
        let commands = press(&mut app, KeyCode::Esc);
        let let_go = |command: &Command| *command == Command::Ask(Request::Inspect(None));
        assert!(commands.iter().all(let_go), "{commands:?}");
    }
    assert!(app.overlay.is_none() && !app.expanded && app.picked.is_none());
    assert_eq!(press(&mut app, KeyCode::Char('q')), [Command::Quit(false)]);
    assert_eq!(press(&mut app, KeyCode::Char('Q')), [Command::Quit(true)]);
}

#[test]
fn a_hidden_pane_comes_up_by_its_number() {
    let mut app = app();
    press(&mut app, KeyCode::Char('6'));
    assert!(app.layout().unwrap().area(Pane::Gram).is_some());
    assert_eq!(app.focus, Pane::Gram);
}

#[test]
fn the_batch_is_a_row_that_changes_live_and_nought_is_all_of_them() {
    let mut app = app();
    press(&mut app, KeyCode::Char('4'));
    app.row = app.rows().iter().position(|row| row.name == "batch").unwrap();
    assert_eq!((app.rows()[app.row].text.as_str(), app.rows()[app.row].live), ("all", true));
    for (typed, wanted) in [("20", Some(20)), ("0", None)] {
        typed.chars().for_each(|c| drop(press(&mut app, KeyCode::Char(c))));
        press(&mut app, KeyCode::Enter);
        assert_eq!(app.experiment.batch, wanted);
    }
}

fn mouse(app: &mut App, kind: MouseEventKind, column: u16, row: u16) -> Vec<Command> {
    app.update(Message::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }))
}

#[test]
fn what_could_not_be_written_is_listed_with_its_reason() {
    let mut app = app();
    assert!(app.warnings().is_empty());
    for (what, why) in [("GIF", "nothing was written into /x: no"), ("recording", "the disk is full")] {
        app.update(Message::Unwritten(Unwritten { what, why: why.into() }));
        let said = app.said.clone().unwrap();
        assert!(said.wrong && said.text == format!("{why} (w lists it)"), "{said:?}");
    }
    assert_eq!(
        app.warnings(),
        ["GIF, at step 0: nothing was written into /x: no", "recording, at step 0: the disk is full"]
    );
    for k in 0..40 {
        app.update(Message::Unwritten(Unwritten { what: "PNG", why: format!("reason {k}") }));
    }
    assert_eq!(app.warnings().last().unwrap(), "PNG, at step 0: reason 39");
    assert_eq!(app.warnings().len(), 20);
}

#[test]
fn time_has_its_keys_and_the_line_is_scrubbed_with_the_mouse() {
    use crate::snapshot::To;
    let mut app = app();
    let mut snapshot = (*app.snapshot).clone();
    (snapshot.step, snapshot.time.newest) = (400, 1000);
    app.update(Message::Snapshot(Arc::new(snapshot)));
    let sought = |commands: Vec<Command>| match commands[..] {
        [Command::Ask(Request::Seek(_, to))] => to,
        _ => panic!("{commands:?}"),
    };
    for (key, to) in [
        (KeyCode::Char(','), To::By(-1)),
        (KeyCode::Char('<'), To::By(-50)),
        (KeyCode::Home, To::First),
        (KeyCode::End, To::Newest),
    ] {
        assert_eq!(sought(press(&mut app, key)), to);
    }
    press(&mut app, KeyCode::Char('8'));
    assert_eq!(sought(press(&mut app, KeyCode::Left)), To::By(-20));
    let line = app.layout().unwrap().time;
    let (first, columns) = time::track(line, 1000);
    let at = |kind, column| {
        Message::Mouse(MouseEvent { kind, column, row: line.y, modifiers: KeyModifiers::NONE })
    };
    let click = app.update(at(MouseEventKind::Down(MouseButton::Left), first));
    assert_eq!(sought(click), To::Step(0));
    let drag = app.update(at(MouseEventKind::Drag(MouseButton::Left), first + columns - 1));
    assert_eq!(sought(drag), To::Step(1000));
    app.update(at(MouseEventKind::Up(MouseButton::Left), first));
    let redo = app.update(Message::Key(KeyEvent::new(KeyCode::Char('r'), KeyModifiers::CONTROL)));
    assert!(matches!(redo[..], [Command::Ask(Request::Redo(_))]));
    assert!(matches!(press(&mut app, KeyCode::Char('u'))[..], [Command::Ask(Request::Undo(_))]));
    assert!(matches!(press(&mut app, KeyCode::Char('b'))[..], [Command::Ask(Request::Branch(_))]));
    press(&mut app, KeyCode::Char('B'));
    assert_eq!(app.overlay, Some(Overlay::Branches(0)));
    assert!(matches!(press(&mut app, KeyCode::Enter)[..], [Command::Ask(Request::Switch(_, 0))]));
}

#[test]
fn what_is_asked_about_follows_what_is_picked() {
    use crate::snapshot::Arrows;
    let mut app = app();
    assert_eq!(press(&mut app, KeyCode::Char('i')), [Command::Ask(Request::Inspect(Some(0)))]);
    assert_eq!(app.overlay, Some(Overlay::Inspector(0)));
    assert_eq!(press(&mut app, KeyCode::Char('n')), [Command::Ask(Request::Inspect(Some(1)))]);
    assert_eq!(press(&mut app, KeyCode::Char('.')), [Command::Ask(Request::Step(1))], "it stays open");
    assert_eq!(press(&mut app, KeyCode::Char('f')), [Command::Ask(Request::Forces(Arrows::Net))]);
    press(&mut app, KeyCode::Down);
    assert_eq!(app.overlay, Some(Overlay::Inspector(1)));
    assert_eq!(press(&mut app, KeyCode::Char('i')), []);
    assert_eq!((&app.overlay, app.picked), (&None, Some(1)));
    let (x, y, _) = app.sight().unwrap().place(app.snapshot.picture.points[7]);
    let commands = mouse(&mut app, MouseEventKind::Down(MouseButton::Left), x as u16, y as u16);
    assert_eq!(commands, [Command::Ask(Request::Inspect(app.picked))], "a click asks too");
    press(&mut app, KeyCode::Char('R'));
    assert_eq!(app.picked, None);
    let laws = press(&mut app, KeyCode::Char('a'));
    assert_eq!(laws, [Command::Ask(Request::Laws(vec!["normface", "cosface", "arcface"]))]);
    assert_eq!((app.focus, app.second), (Pane::Law, Pane::Law));
    assert_eq!(press(&mut app, KeyCode::Char('a')), [Command::Ask(Request::Laws(Vec::new()))]);
}
