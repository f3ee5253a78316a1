use crossterm::event::{KeyCode, KeyModifiers, MouseButton, MouseEventKind};
use rand::{Rng as _, RngExt as _, SeedableRng, rngs::StdRng};

use super::keys::Action;
use super::*;
use crate::snapshot::Status;

fn app() -> App {
    // `app` may not know the simulation; its tests may.
    let run = crate::simulation::Run::new(&Experiment::default()).unwrap();
    App::new(Arc::new(run.snapshot()), (80, 24))
}

#[test]
fn while_a_number_is_typed_letters_do_nothing_and_other_keys_leave_it_for_their_own() {
    let mut app = app();
    press(&mut app, KeyCode::Char('4'));
    press(&mut app, KeyCode::Down);
    press(&mut app, KeyCode::Char('8'));
    for letter in ['q', 'b', 'c', 'R', 'v'] {
        assert_eq!(press(&mut app, KeyCode::Char(letter)), [], "{letter}");
        assert_eq!(app.entry.as_ref().map(Number::text), Some("8"), "{letter}");
        assert!(
            app.said.as_ref().is_some_and(|said| said.wrong && said.text.starts_with(letter)),
            "{letter}"
        );
    }
    for (digits, key) in [("", '?'), ("1.5e", '?'), ("2-", ':')] {
        digits.chars().for_each(|c| drop(press(&mut app, KeyCode::Char(c))));
        assert!(app.entry.is_some(), "{digits}");
        press(&mut app, KeyCode::Char(key));
        assert_eq!(app.entry, None, "{digits}{key}");
        assert!(app.overlay.take().is_some(), "{key} does what it does elsewhere");
    }
}

#[test]
fn a_first_digit_replaces_the_value_that_enter_opened() {
    let dims = |app: &App| app.rows().iter().position(|row| row.name == "dimensions").unwrap();
    for (typed, wanted) in [("7", "7"), (".5", ".5"), ("-", "-3"), ("e1", "3e1"), ("", "3")] {
        let mut app = app();
        press(&mut app, KeyCode::Char('4'));
        app.row = dims(&app);
        press(&mut app, KeyCode::Enter);
        assert!(app.entry.as_ref().unwrap().is_selected());
        typed.chars().for_each(|c| drop(press(&mut app, KeyCode::Char(c))));
        assert_eq!(app.entry.as_ref().map(Number::text), Some(wanted), "{typed}");
    }
    let mut app = app();
    press(&mut app, KeyCode::Char('4'));
    app.row = dims(&app);
    for key in [KeyCode::Enter, KeyCode::Char('1'), KeyCode::Backspace, KeyCode::Char('6')] {
        press(&mut app, key);
    }
    assert_eq!(changed(&press(&mut app, KeyCode::Enter)).dim, Some(6));
}

