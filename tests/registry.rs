//! What must hold of every objective there is: everything here loops over the registry.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use losslab::engine::cpu::CpuEngine;
use losslab::engine::reference::ReferenceEngine;
use losslab::engine::{Engine, Evaluation, MarginsAt, Parameter, Problem, State};
use losslab::features::Matrix;
use losslab::lanes::{Lanes, Mask};
use losslab::objective::knobs::Range;
use losslab::objectives::{
    BatchLanes, Ends, Family, Floor, Knobs, OBJECTIVES, Objective, Pair, Row, RowLanes, Rows, Score, Stats,
    Term, Tile,
};
use losslab::optimizer::{Decay, Method, Moves};
use losslab::random;

/// Objectives whose gradient is by definition not the slope of their value, with the setting.
const STOPPED: &[(&str, &str, &str)] =
    &[("arcface", "variant", "straight-through"), ("cacr", "weights", "detached")];

fn normal(seed: u64, row: usize, column: usize) -> f32 {
    random::normal(seed, 0, row as u32, 99, column as u32) as f32
}

fn matrix(seed: u64, rows: usize, cols: usize, scale: f32) -> Matrix {
    Matrix::from_fn(rows, cols, |i, k| scale * normal(seed, i, k))
}

/// Every objective with every combination of one changed choice.
fn settings() -> Vec<(String, Term)> {
    let mut out = Vec::new();
    for &objective in OBJECTIVES {
        let knobs = Knobs::defaults(objective.knobs(), 5);
        out.push((objective.name().to_owned(), Term { objective, weight: 1.0, knobs }));
        for (place, knob) in objective.knobs().iter().enumerate() {
            if let Range::Choice(words) = knob.range {
                for (value, word) in words.iter().enumerate() {
                    let mut knobs = knobs;
                    knobs.0[place] = value as f64;
                    let name = format!("{}({}={word})", objective.name(), knob.name);
                    out.push((name, Term { objective, weight: 1.0, knobs }));
                }
            }
        }
    }
    out
}

/// A problem of one term. Labels and instances are drawn; rows of an instance need not be neighbours.
fn scene(term: Term, seed: u64, n: usize, classes: usize, d: usize, scale: f32) -> (Problem, State) {
    let pick =
        |stream: u32, row: usize, of: usize| random::words(seed, 0, row as u32, stream, 0)[0] as usize % of;
    let problem = Problem {
        terms: vec![term],
        labels: (0..n).map(|i| pick(90, i, classes) as u32).collect(),
        instances: (0..n).map(|i| pick(91, i, n.div_ceil(2)) as u32).collect(),
        classes,
        margins: None,
        seed,
        batch: None,
        method: Method::Sgd { momentum: 0.0 },
        decay: Decay::default(),
        moves: Moves::default(),
        sphere: false,
    };
    let state = State {
        step: 0,
        features: Parameter::new(matrix(seed, n, d, scale)),
        weights: Parameter::new(matrix(seed + 1, classes, d, scale)),
        bias: Some(Parameter::new(matrix(seed + 2, 1, classes, scale))),
        network: None,
    };
    (problem, state)
}

fn reference(problem: &Problem, state: &State) -> Evaluation {
    ReferenceEngine::new(problem.clone(), state).evaluate(MarginsAt::Step(0)).unwrap()
}

fn cpu(problem: &Problem, state: &State) -> Evaluation {
    CpuEngine::new(problem.clone(), state.clone(), None).evaluate(MarginsAt::Step(0)).unwrap()
}

fn norm(evaluation: &Evaluation) -> f64 {
    let Evaluation { gradient, .. } = evaluation;
    let parts = [Some(&gradient.features), gradient.weights.as_ref(), gradient.bias.as_ref()];
    parts.into_iter().flatten().flatten().map(|g| g * g).sum::<f64>().sqrt()
}

