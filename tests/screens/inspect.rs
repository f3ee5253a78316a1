//! Charts over steps read at one step: a press of the right button on any of them marks all.

use crossterm::event::MouseButton;
use losslab::app::{Pane, places, time};
use losslab::describe::number;

use super::desk::{Desk, SIZES};
use super::screen;

/// The loss of a run at a step.
fn loss(desk: &Desk, run: usize, step: u64) -> String {
    let history = &desk.app.snapshot.beside(run).history;
    number(history.iter().find(|sample| sample.step == step).unwrap().loss)
}

/// A right press over a share of the loss curve, from 0 at its left end to 1.
fn press_on_curve(desk: &mut Desk, share: f64) {
    let plot = places::inside(desk.app.layout().unwrap().area(Pane::Loss).unwrap());
    let column = plot.x + (share * f64::from(plot.width - 1)).round() as u16;
    desk.click(MouseButton::Right, column, plot.y + plot.height / 2);
}

/// The column of the mark within a row of the screen, from the left end of the row's chart.
fn marks(shown: &str, within: &str) -> usize {
    shown.lines().filter(|line| line.contains(within)).map(|line| line.matches('│').count()).sum()
}

#[test]
fn the_curve_and_the_line_of_time_are_read_at_one_step_with_its_values() {
    for size in SIZES {
        let mut desk = Desk::of("normface(scale=4)", 40).sized(size);
        let before = screen(&desk.app);
        press_on_curve(&mut desk, 0.5);
        let step = desk.app.inspected.unwrap();
        assert!(step.abs_diff(20) <= 1, "{size:?} {step}");
        let shown = screen(&desk.app);
        assert!(shown.contains(&format!("at {step}: {}", loss(&desk, 0, step))), "{shown}");
        assert!(shown.contains(&format!("at step {step}: loss {}", loss(&desk, 0, step))), "{shown}");
        assert_eq!(marks(&shown, "time 0 ["), 1 + marks(&before, "time 0 ["), "{shown}");
        // From the line of time the same: the curve is marked there.
        let layout = desk.app.layout().unwrap();
        let newest = desk.app.snapshot.time.newest;
        let column = time::column_of(time::track(layout.time, newest), newest, 10);
        desk.click(MouseButton::Right, column, layout.time.y);
        let step = desk.app.inspected.unwrap();
        assert!(step.abs_diff(10) <= 1 && desk.app.snapshot.step == 40, "read, not gone to: {step}");
        assert!(screen(&desk.app).contains(&format!("at {step}: {}", loss(&desk, 0, step))));
        // Anywhere else it ends, and so it does by Esc.
        desk.click(MouseButton::Right, 3, 3);
        assert_eq!(desk.app.inspected, None);
        press_on_curve(&mut desk, 1.0);
        assert_eq!(desk.app.inspected, Some(40));
        desk.press("\u{1b}");
        assert_eq!(desk.app.inspected, None);
    }
}

#[test]
fn another_branch_is_read_at_that_step_too() {
    let mut desk = Desk::of("normface(scale=4)", 40).sized((160, 48));
    desk.press("<").press("4↓→");
    for _ in 0..30 {
        desk.press(".");
    }
    press_on_curve(&mut desk, 0.25);
    let step = desk.app.inspected.unwrap();
    assert!(step.abs_diff(10) <= 1, "of the longest curve, which has 40 steps: {step}");
    let read = desk.app.read_at(step);
    let names: Vec<&str> = read.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["b1", "main"]);
    let values: Vec<String> =
        read.iter().map(|(name, sample)| format!("{name} {}", number(sample.loss))).collect();
    let shown = screen(&desk.app);
    assert!(
        values[0] != values[1] && values.iter().all(|value| shown.contains(value)),
        "{values:?}: {shown}"
    );
    // Beyond its end the shorter one has nothing to say.
    press_on_curve(&mut desk, 0.9);
    assert_eq!(desk.app.read_at(desk.app.inspected.unwrap()).len(), 1);
}

#[test]
fn runs_side_by_side_are_read_at_one_step_at_every_size() {
    for size in SIZES {
        let mut desk = Desk::of("normface(scale=4)", 40).sized(size);
        desk.press("coarcface\n");
        for _ in 0..40 {
            desk.press(".");
        }
        let layout = desk.app.layout().unwrap();
        // The smallest screen has the curves alone, or none.
        let column = time::column_of(time::track(layout.time, 40), 40, 20);
        desk.click(MouseButton::Right, column, layout.time.y);
        let step = desk.app.inspected.unwrap();
        let [a, b] = [0, 1].map(|run| loss(&desk, run, step));
        let shown = screen(&desk.app);
        assert!(shown.contains(&format!("at step {step}: loss of A {a}, B {b}")), "{shown}");
        assert_eq!(layout.area(Pane::Loss).is_some(), shown.contains(&format!("at {step}: A {a} B {b}")));
        desk.press("2e");
        let shown = screen(&desk.app);
        assert!(shown.contains(&format!("at {step}: A {a} B {b}")), "{shown}");
        press_on_curve(&mut desk, 0.0);
        assert_eq!(desk.app.inspected, Some(0));
        insta::assert_snapshot!(format!("beside_{}x{}", size.0, size.1), screen(&desk.app));
    }
}

#[test]
fn a_step_that_is_read_on_every_chart() {
    let mut desk = Desk::of("normface(scale=4)", 40).sized((160, 48));
    press_on_curve(&mut desk, 0.4);
    desk.shown("mode_read_at_a_step");
}
