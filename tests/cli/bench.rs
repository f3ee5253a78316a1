//! What `bench` prints, and what it refuses.

use crate::{code, last_json, losslab, stderr};

#[test]
fn one_workload_as_json_has_machine_limits_and_a_checked_row() {
    let output = losslab(&["bench", "--workload", "1", "--seconds", "0.05", "--threads", "1", "--json"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(!output.stdout.contains(&0x1b), "no escape codes in a pipe");
    let object = last_json(&output);
    assert_eq!(object["machine"]["threads"], 1);
    assert!(["portable", "avx2", "avx512"].contains(&object["machine"]["simd"].as_str().unwrap()));
    for limit in ["gflops", "gexps"] {
        assert!(object["limits"][limit].as_f64().unwrap() > 1e-4, "{limit} in {object}");
    }
    let rows = object["rows"].as_array().unwrap();
    // One row an engine: the cpu, and a real GPU where there is one.
    let row = &rows[0];
    assert_eq!(
        (&row["engine"], &row["objective"], &row["n"]),
        (&"cpu".into(), &"softmax".into(), &600.into())
    );
    assert!(row["gradient_error"].as_f64().unwrap() <= 1e-4);
    assert_eq!(row["checked_n"], 600);
    let (median, minimum) = (row["median_s"].as_f64().unwrap(), row["min_s"].as_f64().unwrap());
    assert!(minimum > 0.0 && minimum <= median && median < 60.0, "{row}");
    // 6 · 600 · 10 · 3 operations a step.
    let gflops = row["gflops"].as_f64().unwrap();
    assert!((gflops * median * 1e9 / 108_000.0 - 1.0).abs() < 1e-9, "{row}");
    let share = row["share_of_limit"].as_f64().unwrap();
    assert!(share > 0.0, "{row}");
    if cfg!(target_os = "linux") && row["peak_resident_bytes"].is_number() {
        assert!((1 << 20..1 << 30).contains(&row["peak_resident_bytes"].as_u64().unwrap()), "{row}");
    }
}

#[test]
fn options_choose_engines_workloads_and_limits() {
    let output = losslab(&[
        "bench",
        "--workload",
        "6",
        "--workload",
        "1",
        "--seconds",
        "0.01",
        "--engine",
        "reference",
        "--no-limits",
        "--json",
    ]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let object = last_json(&output);
    assert!(object["limits"].is_null());
    let rows = object["rows"].as_array().unwrap();
    let numbers: Vec<u64> = rows.iter().map(|row| row["workload"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [1, 6]);
    for row in rows {
        assert_eq!(row["engine"], "reference");
        assert!(row["gradient_error"].is_null() && row["share_of_limit"].is_null(), "{row}");
    }
    // The reference cannot hold 8192 × 8192 scores and says so instead of trying.
    let output = losslab(&["bench", "--workload", "4", "--engine", "reference", "--no-limits"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.contains("4 reference was skipped: the reference keeps every score, 8192×8192 here"),
        "{text}"
    );
}

#[test]
fn the_workloads_are_listed() {
    let all = last_json(&losslab(&["bench", "--list", "--json"]));
    let all = all.as_array().unwrap();
    assert_eq!(all.len(), losslab::bench::WORKLOADS.len());
    assert_eq!(all[7]["objective"], "cacr(positives=class)");
    let text = losslab(&["bench", "--list"]);
    assert_eq!(String::from_utf8_lossy(&text.stdout).lines().count(), all.len() + 1);
}

#[test]
fn wrong_use_is_one_sentence_and_exit_code_2() {
    for (words, said) in [
        (&["--workload", "11"][..], "there is no workload 11: they are numbered 1 to 10 (see --list)"),
        (&["--workload", "0"], "there is no workload 0"),
        (&["--seconds", "0"], "--seconds must be above 0 and at most 3600, not 0"),
        (&["--seconds", "nan"], "--seconds must be above 0"),
        (&["--threads", "0"], "--threads must be 1 to 1024, not 0"),
        (&["--engine", "gpuu"], "did you mean gpu?"),
    ] {
        let output = losslab(&[&["bench"], words].concat());
        let error = stderr(&output);
        assert_eq!(code(&output), 2, "{words:?}: {error}");
        assert!(error.contains(said) && error.lines().count() == 1, "{words:?}: {error}");
        assert!(output.stdout.is_empty(), "{words:?}");
    }
}
