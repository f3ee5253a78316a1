//! The fast engines against the f64 reference at ragged sizes.
//!
//! The reference keeps every score of a row pair on a tape, and pairs of pairs for histogram losses, so it stops
//! at [`largest`] rows; beyond them the CPU engine, already judged, is the judge of the GPU.

use super::scene::{self, Setting};
use super::{Check, Outcome, Worst, skipped};
use crate::engine::cpu::CpuEngine;
use crate::engine::gpu::{Choice, GpuEngine};
use crate::engine::{Engine, EngineError, Evaluation, MarginsAt, Problem, State};
use crate::objectives::{self, Family, Objective};

/// Whether the GPU is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gpu {
    /// Not at all.
    No,
    /// Where there is an adapter, software included; else its rows say why not.
    IfThere,
    /// It must be there.
    Demanded,
}

/// Row counts around the edges of lanes, tiles and blocks.
const RAGGED: [usize; 7] = [1, 2, 63, 64, 65, 257, 1024];
/// Rows for the settings that are not the default.
const OTHER_SETTINGS: usize = 63;
pub(super) const MARGINS: MarginsAt = MarginsAt::Step(5);

/// The most rows the reference can do in a moment.
fn largest(objective: &dyn Objective, knobs: &objectives::Knobs) -> usize {
    match (objective.family(), objective.histogram(knobs)) {
        (_, Some(_)) => 63,
        (Family::Pair, None) => 257,
        (Family::Class, None) => 1024,
    }
}

/// A setting at a size.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) n: usize,
    pub(super) judged_by_reference: bool,
    pub(super) problem: Problem,
    pub(super) state: State,
}

/// The defaults at every ragged size, the other settings at one.
fn cases(objective: &'static dyn Objective) -> impl Iterator<Item = Case> {
    let settings = scene::settings(objective, 7).into_iter().enumerate();
    settings.flat_map(move |(k, Setting { name, term })| {
        let sizes = if k == 0 { &RAGGED[..] } else { &[OTHER_SETTINGS][..] };
        sizes.iter().map(move |&n| {
            // Few dimensions and many take different paths in the engines.
            let (classes, d) = match n {
                64 => (17, 20),
                257 => (65, 4),
                _ => (7, 3),
            };
            let (problem, state) = scene::random_scene(term, 21 + n as u64, n, classes, d);
            let judged_by_reference = n <= largest(objective, &term.knobs);
            Case { name: format!("{name} with {n} rows"), n, judged_by_reference, problem, state }
        })
    })
}

pub(super) fn cpu(case: &Case) -> Result<Evaluation, EngineError> {
    CpuEngine::new(case.problem.clone(), case.state.clone(), None).evaluate(MARGINS)
}

/// The CPU engine at every size the reference can judge.
pub(super) fn check_cpu(objective: &'static dyn Objective) -> Check {
    let mut worst = Worst::default();
    let (mut count, mut most) = (0, 0);
    for case in cases(objective).filter(|case| case.judged_by_reference) {
        (count, most) = (count + 1, most.max(case.n));
        judge(&mut worst, "cpu", &case, cpu(&case), scene::reference(&case.problem, &case.state, MARGINS));
    }
    let done = format!("{count} problems of 1 to {most} rows against the reference");
    worst.check(objective, "cpu", Some("cpu"), done)
}

/// The device every objective is judged on, or why there is none.
pub(super) enum Device {
    NotAsked,
    Missing(String),
    Open(Box<GpuEngine>),
}

impl Device {
    /// Opens the best adapter, a software one if there is no other.
    pub(super) fn open(wanted: Gpu) -> Result<Self, EngineError> {
        if wanted == Gpu::No {
            return Ok(Self::NotAsked);
        }
        let Some(&objective) = objectives::OBJECTIVES.iter().find(|o| o.shader().is_some()) else {
            return Ok(Self::Missing("no objective has a WGSL form".into()));
        };
        let Setting { term, .. } = scene::settings(objective, 3).swap_remove(0);
        let (problem, state) = scene::random_scene(term, 1, 4, 3, 3);
        match GpuEngine::new(problem, &state, Choice::Any) {
            Ok(engine) => Ok(Self::Open(Box::new(engine))),
            Err(error) if wanted == Gpu::Demanded => Err(error),
            Err(EngineError::NoAdapter(why)) => Ok(Self::Missing(why)),
            Err(error) => Ok(Self::Missing(error.to_string())),
        }
    }

