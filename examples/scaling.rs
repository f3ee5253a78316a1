//! How the time of a step grows with N, M and d, and what ragged sizes cost, on the cpu engine: a CSV and a figure.
//!
//!     cargo run --release --example scaling -- scaling.png scaling.csv

use std::path::PathBuf;
use std::time::{Duration, Instant};

use losslab::bench::{RATE, Workload};
use losslab::engine::{Engine, cpu::CpuEngine};
use losslab::figure::{Curves, Figure, Format, Series, Size, XScale, YScale, render};

/// A size at which each axis is varied alone: N, M (C, in the class family) and d.
const MIDDLE: [usize; 3] = [1024, 256, 64];
const GRID: [usize; 8] = [32, 64, 128, 256, 512, 1024, 2048, 4096];
const RAGGED: [(usize, usize); 9] =
    [(63, 64), (64, 64), (65, 64), (127, 128), (128, 128), (129, 128), (511, 512), (512, 512), (513, 512)];

/// The shortest step within a fifth of a second.
fn step(
    objective: &'static str,
    [rows, classes, dim]: [usize; 3],
) -> Result<f64, Box<dyn std::error::Error>> {
    let (problem, state) = Workload { objective, rows, classes, dim }.start();
    let mut engine = CpuEngine::new(problem, state, None);
    engine.advance(&[RATE; 2])?;
    let (begun, mut shortest, mut runs) = (Instant::now(), f64::INFINITY, 0);
    while runs < 3 || begun.elapsed() < Duration::from_millis(200) {
        let start = Instant::now();
        engine.advance(&[RATE])?;
        (shortest, runs) = (shortest.min(start.elapsed().as_secs_f64()), runs + 1);
    }
    Ok(shortest)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut names = std::env::args().skip(1);
    let mut path = |default: &str| PathBuf::from(names.next().unwrap_or_else(|| default.to_owned()));
    let (figure, table) = (path("scaling.png"), path("scaling.csv"));
    let mut text = String::from("objective,axis,n,m,d,seconds,round_size,ratio_to_round\n");
    let mut curves = Curves {
        title: "Time of a step".into(),
        subtitle: "one of N, M and d varied, the others at 1024, 256 and 64".into(),
        x_label: "N, M or d".into(),
        x_scale: XScale::Log,
        y_label: "milliseconds".into(),
        y_scale: YScale::Log,
        ..Curves::default()
    };
    for (objective, axes) in [("softmax", &["N", "M", "d"][..]), ("supcon", &["N", "", "d"])] {
        for (axis, name) in axes.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            let at = |size: usize| std::array::from_fn(|k| if k == axis { size } else { MIDDLE[k] });
            let mut line = |size: usize, round: usize, seconds: f64, ratio: f64| {
                let [n, c, d] = at(size);
                let m = if objective == "supcon" { n } else { c };
                text += &format!("{objective},{name},{n},{m},{d},{seconds:.9},{round},{ratio:.3}\n");
            };
            let mut points = Vec::new();
            for size in GRID {
                let seconds = step(objective, at(size))?;
                line(size, size, seconds, 1.0);
                points.push([size as f64, seconds * 1e3]);
            }
            for (size, round) in RAGGED {
                let (ragged, even) = (step(objective, at(size))?, step(objective, at(round))?);
                line(size, round, ragged, ragged / even);
            }
            curves.series.push(Series { name: format!("{objective} over {name}"), points });
        }
    }
    std::fs::write(&table, text)?;
    std::fs::write(
        &figure,
        render(&Figure::Curves(curves), Format::from_path(&figure)?, Size::new(900, 600)?)?,
    )?;
    println!("wrote {} and {}", table.display(), figure.display());
    Ok(())
}
