//! The minus sign of numbers that people read: U+2212, the width of a plus, on screens and in figures alike. Files for
//! programs and lines on stdout keep the hyphen, which programs read.
//!
//! Whoever draws text passes it through here once, where it goes to the page or the screen; nobody else chooses a sign.

use std::borrow::Cow;

/// The sign.
pub const MINUS: char = '−';

/// Words longer than this are no numbers: share strings, paths.
const LONGEST: usize = 24;

/// What becomes of a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It is no sign of a number.
    Stays,
    /// It becomes [`MINUS`].
    Minus,
    /// It stands before nothing but zeros, which have no sign.
    Goes,
}

fn is_hyphen(c: char) -> bool {
    c == '-' || c == MINUS
}

/// Whether it stands between words: a space, or a line of a border.
fn parts(c: char) -> bool {
    c.is_whitespace() || ('\u{2500}'..='\u{259f}').contains(&c)
}

/// What becomes of the character at a place.
fn fate(text: &[char], at: usize) -> Fate {
    if !is_hyphen(text[at]) {
        return Fate::Stays;
    }
    let after = &text[at + 1..];
    let begins = match after {
        [first, ..] if first.is_ascii_digit() => true,
        ['.', second, ..] => second.is_ascii_digit(),
        _ => false,
    };
    let start = text[..at].iter().rposition(|c| parts(*c)).map_or(0, |space| space + 1);
    let end = after.iter().position(|c| parts(*c)).map_or(text.len(), |space| at + 1 + space);
    if !begins || end - start > LONGEST {
        return Fate::Stays;
    }
    match text[..at] {
        // 1e-4
        [.., digit, 'e'] if digit.is_ascii_digit() => Fate::Minus,
        // A letter by itself is the name of what has the number.
        [ref before @ .., name]
            if name.is_ascii_uppercase()
                && before.last().is_none_or(|c| !c.is_alphanumeric())
                && after.iter().take_while(|c| c.is_ascii_digit() || **c == '.').any(|c| *c == '.') =>
        {
            Fate::Minus
        }
        [.., before]
            if before.is_alphanumeric() || is_hyphen(before) || matches!(before, '.' | '_' | '°') =>
        {
            Fate::Stays
        }
        _ => {
            let digits = after.iter().take_while(|c| c.is_ascii_digit() || **c == '.').count();
            let nothing = after[..digits].iter().all(|c| matches!(c, '0' | '.'));
            let ends = after.get(digits).is_none_or(|c| !c.is_alphanumeric() && *c != '×');
            if nothing && ends { Fate::Goes } else { Fate::Minus }
        }
    }
}

/// A text with the minus sign before its negative numbers, and none before a zero.
pub fn typeset(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hyphen) {
        return Cow::Borrowed(text);
    }
    let characters: Vec<char> = text.chars().collect();
    let one = |at: usize| match fate(&characters, at) {
        Fate::Stays => Some(characters[at]),
        Fate::Minus => Some(MINUS),
        Fate::Goes => None,
    };
    Cow::Owned((0..characters.len()).filter_map(one).collect())
}

/// The same of a row of a screen, where every character keeps its place: the places that change, with what comes there.
pub fn typeset_row(row: &[char]) -> Vec<(usize, char)> {
    let one = |at: usize| match fate(row, at) {
        Fate::Stays => None,
        Fate::Minus if row[at] == MINUS => None,
        Fate::Minus => Some((at, MINUS)),
        Fate::Goes => Some((at, ' ')),
    };
    (0..row.len()).filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_sign_and_nothing_else_has() {
        for (text, want) in [
            ("-0.33", "−0.33"),
            ("B − A -7.4°*", "B − A −7.4°*"),
            ("-.33 (-2) =-1 ±-1 -1.2e-3", "−.33 (−2) =−1 ±−1 −1.2e−3"),
            ("cosface(margin=-0.5)", "cosface(margin=−0.5)"),
            (
                "losslab-001.png 2026-11-30 0-9 x-3 --steps -s",
                "losslab-001.png 2026-11-30 0-9 x-3 --steps -s",
            ),
            ("10°-170° a - 3 A-3 xB-0.5", "10°-170° a - 3 A-3 xB-0.5"),
            ("│B-0.97", "│B−0.97"),
            ("───────────────────────────╯│C-0.33", "───────────────────────────╯│C−0.33"),
            ("ll1:-3abcdefghijklmnopqrstuvwxyz", "ll1:-3abcdefghijklmnopqrstuvwxyz"),
        ] {
            assert_eq!(typeset(text), want);
            assert_eq!(typeset(want), want, "once is enough");
        }
    }

    #[test]
    fn zero_has_no_sign() {
        for (text, want) in [
            ("-0.00", "0.00"),
            ("−0.0°", "0.0°"),
            ("-0", "0"),
            ("(-.00)", "(.00)"),
            ("-0.001", "−0.001"),
            ("-0e5", "−0e5"),
            ("-0×10⁵", "−0×10⁵"),
        ] {
            assert_eq!(typeset(text), want, "{text}");
        }
    }

    #[test]
    fn a_row_keeps_its_width() {
        let mut row: Vec<char> = "│-0.00 -0.33│".chars().collect();
        for (at, c) in typeset_row(&row) {
            row[at] = c;
        }
        assert_eq!(row.into_iter().collect::<String>(), "│ 0.00 −0.33│");
    }
}
