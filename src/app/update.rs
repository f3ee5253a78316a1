//! How a message changes the screen, and what follows from it outside.

use crossterm::event::MouseEventKind;

use super::keys::Action;
use super::settings::Setting;
use super::stake::{By, Deed};
use super::{App, Command, Message, Unwritten};
use crate::experiment::Experiment;
use crate::objectives::{Grouping, Knobs, Objective, Term};
use crate::snapshot::{Request, Status};

mod actions;
mod keyboard;
mod news;

/// Of what could not be written no more is kept.
const MOST_UNWRITTEN: usize = 20;
/// A frame of spinning turns by this much.
const SPIN: f32 = 0.006;

impl App {
    /// Takes a message in, and says what follows.
    pub fn update(&mut self, message: Message) -> Vec<Command> {
        let mut commands = self.take_in(message);
        commands.extend(self.tell_what_to_show());
        commands.extend(self.follow());
        commands
    }

    fn take_in(&mut self, message: Message) -> Vec<Command> {
        match message {
            Message::Key(key) => {
                self.pressed = self.pressed.saturating_add(1);
                self.in_gesture(|app| app.answering(Some(By::Key(key.code)), |app| app.key(&key)))
            }
            // A mouse that is moved without a button does nothing.
            Message::Mouse(mouse) if mouse.kind == MouseEventKind::Moved => Vec::new(),
            // A button that is let go answers nothing.
            Message::Mouse(mouse) if matches!(mouse.kind, MouseEventKind::Up(_)) => {
                self.in_gesture(|app| app.mouse_event(mouse))
            }
            Message::Mouse(mouse) => {
                let pressed = matches!(mouse.kind, MouseEventKind::Down(_));
                let by = pressed.then_some(By::Press(mouse.column, mouse.row));
                self.in_gesture(|app| app.answering(by, |app| app.mouse_event(mouse)))
            }
            Message::Rest => {
                // A slider that is held by the mouse is held.
                self.gesture.take_if(|_| self.dragged_from.is_none());
                self.prefix = None;
                Vec::new()
            }
            Message::Paste(text) => {
                self.gesture = None;
                text.chars().filter(|c| !c.is_control()).for_each(|c| self.type_character(c));
                self.clamp_search();
                Vec::new()
            }
            Message::Resize(width, height) => {
                self.size = (width, height);
                Vec::new()
            }
            Message::Snapshot(snapshot) => {
                self.take(snapshot);
                self.lesson_take()
            }
            Message::Frame => {
                // One motion at a time.
                let still = !self.snapshot.picture.touring && self.dragged_from.is_none();
                if self.spin && still && self.snapshot.status == Status::Running {
                    self.camera.turn_by(SPIN, 0.0);
                }
                Vec::new()
            }
            Message::Said(said) => {
                self.put(&said.text, said.wrong);
                Vec::new()
            }
            Message::Unwritten(Unwritten { what, why }) => {
                let step = self.snapshot.step;
                self.unwritten.push(format!("{what}, at step {step}: {why}"));
                if self.unwritten.len() > MOST_UNWRITTEN {
                    self.unwritten.remove(0);
                }
                let key = self.keymap.key_of(Action::Warnings);
                self.wrong(if key.is_empty() { why } else { format!("{why} ({key} lists it)") });
                Vec::new()
            }
        }
    }

    /// Puts an objective in place of the present one. Knobs of the same name keep their values, so that what is
    /// compared differs in as little as possible.
    pub(super) fn put_objective(&mut self, objective: &'static dyn Objective) -> Vec<Command> {
        if self.rows().first().cloned().is_some_and(|row| self.refuses(&row)) {
            return Vec::new();
        }
        let classes = self.snapshot.cast.classes;
        let knobs = Knobs::like(objective.knobs(), &self.experiment.objective, classes);
        let mut experiment = self.experiment.clone();
        experiment.objective = vec![Term { objective, weight: 1.0, knobs }];
        let needs_views = objective.grouping(&knobs) == Grouping::Instance && experiment.views < 2;
        if needs_views {
            experiment.views = 2;
        }
        self.row = 0;
        let title = objective.about().title;
        if needs_views {
            self.say(format!("{title} compares views: restarted with 2 views of each instance"));
            return self.when_meant(Deed::Restart(Box::new(experiment), Some(Setting::Views)));
        }
        self.say(format!("{title}: {}", objective.about().effect));
        self.change(experiment, true)
    }

    /// Asks for an experiment, live or from the start.
    pub(super) fn change(&mut self, experiment: Experiment, live: bool) -> Vec<Command> {
        self.change_since(self.asked + 1, experiment, live)
    }

    /// The same as a part of the gesture whose first change had the number `began`.
    pub(super) fn change_since(&mut self, began: u64, experiment: Experiment, live: bool) -> Vec<Command> {
        // The first change of a gesture drops what there was; nothing is left for those after it.
        if live && began == self.asked + 1 && self.own_changes_to_come() > 0 {
            return self.when_meant(Deed::Remake(Box::new(experiment)));
        }
        self.make_change(began, experiment, live)
    }

    /// Changes that a run beside A, which has one line, loses by a change in its past.
    fn changes_to_come(&self) -> usize {
        if self.beside.run == 0 {
            return 0;
        }
        let step = self.snapshot.step;
        self.subject().edits.iter().filter(|edit| edit.step > step).count()
    }

    /// Those of them that A does not have.
    pub(super) fn own_changes_to_come(&self) -> usize {
        let step = self.snapshot.step;
        let own = self.subject().edits.iter().filter(|edit| !self.snapshot.edits.contains(edit));
        own.filter(|edit| edit.step > step).count()
    }

    /// Asks for an experiment, whatever it drops.
    pub(super) fn make_change(&mut self, began: u64, experiment: Experiment, live: bool) -> Vec<Command> {
        self.asked += 1;
        self.experiment = experiment.clone();
        let experiment = Box::new(experiment);
        let request = if live {
            Request::Change(self.asked, experiment, began)
        } else {
            (self.picked, self.marked) = (None, None);
            match &self.lesson {
                // All that a lesson restarts makes room for by one stroke what was there before it.
                Some(session) => Request::Replace(self.asked, experiment, session.opened),
                None => Request::Restart(self.asked, experiment, began),
            }
        };
        if live {
            self.tell_what_is_dropped();
        }
        vec![Command::Ask(self.of_run(request))]
    }

    /// A run beside A has one line: says what a change in its past takes the place of.
    fn tell_what_is_dropped(&mut self) {
        let step = self.snapshot.step;
        if self.beside.run == 0 || !self.snapshot.time.is_rewound(step) {
            return;
        }
        let later = self.changes_to_come();
        let again = self.snapshot.edits.iter().find(|edit| edit.step > step);
        if step == 0 && later == 0 && again.is_none() {
            // Copies begin so.
            return;
        }
        let letter = self.letter();
        let mut text = match later {
            0 => format!("{letter} is made anew from step {step}"),
            1 => format!("{letter} is made anew from step {step}, without its later change"),
            count => format!("{letter} is made anew from step {step}, without its {count} later changes"),
        };
        if let Some(edit) = again {
            text += &format!("; A changes at {}", edit.step);
        }
        self.say(text);
    }
}
