//! The force law of one or several objectives.

use std::path::Path;

use super::super::reading::Reading;
use super::{objective_of, source};
use crate::describe::knobs;
use crate::engine::force::{self, force_law, pair_law, target_logit};
use crate::experiment::{Experiment, expression, file};
use crate::figure::{Figure, ForceLaw, Series};
use crate::objectives::Term;

/// What the row does in the scene, in words after those on the classes.
pub(super) const SCENE: &str = " · the row turned from its own to the far side";
/// Classes of the scene where nothing says how many.
const CLASSES: usize = 4;

/// Of what a figure of objectives is asked for.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// A run folder, or a feature file, whose objective or number of classes counts where none is given.
    pub(super) run: Option<&'a Path>,
    /// Objectives that are given.
    pub(super) objectives: &'a [String],
    /// The number of classes that is given.
    pub(super) classes: Option<u32>,
    /// How a feature file is read.
    pub(super) reading: &'a Reading,
}

/// Objectives by their names.
type Laws = Vec<(String, Vec<Term>)>;

/// The objectives given, or that of the run, for so many classes: those asked for, those of the file, or a few.
fn laws(asked: &Asked, notices: &mut Vec<String>) -> Result<(Laws, usize), String> {
    let Asked { run, objectives, classes, reading } = *asked;
    let mut laws: Laws = Vec::new();
    for text in objectives {
        let terms = expression::parse(text).map_err(|error| format!("{error} ({text})"))?;
        laws.push((expression::print_in_full(&terms), terms));
    }
    let mut known = None;
    if let Some(path) = run {
        let material = source::read(path, reading, notices)?;
        known =
            material.classes.as_ref().map(|c| material.features.weights.as_ref().map_or(c.len(), |w| w.rows));
        if laws.is_empty() {
            let experiment = experiment(path)?;
            laws.push((objective_of(&experiment), experiment.objective));
        }
    }
    let classes = classes.map(|c| c as usize).or(known).unwrap_or(CLASSES).max(2);
    for (_, terms) in &mut laws {
        expression::resolve(terms, classes);
    }
    Ok((laws, classes))
}

/// How hard a row is pulled toward its class, by the objectives given, or by the run's own.
pub(super) fn figure(asked: &Asked, notices: &mut Vec<String>) -> Result<Figure, String> {
    let (laws, classes) = laws(asked, notices)?;
    let terms: Vec<&Term> = laws.iter().flat_map(|(_, terms)| terms).collect();
    let mut scene = format!("{}{SCENE}", force::scene(&terms, classes));
    let angles: Vec<f64> = (2..=358).map(|half| f64::from(half) / 2.0).collect();
    let mut curves: Vec<Series> = laws
        .into_iter()
        .map(|(name, terms)| {
            let pulls = force_law(&terms, classes, &angles);
            Series { name, points: pulls.iter().map(|pull| [pull.angle, pull.coupling]).collect() }
        })
        .collect();
    if let Some(shared) = said_once(&mut curves) {
        scene = format!("{shared} · {scene}");
    }
    Ok(Figure::ForceLaw(ForceLaw::of_angles(
        "How hard a row is pulled toward its class".to_owned(),
        scene,
        curves,
    )))
}

/// What margins make of the angle: the target's logit of each objective that has one.
pub(super) fn logits(asked: &Asked, notices: &mut Vec<String>) -> Result<Figure, String> {
    let (laws, _) = laws(asked, notices)?;
    let mut curves = Vec::new();
    for (name, terms) in laws {
        let logit = |angle: f64| match terms.as_slice() {
            [term] => target_logit(term, angle).map(|logit| [angle, logit]),
            _ => None,
        };
        match (0..=360).map(|half| logit(f64::from(half) / 2.0)).collect::<Option<Vec<_>>>() {
            Some(points) => curves.push(Series { name, points }),
            None => notices.push(format!("{name} has no logit of the angle alone and is left out")),
        }
    }
    if curves.is_empty() {
        return Err("none of these has a target whose logit is a function of the angle alone".to_owned());
    }
    let random = curves.iter().any(|curve| curve.name.contains("elastic"));
    let shared = said_once(&mut curves);
    let words = [
        shared,
        Some("logits times their scale".to_owned()),
        random.then(|| "random margins at their mean".to_owned()),
    ];
    Ok(Figure::ForceLaw(ForceLaw {
        title: "Target logit by angle".to_owned(),
        subtitle: words.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        x_label: "angle to the own class weight (°)".to_owned(),
        y_label: "target logit".to_owned(),
        curves,
    }))
}

