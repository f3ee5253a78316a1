//! Looking for a GPU beside the run: opening a device and compiling its kernels takes a second, in which the CPU goes on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::engine::gpu::{Choice, GpuEngine};
use crate::engine::{Engine, EngineError, Problem, State};
use crate::experiment::EngineKind;

/// An engine for the start of this number, or why there is none.
pub(super) type Found = (u64, Result<Box<dyn Engine>, EngineError>);

/// Where answers come in.
pub(super) struct Accelerator {
    found: (Sender<Found>, Receiver<Found>),
}

impl Accelerator {
    pub(super) fn new() -> Self {
        Self { found: unbounded() }
    }

    /// The answers, in the order they come.
    pub(super) fn found(&self) -> &Receiver<Found> {
        &self.found.1
    }

    /// Looks for a GPU where the choice of engine allows one. `auto` never takes a software adapter.
    pub(super) fn look(&self, kind: EngineKind, generation: u64, problem: Problem, state: State) {
        let choice = match kind {
            EngineKind::Auto => Choice::Real,
            EngineKind::Gpu => Choice::Any,
            EngineKind::Cpu | EngineKind::Reference => return,
        };
        let outbox = self.found.0.clone();
        let look = move || {
            let opened = catch_unwind(AssertUnwindSafe(|| GpuEngine::new(problem, &state, choice)));
            let engine = match opened {
                Ok(opened) => opened.map(|engine| Box::new(engine) as Box<dyn Engine>),
                Err(_) => Err(EngineError::Device("its driver broke while it was opened".into())),
            };
            // Nobody waits for it when the lab was left meanwhile.
            let _ = outbox.send((generation, engine));
        };
        if let Err(error) = thread::Builder::new().name("losslab-gpu".into()).spawn(look) {
            let error = EngineError::NoAdapter(format!("the system gave no thread: {error}"));
            let _ = self.found.0.send((generation, Err(error)));
        }
    }
}