fn difference(a: &Evaluation, b: &Evaluation) -> f64 {
    let minus = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x - y).collect::<Vec<_>>();
    let option =
        |x: &Option<Vec<f64>>, y: &Option<Vec<f64>>| x.as_ref().zip(y.as_ref()).map(|(x, y)| minus(x, y));
    norm(&Evaluation {
        terms: Vec::new(),
        gradient: losslab::engine::Gradient {
            features: minus(&a.gradient.features, &b.gradient.features),
            weights: option(&a.gradient.weights, &b.gradient.weights),
            bias: option(&a.gradient.bias, &b.gradient.bias),
            network: None,
        },
    })
}

/// How much of the stated f32 tolerance the engine uses: loss, gradient.
fn shares(problem: &Problem, state: &State) -> (f64, f64) {
    let (want, got) = (reference(problem, state), cpu(problem, state));
    let loss = (got.terms[0] - want.terms[0]).abs() / (1e-7 + 5e-6 * want.terms[0].abs());
    (loss, difference(&got, &want) / (1e-7 + 5e-5 * norm(&want)))
}

/// The f64 loss with one coordinate of the features (or weights) moved by `by`.
fn moved(problem: &Problem, state: &State, of_weights: bool, at: usize, by: f64) -> (f64, f64) {
    let mut state = state.clone();
    let data = if of_weights { &mut state.weights.value.data } else { &mut state.features.value.data };
    let before = data[at];
    data[at] = (f64::from(before) + by) as f32;
    let really = f64::from(data[at]) - f64::from(before);
    (reference(problem, &state).terms[0], really)
}

#[test]
fn the_reference_gradient_is_the_slope_of_the_reference_loss() {
    for (name, term) in settings() {
        if STOPPED.iter().any(|(o, knob, word)| name == format!("{o}({knob}={word})")) {
            continue;
        }
        // Scenes stay away from kinks: |cos| at 0, arcs at 0, ties of sorted margins.
        let (problem, state) = scene(term, 12, 8, 3, 4, 1.0);
        let gradient = reference(&problem, &state).gradient;
        let h = 1e-4;
        for of_weights in [false, true] {
            let Some(slopes) =
                (if of_weights { gradient.weights.clone() } else { Some(gradient.features.clone()) })
            else {
                continue;
            };
            let size = slopes.iter().fold(0.0f64, |a, g| a.max(g.abs()));
            for (at, &slope) in slopes.iter().enumerate() {
                // Two widths and Richardson's extrapolation: error of the fourth order.
                let central = |h: f64| {
                    let (up, dy) = moved(&problem, &state, of_weights, at, h);
                    let (down, dx) = moved(&problem, &state, of_weights, at, -h);
                    (up - down) / (dy - dx)
                };
                let (wide, narrow) = (central(2.0 * h), central(h));
                let numeric = (4.0 * narrow - wide) / 3.0;
                let off = (numeric - slope).abs() / (size + 1e-9);
                assert!(off < 1e-5, "{name}: {numeric} against {slope}, off by {off:e}");
            }
        }
    }
}

#[test]
fn folding_in_parts_is_folding_at_once() {
    for (name, term) in settings() {
        let (objective, knobs) = (term.objective, &term.knobs);
        let scores: Vec<f32> = (0..64).map(|j| normal(5, 0, j).abs() * 1.5).collect();
        let groups: Vec<u32> = (0..64).map(|j| (j % 3) as u32).collect();
        let constants = vec![0.5; 64];
        let row = Row { max: [0.3, 0.2], value: [0.4, 0.1, 0.2, 0.3], ..Row::default() };
        let tile = |from: usize, len: usize| Tile {
            scores: &scores[from..],
            len,
            groups: &groups[from..],
            constants: &constants[from..],
            group: 1,
            own: None,
            logit: 0.7,
        };
        for sweep in 0..objective.sweeps() {
            let fold = |tiles: &[Tile<'_>]| {
                let parts: Vec<Stats> = tiles
                    .iter()
                    .map(|tile| {
                        let mut stats = Stats::EMPTY;
                        objective.fold(knobs, sweep, tile, &row, &mut stats, &mut []);
                        stats
                    })
                    .collect();
                parts.into_iter().fold(Stats::EMPTY, |a, b| a.merge(b, objective.scaled_by()))
            };
            let whole = fold(&[tile(0, 61)]);
            let parts = fold(&[tile(48, 13), tile(0, 16), tile(16, 32)]);
            let nothing = fold(&[tile(0, 0)]);
            assert_eq!(whole.max, parts.max, "{name}");
            for (a, b) in whole.sum.iter().zip(parts.sum) {
                assert!((a - b).abs() <= 2e-6 * (1.0 + a.abs()), "{name} sweep {sweep}: {a} {b}");
            }
            assert_eq!(nothing.sum, [0.0; 4], "{name}: no pair adds nothing");
        }
    }
}

