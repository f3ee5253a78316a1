//! What a check can name: every metric, and a few numbers that lessons are about, each measured on a snapshot.

use crate::engine::cpu::CpuEngine;
use crate::engine::force;
use crate::engine::{Engine, Evaluation, MarginsAt, Parameter, Problem, State};
use crate::features::Matrix;
use crate::geometry::METRICS;
use crate::geometry::projection::{PROJECTIONS, Source};
use crate::objectives::{Family, Grouping, OBJECTIVES, Range};
use crate::optimizer::{Method, normalise};
use crate::snapshot::Snapshot;

/// Rows that a sum over pairs or a gradient may have here.
const MOST_ROWS: usize = 2048;
/// The rate of the step that is tried.
const SMALL_STEP: f64 = 1e-3;

/// A quantity that is no metric.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    /// What checks call it.
    pub name: &'static str,
    /// What a learner reads, in a few words.
    pub words: &'static str,
    /// The unit of what is read: `°`, `%` (of a share), or none.
    pub unit: &'static str,
    /// What it is.
    pub about: &'static str,
}

const fn quantity_of(
    name: &'static str,
    words: &'static str,
    unit: &'static str,
    about: &'static str,
) -> Quantity {
    Quantity { name, words, unit, about }
}

/// The quantities that are no metrics.
pub const QUANTITIES: &[Quantity] = &[
    quantity_of("loss", "loss", "", "what is minimised"),
    quantity_of("floor", "floor of the loss", "", "its proven lower bound"),
    quantity_of("first_loss", "first loss", "", "the loss before the first step"),
    quantity_of("loss_at", "loss", "", "loss_at(n): the loss after n steps of this run"),
    quantity_of("gradient", "length of the gradient", "", "the length of the gradient"),
    quantity_of("step", "steps made", "", "steps made"),
    quantity_of("C", "classes", "", "classes"),
    quantity_of("d", "dimensions", "", "dimensions"),
    quantity_of("N", "rows", "", "rows"),
    quantity_of(
        "min_class_angle",
        "smallest angle between class means",
        "°",
        "short for min_class_angle_deg",
    ),
    quantity_of("min_class_cos", "smallest cosine of class means", "", "smallest cosine of two class means"),
    quantity_of("max_class_cos", "largest cosine of class means", "", "largest cosine of two class means"),
    quantity_of("mean_class_cos", "mean cosine of class means", "", "mean cosine of two class means"),
    quantity_of(
        "energy",
        "energy of the points",
        "",
        "sum over pairs of rows of 1/distance, rows of unit length",
    ),
    quantity_of(
        "pair_angle_mean",
        "mean angle between two points",
        "°",
        "mean angle between two rows, in degrees",
    ),
    quantity_of(
        "pair_angle_spread",
        "spread of the angle between two points",
        "°",
        "standard deviation of the angle between two rows, in degrees",
    ),
    quantity_of(
        "width",
        "largest distance from the middle",
        "",
        "largest distance of a row from the mean of all, rows of unit length",
    ),
    quantity_of(
        "pca_2d_share",
        "variance that the best plane shows",
        "%",
        "share of the variance that the best plane shows",
    ),
    quantity_of(
        "past_turn",
        "points past the turning angle",
        "",
        "rows farther than 180 degrees less the margin from their class weight",
    ),
    quantity_of(
        "turning_angle",
        "angle at which the pull turns",
        "°",
        "the angle, in degrees, past which a row is pushed away from its own class",
    ),
    quantity_of(
        "coupling_sum",
        "largest sum of couplings",
        "",
        "largest sum over classes of a row's couplings, against the largest coupling",
    ),
    quantity_of(
        "force_tangency",
        "largest cosine of point and gradient",
        "",
        "largest cosine between a row and the gradient at it",
    ),
    quantity_of(
        "step_gap",
        "gap between step and rate times force",
        "",
        "how far a small plain step is from rate times force, against the largest such step",
    ),
    quantity_of(
        "length_gap",
        "largest gap of a length from 1",
        "",
        "how far from length 1 a row is after that step, at most",
    ),
    quantity_of(
        "net_torque",
        "torque of all forces together",
        "",
        "the torque of all forces together, against the sum of their sizes",
    ),
    quantity_of("negatives", "negatives of a point", "", "negatives of the first row"),
    quantity_of(
        "negative_weight_sum",
        "sum of the negatives' weights",
        "",
        "sum of the weights of a row's negatives, mean over rows (cacr, detached)",
    ),
    quantity_of(
        "negative_weight_entropy",
        "entropy of the negatives' weights",
        "",
        "entropy of the weights of the first row's negatives",
    ),
    quantity_of(
        "margins_mean",
        "mean drawn margin less the knob",
        "",
        "mean of the margins drawn at this step, less their mean by the knob",
    ),
];

