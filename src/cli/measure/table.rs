//! The table: metrics as rows, files as numbered columns, as many beside each other as 80 columns hold.

use std::fmt::Write as _;

use super::Measured;
use crate::data::printable;
use crate::geometry::{Better, METRICS, Metric};

/// Width of the names and units together: what the longest metric takes.
const NAMES: usize = 34;
/// Width of a value's column.
const COLUMN: usize = 11;
/// Columns of a terminal.
const WIDTH: usize = 80;

/// Said of a file whose classes nobody knows, since most numbers are about classes.
const NO_LABELS: &str = "no labels (an array or a column \"labels\" / \"label\" has them)";

/// The whole text: the files, the numbers, the reasons.
pub(super) fn print(all: &[Measured]) -> String {
    let mut text = String::new();
    for (k, one) in all.iter().enumerate() {
        let (n, d, c) = one.size;
        let classes = c.map_or(NO_LABELS.to_owned(), |c| format!("{c} {}", plural(c, "class", "classes")));
        let rows = plural(n, "row", "rows");
        let dims = plural(d, "dimension", "dimensions");
        let number = if all.len() == 1 { String::new() } else { format!("{}  ", k + 1) };
        let name = printable(&one.path.to_string_lossy());
        let _ = writeln!(text, "{number}{name}: {n} {rows}, {d} {dims}, {classes}");
    }
    for (block, files) in all.chunks((WIDTH - NAMES) / COLUMN).enumerate() {
        text.push('\n');
        if all.len() > 1 {
            let first = block * ((WIDTH - NAMES) / COLUMN) + 1;
            let _ = write!(text, "{:NAMES$}", "");
            for k in 0..files.len() {
                let _ = write!(text, "{:>COLUMN$}", first + k);
            }
            text.push('\n');
        }
        for metric in METRICS {
            let _ = write!(text, "{}", pad(&title(metric), NAMES));
            for one in files {
                let value = one.measurements.get(metric.key).map_or("–".to_owned(), number);
                let _ = write!(text, "{value:>COLUMN$}");
            }
            text.push('\n');
        }
    }
    text.push_str("\n↓ tidier when lower, ↑ when higher; `losslab list metrics` has the definitions\n");
    text.push_str(&reasons(all));
    text
}

fn plural<'a>(count: usize, one: &'a str, many: &'a str) -> &'a str {
    if count == 1 { one } else { many }
}

/// The name, which way is tidier, the unit.
fn title(metric: &Metric) -> String {
    let arrow = match metric.better {
        Better::Lower => "↓",
        Better::Higher => "↑",
        Better::Neither => " ",
    };
    format!("{} {arrow} {}", pad(metric.key, 21), metric.unit)
}

fn pad(text: &str, width: usize) -> String {
    format!("{text:width$}")
}

/// Four digits behind the point, or powers of ten where they say nothing.
fn number(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-3..1e5).contains(&size) { format!("{value:.3e}") } else { format!("{value:.4}") }
}

/// Each note once, with the metrics and the files it is about.
fn reasons(all: &[Measured]) -> String {
    let mut notes: Vec<(&str, Vec<&str>, Vec<usize>)> = Vec::new();
    for (k, one) in all.iter().enumerate() {
        for (key, why) in &one.measurements.notes {
            match notes.iter_mut().find(|(known, ..)| known == why) {
                Some((_, keys, files)) => {
                    if !keys.contains(key) {
                        keys.push(key);
                    }
                    if !files.contains(&k) {
                        files.push(k);
                    }
                }
                None => notes.push((why, vec![key], vec![k])),
            }
        }
    }
    let mut text = String::new();
    for (why, keys, files) in notes {
        let files: Vec<String> = files.iter().map(|k| (k + 1).to_string()).collect();
        let whose = match (all.len(), files.len()) {
            (1, _) => String::new(),
            (all, some) if all == some => " (every file)".to_owned(),
            _ => format!(" ({} {})", plural(files.len(), "file", "files"), files.join(", ")),
        };
        let _ = writeln!(text, "{}: {why}{whose}", keys.join(", "));
    }
    if text.is_empty() { text } else { format!("\nNotes (– is undefined)\n{text}") }
}
