//! Finding points, classes and pairs of classes by name or number.
//!
//! What is found is kept with the text, so that a frame costs nothing however many names there are.

use super::{App, Marked, Overlay, Search};
use crate::snapshot::Cast;

/// The most entries a list has.
const MOST: usize = 200;

/// A text typed to find something, and what it finds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finder {
    /// The text and the chosen entry.
    pub search: Search,
    /// What `sought` finds, best first.
    pub found: Vec<Found>,
    /// Whether there was more.
    pub more: bool,
    /// The text that was looked for last, and in which start.
    sought: Option<(String, u64)>,
}

/// Something that can be picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A row.
    Point(u32),
    /// A class or a pair of them.
    Classes(Marked),
}

/// How well a text is found in a word, lower is better: the whole word, its beginning, the beginning of one of its
/// parts, anywhere, or its letters one after the other with gaps. `text` is in small letters.
pub fn rank(text: &str, word: &str) -> Option<u32> {
    let same = |a: char, b: char| a == b || a.to_lowercase().eq(b.to_lowercase());
    let starts = |from: &str| {
        let mut letters = from.chars();
        text.chars().all(|c| letters.next().is_some_and(|l| same(l, c)))
    };
    if starts(word) {
        return Some(u32::from(word.chars().count() > text.chars().count()));
    }
    let mut before = ' ';
    let mut inside = None;
    for (at, c) in word.char_indices() {
        if starts(&word[at..]) {
            if !before.is_alphanumeric() {
                return Some(2);
            }
            inside = Some(3);
        }
        before = c;
    }
    if inside.is_some() {
        return inside;
    }
    let (mut gaps, mut begun, mut letters) = (0u32, false, text.chars().peekable());
    for c in word.chars() {
        match letters.peek() {
            Some(letter) if same(c, *letter) => {
                letters.next();
                begun = true;
            }
            Some(_) => gaps += u32::from(begun),
            None => break,
        }
    }
    letters.peek().is_none().then_some(10 + gaps)
}

/// What a text finds, best first, at most [`MOST`] of it, and whether there was more.
fn search(text: &str, cast: &Cast, rows: u32) -> (Vec<Found>, bool) {
    let text = text.trim().to_lowercase();
    let mut found: Vec<(u32, Found)> = Vec::new();
    if cast.labelled {
        found.extend(pairs(&text, cast));
        let classes = (0..cast.classes as u32).filter_map(|class| {
            rank_of_class(&text, class, cast).map(|rank| (rank, Found::Classes(Marked::Class(class))))
        });
        found.extend(classes);
    }
    let number = text.strip_prefix('#').unwrap_or(&text);
    let mut more = false;
    if !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()) {
        let (numbered, beyond) = numbered(number, rows);
        more |= beyond;
        found.extend(numbered.into_iter().map(|(rank, row)| (rank, Found::Point(row))));
    }
    match &cast.point_names {
        Some(names) => {
            let named = names.iter().take(rows as usize).zip(0u32..);
            found.extend(named.filter_map(|(name, row)| Some((rank(&text, name)?, Found::Point(row)))));
        }
        None if text.is_empty() => found.extend((0..rows.min(MOST as u32)).map(|row| (1, Found::Point(row)))),
        None => {}
    }
    more |= text.is_empty() && rows as usize > MOST;
    found.sort_by_key(|(rank, _)| *rank);
    let mut kept: Vec<Found> = Vec::new();
    for (_, entry) in found {
        if kept.len() == MOST {
            more = true;
            break;
        }
        if !kept.contains(&entry) {
            kept.push(entry);
        }
    }
    (kept, more)
}

/// The row of a number, and then those whose number begins with it.
fn numbered(number: &str, rows: u32) -> (Vec<(u32, u32)>, bool) {
    let Ok(exact) = number.parse::<u64>() else { return (Vec::new(), false) };
    let mut found = Vec::new();
    let (mut low, mut high, mut rank) = (exact, exact, 0);
    let begins_itself = number == exact.to_string();
    while low < u64::from(rows) {
        for row in low..=high.min(u64::from(rows) - 1) {
            if found.len() == MOST {
                return (found, true);
            }
            found.push((rank, row as u32));
        }
        if !begins_itself || exact == 0 {
            break;
        }
        (low, high, rank) = (10 * low, 10 * high + 9, 4);
    }
    (found, false)
}

/// By its name, its letter or its number.
fn rank_of_class(text: &str, class: u32, cast: &Cast) -> Option<u32> {
    let name = cast.label_names.as_ref().and_then(|names| names.get(class as usize));
    let word = text.strip_prefix("class ").unwrap_or(text);
    let by_name = name.and_then(|name| rank(word, name));
    let letter = crate::palette::letter(class as usize);
    let by_letter = (cast.classes <= 52 && name.is_none()).then(|| rank(word, &letter.to_string())).flatten();
    let by_number = (word == class.to_string()).then_some(1);
    by_name.into_iter().chain(by_letter).chain(by_number).min()
}

