//! The npz archive: which arrays it holds and how they become [`Features`].
//!
//! All headers are read and compared before any numbers, so that a file that cannot be right is refused
//! at once. The zip directory is in [`super::directory`], the arrays in [`super::npy`].

use std::io::{Read, Seek, SeekFrom};

use zip::ZipReadOptions;
use zip::read::{ZipFile, read_zipfile_from_stream_with_options};

use super::directory::{self, Entry};
use super::npy::{self, Header, values};
use super::{ReadFault, ReadOptions, check, listed, quoted};
use crate::features::Features;

/// Every key that means something. `seed` and `share` are what a run writes beside its features; they are not read.
const KEYS: [&str; 12] = [
    "features",
    "labels",
    "weights",
    "bias",
    "instances",
    "margins",
    "label_names",
    "point_names",
    "step",
    "loss",
    "seed",
    "share",
];

/// Those of them that say nothing about features.
const BESIDE: [&str; 2] = ["seed", "share"];

/// Inflating beyond this many bytes is only believed up to [`MAX_RATIO`].
const FREE_BYTES: u64 = 64 << 20;
/// The most that deflate may shrink a large array.
const MAX_RATIO: u64 = 200;
/// Bytes of an entry that are looked at for its header: more than enough for 64 KiB, deflated or not.
const HEADER_WINDOW: u64 = 256 << 10;
/// The most class names that are read.
const MAX_LABEL_NAMES: usize = 1 << 20;

/// The phrase for an entry that is not where the directory says.
const WRONG_PLACE: &str = "is damaged: its place in the archive is wrong";

/// One known array: where it is and what its header says.
struct Found {
    key: &'static str,
    entry: Entry,
    header: Header,
}

/// Reads an npz archive.
pub(super) fn read<R: Read + Seek>(source: &mut R, options: &ReadOptions) -> Result<Features, ReadFault> {
    let length = source.seek(SeekFrom::End(0)).map_err(ReadFault::Io)?;
    let (known, unknown) = sort_keys(directory::entries(source)?);
    let mut notices = Vec::new();
    note_unknown(&unknown, &known, &mut notices);
    if !known.iter().any(|(key, _)| *key == "features") {
        return Err(malformed(missing_features(&known, &unknown)));
    }
    let mut found = Vec::new();
    for (key, entry) in known.into_iter().filter(|(key, _)| !BESIDE.contains(key)) {
        let header = read_header(source, key, &entry, length, options)?;
        found.push(Found { key, entry, header });
    }
    let archive = Archive { source, found };
    archive.check_shapes()?;
    check::finish(archive.into_features(notices)?, options)
}

/// The one text in the array of this name, where there is such an array: at most `most` bytes of it.
pub(super) fn text<R: Read + Seek>(
    source: &mut R,
    key: &'static str,
    most: u64,
) -> Result<Option<String>, ReadFault> {
    let length = source.seek(SeekFrom::End(0)).map_err(ReadFault::Io)?;
    let name = format!("{key}.npy");
    let Some(entry) = directory::entries(source)?.into_iter().find(|entry| entry.name == name) else {
        return Ok(None);
    };
    let options = ReadOptions { max_array_bytes: most, ..ReadOptions::default() };
    let header = read_header(source, key, &entry, length, &options)?;
    let mut archive = Archive { source, found: vec![Found { key, entry, header }] };
    let texts = archive.take(key, |header, file| values::texts(header, file))?;
    Ok(texts.and_then(|texts| texts.into_iter().next()))
}

