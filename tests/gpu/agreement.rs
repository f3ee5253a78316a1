//! Losses and gradients of the GPU engine against the f64 reference.

use losslab::engine::cpu::CpuEngine;
use losslab::engine::gpu::Tiles;
use losslab::engine::{Engine, MarginsAt};
use losslab::features::Matrix;
use losslab::objectives::{Family, OBJECTIVES};

use crate::golden;

use super::scenes::{compare, compare_with_cpu, gpu, gpu_with, named, scene, term, used};

/// Row counts around the edges of tiles and blocks.
const RAGGED: [usize; 7] = [1, 2, 63, 64, 65, 257, 1024];

/// Every objective at ragged sizes, few dimensions.
pub(crate) fn every_objective() {
    let mut bad = Vec::new();
    for objective in OBJECTIVES {
        let mut worst = (0.0f64, 0.0f64);
        for n in RAGGED {
            let classes = if n == 257 { 65 } else { 7 };
            let one = term(*objective, classes);
            // The reference keeps every score on its tape, and every pair of pairs for `mw`.
            let most = match (objective.family(), objective.histogram(&one.knobs)) {
                (_, Some(_)) => 63,
                (Family::Pair, None) => 257,
                (Family::Class, None) => 1024,
            };
            let (problem, state) = scene(vec![one], n, 3, classes);
            let margins = MarginsAt::Step(5);
            let (loss, gradient) = if n <= most {
                compare(&problem, &state, margins)
            } else {
                compare_with_cpu(&problem, &state, margins)
            };
            let good = loss <= 1.0 && gradient <= 1.0;
            if !good {
                bad.push(format!("{} n={n}: {loss:.3} {gradient:.3}", objective.name()));
            }
            worst = (worst.0.max(loss), worst.1.max(gradient));
        }
        println!(
            "  {:18} loss {:5.1} %  gradient {:5.1} %",
            objective.name(),
            100.0 * worst.0,
            100.0 * worst.1
        );
    }
    assert!(bad.is_empty(), "shares of the tolerance above 1: {bad:#?}");
}

/// Sums of terms of different families, weights negative and zero among them.
pub(crate) fn composites() {
    let classes = 5;
    let mut terms = vec![named("softmax", classes, &[]), named("normface", classes, &[("scale", 9.0)])];
    terms[0].weight = -0.25;
    for name in ["opl", "uniformity", "supcon"] {
        if losslab::objectives::find(name).is_some() {
            let mut term = named(name, classes, &[]);
            term.weight = 0.3;
            terms.push(term);
        }
    }
    if let Some(last) = terms.last_mut() {
        last.weight = 0.0;
    }
    let (problem, state) = scene(terms, 70, 6, classes);
    let (loss, gradient) = compare(&problem, &state, MarginsAt::Mean);
    println!("  composite: loss {:.1} %  gradient {:.1} %", 100.0 * loss, 100.0 * gradient);
    assert!(loss <= 1.0 && gradient <= 1.0);
}

/// The register-blocked kernels: more than 16 dimensions, more than one slice of 64.
pub(crate) fn many_dimensions() {
    let mut bad = Vec::new();
    for objective in OBJECTIVES {
        let one = term(*objective, 9);
        // Each width is another set of kernels, and compiling is what takes the time.
        let widths: &[usize] =
            if ["softmax", "alignment"].contains(&objective.name()) { &[17, 70] } else { &[70] };
        for &d in widths {
            let n = if objective.histogram(&one.knobs).is_some() { 34 } else { 65 };
            let (problem, state) = scene(vec![one], n, d, 9);
            let (loss, gradient) = compare(&problem, &state, MarginsAt::Mean);
            println!(
                "  {:18} d={d}: loss {:.1} %  gradient {:.1} %",
                objective.name(),
                100.0 * loss,
                100.0 * gradient
            );
            let good = loss <= 1.0 && gradient <= 1.0;
            if !good {
                bad.push(format!("{} n={n} d={d}: {loss:.3} {gradient:.3}", objective.name()));
            }
        }
    }
    assert!(bad.is_empty(), "shares of the tolerance above 1: {bad:#?}");
}

/// The kinds of kernels an adapter may get: through workgroup memory (few dimensions by one row an
/// invocation), through little of it, and within subgroups, without and with a second slice of 64.
pub(crate) fn every_kind_of_tile() {
    let some = ["softmax", "supcon", "alignment", "elastic-arcface", "mw"];
    let mut bad = Vec::new();
    for (tiles, d, all) in [
        (Tiles::Workgroup, 70, true),
        (Tiles::Workgroup, 3, false),
        (Tiles::Workgroup, 13, false),
        (Tiles::Narrow, 70, false),
        (Tiles::Subgroup, 5, false),
    ] {
        for objective in OBJECTIVES.iter().filter(|o| all || some.contains(&o.name())) {
            let one = term(*objective, 67);
            let n = if objective.histogram(&one.knobs).is_some() { 34 } else { 130 };
            let (problem, state) = scene(vec![one], n, d, 67);
            let Some(mut engine) = gpu_with(tiles, &problem, &state) else { continue };
            let got = engine.evaluate(MarginsAt::Mean).expect("evaluation on the device");
            let want =
                CpuEngine::new(problem, state, None).evaluate(MarginsAt::Mean).expect("on the processor");
            let (loss, gradient) = used(&got, &want);
            println!(
                "  {:18} {tiles:?} d={d}: loss {:.1} %  gradient {:.1} %",
                objective.name(),
                100.0 * loss,
                100.0 * gradient
            );
            let good = loss <= 1.0 && gradient <= 1.0;
            if !good {
                bad.push(format!("{} {tiles:?} d={d}: {loss:.3} {gradient:.3}", objective.name()));
            }
        }
    }
    assert!(bad.is_empty(), "shares of the tolerance above 1: {bad:#?}");
}