/// What a learner reads of a name in a check, and the unit of its number: degrees and percents have one.
pub fn words(name: &str) -> (String, &'static str) {
    /// Longer descriptions of metrics have no room beside their numbers.
    const MOST: usize = 44;
    if let Some(known) = QUANTITIES.iter().find(|known| known.name == name) {
        return (known.words.to_owned(), known.unit);
    }
    if let Some(step) = name.strip_prefix("loss_at(").and_then(|rest| rest.strip_suffix(')')) {
        return (format!("loss after {step} steps"), "");
    }
    let Some(metric) = METRICS.iter().find(|metric| metric.key == name) else {
        return (name.replace('_', " "), "");
    };
    let unit = match metric.unit {
        "degrees" => "°",
        "share" => "%",
        _ => "",
    };
    let first = metric.description.split([',', ';']).next().unwrap_or_default();
    let short = metric.key.trim_end_matches("_deg").replace('_', " ");
    let words = match (metric.key, first.chars().count() <= MOST) {
        ("min_class_angle_deg", _) => return words("min_class_angle"),
        ("nc1", _) => "NC1 (spread within over between classes)".to_owned(),
        (_, true) => first.to_owned(),
        (_, false) => short,
    };
    (words, unit)
}

/// Whether a check may use this name.
///
/// # Errors
/// One sentence with the nearest name.
pub fn check_name(name: &str) -> Result<(), String> {
    if let Some(step) = name.strip_prefix("loss_at(").and_then(|rest| rest.strip_suffix(')')) {
        return step
            .parse::<u64>()
            .map(|_| ())
            .map_err(|_| format!("loss_at takes a number of steps, not \"{step}\""));
    }
    let knobs = OBJECTIVES.iter().flat_map(|objective| objective.knobs()).map(|knob| knob.name);
    let known = QUANTITIES.iter().map(|known| known.name).chain(METRICS.iter().map(|metric| metric.key));
    let known: Vec<&str> = known.chain(knobs).collect();
    if name != "loss_at" && known.contains(&name) {
        return Ok(());
    }
    let near = crate::experiment::nearest::did_you_mean(name, known);
    Err(format!("nothing measured is called \"{}\"{near}", crate::data::printable(name)))
}

/// The value of a quantity at a snapshot; `None` where it is not defined or not known yet.
pub fn quantity(snapshot: &Snapshot, name: &str) -> Option<f64> {
    let cosines = || snapshot.geometry.gram.as_ref().map(|gram| off_diagonal(&gram.cosines));
    let value = match name {
        "loss" => snapshot.loss,
        "floor" => snapshot.floor.value()?,
        "first_loss" => snapshot.history.first().filter(|sample| sample.step == 0)?.loss,
        "gradient" => snapshot.gradient_norm?,
        "step" => snapshot.step as f64,
        "C" => snapshot.cast.classes as f64,
        "d" => snapshot.points.cols as f64,
        "N" => snapshot.points.rows as f64,
        "min_class_angle" => snapshot.geometry.measured.get("min_class_angle_deg")?,
        "min_class_cos" => cosines()?.into_iter().fold(f64::INFINITY, f64::min),
        "max_class_cos" => cosines()?.into_iter().fold(f64::NEG_INFINITY, f64::max),
        "mean_class_cos" => mean(&cosines()?)?,
        "energy" => pairs(snapshot)?.iter().map(|(distance, _)| 1.0 / distance).sum(),
        "pair_angle_mean" => mean(&angles(snapshot)?)?,
        "pair_angle_spread" => {
            let angles = angles(snapshot)?;
            let middle = mean(&angles)?;
            mean(&angles.iter().map(|angle| (angle - middle).powi(2)).collect::<Vec<_>>())?.sqrt()
        }
        "width" => width(snapshot),
        "pca_2d_share" => pca_share(snapshot)?,
        "past_turn" => past_turn(snapshot)?,
        "turning_angle" => turning_angle(snapshot)?,
        "coupling_sum" => coupling_sum(snapshot)?,
        "force_tangency" => tangency(snapshot)?,
        "step_gap" => small_step(snapshot)?.0,
        "length_gap" => small_step(snapshot)?.1,
        "net_torque" => net_torque(snapshot)?,
        "negatives" => negatives(snapshot, 1)?[0].len() as f64,
        "negative_weight_sum" => {
            let all = negatives(snapshot, usize::MAX)?;
            all.iter().flatten().sum::<f64>() / all.len().max(1) as f64
        }
        "negative_weight_entropy" => {
            negatives(snapshot, 1)?[0].iter().filter(|w| **w > 0.0).map(|w| -w * w.ln()).sum()
        }
        "margins_mean" => margins(snapshot)?,
        _ => {
            if let Some(step) = name.strip_prefix("loss_at(").and_then(|rest| rest.strip_suffix(')')) {
                let step: u64 = step.parse().ok()?;
                let sample = snapshot.history.iter().find(|sample| sample.step == step);
                return sample.map(|sample| sample.loss);
            }
            return snapshot.geometry.measured.get(name).or_else(|| knob(snapshot, name));
        }
    };
    Some(value)
}

