//! Bytes from the keyboard side of the terminal, turned into crossterm's event types. No reading, no threads here.
//!
//! crossterm's own reader is not used, since it blocks inside half a sequence, spins when the terminal goes away,
//! and types the tail of an unknown reply as keys. This parser swallows what it does not know, and
//! [`Parser::pause`] ends whatever was left half-finished.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseEvent};

mod sequences;

/// Longest paste that is handed over, in bytes; the rest of a longer one is dropped.
const LONGEST_PASTE: usize = 4 << 20;
/// Longest control sequence that is understood; a longer one is swallowed.
const LONGEST_SEQUENCE: usize = 64;
const PASTE_END: &[u8] = b"\x1b[201~";

/// One thing the user did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Input {
    Key(KeyEvent),
    Mouse(MouseEvent),
    Paste(String),
    Focus(bool),
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Ground,
    /// After ESC.
    Escape,
    /// After ESC [, with the bytes since.
    Control(Vec<u8>),
    /// After ESC [ M: the three bytes of an old-style mouse report.
    OldMouse(Vec<u8>),
    /// After ESC [ [, which the Linux console sends before A–E for F1–F5.
    Console,
    /// After ESC O.
    Single,
    /// Inside a string that a terminal sends as an answer; its opening byte, and whether ESC came last.
    Answer(u8, bool),
    /// Inside a bracketed paste.
    Paste(Vec<u8>),
    /// A started UTF-8 character, and whether ALT was held.
    Character(Vec<u8>, KeyModifiers),
}

/// Turns bytes into [`Input`]s, across any cuts between reads.
#[derive(Debug, Default)]
pub(super) struct Parser {
    state: State,
}

impl Parser {
    /// Takes in bytes and appends what they mean to `out`.
    pub(super) fn feed(&mut self, bytes: &[u8], out: &mut Vec<Input>) {
        for byte in bytes {
            self.state = step(std::mem::take(&mut self.state), *byte, out);
        }
    }

    /// Whether a started sequence waits for its rest.
    pub(super) fn is_waiting(&self) -> bool {
        !matches!(self.state, State::Ground)
    }

    /// Whether the wait is for the end of a paste, which may be slow in coming.
    pub(super) fn is_pasting(&self) -> bool {
        matches!(self.state, State::Paste(_))
    }

