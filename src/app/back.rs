//! What Esc does: one layer up, the uppermost first; out of a comparison only when that is meant.

use super::stake::Deed;
use super::{App, Command, Pane};

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
            Back::Alone => return self.when_meant(Deed::Alone),
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
        let lost = self.asks_to_leave();
        match self.back() {
            _ if self.lesson.is_some() && !self.is_over_lesson() => "leave",
            Back::Alone if lost && self.snapshot.runs() == 2 => "drop B",
            Back::Alone if lost => "drop all but A",
            back => back.label(),
        }
    }
}
