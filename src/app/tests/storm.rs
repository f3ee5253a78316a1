//! Anything at all, in any order.

use rand::{Rng as _, RngExt as _, SeedableRng, rngs::StdRng};

use super::*;

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
