//! The lab in a lesson: keys in, pages, checks and locks out.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use losslab::app::lesson::Progress;
use losslab::app::settings::Setting;
use losslab::app::{App, Command, Message};
use losslab::lesson;
use losslab::simulation::Run;
use losslab::snapshot::{Request, Status};

/// An app and a run that answers it, without threads.
struct Desk {
    app: App,
    run: Run,
    answered: u64,
}

impl Desk {
    fn new(name: &str) -> Self {
        let run = Run::new(&losslab::experiment::Experiment::default()).unwrap();
        let app = App::new(Arc::new(run.snapshot()), (80, 24));
        let mut desk = Self { app, run, answered: 0 };
        let commands = desk.app.open_lesson(lesson::find(name).unwrap());
        desk.obey(commands);
        desk
    }

    fn obey(&mut self, commands: Vec<Command>) {
        for command in commands {
            let Command::Ask(request) = command else { continue };
            match request {
                Request::Restart(number, experiment) => {
                    self.run = Run::running(&experiment).unwrap();
                    self.answered = number;
                }
                Request::Change(number, experiment) => {
                    self.run.change(&experiment).unwrap();
                    self.answered = number;
                }
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
        let snapshot = losslab::snapshot::Snapshot { answered: self.answered, ..self.run.snapshot() };
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
    assert!(desk.app.lesson.as_ref().unwrap().met, "{:?}", desk.app.lesson.as_ref().unwrap().outcomes);
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
fn a_comparison_runs_one_after_the_other() {
    let mut desk = Desk::new("margin");
    desk.press(KeyCode::Char('c'));
    desk.run_on(40);
    let session = desk.app.lesson.as_ref().unwrap();
    assert!(session.met && session.run == 1, "{:?}", session.outcomes);
}
