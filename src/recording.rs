//! A recorded session as plain data and as text: where it began, what the person did at which step, marks, and where it
//! ended. `read` is the strict reader, `events` the words for what can happen.
//!
//! A run is a function of its start, its edits and the steps at which they are made. So what is kept of an event is
//! not only its time but two steps: the one that was on the screen when it was taken in, and the one at which the
//! simulation heard what followed from it. Between the two a run goes on by itself.
//!
//! The text is written line by line while the session goes on, so that one which broke off is a recording all the same:
//! it ends with its last whole line.

mod events;
mod read;

use std::fmt::Write as _;

use crossterm::event::{KeyEvent, MouseEvent};

pub use events::is_sayable;
pub use read::{MOST_BYTES, RecordingError, read};

use crate::app::Keymap;
use crate::app::keymap::key_of_name;
use crate::app::keys::name;
use crate::share::{Share, ShareError, VERSION};
use crate::snapshot::Pace;

/// The version of the format that is written and read.
pub const FORMAT: u32 = 1;
/// How a recording begins.
const MAGIC: &str = "losslab-recording";
/// How names of recordings end.
pub const ENDING: &str = ".llrec";
/// The most events of a recording.
pub const MOST_EVENTS: usize = 1_000_000;
/// The longest name of a mark, in characters.
pub const LONGEST_MARK: usize = 60;

/// How a recorded session began.
#[derive(Clone, Debug, PartialEq)]
pub struct Beginning {
    /// The run with all edits of its line, to the last step that it had made by then; and how it was looked at.
    pub share: Share,
    /// Columns and rows.
    pub size: (u16, u16),
    /// The engine that ran: on another one the same steps may give other last digits.
    pub engine: String,
    /// How fast the run went.
    pub pace: Pace,
    /// The chosen row of the params pane.
    pub row: usize,
    /// What each key meant.
    pub keymap: Keymap,
    /// The step on the screen; a run that was taken back in time stood before the last one it had made.
    pub step: u64,
    /// Whether the run was going.
    pub running: bool,
}

/// A recorded session.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// How it began.
    pub beginning: Beginning,
    /// What happened, in order.
    pub events: Vec<Entry>,
    /// How it ended.
    pub end: End,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The step on the screen when it was taken in.
    pub seen: u64,
    /// The step at which the simulation heard of it; `seen` where it had nothing to hear.
    pub heard: u64,
    /// Milliseconds since the beginning.
    pub ms: u64,
    /// What.
    pub what: What,
}

/// What can happen in a recording.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse did something.
    Mouse(MouseEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal was given this many columns and rows.
    Resize(u16, u16),
    /// A replay can stop here.
    Mark(String),
    /// The run has stopped for good: the next step could not be made. A replay has to try it, too.
    Diverged,
}

/// How a recording ended.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct End {
    /// The step on the screen.
    pub step: u64,
    /// Milliseconds since the beginning.
    pub ms: u64,
    /// The loss on the screen; nothing where it was not known.
    pub loss: Option<f64>,
    /// Whether it broke off: there was no line that ends it.
    pub broken: bool,
}

impl Recording {
    /// The names of the marks, in order.
    pub fn marks(&self) -> impl Iterator<Item = &str> {
        self.events.iter().filter_map(|entry| match &entry.what {
            What::Mark(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The step on the screen at this event, or at the end where there are no more.
    pub fn seen(&self, at: usize) -> u64 {
        self.events.get(at).map_or(self.end.step, |entry| entry.seen)
    }

    /// The line of an event in the file, or of the end.
    pub fn line(&self, at: usize) -> usize {
        self.beginning.lines() + at + 1
    }

    /// The recording as the text of a file.
    ///
    /// # Errors
    /// [`ShareError`] where the beginning has no share string.
    pub fn print(&self) -> Result<String, ShareError> {
        let mut text = self.beginning.print()?;
        self.events.iter().for_each(|entry| text.push_str(&entry.print()));
        if !self.end.broken {
            text.push_str(&self.end.print());
        }
        Ok(text)
    }
}

impl Beginning {
    /// How many lines of the file it takes.
    pub fn lines(&self) -> usize {
        8 + self.own_keys().count()
    }

    /// The actions that do not have the keys of the table, with theirs.
    fn own_keys(&self) -> impl Iterator<Item = (String, String)> {
        let usual = Keymap::default();
        let mut told: Vec<String> = Vec::new();
        self.keymap.rows().filter_map(move |(binding, keys)| {
            let was =
                usual.rows().find(|(row, _)| std::ptr::eq(*row, binding)).map(|(_, keys)| keys.to_vec());
            let id = binding.action.id();
            if was.as_deref() == Some(keys) || told.contains(&id) {
                return None;
            }
            told.push(id.clone());
            // A key that cannot be written was not taken from a file either.
            let names = keys.iter().map(|key| name(*key)).filter(|name| key_of_name(name).is_ok());
            Some((id, names.collect::<Vec<_>>().join(" ")))
        })
    }

    /// The first lines of the file.
    ///
    /// # Errors
    /// [`ShareError`] where the run has no share string.
    pub fn print(&self) -> Result<String, ShareError> {
        let share = self.share.encode()?;
        let (width, height) = self.size;
        let mut text = format!(
            "{MAGIC} {FORMAT}\nlosslab {VERSION}\nshare {share}\nsize {width} {height}\nengine {}\npace {}\nrow {}\n",
            self.engine,
            self.pace.steps_per_frame(),
            self.row
        );
        for (action, keys) in self.own_keys() {
            let _ = writeln!(text, "{}", format!("keys {action} {keys}").trim_end());
        }
        let _ = writeln!(text, "begin {} {}", self.step, if self.running { "running" } else { "paused" });
        Ok(text)
    }
}

impl Entry {
    /// Its line of the file.
    pub fn print(&self) -> String {
        let Self { seen, heard, ms, what } = self;
        format!("{seen} {heard} {ms} {}\n", events::print(what))
    }
}

impl End {
    /// The last line of the file.
    pub fn print(&self) -> String {
        let Self { step, ms, loss, .. } = self;
        let loss = loss.map_or("unknown".to_owned(), |loss| format!("{loss:?}"));
        format!("{step} {step} {ms} end {loss}\n")
    }
}

#[cfg(test)]
mod tests;
