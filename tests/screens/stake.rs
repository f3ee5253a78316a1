//! Nothing is lost unasked: what drops branches, changes, a comparison or a film asks first, all with the same words,
//! and what a restart put aside comes back.

use crossterm::event::{KeyCode, MouseButton};
use losslab::app::{Command, Message, Overlay, Said};
use losslab::experiment::Experiment;

use super::desk::Desk;
use super::screen;

fn said(desk: &Desk) -> String {
    desk.app.said.as_ref().map_or(String::new(), |said| said.text.clone())
}

/// A run with a branch and a change on it, on the row of dimensions.
fn branched() -> Desk {
    let mut desk = Desk::usual().sized((80, 24));
    desk.press("4↓").press("→");
    desk.frames(10).press(",,,,,→");
    let dimensions = desk.app.rows().iter().position(|row| row.symbol == "d").unwrap();
    desk.app.row = dimensions;
    desk
}

fn branches(desk: &Desk) -> usize {
    desk.app.snapshot.time.branches.len()
}

fn quits(desk: &mut Desk, key: char) -> bool {
    let commands = desk.app.update(Message::Key(KeyCode::Char(key).into()));
    commands.iter().any(|command| matches!(command, Command::Quit(_)))
}

#[test]
fn a_knob_that_restarts_asks_and_undo_brings_the_run_back_with_its_branches() {
    let mut desk = branched();
    let (before, step) = (branches(&desk), desk.app.snapshot.step);
    assert_eq!(before, 2);
    let rows = desk.app.snapshot.points.clone();
    desk.press("→");
    assert_eq!(
        said(&desk),
        "Enter restarts with d 3 > 4 and drops 1 branch and 1 change (u brings it back); any other key stays"
    );
    assert_eq!((branches(&desk), desk.app.experiment.dim), (2, None), "nothing has happened");
    desk.shown("stake_knob");
    desk.app.update(Message::Resize(80, 24));
    desk.press("→");
    assert_eq!(branches(&desk), 2, "an arrow pressed again is no answer");
    desk.press("\u{1b}");
    assert_eq!((said(&desk).as_str(), branches(&desk)), ("", 2), "Esc says no and nothing else");
    desk.press("→\n");
    assert_eq!((branches(&desk), desk.app.snapshot.points.cols, desk.app.snapshot.step), (1, 4, 0));
    // What the same turn of the knob restarted on its way is of no use to anybody.
    desk.press("→→").frames(5).press("u");
    let now = &desk.app.snapshot;
    assert_eq!((branches(&desk), now.step, now.points == rows), (2, step, true), "bit by bit");
    assert_eq!(desk.app.experiment.dim, None);
    assert_eq!(said(&desk), format!("undone: d 6 > 3; the run and its branch are back, at step {step}"));
    desk.press("u");
    assert!(said(&desk).starts_with("undone: s "), "then its own changes: {}", said(&desk));
}

#[test]
fn a_redo_brings_the_restarted_run_again() {
    let mut desk = branched();
    desk.press("→\n").frames(7);
    let restarted = desk.app.snapshot.points.clone();
    desk.press("u");
    assert_eq!(desk.app.snapshot.points.cols, 3);
    let redo = crossterm::event::KeyEvent::new(KeyCode::Char('r'), crossterm::event::KeyModifiers::CONTROL);
    let commands = desk.app.update(Message::Key(redo));
    desk.take(commands);
    assert_eq!((desk.app.snapshot.step, desk.app.snapshot.points == restarted), (7, true));
    assert!(said(&desk).starts_with("redone: d 3 > 4; the run is back"), "{}", said(&desk));
    desk.press("u");
    desk.app.row = 1;
    desk.press("←");
    assert!(desk.app.snapshot.time.aside[1].is_none(), "another change, and there is nothing to redo");
}

#[test]
fn a_short_run_without_changes_restarts_at_once() {
    let mut desk = Desk::usual().sized((80, 24));
    desk.press("R");
    assert_eq!((said(&desk).as_str(), desk.app.snapshot.step), ("restarted from seed 0", 0));
    desk.frames(20).press("D");
    assert_eq!((desk.app.experiment.seed, desk.app.snapshot.step), (1, 0));
    desk.press("u");
    assert_eq!((desk.app.experiment.seed, desk.app.snapshot.step), (0, 20));
    assert_eq!(said(&desk), "undone: seed 1 > 0; the run is back, at step 20");
    desk.press("u");
    assert_eq!(said(&desk), "undone: the restart; the run is back, at step 60");
    desk.press("u");
    assert_eq!(said(&desk), "nothing to undo: no knob was changed");
    // A long one is at stake by its steps.
    desk.alter(|run| run.time.newest = 5000);
    desk.press("R");
    assert_eq!(said(&desk), "R again restarts and drops 5000 steps (u brings it back); any other key stays");
}

/// A and B, which was changed, some steps on.
fn compared() -> Desk {
    let mut desk = Desk::usual().sized((80, 24));
    desk.press("co").press("arcface\n").press(" ").frames(20).press(" 4↓").press("→").press("\u{1b}");
    assert_eq!((desk.app.snapshot.runs(), desk.app.snapshot.step), (2, 20));
    desk
}

