//! Figures of a [`Snapshot`]: what the panes of the lab show, on paper.

use super::over;
use crate::describe::selection::projection_name;
use crate::describe::{changes, knobs};
use crate::engine::force;
use crate::figure::{
    Angles, Curves, Density, ForceLaw, Gram, ProjectedPoint, ProjectedTrail, ProjectedWeight, Projection,
    Series, Table, YScale, significant,
};
use crate::geometry::{Classes, Undefined, mollweide};
use crate::minus::typeset;
use crate::objectives::Term;
use crate::palette;
use crate::snapshot::{Snapshot, Trailed};

/// How three coordinates are turned toward the eye: to the right, up, and near; for a map, to their place on it.
pub type Turn<'a> = &'a (dyn Fn([f32; 3]) -> [f32; 3] + Sync);

/// The names of the classes, letters where there are none.
pub fn names(snapshot: &Snapshot) -> Vec<String> {
    let given = snapshot.cast.label_names.clone();
    given.unwrap_or_else(|| (0..snapshot.cast.classes).map(|k| palette::letter(k).to_string()).collect())
}

/// What runs.
pub fn title(snapshot: &Snapshot) -> String {
    let names: Vec<&str> =
        snapshot.experiment.objective.iter().map(|term| term.objective.about().title).collect();
    names.join(" + ")
}

/// What the run is set to: its step, seed and knobs, and whether they were others before.
pub fn state(snapshot: &Snapshot) -> String {
    let changes = match changes::of(snapshot).len() {
        0 => String::new(),
        1 => " (1 change on the way)".to_owned(),
        count => format!(" ({count} changes on the way)"),
    };
    settings_now(snapshot) + &changes
}

/// The step, the seed and the knobs as they are now.
fn settings_now(snapshot: &Snapshot) -> String {
    let knobs = knobs::of(&snapshot.experiment);
    let knobs = if knobs.is_empty() { knobs } else { format!(" · {knobs}") };
    format!("step {}, seed {}{knobs}", snapshot.step, snapshot.experiment.seed)
}

/// The view as it is turned on the screen, with what is shown of forces and the picked row, and with the proved
/// arrangement if that is shown.
pub fn projection(snapshot: &Snapshot, turn: Turn<'_>, row: Option<u32>, target: bool) -> Projection {
    let picture = &snapshot.picture;
    let cast = &snapshot.cast;
    let turned = picture.shares.len() >= 3;
    let see = |p: [f32; 3]| {
        let o = picture.origin;
        let p = if picture.sphere { [p[0] - o[0], p[1] - o[1], p[2] - o[2]] } else { p };
        let seen = if turned { turn(p) } else { p };
        [f64::from(seen[0]), f64::from(seen[1])]
    };
    let points = picture.points.iter().zip(&picture.rows).map(|(place, &row)| {
        let label = cast.labels.get(row as usize).map_or(0, |label| *label as usize);
        let class = cast.truth.get(row as usize).map_or(label, |class| *class as usize);
        ProjectedPoint { at: see(*place), class, given: (label != class).then_some(label) }
    });
    let weights = picture.weights.iter().enumerate();
    let means = picture.means.iter().filter(|_| cast.labelled);
    let means = means.map(|(label, place)| ProjectedWeight { at: see(*place), class: *label as usize });
    let trail = |(of, way): &(Trailed, Vec<[f32; 3]>)| {
        let class = match of {
            Trailed::Class(class) => *class,
            Trailed::Row(row) => cast.truth.get(*row as usize).copied().unwrap_or(0),
        };
        let way: Vec<[f64; 2]> = way.iter().map(|place| see(*place)).collect();
        let pieces = if picture.map { mollweide::pieces(way) } else { vec![way] };
        ProjectedTrail { class: class as usize, mean: matches!(of, Trailed::Class(_)), pieces }
    };
    let notice = picture.notice.as_ref().map_or(String::new(), |notice| format!(" ({notice})"));
    let [x_label, y_label] = over::labels(picture);
    let words = [
        Some(format!("{}, {} points", state(snapshot), picture.rows.len())),
        over::axes_words(picture),
        over::words(picture),
    ];
    let fit = snapshot.geometry.fit.as_ref();
    Projection {
        title: title(snapshot),
        view: format!("{}{notice}", projection_name(snapshot)),
        subtitle: words.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        hidden_variance: Some(picture.hidden),
        class_names: names(snapshot),
        points: points.collect(),
        weights: weights.map(|(class, place)| ProjectedWeight { at: see(*place), class }).collect(),
        means: means.collect(),
        origin: (!picture.map).then(|| see(picture.origin)),
        targets: picture.targets.iter().filter(|_| target).map(|(place, _)| see(*place)).collect(),
        target_name: fit.map_or(String::new(), |fit| format!("target: {}", fit.name)),
        radius: (picture.sphere && !picture.map).then_some(1.0),
        map: picture.map.then(|| super::map::of(see)),
        trails: picture.trails.ways.iter().map(trail).collect(),
        x_label,
        y_label,
        arrows: over::arrows(picture, &see),
        gauge: over::gauge(picture),
        picked: over::picked(picture, row, &see),
        turned: over::turned(picture, turn),
        ..Projection::default()
    }
}

