//! What must not take long, measured:
//! `LOSSLAB_BUDGETS=strict cargo test --release --test budgets -- --nocapture` prints the figures and holds to the
//! bounds, which are for two threads that have nothing else to do. Without the variable, bounds are ten times as
//! wide, and forty times in builds for development: then only a blunder fails.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test file: what fails here is the test")]

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use losslab::app::{App, Message};
use losslab::experiment::{EngineKind, Experiment, expression};
use losslab::features::Matrix;
use losslab::geometry::{Effort, Sample, measure, measure_cheap, measure_where};
use losslab::random;
use losslab::simulation::{Run, Simulation};
use losslab::snapshot::{Pace, Picture, Request};
use losslab::view;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

#[path = "pty/harness.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod harness;

use harness::{Lab, Start};

const PROGRAM: &str = env!("CARGO_BIN_EXE_losslab");

/// Whether this is a build whose figures mean something: others make fewer tries.
const RELEASE: bool = !cfg!(debug_assertions);

/// Times are taken one after the other.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How far a bound is stretched.
fn slack() -> u32 {
    match (std::env::var("LOSSLAB_BUDGETS").as_deref(), RELEASE) {
        (Ok("strict"), _) => 1,
        (_, true) => 10,
        (_, false) => 40,
    }
}

fn scattered(rows: usize, dim: usize, seed: u64) -> Matrix {
    Matrix::from_fn(rows, dim, |i, k| random::normal(seed, 0, i as u32, 1, k as u32) as f32)
}

/// Time that went by, and the processor time of all threads of this process.
#[derive(Clone, Copy, Debug)]
struct Took {
    wall: Duration,
    cpu: Duration,
}

impl Took {
    /// What counts: on a machine that is busy with other things the processor time, which only falls below the wall
    /// time there.
    fn least(self) -> Duration {
        self.wall.min(self.cpu)
    }
}

fn processor_time() -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let of = |task: std::io::Result<std::fs::DirEntry>| {
        let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    };
    Duration::from_nanos(tasks.filter_map(of).sum())
}

/// The shortest of several tries: other programs only ever add to it.
fn best_of(tries: usize, mut work: impl FnMut()) -> Took {
    let once = |_| {
        let (begun, before) = (Instant::now(), processor_time());
        work();
        Took { wall: begun.elapsed(), cpu: processor_time().saturating_sub(before) }
    };
    (0..tries).map(once).min_by_key(|took| took.least()).unwrap()
}

fn hold(what: &str, took: Took, bound: Duration) {
    println!("{what}: {:.1?}, {:.1?} of processor time; bound {bound:?}", took.wall, took.cpu);
    assert!(took.least() < bound * slack(), "{what} took {took:?}, more than {bound:?}");
}

fn hold_percentile(what: &str, mut times: Vec<Duration>, bound: Duration) {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    let (half, most) = (at(0.5), at(0.99));
    println!("{what}: p50 {half:.2?}, p99 {most:.2?} of {}; bound {bound:?}", times.len());
    assert!(most < bound * slack(), "{what}: p99 is {most:?}, more than {bound:?}");
}

#[test]
fn all_numbers_of_a_usual_state_take_less_than_fifty_milliseconds() {
    let _alone = alone();
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
        println!("  {:24} {:.2?}, processor {:.2?}", metric.key, took.wall, took.cpu);
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
    let _alone = alone();
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
    if RELEASE {
        let took = best_of(1, || {
            let measured = measure(&sample);
            assert!(measured.get("accuracy").is_some() && !measured.is_sampled("accuracy"));
            assert!(!measured.is_sampled("ncc_accuracy") && measured.is_sampled("uniformity"));
        });
        hold("numbers at the end of a run at 32768 x 32768 x 64", took, Duration::from_secs(10));
    }
}

#[test]
fn numbers_beside_a_run_leave_it_most_of_its_speed() {
    let _alone = alone();
    let experiment = Experiment {
        objective: expression::parse("arcface").unwrap(),
        classes: Some(512),
        per_class: Some(8),
        dim: Some(64),
        engine: EngineKind::Cpu,
        ..Experiment::default()
    };
    let mut alone = Run::new(&experiment).unwrap();
    let took = best_of(5, || alone.advance(20));
    let alone = 20.0 / took.wall.as_secs_f64();
    let simulation = Simulation::start(&experiment).unwrap();
    simulation.ask(Request::Pace(Pace::BOUNDS.1));
    std::thread::sleep(Duration::from_millis(500));
    let (begun, first) = (Instant::now(), simulation.snapshot());
    std::thread::sleep(Duration::from_secs(if RELEASE { 4 } else { 1 }));
    let last = simulation.snapshot();
    let beside = (last.step - first.step) as f64 / begun.elapsed().as_secs_f64();
    // On a busy machine they may come later.
    while simulation.snapshot().geometry.step <= first.geometry.step {
        assert!(begun.elapsed() < Duration::from_mins(1), "numbers come in while the run goes on");
        std::thread::sleep(Duration::from_millis(10));
    }
    println!("arcface 4096 x 512 x 64: {alone:.0} steps/s alone, {beside:.0} with numbers and pictures");
    assert!(beside * f64::from(slack()) > 0.5 * alone, "{beside} of {alone} steps a second");
}

