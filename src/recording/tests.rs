use crossterm::event::{KeyCode, KeyModifiers, MouseButton, MouseEventKind};
use proptest::prelude::*;

use super::*;
use crate::app::keys::Action;
use crate::experiment::Experiment;
use crate::share::View;

fn key(code: KeyCode, modifiers: KeyModifiers) -> What {
    What::Key(KeyEvent::new(code, modifiers))
}

fn recording() -> Recording {
    let mouse = MouseEvent {
        kind: MouseEventKind::Drag(MouseButton::Left),
        column: 10,
        row: 5,
        modifiers: KeyModifiers::ALT | KeyModifiers::SHIFT,
    };
    let whats = [
        key(KeyCode::Char(' '), KeyModifiers::NONE),
        key(KeyCode::Char('r'), KeyModifiers::CONTROL),
        key(KeyCode::BackTab, KeyModifiers::SHIFT),
        key(KeyCode::F(5), KeyModifiers::NONE),
        key(KeyCode::Char('é'), KeyModifiers::NONE),
        What::Mouse(mouse),
        What::Paste("two\nlines \"quoted\"".to_owned()),
        What::Resize(120, 40),
        What::Mark("the collapse".to_owned()),
        What::Diverged,
    ];
    let events = whats.into_iter().enumerate().map(|(k, what)| {
        let k = k as u64;
        Entry { seen: 30 + k, heard: 30 + 2 * k, ms: 100 * k, what }
    });
    Recording {
        beginning: Beginning {
            share: Share {
                experiment: Experiment::default(),
                edits: Vec::new(),
                step: 40,
                view: View { spin: Some(false), ..View::default() },
            },
            size: (80, 24),
            engine: "cpu".to_owned(),
            pace: Pace::default(),
            row: 2,
            keymap: Keymap::default()
                .with(Action::Export, &[KeyCode::F(7), KeyCode::F(8)])
                .with(Action::Tour, &[]),
            step: 30,
            running: true,
        },
        events: events.collect(),
        end: End { step: 500, ms: 9000, loss: Some(0.1 + 0.2), broken: false },
    }
}

