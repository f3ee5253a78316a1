//! The table of contents of a zip file: where each entry is and what is said of its size.
//!
//! Inflating and checksums are left to the `zip` crate. The directory is read here because its archive
//! type reserves memory for as many entries as a file claims to have, and because a feature file needs
//! none of the leniency (bytes before the archive, several disks, entries of the same name).

use std::io::{Read, Seek, SeekFrom};

use super::{ReadFault, plain_io, quoted};

/// The most entries a feature file may have.
const MAX_ENTRIES: u64 = 1024;
/// The largest table of contents that is read, in bytes.
const MAX_DIRECTORY: u64 = 4 << 20;
/// The longest end-of-directory record: 22 bytes and a comment.
const MAX_END: u64 = 22 + 0xFFFF;

/// One entry of a zip file, as its directory describes it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The name as stored. It is compared and shown, and never becomes a path.
    pub(super) name: String,
    /// Where the local header starts.
    pub(super) offset: u64,
    /// Bytes in the archive.
    pub(super) compressed: u64,
    /// Bytes it inflates to, as stated.
    pub(super) size: u64,
    /// The stated checksum.
    pub(super) crc: u32,
    /// 0 stored, 8 deflated; others are not read.
    pub(super) method: u16,
    /// Whether a password would be needed.
    pub(super) encrypted: bool,
}

/// All entries, in the order of the directory, with names that are unique and no paths out of the archive.
pub(super) fn entries<R: Read + Seek>(source: &mut R) -> Result<Vec<Entry>, ReadFault> {
    let end = find_end(source)?;
    if end.entries > MAX_ENTRIES {
        return Err(malformed(format!(
            "the archive holds {} entries, more than the {MAX_ENTRIES} allowed",
            end.entries
        )));
    }
    if end.size > MAX_DIRECTORY {
        return Err(malformed(format!(
            "its zip directory takes {} bytes, more than the {MAX_DIRECTORY} allowed",
            end.size
        )));
    }
    if end.offset.checked_add(end.size).is_none_or(|stop| stop > end.position) {
        return Err(damaged());
    }
    let directory = read_at(source, end.offset, end.size)?;
    let mut rest = directory.as_slice();
    let mut entries: Vec<Entry> = Vec::new();
    for _ in 0..end.entries {
        let entry = take_entry(&mut rest)?;
        if entries.iter().any(|other| other.name == entry.name) {
            return Err(malformed(format!("the archive holds {} twice", quoted(&entry.name))));
        }
        entries.push(entry);
    }
    if rest.is_empty() { Ok(entries) } else { Err(damaged()) }
}

/// What the end of the archive says about its directory.
struct End {
    entries: u64,
    size: u64,
    offset: u64,
    /// Where the end record itself starts: the directory must stop before it.
    position: u64,
}

fn find_end<R: Read + Seek>(source: &mut R) -> Result<End, ReadFault> {
    let length = source.seek(SeekFrom::End(0)).map_err(ReadFault::Io)?;
    if length == 0 {
        return Err(malformed("the file is empty".to_owned()));
    }
    let start = length.saturating_sub(MAX_END);
    let tail = read_at(source, start, length - start)?;
    // The record is the last one whose comment reaches exactly to the end of the file.
    let at = (0..tail.len().saturating_sub(21)).rev().find(|&at| {
        tail[at..].starts_with(b"PK\x05\x06") && at + 22 + u16_at(&tail, at + 20) as usize == tail.len()
    });
    let Some(at) = at else {
        let head = read_at(source, 0, length.min(6))?;
        return Err(malformed(if head == b"\x93NUMPY" {
            "this is a single array, not an npz archive: its name should end in .npy".to_owned()
        } else {
            "this is not an npz archive, or it is cut short".to_owned()
        }));
    };
    let record = &tail[at..at + 22];
    let position = start + at as u64;
    let end = End {
        entries: u16_at(record, 10) as u64,
        size: u32_at(record, 12) as u64,
        offset: u32_at(record, 16) as u64,
        position,
    };
    if end.entries == 0xFFFF || end.size == 0xFFFF_FFFF || end.offset == 0xFFFF_FFFF {
        return zip64_end(source, position);
    }
    if u16_at(record, 4) != 0 || u16_at(record, 6) != 0 || u64::from(u16_at(record, 8)) != end.entries {
        return Err(malformed("the archive is spread over several disks, which is not read".to_owned()));
    }
    Ok(end)
}