    /// Which adapter runs.
    pub(super) fn adapter(&self) -> Option<String> {
        match self {
            Self::Open(engine) => engine.adapter(),
            Self::NotAsked | Self::Missing(_) => None,
        }
    }

    /// The GPU engine on one objective: a row, unless nobody asked.
    pub(super) fn check(&mut self, objective: &'static dyn Objective, shader: Outcome) -> Option<Check> {
        let skip = |why: &str| Some(skipped(objective, "gpu", Some("gpu"), why.to_owned()));
        match (&*self, shader) {
            (Self::NotAsked, _) => None,
            (Self::Missing(why), _) => skip(why),
            (_, Outcome::Skipped) => skip("it has no WGSL form"),
            (_, Outcome::Failed) => skip("its shader is not valid"),
            (Self::Open(engine), Outcome::Passed) => Some(check_gpu(objective, engine)),
        }
    }
}

fn check_gpu(objective: &'static dyn Objective, device: &GpuEngine) -> Check {
    let mut worst = Worst::default();
    let (mut count, mut by_cpu) = (0, 0);
    for case in cases(objective) {
        count += 1;
        let got = device.beside(&case.problem, &case.state).and_then(|mut engine| engine.evaluate(MARGINS));
        let want = if case.judged_by_reference {
            scene::reference(&case.problem, &case.state, MARGINS)
        } else {
            by_cpu += 1;
            cpu(&case)
        };
        judge(&mut worst, "gpu", &case, got, want);
    }
    let beyond = match by_cpu {
        0 => String::new(),
        1 => ", the largest against the cpu engine".to_owned(),
        n => format!(", the {n} largest against the cpu engine"),
    };
    let done = format!("{count} problems of 1 to 1024 rows against the reference{beyond}");
    worst.check(objective, "gpu", Some("gpu"), done)
}

/// Compares two evaluations of a case in units of the tolerance of f32 engines: 1e-7 + 5e-6·|x| for the loss,
/// 1e-7 + 5e-5·‖g‖ for the gradient.
pub(super) fn judge(
    worst: &mut Worst,
    engine: &str,
    case: &Case,
    got: Result<Evaluation, EngineError>,
    want: Result<Evaluation, EngineError>,
) {
    let name = &case.name;
    let (got, want) = match (got, want) {
        (Ok(got), Ok(want)) => (got, want),
        (Err(error), _) => return worst.see(f64::NAN, || format!("{name}: {error}")),
        (_, Err(error)) => return worst.see(f64::NAN, || format!("{name}: the judge fails: {error}")),
    };
    let (mine, theirs) = (got.terms[0], want.terms[0]);
    worst.see((mine - theirs).abs() / (1e-7 + 5e-6 * theirs.abs()), || {
        format!("{name}: the {engine} engine's loss is {mine:.7}, the judge's {theirs:.7}")
    });
    let (g, w) = (flat(&got), flat(&want));
    if g.len() != w.len() {
        return worst.see(f64::NAN, || format!("{name}: the {engine} engine's gradient lacks a part"));
    }
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|x| x * x).sum::<f64>().sqrt();
    let size = norm(&mut w.iter().copied());
    let off = norm(&mut g.iter().zip(&w).map(|(g, w)| g - w));
    worst.see(off / (1e-7 + 5e-5 * size), || {
        format!("{name}: the {engine} engine's gradient is {off:.2e} away from one of length {size:.2e}")
    });
}

fn flat(evaluation: &Evaluation) -> Vec<f64> {
    let gradient = &evaluation.gradient;
    let parts = [Some(&gradient.features), gradient.weights.as_ref(), gradient.bias.as_ref()];
    let mut flat: Vec<f64> = parts.into_iter().flatten().flatten().copied().collect();
    if let Some(network) = &gradient.network {
        flat.extend(network.inputs.iter().flatten());
        for (matrix, bias) in &network.layers {
            flat.extend(matrix.iter().chain(bias.iter().flatten()));
        }
    }
    flat
}
