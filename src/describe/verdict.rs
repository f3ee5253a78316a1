//! Who of runs side by side has tighter classes and who wider angles, in words, and whether seeds bear that out.

use crate::comparison::stars::chance;
use crate::comparison::study::Line;
use crate::comparison::{Sign, Study};
use crate::geometry::Measurements;
use crate::palette;

/// The metric by which classes are tight: the mean angle of a row to its class mean.
const WITHIN: &str = "mean_within_angle_deg";
/// The metric by which angles are wide: the smallest angle between two class means.
const CLOSEST: &str = "min_class_angle_deg";

/// Angles that differ by less, in degrees, are told as alike: they look the same in the tables too.
const ALIKE: f64 = 0.05;

/// What a verdict looks at, in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// The run, 0 being the first.
    pub run: usize,
    /// The mean angle of a row to its class mean.
    pub within: f64,
    /// The smallest angle between two class means.
    pub closest: f64,
}

impl Shape {
    /// From what was measured of a run; nothing where one of the two is not known.
    pub fn measured(run: usize, measured: &Measurements) -> Option<Self> {
        Some(Self { run, within: measured.get(WITHIN)?, closest: measured.get(CLOSEST)? })
    }

    fn of(&self, aspect: &Aspect) -> f64 {
        if aspect.less { self.within } else { self.closest }
    }

    fn letter(&self) -> char {
        palette::letter(self.run)
    }
}

/// Something in which a run can be ahead of another.
struct Aspect {
    key: &'static str,
    /// Whether less of it is better.
    less: bool,
    /// What whoever is ahead has.
    more: &'static str,
    /// The same without its noun.
    short: &'static str,
    /// What both have where nobody is ahead.
    even: &'static str,
    /// The same beside an aspect in which somebody is.
    too: &'static str,
}

const TIGHT: Aspect = Aspect {
    key: WITHIN,
    less: true,
    more: "tighter classes",
    short: "tighter",
    even: "equally tight classes",
    too: "classes are as tight",
};
const WIDE: Aspect = Aspect {
    key: CLOSEST,
    less: false,
    more: "wider angles",
    short: "wider",
    even: "equally wide angles",
    too: "angles are as wide",
};

/// An aspect of two runs.
struct Part {
    aspect: &'static Aspect,
    /// How many degrees more the second run has.
    difference: f64,
    /// Who is ahead, and by how many degrees.
    ahead: Option<(char, f64)>,
    /// What seeds say of the difference.
    sign: Option<Sign>,
    /// Whether they bear out what is said.
    holds: bool,
}

/// How many words a verdict makes.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Words {
    /// With p.
    All,
    /// With counts.
    Counts,
    /// Without small words.
    Few,
    /// What a line of 58 columns holds.
    Fewest,
}

impl Part {
    fn new(aspect: &'static Aspect, first: &Shape, other: &Shape, study: Option<&Study>) -> Self {
        let difference = other.of(aspect) - first.of(aspect);
        let lead = if aspect.less { difference } else { -difference };
        let ahead = match lead {
            lead if lead.abs() < ALIKE => None,
            lead if lead > 0.0 => Some((first.letter(), lead)),
            lead => Some((other.letter(), -lead)),
        };
        let line = study.map(|study| study.metric(aspect.key));
        let sign = line.as_ref().map(|line| line.sign(other.run));
        let holds = match (ahead, &sign, line) {
            (Some(_), Some(sign), _) => sign.stars(difference),
            // Alike here, and in the median of the seeds.
            (None, _, Some(line)) => line.spread(other.run).is_none_or(|spread| spread.middle.abs() < ALIKE),
            _ => true,
        };
        Self { aspect, difference, ahead, sign, holds }
    }

    /// By how much, in how many seeds, and with which p; `named` where it was said before that these are seeds.
    fn by(&self, degrees: f64, words: Words, named: bool) -> String {
        let by = if words <= Words::Counts { "by " } else { "" };
        let Some(sign) = &self.sign else { return format!("({by}{degrees:.1}°)") };
        let (with, of) = sign.agreeing(self.difference).unwrap_or_default();
        let seeds = if named && words > Words::All { "" } else { " seeds" };
        let p = match sign.p {
            Some(p) if words == Words::All => {
                let told = match (sign.stars(self.difference), sign.is_marked()) {
                    (true, _) => "",
                    (false, true) => ": the other way round",
                    (false, false) => ": not shown",
                };
                format!(", p = {}{told}", chance(p))
            }
            _ => String::new(),
        };
        format!("({by}{degrees:.1}°, {with} of {of}{seeds}{p})")
    }
}

