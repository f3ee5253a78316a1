//! The force law of one or several objectives.

use std::path::Path;

use super::{objective_of, source};
use crate::engine::force::{self, force_law};
use crate::experiment::{Experiment, expression, file};
use crate::figure::{Figure, ForceLaw, Series};
use crate::objectives::Term;

/// What the row does in the scene, in words after those on the classes.
pub(super) const SCENE: &str = ", the row turned from its own to the far side";
/// Classes of the scene where nothing says how many.
const CLASSES: usize = 4;

/// The figure of the objectives given, or of the run's own.
pub(super) fn figure(
    path: Option<&Path>,
    objectives: &[String],
    classes: Option<u32>,
    notices: &mut Vec<String>,
) -> Result<Figure, String> {
    let mut laws: Vec<(String, Vec<Term>)> = Vec::new();
    for text in objectives {
        let terms = expression::parse(text).map_err(|error| format!("{error} ({text})"))?;
        laws.push((expression::print_in_full(&terms), terms));
    }
    let mut known = None;
    if let Some(path) = path {
        let material = source::read(path, notices)?;
        known =
            material.classes.as_ref().map(|c| material.features.weights.as_ref().map_or(c.len(), |w| w.rows));
        if laws.is_empty() {
            let experiment = experiment(path)?;
            laws.push((objective_of(&experiment), experiment.objective));
        }
    }
    let classes = classes.map(|c| c as usize).or(known).unwrap_or(CLASSES).max(2);
    let terms: Vec<&Term> = laws.iter().flat_map(|(_, terms)| terms).collect();
    let scene = format!("{}{SCENE}", force::scene(&terms, classes));
    let angles: Vec<f64> = (2..=358).map(|half| f64::from(half) / 2.0).collect();
    let curves: Vec<Series> = laws
        .into_iter()
        .map(|(name, mut terms)| {
            expression::resolve(&mut terms, classes);
            let pulls = force_law(&terms, classes, &angles);
            Series { name, points: pulls.iter().map(|pull| [pull.angle, pull.coupling]).collect() }
        })
        .collect();
    Ok(Figure::ForceLaw(ForceLaw::of_angles(
        "How hard a row is pulled toward its class".to_owned(),
        scene,
        curves,
    )))
}

/// The experiment of a run folder.
fn experiment(path: &Path) -> Result<Experiment, String> {
    if !path.is_dir() {
        return Err("the force figure of a feature file needs --objective".to_owned());
    }
    Ok(file::read(&path.join("experiment.toml")).map_err(|error| error.to_string())?.experiment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::force::CALM;

    fn law(text: &str) -> ForceLaw {
        match figure(None, &[text.to_owned()], Some(4), &mut Vec::new()).unwrap() {
            Figure::ForceLaw(law) => law,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_angular_margin_is_cut_off_and_the_subtitle_says_so() {
        let arc = law("arcface(scale=8, margin=0.5)");
        assert!(arc.subtitle.contains("cut off"), "{}", arc.subtitle);
        let points = &arc.curves[0].points;
        assert!(points.iter().any(|p| p[1].is_nan()));
        assert!(
            points.iter().filter(|p| CALM.contains(&p[0])).all(|p| p[1].is_finite()),
            "nothing is hidden"
        );
        let plain = law("normface(scale=8)");
        assert!(!plain.subtitle.contains("cut off"));
        assert!(plain.curves[0].points.iter().all(|p| p[1].is_finite()));
    }

    #[test]
    fn a_curve_is_named_with_the_numbers_that_nobody_set() {
        assert_eq!(law("arcface(scale=8)").curves[0].name, "arcface(scale=8, margin=0.5)");
    }

    #[test]
    fn the_law_of_raw_scores_says_at_which_lengths_it_is_drawn() {
        assert!(law("softmax").subtitle.contains("rows and class weights of length 1"));
        assert!(!law("normface").subtitle.contains("length"));
    }

    #[test]
    fn the_number_of_classes_changes_the_curve() {
        let few = figure(None, &["normface".to_owned()], Some(2), &mut Vec::new()).unwrap();
        let many = figure(None, &["normface".to_owned()], Some(9), &mut Vec::new()).unwrap();
        assert_ne!(few, many);
    }
}
