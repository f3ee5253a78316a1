//! The words for what can happen: `key ctrl x`, `mouse drag left 10 5`, `paste "text"`, `size 80 24`, `mark collapse`.

use crossterm::event::{KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::{LONGEST_MARK, What};
use crate::app::keymap::key_of_name;
use crate::app::keys::name;
use crate::data::printable;
use crate::experiment::nearest::did_you_mean;

/// The kinds of events, by their first words.
pub(super) const KINDS: [&str; 7] = ["key", "mouse", "paste", "size", "mark", "diverged", "end"];

const MODIFIERS: [(&str, KeyModifiers); 4] = [
    ("ctrl", KeyModifiers::CONTROL),
    ("alt", KeyModifiers::ALT),
    ("shift", KeyModifiers::SHIFT),
    ("super", KeyModifiers::SUPER),
];

const DEEDS: [(&str, MouseEventKind); 14] = [
    ("down left", MouseEventKind::Down(MouseButton::Left)),
    ("down right", MouseEventKind::Down(MouseButton::Right)),
    ("down middle", MouseEventKind::Down(MouseButton::Middle)),
    ("up left", MouseEventKind::Up(MouseButton::Left)),
    ("up right", MouseEventKind::Up(MouseButton::Right)),
    ("up middle", MouseEventKind::Up(MouseButton::Middle)),
    ("drag left", MouseEventKind::Drag(MouseButton::Left)),
    ("drag right", MouseEventKind::Drag(MouseButton::Right)),
    ("drag middle", MouseEventKind::Drag(MouseButton::Middle)),
    ("moved", MouseEventKind::Moved),
    ("scroll up", MouseEventKind::ScrollUp),
    ("scroll down", MouseEventKind::ScrollDown),
    ("scroll left", MouseEventKind::ScrollLeft),
    ("scroll right", MouseEventKind::ScrollRight),
];

/// Whether there are words for this, and it can mean something. There are for all that means something to the lab.
pub fn is_sayable(what: &What) -> bool {
    match what {
        // A mouse that is moved without a button means nothing, and does it often.
        What::Mouse(mouse) => mouse.kind != MouseEventKind::Moved,
        What::Key(key) => key_of_name(&name(key.code)) == Ok(key.code),
        _ => true,
    }
}

fn modifiers(held: KeyModifiers) -> String {
    let words = MODIFIERS.iter().filter(|(_, modifier)| held.contains(*modifier));
    words.map(|(word, _)| format!("{word} ")).collect()
}

/// What happened, in words.
pub(super) fn print(what: &What) -> String {
    match what {
        What::Key(key) => format!("key {}{}", modifiers(key.modifiers), name(key.code)),
        What::Mouse(mouse) => {
            let deed =
                DEEDS.iter().find(|(_, kind)| *kind == mouse.kind).map_or("moved", |(words, _)| *words);
            format!("mouse {}{deed} {} {}", modifiers(mouse.modifiers), mouse.column, mouse.row)
        }
        What::Paste(text) => format!("paste {}", serde_json::Value::from(text.as_str())),
        What::Resize(width, height) => format!("size {width} {height}"),
        What::Mark(name) => format!("mark {name}"),
        What::Diverged => "diverged".to_owned(),
    }
}

/// What these words say.
///
/// # Errors
/// One sentence.
pub(super) fn parse(kind: &str, rest: &str) -> Result<What, String> {
    match kind {
        "key" => {
            let (held, key) = held(rest);
            let code = key_of_name(key).map_err(|why| printable(&why))?;
            Ok(What::Key(KeyEvent::new(code, held)))
        }
        "mouse" => {
            let (modifiers, words) = held(rest);
            let mut parts = words.rsplitn(3, ' ');
            let (row, column) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            let deed = parts.next().unwrap_or_default();
            let Some((_, kind)) = DEEDS.iter().find(|(known, _)| *known == deed) else {
                let hint = did_you_mean(deed, DEEDS.iter().map(|(known, _)| *known));
                return Err(format!("a mouse does not \"{}\"{hint}", printable(deed)));
            };
            let (column, row) = (place(column)?, place(row)?);
            Ok(What::Mouse(MouseEvent { kind: *kind, column, row, modifiers }))
        }
        "paste" => serde_json::from_str(rest)
            .map(What::Paste)
            .map_err(|_| "what was pasted stands in quotes, as a JSON string".to_owned()),
        "size" => size(rest).map(|(width, height)| What::Resize(width, height)),
        "mark" => mark(rest).map(What::Mark),
        "diverged" if rest.is_empty() => Ok(What::Diverged),
        "diverged" => Err("nothing comes after diverged".to_owned()),
        other => {
            let hint = did_you_mean(other, KINDS);
            Err(format!("nothing is called \"{}\"{hint}", printable(other)))
        }
    }
}

/// The modifiers before the rest.
fn held(text: &str) -> (KeyModifiers, &str) {
    let (mut held, mut rest) = (KeyModifiers::NONE, text);
    while let Some((word, more)) = rest.split_once(' ')
        && let Some((_, modifier)) = MODIFIERS.iter().find(|(known, _)| *known == word)
    {
        held |= *modifier;
        rest = more;
    }
    (held, rest)
}

fn place(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| format!("\"{}\" is no column or row", printable(text)))
}

/// Columns and rows.
pub(super) fn size(text: &str) -> Result<(u16, u16), String> {
    let (width, height) = text.split_once(' ').ok_or("a size is columns and rows, as in size 80 24")?;
    match (place(width)?, place(height)?) {
        (width @ 1..=2000, height @ 1..=2000) => Ok((width, height)),
        _ => Err("a terminal has 1 to 2000 columns and rows".to_owned()),
    }
}

fn mark(text: &str) -> Result<String, String> {
    if text.trim().is_empty() || text.trim() != text || text.chars().any(char::is_control) {
        return Err("a mark has a name of visible characters".to_owned());
    }
    if text.chars().count() > LONGEST_MARK {
        return Err(format!("the name of a mark has {LONGEST_MARK} characters at most"));
    }
    Ok(text.to_owned())
}