/// The loss up to the step on the screen, with its floor: one line where it never moved, else as it was at each step;
/// by powers of ten if asked for and all of it is positive. What was changed on the way is marked.
pub fn curves(snapshot: &Snapshot, log: bool) -> Curves {
    let made = || snapshot.history.iter().filter(|sample| sample.step <= snapshot.step);
    let points: Vec<[f64; 2]> = made().map(|sample| [sample.step as f64, sample.loss]).collect();
    let moved = made().any(|sample| sample.floor != snapshot.floor.value());
    let floors: Vec<[f64; 2]> =
        made().filter_map(|sample| Some([sample.step as f64, sample.floor?])).collect();
    let above = points.iter().chain(&floors).all(|point| point[1] > 0.0);
    let floor = snapshot.floor.value().filter(|_| !moved);
    let mut series = vec![Series { name: String::new(), points }];
    if moved && !floors.is_empty() {
        series[0].name = "loss".into();
        series.push(Series { name: format!("{} at each step", snapshot.floor.word()), points: floors });
    }
    Curves {
        title: title(snapshot),
        // The changes are told one by one.
        subtitle: settings_now(snapshot),
        edits: changes::of(snapshot).into_iter().map(|(step, what)| (step as f64, what)).collect(),
        y_label: "loss".into(),
        y_scale: if log && above && floor.is_none_or(|floor| floor > 0.0) {
            YScale::Log
        } else {
            YScale::Linear
        },
        series,
        floors: super::floor_line(&snapshot.floor, None).filter(|_| !moved).into_iter().collect(),
        ..Curves::default()
    }
}

/// Where the rows lie on the circle or the sphere, by class.
///
/// # Errors
/// [`Undefined`] in one dimension, or where nothing has a direction.
pub fn density(snapshot: &Snapshot) -> Result<Density, Undefined> {
    let cast = &snapshot.cast;
    let classes = cast.labelled.then(|| Classes::new(&snapshot.points, &cast.truth).ok()).flatten();
    let made = super::density(&snapshot.points, classes.as_ref())?;
    let all = names(snapshot);
    let name = |label: &u32| all.get(*label as usize).cloned().unwrap_or_else(|| label.to_string());
    Ok(Density {
        title: title(snapshot),
        subtitle: format!("{} · {}", made.subtitle, state(snapshot)),
        class_names: classes.map_or(Vec::new(), |classes| classes.labels.iter().map(name).collect()),
        ..made
    })
}

/// Cosines of the class means, if they are known by now.
pub fn gram(snapshot: &Snapshot) -> Option<Gram> {
    let gram = snapshot.geometry.gram.as_ref()?;
    let count = gram.labels.len();
    let names = names(snapshot);
    let name = |label: &u32| names.get(*label as usize).cloned().unwrap_or_else(|| label.to_string());
    Some(Gram {
        title: title(snapshot),
        subtitle: format!("cosines of class means, step {}", snapshot.geometry.step),
        class_names: gram.labels.iter().map(name).collect(),
        cosines: (0..count).map(|k| (0..count).map(|l| gram.cosine(k, l)).collect()).collect(),
        target: super::simplex_mark(
            gram.simplex_cosine,
            count,
            snapshot.points.cols,
            snapshot.brief.theory.target.as_ref(),
        ),
        difference: None,
    })
}

/// Angles within and between classes, if they are known by now.
pub fn angles(snapshot: &Snapshot) -> Option<Angles> {
    let angles = snapshot.geometry.angles.as_ref()?;
    Some(Angles {
        title: title(snapshot),
        subtitle: format!("angles of pairs, step {}", snapshot.geometry.step),
        within: angles.within.bins.clone(),
        between: angles.between.bins.clone(),
        target: super::target_angle(snapshot.brief.theory.target.as_ref()),
    })
}

/// The force laws that are known.
pub fn law(snapshot: &Snapshot) -> Option<ForceLaw> {
    let law = &snapshot.law;
    let series = |curve: &crate::snapshot::LawCurve| Series {
        name: curve.name.clone(),
        points: law.angles.iter().zip(&curve.pulls).map(|(angle, pull)| [*angle, *pull]).collect(),
    };
    let curves: Vec<Series> = law.curves.iter().map(series).collect();
    let terms: Vec<&Term> = law.curves.iter().flat_map(|curve| &curve.terms).collect();
    let scene = force::scene(&terms, law.classes);
    (!curves.is_empty()).then(|| ForceLaw::of_angles("Force law".to_owned(), scene, curves))
}

