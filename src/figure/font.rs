//! The embedded font: registered once, measured here.
//!
//! Figures must look the same on a machine without any font, so a font (`DejaVu` Sans) is part of the program. SVG files
//! name it and fall back to fonts that are no wider, so that no text outgrows the place measured for it.

use std::sync::LazyLock;

use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};

use super::powers;
use crate::minus::typeset;

/// The family under which the font is registered; in SVG it is the list a viewer chooses from.
pub(super) const FAMILY: FontFamily<'static> = FontFamily::Name("DejaVu Sans, Verdana, sans-serif");

/// Ascent plus descent of the font in ems: plotters measures bitmap text by this height.
pub(super) const HEIGHT: f64 = 1.164;
/// How far capitals and digits reach above the baseline, in ems.
pub(super) const CAP_HEIGHT: f64 = 0.729;
/// How far letters reach above (accents on small letters, brackets) and below the baseline, in ems.
pub(super) const ASCENT: f64 = 0.80;
/// See [`ASCENT`].
pub(super) const DESCENT: f64 = 0.24;

static REGISTERED: LazyLock<bool> = LazyLock::new(|| {
    let normal: &'static [u8] = include_bytes!("../../assets/font/DejaVuSans.ttf");
    let bold: &'static [u8] = include_bytes!("../../assets/font/DejaVuSans-Bold.ttf");
    register_font(FAMILY.as_str(), FontStyle::Normal, normal).is_ok()
        && register_font(FAMILY.as_str(), FontStyle::Bold, bold).is_ok()
});

/// The font at a height in pixels from ascent to descent, as plotters counts.
pub(super) fn describe(height: f64, bold: bool) -> FontDesc<'static> {
    assert!(*REGISTERED, "the embedded font files are valid TrueType");
    FontDesc::new(FAMILY, height, if bold { FontStyle::Bold } else { FontStyle::Normal })
}

/// The advance width of a text in pixels, at an em size in pixels.
pub(super) fn width(text: &str, em: f64, bold: bool) -> f64 {
    // Plotters rounds the width to whole pixels, so it is measured big and scaled down.
    const MEASURED_EM: f64 = 200.0;
    let ((left, _), (right, _)) = describe(MEASURED_EM * HEIGHT, bold)
        .layout_box(&drawn(text))
        .expect("a registered font measures any text, with a box for each glyph it lacks");
    f64::from(right - left) * em / MEASURED_EM
}

/// A text with its numbers as they are drawn: the minus sign before negative ones, exponents as powers of ten.
fn drawn(text: &str) -> String {
    powers::typeset(&typeset(text)).into_owned()
}

/// Puts numbers as they are drawn, and replaces what no renderer can draw (line breaks, control characters,
/// XML non-characters) by spaces.
pub(super) fn printable(text: &str) -> String {
    let unfit = |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{2028}' | '\u{2029}');
    drawn(text).chars().map(|c| if unfit(c) { ' ' } else { c }).collect()
}

/// Shortens a text to a width in pixels, ending in `…` where something was left out.
///
/// Returns an empty text when not even one character and the ellipsis fit.
pub(super) fn fitted(text: &str, em: f64, bold: bool, limit: f64) -> String {
    // Nobody reads a name of a million characters: measuring stops where no screen is wide enough.
    let text: String = printable(text).chars().take(2000).collect();
    if width(&text, em, bold) <= limit {
        return text;
    }
    let characters: Vec<char> = text.chars().collect();
    let shortened = |kept: usize| {
        let head: String = characters[..kept].iter().collect();
        format!("{}…", head.trim_end())
    };
    let (mut fits, mut fails) = (0, characters.len());
    while fails - fits > 1 {
        let middle = usize::midpoint(fits, fails);
        if width(&shortened(middle), em, bold) <= limit { fits = middle } else { fails = middle }
    }
    if fits == 0 { String::new() } else { shortened(fits) }
}

