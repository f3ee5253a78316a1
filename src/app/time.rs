//! Keys and mouse that move the run through time: steps back, scrubbing, branches, undo.

use crossterm::event::{KeyCode, KeyEvent};

use super::keys::{Action, Way};
use super::layout::Area;
use super::stake::Deed;
use super::{App, Command, Overlay};
use crate::describe::changes::difference;
use crate::experiment::Experiment;
use crate::snapshot::{Aside, Request, To};

impl App {
    /// Asks for a move through time.
    pub(super) fn ask_time(&mut self, request: impl FnOnce(u64) -> Request) -> Vec<Command> {
        self.asked += 1;
        vec![Command::Ask(request(self.asked))]
    }

    pub(super) fn seek(&mut self, to: To) -> Vec<Command> {
        self.said = None;
        self.ask_time(|number| Request::Seek(number, to))
    }

    pub(super) fn time_action(&mut self, action: Action) -> Vec<Command> {
        match action {
            Action::StepBack => self.seek(To::By(-1)),
            Action::LeapBack => self.seek(To::By(-50)),
            Action::First => self.seek(To::First),
            Action::Newest => self.seek(To::Newest),
            Action::Branch => {
                self.say(format!("a new branch from step {}", self.snapshot.step));
                self.ask_time(Request::Branch)
            }
            Action::Branches => {
                let time = &self.snapshot.time;
                let at = time.branches.iter().position(|branch| branch.id == time.branch).unwrap_or(0);
                self.overlay = Some(Overlay::Branches(at));
                Vec::new()
            }
            Action::Undo => self.bring_back(false),
            Action::Redo => self.bring_back(true),
            _ => Vec::new(),
        }
    }

    fn bring_back(&mut self, redo: bool) -> Vec<Command> {
        let subject = self.subject();
        let wanted = if redo { &subject.time.redo } else { &subject.time.undo };
        let done = if redo { "redone" } else { "undone" };
        match (wanted, &self.snapshot.time.aside[usize::from(redo)]) {
            (Some(wanted), _) => {
                let what = difference(&subject.experiment, wanted);
                self.say(format!("{done}: {what}"));
            }
            (None, Some(_)) if self.lesson.is_some() => {
                self.say("there is nothing more on this page that could be taken back");
                return Vec::new();
            }
            (None, Some(aside)) => {
                let text = format!("{done}: {}", back_at(&self.snapshot.experiment, aside));
                (self.picked, self.marked) = (None, None);
                self.say(text);
            }
            // The simulation may know of a change that no snapshot has told of yet; it answers.
            (None, None) => self.said = None,
        }
        self.asked += 1;
        let request = if redo { Request::Redo(self.asked) } else { Request::Undo(self.asked) };
        vec![Command::Ask(self.of_run(request))]
    }

    /// An arrow while the timeline has the focus: a fiftieth of the run, or from edit to edit.
    pub(super) fn scrub(&mut self, way: Way, times: i32) -> Vec<Command> {
        let notch = (self.snapshot.time.newest / 50).max(1) as i64 * i64::from(times);
        let (now, edits) = (self.snapshot.step, self.snapshot.edits.clone());
        match way {
            Way::Left => self.seek(To::By(-notch)),
            Way::Right => {
                let left = self.snapshot.time.newest.saturating_sub(now) as i64;
                self.seek(if notch >= left { To::Newest } else { To::By(notch) })
            }
            Way::Up => {
                let before = edits.iter().rev().map(|edit| edit.step).find(|step| *step < now);
                self.seek(To::Step(before.unwrap_or(0)))
            }
            Way::Down => {
                let after = edits.iter().map(|edit| edit.step).find(|step| *step > now);
                self.seek(after.map_or(To::Newest, To::Step))
            }
        }
    }

    /// A click or a drag on the timeline.
    pub(super) fn scrub_to(&mut self, x: u16) -> Vec<Command> {
        let Some(track) = self.layout().map(|layout| track(layout.time, self.snapshot.time.newest)) else {
            return Vec::new();
        };
        let step = step_at(track, self.snapshot.time.newest, x);
        self.seek(To::Step(step))
    }

    pub(super) fn branches_key(&mut self, at: usize, key: &KeyEvent) -> Vec<Command> {
        let branches = self.snapshot.time.branches.clone();
        let last = branches.len().saturating_sub(1);
        let mut next = Some(at.min(last));
        let mut commands = Vec::new();
        match key.code {
            KeyCode::Up => next = Some(at.saturating_sub(1)),
            KeyCode::Down => next = Some((at + 1).min(last)),
            KeyCode::Enter => {
                next = None;
                if let Some(branch) = branches.get(at) {
                    let (id, text) = (branch.id, format!("on {}", branch.name));
                    self.say(text);
                    commands = self.ask_time(|number| Request::Switch(number, id));
                }
            }
            KeyCode::Delete | KeyCode::Backspace => {
                if let Some(branch) = branches.get(at) {
                    let forget = Deed::Forget(branch.name.clone(), branch.id);
                    commands = self.when_meant(forget);
                }
            }
            KeyCode::Esc | KeyCode::Char('q' | 'B' | ' ') => next = None,
            _ => {}
        }
        self.overlay = next.map(Overlay::Branches);
        commands
    }
}

/// The columns of the timeline's track: its first one, and how many.
pub fn track(area: Area, newest: u64) -> (u16, u16) {
    let digits = newest.to_string().len() as u16;
    // " time 0 [" before it, "] newest" and the branch and the memory after it.
    let tail = digits + 3 + if area.width >= 80 { 22 } else { 6 };
    (area.x + 10, area.width.saturating_sub(10 + tail).max(1))
}

/// The column of a step.
pub fn column_of((first, columns): (u16, u16), newest: u64, step: u64) -> u16 {
    let share = step.min(newest) as f64 / newest.max(1) as f64;
    first + (share * f64::from(columns.saturating_sub(1))).round() as u16
}

/// The step under a column.
pub fn step_at((first, columns): (u16, u16), newest: u64, x: u16) -> u64 {
    let share = f64::from(x.saturating_sub(first)) / f64::from(columns.saturating_sub(1).max(1));
    (share.min(1.0) * newest as f64).round() as u64
}

/// What comes back when a restart is undone.
fn back_at(now: &Experiment, aside: &Aside) -> String {
    let what =
        if *now == *aside.experiment { "the restart".into() } else { difference(now, &aside.experiment) };
    let branches = match aside.branches {
        0 => String::new(),
        1 => " and its branch".to_owned(),
        branches => format!(" and its {branches} branches"),
    };
    let whose = match aside.runs {
        1 => "the run".to_owned(),
        runs => format!("{runs} runs"),
    };
    let verb = if aside.runs > 1 || aside.branches > 0 { "are" } else { "is" };
    format!("{what}; {whose}{branches} {verb} back, at step {}", aside.step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_steps_agree() {
        let track = track(Area { x: 0, y: 20, width: 80, height: 1 }, 1000);
        assert_eq!((column_of(track, 1000, 0), step_at(track, 1000, 0)), (10, 0));
        for step in (0..=1000).step_by(50) {
            let back = step_at(track, 1000, column_of(track, 1000, step));
            assert!(back.abs_diff(step) <= 1000 / u64::from(track.1), "{step} {back}");
        }
        assert_eq!(step_at(track, 1000, 79), 1000);
    }
}
