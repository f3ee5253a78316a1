//! The share string inside the files that losslab exports: how it is put there, and how it is found again.
//!
//! SVG and JSON hold it as plain characters, pictures in a chunk of text; an npz archive holds it as an array named
//! `share`, a film in a comment, a table of numbers in a line that begins with [`COMMENT`].

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::packed::PREFIX;
use super::{LONGEST, Share, ShareError};
use crate::data::text_in_npz;

/// The name of the text chunk, the line of the metadata, the array, the key: the same in every format.
pub const KEY: &str = "share";

/// How the first line of a table begins that carries a share string: a comment to those who read such tables.
pub const COMMENT: &str = "# losslab share ";

/// The largest file that is searched.
const LARGEST: u64 = 64 << 20;

/// Metadata of a figure that carries a share string, and says what wrote it.
pub fn metadata(share: Option<&str>) -> Vec<(String, String)> {
    let mut metadata = vec![("Software".to_owned(), format!("losslab {}", super::VERSION))];
    metadata.extend(share.map(|share| (KEY.to_owned(), share.to_owned())));
    metadata
}

/// The formats that carry share strings, by how their files begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carrier {
    /// Characters that stand in the file as they are.
    Plain,
    /// A PNG with chunks of text, each with a checksum behind it that may look like more of them.
    Png,
    /// A GIF with a comment, cut into blocks.
    Gif,
    /// A zip archive with an array of text.
    Npz,
}

fn carrier(head: &[u8]) -> Option<Carrier> {
    if head.starts_with(b"PK\x03\x04") {
        return Some(Carrier::Npz);
    }
    let starts = head.trim_ascii_start();
    if head.starts_with(b"\x89PNG") {
        return Some(Carrier::Png);
    }
    if head.starts_with(b"GIF8") {
        return Some(Carrier::Gif);
    }
    let plain = head.starts_with(COMMENT.as_bytes()) || starts.starts_with(b"<") || starts.starts_with(b"{");
    plain.then_some(Carrier::Plain)
}

/// Whether a file begins like one that may carry a share string, and not like an experiment file.
pub fn may_carry(path: &Path) -> bool {
    head(path).is_some_and(|head| carrier(&head).is_some())
}

fn head(path: &Path) -> Option<Vec<u8>> {
    // Opening a pipe would wait for somebody to write into it.
    let regular = std::fs::metadata(path).is_ok_and(|facts| facts.is_file());
    let mut head = Vec::new();
    regular.then_some(())?;
    File::open(path).ok()?.take(64).read_to_end(&mut head).ok()?;
    Some(head)
}

/// The share string that a file carries, if it carries one.
pub fn string_in(path: &Path) -> Option<String> {
    let found = match carrier(&head(path)?)? {
        carrier @ (Carrier::Plain | Carrier::Png | Carrier::Gif) => {
            let mut bytes = Vec::new();
            File::open(path).ok()?.take(LARGEST).read_to_end(&mut bytes).ok()?;
            match carrier {
                Carrier::Png => texts(&bytes),
                Carrier::Gif => comments(&bytes).unwrap_or_default(),
                _ => bytes,
            }
        }
        Carrier::Npz => text_in_npz(path, KEY, 4 * LONGEST as u64).ok()??.into_bytes(),
    };
    candidates(&found).find(|text| Share::decode(text).is_ok()).or_else(|| candidates(&found).next())
}

/// What a file carries; `None` where there is nothing that begins like a share string.
///
/// # Errors
/// [`ShareError`] for a string that is damaged or not understood.
pub fn share_in(path: &Path) -> Option<Result<Share, ShareError>> {
    string_in(path).map(|text| Share::decode(&text))
}

/// The chunks of text of a PNG, a line each: as many as there are before the file ends or is broken.
fn texts(bytes: &[u8]) -> Vec<u8> {
    let mut found = Vec::new();
    let mut rest = bytes.get(8..).unwrap_or_default();
    // A length, four letters, so many bytes, and a checksum.
    while let Some((&length, chunk)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(length) as usize;
        let Some(body) = chunk.get(4..).and_then(|body| body.get(..length)) else { break };
        if chunk.starts_with(b"tEXt") {
            found.extend_from_slice(body);
            found.push(b'\n');
        }
        rest = chunk.get(4 + length + 4..).unwrap_or_default();
    }
    found
}

/// The comments of a GIF before its first frame, put together from their blocks; nothing of a file that ends early.
fn comments(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut found = Vec::new();
    // The screen: its size, what its colours are, and these.
    let flags = *bytes.get(10)?;
    let mut at = 13 + if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    while *bytes.get(at)? == 0x21 {
        let is_comment = *bytes.get(at + 1)? == 0xfe;
        at += 2;
        loop {
            let length = usize::from(*bytes.get(at)?);
            let block = bytes.get(at + 1..at + 1 + length)?;
            at += 1 + length;
            if length == 0 {
                break;
            }
            if is_comment {
                found.extend_from_slice(block);
            }
        }
    }
    Some(found)
}

/// Every stretch of characters that begins as a share string does.
fn candidates(bytes: &[u8]) -> impl Iterator<Item = String> {
    let starts = bytes.windows(PREFIX.len()).enumerate();
    let starts = starts.filter(|(_, window)| *window == PREFIX.as_bytes()).map(|(at, _)| at);
    starts.map(|at| {
        let rest = bytes[at + PREFIX.len()..].iter();
        let more = rest.take(LONGEST).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        let characters: String = more.map(|&byte| char::from(byte)).collect();
        format!("{PREFIX}{characters}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_behind_a_text_is_no_part_of_it() {
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        for (kind, body) in [(b"IHDR", "size"), (b"tEXt", "share\0ll1:Ab3-_"), (b"tEXt", "Software\0losslab")]
        {
            png.extend((body.len() as u32).to_be_bytes());
            png.extend(kind);
            png.extend(body.bytes());
            png.extend(b"sUm4");
        }
        assert_eq!(candidates(&texts(&png)).collect::<Vec<_>>(), ["ll1:Ab3-_"]);
        // A file that ends early is read as far as it goes.
        for end in 0..png.len() {
            let found: Vec<_> = candidates(&texts(&png[..end])).collect();
            assert!(found.is_empty() || found == ["ll1:Ab3-_"], "{end}: {found:?}");
        }
    }
}