/// Two classes with a space, a hyphen or "and" between them.
fn pairs(text: &str, cast: &Cast) -> Vec<(u32, Found)> {
    let parts = [" and ", "-", "\u{2013}", " "].iter().find_map(|between| text.split_once(between));
    let Some((one, other)) = parts.map(|(a, b)| (a.trim(), b.trim())) else { return Vec::new() };
    if one.is_empty() || other.is_empty() {
        return Vec::new();
    }
    let best = |text: &str| {
        let ranked = |class| Some((rank_of_class(text, class, cast)?, class));
        (0..cast.classes as u32).filter_map(ranked).min()
    };
    match (best(one), best(other)) {
        (Some((a, k)), Some((b, l))) if k != l => vec![(a + b, Found::Classes(Marked::Pair(k, l)))],
        _ => Vec::new(),
    }
}

impl App {
    /// Opens the list with everything in it.
    pub(super) fn open_finder(&mut self) {
        self.overlay = Some(Overlay::Find(Finder::default()));
        self.found();
    }

    /// Looks for what was typed, if it has not been looked for yet; how many entries there are.
    pub(super) fn found(&mut self) -> usize {
        let (snapshot, generation) = (self.snapshot.clone(), self.snapshot.generation);
        let Some(Overlay::Find(finder)) = &mut self.overlay else { return 0 };
        let sought = Some((finder.search.text.clone(), generation));
        if finder.sought != sought {
            finder.sought = sought;
            let rows = u32::try_from(snapshot.points.rows).unwrap_or(u32::MAX);
            (finder.found, finder.more) = search(&finder.search.text, &snapshot.cast, rows);
        }
        finder.found.len()
    }

    /// Picks the chosen entry.
    pub(super) fn choose_found(&mut self, finder: Finder) {
        match finder.found.get(finder.search.at) {
            Some(Found::Point(row)) if (*row as usize) < self.snapshot.points.rows => self.pick_row(*row),
            Some(Found::Classes(marked)) => {
                self.mark(*marked);
                self.keep_marks_of_what_is_there();
            }
            _ => {
                self.wrong(format!("no point or class has \"{}\" in its name", finder.search.text.trim()));
                self.overlay = Some(Overlay::Find(finder));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cast(names: Option<&[&str]>, labels: Option<&[&str]>) -> Cast {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        Cast {
            labelled: true,
            classes: labels.map_or(4, <[&str]>::len),
            label_names: labels.map(texts),
            point_names: names.map(texts),
            ..Cast::default()
        }
    }

    #[test]
    fn a_whole_name_comes_before_a_part_and_a_part_before_scattered_letters() {
        let names = ["notebook", "book", "bookshop", "blue oak", "cook book", "obko"];
        let mut found: Vec<(Option<u32>, &str)> =
            names.iter().map(|name| (rank("book", name), *name)).collect();
        found.retain(|(rank, _)| rank.is_some());
        found.sort_by_key(|(rank, _)| *rank);
        let order: Vec<&str> = found.iter().map(|(_, name)| *name).collect();
        assert_eq!(order, ["book", "bookshop", "cook book", "notebook"]);
        assert_eq!(rank("bok", "Blue Oak"), Some(10 + 4 + 1));
        assert!(rank("ÉTÉ".to_lowercase().as_str(), "été").is_some());
    }

    #[test]
    fn rows_are_found_by_number_without_names() {
        let (found, more) = search("12", &cast(None, None), 1300);
        let rows: Vec<Found> = found.iter().take(4).copied().collect();
        assert_eq!(rows, [12, 120, 121, 122].map(Found::Point));
        assert!(found.contains(&Found::Point(1299)) && found.len() == 111 && !more, "{}", found.len());
        assert_eq!(search("#7", &cast(None, None), 9).0[0], Found::Point(7));
        assert!(search("99999999999999999999", &cast(None, None), 9).0.is_empty());
        assert_eq!(search("", &cast(None, None), 100_000).0.len(), MOST);
        assert!(search("1", &cast(None, None), 4_000_000).1);
    }

    #[test]
    fn classes_and_pairs_are_found_by_letter_name_and_number() {
        let plain = cast(None, None);
        assert_eq!(search("b", &plain, 9).0[0], Found::Classes(Marked::Class(1)));
        assert_eq!(search("a d", &plain, 9).0[0], Found::Classes(Marked::Pair(0, 3)));
        let named = cast(Some(&["img_0.png", "img_1.png"]), Some(&["cat", "dog", "caterpillar"]));
        assert_eq!(search("dog", &named, 2).0[0], Found::Classes(Marked::Class(1)));
        assert_eq!(search("cat-dog", &named, 2).0[0], Found::Classes(Marked::Pair(0, 1)));
        assert_eq!(search("img1", &named, 2).0[0], Found::Point(1));
        // A number is that row first, then that class.
        assert_eq!(search("1", &named, 2).0, [Found::Point(1), Found::Classes(Marked::Class(1))]);
    }
}
