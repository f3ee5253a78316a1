//! The npy format: a strict parser of its header, the bare `.npy` reader and the header writer.
//!
//! The header is a Python literal; only the one dictionary that numpy writes is accepted, in one pass
//! over at most 64 KiB. The numbers behind it are read in [`values`]. Faults are phrases that follow the
//! name of an array: `holds pickled objects, …`.

use std::io::Read;

use super::{ReadFault, ReadOptions, check, plain_io, printable};
use crate::features::{Features, Matrix};

pub(super) mod values;

/// The longest header that is read, in bytes.
const MAX_HEADER: usize = 64 << 10;
/// The most dimensions a shape may have.
const MAX_DIMENSIONS: usize = 32;

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
        if self.bytes > limit {
            return Err(ReadFault::TooLarge { subject: subject.to_owned(), bytes: self.bytes, limit });
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
    let mut header = parse(&text)?;
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

/// Parses `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }` and nothing else.
fn parse(text: &[u8]) -> Result<Header, String> {
    let mut scanner = Scanner { rest: text };
    let (mut descr, mut fortran, mut shape) = (None, None, None);
    scanner.expect(b'{')?;
    while !scanner.accept(b'}') {
        let key = scanner.string()?;
        scanner.expect(b':')?;
        let repeated = match key {
            "descr" => descr.replace(scanner.descr()?).is_some(),
            "fortran_order" => fortran.replace(scanner.boolean()?).is_some(),
            "shape" => shape.replace(scanner.shape()?).is_some(),
            _ => return Err(format!("has a header with the unknown field \"{}\"", printable(key))),
        };
        if repeated {
            return Err(format!("has a header with \"{key}\" twice"));
        }
        if !scanner.accept(b',') {
            scanner.expect(b'}')?;
            break;
        }
    }
    if scanner.peek().is_some() {
        return Err("has a header with something after its closing brace".to_owned());
    }
    let (Some(descr), Some(fortran), Some(shape)) = (descr, fortran, shape) else {
        return Err("has a header without one of \"descr\", \"fortran_order\" and \"shape\"".to_owned());
    };
    let (kind, item, big_endian) = item_type(descr)?;
    let too_large = || "has a shape whose sizes multiply to more than any file can hold".to_owned();
    let count =
        shape.iter().try_fold(1_usize, |count, &size| count.checked_mul(size)).ok_or_else(too_large)?;
    let bytes =
        count.checked_mul(item).filter(|&bytes| isize::try_from(bytes).is_ok()).ok_or_else(too_large)?;
    Ok(Header { kind, item, big_endian, fortran, shape, count, bytes: bytes as u64, prefix: 0 })
}

/// Kind, bytes and byte order of a numpy type string such as `<f4`.
fn item_type(descr: &str) -> Result<(Kind, usize, bool), String> {
    let unknown = || {
        format!(
            "holds items of type \"{}\", which is not read (floats f2, f4, f8, integers, bool and text U are)",
            printable(descr)
        )
    };
    let (order, rest) = descr.split_at_checked(1).ok_or_else(unknown)?;
    let (letter, width) = rest.split_at_checked(1).ok_or_else(unknown)?;
    if letter == "O" {
        return Err("holds pickled objects, which are never read".to_owned());
    }
    let plain = !width.is_empty() && width.len() <= 9 && width.bytes().all(|digit| digit.is_ascii_digit());
    let width: usize = if plain { width.parse().map_err(|_| unknown())? } else { return Err(unknown()) };
    let (kind, item) = match (letter, width) {
        ("f", 2 | 4 | 8) => (Kind::Float, width),
        ("i", 1 | 2 | 4 | 8) => (Kind::Signed, width),
        ("u", 1 | 2 | 4 | 8) => (Kind::Unsigned, width),
        ("b", 1) => (Kind::Bool, 1),
        ("U", 1..=values::MAX_TEXT) => (Kind::Text, 4 * width),
        ("U", 0) => return Err("holds text of no width".to_owned()),
        ("U", _) => {
            return Err(format!(
                "holds text of {width} characters an item, more than the {} allowed",
                values::MAX_TEXT
            ));
        }
        ("S", _) => {
            return Err("holds bytes instead of text; save it as unicode with .astype(str)".to_owned());
        }
        _ => return Err(unknown()),
    };
    match order {
        "<" => Ok((kind, item, false)),
        ">" => Ok((kind, item, true)),
        "|" if item == 1 => Ok((kind, item, false)),
        _ => Err(unknown()),
    }
}

/// Reads the few tokens a header may have; it looks at every byte once and never nests.
struct Scanner<'a> {
    rest: &'a [u8],
}

