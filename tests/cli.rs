//! The command line: exit codes, JSON, and that no option is read and then forgotten.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use clap::Args;
use losslab::experiment::Options;
use serde_json::Value;

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

/// What each option is changed to, and what it needs beside it.
const CHANGES: &[(&str, &[&str], &[&str])] = &[
    ("objective", &["--objective", "normface(scale=5)"], &[]),
    ("features", &["--features", "GOLDEN"], &["--objective", "uniformity"]),
    ("data", &["--data", "digits"], &["--objective", "uniformity"]),
    ("drop-bad-rows", &["--features", "BAD", "--drop-bad-rows"], &["--objective", "uniformity"]),
    ("max-array-bytes", &["--features", "GOLDEN", "--max-array-bytes", "16"], &["--objective", "uniformity"]),
    ("classes", &["--classes", "3"], &[]),
    ("per-class", &["--per-class", "7"], &[]),
    ("class-sizes", &["--class-sizes", "5,6,7"], &[]),
    ("imbalance", &["--imbalance", "5"], &[]),
    ("imbalance-kind", &["--imbalance", "5", "--imbalance-kind", "step"], &[]),
    ("label-noise", &["--label-noise", "0.2"], &[]),
    ("init", &["--init", "collapsed"], &[]),
    ("init-scale", &["--init-scale", "2"], &["--constraint", "none"]),
    ("model", &["--model", "linear"], &[]),
    ("depth", &["--model", "linear", "--depth", "3"], &[]),
    ("width", &["--model", "mlp", "--width", "7"], &[]),
    ("dim", &["--dim", "5"], &[]),
    ("views", &["--views", "2"], &[]),
    ("optimizer", &["--optimizer", "sgd"], &[]),
    ("lr", &["--lr", "0.011"], &[]),
    ("momentum", &["--optimizer", "sgd", "--momentum", "0.3"], &["--optimizer", "sgd"]),
    ("weight-decay", &["--weight-decay", "0.01"], &["--constraint", "none"]),
    ("weight-decay-weights", &["--weight-decay-weights", "0.01"], &["--constraint", "none"]),
    ("weight-decay-bias", &["--weight-decay-bias", "0.5"], &["--objective", "softmax"]),
    ("bias", &["--bias", "false"], &["--objective", "softmax"]),
    ("schedule", &["--schedule", "constant"], &[]),
    ("constraint", &["--constraint", "none"], &[]),
    ("batch", &["--batch", "20"], &[]),
    ("holdout", &["--holdout", "0.2"], &[]),
    ("steps", &["--steps", "9"], &[]),
    ("seed", &["--seed", "3"], &[]),
    ("engine", &["--engine", "reference"], &[]),
    ("threads", &["--threads", "0"], &[]),
];

/// curves.csv of a short run, or `None` when the run was refused (exit code 2 and a sentence).
fn curves(options: &[String]) -> Option<String> {
    let out = tempfile::tempdir().unwrap();
    let mut arguments = vec!["run", "--steps", "12", "--out", out.path().to_str().unwrap()];
    if !options.iter().any(|o| o == "--engine") {
        arguments.extend(["--engine", "cpu"]);
    }
    // A later flag would clash with an earlier one of the same name.
    if options.iter().any(|o| o == "--steps") {
        arguments.drain(1..3);
    }
    arguments.extend(options.iter().map(String::as_str));
    let output = losslab(&arguments);
    if code(&output) == 2 {
        assert!(!output.stderr.is_empty(), "{arguments:?}: refused without a word");
        return None;
    }
    assert_eq!(code(&output), 0, "{arguments:?}: {}", stderr(&output));
    Some(std::fs::read_to_string(out.path().join("curves.csv")).unwrap())
}

