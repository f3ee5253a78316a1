//! A recording without a screen: sentences at its marks, and what is refused.

use std::process::{Command, Output, Stdio};

use crate::{code, stderr};

/// A recording of the default experiment: run, a mark at step 40, pause there, ten steps by hand.
fn recording() -> String {
    let share = losslab::share::Share {
        experiment: losslab::experiment::Experiment::default(),
        edits: Vec::new(),
        step: 0,
        view: losslab::share::View::default(),
    };
    format!(
        "losslab-recording 1\nlosslab 0.1.0\nshare {}\nsize 80 24\nengine cpu\npace 1\nrow 0\nbegin 0 paused\n\
         0 0 10 key space\n40 40 900 mark collapse\n40 43 1000 key space\n43 43 1100 key .\n44 44 2000 end unknown\n",
        share.encode().unwrap()
    )
}

fn replay(text: &str, more: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("talk.llrec");
    std::fs::write(&file, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_losslab"));
    command.arg("replay").arg("talk.llrec").args(more).current_dir(folder.path());
    command.stdin(Stdio::null()).output().unwrap()
}

#[test]
fn a_replay_says_the_same_each_time_at_its_marks_and_at_its_end() {
    let first = replay(&recording(), &["--plain"]);
    assert_eq!(code(&first), 0, "{}", stderr(&first));
    let text = String::from_utf8(first.stdout.clone()).unwrap();
    assert!(text.starts_with("Mark collapse, at step 40, loss 0."), "{text}");
    assert!(text.contains("\nThe end, at step 44, loss 0."), "{text}");
    assert!(text.contains("It is paused at step 44."), "{text}");
    // Without a terminal it is the same.
    assert_eq!(replay(&recording(), &["--speed", "2"]).stdout, first.stdout);
    // One that broke off in the middle of its last line goes as far as the line before.
    let whole = recording();
    let cut = replay(&whole[..whole.rfind("44 44 2000").unwrap() + 5], &["--plain"]);
    let cut_text = String::from_utf8(cut.stdout.clone()).unwrap();
    assert!(code(&cut) == 0 && cut_text.contains("\nHere it breaks off, at step 44, loss 0."), "{cut_text}");
    let short = replay(&recording(), &["--plain", "--stop-at", "mark:collapse"]);
    assert!(code(&short) == 0 && text.starts_with(&String::from_utf8(short.stdout).unwrap()));
}

#[test]
fn what_is_wrong_with_a_recording_is_said_in_a_sentence() {
    let refused = |text: &str, more: &[&str], wanted: i32, said: &str| {
        let output = replay(text, more);
        assert_eq!(code(&output), wanted, "{said}: {}", stderr(&output));
        assert!(stderr(&output).contains(said), "{said}: {}", stderr(&output));
    };
    let text = recording();
    let changed = |old: &str, new: &str| text.replacen(old, new, 1);
    refused(&changed("recording 1", "recording 2"), &[], 2, "talk.llrec: this recording is of version 2");
    refused(&changed("key space", "kye space"), &[], 2, "line 9: nothing is called \"kye\"");
    refused(&text, &["--stop-at", "colapse"], 2, "is called \"colapse\"; did you mean collapse?");
    refused(&text, &["--speed", "0"], 2, "--speed is a number above 0");
    refused("", &[], 2, "this is no recording");
    refused(
        &changed("44 44 2000", "45 45 2000"),
        &[],
        1,
        "line 13: the recorded run was at step 45, this one is at 44",
    );
    refused(&changed("end unknown", "end 0.5"), &[], 1, "line 13: the recorded loss is 0.5");
    // A run that was never told to go does not come to step 40.
    refused(
        &changed("key space", "key t"),
        &[],
        1,
        "line 10: the recorded run was at step 40, this one is at 0",
    );
    refused(&changed("begin 0", "begin 7"), &[], 2, "line 8: it begins at step 7");
}
