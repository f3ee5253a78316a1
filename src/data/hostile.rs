//! Files made to harm: each must be one plain sentence, at once, without memory it does not hold.
//!
//! They are built here in memory; the helpers also build the honest arrays of the other tests.

use std::io::{Cursor, Write};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{ReadOptions, csv, npy, npz};
use crate::features::Features;

/// An npy array with this header text, in format version 1.
pub(super) fn npy_text(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// An npy array as numpy writes it.
pub(super) fn npy_array(descr: &str, fortran: bool, shape: &str, data: &[u8]) -> Vec<u8> {
    let fortran = if fortran { "True" } else { "False" };
    npy_text(&format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n"), data)
}

/// A deflated archive of these entries, under these very names.
pub(super) fn zip_of(entries: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        archive.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

pub(super) fn read_npz(bytes: &[u8]) -> Result<Features, String> {
    npz::read(&mut Cursor::new(bytes), &ReadOptions::default()).map_err(|fault| fault.to_string())
}

pub(super) fn read_npy(bytes: &[u8]) -> Result<Features, String> {
    npy::read(&mut &*bytes, bytes.len() as u64, &ReadOptions::default()).map_err(|fault| fault.to_string())
}

/// Four honest numbers in two rows.
fn honest() -> Vec<u8> {
    let data: Vec<u8> = [1.0_f32, 2.0, 3.0, 4.0].iter().flat_map(|x| x.to_le_bytes()).collect();
    npy_array("<f4", false, "(2, 2)", &data)
}

/// Refuses `bytes` with a sentence that holds `wrong`, in the best of three tries under 100 ms.
fn refused(what: &str, bytes: &[u8], read: fn(&[u8]) -> Result<Features, String>, wrong: &str) {
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let start = Instant::now();
        let sentence = read(bytes).expect_err(what);
        best = best.min(start.elapsed());
        assert!(sentence.contains(wrong), "{what}: {sentence}");
        assert!(!sentence.contains('\n') && sentence.len() < 600, "{what}: {sentence}");
    }
    assert!(best < Duration::from_millis(100), "{what} took {best:?}");
}

#[test]
fn hostile_headers_are_refused() {
    let shape = |shape: &str| npy_array("<f4", false, shape, &[0; 16]);
    let descr = |descr: &str| {
        npy_text(&format!("{{'descr': {descr}, 'fortran_order': False, 'shape': (2, 2), }}"), &[0; 16])
    };
    let mut four_gib = b"\x93NUMPY\x02\x00".to_vec();
    four_gib.extend(u32::MAX.to_le_bytes());
    four_gib.extend([b' '; 100]);
    let mut long = b"\x93NUMPY\x02\x00".to_vec();
    long.extend(65_537_u32.to_le_bytes());
    long.extend(vec![b' '; 65_537]);
    let nested = |open: &str| npy_text(&open.repeat(10_000), &[]);
    for (what, bytes, wrong) in [
        ("empty", Vec::new(), "ends inside its header"),
        ("text", b"x,y\n1,2 and more text".to_vec(), "is not in npy format"),
        ("version 9", b"\x93NUMPY\x09\x00\x00\x00".to_vec(), "is in npy format version 9.0"),
        ("4 GiB header", four_gib, "has a header of 4294967295 bytes, more than the 65536 allowed"),
        ("long header", long, "has a header of 65537 bytes"),
        ("brackets", nested("["), "has a header with \"[\" where \"{\" belongs"),
        ("braces", nested("{"), "has a header with \"{\" where"),
        ("nested shape", shape(&"(".repeat(20_000)), "has a shape with brackets inside brackets"),
        ("list in shape", shape("([2], 2)"), "has a shape with brackets inside brackets"),
        ("negative", shape("(-2, -2)"), "has a shape with a negative size"),
        (
            "wrapping product",
            shape("(1099511627776, 1099511627776)"),
            "multiply to more than any file can hold",
        ),
        ("wrapping bytes", shape("(2305843009213693952, 1)"), "multiply to more than any file can hold"),
        ("huge size", shape("(99999999999999999999999, 1)"), "has a shape with a size no file can hold"),
        (
            "more than there is",
            shape("(1000000, 100)"),
            "has shape (1000000, 100), which takes 400000000 bytes, but 16 bytes",
        ),
        (
            "less than there is",
            shape("(1, 2)"),
            "has shape (1, 2), which takes 8 bytes, but 16 bytes of data",
        ),
        ("no tuple", shape("(4)"), "is a number instead of a tuple"),
        ("no number", shape("(a, 2)"), "something that is not a whole number"),
        ("float size", shape("(2.0, 2)"), "has a header with \".\" where"),
        ("100 dimensions", shape(&format!("({})", "1, ".repeat(100))), "has more than 32 dimensions"),
        ("one dimension", shape("(4,)"), "has shape (4,), but two dimensions are needed"),
        ("three dimensions", shape("(1, 2, 2)"), "has shape (1, 2, 2), but two dimensions are needed"),
        ("no rows", npy_array("<f4", false, "(0, 4)", &[]), "is empty: it has 0 rows of 4 numbers"),
        ("no columns", npy_array("<f4", false, "(4, 0)", &[]), "is empty: it has 4 rows of 0 numbers"),
        ("pickle", descr("'|O'"), "holds pickled objects, which are never read"),
        ("structure", descr("[('a', '<f4'), ('b', '<f4')]"), "holds structured items"),
        ("nested structure", descr(&"[(".repeat(10_000)), "holds structured items"),
        ("complex", descr("'<c8'"), "holds items of type \"<c8\", which is not read"),
        ("bfloat16", descr("'|V2'"), "holds items of type \"|V2\""),
        ("float of 3 bytes", descr("'<f3'"), "holds items of type \"<f3\""),
        ("wide text", descr("'<U1000000000'"), "holds items of type"),
        ("wider text", descr("'<U100000'"), "holds text of 100000 characters an item"),
        ("text of no width", descr("'<U0'"), "holds text of no width"),
        ("integers", descr("'<i4'"), "does not hold floats; convert it with .astype(\"float32\")"),
        ("unfinished string", descr("'<f4"), "has a header with"),
        ("escape codes", descr("'\u{1b}[31m'"), "holds items of type \"\\u{1b}[31m\""),
        (
            "trailing",
            npy_text("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)} + x", &[0; 16]),
            "something after its closing brace",
        ),
        (
            "missing field",
            npy_text("{'descr': '<f4', 'shape': (2, 2)}", &[0; 16]),
            "has a header without one of",
        ),
        ("unknown field", npy_text("{'descr': '<f4', 'evil': 1}", &[0; 16]), "unknown field \"evil\""),
        (
            "twice",
            npy_text("{'descr': '<f4', 'descr': '<f8'}", &[0; 16]),
            "has a header with \"descr\" twice",
        ),
        ("not boolean", npy_text("{'fortran_order': 1}", &[0; 16]), "neither True nor False"),
    ] {
        refused(what, &bytes, read_npy, wrong);
        // The same array in an archive, which states its true size.
        let archive = zip_of(&[("features.npy", &bytes)], CompressionMethod::Deflated);
        refused(what, &archive, read_npz, "\"features\" ");
    }
}

#[test]
fn dangerous_names_are_refused() {
    let features = honest();
    for name in ["../features.npy", "/etc/passwd", "a/../../b.npy", "..\\x.npy", "C:\\x.npy"] {
        let archive = zip_of(&[("features.npy", &features), ("xxxx", b"x")], CompressionMethod::Stored);
        // The writer of the zip crate refuses such names, so the name is put in afterwards.
        let named = rename(&archive, "xxxx", name);
        refused(name, &named, read_npz, "is named like a path out of the archive");
    }
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.add_symlink("features.npy", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    let link = archive.finish().unwrap().into_inner();
    refused(
        "link",
        &link,
        read_npz,
        "the entry \"features.npy\" is a symbolic link, which is never followed",
    );
}

/// Renames an entry in the directory of an archive (local headers are not looked at for unknown keys).
fn rename(archive: &[u8], old: &str, new: &str) -> Vec<u8> {
    let central = directory_header(archive, old);
    let mut bytes = archive[..central + 46].to_vec();
    bytes[central + 28..central + 30].copy_from_slice(&(new.len() as u16).to_le_bytes());
    bytes.extend(new.as_bytes());
    bytes.extend(&archive[central + 46 + old.len()..]);
    let end = bytes.len() - 22;
    let size = u32::from_le_bytes(bytes[end + 12..end + 16].try_into().unwrap()) + new.len() as u32
        - old.len() as u32;
    bytes[end + 12..end + 16].copy_from_slice(&size.to_le_bytes());
    bytes
}

/// Where the directory's header of this entry starts.
fn directory_header(archive: &[u8], name: &str) -> usize {
    (0..archive.len())
        .rev()
        .find(|&at| {
            archive[at..].starts_with(b"PK\x01\x02") && archive[at + 46..].starts_with(name.as_bytes())
        })
        .unwrap()
}

#[test]
fn bombs_and_false_sizes_are_refused() {
    // 100 MiB of zeros deflate to about 100 KiB, 1000 to 1; the header is honest.
    let mut zeros = npy_array("<f4", false, "(26214400, 1)", &[]);
    zeros.resize(zeros.len() + (100 << 20), 0);
    let bomb = zip_of(&[("features.npy", &zeros)], CompressionMethod::Deflated);
    assert!(bomb.len() < 200_000);
    refused("bomb", &bomb, read_npz, "\"features\" would inflate from ");
    // What the archive claims to hold beyond the length of the file does not count.
    let mut claimed = bomb.clone();
    let header = directory_header(&claimed, "features.npy");
    claimed[header + 20..header + 24].copy_from_slice(&0x3000_0000_u32.to_le_bytes());
    refused("bomb with a false length", &claimed, read_npz, "\"features\" would inflate from ");
    // The same bytes, stored, are simply large.
    let options = ReadOptions { max_array_bytes: 1 << 20, ..ReadOptions::default() };
    let stored = zip_of(&[("features.npy", &zeros)], CompressionMethod::Stored);
    let error = npz::read(&mut Cursor::new(stored), &options).unwrap_err().to_string();
    assert_eq!(
        error,
        "\"features\" takes 104857600 bytes, more than the 1048576 allowed; --max-array-bytes allows more"
    );

    let archive = zip_of(&[("features.npy", &honest())], CompressionMethod::Deflated);
    let header = directory_header(&archive, "features.npy");
    let patched = |offset: usize, value: u32| {
        let mut bytes = archive.clone();
        bytes[header + offset..header + offset + 4].copy_from_slice(&value.to_le_bytes());
        bytes
    };
    let size = honest().len() as u32;
    refused("understated", &patched(24, size - 4), read_npz, "which takes 16 bytes, but 12 bytes of data");
    refused("overstated", &patched(24, size + 4), read_npz, "which takes 16 bytes, but 20 bytes of data");
    refused("stated 4 GiB", &patched(24, u32::MAX - 1), read_npz, "\"features\" would inflate from ");
    refused(
        "other checksum",
        &patched(16, 1),
        read_npz,
        "\"features\" is damaged: its checksum does not fit its data",
    );
    refused(
        "other place",
        &patched(42, 1),
        read_npz,
        "\"features\" is damaged: its place in the archive is wrong",
    );
    refused(
        "place beyond the end",
        &patched(42, 1 << 30),
        read_npz,
        "\"features\" is damaged: its place in the archive is wrong",
    );
    refused("other length", &patched(20, 1 << 30), read_npz, "\"features\" is damaged");

    // The shape and the stated size agree, but the data inflates past both.
    let claim = npy_array("<f4", false, "(2, 2)", &[0; 16]);
    let mut longer = claim.clone();
    longer.extend([0; 1000]);
    let archive = zip_of(&[("features.npy", &longer)], CompressionMethod::Deflated);
    let header = directory_header(&archive, "features.npy");
    let mut bytes = archive;
    bytes[header + 24..header + 28].copy_from_slice(&(claim.len() as u32).to_le_bytes());
    refused("inflates past its size", &bytes, read_npz, "\"features\" inflates past its stated size");
}

#[test]
fn crowded_and_doubled_archives_are_refused() {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for entry in 0..70_000 {
        archive.start_file(entry.to_string(), SimpleFileOptions::default()).unwrap();
    }
    let crowded = archive.finish().unwrap().into_inner();
    refused(
        "70 000 entries",
        &crowded,
        read_npz,
        "the archive holds 70000 entries, more than the 1024 allowed",
    );

    // An end record that claims a million entries, and one that claims a huge directory.
    let mut archive = zip_of(&[("features.npy", &honest())], CompressionMethod::Deflated);
    let end = archive.len() - 22;
    archive[end + 8..end + 12].copy_from_slice(&[0x00, 0x04, 0x00, 0x04]);
    refused("1024 claimed", &archive, read_npz, "its zip directory is damaged, or the file is cut short");
    archive[end + 12..end + 16].copy_from_slice(&0xFFFF_FFFE_u32.to_le_bytes());
    refused("4 GiB directory", &archive, read_npz, "its zip directory takes 4294967294 bytes");

    let renamed = zip_of(&[("feature_.npy", &honest())], CompressionMethod::Stored);
    let renamed = rename(&renamed, "feature_.npy", "features.npy");
    refused("two names", &renamed, read_npz, "\"features\" is damaged: its place in the archive is wrong");

    let twice =
        zip_of(&[("features.npy", &honest()), ("feature_.npy", &honest())], CompressionMethod::Stored);
    let twice = rename(&twice, "feature_.npy", "features.npy");
    refused("twice", &twice, read_npz, "the archive holds \"features.npy\" twice");
}

#[test]
fn archives_in_zip64_form_are_read_and_bounded() {
    let plain = zip_of(&[("features.npy", &honest())], CompressionMethod::Deflated);
    let header = directory_header(&plain, "features.npy");
    let end = plain.len() - 22;
    // The place of the entry moves into the directory's zip64 field, the end record into its own.
    let zip64 = |place: u64, entries: u64| {
        let mut bytes = plain[..end].to_vec();
        bytes[header + 42..header + 46].copy_from_slice(&[0xFF; 4]);
        bytes[header + 30..header + 32].copy_from_slice(&12_u16.to_le_bytes());
        bytes.splice(header + 58..header + 58, [[1, 0, 8, 0].as_slice(), &place.to_le_bytes()].concat());
        let at = bytes.len() as u64;
        bytes.extend(b"PK\x06\x06");
        bytes.extend(
            [44_u64, 0, 0, entries, entries, at - header as u64, header as u64].iter().enumerate().flat_map(
                // Versions and disks are 4 numbers in 12 bytes: one of the eight-byte zeros is cut short.
                |(field, number)| number.to_le_bytes()[..if field == 2 { 4 } else { 8 }].to_vec(),
            ),
        );
        bytes.extend(b"PK\x06\x07\0\0\0\0");
        bytes.extend(at.to_le_bytes());
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend(b"PK\x05\x06\0\0\0\0");
        bytes.extend([0xFF; 12]);
        bytes.extend([0, 0]);
        bytes
    };
    assert_eq!(read_npz(&zip64(0, 1)).unwrap().points.data, [1.0, 2.0, 3.0, 4.0]);
    refused(
        "place",
        &zip64(u64::MAX, 1),
        read_npz,
        "\"features\" is damaged: its place in the archive is wrong",
    );
    // A file, unlike memory, cannot even be asked for that place.
    let file = tempfile::Builder::new().suffix(".npz").tempfile().unwrap();
    std::fs::write(file.path(), zip64(u64::MAX, 1)).unwrap();
    let error = super::read(file.path(), &ReadOptions::default()).unwrap_err().to_string();
    assert!(error.ends_with(".npz: \"features\" is damaged: its place in the archive is wrong"), "{error}");
    refused("entries", &zip64(0, u64::MAX), read_npz, "the archive holds 18446744073709551615 entries");
    refused("more entries", &zip64(0, 2), read_npz, "its zip directory is damaged");
}

#[test]
fn what_is_no_archive_is_refused() {
    refused("empty", b"", read_npz, "the file is empty");
    refused("text", b"hello", read_npz, "this is not an npz archive, or it is cut short");
    refused(
        "npy",
        &honest(),
        read_npz,
        "this is a single array, not an npz archive: its name should end in .npy",
    );
    refused(
        "empty archive",
        &zip_of(&[], CompressionMethod::Stored),
        read_npz,
        "the archive is empty; it needs an array \"features\"",
    );
    refused("many ends", &b"PK\x05\x06".repeat(20_000), read_npz, "this is not an npz archive");
}

#[test]
fn every_prefix_is_an_error() {
    let labels: Vec<u8> = [0_i64, 1].iter().flat_map(|x| x.to_le_bytes()).collect();
    let labels = npy_array("<i8", false, "(2,)", &labels);
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let archive = zip_of(&[("features.npy", &honest()), ("labels.npy", &labels)], method);
        assert!(read_npz(&archive).is_ok());
        for end in 0..archive.len() {
            assert!(read_npz(&archive[..end]).is_err(), "the first {end} bytes were read");
        }
    }
    let array = honest();
    for end in 0..array.len() {
        assert!(read_npy(&array[..end]).is_err(), "the first {end} bytes were read");
    }
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let _ = read_npz(&bytes);
        let _ = read_npy(&bytes);
        let _ = csv::read(&mut Cursor::new(&bytes), bytes.len() as u64, &ReadOptions::default());
        let framed = [b"\x93NUMPY\x01\x00".as_slice(), &(bytes.len() as u16).to_le_bytes(), &bytes].concat();
        prop_assert!(read_npy(&framed).is_err());
    }

    #[test]
    fn headers_of_random_tokens_never_panic(tokens in proptest::collection::vec(
        prop::sample::select(vec!["{", "}", "(", ")", "[", "]", ",", ":", "'descr'", "'shape'", "'fortran_order'", "'<f4'",
            "'|O'", "True", "False", "2", "-1", "99999999999", "L", "'", "\"", "\\", "\0", "\u{e9}", " "]), 0..60)) {
        let _ = read_npy(&npy_text(&tokens.concat(), &[0; 16]));
    }

    #[test]
    fn flipped_bytes_never_panic(flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let names: Vec<u8> = "abcd".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        let names = npy_array("<U2", false, "(2,)", &names);
        let mut archive = zip_of(&[("features.npy", &honest()), ("point_names.npy", &names)], CompressionMethod::Stored);
        let mut array = honest();
        for (at, byte) in flips {
            let (place, other) = (at.index(archive.len()), at.index(array.len()));
            archive[place] = byte;
            array[other] = byte;
        }
        let _ = read_npz(&archive);
        let _ = read_npy(&array);
    }

    #[test]
    fn csv_of_random_cells_never_panics(text in "[a1,\"\n\r.;\u{e9}-]{0,200}") {
        let _ = csv::read(&mut Cursor::new(&text), text.len() as u64, &ReadOptions::default());
    }
}
