//! Losses and gradients of the published formulas, computed elsewhere in float64 by automatic
//! differentiation: every engine must agree with them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use losslab::data;
use losslab::engine::cpu::CpuEngine;
use losslab::engine::reference::ReferenceEngine;
use losslab::engine::{Engine, MarginsAt, Parameter, Problem, State};
use losslab::experiment::expression;
use losslab::features::Matrix;
use losslab::optimizer::{Decay, Method, Moves};

#[derive(serde::Deserialize)]
struct Case {
    id: String,
    input: String,
    objective: String,
    loss: f64,
    gradient: String,
}

/// What an engine may be off by: absolute and relative, for the loss and for the gradient's norm.
pub(crate) struct Tolerance {
    pub(crate) loss: (f64, f64),
    pub(crate) gradient: (f64, f64),
}

const REFERENCE: Tolerance = Tolerance { loss: (1e-12, 1e-8), gradient: (1e-12, 1e-8) };
pub(crate) const FAST: Tolerance = Tolerance { loss: (1e-7, 5e-6), gradient: (1e-7, 5e-5) };

fn folder(family: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(family)
}

fn cases(family: &str) -> Vec<Case> {
    let text = std::fs::read_to_string(folder(family).join("cases.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The float64 arrays of an npz in C order, flattened.
fn arrays(path: &Path) -> HashMap<String, Vec<f64>> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut out = HashMap::new();
    for i in 0..archive.len() {
        let mut entry = archive.by_index(i).unwrap();
        let name = entry.name().unwrap().trim_end_matches(".npy").to_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        let header = u16::from_le_bytes([bytes[8], bytes[9]]) as usize;
        let text = String::from_utf8_lossy(&bytes[10..10 + header]).into_owned();
        assert!(text.contains("'<f8'") && text.contains("'fortran_order': False"), "{text}");
        let numbers = bytes[10 + header..].chunks_exact(8);
        out.insert(name, numbers.map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect());
    }
    out
}

/// The problem and state that a case's input describes.
fn problem(case: &Case, family: &str) -> (Problem, State) {
    let input = data::read(&folder(family).join(&case.input), &data::ReadOptions::default()).unwrap();
    let labels = input.labels.unwrap();
    let weights = input.weights.unwrap();
    let classes = weights.rows;
    let mut terms = expression::parse(&case.objective).unwrap();
    expression::resolve(&mut terms, classes);
    let n = input.points.rows;
    let problem = Problem {
        terms,
        labels,
        instances: input.instances.unwrap_or_else(|| (0..n as u32).collect()),
        classes,
        margins: input.margins,
        seed: 0,
        batch: None,
        method: Method::Adam,
        decay: Decay::default(),
        moves: Moves::default(),
        sphere: false,
    };
    let bias = input.bias.map(|bias| Parameter::new(Matrix::new(1, classes, bias)));
    let state = State {
        step: 0,
        features: Parameter::new(input.points),
        weights: Parameter::new(weights),
        bias,
        network: None,
    };
    (problem, state)
}

/// How much of the allowed error a case uses: loss, gradient.
fn share(case: &Case, family: &str, engine: &mut dyn Engine, tolerance: &Tolerance) -> (f64, f64) {
    let (problem, _) = problem(case, family);
    let got = engine.evaluate(MarginsAt::Step(0)).unwrap();
    let loss: f64 = problem.terms.iter().zip(&got.terms).map(|(term, loss)| term.weight * loss).sum();
    let off = (loss - case.loss).abs() / (tolerance.loss.0 + tolerance.loss.1 * case.loss.abs());
    let want = arrays(&folder(family).join(&case.gradient));
    let mut miss = 0.0;
    let mut size = 0.0;
    for (name, got) in [
        ("features", Some(got.gradient.features)),
        ("weights", got.gradient.weights),
        ("bias", got.gradient.bias),
    ] {
        let got = got.unwrap_or_default();
        match want.get(name) {
            Some(want) => {
                assert_eq!(got.len(), want.len(), "{}: size of the gradient of {name}", case.id);
                miss += got.iter().zip(want).map(|(g, w)| (g - w).powi(2)).sum::<f64>();
                size += want.iter().map(|w| w * w).sum::<f64>();
            }
            None => miss += got.iter().map(|g| g * g).sum::<f64>(),
        }
    }
    (off, miss.sqrt() / (tolerance.gradient.0 + tolerance.gradient.1 * size.sqrt()))
}

pub(crate) fn check(make: impl Fn(Problem, State) -> Box<dyn Engine>, tolerance: &Tolerance) {
    let mut failures = Vec::new();
    let mut worst = (0.0f64, 0.0f64);
    let mut count = 0;
    for family in ["core", "zoo"] {
        for case in cases(family) {
            let (problem, state) = problem(&case, family);
            let (loss, gradient) = share(&case, family, make(problem, state).as_mut(), tolerance);
            count += 1;
            worst = (worst.0.max(loss), worst.1.max(gradient));
            // Written so that a NaN fails.
            if !(loss <= 1.0 && gradient <= 1.0) {
                failures
                    .push(format!("{}: loss {loss:.2}, gradient {gradient:.2} of the tolerance", case.id));
            }
        }
    }
    assert_eq!(count, 220, "205 core cases and 15 of the wider list");
    println!("{count} cases, worst shares of the tolerance: loss {:.3}, gradient {:.3}", worst.0, worst.1);
    assert!(failures.is_empty(), "{} of {count}\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn the_reference_agrees_to_eight_digits() {
    check(|problem, state| Box::new(ReferenceEngine::new(problem, &state)), &REFERENCE);
}

#[test]
fn the_cpu_engine_agrees_within_single_precision() {
    check(|problem, state| Box::new(CpuEngine::new(problem, state, None)), &FAST);
}
