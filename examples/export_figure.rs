//! The force law of three losses in one figure, as an SVG for a paper.
//!
//!     cargo run --release --example export_figure -- force.svg

use std::path::PathBuf;

use losslab::engine::force::force_law;
use losslab::experiment::expression;
use losslab::figure::{Figure, ForceLaw, Format, Series, Size, render};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let out = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "force.svg".to_owned()));
    let angles: Vec<f64> = (1..180).map(f64::from).collect();
    let mut curves = Vec::new();
    for text in ["normface(scale=8)", "cosface(scale=8, margin=0.35)", "arcface(scale=8, margin=0.5)"] {
        let terms = expression::parse(text)?;
        let points = force_law(&terms, 4, &angles).iter().map(|pull| [pull.angle, pull.coupling]).collect();
        curves.push(Series { name: text.to_owned(), points });
    }
    let figure = Figure::ForceLaw(ForceLaw {
        title: "How hard each loss pulls".into(),
        curves,
        ..ForceLaw::default()
    });
    std::fs::write(&out, render(&figure, Format::from_path(&out)?, Size::new(800, 600)?)?)?;
    println!("wrote {}", out.display());
    Ok(())
}
