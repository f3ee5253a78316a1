//! A thread that analyses the newest states it is given, one of each run that goes beside another, and never holds up
//! the run: it works alone, steps back behind the engine's threads, and rests between two rounds while the run goes on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::analysis::{Analysis, Job, analyse};
use super::priority::{Rank, step_back};

/// After a round it rests for so many times as long as the round took.
const REST: u32 = 3;

/// The other end of the thread. It ends when this is dropped.
pub struct Analyst {
    rounds: Sender<Vec<Job>>,
    /// What has come back, all of a round at once; a job that failed is left out.
    pub results: Receiver<Vec<Analysis>>,
    /// Since when a round is out.
    given: Option<Instant>,
    rests_until: Option<Instant>,
}

impl Analyst {
    /// Starts the thread.
    pub fn start() -> Result<Self, std::io::Error> {
        let (rounds, inbox) = bounded::<Vec<Job>>(1);
        let (outbox, results) = bounded(1);
        // Its own pool: work in the engine's pool would be waited for by the steps.
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .thread_name(|_| "losslab-numbers".into())
            .start_handler(|_| step_back(Rank::Numbers))
            .build()
            .map_err(std::io::Error::other)?;
        thread::Builder::new().name("losslab-geometry".into()).spawn(move || {
            for round in inbox {
                // A number that cannot be computed must not take the picture down with it.
                let analysed = |job| catch_unwind(AssertUnwindSafe(|| pool.install(|| analyse(job)))).ok();
                if outbox.send(round.iter().filter_map(analysed).collect()).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { rounds, results, given: None, rests_until: None })
    }

    /// Whether a round is out.
    pub fn is_busy(&self) -> bool {
        self.given.is_some()
    }

    /// Hands over a round, unless one is out already or, while the run goes on, the last one is not long enough ago.
    pub fn try_give(&mut self, goes_on: bool, round: impl FnOnce() -> Vec<Job>) {
        let rests = goes_on && self.rests_until.is_some_and(|until| Instant::now() < until);
        if !self.is_busy() && !rests && self.rounds.try_send(round()).is_ok() {
            self.given = Some(Instant::now());
        }
    }

    /// The results were taken: the next round may come, after a rest.
    pub fn took(&mut self) {
        let worked = self.given.take().map_or(Duration::ZERO, |given| given.elapsed());
        self.rests_until = Instant::now().checked_add(worked * REST);
    }
}
