//! Who runs the steps.

use super::Start;
use crate::engine::cpu::CpuEngine;
use crate::engine::reference::ReferenceEngine;
use crate::engine::{Engine, EngineError};
use crate::experiment::{EngineKind, Experiment};

/// The engine an experiment asks for, at its start, and what the user should know about the choice.
///
/// # Errors
/// [`EngineError::NoAdapter`] if the GPU is demanded and there is none.
pub fn engine(experiment: &Experiment, start: &Start) -> Result<(Box<dyn Engine>, Vec<String>), EngineError> {
    let (problem, state) = (start.problem.clone(), start.state.clone());
    match experiment.engine {
        EngineKind::Reference => Ok((Box::new(ReferenceEngine::new(problem, &state)), Vec::new())),
        EngineKind::Auto | EngineKind::Cpu => {
            Ok((Box::new(CpuEngine::new(problem, state, experiment.threads)), Vec::new()))
        }
        EngineKind::Gpu => Err(EngineError::NoAdapter("this build has no GPU engine".into())),
    }
}
