//! Runs side by side in words: whose classes are tighter, whose angles are wider, and where a number says little.

use super::{geometry, sentence, target_angle, what_runs};
use crate::comparison::{Study, Trial};
use crate::geometry::Measurements;
use crate::palette;
use crate::snapshot::Snapshot;

/// Angles that differ by less, in degrees, are told as alike: they look the same in the tables too.
const ALIKE: f64 = 0.05;
/// By how much NC1 exceeds the plain ratio of the two scatters before it says more about the direction in which class
/// means lie nearest to one another than about the spread within classes.
const HOLLOW: f64 = 10.0;

/// What a verdict looks at, in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// The letter of the run.
    pub letter: char,
    /// The mean angle of a row to its class mean.
    pub within: f64,
    /// The smallest angle between two class means.
    pub closest: f64,
}

impl Shape {
    /// From what was measured of a run; nothing where one of the two is not known.
    pub fn of(run: usize, measured: &Measurements) -> Option<Self> {
        let within = measured.get("mean_within_angle_deg")?;
        let closest = measured.get("min_class_angle_deg")?;
        Some(Self { letter: palette::letter(run), within, closest })
    }
}

/// Who is better at something, and by how many degrees of whom.
enum Ahead {
    Nobody,
    One(char, f64),
}

fn ahead(first: &Shape, other: &Shape, lead: f64) -> Ahead {
    match lead {
        lead if lead.abs() < ALIKE => Ahead::Nobody,
        lead if lead > 0.0 => Ahead::One(first.letter, lead),
        lead => Ahead::One(other.letter, -lead),
    }
}

/// Which of the runs has tighter classes and which has wider angles, without a full stop; nothing of fewer than two.
pub fn verdict(shapes: &[Shape]) -> Option<String> {
    match shapes {
        [] | [_] => None,
        [first, other] => {
            let tighter = ahead(first, other, other.within - first.within);
            let wider = ahead(first, other, first.closest - other.closest);
            Some(match (tighter, wider) {
                (Ahead::Nobody, Ahead::Nobody) => {
                    format!(
                        "{} and {} have equally tight classes and equally wide angles",
                        first.letter, other.letter
                    )
                }
                (Ahead::One(a, by), Ahead::Nobody) => {
                    format!("{a} has tighter classes (by {by:.1}°), angles are as wide")
                }
                (Ahead::Nobody, Ahead::One(b, by)) => {
                    format!("{b} has wider angles (by {by:.1}°), classes are as tight")
                }
                (Ahead::One(a, by), Ahead::One(b, wide)) if a == b => {
                    format!("{a} has tighter classes (by {by:.1}°) and wider angles (by {wide:.1}°)")
                }
                (Ahead::One(a, by), Ahead::One(b, wide)) => {
                    format!("{a} has tighter classes (by {by:.1}°), {b} wider angles (by {wide:.1}°)")
                }
            })
        }
        many => {
            let tightest = many.iter().min_by(|a, b| a.within.total_cmp(&b.within))?;
            let widest = many.iter().max_by(|a, b| a.closest.total_cmp(&b.closest))?;
            Some(format!(
                "tightest classes: {} ({:.1}°), widest angles: {} ({:.1}°)",
                tightest.letter, tightest.within, widest.letter, widest.closest
            ))
        }
    }
}

/// Where the runs do not have the same changes on their way, so that they are not compared like with like: how many each
/// has, `A with 2 changes, B as begun`.
pub fn uneven(snapshot: &Snapshot) -> Option<String> {
    let changes = |run: usize| snapshot.beside(run).edits.iter().filter(|edit| edit.step > 0);
    let runs = snapshot.runs();
    if (1..runs).all(|run| changes(run).eq(changes(0))) {
        return None;
    }
    let told = (0..runs).map(|run| {
        let letter = palette::letter(run);
        match changes(run).count() {
            0 => format!("{letter} as begun"),
            1 => format!("{letter} with 1 change"),
            count => format!("{letter} with {count} changes"),
        }
    });
    Some(told.collect::<Vec<_>>().join(", "))
}

/// The same of runs on the screen, as far as they are measured.
pub fn verdict_of(snapshot: &Snapshot) -> Option<String> {
    let shape = |run| Shape::of(run, &snapshot.beside(run).geometry.measured);
    let shapes: Option<Vec<Shape>> = (0..snapshot.runs()).map(shape).collect();
    verdict(&shapes?)
}

