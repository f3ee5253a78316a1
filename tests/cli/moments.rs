//! Share strings where a moment is described: they begin at their step, edits and all.

use std::path::Path;
use std::process::Stdio;

use losslab::experiment::{Edit, EngineKind, Experiment, expression};
use losslab::share::{COMMENT, Share, View};
use losslab::simulation::Run;

use crate::{code, losslab, stderr};

/// A run whose scale was changed at step 20, at step 30.
fn moment() -> Share {
    let with = |text: &str| Experiment {
        objective: expression::parse(text).unwrap(),
        engine: EngineKind::Cpu,
        lr: Some(0.02),
        ..Experiment::default()
    };
    Share {
        experiment: with("normface(scale=4)"),
        edits: vec![Edit { step: 20, experiment: with("normface(scale=8)") }],
        step: 30,
        view: View { picked: Some(7), ..View::default() },
    }
}

fn said(arguments: &[&str]) -> String {
    let output = losslab(arguments);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// The loss of the moment, as sentences write it.
fn loss(at: u64) -> String {
    let Share { experiment, edits, .. } = moment();
    losslab::describe::loss(&Run::replayed(&experiment, &edits, at).unwrap().snapshot())
}

#[test]
fn a_share_string_is_described_at_its_step() {
    let text = moment().encode().unwrap();
    let described = said(&["describe", &text]);
    assert!(described.contains("step 30") && described.contains(&loss(30)), "{described}");
    assert!(described.contains("normface(scale=8"), "the edit was made: {described}");
    assert!(described.contains("Row 7 is of class"), "{described}");
    let earlier = said(&["describe", &text, "--at", "10"]);
    assert!(earlier.contains("step 10") && earlier.contains(&loss(10)), "{earlier}");
    assert!(earlier.contains("normface(scale=4"), "{earlier}");
}

#[test]
fn a_file_that_carries_a_share_string_is_described_at_its_step() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("curve.csv");
    std::fs::write(&table, format!("{COMMENT}{}\nstep,loss,floor\n0,1.5,\n", moment().encode().unwrap()))
        .unwrap();
    let described = said(&["describe", &table.to_string_lossy()]);
    assert!(described.contains("step 30") && described.contains(&loss(30)), "{described}");
}

#[test]
fn lines_begin_at_the_step_of_a_share_string() {
    let text = moment().encode().unwrap();
    let output = std::process::Command::new(Path::new(env!("CARGO_BIN_EXE_losslab")))
        .args(["--plain", &text])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("paused at step 30"), "{said}");
    assert!(!said.contains("step 0.") && said.contains(&loss(30)), "{said}");
}

#[test]
fn lines_whose_input_has_ended_end_at_the_last_step_with_its_geometry() {
    let output = std::process::Command::new(Path::new(env!("CARGO_BIN_EXE_losslab")))
        .args(["--plain", "--steps", "300", "--engine", "cpu", "--lr", "0.02"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("It is paused at step 300."), "{said}");
    let experiment = Experiment { engine: EngineKind::Cpu, lr: Some(0.02), ..Experiment::default() };
    let mut run = Run::replayed(&experiment, &[], 300).unwrap();
    run.analyse();
    let geometry = losslab::describe::sentences(&run.snapshot());
    let geometry: Vec<_> = geometry.iter().filter(|sentence| sentence.contains("degrees")).collect();
    assert!(geometry.len() > 1, "{geometry:?}");
    for sentence in geometry {
        assert!(said.contains(sentence.as_str()), "{sentence} is not in {said}");
    }
}
