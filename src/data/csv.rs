//! The csv reader: one row a point, a header, numeric columns as features in their order, a `label` column
//! of integers or text, and an optional `name` column.
//!
//! The file is gone over twice: once until every column has shown what it is, once for the values.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};

use ::csv::{ErrorKind, Reader, ReaderBuilder, StringRecord, Trim};

use super::{ReadFault, ReadOptions, check, listed, printable, quoted};
use crate::features::{Features, Matrix};

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Label,
    Name,
    Number,
    Ignored,
    /// Nothing but empty cells so far.
    Unknown,
}

/// Reads a csv file of `length` bytes.
pub(super) fn read<R: Read + Seek>(
    source: &mut R,
    length: u64,
    options: &ReadOptions,
) -> Result<Features, ReadFault> {
    let limit = options.max_array_bytes;
    if length > limit {
        return Err(ReadFault::TooLarge { subject: "the file".to_owned(), bytes: length, limit });
    }
    let (header, columns) = find_columns(source)?;
    let mut notices = Vec::new();
    note_ignored(&header, &columns, &mut notices);
    let mut rows = Rows::default();
    let mut reader = open(source)?;
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| sentence(&error))? {
        rows.add(&record, &header, &columns)?;
    }
    let width = columns.iter().filter(|&&column| column == Column::Number).count();
    if rows.count == 0 {
        return Err(malformed("there are no rows under the header".to_owned()));
    }
    let has_names = columns.contains(&Column::Name);
    let mut features = Features {
        points: Matrix::new(rows.count, width, rows.numbers),
        point_names: has_names.then_some(rows.names),
        notices,
        ..Features::default()
    };
    if columns.contains(&Column::Label) {
        (features.labels, features.label_names) = number_labels(&rows.label_ids, &rows.labels)?;
    }
    check::finish(features, options)
}

fn open<R: Read + Seek>(source: &mut R) -> Result<Reader<&mut R>, ReadFault> {
    // A byte order mark would become part of the first column's name.
    source.seek(SeekFrom::Start(0)).map_err(ReadFault::Io)?;
    let mut head = Vec::new();
    source.take(3).read_to_end(&mut head).map_err(ReadFault::Io)?;
    let start = if head == b"\xEF\xBB\xBF" { 3 } else { 0 };
    source.seek(SeekFrom::Start(start)).map_err(ReadFault::Io)?;
    Ok(ReaderBuilder::new().trim(Trim::All).from_reader(source))
}

/// The header, and what each column is: decided by its name or by its first cell that is not empty.
fn find_columns<R: Read + Seek>(source: &mut R) -> Result<(StringRecord, Vec<Column>), ReadFault> {
    let mut reader = open(source)?;
    let header = reader.headers().map_err(|error| sentence(&error))?.clone();
    if header.is_empty() {
        return Err(malformed("the file is empty".to_owned()));
    }
    let mut columns: Vec<Column> = header
        .iter()
        .map(|name| match name {
            "label" => Column::Label,
            "name" => Column::Name,
            "" => Column::Ignored,
            _ => Column::Unknown,
        })
        .collect();
    for (role, wanted) in [(Column::Label, "label"), (Column::Name, "name")] {
        match columns.iter().filter(|&&column| column == role).count() {
            0 => refuse_lookalike(&header, wanted)?,
            1 => (),
            _ => return Err(malformed(format!("there are two columns \"{wanted}\""))),
        }
    }
    let mut record = StringRecord::new();
    while columns.contains(&Column::Unknown)
        && reader.read_record(&mut record).map_err(|error| sentence(&error))?
    {
        for (column, cell) in
            columns.iter_mut().zip(&record).filter(|(column, _)| **column == Column::Unknown)
        {
            if !cell.is_empty() {
                *column = if cell.parse::<f32>().is_ok() { Column::Number } else { Column::Ignored };
            }
        }
    }
    for column in columns.iter_mut().filter(|column| **column == Column::Unknown) {
        *column = Column::Ignored;
    }
    if columns.contains(&Column::Number) {
        return Ok((header, columns));
    }
    let names: Vec<&str> = header.iter().collect();
    let hint = if names.len() == 1 && names[0].contains([';', '\t']) {
        "; cells must be separated by commas"
    } else {
        ""
    };
    Err(malformed(format!("none of its columns {} holds numbers{hint}", listed(&names))))
}

/// A column of labels under a slightly different name would silently become a feature.
fn refuse_lookalike(header: &StringRecord, wanted: &str) -> Result<(), ReadFault> {
    let alike = header.iter().find(|name| {
        let name = name.to_lowercase();
        name.strip_suffix('s').unwrap_or(&name) == wanted
    });
    match alike {
        Some(name) => Err(malformed(format!("the column {} must be called \"{wanted}\"", quoted(name)))),
        None => Ok(()),
    }
}

