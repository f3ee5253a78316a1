//! Looking for a GPU beside the run: opening a device and compiling its kernels takes a second, in which the CPU goes on.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::engine::gpu::{Choice, GpuEngine};
use crate::engine::{Engine, EngineError, Problem, State};
use crate::experiment::EngineKind;

/// An engine for the start of this number, or why there is none.
pub(super) type Found = (u64, Result<Box<dyn Engine>, EngineError>);

/// The end waits this long for a look that is under way.
const LONGEST_WAIT: Duration = Duration::from_secs(3);

/// Where answers come in.
pub(super) struct Accelerator {
    found: (Sender<Found>, Receiver<Found>),
    looks: RefCell<Vec<JoinHandle<()>>>,
}

impl Accelerator {
    pub(super) fn new() -> Self {
        Self { found: unbounded(), looks: RefCell::default() }
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
        match thread::Builder::new().name("losslab-gpu".into()).spawn(look) {
            Ok(look) => {
                let mut looks = self.looks.borrow_mut();
                looks.retain(|look| !look.is_finished());
                looks.push(look);
            }
            Err(error) => {
                let error = EngineError::NoAdapter(format!("the system gave no thread: {error}"));
                let _ = self.found.0.send((generation, Err(error)));
            }
        }
    }
}

impl Drop for Accelerator {
    /// A driver that is being opened while the process ends can abort it; a look takes a second at most.
    fn drop(&mut self) {
        let begun = Instant::now();
        while self.looks.get_mut().iter().any(|look| !look.is_finished()) && begun.elapsed() < LONGEST_WAIT {
            thread::sleep(Duration::from_millis(5));
        }
    }
}