/// The numbers of the run.
pub fn numbers(snapshot: &Snapshot) -> Table {
    let mut rows = vec![
        ("step".to_owned(), snapshot.step.to_string()),
        ("loss".to_owned(), short(snapshot.loss)),
        (snapshot.floor.word().to_owned(), snapshot.floor.value().map_or("none known".to_owned(), short)),
    ];
    rows.extend(snapshot.gradient_norm.map(|norm| ("gradient norm".to_owned(), short(norm))));
    let fit = snapshot.geometry.fit.as_ref();
    rows.extend(fit.map(|fit| (format!("distance to the {}", fit.name), short(fit.distance))));
    let known = snapshot.geometry.measured.values.iter();
    rows.extend(known.filter_map(|(key, value)| Some(((*key).replace('_', " "), short((*value)?)))));
    Table { title: title(snapshot), subtitle: String::new(), rows }
}

/// What was set, a row each.
pub fn settings(snapshot: &Snapshot) -> Table {
    let experiment = &snapshot.experiment;
    let mut rows = Vec::new();
    for term in &experiment.objective {
        rows.push((format!("{} (weight {})", term.objective.name(), short(term.weight)), String::new()));
        for (knob, shown) in term.objective.knobs().iter().zip(knobs::of_term(term)) {
            let value = shown.split_once('=').map_or(shown.as_str(), |(_, value)| value);
            rows.push((knob.name.to_owned(), value.to_owned()));
        }
    }
    rows.push(("classes".into(), snapshot.cast.classes.to_string()));
    rows.push(("points × dimensions".into(), format!("{} × {}", snapshot.points.rows, snapshot.points.cols)));
    rows.push(("rate".into(), short(snapshot.rate)));
    rows.extend(knobs::of_training(experiment).into_iter().map(|(name, value)| (name.to_owned(), value)));
    rows.push(("seed".into(), experiment.seed.to_string()));
    rows.push(("engine".into(), snapshot.engine.to_owned()));
    Table { title: title(snapshot), subtitle: String::new(), rows }
}

/// A number in as few characters as tell it.
pub fn short(x: f64) -> String {
    let size = x.abs();
    let text = if x == 0.0 {
        "0".to_owned()
    } else if !(1e-3..1e5).contains(&size) {
        significant(x, 3)
    } else if size >= 100.0 {
        format!("{x:.1}")
    } else {
        format!("{x:.4}")
    };
    let text = if text.contains('.') && !text.contains('×') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    };
    typeset(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;
    use crate::simulation::Run;
    use crate::snapshot::To;

    #[test]
    fn settings_say_how_it_is_minimised() {
        let snapshot = Run::new(&Experiment::default()).unwrap().snapshot();
        let rows = settings(&snapshot).rows;
        for wanted in knobs::of_training(&snapshot.experiment) {
            assert!(rows.contains(&(wanted.0.to_owned(), wanted.1.clone())), "{wanted:?} {rows:?}");
        }
    }

    #[test]
    fn what_is_never_reached_is_called_an_infimum_as_on_the_screen() {
        let objective = crate::experiment::expression::parse("softmax").unwrap();
        let mut run = Run::new(&Experiment { objective, ..Experiment::default() }).unwrap();
        run.go();
        run.advance(5);
        let snapshot = run.snapshot();
        assert_eq!(curves(&snapshot, true).floors[0].label, "infimum 0");
        let rows = numbers(&snapshot).rows;
        assert!(rows.contains(&("infimum".to_owned(), "0".to_owned())), "{rows:?}");
    }

    #[test]
    fn a_floor_that_moved_is_drawn_as_it_was_and_no_curve_goes_beyond_the_step_on_the_screen() {
        let mut run = Run::new(&Experiment::default()).unwrap();
        run.go();
        run.advance(20);
        let still = curves(&run.snapshot(), true);
        assert_eq!((still.series.len(), still.floors.len()), (1, 1));
        assert_eq!(still.floors[0].label, "floor 0.01438");
        let mut changed = (*run.experiment).clone();
        changed.objective = crate::experiment::expression::parse("normface(scale=7)").unwrap();
        run.change(&changed).unwrap();
        run.advance(30);
        let moved = curves(&run.snapshot(), true);
        assert_eq!((moved.series.len(), moved.floors.len()), (2, 0));
        assert_eq!(moved.edits, [(20.0, "s 4 > 7".to_owned())]);
        assert!(still.edits.is_empty() && state(&run.snapshot()).ends_with("s=7 (1 change on the way)"));
        assert_eq!([still.y_scale, curves(&run.snapshot(), false).y_scale], [YScale::Log, YScale::Linear]);
        let lies_above = |(loss, floor): (&[f64; 2], &[f64; 2])| loss[0] == floor[0] && loss[1] >= floor[1];
        assert!(moved.series[0].points.iter().zip(&moved.series[1].points).all(lies_above));
        run.pause();
        run.seek(To::Step(10));
        run.arrive();
        let back = curves(&run.snapshot(), true);
        assert_eq!(run.step(), 10);
        assert!(back.series[0].points.iter().all(|point| point[0] <= 10.0));
        assert_eq!((back.series.len(), back.floors.len()), (1, 1), "it had not moved by then");
        assert!(back.edits.is_empty(), "and nothing was changed by then");
    }
}
