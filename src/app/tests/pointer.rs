//! The mouse, and gestures.

use super::*;

/// Something else that can be done.
type Deed = Box<dyn Fn(&mut App)>;

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

/// The number of the only command, a change, and of the change that its gesture began with.
fn gesture(commands: &[Command]) -> (u64, u64) {
    match commands {
        [Command::Ask(Request::Change(number, _, began))] => (*number, *began),
        other => panic!("{other:?}"),
    }
}

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
