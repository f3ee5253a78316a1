//! The items of an array: numbers of every type and byte order, and text.
//!
//! Read in chunks of 64 KiB; memory grows with what has really been read, never with what a header claims.

use std::io::Read;

use super::{Header, Kind};
use crate::data::plain_io;
use crate::features::Matrix;

/// Bytes read at a time.
const CHUNK: usize = 64 << 10;
/// The widest text that is read, in characters an item.
pub(in crate::data) const MAX_TEXT: usize = 1 << 16;

/// The `rows * cols` numbers of a two-dimensional array, as `f32`: too large ones become infinite.
pub(in crate::data) fn matrix(
    header: &Header,
    rows: usize,
    cols: usize,
    source: &mut impl Read,
) -> Result<Matrix, String> {
    let data = floats(header, source)?;
    Ok(if header.fortran {
        Matrix::from_fn(rows, cols, |row, col| data[col * rows + row])
    } else {
        Matrix::new(rows, cols, data)
    })
}

/// All floats, in the order of the file, as `f32`: too large ones become infinite.
pub(in crate::data) fn floats(header: &Header, source: &mut impl Read) -> Result<Vec<f32>, String> {
    let mut out = Vec::new();
    each_float(header, source, |value| push(&mut out, value as f32, header.count))?;
    Ok(out)
}

/// All integers, in the order of the file, as `u32`: negative and larger ones are refused.
pub(in crate::data) fn small_integers(header: &Header, source: &mut impl Read) -> Result<Vec<u32>, String> {
    let mut out = Vec::new();
    each_integer(header, source, |value| {
        let row = out.len();
        let small = u32::try_from(value).map_err(|_| match value {
            ..0 => format!("holds {value} in row {row}, but its numbers start at 0"),
            _ => format!("holds {value} in row {row}, more than the {} that fits", u32::MAX),
        })?;
        push(&mut out, small, header.count)
    })?;
    Ok(out)
}

/// The one number of an array, exactly if it is an integer below 2^53.
pub(in crate::data) fn one_number(header: &Header, source: &mut impl Read) -> Result<f64, String> {
    let mut number = f64::NAN;
    if header.kind == Kind::Float {
        each_float(header, source, |value| {
            number = value;
            Ok(())
        })?;
    } else {
        number = one_integer(header, source)? as f64;
    }
    Ok(number)
}

/// The one integer of an array.
pub(in crate::data) fn one_integer(header: &Header, source: &mut impl Read) -> Result<i128, String> {
    let mut number = 0;
    each_integer(header, source, |value| {
        number = value;
        Ok(())
    })?;
    Ok(number)
}

/// All texts, without the NULs that fill them up.
pub(in crate::data) fn texts(header: &Header, source: &mut impl Read) -> Result<Vec<String>, String> {
    if header.kind != Kind::Text {
        return Err("holds numbers, but text is needed".to_owned());
    }
    let mut out = Vec::new();
    each_item(header, source, |item| {
        let mut text = String::new();
        for code in item.chunks_exact(4) {
            let code = u32::from_le_bytes(ordered(code, header.big_endian));
            text.push(char::from_u32(code).ok_or("holds text with a code that is no character")?);
        }
        text.truncate(text.trim_end_matches('\0').len());
        text.shrink_to_fit();
        push(&mut out, text, header.count)
    })?;
    Ok(out)
}

/// Checks that nothing follows the items; in an archive this also compares the checksum.
pub(in crate::data) fn expect_end(source: &mut impl Read) -> Result<(), String> {
    match source.read(&mut [0]) {
        Ok(0) => Ok(()),
        Ok(_) => Err("has more data than its shape says".to_owned()),
        Err(error) => Err(unreadable(&error)),
    }
}

fn each_float(
    header: &Header,
    source: &mut impl Read,
    mut take: impl FnMut(f64) -> Result<(), String>,
) -> Result<(), String> {
    if header.kind != Kind::Float {
        return Err("does not hold floats; convert it with .astype(\"float32\")".to_owned());
    }
    let big = header.big_endian;
    each_item(header, source, |item| {
        take(match item.len() {
            2 => half_to_f64(u16::from_le_bytes(ordered(item, big))),
            4 => f64::from(f32::from_le_bytes(ordered(item, big))),
            _ => f64::from_le_bytes(ordered(item, big)),
        })
    })
}