fn knob(snapshot: &Snapshot, name: &str) -> Option<f64> {
    snapshot.brief.problem.terms.iter().find_map(|term| {
        let knobs = term.objective.knobs();
        let number = |knob: &crate::objectives::Knob| matches!(knob.range, Range::Number { .. });
        let place = knobs.iter().position(|knob| knob.name == name && number(knob))?;
        Some(term.knobs.exact(place))
    })
}

fn mean(all: &[f64]) -> Option<f64> {
    (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64)
}

fn off_diagonal(cosines: &[f64]) -> Vec<f64> {
    let side = (cosines.len() as f64).sqrt() as usize;
    let off = |k: &usize| side > 0 && k / side != k % side;
    (0..cosines.len()).filter(off).map(|k| cosines[k]).collect()
}

fn unit(points: &Matrix) -> Matrix {
    let mut unit = points.clone();
    for i in 0..unit.rows {
        normalise(unit.row_mut(i));
    }
    unit
}

/// Distance and angle of every pair of rows, of unit length.
fn pairs(snapshot: &Snapshot) -> Option<Vec<(f64, f64)>> {
    let points = unit(&snapshot.points);
    if points.rows > MOST_ROWS || points.rows < 2 {
        return None;
    }
    let mut all = Vec::with_capacity(points.rows * (points.rows - 1) / 2);
    for i in 0..points.rows {
        for j in 0..i {
            let both = points.row(i).iter().zip(points.row(j));
            let square: f64 = both.map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
            let distance = square.sqrt();
            all.push((distance, 2.0 * (distance / 2.0).min(1.0).asin()));
        }
    }
    Some(all)
}

fn angles(snapshot: &Snapshot) -> Option<Vec<f64>> {
    Some(pairs(snapshot)?.into_iter().map(|(_, angle)| angle.to_degrees()).collect())
}

fn width(snapshot: &Snapshot) -> f64 {
    let points = unit(&snapshot.points);
    let count = points.rows.max(1) as f64;
    let mut middle = vec![0.0; points.cols];
    for i in 0..points.rows {
        middle.iter_mut().zip(points.row(i)).for_each(|(m, x)| *m += f64::from(*x) / count);
    }
    let away = |i: usize| -> f64 {
        points.row(i).iter().zip(&middle).map(|(x, m)| (f64::from(*x) - m).powi(2)).sum::<f64>().sqrt()
    };
    (0..points.rows).map(away).fold(0.0, f64::max)
}

fn pca_share(snapshot: &Snapshot) -> Option<f64> {
    let kind = PROJECTIONS.iter().find(|kind| kind.name == "pca")?;
    let axes = (kind.build)(&Source::of_points(&snapshot.points)).ok()?;
    (axes.shares.len() >= 2).then(|| axes.shares[0] + axes.shares[1])
}

