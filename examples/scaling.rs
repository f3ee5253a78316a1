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

/// The shortest steps of two sizes, made in turn for a while, so that both see the same machine.
fn steps(objective: &'static str, sizes: [[usize; 3]; 2]) -> Result<[f64; 2], Box<dyn std::error::Error>> {
    let mut engines = sizes.map(|[rows, classes, dim]| {
        let (problem, state) = Workload { objective, rows, classes, dim }.start();
        CpuEngine::new(problem, state, None)
    });
    for engine in &mut engines {
        engine.advance(&[RATE; 2])?;
    }
    let (begun, mut shortest, mut turns) = (Instant::now(), [f64::INFINITY; 2], 0);
    while turns < 5 || begun.elapsed() < Duration::from_millis(500) {
        for (engine, shortest) in engines.iter_mut().zip(&mut shortest) {
            // The first of the two finds the caches full of the other size.
            engine.advance(&[RATE])?;
            let start = Instant::now();
            engine.advance(&[RATE])?;
            *shortest = shortest.min(start.elapsed().as_secs_f64());
        }
        turns += 1;
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
                let [seconds, again] = steps(objective, [at(size); 2])?;
                let seconds = seconds.min(again);
                line(size, size, seconds, 1.0);
                points.push([size as f64, seconds * 1e3]);
            }
            for (size, round) in RAGGED {
                let [ragged, even] = steps(objective, [at(size), at(round)])?;
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
