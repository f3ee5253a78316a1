//! The figure of a comparison: from its trials to what `figure` paints.

use crate::comparison::{Spread, Study};
use crate::describe::beside;
use crate::features::Matrix;
use crate::figure::{Band, Comparison, ProjectedPoint, ProjectedWeight, Projection, Trajectories};
use crate::geometry::projection::{self, Source};
use crate::palette;

/// Steps a trajectory shows at most.
const SHOWN: usize = 400;

/// What a study does not know of its rows.
#[derive(Clone, Copy, Debug)]
pub struct Cast<'a> {
    /// The class each row was drawn from, where there are labels.
    pub truth: Option<&'a [u32]>,
    /// Names of the classes, by number; who has none is called by a letter, as in the lab.
    pub names: &'a [String],
    /// Whether each arm keeps its rows on the sphere.
    pub sphere: &'a [bool],
}

/// Ends of the first seed through one camera, losses on their own scales, metrics with the range over seeds.
pub fn comparison(study: &Study, cast: Cast<'_>, title: &str, subtitle: &str) -> Comparison {
    let names = study.names.iter().enumerate().map(|(k, name)| called(k, name));
    let mut trajectories = vec![losses(study)];
    let angle = "min_class_angle_deg";
    let target = study.rows.first().and_then(|row| {
        let first = row.first()?.target_angle?;
        let shared = row.iter().all(|trial| trial.target_angle.is_some_and(|t| (t - first).abs() < 1e-9));
        shared.then(|| (first, format!("proved arrangement {first:.2}°")))
    });
    for (key, title, label, log) in [
        (angle, "Smallest angle between class means", "degrees", false),
        ("mean_within_angle_deg", "Angle to the own class mean", "degrees (mean)", true),
        ("nc1", "NC1: spread within classes", "NC1", true),
    ] {
        let bands: Vec<Band> = (0..study.names.len()).map(|arm| metric(study, arm, key)).collect();
        if bands.iter().any(|band| band.points.iter().any(|p| p[2].is_finite())) {
            let target = target.clone().filter(|_| key == angle);
            trajectories.push(Trajectories {
                title: title.into(),
                y_label: label.into(),
                log,
                decades: 20,
                bands,
                target,
                caveat: if key == "nc1" { caveat(study) } else { String::new() },
            });
        }
    }
    Comparison {
        title: title.to_owned(),
        subtitle: subtitle.to_owned(),
        names: names.collect(),
        projections: projections(study, cast),
        trajectories,
    }
}

/// A run by its letter and what it minimises: classes have letters too.
fn called(run: usize, name: &str) -> String {
    format!("run {}: {name}", palette::letter(run))
}

/// Of which runs NC1 says little, at the end or along the way.
fn caveat(study: &Study) -> String {
    let (end, way) =
        (beside::hollow_of(study, beside::When::End), beside::hollow_of(study, beside::When::Ever));
    let way: Vec<char> = way.into_iter().filter(|letter| !end.contains(letter)).collect();
    let words = [(end, beside::When::End), (way, beside::When::Ever)];
    let said = words.into_iter().filter(|(letters, _)| !letters.is_empty());
    said.map(|(letters, when)| beside::hollow_words(&letters, when)[0].clone()).collect::<Vec<_>>().join("; ")
}

/// Quartiles and median of what seeds say at each step that all of them know: one seed that went elsewhere leaves
/// the band where the others are.
fn band(seeds: &[Vec<(u64, f64)>]) -> Band {
    let Some((first, others)) = seeds.split_first() else { return Band::default() };
    let thin = first.len().div_ceil(SHOWN).max(1);
    let mut points = Vec::new();
    for (k, (step, value)) in first.iter().enumerate() {
        if k % thin != 0 && k + 1 != first.len() {
            continue;
        }
        let mut values = vec![*value];
        values
            .extend(others.iter().filter_map(|seed| seed.get(k).filter(|(s, _)| s == step).map(|(_, v)| *v)));
        let spread = Spread::of(&values);
        let [lower, middle, upper] = spread.map_or([f64::NAN; 3], |s| [s.lower, s.middle, s.upper]);
        points.push([*step as f64, lower, middle, upper]);
    }
    Band { points }
}

