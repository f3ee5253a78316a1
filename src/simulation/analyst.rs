//! A thread that analyses the newest state it is given, one at a time, and never holds up the run.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::analysis::{Analysis, Job, analyse};

/// The other end of the thread. It ends when this is dropped.
pub struct Analyst {
    jobs: Sender<Job>,
    /// What has come back; `None` when a job failed.
    pub results: Receiver<Option<Analysis>>,
    /// Whether a job is out.
    pub busy: bool,
}

impl Analyst {
    /// Starts the thread.
    pub fn start() -> Result<Self, std::io::Error> {
        let (jobs, inbox) = bounded::<Job>(1);
        let (outbox, results) = bounded(1);
        thread::Builder::new().name("losslab-geometry".into()).spawn(move || {
            for job in inbox {
                // A number that cannot be computed must not take the picture down with it.
                let analysis = catch_unwind(AssertUnwindSafe(|| analyse(&job))).ok();
                if outbox.send(analysis).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { jobs, results, busy: false })
    }

    /// Hands over a job, unless one is out already.
    pub fn try_give(&mut self, job: impl FnOnce() -> Job) -> bool {
        if self.busy {
            return false;
        }
        self.busy = self.jobs.try_send(job()).is_ok();
        self.busy
    }
}