    /// Nothing came for a while: a lone ESC is the Esc key, `ESC [` is Alt-[, and anything longer is dropped.
    pub(super) fn pause(&mut self, out: &mut Vec<Input>) {
        match std::mem::take(&mut self.state) {
            State::Escape => out.push(key(KeyCode::Esc, KeyModifiers::NONE)),
            State::Control(bytes) if bytes.is_empty() => out.push(key(KeyCode::Char('['), KeyModifiers::ALT)),
            State::Single => out.push(key(KeyCode::Char('O'), KeyModifiers::ALT | KeyModifiers::SHIFT)),
            State::Answer(opening, false) => {
                let shift =
                    if opening.is_ascii_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
                out.push(key(KeyCode::Char(char::from(opening)), KeyModifiers::ALT | shift));
            }
            State::Paste(bytes) => out.push(Input::Paste(String::from_utf8_lossy(&bytes).into_owned())),
            _ => {}
        }
    }
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> Input {
    Input::Key(KeyEvent::new(code, modifiers))
}

fn step(state: State, byte: u8, out: &mut Vec<Input>) -> State {
    match state {
        State::Ground => plain(byte, KeyModifiers::NONE, out),
        State::Escape => match byte {
            0x1b => {
                out.push(key(KeyCode::Esc, KeyModifiers::NONE));
                State::Escape
            }
            b'[' => State::Control(Vec::new()),
            b'O' => State::Single,
            b']' | b'P' | b'_' | b'^' | b'X' => State::Answer(byte, false),
            _ => plain(byte, KeyModifiers::ALT, out),
        },
        State::Control(bytes) => control(bytes, byte, out),
        State::OldMouse(mut bytes) => {
            bytes.push(byte);
            if bytes.len() < 3 {
                return State::OldMouse(bytes);
            }
            out.extend(sequences::old_mouse(&bytes));
            State::Ground
        }
        State::Console => {
            if let b'A'..=b'E' = byte {
                out.push(key(KeyCode::F(byte - b'A' + 1), KeyModifiers::NONE));
            }
            State::Ground
        }
        State::Single => {
            out.extend(sequences::single(byte));
            State::Ground
        }
        State::Answer(opening, after_escape) => match (byte, after_escape) {
            (0x07 | 0x18 | 0x1a, _) | (b'\\', true) => State::Ground,
            // From here on it is no Alt-key for sure: NUL stands for "swallow to the end".
            (0x1b, _) => State::Answer(opening, true),
            (_, true) => step(State::Escape, byte, out),
            (_, false) => State::Answer(0, false),
        },
        State::Paste(mut bytes) => {
            bytes.push(byte);
            if bytes.len() > LONGEST_PASTE + PASTE_END.len() {
                // Keep the last bytes, which may be the end mark, and drop the one before them.
                bytes.remove(LONGEST_PASTE);
            }
            if !bytes.ends_with(PASTE_END) {
                return State::Paste(bytes);
            }
            bytes.truncate(bytes.len() - PASTE_END.len());
            out.push(Input::Paste(String::from_utf8_lossy(&bytes).into_owned()));
            State::Ground
        }
        State::Character(mut bytes, modifiers) => {
            if byte & 0xc0 != 0x80 {
                // Broken UTF-8: forget it, and read this byte afresh.
                return step(State::Ground, byte, out);
            }
            bytes.push(byte);
            match std::str::from_utf8(&bytes) {
                Ok(text) => {
                    out.extend(text.chars().map(|c| character(c, modifiers)));
                    State::Ground
                }
                Err(error) if error.error_len().is_none() => State::Character(bytes, modifiers),
                Err(_) => State::Ground,
            }
        }
    }
}

fn control(mut bytes: Vec<u8>, byte: u8, out: &mut Vec<Input>) -> State {
    match byte {
        0x1b => State::Escape,
        b'M' if bytes.is_empty() => State::OldMouse(Vec::new()),
        b'[' if bytes.is_empty() => State::Console,
        b'~' if bytes == b"200" => State::Paste(Vec::new()),
        0x40..=0x7e => {
            if bytes.len() <= LONGEST_SEQUENCE {
                out.extend(sequences::control(&bytes, byte));
            }
            State::Ground
        }
        0x20..=0x3f => {
            if bytes.len() <= LONGEST_SEQUENCE {
                bytes.push(byte);
            }
            State::Control(bytes)
        }
        // A control character or a byte above ASCII ends the sequence and stands for itself.
        _ => step(State::Ground, byte, out),
    }
}

/// A byte outside any sequence.
fn plain(byte: u8, modifiers: KeyModifiers, out: &mut Vec<Input>) -> State {
    let control = modifiers | KeyModifiers::CONTROL;
    let event = match byte {
        0x1b => return State::Escape,
        b'\r' | b'\n' => key(KeyCode::Enter, modifiers),
        b'\t' => key(KeyCode::Tab, modifiers),
        0x7f | 0x08 => key(KeyCode::Backspace, modifiers),
        0x00 => key(KeyCode::Char(' '), control),
        0x01..=0x1a => key(KeyCode::Char(char::from(byte - 1 + b'a')), control),
        0x1c..=0x1f => key(KeyCode::Char(char::from(byte - 0x1c + b'4')), control),
        0x20..=0x7e => character(char::from(byte), modifiers),
        0xc2..=0xf4 => return State::Character(vec![byte], modifiers),
        _ => return State::Ground,
    };
    out.push(event);
    State::Ground
}

fn character(c: char, modifiers: KeyModifiers) -> Input {
    let shift = if c.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
    key(KeyCode::Char(c), modifiers | shift)
}

#[cfg(test)]
mod tests;
