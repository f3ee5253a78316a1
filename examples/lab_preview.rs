//! Opens the lab.
fn main() -> std::process::ExitCode {
    losslab::lab::open(&losslab::experiment::Experiment::default())
}
