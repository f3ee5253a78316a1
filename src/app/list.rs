//! Lists that are searched by typing: objectives, and everything that can be done.

use std::sync::LazyLock;

use super::keys::{Action, Binding, KEYS};
use super::layout::Pane;
use super::{App, Command};
use crate::experiment::preset;
use crate::lesson;
use crate::objectives::{OBJECTIVES, Objective};

/// How well `text` is found in `words`: lower is better; `None` when it is not.
fn rank(text: &str, words: &[&str]) -> Option<usize> {
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return Some(0);
    }
    words.iter().enumerate().find_map(|(k, word)| {
        let word = word.to_lowercase();
        word.find(&text).map(|at| 10 * k + usize::from(at > 0))
    })
}

/// The objectives a text finds, best first.
pub fn objectives(text: &str) -> Vec<&'static dyn Objective> {
    let mut found: Vec<(usize, &'static dyn Objective)> = OBJECTIVES
        .iter()
        .filter_map(|objective| {
            let about = objective.about();
            rank(text, &[objective.name(), about.title, about.effect, about.paper])
                .map(|rank| (rank, *objective))
        })
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, objective)| objective).collect()
}

/// The name nearest to a text that finds nothing.
pub fn nearest_objective(text: &str) -> &'static str {
    OBJECTIVES
        .iter()
        .map(|objective| objective.name())
        .min_by_key(|name| strsim::damerau_levenshtein(name, text))
        .unwrap_or("normface")
}

/// The bindings a text finds, best first; those that mean nothing in a palette are left out.
pub fn actions(text: &str, focus: Pane) -> Vec<&'static Binding> {
    let useful = |binding: &&Binding| {
        !matches!(binding.action, Action::Back | Action::LeaveComparison | Action::Palette)
            && match binding.scope {
                // They steer the very list that would offer them.
                super::keys::Scope::Lists => false,
                super::keys::Scope::Anywhere
                | super::keys::Scope::Lesson
                | super::keys::Scope::Comparison => true,
                super::keys::Scope::In(pane) => pane == focus,
            }
    };
    let mut found: Vec<(usize, &'static Binding)> = KEYS
        .iter()
        .filter(useful)
        .filter_map(|binding| rank(text, &[binding.label, binding.help]).map(|rank| (rank, binding)))
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, binding)| binding).collect()
}

/// Names and titles of all lessons, and of all presets: read once, since the palette looks at them in every frame.
static TITLES: LazyLock<[Vec<(String, String)>; 2]> = LazyLock::new(|| {
    [
        lesson::all().into_iter().map(|lesson| (lesson.name, lesson.title)).collect(),
        preset::all().into_iter().map(|preset| (preset.name.to_owned(), preset.title)).collect(),
    ]
});

/// What the palette finds.
#[derive(Clone, Copy)]
pub enum Entry {
    /// Something to do.
    Do(&'static Binding),
    /// Something to minimise.
    Minimise(&'static dyn Objective),
    /// A row of the params pane, by its place.
    Set(usize),
    /// A lesson: its name and title.
    Learn(&'static str, &'static str),
    /// A preset: its name and title.
    Load(&'static str, &'static str),
    /// The force law of an objective, laid over that of the run.
    Law(&'static dyn Objective),
}

/// Everything a text finds in the palette, best first: actions, objectives, what can be set, lessons, presets. Another
/// registry joins by a variant of [`Entry`], a line here and an arm in [`App::take_entry`].
pub fn entries(app: &App, text: &str) -> Vec<Entry> {
    let mut found: Vec<(usize, Entry)> = Vec::new();
    for binding in actions(text, app.focus) {
        found.extend(rank(text, &[binding.label, binding.help]).map(|rank| (rank, Entry::Do(binding))));
    }
    for objective in objectives(text) {
        let about = objective.about();
        let words = [objective.name(), about.title, about.effect, about.paper];
        found.extend(rank(text, &words).map(|rank| (rank, Entry::Minimise(objective))));
    }
    for (k, row) in app.rows().iter().enumerate() {
        found.extend(rank(text, &[&row.name, row.symbol]).map(|rank| (rank, Entry::Set(k))));
    }
    for (k, titles) in TITLES.iter().enumerate() {
        for (name, title) in titles {
            let entry = if k == 0 { Entry::Learn(name, title) } else { Entry::Load(name, title) };
            found.extend(rank(text, &[name, title]).map(|rank| (rank, entry)));
        }
    }
    for objective in OBJECTIVES {
        let law = format!("law of {}", objective.name());
        found.extend(rank(text, &[&law, "force law"]).map(|rank| (rank, Entry::Law(*objective))));
    }
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, entry)| entry).collect()
}

impl App {
    /// Does what an entry of the palette stands for.
    pub(super) fn take_entry(&mut self, entry: &Entry) -> Vec<Command> {
        match *entry {
            Entry::Do(binding) => self.act(binding.action),
            Entry::Minimise(objective) => self.put_objective(objective),
            Entry::Law(objective) => self.toggle_law(objective),
            Entry::Learn(name, _) => match lesson::find(name) {
                Ok(lesson) => self.open_lesson(lesson),
                Err(sentence) => {
                    self.wrong(sentence);
                    Vec::new()
                }
            },
            Entry::Load(name, _) => match preset::find(name) {
                Ok(preset) => self.load_preset(preset),
                Err(sentence) => {
                    self.wrong(sentence);
                    Vec::new()
                }
            },
            Entry::Set(row) => {
                self.focus_on(Pane::Params);
                self.row = row;
                Vec::new()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_before_words_in_sentences() {
        assert_eq!(objectives("NORM")[0].name(), "normface");
        assert_eq!(objectives("").len(), OBJECTIVES.len());
        assert!(objectives("nothing of the kind").is_empty());
        assert_eq!(nearest_objective("arcfase"), "arcface");
        assert_eq!(actions("export", Pane::View)[0].action, Action::Export);
    }
}
