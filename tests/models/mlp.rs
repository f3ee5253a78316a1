//! The digits through a multilayer perceptron: what the program prints and writes.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn losslab(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_losslab")).args(arguments).output().unwrap()
}

fn run(options: &str, out: &Path) -> Value {
    let mut arguments =
        vec!["run", "--engine", "cpu", "--model", "mlp", "--data", "digits", "--json", "--out"];
    arguments.push(out.to_str().unwrap());
    arguments.extend(options.split_whitespace());
    let output = losslab(&arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

fn refused(arguments: &[&str]) -> String {
    let output = losslab(&[&["run", "--steps", "2"], arguments].concat());
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// The numbers of a column of curves.csv, where it has any.
fn column(out: &Path, name: &str) -> Vec<f64> {
    let text = std::fs::read_to_string(out.join("curves.csv")).unwrap();
    let place = text.lines().next().unwrap().split(',').position(|key| key == name).unwrap();
    text.lines().skip(1).filter_map(|line| line.split(',').nth(place)?.parse().ok()).collect()
}

#[test]
fn the_digits_are_learned_collapse_and_are_recognised_unseen() {
    let folder = tempfile::tempdir().unwrap();
    let done = run(
        "--objective softmax --depth 2 --width 128 --dim 32 --batch 128 --lr 0.005 --steps 2000 --holdout 0.2 \
         --weight-decay 5e-4 --weight-decay-weights 5e-4 --weight-decay-bias 5e-4",
        folder.path(),
    );
    let metric = |name: &str| done["metrics"][name].as_f64().unwrap();
    assert!(metric("accuracy") >= 0.995, "{done}");
    assert!(metric("holdout_accuracy") >= 0.96, "{done}");
    assert!(metric("holdout_loss") < 0.3, "{done}");
    let nc1 = column(folder.path(), "nc1");
    assert!(metric("nc1") * 3.0 < nc1[0], "from {} to {}", nc1[0], metric("nc1"));
    // 1797 digits, a fifth of each class held out.
    let curve = std::fs::read_to_string(folder.path().join("experiment.toml")).unwrap();
    assert!(curve.contains("holdout = 0.2") && curve.contains("model = \"mlp\""), "{curve}");
}

#[test]
fn a_run_folder_runs_again_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    run(
        "--objective softmax --depth 1 --width 16 --dim 5 --batch 64 --steps 40 --holdout 0.3 --seed 4",
        &first,
    );
    let (toml, out) = (first.join("experiment.toml"), second.to_str().unwrap().to_owned());
    let output = losslab(&["run", toml.to_str().unwrap(), "--out", &out, "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for file in ["final.npz", "curves.csv", "experiment.toml"] {
        assert_eq!(
            std::fs::read(first.join(file)).unwrap(),
            std::fs::read(second.join(file)).unwrap(),
            "{file}"
        );
    }
    // The layers are there, and are no news to a reader.
    let names: Vec<String> = names_of(&first.join("final.npz"));
    for name in ["features", "weights", "bias", "layer0", "layer0_bias", "layer1", "layer1_bias"] {
        assert!(names.iter().any(|n| n == name), "{name} in {names:?}");
    }
    let npz = first.join("final.npz");
    let measured = losslab(&["measure", npz.to_str().unwrap(), "--json"]);
    assert!(measured.status.success() && measured.stderr.is_empty(), "{measured:?}");
    let value: Value = serde_json::from_slice(&measured.stdout).unwrap();
    let summary: Value = serde_json::from_slice(&std::fs::read(first.join("summary.json")).unwrap()).unwrap();
    let (file, run) = (value["nc1"].as_f64().unwrap(), summary["metrics"]["nc1"].as_f64().unwrap());
    assert!(
        (file - run).abs() < 1e-9 * run,
        "the features of the file are what the network gives: {file} {run}"
    );
}

/// The arrays of an npz, by the local headers of its entries.
fn names_of(npz: &Path) -> Vec<String> {
    let bytes = std::fs::read(npz).unwrap();
    let mut names = Vec::new();
    for at in 0..bytes.len().saturating_sub(30) {
        if bytes[at..].starts_with(b"PK\x01\x02") {
            let length = usize::from(u16::from_le_bytes([bytes[at + 28], bytes[at + 29]]));
            let name = String::from_utf8_lossy(&bytes[at + 46..at + 46 + length]).into_owned();
            names.push(name.trim_end_matches(".npy").to_owned());
        }
    }
    names
}

#[test]
fn what_cannot_be_is_refused_with_a_sentence() {
    assert!(refused(&["--model", "mlp"]).contains("needs inputs"), "synthetic data");
    let idle = refused(&["--model", "mlp", "--data", "digits", "--init-scale", "2"]);
    assert!(idle.contains("--init-scale"), "{idle}");
    let wide = refused(&["--model", "mlp", "--data", "digits", "--width", "100000"]);
    assert!(wide.contains("--width") && wide.contains("--max-array-bytes"), "{wide}");
    let few = refused(&["--data", "digits", "--model", "mlp", "--holdout", "0.0001"]);
    assert!(few.contains("--holdout 0.0001"), "{few}");
}

#[test]
fn a_run_that_diverges_writes_a_finite_state_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    for model in ["--model linear --depth 3", "--model mlp --data digits"] {
        let mut arguments =
            vec!["run", "--engine", "cpu", "--objective", "softmax", "--lr", "1e30", "--steps", "9"];
        arguments.extend(["--out", out, "--json"]);
        arguments.extend(model.split_whitespace());
        let output = losslab(&arguments);
        assert_eq!(output.status.code(), Some(3), "{model}");
        let value: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(value["diverged"]["step"].is_u64(), "{value}");
        let measured = losslab(&["measure", folder.path().join("final.npz").to_str().unwrap(), "--json"]);
        assert!(measured.status.success(), "{model}: {}", String::from_utf8_lossy(&measured.stderr));
    }
}