type Known = Vec<(&'static str, Entry)>;

/// Splits the entries into those with a meaning and the names of the others.
fn sort_keys(entries: Vec<Entry>) -> (Known, Vec<String>) {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for entry in entries {
        let key = entry.name.strip_suffix(".npy");
        match KEYS.into_iter().find(|known| Some(*known) == key) {
            Some(key) => known.push((key, entry)),
            None if key.is_some_and(is_of_a_network) => {}
            None => unknown.push(key.unwrap_or(&entry.name).to_owned()),
        }
    }
    (known, unknown)
}

/// Whether a key is one that a run writes for the network under its features: `inputs`, `layer0`, `layer0_bias`.
/// They are for other readers, and no news.
fn is_of_a_network(key: &str) -> bool {
    let number = key.strip_prefix("layer").map(|rest| rest.strip_suffix("_bias").unwrap_or(rest));
    key == "inputs" || number.is_some_and(|number| number.parse::<u32>().is_ok())
}

fn note_unknown(unknown: &[String], known: &Known, notices: &mut Vec<String>) {
    if unknown.is_empty() {
        return;
    }
    let noun = if unknown.len() == 1 { "key" } else { "keys" };
    let absent = || KEYS.into_iter().filter(|key| !known.iter().any(|(there, _)| there == key));
    let meant = unknown.iter().take(10).filter_map(|name| {
        let key = absent().find(|key| strsim::osa_distance(&name.to_lowercase(), key) <= 2)?;
        Some(format!("; did you mean \"{key}\" by {}?", quoted(name)))
    });
    let meant: String = meant.take(1).collect();
    notices.push(format!("ignored the unknown {noun} {}{meant}", listed(unknown)));
}

fn missing_features(known: &Known, unknown: &[String]) -> String {
    let keys: Vec<&str> =
        known.iter().map(|(key, _)| *key).chain(unknown.iter().map(String::as_str)).collect();
    if keys.is_empty() {
        return "the archive is empty; it needs an array \"features\"".to_owned();
    }
    let nearest = unknown
        .iter()
        .map(|name| (strsim::jaro_winkler(&name.to_lowercase(), "features"), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let hint = nearest.map(|(_, name)| format!("; is {} meant?", quoted(name))).unwrap_or_default();
    format!("there is no \"features\" among its arrays {}{hint}", listed(&keys))
}

fn read_header<R: Read + Seek>(
    source: &mut R,
    key: &str,
    entry: &Entry,
    length: u64,
    options: &ReadOptions,
) -> Result<Header, ReadFault> {
    let subject = quoted(key);
    let phrase = |phrase: String| malformed(format!("{subject} {phrase}"));
    if entry.encrypted {
        return Err(phrase("is encrypted, which is not read".to_owned()));
    }
    if !matches!(entry.method, 0 | 8) {
        return Err(phrase(format!(
            "is compressed by method {}, but only stored and deflated are read",
            entry.method
        )));
    }
    if entry.size > FREE_BYTES && entry.size / MAX_RATIO > entry.compressed.min(length) {
        return Err(phrase(format!(
            "would inflate from {} to {} bytes, more than {MAX_RATIO} to 1, which no measured features do",
            entry.compressed, entry.size
        )));
    }
    if entry.offset >= length {
        return Err(phrase(WRONG_PLACE.to_owned()));
    }
    // Closing an entry reads to its end, so only a window of it is opened.
    source.seek(SeekFrom::Start(entry.offset)).map_err(ReadFault::Io)?;
    let mut window = source.take(HEADER_WINDOW);
    let header = npy::read_header(&mut open(&mut window, entry).map_err(phrase)?).map_err(phrase)?;
    header.check_size(&subject, entry.size, options.max_array_bytes)?;
    Ok(header)
}

/// Opens the entry whose local header comes next; that header must say what the directory says.
fn open<'a, R: Read>(source: &'a mut R, entry: &Entry) -> Result<ZipFile<'a, R>, String> {
    let stated = ZipReadOptions::new()
        .override_compressed_size(entry.compressed)
        .override_uncompressed_size(entry.size)
        .override_crc(entry.crc);
    let damaged = || WRONG_PLACE.to_owned();
    let file =
        read_zipfile_from_stream_with_options(source, stated).map_err(|_| damaged())?.ok_or_else(damaged)?;
    let agrees = file.name_raw() == entry.name.as_bytes() && file.compressed_size() == entry.compressed;
    if agrees { Ok(file) } else { Err(damaged()) }
}

/// An archive whose headers are known.
struct Archive<'a, R> {
    source: &'a mut R,
    found: Vec<Found>,
}

