//! What would be lost, and the question before it is. Whatever drops something of a session goes through
//! [`App::when_meant`]: at once where nothing is at stake, else when it is asked for twice.

use crossterm::event::KeyCode;

use super::gesture::Gesture;
use super::keys::{Action, name};
use super::settings::Setting;
use super::{App, Command};
use crate::describe::changes::{Way, difference};
use crate::experiment::Experiment;
use crate::experiment::preset::Preset;
use crate::lesson::Lesson;
use crate::palette;
use crate::snapshot::Request;

/// A run without branches and changes is at stake from so many steps on: below it is soon made again.
const LONG: u64 = 3000;

/// Something by which something may be lost.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    /// A goes on alone.
    Alone,
    /// All runs begin anew with this experiment of the one that has the focus, because of a row that was turned.
    Restart(Box<Experiment>, Option<Setting>),
    /// A run beside A goes on from its past with this experiment, and what was changed later is not.
    Remake(Box<Experiment>),
    /// A preset takes the place of all runs.
    Preset(Box<Preset>),
    /// A lesson does.
    Lesson(Box<Lesson>),
    /// One run of several goes.
    Drop(usize),
    /// The branch of this name and number is forgotten.
    Forget(String, u32),
    /// The program ends; `true` leaves the last frame.
    Quit(bool),
}

/// What an event was, as far as a second one can be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// A key.
    Key(KeyCode),
    /// A press of the mouse at this cell.
    Press(u16, u16),
}

/// A question that stands.
#[derive(Clone, Debug)]
pub(super) struct Question {
    text: String,
    deed: Deed,
    /// The event that does it when it comes again; Enter does it in any case.
    by: Option<By>,
}

impl App {
    /// Does something by which something may be lost: where something is, only after a question.
    pub(super) fn when_meant(&mut self, deed: Deed) -> Vec<Command> {
        let Some(stake) = self.at_stake(&deed).filter(|_| self.asks) else { return self.carry_out(deed) };
        // Of an arrow nobody knows where the next one was meant to be the answer.
        let turned = matches!(deed, Deed::Restart(_, Some(_)) | Deed::Remake(_));
        let by = self.by.filter(|by| !(turned && matches!(by, By::Key(_))));
        let again = match by {
            Some(By::Key(code)) => format!("{} again", name(code)),
            Some(By::Press(..)) | None => name(KeyCode::Enter),
        };
        let text = format!("{again} {} {stake}; any other key stays", self.words(&deed));
        self.say(text.clone());
        self.question = Some(Question { text, deed, by });
        Vec::new()
    }

    fn carry_out(&mut self, deed: Deed) -> Vec<Command> {
        match deed {
            Deed::Alone => self.go_on_alone(),
            Deed::Restart(experiment, setting) => {
                let number = self.asked + 1;
                if let Some(setting) = setting {
                    self.gesture = Some(Gesture::begun(self.beside.run, setting, number));
                } else {
                    self.say(format!("restarted from seed {}", experiment.seed));
                }
                self.change_since(number, *experiment, false)
            }
            Deed::Remake(experiment) => self.make_change(self.asked + 1, *experiment, true),
            Deed::Preset(preset) => self.begin_preset(*preset),
            Deed::Lesson(lesson) => self.begin_lesson(*lesson),
            Deed::Drop(run) => self.drop_run(run),
            Deed::Forget(_, id) => self.ask_time(|number| Request::Forget(number, id)),
            Deed::Quit(keep) => vec![Command::Quit(keep)],
        }
    }

    /// What the deed does, up to what it drops.
    fn words(&self, deed: &Deed) -> String {
        match deed {
            Deed::Alone => "leaves for A alone and drops".to_owned(),
            Deed::Restart(experiment, Some(_)) => {
                format!("restarts with {} and drops", difference(&self.subject().experiment, experiment))
            }
            Deed::Restart(..) => "restarts and drops".to_owned(),
            Deed::Remake(_) => {
                format!("makes {} anew from step {} and drops", self.letter(), self.snapshot.step)
            }
            Deed::Preset(preset) => format!("loads {} and drops", preset.name),
            Deed::Lesson(_) => "opens the lesson and drops".to_owned(),
            Deed::Drop(_) => "drops".to_owned(),
            Deed::Forget(..) => "forgets".to_owned(),
            Deed::Quit(_) => "quits and drops".to_owned(),
        }
    }

