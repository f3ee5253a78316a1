//! Minority collapse as a phase diagram: how far apart the smaller classes' weights end, over imbalance and decay,
//! with the curve at which theory puts the change. Every cell is a run.
//!
//!     cargo run --release --example phase_diagram -- phase.png

use std::path::PathBuf;

use losslab::experiment::{EngineKind, Experiment, ImbalanceKind, expression, start};
use losslab::figure::{Figure, Format, PhaseDiagram, Series, Size, render};

const LARGE: usize = 60;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let out = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "phase.png".to_owned()));
    let along =
        |k: usize, from: f64, to: f64, count: usize| from * (to / from).powf(k as f64 / (count - 1) as f64);
    let imbalances: Vec<f64> = (0..16).map(|k| along(k, 1.1, 30.0, 16)).collect();
    let decays: Vec<f64> = (0..14).map(|k| along(k, 3e-3, 4e-2, 14)).collect();
    let mut cells = Vec::new();
    for &decay in &decays {
        let row: Result<Vec<f64>, _> =
            imbalances.iter().map(|&imbalance| distance(imbalance, decay)).collect();
        cells.push(row?);
    }
    // The smaller classes of n rows merge once n ≤ N²·λ_W·λ_H.
    let predicted = (0..=200).map(|k| {
        let imbalance = along(k, imbalances[0], imbalances[15], 201);
        let small = LARGE as f64 / imbalance;
        [imbalance, small.sqrt() / (2.0 * (LARGE as f64 + small))]
    });
    let figure = Figure::Phase(PhaseDiagram {
        title: "Minority collapse of softmax".into(),
        subtitle: format!("C = 4, two classes of {LARGE}, two of {LARGE}/R; 1500 steps from a random start"),
        x_label: "imbalance R".into(),
        y_label: "decay λ of features and of weights".into(),
        x: imbalances.clone(),
        y: decays,
        cells,
        ends: ["minority weights merged".into(), "far apart".into()],
        curves: vec![Series { name: "predicted: n = N²λ²".into(), points: predicted.collect() }],
    });
    std::fs::write(&out, render(&figure, Format::from_path(&out)?, Size::new(900, 640)?)?)?;
    println!("wrote {}", out.display());
    Ok(())
}

/// ‖w_2 − w_3‖: how far apart the weights of the two smaller classes end.
fn distance(imbalance: f64, decay: f64) -> Result<f64, Box<dyn std::error::Error>> {
    let experiment = Experiment {
        objective: expression::parse("softmax")?,
        per_class: Some(LARGE),
        imbalance,
        imbalance_kind: ImbalanceKind::Step,
        weight_decay: decay,
        weight_decay_weights: decay,
        dim: Some(4),
        steps: 1500,
        engine: EngineKind::Cpu,
        ..Experiment::default()
    };
    let begun = start::start(&experiment, start::Asker::Run)?;
    let (mut engine, _) = start::engine(&experiment, &begun.problem, begun.state.clone())?;
    let rate = |step| begun.rate * begun.schedule.factor(step, experiment.steps);
    engine.advance(&(0..experiment.steps).map(rate).collect::<Vec<f64>>())?;
    let weights = engine.state()?.weights.value;
    let apart = |a: usize, b: usize| {
        let squares = weights.row(a).iter().zip(weights.row(b)).map(|(x, y)| f64::from(x - y).powi(2));
        squares.sum::<f64>().sqrt()
    };
    Ok(apart(2, 3))
}