#[test]
fn no_pair_adds_to_a_sum_that_is_said_to_be_unused() {
    for (name, term) in settings() {
        let (objective, knobs) = (term.objective, &term.knobs);
        let lanes = |seed: u64| Lanes(std::array::from_fn(|l| 0.1 + normal(seed, 1, l).abs()));
        let half = Mask(std::array::from_fn(|l| if l % 2 == 0 { u32::MAX } else { 0 }));
        let pair =
            Pair { score: lanes(1), positive: half, negative: !half, logit: lanes(2), constant: lanes(3) };
        let rows = RowLanes { max: [lanes(4); 2], value: [lanes(5); 4] };
        for sweep in 0..objective.sweeps() {
            let terms = objective.terms(knobs, sweep, &pair, [lanes(6), lanes(7)], &rows);
            for unused in &terms[objective.sums()..] {
                assert_eq!(*unused, Lanes::ZERO, "{name} sweep {sweep}");
            }
        }
    }
}

#[test]
fn the_cpu_engine_agrees_with_the_reference_at_ragged_sizes() {
    let mut worst = (0.0f64, 0.0f64, String::new());
    for (name, term) in settings() {
        for (n, classes, d) in [(1, 1, 1), (2, 2, 3), (63, 5, 4), (64, 17, 3), (65, 16, 16), (130, 70, 7)] {
            // The MW reference pairs pairs with pairs: it stays small.
            if term.objective.name() == "mw" && n > 64 {
                continue;
            }
            let (problem, state) = scene(term, 21 + n as u64, n, classes, d, 1.0);
            let (loss, gradient) = shares(&problem, &state);
            assert!(loss <= 1.0 && gradient <= 1.0, "{name} at {n}×{classes}×{d}: {loss:.2} {gradient:.2}");
            if gradient > worst.1 || loss > worst.0 {
                worst = (loss.max(worst.0), gradient.max(worst.1), name.clone());
            }
        }
    }
    println!("worst shares of the tolerance: loss {:.3}, gradient {:.3} ({})", worst.0, worst.1, worst.2);
}

#[test]
fn unkind_inputs_stay_finite_and_right() {
    for (name, term) in settings() {
        let mut scenes = Vec::new();
        // One class only, so no negatives; every class once, so no positives.
        let (mut one, state) = scene(term, 31, 20, 4, 3, 1.0);
        one.labels.fill(2);
        one.instances.fill(0);
        scenes.push(("no negatives", one, state));
        let (mut each, state) = scene(term, 32, 4, 4, 3, 1.0);
        each.labels = vec![0, 1, 2, 3];
        each.instances = vec![0, 1, 2, 3];
        scenes.push(("no positives", each, state));
        // Long rows; for raw scores that means logits in the hundreds.
        let (problem, state) = scene(term, 33, 40, 6, 8, 12.0);
        scenes.push(("huge scores", problem, state));
        let (problem, mut state) = scene(term, 34, 12, 3, 3, 1.0);
        let copy = state.features.value.row(0).to_vec();
        state.features.value.row_mut(5).copy_from_slice(&copy);
        scenes.push(("duplicates", problem, state));
        for (what, problem, state) in scenes {
            let got = cpu(&problem, &state);
            assert!(got.terms[0].is_finite(), "{name} with {what}: loss {}", got.terms[0]);
            assert!(norm(&got).is_finite(), "{name} with {what}: gradient");
            if what == "duplicates" && term.objective.name() == "riesz" {
                continue; // The printed formula is infinite there.
            }
            let (loss, gradient) = shares(&problem, &state);
            assert!(loss <= 1.0 && gradient <= 1.0, "{name} with {what}: {loss:.2} {gradient:.2}");
        }
    }
}

