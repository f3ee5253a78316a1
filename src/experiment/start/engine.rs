//! Who runs the steps.

use crate::engine::cpu::CpuEngine;
use crate::engine::gpu::{Choice, GpuEngine};
use crate::engine::reference::ReferenceEngine;
use crate::engine::{Engine, EngineError, Problem, State};
use crate::experiment::{EngineKind, Experiment};

/// The engine an experiment asks for, at a start, and what the user should know about the choice.
///
/// `auto` takes a real GPU (never a software adapter) and else the CPU; `gpu` takes any adapter. The state is moved
/// in: a run has no room for a second one.
///
/// # Errors
/// [`EngineError`] if the GPU is demanded and there is none, or it cannot run the objective.
pub fn engine(
    experiment: &Experiment,
    problem: &Problem,
    state: State,
) -> Result<(Box<dyn Engine>, Vec<String>), EngineError> {
    let cpu = |state: State| Box::new(CpuEngine::new(problem.clone(), state, experiment.threads));
    match experiment.engine {
        EngineKind::Reference => Ok((Box::new(ReferenceEngine::new(problem.clone(), &state)), Vec::new())),
        EngineKind::Cpu => Ok((cpu(state), Vec::new())),
        EngineKind::Gpu => Ok((Box::new(GpuEngine::new(problem.clone(), &state, Choice::Any)?), Vec::new())),
        EngineKind::Auto => match GpuEngine::new(problem.clone(), &state, Choice::Real) {
            Ok(gpu) => Ok((Box::new(gpu), Vec::new())),
            // Having no GPU is the common case and no news.
            Err(EngineError::NoAdapter(_)) => Ok((cpu(state), Vec::new())),
            Err(error) => Ok((cpu(state), vec![format!("{error}; the cpu engine runs instead")])),
        },
    }
}
