//! How commands end when they do not end well: diverged, interrupted, without a GPU, without a reader.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::{code, last_json, losslab, stderr};

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_what_it_had_and_ends_with_130() {
    use rustix::process::{Pid, Signal, kill_process};
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let child = Command::new(env!("CARGO_BIN_EXE_losslab"))
        .args(["run", "--steps", "1000000000", "--per-class", "5", "--engine", "cpu", "--json", "--out"])
        .arg(&out)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Long enough for the handler to be there on a busy machine.
    std::thread::sleep(Duration::from_secs(2));
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 130, "{}", stderr(&output));
    assert!(stderr(&output).contains("is whole, with the state so far"), "{}", stderr(&output));
    let steps = last_json(&output)["steps"].as_u64().unwrap();
    assert!(steps > 0 && steps < 1_000_000_000, "{steps}");
    for name in ["experiment.toml", "curves.csv", "final.npz", "summary.json", "projection.png"] {
        assert!(out.join(name).metadata().unwrap().len() > 0, "{name}");
    }
    let curves = std::fs::read_to_string(out.join("curves.csv")).unwrap();
    let rows = curves.lines().count() as u64 - 1;
    assert!(rows <= 10_000 && rows > steps.min(9_000) / 2, "{rows} rows of {steps} steps");
    assert!(curves.lines().last().unwrap().starts_with(&format!("{steps},")), "the last state is there");
}

#[test]
fn a_gpu_that_is_demanded_and_missing_ends_with_four_and_auto_goes_on() {
    let run = |engine: &str| {
        Command::new(env!("CARGO_BIN_EXE_losslab"))
            .args(["run", "--steps", "3", "--json", "--engine", engine])
            .envs(["VK_DRIVER_FILES", "VK_ICD_FILENAMES"].map(|name| (name, "/nonexistent")))
            .output()
            .unwrap()
    };
    if cfg!(target_os = "linux") {
        let output = run("gpu");
        assert_eq!(code(&output), 4, "{}", stderr(&output));
        assert_eq!(stderr(&output).lines().count(), 1, "{}", stderr(&output));
        assert!(output.stdout.is_empty());
        let output = run("auto");
        assert_eq!((code(&output), &last_json(&output)["engine"]), (0, &Value::from("cpu")));
    }
}

#[test]
fn a_reader_that_leaves_is_no_panic() {
    for arguments in [&["list", "objectives"][..], &["man"], &["--help"], &["completions", "bash"]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_losslab"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_ne!(output.status.code(), Some(101), "{arguments:?}: {}", stderr(&output));
        assert!(output.stderr.is_empty(), "{arguments:?}: {}", stderr(&output));
    }
}

#[test]
fn a_diverged_run_says_where_and_ends_with_three() {
    let folder = tempfile::tempdir().unwrap();
    let output = losslab(&[
        "run",
        "--objective",
        "softmax",
        "--optimizer",
        "sgd",
        "--lr",
        "1e38",
        "--steps",
        "20",
        "--engine",
        "cpu",
        "--json",
        "--out",
        folder.path().to_str().unwrap(),
    ]);
    assert_eq!(code(&output), 3, "{}", stderr(&output));
    let object = last_json(&output);
    assert!(object["diverged"]["step"].is_number(), "{object}");
    assert!(stderr(&output).contains("diverged at step"));
    assert!(folder.path().join("final.npz").exists(), "the last finite state is kept");
}
