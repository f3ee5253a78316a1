//! The simulation: a thread that owns the engine and the history. [`Request`]s go in, a [`Snapshot`] comes out.
//!
//! Neither side ever waits for the other: the screen reads the newest snapshot from a slot, the thread takes requests
//! between steps. What a run is and does stands in [`run`]; pacing, threads and failures in `driver`.

mod accelerator;
pub mod analysis;
pub mod analyst;
pub mod aside;
pub mod company;
mod driver;
pub mod forces;
pub mod history;
pub mod law;
pub mod picture;
pub mod priority;
pub mod run;
pub mod seeds;
pub mod setup;
pub mod timeline;
mod trails;

use std::sync::Arc;
use std::thread::{self, JoinHandle};

use arc_swap::ArcSwap;
use crossbeam_channel::{Sender, TrySendError, bounded};

pub use run::Run;

use crate::experiment::Experiment;
use crate::snapshot::{Request, Snapshot};

/// Requests that may wait; a person cannot fill this faster than it is emptied.
const MOST_WAITING: usize = 256;

/// The handle of the thread. It ends when this is dropped.
pub struct Simulation {
    requests: Option<Sender<Request>>,
    slot: Arc<ArcSwap<Snapshot>>,
    thread: Option<JoinHandle<()>>,
}

impl Simulation {
    /// Starts the thread on an experiment, running at once. What would take long (the loss and geometry of a large
    /// start) is left to it, so that a screen can open at once.
    ///
    /// # Errors
    /// One sentence, when the experiment cannot start or the system gives no thread.
    pub fn start(experiment: &Experiment) -> Result<Self, String> {
        Self::of(Run::running(experiment)?)
    }

    /// The same, standing at its start until it is told to run.
    ///
    /// # Errors
    /// As above.
    pub fn standing(experiment: &Experiment) -> Result<Self, String> {
        let mut run = Run::running(experiment)?;
        run.pause();
        Self::of(run)
    }

    fn of(mut run: Run) -> Result<Self, String> {
        if run.is_light() {
            run.analyse();
        }
        let slot = Arc::new(ArcSwap::from_pointee(run.snapshot()));
        let (requests, inbox) = bounded(MOST_WAITING);
        let driver = driver::Driver::new(run, inbox, slot.clone()).map_err(no_thread)?;
        let named = thread::Builder::new().name("losslab-simulation".into());
        let thread = named.spawn(move || driver.drive()).map_err(no_thread)?;
        Ok(Self { requests: Some(requests), slot, thread: Some(thread) })
    }

    /// Asks for something; an answer comes with a later snapshot. `false` when the request was lost because the
    /// thread has too many waiting.
    pub fn ask(&self, request: Request) -> bool {
        match self.requests.as_ref().map(|requests| requests.try_send(request)) {
            Some(Err(TrySendError::Full(_) | TrySendError::Disconnected(_))) | None => false,
            Some(Ok(())) => true,
        }
    }

    /// Where the newest snapshot lies, for somebody who may look when this handle is out of reach.
    pub fn slot(&self) -> Arc<ArcSwap<Snapshot>> {
        self.slot.clone()
    }

    /// The newest snapshot.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.slot.load_full()
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        // Closing the channel is the word to end; the thread hears it after the steps it is making.
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn no_thread(error: std::io::Error) -> String {
    format!("the system gave no thread for the simulation: {error}")
}
