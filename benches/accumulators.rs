//! Three ways to a row's softmax, over rows that lie in the cache: the largest exponent first (the cpu engine's),
//! a running maximum, and sums of mantissas with exponents of their own (two passes, no maximum at all).
//!
//!     cargo bench --bench accumulators
//!
//! Each way is checked against f64 before it is timed, and all are timed in turn in one run.

use std::time::{Duration, Instant};

use losslab::lanes::dispatch::{Simd, Vectorised, vectorised};
use losslab::lanes::{LANES, Lanes};
use losslab::random;

/// Lengths of the rows: in the first-level cache, at its edge, in the second-level one.
const LENGTHS: [usize; 3] = [512, 4096, 16384];
/// How long each way is timed at a length, and in how many turns.
const TURN: Duration = Duration::from_millis(60);
const TURNS: usize = 5;

/// Turns the scores of a row into probabilities, by way of `HOW`.
struct Softmax<'a, const HOW: usize> {
    scores: &'a [f32],
    out: &'a mut [f32],
}

const LARGEST_FIRST: usize = 0;
const RUNNING_MAXIMUM: usize = 1;
const MANTISSAS: usize = 2;

impl<const HOW: usize> Vectorised for Softmax<'_, HOW> {
    type Output = ();
    #[inline(always)]
    fn run(self, simd: Simd) {
        let (scores, _) = self.scores.as_chunks::<LANES>();
        let (out, _) = self.out.as_chunks_mut::<LANES>();
        match HOW {
            LARGEST_FIRST => largest_first(scores, out, simd),
            RUNNING_MAXIMUM => running_maximum(scores, out, simd),
            _ => mantissas(scores, out, simd),
        }
    }
}

/// The numbers, out of the compiler's sight: where it sees them summed it takes the loop before apart, lane by lane.
#[inline(always)]
fn whole(lanes: Lanes) -> Lanes {
    std::hint::black_box(lanes)
}

/// Three passes, one exponential.
#[inline(always)]
fn largest_first(scores: &[[f32; LANES]], out: &mut [[f32; LANES]], simd: Simd) {
    let mut largest = Lanes::splat(f32::MIN);
    for x in scores {
        largest = largest.max(Lanes(*x));
    }
    let largest = Lanes::splat(whole(largest).maximum());
    let mut sum = Lanes::ZERO;
    for (x, out) in scores.iter().zip(&mut *out) {
        let e = (Lanes(*x) - largest).exp_on(simd);
        sum = sum + e;
        *out = e.0;
    }
    let share = Lanes::splat(1.0 / whole(sum).sum());
    for out in out {
        *out = (Lanes(*out) * share).0;
    }
}

/// Two passes, three exponentials: the sum so far is scaled whenever the maximum rises.
#[inline(always)]
fn running_maximum(scores: &[[f32; LANES]], out: &mut [[f32; LANES]], simd: Simd) {
    let (mut largest, mut sum) = (Lanes::splat(-1e30), Lanes::ZERO);
    for x in scores {
        let above = largest.max(Lanes(*x));
        sum = (largest - above).exp_on(simd) * sum + (Lanes(*x) - above).exp_on(simd);
        largest = above;
    }
    let all = Lanes::splat(whole(largest).maximum());
    let share = Lanes::splat(1.0 / whole(sum * (largest - all).exp_on(simd)).sum());
    for (x, out) in scores.iter().zip(out) {
        *out = ((Lanes(*x) - all).exp_on(simd) * share).0;
    }
}

/// Two passes, two exponentials: e^x = m·2ⁿ, and a sum is a mantissa and an exponent too.
#[inline(always)]
fn mantissas(scores: &[[f32; LANES]], out: &mut [[f32; LANES]], simd: Simd) {
    let (mut mantissa, mut exponent) = (Lanes::ZERO, Lanes::splat(-1e6));
    for x in scores {
        let (m, n) = parts(Lanes(*x), simd);
        let above = exponent.max(n);
        mantissa = mantissa * power_of_two(exponent - above) + m * power_of_two(n - above);
        exponent = above;
    }
    let all = Lanes::splat(whole(exponent).maximum());
    let share = Lanes::splat(1.0 / whole(mantissa * power_of_two(exponent - all)).sum());
    for (x, out) in scores.iter().zip(out) {
        let (m, n) = parts(Lanes(*x), simd);
        *out = (m * share * power_of_two(n - all)).0;
    }
}

