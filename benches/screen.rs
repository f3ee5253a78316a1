//! Drawing the lab, by the size of the terminal and the number of points; and making what is drawn.
//!
//!     cargo bench --bench screen

use std::sync::Arc;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use losslab::app::App;
use losslab::experiment::{EngineKind, Experiment};
use losslab::simulation::Run;
use losslab::view;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Columns and rows: the smallest terminal, the usual one, a large one, a wall.
const SIZES: [(u16, u16); 4] = [(60, 18), (80, 24), (160, 48), (320, 96)];
/// Points in all.
const POINTS: [usize; 2] = [1_000, 50_000];

/// The lab after a few steps with so many points in four classes.
fn run(points: usize) -> Run {
    let experiment =
        Experiment { per_class: Some(points / 4), engine: EngineKind::Cpu, ..Experiment::default() };
    let mut run = Run::new(&experiment).expect("the default experiment starts");
    run.advance(20);
    run.read_back();
    run.analyse();
    run
}

fn draw(criterion: &mut Criterion) {
    let mut runs = POINTS.map(|points| (points, run(points)));
    let mut group = criterion.benchmark_group("draw");
    for (points, run) in &runs {
        let snapshot = Arc::new(run.snapshot());
        for size in SIZES {
            let app = App::new(snapshot.clone(), size);
            let area = Rect::new(0, 0, size.0, size.1);
            let name = BenchmarkId::new(format!("{points} points"), format!("{}x{}", size.0, size.1));
            group.bench_function(name, |bencher| {
                // A frame begins on an empty buffer, as the terminal hands it out.
                bencher.iter(|| {
                    let mut buffer = Buffer::empty(area);
                    view::draw_on(&app, &mut buffer);
                    buffer
                });
            });
        }
    }
    group.finish();
    let mut group = criterion.benchmark_group("analyse and snapshot");
    for (points, run) in &mut runs {
        group.bench_function(BenchmarkId::from_parameter(format!("{points} points")), |bencher| {
            bencher.iter(|| {
                run.advance(1);
                run.read_back();
                run.analyse();
                run.snapshot()
            });
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .nresamples(2000)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    targets = draw
}
criterion_main!(benches);
