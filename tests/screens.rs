//! The screens as they are drawn after a fixed number of steps of a real run on the cpu engine, each beside a number
//! that the run produced.
#![expect(clippy::unwrap_used, reason = "a test file: what fails here is the test")]

#[path = "screens/looks.rs"]
mod looks;

use std::sync::Arc;

use losslab::app::{App, Marks, Message};
use losslab::experiment::{EngineKind, Experiment, expression};
use losslab::simulation::Run;
use losslab::view;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

#[path = "screens/forces.rs"]
mod forces;
#[path = "screens/text.rs"]
mod text;

use text::screen;

/// The lab after so many steps, on a terminal of this size.
fn lab(objective: &str, steps: usize, size: (u16, u16)) -> App {
    lab_of(
        Experiment { objective: expression::parse(objective).unwrap(), ..Experiment::default() },
        steps,
        size,
    )
}

/// The same for a whole experiment.
fn lab_of(experiment: Experiment, steps: usize, size: (u16, u16)) -> App {
    let mut run = Run::new(&Experiment { engine: EngineKind::Cpu, ..experiment }).unwrap();
    run.advance(steps);
    run.read_back();
    run.analyse();
    App::new(Arc::new(run.snapshot()), size)
}

fn press(app: &mut App, keys: &str) {
    for c in keys.chars() {
        let code = match c {
            '\n' => crossterm::event::KeyCode::Enter,
            c => crossterm::event::KeyCode::Char(c),
        };
        app.update(Message::Key(code.into()));
    }
}

/// The loss of the run as the screen writes it.
fn loss(app: &App) -> String {
    format!("{:.4}", app.snapshot.loss)
}

#[test]
fn the_usual_terminal() {
    let app = lab("normface(scale=4)", 120, (80, 24));
    assert!(app.snapshot.loss < 0.2 && app.snapshot.loss > 0.0144, "{}", app.snapshot.loss);
    let screen = screen(&app);
    assert!(screen.contains(&loss(&app)) && screen.contains("floor 0.0144"));
    insta::assert_snapshot!("80x24", screen);
}

#[test]
fn the_large_terminal_shows_every_pane() {
    let app = lab("normface(scale=4)", 120, (160, 48));
    let angle = app.snapshot.geometry.measured.get("min_class_angle_deg").unwrap();
    let screen = screen(&app);
    assert!(screen.contains(&format!("{angle:.2}° of 109.47°")), "{angle}");
    insta::assert_snapshot!("160x48", screen);
}

#[test]
fn rings_mark_the_proved_frame_and_go_away() {
    let mut app = lab("normface(scale=4)", 120, (160, 48));
    let away = format!("○ simplex {:.3} away", app.snapshot.geometry.fit.as_ref().unwrap().distance);
    let with = screen(&app);
    assert!(with.contains(&away), "{with}");
    assert!(with.matches('○').count() > 2, "{with}");
    press(&mut app, "g");
    let without = screen(&app);
    assert!(!without.contains('○') && without.contains("target hidden"), "{without}");
    // Nothing is proved for five classes in three dimensions, so nothing is drawn.
    let five = Experiment { classes: Some(5), ..Experiment::default() };
    let screen = screen(&lab_of(five, 20, (160, 48)));
    assert!(!screen.contains('○') && screen.contains("best known angle 90°"), "{screen}");
}

#[test]
fn the_gram_pane_shows_how_far_cosines_are_from_the_proved_ones() {
    let mut app = lab("normface(scale=4)", 120, (160, 48));
    press(&mut app, "6d");
    let gram = app.snapshot.geometry.gram.clone().unwrap();
    let off = format!("{:.2}", gram.cosine(0, 1) + 1.0 / 3.0);
    let screen = screen(&app);
    assert!(screen.contains("cosines − target") && screen.contains(&off), "{off}: {screen}");
}