#[test]
fn while_a_number_is_typed_the_footer_has_its_keys_and_they_are_clicked() {
    let left = MouseEventKind::Down(MouseButton::Left);
    for (label, typed, set) in [
        ("sets the number", None, true),
        ("leaves it as it was", None, false),
        ("takes a digit back", Some("8"), false),
    ] {
        let mut app = app();
        for key in [KeyCode::Char('4'), KeyCode::Down, KeyCode::Char('8'), KeyCode::Char('5')] {
            press(&mut app, key);
        }
        let cells = places::footer(&app, 80);
        assert_eq!(cells.len(), 3);
        let (from, ..) = cells.iter().find(|(.., entry)| entry.label == label).unwrap();
        let commands = mouse(&mut app, left, from + 1, 23);
        assert_eq!((app.entry.as_ref().map(Number::text), !commands.is_empty()), (typed, set), "{label}");
    }
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

#[test]
fn the_help_ends_with_its_last_screenful() {
    let mut app = app();
    press(&mut app, KeyCode::Char('?'));
    press(&mut app, KeyCode::End);
    let Some(Overlay::Help(last)) = app.overlay else { panic!("the help is open") };
    press(&mut app, KeyCode::Down);
    assert!(
        matches!(app.overlay, Some(Overlay::Help(line)) if line == last && last > 50),
        "{:?}",
        app.overlay
    );
    press(&mut app, KeyCode::Up);
    assert!(matches!(app.overlay, Some(Overlay::Help(line)) if line + 1 == last), "{:?}", app.overlay);
    press(&mut app, KeyCode::Home);
    assert!(matches!(app.overlay, Some(Overlay::Help(0))));
    // Of 24 lines five are above, below and around the text, and the last one inside tells the keys.
    press(&mut app, KeyCode::PageDown);
    assert!(matches!(app.overlay, Some(Overlay::Help(18))), "{:?}", app.overlay);
    press(&mut app, KeyCode::Char(':'));
    assert!(matches!(app.overlay, Some(Overlay::Palette(_))), "{:?}", app.overlay);
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
fn a_typed_number_is_exact_and_a_wrong_one_is_explained() {
    let mut app = app();
    press(&mut app, KeyCode::Char('4'));
    press(&mut app, KeyCode::Down);
    type_in(&mut app, "12.625");
    let commands = press(&mut app, KeyCode::Enter);
    assert!(matches!(commands[..], [Command::Ask(Request::Change(1, _, 1))]), "live: {commands:?}");
    assert_eq!(changed(&commands).objective[0].knobs.exact(0), 12.625);
    type_in(&mut app, "0");
    assert_eq!(press(&mut app, KeyCode::Enter), []);
    let said = app.said.clone().unwrap();
    assert!(said.wrong && said.text == "scale is a finite number above 0, not 0", "{said:?}");
    assert_eq!(app.experiment.objective[0].knobs.exact(0), 12.625);
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
fn the_picker_finds_by_letters_and_keeps_knobs_of_the_same_name() {
    let mut app = app();
    press(&mut app, KeyCode::Char('o'));
    type_in(&mut app, "cosf");
    let commands = press(&mut app, KeyCode::Enter);
    let term = &changed(&commands).objective[0];
    assert_eq!((term.objective.name(), term.knobs.exact(0)), ("cosface", 4.0));
    press(&mut app, KeyCode::Char('o'));
    type_in(&mut app, "arcfase");
    assert_eq!(press(&mut app, KeyCode::Enter), []);
    assert!(app.said.as_ref().unwrap().text.contains("did you mean arcface?"));
    assert!(app.overlay.is_some(), "the text stays, to be mended");
}

#[test]
fn an_objective_of_views_brings_two_of_them() {
    let mut app = app();
    press(&mut app, KeyCode::Char('o'));
    type_in(&mut app, "nt-xent");
    let commands = press(&mut app, KeyCode::Enter);
    assert!(matches!(commands[..], [Command::Ask(Request::Restart(..))]));
    assert_eq!(changed(&commands).views, 2);
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
fn the_palette_does_what_the_key_does() {
    let mut app = app();
    press(&mut app, KeyCode::Char(':'));
    type_in(&mut app, "export");
    press(&mut app, KeyCode::Enter);
    assert_eq!(app.overlay, Some(Overlay::Export(0)));
}

#[test]
fn a_hidden_pane_comes_up_by_its_number() {
    let mut app = app();
    press(&mut app, KeyCode::Char('6'));
    assert!(app.layout().unwrap().area(Pane::Gram).is_some());
    assert_eq!(app.focus, Pane::Gram);
}

#[test]
fn dragging_turns_and_a_click_picks() {
    let mut app = app();
    let at =
        |kind, column, row| Message::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE });
    let before = app.camera;
    let (x, y, _) = app.sight().unwrap().place(app.snapshot.picture.points[7]);
    app.update(at(MouseEventKind::Down(MouseButton::Left), x as u16, y as u16));
    assert!(app.picked.is_some());
    app.update(at(MouseEventKind::Drag(MouseButton::Left), x as u16 + 5, y as u16));
    assert!((app.camera.yaw - before.yaw - 0.2).abs() < 1e-5);
    assert_eq!(app.picked, None, "who drags does not pick");
    app.update(at(MouseEventKind::Up(MouseButton::Left), 0, 0));
    app.update(at(MouseEventKind::Drag(MouseButton::Left), 40, 1));
    app.update(at(MouseEventKind::Down(MouseButton::Left), 79, 23));
    assert!((app.camera.yaw - before.yaw - 0.2).abs() < 1e-5);
}

#[test]
fn the_picker_takes_an_expression_and_names_what_is_wrong_in_one() {
    let mut app = app();
    press(&mut app, KeyCode::Char('o'));
    type_in(&mut app, "softmax + 0.1*opl(gamma=0.5)");
    let commands = press(&mut app, KeyCode::Enter);
    let terms = &changed(&commands).objective;
    assert_eq!(
        (terms[0].objective.name(), terms[1].objective.name(), terms[1].weight),
        ("softmax", "opl", 0.1)
    );
    assert!(app.overlay.is_none());
    press(&mut app, KeyCode::Char('o'));
    type_in(&mut app, "softmax + 0.1*opl(gama=0.5)");
    assert_eq!(press(&mut app, KeyCode::Enter), []);
    assert!(app.said.as_ref().unwrap().text.contains("did you mean gamma"), "{:?}", app.said);
    assert!(app.overlay.is_some(), "the text stays, to be mended");
}

#[test]
fn the_palette_finds_losses_and_knobs_too() {
    let mut app = app();
    press(&mut app, KeyCode::Char(':'));
    type_in(&mut app, "cosface");
    assert_eq!(changed(&press(&mut app, KeyCode::Enter)).objective[0].objective.name(), "cosface");
    press(&mut app, KeyCode::Char(':'));
    type_in(&mut app, "momentum");
    // Momentum belongs to SGD; the row of the rate is always there.
    press(&mut app, KeyCode::Esc);
    press(&mut app, KeyCode::Char(':'));
    type_in(&mut app, "point decay");
    assert_eq!(press(&mut app, KeyCode::Enter), []);
    assert_eq!((app.focus, app.rows()[app.row].name.as_str()), (Pane::Params, "point decay"));
}

#[test]
fn the_palette_finds_projections_exports_and_themes_and_leaves_out_what_means_nothing_here() {
    let first = |app: &mut App, text: &str| {
        press(app, KeyCode::Char(':'));
        type_in(app, text);
        press(app, KeyCode::Enter)
    };
    let mut app = app();
    assert_eq!(first(&mut app, "pca"), [Command::Ask(Request::Project(0))]);
    assert_eq!(first(&mut app, "svg"), [Command::Export(Export::Svg)]);
    assert_eq!(first(&mut app, "save png"), [Command::Export(Export::Png)]);
    assert_eq!((first(&mut app, "theme light"), app.look.theme), (Vec::new(), look::Theme::Light));
    app.colours = Colours::Mono;
    first(&mut app, "theme dark");
    assert_eq!(app.look.theme, look::Theme::Light);
    assert!(app.said.as_ref().is_some_and(|said| said.wrong), "{:?}", app.said);
    let offers = |app: &App, wanted| {
        list::entries(app, "")
            .iter()
            .any(|entry| matches!(entry, list::Entry::Do(row) if row.action == wanted))
    };
    assert!(offers(&app, Action::Compare) && offers(&app, Action::Export));
    assert!(!offers(&app, Action::Seeds) && !offers(&app, Action::SkipPage));
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
fn the_footer_and_lists_are_clicked() {
    let mut app = app();
    let left = MouseEventKind::Down(MouseButton::Left);
    let cells = places::footer(&app, 80);
    let (from, ..) = cells.iter().find(|(.., entry)| entry.label == "run/pause").unwrap();
    assert_eq!(mouse(&mut app, left, from + 1, 23), [Command::Ask(Request::Run(true))]);
    press(&mut app, KeyCode::Char('o'));
    let inner = places::inside(places::panel((80, 24), 100));
    let third = list::objectives("")[2].name();
    let commands = mouse(&mut app, left, inner.x + 4, inner.y + 3);
    assert_eq!(changed(&commands).objective[0].objective.name(), third);
    press(&mut app, KeyCode::Char('?'));
    mouse(&mut app, left, 0, 0);
    assert!(app.overlay.is_none(), "a click beside it closes an overlay");
}

#[test]
fn a_slider_is_dragged() {
    let mut app = app();
    let area = places::inside(app.layout().unwrap().area(Pane::Params).unwrap());
    let (_, room) = places::params(area, app.rows().len(), 0)[1];
    let slider = places::slider(room, &app.rows()[1]).unwrap();
    let commands =
        mouse(&mut app, MouseEventKind::Down(MouseButton::Left), slider.x + slider.width - 1, slider.y);
    assert_eq!(changed(&commands).objective[0].knobs.exact(0), 64.0);
    let commands = mouse(&mut app, MouseEventKind::Drag(MouseButton::Left), slider.x, slider.y + 3);
    assert_eq!(changed(&commands).objective[0].knobs.exact(0), 1.0);
    mouse(&mut app, MouseEventKind::Up(MouseButton::Left), slider.x, slider.y);
    assert_eq!(mouse(&mut app, MouseEventKind::Drag(MouseButton::Left), slider.x + 2, slider.y), []);
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

/// The number of the only command, a change, and of the change that its gesture began with.
fn gesture(commands: &[Command]) -> (u64, u64) {
    match commands {
        [Command::Ask(Request::Change(number, _, began))] => (*number, *began),
        other => panic!("{other:?}"),
    }
}

/// Something else that can be done.
type Deed = Box<dyn Fn(&mut App)>;

#[test]
fn a_knob_that_is_turned_on_is_one_gesture_until_anything_else_is_done() {
    let mut app = app();
    press(&mut app, KeyCode::Char('4'));
    press(&mut app, KeyCode::Down);
    assert_eq!(gesture(&press(&mut app, KeyCode::Right)), (1, 1));
    assert_eq!(gesture(&press(&mut app, KeyCode::Right)), (2, 1));
    app.update(Message::Snapshot(app.snapshot.clone()));
    app.update(Message::Frame);
    let moved = MouseEventKind::Moved;
    mouse(&mut app, moved, 3, 3);
    assert_eq!(gesture(&press(&mut app, KeyCode::Left)), (3, 1));
    let mut began = 1;
    let mut others: Vec<Deed> = vec![
        Box::new(|app| _ = app.update(Message::Rest)),
        Box::new(|app| _ = app.update(Message::Paste("7".into()))),
        Box::new(|app| _ = mouse(app, MouseEventKind::ScrollDown, 3, 3)),
        Box::new(|app| [KeyCode::Down, KeyCode::Up].into_iter().for_each(|key| _ = press(app, key))),
    ];
    for key in [KeyCode::Char(' '), KeyCode::Char('.'), KeyCode::Char(','), KeyCode::Char('u'), KeyCode::F(9)]
    {
        others.push(Box::new(move |app| _ = press(app, key)));
    }
    for other in others {
        other(&mut app);
        let (number, new) = gesture(&press(&mut app, KeyCode::Right));
        assert!(new == number && new > began, "{new} {number} {began}");
        began = new;
        assert_eq!(gesture(&press(&mut app, KeyCode::Right)), (number + 1, began));
    }
    press(&mut app, KeyCode::Down);
    let (number, new) = gesture(&press(&mut app, KeyCode::Right));
    assert_eq!(number, new, "another row is another gesture");
}

#[test]
fn a_slider_that_is_held_is_one_gesture() {
    let mut app = app();
    let area = places::inside(app.layout().unwrap().area(Pane::Params).unwrap());
    let (_, room) = places::params(area, app.rows().len(), 0)[1];
    let slider = places::slider(room, &app.rows()[1]).unwrap();
    let (down, drag) = (MouseEventKind::Down(MouseButton::Left), MouseEventKind::Drag(MouseButton::Left));
    assert_eq!(gesture(&mouse(&mut app, down, slider.x + 3, slider.y)), (1, 1));
    app.update(Message::Rest);
    assert_eq!(gesture(&mouse(&mut app, drag, slider.x + 2, slider.y)), (2, 1));
    assert_eq!(gesture(&mouse(&mut app, drag, slider.x + 1, slider.y)), (3, 1));
    mouse(&mut app, MouseEventKind::Up(MouseButton::Left), slider.x, slider.y);
    assert_eq!(gesture(&mouse(&mut app, down, slider.x + 2, slider.y)), (4, 4));
}

#[test]
fn a_right_click_reads_the_charts_at_a_step() {
    let mut app = app();
    let mut snapshot = (*app.snapshot).clone();
    let sample = |step| crate::snapshot::Sample { step, loss: 1.0 / (step + 1) as f64, floor: Some(0.0) };
    snapshot.history = Arc::new((0..=100).map(sample).collect());
    app.update(Message::Snapshot(Arc::new(snapshot)));
    let area = places::inside(app.layout().unwrap().area(Pane::Loss).unwrap());
    mouse(&mut app, MouseEventKind::Down(MouseButton::Right), area.x, area.y + 1);
    assert_eq!(app.inspected, Some(0));
    mouse(&mut app, MouseEventKind::Down(MouseButton::Right), area.x + area.width / 2, area.y + 1);
    let step = app.inspected.unwrap();
    assert!((45..=55).contains(&step), "{step}");
    assert!(app.said.as_ref().unwrap().text.starts_with(&format!("at step {step}: loss")));
    mouse(&mut app, MouseEventKind::Down(MouseButton::Right), 2, 5);
    assert_eq!(app.inspected, None);
}

#[test]
fn a_million_random_messages_do_no_harm() {
    for seed in 0..4 {
        println!("seed {seed}");
        storm(seed, 250_000);
    }
}

fn storm(seed: u64, messages: u32) {
    let mut app = app();
    let mut rng = StdRng::seed_from_u64(seed);
    let codes = [
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::Enter,
        KeyCode::Esc,
        KeyCode::Tab,
        KeyCode::BackTab,
        KeyCode::Backspace,
        KeyCode::PageDown,
        KeyCode::F(1),
        KeyCode::Null,
    ];
    let (mut answered, mut asked) = (0, 0);
    for _ in 0..messages {
        let message = match rng.random_range(0..20) {
            0 => Message::Resize(rng.next_u32() as u16 % 300, rng.next_u32() as u16 % 100),
            1 => Message::Paste("ab\u{1b}[31m\n1e9".into()),
            2 => Message::Frame,
            3 => {
                let mut snapshot = (*app.snapshot).clone();
                answered = answered.max(app.asked);
                snapshot.answered = answered;
                snapshot.experiment = Arc::new(app.experiment.clone());
                let others = rng.random_range(0..6usize).min(3);
                let other = Arc::new(Snapshot { company: None, ..snapshot.clone() });
                snapshot.company = (others > 0).then(|| {
                    Arc::new(crate::snapshot::Company {
                        others: vec![other; others],
                        kinship: crate::comparison::Kinship::Same,
                        locked: rng.random_bool(0.5),
                        gathering: rng.random_bool(0.1).then_some((3, 9)),
                        seeds: None,
                    })
                });
                snapshot.status =
                    if rng.random_bool(0.5) { Status::Running } else { Status::Failed("broken".into()) };
                Message::Snapshot(Arc::new(snapshot))
            }
            4 | 5 => Message::Mouse(MouseEvent {
                kind: [
                    MouseEventKind::Down(MouseButton::Left),
                    MouseEventKind::Down(MouseButton::Right),
                    MouseEventKind::Drag(MouseButton::Left),
                    MouseEventKind::Up(MouseButton::Left),
                    MouseEventKind::ScrollUp,
                    MouseEventKind::ScrollDown,
                    MouseEventKind::Moved,
                ][rng.random_range(0..7)],
                column: if rng.random_bool(0.9) { rng.random_range(0..200) } else { rng.next_u32() as u16 },
                row: rng.random_range(0..60),
                modifiers: KeyModifiers::NONE,
            }),
            6..=8 => Message::Key(KeyEvent::new(codes[rng.random_range(0..codes.len())], KeyModifiers::NONE)),
            9 => Message::Key(KeyEvent::new(KeyCode::Char('ß'), KeyModifiers::CONTROL)),
            _ => Message::Key(KeyEvent::new(
                KeyCode::Char(char::from(rng.random_range(32..127u8))),
                KeyModifiers::NONE,
            )),
        };
        for command in app.update(message) {
            asked += usize::from(matches!(command, Command::Ask(_)));
        }
        let layout = app.layout();
        assert!(layout.is_none() || app.row < app.rows().len());
        assert!(app.beside.run < app.snapshot.runs());
        assert!(app.camera.yaw.is_finite() && app.camera.zoom > 0.0);
    }
    assert!(asked > 1000, "the messages did something: {asked}");
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
