//! A lab without threads: keys and the mouse reach real runs on the cpu engine, which come back as their snapshots, so
//! that the same keys always lead to the same screen.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use losslab::app::{App, Command, Message};
use losslab::experiment::{EngineKind, Experiment, expression};
use losslab::geometry::projection::PROJECTIONS;
use losslab::lesson;
use losslab::simulation::Run;
use losslab::simulation::aside::{Arrangement, Shelf};
use losslab::simulation::company::Company;
use losslab::snapshot::{Inspected, Pace, Request, Snapshot, Status, To};

use super::text::screen;

/// The sizes that layouts differ at.
pub(crate) const SIZES: [(u16, u16); 4] = [(60, 18), (80, 24), (120, 40), (160, 48)];

/// Runs, and the screen that shows them.
pub(crate) struct Desk {
    pub(crate) app: App,
    pub(crate) run: Run,
    company: Company,
    shelf: Shelf,
    answered: u64,
    refusal: Option<String>,
    generation: u64,
    pace: Pace,
}

impl Desk {
    /// After so many steps, one a frame.
    pub(crate) fn new(experiment: Experiment, steps: usize) -> Self {
        let mut run = Run::new(&Experiment { engine: EngineKind::Cpu, ..experiment }).unwrap();
        let app = App::new(Arc::new(run.snapshot()), (160, 48));
        for _ in 0..steps {
            run.advance(1);
            run.read_back();
        }
        let pace = Pace::default();
        let mut desk = Self {
            app,
            run,
            company: Company::default(),
            shelf: Shelf::default(),
            answered: 0,
            refusal: None,
            generation: 0,
            pace,
        };
        desk.show();
        desk
    }

    /// The usual data under this objective.
    pub(crate) fn of(objective: &str, steps: usize) -> Self {
        let objective = expression::parse(objective).unwrap();
        Self::new(Experiment { objective, ..Experiment::default() }, steps)
    }

    /// The same on a screen of this size.
    pub(crate) fn sized(mut self, size: (u16, u16)) -> Self {
        self.app.update(Message::Resize(size.0, size.1));
        self
    }

    /// Four classes on the sphere in three dimensions.
    pub(crate) fn usual() -> Self {
        Self::new(Experiment::default(), 60)
    }

    /// Six classes in eight dimensions.
    pub(crate) fn wide() -> Self {
        let six = Experiment { classes: Some(6), dim: Some(8), per_class: Some(20), ..Experiment::default() };
        Self::new(six, 60)
    }

    /// Does what is asked, and what follows from that.
    pub(crate) fn take(&mut self, commands: Vec<Command>) {
        for command in commands {
            if let Command::Ask(request) = command {
                self.obey(request);
            }
        }
        self.show();
    }

    fn obey(&mut self, request: Request) {
        match request {
            Request::On(run, request) => match *request {
                Request::Change(number, experiment, gesture) => {
                    self.with(run, number, |run| run.turn(&experiment, gesture));
                    self.shelf.changed();
                }
                Request::Undo(number) => self.bring_back(run, number, false),
                Request::Redo(number) => self.bring_back(run, number, true),
                Request::Restart(number, experiment, gesture) => {
                    let made = if self.company.is_empty() {
                        Run::running(&experiment).map(alone)
                    } else {
                        self.company.restarted(&self.run.experiment, run, &experiment)
                    };
                    self.restart(number, made, gesture);
                }
                other => self.obey(other),
            },
            Request::Change(..) | Request::Undo(_) | Request::Redo(_) | Request::Restart(..) => {
                self.obey(Request::On(0, Box::new(request)));
            }
            Request::Replace(number, experiment, gesture) => {
                self.restart(number, Run::running(&experiment).map(alone), gesture);
            }
            Request::Run(true) => self.run.go(),
            Request::Run(false) => self.run.stop(),
            Request::Step(steps) => {
                self.run.pause();
                self.run.seek(To::By(steps as i64));
            }
            Request::Pace(pace) => self.pace = pace,
            Request::Seek(number, to) => {
                self.run.seek(to);
                self.answer(number, Ok(()));
            }
            Request::Branch(number) => self.with(0, number, Run::branch),
            Request::Switch(number, id) => self.with(0, number, |run| run.switch(id)),
            Request::Forget(number, id) => self.with(0, number, |run| run.forget(id)),
            Request::Replay(number, replay) => {
                self.run = Run::replaying(&replay).unwrap();
                self.generation += 1;
                self.answer(number, Ok(()));
            }
            Request::Copy(number, run) => {
                let copied = self.company.copy(&mut self.run, run);
                self.answer(number, copied);
            }
            Request::Drop(number, run) => {
                let dropped = self.company.drop(&self.run, run).map(|next| {
                    if let Some(next) = next {
                        self.run = next;
                        self.generation += 1;
                    }
                });
                self.answer(number, dropped);
            }
            Request::Alone(number) => {
                self.company.leave();
                self.answer(number, Ok(()));
            }
            Request::Seeds(number, more) => {
                let sown = self.company.sow(&self.run, more);
                self.answer(number, sown);
                while let Ok(news) = self.company.seed_news().recv() {
                    let over = !news.running;
                    self.company.hear(Some(news));
                    if over {
                        break;
                    }
                }
            }
            Request::Lock(locked) => self.company.lock(locked),
            Request::Project(chosen) => self.all(|run| run.project(chosen)),
            Request::Show(shown) => self.all(|run| run.show(shown)),
            Request::Tour(phase) => self.all(|run| run.tour_to(phase)),
            Request::Forces(_) | Request::Inspect(_) | Request::Laws(_) => self.all(|run| run.want(&request)),
            Request::Noted(_, requests) => requests.into_iter().for_each(|request| self.obey(request)),
            // There is no clock here, and no other engine.
            Request::Accelerate | Request::Afresh | Request::Until(_) => {}
        }
    }