#[test]
fn a_slider_shows_where_everything_collapses() {
    let experiment = Experiment {
        objective: expression::parse("softmax").unwrap(),
        weight_decay: 0.01,
        weight_decay_weights: 0.05,
        ..Experiment::default()
    };
    let mut app = lab_of(experiment, 300, (160, 48));
    let certificate = app.snapshot.geometry.measured.get("certificate").unwrap();
    assert!(certificate > 0.9, "{certificate}");
    press(&mut app, "4");
    app.row = app.rows().iter().position(|row| row.name == "point decay").unwrap();
    // C·√(n·λ_W·λ_H) = 1 at λ_H = 1/(16·50·0.05).
    let screen = screen(&app);
    assert!(screen.contains("from 0.0250 on: everything collapses to the origin"), "{screen}");
    assert!(screen.matches('┃').count() >= 3, "in the title and on two sliders: {screen}");
    assert!(screen.contains("certificate"), "{screen}");
}

#[test]
fn the_smallest_terminal() {
    let app = lab("normface(scale=4)", 120, (60, 18));
    let screen = screen(&app);
    assert!(screen.contains(&loss(&app)) && screen.contains("hidden 0%"));
    insta::assert_snapshot!("60x18", screen);
}

#[test]
fn a_terminal_that_is_too_small_is_told_so_and_still_sees_the_run() {
    let app = lab("normface(scale=4)", 120, (59, 17));
    let screen = screen(&app);
    assert!(screen.contains("60x18") && screen.contains("120"), "{screen}");
    insta::assert_snapshot!("59x17", screen);
}

#[test]
fn a_pair_objective_has_means_and_a_raw_one_has_no_sphere() {
    let app = lab("supcon", 60, (100, 30));
    assert!(app.snapshot.weights.is_none() && app.snapshot.picture.sphere);
    insta::assert_snapshot!("supcon", screen(&app));
    let app = lab("softmax", 60, (100, 30));
    assert!(!app.snapshot.picture.sphere && screen(&app).contains("infimum 0"));
    insta::assert_snapshot!("softmax", screen(&app));
}

#[test]
fn help_and_picker_lie_over_it() {
    let mut app = lab("normface(scale=4)", 5, (80, 24));
    press(&mut app, "?");
    insta::assert_snapshot!("help", screen(&app));
    press(&mut app, "?oface");
    let found = screen(&app);
    assert!(["arcface", "cosface", "normface"].iter().all(|name| found.contains(name)));
    insta::assert_snapshot!("picker", found);
}

#[test]
fn many_points_are_thinned_and_that_is_said() {
    let experiment = Experiment { per_class: Some(3000), engine: EngineKind::Cpu, ..Experiment::default() };
    let mut run = Run::new(&experiment).unwrap();
    run.analyse();
    let app = App::new(Arc::new(run.snapshot()), (160, 48));
    assert_eq!(app.snapshot.picture.points.len(), 5000);
    assert!(screen(&app).contains("showing 5000 of 12000"), "{}", screen(&app));
}

#[test]
fn ascii_is_ascii() {
    let mut app = lab("normface(scale=4)", 20, (100, 30));
    app.marks = Marks::Ascii;
    assert!(screen(&app).is_ascii());
}

#[test]
fn every_size_is_drawn() {
    let mut app = lab("normface(scale=4)", 20, (80, 24));
    for width in 0..=120 {
        for height in 0..=50 {
            app.update(Message::Resize(width, height));
            // What the terminal really has may lag behind what was announced.
            for (w, h) in [(width, height), (width / 2, height)] {
                let mut buffer = Buffer::empty(Rect::new(0, 0, w, h));
                view::draw_on(&app, &mut buffer);
            }
        }
    }
}

#[test]
fn overlays_and_single_panes_are_drawn_at_odd_sizes() {
    for keys in ["?", "w", "o", ":", "4e", "5e", "6e", "n7e", "f", "4\n", "i", "n5ae"] {
        let mut app = lab("normface(scale=4)", 3, (80, 24));
        press(&mut app, keys);
        for (width, height) in [(0, 0), (1, 1), (60, 18), (61, 19), (99, 29), (100, 30), (300, 18), (60, 200)]
        {
            app.update(Message::Resize(width, height));
            screen(&app);
        }
    }
}
