//! What it saves to leave faint tiles of couplings out of the gradient, and what that costs in accuracy: at a start
//! drawn at random, and with every row at its class weight, as late in training.
//!
//!     cargo bench --bench skipping
//!
//! Both ways are timed in turn in one run. The bound is the engine's ([`CpuEngine::skip_below`]), for anchors.

use std::time::{Duration, Instant};

use losslab::bench::{RATE, Workload};
use losslab::engine::cpu::CpuEngine;
use losslab::engine::{Engine, EngineError, MarginsAt, State};

const WORKLOADS: [Workload; 2] = [
    Workload { objective: "softmax", rows: 4096, classes: 512, dim: 64 },
    Workload { objective: "arcface", rows: 8192, classes: 8192, dim: 64 },
];
/// Far below what f32 can add to a gradient of 1/N.
const THRESHOLD: f32 = 1e-11;
const TURN: Duration = Duration::from_millis(300);
const TURNS: usize = 4;

/// Every row near its own class weight.
fn late(state: &mut State, classes: usize) {
    for i in 0..state.features.value.rows {
        let weight = state.weights.value.row(i % classes).to_vec();
        for (x, w) in state.features.value.row_mut(i).iter_mut().zip(weight) {
            *x = 0.1 * *x + w;
        }
    }
}

/// The shortest step within a turn, in seconds. Each begins at the same state.
fn step(engine: &mut CpuEngine, state: &State) -> Result<f64, EngineError> {
    let (begun, mut best) = (Instant::now(), f64::INFINITY);
    while begun.elapsed() < TURN {
        engine.set_state(state)?;
        let start = Instant::now();
        engine.advance(&[RATE])?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok(best)
}

fn main() -> Result<(), EngineError> {
    println!("tiles whose couplings all lie below {THRESHOLD:e} are left out");
    for workload in WORKLOADS {
        for (name, is_late) in [("drawn at random", false), ("at class weights", true)] {
            let (problem, mut state) = workload.start();
            if is_late {
                late(&mut state, workload.classes);
            }
            let mut all = CpuEngine::new(problem.clone(), state.clone(), None);
            let mut some = CpuEngine::new(problem, state.clone(), None);
            some.skip_below(THRESHOLD);
            let (exact, skipping) =
                (all.evaluate(MarginsAt::Step(0))?.gradient, some.evaluate(MarginsAt::Step(0))?.gradient);
            let tally = some.skipped();
            let off = exact.features.iter().zip(&skipping.features).map(|(a, b)| (a - b).abs());
            let off = off.fold(0.0, f64::max);
            let longest = state.weights.value.norms().into_iter().fold(0.0, f64::max);
            let longest = if workload.objective == "softmax" { longest } else { 1.0 };
            let bound = f64::from(THRESHOLD) * workload.classes as f64 * longest;
            assert!(off <= bound, "off by {off:e}, more than {bound:e}");
            let mut best = [f64::INFINITY; 2];
            for _ in 0..TURNS {
                best[0] = best[0].min(step(&mut all, &state)?);
                best[1] = best[1].min(step(&mut some, &state)?);
            }
            println!(
                "{:<8} {}×{}  {name:<16}  {:5.1} % skipped   {:7.2} ms → {:7.2} ms ({:.2}×)   off by {off:.1e} (bound {bound:.1e})",
                workload.objective,
                workload.rows,
                workload.classes,
                100.0 * tally.skipped as f64 / tally.all.max(1) as f64,
                1e3 * best[0],
                1e3 * best[1],
                best[0] / best[1],
            );
        }
    }
    Ok(())
}
