//! No option is read and then forgotten.

use crate::{code, golden, losslab, stderr};

/// What each option is changed to, and what it needs beside it.
const CHANGES: &[(&str, &[&str], &[&str])] = &[
    ("objective", &["--objective", "normface(scale=5)"], &[]),
    ("features", &["--features", "GOLDEN"], &["--objective", "uniformity"]),
    ("data", &["--data", "digits"], &["--objective", "uniformity"]),
    ("drop-bad-rows", &["--drop-bad-rows"], &["--features", "BAD", "--objective", "uniformity"]),
    ("max-array-bytes", &["--max-array-bytes", "16"], &["--features", "GOLDEN", "--objective", "uniformity"]),
    ("classes", &["--classes", "3"], &[]),
    ("per-class", &["--per-class", "7"], &[]),
    ("class-sizes", &["--class-sizes", "5,6,7"], &[]),
    ("imbalance", &["--imbalance", "5"], &[]),
    ("imbalance-kind", &["--imbalance-kind", "step"], &["--imbalance", "5"]),
    ("label-noise", &["--label-noise", "0.2"], &[]),
    ("init", &["--init", "collapsed"], &[]),
    ("init-scale", &["--init-scale", "2"], &["--constraint", "none"]),
    ("model", &["--model", "linear"], &[]),
    ("depth", &["--depth", "3"], &["--model", "linear"]),
    ("width", &["--width", "7"], &["--model", "mlp", "--data", "digits"]),
    ("dim", &["--dim", "5"], &[]),
    ("views", &["--views", "2"], &[]),
    ("optimizer", &["--optimizer", "sgd"], &[]),
    ("lr", &["--lr", "0.011"], &[]),
    ("momentum", &["--momentum", "0.3"], &["--optimizer", "sgd"]),
    ("weight-decay", &["--weight-decay", "0.01"], &["--constraint", "none"]),
    ("weight-decay-weights", &["--weight-decay-weights", "0.01"], &["--constraint", "none"]),
    ("weight-decay-bias", &["--weight-decay-bias", "0.5"], &["--objective", "softmax"]),
    ("moves", &["--moves", "features"], &[]),
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
    let definition = losslab::cli::definition();
    let run = definition.find_subcommand("run").expect("there is a command run");
    // Where results go is not what is run; those two have tests of their own.
    let known: Vec<&str> = run
        .get_arguments()
        .filter_map(clap::Arg::get_long)
        .filter(|name| !["out", "json", "help"].contains(name))
        .collect();
    assert!(known.len() > 25);
    for (name, ..) in CHANGES {
        assert!(known.contains(name), "--{name} is in the table of this test and is no option of run");
    }
    for option in known {
        let (_, change, beside) = CHANGES
            .iter()
            .find(|(name, ..)| *name == option)
            .unwrap_or_else(|| panic!("--{option} is not in the table of this test"));
        let before = curves(&place(beside));
        // A flag given both beside and as the change would stand twice: the change wins.
        let mut both = Vec::new();
        let mut words = place(beside).into_iter();
        while let Some(word) = words.next() {
            if word.starts_with("--") && change.contains(&word.as_str()) {
                words.next();
            } else {
                both.push(word);
            }
        }
        both.extend(place(change));
        let after = curves(&both);
        assert_ne!(before, after, "--{option} changed nothing");
        assert!(before.is_some() || option == "drop-bad-rows", "--{option}: {beside:?} was refused");
    }
}

#[test]
fn threads_change_the_time_and_not_a_bit() {
    let with = |threads: &str| curves(&["--threads", threads].map(str::to_owned)).unwrap();
    assert_eq!(with("1"), with("3"));
}
