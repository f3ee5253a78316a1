//! Numbers that are typed.

use super::*;

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
fn a_sign_or_a_point_typed_right_before_a_digit_belongs_to_the_number() {
    let pace = |commands: &[Command]| {
        commands.iter().find_map(|command| match command {
            Command::Ask(Request::Pace(pace)) => Some(*pace),
            _ => None,
        })
    };
    for (typed, wanted) in [("-3", "-3"), (".5", ".5"), ("--3", "-3")] {
        let mut app = app();
        press(&mut app, KeyCode::Char('4'));
        press(&mut app, KeyCode::Down);
        let before = app.snapshot.pace;
        let mut last = Vec::new();
        for c in typed.chars() {
            last = press(&mut app, KeyCode::Char(c));
        }
        assert_eq!(app.entry.as_ref().map(Number::text), Some(wanted), "{typed}");
        assert_eq!(pace(&last), Some(before), "slower was not meant");
    }
    // A scale cannot be negative: that is said, and nothing is set.
    let mut app = app();
    for key in [KeyCode::Char('4'), KeyCode::Down, KeyCode::Char('-'), KeyCode::Char('3'), KeyCode::Enter] {
        press(&mut app, key);
    }
    assert!(app.said.as_ref().is_some_and(|said| said.wrong), "{:?}", app.said);
    assert_eq!(app.experiment, *app.snapshot.experiment);
    // Who slows down and types a number a while later means both, and so does who does something else between.
    for between in [Message::Rest, Message::Key(KeyCode::Up.into())] {
        let mut app = self::app();
        for key in [KeyCode::Char('4'), KeyCode::Down, KeyCode::Down] {
            press(&mut app, key);
        }
        assert!(pace(&press(&mut app, KeyCode::Char('-'))).is_some());
        app.update(between);
        assert_eq!(pace(&press(&mut app, KeyCode::Char('3'))), None);
        assert_eq!(app.entry.as_ref().map(Number::text), Some("3"));
    }
}

#[test]
fn a_number_that_the_palette_finds_is_typed_at_once() {
    let mut app = app();
    press(&mut app, KeyCode::Char(':'));
    type_in(&mut app, "batch");
    let at = list::entries(&app, "batch").iter().position(|entry| matches!(entry, list::Entry::Set(_)));
    for _ in 0..at.unwrap() {
        press(&mut app, KeyCode::Down);
    }
    press(&mut app, KeyCode::Enter);
    assert!(app.entry.as_ref().is_some_and(Number::is_selected), "{:?}", app.entry);
    for key in ['c', '1', '6'] {
        press(&mut app, KeyCode::Char(key));
    }
    assert!(!app.compares());
    assert_eq!(changed(&press(&mut app, KeyCode::Enter)).batch, Some(16));
}
