//! Powers of ten in numbers that are drawn: `8.36×10⁻⁴`, whoever wrote `8.36e-4`.

use std::borrow::Cow;

use crate::minus::MINUS;

/// An integer in superscript digits.
pub(super) fn superscript(n: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let raise = |c: char| c.to_digit(10).map_or('⁻', |digit| DIGITS[digit as usize]);
    n.to_string().chars().map(raise).collect()
}

/// A text whose numbers with an exponent after `e` have it as a power of ten. What has neither a point nor a sign, like
/// `2e5`, may be a name and stays.
pub(super) fn typeset(text: &str) -> Cow<'_, str> {
    let characters: Vec<char> = text.chars().collect();
    let mut made = String::with_capacity(text.len());
    let (mut at, mut changed) = (0, false);
    while at < characters.len() {
        let before = at.checked_sub(1).map(|k| characters[k]);
        let begins =
            characters[at].is_ascii_digit() && before.is_none_or(|c| !c.is_alphanumeric() && c != '.');
        if let Some((length, words)) = begins.then(|| number(&characters[at..])).flatten() {
            made += &words;
            at += length;
            changed = true;
        } else {
            made.push(characters[at]);
            at += 1;
        }
    }
    if changed { Cow::Owned(made) } else { Cow::Borrowed(text) }
}

/// How many characters at the beginning are a number with an exponent, and how it is drawn.
fn number(text: &[char]) -> Option<(usize, String)> {
    let digits = |from: usize| text[from..].iter().take_while(|c| c.is_ascii_digit()).count();
    let whole = digits(0);
    let point = text.get(whole) == Some(&'.') && digits(whole + 1) > 0;
    let mantissa = if point { whole + 1 + digits(whole + 1) } else { whole };
    if text.get(mantissa) != Some(&'e') {
        return None;
    }
    let sign = text.get(mantissa + 1).filter(|c| matches!(**c, '-' | '+') || **c == MINUS);
    let from = mantissa + 1 + usize::from(sign.is_some());
    let end = from + if from <= text.len() { digits(from) } else { 0 };
    let ends = text.get(end).is_none_or(|c| !c.is_alphanumeric());
    if end == from || !ends || !(point || sign.is_some()) {
        return None;
    }
    let power: i32 = text[from..end].iter().collect::<String>().parse().ok()?;
    let power = if sign.is_some_and(|sign| *sign != '+') { -power } else { power };
    let words: String = text[..mantissa].iter().collect();
    let words = if point { words.trim_end_matches('0').trim_end_matches('.') } else { &words };
    Some((end, format!("{words}×10{}", superscript(power))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exponent_becomes_a_power_of_ten_and_names_stay() {
        for (text, drawn) in [
            ("8.36e-4", "8.36×10⁻⁴"),
            ("pull 8.30e−4 of 1.00e5", "pull 8.3×10⁻⁴ of 1×10⁵"),
            ("softmax(decay=1e-5)", "softmax(decay=1×10⁻⁵)"),
            ("−2.5e+12", "−2.5×10¹²"),
            ("0.5 class 3", "0.5 class 3"),
            (
                "2e5 a1e-5 v1.2e-3x 1.e-3 3.78×10⁻⁸ 1.2.3e-4 7e",
                "2e5 a1e-5 v1.2e-3x 1.e-3 3.78×10⁻⁸ 1.2.3e-4 7e",
            ),
            ("", ""),
        ] {
            assert_eq!(typeset(text), drawn);
        }
    }
}