/// What is said of two parts, without a full stop.
fn of_two(letters: [char; 2], parts: &[Part; 2], words: Words) -> String {
    let [tight, wide] = parts;
    let [first, other] = letters;
    match (tight.ahead, wide.ahead) {
        (None, None) => format!("{first} and {other} have {} and {}", tight.aspect.even, wide.aspect.even),
        (Some((a, by)), None) => one(a, tight, &tight.by(by, words, false), wide, words),
        (None, Some((b, by))) => one(b, wide, &wide.by(by, words, false), tight, words),
        (Some((a, by)), Some((b, far))) => {
            let (by, far) = (tight.by(by, words, false), wide.by(far, words, true));
            let [more, wider] = [tight, wide].map(|part| part.aspect.more);
            let [tight, wide] = [tight, wide].map(|part| part.aspect.short);
            match (words, a == b) {
                (Words::Fewest, true) => format!("{a} {tight} {by}, {wide} {far}"),
                (Words::Fewest, false) => format!("{tight} {a} {by}, {wide} {b} {far}"),
                (Words::Few, true) => format!("{a}: {more} {by}, {wider} {far}"),
                (Words::Few, false) => format!("{a}: {more} {by}, {b}: {wider} {far}"),
                (_, true) => format!("{a} has {more} {by} and {wider} {far}"),
                (_, false) => format!("{a} has {more} {by}, {b} {wider} {far}"),
            }
        }
    }
}

/// The same where somebody is ahead in one part alone.
fn one(letter: char, ahead: &Part, by: &str, other: &Part, words: Words) -> String {
    let (more, short, too) = (ahead.aspect.more, ahead.aspect.short, other.aspect.too);
    if words == Words::Fewest {
        format!("{letter} {short} {by}, {too}")
    } else {
        format!("{letter} has {more} {by}, {too}")
    }
}

/// Which of two runs has tighter classes and which has wider angles, from many words to few, and whether seeds bear all of
/// it out. No full stop.
fn pair(first: &Shape, other: &Shape, study: Option<&Study>) -> (Vec<String>, bool) {
    let parts = [&TIGHT, &WIDE].map(|aspect| Part::new(aspect, first, other, study));
    let letters = [first.letter(), other.letter()];
    let all = [Words::All, Words::Counts, Words::Few, Words::Fewest];
    let levels = if study.is_some() { &all[..] } else { &all[..1] };
    let texts = levels.iter().map(|words| of_two(letters, &parts, *words)).collect();
    (texts, parts.iter().all(|part| part.holds))
}

/// Which of three runs or more has the tightest classes and which the widest angles, in the same way.
fn best(many: &[Shape], study: Option<&Study>) -> Option<(Vec<String>, bool)> {
    let tightest = many.iter().min_by(|a, b| a.within.total_cmp(&b.within))?;
    let widest = many.iter().max_by(|a, b| a.closest.total_cmp(&b.closest))?;
    let (within, closest) = (tightest.within, widest.closest);
    let Some(study) = study else {
        let text = format!(
            "tightest classes: {} ({within:.1}°), widest angles: {} ({closest:.1}°)",
            tightest.letter(),
            widest.letter()
        );
        return Some((vec![text], true));
    };
    let seeds = study.rows.len();
    // In how many seeds no other run is better than it.
    let ahead = |key, run: usize, side: f64| {
        let line = study.metric(key);
        let in_seed = |k: usize| {
            let own = side * line.values[run][k];
            many.iter().all(|other| side * line.values[other.run][k] <= own)
        };
        (0..seeds).filter(|k| in_seed(*k)).count()
    };
    let (tight, wide) = (ahead(WITHIN, tightest.run, -1.0), ahead(CLOSEST, widest.run, 1.0));
    let (a, b) = (tightest.letter(), widest.letter());
    let texts = vec![
        format!(
            "tightest classes: {a} ({within:.1}°, {tight} of {seeds} seeds), widest angles: {b} ({closest:.1}°, {wide} of \
             {seeds})"
        ),
        format!(
            "tightest {a} ({within:.1}°, {tight} of {seeds} seeds), widest {b} ({closest:.1}°, {wide} of {seeds})"
        ),
    ];
    Some((texts, tight == seeds && wide == seeds))
}

