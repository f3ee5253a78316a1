//! `compare`: that runs start alike, that what is said of them follows from what they did, and how it ends.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::{code, last_json, losslab, stderr};

const SMALL: [&str; 8] = ["--per-class", "5", "--steps", "60", "--engine", "cpu", "--threads", "1"];

fn compare(expressions: &[&str], more: &[&str]) -> std::process::Output {
    losslab(&[&["compare"], expressions, &SMALL, more].concat())
}

#[test]
fn an_objective_against_itself_differs_nowhere() {
    let output = compare(&["normface(scale=4)", "normface(scale=4)"], &["--seeds", "3", "--json"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let said = last_json(&output);
    let differences = said["differences"].as_array().unwrap();
    assert!(differences.len() > 10, "{said}");
    for line in differences {
        assert!(line["p"].is_null() && line["same_sign"] == false, "{line}");
        assert!(line["median"] == 0.0 && line["ties"] == 3 || line["metric"] == "steps_to_mark", "{line}");
    }
    assert_eq!(said["sign_test"]["tests"], 0);
    assert_eq!(said["same_start"], "every number");
}

#[test]
fn an_arm_ends_where_a_run_of_its_own_ends() {
    let output = compare(
        &["normface(scale=4)", "arcface(scale=4, margin=0.3)"],
        &["--seeds", "2", "--json", "--seed", "7"],
    );
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let said = last_json(&output);
    for (arm, objective) in [(0, "normface(scale=4)"), (1, "arcface(scale=4, margin=0.3)")] {
        for (k, seed) in ["7", "8"].into_iter().enumerate() {
            let run =
                losslab(&[&["run", "--json", "--seed", seed, "--objective", objective], &SMALL[..]].concat());
            let (own, there) = (&last_json(&run)["loss"], &said["objectives"][arm]["loss"]["seeds"][k]);
            let (own, there) = (own.as_f64().unwrap(), there.as_f64().unwrap());
            assert!((own - there).abs() < 1e-12, "{objective}, seed {seed}: {own} {there}");
        }
    }
    // Losses of unlike objectives are nowhere subtracted.
    assert!(said["differences"].as_array().unwrap().iter().all(|line| line["metric"] != "loss"), "{said}");
}

#[test]
fn the_folder_holds_every_run_and_both_figures() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("pair");
    let output =
        compare(&["normface(scale=4)", "softmax", "arcface(scale=4)"], &["--out", out.to_str().unwrap()]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains("medians over 6 seeds") && text.contains("C - A") && !text.contains('\x1b'),
        "{text}"
    );
    // softmax keeps no sphere: the starts agree in direction only, which is said.
    // Lines that are folded, as one.
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(joined.contains("arrangement; - where no arrangement is proved (B)"), "{text}");
    assert!(!text.contains("scales differ"), "{text}");
    assert!(text.contains("same directions at the start") && text.contains("--constraint sphere"), "{text}");
    for name in
        ["compare.png", "compare.svg", "compare.json", "differences.csv", "A.toml", "B.toml", "C.toml"]
    {
        assert!(out.join(name).metadata().unwrap().len() > 0, "{name}");
    }
    let mut rows = csv::Reader::from_path(out.join("compare.csv")).unwrap();
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    // 3 runs, 6 seeds, a measurement a step and one of the end.
    assert_eq!(rows.len(), 3 * 6 * 61);
    let mut rows_of_differences = csv::Reader::from_path(out.join("differences.csv")).unwrap();
    let heads = rows_of_differences.headers().unwrap().clone();
    let at = |name: &str| heads.iter().position(|head| head == name).unwrap();
    let names = ["least", "lower_quartile", "median_difference", "upper_quartile", "greatest"];
    let mut known = 0;
    for row in rows_of_differences.records().map(Result::unwrap) {
        let numbers: Vec<f64> = names.iter().filter_map(|name| row[at(name)].parse().ok()).collect();
        assert!(numbers.is_sorted(), "{row:?}");
        known += usize::from(numbers.len() == 5);
        assert_eq!(row[at("p")].is_empty(), row[at("plus")] == *"0" && row[at("minus_signs")] == *"0");
    }
    assert!(known > 20, "{known}");
    let first = |run: &str| rows.iter().find(|row| &row[0] == run).unwrap().clone();
    // At step 0 the rows of both cosine losses are the same, and so is what is measured of them; losses are not.
    assert_eq!(first("A").iter().skip(5).collect::<Vec<_>>(), first("C").iter().skip(5).collect::<Vec<_>>());
    assert_ne!(first("A")[4], first("C")[4]);
    // An experiment of the folder is one that runs.
    let again = losslab(&["run", out.join("C.toml").to_str().unwrap(), "--json"]);
    assert_eq!(code(&again), 0, "{}", stderr(&again));
}

#[test]
fn the_table_fits_a_terminal_and_explains_itself_and_the_sentences_say_the_same() {
    let runs = ["normface(scale=4)", "arcface(scale=4)"];
    let output = compare(&runs, &["--seeds", "3"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = String::from_utf8_lossy(&output.stdout);
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let lines: Vec<&str> = text.lines().collect();
    let row = |key: &str| *lines.iter().find(|line| line.trim_start().starts_with(key)).unwrap();
    assert!(row("mean_within_angle_deg").contains('↓') && row("min_class_angle_deg").contains('↑'), "{text}");
    for wanted in [
        "  B  arcface(scale=4, margin=0.5)",
        "↓ less is tidier",
        "differences are taken within each seed; their median is not",
        "with 3 seeds the least p is 0.250, so nothing has a star (p ≤ 0.05): 6 seeds",
        "steps_to_mark: from which step on",
        "deg_from_target: from the smallest class angle to that of the proved",
    ] {
        assert!(lines.iter().any(|line| line.starts_with(wanted)), "{wanted}: {text}");
    }
    assert!(text.contains("numbers are tested, each p is its own and not adjusted"), "{text}");
    assert!(!lines.iter().any(|line| line.ends_with('*')), "three seeds have no star: {text}");
    // Neither comes near its target so early: there is nothing to subtract and nothing to test.
    let never: Vec<&str> = row("steps_to_mark").split_whitespace().skip(2).collect();
    assert_eq!(never, ["-"; 5], "{text}");
    // What three seeds say of the medians, over as many lines as it takes.
    let joined = lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
    let verdict = format!(
        "In the median {}.",
        joined.split("In the median ").nth(1).unwrap().split(". ").next().unwrap()
    );
    assert!(verdict.contains(" of 3 seeds, p = ") && verdict.contains(": not shown)"), "{verdict}");
    let spoken = compare(&runs, &["--seeds", "3", "--plain"]);
    let spoken = String::from_utf8_lossy(&spoken.stdout).into_owned();
    assert!(spoken.lines().any(|line| line == verdict), "{verdict}: {spoken}");
    assert!(spoken.lines().all(|line| line.ends_with('.')), "{spoken}");
    assert!(spoken.contains("Mean angle between a row and its class mean: "), "{spoken}");
    assert_eq!(code(&compare(&runs, &["--plain", "--json"])), 2);
}

#[test]
fn what_cannot_be_compared_is_refused_in_a_sentence() {
    for (arguments, said) in [
        (vec!["compare", "softmax"], "2 to 8 objectives, not 1"),
        (vec!["compare", "softmax", "arcfce"], "arcface"),
        (vec!["compare", "softmax", "arcface", "--objective", "softmax"], "without --objective"),
        (vec!["compare", "softmax", "arcface", "--mark", "nc9>=1"], "nc9"),
        (vec!["compare", "a.toml", "b.toml", "softmax"], "one experiment file"),
        (vec!["compare", "softmax", "arcface", "--out", "pair.PNG"], "--out is a folder, for compare.png"),
    ] {
        let output = losslab(&arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(stderr(&output).contains(said), "{arguments:?}: {}", stderr(&output));
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_comparison_keeps_its_finished_seeds() {
    use rustix::process::{Pid, Signal, kill_process};
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("pair");
    let child = Command::new(env!("CARGO_BIN_EXE_losslab"))
        .args(["compare", "normface(scale=4)", "cosface(scale=4)", "--seeds", "10000", "--json", "--out"])
        .arg(&out)
        .args(SMALL)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(4));
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 130, "{}", stderr(&output));
    let said = last_json(&output);
    let seeds = said["seeds"].as_array().unwrap().len();
    assert!(seeds > 0 && seeds < 10_000 && said["interrupted"] == true, "{seeds}");
    assert!(
        stderr(&output).contains(&format!("interrupted after {seeds} of 10000 seeds")),
        "{}",
        stderr(&output)
    );
    let rows = std::fs::read_to_string(out.join("compare.csv")).unwrap().lines().count() - 1;
    assert_eq!(rows, seeds * 2 * 61, "whole seeds only");
    assert!(out.join("compare.png").metadata().unwrap().len() > 0);
}

#[test]
fn help_lists_no_option_that_is_refused() {
    let help = String::from_utf8(losslab(&["compare", "--help"]).stdout).unwrap();
    assert!(!help.contains("--objective"), "{help}");
    assert!(help.contains("--mark <BOUND>") && help.contains("METRIC<=X or METRIC>=X"), "{help}");
    // Where it is taken it is listed.
    let help = String::from_utf8(losslab(&["run", "--help"]).stdout).unwrap();
    assert!(help.contains("--objective"), "{help}");
}
