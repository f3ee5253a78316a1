//! The objective as a person writes it: `softmax + 0.1*opl(gamma=0.5)`, parsed strictly and printed back.
//!
//! A knob whose default is log C stands at NaN until the number of classes is known ([`resolve`]).

use super::nearest::did_you_mean;
use crate::objective::knobs::{Default as KnobDefault, Knob, Range};
use crate::objectives::{Knobs, OBJECTIVES, Objective, Term};

/// How many terms an objective may have.
pub const MOST_TERMS: usize = 64;

/// Why an expression was refused: one sentence with the place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} at column {column} of the objective{hint}")]
pub struct ExpressionError {
    /// What is wrong there.
    pub what: String,
    /// Where, in characters from 1.
    pub column: usize,
    /// What would be right, as the end of the sentence, or nothing.
    pub hint: String,
}

/// Parses an objective over the registry.
///
/// # Errors
/// [`ExpressionError`] at the first thing that is not `[weight *] name[(knob=value, ...)] + ...`, that no
/// objective or knob is called, or that a knob cannot be.
pub fn parse(text: &str) -> Result<Vec<Term>, ExpressionError> {
    parse_among(text, OBJECTIVES)
}

/// Parses an objective over objectives of one's own.
///
/// # Errors
/// As [`parse`].
pub fn parse_among(text: &str, objectives: &[&'static dyn Objective]) -> Result<Vec<Term>, ExpressionError> {
    let mut reader = Reader { text, at: 0, objectives };
    let mut terms = vec![reader.first_term()?];
    loop {
        reader.space();
        let start = reader.at;
        let sign = match reader.next() {
            None => return Ok(terms),
            Some('+') => 1.0,
            Some('-') => -1.0,
            Some(found) => {
                return Err(
                    reader.error_at(start, format!("{found:?} stands where + or - or the end should"))
                );
            }
        };
        if terms.len() == MOST_TERMS {
            return Err(reader.error_at(start, format!("there are more than {MOST_TERMS} terms")));
        }
        terms.push(reader.term(sign)?);
    }
}

/// Prints an objective so that [`parse`] gives the same terms: knobs at their defaults are left out.
pub fn print(terms: &[Term]) -> String {
    joined(terms, print_term)
}

/// The same with every number, those that nobody set too: `arcface(scale=8, margin=0.5)`.
pub fn print_in_full(terms: &[Term]) -> String {
    joined(terms, |term| term_with(term, true))
}

fn joined(terms: &[Term], print: impl Fn(&Term) -> String) -> String {
    let mut text = String::new();
    for (k, term) in terms.iter().enumerate() {
        let weight = if k == 0 {
            term.weight
        } else {
            text.push_str(if term.weight.is_sign_negative() { " - " } else { " + " });
            term.weight.abs()
        };
        if weight != 1.0 {
            text.push_str(&number(weight));
            text.push('*');
        }
        text.push_str(&print(term));
    }
    text
}

/// Prints one term without its weight: `arcface(scale=8)`.
pub fn print_term(term: &Term) -> String {
    term_with(term, false)
}

fn term_with(term: &Term, full: bool) -> String {
    let knobs = term.objective.knobs().iter().zip(term.knobs.0);
    let settings: Vec<String> = knobs
        .filter(|(knob, value)| match knob.default {
            KnobDefault::LogClasses => !value.is_nan(),
            KnobDefault::Number(_) if full => true,
            KnobDefault::Number(_) | KnobDefault::Choice(_) => *value != knob.default_value(1),
        })
        .map(|(knob, value)| match knob.range {
            Range::Choice(_) => format!("{}={}", knob.name, knob.show(value)),
            Range::Number { .. } => format!("{}={}", knob.name, number(value)),
        })
        .collect();
    let name = term.objective.name();
    if settings.is_empty() { name.to_owned() } else { format!("{name}({})", settings.join(", ")) }
}

/// The knobs of an objective that nobody set.
pub fn defaults(objective: &dyn Objective) -> Knobs {
    let mut knobs = Knobs::defaults(objective.knobs(), 1);
    for (value, knob) in knobs.0.iter_mut().zip(objective.knobs()) {
        if knob.default == KnobDefault::LogClasses {
            *value = f64::NAN;
        }
    }
    knobs
}

/// Fills in the knobs that wait for the number of classes.
pub fn resolve(terms: &mut [Term], classes: usize) {
    for term in terms {
        for (value, knob) in term.knobs.0.iter_mut().zip(term.objective.knobs()) {
            if value.is_nan() {
                *value = knob.default_value(classes);
            }
        }
    }
}

/// The shortest text that reads back as the same number.
fn number(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-5..1e16).contains(&size) { format!("{value:e}") } else { format!("{value}") }
}