impl<'a> Scanner<'a> {
    /// The next byte that is not a space.
    fn peek(&mut self) -> Option<u8> {
        self.rest = self.rest.trim_ascii_start();
        self.rest.first().copied()
    }

    fn accept(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        if there {
            self.rest = &self.rest[1..];
        }
        there
    }

    fn expect(&mut self, byte: u8) -> Result<(), String> {
        if self.accept(byte) {
            return Ok(());
        }
        let wanted = char::from(byte);
        Err(match self.peek() {
            Some(found) => format!(
                "has a header with \"{}\" where \"{wanted}\" belongs",
                char::from(found).escape_default()
            ),
            None => format!("has a header that ends where \"{wanted}\" belongs"),
        })
    }

    /// A string without escapes, in either kind of quote.
    fn string(&mut self) -> Result<&'a str, String> {
        let quote = if self.accept(b'"') { b'"' } else { self.expect(b'\'').map(|()| b'\'')? };
        let unfinished = || "has a header with an unfinished string".to_owned();
        let end = self.rest.iter().position(|&byte| byte == quote).ok_or_else(unfinished)?;
        let (string, rest) = self.rest.split_at(end);
        self.rest = &rest[1..];
        match std::str::from_utf8(string) {
            Ok(string) if !string.contains('\\') => Ok(string),
            _ => Err("has a header with a string that is not plain text".to_owned()),
        }
    }

    fn descr(&mut self) -> Result<&'a str, String> {
        match self.peek() {
            Some(b'[' | b'(' | b'{') => {
                Err("holds structured items (several fields), which are not read; save each field as its own array".to_owned())
            }
            _ => self.string(),
        }
    }

    fn boolean(&mut self) -> Result<bool, String> {
        self.peek();
        for (word, value) in [(b"True".as_slice(), true), (b"False", false)] {
            if let Some(rest) = self.rest.strip_prefix(word) {
                self.rest = rest;
                return Ok(value);
            }
        }
        Err("has a header whose \"fortran_order\" is neither True nor False".to_owned())
    }

    fn shape(&mut self) -> Result<Vec<usize>, String> {
        self.expect(b'(')?;
        let mut shape = Vec::new();
        let mut comma = true;
        while !self.accept(b')') {
            if !comma {
                self.expect(b',')?;
                continue;
            }
            shape.push(self.size()?);
            if shape.len() > MAX_DIMENSIONS {
                return Err(format!("has more than {MAX_DIMENSIONS} dimensions"));
            }
            comma = self.accept(b',');
        }
        // In Python (3) is a number; a shape of one size is (3,).
        if shape.len() == 1 && !comma {
            return Err("has a header whose \"shape\" is a number instead of a tuple".to_owned());
        }
        Ok(shape)
    }

    fn size(&mut self) -> Result<usize, String> {
        match self.peek() {
            Some(b'-') => return Err("has a shape with a negative size".to_owned()),
            Some(b'(' | b'[' | b'{') => return Err("has a shape with brackets inside brackets".to_owned()),
            _ => (),
        }
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = self.rest.split_at(digits);
        self.rest = rest;
        let number = std::str::from_utf8(number).unwrap_or_default();
        if number.is_empty() {
            return Err("has a shape with something that is not a whole number".to_owned());
        }
        number.parse().map_err(|_| "has a shape with a size no file can hold".to_owned())
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

/// Wraps row-major items, or items whose first index runs fastest, into a matrix.
pub(super) fn into_matrix(rows: usize, cols: usize, fortran: bool, data: Vec<f32>) -> Matrix {
    if fortran {
        Matrix::from_fn(rows, cols, |row, col| data[col * rows + row])
    } else {
        Matrix::new(rows, cols, data)
    }
}

#[cfg(test)]
mod tests;
