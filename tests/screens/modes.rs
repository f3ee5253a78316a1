//! What the lab can be in the middle of, at every size: time, typing, lessons, comparisons, recordings, data of a user.

use std::path::PathBuf;

use losslab::app::settings::Row;
use losslab::app::{Message, Pane, Tape};
use losslab::experiment::{Experiment, Model, OptimizerKind, Source, expression};
use losslab::lesson::LESSONS;
use losslab::objectives::{Knobs, OBJECTIVES, Objective, Term};
use losslab::snapshot::Status;

use super::desk::{Desk, SIZES};
use super::every::every;
use super::text::screen;

/// Keys that lead to a mode from forty steps of a run of four classes.
const MODES: [(&str, &str); 21] = [
    ("usual", ""),
    ("first_run_hint_gone", "nnn\u{1b}\u{1b}"),
    ("linear_axis", "2y"),
    ("rewound", "8<"),
    ("at_the_start", "8⇤"),
    ("branch", "8,,,,,4↓→."),
    ("branch_beside_time", "8,,,,,4↓→.8"),
    ("undone", "4↓→.u."),
    ("typing", "4↓12.5"),
    ("typed_wrong", "4↓0\n"),
    ("typed_size", "4⇥9\n"),
    ("objective_changed", "oarcface\n."),
    ("sum", "osoftmax + 0.1*opl\n."),
    ("repulsion", "oriesz\n.........."),
    ("target_hidden", "g"),
    ("trails", "t"),
    ("tour", "T"),
    ("class_picked", "j"),
    ("pair_picked", "k"),
    ("shared", "Y"),
    ("no_recording_to_mark", "M"),
];

#[test]
fn every_mode_that_keys_lead_to() {
    for (name, keys) in MODES {
        let mut desk = Desk::of("normface(scale=4)", 40);
        desk.press(keys);
        desk.shown(&format!("mode_{name}"));
    }
}

#[test]
fn before_anything_was_computed() {
    let mut desk = Desk::of("normface(scale=4)", 0);
    let bare = losslab::simulation::Run::new(&Experiment::default()).unwrap().snapshot();
    assert!(!bare.analysed);
    desk.alter(|run| *run = bare);
    desk.shown("mode_start");
}

#[test]
fn a_loss_thrown_far_up_is_told_in_place_of_the_first_hint() {
    let thrown = |lr: f64| {
        let objective = expression::parse("mse").unwrap();
        let mut desk = Desk::new(Experiment { objective, lr: Some(lr), ..Experiment::default() }, 40);
        desk.alter(|run| run.status = Status::Running);
        for size in SIZES {
            desk.app.update(Message::Resize(size.0, size.1));
            let seen = screen(&desk.app);
            assert_eq!(seen.contains("steps are too long"), lr > 1.0, "{lr} at {size:?}:\n{seen}");
        }
    };
    thrown(500.0);
    thrown(0.02);
}

#[test]
fn a_long_way_to_another_step() {
    let mut desk = Desk::of("normface(scale=4)", 40);
    desk.alter(|run| {
        run.time.journey = Some((40, 36_000));
        run.time.newest = 36_000;
    });
    desk.shown("mode_journey");
}

#[test]
fn a_film_is_being_made() {
    let mut desk = Desk::of("normface(scale=4)", 40);
    desk.app.filming = true;
    desk.press("\u{1b}");
    desk.shown("mode_filming");
}

every! {
    /// What may be recorded or played.
    TAPES of Tape: (&str, fn() -> Tape) = {
        Tape::Recording(0) => ("recording", || Tape::Recording(0)),
        Tape::Recording(_) => ("recording_marked", || Tape::Recording(2)),
        Tape::Playing { stands: false, .. } => ("replay", || playing(false)),
        Tape::Playing { stands: true, .. } => ("replay_held", || playing(true)),
    }
}

fn playing(stands: bool) -> Tape {
    Tape::Playing { at: 12, of: 40, mark: Some("the collapse".to_owned()), stands }
}

#[test]
fn recordings_made_and_played() {
    for (name, tape) in TAPES {
        let mut desk = Desk::of("normface(scale=4)", 40);
        desk.app.tape = Some(tape());
        desk.press(" ").frames(5);
        desk.shown(&format!("mode_{name}"));
    }
}