/// Tight clumps, duplicates, lengths over eight decades.
pub(crate) fn hard_inputs() {
    let mut bad = Vec::new();
    for objective in OBJECTIVES {
        let raw = objective.score() == losslab::objectives::Score::Raw;
        let (problem, mut state) = scene(vec![term(*objective, 4)], 40, 5, 4);
        let noise = state.features.value.clone();
        let centres = state.weights.value.clone();
        state.features.value = Matrix::from_fn(40, 5, |i, k| {
            let class = problem.labels[i] as usize;
            let length = if raw { 1.0 } else { 10f32.powi(i as i32 % 9 - 4) };
            (centres.row(class)[k] + 0.02 * noise.row(i)[k]) * length
        });
        let (loss, gradient) = compare(&problem, &state, MarginsAt::Mean);
        println!("  {:18} loss {:.1} %  gradient {:.1} %", objective.name(), 100.0 * loss, 100.0 * gradient);
        let good = loss <= 1.0 && gradient <= 1.0;
        if !good {
            bad.push(format!("{}: {loss:.3} {gradient:.3}", objective.name()));
        }
    }
    assert!(bad.is_empty(), "shares of the tolerance above 1: {bad:#?}");
}

/// The published formulas, by automatic differentiation in float64.
pub(crate) fn golden() {
    golden::check(|problem, state| Box::new(gpu(&problem, &state)), &golden::FAST);
}

/// The words of the choices, margins far apart and sorted, margins given with the data.
pub(crate) fn choices() {
    let mut bad = Vec::new();
    let scenes: &[(&str, &[(&str, f64)])] = &[
        ("arcface", &[("variant", 1.0), ("margin", 1.5), ("scale", 8.0)]),
        ("arcface", &[("variant", 2.0), ("margin", 1.5), ("scale", 8.0)]),
        ("arcface", &[("variant", 3.0), ("margin", 1.5), ("scale", 8.0)]),
        // Draws of different integers would be far outside the tolerance here.
        ("elastic-cosface", &[("sigma", 1.0), ("scale", 2.0)]),
        ("elastic-cosface", &[("sigma", 1.0), ("scale", 2.0), ("assignment", 1.0)]),
        ("elastic-arcface", &[("sigma", 0.3), ("scale", 2.0), ("assignment", 1.0)]),
        ("opl", &[("variant", 1.0), ("gamma", 2.0)]),
        ("opl", &[("variant", 2.0), ("gamma", 2.0)]),
        ("riesz", &[("power", 0.0)]),
        ("alignment", &[("power", 3.0), ("positives", 1.0)]),
        ("supcon", &[("positives", 1.0)]),
        ("cacr", &[("weights", 1.0), ("positives", 0.0)]),
        ("cacr", &[("positive_temperature", 0.0), ("negative_temperature", 0.0)]),
        ("mw", &[("temperature", 0.5)]),
    ];
    for (name, set) in scenes {
        for given in [false, true] {
            let (mut problem, state) = scene(vec![named(name, 5, set)], 45, 3, 5);
            if given && problem.terms[0].objective.margins(&problem.terms[0].knobs).is_none() {
                continue;
            }
            problem.margins = given.then(|| (0..45u32).map(|i| 0.01 * (i * 7 % 45) as f32).collect());
            let (loss, gradient) = compare(&problem, &state, MarginsAt::Step(1_000_003));
            let what = format!("{name}{set:?} given={given}");
            println!("  {what}: loss {:.1} %  gradient {:.1} %", 100.0 * loss, 100.0 * gradient);
            let good = loss <= 1.0 && gradient <= 1.0;
            if !good {
                bad.push(format!("{what}: {loss:.3} {gradient:.3}"));
            }
        }
    }
    assert!(bad.is_empty(), "shares of the tolerance above 1: {bad:#?}");
}

/// Sizes at which candidates are split, a class that one workgroup of the arc does not hold, and so many scores of
/// each kind that tiles are wide, at ragged edges.
pub(crate) fn large() {
    for (name, n, d, classes) in [
        ("arcface", 9001, 3, 2),
        ("softmax", 70, 20, 5000),
        ("normface", 10_000, 2, 4500),
        ("supcon", 4500, 3, 3),
        ("softmax", 1031, 20, 1027),
        ("riesz", 1027, 5, 3),
    ] {
        let (problem, state) = scene(vec![named(name, classes, &[])], n, d, classes);
        let (loss, gradient) = compare_with_cpu(&problem, &state, MarginsAt::Mean);
        println!(
            "  {name} {n}x{classes} d={d}: loss {:.1} %  gradient {:.1} %",
            100.0 * loss,
            100.0 * gradient
        );
        assert!(loss <= 1.0 && gradient <= 1.0, "{name} {n} {d} {classes}: {loss} {gradient}");
    }
}
