//! The proved floor: no random state lies below it, and the frame that is named reaches it.

use super::convex::{Computed, computed};
use super::scene::{self, Setting};
use super::{Check, Worst, skipped};
use crate::engine::{MarginsAt, Problem, State};
use crate::features::Matrix;
use crate::geometry::frames;
use crate::objective::knobs::Range;
use crate::objectives::{Case, Floor, Frame, Knobs, Objective, Score, Term};
use crate::random;

/// Random states tried.
const STATES: u64 = 96;
/// λ of features and of weights, for raw scores: without decay their floors are not reached.
const DECAY: f64 = 4e-3;

fn tolerance(floor: f64) -> f64 {
    1e-6 * (1.0 + floor.abs())
}

/// Tries random states and knobs, then the frames.
pub(super) fn check(objective: &'static dyn Objective) -> Check {
    let mut worst = Worst::default();
    let (mut proved, mut reached) = (0, 0);
    let mut reason = String::new();
    for trial in 0..STATES {
        match random_state(objective, trial) {
            Ok((loss, floor, place)) => {
                proved += 1;
                // A state above the floor uses nothing of the tolerance.
                let below = floor - loss;
                let share = if below.is_nan() { below } else { below.max(0.0) / tolerance(floor) };
                worst.see(share, || format!("{place}: the loss {loss:.9} is below the floor {floor:.9}"));
            }
            Err(why) => reason = why,
        }
    }
    for Setting { name, term } in scene::settings(objective, 4) {
        for set in framed(objective, &term) {
            reached += 1;
            let Framed { frame, floor, loss } = set;
            worst.see((loss - floor).abs() / tolerance(floor), || {
                format!("{name}: the {frame:?} frame has loss {loss:.9}, not the floor {floor:.9}")
            });
        }
    }
    for Computed { frame, floor, loss, place } in computed(objective) {
        reached += 1;
        worst.see((loss - floor).abs() / tolerance(floor), || {
            format!("{place}: the {frame:?} arrangement has loss {loss:.9}, not the floor {floor:.9}")
        });
    }
    if proved + reached == 0 {
        return skipped(objective, "floor", None, reason);
    }
    let at = match reached {
        0 => String::new(),
        1 => ", reached at 1 frame".to_owned(),
        n => format!(", reached at {n} frames"),
    };
    let done = format!("{proved} random states above it{at}");
    worst.check(objective, "floor", None, done)
}

/// Knobs drawn evenly from their soft ranges.
fn random_knobs(objective: &dyn Objective, seed: u64) -> Knobs {
    let mut knobs = Knobs::defaults(objective.knobs(), 4);
    for (place, knob) in objective.knobs().iter().enumerate() {
        let u = random::unit(random::words(seed, 1, place as u32, 77, 0)[0]);
        knobs.0[place] = match knob.range {
            Range::Number { soft: (low, high), .. } => low + u * (high - low),
            Range::Choice(words) => (u * words.len() as f64).floor().min(words.len() as f64 - 1.0),
        };
    }
    knobs
}

/// Loss (decay included) and floor of a random state, and what it is; the reason where no floor is proved.
fn random_state(objective: &'static dyn Objective, trial: u64) -> Result<(f64, f64, String), String> {
    let term = Term { objective, weight: 1.0, knobs: random_knobs(objective, trial) };
    let pick = |of: u64, by: u64| (trial / by % of) as usize;
    let (classes, each, d) = (2 + pick(4, 1), 1 + pick(3, 1), 1 + pick(5, 1));
    let n = classes * each;
    let decay = if objective.score() == Score::Raw && trial % 2 == 1 { DECAY } else { 0.0 };
    let (mut problem, mut state) = scene::random_scene(term, 100 + trial, n, classes, d);
    problem.labels = (0..n).map(|i| (i % classes) as u32).collect();
    problem.instances = (0..n as u32).map(|i| i / 2).collect();
    let scale = [0.1, 1.0, 5.0][pick(3, 1)];
    for x in state.features.value.data.iter_mut().chain(&mut state.weights.value.data) {
        *x *= scale;
    }
    let case = Case {
        views: problem.instances.chunk_by(|a, b| a == b).map(<[u32]>::len).collect(),
        ..case(&problem, each, d, decay, Some(0.0))
    };
    match objective.floor(&term.knobs, &case) {
        Floor::Unknown(why) => Err(why),
        Floor::Proved { value, .. } | Floor::Infimum { value, .. } => {
            let place = format!("{term:?} in a random state of {n} rows in {d} dimensions");
            Ok((total(&problem, &state, decay), value, place))
        }
    }
}

