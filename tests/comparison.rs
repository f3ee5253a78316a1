//! The screens of a comparison, as they are drawn after a fixed number of steps of real runs on the cpu engine, and the
//! keys that steer it.
#![expect(clippy::unwrap_used, reason = "a test file: what fails here is the test")]

use std::sync::Arc;

use crossterm::event::KeyCode;
use losslab::app::{App, Command, Marks, Message, Pane};
use losslab::describe::beside;
use losslab::experiment::{EngineKind, Experiment, expression};
use losslab::minus::typeset;
use losslab::simulation::Run;
use losslab::simulation::company::Company;
use losslab::snapshot::{Company as Beside, Reached, Request, Snapshot, Status};
use losslab::view;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

#[path = "screens/text.rs"]
mod text;

use text::screen;

fn with(objective: &str) -> Experiment {
    Experiment {
        objective: expression::parse(objective).unwrap(),
        engine: EngineKind::Cpu,
        ..Experiment::default()
    }
}

/// The lab with runs of these objectives beside the first, after so many steps.
fn lab(objectives: &[&str], steps: usize, size: (u16, u16)) -> App {
    let (mut company, mut main) = (Company::default(), Run::new(&with(objectives[0])).unwrap());
    for (k, objective) in objectives.iter().enumerate().skip(1) {
        company.copy(&mut main, 0).unwrap();
        company.runs_mut()[k - 1].change(&with(objective)).unwrap();
    }
    company.changed(&main);
    main.advance(steps);
    company.follow(&main, steps);
    main.read_back();
    main.analyse();
    company.told(&main);
    company.runs_mut().iter_mut().for_each(Run::analyse);
    let mut app = App::new(Arc::new(Run::new(&with(objectives[0])).unwrap().snapshot()), size);
    app.spin = false;
    let mut snapshot = main.snapshot();
    snapshot.company = company.told(&main);
    app.update(Message::Snapshot(Arc::new(snapshot)));
    app
}

fn press(app: &mut App, code: KeyCode) -> Vec<Command> {
    app.update(Message::Key(code.into()))
}

fn keys(app: &mut App, keys: &str) -> Vec<Command> {
    keys.chars().flat_map(|c| press(app, KeyCode::Char(c))).collect()
}

/// The same where something of a run is otherwise.
fn altered(app: &mut App, run: usize, deed: impl FnOnce(&mut Snapshot)) {
    let mut snapshot = (*app.snapshot).clone();
    let mut company = Beside::clone(snapshot.company.as_ref().unwrap());
    match run.checked_sub(1) {
        None => deed(&mut snapshot),
        Some(place) => deed(Arc::make_mut(&mut company.others[place])),
    }
    snapshot.company = Some(Arc::new(company));
    app.update(Message::Snapshot(Arc::new(snapshot)));
}

/// What stands inside a pane.
fn inside(app: &App, pane: Pane) -> String {
    let area = app.layout().unwrap().area(pane).unwrap();
    let mut buffer = Buffer::empty(Rect::new(0, 0, app.size.0, app.size.1));
    view::draw_on(app, &mut buffer);
    let cells = |y| (area.x..area.x + area.width).map(move |x| (x, y));
    let row = |y| cells(y).map(|at| buffer[at].symbol().to_owned()).collect::<String>() + "\n";
    (area.y..area.y + area.height).map(row).collect()
}

const TWO: [&str; 2] = ["normface(scale=4)", "arcface(scale=4)"];

#[test]
fn two_runs_at_every_usual_size() {
    for size in [(60, 18), (80, 24), (120, 40), (160, 48)] {
        let app = lab(&TWO, 120, size);
        let screen = screen(&app);
        for run in 0..2 {
            let angle = app.snapshot.beside(run).geometry.measured.get("min_class_angle_deg").unwrap();
            assert!(screen.contains(&format!("{angle:.1}")), "{run}: {angle}\n{screen}");
        }
        let words = if size.0 < 80 { "unlike" } else { "scales differ" };
        assert!(screen.contains(words), "losses of unlike objectives are not subtracted: {screen}");
        insta::assert_snapshot!(format!("{}x{}", size.0, size.1), screen);
    }
}

