//! What must not take long, measured: `cargo test --release --test budgets -- --nocapture --test-threads=1` prints
//! the figures. Bounds hold for release builds on two threads; builds for development only see that the paths work.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test file: what fails here is the test")]

use std::time::{Duration, Instant};

use losslab::features::Matrix;
use losslab::geometry::{Effort, Sample, measure, measure_cheap, measure_where};
use losslab::random;

/// Whether bounds are held to: builds for development check numbers as they go.
const STRICT: bool = !cfg!(debug_assertions);

fn scattered(rows: usize, dim: usize, seed: u64) -> Matrix {
    Matrix::from_fn(rows, dim, |i, k| random::normal(seed, 0, i as u32, 1, k as u32) as f32)
}

/// The shortest of several tries: other programs only ever add to it.
fn best_of(tries: usize, mut work: impl FnMut()) -> Duration {
    let once = |_| {
        let begun = Instant::now();
        work();
        begun.elapsed()
    };
    (0..tries).map(once).min().unwrap()
}

fn hold(what: &str, took: Duration, bound: Duration) {
    println!("{what}: {took:.1?} of {bound:?}");
    assert!(!STRICT || took < bound, "{what} took {took:?}, more than {bound:?}");
}

#[test]
fn all_numbers_of_a_usual_state_take_less_than_fifty_milliseconds() {
    let (n, classes, dim) = (4096, 512, 64);
    let points = scattered(n, dim, 1);
    let weights = scattered(classes, dim, 2);
    let labels: Vec<u32> = (0..n as u32).map(|i| i % classes as u32).collect();
    let bias = vec![0.1; classes];
    let sample = Sample {
        labels: Some(&labels),
        weights: Some(&weights),
        bias: Some(&bias),
        ..Sample::of_points(&points)
    };
    for metric in losslab::geometry::METRICS {
        let took = best_of(3, || {
            measure_where(&sample, Effort::THOROUGH, |one| one.key == metric.key);
        });
        println!("  {:24} {took:.2?}", metric.key);
    }
    let measured = measure(&sample);
    assert!(measured.notes.is_empty(), "exact: {:?}", measured.notes);
    let took = best_of(9, || {
        measure(&sample);
    });
    hold("all numbers at 4096 x 512 x 64", took, Duration::from_millis(50));
}

#[test]
fn numbers_of_many_classes_come_in_time_for_the_screen_and_say_what_they_saw() {
    let (count, dim) = (32_768, 64);
    let points = scattered(count, dim, 1);
    let weights = scattered(count, dim, 2);
    let labels: Vec<u32> = (0..count as u32).collect();
    let sample = Sample {
        labels: Some(&labels),
        weights: Some(&weights),
        cosine_scores: true,
        ..Sample::of_points(&points)
    };
    let took = best_of(2, || {
        let measured = measure_cheap(&sample);
        for key in ["accuracy", "ncc_accuracy", "mean_abs_class_cos", "nc2_etf_distance"] {
            assert!(measured.is_sampled(key), "{key}: {:?}", measured.note(key));
        }
        assert!(!measured.is_sampled("nc1") && measured.get("nc1").is_some());
    });
    hold("numbers that follow a run at 32768 x 32768 x 64", took, Duration::from_secs(1));
    if STRICT {
        let begun = Instant::now();
        let measured = measure(&sample);
        hold("all numbers, exact, at 32768 x 32768 x 64", begun.elapsed(), Duration::from_secs(10));
        assert!(measured.get("accuracy").is_some() && !measured.is_sampled("accuracy"));
        assert!(!measured.is_sampled("uniformity") && !measured.is_sampled("seli_distance"));
    }
}
