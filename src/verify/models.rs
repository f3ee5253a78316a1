//! Networks under the loss: the reference's gradient against difference quotients, the engines against the reference.
//!
//! The loss on top is one raw and one cosine objective, so that both ways through the rows are taken; the losses
//! themselves are judged elsewhere.

use super::engines::{Case, Device, MARGINS, cpu, judge};
use super::gradient::{TOLERANCE, quotient};
use super::{Check, Outcome, Worst, scene};
use crate::engine::{Engine, MarginsAt, Problem, State};
use crate::features::Matrix;
use crate::models::{Kind, linear, mlp};
use crate::objectives;

/// Row counts around the pieces that engines cut batches into.
const RAGGED: [usize; 6] = [1, 2, 63, 64, 65, 129];

/// What the rows of these checks are called.
fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Linear => "linear layers",
        Kind::Mlp => "mlp",
    }
}

/// A network on random inputs, biases included, under a term.
fn problem(kind: Kind, objective: &str, n: usize, sizes: [usize; 3]) -> Option<(Problem, State)> {
    let [inputs, width, d] = sizes;
    let objective = objectives::find(objective)?;
    let term = scene::settings(objective, 3).swap_remove(0).term;
    let (problem, mut state) = scene::random_scene(term, 40 + n as u64, n, 3, d);
    let random = |rows, cols, seed| Matrix::from_fn(rows, cols, |i, k| scene::normal(seed, i, k) as f32);
    let mut network = match kind {
        Kind::Linear => linear::start(random(n, d, 50), 3, 0.7, 5),
        Kind::Mlp => mlp::start(random(n, inputs, 50), 2, width, d, 5),
    };
    for (k, bias) in network.layers.iter_mut().filter_map(|layer| layer.bias.as_mut()).enumerate() {
        bias.value = random(1, bias.value.cols, 60 + k as u64);
    }
    state.network = Some(network);
    Some((problem, state))
}

/// The gradients of a network by the names [`quotient`] knows.
fn parts(gradient: &crate::engine::Gradient) -> Vec<(String, Vec<f64>)> {
    let mut parts = vec![("weights".to_owned(), gradient.weights.clone().unwrap_or_default())];
    if let Some(of) = &gradient.network {
        parts.extend(of.inputs.iter().map(|inputs| ("inputs".to_owned(), inputs.clone())));
        for (k, (matrix, bias)) in of.layers.iter().enumerate() {
            parts.push((format!("layer{k}"), matrix.clone()));
            parts.extend(bias.iter().map(|bias| (format!("layer{k}_bias"), bias.clone())));
        }
    }
    parts
}

fn check_gradient(kind: Kind) -> Check {
    let mut worst = Worst::default();
    let mut entries = 0;
    for objective in ["softmax", "normface"] {
        let Some((problem, state)) = problem(kind, objective, 7, [5, 6, 4]) else { continue };
        let Ok(evaluation) = scene::reference(&problem, &state, MarginsAt::Step(0)) else {
            worst.see(f64::NAN, || format!("{objective}: the reference fails"));
            continue;
        };
        for (part, slopes) in parts(&evaluation.gradient) {
            let size = slopes.iter().fold(0.0f64, |a, g| a.max(g.abs()));
            for (at, &slope) in slopes.iter().enumerate() {
                let numeric = quotient(&problem, &state, &part, at);
                entries += 1;
                worst.see((numeric - slope).abs() / (size + 1e-9) / TOLERANCE, || {
                    format!("{objective}: the gradient of {part} has {slope:.6e} where the loss has slope {numeric:.6e}")
                });
            }
        }
    }
    worst.named(
        name(kind),
        "gradient",
        Some("reference"),
        format!("{entries} entries against central differences"),
    )
}

/// The problems that engines are judged on.
fn cases(kind: Kind) -> impl Iterator<Item = Case> {
    RAGGED.into_iter().flat_map(move |n| {
        ["softmax", "normface"].into_iter().filter_map(move |objective| {
            // Sizes that fill no tile, and some that fill it.
            let sizes = if n == 64 { [32, 64, 16] } else { [5, 37, 3] };
            let (problem, state) = problem(kind, objective, n, sizes)?;
            let name = format!("{objective} with {n} rows");
            Some(Case { name, n, judged_by_reference: true, problem, state })
        })
    })
}

fn check_cpu(kind: Kind) -> Check {
    let mut worst = Worst::default();
    let mut count = 0;
    for case in cases(kind) {
        count += 1;
        judge(&mut worst, "cpu", &case, cpu(&case), scene::reference(&case.problem, &case.state, MARGINS));
    }
    worst.named(
        name(kind),
        "cpu",
        Some("cpu"),
        format!("{count} problems of 1 to 129 rows against the reference"),
    )
}

/// The GPU engine: a row, unless nobody asked.
fn check_gpu(kind: Kind, device: &Device) -> Option<Check> {
    let engine = match device {
        Device::NotAsked => return None,
        Device::Open(engine) => engine,
        Device::Missing(why) => {
            return Some(Check {
                objective: name(kind),
                check: "gpu",
                engine: Some("gpu"),
                share_of_tolerance: None,
                outcome: Outcome::Skipped,
                detail: why.clone(),
            });
        }
    };
    let mut worst = Worst::default();
    let mut count = 0;
    for case in cases(kind) {
        count += 1;
        let got = engine.beside(&case.problem, &case.state).and_then(|mut engine| engine.evaluate(MARGINS));
        judge(&mut worst, "gpu", &case, got, scene::reference(&case.problem, &case.state, MARGINS));
    }
    Some(worst.named(
        name(kind),
        "gpu",
        Some("gpu"),
        format!("{count} problems of 1 to 129 rows against the reference"),
    ))
}

/// The checks of every kind of network, row after row.
pub(super) fn checks(with_cpu: bool, device: &Device, mut each: impl FnMut(&[Check])) -> Vec<Check> {
    let mut rows = Vec::new();
    for kind in [Kind::Linear, Kind::Mlp] {
        let first = rows.len();
        rows.push(check_gradient(kind));
        rows.extend(with_cpu.then(|| check_cpu(kind)));
        rows.extend(check_gpu(kind, device));
        each(&rows[first..]);
    }
    rows
}
