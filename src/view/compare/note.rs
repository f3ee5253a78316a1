//! The line under the table: what is known of seeds, or what else should be known before numbers are compared.

use super::table::{pairs, stars, tests_of};
use crate::app::App;
use crate::app::compare::SEEDS;
use crate::app::compare::layout::Stage;
use crate::comparison::sign::LEVEL;
use crate::comparison::stars::{meaning, multiplicity};
use crate::describe::{beside, changes};
use crate::snapshot::Company;

/// What is known of seeds, or what else should be known, as a sentence that fits.
pub(super) fn note(app: &App, company: &Company, stage: &Stage, width: usize) -> String {
    let hollow = beside::hollow(&app.snapshot);
    let texts = match &company.seeds {
        None if !hollow.is_empty() => {
            let [long, short] = beside::hollow_words(&hollow, beside::When::End);
            vec![format!("! {long}"), short]
        }
        None => changes::first_on_the_way(&app.snapshot).map_or_else(
            || {
                vec![
                    format!(
                        "S runs {SEEDS} seeds to this step: * where the sign of a difference has p ≤ {LEVEL}"
                    ),
                    format!("S: {SEEDS} seeds, * where a sign has p ≤ {LEVEL}"),
                ]
            },
            Vec::from,
        ),
        Some(seeds) if seeds.running => {
            let done = seeds.study.rows.len();
            let share = 100.0 * seeds.share;
            vec![
                format!(
                    "running seeds to step {}: {done} of {} done, {share:.0} % (S stops)",
                    seeds.step, seeds.asked
                ),
                format!("seeds: {done} of {}, {share:.0} % (S stops)", seeds.asked),
            ]
        }
        Some(seeds) if seeds.step == app.snapshot.step => {
            let shown = stars(app, &seeds.study, &pairs(app, stage));
            starred(seeds.study.rows.len(), shown, tests_of(app, &seeds.study))
        }
        Some(seeds) => vec![
            format!(
                "{} seeds were run to step {}: S runs them to this one",
                seeds.study.rows.len(),
                seeds.step
            ),
            format!("seeds are of step {} (S: this one)", seeds.step),
        ],
    };
    fitting(texts, width)
}

/// The first of texts, from many words to few, that has room in so many columns, or the last.
pub(super) fn fitting(texts: Vec<String>, width: usize) -> String {
    let fits = texts.iter().position(|text| text.chars().count() <= width);
    let at = fits.unwrap_or(texts.len().saturating_sub(1));
    texts.into_iter().nth(at).unwrap_or_default()
}

/// What the stars mean of which so many are shown, over so many seeds and tests, from many words to few.
fn starred(seeds: usize, shown: usize, tests: usize) -> Vec<String> {
    let (meaning, many) = (meaning(seeds, shown), multiplicity(seeds, tests));
    let mut texts = Vec::new();
    for (k, meaning) in meaning.iter().enumerate() {
        let with = many.iter().skip(k).map(|many| format!("{meaning}; {many}"));
        texts.extend(with.flat_map(|text| [format!("{text} (S: more seeds)"), text]));
    }
    texts.extend(meaning);
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stars_mean_has_words_for_every_width() {
        for (seeds, shown, tests) in
            [(1, 0, 5), (5, 0, 5), (6, 1, 1), (6, 0, 5), (6, 2, 5), (12, 0, 5), (12, 3, 5)]
        {
            let texts = starred(seeds, shown, tests);
            let widths: Vec<usize> = texts.iter().map(|text| text.chars().count()).collect();
            assert!(*widths.iter().min().unwrap() <= 58, "{texts:?}");
            assert!(texts.iter().all(|text| text.starts_with('*') == (shown > 0)), "{texts:?}");
            let none = seeds >= 6 && shown == 0;
            assert!(texts.iter().all(|text| text.starts_with("no star: ") == none), "{texts:?}");
            let fits = texts.iter().find(|text| text.chars().count() <= 78).unwrap();
            assert!(tests < 2 || seeds < 2 || fits.contains("not adjusted"), "{fits}");
        }
    }
}
