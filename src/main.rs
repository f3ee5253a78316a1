//! The program: opens the lab.

use std::process::ExitCode;

fn main() -> ExitCode {
    losslab::lab::open(&losslab::experiment::Experiment::default())
}
