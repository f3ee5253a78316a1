//! What is set by a typed text rather than by a key: a number, an objective as an expression, a row of the params pane
//! by its name. The picker and the line mode read the same here.

use crossterm::event::{KeyCode, KeyEvent};

use super::layout::Pane;
use super::settings::{Setting, Values};
use super::stake::Deed;
use super::{App, Command};
use crate::experiment::expression;
use crate::experiment::nearest::did_you_mean;
use crate::objectives::{Grouping, Term};
use crate::snapshot::{Pace, Request};

/// Longer numbers are not typed.
const LONGEST_NUMBER: usize = 40;

/// A number being typed for a row of the params pane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// Its characters so far.
    text: String,
    /// Whether it is the value that was there, which a first digit replaces.
    selected: bool,
}

impl Number {
    /// One of which the first character was typed.
    pub(super) fn begun(first: char) -> Self {
        Self { text: first.to_string(), selected: false }
    }

    /// The value that is there, to be replaced or mended.
    pub(super) fn of(value: f64) -> Self {
        Self { text: value.to_string(), selected: true }
    }

    /// Its characters.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a digit will replace all of it.
    pub const fn is_selected(&self) -> bool {
        self.selected
    }

    /// Takes a character that a number may hold; others, and those beyond the longest number, are left out.
    pub(super) fn take(&mut self, c: char) {
        let selected = std::mem::take(&mut self.selected);
        match c {
            // After an exponent's letter a sign belongs to it; elsewhere it turns the number round.
            '-' if !self.text.ends_with(['e', 'E']) => {
                if let Some(positive) = self.text.strip_prefix('-') {
                    self.text = positive.to_owned();
                } else {
                    self.text.insert(0, '-');
                }
            }
            _ if !(c.is_ascii_digit() || ".+-eE".contains(c)) || self.text.len() >= LONGEST_NUMBER => {}
            _ => {
                if selected && (c.is_ascii_digit() || c == '.') {
                    self.text.clear();
                }
                self.text.push(c);
            }
        }
    }
}

/// A key that begins a number, or means something of its own: the digit after it tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prefix {
    character: char,
    /// The pace before it.
    pace: Pace,
}

/// How a name is compared: small letters, hyphens between words.
fn plain(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '_'], "-")
}

impl App {
    /// Whether a text means an expression rather than a word to search for.
    pub fn is_expression(text: &str) -> bool {
        text.contains(['(', '+', '*', '='])
    }

    /// Minimises what an expression says, live where that is possible.
    ///
    /// # Errors
    /// One sentence with the place and the nearest name.
    pub fn take_expression(&mut self, text: &str) -> Result<Vec<Command>, String> {
        let mut terms = expression::parse(text.trim()).map_err(|error| error.to_string())?;
        expression::resolve(&mut terms, self.snapshot.cast.classes);
        let by_instance = |term: &Term| term.objective.grouping(&term.knobs) == Grouping::Instance;
        let mut experiment = self.experiment.clone();
        let needs_views = terms.iter().any(by_instance) && experiment.views < 2;
        if needs_views {
            experiment.views = 2;
        }
        let printed = expression::print(&terms);
        experiment.objective = terms;
        self.row = 0;
        if needs_views {
            self.say(format!("{printed} compares views: restarted with 2 views of each instance"));
            return Ok(self.when_meant(Deed::Restart(Box::new(experiment), Some(Setting::Views))));
        }
        self.say(format!("now minimising {printed}"));
        Ok(self.change(experiment, true))
    }

    /// Sets the row of a name or symbol to a typed value.
    ///
    /// # Errors
    /// One sentence: no such row, or what its values may be.
    pub fn set_by_name(&mut self, name: &str, value: &str) -> Result<Vec<Command>, String> {
        let rows = self.rows();
        let wanted = plain(name);
        let found = rows
            .iter()
            .find(|row| plain(&row.name) == wanted)
            .or_else(|| rows.iter().find(|row| !row.symbol.is_empty() && (row.symbol == name.trim())));
        let Some(row) = found else {
            let names: Vec<String> = rows.iter().map(|row| plain(&row.name)).collect();
            let hint = did_you_mean(&wanted, names.iter().map(String::as_str));
            return Err(format!("nothing is called \"{}\" here{hint}", crate::data::printable(name.trim())));
        };
        let value = row.parse(value)?;
        let experiment = row.set(&self.experiment, value);
        let row = row.clone();
        Ok(self.set(&row, experiment))
    }

    /// Whether typed digits set the chosen row.
    fn takes_digits(&self) -> bool {
        self.focus == Pane::Params
            && self
                .rows()
                .get(self.row)
                .is_some_and(|row| matches!(row.values, Values::Number { .. }) && !self.locks(row))
    }

    /// Begins a number with a digit, where the chosen row takes one, and with the sign or the point pressed right before
    /// it; what that key did by itself was not meant.
    pub(super) fn begin_number(&mut self, key: &KeyEvent) -> Option<Vec<Command>> {
        let before = self.prefix.take();
        let KeyCode::Char(c) = key.code else { return None };
        if !self.takes_digits() {
            return None;
        }
        if matches!(c, '-' | '.') && key.modifiers.is_empty() {
            self.prefix = Some(Prefix { character: c, pace: self.snapshot.pace });
        }
        if !c.is_ascii_digit() {
            return None;
        }
        let Some(Prefix { character, pace }) = before else {
            self.entry = Some(Number::begun(c));
            return Some(Vec::new());
        };
        let mut number = Number::begun(character);
        number.take(c);
        self.entry = Some(number);
        self.said = None;
        Some(vec![Command::Ask(Request::Pace(pace))])
    }

    /// A key while a number is typed.
    pub(super) fn number_key(&mut self, key: &KeyEvent) -> Vec<Command> {
        let Some(number) = &mut self.entry else { return Vec::new() };
        match key.code {
            KeyCode::Esc => self.entry = None,
            KeyCode::Backspace => {
                number.selected = false;
                number.text.pop();
            }
            KeyCode::Char(c) if c.is_ascii_digit() || ".+-eE".contains(c) => number.take(c),
            KeyCode::Enter => {
                let Some(number) = self.entry.take() else { return Vec::new() };
                let rows = self.rows();
                let Some(row) = rows.get(self.row) else { return Vec::new() };
                if self.refuses(row) {
                    return Vec::new();
                }
                match row.parse(&number.text) {
                    Ok(value) => {
                        let experiment = row.set(&self.experiment, value);
                        return self.set(row, experiment);
                    }
                    Err(sentence) => self.wrong(sentence),
                }
            }
            // A letter is a slip of the finger: elsewhere it may quit or begin anew.
            KeyCode::Char(c) if c.is_alphabetic() => {
                self.wrong(format!("{c} is no part of a number: Enter sets it, Esc leaves it as it was"));
            }
            // Nothing that belongs to a number: it means what it means elsewhere, and nothing was typed.
            _ => {
                self.entry = None;
                return self.key(key);
            }
        }
        Vec::new()
    }
}
