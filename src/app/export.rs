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
    /// Where rows lie on the circle or the sphere, class by class.
    Density,
    /// All runs side by side: the figure twice, and the numbers.
    Comparison,
}

impl Export {
    /// What can be written of one run, in the order of the menu.
    pub const ALL: [Self; 10] = [
        Self::Set,
        Self::Png,
        Self::Svg,
        Self::Gif,
        Self::Csv,
        Self::Json,
        Self::Npz,
        Self::Lab,
        Self::Paper,
        Self::Density,
    ];

    /// What the menu offers: of one run all but the figure of several; while runs go side by side that first, then
    /// what can be written of the one that has the focus. The panes as they stand are of one run.
    pub fn offered(compares: bool) -> Vec<Self> {
        let of_several = compares.then_some(Self::Comparison);
        of_several
            .into_iter()
            .chain(Self::ALL.into_iter().filter(|what| !compares || *what != Self::Lab))
            .collect()
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
            Self::Density => ("density", "rows on circle or sphere by class, PNG"),
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
            Self::Density => &["-density.png"],
            Self::Comparison => &["-compare.png", "-compare.svg", "-compare.json"],
        }
    }
}

impl App {
    /// The key of an entry of the menu: 1 to 9, then 0.
    pub fn digit(place: usize) -> Option<char> {
        char::from_digit(((place + 1) % 10) as u32, 10).filter(|_| place < 10)
    }

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
                let chosen = (0..offered.len()).find(|place| Self::digit(*place) == Some(c));
                if let Some(place) = chosen {
                    return self.export(offered[place]);
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
        if export == Export::Gif {
            (self.filming, self.filmed) = (true, 0.0);
        }
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
        press(&mut app, KeyCode::Char('x'));
        assert_eq!(press(&mut app, KeyCode::Char('0')), [Command::Export(Export::Density)]);
    }

    #[test]
    fn of_several_runs_their_figure_comes_first_and_the_panes_are_left_out() {
        let (one, several) = (Export::offered(false), Export::offered(true));
        assert_eq!(one, Export::ALL);
        assert_eq!(several[0], Export::Comparison);
        assert!(!several.contains(&Export::Lab) && one.contains(&Export::Lab));
        assert_eq!(several[1..], one.into_iter().filter(|what| *what != Export::Lab).collect::<Vec<_>>()[..]);
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