/// Breaks a text at spaces into at most `lines` lines no wider than `limit` pixels; the last one is fitted.
pub(super) fn wrapped(text: &str, em: f64, bold: bool, limit: f64, lines: usize) -> Vec<String> {
    let text = printable(text);
    let mut words: Vec<&str> = text.split_whitespace().collect();
    words.reverse();
    let mut broken = Vec::new();
    while !words.is_empty() && broken.len() + 1 < lines {
        let mut line = String::new();
        while let Some(word) = words.last() {
            let longer = if line.is_empty() { (*word).to_owned() } else { format!("{line} {word}") };
            if width(&longer, em, bold) > limit {
                break;
            }
            line = longer;
            words.pop();
        }
        if line.is_empty() {
            break;
        }
        broken.push(line);
    }
    words.reverse();
    let rest = fitted(&words.join(" "), em, bold, limit);
    if !rest.is_empty() {
        broken.push(rest);
    }
    broken
}

/// A text as one line, or where it is wider than `limit` pixels as two of about the same width; nothing of no text.
pub(super) fn halves(text: &str, em: f64, limit: f64) -> Vec<String> {
    let text = printable(text);
    let text = text.trim();
    let spaces = text.match_indices(' ').map(|(at, _)| (text[..at].trim(), text[at..].trim()));
    let longer = |(a, b): &(&str, &str)| width(a, em, false).max(width(b, em, false));
    let broken = spaces.min_by(|a, b| longer(a).total_cmp(&longer(b)));
    match broken.filter(|_| width(text, em, false) > limit) {
        Some((first, second)) => vec![first.to_owned(), second.to_owned()],
        None if text.is_empty() => Vec::new(),
        None => vec![text.to_owned()],
    }
}

/// What parts the phrases of a subtitle.
const BETWEEN: &str = " · ";

/// Breaks a text between its phrases into at most `lines` lines no wider than `limit` pixels; a phrase wider than a line
/// is broken at spaces. Phrases that have no room are left out, and an ellipsis stands for them.
pub(super) fn phrases(text: &str, em: f64, limit: f64, lines: usize) -> Vec<String> {
    let text = printable(text);
    let mut broken: Vec<String> = Vec::new();
    if lines == 0 {
        return broken;
    }
    let fits = |line: &str| width(line, em, false) <= limit;
    let all: Vec<&str> = text.split(BETWEEN).map(str::trim).filter(|phrase| !phrase.is_empty()).collect();
    for (k, phrase) in all.iter().enumerate() {
        let longer = broken.last().map(|line| format!("{line}{BETWEEN}{phrase}"));
        // In the last line there is room for the ellipsis too, where more follows.
        let more = k + 1 < all.len() && broken.len() == lines;
        let enough =
            |longer: &String| if more { fits(&format!("{longer}{BETWEEN}…")) } else { fits(longer) };
        let full = broken.len() == lines;
        match (longer.filter(enough), broken.last_mut()) {
            (Some(longer), Some(line)) => *line = longer,
            (_, Some(line)) if full => {
                *line = fitted(&format!("{line}{BETWEEN}…"), em, false, limit);
                break;
            }
            _ => broken.extend(wrapped(phrase, em, false, limit, lines - broken.len())),
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_scale_with_the_size_and_bold_is_wider() {
        let ten = width("angle (degrees)", 10.0, false);
        assert!((width("angle (degrees)", 20.0, false) - 2.0 * ten).abs() < 1e-9);
        assert!(width("angle (degrees)", 10.0, true) > ten);
        // DejaVu's digits are 0.636 em wide.
        assert!((width("0", 100.0, false) - 63.6).abs() < 1.0);
    }

    #[test]
    fn a_long_name_ends_in_an_ellipsis_and_fits() {
        let short = fitted("Felis silvestris catus", 10.0, false, 60.0);
        assert!(short.ends_with('…') && short.starts_with("Felis"), "{short}");
        assert!(width(&short, 10.0, false) <= 60.0);
        assert_eq!(fitted("cat", 10.0, false, 60.0), "cat");
        assert_eq!(fitted("cat", 10.0, false, 3.0), "");
        assert_eq!(fitted("猫\u{0}\n😀e\u{301}", 10.0, false, 600.0), "猫  😀e\u{301}");
    }

    #[test]
    fn wrapping_keeps_all_words_when_there_is_room() {
        let lines = wrapped("one two three four", 10.0, false, width("one two three", 10.0, false), 2);
        assert_eq!(lines, ["one two three", "four"]);
        let cut = wrapped("one two three four five", 10.0, false, width("one two", 10.0, false), 2);
        assert_eq!(cut.len(), 2);
        assert!(cut[1].ends_with('…'), "{cut:?}");
        assert!(wrapped("", 10.0, false, 50.0, 2).is_empty());
    }
}