fn past_turn(snapshot: &Snapshot) -> Option<f64> {
    let turn = std::f64::consts::PI - knob(snapshot, "margin")?;
    let weights = unit(snapshot.weights.as_deref()?);
    let points = unit(&snapshot.points);
    let past = |i: &usize| {
        let own = weights.row(snapshot.cast.labels[*i] as usize);
        let cosine: f64 = points.row(*i).iter().zip(own).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
        cosine.clamp(-1.0, 1.0).acos() > turn
    };
    Some((0..points.rows).filter(past).count() as f64)
}

fn turning_angle(snapshot: &Snapshot) -> Option<f64> {
    let problem = &snapshot.brief.problem;
    force::turning_angle(&problem.terms, problem.classes)
}

/// The state of a snapshot; moments are not in it, and networks are left out.
fn state(snapshot: &Snapshot) -> Option<(Problem, State)> {
    let problem = snapshot.brief.problem.clone();
    if snapshot.points.rows > MOST_ROWS || snapshot.experiment.model != crate::experiment::Model::Free {
        return None;
    }
    let weights = snapshot.weights.as_deref().cloned();
    let state = State {
        step: snapshot.step,
        features: Parameter::new(snapshot.points.as_ref().clone()),
        weights: Parameter::new(
            weights.unwrap_or_else(|| Matrix::zeros(problem.classes, snapshot.points.cols)),
        ),
        bias: snapshot.bias.as_deref().cloned().map(Parameter::new),
        network: None,
    };
    Some((problem, state))
}

fn evaluate(snapshot: &Snapshot) -> Option<Evaluation> {
    let (problem, state) = state(snapshot)?;
    CpuEngine::new(problem, state, Some(1)).evaluate(MarginsAt::Mean).ok()
}

fn coupling_sum(snapshot: &Snapshot) -> Option<f64> {
    let (problem, state) = state(snapshot)?;
    let (rows, terms) = (snapshot.points.rows, problem.terms.clone());
    let mut engine = CpuEngine::new(problem, state, Some(1));
    let (mut sum, mut largest) = (0.0f64, 0.0f64);
    for i in 0..rows {
        for (term, of_term) in terms.iter().zip(engine.couplings(i, MarginsAt::Mean)) {
            if term.objective.family() == Family::Class {
                sum = sum.max(of_term.pairs.iter().map(|g| f64::from(*g)).sum::<f64>().abs());
                largest = of_term.pairs.iter().fold(largest, |most, g| most.max(f64::from(g.abs())));
            }
        }
    }
    (largest > 0.0).then(|| sum / largest)
}

fn tangency(snapshot: &Snapshot) -> Option<f64> {
    let gradient = evaluate(snapshot)?.gradient.features;
    let cosine = |(row, slope): (usize, &[f64])| {
        let point = snapshot.points.row(row);
        let product: f64 = point.iter().zip(slope).map(|(x, g)| f64::from(*x) * g).sum();
        let size = |of: &mut dyn Iterator<Item = f64>| of.map(|x| x * x).sum::<f64>().sqrt();
        let sizes = size(&mut point.iter().map(|x| f64::from(*x))) * size(&mut slope.iter().copied());
        if sizes > 0.0 { (product / sizes).abs() } else { 0.0 }
    };
    Some(gradient.chunks(snapshot.points.cols.max(1)).enumerate().map(cosine).fold(0.0, f64::max))
}

/// A plain step of [`SMALL_STEP`]: how far rows go from rate times force, and how far their lengths from 1.
fn small_step(snapshot: &Snapshot) -> Option<(f64, f64)> {
    let gradient = evaluate(snapshot)?.gradient.features;
    let (mut problem, state) = state(snapshot)?;
    problem.method = Method::Sgd { momentum: 0.0 };
    problem.batch = None;
    let mut engine = CpuEngine::new(problem, state, Some(1));
    engine.advance(&[SMALL_STEP]).ok()?;
    let after = engine.state().ok()?.features.value;
    let moved = after.data.iter().zip(&snapshot.points.data).map(|(a, b)| f64::from(*a) - f64::from(*b));
    let wanted: Vec<f64> = gradient.iter().map(|g| -SMALL_STEP * g).collect();
    let gap = moved.zip(&wanted).map(|(m, w)| (m - w).abs()).fold(0.0, f64::max);
    let largest = wanted.iter().fold(0.0f64, |most, w| most.max(w.abs()));
    let length = |i: usize| after.row(i).iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
    let stretched = (0..after.rows).map(|i| (length(i) - 1.0).abs()).fold(0.0, f64::max);
    (largest > 0.0).then(|| (gap / largest, stretched))
}

