//! Reading feature files, in bytes a second: npz, npy and CSV.
//!
//!     cargo bench --bench readers

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use losslab::bench::Workload;
use losslab::data::{self, ReadOptions, write};
use losslab::features::Features;

/// The same rows as CSV text.
fn csv(features: &Features, labels: &[u32]) -> String {
    let columns: Vec<String> = (0..features.points.cols).map(|k| format!("x{k}")).collect();
    let mut text = columns.join(",") + ",label\n";
    for (row, label) in features.points.rows_iter().zip(labels) {
        for x in row {
            write!(text, "{x},").expect("writing to a string cannot fail");
        }
        writeln!(text, "{label}").expect("writing to a string cannot fail");
    }
    text
}

fn readers(criterion: &mut Criterion) {
    let (problem, state) = Workload { objective: "softmax", rows: 10_000, classes: 100, dim: 64 }.start();
    let features = Features {
        points: state.features.value,
        labels: Some(problem.labels.clone()),
        weights: Some(state.weights.value),
        ..Features::default()
    };
    let folder = tempfile::tempdir().expect("the system has a temporary folder");
    let path = |name: &str| folder.path().join(name);
    write::write_npz(&path("rows.npz"), &write::features_arrays(&features))
        .expect("the folder can be written");
    std::fs::write(path("rows.csv"), csv(&features, &problem.labels)).expect("the folder can be written");
    std::fs::write(path("rows.npy"), npy(&features)).expect("the folder can be written");
    let mut group = criterion.benchmark_group("read 10,000 rows of 64");
    for name in ["rows.npz", "rows.npy", "rows.csv"] {
        let path = path(name);
        group.throughput(Throughput::Bytes(size(&path)));
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher
                .iter(|| data::read(&path, &ReadOptions::default()).expect("the file was written just now"));
        });
    }
    group.finish();
}

/// A bare array of the rows.
fn npy(features: &Features) -> Vec<u8> {
    let (rows, cols) = (features.points.rows, features.points.cols);
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {cols}), }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(features.points.data.iter().flat_map(|x| x.to_le_bytes()));
    bytes
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |about| about.len())
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .nresamples(2000)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2));
    targets = readers
}
criterion_main!(benches);
