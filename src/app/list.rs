//! Lists that are searched by typing: objectives, and everything that can be done.

use super::keys::{Action, Binding, KEYS};
use super::layout::Pane;
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
        !matches!(binding.action, Action::Back | Action::Palette)
            && match binding.scope {
                super::keys::Scope::Anywhere | super::keys::Scope::Lesson => true,
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
