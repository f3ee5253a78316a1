//! Archives that are right, and archives whose arrays contradict each other.

use std::io::Cursor;

use zip::CompressionMethod;

use super::super::hostile::{npy_array, read_npz, zip_of};
use super::*;
use crate::data::write::{Array, npz_bytes};
use crate::features::Matrix;

/// Three points in two dimensions.
fn points() -> Matrix {
    Matrix::new(3, 2, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
}

fn with(arrays: &[(&str, Array<'_>)]) -> Result<Features, String> {
    let points = points();
    let mut all = vec![("features", Array::matrix(&points))];
    all.extend(arrays.iter().cloned());
    read_npz(&npz_bytes(&all).unwrap())
}

/// The archive of three points and one more array of this type, shape and these bytes.
fn with_bytes(key: &str, descr: &str, shape: &str, data: &[u8]) -> Result<Features, String> {
    let numbers: Vec<u8> = points().data.iter().flat_map(|x| x.to_le_bytes()).collect();
    let features = npy_array("<f4", false, "(3, 2)", &numbers);
    let array = npy_array(descr, false, shape, data);
    read_npz(&zip_of(
        &[("features.npy", &features), (&format!("{key}.npy"), &array)],
        CompressionMethod::Deflated,
    ))
}

#[test]
fn labels_of_every_integer_type() {
    let cases: [(&str, Vec<u8>); 12] = [
        ("|i1", vec![0, 1, 7]),
        ("|u1", vec![0, 1, 7]),
        ("<i2", vec![0, 0, 1, 0, 7, 0]),
        (">i2", vec![0, 0, 0, 1, 0, 7]),
        ("<u2", vec![0, 0, 1, 0, 7, 0]),
        (">u2", vec![0, 0, 0, 1, 0, 7]),
        ("<i4", [0_i32, 1, 7].iter().flat_map(|x| x.to_le_bytes()).collect()),
        (">i4", [0_i32, 1, 7].iter().flat_map(|x| x.to_be_bytes()).collect()),
        ("<i8", [0_i64, 1, 7].iter().flat_map(|x| x.to_le_bytes()).collect()),
        (">i8", [0_i64, 1, 7].iter().flat_map(|x| x.to_be_bytes()).collect()),
        ("<u8", [0_u64, 1, 7].iter().flat_map(|x| x.to_le_bytes()).collect()),
        (">u4", [0_u32, 1, 7].iter().flat_map(|x| x.to_be_bytes()).collect()),
    ];
    for (descr, data) in cases {
        assert_eq!(with_bytes("labels", descr, "(3,)", &data).unwrap().labels.unwrap(), [0, 1, 7], "{descr}");
    }
    assert_eq!(with_bytes("labels", "|b1", "(3,)", &[0, 1, 2]).unwrap().labels.unwrap(), [0, 1, 1]);
    assert_eq!(with_bytes("labels", "|u1", "(3,)", &[0, 255, 1]).unwrap().labels.unwrap(), [0, 255, 1]);
}

#[test]
fn labels_that_are_no_class_numbers() {
    let wide = |values: [i64; 3]| values.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>();
    for (descr, shape, data, wrong) in [
        ("<i8", "(3,)", wide([0, -1, 2]), "\"labels\" holds -1 in row 1, but its numbers start at 0"),
        ("|i1", "(3,)", vec![0, 0, 0x80], "\"labels\" holds -128 in row 2, but its numbers start at 0"),
        (
            "<i8",
            "(3,)",
            wide([0, 1 << 32, 2]),
            "\"labels\" holds 4294967296 in row 1, more than the 4294967295 that fits",
        ),
        (
            "<f8",
            "(3,)",
            wide([0, 0, 0]),
            "\"labels\" holds floats, but integers are needed; convert it with .astype(\"int64\")",
        ),
        ("<i8", "(1, 3)", wide([0, 1, 2]), "\"labels\" has shape (1, 3), but one dimension is needed"),
        ("|u1", "(2,)", vec![0, 1], "\"labels\" has 2 entries but \"features\" has 3 rows"),
    ] {
        assert_eq!(with_bytes("labels", descr, shape, &data).unwrap_err(), wrong);
    }
}

#[test]
fn arrays_that_contradict_each_other() {
    let (two, six) = (Matrix::zeros(2, 2), Matrix::zeros(2, 3));
    let many = vec![String::from("x"); MAX_LABEL_NAMES + 1];
    let cases: &[(&[(&str, Array<'_>)], &str)] = &[
        (&[("margins", Array::f32s(&[0.0; 4]))], "\"margins\" has 4 entries but \"features\" has 3 rows"),
        (&[("instances", Array::u32s(&[0]))], "\"instances\" has 1 entry but \"features\" has 3 rows"),
        (
            &[("weights", Array::matrix(&six))],
            "\"weights\" has rows of 3 numbers but \"features\" has rows of 2",
        ),
        (
            &[("weights", Array::f32s(&[0.0]))],
            "\"weights\" has shape (1,), but two dimensions are needed: rows and numbers a row",
        ),
        (&[("bias", Array::f32s(&[0.0]))], "\"bias\" is given without \"weights\""),
        (
            &[("weights", Array::matrix(&two)), ("bias", Array::f32s(&[0.0; 3]))],
            "\"bias\" has 3 entries but \"weights\" has 2 rows",
        ),
        (
            &[("weights", Array::matrix(&two)), ("labels", Array::u32s(&[0, 1, 2]))],
            "\"labels\" holds 2 in row 2, but \"weights\" has 2 rows, so labels go up to 1",
        ),
        (
            &[("weights", Array::matrix(&two)), ("bias", Array::f32s(&[0.0, f32::NAN]))],
            "\"bias\" holds a NaN, an Inf or a number too large for f32 in entry 1",
        ),
        (&[("step", Array::integer(-1))], "\"step\" is -1, but steps count from 0"),
        (&[("step", Array::i64s(&[1, 2]))], "\"step\" has shape (2,), but a single number is needed"),
        (&[("loss", Array::f64s(&[]))], "\"loss\" has shape (0,), but a single number is needed"),
        (&[("label_names", Array::i64s(&[1]))], "\"label_names\" holds numbers, but text is needed"),
        (
            &[("label_names", Array::texts(&many))],
            "\"label_names\" has 1048577 names, more than the 1048576 allowed",
        ),
    ];
    for (arrays, wrong) in cases {
        assert_eq!(with(arrays).unwrap_err(), *wrong);
    }
    let mut broken = Matrix::zeros(4, 2);
    broken.data[5] = f32::INFINITY;
    let error = with(&[("weights", Array::matrix(&broken))]).unwrap_err();
    assert_eq!(error, "\"weights\" holds a NaN, an Inf or a number too large for f32 in row 2");
}

#[test]
fn single_numbers_may_be_lists_of_one() {
    let features = with(&[("step", Array::i64s(&[12])), ("loss", Array::f32s(&[0.5]))]).unwrap();
    assert_eq!((features.step, features.loss), (Some(12), Some(0.5)));
    let features = with(&[("step", Array::integer(0)), ("loss", Array::number(f64::NAN))]).unwrap();
    assert_eq!((features.step, features.loss), (Some(0), None));
    assert_eq!(features.notices, ["\"loss\" is not a finite number and is left out"]);
}

#[test]
fn unknown_keys_are_ignored_with_a_notice_and_a_guess() {
    let features = with(&[("lables", Array::u32s(&[1, 2, 3])), ("seed", Array::integer(4))]).unwrap();
    assert_eq!(features.labels, None);
    assert_eq!(
        features.notices,
        ["ignored the unknown key \"lables\"; did you mean \"labels\" by \"lables\"?"]
    );
}

#[test]
fn a_missing_features_array_is_said_with_what_is_there() {
    let read = |key: &str| {
        read_npz(&npz_bytes(&[(key, Array::matrix(&points())), ("labels", Array::u32s(&[0]))]).unwrap())
    };
    assert_eq!(
        read("feature").unwrap_err(),
        "there is no \"features\" among its arrays \"labels\", \"feature\"; is \"feature\" meant?"
    );
    assert_eq!(read("X").unwrap_err(), "there is no \"features\" among its arrays \"labels\", \"X\"");
}

#[test]
fn bad_rows_are_refused_or_dropped_from_everything() {
    let mut points = Matrix::from_fn(14, 2, |row, col| (2 * row + col) as f32);
    for row in 2..13 {
        points.row_mut(row)[1] = f32::NAN;
    }
    let names: Vec<String> = (0..14).map(|row| format!("p{row}")).collect();
    let numbers: Vec<u32> = (0..14).collect();
    let mut margins = vec![0.25; 14];
    margins[1] = f32::NEG_INFINITY;
    let arrays = [
        ("features", Array::matrix(&points)),
        ("labels", Array::u32s(&numbers)),
        ("instances", Array::indices(&numbers)),
        ("margins", Array::f32s(&margins)),
        ("point_names", Array::texts(&names)),
    ];
    let bytes = npz_bytes(&arrays).unwrap();
    assert_eq!(
        read_npz(&bytes).unwrap_err(),
        "12 of 14 rows hold a NaN, an Inf or a number too large for f32 (rows 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more, \
         counted from 0); --drop-bad-rows drops them"
    );
    let options = ReadOptions { drop_bad_rows: true, ..ReadOptions::default() };
    let features = read(&mut Cursor::new(&bytes), &options).unwrap();
    assert_eq!(features.points, Matrix::new(2, 2, vec![0.0, 1.0, 26.0, 27.0]));
    assert_eq!(features.labels.unwrap(), [0, 13]);
    assert_eq!(features.instances.unwrap(), [0, 13]);
    assert_eq!(features.margins.unwrap(), [0.25, 0.25]);
    assert_eq!(features.point_names.unwrap(), ["p0", "p13"]);
    assert!(features.notices[0].starts_with("dropped 12 of 14 rows"), "{:?}", features.notices);

    let all = Matrix::new(2, 1, vec![f32::NAN, f32::INFINITY]);
    let bytes = npz_bytes(&[("features", Array::matrix(&all))]).unwrap();
    let error = read(&mut Cursor::new(&bytes), &options).unwrap_err().to_string();
    assert!(error.starts_with("all 2 rows hold"), "{error}");
}

#[test]
fn names_are_made_safe_to_show() {
    let names = ["a\u{1b}[2Jb", "ünïcode", ""].map(String::from);
    let features = with(&[("point_names", Array::texts(&names))]).unwrap();
    assert_eq!(features.point_names.unwrap(), ["a\u{FFFD}[2Jb", "ünïcode", ""]);
    assert_eq!(features.notices, ["control characters in names are replaced, first in \"a\\u{1b}[2Jb\""]);
    let features =
        with(&[("labels", Array::u32s(&[0, 1, 3])), ("label_names", Array::texts(&names))]).unwrap();
    assert!(features.notices[0].starts_with("\"label_names\" names 3 classes but labels go up to 3"));
    // A surrogate is no character.
    let error = with_bytes("point_names", "<U1", "(3,)", &0xD800_u32.to_le_bytes().repeat(3)).unwrap_err();
    assert_eq!(error, "\"point_names\" holds text with a code that is no character");
}

#[test]
fn short_texts_count_with_the_room_they_take() {
    let names = vec![String::from("x"); 3];
    let bytes =
        npz_bytes(&[("features", Array::matrix(&points())), ("point_names", Array::texts(&names))]).unwrap();
    let read = |max_array_bytes| {
        read(&mut Cursor::new(&bytes), &ReadOptions { max_array_bytes, ..ReadOptions::default() })
    };
    // Three strings take 72 bytes in memory and 12 in the file.
    assert!(read(72).is_ok());
    let error = read(71).unwrap_err().to_string();
    assert!(error.starts_with("\"point_names\" takes 72 bytes, more than the 71 allowed"), "{error}");
}
