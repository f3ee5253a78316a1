//! The lab in a lesson: keys in, pages, checks and locks out.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use losslab::app::lesson::Progress;
use losslab::app::settings::Setting;
use losslab::app::{App, Command, Message};
use losslab::lesson;
use losslab::simulation::Run;
use losslab::snapshot::{Pace, Request, Status};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;

/// An app and a run that answers it, without threads.
struct Desk {
    app: App,
    run: Run,
    answered: u64,
    pace: Pace,
}

impl Desk {
    fn new(name: &str) -> Self {
        let mut desk = Self::without();
        desk.open(name);
        desk
    }

    /// The lab before any lesson.
    fn without() -> Self {
        let run = Run::new(&losslab::experiment::Experiment::default()).unwrap();
        let app = App::new(Arc::new(run.snapshot()), (80, 24));
        Self { app, run, answered: 0, pace: Pace::default() }
    }

    fn open(&mut self, name: &str) {
        let commands = self.app.open_lesson(lesson::find(name).unwrap());
        self.obey(commands);
    }

    fn screen(&self) -> String {
        let (width, height) = self.app.size;
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        losslab::view::draw_on(&self.app, &mut buffer);
        let rows = buffer.content.chunks(usize::from(width.max(1)));
        rows.map(|row| row.iter().map(Cell::symbol).collect::<String>() + "\n").collect()
    }

    fn obey(&mut self, commands: Vec<Command>) {
        for command in commands {
            let Command::Ask(request) = command else { continue };
            match request {
                Request::Restart(number, experiment, _) | Request::Replace(number, experiment, _) => {
                    self.run = Run::running(&experiment).unwrap();
                    self.answered = number;
                }
                Request::Change(number, experiment, _) => {
                    self.run.change(&experiment).unwrap();
                    self.answered = number;
                }
                Request::Project(place) => self.run.project(place),
                Request::Pace(pace) => self.pace = pace,
                Request::Run(true) => self.run.go(),
                Request::Run(false) => self.run.pause(),
                _ => {}
            }
        }
        self.show();
    }

    fn show(&mut self) {
        self.run.read_back();
        self.run.analyse();
        let snapshot =
            losslab::snapshot::Snapshot { answered: self.answered, pace: self.pace, ..self.run.snapshot() };
        let commands = self.app.update(Message::Snapshot(Arc::new(snapshot)));
        if !commands.is_empty() {
            self.obey(commands);
        }
    }

