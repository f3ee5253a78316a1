//! Every pane, and everything that can lie over the panes or change how they are drawn, at every size. What there is
//! comes from the enums themselves: a new variant does not compile before it has a screen here.

use losslab::app::look::{Background, Theme};
use losslab::app::{Colours, Look, Marks, Overlay, Pane};
use losslab::describe;
use losslab::experiment::{Experiment, OptimizerKind, expression};
use losslab::geometry::projection::PROJECTIONS;
use losslab::snapshot::{Arrows, Convergence, Status};

use super::desk::{Desk, SIZES};
use super::inks::{inks, is_coloured};
use super::text::screen;

/// A list of something for each variant of an enum, which does not compile while a variant is left out.
macro_rules! every {
    ($(#[$what:meta])* $list:ident of $enum:ty: $each:ty = { $($variant:pat => $value:expr),+ $(,)? }) => {
        $(#[$what])*
        const $list: &[$each] = &[$($value),+];
        const _: fn(&$enum) = |variant| match variant { $($variant => {})+ };
    };
}
pub(super) use every;

/// The keys after which a pane has most to say.
fn keys(pane: Pane) -> &'static str {
    match pane {
        Pane::View => "1nf",
        Pane::Loss => "2",
        Pane::Angles => "3k",
        Pane::Params => "4↓",
        Pane::Law => "5na",
        Pane::Gram => "6d",
        Pane::Selected => "7n",
        Pane::Time => "8.",
        Pane::Numbers => "9",
    }
}

/// The name of a file for a pane.
fn file(pane: Pane) -> String {
    pane.name().to_lowercase().replace(' ', "_")
}

#[test]
fn every_pane_at_every_size() {
    for pane in Pane::ALL {
        let mut desk = Desk::of("arcface(scale=4)", 40);
        desk.press(keys(pane));
        assert_eq!(desk.app.focus, pane);
        let number = format!("{} {}", pane.number(), pane.name());
        for shown in desk.shown(&format!("pane_{}", file(pane))) {
            assert!(shown.contains(&format!("> {number}")) || pane == Pane::Time, "{number}: {shown}");
        }
        desk.press("e");
        for shown in desk.shown(&format!("alone_{}", file(pane))) {
            let borders = shown.matches('╔').count();
            assert!(borders == 1 && !shown.contains('╭') || pane == Pane::Time, "alone: {shown}");
        }
    }
}

#[test]
fn every_pane_alone_beside_another_run() {
    for pane in Pane::ALL {
        let mut desk = Desk::of("normface(scale=4)", 40);
        desk.press("c4o").press("arcface\n").frames(1).press("\u{1b}").press(&pane.number().to_string());
        desk.press("....................e");
        desk.shown(&format!("beside_{}", file(pane)));
    }
}

every! {
    /// The keys that open what lies over the panes.
    OVERLAYS of Overlay: (&str, &str) = {
        Overlay::Help(_) => ("help", "?"),
        Overlay::Warnings(_) => ("warnings", "w"),
        Overlay::Picker(_) => ("picker", "o"),
        Overlay::Palette(_) => ("palette", ":"),
        Overlay::Lessons(_) => ("lessons", "L"),
        Overlay::Presets(_) => ("presets", "p"),
        Overlay::Branches(_) => ("branches", "B"),
        Overlay::Export(_) => ("export", "x"),
        Overlay::Find(_) => ("find", "/"),
        Overlay::Inspector(_) => ("inspector", "ni"),
    }
}

#[test]
fn everything_that_lies_over_the_panes() {
    for (k, (name, keys)) in OVERLAYS.iter().enumerate() {
        let mut desk = Desk::of("normface(scale=4)", 40);
        desk.press(keys);
        let open = desk.app.overlay.clone();
        let name_of = format!("{open:?}").to_lowercase();
        assert!(name_of.contains(&format!("some({name}(")), "{keys} opens {name_of}, number {k}");
        for shown in desk.shown(&format!("over_{name}")) {
            assert!(shown.contains("Esc"), "{shown}");
        }
    }
}

#[test]
fn lists_with_something_typed_something_wrong_and_at_their_ends() {
    for (name, keys) in [
        ("palette_found", ":weight"),
        ("palette_nothing", ":xyzzy"),
        ("picker_sum", "osoftmax + 0.1*opl"),
        ("picker_wrong_sum", "osoftmax + 0.1*opl(gama=2)"),
        ("picker_nothing", "oxyzzy\n"),
        ("lessons_found", "Lmargin"),
        ("presets_found", "pcollapse"),
        ("find_pair", "/A C"),
        ("find_nothing", "/xyzzy\n"),
        ("inspector_end", "ni⇥"),
        ("help_end", "?⇥"),
    ] {
        let mut desk = Desk::of("normface(scale=4)", 40);
        desk.press(keys);
        if name == "help_end" {
            desk.press(&"↓".repeat(200));
        }
        desk.shown(&format!("over_{name}"));
    }
    let mut desk = Desk::of("normface(scale=4)", 40);
    // Two branches: where a knob was changed in the past, and where another was.
    desk.press("8,,,,,4↓→8,,4↓→→B");
    desk.shown("over_branches_three");
    let mut desk = Desk::of("normface(scale=4)", 40);
    desk.press("cx");
    desk.shown("over_export_comparison");
}

every! {
    /// What a run can be doing.
    STATUSES of Status: (&str, Status) = {
        Status::Running => ("running", Status::Running),
        Status::Paused => ("paused", Status::Paused),
        Status::Converged(Convergence::Floor) => ("floor", Status::Converged(Convergence::Floor)),
        Status::Converged(Convergence::Still) => ("still", Status::Converged(Convergence::Still)),
        Status::Converged(Convergence::Schedule) => ("schedule", Status::Converged(Convergence::Schedule)),
        Status::Diverged { .. } => ("diverged", Status::Diverged { step: 0, term: None, why: None }),
        Status::Failed(_) => ("failed", Status::Failed(String::new())),
    }
}

#[test]
fn every_state_a_run_can_be_in() {
    for (name, status) in STATUSES {
        let mut desk = Desk::of("normface(scale=4)", 40);
        match status {
            Status::Diverged { .. } => {
                let objective = expression::parse("mse").unwrap();
                let optimizer = OptimizerKind::Sgd;
                desk = Desk::new(
                    Experiment { objective, optimizer, lr: Some(500.0), ..Experiment::default() },
                    40,
                );
                let Status::Diverged { why: Some(_), .. } = &desk.app.snapshot.status else {
                    panic!("{:?}", desk.app.snapshot.status)
                };
            }
            Status::Failed(_) => {
                let why = "the simulation hit a bug of its own: index out of bounds".to_owned();
                desk.alter(|run| run.status = Status::Failed(why));
            }
            status => {
                desk.alter(|run| run.status = status.clone());
            }
        }
        desk.shown(&format!("run_{name}"));
    }
}

#[test]
fn every_projection_of_many_dimensions() {
    let mut desk = Desk::wide();
    for kind in PROJECTIONS {
        desk.look_through(kind.name);
        desk.app.said = None;
        desk.shown(&format!("projection_{}", kind.name.replace('-', "_")));
    }
}

#[test]
fn every_kind_of_arrows() {
    for kind in Arrows::ALL {
        let mut desk = Desk::of("arcface(scale=4)", 20);
        desk.press(&"f".repeat(kind as usize));
        assert_eq!(desk.app.forces.arrows, kind);
        desk.shown(&format!("forces_{}", kind.name().replace(' ', "_")));
    }
}

every! {
    /// How points are drawn.
    MARKS of Marks: (&str, Marks) = {
        Marks::Braille => ("braille", Marks::Braille),
        Marks::Octant => ("octant", Marks::Octant),
        Marks::HalfBlock => ("half", Marks::HalfBlock),
        Marks::Dot => ("dot", Marks::Dot),
        Marks::Ascii => ("ascii", Marks::Ascii),
    }
}

#[test]
fn every_kind_of_marks() {
    for (name, marks) in MARKS {
        let mut desk = Desk::of("arcface(scale=4)", 40);
        desk.press("nf");
        desk.app.marks = *marks;
        desk.shown(&format!("marks_{name}"));
    }
}

every! {
    /// How many colours there are.
    COLOURS of Colours: (&str, Colours) = {
        Colours::Mono => ("mono", Colours::Mono),
        Colours::Sixteen => ("sixteen", Colours::Sixteen),
        Colours::Full => ("full", Colours::Full),
    }
}

/// The usual screen with something picked and the picker open, its letters and its colours.
#[test]
fn every_theme_with_every_number_of_colours() {
    let mut desk = Desk::of("arcface(scale=4)", 40).sized((80, 24));
    desk.press("n4↓");
    for (name, theme) in Theme::ALL {
        for (depth, colours) in COLOURS {
            desk.app.colours = *colours;
            desk.app.look = Look { theme, background: Background::Dark, ..Look::default() };
            let colourless = theme == Theme::Mono || *colours == Colours::Mono;
            assert_eq!(is_coloured(&desk.app), !colourless, "{name} {depth}");
            insta::assert_snapshot!(format!("theme_{name}_{depth}"), inks(&desk.app));
        }
    }
}

#[test]
fn without_colours_the_chosen_entry_still_stands_out() {
    for keys in ["o↓", ":↓", "L↓", "p↓", "x↓", "/↓", "B"] {
        for size in SIZES {
            let mut desk = Desk::of("normface(scale=4)", 5).sized(size);
            desk.app.colours = Colours::Mono;
            desk.press(keys);
            assert!(inks(&desk.app).contains("reversed"), "{keys}: {}", screen(&desk.app));
        }
    }
}

#[test]
fn facts_below_the_panes_are_those_that_are_told() {
    let desk = Desk::of("normface(scale=4)", 40);
    let first = &describe::facts(&desk.app.snapshot)[0];
    assert!(
        SIZES[1..]
            .iter()
            .all(|size| screen(&Desk::of("normface(scale=4)", 40).sized(*size).app).contains(first))
    );
}