#[test]
fn four_runs_at_the_smallest_and_a_large_size() {
    let four = [TWO[0], TWO[1], "supcon", "softmax"];
    for size in [(60, 18), (160, 48)] {
        let app = lab(&four, 60, size);
        let screen = screen(&app);
        assert!(["A norm", "B arc", "C sup", "D soft"].iter().all(|head| screen.contains(head)), "{screen}");
        insta::assert_snapshot!(format!("four-{}x{}", size.0, size.1), screen);
    }
}

#[test]
fn the_table_subtracts_geometry_and_only_like_losses() {
    let app = lab(&TWO, 80, (80, 24));
    let measured = |run: usize, key: &str| app.snapshot.beside(run).geometry.measured.get(key).unwrap();
    let difference = measured(1, "mean_within_angle_deg") - measured(0, "mean_within_angle_deg");
    assert!(screen(&app).contains(&*typeset(&format!("{difference:.1}"))), "{difference} {}", screen(&app));
    let like = lab(&["normface(scale=4)", "normface(scale=4)"], 80, (80, 24));
    assert!(!screen(&like).contains("scales differ"), "{}", screen(&like));
    assert!(screen(&like).contains("one scale"));
}

#[test]
fn cosines_have_their_rows_or_say_what_enlarges_them() {
    let mut app = lab(&TWO, 60, (80, 24));
    keys(&mut app, "6");
    let cosine = app.snapshot.beside(1).geometry.gram.as_ref().unwrap().cosine(3, 0);
    let wanted = typeset(&format!("{cosine:.2}")).into_owned();
    assert!(inside(&app, Pane::Gram).contains(&wanted), "{wanted} {}", inside(&app, Pane::Gram));
    insta::assert_snapshot!("gram-80x24", screen(&app));
    app.size = (60, 18);
    assert!(inside(&app, Pane::Gram).contains("rows: e enlarges"), "{}", inside(&app, Pane::Gram));
    insta::assert_snapshot!("gram-60x18", screen(&app));
    keys(&mut app, "e");
    assert!(inside(&app, Pane::Gram).contains(&wanted), "{}", screen(&app));
}

#[test]
fn titles_and_table_keep_what_tells_runs_apart() {
    for size in [(60, 18), (80, 24), (160, 48)] {
        let app = lab(&["arcface(scale=4)", "arcface(scale=5)"], 20, size);
        let screen = screen(&app);
        for name in ["A arcface s=4", "B arcface s=5"] {
            assert_eq!(screen.matches(name).count(), 2, "{name}: {screen}");
        }
        let app = lab(&TWO, 20, size);
        let screen = text::screen(&app);
        assert_eq!(screen.matches("B arcface m=0.5").count(), 2, "the margin that A has not: {screen}");
    }
}

#[test]
fn the_title_keeps_step_and_pace_whole() {
    for (objectives, width) in [
        (&TWO[..], 80),
        (&TWO[..], 60),
        (&["normface", "softmax"][..], 80),
        (&["normface", "softmax"][..], 60),
    ] {
        let mut app = lab(objectives, 20, (width, 24));
        for speed in [0.0, 1234.0] {
            altered(&mut app, 0, |main| (main.status, main.speed) = (Status::Running, speed));
            let screen = screen(&app);
            let title = screen.lines().next().unwrap().trim_end();
            assert!(title.contains("step 20 ▶ 1/frame") && !title.ends_with('│'), "{title}");
            assert!(!title.ends_with(" c") && title.contains("seed 0"), "{title}");
        }
    }
}