    fn press(&mut self, code: KeyCode) {
        let commands = self.app.update(Message::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        self.obey(commands);
    }

    fn page(&self) -> usize {
        self.app.lesson.as_ref().unwrap().page
    }

    fn run_on(&mut self, frames: usize) {
        for _ in 0..frames {
            if self.run.status == Status::Running {
                self.run.advance(20);
            }
            self.show();
        }
    }
}

#[test]
fn a_lesson_is_predicted_run_measured_and_finished() {
    let mut desk = Desk::new("four-classes");
    desk.press(KeyCode::Enter);
    assert_eq!(desk.page(), 1);
    assert!(!desk.app.target, "targets are hidden until the answer");
    desk.press(KeyCode::Enter);
    assert_eq!(desk.page(), 1, "first the prediction");
    desk.press(KeyCode::Char('b'));
    assert!(desk.app.target);
    desk.press(KeyCode::Enter);
    assert_eq!(desk.page(), 1, "the check has not come true");
    desk.run_on(100);
    assert!(
        desk.app.lesson.as_ref().unwrap().met.is_some(),
        "{:?}",
        desk.app.lesson.as_ref().unwrap().outcomes
    );
    desk.press(KeyCode::Enter);
    assert_eq!(desk.page(), 2);
    desk.run_on(60);
    desk.press(KeyCode::Enter);
    assert!(desk.app.lesson.is_none() && desk.app.progress.finished("four-classes"));
}

#[test]
fn pages_go_back_skip_and_are_kept() {
    let mut desk = Desk::new("no-room");
    desk.press(KeyCode::Char('s'));
    assert_eq!(desk.page(), 1);
    desk.press(KeyCode::Backspace);
    assert_eq!(desk.page(), 0);
    desk.press(KeyCode::Char('s'));
    desk.press(KeyCode::Esc);
    assert!(desk.app.lesson.is_none());
    let kept = Progress::parse(&desk.app.progress.print());
    assert_eq!((kept.page("no-room"), kept.finished("no-room")), (1, false));
    let commands = desk.app.open_lesson(lesson::find("no-room").unwrap());
    desk.obey(commands);
    assert_eq!(desk.page(), 1);
}

#[test]
fn what_is_locked_stays_until_it_is_unlocked() {
    let mut desk = Desk::new("four-classes");
    desk.press(KeyCode::Char('4'));
    let rows = desk.app.rows();
    desk.app.row = rows.iter().position(|row| row.setting == Setting::Classes).unwrap();
    desk.press(KeyCode::Right);
    assert_eq!(desk.app.experiment.classes, Some(4));
    assert!(desk.app.said.as_ref().unwrap().text.contains("locked"));
    for key in ":unlock".chars() {
        desk.press(KeyCode::Char(key));
    }
    desk.press(KeyCode::Enter);
    desk.press(KeyCode::Right);
    assert_eq!(desk.app.experiment.classes, Some(5));
}

#[test]
fn the_bar_says_what_the_way_out_does_now() {
    let mut desk = Desk::new("four-classes");
    let bar = |desk: &Desk| desk.screen().lines().last().unwrap().to_owned();
    assert!(bar(&desk).contains("Esc leave "), "{}", bar(&desk));
    for (key, word) in [('e', "all panes"), ('n', "unpick")] {
        desk.press(KeyCode::Char(key));
        assert!(bar(&desk).contains(&format!("Esc {word} ")), "{}", bar(&desk));
        desk.press(KeyCode::Esc);
        assert!(desk.app.lesson.is_some() && bar(&desk).contains("Esc leave "), "{}", bar(&desk));
    }
    for key in [':', 'u', 'n', 'l', 'o', 'c', 'k', '\n', '4', '7'] {
        desk.press(if key == '\n' { KeyCode::Enter } else { KeyCode::Char(key) });
        if key == '4' {
            desk.press(KeyCode::Down);
        }
    }
    assert!(bar(&desk).contains("Esc leaves it as it was"), "{}", bar(&desk));
    desk.press(KeyCode::Esc);
    assert!(desk.app.lesson.is_some() && bar(&desk).contains("Esc leave "), "{}", bar(&desk));
    desk.app.filming = true;
    assert!(bar(&desk).contains("Esc end film "), "{}", bar(&desk));
    let stop = desk.app.update(Message::Key(KeyCode::Esc.into()));
    assert!(stop.contains(&Command::StopFilm) && desk.app.lesson.is_some());
}

#[test]
fn a_comparison_runs_one_after_the_other() {
    let mut desk = Desk::new("margin");
    desk.press(KeyCode::Char('c'));
    desk.run_on(40);
    let session = desk.app.lesson.as_ref().unwrap();
    assert!(session.met.is_some() && session.run == 1, "{:?}", session.outcomes);
}

#[test]
fn a_lesson_has_a_view_of_its_own_and_gives_that_of_the_lab_back() {
    let mut desk = Desk::without();
    while desk.app.snapshot.picture.projection != "random" {
        desk.press(KeyCode::Char('v'));
    }
    for key in [KeyCode::Left, KeyCode::Char('t'), KeyCode::Char('g'), KeyCode::Char('n')] {
        desk.press(key);
    }
    let (camera, picked) = (desk.app.camera, desk.app.picked);
    assert!(picked.is_some() && desk.app.trails && !desk.app.target);
    desk.press(KeyCode::Char('-'));
    let pace = desk.app.snapshot.pace;
    desk.open("four-classes");
    assert_ne!(desk.app.snapshot.pace, pace, "lessons have a pace of their own");
    assert_eq!(desk.app.snapshot.picture.projection, "coordinates", "three dimensions as they are");
    assert_eq!((desk.app.camera, desk.app.picked), (losslab::app::Camera::default(), None));
    assert!(!desk.app.trails && desk.app.target);
    desk.press(KeyCode::Enter);
    desk.open("no-room");
    desk.press(KeyCode::Right);
    desk.press(KeyCode::Esc);
    assert!(desk.app.lesson.is_none());
    assert_eq!(desk.app.snapshot.picture.projection, "random");
    assert_eq!((desk.app.camera, desk.app.picked), (camera, picked));
    assert!(desk.app.trails && !desk.app.target, "not what the lessons hid or showed");
    assert_eq!(desk.app.snapshot.pace, pace);
}

#[test]
fn space_before_an_answer_says_so_and_runs_only_when_pressed_again() {
    let mut desk = Desk::new("four-classes");
    desk.press(KeyCode::Enter);
    desk.press(KeyCode::Char(' '));
    assert_eq!((desk.run.status.clone(), desk.run.step()), (Status::Paused, 0));
    assert_eq!(desk.app.said.as_ref().unwrap().text, "predict first: a to c; space again runs without");
    desk.press(KeyCode::Char(' '));
    assert_eq!(desk.run.status, Status::Running);
    let mut desk = Desk::new("four-classes");
    desk.press(KeyCode::Char(' '));
    assert_eq!(desk.run.status, Status::Running, "where nothing is asked it runs at once");
}

#[test]
fn who_runs_on_past_a_check_that_came_true_reads_numbers_of_now_and_when_it_did() {
    let mut desk = Desk::new("four-classes");
    desk.press(KeyCode::Enter);
    desk.press(KeyCode::Char('b'));
    desk.run_on(100);
    let of = |desk: &Desk| desk.app.lesson.as_ref().unwrap().outcomes[0].value.unwrap();
    let (met, then) = (desk.app.lesson.as_ref().unwrap().met.unwrap(), of(&desk));
    desk.press(KeyCode::Char(' '));
    desk.run_on(30);
    assert!(desk.screen().contains(&format!("it came true at {met}")), "{}", desk.screen());
    assert_ne!(of(&desk), then, "the numbers are those of the step beside them");
    assert_eq!(desk.app.lesson.as_ref().unwrap().met, Some(met), "and it stays true");
}

#[test]
fn header_and_check_tell_of_one_step_in_words_a_learner_knows() {
    let mut desk = Desk::new("four-classes");
    desk.press(KeyCode::Enter);
    desk.press(KeyCode::Char('a'));
    desk.run_on(3);
    let step = desk.run.step();
    let screen = desk.screen();
    assert!(screen.contains(&format!("step {step} ▶")), "{screen}");
    assert!(screen.contains(&format!("step {step} of at most 2000")), "{screen}");
    assert!(screen.contains("smallest angle between class means: "), "{screen}");
    assert!(screen.contains("wanted 109.5° ± 1°") && !screen.contains("min_class"), "{screen}");
    // A page that goes on from the one before counts its own steps, and says so.
    let mut desk = Desk::new("floor");
    desk.press(KeyCode::Char('a'));
    desk.run_on(20);
    let before = desk.run.step();
    desk.press(KeyCode::Char('s'));
    desk.run_on(2);
    let (step, screen) = (desk.run.step(), desk.screen());
    let session = desk.app.lesson.as_ref().unwrap();
    let own = session.steps;
    assert!(
        session.page == 1 && before > 0 && own > 0 && own + before <= step,
        "{own} and {before} of {step}"
    );
    assert!(screen.contains(&format!("step {step}: {own} of this page's")), "{screen}");
}

#[test]
fn a_page_whose_check_is_late_says_so_and_what_now() {
    let mut desk = Desk::new("four-classes");
    desk.press(KeyCode::Enter);
    desk.press(KeyCode::Char('a'));
    // A rate at which it takes ten times as long.
    desk.press(KeyCode::Char('4'));
    desk.app.row = desk.app.rows().iter().position(|row| row.setting == Setting::Rate).unwrap();
    "0.001".chars().for_each(|c| desk.press(KeyCode::Char(c)));
    desk.press(KeyCode::Enter);
    desk.run_on(105);
    let most = desk.app.lesson.as_ref().unwrap().page().check.as_ref().unwrap().steps;
    let session = desk.app.lesson.as_ref().unwrap();
    let step = session.steps;
    assert!(session.met.is_none() && step > most, "{step} {:?}", session.outcomes);
    let screen = desk.screen();
    assert!(screen.contains(&format!("step {step}, over: it takes {most} at most")), "{screen}");
    assert!(screen.contains("It should be true by now, and is not: R starts again, "), "{screen}");
    assert!(!screen.contains(&format!("of at most {most}")), "{screen}");
    desk.press(KeyCode::Tab);
    desk.press(KeyCode::Enter);
    assert!(desk.app.said.as_ref().unwrap().text.contains("R starts again"), "{:?}", desk.app.said);
}

#[test]
fn the_page_keeps_its_text_where_there_is_room_and_its_step_where_there_is_little() {
    let mut desk = Desk::new("four-classes");
    desk.press(KeyCode::Enter);
    assert!(!desk.screen().to_lowercase().contains("next:"), "what comes after is for the end");
    desk.press(KeyCode::Char('b'));
    desk.run_on(100);
    assert!(desk.app.lesson.as_ref().unwrap().met.is_some());
    desk.app.size = (160, 48);
    let screen = desk.screen();
    assert!(screen.contains("Every class pushes every other away."), "{screen}");
    assert!(screen.contains("corners of a tetrahedron") || screen.contains("tetrahedron"), "{screen}");
    desk.app.size = (60, 18);
    let screen = desk.screen();
    let title = screen.lines().next().unwrap();
    assert!(title.contains(&format!("step {}", desk.run.step())), "{title}");
    assert!(screen.contains("b) 109.5"), "{screen}");
    desk.app.size = (80, 24);
    desk.press(KeyCode::Enter);
    desk.run_on(60);
    assert!(desk.screen().contains("next: no-room"), "{}", desk.screen());
}
