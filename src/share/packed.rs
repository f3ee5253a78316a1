//! From a text to characters that survive chat, mail and shells, and back: deflated where that is shorter, a checksum,
//! base64 of the alphabet that URLs use.

use std::io::{Read, Write};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use super::ShareError;

/// What every string begins with.
pub(super) const PREFIX: &str = "ll1:";
/// The most characters a string may have.
pub const LONGEST: usize = 1 << 17;
/// The most bytes a string may unpack to.
const LARGEST: u64 = 1 << 20;

/// The text as it is.
const PLAIN: u8 = 0;
/// The text deflated.
const DEFLATED: u8 = 1;

/// Whether a text is meant as a share string: `ll`, digits, a colon. No file is looked for under such a name.
pub fn looks_like_one(text: &str) -> bool {
    kind(text.trim_start()).is_some()
}

/// What stands before the colon, where it looks like the beginning of a share string.
fn kind(text: &str) -> Option<&str> {
    let (kind, _) = text.split_once(':')?;
    let digits = kind.strip_prefix("ll")?;
    (!digits.is_empty() && digits.len() < 9 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(kind)
}

pub(super) fn pack(text: &str) -> Result<String, ShareError> {
    let mut bytes = vec![PLAIN];
    let deflated = deflate(text.as_bytes());
    if deflated.len() < text.len() {
        bytes[0] = DEFLATED;
        bytes.extend(deflated);
    } else {
        bytes.extend(text.as_bytes());
    }
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    let packed = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes));
    if packed.len() > LONGEST || text.len() as u64 > LARGEST {
        return Err(ShareError::TooLong { length: packed.len() });
    }
    Ok(packed)
}

pub(super) fn unpack(text: &str) -> Result<String, ShareError> {
    if text.len() > 2 * LONGEST {
        return Err(ShareError::TooLong { length: text.len() });
    }
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    if text.len() > LONGEST {
        return Err(ShareError::TooLong { length: text.len() });
    }
    let Some(characters) = text.strip_prefix(PREFIX) else {
        return Err(match kind(&text) {
            Some(kind) => ShareError::Kind { kind: kind.to_owned() },
            None => ShareError::NotOne,
        });
    };
    let bytes = URL_SAFE_NO_PAD.decode(characters).map_err(|_| ShareError::Damaged)?;
    let (body, sum) = bytes.split_last_chunk::<4>().ok_or(ShareError::Damaged)?;
    if crc32fast::hash(body) != u32::from_le_bytes(*sum) {
        return Err(ShareError::Damaged);
    }
    let bytes = match body.split_first() {
        Some((&PLAIN, text)) => text.to_vec(),
        Some((&DEFLATED, deflated)) => inflate(deflated).ok_or(ShareError::Damaged)?,
        _ => return Err(ShareError::Damaged),
    };
    String::from_utf8(bytes).map_err(|_| ShareError::Damaged)
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    // Writing to memory cannot fail; should it, the plain text is shorter than nothing saved.
    match encoder.write_all(bytes).and_then(|()| encoder.finish()) {
        Ok(deflated) => deflated,
        Err(_) => bytes.to_vec(),
    }
}

/// Whole, and no more than [`LARGEST`] of it.
fn inflate(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    DeflateDecoder::new(bytes).take(LARGEST + 1).read_to_end(&mut text).ok()?;
    (text.len() as u64 <= LARGEST).then_some(text)
}
