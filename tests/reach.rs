//! Every number that theory promises, at full size: what the program reaches, what it should, and whether it does.
//!
//!     cargo test --release --test reach -- --ignored
//!     cargo test --release --test reach -- --ignored --engine gpu riesz opl
//!
//! Words choose the rows whose name contains one of them. On the GPU ten times the tolerance is allowed. Without
//! `--ignored` every row is reported as ignored: together they take minutes, and `theory` and `models` hold the
//! same numbers at sizes that every change can wait for.

#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

mod reach {
    pub(crate) mod decay;
    pub(crate) mod linear;
    pub(crate) mod network;
    pub(crate) mod pairs;
    pub(crate) mod sphere;
    pub(crate) mod trial;
}

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Instant;

use reach::trial::Trial;
use reach::{decay, linear, network, pairs, sphere};

/// A row: its name and what it does.
type Row = (&'static str, fn(&Trial));

const ROWS: &[Row] = &[
    ("margin_losses_at_the_simplex", sphere::margins),
    ("arcface_rows_left_behind", sphere::left_behind),
    ("normface_at_a_large_scale", sphere::large_scale),
    ("softmax_under_decay", decay::softmax),
    ("softmax_around_its_threshold", decay::softmax_threshold),
    ("mse_by_its_bias", decay::mse_biases),
    ("mse_with_imbalance", decay::mse_imbalance),
    ("softmax_minority_collapse", decay::minority),
    ("linear_two_matrices", linear::two),
    ("linear_three_matrices", linear::three),
    ("pair_losses_at_their_floors", pairs::floors),
    ("opl_three_endings", pairs::opl),
    ("scattering_from_two_starts", pairs::scattering),
    ("riesz_energies", pairs::riesz),
    ("mlp_on_the_digits", network::digits),
    ("softmax_towards_seli", decay::seli),
];

/// What stands on the command line.
struct Wish {
    engine: String,
    names: Vec<String>,
    made: bool,
    listed: bool,
}

fn wish() -> Wish {
    let mut wish = Wish { engine: "cpu".into(), names: Vec::new(), made: false, listed: false };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--engine" => wish.engine = words.next().unwrap_or_default(),
            "--ignored" | "--include-ignored" => wish.made = true,
            "--list" => wish.listed = true,
            word if word.starts_with('-') => {}
            _ => wish.names.push(word),
        }
    }
    wish
}

fn main() -> ExitCode {
    let wish = wish();
    let named = |name: &str| wish.names.is_empty() || wish.names.iter().any(|part| name.contains(part));
    let rows: Vec<&Row> = ROWS.iter().filter(|(name, _)| named(name)).collect();
    if wish.listed {
        for (name, _) in rows {
            println!("{name}: test");
        }
        return ExitCode::SUCCESS;
    }
    println!("\nrunning {} tests", rows.len());
    let left_out = ROWS.len() - rows.len();
    if !wish.made {
        for (name, _) in &rows {
            println!("test {name} ... ignored, minutes at full size: ask with -- --ignored");
        }
        println!(
            "\ntest result: ok. 0 passed; 0 failed; {} ignored; 0 measured; {left_out} filtered out\n",
            rows.len()
        );
        return ExitCode::SUCCESS;
    }
    let mut failed = 0;
    for (name, row) in &rows {
        println!("\n{name}");
        let (start, trial) = (Instant::now(), Trial::new(&wish.engine));
        let whole = catch_unwind(AssertUnwindSafe(|| row(&trial))).is_ok();
        let good = whole && trial.misses() == 0;
        failed += usize::from(!good);
        let word = if good { "ok" } else { "FAILED" };
        println!("test {name} ... {word} ({:.1} s on {})", start.elapsed().as_secs_f64(), trial.place());
    }
    let word = if failed == 0 { "ok" } else { "FAILED" };
    println!(
        "\ntest result: {word}. {} passed; {failed} failed; 0 ignored; 0 measured; {left_out} filtered out\n",
        rows.len() - failed
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
