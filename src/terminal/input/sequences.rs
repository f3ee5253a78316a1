//! The finished control sequences a terminal sends, and what each means. Unknown ones mean nothing.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::Input;

fn key(code: KeyCode, modifiers: KeyModifiers) -> Input {
    Input::Key(KeyEvent::new(code, modifiers))
}

/// `ESC O final`: cursor and function keys in application mode.
pub(super) fn single(last: u8) -> Option<Input> {
    let code = match last {
        b'M' => KeyCode::Enter,
        _ => letter(last)?,
    };
    Some(key(code, KeyModifiers::NONE))
}

/// `ESC [ parameters final`.
pub(super) fn control(parameters: &[u8], last: u8) -> Option<Input> {
    if let (Some(report), b'M' | b'm') = (parameters.strip_prefix(b"<"), last) {
        return mouse(&numbers(report)?, last == b'm');
    }
    if last == b'I' || last == b'O' {
        return parameters.is_empty().then_some(Input::Focus(last == b'I'));
    }
    let numbers = numbers(parameters)?;
    let first = numbers.first().copied().unwrap_or(0);
    let held = modifiers(numbers.get(1).copied().unwrap_or(1));
    let (code, held) = match last {
        b'Z' => (KeyCode::BackTab, held | KeyModifiers::SHIFT),
        b'u' => (code_point(first)?, held),
        b'~' if first == 27 => (code_point(*numbers.get(2)?)?, held),
        b'~' => (numbered(first)?, held),
        // A cursor position report also ends in R; F3 with a modifier always begins with 1.
        b'R' if first > 1 => return None,
        _ => (letter(last)?, held),
    };
    Some(key(code, held))
}

fn letter(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'H' => KeyCode::Home,
        b'F' => KeyCode::End,
        b'P'..=b'S' => KeyCode::F(last - b'P' + 1),
        _ => return None,
    })
}

fn numbered(number: u32) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F(number as u8 - 10),
        17..=21 => KeyCode::F(number as u8 - 11),
        23..=24 => KeyCode::F(number as u8 - 12),
        _ => return None,
    })
}

fn code_point(number: u32) -> Option<KeyCode> {
    Some(match number {
        9 => KeyCode::Tab,
        13 => KeyCode::Enter,
        27 => KeyCode::Esc,
        127 => KeyCode::Backspace,
        _ => KeyCode::Char(char::from_u32(number).filter(|c| !c.is_control())?),
    })
}

/// xterm's modifier parameter: one more than a bit set of shift, alt, control.
fn modifiers(parameter: u32) -> KeyModifiers {
    let bits = parameter.saturating_sub(1);
    let mut held = KeyModifiers::NONE;
    held.set(KeyModifiers::SHIFT, bits & 1 != 0);
    held.set(KeyModifiers::ALT, bits & 2 != 0);
    held.set(KeyModifiers::CONTROL, bits & 4 != 0);
    held
}

fn numbers(parameters: &[u8]) -> Option<Vec<u32>> {
    let text = std::str::from_utf8(parameters).ok()?;
    if text.is_empty() {
        return Some(Vec::new());
    }
    // Sub-parameters after a colon (event types, alternate keys) are not needed.
    text.split(';')
        .map(|part| match part.split(':').next().unwrap_or_default() {
            "" => Some(0),
            number => number.parse().ok(),
        })
        .collect()
}

/// `ESC [ M` and three bytes, each 32 too large: terminals that know no SGR reports.
pub(super) fn old_mouse(bytes: &[u8]) -> Option<Input> {
    let [buttons, x, y] = bytes else { return None };
    let buttons = u32::from(buttons.checked_sub(32)?);
    let report = [buttons, u32::from(x.checked_sub(32)?), u32::from(y.checked_sub(32)?)];
    mouse(&report, buttons & 3 == 3 && buttons & 0x60 == 0)
}

fn mouse(report: &[u32], released: bool) -> Option<Input> {
    let [buttons, x, y] = report else { return None };
    let button = match buttons & 3 {
        0 => Some(MouseButton::Left),
        1 => Some(MouseButton::Middle),
        2 => Some(MouseButton::Right),
        _ => None,
    };
    let kind = match (buttons & 0xe0, button) {
        (0x00, button) if released => MouseEventKind::Up(button.unwrap_or(MouseButton::Left)),
        (0x00, Some(button)) => MouseEventKind::Down(button),
        (0x20, Some(button)) => MouseEventKind::Drag(button),
        (0x20, None) => MouseEventKind::Moved,
        (0x40, _) => match buttons & 3 {
            0 => MouseEventKind::ScrollUp,
            1 => MouseEventKind::ScrollDown,
            2 => MouseEventKind::ScrollLeft,
            _ => MouseEventKind::ScrollRight,
        },
        _ => return None,
    };
    let mut modifiers = KeyModifiers::NONE;
    modifiers.set(KeyModifiers::SHIFT, buttons & 4 != 0);
    modifiers.set(KeyModifiers::ALT, buttons & 8 != 0);
    modifiers.set(KeyModifiers::CONTROL, buttons & 16 != 0);
    let from_one = |place: u32| u16::try_from(place.checked_sub(1)?).ok();
    Some(Input::Mouse(MouseEvent { kind, column: from_one(*x)?, row: from_one(*y)?, modifiers }))
}
