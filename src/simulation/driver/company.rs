//! The driver with several runs: requests about one of them, who comes and goes, seeds, and waiting for whoever is
//! behind.

use std::sync::Arc;

use super::Driver;
use super::aside::alone;
use crate::simulation::run::Run;
use crate::snapshot::{Request, Seeds, Snapshot};

impl Driver {
    /// Whether runs are on their way to a step where they are to be, or to one another.
    pub(super) fn gathers(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.is_travelling() || !self.company.is_level(run))
    }

    pub(super) fn hear_seeds(&mut self, news: Option<Seeds>) {
        self.company.hear(news);
        self.news = true;
    }

    /// What is known of a run's numbers by now is of another line or other settings: 0 is the main run.
    fn renew(&mut self, number: usize) {
        self.tokens += 1;
        let tokens = self.tokens;
        if let Some(run) = self.run.as_mut().and_then(|main| self.company.run(main, number)) {
            run.token = tokens;
        }
    }

    pub(super) fn renew_all(&mut self) {
        (0..=self.company.runs().len()).for_each(|number| self.renew(number));
    }

    /// What is about one run of those side by side, 0 being the main one; what is not is about all of them.
    pub(super) fn obey_of(&mut self, run: usize, request: Request) {
        match request {
            Request::Change(number, experiment, gesture) => {
                let changed = self.with(run, |run| run.turn(&experiment, gesture));
                self.shelf.changed();
                self.answer(number, changed);
            }
            Request::Undo(number) if self.is_aside(run, false) => self.bring_back(number, false),
            Request::Redo(number) if self.is_aside(run, true) => self.bring_back(number, true),
            Request::Undo(number) => {
                let undone = self.with(run, |run| run.undo(number, false));
                self.answer(number, undone);
            }
            Request::Redo(number) => {
                let redone = self.with(run, |run| run.undo(number, true));
                self.answer(number, redone);
            }
            Request::Restart(number, experiment, gesture) => {
                let made = match &self.run {
                    Some(main) if !self.company.is_empty() => {
                        self.company.restarted(&main.experiment, run, &experiment)
                    }
                    _ => Run::running(&experiment).map(alone),
                };
                self.restart(number, made, Some(gesture));
            }
            Request::Replace(number, experiment, gesture) => {
                let made = Run::running(&experiment).map(alone);
                self.restart(number, made, Some(gesture));
            }
            request if !matches!(request, Request::On(..)) => self.obey(request),
            _ => {}
        }
    }

    /// Whether this run has nothing of its own to undo (or to redo), but a restart can be.
    fn is_aside(&mut self, run: usize, redo: bool) -> bool {
        let has =
            self.run.as_mut().and_then(|main| self.company.run(main, run)).map(|run| run.has_back(redo));
        self.shelf.has(redo) && has != Some(true)
    }

    /// Does something to the settings of a run that stands where it should.
    fn with(
        &mut self,
        number: usize,
        deed: impl FnOnce(&mut Run) -> Result<(), String>,
    ) -> Result<(), String> {
        let main = self.run.as_mut().ok_or("the run has failed: restart it")?;
        self.company.follow(main, self.stretch);
        if number > 0 && !self.company.is_level(main) {
            return Err("the runs are on their way to one step: wait, or stop them with space".into());
        }
        deed(self.company.run(main, number).ok_or("there is no such run any more")?)?;
        self.company.changed(main);
        self.renew(number);
        Ok(())
    }

    pub(super) fn obey_about_company(&mut self, request: &Request) {
        let (Request::Copy(number, _)
        | Request::Drop(number, _)
        | Request::Alone(number)
        | Request::Seeds(number, _)) = *request
        else {
            return;
        };
        let Some(main) = &mut self.run else {
            return self.answer(number, Err("the run has failed: restart it".into()));
        };
        let done = match *request {
            Request::Copy(_, run) => self.company.copy(main, run).map(|()| {
                // The start is kept, so all of them are there at once.
                self.company.follow(main, 0);
            }),
            Request::Drop(_, run) => self.company.drop(main, run).map(|next| {
                if let Some(next) = next {
                    self.run = Some(next);
                    self.generation += 1;
                    self.accelerate();
                }
            }),
            Request::Seeds(_, more) => {
                // They are run to where the runs stand, which may be past what was last shown.
                main.read_back();
                self.company.sow(main, more)
            }
            _ => {
                self.company.leave();
                Ok(())
            }
        };
        if !matches!(request, Request::Seeds(..)) {
            if let Some(main) = &mut self.run {
                self.company.share_memory(main, self.shelf.room());
            }
            self.renew_all();
        }
        self.answer(number, done);
    }

    /// While runs are brought to one step the last one they were all at stays on the screen.
    pub(super) fn publish_gathering(&mut self) {
        let Some(run) = &self.run else { return };
        let mut last = Snapshot::clone(&self.slot.load());
        let (hindmost, goal) = self.company.gathering(run);
        last.time.journey = Some((last.step, goal));
        last.status.clone_from(&run.status);
        if let Some(company) = &mut last.company {
            Arc::make_mut(company).gathering = Some((hindmost, goal));
        }
        last.answered = self.answered;
        last.refusal.clone_from(&self.refusal);
        last.noted = self.noted;
        last.pace = self.pace;
        last.speed = 0.0;
        self.slot.store(Arc::new(last));
    }
}