#[test]
fn a_recording_comes_back_from_its_text() {
    let recording = recording();
    let text = recording.print().unwrap();
    assert_eq!(read(&text), Ok(recording.clone()), "{text}");
    assert_eq!(recording.marks().collect::<Vec<_>>(), ["the collapse"]);
    let line = text.lines().position(|line| line.ends_with("mark the collapse")).unwrap() + 1;
    assert_eq!(recording.line(8), line, "lines are those of the file");
    let unknown = Recording { end: End { loss: None, ..recording.end }, ..recording };
    assert_eq!(read(&unknown.print().unwrap()), Ok(unknown));
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    let text = recording().print().unwrap();
    let told = |old: &str, new: &str| {
        assert!(text.contains(old), "{old} in {text}");
        read(&text.replacen(old, new, 1)).unwrap_err().to_string()
    };
    for (old, new, said) in [
        ("losslab-recording 1", "losslab-recording 2", "this recording is of version 2 of the format"),
        ("losslab-recording 1", "[run]", "this is no recording"),
        ("losslab-recording 1", "losslab-recording 0", "this is no recording"),
        ("share ll1:", "share ll9:", "line 3: this share string is of kind ll9"),
        ("size 80 24\n", "size 80\n", "line 4: a size is columns and rows"),
        ("size 80 24\n", "size 80 0\n", "line 4: a terminal has 1 to 2000"),
        (
            "size 80 24\n",
            "siez 80 24\n",
            "line 4: here stands \"size\" and columns and rows, not \"siez 80 24\"; did you mean size?",
        ),
        ("pace 1\n", "pace 3\n", "line 6: \"3\" is no pace"),
        ("keys export", "keys exprot", "line 9: no action is called \"exprot\"; did you mean export?"),
        ("F7 F8", "f", "line 10: of the keys before this line f would mean both forces and export"),
        ("running", "runing", "line 10: a run is running or paused, not \"runing\"; did you mean running?"),
        ("paste \"two", "passte \"two", "line 17: nothing is called \"passte\"; did you mean paste?"),
        ("key space", "key spcae", "line 11: no key is called \"spcae\"; did you mean space?"),
        ("30 30 0 ", "30 29 0 ", "line 11: what was seen at step 30 was not heard before it, at 29"),
        ("30 30 0 ", "30 30 101 ", "line 12: it happened before what stands before it"),
        ("30 30 0 ", "-1 30 0 ", "line 11: \"-1\" is no step"),
        ("30 30 0 ", "4294967296 4294967296 0 ", "line 11: \"4294967296\" is no step"),
        ("drag left", "drug left", "line 16: a mouse does not \"drug left\"; did you mean drag left?"),
        ("paste \"two", "paste two", "line 17: what was pasted stands in quotes"),
        ("mark the collapse", "mark ", "line 19: a mark has a name"),
        ("size 120 40", "mark the collapse", "line 19: the mark \"the collapse\" stands on line 18 already"),
        ("end 0.30000000000000004", "end NaN", "line 21: \"NaN\" is no loss"),
        ("end 0.30000000000000004\n", "end 0.3\nmore\n", "line 22: nothing comes after the end"),
        ("end 0.30000000000000004\n", "end 0.3\n\n", "line 22: nothing comes after the end"),
        ("diverged\n", "diverged once\n", "line 20: nothing comes after diverged"),
        ("begin 30", "begin x", "line 10: \"x\" is no step"),
        ("begin 30", "begin 41", "line 10: it begins at step 41, and the run had made 40 by then"),
        ("38 46 800 mark the collapse\n", "\n", "line 19: \"\" is no step"),
    ] {
        let told = told(old, new);
        assert!(told.starts_with(said), "{new}: {told}");
    }
    assert!(
        read("losslab-recording 1\n").unwrap_err().to_string().starts_with("line 2: here stands \"losslab\"")
    );
}

#[test]
fn a_recording_that_was_not_ended_goes_as_far_as_its_last_whole_line() {
    let whole = recording();
    let text = whole.print().unwrap();
    let (before_the_end, end) = text.split_at(text.rfind("500 500").unwrap());
    let last = whole.events.last().unwrap();
    let broken =
        Recording { end: End { step: last.heard, ms: last.ms, loss: None, broken: true }, ..whole.clone() };
    assert_eq!(read(before_the_end), Ok(broken.clone()));
    assert_eq!(broken.print().unwrap(), before_the_end);
    // Half a line, whether it could be read or not, was not written whole.
    assert_eq!(read(&format!("{before_the_end}38 46 900 key shi")), Ok(broken.clone()));
    assert_eq!(read(&format!("{before_the_end}38 46 900 size 120 4")), Ok(broken));
    assert_eq!(read(&format!("{before_the_end}{}", end.trim_end())), Ok(whole), "but the end is the end");
    let head = &text[..text.find("30 30 0").unwrap()];
    let nothing = read(head).unwrap();
    assert_eq!((nothing.events.len(), nothing.end.step, nothing.end.broken), (0, 30, true));
    // A head has to be whole.
    let cut = read(head.trim_end().rsplit_once('\n').unwrap().0).unwrap_err().to_string();
    assert!(cut.starts_with("line 10: the recording breaks off here"), "{cut}");
}

proptest! {
    #[test]
    fn nothing_that_is_written_into_one_makes_the_reader_panic(place in 0usize..2000, with in ".{0,6}") {
        let text = recording().print().unwrap();
        let place = (0..=place.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let hostile = format!("{}{with}{}", &text[..place], &text[place..]);
        if let Ok(understood) = read(&hostile) {
            // What is understood is written as it was understood.
            prop_assert_eq!(read(&understood.print().unwrap()), Ok(understood));
        }
        let _ = read(&text[..place]);
    }
}
