//! `losslab measure`: the geometry of somebody's own features, as a table or as JSON. The definitions of the
//! metrics live in [`crate::geometry`].

mod table;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Map, Value, json};

use super::reading::Reading;
use crate::data;
use crate::geometry::{Measurements, Sample, measure};

/// Measure the geometry of your own features
#[derive(Args, Clone, Debug)]
pub struct MeasureArgs {
    /// Feature files: .npz with the arrays "features" and "labels", .npy without labels, or .csv with a header and a
    /// column "label"
    #[arg(required = true, value_name = "F.npz")]
    pub files: Vec<PathBuf>,
    /// Print JSON: an object for one file, a list for several
    #[arg(long)]
    pub json: bool,
    /// How the files are read.
    #[command(flatten)]
    pub reading: Reading,
}

/// What was found in one file.
struct Measured {
    /// The file as it was asked for.
    path: PathBuf,
    /// N, d, and C where there are labels.
    size: (usize, usize, Option<usize>),
    measurements: Measurements,
    /// What the reader noticed.
    notices: Vec<String>,
}

/// Runs the command: exit code 2 for a file that cannot be read.
pub fn run(args: &MeasureArgs) -> ExitCode {
    let options = args.reading.options();
    let mut all = Vec::new();
    for path in &args.files {
        let features = match data::read(path, &options) {
            Ok(features) => features,
            Err(error) => {
                super::complain(&error.to_string());
                return ExitCode::from(2);
            }
        };
        let classes = features.labels.as_deref().map(count_distinct);
        all.push(Measured {
            path: path.clone(),
            size: (features.points.rows, features.points.cols, classes),
            measurements: measure(&Sample::from(&features)),
            notices: features.notices,
        });
    }
    for one in &all {
        for notice in &one.notices {
            super::complain(&format!("{}: {notice}", data::printable(&one.path.to_string_lossy())));
        }
    }
    let text = if args.json { to_json(&all).to_string() } else { table::print(&all) };
    // A reader that has gone away is no fault of the features.
    let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
    ExitCode::SUCCESS
}

fn count_distinct(labels: &[u32]) -> usize {
    let mut labels = labels.to_vec();
    labels.sort_unstable();
    labels.dedup();
    labels.len()
}

/// An object of metric name → value for one file, a list of them in the order of the files for several.
fn to_json(all: &[Measured]) -> Value {
    let objects: Vec<Value> = all
        .iter()
        .map(|one| {
            let mut object = Map::new();
            for &(key, value) in &one.measurements.values {
                object.insert(key.into(), json!(value));
            }
            let notes: Map<String, Value> =
                one.measurements.notes.iter().map(|(key, why)| ((*key).to_owned(), json!(why))).collect();
            object.insert("notes".into(), Value::Object(notes));
            Value::Object(object)
        })
        .collect();
    match <[Value; 1]>::try_from(objects) {
        Ok([only]) => only,
        Err(several) => Value::Array(several),
    }
}

#[cfg(test)]
mod tests;
