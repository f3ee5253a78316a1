//! Lists that are searched by typing: objectives, and everything that can be done.

use std::sync::LazyLock;

use super::keys::{Action, Binding, KEYS, Scope};
use super::layout::Pane;
use super::look::Theme;
use super::settings::Values;
use super::{App, Colours, Command, Export, Number};
use crate::experiment::preset;
use crate::geometry::projection::PROJECTIONS;
use crate::lesson;
use crate::objectives::{OBJECTIVES, Objective};

/// Behind whatever has the text as it stands.
const WORD_BY_WORD: usize = 1000;

/// How well `text` is found in `words`: lower is better; `None` when it is not. Where the text does not stand in one of
/// them as it is, each of its own words may stand in another.
fn rank(text: &str, words: &[&str]) -> Option<usize> {
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return Some(0);
    }
    let words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let place = |text: &str| {
        let mut places = words.iter().enumerate();
        places.find_map(|(k, word)| word.find(text).map(|at| 10 * k + usize::from(at > 0)))
    };
    place(&text).or_else(|| {
        let sum = text.split_whitespace().map(place).sum::<Option<usize>>()?;
        Some(WORD_BY_WORD + sum)
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

/// Whether what a row of the key table does means something where the palette was opened.
fn means_something(app: &App, binding: &Binding) -> bool {
    !matches!(binding.action, Action::Back | Action::LeaveComparison | Action::Palette)
        && match binding.scope {
            // They steer the very list that would offer them.
            Scope::Lists => false,
            Scope::Anywhere => true,
            Scope::Lesson => app.lesson.is_some(),
            // To run beside itself is where a comparison begins.
            Scope::Comparison => app.compares(),
            Scope::In(pane) => pane == app.focus,
        }
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
    /// A projection, by its place in [`PROJECTIONS`].
    Project(usize),
    /// Something to write.
    Write(Export),
    /// A theme: its name and itself.
    Wear(&'static str, Theme),
}

/// Everything a text finds in the palette, best first: actions, objectives, what can be set, lessons, presets,
/// projections, what can be written, themes. Another registry joins by a variant of [`Entry`], a line here and an arm in [`App::take_entry`].
pub fn entries(app: &App, text: &str) -> Vec<Entry> {
    let mut found: Vec<(usize, Entry)> = Vec::new();
    for binding in KEYS.iter().filter(|binding| means_something(app, binding)) {
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
    for (k, kind) in PROJECTIONS.iter().enumerate() {
        found.extend(
            rank(text, &[kind.name, kind.description, "projection"]).map(|rank| (rank, Entry::Project(k))),
        );
    }
    for what in Export::offered(app.compares()) {
        let (name, about) = what.words();
        found.extend(
            rank(text, &[name, about, "export write save file"]).map(|rank| (rank, Entry::Write(what))),
        );
    }
    for (name, theme) in Theme::ALL {
        found.extend(
            rank(text, &[name, "theme colours", theme.words()]).map(|rank| (rank, Entry::Wear(name, theme))),
        );
    }
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, entry)| entry).collect()
}

impl App {
    /// Puts a theme on, until the lab is left; where the terminal shows no colours, says so.
    fn wear(&mut self, name: &str, theme: Theme) {
        if self.colours == Colours::Mono {
            self.wrong(
                "there are no colours here: this terminal has none, or they were turned off at the start",
            );
            return;
        }
        self.look.theme = theme;
        self.say(format!("theme {name}: --theme {name} or the configuration file keeps it"));
    }

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
            Entry::Project(chosen) => self.project_to(chosen),
            Entry::Write(what) => self.export(what),
            Entry::Wear(name, theme) => {
                self.wear(name, theme);
                Vec::new()
            }
            Entry::Set(row) => {
                self.focus_on(Pane::Params);
                self.row = row;
                // A number is typed at once; words are gone through by arrows.
                match self.rows().get(row) {
                    Some(row) if matches!(row.values, Values::Number { .. }) && !self.locks(row) => {
                        self.entry = Some(Number::of(row.value));
                    }
                    _ => {}
                }
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
    }

    #[test]
    fn a_text_of_several_words_is_found_word_by_word_behind_what_has_it_whole() {
        let whole = rank("curve loss", &["log axis", "of the curve losses"]);
        let by_words = rank("loss curve", &["log axis", "of the curve losses"]);
        assert_eq!((whole, by_words.is_some_and(|rank| rank > WORD_BY_WORD)), (Some(11), true));
        assert_eq!(rank("loss curve", &["loss"]), None);
    }
}
