//! The configuration file: how the lab looks and which keys do what. What is run stands in experiment files.
//!
//! Reading is strict: everything that is not understood is refused with its line, all of it at once, and the lab
//! does not open until it is mended. Flags of the command line win over the file.

mod template;

use std::fmt::Display;
use std::path::{Path, PathBuf};

use crossterm::event::KeyCode;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use template::template;

use crate::app::keymap::key_of_name;
use crate::app::keys::{Action, KEYS};
use crate::app::look::{self, Ink, Look, ROLES, Theme};
use crate::app::{Keymap, Marks};
use crate::data::printable;
use crate::experiment::file::{self, FileError, Mistake};
use crate::experiment::nearest::did_you_mean;
use crate::snapshot::Pace;

/// The largest file that is read.
const LARGEST: u64 = 1 << 20;

/// Where pictures of real pixels are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Graphics {
    /// Where the terminal is known to have them.
    #[default]
    Auto,
    /// By the protocol of kitty.
    Kitty,
    /// By the protocol of iTerm2.
    Iterm,
    /// As sixels.
    Sixel,
    /// Nowhere: characters only.
    None,
}

impl Graphics {
    /// All of them, with their names.
    pub const ALL: [(&'static str, Self); 5] = [
        ("auto", Self::Auto),
        ("kitty", Self::Kitty),
        ("iterm", Self::Iterm),
        ("sixel", Self::Sixel),
        ("none", Self::None),
    ];
}

/// Names of how points are drawn; `auto` asks the environment.
pub const MARKERS: [(&str, Option<Marks>); 6] = [
    ("auto", None),
    ("braille", Some(Marks::Braille)),
    ("octant", Some(Marks::Octant)),
    ("half", Some(Marks::HalfBlock)),
    ("dot", Some(Marks::Dot)),
    ("ascii", Some(Marks::Ascii)),
];

/// How the lab looks and listens.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The colours. The background is found out by the lab.
    pub look: Look,
    /// How points are drawn; `None` asks the environment.
    pub marks: Option<Marks>,
    /// Where real pixels are drawn.
    pub graphics: Graphics,
    /// Whether the mouse is taken from the start.
    pub mouse: bool,
    /// How fast a run goes at first.
    pub pace: Pace,
    /// Whether the loss axis is logarithmic at first.
    pub log_axis: bool,
    /// Which keys do what.
    pub keymap: Keymap,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            look: Look::default(),
            marks: None,
            graphics: Graphics::default(),
            mouse: true,
            pace: Pace::default(),
            log_axis: true,
            keymap: Keymap::default(),
        }
    }
}

/// Where the file lies when nobody names one: `losslab/config.toml` in `XDG_CONFIG_HOME`, else in `~/.config`.
/// `None` where the environment names neither.
pub fn place(env: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let absolute = |name| env(name).filter(|path| path.is_absolute());
    let folder = absolute("XDG_CONFIG_HOME").or_else(|| absolute("HOME").map(|home| home.join(".config")))?;
    Some(folder.join("losslab").join("config.toml"))
}

/// Where the file of this process lies.
pub fn default_place() -> Option<PathBuf> {
    place(|name| std::env::var_os(name).map(PathBuf::from))
}

/// The configuration of a named file, or of the usual place, where no file is as good as an empty one.
///
/// # Errors
/// [`FileError`] with everything wrong with the file.
pub fn load(named: Option<&Path>) -> Result<Config, FileError> {
    match (named, default_place()) {
        (Some(path), _) => read(path),
        (None, Some(path)) if path.exists() => read(&path),
        (None, _) => Ok(Config::default()),
    }
}

/// Reads a configuration file.
///
/// # Errors
/// [`FileError`] if it cannot be read or says anything that is not understood.
pub fn read(path: &Path) -> Result<Config, FileError> {
    let text = file::text(path, LARGEST, "a configuration")?;
    parse(&text).map_err(|error| FileError { path: Some(path.to_owned()), ..error })
}

