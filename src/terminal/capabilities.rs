//! What the terminal can be trusted with, decided from the environment alone: colours and glyphs.
//! A pure function, so that every decision is a row of a table. Nothing is asked of the terminal itself:
//! answers to queries may come late or never, and then turn into typed characters.

use thiserror::Error;

/// How many colours reach the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColourMode {
    /// Decide from `NO_COLOR`, `COLORTERM` and `TERM`.
    #[default]
    Auto,
    /// No colour at all; bold, reverse and underline stay.
    Mono,
    /// The sixteen colours of the user's own palette.
    Sixteen,
    /// The 256-colour cube.
    Indexed,
    /// 24-bit colour, sent as it is.
    TrueColour,
}

/// Which characters draw points and curves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyphs {
    /// Braille patterns, 2×4 dots a cell.
    Braille,
    /// Half blocks, 1×2 dots a cell: the fonts of the Linux console have no braille.
    HalfBlock,
    /// Plain letters and marks, one dot a cell.
    Ascii,
}

/// The recommended defaults for one environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Never [`ColourMode::Auto`].
    pub colour: ColourMode,
    /// The finest glyphs that are likely to be drawn.
    pub glyphs: Glyphs,
}

/// Why no full screen can be drawn under this `TERM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unfit {
    /// `TERM=dumb`: no cursor movement.
    #[error("TERM=dumb cannot show the lab: use `losslab run` for the same run without a screen")]
    Dumb,
    /// `TERM` is unset or empty.
    #[error(
        "TERM is not set, so the kind of terminal is unknown: set it, or use `losslab run` for the same run without a screen"
    )]
    Unset,
}

/// Decides colours and glyphs from the environment, given as a look-up (`|name| std::env::var(name).ok()`).
///
/// Locale variables that are all unset say nothing, and most terminals speak UTF-8; an explicit `C` or `POSIX`
/// says ASCII.
pub fn capabilities(env: impl Fn(&str) -> Option<String>) -> Capabilities {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    let term = set("TERM").unwrap_or_default();
    let colour = if set("NO_COLOR").is_some() || term.starts_with("vt1") || term.starts_with("vt2") {
        ColourMode::Mono
    } else if matches!(set("COLORTERM").as_deref(), Some("truecolor" | "24bit")) || term.ends_with("-direct")
    {
        ColourMode::TrueColour
    } else if term.contains("256color") {
        ColourMode::Indexed
    } else {
        ColourMode::Sixteen
    };
    let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
    let utf8 = locale.is_none_or(|name| {
        let name = name.to_ascii_lowercase();
        name.contains("utf-8") || name.contains("utf8")
    });
    let glyphs = match (utf8, term.as_str()) {
        (false, _) => Glyphs::Ascii,
        (true, "linux") => Glyphs::HalfBlock,
        (true, _) => Glyphs::Braille,
    };
    Capabilities { colour, glyphs }
}

/// Whether a full screen can be drawn under this `TERM` at all.
pub fn fit_for_a_screen(term: Option<&str>) -> Result<(), Unfit> {
    match term {
        None | Some("") => Err(Unfit::Unset),
        Some("dumb") => Err(Unfit::Dumb),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Capabilities {
        capabilities(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn no_color_wins_over_everything_but_an_empty_one_is_unset() {
        assert_eq!(of(&[("NO_COLOR", "1"), ("COLORTERM", "truecolor")]).colour, ColourMode::Mono);
        assert_eq!(of(&[("NO_COLOR", ""), ("COLORTERM", "truecolor")]).colour, ColourMode::TrueColour);
    }

    #[test]
    fn colours_follow_colorterm_then_term() {
        let table = [
            ("xterm-256color", Some("24bit"), ColourMode::TrueColour),
            ("xterm-256color", Some("yes"), ColourMode::Indexed),
            ("xterm-direct", None, ColourMode::TrueColour),
            ("tmux-256color", None, ColourMode::Indexed),
            ("xterm", None, ColourMode::Sixteen),
            ("linux", None, ColourMode::Sixteen),
            ("vt100", None, ColourMode::Mono),
        ];
        for (term, colorterm, wanted) in table {
            let mut pairs = vec![("TERM", term)];
            pairs.extend(colorterm.map(|value| ("COLORTERM", value)));
            assert_eq!(of(&pairs).colour, wanted, "TERM={term} COLORTERM={colorterm:?}");
        }
    }

    #[test]
    fn glyphs_follow_the_first_locale_variable_that_is_set() {
        let table: [(&[(&str, &str)], Glyphs); 8] = [
            (&[("LANG", "C")], Glyphs::Ascii),
            (&[("LANG", "POSIX"), ("TERM", "linux")], Glyphs::Ascii),
            (&[("LANG", "C.UTF-8")], Glyphs::Braille),
            (&[("LANG", "de_DE.utf8")], Glyphs::Braille),
            (&[("LANG", "en_GB.UTF-8"), ("LC_ALL", "C")], Glyphs::Ascii),
            (&[("LANG", "C"), ("LC_CTYPE", "en_GB.UTF-8")], Glyphs::Braille),
            (&[("LANG", "en_GB.UTF-8"), ("TERM", "linux")], Glyphs::HalfBlock),
            (&[], Glyphs::Braille),
        ];
        for (pairs, wanted) in table {
            assert_eq!(of(pairs).glyphs, wanted, "{pairs:?}");
        }
    }

    #[test]
    fn dumb_and_unset_terminals_are_refused_with_the_way_out() {
        for refused in [None, Some(""), Some("dumb")] {
            assert!(
                fit_for_a_screen(refused).unwrap_err().to_string().contains("losslab run"),
                "{refused:?}"
            );
        }
        assert_eq!(fit_for_a_screen(Some("xterm")), Ok(()));
    }
}
