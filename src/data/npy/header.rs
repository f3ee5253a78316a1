//! The text of an npy header: a Python dictionary of three fields, parsed in one pass without nesting.
//!
//! Reading the bytes, and what the sizes mean for the file, is in [`super`].

use super::values::MAX_TEXT;
use super::{Header, Kind};
use crate::data::printable;

/// The most dimensions a shape may have.
const MAX_DIMENSIONS: usize = 32;

/// Parses `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }` and nothing else.
pub(super) fn parse(text: &[u8]) -> Result<Header, String> {
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
        ("U", 1..=MAX_TEXT) => (Kind::Text, 4 * width),
        ("U", 0) => return Err("holds text of no width".to_owned()),
        ("U", _) => {
            return Err(format!(
                "holds text of {width} characters an item, more than the {MAX_TEXT} allowed"
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