    /// What a deed drops, where it drops anything.
    fn at_stake(&self, deed: &Deed) -> Option<String> {
        if self.lesson.is_some() && !matches!(deed, Deed::Quit(_)) {
            // Its runs are those of its pages.
            return None;
        }
        let mut parts: Vec<String> = match deed {
            Deed::Alone => self.of_company(),
            Deed::Restart(..) => {
                (0..self.snapshot.runs()).flat_map(|run| self.of_own(run)).chain(self.of_seeds()).collect()
            }
            Deed::Preset(_) | Deed::Lesson(_) => {
                let mut parts = self.of_company();
                parts.extend(self.of_own(0));
                parts
            }
            // What seeds have shown is about all of them.
            Deed::Drop(0) => self.of_own(0).into_iter().chain(self.of_seeds()).collect(),
            Deed::Drop(run) => self.of_other(*run).into_iter().chain(self.of_seeds()).collect(),
            Deed::Remake(_) => match self.own_changes_to_come() {
                0 => Vec::new(),
                1 => vec!["its later change".to_owned()],
                later => vec![format!("its {later} later changes")],
            },
            // These are refused, whatever the answer.
            Deed::Forget(_, id) if *id == 0 || *id == self.snapshot.time.branch => Vec::new(),
            Deed::Forget(name, _) => vec![format!("{name} for good")],
            Deed::Quit(_) => {
                let film = self.filming.then(|| format!("the film ({:.0} % are made)", 100.0 * self.filmed));
                // A share string would hold a lone run with its changes, and a recording all of the session.
                let branches = self.snapshot.time.branches.len() > 1 && self.lesson.is_none();
                let own = if branches { self.of_own(0) } else { Vec::new() };
                let lost = self.of_company().into_iter().chain(own);
                film.into_iter().chain(lost.filter(|_| self.tape.is_none())).collect()
            }
        };
        let brought_back = matches!(deed, Deed::Restart(..) | Deed::Preset(_) | Deed::Lesson(_));
        let last = parts.pop()?;
        let dropped = if parts.is_empty() { last } else { format!("{} and {last}", parts.join(", ")) };
        let undo = self.keymap.key_of(Action::Undo);
        Some(if brought_back && !undo.is_empty() {
            format!("{dropped} ({undo} brings it back)")
        } else {
            dropped
        })
    }

    /// What of a comparison is in no other run: each run beside A that differs from it, with its changes, and what
    /// seeds have shown.
    fn of_company(&self) -> Vec<String> {
        if self.lesson.is_some() {
            return Vec::new();
        }
        (1..self.snapshot.runs()).filter_map(|run| self.of_other(run)).chain(self.of_seeds()).collect()
    }

    /// A run beside A, with its changes, where it differs from A.
    fn of_other(&self, k: usize) -> Option<String> {
        let (own, run) = (&self.snapshot.edits, self.snapshot.beside(k));
        let letter = palette::letter(k);
        (run.edits != *own).then(|| match run.edits.iter().filter(|edit| !own.contains(edit)).count() {
            0 => letter.to_string(),
            1 => format!("{letter} with its change"),
            changes => format!("{letter} with its {changes} changes"),
        })
    }

    fn of_seeds(&self) -> Option<String> {
        let seeds = self.snapshot.company.as_ref()?.seeds.as_ref()?.study.rows.len();
        (seeds > 0).then(|| format!("what {seeds} seeds have shown"))
    }

    /// What a run has that is not soon made again: branches, changes on its way, many steps.
    pub(super) fn of_own(&self, k: usize) -> Vec<String> {
        let run = self.snapshot.beside(k);
        let of = if self.snapshot.runs() > 1 { format!(" of {}", palette::letter(k)) } else { String::new() };
        let branches = run.time.branches.len().saturating_sub(1);
        let branches = match branches {
            0 => None,
            1 => Some(format!("1 branch{of}")),
            count => Some(format!("{count} branches{of}")),
        };
        // What was set at the start is in the settings, and stays.
        let changes = Way::of_run(run).words().map(|words| format!("{words}{of}"));
        let mut parts: Vec<String> = branches.into_iter().chain(changes).collect();
        if parts.is_empty() && run.time.newest >= LONG {
            parts.push(format!("{} steps{of}", run.time.newest));
        }
        parts
    }

    /// Whether a question stands whose answer is one run alone.
    pub(super) fn asks_to_leave(&self) -> bool {
        matches!(self.question, Some(Question { deed: Deed::Alone, .. }))
    }

    /// Does what an event means. Whatever it is, a question that stood before it is answered by it.
    pub(super) fn answering(
        &mut self,
        by: Option<By>,
        deed: impl FnOnce(&mut Self) -> Vec<Command>,
    ) -> Vec<Command> {
        if let Some(question) = self.question.take() {
            self.said.take_if(|said| said.text == question.text);
            self.said = self.held.take().or(self.said.take());
            if by.is_some() && (by == question.by || by == Some(By::Key(KeyCode::Enter))) {
                return self.carry_out(question.deed);
            }
            if by == Some(By::Key(KeyCode::Esc)) {
                return Vec::new();
            }
        }
        self.by = by;
        let commands = deed(self);
        self.by = None;
        commands
    }

    /// Puts a sentence into the status line; one that comes while a question stands there waits for its answer.
    pub(super) fn put(&mut self, text: &str, wrong: bool) {
        let said = super::Said { text: self.keymap.spell(text), wrong };
        if self.question.is_some() {
            self.held = Some(said);
        } else {
            self.said = Some(said);
        }
    }
}