#[test]
fn the_stopped_gradients_are_the_slopes_of_their_frozen_forms() {
    // Detached CACR: the couplings are a·π⁺/N and −r·π⁻/N. Straight-through: those of the same
    // logits with slope s. Both are read from one anchor's couplings.
    let squares = [0.3f32, 1.1, 2.5];
    let mut scores = [0.0; 16];
    scores[..3].copy_from_slice(&squares);
    let cacr = losslab::objectives::find("cacr").unwrap();
    let knobs = Knobs([1.0, 1.0, 1.0, 2.0, 1.0, 0.0, 0.0, 0.0]);
    let tile = Tile {
        scores: &scores,
        len: 3,
        groups: &[1; 16],
        constants: &[0.0; 16],
        group: 0,
        own: None,
        logit: 0.0,
    };
    let out = couplings(cacr, &knobs, &tile);
    let weights: Vec<f64> = squares.iter().map(|&d| (-2.0 * f64::from(d)).exp()).collect();
    let total: f64 = weights.iter().sum();
    for (got, weight) in out.iter().zip(&weights) {
        assert!((f64::from(*got) + weight / total).abs() < 1e-6, "{got} {}", -weight / total);
    }
}

fn couplings(objective: &dyn Objective, knobs: &Knobs, tile: &Tile<'_>) -> [f32; 16] {
    let mut stats = Stats::EMPTY;
    objective.fold(knobs, 0, tile, &Row::default(), &mut stats, &mut []);
    let batch = losslab::objectives::Batch { anchors: 1.0, active: 1.0, ..Default::default() };
    let anchor = losslab::objectives::Anchor {
        score: 0.0,
        target: losslab::objectives::TargetLogit { logit: tile.logit, slope: 1.0, arc: 0.0 },
        positives: 0.0,
        negatives: tile.len as f32,
    };
    let row = objective.finish_row(knobs, 0, &stats, &anchor, &batch, &Row::default());
    let mut out = [0.0; 16];
    // The other ends have no statistics: what is left is the coupling seen from the anchor.
    let rows = Rows::of(&[Row::default(); 16]);
    let batch = BatchLanes { value: [0.0; 4], table: &[] };
    objective.couple_both(knobs, tile, &Ends { row: &row, rows: &rows, first: 0, batch: &batch }, &mut out);
    out
}

#[test]
fn couplings_are_normal_numbers_or_nothing() {
    for (name, term) in settings() {
        for scale in [0.3, 3.0, 12.0] {
            let (problem, state) = scene(term, 3, 40, 7, 24, scale);
            let mut engine = CpuEngine::new(problem, state, Some(1));
            for i in [0, 11, 39] {
                for pair in engine.couplings(i, MarginsAt::Step(0)).iter().flat_map(|c| &c.pairs) {
                    assert!(!pair.is_subnormal(), "{name} at scale {scale}, row {i}: {pair:e}");
                }
            }
        }
    }
}

