//! Reading a lesson: strict, every mistake with its line, the nearest right name where there is one.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Check, Lesson, MOST_WORDS, Page, Predict, expression, quantity};
use crate::data::printable;
use crate::experiment::file::{FileError, Mistake, line_at, one_line};
use crate::experiment::nearest::did_you_mean;
use crate::experiment::{Experiment, Options, faults};
use crate::geometry::projection::PROJECTIONS;
use crate::objectives::{OBJECTIVES, Range};
use crate::snapshot::Arrows;

const OF_LESSON: [&str; 5] = ["title", "next", "run", "runs", "page"];
const OF_PAGE: [&str; 17] = [
    "text",
    "hint",
    "explain",
    "predict",
    "set",
    "restart",
    "at",
    "compare",
    "allow",
    "lock",
    "projection",
    "forces",
    "check",
    "says",
    "after",
    "steps",
    "fails-with",
];
/// Steps in which a check must come true unless a number is given.
const STEPS: u64 = 1000;
/// More steps than a page can ask for.
const MOST_STEPS: u64 = 1_000_000;

type Value<'a> = Spanned<DeValue<'a>>;

/// Reads the text of a lesson.
///
/// # Errors
/// [`FileError`] with every mistake in the text.
pub fn parse(name: &str, text: &str) -> Result<Lesson, FileError> {
    let refused = |mistakes| FileError { path: Some(format!("{name}.toml").into()), mistakes };
    let table = DeTable::parse(text).map_err(|error| {
        let line = error.span().and_then(|span| line_at(text, span.start));
        refused(vec![Mistake { line, sentence: one_line(error.message()) }])
    })?;
    let mut reader = Reader { text, mistakes: Vec::new() };
    let lesson = reader.lesson(name, table.get_ref());
    reader.mistakes.sort_by_key(|mistake| mistake.line);
    reader.mistakes.dedup();
    if reader.mistakes.is_empty() { Ok(lesson) } else { Err(refused(reader.mistakes)) }
}

struct Reader<'a> {
    text: &'a str,
    mistakes: Vec<Mistake>,
}

/// A table and the line it begins on.
#[derive(Clone, Copy)]
struct Place<'a, 'b> {
    table: &'b DeTable<'a>,
    line: Option<usize>,
}

impl<'a> Place<'a, '_> {
    fn get(&self, key: &str) -> Option<&Value<'a>> {
        self.table.get(key)
    }
}