fn case(problem: &Problem, each: usize, dim: usize, decay: f64, bias: Option<f64>) -> Case {
    let sphere = problem.terms[0].objective.score() != Score::Raw;
    Case {
        counts: vec![each; problem.classes],
        classes: problem.classes,
        dim,
        views: vec![each; problem.classes],
        clean: true,
        decay_features: decay,
        decay_weights: decay,
        bias,
        sphere,
        ..Case::default()
    }
}

/// What is minimised: the loss with the mean margin, and decay in sum form.
fn total(problem: &Problem, state: &State, decay: f64) -> f64 {
    let square = |m: &Matrix| m.norms().iter().map(|norm| norm * norm).sum::<f64>();
    let penalty = decay / 2.0 * (square(&state.features.value) + square(&state.weights.value));
    scene::loss(problem, state, MarginsAt::Mean) + penalty
}

/// A frame that reaches a floor, as it should.
struct Framed {
    frame: Frame,
    floor: f64,
    loss: f64,
}

/// The arrangements tried: rows, what they are, rows of each class.
fn arrangements() -> Vec<(Vec<Frame>, Option<Matrix>, usize)> {
    let collapsed = |frame: Result<Matrix, frames::FrameError>| frame.ok();
    vec![
        (
            vec![Frame::Simplex, Frame::InstanceSimplex, Frame::Together, Frame::ZeroMean],
            collapsed(frames::simplex(4, 5)),
            3,
        ),
        (vec![Frame::Orthogonal], collapsed(frames::orthogonal(4, 5)), 3),
        (vec![Frame::RowSimplex], collapsed(frames::simplex(4, 5)), 1),
        (vec![Frame::CrossPolytope], collapsed(frames::cross_polytope(6, 3)), 1),
        (vec![Frame::Icosahedron], collapsed(frames::icosahedron(12, 3)), 1),
        (vec![Frame::Polygon], collapsed(frames::polygon(7, 2)), 1),
    ]
}

/// Every arrangement whose floor names it.
fn framed(objective: &'static dyn Objective, term: &Term) -> Vec<Framed> {
    let mut out = Vec::new();
    for (names, rows, each) in arrangements() {
        let Some(corners) = rows else { continue };
        let (classes, d) = (corners.rows, corners.cols);
        let labels: Vec<u32> = (0..classes * each).map(|i| (i / each) as u32).collect();
        let problem = scene::problem(*term, labels.clone(), labels, classes);
        let raw = objective.score() == Score::Raw;
        let decay = if raw { DECAY } else { 0.0 };
        match objective.floor(&term.knobs, &case(&problem, each, d, decay, None)) {
            Floor::Proved { value, frame } if names.contains(&frame) => {
                let at = |length: f64| {
                    let state = collapsed(&corners, each, length);
                    total(&problem, &state, decay)
                };
                let loss = if raw { least(at) } else { at(1.0) };
                out.push(Framed { frame, floor: value, loss });
            }
            _ => {}
        }
    }
    out
}

/// Every row of a class on its corner, features and weights in the proportion that equal decays balance:
/// N·‖h‖² = C·‖w‖². `length` is the features'.
fn collapsed(corners: &Matrix, each: usize, length: f64) -> State {
    let scaled = |length: f64, row: usize, k: usize| (length * f64::from(corners.row(row)[k])) as f32;
    let features = Matrix::from_fn(corners.rows * each, corners.cols, |i, k| scaled(length, i / each, k));
    let of_weights = length * (each as f64).sqrt();
    let weights = Matrix::from_fn(corners.rows, corners.cols, |c, k| scaled(of_weights, c, k));
    scene::state(features, weights, None)
}

/// The least value over lengths between 0 and 20 of a function with one valley, by golden sections.
fn least(at: impl Fn(f64) -> f64) -> f64 {
    let ratio = (5.0f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (0.0, 20.0);
    for _ in 0..50 {
        let (left, right) = (high - ratio * (high - low), low + ratio * (high - low));
        if at(left) < at(right) { high = right } else { low = left }
    }
    at(f64::midpoint(low, high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_sections_find_the_bottom_of_a_valley() {
        assert!((least(|x| (x - 3.0).powi(2) + 1.0) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn twelve_rows_on_four_corners_balance_their_decay() {
        let state = collapsed(&frames::simplex(4, 5).unwrap(), 3, 2.0);
        let square = |m: &Matrix| m.norms().iter().map(|x| x * x).sum::<f64>();
        // 12·2² = 4·(2√3)² = 48.
        assert!((square(&state.features.value) - 48.0).abs() < 1e-4);
        assert!((square(&state.weights.value) - 48.0).abs() < 1e-4);
    }
}