/// The keys of the file.
const KEYS_OF_FILE: [&str; 8] =
    ["theme", "marker", "graphics", "mouse", "pace", "log-axis", "colours", "keys"];

/// Reads the text of a configuration file.
///
/// # Errors
/// [`FileError`] with every mistake in the text.
pub fn parse(text: &str) -> Result<Config, FileError> {
    let line_at = |offset: usize| Some(text[..offset.min(text.len())].matches('\n').count() + 1);
    let table = DeTable::parse(text).map_err(|error| {
        let line = error.span().and_then(|span| line_at(span.start));
        let sentence = printable(&error.message().replace(['\n', '`'], "\""));
        FileError { path: None, mistakes: vec![Mistake { line, sentence }] }
    })?;
    let mut reader = Reader { config: Config::default(), mistakes: Vec::new() };
    for (key, value) in table.get_ref() {
        reader.entry(key.get_ref(), key.span().start, value);
    }
    let Reader { config, mut mistakes } = reader;
    mistakes.sort_by_key(|(offset, _)| *offset);
    if mistakes.is_empty() {
        return Ok(config);
    }
    let mistakes = mistakes.into_iter().map(|(at, sentence)| Mistake { line: line_at(at), sentence });
    Err(FileError { path: None, mistakes: mistakes.collect() })
}

type Value<'a> = Spanned<DeValue<'a>>;

struct Reader {
    config: Config,
    /// Where each lies in the text, and what it is.
    mistakes: Vec<(usize, String)>,
}

impl Reader {
    fn wrong(&mut self, at: usize, sentence: impl Display) {
        self.mistakes.push((at, sentence.to_string()));
    }

    fn entry(&mut self, key: &str, at: usize, value: &Value<'_>) {
        match key.replace('_', "-").as_str() {
            "theme" => {
                if let Some(theme) = self.word(key, value, &Theme::ALL) {
                    self.config.look.theme = theme;
                }
            }
            "marker" => {
                if let Some(marks) = self.word(key, value, &MARKERS) {
                    self.config.marks = marks;
                }
            }
            "graphics" => {
                if let Some(graphics) = self.word(key, value, &Graphics::ALL) {
                    self.config.graphics = graphics;
                }
            }
            "mouse" => {
                if let Some(mouse) = self.switch(key, value) {
                    self.config.mouse = mouse;
                }
            }
            "log-axis" => {
                if let Some(log) = self.switch(key, value) {
                    self.config.log_axis = log;
                }
            }
            "pace" => {
                let steps = match value.get_ref() {
                    DeValue::Integer(number) => number.as_str().parse::<f64>().ok(),
                    DeValue::Float(number) => number.as_str().parse::<f64>().ok(),
                    _ => None,
                };
                match steps.and_then(Pace::of_steps) {
                    Some(pace) => self.config.pace = pace,
                    None => self.wrong(
                        value.span().start,
                        "pace is the steps a frame: a power of two from 0.03125 to 4096, without quotes",
                    ),
                }
            }
            "colours" | "colors" => self.table(key, value, Self::colour),
            "keys" => {
                self.table(key, value, Self::binding);
                self.clashes(value);
            }
            other => {
                let hint = did_you_mean(other, KEYS_OF_FILE);
                self.wrong(at, format!("unknown key \"{}\"{hint}", printable(key)));
            }
        }
    }

