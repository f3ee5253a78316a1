//! How fast the engines are on this machine, against what the machine can do: the workloads, the work a step of
//! each takes by a stated model, the machine's limits, step times, memory, and the gradient's error before any
//! time is taken. How the findings are printed is the command line's affair.

mod check;
pub mod limits;
pub mod machine;
pub mod memory;
mod model;
mod timing;
mod workload;

use std::time::Duration;

use crate::engine::{Engine, EngineError, Problem, State};

pub use check::{Checked, TOLERANCE, check, fits_reference};
pub use limits::Limits;
pub use model::{Kind, Work};
pub use timing::Timing;
pub use workload::{WORKLOADS, Workload};

/// The rate of every step that is timed.
pub const RATE: f64 = 0.1;

/// Why a workload has no time.
#[derive(Clone, Debug, thiserror::Error, PartialEq)]
pub enum BenchError {
    /// The engine cannot run it.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The gradient is not what the reference says, so its time is worth nothing.
    #[error("the gradient of {objective} is {error:.1e} from the reference's, more than {TOLERANCE:.0e}")]
    Wrong {
        /// The objective.
        objective: &'static str,
        /// The relative error.
        error: f64,
    },
    /// A step was refused.
    #[error("{objective} diverged at step {step}, so its steps cannot be timed")]
    Diverged {
        /// The objective.
        objective: &'static str,
        /// The step that was not made.
        step: u64,
    },
}

/// Makes an engine for a problem: which one is being measured.
pub type Maker<'a> = &'a dyn Fn(Problem, &State) -> Result<Box<dyn Engine>, EngineError>;

/// What was found for one workload on one engine.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// `reference`, `cpu` or `gpu`, from the engine that ran.
    pub engine: String,
    /// The adapter, for the GPU.
    pub adapter: Option<String>,
    /// Step times.
    pub timing: Timing,
    /// The largest resident memory of the process while the engine was made and ran, in bytes; nothing where
    /// the system does not say. Memory that the process used before and has not given back is part of it, so
    /// this means most in a process that has done nothing else.
    pub peak_resident: Option<u64>,
}

/// Times steps for `budget`. Whether they are right is for [`check`] to say, before.
///
/// # Errors
/// [`BenchError`] if the engine cannot run the workload or diverges.
pub fn measure(workload: &Workload, make: Maker<'_>, budget: Duration) -> Result<Measured, BenchError> {
    let watched = memory::forget_peak();
    let (problem, state) = workload.start();
    let mut engine = make(problem, &state)?;
    let timing = timing::time(workload, engine.as_mut(), budget)?;
    let peak_resident = if watched { memory::peak_resident() } else { None };
    Ok(Measured { engine: engine.name().to_owned(), adapter: engine.adapter(), timing, peak_resident })
}