fn metric(study: &Study, arm: usize, key: &str) -> Band {
    let seeds: Vec<Vec<(u64, f64)>> = study
        .rows
        .iter()
        .map(|row| {
            row[arm].measured.iter().map(|(step, m)| (*step, m.get(key).unwrap_or(f64::NAN))).collect()
        })
        .collect();
    band(&seeds)
}

/// Losses of unlike objectives share no scale: each goes from 1 at its start to 0 at its floor, or, where not all
/// floors are known, at the least loss that it had.
fn losses(study: &Study) -> Trajectories {
    let arms = study.names.len();
    let floors: Option<Vec<f64>> =
        (0..arms).map(|arm| study.floor(arm).and_then(crate::objectives::Floor::value)).collect();
    let own = |arm: usize| -> Band {
        let seeds: Vec<Vec<(u64, f64)>> = study
            .rows
            .iter()
            .map(|row| {
                let curve = &row[arm].curve;
                let start = curve.first().map_or(f64::NAN, |p| p[1]);
                let least = curve.iter().map(|p| p[1]).fold(f64::INFINITY, f64::min);
                let zero = floors.as_ref().map_or(least, |floors| floors[arm]);
                curve.iter().map(|p| (p[0] as u64, (p[1] - zero) / (start - zero))).collect()
            })
            .collect();
        band(&seeds)
    };
    Trajectories {
        title: "Loss, each on its own scale".into(),
        y_label: if floors.is_some() {
            "(loss − floor) / (start − floor)"
        } else {
            "1 = start, 0 = least loss"
        }
        .into(),
        log: floors.is_some(),
        decades: 10,
        bands: (0..arms).map(own).collect(),
        target: None,
        caveat: String::new(),
    }
}

/// The ends of the first seed through the axes of all of them together.
fn projections(study: &Study, cast: Cast<'_>) -> Vec<Projection> {
    let Some(row) = study.rows.first() else { return Vec::new() };
    // Lengths of raw losses have no common unit with those on the sphere: there every arm is shown in its own.
    let own_units = cast.sphere.iter().any(|on| !on);
    let scaled: Vec<(Matrix, f64)> = row
        .iter()
        .map(|trial| {
            let norms = trial.points.norms();
            let mean = norms.iter().sum::<f64>() / norms.len().max(1) as f64;
            let unit = if own_units && mean > 0.0 { mean } else { 1.0 };
            let shrunk = |m: &Matrix| {
                Matrix::new(m.rows, m.cols, m.data.iter().map(|x| (f64::from(*x) / unit) as f32).collect())
            };
            (shrunk(&trial.points), unit)
        })
        .collect();
    let cols = scaled.first().map_or(0, |(m, _)| m.cols);
    let data: Vec<f32> = scaled.iter().flat_map(|(m, _)| m.data.iter().copied()).collect();
    let all = Matrix::new(data.len() / cols.max(1), cols, data);
    let kind = if cols > 2 { projection::kind("pca") } else { None };
    let kind = kind.unwrap_or(projection::default_for(cols));
    let Ok(seen) = (kind.build)(&Source::of_points(&all)) else { return Vec::new() };
    // Of several seeds the ends of one are shown.
    let seed = (study.rows.len() > 1).then(|| format!("seed {}", row.first().map_or(0, |trial| trial.seed)));
    let flat = |p: [f32; 3]| [f64::from(p[0]), f64::from(p[1])];
    let axis = |k: usize| if cols > 2 { format!("axis {} of both", k + 1) } else { format!("x{}", k + 1) };
    let axis = |k: usize| if row.len() > 2 { axis(k).replace("both", "all") } else { axis(k) };
    let one = |(arm, (points, unit)): (usize, &(Matrix, f64))| {
        let class = |i: usize| cast.truth.and_then(|truth| truth.get(i)).map_or(0, |c| *c as usize);
        let places = seen.project(points);
        let most = (0..points.rows).map(class).max().unwrap_or(0);
        // Weights are shown where rows are: their directions, at the length of a mean row.
        let weights = row[arm].weights.as_ref().map_or(Vec::new(), |weights| {
            let place = |(class, w): (usize, &[f32])| {
                let length = w.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt().max(1e-30);
                let mean = if own_units { 1.0 } else { length };
                let turned: Vec<f32> = w.iter().map(|x| (f64::from(*x) / length * mean) as f32).collect();
                ProjectedWeight { at: flat(seen.project_one(&turned)), class }
            };
            weights.rows_iter().enumerate().map(place).collect()
        });
        let at_origin = super::is_at_origin(&seen);
        Projection {
            title: called(arm, &study.names[arm]),
            subtitle: [seed.clone(), own_units.then(|| format!("unit: mean length {unit:.3}"))]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(", "),
            hidden_variance: hidden(points, &places, &seen.centre),
            x_label: axis(0),
            y_label: axis(1),
            class_names: (0..=most)
                .map(|k| cast.names.get(k).cloned().unwrap_or_else(|| palette::letter(k).to_string()))
                .collect(),
            points: places
                .iter()
                .enumerate()
                .map(|(i, p)| ProjectedPoint { at: flat(*p), class: class(i), given: None })
                .collect(),
            weights,
            radius: (!own_units && at_origin).then_some(1.0),
            ..Projection::default()
        }
    };
    scaled.iter().enumerate().map(one).collect()
}