/// What one anchor does to its positives and its negatives.
pub(super) fn pairs(asked: &Asked, notices: &mut Vec<String>) -> Result<Figure, String> {
    let (laws, _) = laws(asked, notices)?;
    let angles: Vec<f64> = (0..PAIRS).map(|k| (f64::from(k) + 0.5) * 180.0 / f64::from(PAIRS)).collect();
    let mut curves = Vec::new();
    let mut subtitle =
        format!("one anchor, K = {PAIRS} positives and as many negatives at all angles · above 0 a pull");
    let alone = laws.len() == 1;
    for (full, terms) in laws {
        // A name stands twice in the legend: one with many knobs is told in full above it.
        let is_long = full.chars().count() > LONG;
        let name = if is_long { expression::print(&terms) } else { full.clone() };
        let Some(law) = pair_law(&terms, &angles) else {
            notices.push(format!("{name} compares rows with class weights and is left out"));
            continue;
        };
        for (kind, values) in [("positives", law.positives), ("negatives", law.negatives)] {
            let points = angles.iter().zip(values).map(|(angle, value)| [*angle, value]).collect();
            let name = if alone { kind.to_owned() } else { format!("{kind}, {name}") };
            curves.push(Series { name, points });
        }
        if is_long || alone {
            let short =
                |term: &Term| format!("{}({})", term.objective.name(), knobs::of_term(term).join(", "));
            let short: Vec<String> = terms.iter().map(short).collect();
            subtitle += &format!(" · {}", if is_long { short.join(" + ") } else { full });
        }
    }
    if curves.is_empty() {
        return Err("none of these compares rows with rows".to_owned());
    }
    Ok(Figure::ForceLaw(ForceLaw {
        title: "Pull of positives and push of negatives".to_owned(),
        subtitle,
        x_label: "angle to the anchor (°)".to_owned(),
        y_label: "K·(−∂ℓ/∂cos)".to_owned(),
        curves,
    }))
}

/// Takes from the names of several curves what all of them are set to alike: of `normface(scale=64)` and
/// `arcface(scale=64, margin=0.5)` the scale, which is then said once.
fn said_once(curves: &mut [Series]) -> Option<String> {
    let parts = |name: &str| -> Option<(String, Vec<String>)> {
        let (objective, knobs) = name.strip_suffix(')')?.split_once('(')?;
        let plain = !objective.contains([' ', '*']) && !knobs.contains(['(', ')']);
        plain.then(|| (objective.to_owned(), knobs.split(", ").map(str::to_owned).collect()))
    };
    let all: Vec<(String, Vec<String>)> =
        curves.iter().map(|curve| parts(&curve.name)).collect::<Option<_>>()?;
    let (_, first) = all.first().filter(|_| all.len() > 1)?;
    let shared: Vec<String> =
        first.iter().filter(|knob| all.iter().all(|(_, knobs)| knobs.contains(knob))).cloned().collect();
    for (curve, (objective, knobs)) in curves.iter_mut().zip(&all) {
        let own: Vec<&str> = knobs.iter().filter(|knob| !shared.contains(knob)).map(String::as_str).collect();
        curve.name =
            if own.is_empty() { objective.clone() } else { format!("{objective}({})", own.join(", ")) };
    }
    (!shared.is_empty()).then(|| shared.join(", "))
}