/// Whether NC1 says little about the spread within classes: class means (nearly) coincide in some direction, and it
/// divides by how far apart they are there. With Sb the same on all of its r < C axes, tr(Sw Sb⁺)/C is at most
/// (r/C)·tr Sw/tr Sb, and the Fisher ratio is tr Sb/tr Sw: their product is below 1.
pub fn nc1_is_hollow(measured: &Measurements) -> bool {
    let both = measured.get("nc1").zip(measured.get("fisher_ratio"));
    both.is_some_and(|(nc1, fisher)| nc1 * fisher > HOLLOW)
}

/// The letters of the runs of which that is true.
pub fn hollow(snapshot: &Snapshot) -> Vec<char> {
    let is_hollow = |run: &usize| nc1_is_hollow(&snapshot.beside(*run).geometry.measured);
    (0..snapshot.runs()).filter(is_hollow).map(palette::letter).collect()
}

/// When NC1 of a run says little.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At its end.
    End,
    /// At its end or at a step before.
    Ever,
}

/// The letters of the runs of a study of which NC1 says little then, in most of their seeds.
pub fn hollow_of(study: &Study, when: When) -> Vec<char> {
    let is_hollow = |trial: &Trial| {
        let mut along = trial.measured.iter().map(|(_, measured)| measured);
        nc1_is_hollow(&trial.last) || when == When::Ever && along.any(nc1_is_hollow)
    };
    let mostly =
        |arm: &usize| 2 * study.rows.iter().filter(|row| is_hollow(&row[*arm])).count() > study.rows.len();
    (0..study.names.len()).filter(mostly).map(palette::letter).collect()
}

/// A sentence about NC1 of these runs, in long and in short words, without a full stop.
pub fn hollow_words(letters: &[char], when: When) -> [String; 2] {
    let names: Vec<String> = letters.iter().map(char::to_string).collect();
    let names = match names.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => names.concat(),
    };
    let at = if when == When::Ever { " at times" } else { "" };
    let short = format!("NC1 of {names} says little{at}: class means lie nearly flat");
    [format!("{short}, and it divides by that"), format!("! {short}")]
}

/// Runs side by side in sentences: each one, then who is ahead. Nothing of a run alone.
pub fn sentences(snapshot: &Snapshot) -> Vec<String> {
    if snapshot.runs() < 2 {
        return Vec::new();
    }
    let mut said = Vec::new();
    for run in 0..snapshot.runs() {
        let shown = snapshot.beside(run);
        let letter = palette::letter(run);
        said.push(format!("Run {letter}: {}", what_runs(shown)));
        let about = geometry(&shown.geometry.measured, target_angle(shown));
        said.extend(about.into_iter().map(|text| format!("Run {letter}: {text}")));
        if let Some(reached) = shown.reached {
            said.push(format!(
                "Run {letter}: class angles are near their target since step {}.",
                reached.step
            ));
        }
    }
    said.extend(verdict_of(snapshot).map(|text| sentence(&text)));
    said.extend(uneven(snapshot).map(|text| format!("The runs are not compared like with like: {text}.")));
    let hollow = hollow(snapshot);
    if !hollow.is_empty() {
        said.push(sentence(&hollow_words(&hollow, When::End)[0]));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(runs: &[(f64, f64)]) -> String {
        let shape = |(run, (within, closest)): (usize, &(f64, f64))| Shape {
            letter: palette::letter(run),
            within: *within,
            closest: *closest,
        };
        verdict(&runs.iter().enumerate().map(shape).collect::<Vec<_>>()).unwrap_or_default()
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

    #[test]
    fn nc1_says_little_where_class_means_lie_in_a_plane() {
        use crate::features::Matrix;
        use crate::geometry::{Sample, measure_cheap};
        // Four class means at (±1, ±1, ±h): corners of a tetrahedron for h = 1, nearly of a square for h = 0.01.
        let measured = |h: f64| {
            let corner = [[1.0, 1.0, h], [1.0, -1.0, -h], [-1.0, 1.0, -h], [-1.0, -1.0, h]];
            let points = Matrix::from_fn(24, 3, |i, j| {
                let off = if i / 4 % 3 == j { 0.05 * if i / 12 == 0 { 1.0 } else { -1.0 } } else { 0.0 };
                (corner[i % 4][j] + off) as f32
            });
            let labels: Vec<u32> = (0..24).map(|i| i % 4).collect();
            measure_cheap(&Sample { labels: Some(&labels), ..Sample::of_points(&points) })
        };
        assert!(!nc1_is_hollow(&measured(1.0)));
        assert!(nc1_is_hollow(&measured(0.01)), "{:?}", measured(0.01).get("nc1"));
    }
}
