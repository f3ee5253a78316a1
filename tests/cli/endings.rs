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
fn the_row_of_a_file_that_breaks_a_run_is_named_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rows.csv");
    let mut text = "x,y,z,label,name\n".to_owned();
    for i in 0..12 {
        let x = if i == 7 { 1e30 } else { f64::from(i % 4) - 1.5 };
        text += &format!(
            "{x},{},{},{},photo-{i}\n",
            f64::from(i % 3),
            0.5 - f64::from(i % 2),
            ["cat", "dog", "owl"][i as usize % 3]
        );
    }
    std::fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let run = [
        "run",
        "--objective",
        "mse",
        "--features",
        file,
        "--constraint",
        "none",
        "--engine",
        "cpu",
        "--json",
    ];
    let output = losslab(&run);
    assert_eq!(code(&output), 3, "{}", stderr(&output));
    let diverged = &last_json(&output)["diverged"];
    assert_eq!((diverged["step"].as_u64(), diverged["term"].as_str()), (Some(0), Some("mse")), "{diverged}");
    assert_eq!(diverged["of"]["row"].as_u64(), Some(7), "{diverged}");
    assert_eq!(
        (diverged["of"]["name"].as_str(), diverged["of"]["class"].as_str()),
        (Some("photo-7"), Some("dog"))
    );
    assert_eq!(
        (diverged["with"]["kind"].as_str(), diverged["quantity"].as_str()),
        (Some("weight"), Some("score"))
    );
    for said in [diverged["why"].as_str().unwrap(), &stderr(&output)] {
        assert!(
            said.contains("row 7 \"photo-7\" (class dog)") && said.contains("the weight of class"),
            "{said}"
        );
    }
    assert!(diverged["try"].as_str().unwrap().contains("the start holds these numbers"), "{diverged}");
    let compared = losslab(&[
        "compare",
        "mse",
        "normface",
        "--features",
        file,
        "--steps",
        "3",
        "--seeds",
        "1",
        "--engine",
        "cpu",
    ]);
    assert_eq!(code(&compared), 3, "{}", stderr(&compared));
    assert!(stderr(&compared).contains("row 7 \"photo-7\" (class dog)"), "{}", stderr(&compared));
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
    assert!(object["diverged"]["of"].is_object() && object["diverged"]["with"].is_object(), "{object}");
    assert!(object["diverged"]["try"].as_str().unwrap().contains("a lower rate than"), "{object}");
    assert!(stderr(&output).contains("diverged at step"));
    assert!(folder.path().join("final.npz").exists(), "the last finite state is kept");
}
