//! Gestures: a knob turned notch by notch, or a slider dragged, is one change to whoever takes it back.
//!
//! A gesture ends with whatever else is done: another key, another row, a new press of the mouse, or nothing for
//! [`REST`]. Only what undo takes back goes by gestures; each notch remains an edit with its step.

use std::time::Duration;

use super::settings::{Row, Setting};
use super::stake::Deed;
use super::{App, Command};
use crate::experiment::Experiment;

/// Who has done nothing for so long has ended what they were doing. A key that is held down comes again sooner.
pub const REST: Duration = Duration::from_secs(1);

/// A knob that is being turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gesture {
    /// Of which run, 0 being the main one.
    run: usize,
    setting: Setting,
    /// The number of its first change.
    began: u64,
    /// Whether the event that is being taken in is a part of it.
    goes_on: bool,
}

impl Gesture {
    /// A knob of a run that is turned with the event being taken in.
    pub(super) fn begun(run: usize, setting: Setting, began: u64) -> Self {
        Self { run, setting, began, goes_on: true }
    }
}

impl App {
    /// Sets a row by itself, and not as a part of turning it.
    pub(super) fn set(&mut self, row: &Row, experiment: Experiment) -> Vec<Command> {
        if row.live {
            return self.change(experiment, true);
        }
        self.when_meant(Deed::Restart(Box::new(experiment), Some(row.setting)))
    }

    /// Does what an event means; the gesture goes on only if that is a part of it.
    pub(super) fn in_gesture(&mut self, deed: impl FnOnce(&mut Self) -> Vec<Command>) -> Vec<Command> {
        if let Some(gesture) = &mut self.gesture {
            gesture.goes_on = false;
        }
        let commands = deed(self);
        // What stops a film is not recorded, so it must mean nothing to what is.
        if !commands.contains(&Command::StopFilm) {
            self.gesture.take_if(|gesture| !gesture.goes_on);
        }
        commands
    }

    /// Sets a row to a value as a part of turning it.
    pub(super) fn turn(&mut self, row: &Row, value: Option<f64>) -> Vec<Command> {
        let (run, setting) = (self.beside.run, row.setting);
        let began = match &mut self.gesture {
            Some(gesture) if (gesture.run, gesture.setting) == (run, setting) => {
                gesture.goes_on = true;
                gesture.began
            }
            _ => self.asked + 1,
        };
        let Some(value) = value.filter(|value| *value != row.value) else { return Vec::new() };
        let experiment = row.set(&self.experiment, value);
        if !row.live && began == self.asked + 1 {
            return self.when_meant(Deed::Restart(Box::new(experiment), Some(setting)));
        }
        self.gesture = Some(Gesture::begun(run, setting, began));
        self.change_since(began, experiment, row.live)
    }
}
