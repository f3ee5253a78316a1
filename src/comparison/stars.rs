//! What stars in tables of differences mean, in words: the command and the lab say it from here.
//!
//! Many numbers are tested at once, and p is that of each by itself. They are many sides of few things (angles, their
//! spread, NC1 to NC4), so a correction for as many independent tests would hide nearly everything that few seeds can
//! show; instead it is said how many tests there are and how many stars chance alone would give.

use super::sign::{LEVEL, chance_of_a_star, fewest, least_p};

/// A p, or another chance, in a few characters.
pub fn chance(p: f64) -> String {
    if p >= 0.001 { format!("{p:.3}") } else { format!("{p:.0e}") }
}

/// How many stars so many tests have by chance alone, on average.
pub fn by_chance(seeds: usize, tests: usize) -> f64 {
    tests as f64 * chance_of_a_star(seeds)
}

/// What the stars mean of which so many are shown, over so many seeds, or that there is none and why, from many words to
/// few. No full stop.
pub fn meaning(seeds: usize, shown: usize) -> Vec<String> {
    let least = chance(least_p(seeds));
    if seeds < 2 {
        return vec!["one seed has no p and no star".into()];
    }
    if seeds < fewest() {
        let fewest = fewest();
        return vec![
            format!(
                "with {seeds} seeds the least p is {least}, so nothing has a star (p ≤ {LEVEL}): {fewest} seeds or more can"
            ),
            format!("with {seeds} seeds the least p is {least}: ask for {fewest} or more"),
            format!("{seeds} seeds: p ≥ {least}, no stars"),
        ];
    }
    if shown == 0 {
        return vec![
            format!(
                "no star: none of these differences has p ≤ {LEVEL} in a two-sided sign test over {seeds} seeds (the least p \
                 there is {least})"
            ),
            format!("no star: no p ≤ {LEVEL} in a sign test over {seeds} seeds"),
            format!("no star: no p ≤ {LEVEL}, {seeds} seeds"),
        ];
    }
    vec![
        format!("* p ≤ {LEVEL} in a two-sided sign test over {seeds} seeds (the least p there is {least})"),
        format!("* p ≤ {LEVEL}, sign test over {seeds} seeds (least {least})"),
        format!("* p ≤ {LEVEL}, {seeds} seeds"),
    ]
}

/// That so many numbers are tested at once, from many words to few; nothing of one. No full stop.
pub fn multiplicity(seeds: usize, tests: usize) -> Vec<String> {
    if tests < 2 || seeds < 2 {
        return Vec::new();
    }
    if seeds < fewest() {
        return vec![
            format!("{tests} numbers are tested, each p is its own and not adjusted for that"),
            format!("{tests} tests, p not adjusted"),
        ];
    }
    let stars = by_chance(seeds, tests);
    let stars = if stars < 0.1 { "fewer than 0.1".to_owned() } else { format!("about {stars:.1}") };
    vec![
        format!("{tests} numbers are tested, p is not adjusted for that: chance alone gives {stars} stars"),
        format!("{tests} tests, p not adjusted: {stars} by chance"),
        format!("{tests} tests, p not adjusted"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_promised_only_where_there_can_be_one() {
        for (seeds, shown) in (2..12).flat_map(|seeds| [(seeds, 0), (seeds, 3)]) {
            for words in meaning(seeds, shown) {
                assert_eq!(words.starts_with('*'), seeds >= 6 && shown > 0, "{seeds}: {words}");
                assert_eq!(words.starts_with("no star: "), seeds >= 6 && shown == 0, "{seeds}: {words}");
            }
        }
        assert_eq!(meaning(5, 0)[1], "with 5 seeds the least p is 0.062: ask for 6 or more");
        for shown in [0, 1] {
            assert!(meaning(6, shown)[0].contains("the least p there is 0.031"), "{:?}", meaning(6, shown));
        }
    }

    #[test]
    fn many_tests_are_counted_with_what_chance_gives() {
        assert!(multiplicity(6, 1).is_empty());
        // 22 · 2/64.
        assert_eq!(
            multiplicity(6, 22)[0],
            "22 numbers are tested, p is not adjusted for that: chance alone gives about 0.7 stars"
        );
        assert!(!multiplicity(5, 22)[0].contains("star"), "there is none");
        for words in [meaning(6, 1), meaning(6, 0), multiplicity(6, 22), meaning(5, 0), multiplicity(5, 22)] {
            let lengths: Vec<usize> = words.iter().map(|words| words.chars().count()).collect();
            assert!(lengths.is_sorted_by(|a, b| a > b), "{words:?}");
        }
    }
}
