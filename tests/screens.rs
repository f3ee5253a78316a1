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

#[path = "screens/desk.rs"]
mod desk;
#[path = "screens/every.rs"]
mod every;
#[path = "screens/forces.rs"]
mod forces;
#[path = "screens/honest.rs"]
mod honest;
#[path = "screens/inks.rs"]
mod inks;
#[path = "screens/inspect.rs"]
mod inspect;
#[path = "screens/modes.rs"]
mod modes;
#[path = "screens/stake.rs"]
mod stake;
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
    let off = losslab::minus::typeset(&off);
    let screen = screen(&app);
    assert!(screen.contains("cosines − target") && screen.contains(&*off), "{off}: {screen}");
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

/// The last line of the screen.
fn footer(app: &App) -> String {
    screen(app).lines().last().unwrap_or_default().to_owned()
}

#[test]
fn every_footer_has_the_ways_out_at_every_size() {
    for size in [(60, 18), (80, 24), (120, 40), (160, 48)] {
        for focus in losslab::app::Pane::ALL {
            let mut app = lab("normface(scale=4)", 3, size);
            press(&mut app, &focus.number().to_string());
            let footer = footer(&app);
            assert!(footer.contains("? help") && footer.contains("q quit"), "{size:?} {focus:?}: {footer}");
            assert!(footer.chars().count() <= usize::from(size.0) && !footer.contains('…'), "{footer}");
        }
    }
}

#[test]
fn lists_say_how_to_leave_them_at_every_size() {
    for size in [(60, 18), (80, 24), (120, 40), (160, 48)] {
        for keys in ["o", ":", "/", "x", "?", "w", "ni"] {
            let mut app = lab("normface(scale=4)", 3, size);
            press(&mut app, keys);
            let shown = screen(&app);
            assert!(shown.contains("Esc"), "{size:?} {keys}: {shown}");
            let bar = footer(&app);
            assert!(bar.contains("Esc close") && !bar.contains("quit"), "{size:?} {keys}: {bar}");
        }
    }
}

#[test]
fn help_is_whole_and_every_line_of_it_has_its_way() {
    for size in [(60, 18), (80, 24)] {
        let mut app = lab("normface(scale=4)", 3, size);
        press(&mut app, "?");
        let mut seen = String::new();
        for _ in 0..200 {
            let shown = screen(&app);
            let inside = shown.lines().filter_map(|line| line.split('║').nth(1));
            let words: Vec<&str> = inside.flat_map(str::split_whitespace).collect();
            seen += &(words.join(" ") + "\n");
            app.update(Message::Key(crossterm::event::KeyCode::Down.into()));
        }
        // Long help is wrapped, never cut; what has no key of its own is had from the palette.
        assert!(!seen.contains('…'), "{size:?} {seen}");
        for words in [
            ": spin let the view turn",
            ": unlock let everything",
            "with nothing picked, the next three classes",
        ] {
            assert!(seen.contains(words), "{size:?} {words}");
        }
    }
}

#[test]
fn a_message_is_read_whole_where_there_are_lines_for_it() {
    let mut app = lab("normface(scale=4)", 3, (80, 24));
    let text =
        "a new branch was made of what you changed at step 410, and the words about it go on and on to here";
    app.update(Message::Said(losslab::app::Said { text: text.into(), wrong: false }));
    let shown = screen(&app);
    assert!(shown.contains("on to here"), "{shown}");
    app.update(Message::Resize(60, 18));
    let shown = screen(&app);
    assert!(
        shown.contains("step 410, and\n") && shown.contains("on to here"),
        "over the line of time: {shown}"
    );
    let text = "word ".repeat(40);
    app.update(Message::Said(losslab::app::Said { text, wrong: false }));
    let shown = screen(&app);
    assert!(shown.lines().rev().nth(1).unwrap().ends_with('…'), "{shown}");
}

#[test]
fn the_list_of_objectives_opens_on_that_of_the_run() {
    let mut app = lab("cosface", 3, (80, 24));
    press(&mut app, "o");
    let shown = screen(&app);
    assert!(shown.lines().any(|line| line.contains(" > cosface")), "{shown}");
    press(&mut app, "\n");
    assert_eq!(app.experiment.objective[0].objective.name(), "cosface");
}

#[test]
fn a_run_that_stands_is_not_said_to_move() {
    let app = lab("normface(scale=4)", 3, (80, 24));
    let shown = screen(&app);
    assert!(!shown.contains("Watch it move") && shown.contains("space runs on"), "{shown}");
    // Opened where it had ended.
    let app = lab("normface(scale=1)", 4000, (80, 24));
    assert!(app.snapshot.floor.is_met(app.snapshot.loss), "{} {:?}", app.snapshot.loss, app.snapshot.floor);
    let shown = screen(&app);
    assert!(shown.contains("Done: within 1e−6") && !shown.contains("Watch it move"), "{shown}");
}

#[test]
fn words_in_the_view_and_above_bars_are_not_written_into_each_other() {
    // All classes at one place: their letters would lie over one another.
    for (objective, steps) in [("alignment", 400), ("normface(scale=4)", 120)] {
        for size in [(60, 18), (80, 24), (120, 40), (160, 48)] {
            let mut app = lab(objective, steps, size);
            press(&mut app, "n");
            let shown = screen(&app);
            for wrong in ["[[", "]]", "#0]", "[#0"] {
                assert!(!shown.contains(wrong), "{size:?} {wrong}: {shown}");
            }
            // A letter between brackets, or neither of them; the legend and titles have none.
            let view = shown.lines().skip(2).map(|line| line.split(['╮', '╗']).next().unwrap_or_default());
            for line in view {
                assert_eq!(line.matches('[').count(), line.matches(']').count(), "{line}");
            }
            let bars = "▁▂▃▄▅▆▇█";
            for line in shown.lines().filter(|line| line.contains("mean ")) {
                let after = line
                    .split("mean ")
                    .nth(1)
                    .unwrap()
                    .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
                let next = after.trim_start_matches('°').chars().next();
                assert!(next.is_none_or(|next| !bars.contains(next)), "{line}");
            }
        }
    }
}