    fn all(&mut self, mut deed: impl FnMut(&mut Run)) {
        deed(&mut self.run);
        self.company.runs_mut().iter_mut().for_each(deed);
    }

    fn answer(&mut self, number: u64, result: Result<(), String>) {
        (self.answered, self.refusal) = (number, result.err());
    }

    fn with(&mut self, run: usize, number: u64, deed: impl FnOnce(&mut Run) -> Result<(), String>) {
        let result = deed(self.company.run(&mut self.run, run).unwrap());
        self.company.changed(&self.run);
        self.answer(number, result);
    }

    fn restart(&mut self, number: u64, made: Result<Arrangement, String>, gesture: u64) {
        let made = made.map(|made| {
            let old = self.put_on_screen(made);
            self.shelf.put(old, gesture);
        });
        self.answer(number, made);
    }

    /// Puts runs in the place of those that are there, which come back.
    fn put_on_screen(&mut self, mut made: Arrangement) -> Arrangement {
        made.run.want_as(self.run.wanted().clone());
        made.run.show(self.run.shown());
        self.generation += 1;
        Arrangement {
            run: std::mem::replace(&mut self.run, made.run),
            company: std::mem::replace(&mut self.company, made.company),
        }
    }

    fn bring_back(&mut self, run: usize, number: u64, redo: bool) {
        let of_its_own = self.company.run(&mut self.run, run).unwrap().has_back(redo);
        if of_its_own || !self.shelf.has(redo) {
            return self.with(run, number, |run| run.undo(number, redo));
        }
        // Something has to stand there until what comes back does.
        let nothing = alone(Run::new(&self.run.experiment).unwrap());
        let now = self.put_on_screen(nothing);
        let back = self.shelf.bring_back(redo, Some(now)).unwrap();
        self.put_on_screen(back);
        self.answer(number, Ok(()));
    }

    /// Puts what the runs are now on the screen.
    pub(crate) fn show(&mut self) {
        self.run.arrive();
        self.company.follow(&self.run, usize::MAX);
        self.run.read_back();
        self.run.analyse();
        self.company.told(&self.run);
        self.company.runs_mut().iter_mut().for_each(Run::analyse);
        let mut snapshot = self.run.snapshot();
        snapshot.company = self.company.told(&self.run);
        snapshot.refusal.clone_from(&self.refusal);
        (snapshot.answered, snapshot.generation) = (self.answered, self.generation);
        snapshot.pace = self.pace;
        snapshot.time.aside.clone_from(self.shelf.told());
        let commands = self.app.update(Message::Snapshot(Arc::new(snapshot)));
        if !commands.is_empty() {
            self.take(commands);
        }
    }

    /// Shows the run with something about it otherwise.
    pub(crate) fn alter(&mut self, deed: impl FnOnce(&mut Snapshot)) -> &mut Self {
        let mut snapshot = (*self.app.snapshot).clone();
        deed(&mut snapshot);
        self.app.update(Message::Snapshot(Arc::new(snapshot)));
        self
    }

    /// Lets so many frames pass, a step each while the run goes.
    pub(crate) fn frames(&mut self, frames: usize) -> &mut Self {
        for _ in 0..frames {
            if self.run.status == Status::Running {
                self.run.advance(1);
                self.company.follow(&self.run, 1);
                self.run.read_back();
            }
        }
        self.show();
        self
    }

    /// Presses keys: letters, and arrows, Enter, Esc, Tab, Backspace, Delete, Home and End as the signs for them.
    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        for c in keys.chars() {
            let code = match c {
                '\n' => KeyCode::Enter,
                '\u{1b}' => KeyCode::Esc,
                '\t' => KeyCode::Tab,
                '⌫' => KeyCode::Backspace,
                '⌦' => KeyCode::Delete,
                '⇤' => KeyCode::Home,
                '⇥' => KeyCode::End,
                '←' => KeyCode::Left,
                '→' => KeyCode::Right,
                '↑' => KeyCode::Up,
                '↓' => KeyCode::Down,
                c => KeyCode::Char(c),
            };
            let commands = self.app.update(Message::Key(code.into()));
            self.take(commands);
        }
        self
    }

    /// Presses a button of the mouse over a cell.
    pub(crate) fn click(&mut self, button: MouseButton, column: u16, row: u16) -> &mut Self {
        let kind = MouseEventKind::Down(button);
        let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
        let commands = self.app.update(Message::Mouse(event));
        self.take(commands);
        self
    }

    /// Opens a lesson.
    pub(crate) fn learn(&mut self, name: &str) -> &mut Self {
        let commands = self.app.open_lesson(lesson::find(name).unwrap());
        self.take(commands);
        self
    }

    /// Presses v until this projection is on.
    pub(crate) fn look_through(&mut self, name: &str) -> &mut Self {
        for _ in 0..PROJECTIONS.len() {
            if self.app.snapshot.picture.projection == name {
                return self;
            }
            self.press("v");
        }
        panic!("no way to {name}");
    }

    pub(crate) fn inspected(&self) -> Inspected {
        self.app.snapshot.inspection.of(self.app.picked).unwrap().clone()
    }

    /// The screen at every size, each saved under a name.
    pub(crate) fn shown(&mut self, name: &str) -> Vec<String> {
        let at = |(width, height): (u16, u16)| {
            self.app.update(Message::Resize(width, height));
            let shown = screen(&self.app);
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), shown);
            shown
        };
        SIZES.into_iter().map(at).collect()
    }
}

fn alone(run: Run) -> Arrangement {
    Arrangement { run, company: Company::default() }
}
