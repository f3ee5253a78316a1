//! The program: opens the lab.

use std::io::Write as _;
use std::process::ExitCode;

use losslab::experiment::{Experiment, file};

fn main() -> ExitCode {
    let mut experiment = Experiment::default();
    if let Some(path) = std::env::args_os().nth(1) {
        match file::read(path.as_ref()) {
            Ok(document) => experiment = document.experiment,
            Err(error) => {
                // A closed stderr is no reason to die of it.
                let _ = writeln!(std::io::stderr(), "losslab: {error}");
                return ExitCode::from(2);
            }
        }
    }
    losslab::lab::open(&experiment)
}
