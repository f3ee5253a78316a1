//! Lessons: pages that ask, run, measure and explain, as plain data read from TOML; `assets/lessons/README.md` has the
//! format. What a check may name stands in [`quantity`], the headless run of a lesson in [`trial`]; screens elsewhere.

pub mod expression;
pub mod quantity;
mod read;
pub mod trial;

use std::path::Path;

pub use expression::{Comparison, Outcome};
pub use read::parse;

use crate::experiment::Experiment;
use crate::experiment::file::{FileError, Mistake};
use crate::experiment::nearest::did_you_mean;
use crate::snapshot::Arrows;

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// Every lesson in its order: its name, and the text of its file.
        pub const LESSONS: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../assets/lessons/", $name, ".toml")))),*];
    };
}

files![
    "four-classes",
    "no-room",
    "floor",
    "right-angle",
    "margin",
    "why-so-high",
    "repel",
    "pull-without-push",
    "picture",
    "forces",
    "random-margins",
];

/// Words a page may have.
pub const MOST_WORDS: usize = 40;
/// Steps between two looks at a check in a headless run.
pub const LOOK_EVERY: u64 = 20;

/// A lesson.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesson {
    /// Its name on the command line.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Where to go from here.
    pub next: String,
    /// Its pages; never none.
    pub pages: Vec<Page>,
}

/// A page.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// What it says.
    pub text: String,
    /// What helps.
    pub hint: String,
    /// What to say once the prediction is made and the check has come true.
    pub explain: String,
    /// What to ask first.
    pub predict: Option<Predict>,
    /// What runs; the runs of a comparison by name, else one without a name.
    pub runs: Vec<(String, Experiment)>,
    /// Whether the page begins anew; else it goes on from the page before.
    pub restart: bool,
    /// What changes at which step of the page.
    pub at: Vec<(u64, Experiment)>,
    /// What may be changed on it: option and knob names; `None` for everything.
    pub allow: Option<Vec<String>>,
    /// What may not be changed on it.
    pub lock: Vec<String>,
    /// The projection to look through, by place.
    pub projection: Option<usize>,
    /// Which forces are shown.
    pub forces: Arrows,
    /// What must come true.
    pub check: Option<Check>,
}

impl Lesson {
    /// The same with every text that a person reads gone through: the lab puts keys where an action is named.
    #[must_use]
    pub fn told(mut self, tell: impl Fn(&str) -> String) -> Self {
        self.next = tell(&self.next);
        for page in &mut self.pages {
            for text in [&mut page.text, &mut page.hint, &mut page.explain] {
                *text = tell(text);
            }
            for option in page.predict.iter_mut().flat_map(|predict| &mut predict.options) {
                *option = tell(option);
            }
        }
        self
    }
}

/// A prediction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Predict {
    /// The answers, a, b, c, …
    pub options: Vec<String>,
    /// The place of the right one.
    pub answer: usize,
}

/// A taught fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// The line it stands on.
    pub line: usize,
    /// Its text.
    pub text: String,
    /// The fact in words.
    pub says: String,
    /// The comparisons that must all hold.
    pub claims: Vec<Comparison>,
    /// Steps of the page before it counts.
    pub after: u64,
    /// Steps of the page until which it must hold.
    pub steps: u64,
    /// Settings under which it must not hold; empty where none are named.
    pub fails_with: Vec<(String, Experiment)>,
}

impl Check {
    /// How every claim stands.
    pub fn outcomes(&self, look: expression::Lookup<'_>) -> Vec<Outcome> {
        self.claims.iter().map(|claim| claim.outcome(look)).collect()
    }

    /// Every quantity it names, once.
    pub fn names(&self) -> Vec<(Option<String>, String)> {
        let mut all: Vec<(Option<String>, String)> = Vec::new();
        for claim in &self.claims {
            claim.names(&mut |run, name| {
                let entry = (run.map(str::to_owned), name.to_owned());
                if !all.contains(&entry) {
                    all.push(entry);
                }
            });
        }
        all
    }
}

impl Page {
    /// Whether a setting of this name may be changed.
    pub fn allows(&self, name: &str) -> bool {
        let listed = |list: &[String]| list.iter().any(|known| known == name);
        self.allow.as_ref().is_none_or(|allow| listed(allow)) && !listed(&self.lock)
    }
}

/// The bundled lesson of this name or number, read.
///
/// # Errors
/// One sentence with the nearest name when there is none of this name.
pub fn find(name: &str) -> Result<Lesson, String> {
    let number = name.parse::<usize>().ok().and_then(|number| LESSONS.get(number.wrapping_sub(1)));
    let Some((name, text)) = number.or_else(|| LESSONS.iter().find(|(known, _)| *known == name)) else {
        let near = did_you_mean(name, LESSONS.iter().map(|(known, _)| *known));
        return Err(format!("there is no lesson \"{}\"{near}", crate::data::printable(name)));
    };
    parse(name, text).map_err(|error| error.to_string())
}

/// All bundled lessons in their order.
pub fn all() -> Vec<Lesson> {
    LESSONS.iter().filter_map(|(name, text)| parse(name, text).ok()).collect()
}

/// Reads a lesson of somebody's own.
///
/// # Errors
/// [`FileError`] with every mistake and its line.
pub fn read(path: &Path) -> Result<Lesson, FileError> {
    let whole = |sentence: String| FileError {
        path: Some(path.to_owned()),
        mistakes: vec![Mistake { line: None, sentence }],
    };
    let text = std::fs::read(path).map_err(|error| whole(crate::data::plain_io(&error)))?;
    let text = String::from_utf8(text).map_err(|_| whole("this is not text (UTF-8)".into()))?;
    let name = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    parse(&name, &text).map_err(|error| FileError { path: Some(path.to_owned()), ..error })
}