#[test]
fn every_option_changes_the_run_or_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("bad.csv");
    std::fs::write(&bad, "x,y,z,label\n1,0,0,0\nnan,1,0,1\n0,0,1,1\n0,1,1,0\n").unwrap();
    let place = |words: &[&str]| -> Vec<String> {
        let golden = golden("plain");
        words
            .iter()
            .map(|w| match *w {
                "GOLDEN" => golden.clone(),
                "BAD" => bad.to_str().unwrap().to_owned(),
                word => word.to_owned(),
            })
            .collect()
    };
    let known: Vec<String> = Options::augment_args(clap::Command::new("options"))
        .get_arguments()
        .filter_map(|argument| argument.get_long().map(str::to_owned))
        .collect();
    assert!(known.len() > 25);
    for option in known {
        let (_, change, beside) = CHANGES
            .iter()
            .find(|(name, ..)| *name == option)
            .unwrap_or_else(|| panic!("--{option} is not in the table of this test"));
        let base = place(beside);
        let mut changed: Vec<String> = base.clone();
        changed.retain(|word| !change.contains(&word.as_str()) || !word.starts_with("--"));
        // A flag given both beside and as the change would stand twice: the change wins.
        let mut both = Vec::new();
        let mut words = base.iter();
        while let Some(word) = words.next() {
            if word.starts_with("--") && change.contains(&word.as_str()) {
                words.next();
            } else {
                both.push(word.clone());
            }
        }
        both.extend(place(change));
        let before = curves(&base).unwrap_or_else(|| panic!("{base:?} runs"));
        if let Some(after) = curves(&both) {
            assert_ne!(before, after, "--{option} changed nothing");
        }
    }
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

#[test]
fn lists_are_read_from_the_registries() {
    let names = |what: &str| -> Vec<String> {
        let all = last_json(&losslab(&["list", what, "--json"]));
        all.as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("objectives").len(), losslab::objectives::OBJECTIVES.len());
    assert_eq!(names("metrics").len(), 20);
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
    for command in ["run", "eval", "measure", "plot", "list", "verify", "doctor"] {
        assert!(man.contains(command), "{command}");
    }
}

#[test]
fn without_a_terminal_the_lab_says_so_in_one_sentence() {
    let output = losslab(&[]);
    assert_eq!(code(&output), 2);
    assert_eq!(stderr(&output).lines().count(), 1, "{}", stderr(&output));
    assert!(!output.stderr.contains(&0x1b));
}

/// An npy file with this header text.
fn npy(header: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16 + 1).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.push(b'\n');
    bytes.extend(body);
    bytes
}

