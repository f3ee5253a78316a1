//! Whether what is timed is right: the engine's gradient against the f64 reference's, before the clock starts.
//!
//! The reference keeps every score on a tape, some hundred bytes a pair. Where the timed size is too large for
//! that, fewer rows (in the pair family also fewer classes, so that a row keeps its positives) are looked at,
//! and the size is said.

use super::{BenchError, Maker, Workload};
use crate::engine::reference::ReferenceEngine;
use crate::engine::{Engine, Evaluation, MarginsAt};
use crate::objectives::Family;

/// The largest error of a gradient whose time is worth anything: ‖g − g*‖/‖g*‖.
pub const TOLERANCE: f64 = 1e-4;
/// Most scores the reference is given: 4096 anchors with 512 classes, or 1448 rows among themselves.
const MOST_SCORES: usize = 1 << 21;

/// A gradient's error, and at which size it was looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Checked {
    /// ‖g − g*‖/‖g*‖ over all parameters, g* being the reference's.
    pub error: f64,
    /// N of the check.
    pub rows: usize,
    /// C of the check.
    pub classes: usize,
}

/// Whether the reference can run the workload in reasonable time and memory.
pub fn fits_reference(workload: &Workload) -> bool {
    workload.rows * workload.candidates() <= MOST_SCORES
}

/// The workload, or the largest part of it that the reference can judge.
fn judged(workload: &Workload) -> Workload {
    if fits_reference(workload) {
        return *workload;
    }
    let Workload { rows, classes, .. } = *workload;
    match workload.term().objective.family() {
        Family::Class => Workload { rows: (MOST_SCORES / classes).clamp(1, rows), ..*workload },
        Family::Pair => {
            let fewer = MOST_SCORES.isqrt().min(rows);
            Workload { rows: fewer, classes: (classes * fewer / rows).max(1), ..*workload }
        }
    }
}

/// Looks at the engine's gradient at the start of a workload; nothing to see for the reference itself.
///
/// # Errors
/// [`BenchError::Wrong`] if the error is above [`TOLERANCE`]; [`BenchError::Engine`] if the engine cannot run it.
pub fn check(workload: &Workload, make: Maker<'_>) -> Result<Option<Checked>, BenchError> {
    let part = judged(workload);
    let (problem, state) = part.start();
    let mut engine = make(problem.clone(), &state)?;
    if engine.name() == "reference" {
        return Ok(None);
    }
    let got = engine.evaluate(MarginsAt::Mean)?;
    let want = ReferenceEngine::new(problem, &state).evaluate(MarginsAt::Mean)?;
    let error = distance(&got, &want);
    if error.is_nan() || error > TOLERANCE {
        return Err(BenchError::Wrong { objective: workload.objective, error });
    }
    Ok(Some(Checked { error, rows: part.rows, classes: part.classes }))
}

/// ‖g − g*‖/‖g*‖, or infinity where the gradients do not have the same parts.
fn distance(got: &Evaluation, want: &Evaluation) -> f64 {
    let parts = |evaluation: &Evaluation| {
        let gradient = evaluation.gradient.clone();
        [Some(gradient.features), gradient.weights, gradient.bias]
    };
    let (mut off, mut size) = (0.0, 0.0);
    for (got, want) in parts(got).iter().zip(&parts(want)) {
        match (got, want) {
            (None, None) => {}
            (Some(got), Some(want)) if got.len() == want.len() => {
                for (g, w) in got.iter().zip(want) {
                    off += (g - w) * (g - w);
                    size += w * w;
                }
            }
            _ => return f64::INFINITY,
        }
    }
    if off == 0.0 { 0.0 } else { (off / size).sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::WORKLOADS;
    use crate::engine::cpu::CpuEngine;
    use crate::engine::{EngineError, Gradient, Problem, State};
    use std::time::Duration;

    #[test]
    fn small_workloads_are_judged_whole_and_large_ones_in_part() {
        assert_eq!(judged(&WORKLOADS[1]), WORKLOADS[1]);
        assert_eq!(judged(&WORKLOADS[4]), WORKLOADS[4]);
        let arcface = judged(&WORKLOADS[3]);
        assert_eq!((arcface.rows, arcface.classes), (256, 8192));
        let supcon = judged(&WORKLOADS[6]);
        assert_eq!((supcon.rows, supcon.classes), (1448, 181));
    }

    #[test]
    fn the_distance_is_relative_and_sees_a_missing_part() {
        let of = |features: &[f64], bias: Option<Vec<f64>>| Evaluation {
            gradient: Gradient { features: features.to_vec(), weights: None, bias, network: None },
            ..Evaluation::default()
        };
        assert_eq!(distance(&of(&[3.0, 4.5], None), &of(&[3.0, 4.0], None)), 0.1);
        assert_eq!(distance(&of(&[0.0], None), &of(&[0.0], None)), 0.0);
        assert_eq!(distance(&of(&[3.0], None), &of(&[3.0], Some(vec![0.0]))), f64::INFINITY);
        assert!(distance(&of(&[f64::NAN], None), &of(&[1.0], None)).is_nan());
    }

    /// The cpu engine with every gradient a thousandth too long.
    #[expect(clippy::unnecessary_wraps, reason = "it is handed on as a `Maker`")]
    fn faulty(mut problem: Problem, state: &State) -> Result<Box<dyn Engine>, EngineError> {
        problem.terms[0].weight *= 1.001;
        Ok(Box::new(CpuEngine::new(problem, state.clone(), Some(1))))
    }

    #[test]
    fn a_wrong_engine_is_seen() {
        let wrong = check(&WORKLOADS[0], &faulty).unwrap_err();
        let BenchError::Wrong { objective, error } = wrong else { panic!("{wrong}") };
        assert_eq!(objective, "softmax");
        assert!((error - 1e-3).abs() < 1e-5, "{error}");
    }

    #[test]
    fn a_right_engine_is_checked_and_timed() {
        let make = |problem, state: &State| -> Result<Box<dyn Engine>, EngineError> {
            Ok(Box::new(CpuEngine::new(problem, state.clone(), Some(1))))
        };
        let checked = check(&WORKLOADS[0], &make).unwrap().unwrap();
        assert!(checked.error < TOLERANCE && checked.error > 0.0, "{checked:?}");
        assert_eq!(checked.rows, 600);
        let found = crate::bench::measure(&WORKLOADS[0], &make, Duration::from_millis(20)).unwrap();
        assert_eq!(found.engine, "cpu");
        assert!(found.timing.steps >= 3 && found.timing.minimum <= found.timing.median);
    }
}
