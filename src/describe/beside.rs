//! Runs side by side in words: whose classes are tighter, whose angles are wider, and where a number says little.

use super::verdict::{self, Shape};
use super::{changes, geometry, sentence, target_angle, what_runs};
use crate::comparison::{Study, Trial};
use crate::geometry::Measurements;
use crate::palette;
use crate::snapshot::Snapshot;

/// By how much NC1 exceeds the plain ratio of the two scatters before it says more about the direction in which class
/// means lie nearest to one another than about the spread within classes.
const HOLLOW: f64 = 10.0;

/// Who is ahead among the runs on the screen, as far as they are measured, with what seeds say of that where they were run
/// to this step: from many words to few.
pub fn verdict_of(snapshot: &Snapshot) -> Option<Vec<String>> {
    let shape = |run| Shape::measured(run, &snapshot.beside(run).geometry.measured);
    let shapes: Option<Vec<Shape>> = (0..snapshot.runs()).map(shape).collect();
    let study = snapshot.company.as_ref().and_then(|company| company.study_at(snapshot.step));
    verdict::here(&shapes?, study.map(|study| &**study))
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
    /// At its end, but in half of the seeds at most.
    Seeds,
}

/// The letters of the runs of a study of which NC1 says little then, in most of their seeds unless others are meant.
pub fn hollow_of(study: &Study, when: When) -> Vec<char> {
    let is_hollow = |trial: &Trial| {
        let mut along = trial.measured.iter().map(|(_, measured)| measured);
        nc1_is_hollow(&trial.last) || when == When::Ever && along.any(nc1_is_hollow)
    };
    let is_meant = |arm: &usize| {
        let count = study.rows.iter().filter(|row| is_hollow(&row[*arm])).count();
        let mostly = 2 * count > study.rows.len();
        if when == When::Seeds { count > 0 && !mostly } else { mostly }
    };
    (0..study.names.len()).filter(is_meant).map(palette::letter).collect()
}

/// All that is to be known of NC1 at the end of the runs of a study, without full stops.
pub fn hollow_notes(study: &Study) -> Vec<String> {
    let at = [When::End, When::Seeds].map(|when| (hollow_of(study, when), when));
    let known = at.into_iter().filter(|(letters, _)| !letters.is_empty());
    known.map(|(letters, when)| hollow_words(&letters, when)[0].clone()).collect()
}

/// A sentence about NC1 of these runs, in long and in short words, without a full stop.
pub fn hollow_words(letters: &[char], when: When) -> [String; 2] {
    let names: Vec<String> = letters.iter().map(char::to_string).collect();
    let names = match names.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => names.concat(),
    };
    let at = match when {
        When::End => "",
        When::Ever => " at times",
        When::Seeds => " in some seeds",
    };
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
    said.extend(verdict_of(snapshot).and_then(|texts| texts.first().map(|text| sentence(text))));
    said.extend(
        changes::uneven(snapshot)
            .map(|[text, _]| format!("The runs are not compared like with like: {text}.")),
    );
    let hollow = hollow(snapshot);
    if !hollow.is_empty() {
        said.push(sentence(&hollow_words(&hollow, When::End)[0]));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

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
