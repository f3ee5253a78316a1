//! A workload timed in a process of its own: starting it and reading what it says, and being it.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::{Arguments, Runner};
use crate::bench::{self, Measured, Timing, WORKLOADS};
use crate::engine::{Problem, State};

/// Times a workload on an engine in a new process of this program.
///
/// # Errors
/// One sentence, when there is no such process or it fails.
pub(super) fn ask(number: usize, engine: &str, arguments: &Arguments) -> Result<Measured, String> {
    let program = std::env::current_exe().map_err(|error| format!("this program is not found: {error}"))?;
    let mut command = Command::new(program);
    command.args(["bench", "--alone", "--engine", engine, "--workload", &number.to_string()]);
    command.args(["--seconds", &arguments.seconds.to_string()]);
    if let Some(threads) = arguments.threads {
        command.args(["--threads", &threads.to_string()]);
    }
    let said = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("no process could be started to time it in: {error}"))?;
    let found = serde_json::from_slice(&said.stdout).ok().and_then(|value: Value| read(&value));
    found.filter(|_| said.status.success()).ok_or_else(|| {
        let complaint = String::from_utf8_lossy(&said.stderr);
        let last = complaint.lines().last().unwrap_or("it ended without a word");
        crate::data::printable(last.trim_start_matches("losslab: "))
    })
}

/// Times the one workload on the one engine asked for, and prints what was found for [`ask`] to read.
pub(super) fn serve(chosen: &[usize], runners: &[Runner], arguments: &Arguments) -> u8 {
    let (&[number], [runner]) = (chosen, runners) else {
        return crate::cli::refuse("--alone is for one workload on one engine");
    };
    let make = |problem: Problem, state: &State| runner.make(problem, state);
    match bench::measure(&WORKLOADS[number - 1], &make, Duration::from_secs_f64(arguments.seconds)) {
        Ok(found) => {
            crate::cli::say(&format!("{}\n", write(&found)));
            crate::cli::FINE
        }
        Err(error) => {
            crate::cli::complain(&error.to_string());
            super::FAILED
        }
    }
}

fn write(found: &Measured) -> Value {
    json!({
        "engine": found.engine,
        "adapter": found.adapter,
        "median_s": found.timing.median,
        "min_s": found.timing.minimum,
        "steps": found.timing.steps,
        "peak_resident_bytes": found.peak_resident,
    })
}

fn read(value: &Value) -> Option<Measured> {
    Some(Measured {
        engine: value["engine"].as_str()?.to_owned(),
        adapter: value["adapter"].as_str().map(str::to_owned),
        timing: Timing {
            median: value["median_s"].as_f64()?,
            minimum: value["min_s"].as_f64()?,
            steps: value["steps"].as_u64()? as usize,
        },
        peak_resident: value["peak_resident_bytes"].as_u64(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_process_writes_the_other_reads() {
        let found = Measured {
            engine: "gpu".into(),
            adapter: Some("an adapter".into()),
            timing: Timing { median: 0.25, minimum: 0.125, steps: 12 },
            peak_resident: None,
        };
        assert_eq!(read(&write(&found)), Some(found));
        assert_eq!(read(&json!({"engine": "cpu"})), None);
    }
}
