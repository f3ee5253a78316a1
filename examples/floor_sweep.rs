//! The loss that runs end at over a swept decay, with the proved floor and the decay at which everything collapses.
//!
//!     cargo run --release --example floor_sweep -- sweep.png

use std::path::PathBuf;

use losslab::engine::MarginsAt;
use losslab::experiment::{EngineKind, Experiment, expression, floor, start};
use losslab::figure::{Curves, Figure, Format, Series, Size, XScale, render};
use losslab::theory::{Lever, thresholds::thresholds};

fn experiment(decay: f64) -> Result<Experiment, Box<dyn std::error::Error>> {
    Ok(Experiment {
        objective: expression::parse("softmax")?,
        per_class: Some(20),
        dim: Some(8),
        weight_decay: decay,
        weight_decay_weights: 0.02,
        steps: 1500,
        engine: EngineKind::Cpu,
        ..Experiment::default()
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let out = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "sweep.png".to_owned()));
    let (mut ended, mut proved, mut marks) = (Vec::new(), Vec::new(), Vec::new());
    for k in 0..25 {
        let decay = 1e-3 * 1e3f64.powf(f64::from(k) / 24.0);
        let experiment = experiment(decay)?;
        let begun = start::start(&experiment, start::Asker::Run)?;
        let (mut engine, _) = start::engine(&experiment, &begun.problem, begun.state.clone())?;
        let rate = |step| begun.rate * begun.schedule.factor(step, experiment.steps);
        engine.advance(&(0..experiment.steps).map(rate).collect::<Vec<f64>>())?;
        let data: f64 = engine.evaluate(MarginsAt::Mean)?.terms.iter().sum();
        let state = engine.state()?;
        let square = |data: &[f32]| data.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>();
        let decayed = decay * square(&state.features.value.data) + 0.02 * square(&state.weights.value.data);
        ended.push([decay, data + decayed / 2.0]);
        proved.push([decay, floor::floor(&begun.problem, &begun.case).value().unwrap_or(f64::NAN)]);
        if marks.is_empty() {
            let found = thresholds(&experiment, &begun.problem, &begun.case);
            let own = found.into_iter().filter(|at| at.lever == Lever::DecayFeatures);
            marks = own.map(|at| (at.value, at.words)).collect();
        }
    }
    let figure = Figure::Curves(Curves {
        title: "Softmax under decay: where runs end, and where they must".into(),
        subtitle: "C = 4, n = 20, λ_W = 0.02; past the threshold the loss is log 4".into(),
        x_label: "decay of features λ_H".into(),
        x_scale: XScale::Log,
        series: vec![
            Series { name: "proved floor".into(), points: proved },
            Series { name: "loss of a run".into(), points: ended },
        ],
        marks,
        ..Curves::default()
    });
    std::fs::write(&out, render(&figure, Format::from_path(&out)?, Size::new(800, 600)?)?)?;
    println!("wrote {}", out.display());
    Ok(())
}
