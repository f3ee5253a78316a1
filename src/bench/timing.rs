//! Step times: warm-up, then steps until the budget is spent.

use std::time::{Duration, Instant};

use super::{BenchError, RATE, Workload};
use crate::engine::Engine;

/// What the clock said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timing {
    /// The median step, in seconds.
    pub median: f64,
    /// The shortest step, in seconds.
    pub minimum: f64,
    /// How many steps were timed.
    pub steps: usize,
}

/// Fewest timed calls, however long they take.
const FEWEST: usize = 3;
/// Most timed calls: their times are kept.
const MOST: usize = 1 << 18;
/// So many seconds of work are asked for at once, as a run does: a call waits for threads, or for a GPU.
const CPU_STRETCH: f64 = 0.002;
const GPU_STRETCH: f64 = 0.02;
/// Most steps of one call.
const MOST_AT_ONCE: f64 = 128.0;

/// Times steps for `budget`.
pub(super) fn time(
    workload: &Workload,
    engine: &mut dyn Engine,
    budget: Duration,
) -> Result<Timing, BenchError> {
    let warm_up = budget.mul_f64(0.1);
    let begun = Instant::now();
    let mut calls = 0;
    while calls < 2 || begun.elapsed() < warm_up {
        call(workload, engine, &[RATE])?;
        calls += 1;
    }
    let stretch = if engine.name() == "gpu" { GPU_STRETCH } else { CPU_STRETCH };
    let trial = call(workload, engine, &[RATE; 4])? / 4.0;
    let at_once = (stretch / trial).clamp(1.0, MOST_AT_ONCE) as usize;
    let rates = vec![RATE; at_once];
    let mut seconds = Vec::new();
    let begun = Instant::now();
    while seconds.len() < FEWEST || (begun.elapsed() < budget && seconds.len() < MOST) {
        seconds.push(call(workload, engine, &rates)? / at_once as f64);
    }
    let steps = seconds.len() * at_once;
    Ok(Timing { steps, ..summary(seconds) })
}

/// Makes one call and returns its seconds.
fn call(workload: &Workload, engine: &mut dyn Engine, rates: &[f64]) -> Result<f64, BenchError> {
    let start = Instant::now();
    let advance = engine.advance(rates)?;
    let seconds = start.elapsed().as_secs_f64();
    match advance.diverged {
        Some(divergence) => {
            Err(BenchError::Diverged { objective: workload.objective, step: divergence.step })
        }
        None => Ok(seconds),
    }
}

fn summary(mut seconds: Vec<f64>) -> Timing {
    seconds.sort_by(f64::total_cmp);
    let half = seconds.len() / 2;
    let median =
        if seconds.len() % 2 == 1 { seconds[half] } else { f64::midpoint(seconds[half - 1], seconds[half]) };
    Timing { median, minimum: seconds[0], steps: seconds.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_odd_and_even_counts() {
        assert_eq!(summary(vec![3.0, 1.0, 8.0]), Timing { median: 3.0, minimum: 1.0, steps: 3 });
        assert_eq!(summary(vec![4.0, 1.0, 8.0, 2.0]).median, 3.0);
    }
}
