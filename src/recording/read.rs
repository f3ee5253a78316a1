//! The strict reader of recordings: every line is what it should be, or is named with what is wrong in it.

use super::{Beginning, End, Entry, FORMAT, MAGIC, MOST_EVENTS, Recording, What, events};
use crate::app::Keymap;
use crate::app::keymap::key_of_name;
use crate::app::keys::Action;
use crate::data::printable;
use crate::experiment::nearest::did_you_mean;
use crate::share::Share;
use crate::snapshot::Pace;

/// Longer files are not read.
pub const MOST_BYTES: u64 = 64 << 20;
/// The last step that a run can make.
const LAST_STEP: u64 = u32::MAX as u64;
/// The words of the head in their order, with what follows them.
const HEAD: [(&str, &str); 7] = [
    ("losslab", "the version that wrote it"),
    ("share", "a share string"),
    ("size", "columns and rows"),
    ("engine", "the engine"),
    ("pace", "steps a frame"),
    ("row", "the chosen row of the params pane"),
    ("begin", "a step, and running or paused"),
];

/// Why a recording cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordingError {
    /// It is something else.
    #[error("this is no recording: one begins with \"{MAGIC} {FORMAT}\"")]
    NotOne,
    /// It is of a later version.
    #[error(
        "this recording is of version {0} of the format, and this losslab reads version {FORMAT}: a later losslab reads it"
    )]
    Later(u32),
    /// A line is not what it should be.
    #[error("line {line}: {sentence}")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What is wrong with it.
        sentence: String,
    },
}

/// The lines that are left, with the number of the last one taken.
struct Lines<'a> {
    rest: std::str::Split<'a, char>,
    number: usize,
    /// How many there are; the last one has no line break.
    count: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<&'a str> {
        self.number += 1;
        self.rest.next()
    }

    /// Whether the line taken last is what stands after the last line break.
    fn is_last(&self) -> bool {
        self.number >= self.count
    }

    fn wrong(&self, sentence: impl Into<String>) -> RecordingError {
        RecordingError::Line { line: self.number, sentence: sentence.into() }
    }

    /// What follows this word of the head on this line.
    fn after(&self, line: &'a str, (word, what): (&str, &str)) -> Result<&'a str, RecordingError> {
        let (found, rest) = line.split_once(' ').unwrap_or((line, ""));
        if found == word && !rest.is_empty() {
            return Ok(rest);
        }
        let hint = if found == word { String::new() } else { did_you_mean(found, [word]) };
        Err(self.wrong(format!("here stands \"{word}\" and {what}, not \"{}\"{hint}", shown(line))))
    }
}

/// The beginning of a line, fit to be printed.
fn shown(line: &str) -> String {
    let short: String = line.chars().take(40).collect();
    printable(&short) + if short.len() < line.len() { "..." } else { "" }
}

/// Reads the text of a recording.
///
/// # Errors
/// [`RecordingError`], with the number of the line.
pub fn read(text: &str) -> Result<Recording, RecordingError> {
    let mut lines = Lines { rest: text.split('\n'), number: 0, count: text.split('\n').count() };
    let first = lines.next().unwrap_or_default();
    let version = first.strip_prefix(MAGIC).and_then(|rest| rest.trim().parse::<u32>().ok());
    match version {
        Some(FORMAT) => {}
        Some(later) if later > FORMAT => return Err(RecordingError::Later(later)),
        _ => return Err(RecordingError::NotOne),
    }
    let mut keymap = Keymap::default();
    let mut head = Vec::new();
    while head.len() < HEAD.len() {
        let Some(line) = lines.next() else { return Err(lines.wrong("the recording breaks off here")) };
        if head.len() + 1 == HEAD.len()
            && let Some(rest) = line.strip_prefix("keys ")
        {
            keymap = with_keys(&keymap, rest).map_err(|why| lines.wrong(why))?;
            continue;
        }
        head.push((lines.number, lines.after(line, HEAD[head.len()])?));
    }
    let at = |k: usize, sentence: String| RecordingError::Line { line: head[k].0, sentence };
    let share = Share::decode(head[1].1).map_err(|error| at(1, error.to_string()))?;
    let size = events::size(head[2].1).map_err(|why| at(2, why))?;
    let engine = head[3].1;
    if !engine.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') || engine.len() > 20 {
        return Err(at(3, format!("\"{}\" is no engine", shown(engine))));
    }
    let pace = head[4].1.parse().ok().and_then(Pace::of_steps);
    let pace = pace.ok_or_else(|| at(4, format!("\"{}\" is no pace: a power of two", shown(head[4].1))))?;
    let row = head[5].1.parse().ok().filter(|row| *row < 10_000);
    let row = row.ok_or_else(|| at(5, format!("\"{}\" is no row", shown(head[5].1))))?;
    let (step, state) = head[6].1.split_once(' ').unwrap_or((head[6].1, ""));
    let step = self::step(step).map_err(|why| at(6, why))?;
    let running = match state {
        "running" => true,
        "paused" => false,
        other => {
            let hint = did_you_mean(other, ["running", "paused"]);
            return Err(at(6, format!("a run is running or paused, not \"{}\"{hint}", shown(other))));
        }
    };
    if step > share.step {
        return Err(at(6, format!("it begins at step {step}, and the run had made {} by then", share.step)));
    }
    if let Some(clash) = keymap.clashes().first() {
        return Err(at(6, format!("of the keys before this line {clash}")));
    }
    let (events, end) = events(&mut lines, step)?;
    let engine = engine.to_owned();
    let beginning = Beginning { share, size, engine, pace, row, keymap, step, running };
    Ok(Recording { beginning, events, end })
}