    fn table(&mut self, key: &str, value: &Value<'_>, entry: fn(&mut Self, &str, usize, &Value<'_>)) {
        let DeValue::Table(table) = value.get_ref() else {
            return self.wrong(value.span().start, format!("{key} is a table: [{key}]"));
        };
        for (key, value) in table {
            entry(self, key.get_ref(), key.span().start, value);
        }
    }

    fn word<T: Copy>(&mut self, key: &str, value: &Value<'_>, words: &[(&'static str, T)]) -> Option<T> {
        let given = value.get_ref().as_str();
        let found = words.iter().find(|(word, _)| Some(*word) == given).map(|(_, found)| *found);
        if found.is_none() {
            let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let (said, hint) = match given {
                Some(given) => {
                    (format!("not \"{}\"", printable(given)), did_you_mean(given, names.iter().copied()))
                }
                None => ("in quotes".to_owned(), String::new()),
            };
            self.wrong(value.span().start, format!("{key} is one of {}, {said}{hint}", names.join(", ")));
        }
        found
    }

    fn switch(&mut self, key: &str, value: &Value<'_>) -> Option<bool> {
        let found = value.get_ref().as_bool();
        if found.is_none() {
            self.wrong(value.span().start, format!("{key} is true or false, without quotes"));
        }
        found
    }

    fn colour(&mut self, key: &str, at: usize, value: &Value<'_>) {
        if key == "classes" {
            let DeValue::Array(array) = value.get_ref() else {
                return self.wrong(value.span().start, "classes is a list of colours");
            };
            if array.len() > self.config.look.classes.len() {
                self.wrong(value.span().start, "classes has at most 8 colours: shapes tell apart the rest");
            }
            for (k, colour) in array.iter().enumerate() {
                let ink = self.ink(colour);
                if let Some(slot) = self.config.look.classes.get_mut(k) {
                    *slot = ink;
                }
            }
        } else if let Some(place) = ROLES.iter().position(|role| *role == key) {
            self.config.look.roles[place] = self.ink(value);
        } else {
            let hint = did_you_mean(key, ROLES.into_iter().chain(["classes"]));
            self.wrong(at, format!("no part of the screen is called \"{}\"{hint}", printable(key)));
        }
    }

    fn ink(&mut self, value: &Value<'_>) -> Option<Ink> {
        let given = value.get_ref().as_str().unwrap_or_default();
        let found = look::ink(given);
        if found.is_none() {
            let known = look::NAMES.into_iter().chain(crate::palette::COLOURS.map(|colour| colour.name));
            let hint = did_you_mean(given, known);
            self.wrong(
                value.span().start,
                format!("\"{}\" is no colour: take a name in quotes, or \"#rrggbb\"{hint}", printable(given)),
            );
        }
        found
    }

    fn binding(&mut self, key: &str, at: usize, value: &Value<'_>) {
        let name = key.replace('_', "-");
        let Some(action) = Action::of_id(&name) else {
            let ids = Action::ids();
            let hint = did_you_mean(&name, ids.iter().map(String::as_str));
            let all = "; losslab keys lists them";
            return self.wrong(
                at,
                format!(
                    "no action is called \"{}\"{}",
                    printable(key),
                    if hint.is_empty() { all } else { &hint }
                ),
            );
        };
        let mut keys: Vec<KeyCode> = Vec::new();
        let mut take = |reader: &mut Self, value: &Value<'_>| {
            let Some(text) = value.get_ref().as_str() else {
                return reader
                    .wrong(value.span().start, format!("{name} is a key in quotes, or a list of keys"));
            };
            match key_of_name(text) {
                Ok(key) => keys.push(key),
                Err(sentence) => reader.wrong(value.span().start, printable(&sentence)),
            }
        };
        match value.get_ref() {
            DeValue::Array(array) => array.iter().for_each(|value| take(self, value)),
            _ => take(self, value),
        }
        self.config.keymap = self.config.keymap.with(action, &keys);
    }

    /// Names what clashes, at the line of the one of the two that the file has moved.
    fn clashes(&mut self, value: &Value<'_>) {
        let DeValue::Table(table) = value.get_ref() else { return };
        for clash in self.config.keymap.clashes() {
            let at = table
                .iter()
                .filter(|(key, _)| clash.actions.contains(&key.get_ref().replace('_', "-")))
                .map(|(key, _)| key.span().start)
                .max();
            self.wrong(at.unwrap_or(value.span().start), clash);
        }
    }
}

/// The words about an action, from its first row.
fn about(action: Action) -> &'static str {
    KEYS.iter().find(|binding| binding.action == action).map_or("", |binding| binding.help)
}

#[cfg(test)]
mod tests;
