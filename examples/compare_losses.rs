//! Two losses from the same start and seed: what geometry does each leave behind?
//!
//!     cargo run --release --example compare_losses

use losslab::experiment::{Experiment, expression, start};
use losslab::geometry::{Sample, measure};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{:42} {:>12} {:>12} {:>14}", "objective", "angle", "within", "effective rank");
    for text in ["scattering", "uniformity", "opl(variant=signed)", "opl(variant=abs)", "normface(scale=4)"] {
        let experiment = Experiment {
            objective: expression::parse(text)?,
            classes: Some(4),
            dim: Some(4),
            steps: 1000,
            ..Experiment::default()
        };
        let begun = start::start(&experiment, start::Asker::Run)?;
        let (mut engine, _) = start::engine(&experiment, &begun.problem, begun.state.clone())?;
        engine.advance(&vec![begun.rate; experiment.steps as usize])?;
        let points = engine.state()?.features.value;
        let sample = Sample { labels: Some(&begun.truth), ..Sample::of_points(&points) };
        let measured = measure(&sample);
        let show = |key: &str| {
            let value = measured.values.iter().find(|(k, _)| *k == key).and_then(|(_, value)| *value);
            value.map_or("-".to_owned(), |x| format!("{x:.2}"))
        };
        println!(
            "{text:42} {:>11}° {:>11}° {:>14}",
            show("min_class_angle_deg"),
            show("mean_within_angle_deg"),
            show("effective_rank")
        );
    }
    Ok(())
}
