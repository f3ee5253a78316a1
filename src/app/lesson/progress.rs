//! How far somebody got in each lesson, and its text: a line a lesson.

use std::collections::BTreeMap;

/// The page of each lesson that was begun; `None` for a finished one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress(BTreeMap<String, Option<usize>>);

impl Progress {
    /// Whether a lesson has been finished.
    pub fn finished(&self, name: &str) -> bool {
        self.0.get(name) == Some(&None)
    }

    /// The page to open a lesson on, from 0.
    pub fn page(&self, name: &str) -> usize {
        self.0.get(name).copied().flatten().unwrap_or(0)
    }

    /// Notes a page that was opened. A finished lesson stays finished.
    pub fn reach(&mut self, name: &str, page: usize) {
        if !self.finished(name) {
            self.0.insert(name.to_owned(), Some(page));
        }
    }

    /// Notes the end of a lesson.
    pub fn finish(&mut self, name: &str) {
        self.0.insert(name.to_owned(), None);
    }

    /// As text: `name = page` from 1, or `name = done`.
    pub fn print(&self) -> String {
        let line = |(name, page): (&String, &Option<usize>)| match page {
            Some(page) => format!("{name} = {}\n", page + 1),
            None => format!("{name} = done\n"),
        };
        self.0.iter().map(line).collect()
    }

    /// From text; lines that say nothing are left out.
    pub fn parse(text: &str) -> Self {
        let entry = |line: &str| {
            let (name, page) = line.split_once(" = ")?;
            let page = match page.trim() {
                "done" => None,
                page => Some(page.parse::<usize>().ok()?.saturating_sub(1)),
            };
            Some((name.trim().to_owned(), page))
        };
        Self(text.lines().take(1000).filter_map(entry).collect())
    }
}
