//! Every taught fact is measured, a false one is noticed, and every preset runs.

#![expect(clippy::unwrap_used, reason = "a test file: what fails here is the test")]

#[path = "lessons/mode.rs"]
mod mode;

use losslab::experiment::preset;
use losslab::lesson::{self, LESSONS, trial};
use losslab::simulation::Run;

/// Examines some of the lessons: tests run side by side.
fn are_true(which: std::ops::Range<usize>) {
    for (name, text) in &LESSONS[which] {
        let lesson = lesson::parse(name, text).unwrap();
        for verdict in trial::examine(&lesson).unwrap() {
            let values: Vec<_> = verdict.outcomes.iter().map(|o| (&o.what, o.value, &o.wanted)).collect();
            println!("{name} page {}: {values:?} at step {}", verdict.page, verdict.steps);
            assert!(verdict.holds, "{name}, line {}: {} is not true: {values:?}", verdict.line, verdict.says);
            assert_ne!(
                verdict.refuted,
                Some(false),
                "{name}, line {}: true even under fails-with",
                verdict.line
            );
        }
    }
}

#[test]
fn the_first_lessons_teach_what_is_true() {
    are_true(0..4);
}

#[test]
fn the_middle_lessons_teach_what_is_true() {
    are_true(4..8);
}

#[test]
fn the_last_lessons_teach_what_is_true() {
    assert_eq!(LESSONS.len(), 11);
    are_true(8..11);
}

#[test]
fn every_file_of_the_folder_is_a_lesson_of_the_list() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/lessons");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| {
            entry.unwrap().file_name().to_string_lossy().strip_suffix(".toml").map(str::to_owned)
        })
        .collect();
    let mut names: Vec<String> = LESSONS.iter().map(|(name, _)| (*name).to_owned()).collect();
    files.sort();
    names.sort();
    assert_eq!(files, names);
}

const SMALL: &str = "title = \"x\"\n[run]\nper-class = 10\n[[page]]\ntext = \"y\"\nsteps = 100\n";

#[test]
fn a_false_fact_and_one_that_cannot_be_false_are_noticed() {
    let examined = |check: &str| {
        let text = format!("{SMALL}check = \"{check}\"\nfails-with = {{ classes = 5 }}\n");
        trial::examine(&lesson::parse("small", &text).unwrap()).unwrap().remove(0)
    };
    let wrong = examined("min_class_angle > 120");
    assert!(!wrong.holds && !wrong.passes() && wrong.refuted == Some(true));
    let empty = examined("step >= 0");
    assert!(empty.holds && !empty.passes() && empty.refuted == Some(false));
    assert!(examined("C = 4").passes());
}

#[test]
fn mistakes_in_a_lesson_are_told_with_their_lines() {
    let text = "title = \"x\"\n[run]\nclases = 3\n[[page]]\ntext = \"y\"\nchek = \"loss < 1\"\n\
                predict = { options = [\"1\", \"2\"], answer = \"c\" }\nallow = [\"scal\"]\n\
                check = \"min_clas_angle > 3\"\nfails-with = { scale = -1 }\n";
    let error = lesson::parse("bad", text).unwrap_err().to_string();
    for said in [
        "bad.toml:3: nothing here is called \"clases\"; did you mean classes?",
        "bad.toml:6: unknown key \"chek\"; did you mean check?",
        "bad.toml:7: answer must be the letter of an option, not \"c\"",
        "bad.toml:8: nothing that can be set is called \"scal\"; did you mean scale?",
        "bad.toml:9: nothing measured is called \"min_clas_angle\"; did you mean min_class_angle?",
        "bad.toml:10: scale cannot be -1",
    ] {
        assert!(error.lines().any(|line| line == said), "{said}\nis not in\n{error}");
    }
    let long = format!("{SMALL}check = \"loss < 1\"\nhint = \"{}\"\n", "word ".repeat(41));
    let error = lesson::parse("long", &long).unwrap_err().to_string();
    assert!(error.contains("long.toml:8: hint has 41 words") && error.contains("fails-with"), "{error}");
}

#[test]
fn every_preset_runs_without_diverging() {
    for preset in preset::all() {
        let mut run = Run::new(&preset.document.experiment).unwrap();
        let first = run.snapshot().loss;
        run.advance(30);
        run.read_back();
        let snapshot = run.snapshot();
        assert!(run.can_go() && snapshot.step == 30, "{}: {:?}", preset.name, run.status);
        let loss = snapshot.loss;
        assert!(
            loss.is_finite() && loss <= first + 1e-3 + 0.02 * first.abs(),
            "{}: {first} to {loss}",
            preset.name
        );
    }
}
