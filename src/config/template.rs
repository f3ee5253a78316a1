//! A configuration file with every key at its default and a word about each: what `losslab doctor
//! --config-template` prints.

use std::fmt::Write as _;

use super::{Graphics, MARKERS, about};
use crate::app::Keymap;
use crate::app::keys::{Action, name};
use crate::app::look::{NAMES, ROLES, Theme};
use crate::palette::COLOURS;

fn words<T>(all: &[(&str, T)]) -> String {
    all.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ")
}

/// The text. Every line that sets something is commented out, so that the file changes nothing until one is made
/// to; what is left of it when the marks are taken away reads back as the defaults.
pub fn template() -> String {
    let mut text = String::new();
    let own: Vec<&str> =
        COLOURS.map(|colour| colour.name).into_iter().filter(|name| !NAMES.contains(name)).collect();
    let _ = write!(
        text,
        "# How losslab looks and which keys do what. What is run stands in experiment files.\n\
         # Flags of the command line win over this file.\n\n\
         # Colours: {}.\n#theme = \"auto\"\n\n\
         # Points and curves: {}.\n#marker = \"auto\"\n\n\
         # Real pixels: {}.\n#graphics = \"auto\"\n\n\
         # Whether the mouse is taken from the start; a key frees it.\n#mouse = true\n\n\
         # Steps a frame at first: a power of two from 0.03125 to 4096.\n#pace = 1\n\n\
         # Whether the loss axis is logarithmic at first.\n#log-axis = true\n\n\
         # Own colours over the theme, for {}, and for up to eight\n\
         # classes: classes = [\"#0072b2\", \"vermillion\"].\n\
         # A colour is \"#rrggbb\", one of the terminal's own ({}),\n# or {}.\n#[colours]\n\n\
         # A key, or a list of keys, for any action; [] leaves it to the palette. Keys are single characters, space,\n\
         # enter, esc, tab, shift-tab, backspace, delete, insert, home, end, pageup, pagedown, left, right, up, down,\n\
         # f1 to f12. One key may not mean two things in one place.\n#[keys]\n",
        words(&Theme::ALL),
        words(&MARKERS),
        words(&Graphics::ALL),
        ROLES.join(", "),
        NAMES.join(", "),
        own.join(", "),
    );
    let keymap = Keymap::default();
    for id in Action::ids() {
        let Some(action) = Action::of_id(&id) else { continue };
        let (_, keys) = keymap.rows().find(|(row, _)| row.action == action).expect("the name is of a row");
        let keys: Vec<String> = keys.iter().map(|key| format!("{:?}", name(*key))).collect();
        let _ = writeln!(text, "#{id} = [{}]  # {}", keys.join(", "), about(action));
    }
    text
}