#[test]
fn the_couplings_shown_are_what_moves_a_row() {
    let rate = 1e-3;
    for (name, term) in settings() {
        let (problem, state) = scene(term, 61, 40, 6, 5, 1.0);
        let i = 7;
        let shown = CpuEngine::new(problem.clone(), state.clone(), Some(1)).couplings(i, MarginsAt::Step(0));
        let mut engine = CpuEngine::new(problem.clone(), state.clone(), Some(1));
        engine.advance(&[rate]).unwrap();
        let after = engine.state().unwrap().features.value;
        let unit = |row: &[f32]| -> Vec<f64> {
            let length = row.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
            row.iter().map(|&x| f64::from(x) / length).collect()
        };
        let raw = term.objective.score() == Score::Raw;
        let as_seen = |m: &Matrix, r: usize| -> Vec<f64> {
            if raw { m.row(r).iter().map(|&x| f64::from(x)).collect() } else { unit(m.row(r)) }
        };
        let class = term.objective.family() == Family::Class;
        let others = if class { &state.weights.value } else { &state.features.value };
        let own = as_seen(&state.features.value, i);
        let mut force = vec![0.0; own.len()];
        for (j, &pull) in shown[0].pairs.iter().enumerate() {
            let other = as_seen(others, j);
            for (k, force) in force.iter_mut().enumerate() {
                let direction = match term.objective.score() {
                    Score::SquaredDistance => 2.0 * (own[k] - other[k]),
                    _ => other[k],
                };
                *force -= f64::from(pull) * direction;
            }
        }
        let along: f64 = force.iter().zip(&own).map(|(f, u)| f * u).sum();
        let length = state.features.value.norms()[i];
        if !raw {
            for (force, u) in force.iter_mut().zip(&own) {
                *force = (*force - along * u) / length;
            }
        }
        if shown[0].arc != 0.0 {
            let target = as_seen(others, problem.labels[i] as usize);
            let cosine: f64 = own.iter().zip(&target).map(|(a, b)| a * b).sum();
            let sine = (1.0 - cosine * cosine).sqrt();
            for (k, force) in force.iter_mut().enumerate() {
                *force -= f64::from(shown[0].arc) * (target[k] - cosine * own[k]) / (sine * length);
            }
        }
        let size = force.iter().map(|f| f * f).sum::<f64>().sqrt();
        for (k, force) in force.iter().enumerate() {
            let moved = f64::from(after.row(i)[k]) - f64::from(state.features.value.row(i)[k]);
            let off = (moved - rate * force).abs();
            // The state is f32: a displacement is known to half a unit in its last place.
            let known = 6e-8 * f64::from(state.features.value.row(i)[k].abs());
            assert!(
                off <= 1e-5 * rate * size.max(1e-3) + known,
                "{name}: moved {moved:e}, {:e}",
                rate * force
            );
        }
    }
}

/// A random setting of an objective's knobs within the soft ranges.
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

#[test]
fn no_state_is_below_a_proved_floor() {
    let mut proved = 0;
    for &objective in OBJECTIVES {
        for trial in 0..540u64 {
            let knobs = random_knobs(objective, trial);
            let (classes, per_class, d) =
                (2 + (trial % 4) as usize, 1 + (trial % 3) as usize, 1 + (trial % 5) as usize);
            let n = classes * per_class;
            let term = Term { objective, weight: 1.0, knobs };
            let scale = [0.1, 1.0, 5.0][(trial % 3) as usize];
            let (mut problem, state) = scene(term, 100 + trial, n, classes, d, scale);
            problem.labels = (0..n).map(|i| (i % classes) as u32).collect();
            problem.instances = (0..n as u32).map(|i| i / 2).collect();
            let views = problem.instances.chunk_by(|a, b| a == b).map(<[u32]>::len).collect();
            let case = losslab::objectives::Case {
                counts: vec![per_class; classes],
                classes,
                dim: d,
                views,
                clean: true,
                bias: Some(0.0),
                sphere: objective.score() != Score::Raw,
                ..Default::default()
            };
            let Some(floor) = objective.floor(&knobs, &case).value() else { continue };
            proved += 1;
            let loss = cpu(&problem, &state).terms[0];
            assert!(
                loss >= floor - 1e-6 * (1.0 + floor.abs()),
                "{} {knobs:?} {case:?}: {loss} < {floor}",
                objective.name()
            );
        }
    }
    assert!(proved > 4000, "{proved} floors were there to be tested");
}