#[test]
fn whatever_drops_a_comparison_asks_with_the_same_words() {
    let stake = "drops B with its 2 changes";
    for (keys, asked) in [
        ("\u{1b}", "Esc again leaves for A alone and "),
        ("p\n", "Enter again loads "),
        ("L\n", "Enter again opens the lesson and "),
        ("q", "q again quits and "),
    ] {
        let mut desk = compared();
        desk.press(keys);
        assert!(
            said(&desk).starts_with(asked) && said(&desk).contains(stake),
            "{keys:?}: {} {:?} {}",
            said(&desk),
            desk.app.back(),
            screen(&desk.app)
        );
        assert!(said(&desk).ends_with("; any other key stays"), "{}", said(&desk));
        assert_eq!(desk.app.snapshot.runs(), 2);
        assert!(desk.app.lesson.is_none());
        // Any other key stays.
        desk.press("3");
        assert_eq!((said(&desk).as_str(), desk.app.snapshot.runs()), ("", 2));
    }
    for key in ["R", "D"] {
        let mut desk = compared();
        desk.press(key);
        assert_eq!(
            said(&desk),
            format!("{key} again restarts and drops 1 change of B (u brings it back); any other key stays")
        );
        desk.press(key);
        assert_eq!((desk.app.snapshot.runs(), desk.app.snapshot.step), (2, 0));
        desk.press("u");
        assert_eq!((desk.app.snapshot.runs(), desk.app.snapshot.step), (2, 20));
        assert!(said(&desk).ends_with("2 runs are back, at step 20"), "{}", said(&desk));
        assert_eq!(desk.app.snapshot.beside(1).edits.len(), 2, "with what B had");
    }
    let mut desk = compared();
    assert!(!quits(&mut desk, 'q') && quits(&mut desk, 'q'));
    let mut desk = compared();
    assert!(
        !quits(&mut desk, 'Q') && !quits(&mut desk, 'q') && quits(&mut desk, 'q'),
        "another key asks anew"
    );
    let mut desk = compared();
    desk.press("p\n\n");
    assert_eq!(desk.app.snapshot.runs(), 1);
    desk.press("u");
    assert_eq!((desk.app.snapshot.runs(), desk.app.snapshot.step), (2, 20), "after a preset too");
}

#[test]
fn the_run_before_a_lesson_is_asked_for_and_comes_back_after_it() {
    let mut desk = branched();
    desk.learn("four-classes");
    assert!(
        desk.app.lesson.is_none() && said(&desk).contains("drops 1 branch and 1 change (u brings it back);"),
        "{}",
        said(&desk)
    );
    desk.press("\n");
    assert!(desk.app.lesson.is_some() && branches(&desk) == 1);
    // Its own restarts make no difference, and undo does not lead out of it.
    desk.press("\nR").frames(5).press("u");
    assert!(desk.app.lesson.is_some() && branches(&desk) == 1, "{}", said(&desk));
    desk.press("\u{1b}u");
    assert_eq!((desk.app.lesson.is_none(), branches(&desk)), (true, 2));
}

#[test]
fn leaving_while_a_film_is_made_says_how_far_it_is() {
    let mut desk = Desk::usual().sized((80, 24));
    (desk.app.filming, desk.app.filmed) = (true, 0.4);
    assert!(!quits(&mut desk, 'q'));
    assert_eq!(said(&desk), "q again quits and drops the film (40 % are made); any other key stays");
    // What the film says meanwhile waits for the answer.
    let news = Said { text: "filming: frame 63 of 156".into(), wrong: false };
    desk.app.update(Message::Said(news.clone()));
    assert!(screen(&desk.app).contains("any other key stays"));
    desk.press("3");
    assert_eq!(desk.app.said, Some(news));
    assert!(!quits(&mut desk, 'q') && quits(&mut desk, 'q'));
    desk.app.filming = false;
    assert!(quits(&mut desk, 'q'), "nothing is at stake");
}

#[test]
fn a_question_is_answered_by_the_mouse_as_by_keys() {
    let mut desk = Desk::new(Experiment::default(), 60).sized((160, 48));
    desk.press("4↓").press("→").frames(3);
    let rows = desk.app.rows();
    let classes = rows.iter().position(|row| row.symbol == "C").unwrap();
    let area = desk.app.layout().unwrap().area(losslab::app::Pane::Params).unwrap();
    let inside = losslab::app::places::inside(area);
    let shown = losslab::app::places::params(inside, rows.len(), desk.app.row);
    let (_, room) = shown.into_iter().find(|(k, _)| *k == classes).unwrap();
    let slider = losslab::app::places::slider(room, &rows[classes]).unwrap();
    desk.click(MouseButton::Left, slider.x + slider.width / 2, slider.y);
    assert!(said(&desk).starts_with("Enter restarts with C 4 > "), "{}", said(&desk));
    assert_eq!(desk.app.snapshot.cast.classes, 4);
    desk.click(MouseButton::Left, slider.x + slider.width / 2, slider.y);
    assert!(desk.app.snapshot.cast.classes > 4, "the same place once more");
}