/// e^x as m·2ⁿ with m in \[√½, √2\]: the steps of [`Lanes::exp_on`] up to its last.
#[inline(always)]
fn parts(x: Lanes, simd: Simd) -> (Lanes, Lanes) {
    let magic = Lanes::splat(12_582_912.0);
    let n = x.times_plus(Lanes::splat(std::f32::consts::LOG2_E), magic, simd) - magic;
    let r = n.times_plus(Lanes::splat(-0.693_359_4), x, simd);
    let r = n.times_plus(Lanes::splat(2.121_944_4e-4), r, simd);
    let mut p = Lanes::splat(1.987_569_1e-4);
    for coefficient in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_6e-1, 0.5] {
        p = p.times_plus(r, Lanes::splat(coefficient), simd);
    }
    (p.times_plus(r * r, r, simd) + 1.0, n)
}

/// 2ⁿ for whole n up to 0; 0 where it would not be a normal number.
#[inline(always)]
fn power_of_two(n: Lanes) -> Lanes {
    let mut out = [0.0; LANES];
    for l in 0..LANES {
        let n = if n.0[l] < -127.0 { -127.0 } else { n.0[l] };
        // Whole numbers stand in the low bits of this sum, 127 to be added.
        out[l] = f32::from_bits(((n + 12_582_912.0).to_bits() << 23).wrapping_add(127 << 23));
    }
    Lanes(out)
}

/// The name of a way and the way.
type Way = (&'static str, fn(&[f32], &mut [f32]));

const WAYS: [Way; 3] = [
    ("largest first", |scores, out| vectorised(Softmax::<LARGEST_FIRST> { scores, out })),
    ("running maximum", |scores, out| vectorised(Softmax::<RUNNING_MAXIMUM> { scores, out })),
    ("mantissas", |scores, out| vectorised(Softmax::<MANTISSAS> { scores, out })),
];

/// The largest difference from the probabilities in f64, relative to the largest of them.
fn error(scores: &[f32], out: &[f32]) -> f64 {
    let largest = scores.iter().copied().fold(f32::MIN, f32::max);
    let exact: Vec<f64> = scores.iter().map(|&x| f64::from(x - largest).exp()).collect();
    let sum: f64 = exact.iter().sum();
    out.iter().zip(&exact).map(|(&p, e)| (f64::from(p) * sum - e).abs()).fold(0.0, f64::max)
}

/// Numbers a second, the best of many passes within a turn.
fn rate(way: fn(&[f32], &mut [f32]), scores: &[f32], out: &mut [f32]) -> f64 {
    let passes = ((1 << 20) / scores.len()).max(1);
    let (begun, mut best) = (Instant::now(), f64::INFINITY);
    while begun.elapsed() < TURN {
        let start = Instant::now();
        for _ in 0..passes {
            way(scores, out);
            std::hint::black_box(&mut *out);
        }
        best = best.min(start.elapsed().as_secs_f64() / passes as f64);
    }
    scores.len() as f64 / best
}

fn main() {
    println!("{}: numbers of a row a second, in 10⁹, one thread", Simd::current().name());
    println!("{:>7}  {:>16}  {:>16}  {:>16}", "row", WAYS[0].0, WAYS[1].0, WAYS[2].0);
    for length in LENGTHS {
        let scores: Vec<f32> =
            (0..length).map(|i| 6.0 * random::normal(1, 0, i as u32, 3, 0) as f32).collect();
        let mut out = vec![0.0; length];
        let mut best = [0.0f64; 3];
        for (name, way) in WAYS {
            way(&scores, &mut out);
            let error = error(&scores, &out);
            assert!(error < 2e-6, "{name} at {length}: wrong by {error:.1e}");
        }
        for _ in 0..TURNS {
            for (best, (_, way)) in best.iter_mut().zip(WAYS) {
                *best = best.max(rate(way, &scores, &mut out));
            }
        }
        println!("{length:>7}  {:>16.2}  {:>16.2}  {:>16.2}", best[0] / 1e9, best[1] / 1e9, best[2] / 1e9);
    }
}