fn with_keys(keymap: &Keymap, text: &str) -> Result<Keymap, String> {
    let mut words = text.split(' ');
    let id = words.next().unwrap_or_default();
    let Some(action) = Action::of_id(id) else {
        let ids = Action::ids();
        let hint = did_you_mean(id, ids.iter().map(String::as_str));
        return Err(format!("no action is called \"{}\"{hint}", shown(id)));
    };
    let keys = words.map(key_of_name).collect::<Result<Vec<_>, _>>().map_err(|why| printable(&why))?;
    Ok(keymap.with(action, &keys))
}

fn step(text: &str) -> Result<u64, String> {
    let number = text.parse().ok().filter(|step| *step <= LAST_STEP);
    number.ok_or_else(|| format!("\"{}\" is no step: a whole number up to {LAST_STEP}", shown(text)))
}

/// The lines after the head, which begins at a step, to the last one. A file that was not brought to its end has no line
/// that says so; then what stands after the last line break was not written whole, and does not count.
fn events(lines: &mut Lines<'_>, begin: u64) -> Result<(Vec<Entry>, End), RecordingError> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut marks: Vec<(String, usize)> = Vec::new();
    loop {
        let line = lines.next().unwrap_or_default();
        let (step, ms) = entries.last().map_or((begin, 0), |last| (last.heard, last.ms));
        let broken = End { step, ms, loss: None, broken: true };
        let last = lines.is_last();
        if last && line.is_empty() {
            return Ok((entries, broken));
        }
        let happened = match event(line, ms) {
            Ok(Happened::Event(_)) | Err(_) if last => return Ok((entries, broken)),
            happened => happened.map_err(|why| lines.wrong(why))?,
        };
        let entry = match happened {
            Happened::End(end) => {
                let after = if last { "" } else { lines.next().unwrap_or_default() };
                if lines.is_last() && after.is_empty() {
                    return Ok((entries, end));
                }
                return Err(lines.wrong("nothing comes after the end"));
            }
            Happened::Event(entry) => entry,
        };
        if entries.len() >= MOST_EVENTS {
            return Err(lines.wrong(format!("a recording has {MOST_EVENTS} events at most")));
        }
        if let What::Mark(name) = &entry.what {
            if let Some((_, before)) = marks.iter().find(|(known, _)| known == name) {
                return Err(
                    lines.wrong(format!("the mark \"{}\" stands on line {before} already", printable(name)))
                );
            }
            marks.push((name.clone(), lines.number));
        }
        entries.push(entry);
    }
}

/// What a line after the head says.
enum Happened {
    Event(Entry),
    End(End),
}

/// Reads a line after the head; what stands before it happened after so many milliseconds.
fn event(line: &str, before: u64) -> Result<Happened, String> {
    let mut parts = line.splitn(5, ' ');
    let mut word = || parts.next().unwrap_or_default();
    let (seen, heard, ms, kind, rest) = (word(), word(), word(), word(), word());
    let (seen, heard) = (step(seen)?, step(heard)?);
    let ms: u64 = ms.parse().map_err(|_| format!("\"{}\" is no number of milliseconds", shown(ms)))?;
    if heard < seen {
        return Err(format!("what was seen at step {seen} was not heard before it, at {heard}"));
    }
    if before > ms {
        return Err("it happened before what stands before it".to_owned());
    }
    if kind != "end" {
        return Ok(Happened::Event(Entry { seen, heard, ms, what: events::parse(kind, rest)? }));
    }
    let loss = match rest {
        "unknown" => None,
        number => match number.parse::<f64>() {
            Ok(loss) if loss.is_finite() => Some(loss),
            _ => return Err(format!("\"{}\" is no loss", shown(number))),
        },
    };
    Ok(Happened::End(End { step: seen, ms, loss, broken: false }))
}
