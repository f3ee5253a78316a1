//! Pictures on terminals that take them: which way this one does, and the bytes of a picture in each of three ways.
//!
//! What the environment says comes first; the terminal is asked only where that says nothing, before raw mode, with a
//! deadline, and never through a multiplexer, which would answer for a terminal that it hides.

mod encode;
mod probe;

use std::time::Duration;

use crate::figure::Indexed;

pub use probe::{Answer, ask};

/// Red, green, blue.
pub type Rgb = (u8, u8, u8);

/// How long the terminal may think before it counts as having no pictures.
pub const LONGEST_ANSWER: Duration = Duration::from_millis(100);

/// A way to send pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// kitty's graphics protocol.
    Kitty,
    /// iTerm2's inline images.
    Iterm,
    /// DEC sixels.
    Sixel,
}

/// What was asked for on the command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wanted {
    /// Whatever the terminal has.
    #[default]
    Auto,
    /// This one, whatever the terminal says.
    This(Protocol),
    /// None.
    Nothing,
}

/// What the environment says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// This one.
    Has(Protocol),
    /// None.
    Lacks,
    /// Nothing: the terminal may be asked.
    Unknown,
}

/// Decides from the environment, given as a look-up.
pub fn verdict(env: impl Fn(&str) -> Option<String>) -> Verdict {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    let term = set("TERM").unwrap_or_default();
    let program = set("TERM_PROGRAM").unwrap_or_default();
    let behind = ["TMUX", "STY", "ZELLIJ"].iter().any(|name| set(name).is_some());
    if behind || term.starts_with("tmux") || term.starts_with("screen") || set("NO_COLOR").is_some() {
        return Verdict::Lacks;
    }
    let term_says = |word: &str| term.contains(word);
    if set("KITTY_WINDOW_ID").is_some() || term_says("kitty") || term_says("ghostty") || program == "ghostty"
    {
        return Verdict::Has(Protocol::Kitty);
    }
    if matches!(program.as_str(), "iTerm.app" | "WezTerm" | "mintty") {
        return Verdict::Has(Protocol::Iterm);
    }
    if matches!(term.as_str(), "foot" | "foot-extra" | "mlterm" | "contour") || term_says("sixel") {
        return Verdict::Has(Protocol::Sixel);
    }
    // Warp claims what it does not draw; the others are known to have none.
    let none = ["WarpTerminal", "Apple_Terminal", "vscode", "Hyper", "tmux"].contains(&program.as_str());
    // An answer through a slow line may come after the deadline and turn into typed characters.
    let far = set("SSH_CONNECTION").is_some();
    if none || far || !term.starts_with("xterm") || set("VTE_VERSION").is_some() {
        return Verdict::Lacks;
    }
    // What is left is xterm itself and those that call themselves so; those with true colour are young enough to answer.
    if set("COLORTERM").is_some() || set("XTERM_VERSION").is_some() {
        Verdict::Unknown
    } else {
        Verdict::Lacks
    }
}

/// The protocol to use, and what colour the terminal says pictures will stand on, asked if need be. Call before the
/// screen is opened.
pub fn choose(wanted: Wanted, env: impl Fn(&str) -> Option<String>) -> Answer {
    let near = env("SSH_CONNECTION").is_none_or(|value| value.is_empty());
    let told = |protocol, asks: bool| {
        let paper = if asks { ask(LONGEST_ANSWER).paper } else { None };
        Answer { protocol: Some(protocol), paper }
    };
    match (wanted, verdict(env)) {
        (Wanted::Nothing, _) | (Wanted::Auto, Verdict::Lacks) => Answer::default(),
        (Wanted::This(protocol), Verdict::Lacks) => told(protocol, false),
        (Wanted::This(protocol), _) | (Wanted::Auto, Verdict::Has(protocol)) => told(protocol, near),
        (Wanted::Auto, Verdict::Unknown) => ask(LONGEST_ANSWER),
    }
}

/// The bytes that put a picture over `cells` (columns, rows) whose first is `at` (column, row from 0).
pub fn put(protocol: Protocol, picture: &Indexed, at: (u16, u16), cells: (u16, u16)) -> Vec<u8> {
    // The cursor is put back where ratatui believes it to be.
    let mut bytes = format!("\x1b7\x1b[{};{}H", at.1 + 1, at.0 + 1).into_bytes();
    bytes.extend(match protocol {
        Protocol::Kitty => encode::kitty(picture, cells),
        Protocol::Iterm => encode::iterm(picture, cells),
        Protocol::Sixel => encode::sixel(picture),
    });
    bytes.extend(b"\x1b8");
    bytes
}

/// The bytes that take the picture away; empty where only drawing over it does.
pub fn clear(protocol: Protocol) -> &'static [u8] {
    match protocol {
        Protocol::Kitty => encode::KITTY_CLEAR,
        Protocol::Iterm | Protocol::Sixel => b"",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Verdict {
        verdict(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_environment_decides_and_multiplexers_have_none() {
        let table: [(&[(&str, &str)], Verdict); 11] = [
            (&[("TERM", "xterm-kitty")], Verdict::Has(Protocol::Kitty)),
            (&[("TERM", "xterm-ghostty")], Verdict::Has(Protocol::Kitty)),
            (&[("TERM", "xterm-kitty"), ("TMUX", "/tmp/x")], Verdict::Lacks),
            (&[("TERM", "screen-256color"), ("KITTY_WINDOW_ID", "1")], Verdict::Lacks),
            (&[("TERM", "xterm-256color"), ("ZELLIJ", "0"), ("COLORTERM", "truecolor")], Verdict::Lacks),
            (&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "iTerm.app")], Verdict::Has(Protocol::Iterm)),
            (&[("TERM", "foot")], Verdict::Has(Protocol::Sixel)),
            (&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "WarpTerminal")], Verdict::Lacks),
            (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")], Verdict::Unknown),
            (&[("TERM", "xterm-kitty"), ("NO_COLOR", "1")], Verdict::Lacks),
            (&[("TERM", "linux")], Verdict::Lacks),
        ];
        for (pairs, wanted) in table {
            assert_eq!(of(pairs), wanted, "{pairs:?}");
        }
    }

    #[test]
    fn what_is_asked_for_wins() {
        let kitty = |name: &str| (name == "TERM").then(|| "xterm-kitty".to_owned());
        assert_eq!(choose(Wanted::Nothing, kitty).protocol, None);
        assert_eq!(choose(Wanted::This(Protocol::Sixel), kitty).protocol, Some(Protocol::Sixel));
        assert_eq!(choose(Wanted::Auto, kitty).protocol, Some(Protocol::Kitty));
    }
}