/// Runs side by side: what is done to them after they were copied.
const COMPARISONS: [(&str, &str); 8] = [
    ("copied", ""),
    ("two", "oarcface\n...................."),
    ("difference", "oarcface\n....................d"),
    ("unlocked", "oarcface\n....................="),
    ("first_in_focus", "oarcface\n....................a"),
    ("rewound", "oarcface\n....................<"),
    ("three", "oarcface\ncosoftmax\n...................."),
    ("seeds", "oarcface\n....................S"),
];

#[test]
fn comparisons() {
    for (name, keys) in COMPARISONS {
        let mut desk = Desk::of("normface(scale=4)", 40);
        desk.press("c").press(keys);
        desk.shown(&format!("compare_{name}"));
    }
}

#[test]
fn a_number_has_a_star_where_its_sign_is_unlikely_and_a_missing_one_has_none() {
    // The row of differences, and whether the step near the target is later in one run beyond chance.
    let row_of = |objective: &str, keys: &str| {
        let objective = expression::parse(objective).unwrap();
        let mut desk = Desk::new(Experiment { objective, lr: Some(0.05), ..Experiment::default() }, 0);
        desk.press("c").press(keys).press(" ").frames(150).press(" S");
        let seeds = desk.app.snapshot.company.as_ref().unwrap().seeds.clone().unwrap();
        let line = seeds.study.steps_to_mark().unwrap();
        assert_eq!(line.values[1].len(), 6, "{:?}", seeds.fault);
        let mut rows = Vec::new();
        for size in SIZES {
            desk = desk.sized(size);
            let shown = screen(&desk.app);
            let row = shown.lines().find(|line| line.starts_with(" B − A")).unwrap().trim_end();
            rows.push(row.to_owned());
            // In a low screen the line of the note is that of messages.
            let starred = row.contains('*');
            let words = if starred { "* p ≤ 0.05" } else { "no star: no" };
            let note = shown.lines().find(|line| line.trim_start().starts_with(words));
            assert!(note.is_some() || size.1 < 22, "{size:?}: {shown}");
            assert_eq!(shown.contains("* p ≤ 0.05"), starred && note.is_some(), "{size:?}: {shown}");
            // Of one run beside itself no number has a sign; else the smallest angle has its count.
            let counts = shown.lines().find(|line| line.starts_with(" same sign in")).unwrap();
            assert_eq!(counts.contains(" of 6"), starred, "{size:?}: {shown}");
            // Of a run beside itself no number has a sign, and none is tested.
            let several = seeds.study.tests(std::slice::from_ref(&line)) > 0;
            assert!(note.is_none_or(|note| note.contains("not adjusted") == several), "{size:?}: {shown}");
        }
        (rows, line.sign(1).is_marked())
    };
    let (rows, unlikely) = row_of("supcon", "onormface(scale=1)\n");
    assert!(unlikely, "A never comes there, B in every seed");
    for row in rows {
        assert!(row.contains("°*") && row.ends_with(" -"), "{row}");
    }
    let (rows, unlikely) = row_of("normface(scale=1)", "");
    assert!(!unlikely && rows.iter().all(|row| !row.contains('*')), "the same run is as late as itself");
}

/// Where a lesson can stand.
#[test]
fn a_lesson_at_each_of_its_stages() {
    let mut desk = Desk::usual();
    desk.learn("four-classes");
    desk.shown("lesson_first_page");
    desk.press("\n");
    desk.shown("lesson_predict");
    desk.press("h");
    desk.shown("lesson_hint");
    desk.press(" ");
    desk.shown("lesson_predict_first");
    desk.press("a").frames(20);
    desk.shown("lesson_answered");
    desk.press("4→");
    desk.shown("lesson_locked");
    desk.press("1").frames(600);
    assert!(desk.app.lesson.as_ref().unwrap().met.is_some());
    desk.shown("lesson_explained");
    desk.press("\n").frames(600);
    desk.shown("lesson_last_page");
    desk.press("\n");
    assert!(desk.app.lesson.is_none());
    desk.shown("lesson_finished");
    desk.learn("margin");
    desk.press("c").frames(20);
    desk.shown("lesson_comparison");
}