/// A study of fewer than two seeds says nothing of one.
fn telling(study: Option<&Study>) -> Option<&Study> {
    study.filter(|study| study.rows.len() > 1)
}

/// Who is ahead among the runs on a screen, from many words to few, without a full stop; nothing of fewer than two runs.
/// Where seeds were run (a study of just these runs) each part has their count, and what they do not bear out is said to
/// hold here.
pub fn here(shapes: &[Shape], study: Option<&Study>) -> Option<Vec<String>> {
    let study = telling(study).filter(|study| study.names.len() == shapes.len());
    let (texts, holds) = match shapes {
        [] | [_] => return None,
        [first, other] => pair(first, other, study),
        many => best(many, study)?,
    };
    Some(if holds { texts } else { texts.into_iter().map(|text| format!("here {text}")).collect() })
}

/// Who is ahead of an arm of a study and its first one, by the medians over seeds and with what their signs say, without a
/// full stop; nothing where the two angles are not known.
pub fn in_the_median(study: &Study, arm: usize) -> Option<String> {
    let (within, closest) = (study.metric(WITHIN), study.metric(CLOSEST));
    let known = |x: f64| Some(x).filter(|x| x.is_finite());
    let first = Shape { run: 0, within: known(within.median(0))?, closest: known(closest.median(0))? };
    // The other run as far from the first as the table has it: the median of differences is not that of medians.
    let off = |line: &Line| line.spread(arm).map(|spread| spread.middle).and_then(known);
    let other =
        Shape { run: arm, within: first.within + off(&within)?, closest: first.closest + off(&closest)? };
    let text = pair(&first, &other, telling(Some(study))).0.swap_remove(0);
    Some(if study.rows.len() > 1 { format!("in the median {text}") } else { text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::Trial;
    use crate::features::Matrix;
    use crate::objectives::Floor;

    fn shapes(runs: &[(f64, f64)]) -> Vec<Shape> {
        let shape = |(run, (within, closest)): (usize, &(f64, f64))| Shape {
            run,
            within: *within,
            closest: *closest,
        };
        runs.iter().enumerate().map(shape).collect()
    }

    fn said(runs: &[(f64, f64)]) -> String {
        here(&shapes(runs), None).map(|texts| texts.concat()).unwrap_or_default()
    }

    #[test]
    fn a_verdict_names_who_is_ahead_and_by_how_much() {
        assert_eq!(
            said(&[(10.4, 88.1), (3.0, 88.9)]),
            "B has tighter classes (by 7.4°) and wider angles (by 0.8°)"
        );
        assert_eq!(
            said(&[(3.0, 88.1), (10.4, 88.9)]),
            "A has tighter classes (by 7.4°), B wider angles (by 0.8°)"
        );
        assert_eq!(said(&[(3.0, 88.9), (3.01, 88.1)]), "A has wider angles (by 0.8°), classes are as tight");
        assert_eq!(
            said(&[(3.0, 88.0), (3.0, 88.0)]),
            "A and B have equally tight classes and equally wide angles"
        );
        assert_eq!(
            said(&[(3.0, 88.0), (2.0, 87.0), (4.0, 89.5)]),
            "tightest classes: B (2.0°), widest angles: C (89.5°)"
        );
        assert_eq!(said(&[(3.0, 88.0)]), "");
    }

    /// A study of which each seed has these two angles in each of its runs.
    fn study<const RUNS: usize>(seeds: &[&[(f64, f64); RUNS]]) -> Study {
        let trial = |(within, closest): &(f64, f64)| Trial {
            seed: 0,
            steps: 10,
            curve: Vec::new(),
            measured: Vec::new(),
            last: Measurements {
                values: vec![(WITHIN, Some(*within)), (CLOSEST, Some(*closest))],
                notes: Vec::new(),
            },
            loss: 0.0,
            floor: Floor::Unknown(String::new()),
            target_angle: None,
            fit: None,
            points: Matrix::zeros(0, 0),
            weights: None,
            diverged: None,
            why: None,
            engine: "cpu",
            seconds: 0.0,
        };
        Study {
            names: (0..RUNS).map(|run| palette::letter(run).to_string()).collect(),
            rows: seeds.iter().map(|row| row.iter().map(trial).collect()).collect(),
            mark: None,
        }
    }

    #[test]
    fn what_seeds_do_not_bear_out_is_said_to_hold_here_with_their_counts() {
        let (b, a) = ([(10.0, 80.0), (9.0, 84.0)], [(9.0, 80.0), (10.0, 84.0)]);
        // B is ahead twice in six seeds within, and in all of them between.
        let mixed = study(&[&b, &a, &b, &a, &a, &a]);
        let texts = here(&shapes(&[(10.0, 84.4), (9.8, 80.0)]), Some(&mixed)).unwrap();
        assert_eq!(
            texts[0],
            "here B has tighter classes (by 0.2°, 2 of 6 seeds, p = 0.688: not shown), A wider angles (by 4.4°, 0 of 6 \
             seeds, p = 0.031: the other way round)"
        );
        assert_eq!(
            texts[1..],
            [
                "here B has tighter classes (by 0.2°, 2 of 6 seeds), A wider angles (by 4.4°, 0 of 6)",
                "here B: tighter classes (0.2°, 2 of 6 seeds), A: wider angles (4.4°, 0 of 6)",
                "here tighter B (0.2°, 2 of 6 seeds), wider A (4.4°, 0 of 6)",
            ]
        );
        let texts = here(&shapes(&[(10.0, 80.0), (2.4, 80.7)]), Some(&mixed)).unwrap();
        assert_eq!(
            texts[1..],
            [
                "here B has tighter classes (by 7.6°, 2 of 6 seeds) and wider angles (by 0.7°, 6 of 6)",
                "here B: tighter classes (7.6°, 2 of 6 seeds), wider angles (0.7°, 6 of 6)",
                "here B tighter (7.6°, 2 of 6 seeds), wider (0.7°, 6 of 6)",
            ]
        );
        let sure = study(&[&a; 6]);
        let texts = here(&shapes(&a), Some(&sure)).unwrap();
        assert_eq!(
            texts[0],
            "A has tighter classes (by 1.0°, 6 of 6 seeds, p = 0.031), B wider angles (by 4.0°, 6 of 6 seeds, p = 0.031)"
        );
        let texts = here(&shapes(&[(9.0, 80.0), (9.0, 84.0)]), Some(&sure)).unwrap();
        assert!(
            texts[0].starts_with("here B has wider angles (by 4.0°, 6 of 6"),
            "not as tight in the seeds: {texts:?}"
        );
        // One seed is that on the screen, and a study of other runs is of none of these.
        for other in [study(&[&a]), study(&[&[(1.0, 2.0); 3]; 6])] {
            assert_eq!(
                here(&shapes(&a), Some(&other)).unwrap(),
                ["A has tighter classes (by 1.0°), B wider angles (by 4.0°)"]
            );
        }
    }

    #[test]
    fn of_three_runs_it_is_counted_in_how_many_seeds_each_is_the_best() {
        let row = [(3.0, 88.0), (2.0, 87.0), (4.0, 89.5)];
        let other = [(3.0, 88.0), (3.5, 87.0), (4.0, 89.5)];
        let texts = here(&shapes(&row), Some(&study(&[&row, &other, &row]))).unwrap();
        assert_eq!(
            texts[0],
            "here tightest classes: B (2.0°, 2 of 3 seeds), widest angles: C (89.5°, 3 of 3)"
        );
        assert!(
            here(&shapes(&row), Some(&study(&[&row; 3]))).unwrap()[1].starts_with("tightest B (2.0°, 3 of 3")
        );
    }

    #[test]
    fn a_verdict_by_medians_has_its_counts_and_p() {
        let (a, b) = ([(9.0, 80.0), (10.0, 84.0)], [(11.0, 80.0), (10.0, 84.0)]);
        assert_eq!(
            in_the_median(&study(&[&a, &a, &b, &a, &a]), 1).unwrap(),
            "in the median A has tighter classes (by 1.0°, 4 of 5 seeds, p = 0.375: not shown), B wider angles (by 4.0°, \
             5 of 5 seeds, p = 0.062: not shown)"
        );
        assert_eq!(
            in_the_median(&study(&[&a]), 1).unwrap(),
            "A has tighter classes (by 1.0°), B wider angles (by 4.0°)"
        );
    }
}
