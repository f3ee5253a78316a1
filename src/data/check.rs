//! Whether the arrays of a feature file fit each other: shapes before the numbers are read, values after.
//!
//! Nothing is read here, and nothing is repaired but dropped rows.

use super::npy::Header;
use super::{ReadFault, ReadOptions, quoted};
use crate::features::{Features, Matrix};

/// N and d of a two-dimensional array, both at least 1.
pub(super) fn matrix_shape(subject: &str, header: &Header) -> Result<(usize, usize), ReadFault> {
    let &[rows, cols] = header.shape.as_slice() else {
        return Err(malformed(format!(
            "{subject} has shape {}, but two dimensions are needed: rows and numbers a row",
            header.shape_text()
        )));
    };
    if rows == 0 || cols == 0 {
        return Err(malformed(format!("{subject} is empty: it has {rows} rows of {cols} numbers")));
    }
    Ok((rows, cols))
}

/// Refuses an array that is not a list of `length` entries, one for each of the `rows` named.
pub(super) fn list_shape(key: &str, header: &Header, length: usize, rows: &str) -> Result<(), ReadFault> {
    match *header.shape.as_slice() {
        [entries] if entries == length => Ok(()),
        [entries] => {
            let (noun, row) =
                (if entries == 1 { "entry" } else { "entries" }, if length == 1 { "row" } else { "rows" });
            Err(malformed(format!("\"{key}\" has {entries} {noun} but {rows} has {length} {row}")))
        }
        _ => Err(malformed(format!(
            "\"{key}\" has shape {}, but one dimension is needed",
            header.shape_text()
        ))),
    }
}

/// The checks every format shares, after the numbers are read: classes, finite numbers, safe names.
pub(super) fn finish(mut features: Features, options: &ReadOptions) -> Result<Features, ReadFault> {
    check_classes(&features)?;
    note_missing_names(&mut features);
    for names in [&mut features.label_names, &mut features.point_names].into_iter().flatten() {
        clean_names(names, &mut features.notices);
    }
    if features.loss.is_some_and(|loss| !loss.is_finite()) {
        features.loss = None;
        features.notices.push("\"loss\" is not a finite number and is left out".to_owned());
    }
    handle_bad_rows(&mut features, options)?;
    Ok(features)
}

fn check_classes(features: &Features) -> Result<(), ReadFault> {
    if let Some(weights) = &features.weights {
        if let Some(row) = first_bad_row(weights) {
            return Err(malformed(format!(
                "\"weights\" holds a NaN, an Inf or a number too large for f32 in row {row}"
            )));
        }
        let labels = features.labels.iter().flatten();
        if let Some((row, label)) = labels.enumerate().find(|&(_, &label)| label as usize >= weights.rows) {
            return Err(malformed(format!(
                "\"labels\" holds {label} in row {row}, but \"weights\" has {} rows, so labels go up to {}",
                weights.rows,
                weights.rows - 1
            )));
        }
    }
    if let Some(entry) = features.bias.iter().flatten().position(|bias| !bias.is_finite()) {
        return Err(malformed(format!(
            "\"bias\" holds a NaN, an Inf or a number too large for f32 in entry {entry}"
        )));
    }
    Ok(())
}

fn first_bad_row(matrix: &Matrix) -> Option<usize> {
    matrix.rows_iter().position(|row| !row.iter().all(|x| x.is_finite()))
}

fn note_missing_names(features: &mut Features) {
    let (Some(names), Some(highest)) = (&features.label_names, features.labels.iter().flatten().max()) else {
        return;
    };
    if *highest as usize >= names.len() {
        let sentence = format!(
            "\"label_names\" names {} classes but labels go up to {highest}: the others are shown by number",
            names.len()
        );
        features.notices.push(sentence);
    }
}

/// Names go to the terminal, so what would move its cursor is replaced here, at the edge.
fn clean_names(names: &mut [String], notices: &mut Vec<String>) {
    let mut example = None;
    for name in names.iter_mut().filter(|name| name.contains(char::is_control)) {
        let clean = name.replace(char::is_control, "\u{FFFD}");
        example = example.or(Some(quoted(name)));
        *name = clean;
    }
    if let Some(example) = example {
        notices.push(format!("control characters in names are replaced, first in {example}"));
    }
}

fn handle_bad_rows(features: &mut Features, options: &ReadOptions) -> Result<(), ReadFault> {
    let margins = features.margins.as_deref();
    let keep: Vec<bool> = (features.points.rows_iter().enumerate())
        .map(|(i, row)| {
            row.iter().all(|x| x.is_finite()) && margins.is_none_or(|margins| margins[i].is_finite())
        })
        .collect();
    let bad = || keep.iter().enumerate().filter(|&(_, &keep)| !keep).map(|(row, _)| row);
    let (count, total) = (bad().count(), keep.len());
    if count == 0 {
        return Ok(());
    }
    if !options.drop_bad_rows {
        return Err(ReadFault::BadRows { first: bad().take(10).collect(), count, total });
    }
    if count == total {
        return Err(malformed(format!(
            "all {total} rows hold a NaN, an Inf or a number too large for f32, so none is left"
        )));
    }
    keep_rows(features, &keep);
    let (noun, verb) = if count == 1 { ("row", "holds") } else { ("rows", "hold") };
    features.notices.push(format!(
        "dropped {count} of {total} rows: the dropped {noun} {verb} a NaN, an Inf or a number too large for f32"
    ));
    Ok(())
}

/// Keeps the rows that say so, in everything that has one entry a row.
fn keep_rows(features: &mut Features, keep: &[bool]) {
    let points = &mut features.points;
    let mut kept = 0;
    for (row, _) in keep.iter().enumerate().filter(|&(_, &keep)| keep) {
        points.data.copy_within(row * points.cols..(row + 1) * points.cols, kept * points.cols);
        kept += 1;
    }
    points.rows = kept;
    points.data.truncate(kept * points.cols);
    keep_entries(&mut features.labels, keep);
    keep_entries(&mut features.instances, keep);
    keep_entries(&mut features.margins, keep);
    keep_entries(&mut features.point_names, keep);
}

fn keep_entries<T>(entries: &mut Option<Vec<T>>, keep: &[bool]) {
    if let Some(entries) = entries {
        let mut flags = keep.iter();
        // Every such list has one entry a row: the shapes were checked before.
        entries.retain(|_| flags.next().copied().unwrap_or(false));
    }
}

fn malformed(sentence: String) -> ReadFault {
    ReadFault::Malformed(sentence)
}