/// The share of an arm's own variance that two shared axes do not show.
fn hidden(points: &Matrix, places: &[[f32; 3]], centre: &[f64]) -> Option<f64> {
    let n = points.rows.max(1) as f64;
    let spread = |values: &dyn Fn(usize) -> Vec<f64>, count: usize| -> f64 {
        let mut sums = vec![(0.0, 0.0); count];
        for i in 0..points.rows {
            for (sum, x) in sums.iter_mut().zip(values(i)) {
                sum.0 += x;
                sum.1 += x * x;
            }
        }
        sums.iter().map(|(s, q)| q / n - (s / n).powi(2)).sum()
    };
    let whole =
        spread(&|i| points.row(i).iter().zip(centre).map(|(x, c)| f64::from(*x) - c).collect(), points.cols);
    let shown = spread(&|i| places[i][..2].iter().map(|x| f64::from(*x)).collect(), 2);
    (whole > 0.0).then(|| (1.0 - shown / whole).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::trial;
    use crate::experiment::start::{Asker, start};
    use crate::experiment::{Experiment, expression};

    /// Two runs from two seeds, four classes of five.
    fn study(steps: u64) -> Study {
        let names = ["normface(scale=4)", "arcface(scale=4, margin=0.5)"];
        let trial = |objective: &str, seed| {
            let objective = expression::parse(objective).unwrap();
            let experiment = Experiment { objective, seed, per_class: Some(5), ..Experiment::default() };
            let begun = start(&experiment, Asker::Run).unwrap();
            trial::run(&begun, steps, 5, &mut |_| true).unwrap()
        };
        let rows = (0..2).map(|seed| names.iter().map(|name| trial(name, seed)).collect()).collect();
        Study { names: names.iter().map(ToString::to_string).collect(), rows, mark: None }
    }

    #[test]
    fn runs_are_called_runs_and_what_nc1_says_little_of_is_said_as_beside_the_table() {
        let study = study(40);
        let truth: Vec<u32> = (0..20).map(|i| i % 4).collect();
        let cast = Cast { truth: Some(&truth), names: &[], sphere: &[true, true] };
        let drawn = comparison(&study, cast, "", "");
        assert_eq!(drawn.names[1], "run B: arcface(scale=4, margin=0.5)");
        assert!(drawn.projections.iter().zip(&drawn.names).all(|(p, name)| p.title == *name));
        assert!(
            drawn.projections.iter().all(|p| p.class_names == ["A", "B", "C", "D"] && p.subtitle == "seed 0")
        );
        let nc1 = drawn.trajectories.iter().find(|t| t.y_label == "NC1").unwrap();
        let ever = beside::hollow_of(&study, beside::When::Ever);
        assert!(!ever.is_empty(), "class means begin in a plane, more or less");
        assert!(nc1.caveat.contains("says little") && nc1.caveat.contains("class means lie nearly flat"));
        assert!(ever.iter().all(|letter| nc1.caveat.contains(*letter)), "{}", nc1.caveat);
        let others = drawn.trajectories.iter().filter(|t| t.y_label != "NC1");
        assert!(others.map(|t| &t.caveat).all(String::is_empty));
    }
}