#[test]
fn leaving_with_branches_asks_and_one_line_or_a_recording_is_left_at_once() {
    let mut desk = branched();
    assert!(!quits(&mut desk, 'q'));
    assert_eq!(said(&desk), "q again quits and drops 1 branch and 1 change; any other key stays");
    assert!(quits(&mut desk, 'q'));
    let mut recorded = branched();
    recorded.app.tape = Some(losslab::app::Tape::Recording(0));
    assert!(quits(&mut recorded, 'q'), "the recording has it all");
    let mut one = Desk::usual();
    one.press("4↓").press("→").frames(3);
    assert!(quits(&mut one, 'q'));
}

#[test]
fn what_is_left_is_told_by_a_share_string_of_each_run_that_is_not_soon_made_again() {
    let mut desk = Desk::usual();
    assert!(desk.app.parting().is_empty(), "sixty steps of what it opened with");
    desk.press("D");
    assert_eq!(desk.app.parting().len(), 1, "another seed");
    let mut desk = Desk::usual();
    desk.press("4↓").press("→").frames(10);
    let newest = desk.app.snapshot.step;
    desk.press(",,");
    let parting = desk.app.parting();
    let [('A', share)] = &parting[..] else { panic!("{parting:?}") };
    assert_eq!((share.step, share.edits.len()), (newest, 1), "its whole line");
    assert_eq!(share.edits[0].step, 60);
    let mut desk = compared();
    let parting = desk.app.parting();
    let [('A', _), ('B', share)] = &parting[..] else { panic!("both of a comparison: {parting:?}") };
    assert_eq!(share.experiment.objective[0].objective.name(), "normface");
    assert_eq!(share.edits.last().unwrap().experiment.objective[0].objective.name(), "arcface");
    desk.learn("four-classes");
    desk.press("\n");
    assert!(desk.app.lesson.is_some() && desk.app.parting().is_empty(), "its runs are those of its pages");
}

#[test]
fn a_run_of_a_comparison_is_let_go_only_when_that_is_asked_for_twice() {
    let mut desk = compared();
    desk.press("⌦");
    assert_eq!(said(&desk), "Delete again drops B with its 2 changes; any other key stays");
    assert_eq!(desk.app.snapshot.runs(), 2);
    desk.press("3⌦⌦");
    assert_eq!((desk.app.snapshot.runs(), said(&desk).as_str()), (1, "B is gone"));
    // A copy that differs in nothing is no loss.
    let mut desk = Desk::usual().sized((80, 24));
    desk.press("c⌦");
    assert_eq!(desk.app.snapshot.runs(), 1);
}

#[test]
fn a_branch_is_forgotten_only_when_that_is_asked_for_twice() {
    let mut desk = branched();
    let place = |desk: &Desk, name: &str| {
        let branches = &desk.app.snapshot.time.branches;
        Some(Overlay::Branches(branches.iter().position(|branch| branch.name == name).unwrap()))
    };
    desk.press("B");
    desk.app.overlay = place(&desk, "main");
    desk.press("⌫");
    assert!(said(&desk).contains("forget that first"), "no question: {}", said(&desk));
    desk.press("\nB");
    desk.app.overlay = place(&desk, "b1");
    desk.press("⌫");
    assert_eq!(said(&desk), "Bksp again forgets b1 for good; any other key stays");
    desk.press("\u{1b}");
    assert_eq!((said(&desk).as_str(), branches(&desk), desk.app.overlay.is_some()), ("", 2, true));
    desk.press("⌫⌫");
    assert_eq!(branches(&desk), 1);
    desk.press("\u{1b}");
    assert!(desk.app.overlay.is_none());
}

#[test]
fn a_change_in_the_past_of_a_run_that_has_one_line_asks_before_later_ones_go() {
    let mut desk = compared();
    let edits = |desk: &Desk| desk.app.snapshot.beside(1).edits.clone();
    let before = edits(&desk);
    assert_eq!((before.len(), before.last().unwrap().step), (2, 20));
    desk.press("4,,,,,");
    let objective = desk.app.experiment.objective.clone();
    desk.press("→");
    assert_eq!(
        said(&desk),
        "Enter makes B anew from step 15 and drops its later change; any other key stays"
    );
    assert_eq!(
        (edits(&desk), &desk.app.experiment.objective),
        (before.clone(), &objective),
        "nothing has happened"
    );
    desk.press("→");
    assert_eq!(edits(&desk), before, "an arrow pressed again is no answer");
    desk.press("\n");
    assert_eq!(edits(&desk).last().unwrap().step, 15);
    assert!(said(&desk).starts_with("B is made anew from step 15"), "{}", said(&desk));
    // What comes after it in the same turn of the knob drops nothing more.
    desk.press("→→");
    assert!(!said(&desk).contains("any other key"), "{}", said(&desk));
}
