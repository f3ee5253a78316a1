//! What is picked: a point, a class or a pair of classes. Every pane marks the same.

use super::App;
use super::keys::{Action, Way};
use super::layout::Pane;
use crate::describe::selection::{class_words, pair_words};

/// A class, or two of them, by their labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marked {
    /// One class.
    Class(u32),
    /// Two different classes.
    Pair(u32, u32),
}

impl Marked {
    /// Two classes, or one where they are the same.
    pub fn of(a: u32, b: u32) -> Self {
        if a == b { Self::Class(a) } else { Self::Pair(a, b) }
    }

    /// Whether a class is one of those.
    pub fn holds(self, class: u32) -> bool {
        match self {
            Self::Class(a) => class == a,
            Self::Pair(a, b) => class == a || class == b,
        }
    }
}

impl App {
    /// The classes that have rows, ascending.
    pub(super) fn classes_present(&self) -> Vec<u32> {
        match &self.snapshot.geometry.gram {
            Some(gram) => gram.labels.clone(),
            None => (0..self.snapshot.cast.classes as u32).collect(),
        }
    }

    /// Picks a row.
    pub fn pick_row(&mut self, row: u32) {
        (self.picked, self.marked) = (Some(row), None);
        self.show_selected();
    }

    /// Picks a class or a pair.
    pub fn mark(&mut self, marked: Marked) {
        (self.picked, self.marked) = (None, Some(marked));
        self.say(match marked {
            Marked::Class(class) => class_words(&self.snapshot, class),
            Marked::Pair(a, b) => pair_words(&self.snapshot, a, b),
        });
        self.show_selected();
    }

    /// Brings the pane about what is picked where another stands; the cosines, where cells are being picked, stay.
    fn show_selected(&mut self) {
        let hidden = self.layout().is_some_and(|layout| layout.area(Pane::Selected).is_none());
        if hidden && self.focus != Pane::Gram && !(self.marked.is_some() && self.second == Pane::Gram) {
            self.second = Pane::Selected;
        }
    }

    /// One step down: from a pair to its first class, from a class or a point to nothing.
    pub(super) fn unpick(&mut self) {
        self.picked = None;
        self.marked = match self.marked {
            Some(Marked::Pair(a, _)) => Some(Marked::Class(a)),
            _ => None,
        };
    }

    /// Lets go of classes that are not there any more.
    pub(super) fn keep_marks_of_what_is_there(&mut self) {
        let count = self.snapshot.cast.classes as u32;
        let there = |marked: &Marked| match *marked {
            Marked::Class(a) => a < count,
            Marked::Pair(a, b) => a < count && b < count,
        };
        self.marked = self.marked.filter(there);
    }

    /// Does what an action about picking means.
    pub(super) fn selection_action(&mut self, action: Action) {
        match action {
            Action::NextPoint => self.pick(1),
            Action::LastPoint => self.pick(-1),
            Action::NextClass => self.pick_class(1),
            Action::LastClass => self.pick_class(-1),
            Action::NextPair => self.pick_pair(1),
            _ => self.pick_pair(-1),
        }
    }

    pub(super) fn pick(&mut self, by: isize) {
        let rows = &self.snapshot.picture.rows;
        if rows.is_empty() {
            return;
        }
        let count = rows.len() as isize;
        let at = match self.picked {
            Some(row) => rows.partition_point(|shown| *shown < row) as isize + by,
            None if by > 0 => 0,
            None => -1,
        };
        self.pick_row(rows[at.rem_euclid(count) as usize]);
    }

    fn pick_class(&mut self, by: isize) {
        let present = self.classes_present();
        if !self.snapshot.cast.labelled || present.is_empty() {
            self.say("there are no classes to pick");
            return;
        }
        let own = self.picked.and_then(|row| self.snapshot.cast.labels.get(row as usize).copied());
        let place = |class: u32| present.partition_point(|other| *other < class) as isize;
        let at = match (self.marked, own) {
            (Some(Marked::Class(class)), _) => place(class) + by,
            // Of a pair its first class; of a point its own.
            (Some(Marked::Pair(class, _)), _) | (None, Some(class)) => place(class),
            (None, None) if by > 0 => 0,
            (None, None) => -1,
        };
        self.mark(Marked::Class(present[at.rem_euclid(present.len() as isize) as usize]));
    }

    fn pick_pair(&mut self, by: isize) {
        let present = self.classes_present();
        let count = present.len();
        if !self.snapshot.cast.labelled || count < 2 {
            self.say("there are no two classes to pick");
            return;
        }
        let place = |class: u32| present.partition_point(|other| *other < class).min(count - 1);
        let (k, l) = match self.marked {
            Some(Marked::Pair(a, b)) => {
                let (a, b) = (place(a), place(b));
                beside(a.min(b), a.max(b), count, by)
            }
            Some(Marked::Class(a)) => {
                let other = (place(a) as isize + by).rem_euclid(count as isize) as usize;
                (place(a), other)
            }
            None if by > 0 => (0, 1),
            None => (count - 2, count - 1),
        };
        self.mark(Marked::of(present[k], present[l]));
    }

    /// Moves to another cell of the cosines: rows up and down, columns left and right.
    pub(super) fn move_cell(&mut self, way: Way, times: i32) {
        let present = self.classes_present();
        if !self.snapshot.cast.labelled || present.is_empty() {
            return;
        }
        let place = |class: u32| present.partition_point(|other| *other < class);
        let last = present.len() - 1;
        let Some((row, column)) = self.marked.map(|marked| match marked {
            Marked::Class(a) => (place(a).min(last), place(a).min(last)),
            Marked::Pair(a, b) => (place(a).min(last), place(b).min(last)),
        }) else {
            return self.mark(Marked::Class(present[0]));
        };
        let moved = |at: usize, by: i32| at.saturating_add_signed(by as isize).min(last);
        let (row, column) = match way {
            Way::Up => (moved(row, -times), column),
            Way::Down => (moved(row, times), column),
            Way::Left => (row, moved(column, -times)),
            Way::Right => (row, moved(column, times)),
        };
        self.mark(Marked::of(present[row], present[column]));
    }
}

/// The pair after a pair (or before it) among `count` classes, in the order 01, 02, …, 12, …
fn beside(k: usize, l: usize, count: usize, by: isize) -> (usize, usize) {
    if by > 0 {
        match (k, l) {
            (k, l) if l + 1 < count => (k, l + 1),
            (k, _) if k + 2 < count => (k + 1, k + 2),
            _ => (0, 1),
        }
    } else if l > k + 1 {
        (k, l - 1)
    } else if k > 0 {
        (k - 1, count - 1)
    } else {
        (count - 2, count - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_pairs_come_in_turn_and_back_again() {
        let mut at = (0, 1);
        let mut seen = Vec::new();
        for _ in 0..6 {
            seen.push(at);
            at = beside(at.0, at.1, 4, 1);
        }
        assert_eq!((seen.clone(), at), (vec![(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)], (0, 1)));
        for pair in seen.iter().rev() {
            at = beside(at.0, at.1, 4, -1);
            assert_eq!(at, *pair);
        }
    }
}