fn zip64_end<R: Read + Seek>(source: &mut R, position: u64) -> Result<End, ReadFault> {
    let locator = read_at(source, position.checked_sub(20).ok_or_else(damaged)?, 20)?;
    let at = u64_at(&locator, 8);
    if !locator.starts_with(b"PK\x06\x07") || at.checked_add(56 + 20).is_none_or(|stop| stop > position) {
        return Err(damaged());
    }
    let record = read_at(source, at, 56)?;
    let entries = u64_at(&record, 32);
    if !record.starts_with(b"PK\x06\x06") || u64_at(&record, 24) != entries {
        return Err(damaged());
    }
    Ok(End { entries, size: u64_at(&record, 40), offset: u64_at(&record, 48), position: at })
}

/// Takes one entry from the front of what is left of the directory.
fn take_entry(rest: &mut &[u8]) -> Result<Entry, ReadFault> {
    let fixed = take(rest, 46)?;
    if !fixed.starts_with(b"PK\x01\x02") {
        return Err(damaged());
    }
    let name = take(rest, u16_at(fixed, 28) as usize)?;
    let extra = take(rest, u16_at(fixed, 30) as usize)?;
    take(rest, u16_at(fixed, 32) as usize)?;
    let name = std::str::from_utf8(name)
        .map_err(|_| {
            malformed(format!(
                "the archive holds a name that is not UTF-8, {}",
                quoted(&String::from_utf8_lossy(name))
            ))
        })?
        .to_owned();
    let mut sizes = [u32_at(fixed, 24) as u64, u32_at(fixed, 20) as u64, u32_at(fixed, 42) as u64];
    widen(&mut sizes, extra)?;
    let [size, compressed, offset] = sizes;
    refuse_paths(&name)?;
    let made_on_unix = fixed[5] == 3;
    if made_on_unix && (u32_at(fixed, 38) >> 16) & 0o170_000 == 0o120_000 {
        return Err(malformed(format!(
            "the entry {} is a symbolic link, which is never followed",
            quoted(&name)
        )));
    }
    Ok(Entry {
        name,
        offset,
        compressed,
        size,
        crc: u32_at(fixed, 16),
        method: u16_at(fixed, 10),
        encrypted: u16_at(fixed, 8) & 1 == 1,
    })
}

/// Replaces saturated 32-bit sizes by those of the zip64 field, which lists only the saturated ones, in order.
fn widen(sizes: &mut [u64; 3], mut extra: &[u8]) -> Result<(), ReadFault> {
    while extra.len() >= 4 {
        let fields = take(&mut extra, 4)?;
        let (id, length) = (u16_at(fields, 0), u16_at(fields, 2) as usize);
        let mut field = take(&mut extra, length)?;
        if id == 1 {
            for size in sizes.iter_mut().filter(|size| **size == 0xFFFF_FFFF) {
                *size = u64_at(take(&mut field, 8)?, 0);
            }
            return Ok(());
        }
    }
    Ok(())
}

/// Names are never used as paths; one that tries to be a dangerous path says the file is not ours.
fn refuse_paths(name: &str) -> Result<(), ReadFault> {
    let absolute = name.starts_with(['/', '\\']) || name.as_bytes().get(1) == Some(&b':');
    if absolute || name.split(['/', '\\']).any(|part| part == "..") {
        return Err(malformed(format!("the entry {} is named like a path out of the archive", quoted(name))));
    }
    Ok(())
}

fn read_at<R: Read + Seek>(source: &mut R, offset: u64, length: u64) -> Result<Vec<u8>, ReadFault> {
    source.seek(SeekFrom::Start(offset)).map_err(ReadFault::Io)?;
    let mut bytes = Vec::new();
    source
        .take(length)
        .read_to_end(&mut bytes)
        .map_err(|error| malformed(format!("its zip directory cannot be read: {}", plain_io(&error))))?;
    if bytes.len() as u64 == length { Ok(bytes) } else { Err(damaged()) }
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8], ReadFault> {
    let (front, back) = rest.split_at_checked(count).ok_or_else(damaged)?;
    *rest = back;
    Ok(front)
}

/// A little-endian number of `COUNT` bytes; the callers have checked the length.
fn number_at<const COUNT: usize>(bytes: &[u8], at: usize) -> [u8; COUNT] {
    let mut number = [0; COUNT];
    number.copy_from_slice(&bytes[at..at + COUNT]);
    number
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(number_at(bytes, at))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(number_at(bytes, at))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(number_at(bytes, at))
}

fn malformed(sentence: String) -> ReadFault {
    ReadFault::Malformed(sentence)
}

fn damaged() -> ReadFault {
    malformed("its zip directory is damaged, or the file is cut short".to_owned())
}
