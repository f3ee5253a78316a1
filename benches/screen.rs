//! Drawing the lab, by the size of the terminal and the number of points; and making what is drawn.
//!
//!     cargo bench --bench screen

use std::sync::Arc;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use losslab::app::App;
use losslab::experiment::{EngineKind, Experiment, expression};
use losslab::geometry::projection::PROJECTIONS;
use losslab::simulation::Run;
use losslab::snapshot::{Shown, Snapshot};
use losslab::terminal::graphics::{Protocol, put};
use losslab::view;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Columns and rows: the smallest terminal, the usual one, a large one, a wall.
const SIZES: [(u16, u16); 4] = [(60, 18), (80, 24), (160, 48), (320, 96)];
/// Pixels of a cell.
const CELL: (u16, u16) = (10, 20);
/// Points in all.
const POINTS: [usize; 2] = [1_000, 50_000];

/// The lab after a few steps with so many points in four classes.
fn run(points: usize) -> Run {
    let experiment =
        Experiment { per_class: Some(points / 4), engine: EngineKind::Cpu, ..Experiment::default() };
    let mut run = Run::new(&experiment).expect("the default experiment starts");
    seen(&mut run, 20);
    run
}

/// The state so many steps on, looked at in full.
fn seen(run: &mut Run, steps: usize) -> Snapshot {
    run.advance(steps);
    run.read_back();
    run.analyse();
    run.snapshot()
}

/// A frame, on an empty buffer as the terminal hands it out.
fn frame(app: &App) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, app.size.0, app.size.1));
    view::draw_on(app, &mut buffer);
    buffer
}

fn draw(criterion: &mut Criterion) {
    let mut runs = POINTS.map(|points| (points, run(points)));
    let mut group = criterion.benchmark_group("draw");
    for (points, run) in &runs {
        let snapshot = Arc::new(run.snapshot());
        for size in SIZES {
            let app = App::new(snapshot.clone(), size);
            let name = BenchmarkId::new(format!("{points} points"), format!("{}x{}", size.0, size.1));
            group.bench_function(name, |bencher| {
                bencher.iter(|| frame(&app));
            });
        }
    }
    group.finish();
    let mut group = criterion.benchmark_group("analyse and snapshot");
    for (points, run) in &mut runs {
        group.bench_function(BenchmarkId::from_parameter(format!("{points} points")), |bencher| {
            bencher.iter(|| seen(run, 1));
        });
    }
    group.finish();
}

/// What is looked at beside the points: the ways they came, real pixels, a projection that is found by solving for it.
fn look(criterion: &mut Criterion) {
    let size = (160, 48);
    let mut group = criterion.benchmark_group("trails");
    for points in POINTS {
        let mut run = run(points);
        run.show(Shown { trails: true, ..Shown::default() });
        for _ in 0..60 {
            seen(&mut run, 1);
        }
        let app = App::new(Arc::new(run.snapshot()), size);
        group.bench_function(BenchmarkId::new("draw", format!("{points} points")), |bencher| {
            bencher.iter(|| frame(&app));
        });
        group.bench_function(
            BenchmarkId::new("analyse and snapshot", format!("{points} points")),
            |bencher| {
                bencher.iter(|| {
                    run.advance(1);
                    run.read_back();
                    run.analyse();
                    run.snapshot()
                });
            },
        );
    }
    group.finish();
    let mut group = criterion.benchmark_group("pixels");
    for points in POINTS {
        let app = App::new(Arc::new(run(points).snapshot()), size);
        let name = format!("{points} points");
        group.bench_function(BenchmarkId::new("on the screen's thread", &name), |bencher| {
            bencher.iter(|| view::sketch(&app, CELL));
        });
        for (word, protocol) in [("kitty", Protocol::Kitty), ("sixel", Protocol::Sixel)] {
            group.bench_function(BenchmarkId::new(format!("on the painter's, {word}"), &name), |bencher| {
                let (area, sketch) = view::sketch(&app, CELL).expect("the view is on the screen");
                bencher.iter(|| {
                    let picture = sketch.indexed().expect("a picture of a usual size");
                    put(protocol, &picture, (area.x, area.y), (area.width, area.height))
                });
            });
        }
    }
    group.finish();
    let mut group = criterion.benchmark_group("linear discriminant");
    let large = Experiment {
        objective: expression::parse("softmax").expect("softmax is an objective"),
        classes: Some(512),
        per_class: Some(8),
        dim: Some(512),
        engine: EngineKind::Cpu,
        ..Experiment::default()
    };
    let mut run = Run::new(&large).expect("a large experiment starts");
    run.advance(5);
    run.read_back();
    let place = PROJECTIONS.iter().position(|it| it.name == "lda").expect("lda is a projection");
    group.bench_function("4096 x 512, 512 classes", |bencher| {
        bencher.iter(|| {
            run.project(place);
            run.analyse();
            run.snapshot()
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .nresamples(2000)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    targets = draw, look
}
criterion_main!(benches);
