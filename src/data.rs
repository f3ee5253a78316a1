//! Where feature vectors come from and where they go: readers for npz, npy and csv, the writer of npz,
//! and the bundled sets.
//!
//! Readers are strict and bounded: a file is believed only as far as its bytes go. What a loss or a
//! metric does with the features lives elsewhere.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use crate::features::Features;

mod check;
mod csv;
pub mod digits;
mod directory;
#[cfg(test)]
mod hostile;
mod npy;
mod npz;
pub mod write;

/// How a feature file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// Drop rows that hold a NaN or Inf instead of refusing the file (`--drop-bad-rows`).
    pub drop_bad_rows: bool,
    /// The largest array that is read, in bytes of its numbers (`--max-array-bytes`); for csv the
    /// largest file.
    pub max_array_bytes: u64,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { drop_bad_rows: false, max_array_bytes: 512 << 20 }
    }
}

/// Why a feature file was not read: one plain sentence that names the file.
#[derive(Debug, thiserror::Error)]
#[error("{}: {fault}", printable(&path.to_string_lossy()))]
pub struct ReadError {
    /// The file, as it was asked for.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: ReadFault,
}

/// What was wrong with a feature file. All of these are wrong input: exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum ReadFault {
    /// The system did not give us the bytes.
    #[error("{}", plain_io(.0))]
    Io(io::Error),
    /// The content is not a feature file, or its arrays contradict each other: a sentence.
    #[error("{0}")]
    Malformed(String),
    /// Rows hold a NaN or Inf, which [`ReadOptions::drop_bad_rows`] would drop.
    #[error("{}", bad_rows_sentence(.first, *.count, *.total))]
    BadRows {
        /// The first ten such rows, counted from 0.
        first: Vec<usize>,
        /// How many there are.
        count: usize,
        /// Of how many rows.
        total: usize,
    },
    /// An array is larger than [`ReadOptions::max_array_bytes`] allows.
    #[error("{subject} takes {bytes} bytes, more than the {limit} allowed; --max-array-bytes allows more")]
    TooLarge {
        /// The array, in quotes, or "the file".
        subject: String,
        /// Its size in bytes.
        bytes: u64,
        /// The limit in force.
        limit: u64,
    },
}

/// Reads a feature file, choosing the format by its extension: `.npz`, `.npy` or `.csv`.
///
/// What the user should know besides (unknown keys, dropped rows) is in [`Features::notices`].
///
/// # Errors
/// [`ReadError`] if the file cannot be read, is not what its extension says, holds more than
/// `options` allows, or contradicts itself.
pub fn read(path: &Path, options: &ReadOptions) -> Result<Features, ReadError> {
    read_by_extension(path, options).map_err(|fault| ReadError { path: path.to_owned(), fault })
}

/// The one text in the array of this name of an npz archive, `None` where it has no such array; read within the same
/// bounds as features, and no more than `most` bytes of it.
///
/// # Errors
/// [`ReadError`] if this is not a readable archive, or that array is not text.
pub fn text_in_npz(path: &Path, key: &'static str, most: u64) -> Result<Option<String>, ReadError> {
    let refused = |fault| ReadError { path: path.to_owned(), fault };
    let file = File::open(path).map_err(|error| refused(ReadFault::Io(error)))?;
    npz::text(&mut BufReader::new(file), key, most).map_err(refused)
}

fn read_by_extension(path: &Path, options: &ReadOptions) -> Result<Features, ReadFault> {
    let extension = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    if !["npz", "npy", "csv"].contains(&extension.as_str()) {
        return Err(ReadFault::Malformed(if extension.is_empty() {
            "the name has no extension; feature files end in .npz, .npy or .csv".to_owned()
        } else {
            format!("unknown extension {}; feature files end in .npz, .npy or .csv", quoted(&extension))
        }));
    }
    // Opening a pipe would wait for its writer, so look first.
    let facts = std::fs::metadata(path).map_err(ReadFault::Io)?;
    if !facts.is_file() {
        return Err(ReadFault::Malformed("this is not a regular file".to_owned()));
    }
    let mut source = BufReader::new(File::open(path).map_err(ReadFault::Io)?);
    match extension.as_str() {
        "npz" => npz::read(&mut source, options),
        "npy" => npy::read(&mut source, facts.len(), options),
        _ => csv::read(&mut source, facts.len(), options),
    }
}

/// A set that can be asked for by name (`--data NAME`, `list data`).
#[derive(Clone, Copy, Debug)]
pub struct DataSet {
    /// The name on the command line.
    pub name: &'static str,
    /// One line for `list data`.
    pub summary: &'static str,
    /// Where its points come from.
    pub source: DataSource,
}

/// Where the points of a [`DataSet`] come from.
#[derive(Clone, Copy, Debug)]
pub enum DataSource {
    /// Bundled with the program: call this to get them.
    Bundled(fn() -> Result<Features, ReadError>),
    /// Drawn from the settings of the experiment (classes, sizes, seed).
    Generated,
}

/// The sets that can be asked for by name.
pub const DATA_SETS: &[DataSet] = &[digits::DIGITS];

/// Text from a file as it may be shown: control characters become `\u{…}` escapes, long text is cut.
pub(crate) fn printable(text: &str) -> String {
    const SHOWN: usize = 200;
    let mut shown = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == SHOWN {
            shown.push('…');
            break;
        }
        if c.is_control() {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// A name from a file, in quotes and safe to show.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", printable(name))
}

/// Up to ten names in quotes, and how many more there are.
pub(crate) fn listed<T: fmt::Display>(names: &[T]) -> String {
    let shown: Vec<String> = names.iter().take(10).map(|name| quoted(&name.to_string())).collect();
    match names.len().saturating_sub(10) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The system's reason without its number: "no such file or directory".
pub(crate) fn plain_io(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => "the system gave no reason".to_owned(),
    }
}

fn bad_rows_sentence(first: &[usize], count: usize, total: usize) -> String {
    let rows = first.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    let more = if count > first.len() { format!(" and {} more", count - first.len()) } else { String::new() };
    let (noun, verb) = if count == 1 { ("row", "holds") } else { ("rows", "hold") };
    format!(
        "{count} of {total} rows {verb} a NaN, an Inf or a number too large for f32 ({noun} {rows}{more}, counted \
         from 0); --drop-bad-rows drops {}",
        if count == 1 { "it" } else { "them" }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_decides_and_unknown_ones_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let csv = folder.path().join("points.CSV");
        std::fs::write(&csv, "x,y\n1,2\n").unwrap();
        assert_eq!(read(&csv, &ReadOptions::default()).unwrap().points.data, [1.0, 2.0]);
        let fault = |path: &str| read(Path::new(path), &ReadOptions::default()).unwrap_err().to_string();
        assert_eq!(
            fault("features.pt"),
            "features.pt: unknown extension \"pt\"; feature files end in .npz, .npy or .csv"
        );
        assert_eq!(fault("no/such.npz"), "no/such.npz: no such file or directory");
        let npz = folder.path().join("folder.npz");
        std::fs::create_dir(&npz).unwrap();
        assert!(fault(npz.to_str().unwrap()).ends_with("folder.npz: this is not a regular file"));
    }

    #[test]
    fn what_is_shown_holds_no_escape_codes() {
        let error = read(Path::new("a\u{1b}[31m.npz"), &ReadOptions::default()).unwrap_err().to_string();
        assert_eq!(error, "a\\u{1b}[31m.npz: no such file or directory");
    }

    #[test]
    fn names_of_sets_are_unique() {
        let mut names: Vec<_> = DATA_SETS.iter().map(|set| set.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), DATA_SETS.len());
    }
}