impl<R: Read + Seek> Archive<'_, R> {
    fn header(&self, key: &str) -> Option<&Header> {
        self.found.iter().find(|found| found.key == key).map(|found| &found.header)
    }

    fn check_shapes(&self) -> Result<(), ReadFault> {
        let Some(features) = self.header("features") else {
            return Err(malformed("there is no \"features\"".to_owned()));
        };
        let (rows, cols) = check::matrix_shape("\"features\"", features)?;
        for key in ["labels", "instances", "margins", "point_names"] {
            if let Some(header) = self.header(key) {
                check::list_shape(key, header, rows, "\"features\"")?;
            }
        }
        if let Some(weights) = self.header("weights") {
            let (classes, width) = check::matrix_shape("\"weights\"", weights)?;
            if width != cols {
                return Err(malformed(format!(
                    "\"weights\" has rows of {width} numbers but \"features\" has rows of {cols}"
                )));
            }
            if let Some(bias) = self.header("bias") {
                check::list_shape("bias", bias, classes, "\"weights\"")?;
            }
        } else if self.header("bias").is_some() {
            return Err(malformed("\"bias\" is given without \"weights\"".to_owned()));
        }
        if let Some(names) = self.header("label_names") {
            match *names.shape.as_slice() {
                [count] if count <= MAX_LABEL_NAMES => (),
                [count] => {
                    return Err(malformed(format!(
                        "\"label_names\" has {count} names, more than the {MAX_LABEL_NAMES} allowed"
                    )));
                }
                _ => check::list_shape("label_names", names, 0, "")?,
            }
        }
        for key in ["step", "loss"] {
            if let Some(header) = self.header(key).filter(|header| header.count != 1) {
                let shape = header.shape_text();
                return Err(malformed(format!("\"{key}\" has shape {shape}, but a single number is needed")));
            }
        }
        Ok(())
    }

    fn into_features(mut self, notices: Vec<String>) -> Result<Features, ReadFault> {
        // Small arrays first: what is wrong with them is said before the large one is read.
        let step = self.take("step", |header, file| values::one_integer(header, file))?;
        Ok(Features {
            step: step.map(step_number).transpose()?,
            loss: self.take("loss", |header, file| values::one_number(header, file))?,
            bias: self.take("bias", |header, file| values::floats(header, file))?,
            weights: self.take("weights", |header, file| {
                values::matrix(header, header.shape[0], header.shape[1], file)
            })?,
            labels: self.take("labels", |header, file| values::small_integers(header, file))?,
            instances: self.take("instances", |header, file| values::small_integers(header, file))?,
            margins: self.take("margins", |header, file| values::floats(header, file))?,
            label_names: self.take("label_names", |header, file| values::texts(header, file))?,
            point_names: self.take("point_names", |header, file| values::texts(header, file))?,
            points: self
                .take("features", |header, file| {
                    values::matrix(header, header.shape[0], header.shape[1], file)
                })?
                .unwrap_or_default(),
            notices,
        })
    }

    /// Reads the array of this key to its end, if it is there.
    fn take<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&Header, &mut ZipFile<'_, R>) -> Result<T, String>,
    ) -> Result<Option<T>, ReadFault> {
        let Some(found) = self.found.iter().find(|found| found.key == key) else {
            return Ok(None);
        };
        let phrase = |phrase: String| malformed(format!("\"{key}\" {phrase}"));
        self.source.seek(SeekFrom::Start(found.entry.offset)).map_err(ReadFault::Io)?;
        let mut file = open(self.source, &found.entry).map_err(phrase)?;
        // The header was parsed before and is skipped here.
        std::io::copy(&mut (&mut file).take(found.header.prefix), &mut std::io::sink())
            .map_err(|error| phrase(format!("cannot be read: {}", super::plain_io(&error))))?;
        let array = read(&found.header, &mut file).map_err(phrase)?;
        values::expect_end(&mut file).map_err(phrase)?;
        Ok(Some(array))
    }
}

fn step_number(step: i128) -> Result<u64, ReadFault> {
    match i64::try_from(step) {
        Ok(step @ 0..) => Ok(step as u64),
        _ => Err(malformed(format!("\"step\" is {step}, but steps count from 0"))),
    }
}

fn malformed(sentence: String) -> ReadFault {
    ReadFault::Malformed(sentence)
}

#[cfg(test)]
mod tests;
