//! Networks under the loss: the numbers that theory gives for deep linear networks, what an mlp reaches on the digits,
//! and that both engines move the same parameters the same way.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "models/engines.rs"]
mod engines;
#[path = "models/lab.rs"]
mod lab;
#[path = "models/linear.rs"]
mod linear;
#[path = "models/mlp.rs"]
mod mlp;

use losslab::engine::cpu::CpuEngine;
use losslab::engine::{Advance, Engine, State};
use losslab::experiment::start::{Asker, Start, start};
use losslab::experiment::{Experiment, expression};

/// The default experiment under an objective.
fn under(objective: &str) -> Experiment {
    Experiment { objective: expression::parse(objective).unwrap(), ..Experiment::default() }
}

fn begin(experiment: &Experiment) -> Start {
    start(experiment, Asker::Run).unwrap()
}

/// The rates of a whole run.
fn rates(start: &Start) -> Vec<f64> {
    let steps = start.experiment.steps;
    (0..steps).map(|step| start.rate * start.schedule.factor(step, steps)).collect()
}

/// Makes all steps of a run on the CPU.
fn run(start: &Start, threads: usize) -> (State, Advance) {
    let mut engine = CpuEngine::new(start.problem.clone(), start.state.clone(), Some(threads));
    let advance = engine.advance(&rates(start)).unwrap();
    (engine.state().unwrap(), advance)
}
