//! The numbers of a representation of 4,096 rows in 512 classes and 64 dimensions: each, and all over one summary.
//!
//!     cargo bench --bench metrics -- nc1

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use losslab::bench::Workload;
use losslab::geometry::{Effort, METRICS, Sample, Summary, measure, measure_cheap};

fn metrics(criterion: &mut Criterion) {
    let (problem, state) = Workload { objective: "softmax", rows: 4096, classes: 512, dim: 64 }.start();
    let bias = state.bias.as_ref().map(|bias| bias.value.data.as_slice());
    let sample = Sample {
        labels: Some(&problem.labels),
        weights: Some(&state.weights.value),
        bias,
        ..Sample::of_points(&state.features.value)
    };
    let mut group = criterion.benchmark_group("metrics");
    group.bench_function("all", |bencher| bencher.iter(|| measure(&sample)));
    group.bench_function("all cheap ones", |bencher| bencher.iter(|| measure_cheap(&sample)));
    group.bench_function("summary alone", |bencher| bencher.iter(|| Summary::new(sample, Effort::THOROUGH)));
    for metric in METRICS {
        // With a summary of its own: what metrics share counts for each.
        group.bench_function(metric.key, |bencher| {
            bencher.iter(|| (metric.compute)(&Summary::new(sample, Effort::THOROUGH)));
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .nresamples(2000)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800));
    targets = metrics
}
criterion_main!(benches);
