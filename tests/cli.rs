//! The command line: what commands print and write. How runs end, what options do and what is refused have files of
//! their own.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

#[path = "cli/bench.rs"]
mod bench;
#[path = "cli/compare.rs"]
mod compare;
#[path = "cli/endings.rs"]
mod endings;
#[path = "cli/moments.rs"]
mod moments;
#[path = "cli/options.rs"]
mod options;
#[path = "cli/refusals.rs"]
mod refusals;
#[path = "cli/replay.rs"]
mod replay;

fn losslab(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_losslab")).args(arguments).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn last_json(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    serde_json::from_str(text.lines().last().unwrap_or_default())
        .unwrap_or_else(|error| panic!("{error}: {text} {}", stderr(output)))
}

fn golden(name: &str) -> String {
    format!("{}/tests/golden/core/{name}.npz", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_run_folder_runs_again_to_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    let output = losslab(&[
        "run",
        "--objective",
        "softmax + 0.1*opl(gamma=0.5)",
        "--classes",
        "3",
        "--dim",
        "4",
        "--steps",
        "25",
        "--batch",
        "30",
        "--weight-decay",
        "0.01",
        "--seed",
        "7",
        "--engine",
        "cpu",
        "--out",
        first.to_str().unwrap(),
    ]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let again = first.join("experiment.toml");
    let output = losslab(&["run", again.to_str().unwrap(), "--out", second.to_str().unwrap()]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    for name in ["final.npz", "curves.csv", "experiment.toml", "curves.png", "projection.png"] {
        let read = |folder: &Path| std::fs::read(folder.join(name)).unwrap();
        assert_eq!(read(&first), read(&second), "{name}");
    }
    let header = std::fs::read_to_string(first.join("curves.csv")).unwrap();
    assert!(header.starts_with("step,loss,softmax,opl,decay,grad_norm,lr,nc1"), "{header:.80}");
    assert_eq!(header.lines().count(), 27, "a row a step, the last state, and the header");
}

#[test]
fn a_run_says_what_it_made_smaller_and_that_nothing_was_kept() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("kept").to_string_lossy().into_owned();
    let said = |more: &[&str]| {
        let arguments = ["run", "--objective", "opl + 0.5*softmax", "--steps", "3", "--engine", "cpu"];
        String::from_utf8(losslab(&[&arguments[..], more].concat()).stdout).unwrap()
    };
    let (kept, unkept) = (said(&["--out", &out]), said(&[]));
    for text in [&kept, &unkept] {
        assert!(text.lines().next().unwrap().contains("0.5*softmax"), "{text}");
    }
    assert!(unkept.ends_with("nothing was written: --out DIR keeps a run\n"), "{unkept}");
    assert!(kept.ends_with("kept\n"), "{kept}");
}

#[test]
fn run_prints_the_agreed_object() {
    let output = losslab(&["run", "--steps", "5", "--engine", "cpu", "--json"]);
    let object = last_json(&output);
    for key in ["loss", "floor", "terms", "steps", "seconds", "engine", "adapter", "metrics"] {
        assert!(object.get(key).is_some(), "{key} in {object}");
    }
    assert_eq!(object["engine"], "cpu");
    assert!(object["adapter"].is_null());
    assert!(object["metrics"]["nc1"].is_number());
    assert!(!output.stdout.contains(&0x1b), "no escape codes in a pipe");
}

#[test]
fn eval_agrees_with_a_golden_case_and_writes_its_gradient() {
    let folder = tempfile::tempdir().unwrap();
    let grad = folder.path().join("g.npz");
    for engine in ["cpu", "reference"] {
        let output = losslab(&[
            "eval",
            "--objective",
            "softmax",
            "--features",
            &golden("plain"),
            "--engine",
            engine,
            "--grad",
            grad.to_str().unwrap(),
            "--json",
        ]);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        let object = last_json(&output);
        let loss = object["loss"].as_f64().unwrap();
        assert!((loss - 2.979_962_115_392_679_4).abs() < 1e-5, "{loss}");
        assert_eq!(object["engine"], engine);
        for key in ["objective", "terms", "n", "d", "c"] {
            assert!(object.get(key).is_some(), "{key}");
        }
        let mut archive = zip::ZipArchive::new(std::fs::File::open(&grad).unwrap()).unwrap();
        let mut names: Vec<String> =
            (0..archive.len()).map(|i| archive.by_index(i).unwrap().name().unwrap().into_owned()).collect();
        names.sort();
        assert_eq!(names, ["bias.npy", "features.npy", "weights.npy"]);
    }
}

#[test]
fn the_gradient_has_every_array_of_the_file_and_is_zero_where_nothing_depends_on_it() {
    let folder = tempfile::tempdir().unwrap();
    let grad = folder.path().join("g.npz");
    let words = ["eval", "--objective", "uniformity", "--json", "--features"];
    let plain = golden("plain");
    let words = [&words[..], &[&plain, "--grad", grad.to_str().unwrap()]].concat();
    let output = losslab(&words);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let gradient = losslab::data::read(&grad, &losslab::data::ReadOptions::default()).unwrap();
    let file = losslab::data::read(Path::new(&plain), &losslab::data::ReadOptions::default()).unwrap();
    assert!(gradient.points.data.iter().any(|&x| x != 0.0));
    let (of_weights, weights) = (gradient.weights.unwrap(), file.weights.unwrap());
    assert_eq!((of_weights.rows, of_weights.cols), (weights.rows, weights.cols));
    assert!(of_weights.data.iter().all(|&x| x == 0.0));
    assert_eq!(gradient.bias.unwrap(), vec![0.0; file.bias.unwrap().len()]);
}

#[test]
fn a_composite_with_free_lengths_says_so_beside_the_number() {
    let output =
        losslab(&["run", "--objective", "softmax + 0.1*opl", "--steps", "3", "--engine", "cpu", "--json"]);
    let note = last_json(&output)["notes"]["nc2_etf_distance"].as_str().unwrap_or_default().to_owned();
    assert!(note.contains("lengths"), "{note}");
    let output = losslab(&["run", "--steps", "3", "--engine", "cpu", "--json"]);
    assert!(last_json(&output)["notes"].get("nc2_etf_distance").is_none());
}

#[test]
fn lists_are_read_from_the_registries() {
    let names = |what: &str| -> Vec<String> {
        let all = last_json(&losslab(&["list", what, "--json"]));
        all.as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("objectives").len(), losslab::objectives::OBJECTIVES.len());
    // Those of any sample, and the certificate, which only a run has.
    assert_eq!(names("metrics").len(), losslab::geometry::METRICS.len() + 1);
    assert!(names("projections").contains(&"pca".to_owned()));
    assert!(names("data").contains(&"digits".to_owned()));
    for what in ["objectives", "metrics", "projections", "data", "presets", "lessons"] {
        assert_eq!(code(&losslab(&["list", what])), 0);
    }
}

#[test]
fn completions_and_the_man_page_name_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let text = losslab(&["completions", shell]);
        assert!(String::from_utf8_lossy(&text.stdout).contains("measure"), "{shell}");
    }
    let man = String::from_utf8_lossy(&losslab(&["man"]).stdout).into_owned();
    for command in ["run", "eval", "measure", "plot", "list", "verify", "doctor", "bench"] {
        assert!(man.contains(command), "{command}");
    }
}

#[test]
fn without_a_terminal_the_lab_speaks_in_sentences() {
    let output = losslab(&[]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(said.contains("above its floor") || said.contains("at its floor"), "{said}");
    assert!(!output.stdout.contains(&0x1b) && !output.stderr.contains(&0x1b));
}