/// Positives, and negatives, of the anchor.
const PAIRS: u32 = 90;
/// Names longer than this would be cut in a legend.
const LONG: usize = 40;

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

    fn of(objectives: &[String], classes: Option<u32>) -> Asked<'_> {
        static READING: Reading = Reading { drop_bad_rows: false, max_array_bytes: None };
        Asked { run: None, objectives, classes, reading: &READING }
    }

    fn law(text: &str) -> ForceLaw {
        match figure(&of(&[text.to_owned()], Some(4)), &mut Vec::new()).unwrap() {
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
    fn what_all_curves_are_set_to_is_said_once() {
        let drawn = |texts: &[&str]| {
            let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
            let Figure::ForceLaw(law) = figure(&of(&texts, Some(4)), &mut Vec::new()).unwrap() else {
                panic!("a law")
            };
            (law.subtitle, law.curves.into_iter().map(|curve| curve.name).collect::<Vec<_>>())
        };
        let (subtitle, names) = drawn(&["normface(scale=8)", "cosface(scale=8, margin=0.3)"]);
        assert!(subtitle.starts_with("scale=8 · "), "{subtitle}");
        assert_eq!(names, ["normface", "cosface(margin=0.3)"]);
        let (subtitle, names) = drawn(&["normface(scale=8)", "normface(scale=4)"]);
        assert!(!subtitle.contains("scale="), "{subtitle}");
        assert_eq!(names, ["normface(scale=8)", "normface(scale=4)"]);
        assert_eq!(drawn(&["normface(scale=8)"]).1, ["normface(scale=8)"]);
    }

    #[test]
    fn target_logits_of_the_margins_cross_as_in_their_papers() {
        let texts =
            ["normface(scale=64)", "cosface(scale=64)", "arcface(scale=64)", "softmax"].map(String::from);
        let mut notices = Vec::new();
        let Figure::ForceLaw(law) = logits(&of(&texts, None), &mut notices).unwrap() else { panic!("a law") };
        assert_eq!(law.curves.len(), 3);
        assert!(notices[0].starts_with("softmax has no logit"), "{notices:?}");
        let at = |curve: usize, degrees: usize| law.curves[curve].points[2 * degrees];
        assert_eq!(at(0, 0), [0.0, 64.0]);
        for degrees in [0, 30, 60, 90] {
            let cos = (degrees as f64).to_radians().cos();
            assert!((at(1, degrees)[1] - 64.0 * (cos - 0.35)).abs() < 1e-3);
            let turned = ((degrees as f64).to_radians() + 0.5).cos();
            assert!((at(2, degrees)[1] - 64.0 * turned).abs() < 1e-3);
        }
        assert!(logits(&of(&texts[3..], None), &mut notices).unwrap_err().contains("none of these"));
    }

    #[test]
    fn pairs_have_a_curve_of_positives_and_one_of_negatives() {
        let texts = ["cacr(weights=detached)", "arcface"].map(String::from);
        let mut notices = Vec::new();
        let Figure::ForceLaw(law) = pairs(&of(&texts, None), &mut notices).unwrap() else { panic!("a law") };
        assert_eq!((law.curves.len(), notices.len()), (2, 1));
        let ends = |curve: usize| [law.curves[curve].points[0][1], law.curves[curve].points[89][1]];
        assert!(ends(0)[0] < ends(0)[1] && ends(1)[0] < ends(1)[1], "{:?} {:?}", ends(0), ends(1));
    }

    #[test]
    fn the_law_of_raw_scores_says_at_which_lengths_it_is_drawn() {
        assert!(law("softmax").subtitle.contains("rows and class weights of length 1"));
        assert!(!law("normface").subtitle.contains("length"));
    }

    #[test]
    fn the_number_of_classes_changes_the_curve() {
        let by = |classes| figure(&of(&["normface".to_owned()], Some(classes)), &mut Vec::new()).unwrap();
        assert_ne!(by(2), by(9));
    }
}
