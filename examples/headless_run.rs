//! Runs an experiment without a screen and prints how far the loss is from its floor.
//!
//!     cargo run --release --example headless_run

use losslab::engine::MarginsAt;
use losslab::experiment::{Experiment, expression, floor, start};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let experiment = Experiment {
        objective: expression::parse("normface(scale=4)")?,
        classes: Some(4),
        dim: Some(3),
        steps: 1500,
        ..Experiment::default()
    };
    let begun = start::start(&experiment, start::Asker::Run)?;
    let (mut engine, _) = start::engine(&experiment, &begun.problem, begun.state.clone())?;
    let rates: Vec<f64> = (0..experiment.steps)
        .map(|step| begun.rate * begun.schedule.factor(step, experiment.steps))
        .collect();
    let advance = engine.advance(&rates)?;
    let loss: f64 = engine.evaluate(MarginsAt::Mean)?.terms.iter().sum();
    println!("{} steps on the {} engine", advance.records.len(), engine.name());
    println!("loss  {loss:.6}");
    if let Some(value) = floor::floor(&begun.problem, &begun.case).value() {
        println!("floor {value:.6}, the loss {:.1e} above it", loss - value);
    }
    Ok(())
}