impl Reader<'_> {
    fn wrong(&mut self, line: Option<usize>, sentence: impl Into<String>) {
        self.mistakes.push(Mistake { line, sentence: sentence.into() });
    }

    fn line(&self, value: &Value<'_>) -> Option<usize> {
        line_at(self.text, value.span().start)
    }

    fn known(&mut self, place: Place<'_, '_>, known: &[&str]) {
        for (key, _) in place.table {
            if !known.contains(&key.get_ref().as_ref()) {
                let near = did_you_mean(key.get_ref(), known.iter().copied());
                let line = line_at(self.text, key.span().start);
                self.wrong(line, format!("unknown key \"{}\"{near}", printable(key.get_ref())));
            }
        }
    }

    fn words(&mut self, place: Place<'_, '_>, key: &str) -> Option<String> {
        let value = place.get(key)?;
        let words =
            value.get_ref().as_str().map(|words| words.split_whitespace().collect::<Vec<_>>().join(" "));
        if words.is_none() {
            self.wrong(self.line(value), format!("{key} must be text in quotes"));
        }
        words
    }

    fn whole(&mut self, place: Place<'_, '_>, key: &str) -> Option<u64> {
        let value = place.get(key)?;
        let number = self.text[value.span()].trim().replace('_', "").parse::<u64>().ok();
        let number = number.filter(|number| *number <= MOST_STEPS);
        if number.is_none() {
            self.wrong(self.line(value), format!("{key} must be a whole number up to {MOST_STEPS}"));
        }
        number
    }

    fn flag(&mut self, place: Place<'_, '_>, key: &str) -> bool {
        let Some(value) = place.get(key) else { return false };
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong(self.line(value), format!("{key} must be true or false"));
        }
        flag.unwrap_or(false)
    }

    /// Which forces a page shows: true for the net ones, or the name of others.
    fn arrows(&mut self, place: Place<'_, '_>) -> Arrows {
        let Some(value) = place.get("forces") else { return Arrows::Off };
        let (flag, name) = (value.get_ref().as_bool(), value.get_ref().as_str());
        let found = match (flag, name) {
            (Some(shown), _) => Some(if shown { Arrows::Net } else { Arrows::Off }),
            (None, name) => name.and_then(Arrows::of_name),
        };
        if found.is_none() {
            let near = did_you_mean(name.unwrap_or_default(), Arrows::ALL.map(Arrows::name));
            self.wrong(self.line(value), format!("forces must be true, false or the name of arrows{near}"));
        }
        found.unwrap_or_default()
    }

    fn list(&mut self, place: Place<'_, '_>, key: &str) -> Option<Vec<(String, Option<usize>)>> {
        let value = place.get(key)?;
        let entries = value.get_ref().as_array().map(|array| {
            array
                .iter()
                .map(|entry| entry.get_ref().as_str().map(|word| (word.to_owned(), self.line(entry))))
                .collect()
        });
        let entries: Option<Option<Vec<_>>> = entries;
        let entries = entries.flatten();
        if entries.is_none() {
            self.wrong(self.line(value), format!("{key} must be a list of words in quotes"));
        }
        entries
    }

    fn lesson(&mut self, name: &str, table: &DeTable<'_>) -> Lesson {
        let top = Place { table, line: Some(1) };
        self.known(top, &OF_LESSON);
        let title = self.words(top, "title").unwrap_or_default();
        if title.is_empty() {
            self.wrong(Some(1), "a lesson needs a title");
        }
        let next = self.words(top, "next").unwrap_or_default();
        let mut base = Experiment::default();
        if let Some(run) = table.get("run") {
            base = self.changed(&base, run, true);
        }
        let mut runs: Vec<(String, Experiment)> = Vec::new();
        if let Some(value) = table.get("runs") {
            match value.get_ref().as_table() {
                Some(named) => {
                    for (key, run) in named {
                        runs.push((key.get_ref().to_string(), self.changed(&base, run, true)));
                    }
                }
                None => self.wrong(self.line(value), "runs must be tables: [runs.NAME]"),
            }
        }
        let mut pages = Vec::new();
        let mut now = base;
        let entries = table.get("page").and_then(|value| value.get_ref().as_array());
        for entry in entries.into_iter().flatten() {
            match entry.get_ref().as_table() {
                Some(table) => {
                    let place = Place { table, line: self.line(entry) };
                    pages.push(self.page(place, &mut now, &runs, pages.is_empty()));
                }
                None => self.wrong(self.line(entry), "a page must be a table: [[page]]"),
            }
        }
        if pages.is_empty() {
            self.wrong(None, "a lesson needs pages: [[page]]");
        }
        let tested = pages.iter().filter_map(|page| page.check.as_ref());
        let (mut checks, mut refuted) = (0, false);
        for check in tested {
            checks += 1;
            refuted |= !check.fails_with.is_empty();
        }
        if checks == 0 {
            self.wrong(None, "a lesson needs a check: nothing is taught that is not measured");
        } else if !refuted {
            self.wrong(
                None,
                "a lesson needs one check with fails-with: settings under which it must be false",
            );
        }
        Lesson { name: name.to_owned(), title, next, pages }
    }

    fn page(
        &mut self,
        place: Place<'_, '_>,
        now: &mut Experiment,
        named: &[(String, Experiment)],
        first: bool,
    ) -> Page {
        self.known(place, &OF_PAGE);
        let text = self.words(place, "text").unwrap_or_default();
        if text.is_empty() {
            self.wrong(place.line, "a page needs text");
        }
        for key in ["text", "explain", "hint"] {
            let words =
                place.get(key).and_then(|v| v.get_ref().as_str()).map_or(0, |w| w.split_whitespace().count());
            if words > MOST_WORDS {
                let line = place.get(key).and_then(|value| self.line(value));
                self.wrong(line, format!("{key} has {words} words; {MOST_WORDS} are enough for a page"));
            }
        }
        let before = now.clone();
        if let Some(set) = place.get("set") {
            *now = self.changed(now, set, false);
        }
        let mut runs = vec![(String::new(), now.clone())];
        if let Some(wanted) = self.list(place, "compare") {
            runs.clear();
            for (name, line) in wanted {
                if let Some(run) = named.iter().find(|(known, _)| *known == name) {
                    runs.push(run.clone());
                } else {
                    let near = did_you_mean(&name, named.iter().map(|(known, _)| known.as_str()));
                    self.wrong(line, format!("there is no [runs.{}]{near}", printable(&name)));
                }
            }
            if let Some((_, last)) = runs.last() {
                now.clone_from(last);
            }
        }
        let restart =
            self.flag(place, "restart") || first || place.get("compare").is_some() || !goes_on(&before, now);
        let mut at = Vec::new();
        if let Some(value) = place.get("at") {
            for entry in value.get_ref().as_array().into_iter().flatten() {
                let Some(table) = entry.get_ref().as_table() else { continue };
                let within = Place { table, line: self.line(entry) };
                self.known(within, &["step", "set"]);
                if let (Some(step), Some(set)) = (self.whole(within, "step"), table.get("set")) {
                    let changed = self.changed(now, set, false);
                    if !goes_on(now, &changed) {
                        self.wrong(within.line, "what changes at a step must not need other data");
                    }
                    now.clone_from(&changed);
                    at.push((step, changed));
                } else {
                    self.wrong(within.line, "an entry of at needs a step and a set");
                }
            }
        }
        let predict = self.predict(place);
        let allow = self.names(place, "allow");
        let lock = self.names(place, "lock").unwrap_or_default();
        let projection = self.words(place, "projection").and_then(|name| {
            let found = PROJECTIONS.iter().position(|kind| kind.name == name);
            if found.is_none() {
                let near = did_you_mean(&name, PROJECTIONS.iter().map(|kind| kind.name));
                let line = place.get("projection").and_then(|value| self.line(value));
                self.wrong(line, format!("unknown projection \"{}\"{near}", printable(&name)));
            }
            found
        });
        let check = self.check(place, &runs);
        Page {
            text,
            hint: self.words(place, "hint").unwrap_or_default(),
            explain: self.words(place, "explain").unwrap_or_default(),
            predict,
            runs,
            restart,
            at,
            allow,
            lock,
            projection,
            forces: self.arrows(place),
            check,
        }
    }

    fn predict(&mut self, place: Place<'_, '_>) -> Option<Predict> {
        let value = place.get("predict")?;
        let line = self.line(value);
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(line, "predict must be a table with options and answer");
            return None;
        };
        let within = Place { table, line };
        self.known(within, &["options", "answer"]);
        let options: Vec<String> =
            self.list(within, "options").unwrap_or_default().into_iter().map(|(word, _)| word).collect();
        if !(2..=4).contains(&options.len()) {
            self.wrong(line, "predict needs two to four options");
        }
        let answer = self.words(within, "answer").unwrap_or_default();
        let letters = ["a", "b", "c", "d"];
        let place = letters.iter().take(options.len()).position(|letter| *letter == answer);
        if place.is_none() {
            self.wrong(
                line,
                format!("answer must be the letter of an option, not \"{}\"", printable(&answer)),
            );
        }
        Some(Predict { options, answer: place.unwrap_or(0) })
    }

    fn check(&mut self, place: Place<'_, '_>, runs: &[(String, Experiment)]) -> Option<Check> {
        let Some(value) = place.get("check") else {
            for key in ["says", "after", "steps", "fails-with"] {
                if let Some(lost) = place.get(key) {
                    self.wrong(self.line(lost), format!("{key} belongs to a check, and the page has none"));
                }
            }
            return None;
        };
        let line = self.line(value);
        let text = self.words(place, "check")?;
        let claims = match expression::parse(&text) {
            Ok(claims) => claims,
            Err(sentence) => {
                self.wrong(line, sentence);
                return None;
            }
        };
        let steps = self.whole(place, "steps").unwrap_or(STEPS);
        let after = self.whole(place, "after").unwrap_or(0);
        if after > steps {
            self.wrong(line, format!("after is {after}, but the check must hold within {steps} steps"));
        }
        let says = self.words(place, "says").unwrap_or_else(|| text.clone());
        let mut check =
            Check { line: line.unwrap_or(1), text, says, claims, after, steps, fails_with: Vec::new() };
        for (run, name) in check.names() {
            if let Err(sentence) = quantity::check_name(&name) {
                self.wrong(line, sentence);
            }
            let known = runs.iter().any(|(known, _)| known.as_str() == run.as_deref().unwrap_or_default());
            if !known {
                let (of, names) = (run.unwrap_or_default(), runs.iter().map(|(known, _)| known.as_str()));
                let near = did_you_mean(&of, names.clone());
                let names = names.collect::<Vec<_>>().join(", ");
                self.wrong(
                    line,
                    if of.is_empty() {
                        format!("{name} is of one of the runs {names}: write RUN.{name}")
                    } else {
                        format!("the page has no run \"{of}\"{near}")
                    },
                );
            }
        }
        if let Some(value) = place.get("fails-with") {
            // Either settings for every run, or tables of them by the name of a run.
            let table = value.get_ref().as_table();
            let by_run =
                |name: &str| table.and_then(|table| table.get(name)).filter(|v| v.get_ref().is_table());
            let named = runs.iter().any(|(name, _)| by_run(name).is_some());
            for (name, run) in runs {
                let other = match by_run(name) {
                    Some(own) => self.changed(run, own, false),
                    None if named => run.clone(),
                    None => self.changed(run, value, false),
                };
                check.fails_with.push((name.clone(), other));
            }
        }
        Some(check)
    }

    /// Names of options and knobs.
    fn names(&mut self, place: Place<'_, '_>, key: &str) -> Option<Vec<String>> {
        let mut known = Options::names();
        known.push("weight".into());
        known.extend(OBJECTIVES.iter().flat_map(|o| o.knobs()).map(|knob| knob.name.to_owned()));
        let listed = self.list(place, key)?;
        for (name, line) in &listed {
            if !known.contains(name) {
                let near = did_you_mean(name, known.iter().map(String::as_str));
                self.wrong(*line, format!("nothing that can be set is called \"{}\"{near}", printable(name)));
            }
        }
        Some(listed.into_iter().map(|(name, _)| name).collect())
    }

    /// The experiment with what a table sets: options, and knobs of its objective by name. `whole` for a table that
    /// describes a run.
    fn changed(&mut self, experiment: &Experiment, value: &Value<'_>, whole: bool) -> Experiment {
        let mut new = experiment.clone();
        let line = self.line(value);
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(line, "this must be a table of settings");
            return new;
        };
        let known = Options::names();
        let mut entries: Vec<_> = table.iter().collect();
        // The objective comes first: the others may be its knobs.
        entries.sort_by_key(|(key, _)| (key.get_ref().as_ref() != "objective", key.span().start));
        for (key, value) in entries {
            let line = line_at(self.text, key.span().start);
            let name = key.get_ref().replace('_', "-");
            if known.contains(&name) {
                let source = &self.text[value.span()];
                match toml::from_str::<Options>(&format!("{name} = {source}\n")) {
                    Ok(options) => {
                        for fault in options.apply(&mut new) {
                            self.wrong(line, fault.sentence);
                        }
                    }
                    Err(error) => self.wrong(line, format!("{name}: {}", one_line(error.message()))),
                }
            } else if whole || !self.knob(&mut new, key.get_ref(), value) {
                let knobs =
                    new.objective.iter().flat_map(|term| term.objective.knobs()).map(|knob| knob.name);
                let near = did_you_mean(key.get_ref(), known.iter().map(String::as_str).chain(knobs));
                self.wrong(line, format!("nothing here is called \"{}\"{near}", printable(key.get_ref())));
            }
        }
        for fault in faults(&new) {
            self.wrong(line, fault.sentence);
        }
        new
    }

    fn knob(&mut self, experiment: &mut Experiment, name: &str, value: &Value<'_>) -> bool {
        let line = self.line(value);
        let source = self.text[value.span()].trim().replace('_', "");
        for term in &mut experiment.objective {
            let Some(place) = term.objective.knobs().iter().position(|knob| knob.name == name) else {
                continue;
            };
            let knob = &term.objective.knobs()[place];
            let number = match knob.range {
                Range::Number { hard, .. } => source.parse().ok().filter(|x| hard.allows(*x)),
                Range::Choice(_) => {
                    value.get_ref().as_str().and_then(|word| knob.place(word)).map(|at| at as f64)
                }
            };
            match number {
                Some(number) => term.knobs.0[place] = number,
                None => self.wrong(line, format!("{name} cannot be {}", printable(&source))),
            }
            return true;
        }
        false
    }
}

/// Whether one experiment can become the other while it runs.
fn goes_on(before: &Experiment, after: &Experiment) -> bool {
    before.with_numbers_of(after) == *after
}
