use crossterm::event::{KeyCode, KeyModifiers, MouseButton, MouseEventKind};
use proptest::prelude::*;

use super::*;

/// Feeds the bytes in one read, then in single bytes, demands the same answer, and gives it back after a pause.
fn read(bytes: &[u8]) -> Vec<Input> {
    let (mut whole, mut pieces) = (Vec::new(), Vec::new());
    let mut parser = Parser::default();
    parser.feed(bytes, &mut whole);
    parser.pause(&mut whole);
    assert!(!parser.is_waiting());
    for byte in bytes {
        parser.feed(&[*byte], &mut pieces);
    }
    parser.pause(&mut pieces);
    assert_eq!(whole, pieces, "cuts between reads must not matter");
    whole
}

#[test]
fn keys_as_terminals_send_them() {
    const NONE: KeyModifiers = KeyModifiers::NONE;
    const CONTROL: KeyModifiers = KeyModifiers::CONTROL;
    let table: &[(&[u8], KeyCode, KeyModifiers)] = &[
        (b"q", KeyCode::Char('q'), NONE),
        (b"Q", KeyCode::Char('Q'), KeyModifiers::SHIFT),
        ("é".as_bytes(), KeyCode::Char('é'), NONE),
        ("😀".as_bytes(), KeyCode::Char('😀'), NONE),
        (b"\r", KeyCode::Enter, NONE),
        (b"\t", KeyCode::Tab, NONE),
        (b"\x7f", KeyCode::Backspace, NONE),
        (b"\x03", KeyCode::Char('c'), CONTROL),
        (b"\x1a", KeyCode::Char('z'), CONTROL),
        (b"\x00", KeyCode::Char(' '), CONTROL),
        (b"\x1b", KeyCode::Esc, NONE),
        (b"\x1bx", KeyCode::Char('x'), KeyModifiers::ALT),
        (b"\x1b[", KeyCode::Char('['), KeyModifiers::ALT),
        (b"\x1b]", KeyCode::Char(']'), KeyModifiers::ALT),
        (b"\x1b[A", KeyCode::Up, NONE),
        (b"\x1bOD", KeyCode::Left, NONE),
        (b"\x1b[1;5C", KeyCode::Right, CONTROL),
        (b"\x1b[1;2B", KeyCode::Down, KeyModifiers::SHIFT),
        (b"\x1b[Z", KeyCode::BackTab, KeyModifiers::SHIFT),
        (b"\x1b[3~", KeyCode::Delete, NONE),
        (b"\x1b[5~", KeyCode::PageUp, NONE),
        (b"\x1bOP", KeyCode::F(1), NONE),
        (b"\x1b[[E", KeyCode::F(5), NONE),
        (b"\x1b[15~", KeyCode::F(5), NONE),
        (b"\x1b[17~", KeyCode::F(6), NONE),
        (b"\x1b[24~", KeyCode::F(12), NONE),
        (b"\x1b[97;5u", KeyCode::Char('a'), CONTROL),
        (b"\x1b[27;5;97~", KeyCode::Char('a'), CONTROL),
    ];
    for (bytes, code, modifiers) in table {
        assert_eq!(read(bytes), [key(*code, *modifiers)], "{}", bytes.escape_ascii());
    }
}

#[test]
fn mouse_reports_in_both_dialects() {
    let table: &[(&[u8], MouseEventKind)] = &[
        (b"\x1b[<0;3;5M", MouseEventKind::Down(MouseButton::Left)),
        (b"\x1b[<2;3;5m", MouseEventKind::Up(MouseButton::Right)),
        (b"\x1b[<32;3;5M", MouseEventKind::Drag(MouseButton::Left)),
        (b"\x1b[<35;3;5M", MouseEventKind::Moved),
        (b"\x1b[<64;3;5M", MouseEventKind::ScrollUp),
        (b"\x1b[M #%", MouseEventKind::Down(MouseButton::Left)),
        (b"\x1b[M##%", MouseEventKind::Up(MouseButton::Left)),
    ];
    for (bytes, kind) in table {
        let modifiers = KeyModifiers::NONE;
        let wanted = Input::Mouse(MouseEvent { kind: *kind, column: 2, row: 4, modifiers });
        assert_eq!(read(bytes), [wanted], "{}", bytes.escape_ascii());
    }
    assert_eq!(read(b"\x1b[<0;0;0M"), [], "places count from one");
}

#[test]
fn pastes_and_focus() {
    assert_eq!(read(b"\x1b[200~a\x1b[Ab\r\n\x1b[201~"), [Input::Paste("a\x1b[Ab\r\n".into())]);
    assert_eq!(read(b"\x1b[200~never ended"), [Input::Paste("never ended".into())]);
    assert_eq!(read(b"\x1b[I\x1b[O"), [Input::Focus(true), Input::Focus(false)]);
}

#[test]
fn an_overlong_paste_is_cut_and_still_ends() {
    let mut bytes = b"\x1b[200~".to_vec();
    bytes.resize(bytes.len() + LONGEST_PASTE + 1000, b'x');
    bytes.extend_from_slice(b"\x1b[201~q");
    let mut out = Vec::new();
    Parser::default().feed(&bytes, &mut out);
    let Input::Paste(text) = &out[0] else { panic!("not a paste") };
    assert_eq!(text.len(), LONGEST_PASTE);
    assert_eq!(out[1..], [key(KeyCode::Char('q'), KeyModifiers::NONE)]);
}

#[test]
fn answers_nobody_asked_for_are_swallowed_and_the_next_key_works() {
    let answers: &[&[u8]] = &[
        b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\",
        b"\x1b]11;rgb:ffff/ffff/ffff\x07",
        b"\x1bP>|XTerm(370)\x1b\\",
        b"\x1b_Gi=31;OK\x1b\\",
        b"\x1b[?62;22c",
        b"\x1b[12;40R",
        b"\x1b[?2026;2$y",
        b"\xff\xfe\xc3",
        b"\xe2\x82",
    ];
    for answer in answers {
        let wanted = [key(KeyCode::Char('q'), KeyModifiers::NONE)];
        assert_eq!(read(&[answer, &b"q"[..]].concat()), wanted, "{}", answer.escape_ascii());
    }
}

#[test]
fn an_escape_before_a_sequence_is_a_key_of_its_own() {
    let wanted = [key(KeyCode::Esc, KeyModifiers::NONE), key(KeyCode::Up, KeyModifiers::NONE)];
    assert_eq!(read(b"\x1b\x1b[A"), wanted);
}

proptest! {
    #[test]
    fn any_bytes_are_taken_and_a_pause_ends_any_state(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut out = read(&bytes);
        out.clear();
        let mut parser = Parser::default();
        parser.feed(&bytes, &mut out);
        parser.pause(&mut out);
        out.clear();
        parser.feed(b"q", &mut out);
        prop_assert_eq!(out, vec![key(KeyCode::Char('q'), KeyModifiers::NONE)]);
    }
}