#[test]
fn a_verdict_says_who_is_ahead_and_numbers_stand_apart() {
    let mut app = lab(&TWO, 120, (80, 24));
    let verdict = beside::verdict_of(&app.snapshot).unwrap().concat();
    assert!(verdict.starts_with("B has tighter classes (by "), "{verdict}");
    for size in [(60, 18), (80, 24), (120, 40)] {
        app.size = size;
        let drawn = screen(&app);
        assert!(drawn.contains(&verdict), "{size:?} {verdict}: {drawn}");
        assert!(drawn.contains("within↓") && drawn.contains("closest↑") && drawn.contains("NC1↓"), "{drawn}");
        // Class means lie in a plane after so few steps.
        assert_eq!(beside::hollow(&app.snapshot), ['A', 'B']);
        let row = drawn.lines().find(|line| line.starts_with(" A normface")).unwrap();
        assert!(row.contains('!'), "{row}");
        let difference = drawn.lines().find(|line| line.starts_with(" B − A")).unwrap();
        let words: Vec<&str> = difference.split_whitespace().collect();
        assert_eq!(words.len(), if size.0 >= 80 { 10 } else { 8 }, "{difference}");
    }
    app.size = (80, 24);
    assert!(screen(&app).contains("! NC1 of A and B says little"), "{}", screen(&app));
}

#[test]
fn the_step_at_which_angles_came_near_their_target_has_a_column() {
    let mut app = lab(&TWO, 120, (80, 24));
    altered(&mut app, 0, |main| main.reached = Some(Reached { step: 90, after: Some(10) }));
    altered(&mut app, 1, |other| other.reached = Some(Reached { step: 84, after: Some(83) }));
    for size in [(60, 18), (80, 24)] {
        app.size = size;
        let drawn = screen(&app);
        let row = |head: &str| drawn.lines().find(|line| line.starts_with(head)).unwrap().trim_end();
        assert!(row(" A normface").ends_with(" ≤90"), "{drawn}");
        assert!(row(" B arcface").ends_with(" 84") && row(" B − A").ends_with(" −6"), "{drawn}");
    }
}

#[test]
fn title_time_and_table_are_of_one_step_or_say_whose() {
    let mut app = lab(&TWO, 29, (80, 24));
    altered(&mut app, 0, |main| main.time.newest = 61);
    let drawn = screen(&app);
    assert!(drawn.lines().next().unwrap().contains("step 29 "), "{drawn}");
    assert!(drawn.contains("] 29/61 main"), "{drawn}");
    altered(&mut app, 1, |other| Arc::make_mut(&mut other.geometry).step = 20);
    assert!(screen(&app).contains("steps 20-29"), "{}", screen(&app));
    altered(&mut app, 0, |main| Arc::make_mut(&mut main.geometry).step = 20);
    assert!(screen(&app).contains(" of step 20"), "{}", screen(&app));
}

#[test]
fn letters_of_runs_that_lie_over_one_another_stand_apart() {
    let app = lab(&["normface(scale=4)", "normface(scale=4)"], 60, (80, 24));
    let angles = inside(&app, Pane::Angles).replace("Angles", "");
    assert!(angles.matches('A').count() >= 2 && angles.matches('B').count() >= 2, "{angles}");
}

#[test]
fn logits_of_all_runs_lie_over_one_another() {
    for size in [(60, 18), (80, 24), (120, 40), (160, 48)] {
        let mut app = lab(&TWO, 20, size);
        keys(&mut app, "5");
        assert!(inside(&app, Pane::Law).contains("pull by angle"), "{}", screen(&app));
        let pulls = inside(&app, Pane::Law);
        assert!(
            press(&mut app, KeyCode::Char('d')).is_empty() && app.forces.logits,
            "d is the pane's own key"
        );
        let logits = inside(&app, Pane::Law);
        assert!(logits.contains("target logit") && logits != pulls, "{logits}");
        assert!(logits.contains('A') && logits.contains('B'), "{logits}");
        if size == (80, 24) {
            insta::assert_snapshot!("logits-80x24", screen(&app));
        }
    }
    let mut app = lab(&["normface(scale=4)", "supcon"], 20, (80, 24));
    keys(&mut app, "5d");
    assert!(inside(&app, Pane::Law).contains("B: no logit"), "{}", screen(&app));
}