fn each_integer(
    header: &Header,
    source: &mut impl Read,
    mut take: impl FnMut(i128) -> Result<(), String>,
) -> Result<(), String> {
    let signed = match header.kind {
        Kind::Signed => true,
        Kind::Unsigned | Kind::Bool => false,
        Kind::Float => {
            return Err(
                "holds floats, but integers are needed; convert it with .astype(\"int64\")".to_owned()
            );
        }
        Kind::Text => return Err("holds text, but integers are needed".to_owned()),
    };
    each_item(header, source, |item| {
        let mut bytes: [u8; 8] = ordered(item, header.big_endian);
        if header.kind == Kind::Bool {
            bytes[0] = u8::from(bytes[0] != 0);
        }
        let unsigned = u64::from_le_bytes(bytes);
        // Shift up and back down to copy the sign bit into the bytes the item does not have.
        let unused = 64 - 8 * item.len() as u32;
        take(if signed { i128::from(((unsigned << unused) as i64) >> unused) } else { i128::from(unsigned) })
    })
}

/// The bytes of an item as the low bytes of a little-endian number.
fn ordered<const COUNT: usize>(item: &[u8], big_endian: bool) -> [u8; COUNT] {
    let mut bytes = [0; COUNT];
    bytes[..item.len()].copy_from_slice(item);
    if big_endian {
        bytes[..item.len()].reverse();
    }
    bytes
}

fn each_item(
    header: &Header,
    source: &mut impl Read,
    mut take: impl FnMut(&[u8]) -> Result<(), String>,
) -> Result<(), String> {
    let mut buffer = vec![0; (CHUNK / header.item).max(1) * header.item];
    let mut left = header.count;
    while left > 0 {
        let items = left.min(buffer.len() / header.item);
        let chunk = &mut buffer[..items * header.item];
        source.read_exact(chunk).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => {
                format!("has shape {}, but its data ends before that", header.shape_text())
            }
            _ => unreadable(&error),
        })?;
        chunk.chunks_exact(header.item).try_for_each(&mut take)?;
        left -= items;
    }
    Ok(())
}

/// Appends, growing by half of what is there but never beyond `count`.
fn push<T>(out: &mut Vec<T>, value: T, count: usize) -> Result<(), String> {
    if out.len() == out.capacity() {
        let more = (out.len() / 2).max(1024).min(count.saturating_sub(out.len()).max(1));
        out.try_reserve_exact(more).map_err(|_| "does not fit into memory".to_owned())?;
    }
    out.push(value);
    Ok(())
}

fn unreadable(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::InvalidData if error.to_string().contains("checksum") => {
            "is damaged: its checksum does not fit its data".to_owned()
        }
        std::io::ErrorKind::InvalidData if error.to_string().contains("larger than its declared") => {
            "inflates past its stated size".to_owned()
        }
        std::io::ErrorKind::InvalidData | std::io::ErrorKind::InvalidInput | std::io::ErrorKind::Other => {
            "is damaged: its data cannot be inflated".to_owned()
        }
        _ => format!("cannot be read: {}", plain_io(error)),
    }
}

/// IEEE 754 binary16: 1 sign bit, 5 bits of exponent biased by 15, 10 bits of fraction.
fn half_to_f64(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1F), f64::from(bits & 0x3FF));
    sign * match exponent {
        0 => fraction * 2.0_f64.powi(-24),
        0x1F if fraction == 0.0 => f64::INFINITY,
        0x1F => f64::NAN,
        _ => (1.0 + fraction / 1024.0) * 2.0_f64.powi(exponent - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_what_the_standard_says() {
        for (bits, value) in [
            (0x3C00, 1.0),
            (0xC000, -2.0),
            (0x7BFF, 65504.0),
            (0x0001, 2.0_f64.powi(-24)),
            (0x0400, 2.0_f64.powi(-14)),
            (0x3555, 0.333_251_953_125),
            (0x8000, -0.0),
            (0x7C00, f64::INFINITY),
        ] {
            assert_eq!(half_to_f64(bits).to_bits(), f64::to_bits(value), "{bits:#06x}");
        }
        assert!(half_to_f64(0x7C01).is_nan());
    }

    #[test]
    fn capacity_stays_within_what_is_there() {
        let mut out = Vec::new();
        for value in 0..5000_u32 {
            push(&mut out, value, 5000).unwrap();
            assert!(out.capacity() <= (out.len() * 3 / 2 + 1024).min(5000));
        }
        let mut claimed = Vec::new();
        push(&mut claimed, 1_u32, usize::MAX / 8).unwrap();
        assert!(claimed.capacity() <= 1024);
    }
}
