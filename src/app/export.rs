//! What can be written from the lab, and the menu that offers it: `x` opens it, `x` again repeats the last choice.

use crossterm::event::{KeyCode, KeyEvent};

use super::{App, Command, Overlay};

/// Something that can be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Export {
    /// The view, the curve and the state: two pictures and an archive.
    #[default]
    Set,
    /// The view as pixels.
    Png,
    /// The view as vectors.
    Svg,
    /// The run from its start as a film.
    Gif,
    /// The curve as a table.
    Csv,
    /// The numbers.
    Json,
    /// The state, to be read again.
    Npz,
    /// All panes as they stand.
    Lab,
    /// Points, curve and cosines as panels for a paper.
    Paper,
    /// All runs side by side: the figure twice, and the numbers.
    Comparison,
}

impl Export {
    /// What can be written of one run, in the order of the menu.
    pub const ALL: [Self; 9] = [
        Self::Set,
        Self::Png,
        Self::Svg,
        Self::Gif,
        Self::Csv,
        Self::Json,
        Self::Npz,
        Self::Lab,
        Self::Paper,
    ];

    /// What can be written while runs go side by side: of all of them, then of the one that has the focus.
    pub const COMPARED: [Self; 9] = [
        Self::Comparison,
        Self::Set,
        Self::Png,
        Self::Svg,
        Self::Gif,
        Self::Csv,
        Self::Json,
        Self::Npz,
        Self::Paper,
    ];

    /// What the menu offers.
    pub const fn offered(compares: bool) -> &'static [Self] {
        if compares { &Self::COMPARED } else { &Self::ALL }
    }

    /// A word for the menu, and what is in it.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Set => ("the three", "view and curve as PNG, state as NPZ"),
            Self::Png => ("PNG", "the view, in pixels"),
            Self::Svg => ("SVG", "the view, in vectors"),
            Self::Gif => ("GIF", "a film of the run, made anew beside it"),
            Self::Csv => ("CSV", "the curve: step, loss, floor"),
            Self::Json => ("JSON", "the numbers of this moment"),
            Self::Npz => ("NPZ", "the state, for losslab and NumPy"),
            Self::Lab => ("the lab", "all panes as they stand, as PNG"),
            Self::Comparison => ("comparison", "all runs: PNG, SVG, numbers, strings"),
            Self::Paper => ("panels", "view, curve, cosines: a, b, c in SVG"),
        }
    }

    /// What the names of its files end in.
    pub const fn ends(self) -> &'static [&'static str] {
        match self {
            Self::Set => &[".png", "-curves.png", ".npz"],
            Self::Png => &[".png"],
            Self::Svg => &[".svg"],
            Self::Gif => &[".gif"],
            Self::Csv => &[".csv"],
            Self::Json => &[".json"],
            Self::Npz => &[".npz"],
            Self::Lab => &["-lab.png"],
            Self::Paper => &["-panels.svg"],
            Self::Comparison => &["-compare.png", "-compare.svg", "-compare.json"],
        }
    }
}

impl App {
    /// Opens the menu where it was left.
    pub(super) fn open_export_menu(&mut self) {
        let offered = Export::offered(self.compares());
        let last = offered.iter().position(|export| *export == self.exported).unwrap_or(0);
        self.overlay = Some(Overlay::Export(last));
    }

    /// A key while the menu is open.
    pub(super) fn export_key(&mut self, key: &KeyEvent) -> Vec<Command> {
        let offered = Export::offered(self.compares());
        let Some(Overlay::Export(at)) = &mut self.overlay else { return Vec::new() };
        match key.code {
            KeyCode::Up => *at = at.saturating_sub(1),
            KeyCode::Down => *at = (*at + 1).min(offered.len() - 1),
            KeyCode::Home => *at = 0,
            KeyCode::End => *at = offered.len() - 1,
            KeyCode::Enter => {
                let chosen = offered[(*at).min(offered.len() - 1)];
                return self.export(chosen);
            }
            KeyCode::Char('x') => {
                let last = offered.iter().find(|export| **export == self.exported);
                return self.export(*last.unwrap_or(&offered[0]));
            }
            KeyCode::Char(c) => {
                let number = c.to_digit(10).and_then(|digit| (digit as usize).checked_sub(1));
                if let Some(export) = number.and_then(|number| offered.get(number)) {
                    return self.export(*export);
                }
            }
            KeyCode::Esc => self.overlay = None,
            _ => {}
        }
        Vec::new()
    }

    /// Asks for something to be written.
    pub(super) fn export(&mut self, export: Export) -> Vec<Command> {
        self.overlay = None;
        if export == Export::Gif && self.filming {
            self.wrong("a film is being made already: Esc ends it");
            return Vec::new();
        }
        self.exported = export;
        self.filming |= export == Export::Gif;
        self.say(if export == Export::Gif {
            "filming the run from its start… Esc ends it"
        } else {
            "writing…"
        });
        vec![Command::Export(export)]
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crossterm::event::KeyModifiers;

    use super::*;
    use crate::app::Message;
    use crate::experiment::Experiment;
    use crate::simulation::Run;

    fn app() -> App {
        App::new(Arc::new(Run::new(&Experiment::default()).unwrap().snapshot()), (80, 24))
    }

    fn press(app: &mut App, code: KeyCode) -> Vec<Command> {
        app.update(Message::Key(KeyEvent::new(code, KeyModifiers::NONE)))
    }

    #[test]
    fn x_opens_the_menu_and_x_again_repeats_the_last_choice() {
        let mut app = app();
        assert!(press(&mut app, KeyCode::Char('x')).is_empty());
        assert_eq!(press(&mut app, KeyCode::Char('x')), [Command::Export(Export::Set)]);
        assert_eq!(app.overlay, None);
        press(&mut app, KeyCode::Char('x'));
        press(&mut app, KeyCode::Down);
        press(&mut app, KeyCode::Down);
        assert_eq!(press(&mut app, KeyCode::Enter), [Command::Export(Export::Svg)]);
        press(&mut app, KeyCode::Char('x'));
        assert_eq!(app.overlay, Some(Overlay::Export(2)));
        assert_eq!(press(&mut app, KeyCode::Char('x')), [Command::Export(Export::Svg)]);
        press(&mut app, KeyCode::Char('x'));
        assert_eq!(press(&mut app, KeyCode::Char('5')), [Command::Export(Export::Csv)]);
    }

    #[test]
    fn there_is_one_film_at_a_time_and_escape_ends_it() {
        let mut app = app();
        press(&mut app, KeyCode::Char('x'));
        assert_eq!(press(&mut app, KeyCode::Char('4')), [Command::Export(Export::Gif)]);
        press(&mut app, KeyCode::Char('x'));
        assert!(press(&mut app, KeyCode::Char('4')).is_empty());
        assert!(app.said.as_ref().is_some_and(|said| said.wrong));
        assert_eq!(press(&mut app, KeyCode::Esc), [Command::StopFilm]);
        app.filming = false;
        assert!(press(&mut app, KeyCode::Esc).is_empty());
    }
}
