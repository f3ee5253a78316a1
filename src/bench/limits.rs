//! What this machine can do at most, measured here and now: matrix products and exponentials a second.
//!
//! The best of many short runs, since whatever else the machine does can only make one slower.

use std::time::{Duration, Instant};

use crate::lanes::dispatch::{Simd, Vectorised, vectorised};
use crate::lanes::{LANES, Lanes};
use crate::product::{Left, Onto, Panels, Product};

/// The limits of the processor, of all the threads asked for together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Additions and multiplications a second, in f32 matrix products.
    pub operations: f64,
    /// Exponentials a second, vectorised.
    pub exponentials: f64,
}

/// Rows and columns of the matrices each thread multiplies: about a millisecond, so that a busy system leaves
/// some of the runs alone.
const SIDE: usize = 384;
/// Numbers each thread exponentiates: with their results they stay in the first-level cache.
const NUMBERS: usize = 2048;
/// Passes over them between two looks at the clock.
const PASSES: usize = 1024;

impl Limits {
    /// Measures both limits on `threads` threads at once, for about `budget` each.
    pub fn measure(threads: usize, budget: Duration) -> Self {
        let factor: Vec<f32> = (0..SIDE * SIDE).map(|i| (i % 7) as f32 - 3.0).collect();
        let mut packed = Panels::default();
        packed.fill_transposed(&factor, SIDE);
        let products = || {
            let mut out = vec![0.0; SIDE * SIDE];
            2.0 * (SIDE as f64).powi(3) / best(budget, || square_product(&factor, &packed, &mut out))
        };
        let from: Vec<f32> = (0..NUMBERS).map(|i| (i % 80) as f32 / -8.0).collect();
        let exponentials = || {
            let mut to = vec![0.0; NUMBERS];
            let seconds = best(budget, || {
                for _ in 0..PASSES {
                    vectorised(ExpPass { from: &from, to: &mut to });
                    std::hint::black_box(&mut to);
                }
            });
            (NUMBERS * PASSES) as f64 / seconds
        };
        Self { operations: together(threads, products), exponentials: together(threads, exponentials) }
    }
}

/// The sum of the rates that so many threads reach side by side, each by its own best run: what else the machine
/// does interrupts one thread or the other, hardly ever none, in a run of all together.
fn together(threads: usize, rate: impl Fn() -> f64 + Sync) -> f64 {
    match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool.broadcast(|_| rate()).into_iter().sum(),
        // The system gives no threads: then there is this one.
        Err(_) => rate(),
    }
}

/// The shortest run of `work` within a budget, in seconds; at least three runs after the first.
fn best(budget: Duration, mut work: impl FnMut()) -> f64 {
    work();
    let begun = Instant::now();
    let mut shortest = f64::INFINITY;
    let mut runs = 0;
    while runs < 3 || begun.elapsed() < budget {
        let start = Instant::now();
        work();
        shortest = shortest.min(start.elapsed().as_secs_f64());
        runs += 1;
    }
    shortest
}

/// out = a·bᵀ of row-major squares, b packed, by the product of the cpu engine.
fn square_product(a: &[f32], b: &Panels, out: &mut [f32]) {
    Product {
        left: Left::Rows(a, SIDE),
        right: b.view(),
        inner: 0..SIDE,
        columns: 0..SIDE,
        rows: SIDE,
        factor: 1.0,
        onto: Onto::Nothing,
        out,
        stride: SIDE,
    }
    .run();
}

/// e^x of every number: whole lanes.
struct ExpPass<'a> {
    from: &'a [f32],
    to: &'a mut [f32],
}

impl Vectorised for ExpPass<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, simd: Simd) {
        for (from, to) in self.from.chunks_exact(LANES).zip(self.to.chunks_exact_mut(LANES)) {
            Lanes::load(from).exp_on(simd).store(to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_timed_is_what_it_says() {
        let mut a = vec![0.0; SIDE * SIDE];
        let mut b = vec![0.0; SIDE * SIDE];
        // Row 1 of a is (2, 0, 3, 0, …) and row 5 of b is (10, 0, 100, 0, …): entry (1, 5) is 320.
        (a[SIDE], a[SIDE + 2]) = (2.0, 3.0);
        (b[5 * SIDE], b[5 * SIDE + 2]) = (10.0, 100.0);
        let mut out = vec![7.0; SIDE * SIDE];
        let mut packed = Panels::default();
        packed.fill_transposed(&b, SIDE);
        square_product(&a, &packed, &mut out);
        assert_eq!(out[SIDE + 5], 320.0);
        assert_eq!(out.iter().filter(|x| **x != 0.0).count(), 1);
        let from: Vec<f32> = (0..32).map(|i| i as f32 / 8.0).collect();
        let mut to = vec![0.0; 32];
        vectorised(ExpPass { from: &from, to: &mut to });
        for (x, e) in from.iter().zip(&to) {
            assert!((e / x.exp() - 1.0).abs() < 1e-6, "{x} {e}");
        }
    }

    #[test]
    fn limits_are_positive_and_finite() {
        let limits = Limits::measure(1, Duration::from_millis(5));
        for limit in [limits.operations, limits.exponentials] {
            assert!(limit > 1e6 && limit.is_finite(), "{limits:?}");
        }
    }
}
