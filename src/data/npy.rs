//! The npy format: a strict parser of its header, the bare `.npy` reader and the header writer.
//!
//! The header is a Python literal of at most 64 KiB; only the one dictionary that numpy writes is accepted,
//! in [`header`]. The numbers behind it are read in [`values`]. Faults are phrases that follow the
//! name of an array: `holds pickled objects, …`.

use std::io::Read;

use super::{ReadFault, ReadOptions, check, plain_io};
use crate::features::Features;

mod header;
pub(super) mod values;

/// The longest header that is read, in bytes.
const MAX_HEADER: usize = 64 << 10;

/// What the items of an array are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// f2, f4 or f8.
    Float,
    /// i1 to i8.
    Signed,
    /// u1 to u8.
    Unsigned,
    /// One byte.
    Bool,
    /// UTF-32 text of a fixed width, filled with NULs.
    Text,
}

/// The header of one array, with the sizes that follow from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// What the items are.
    pub(super) kind: Kind,
    /// Bytes of one item: at least 1.
    pub(super) item: usize,
    /// Whether items are stored big end first.
    pub(super) big_endian: bool,
    /// Whether the first index runs fastest.
    pub(super) fortran: bool,
    /// The size of each dimension; empty for a single number.
    pub(super) shape: Vec<usize>,
    /// Number of items.
    pub(super) count: usize,
    /// Bytes of all items.
    pub(super) bytes: u64,
    /// Bytes before the first item.
    pub(super) prefix: u64,
}

impl Header {
    /// The shape as Python writes it.
    pub(super) fn shape_text(&self) -> String {
        shape_text(&self.shape)
    }

    /// Refuses an array of other than `length` bytes with its header, or of more than `limit` without.
    pub(super) fn check_size(&self, subject: &str, length: u64, limit: u64) -> Result<(), ReadFault> {
        let there = length.saturating_sub(self.prefix);
        if there != self.bytes {
            let shape = self.shape_text();
            return Err(ReadFault::Malformed(format!(
                "{subject} has shape {shape}, which takes {} bytes, but {there} bytes of data",
                self.bytes
            )));
        }
        // A short text takes more room as a text of its own than in the file.
        let strings =
            if self.kind == Kind::Text { self.count.saturating_mul(size_of::<String>()) as u64 } else { 0 };
        let bytes = self.bytes.max(strings);
        if bytes > limit {
            return Err(ReadFault::TooLarge { subject: subject.to_owned(), bytes, limit });
        }
        Ok(())
    }
}

/// Reads a bare `.npy` file of `length` bytes: an N×d array of features.
pub(super) fn read(
    source: &mut impl Read,
    length: u64,
    options: &ReadOptions,
) -> Result<Features, ReadFault> {
    const SUBJECT: &str = "the array";
    let phrase = |phrase: String| ReadFault::Malformed(format!("{SUBJECT} {phrase}"));
    let header = read_header(source).map_err(phrase)?;
    let (rows, cols) = check::matrix_shape(SUBJECT, &header)?;
    header.check_size(SUBJECT, length, options.max_array_bytes)?;
    let points = values::matrix(&header, rows, cols, source).map_err(phrase)?;
    values::expect_end(source).map_err(phrase)?;
    check::finish(Features { points, ..Features::default() }, options)
}

/// Reads and parses a header, leaving `source` at the first item.
pub(super) fn read_header(source: &mut impl Read) -> Result<Header, String> {
    let magic: [u8; 8] = read_exactly(source)?;
    let ([b'\x93', b'N', b'U', b'M', b'P', b'Y'], [major, minor]) = split(magic) else {
        return Err("is not in npy format".to_owned());
    };
    let (length, fixed) = match (major, minor) {
        (1, 0) => (usize::from(u16::from_le_bytes(read_exactly(source)?)), 10),
        (2 | 3, 0) => (u32::from_le_bytes(read_exactly(source)?) as usize, 12),
        _ => return Err(format!("is in npy format version {major}.{minor}; 1.0, 2.0 and 3.0 are read")),
    };
    if length > MAX_HEADER {
        return Err(format!("has a header of {length} bytes, more than the {MAX_HEADER} allowed"));
    }
    let mut text = Vec::new();
    source.take(length as u64).read_to_end(&mut text).map_err(|error| cut_short(&error))?;
    if text.len() < length {
        return Err("ends inside its header".to_owned());
    }
    let mut header = header::parse(&text)?;
    header.prefix = (fixed + length) as u64;
    Ok(header)
}

fn split(magic: [u8; 8]) -> ([u8; 6], [u8; 2]) {
    let [a, b, c, d, e, f, major, minor] = magic;
    ([a, b, c, d, e, f], [major, minor])
}

fn read_exactly<const COUNT: usize>(source: &mut impl Read) -> Result<[u8; COUNT], String> {
    let mut bytes = [0; COUNT];
    source.read_exact(&mut bytes).map_err(|error| cut_short(&error))?;
    Ok(bytes)
}

/// The phrase for a header that the source did not give.
fn cut_short(error: &std::io::Error) -> String {
    if error.kind() == std::io::ErrorKind::UnexpectedEof {
        "ends inside its header".to_owned()
    } else {
        format!("cannot be read: {}", plain_io(error))
    }
}

/// A shape as Python writes it: `(3, 4)`, `(3,)`, `()`.
fn shape_text(shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    let comma = if shape.len() == 1 { "," } else { "" };
    format!("({}{comma})", sizes.join(", "))
}

/// The header of an array in C order, padded so that the numbers start at a multiple of 64 bytes.
pub(super) fn header_bytes(descr: &str, shape: &[usize]) -> Vec<u8> {
    let mut text =
        format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {}, }}", shape_text(shape));
    // A type and a few sizes take well under 200 bytes, so the two-byte length always fits.
    let unpadded = 10 + text.len() + 1;
    text.extend(std::iter::repeat_n(' ', unpadded.next_multiple_of(64) - unpadded));
    text.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes
}

#[cfg(test)]
mod tests;
