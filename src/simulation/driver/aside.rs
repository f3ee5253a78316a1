//! The driver where runs make room for others: restarts, and what brings back what they put aside.

use super::Driver;
use crate::simulation::aside::Arrangement;
use crate::simulation::company::Company;
use crate::simulation::run::Run;

impl Driver {
    /// Puts what was made in the place of what is there, which is put aside where it can be asked for again: under the
    /// gesture that is told.
    pub(super) fn restart(&mut self, number: u64, made: Result<Arrangement, String>, gesture: Option<u64>) {
        let old = self.run.as_ref();
        let keeps =
            old.map(|run| (run.wanted().clone(), run.shown(), run.job().projection, run.job().points.cols));
        let phase = old.map_or(0.0, |run| run.job().phase);
        let made = made.map(|mut made| {
            let run = &mut made.run;
            if let Some((wanted, shown, projection, dim)) = keeps {
                run.want_as(wanted);
                run.show(shown);
                run.tour_to(phase);
                if dim == run.job().points.cols {
                    run.project(projection);
                }
            }
            made
        });
        let made = made.map(|made| {
            let old = self.take_arrangement();
            if let (Some(old), Some(gesture)) = (old, gesture) {
                self.shelf.put(old, gesture);
            }
            self.put_on_screen(made);
        });
        self.answer(number, made);
    }

    /// What is on the screen, to be put elsewhere.
    fn take_arrangement(&mut self) -> Option<Arrangement> {
        let company = std::mem::take(&mut self.company);
        self.run.take().map(|run| Arrangement { run, company })
    }

    fn put_on_screen(&mut self, arrangement: Arrangement) {
        let Arrangement { mut run, mut company } = arrangement;
        company.share_memory(&mut run, self.shelf.room());
        (self.run, self.company) = (Some(run), company);
        self.generation += 1;
        self.renew_all();
        self.owed = 0.0;
        self.accelerate();
    }

    /// Brings back what a restart put aside, or what that undid.
    pub(super) fn bring_back(&mut self, number: u64, redo: bool) {
        let unlocked = self.company.is_unlocked();
        let now = self.take_arrangement();
        let wanted = now.as_ref().map(|now| (now.run.wanted().clone(), now.run.shown()));
        if let Some(mut back) = self.shelf.bring_back(redo, now) {
            if let Some((wanted, shown)) = wanted {
                for run in std::iter::once(&mut back.run).chain(back.company.runs_mut()) {
                    run.want_as(wanted.clone());
                    run.show(shown);
                }
            }
            if back.company.is_unlocked() != unlocked {
                back.company.lock(!unlocked);
            }
            self.put_on_screen(back);
        }
        self.answer(number, Ok(()));
    }
}

/// A run with nobody beside it.
pub(super) fn alone(run: Run) -> Arrangement {
    Arrangement { run, company: Company::default() }
}