#[test]
fn keys_are_about_the_run_that_has_the_focus() {
    let mut app = lab(&TWO, 20, (80, 24));
    assert_eq!((app.beside.run, app.letter()), (1, 'B'), "the copy has the focus");
    assert_eq!(app.experiment.objective[0].objective.name(), "arcface");
    keys(&mut app, "4");
    let changed = press(&mut app, KeyCode::Down).len() + press(&mut app, KeyCode::Right).len();
    assert_eq!(changed, 1);
    keys(&mut app, "a");
    assert_eq!(app.experiment.objective[0].objective.name(), "normface");
    let commands = press(&mut app, KeyCode::Right);
    assert!(matches!(commands[..], [Command::Ask(Request::Change(..))]), "{commands:?}");
    press(&mut app, KeyCode::Tab);
    let commands = press(&mut app, KeyCode::Right);
    assert!(
        matches!(&commands[..], [Command::Ask(Request::On(1, of))] if matches!(**of, Request::Change(..))),
        "{commands:?}"
    );
    assert_eq!(app.focus, Pane::Params, "changing runs leaves the pane");
    let undo = keys(&mut app, "u");
    assert!(matches!(&undo[..], [Command::Ask(Request::On(1, of))] if matches!(**of, Request::Undo(_))));
    assert!(matches!(keys(&mut app, "R")[..], [Command::Ask(Request::On(1, _))]));
    assert!(matches!(keys(&mut app, "c")[..], [Command::Ask(Request::Copy(_, 1))]));
    let asked = keys(&mut app, "S");
    assert!(matches!(asked[..], [Command::Ask(Request::Run(false)), Command::Ask(Request::Seeds(_, 6))]));
    assert!(press(&mut app, KeyCode::Delete).is_empty(), "it asks");
    assert!(matches!(press(&mut app, KeyCode::Delete)[..], [Command::Ask(Request::Drop(_, 1))]));
    assert!(press(&mut app, KeyCode::Esc).is_empty(), "first out of the pane");
    assert!(press(&mut app, KeyCode::Esc).is_empty(), "then it asks");
    assert!(matches!(press(&mut app, KeyCode::Esc)[..], [Command::Ask(Request::Alone(_))]));
}

/// Whether all runs but the main one are let go.
fn leaves(commands: &[Command]) -> bool {
    commands.iter().any(|command| matches!(command, Command::Ask(Request::Alone(_))))
}

/// The last line of the screen: the keys.
fn bar(app: &App) -> String {
    screen(app).lines().last().unwrap().to_owned()
}

#[test]
fn leaving_asks_before_what_a_run_has_of_its_own_is_lost() {
    for size in [(60, 18), (80, 24), (120, 40), (160, 48)] {
        let mut app = lab(&TWO, 20, size);
        assert!(bar(&app).contains("Esc leave "), "{}", bar(&app));
        for (key, word) in [("9", "to view"), ("e", "all panes"), ("n", "unpick")] {
            keys(&mut app, "1");
            keys(&mut app, key);
            assert!(bar(&app).contains(&format!("Esc {word} ")), "{key}: {}", bar(&app));
            assert!(!leaves(&press(&mut app, KeyCode::Esc)) && app.focus == Pane::View);
            assert!(bar(&app).contains("Esc leave "), "one layer at a time: {}", bar(&app));
        }
        // What lies over the panes comes first, and the bar says so; the inspector too.
        for over in ["?", "o", "w", "x", "ni"] {
            keys(&mut app, over);
            assert!(app.overlay.is_some() && bar(&app).ends_with("Esc close"), "{over}: {}", bar(&app));
            assert!(!leaves(&press(&mut app, KeyCode::Esc)) && app.overlay.is_none(), "{over}");
        }
        press(&mut app, KeyCode::Esc);
        let said = |app: &App| app.said.clone().map_or(String::new(), |said| said.text);
        assert!(press(&mut app, KeyCode::Esc).is_empty());
        assert_eq!(
            said(&app),
            "Esc again leaves for A alone and drops B with its change; any other key stays"
        );
        assert!(
            bar(&app).contains("Esc drop B ") && screen(&app).contains("any other key stays"),
            "{}",
            screen(&app)
        );
        if size == (60, 18) {
            insta::assert_snapshot!("leaving-60x18", screen(&app));
        }
        // Anything else is an answer.
        press(&mut app, KeyCode::Left);
        assert!(said(&app).is_empty() && bar(&app).contains("Esc leave "), "{}", bar(&app));
        assert!(press(&mut app, KeyCode::Esc).is_empty());
        assert!(matches!(press(&mut app, KeyCode::Esc)[..], [Command::Ask(Request::Alone(_))]));
    }
    let mut copy = lab(&[TWO[0], TWO[0]], 20, (80, 24));
    assert!(
        matches!(press(&mut copy, KeyCode::Esc)[..], [Command::Ask(Request::Alone(_))]),
        "nothing is lost"
    );
    let mut three = lab(&[TWO[0], TWO[1], "supcon"], 20, (80, 24));
    press(&mut three, KeyCode::Esc);
    let said = three.said.clone().unwrap().text;
    assert!(said.contains("drops B with its change and C with its change;"), "{said}");
    assert!(bar(&three).contains("Esc drop all but A "), "{}", bar(&three));
}

