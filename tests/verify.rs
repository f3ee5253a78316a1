//! A verify that cannot fail is worth nothing: objectives with one deliberate fault each are found and named.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::single_match_else, reason = "with and without an adapter are two cases")]

#[path = "verify/faulty.rs"]
mod faulty;

use faulty::{Fault, Faulty};
use losslab::objectives::{Objective, find};
use losslab::verify::{CHECKS, Check, Engines, Gpu, Outcome, Report, verify};

const CPU: Engines = Engines { cpu: true, gpu: Gpu::No };

fn report(objective: &'static dyn Objective, engines: Engines) -> Report {
    verify(&[objective], engines, |_| ()).unwrap()
}

/// The one check that fails, of the checks made without a GPU.
fn only_failure(inner: &str, fault: Fault) -> Check {
    let objective = Faulty::new(find(inner).unwrap(), fault);
    let report = report(objective, CPU);
    let failures: Vec<&Check> = report.failures().collect();
    assert_eq!(failures.len(), 1, "{fault:?} in {inner}: {:#?}", report.rows);
    assert!(!report.passed());
    assert_eq!(failures[0].objective, "faulty");
    failures[0].clone()
}

#[test]
fn sound_objectives_pass_every_check() {
    for name in ["softmax", "mse", "arcface", "supcon", "uniformity"] {
        let report = report(find(name).unwrap(), CPU);
        assert!(report.passed(), "{name}: {:#?}", report.rows);
        let checks: Vec<&str> = report.rows.iter().map(|row| row.check).collect();
        assert_eq!(checks, CHECKS.into_iter().filter(|c| *c != "gpu").collect::<Vec<_>>());
        for row in &report.rows {
            assert_eq!(row.outcome, Outcome::Passed, "{name}: {row:?}");
            assert!(row.share_of_tolerance.is_none_or(|share| share <= 1.0));
        }
    }
}

#[test]
fn the_wrapper_alone_is_no_fault() {
    for name in ["normface", "supcon", "decoupled-softmax"] {
        let report = report(Faulty::new(find(name).unwrap(), Fault::None), CPU);
        assert!(report.passed(), "{name}: {:#?}", report.rows);
    }
}

#[test]
fn a_coupling_of_the_wrong_sign_is_found_by_the_engine() {
    for name in ["softmax", "uniformity"] {
        let failure = only_failure(name, Fault::Coupling);
        assert_eq!((failure.check, failure.engine), ("cpu", Some("cpu")));
        assert!(failure.detail.contains("gradient"), "{}", failure.detail);
        assert!(failure.share_of_tolerance.unwrap() > 1000.0);
    }
}

#[test]
fn a_wrong_merge_is_found_by_the_merge_law() {
    let objective = Faulty::new(find("softmax").unwrap(), Fault::Merge);
    let report = report(objective, CPU);
    assert!(report.failures().any(|row| row.check == "merge"), "{:#?}", report.rows);
}

#[test]
fn a_floor_that_is_too_high_is_found_by_states_below_it() {
    let failure = only_failure("z-loss", Fault::Floor(10.0));
    assert_eq!(failure.check, "floor");
    assert!(failure.detail.contains("below the floor"), "{}", failure.detail);
}

#[test]
fn a_floor_that_is_too_low_is_found_at_its_frame() {
    for name in ["normface", "mse", "uniformity"] {
        let failure = only_failure(name, Fault::Floor(-1e-4));
        assert_eq!(failure.check, "floor");
        assert!(failure.detail.contains("not the floor"), "{name}: {}", failure.detail);
    }
}

#[test]
fn a_reference_whose_slope_is_not_its_own_is_found_by_differences() {
    let objective = Faulty::new(find("normface").unwrap(), Fault::Reference);
    let report = report(objective, CPU);
    let failed: Vec<&str> = report.failures().map(|row| row.check).collect();
    assert!(failed.contains(&"gradient"), "{:#?}", report.rows);
}

#[test]
fn a_broken_shader_is_found_without_a_gpu() {
    let failure = only_failure("softmax", Fault::Shader("fn finish_batch(total: Stats) { nonsense }"));
    assert_eq!(failure.check, "shader");
    assert!(failure.detail.contains("objectives/faulty.wgsl:1"), "{}", failure.detail);
    let failure = only_failure("softmax", Fault::Shader("fn coupling(p: Pair) -> f32 { return vec2(0.0); }"));
    assert_eq!(failure.check, "shader");
}

#[test]
fn an_objective_without_a_shader_is_skipped_and_passes() {
    let report = report(Faulty::new(find("softmax").unwrap(), Fault::NoShader), CPU);
    assert!(report.passed());
    let shader = report.rows.iter().find(|row| row.check == "shader").unwrap();
    assert_eq!((shader.outcome, shader.share_of_tolerance), (Outcome::Skipped, None));
}

/// With an adapter: a shader that is valid and wrong. Without: the row says why it was not judged.
#[test]
fn a_valid_shader_that_computes_something_else_is_found_by_the_gpu() {
    const WRONG: &str = "fn target_logit(at: Target) -> TargetLogit { return TargetLogit(at.score, 1.0, 0.0); }\n\
        fn coupling(pair: Pair, e: vec2<f32>, row: Row, batch: Batch) -> f32 { return 0.25; }";
    let objective = Faulty::new(find("opl").unwrap(), Fault::Shader(WRONG));
    let report = report(objective, Engines { cpu: false, gpu: Gpu::IfThere });
    let gpu = report.rows.iter().find(|row| row.check == "gpu").unwrap();
    match &report.adapter {
        Some(adapter) => {
            println!("adapter: {adapter}");
            assert_eq!(gpu.outcome, Outcome::Failed, "{gpu:?}");
            assert!(gpu.detail.contains("gpu engine"), "{gpu:?}");
        }
        None => {
            println!("ignored, no adapter: {}", gpu.detail);
            assert_eq!(gpu.outcome, Outcome::Skipped);
            assert!(std::env::var("LOSSLAB_GPU").as_deref() != Ok("require"), "an adapter is demanded");
        }
    }
}

#[test]
fn every_registered_objective_passes() {
    let mut seen = 0;
    let report = verify(losslab::objectives::OBJECTIVES, CPU, |rows| seen += rows.len()).unwrap();
    assert!(report.passed(), "{:#?}", report.failures().collect::<Vec<_>>());
    assert_eq!((seen, report.rows.len()), (5 * 19, 5 * 19));
}