#[test]
fn every_page_of_every_lesson_is_whole() {
    for (name, _) in LESSONS {
        let mut desk = Desk::of("normface(scale=4)", 1);
        desk.learn(name);
        let pages = desk.app.lesson.as_ref().unwrap().lesson.pages.len();
        for page in 0..pages {
            let session = desk.app.lesson.as_ref().unwrap();
            let wanted: Vec<String> = session.page().text.split_whitespace().map(str::to_owned).collect();
            let rows = desk.app.rows();
            let free: Vec<&Row> = rows.iter().filter(|row| !desk.app.locks(row)).collect();
            for size in SIZES {
                desk = desk.sized(size);
                let shown = screen(&desk.app);
                let may = shown
                    .lines()
                    .rev()
                    .find(|line| line.contains("you may change ") || line.contains("is locked"))
                    .unwrap();
                let named =
                    |row: &&Row| may.contains(&row.name) || may.contains(&format!(" {}", row.label()));
                let all = may.contains("change everything") || free.iter().all(named);
                assert!(!may.contains('…') && all, "{name} page {page} {size:?}: {may}");
                // The words of the page in their order: other panes stand beside them.
                let mut rest = shown.as_str();
                for word in &wanted {
                    let word = losslab::minus::typeset(word);
                    let at = rest.find(&*word);
                    assert!(at.is_some(), "{name} page {page} {size:?}, {word:?}: {shown}");
                    rest = &rest[at.unwrap_or(0) + word.len()..];
                }
            }
            desk.press("s");
        }
    }
}

#[test]
fn what_every_row_does_is_whole_at_every_size() {
    let term = |objective: &'static dyn Objective| Term {
        objective,
        weight: 1.0,
        knobs: Knobs::defaults(objective.knobs(), 4),
    };
    let usual = Experiment { views: 2, per_class: Some(3), ..Experiment::default() };
    let mut experiments: Vec<Experiment> = OBJECTIVES
        .iter()
        .map(|objective| Experiment { objective: vec![term(*objective)], ..usual.clone() })
        .collect();
    let sgd = OptimizerKind::Sgd;
    experiments.push(Experiment { model: Model::Linear { depth: 2 }, optimizer: sgd, ..usual });
    let digits = Source::Bundled("digits".into());
    let model = Model::Mlp { depth: 1, width: 8 };
    experiments.push(Experiment { model, source: digits, ..Experiment::default() });
    for experiment in experiments {
        let mut desk = Desk::new(experiment, 1);
        desk.app.focus = Pane::Params;
        for (k, row) in desk.app.rows().into_iter().enumerate() {
            (desk.app.row, desk.app.said) = (k, None);
            for size in SIZES {
                desk = desk.sized(size);
                let shown = screen(&desk.app);
                let last: Vec<&str> = shown.lines().rev().skip(1).take(3).collect();
                let last: Vec<&str> = last.into_iter().rev().flat_map(str::split_whitespace).collect();
                let last = last.join(" ");
                let mut rest = last.as_str();
                for word in row.meaning.split_whitespace() {
                    let at = rest.find(word);
                    assert!(at.is_some(), "{} {size:?}, {word:?}: {shown}", row.name);
                    rest = &rest[at.unwrap_or(0) + word.len()..];
                }
                assert!(row.live || rest.contains("restarts the run."), "{} {size:?}: {shown}", row.name);
            }
        }
    }
}

/// A file beside these tests.
fn given(file: &str) -> Experiment {
    let source = Source::File(PathBuf::from("tests/screens/data").join(file));
    Experiment { source, objective: expression::parse("supcon").unwrap(), ..Experiment::default() }
}

#[test]
fn data_of_a_user_and_other_kinds_of_runs() {
    let held_out = Experiment {
        model: Model::Mlp { depth: 1, width: 16 },
        source: Source::Bundled("digits".into()),
        batch: Some(64),
        holdout: 0.2,
        ..Experiment::default()
    };
    let deep = Experiment {
        model: Model::Linear { depth: 3 },
        objective: expression::parse("mse").unwrap(),
        weight_decay: 0.01,
        weight_decay_weights: 0.01,
        ..Experiment::default()
    };
    let many = Experiment { classes: Some(40), per_class: Some(5), dim: Some(16), ..Experiment::default() };
    let uneven = Experiment { class_sizes: Some(vec![100, 30, 10, 1]), ..Experiment::default() };
    for (name, experiment, keys) in [
        ("names", given("trees.csv"), "/oak-3\n"),
        ("names_found", given("trees.csv"), "/birch"),
        (
            "unlabelled",
            Experiment { objective: expression::parse("riesz").unwrap(), ..given("unlabelled.csv") },
            "",
        ),
        ("holdout", held_out, "9"),
        ("deep", deep, ""),
        ("many_classes", many, "6"),
        ("uneven", uneven, ""),
        ("plane", Experiment { dim: Some(2), ..Experiment::default() }, ""),
    ] {
        let mut desk = Desk::new(experiment, 20);
        desk.press(keys);
        desk.shown(&format!("data_{name}"));
    }
}
