//! The terminal as the environment describes it, and lines that show whether its font has the glyphs.

use super::on_terminal;
use crate::palette::COLOURS;
use crate::terminal::{Capabilities, ColourMode, Glyphs, capabilities, fit_for_a_screen};
use std::fmt::Write as _;

/// What is known of the terminal.
pub(super) struct Surroundings {
    /// Each variable that matters and is set.
    variables: Vec<(&'static str, String)>,
    /// Columns and rows, where stdout is a terminal.
    size: Option<(u16, u16)>,
    /// Whether stdout is a terminal: only then are there colours.
    terminal: bool,
    decided: Capabilities,
}

/// Everything that decisions are made from.
const VARIABLES: [&str; 6] = ["TERM", "COLORTERM", "NO_COLOR", "LC_ALL", "LC_CTYPE", "LANG"];

impl Surroundings {
    /// The surroundings of this process.
    pub(super) fn of_process() -> Self {
        let terminal = on_terminal();
        let size = terminal.then(|| rustix::termios::tcgetwinsize(std::io::stdout()).ok()).flatten();
        Self::new(|name| std::env::var(name).ok(), size.map(|s| (s.ws_col, s.ws_row)), terminal)
    }

    fn new(env: impl Fn(&str) -> Option<String>, size: Option<(u16, u16)>, terminal: bool) -> Self {
        let set = |name| Some((name, env(name).filter(|value| !value.is_empty())?));
        let variables = VARIABLES.into_iter().filter_map(set).collect();
        Self { variables, size, terminal, decided: capabilities(env) }
    }

    fn variable(&self, name: &str) -> Option<&str> {
        self.variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// Names and values.
    pub(super) fn facts(&self) -> Vec<(&'static str, String)> {
        let shown = |name: &str| self.variable(name).map_or("not set".to_owned(), crate::data::printable);
        let size = match self.size {
            Some((columns, rows)) if columns < 60 || rows < 18 => {
                format!("{columns}×{rows}: the lab needs 60×18")
            }
            Some((columns, rows)) => format!("{columns}×{rows}"),
            None => "unknown: stdout is not a terminal".to_owned(),
        };
        let screen = match fit_for_a_screen(self.variable("TERM")) {
            Ok(()) => "can be drawn".to_owned(),
            Err(unfit) => unfit.to_string(),
        };
        let colour = match self.decided.colour {
            ColourMode::Mono => "none",
            ColourMode::Sixteen | ColourMode::Auto => "the terminal's own 16",
            ColourMode::Indexed => "256",
            ColourMode::TrueColour => "24 bit",
        };
        let locale =
            ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| Some((name, self.variable(name)?)));
        let locale = locale.map_or("not set; UTF-8 is assumed".to_owned(), |(name, value)| {
            format!("{} (from {name})", crate::data::printable(value))
        });
        let glyphs = match self.decided.glyphs {
            Glyphs::Braille => "braille",
            Glyphs::HalfBlock => "half blocks",
            Glyphs::Ascii => "ASCII",
        };
        vec![
            ("size", size),
            ("TERM", shown("TERM")),
            ("COLORTERM", shown("COLORTERM")),
            ("NO_COLOR", shown("NO_COLOR")),
            ("locale", locale),
            ("screen", screen),
            ("colours", colour.to_owned()),
            ("glyphs", format!("{glyphs} would be used")),
            ("mouse", "asked for in the lab only; hold Shift to select text".to_owned()),
        ]
    }

    /// Lines of glyphs: a font that has them shows what the words say.
    pub(super) fn glyphs(&self) -> String {
        let mut text = "  A line that shows boxes or gaps is not in this font:\n".to_owned();
        let lines = [
            ("braille", "⠁⠃⠇⡇⣇⣧⣷⣿⣾⣼⣸⢸⠸⠘⠈  ⣀⣤⣶⣿⠿⠛⠉", "rising, falling, filling"),
            ("half blocks", "▀▄█ ▀▄█ ▀▄█ ▀▄█", "upper, lower, full"),
            (
                "octants",
                "\u{1cd00}\u{1cd01}\u{1cd02}\u{1cd03}\u{1cd04}\u{1cd05}\u{1cd06}\u{1cd07}",
                "eighths of a cell (Unicode 16)",
            ),
            ("ASCII", "o x + * # ^ . : - = @", "always there"),
        ];
        for (name, glyphs, meaning) in lines {
            let _ = writeln!(text, "    {name:14}{glyphs}   {meaning}");
        }
        let _ = write!(text, "    {:14}", "colours");
        for colour in COLOURS {
            text.push_str(&self.swatch(colour.on_dark, colour.name));
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    }

    /// A colour's name in its colour, plain where no colour may be sent.
    fn swatch(&self, (r, g, b): (u8, u8, u8), name: &str) -> String {
        let short = name.split(' ').next_back().unwrap_or(name);
        let code = match self.decided.colour {
            _ if !self.terminal => return format!("{short} "),
            ColourMode::Mono => return format!("{short} "),
            ColourMode::TrueColour => format!("38;2;{r};{g};{b}"),
            ColourMode::Indexed => {
                let step = |level: u8| u16::from(level) * 5 / 255;
                format!("38;5;{}", 16 + 36 * step(r) + 6 * step(g) + step(b))
            }
            ColourMode::Sixteen | ColourMode::Auto => {
                let on = |level: u8| u8::from(level > 120);
                format!("{}", 30 + on(r) + 2 * on(g) + 4 * on(b))
            }
        };
        format!("\u{1b}[{code}m{short}\u{1b}[0m ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &'static [(&str, &str)], terminal: bool) -> Surroundings {
        let env = |name: &str| pairs.iter().find(|(k, _)| *k == name).map(|(_, value)| (*value).to_owned());
        Surroundings::new(env, terminal.then_some((80, 24)), terminal)
    }

    fn text(surroundings: &Surroundings) -> String {
        let facts = surroundings.facts();
        facts.iter().map(|(k, v)| format!("{k}: {v}\n")).collect::<String>() + &surroundings.glyphs()
    }

    #[test]
    fn a_pipe_gets_no_escape_codes_and_a_terminal_gets_colours() {
        let env = &[("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "en_GB.UTF-8")];
        let (pipe, terminal) = (text(&of(env, false)), text(&of(env, true)));
        assert!(!pipe.contains('\u{1b}') && pipe.contains("colours: 24 bit") && pipe.contains("vermillion"));
        assert!(terminal.contains("\u{1b}[38;2;0;114;178mblue\u{1b}[0m") && terminal.contains("size: 80×24"));
    }

    #[test]
    fn no_color_is_obeyed_and_named() {
        let plain = text(&of(&[("TERM", "xterm"), ("NO_COLOR", "1")], true));
        assert!(
            !plain.contains('\u{1b}') && plain.contains("NO_COLOR: 1") && plain.contains("colours: none")
        );
    }

    #[test]
    fn a_hostile_variable_cannot_send_codes() {
        let shown = text(&of(&[("TERM", "x\u{1b}[31m"), ("LANG", "C"), ("NO_COLOR", "1")], true));
        assert!(!shown.contains('\u{1b}') && shown.contains("glyphs: ASCII would be used"), "{shown}");
    }
}
