//! The gradient of the reference is the slope of its loss, by central differences through the normalisation.

use super::scene::{self, Setting};
use super::{Check, Worst};
use crate::engine::{MarginsAt, Parameter, Problem, State};
use crate::objectives::Objective;

/// Error allowed, as a share of the gradient's largest entry: what f32 parameters leave of a difference.
pub(super) const TOLERANCE: f64 = 1e-5;

/// Settings whose gradient is by definition not the slope of their value.
const STOPPED: [&str; 2] = ["arcface(variant=straight-through)", "cacr(weights=detached)"];

/// Compares every entry of the gradient with a difference quotient, in every setting of the choices.
pub(super) fn check(objective: &'static dyn Objective) -> Check {
    let mut worst = Worst::default();
    let (mut entries, mut stopped) = (0, 0);
    for Setting { name, term } in scene::settings(objective, 3) {
        if STOPPED.contains(&name.as_str()) {
            stopped += 1;
            continue;
        }
        let (problem, state) = scene::random_scene(term, 12, 8, 3, 4);
        let Ok(evaluation) = scene::reference(&problem, &state, MarginsAt::Step(0)) else {
            worst.see(f64::NAN, || format!("{name}: the reference fails"));
            continue;
        };
        let gradient = evaluation.gradient;
        let parts = [Some(gradient.features), gradient.weights, gradient.bias];
        for (part, slopes) in PARTS.into_iter().zip(parts) {
            let Some(slopes) = slopes else { continue };
            let size = slopes.iter().fold(0.0f64, |a, g| a.max(g.abs()));
            for (at, &slope) in slopes.iter().enumerate() {
                let numeric = quotient(&problem, &state, part, at);
                entries += 1;
                worst.see((numeric - slope).abs() / (size + 1e-9) / TOLERANCE, || {
                    format!("{name}: the gradient of the {part} has {slope:.6e} where the loss has slope {numeric:.6e}")
                });
            }
        }
    }
    let left_out = match stopped {
        0 => String::new(),
        n => format!("; {n} with a stopped gradient left out"),
    };
    worst.check(
        objective,
        "gradient",
        Some("reference"),
        format!("{entries} entries against central differences{left_out}"),
    )
}

const PARTS: [&str; 3] = ["features", "weights", "bias"];

/// The slope of the loss along one coordinate: two widths and Richardson's extrapolation, of the fourth order.
pub(super) fn quotient(problem: &Problem, state: &State, part: &str, at: usize) -> f64 {
    let central = |h: f64| {
        let (up, above) = moved(problem, state, part, at, h);
        let (down, below) = moved(problem, state, part, at, -h);
        (up - down) / (above - below)
    };
    let h = 1e-4;
    (4.0 * central(h) - central(2.0 * h)) / 3.0
}

/// The loss with one coordinate moved, and how far it really moved in f32.
fn moved(problem: &Problem, state: &State, part: &str, at: usize, by: f64) -> (f64, f64) {
    let mut state = state.clone();
    let Some(parameter) = parameter(&mut state, part) else { return (f64::NAN, by) };
    let entry = &mut parameter.value.data[at];
    let before = f64::from(*entry);
    *entry = (before + by) as f32;
    let really = f64::from(*entry) - before;
    (scene::loss(problem, &state, MarginsAt::Step(0)), really)
}

/// The parameter called so; of a network as in a run folder: `inputs`, `layer0`, `layer0_bias`.
fn parameter<'a>(state: &'a mut State, part: &str) -> Option<&'a mut Parameter> {
    match part {
        "features" => Some(&mut state.features),
        "weights" => Some(&mut state.weights),
        "bias" => state.bias.as_mut(),
        "inputs" => state.network.as_mut().map(|network| &mut network.inputs),
        layer => {
            let number = layer.strip_prefix("layer")?;
            let of_bias = number.strip_suffix("_bias");
            let number: usize = of_bias.unwrap_or(number).parse().ok()?;
            let layer = state.network.as_mut()?.layers.get_mut(number)?;
            if of_bias.is_some() { layer.bias.as_mut() } else { Some(&mut layer.matrix) }
        }
    }
}
