//! One step (loss, gradient, SGD update) of every objective on the cpu engine, small and middling.
//!
//!     cargo bench --bench steps -- supcon

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use losslab::bench::{RATE, Workload};
use losslab::engine::Engine;
use losslab::engine::cpu::CpuEngine;
use losslab::objectives::OBJECTIVES;

/// N, C and d.
const SIZES: [(usize, usize, usize); 2] = [(600, 10, 3), (1024, 128, 64)];

fn steps(criterion: &mut Criterion) {
    for (rows, classes, dim) in SIZES {
        let mut group = criterion.benchmark_group(format!("step of {rows} rows, {classes} classes, d {dim}"));
        for objective in OBJECTIVES {
            let workload = Workload { objective: objective.name(), rows, classes, dim };
            let (mut problem, state) = workload.start();
            // Two views an instance, so that no objective is without positives.
            problem.instances = (0..rows as u32).map(|i| i / 2).collect();
            let mut engine = CpuEngine::new(problem, state.clone(), None);
            group.bench_function(BenchmarkId::from_parameter(objective.name()), |bencher| {
                engine.set_state(&state).expect("the state has the sizes of the engine's own");
                bencher.iter(|| engine.advance(&[RATE]).expect("the cpu engine runs every objective"));
            });
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .nresamples(2000)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600));
    targets = steps
}
criterion_main!(benches);
