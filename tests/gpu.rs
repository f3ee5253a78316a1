//! The GPU engine against the others, on whatever adapter there is.
//!
//! Without an adapter every test here is reported as ignored, with the reason; with
//! `LOSSLAB_GPU=require` that is a failure. A runner of its own, because the standard one cannot
//! ignore a test while it runs. `cargo test --test gpu -- NAME` runs the tests whose name contains
//! NAME.

#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

// The cases, and what is allowed on them; its own tests run with the standard runner.
#[expect(
    dead_code,
    unused_imports,
    reason = "the other engines are checked where this file is a test itself"
)]
mod golden;

mod gpu {
    pub(crate) mod agreement;
    pub(crate) mod canary;
    pub(crate) mod culprits;
    pub(crate) mod models;
    pub(crate) mod running;
    pub(crate) mod scenes;
}

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Instant;

/// A test: its name and what it does.
type Test = (&'static str, fn());

const TESTS: &[Test] = &[
    ("every_objective_agrees_with_the_reference", gpu::agreement::every_objective),
    ("composites_agree_with_the_reference", gpu::agreement::composites),
    ("many_dimensions_agree_with_the_reference", gpu::agreement::many_dimensions),
    ("every_kind_of_tile_agrees", gpu::agreement::every_kind_of_tile),
    ("loops_below_the_limit_run_to_their_end", gpu::canary::loops),
    ("hard_inputs_agree_with_the_reference", gpu::agreement::hard_inputs),
    ("every_choice_of_a_knob_agrees", gpu::agreement::choices),
    ("splits_and_chunks_agree_with_the_cpu", gpu::agreement::large),
    ("the_golden_cases_hold", gpu::agreement::golden),
    ("steps_agree_with_the_cpu", gpu::running::steps_agree),
    ("sixty_four_steps_are_one_submission", gpu::running::traffic),
    ("one_advance_equals_many", gpu::running::one_advance_equals_many),
    ("a_divergence_keeps_the_last_finite_state", gpu::running::divergence),
    ("who_made_a_step_impossible_is_named", gpu::culprits::culprits),
    ("turning_a_knob_compiles_nothing", gpu::running::knobs),
    ("other_sizes_compile_nothing", gpu::running::sizes),
    ("dispatches_can_be_timed", gpu::running::times),
    ("a_lost_device_is_an_error", gpu::running::lost),
    ("networks_agree_with_the_reference", gpu::models::agree),
    ("networks_step_as_on_the_cpu", gpu::models::steps_agree),
    ("a_network_that_diverges_keeps_its_last_finite_state", gpu::models::divergence),
];

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    if std::env::args().any(|arg| arg == "--list") {
        for (name, _) in TESTS {
            println!("{name}: test");
        }
        return ExitCode::SUCCESS;
    }
    let chosen: Vec<&Test> = TESTS
        .iter()
        .filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str())))
        .collect();
    println!("\nrunning {} tests", chosen.len());
    let adapters = losslab::engine::gpu::adapters();
    let Some(adapter) = adapters.first() else {
        let required = std::env::var("LOSSLAB_GPU").is_ok_and(|value| value == "require");
        let reason = "no Vulkan, Metal or DirectX 12 adapter was found";
        for (name, _) in &chosen {
            if required {
                println!("test {name} ... FAILED ({reason}, and LOSSLAB_GPU=require)");
            } else {
                println!("test {name} ... ignored, {reason}");
            }
        }
        let (word, failed) = if required { ("FAILED", chosen.len()) } else { ("ok", 0) };
        println!(
            "\ntest result: {word}. 0 passed; {failed} failed; {} ignored; 0 measured; {} filtered out\n",
            chosen.len() - failed,
            TESTS.len() - chosen.len()
        );
        return if required { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    };
    println!("adapter: {} ({}, {}, {})", adapter.name, adapter.kind, adapter.backend, adapter.driver);
    let mut failed = 0;
    for (name, test) in &chosen {
        let start = Instant::now();
        let good = catch_unwind(AssertUnwindSafe(test)).is_ok();
        failed += usize::from(!good);
        let word = if good { "ok" } else { "FAILED" };
        println!("test {name} ... {word} ({:.1} s on {})", start.elapsed().as_secs_f64(), adapter.name);
    }
    let word = if failed == 0 { "ok" } else { "FAILED" };
    println!(
        "\ntest result: {word}. {} passed; {failed} failed; 0 ignored; 0 measured; {} filtered out\n",
        chosen.len() - failed,
        TESTS.len() - chosen.len()
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