#[test]
fn equals_gives_each_run_a_camera_and_takes_it_again() {
    let mut app = lab(&TWO, 20, (80, 24));
    let shared = app.camera;
    press(&mut app, KeyCode::Left);
    assert_eq!(app.of(0).camera, app.of(1).camera);
    assert!(matches!(keys(&mut app, "=")[..], [Command::Ask(Request::Lock(false))]));
    press(&mut app, KeyCode::Left);
    assert_ne!(app.of(0).camera, app.of(1).camera);
    let of_b = app.of(1).camera;
    keys(&mut app, "a");
    assert_eq!(app.of(1).camera, of_b, "the other run keeps its own");
    press(&mut app, KeyCode::Right);
    assert_eq!(app.of(1).camera, of_b);
    assert!(matches!(keys(&mut app, "=")[..], [Command::Ask(Request::Lock(true))]));
    assert_eq!(app.of(0).camera, app.of(1).camera);
    assert_ne!(app.of(0).camera, of_b);
    assert_eq!(shared.zoom, app.camera.zoom);
}

#[test]
fn a_share_string_holds_the_run_that_has_the_focus() {
    let mut app = lab(&TWO, 20, (80, 24));
    let decoded = |app: &App| losslab::share::Share::decode(&app.share().encode().unwrap()).unwrap();
    let of_b = decoded(&app);
    assert_eq!((of_b.step, of_b.edits.len()), (20, 1));
    let again = Run::replayed(&of_b.experiment, &of_b.edits, of_b.step).unwrap();
    assert_eq!(again.snapshot().points, app.snapshot.beside(1).points, "bit by bit");
    keys(&mut app, "a");
    assert_eq!(decoded(&app).edits.len(), 0);
    keys(&mut app, "bY");
    assert!(app.said.as_ref().unwrap().text.contains("run B alone"), "{:?}", app.said);
}

#[test]
fn every_size_draws_and_ascii_is_ascii() {
    let mut app = lab(&[TWO[0], TWO[1], "softmax"], 20, (80, 24));
    for (k, (width, height)) in
        (0..=170u16).step_by(5).flat_map(|w| (0..=56u16).step_by(3).map(move |h| (w, h))).enumerate()
    {
        app.update(Message::Resize(width, height));
        app.focus = Pane::ALL[k % Pane::ALL.len()];
        app.expanded = k % 3 == 0;
        for (w, h) in [(width, height), (width / 2, height)] {
            let mut buffer = Buffer::empty(Rect::new(0, 0, w, h));
            view::draw_on(&app, &mut buffer);
        }
    }
    app.expanded = false;
    app.marks = Marks::Ascii;
    for size in [(60, 18), (160, 48)] {
        app.size = size;
        assert!(screen(&app).is_ascii(), "{}", screen(&app));
    }
}
