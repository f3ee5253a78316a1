//! What a key means where it is pressed: in a list, in a number that is being typed, in a pane.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::app::find::Finder;
use crate::app::keys::Action;
use crate::app::{App, Command, Overlay, help, lesson, list, presets};

/// Longer texts are not typed.
const LONGEST_TEXT: usize = 200;

impl App {
    pub(in crate::app) fn key(&mut self, key: &KeyEvent) -> Vec<Command> {
        if key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c') {
            return vec![Command::Quit(false)];
        }
        // A complaint has been read when something else is done; Esc takes it away and nothing more.
        if key.code != KeyCode::Esc {
            self.said.take_if(|said| said.wrong);
        }
        if self.overlay.is_some() {
            return self.overlay_key(key);
        }
        if self.entry.is_some() {
            return self.number_key(key);
        }
        if let Some(commands) = self.lesson_key(key) {
            return commands;
        }
        if let Some(commands) = self.begin_number(key) {
            return commands;
        }
        match self.keymap.action(key, self.focus, self.compares()) {
            Some(action) => self.act(action),
            None => Vec::new(),
        }
    }

    /// Types a character into whatever takes text just now.
    pub(super) fn type_character(&mut self, c: char) {
        let text = match (&mut self.overlay, &mut self.entry) {
            (
                Some(
                    Overlay::Picker(search)
                    | Overlay::Palette(search)
                    | Overlay::Lessons(search)
                    | Overlay::Presets(search)
                    | Overlay::Find(Finder { search, .. }),
                ),
                _,
            ) => {
                search.at = 0;
                &mut search.text
            }
            (None, Some(entry)) => {
                entry.take(c);
                return;
            }
            (None, None) | (Some(_), _) => return,
        };
        if text.len() < LONGEST_TEXT {
            text.push(c);
        }
    }

    fn overlay_key(&mut self, key: &KeyEvent) -> Vec<Command> {
        let typed = self.overlay.as_mut().is_some_and(|overlay| overlay.search().is_some());
        let Some(code) = self.keymap.in_lists(key.code, typed) else { return Vec::new() };
        let key = &KeyEvent { code, ..*key };
        if let Some(Overlay::Branches(at)) = self.overlay {
            return self.branches_key(at, key);
        }
        if matches!(self.overlay, Some(Overlay::Export(_))) {
            return self.export_key(key);
        }
        if let Some(Overlay::Inspector(line)) = self.overlay {
            return self.inspector_key(line, key);
        }
        let page = help::page(self);
        let Some(overlay) = &mut self.overlay else { return Vec::new() };
        match (overlay, key.code) {
            // Who does not find it in the help searches for it.
            (Overlay::Help(_), KeyCode::Char(':')) => return self.act(Action::Palette),
            (_, KeyCode::Esc) | (Overlay::Branches(_) | Overlay::Export(_) | Overlay::Inspector(_), _) => {
                self.overlay = None;
            }
            (Overlay::Help(line) | Overlay::Warnings(line), code) => match code {
                KeyCode::Up => *line = line.saturating_sub(1),
                KeyCode::Down => *line = line.saturating_add(1).min(500),
                KeyCode::PageUp => *line = line.saturating_sub(page),
                KeyCode::PageDown => *line = line.saturating_add(page).min(500),
                KeyCode::Home => *line = 0,
                KeyCode::End => *line = usize::MAX,
                KeyCode::Char('q' | '?' | 'w' | ' ') | KeyCode::Enter | KeyCode::F(1) => self.overlay = None,
                _ => {}
            },
            (
                Overlay::Picker(search)
                | Overlay::Palette(search)
                | Overlay::Lessons(search)
                | Overlay::Presets(search)
                | Overlay::Find(Finder { search, .. }),
                code,
            ) => match code {
                KeyCode::Up => search.at = search.at.saturating_sub(1),
                KeyCode::Down => search.at = search.at.saturating_add(1).min(200),
                KeyCode::PageUp => search.at = search.at.saturating_sub(10),
                KeyCode::PageDown => search.at = search.at.saturating_add(10).min(200),
                KeyCode::Home => search.at = 0,
                KeyCode::End => search.at = 200,
                KeyCode::Backspace | KeyCode::Delete => {
                    search.text.pop();
                    search.at = 0;
                }
                KeyCode::Char(c) if !key.modifiers.contains(KeyModifiers::CONTROL) => self.type_character(c),
                KeyCode::Enter => return self.choose(),
                _ => {}
            },
        }
        self.clamp_search();
        Vec::new()
    }

    /// Keeps the chosen entry within what is found, and a text on its last screenful.
    pub(in crate::app) fn clamp_search(&mut self) {
        let found = match &self.overlay {
            Some(Overlay::Picker(search)) => list::objectives(&search.text).len(),
            Some(Overlay::Palette(search)) => list::entries(self, &search.text).len(),
            Some(Overlay::Lessons(search)) => lesson::lessons(&search.text).len(),
            Some(Overlay::Presets(search)) => presets::found(&search.text).len(),
            Some(Overlay::Find(_)) => self.found(),
            Some(Overlay::Help(_)) => {
                let last = help::last(self);
                if let Some(Overlay::Help(line)) = &mut self.overlay {
                    *line = (*line).min(last);
                }
                return;
            }
            _ => return,
        };
        if let Some(search) = self.overlay.as_mut().and_then(Overlay::search) {
            search.at = search.at.min(found.saturating_sub(1));
        }
    }

    pub(in crate::app) fn choose(&mut self) -> Vec<Command> {
        match self.overlay.take() {
            Some(Overlay::Picker(search)) if Self::is_expression(&search.text) => {
                match self.take_expression(&search.text) {
                    Ok(commands) => return commands,
                    Err(sentence) => self.wrong(sentence),
                }
                self.overlay = Some(Overlay::Picker(search));
            }
            Some(Overlay::Picker(search)) => {
                if let Some(objective) = list::objectives(&search.text).get(search.at) {
                    return self.put_objective(*objective);
                }
                let nearest = list::nearest_objective(search.text.trim());
                self.wrong(format!(
                    "no objective is called \"{}\": did you mean {nearest}?",
                    search.text.trim()
                ));
                self.overlay = Some(Overlay::Picker(search));
            }
            Some(Overlay::Palette(search)) => {
                if let Some(entry) = list::entries(self, &search.text).into_iter().nth(search.at) {
                    return self.take_entry(&entry);
                }
                self.wrong(format!("no command has \"{}\" in its name", search.text.trim()));
                self.overlay = Some(Overlay::Palette(search));
            }
            Some(Overlay::Lessons(search)) => return self.choose_lesson(search),
            Some(Overlay::Presets(search)) => return self.choose_preset(search),
            Some(Overlay::Find(finder)) => self.choose_found(finder),
            other => self.overlay = other,
        }
        Vec::new()
    }
}
