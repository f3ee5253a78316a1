//! Small tables, right and wrong.

use std::io::Cursor;

use super::*;

fn parse(text: &str) -> Result<Features, String> {
    read(&mut Cursor::new(text), text.len() as u64, &ReadOptions::default())
        .map_err(|fault| fault.to_string())
}

#[test]
fn numbers_integer_labels_and_names() {
    let features = parse("\u{FEFF}x,label,name,y\n1,7,a,-2.5\n 3e2 ,0,\"b, c\",0\n").unwrap();
    assert_eq!(features.points, Matrix::new(2, 2, vec![1.0, -2.5, 300.0, 0.0]));
    assert_eq!(features.labels.unwrap(), [7, 0]);
    assert_eq!(features.label_names, None);
    assert_eq!(features.point_names.unwrap(), ["a", "b, c"]);
    assert!(features.notices.is_empty());
}

#[test]
fn text_labels_are_numbered_in_sorted_order() {
    let features = parse("x,label\n1,dog\n2,cat\n3,dog\n4,ant\n").unwrap();
    assert_eq!(features.labels.unwrap(), [2, 1, 2, 0]);
    assert_eq!(features.label_names.unwrap(), ["ant", "cat", "dog"]);
}

#[test]
fn other_columns_are_ignored_with_a_notice() {
    let features = parse(",species,x\n0,iris,1\n1,iris,2\n").unwrap();
    assert_eq!(features.points.data, [1.0, 2.0]);
    assert_eq!(features.notices, ["ignored the columns \"\", \"species\": no name or no numbers"]);
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    for (text, wrong) in [
        ("", "the file is empty"),
        ("x,label\n", "none of its columns \"x\", \"label\" holds numbers"),
        ("x;y\n1;2\n", "none of its columns \"x;y\" holds numbers; cells must be separated by commas"),
        ("x,y\n1,2\n3\n", "line 3 has 1 cells but the header has 2"),
        ("x\n1\n2\nthree\n", "line 4 holds \"three\" in column \"x\", where numbers are"),
        ("x,label\n1,-1\n", "column \"label\" holds -1, but labels go from 0 to 4294967295"),
        ("x,label\n1,4294967296\n", "column \"label\" holds 4294967296, but labels go from 0 to 4294967295"),
        ("x,label\n1,\n", "line 2 has no label"),
        ("x,Labels\n1,0\n", "the column \"Labels\" must be called \"label\""),
        ("x,label,label\n1,0,0\n", "there are two columns \"label\""),
        (
            "0.5,-1e3,2\n0.25,1,0\n",
            "line 1 holds numbers where the names of the columns should be; put a header above it, with \"label\" \
             over the classes",
        ),
    ] {
        assert_eq!(parse(text).unwrap_err(), wrong, "{text:?}");
    }
    let latin = b"x,name\n1,caf\xE9\n";
    let error = read(&mut Cursor::new(latin), 0, &ReadOptions::default()).unwrap_err();
    assert_eq!(error.to_string(), "line 2 is not UTF-8 text");
}

#[test]
fn columns_that_are_counted_have_names() {
    for text in ["0,1,2\n7,8,9\n", "1,2,3\n7,8,9\n"] {
        assert_eq!(parse(text).unwrap().points, Matrix::new(1, 3, vec![7.0, 8.0, 9.0]), "{text:?}");
    }
    // One word among numbers is a header, too.
    assert_eq!(parse("2,3,label\n7,8,0\n").unwrap().labels.unwrap(), [0]);
}

#[test]
fn missing_and_infinite_values_are_bad_rows() {
    let text = "x,y,label,name\n1,2,a,p\n,2,b,q\n1,inf,a,r\n1,1e39,b,s\n5,6,b,t\n";
    assert_eq!(
        parse(text).unwrap_err(),
        "3 of 5 rows hold a NaN, an Inf or a number too large for f32 (rows 1, 2, 3, counted from 0); \
         --drop-bad-rows drops them"
    );
    let options = ReadOptions { drop_bad_rows: true, ..ReadOptions::default() };
    let features = read(&mut Cursor::new(text), 0, &options).unwrap();
    assert_eq!(features.points, Matrix::new(2, 2, vec![1.0, 2.0, 5.0, 6.0]));
    assert_eq!(features.labels.unwrap(), [0, 1]);
    assert_eq!(features.point_names.unwrap(), ["p", "t"]);
    assert_eq!(features.notices.len(), 1);
    assert!(features.notices[0].starts_with("dropped 3 of 5 rows"));
}

#[test]
fn endless_rows_are_refused() {
    let open = format!("x,name\n1,a\n2,\"{}", "3,b\n".repeat(MAX_ROW / 3));
    assert_eq!(
        parse(&open).unwrap_err(),
        "the row from line 3 on is longer than 2097152 bytes; is a quote not closed?"
    );
    let wide = ",".repeat(3 * MAX_ROW);
    assert_eq!(parse(&wide).unwrap_err(), "its header is longer than 2097152 bytes");
    // Many short rows are no long row.
    let many = format!("x\n{}", "1.5\n".repeat(MAX_ROW));
    assert_eq!(parse(&many).unwrap().points.rows, MAX_ROW);
}

#[test]
fn a_file_over_the_limit_is_not_read() {
    let options = ReadOptions { max_array_bytes: 10, ..ReadOptions::default() };
    let error = read(&mut Cursor::new("x\n1\n"), 11, &options).unwrap_err().to_string();
    assert_eq!(error, "the file takes 11 bytes, more than the 10 allowed; --max-array-bytes allows more");
}