/// Times of drawing turning frames on a terminal of 160×48.
fn draws(app: &mut App) -> Vec<Duration> {
    let mut terminal = Terminal::new(TestBackend::new(160, 48)).unwrap();
    let frames = if RELEASE { 400 } else { 20 };
    let one = |_| {
        app.update(Message::Frame);
        let begun = Instant::now();
        terminal.draw(|frame| view::draw(app, frame)).unwrap();
        begun.elapsed()
    };
    (0..frames).map(one).collect()
}

#[test]
fn fifty_thousand_points_are_drawn_in_time() {
    let _alone = alone();
    let experiment = Experiment { per_class: Some(12_500), engine: EngineKind::Cpu, ..Experiment::default() };
    let mut run = Run::new(&experiment).unwrap();
    run.analyse();
    let snapshot = run.snapshot();
    let mut app = App::new(Arc::new(snapshot.clone()), (160, 48));
    let text = {
        let mut terminal = Terminal::new(TestBackend::new(160, 48)).unwrap();
        terminal.draw(|frame| view::draw(&app, frame)).unwrap();
        terminal.backend().to_string()
    };
    assert!(text.contains("showing 5000 of 50000"), "what is left out is said:\n{text}");
    let times = draws(&mut app);
    hold_percentile("a frame at 160x48, 50000 points", times, Duration::from_millis(8));

    // A picture that holds them all, as no simulation makes it.
    let points = &snapshot.points;
    let picture = Picture {
        rows: (0..points.rows as u32).collect(),
        points: points.rows_iter().map(|row| [row[0], row[1], row[2]]).collect(),
        ..(*snapshot.picture).clone()
    };
    let mut app =
        App::new(Arc::new(losslab::snapshot::Snapshot { picture: Arc::new(picture), ..snapshot }), (160, 48));
    hold_percentile("the same, none left out", draws(&mut app), Duration::from_millis(8));
}

/// Looks often, for at most twenty seconds.
fn until(lab: &Lab, what: &str, holds: impl Fn(&str) -> bool) {
    let begun = Instant::now();
    while !holds(&lab.contents()) {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}\n{}", lab.contents());
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn start(arguments: &[&str], home: &str) -> Lab {
    let command: Vec<&str> = [PROGRAM].iter().chain(arguments).copied().collect();
    let start = Start { size: (160, 48), ..Start::new(&command, home) };
    Lab::start(&start)
}

const LARGE: [&str; 10] =
    ["--objective", "arcface", "--classes", "8192", "--per-class", "1", "--dim", "64", "--engine", "cpu"];

#[test]
fn the_first_frame_comes_at_once() {
    let _alone = alone();
    let home = tempfile::tempdir().unwrap();
    for (what, arguments) in
        [("first frame", &[][..]), ("first frame of arcface 8192 x 8192 x 64", &LARGE[..])]
    {
        let first = |_| {
            let begun = Instant::now();
            let mut lab = start(arguments, home.path().to_str().unwrap());
            until(&lab, what, |screen| screen.contains("4 Params") && screen.contains("quit"));
            let took = begun.elapsed();
            lab.send(b"q");
            lab.wait_for_end();
            took
        };
        let best = (0..5).map(first).min().unwrap();
        println!("{what}: {best:.1?} from the start of the program; bound 150ms");
        assert!(best < Duration::from_millis(150) * slack(), "{what} took {best:?}");
    }
}

#[test]
fn a_key_shows_soon_while_a_large_run_goes_on() {
    let _alone = alone();
    let home = tempfile::tempdir().unwrap();
    let mut lab = start(&LARGE, home.path().to_str().unwrap());
    until(&lab, "a step is made", |screen| screen.contains("step 2 ") || screen.contains("step 3 "));
    let keys = if RELEASE { 200 } else { 10 };
    let times = (0..keys).map(|k| {
        let (key, shows) = [("2", "> 2 Loss"), ("1", "> 1 View")][k % 2];
        let begun = Instant::now();
        lab.send(key.as_bytes());
        until(&lab, shows, |screen| screen.contains(shows));
        let took = begun.elapsed();
        // Uneven, so that keys meet every part of a step.
        std::thread::sleep(Duration::from_millis(7 + 13 * (k as u64 % 5)));
        took
    });
    let times: Vec<Duration> = times.collect();
    lab.send(b"q");
    lab.wait_for_end();
    hold_percentile("key to frame, arcface 8192 x 8192 x 64 running", times, Duration::from_millis(50));
}

#[test]
fn a_lab_that_stands_costs_next_to_nothing() {
    let _alone = alone();
    let home = tempfile::tempdir().unwrap();
    for (what, keys, shows) in
        [("paused", &b" "[..], "paused"), ("finished", &b"++++++++++++"[..], "at its floor")]
    {
        let mut lab = start(&["--engine", "cpu"], home.path().to_str().unwrap());
        lab.wait_for("4 Params");
        lab.send(keys);
        lab.wait_for(shows);
        std::thread::sleep(Duration::from_millis(500));
        let before = lab.ticks().unwrap();
        let seconds = if RELEASE { 5 } else { 2 };
        std::thread::sleep(Duration::from_secs(seconds));
        let used = lab.ticks().unwrap() - before;
        println!("{what}: {used} ticks of 10 ms in {seconds} s; bound {seconds}");
        assert!(used <= seconds, "{what}: {used} ticks of 10 ms in {seconds} s are more than 1 %");
        lab.send(b"q");
        lab.wait_for_end();
    }
}