fn note_ignored(header: &StringRecord, columns: &[Column], notices: &mut Vec<String>) {
    let ignored: Vec<&str> = header
        .iter()
        .zip(columns)
        .filter(|(_, column)| **column == Column::Ignored)
        .map(|(name, _)| name)
        .collect();
    if !ignored.is_empty() {
        let noun = if ignored.len() == 1 { "column" } else { "columns" };
        notices.push(format!("ignored the {noun} {}: no name or no numbers", listed(&ignored)));
    }
}

/// What has been read so far.
#[derive(Default)]
struct Rows {
    count: usize,
    numbers: Vec<f32>,
    names: Vec<String>,
    /// Each row's label as the number of its text in `labels`.
    label_ids: Vec<u32>,
    labels: BTreeMap<String, u32>,
}

impl Rows {
    fn add(
        &mut self,
        record: &StringRecord,
        header: &StringRecord,
        columns: &[Column],
    ) -> Result<(), ReadFault> {
        let line = record.position().map_or(0, ::csv::Position::line);
        for ((cell, name), column) in record.iter().zip(header).zip(columns) {
            match column {
                Column::Number => self.numbers.push(number(cell).ok_or_else(|| {
                    malformed(format!(
                        "line {line} holds {} in column {}, where numbers are",
                        quoted(cell),
                        quoted(name)
                    ))
                })?),
                Column::Name => self.names.push(cell.to_owned()),
                Column::Label if cell.is_empty() => {
                    return Err(malformed(format!("line {line} has no label")));
                }
                Column::Label => {
                    let next = self.labels.len() as u32;
                    let id = match self.labels.get(cell) {
                        Some(&id) => id,
                        None => *self.labels.entry(cell.to_owned()).or_insert(next),
                    };
                    self.label_ids.push(id);
                }
                Column::Ignored | Column::Unknown => (),
            }
        }
        self.count += 1;
        Ok(())
    }
}

/// A cell as a number; an empty one is a missing value, which makes its row a bad row.
fn number(cell: &str) -> Option<f32> {
    if cell.is_empty() { Some(f32::NAN) } else { cell.parse().ok() }
}

type Labels = (Option<Vec<u32>>, Option<Vec<String>>);

/// Labels as they stand where all are integers, else numbered in the sorted order of their names.
fn number_labels(ids: &[u32], labels: &BTreeMap<String, u32>) -> Result<Labels, ReadFault> {
    let mut numbers = vec![0; labels.len()];
    let integers: Option<Vec<(u32, i128)>> =
        labels.iter().map(|(text, &id)| Some((id, text.parse::<i128>().ok()?))).collect();
    let names = if let Some(integers) = integers {
        for (id, value) in integers {
            numbers[id as usize] = u32::try_from(value).map_err(|_| {
                malformed(format!("column \"label\" holds {value}, but labels go from 0 to {}", u32::MAX))
            })?;
        }
        None
    } else {
        for (number, &id) in labels.values().enumerate() {
            numbers[id as usize] = number as u32;
        }
        Some(labels.keys().cloned().collect())
    };
    Ok((Some(ids.iter().map(|&id| numbers[id as usize]).collect()), names))
}

fn sentence(error: &::csv::Error) -> ReadFault {
    let line = error.position().map_or(0, ::csv::Position::line);
    malformed(match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("line {line} has {len} cells but the header has {expected_len}")
        }
        ErrorKind::Utf8 { .. } => format!("line {line} is not UTF-8 text"),
        ErrorKind::Io(error) => format!("it cannot be read: {}", super::plain_io(error)),
        _ => format!("line {line} cannot be read: {}", printable(&error.to_string())),
    })
}

fn malformed(sentence: String) -> ReadFault {
    ReadFault::Malformed(sentence)
}

#[cfg(test)]
mod tests {
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
            (
                "x,label\n1,4294967296\n",
                "column \"label\" holds 4294967296, but labels go from 0 to 4294967295",
            ),
            ("x,label\n1,\n", "line 2 has no label"),
            ("x,Labels\n1,0\n", "the column \"Labels\" must be called \"label\""),
            ("x,label,label\n1,0,0\n", "there are two columns \"label\""),
        ] {
            assert_eq!(parse(text).unwrap_err(), wrong, "{text:?}");
        }
        let latin = b"x,name\n1,caf\xE9\n";
        let error = read(&mut Cursor::new(latin), 0, &ReadOptions::default()).unwrap_err();
        assert_eq!(error.to_string(), "line 2 is not UTF-8 text");
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
    fn a_file_over_the_limit_is_not_read() {
        let options = ReadOptions { max_array_bytes: 10, ..ReadOptions::default() };
        let error = read(&mut Cursor::new("x\n1\n"), 11, &options).unwrap_err().to_string();
        assert_eq!(error, "the file takes 11 bytes, more than the 10 allowed; --max-array-bytes allows more");
    }
}
