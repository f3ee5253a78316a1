//! What Esc does: one layer up, the uppermost first; out of a comparison only when that is meant.

use super::keys::Action;
use super::{App, Command, Pane};
use crate::palette;

/// What the way back leads to now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Back {
    /// The end of the film that is being made.
    Film,
    /// All panes, where one had the screen.
    Panes,
    /// Charts that are read at no step.
    Uninspected,
    /// Nothing picked.
    Unpicked,
    /// A status line without what was said.
    Unsaid,
    /// The view.
    View,
    /// One run, after a question where something would be lost.
    Alone,
    /// Nowhere: nothing is left to close.
    Nothing,
}

impl Back {
    /// The same in a word or two for the bar of keys.
    pub fn label(self) -> &'static str {
        match self {
            Self::Film => "end film",
            Self::Panes => "all panes",
            Self::Uninspected => "no mark",
            Self::Unpicked => "unpick",
            Self::View => "to view",
            Self::Alone => "leave",
            Self::Unsaid | Self::Nothing => "back",
        }
    }
}

impl App {
    /// What the way back leads to now. In a lesson its end comes after all that can be closed.
    pub fn back(&self) -> Back {
        if self.filming {
            Back::Film
        } else if self.expanded {
            Back::Panes
        } else if self.inspected.is_some() {
            Back::Uninspected
        } else if self.picked.is_some() || self.marked.is_some() {
            Back::Unpicked
        } else if self.compares() {
            if self.focus == Pane::View { Back::Alone } else { Back::View }
        } else if self.said.is_some() && self.tape.is_none() {
            Back::Unsaid
        } else if self.focus == Pane::View {
            Back::Nothing
        } else {
            Back::View
        }
    }

    /// One layer up.
    pub(super) fn climb(&mut self) -> Vec<Command> {
        match self.back() {
            Back::Film => return vec![Command::StopFilm],
            Back::Panes => self.expanded = false,
            Back::Uninspected => self.inspected = None,
            Back::Unpicked => self.unpick(),
            Back::Alone => return self.leave_comparison(),
            Back::Unsaid => self.said = None,
            Back::View | Back::Nothing => {
                // What is said may come at any time: in a recording it is no layer of its own.
                self.said = None;
                self.focus = Pane::View;
            }
        }
        Vec::new()
    }

    /// What leads over the lesson's end: whatever can be closed before it.
    pub(super) fn is_over_lesson(&self) -> bool {
        !matches!(self.back(), Back::Unsaid | Back::View | Back::Nothing)
    }

    /// What the bar of keys calls the way out of a comparison or a lesson: what it does now.
    pub fn way_out(&self) -> &'static str {
        let lost = self.beside.leaving.is_some();
        match self.back() {
            _ if self.lesson.is_some() && !self.is_over_lesson() => "leave",
            Back::Alone if lost && self.snapshot.runs() == 2 => "drop B",
            Back::Alone if lost => "drop all but A",
            back => back.label(),
        }
    }

    /// What of a comparison is in no other run: each run beside A that differs from it, with its changes.
    fn at_stake(&self) -> Option<String> {
        let company = self.snapshot.company.as_ref()?;
        let own = &self.snapshot.edits;
        let told: Vec<String> = company
            .others
            .iter()
            .zip(1..)
            .filter(|(run, _)| run.edits != *own)
            .map(|(run, k)| match run.edits.iter().filter(|edit| !own.contains(edit)).count() {
                0 => palette::letter(k).to_string(),
                1 => format!("{} with its change", palette::letter(k)),
                changes => format!("{} with its {changes} changes", palette::letter(k)),
            })
            .collect();
        let seeds = company.seeds.as_ref().map_or(0, |seeds| seeds.study.rows.len());
        match (told.is_empty(), seeds) {
            (true, 0) => None,
            (true, _) => Some(format!("what {seeds} seeds have shown")),
            (false, 0) => Some(told.join(" and ")),
            (false, _) => Some(format!("{} and what {seeds} seeds have shown", told.join(", "))),
        }
    }

    /// Out of a comparison: at once where nothing is lost by it, else when it is asked for twice.
    pub(super) fn leave_comparison(&mut self) -> Vec<Command> {
        if self.beside.leaving.take().is_none()
            && let Some(stake) = self.at_stake()
        {
            let key = self.keymap.key_of(Action::LeaveComparison);
            let question = format!("{key} again leaves for A alone and drops {stake}; any other key stays");
            self.beside.leaving = Some(question.clone());
            self.say(question);
            return Vec::new();
        }
        self.go_on_alone()
    }

    /// Does what an event means. Whatever it is, the question about leaving that stood before it is answered by it.
    pub(super) fn answering(&mut self, deed: impl FnOnce(&mut Self) -> Vec<Command>) -> Vec<Command> {
        let asked = self.beside.leaving.is_some();
        let commands = deed(self);
        if asked && let Some(question) = self.beside.leaving.take() {
            self.said.take_if(|said| said.text == question);
        }
        commands
    }
}