#[test]
fn classes_collapsed_on_a_simplex_reach_the_floors_that_name_it() {
    let (classes, per_class, d) = (4, 3, 5);
    let mut reached = 0;
    for &objective in OBJECTIVES {
        let knobs = Knobs::defaults(objective.knobs(), classes);
        let case = losslab::objectives::Case {
            counts: vec![per_class; classes],
            classes,
            dim: d,
            views: vec![per_class; classes],
            clean: true,
            bias: None,
            sphere: objective.score() != Score::Raw,
            ..Default::default()
        };
        let Floor::Proved { value, frame: losslab::objectives::Frame::Simplex } =
            objective.floor(&knobs, &case)
        else {
            continue;
        };
        // ArcFace's cone point: at θ = 0 the value is exact, only the direction is not.
        let corner = |c: usize, k: usize| {
            let centred = if c == k { 0.75 } else { -0.25 };
            if k < classes { centred as f32 } else { 0.0 }
        };
        let (mut problem, mut state) =
            scene(Term { objective, weight: 1.0, knobs }, 1, classes * per_class, classes, d, 1.0);
        problem.labels = (0..classes * per_class).map(|i| (i / per_class) as u32).collect();
        problem.instances = problem.labels.clone();
        state.features.value = Matrix::from_fn(classes * per_class, d, |i, k| corner(i / per_class, k));
        state.weights.value = Matrix::from_fn(classes, d, corner);
        let got = ReferenceEngine::new(problem.clone(), &state).evaluate(MarginsAt::Mean).unwrap().terms[0];
        let allowed = 1e-6 * (1.0 + value.abs());
        assert!((got - value).abs() <= allowed, "{}: {got} against {value}", objective.name());
        reached += 1;
    }
    assert!(reached >= 6, "{reached} objectives name the simplex");
}

#[test]
fn the_bits_do_not_depend_on_the_number_of_threads() {
    for (name, term) in settings() {
        let (mut problem, state) = scene(term, 55, 300, 40, 12, 1.0);
        problem.batch = Some(100);
        problem.method = Method::Adam;
        problem.sphere = term.objective.score() != Score::Raw;
        let run = |threads: usize, steps: &[usize]| {
            let mut engine = CpuEngine::new(problem.clone(), state.clone(), Some(threads));
            for &steps in steps {
                engine.advance(&vec![0.01; steps]).unwrap();
            }
            engine.state().unwrap()
        };
        let one = run(1, &[6]);
        assert_eq!(one, run(2, &[6]), "{name}: one thread and two");
        assert_eq!(one, run(2, &[1, 5]), "{name}: in one go and in two");
        assert_ne!(one.features.value, state.features.value, "{name} moved");
    }
}

#[test]
fn a_run_stops_at_the_last_finite_state_and_names_the_term() {
    let softmax = losslab::objectives::find("softmax").unwrap();
    let term = Term { objective: softmax, weight: 1.0, knobs: Knobs::default() };
    let (problem, mut state) = scene(term, 3, 10, 3, 2, 1.0);
    for engine in ["cpu", "reference"] {
        let mut engine: Box<dyn Engine> = if engine == "cpu" {
            Box::new(CpuEngine::new(problem.clone(), state.clone(), None))
        } else {
            Box::new(ReferenceEngine::new(problem.clone(), &state))
        };
        let advance = engine.advance(&[0.1, f64::INFINITY, 0.1]).unwrap();
        let diverged = advance.diverged.unwrap();
        assert_eq!((advance.records.len(), diverged.step), (1, 1));
        assert!(engine.state().unwrap().features.value.is_finite());
        assert_eq!(engine.state().unwrap().step, 1);
    }
    state.features.value.data[3] = f32::NAN;
    let mut engine = CpuEngine::new(problem, state, None);
    let advance = engine.advance(&[0.1]).unwrap();
    assert_eq!(advance.diverged.unwrap().term, Some(0));
}

#[test]
fn every_name_family_and_text_is_there() {
    let mut names: Vec<_> = OBJECTIVES.iter().map(|o| o.name()).collect();
    assert_eq!(names.len(), 19);
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 19, "names are unique");
    for objective in OBJECTIVES {
        let about = objective.about();
        assert!(about.formula.contains(['L', 's']), "{}: a formula", objective.name());
        assert!(about.paper.contains(char::is_numeric), "{}: a paper with its year", objective.name());
        assert!(about.effect.ends_with('.'), "{}: a sentence", objective.name());
        assert!(objective.family() == Family::Pair || objective.score() != Score::SquaredDistance);
        assert!(objective.shader().is_some_and(|pieces| !pieces.is_empty()));
    }
}
