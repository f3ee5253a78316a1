//! The csv reader: one row a point, a header, numeric columns as features in their order, a `label` column
//! of integers or text, and an optional `name` column.
//!
//! The file is gone over twice: once until every column has shown what it is, once for the values.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};

use ::csv::{ErrorKind, Reader, ReaderBuilder, StringRecord, Trim};

use super::{ReadFault, ReadOptions, check, listed, printable, quoted};
use crate::features::{Features, Matrix};

/// The longest row that is read, in bytes: room for a hundred thousand columns.
const MAX_ROW: usize = 2 << 20;

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
    if *reader.headers().map_err(|error| sentence(&error))? != header {
        return Err(malformed("the file changed while it was read".to_owned()));
    }
    let mut record = StringRecord::new();
    while next_row(&mut reader, &mut record)? {
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

/// A source that ends with an error where one row goes on for more than [`MAX_ROW`], so that a quote
/// that is never closed does not draw a whole file into one cell.
struct Rationed<'a, R> {
    source: &'a mut R,
    left: usize,
}

impl<R: Read> Read for Rationed<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        let count = buffer.len().min(self.left);
        let count = self.source.read(&mut buffer[..count])?;
        self.left -= count;
        Ok(count)
    }
}

fn open<R: Read + Seek>(source: &mut R) -> Result<Reader<Rationed<'_, R>>, ReadFault> {
    source.seek(SeekFrom::Start(0)).map_err(ReadFault::Io)?;
    // The reader skips a byte order mark by itself.
    Ok(ReaderBuilder::new().trim(Trim::All).from_reader(Rationed { source, left: MAX_ROW }))
}

/// Reads the next row into `record`; false at the end.
fn next_row<R: Read>(
    reader: &mut Reader<Rationed<'_, R>>,
    record: &mut StringRecord,
) -> Result<bool, ReadFault> {
    reader.get_mut().left = MAX_ROW;
    let line = reader.position().line();
    reader.read_record(record).map_err(|error| match error.kind() {
        ErrorKind::Io(cause) if cause.kind() == std::io::ErrorKind::FileTooLarge => malformed(format!(
            "the row from line {line} on is longer than {MAX_ROW} bytes; is a quote not closed?"
        )),
        _ => sentence(&error),
    })
}

/// The header, and what each column is: decided by its name or by its first cell that is not empty.
fn find_columns<R: Read + Seek>(source: &mut R) -> Result<(StringRecord, Vec<Column>), ReadFault> {
    let mut reader = open(source)?;
    let header = reader.headers().map_err(|error| sentence(&error))?.clone();
    if header.is_empty() {
        return Err(malformed("the file is empty".to_owned()));
    }
    refuse_numbers(&header)?;
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
    while columns.contains(&Column::Unknown) && next_row(&mut reader, &mut record)? {
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

/// A first line of numbers is a row of data that would be lost as a header. Names that only count the columns, as
/// tables without names are written, are names.
fn refuse_numbers(header: &StringRecord) -> Result<(), ReadFault> {
    let is_number = |name: &str| name.parse::<f64>().is_ok();
    let counts = |from: usize| header.iter().enumerate().all(|(k, name)| name == (k + from).to_string());
    if header.iter().all(is_number) && !counts(0) && !counts(1) {
        return Err(malformed(
            "line 1 holds numbers where the names of the columns should be; put a header above it, with \"label\" \
             over the classes"
                .to_owned(),
        ));
    }
    Ok(())
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
        ErrorKind::Io(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
            format!("its header is longer than {MAX_ROW} bytes")
        }
        ErrorKind::Io(error) => format!("it cannot be read: {}", super::plain_io(error)),
        _ => format!("line {line} cannot be read: {}", printable(&error.to_string())),
    })
}

fn malformed(sentence: String) -> ReadFault {
    ReadFault::Malformed(sentence)
}

#[cfg(test)]
mod tests;
