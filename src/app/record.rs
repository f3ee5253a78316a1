//! What the screen knows of a recording that is made or played. Who makes and plays them stands in the lab.

use super::keys::Action;
use super::{App, Beside, Command, Export};
use crate::share::View;
use crate::snapshot::Request;

/// The most characters of a mark's name in the title.
const LONGEST_NAME: usize = 20;

/// A recording that is made or played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tape {
    /// The session is recorded; so many marks are in it.
    Recording(usize),
    /// A recording is played.
    Playing {
        /// Events that were played.
        at: usize,
        /// Events there are.
        of: usize,
        /// The next mark at which it stops; while it stands, the one at which it does, if at any.
        mark: Option<String>,
        /// Whether it stands.
        stands: bool,
    },
}

impl Tape {
    /// What the title says of it: `rec`, `replay 3 of 40, mark 2 next`; on a narrow screen without the mark.
    pub fn words(&self, narrow: bool) -> String {
        match self {
            Self::Recording(0) => "rec".to_owned(),
            Self::Recording(1) => "rec, 1 mark".to_owned(),
            Self::Recording(marks) => format!("rec, {marks} marks"),
            Self::Playing { at, of, mark, stands } => {
                let mark = mark.as_deref().filter(|_| !narrow).map(|mark| shortened(mark, LONGEST_NAME));
                match (mark, stands) {
                    (Some(mark), true) => format!("replay {at} of {of}, at {mark}"),
                    (Some(mark), false) => format!("replay {at} of {of}, {mark} next"),
                    (None, true) => format!("replay {at} of {of}, held"),
                    (None, false) => format!("replay {at} of {of}"),
                }
            }
        }
    }
}

/// The beginning of a name that is too long.
fn shortened(name: &str, most: usize) -> String {
    if name.chars().count() <= most {
        return name.to_owned();
    }
    name.chars().take(most - 3).chain("...".chars()).collect()
}

impl App {
    pub(super) fn record_action(&mut self, action: Action) -> Vec<Command> {
        match (action, &self.tape) {
            (Action::Record, _) => vec![Command::Record],
            (Action::Mark, None) => {
                let key = self.keymap.key_of(Action::Record);
                self.say(format!("nothing is recorded that could be marked: {key} begins a recording"));
                Vec::new()
            }
            (Action::Mark, Some(_)) => vec![Command::Mark],
            _ => Vec::new(),
        }
    }

    /// Puts the screen where every recording begins, made or played: a moment of one run as a share string holds it, with
    /// nothing over it, nothing half done, and nothing left of what was done before that a key could mean.
    pub fn begin_tape(&mut self, view: &View, row: usize) -> Vec<Command> {
        (self.overlay, self.entry, self.said) = (None, None, None);
        (self.question, self.held) = (None, None);
        (self.picked, self.marked, self.plane, self.inspected) = (None, None, None, None);
        (self.dragged_from, self.gesture, self.sought) = (None, None, None);
        (self.trails, self.touring) = (false, true);
        (self.beside, self.exported) = (Beside::default(), Export::default());
        (self.row, self.forces.logits) = (row, false);
        self.experiment = (*self.snapshot.experiment).clone();
        let mut commands = self.look_as(view);
        if !std::mem::take(&mut self.forces.laws).is_empty() {
            commands.push(Command::Ask(Request::Laws(Vec::new())));
        }
        commands
    }

    /// Whether all that was asked of the simulation has come to an end, so that what is done now is done to what is
    /// shown. Recordings take in one event after another by this.
    pub fn is_settled(&self) -> bool {
        !self.waits() && self.snapshot.time.journey.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_says_what_is_going_on() {
        let tape = |mark: Option<&str>, stands| Tape::Playing {
            at: 3,
            of: 40,
            mark: mark.map(str::to_owned),
            stands,
        };
        let playing = |mark, stands| tape(mark, stands).words(false);
        assert_eq!(playing(Some("collapse"), false), "replay 3 of 40, collapse next");
        assert_eq!(playing(Some("collapse"), true), "replay 3 of 40, at collapse");
        assert_eq!(playing(None, false), "replay 3 of 40");
        assert_eq!(playing(None, true), "replay 3 of 40, held");
        assert_eq!(
            playing(Some("the collapse of the four classes"), true),
            "replay 3 of 40, at the collapse of t..."
        );
        assert_eq!(tape(Some("collapse"), false).words(true), "replay 3 of 40");
        assert_eq!(
            [0, 1, 2].map(|marks| Tape::Recording(marks).words(false)),
            ["rec", "rec, 1 mark", "rec, 2 marks"]
        );
    }
}