/// ‖Σ (u gᵀ − g uᵀ)‖ over Σ ‖u gᵀ − g uᵀ‖: what internal forces cannot do is turn the whole.
fn net_torque(snapshot: &Snapshot) -> Option<f64> {
    let gradient = evaluate(snapshot)?.gradient.features;
    let cols = snapshot.points.cols;
    let (mut total, mut sizes) = (vec![0.0; cols * cols], 0.0);
    for (i, slope) in gradient.chunks(cols.max(1)).enumerate() {
        let mut square = 0.0;
        for a in 0..cols {
            for b in 0..cols {
                let (x, y) = (f64::from(snapshot.points.row(i)[a]), f64::from(snapshot.points.row(i)[b]));
                let torque = x * slope[b] - slope[a] * y;
                total[a * cols + b] += torque;
                square += torque * torque;
            }
        }
        sizes += square.sqrt();
    }
    (sizes > 0.0).then(|| total.iter().map(|t| t * t).sum::<f64>().sqrt() / sizes)
}

/// The weights of every row's negatives, read from the couplings: −N·G/repulsion. A coupling is that of both
/// directions together, so the weights are the mean of a pair's two.
fn negatives(snapshot: &Snapshot, rows: usize) -> Option<Vec<Vec<f64>>> {
    let (problem, state) = state(snapshot)?;
    let place = problem.terms.iter().position(|term| term.objective.name() == "cacr")?;
    let term = problem.terms[place];
    let by_class = term.objective.grouping(&term.knobs) == Grouping::Class;
    let group = if by_class { problem.labels.clone() } else { problem.instances.clone() };
    let (repulsion, count) = (knob(snapshot, "repulsion")?, snapshot.points.rows as f64);
    let mut engine = CpuEngine::new(problem, state, Some(1));
    let weights = |i: usize| {
        let couplings = engine.couplings(i, MarginsAt::Mean);
        let pairs = couplings[place].pairs.iter().zip(&group);
        pairs
            .filter(|(_, of)| **of != group[i])
            .map(|(g, _)| -count * f64::from(*g) / repulsion / 2.0)
            .collect()
    };
    Some((0..rows.min(snapshot.points.rows)).map(weights).collect())
}

fn margins(snapshot: &Snapshot) -> Option<f64> {
    let problem = &snapshot.brief.problem;
    let rows: Vec<u32> = (0..snapshot.points.rows as u32).collect();
    let drawn = problem.drawn_margins(0, &rows, MarginsAt::Step(snapshot.step))?;
    let drawn: Vec<f64> = drawn.into_iter().map(f64::from).collect();
    Some(mean(&drawn)? - knob(snapshot, "margin")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_words_for_a_learner() {
        for name in QUANTITIES.iter().map(|known| known.name).chain(METRICS.iter().map(|metric| metric.key)) {
            let (words, unit) = words(name);
            assert!((3..=48).contains(&words.chars().count()) && !words.contains('_'), "{name}: {words}");
            assert!(["", "°", "%"].contains(&unit), "{name}: {unit}");
        }
        assert_eq!(
            words("mean_within_angle_deg"),
            ("mean angle between a row and its class mean".into(), "°")
        );
        assert_eq!(words("min_class_angle_deg"), words("min_class_angle"));
        assert_eq!(words("loss_at(50)").0, "loss after 50 steps");
    }

    #[test]
    fn names_are_checked_with_the_nearest_one() {
        assert_eq!(check_name("min_class_angle"), Ok(()));
        assert_eq!(check_name("nc1"), Ok(()));
        assert_eq!(check_name("loss_at(12)"), Ok(()));
        assert_eq!(
            check_name("min_clas_angle").unwrap_err(),
            "nothing measured is called \"min_clas_angle\"; did you mean min_class_angle?"
        );
        assert!(check_name("loss_at(x)").is_err() && check_name("loss_at").is_err());
    }
}