struct Reader<'a> {
    text: &'a str,
    /// Bytes read so far.
    at: usize,
    objectives: &'a [&'static dyn Objective],
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.next();
        }
    }

    /// Takes `wanted` if it comes next, after spaces.
    fn takes(&mut self, wanted: char) -> bool {
        self.space();
        let found = self.peek() == Some(wanted);
        if found {
            self.next();
        }
        found
    }

    fn error_at(&self, at: usize, what: String) -> ExpressionError {
        let column = self.text[..at].chars().count() + 1;
        ExpressionError { what, column, hint: String::new() }
    }

    /// What stands at the place, for a message.
    fn found(&self) -> String {
        match self.peek() {
            None => "the objective ends".into(),
            Some(found) => format!("{found:?} stands"),
        }
    }

    fn expected(&self, what: &str) -> ExpressionError {
        self.error_at(self.at, format!("{} where {what} should be", self.found()))
    }

    fn first_term(&mut self) -> Result<Term, ExpressionError> {
        let sign = if self.takes('-') { -1.0 } else { 1.0 };
        self.term(sign)
    }

    /// `[weight *] name[(knob=value, ...)]`
    fn term(&mut self, sign: f64) -> Result<Term, ExpressionError> {
        self.space();
        let weight = if self.number_follows() {
            let weight = self.number()?;
            if !self.takes('*') {
                return Err(self.expected("the * after a weight"));
            }
            self.space();
            weight
        } else {
            1.0
        };
        let start = self.at;
        let name = self.word();
        if name.is_empty() {
            return Err(self.expected("the name of an objective"));
        }
        let found = self.objectives.iter().copied().find(|objective| objective.name() == name);
        let objective = found.ok_or_else(|| {
            let near = did_you_mean(&name, self.objectives.iter().map(|objective| objective.name()));
            let hint = if near.is_empty() { "; losslab list objectives shows them all".into() } else { near };
            ExpressionError { hint, ..self.error_at(start, format!("unknown objective \"{name}\"")) }
        })?;
        let mut knobs = defaults(objective);
        if self.takes('(') {
            self.settings(objective, &mut knobs)?;
        }
        Ok(Term { objective, weight: sign * weight, knobs })
    }

    /// `knob=value, ...)`
    fn settings(&mut self, objective: &dyn Objective, knobs: &mut Knobs) -> Result<(), ExpressionError> {
        let mut set: Vec<usize> = Vec::new();
        if self.takes(')') {
            return Ok(());
        }
        loop {
            self.space();
            let start = self.at;
            let name = self.word();
            if name.is_empty() {
                return Err(self.expected("the name of a knob"));
            }
            let known = objective.knobs();
            let place = known.iter().position(|knob| knob.name == name).ok_or_else(|| {
                let near = did_you_mean(&name, known.iter().map(|knob| knob.name));
                let names: Vec<&str> = known.iter().map(|knob| knob.name).collect();
                let hint = match (near.is_empty(), names.is_empty()) {
                    (false, _) => near,
                    (true, true) => "; it has none".into(),
                    (true, false) => format!("; it has {}", names.join(", ")),
                };
                let what = format!("{} has no knob \"{name}\"", objective.name());
                ExpressionError { hint, ..self.error_at(start, what) }
            })?;
            if set.contains(&place) {
                return Err(self.error_at(start, format!("{name} is set twice")));
            }
            set.push(place);
            if !self.takes('=') {
                return Err(self.expected(&format!("the = after {name}")));
            }
            self.space();
            knobs.0[place] = self.value(objective, &known[place])?;
            if self.takes(')') {
                return Ok(());
            }
            if !self.takes(',') {
                return Err(self.expected("a comma or )"));
            }
        }
    }

    fn value(&mut self, objective: &dyn Objective, knob: &Knob) -> Result<f64, ExpressionError> {
        let start = self.at;
        match knob.range {
            Range::Choice(words) => {
                let word = self.word();
                if word.is_empty() {
                    return Err(self.expected(&format!("one of {}", words.join(", "))));
                }
                knob.place(&word).map(|place| place as f64).ok_or_else(|| {
                    let mut hint = format!("; it is one of {}", words.join(", "));
                    hint.push_str(&did_you_mean(&word, words.iter().copied()));
                    let what = format!("{} of {} cannot be \"{word}\"", knob.name, objective.name());
                    ExpressionError { hint, ..self.error_at(start, what) }
                })
            }
            Range::Number { hard, .. } => {
                let value = self.number()?;
                if hard.allows(value) {
                    return Ok(value);
                }
                let what = format!("{} of {} cannot be {value}", knob.name, objective.name());
                Err(ExpressionError { hint: format!("; it must be {hard}"), ..self.error_at(start, what) })
            }
        }
    }

    fn number_follows(&self) -> bool {
        let digits = self.rest().trim_start_matches(['+', '-']);
        digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
    }

    /// A finite decimal number with an optional sign.
    fn number(&mut self) -> Result<f64, ExpressionError> {
        let start = self.at;
        if matches!(self.peek(), Some('+' | '-')) {
            self.next();
        }
        self.digits();
        if self.peek() == Some('.') {
            self.next();
            self.digits();
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            self.next();
            if matches!(self.peek(), Some('+' | '-')) {
                self.next();
            }
            self.digits();
        }
        let text = &self.text[start..self.at];
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            Ok(_) => Err(self.error_at(start, format!("{} is not a finite number", shortened(text)))),
            Err(_) => {
                self.at = start;
                Err(self.expected("a number"))
            }
        }
    }

    fn digits(&mut self) {
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.next();
        }
    }

    /// A name: letters, digits, `_`, and `-` where a letter follows, so that `a-0.5*b` is a difference.
    fn word(&mut self) -> String {
        let start = self.at;
        while let Some(c) = self.peek() {
            let joins = c == '-'
                && self.at > start
                && self.rest()[1..].starts_with(|next: char| next.is_ascii_alphabetic());
            let letter = c.is_ascii_alphabetic() || c == '_' || (c.is_ascii_digit() && self.at > start);
            if !(letter || joins) {
                break;
            }
            self.next();
        }
        shortened(&self.text[start..self.at])
    }
}

/// At most forty characters of a text that a message repeats.
fn shortened(text: &str) -> String {
    if text.len() <= 40 {
        text.to_owned()
    } else {
        format!("{}…", text.chars().take(39).collect::<String>())
    }
}

#[cfg(test)]
mod tests;