fn npz(folder: &Path, name: &str, entries: &[(&str, Vec<u8>)]) -> PathBuf {
    let path = folder.join(name);
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    for (key, bytes) in entries {
        zip.start_file(format!("{key}.npy"), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
    path
}

fn floats(shape: &str, numbers: &[f32]) -> Vec<u8> {
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}");
    npy(&header, &numbers.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<_>>())
}

fn integers(shape: &str, numbers: &[i64]) -> Vec<u8> {
    let header = format!("{{'descr': '<i8', 'fortran_order': False, 'shape': {shape}, }}");
    npy(&header, &numbers.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<_>>())
}

#[test]
#[expect(clippy::too_many_lines, reason = "a list of bad inputs")]
fn bad_input_is_refused_at_once_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let f = folder.path();
    let rows = || floats("(2, 2)", &[1., 0., 0., 1.]);
    let file = |name: &str, bytes: Vec<u8>| {
        let path = f.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let nested = format!(
        "{{'descr': '<f4', 'fortran_order': False, 'shape': {}{}, }}",
        "[".repeat(30),
        "]".repeat(30)
    );
    let mut huge_header = b"\x93NUMPY\x02\x00".to_vec();
    huge_header.extend(0xFFFF_FFF0u32.to_le_bytes());
    let cases: Vec<(&str, PathBuf)> = vec![
        ("nested header", file("nested.npy", npy(&nested, &[]))),
        ("4 GiB header", file("header.npy", huge_header)),
        (
            "overflowing shape",
            file(
                "shape.npy",
                npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", &[]),
            ),
        ),
        (
            "pickle",
            file(
                "pickle.npy",
                npy("{'descr': '|O', 'fortran_order': False, 'shape': (2, 2), }", b"\x80\x04"),
            ),
        ),
        ("NaN rows", npz(f, "nan.npz", &[("features", floats("(2, 2)", &[1., f32::NAN, 0., 1.]))])),
        (
            "wrong length",
            npz(f, "length.npz", &[("features", rows()), ("labels", integers("(3,)", &[0, 1, 1]))]),
        ),
        ("negative", npz(f, "negative.npz", &[("features", rows()), ("labels", integers("(2,)", &[0, -1]))])),
        ("empty", npz(f, "empty.npz", &[("features", floats("(0, 2)", &[]))])),
        (
            "weights",
            npz(
                f,
                "weights.npz",
                &[
                    ("features", rows()),
                    ("labels", integers("(2,)", &[0, 1])),
                    ("weights", floats("(2, 3)", &[0.; 6])),
                ],
            ),
        ),
        (
            "labels beyond the weights",
            npz(
                f,
                "beyond.npz",
                &[
                    ("features", rows()),
                    ("labels", integers("(2,)", &[0, 5])),
                    ("weights", floats("(2, 2)", &[0.5; 4])),
                ],
            ),
        ),
        (
            "zip bomb",
            npz(
                f,
                "bomb.npz",
                &[(
                    "features",
                    npy(
                        "{'descr': '<f4', 'fortran_order': False, 'shape': (6000, 6000), }",
                        &vec![0; 144_000_000],
                    ),
                )],
            ),
        ),
        ("missing", f.join("missing.npz")),
    ];
    let mut commands: Vec<(String, Vec<String>)> = Vec::new();
    for (what, path) in &cases {
        let path = path.to_str().unwrap().to_owned();
        let words = ["eval", "--objective", "uniformity", "--features"].map(str::to_owned);
        let mut arguments = words.to_vec();
        arguments.push(path.clone());
        if *what == "zip bomb" || *what == "missing" {
            commands.push((format!("measure {what}"), vec!["measure".to_owned(), path]));
        }
        commands.push(((*what).to_owned(), arguments));
    }
    let plain = golden("plain");
    for (what, words) in [
        ("unknown objective", vec!["run", "--objective", "softmaxx"]),
        ("knob out of range", vec!["run", "--objective", "normface(scale=-1)"]),
        ("unknown knob", vec!["run", "--objective", "normface(scael=2)"]),
        ("unknown option", vec!["run", "--clases", "4"]),
        (
            "class objective without weights",
            vec!["eval", "--objective", "softmax", "--features", "NOWEIGHTS"],
        ),
        ("sizes twice", vec!["run", "--class-sizes", "3,3", "--classes", "2"]),
        ("views for nt-xent", vec!["run", "--objective", "nt-xent"]),
        (
            "dim against the file",
            vec!["run", "--features", &plain, "--objective", "uniformity", "--dim", "99"],
        ),
        ("unknown data", vec!["run", "--data", "digit"]),
        ("unknown experiment", vec!["run", "no-such.toml"]),
    ] {
        let no_weights =
            npz(f, "noweights.npz", &[("features", rows()), ("labels", integers("(2,)", &[0, 1]))]);
        let words = words.iter().map(|w| w.replace("NOWEIGHTS", no_weights.to_str().unwrap())).collect();
        commands.push((what.to_owned(), words));
    }
    for (what, arguments) in &commands {
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let begin = Instant::now();
        let output = losslab(&words);
        let took = begin.elapsed();
        assert_eq!(
            code(&output),
            2,
            "{what}: {} {}",
            stderr(&output),
            String::from_utf8_lossy(&output.stdout)
        );
        let said = stderr(&output);
        // clap adds how to get help to its own complaints; ours are one sentence.
        let sentences =
            said.lines().filter(|line| line.starts_with("losslab: ") || line.starts_with("error: "));
        assert_eq!(sentences.count(), 1, "{what}: {said}");
        assert!(output.stdout.is_empty() && !output.stderr.contains(&0x1b), "{what}: {said}");
        assert!(took < Duration::from_millis(600), "{what} took {took:?}");
    }
    let hint = stderr(&losslab(&["run", "--objective", "softmaxx"]));
    assert!(hint.contains("did you mean softmax"), "{hint}");
}
