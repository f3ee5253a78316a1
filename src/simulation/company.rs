//! Runs that go beside the main one: copies of it under other settings. The main run is the clock: whoever looks finds
//! all of them at its step. Like [`Run`] this has no thread and no clock of its own.

use std::sync::Arc;

use super::aside::Arrangement;
use super::run::Run;
use super::seeds::{Arms, Sower};
use crate::comparison::{Kinship, kinship};
use crate::engine::{Problem, State};
use crate::experiment::{Experiment, expression};
use crate::palette;
use crate::snapshot::{self, MOST_RUNS, Replay, Seeds, Snapshot, To};

/// The runs beside the main one.
#[derive(Default)]
pub struct Company {
    runs: Vec<Run>,
    kinship: Kinship,
    /// Whether each is seen along its own axes.
    unlocked: bool,
    sower: Option<Sower>,
    seeds: Option<Arc<Seeds>>,
}

impl Company {
    /// Whether there is nobody beside the main run.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// The runs beside the main one.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The same, to be changed.
    pub fn runs_mut(&mut self) -> &mut [Run] {
        &mut self.runs
    }

    /// A run by its number, 0 being the main one.
    pub fn run<'a>(&'a mut self, main: &'a mut Run, number: usize) -> Option<&'a mut Run> {
        match number.checked_sub(1) {
            None => Some(main),
            Some(place) => self.runs.get_mut(place),
        }
    }

    /// Copies a run to go beside the others, and sets out with all of them for their start.
    ///
    /// # Errors
    /// One sentence, when there is no such run or there are enough.
    pub fn copy(&mut self, main: &mut Run, number: usize) -> Result<(), String> {
        if self.runs.len() + 1 >= MOST_RUNS {
            return Err(format!("{MOST_RUNS} runs go side by side at most: Delete lets one go"));
        }
        let copied = self.run(main, number).ok_or("there is no such run any more")?.copied();
        self.runs.push(copied);
        main.seek(To::First);
        self.changed(main);
        Ok(())
    }

    /// Lets a run go. Where it is the main one, the next takes its place, and is returned.
    ///
    /// # Errors
    /// One sentence, when there is no such run.
    pub fn drop(&mut self, main: &Run, number: usize) -> Result<Option<Run>, String> {
        if number > self.runs.len() || self.runs.is_empty() {
            return Err("there is no such run any more".into());
        }
        let mut next = None;
        if let Some(place) = number.checked_sub(1) {
            self.runs.remove(place);
        } else {
            let mut run = self.runs.remove(0);
            run.goes_alone();
            next = Some(run);
        }
        self.changed(next.as_ref().unwrap_or(main));
        Ok(next)
    }

    /// Lets all of them go.
    pub fn leave(&mut self) {
        *self = Self::default();
    }

    /// Stands still: no more seeds are run, and those that are whole stay.
    pub fn rest(&mut self) {
        self.sower = None;
        if let Some(seeds) = &mut self.seeds
            && seeds.running
        {
            Arc::make_mut(seeds).running = false;
        }
    }

    /// To be called when runs came, went, or got other settings: what was known of seeds is of other runs now.
    pub fn changed(&mut self, main: &Run) {
        (self.sower, self.seeds) = (None, None);
        let beginnings: Vec<(&Problem, Arc<State>)> =
            std::iter::once(main).chain(&self.runs).filter_map(Run::beginning).collect();
        let borrowed: Vec<(&Problem, &State)> = beginnings.iter().map(|(p, s)| (*p, &**s)).collect();
        self.kinship = kinship(&borrowed);
    }

    /// Shares so many bytes for kept states among all runs.
    pub fn share_memory(&mut self, main: &mut Run, room: usize) {
        let each = room / (1 + self.runs.len());
        for run in std::iter::once(main).chain(&mut self.runs) {
            run.limit_memory(each);
        }
    }

    /// All runs anew, these staying as they are, with what `experiment` says of run `number`: data, start and seed of all
    /// runs, and what else there is of that one; the others have the objective and the numbers they have here. All begin
    /// where the main run begins.
    ///
    /// # Errors
    /// One sentence, when one of them cannot be on these data.
    pub fn restarted(
        &self,
        main: &Experiment,
        number: usize,
        experiment: &Experiment,
    ) -> Result<Arrangement, String> {
        let of = |k: usize, own: &Experiment| {
            if k == number { experiment.clone() } else { experiment.with_numbers_of(own) }
        };
        let mut anew = Run::running(&of(0, main))?;
        let mut runs = Vec::new();
        for (k, old) in self.runs.iter().enumerate() {
            let mut run = anew.copied();
            run.want_as(old.wanted().clone());
            run.show(old.shown());
            let wanted = of(k + 1, &old.experiment);
            run.change(&wanted).map_err(|error| {
                let text = expression::print(&wanted.objective);
                format!("{} ({text}) cannot begin so: {error}", palette::letter(k + 1))
            })?;
            run.begins_so();
            runs.push(run);
        }
        let mut company = Self { runs, unlocked: self.unlocked, ..Self::default() };
        company.changed(&anew);
        Ok(Arrangement { run: anew, company })
    }

    /// Where all runs have to be.
    fn goal(main: &Run) -> u64 {
        main.destination()
    }

    /// Whether everybody is where the main run is.
    pub fn is_level(&self, main: &Run) -> bool {
        self.runs.is_empty()
            || !main.is_travelling()
                && self.runs.iter().all(|run| run.is_level(main.step()) && !run.is_travelling())
    }

    /// Brings every run up to `most` steps nearer to where the main one is, or will be.
    pub fn follow(&mut self, main: &Run, most: usize) {
        let running = main.status == snapshot::Status::Running;
        for run in &mut self.runs {
            run.go_along(Self::goal(main), most, running);
        }
    }

    /// Whether each is to be seen along the axes of the main run.
    pub fn lock(&mut self, locked: bool) {
        self.unlocked = !locked;
        if self.unlocked {
            self.runs.iter_mut().for_each(Run::see_alone);
        }
    }

    /// Whether each is seen along its own axes.
    pub fn is_unlocked(&self) -> bool {
        self.unlocked
    }

    /// How far the hindmost is, and where all go.
    pub fn gathering(&self, main: &Run) -> (u64, u64) {
        let goal = Self::goal(main);
        let steps = std::iter::once(main).chain(&self.runs).map(|run| run.step().min(goal));
        (steps.min().unwrap_or(goal), goal)
    }

    /// What a snapshot of the main run says of the others. They must be where it is.
    pub fn told(&mut self, main: &Run) -> Option<Arc<snapshot::Company>> {
        if self.runs.is_empty() {
            return None;
        }
        // Whoever stands now shows the loss of the very state on the screen, as the main run does.
        self.follow(main, 0);
        let axes = main.axes().filter(|_| !self.unlocked);
        let tell = |run: &mut Run| {
            run.read_back();
            if let Some(axes) = &axes {
                run.see_along(axes);
            }
            Arc::new(run.snapshot())
        };
        let others = self.runs.iter_mut().map(tell).collect();
        Some(Arc::new(snapshot::Company {
            others,
            kinship: self.kinship,
            locked: !self.unlocked,
            gathering: None,
            seeds: self.seeds.clone(),
        }))
    }

    /// Runs more seeds for all runs, to the step they are at; none stops doing so.
    ///
    /// # Errors
    /// One sentence, when there is nothing to count or no thread for it.
    pub fn sow(&mut self, main: &Run, more: usize) -> Result<(), String> {
        if more == 0 {
            if let Some(sower) = &self.sower {
                sower.stop();
            }
            return Ok(());
        }
        if self.runs.is_empty() {
            return Err("there is nothing beside this run: c copies it".into());
        }
        if main.step() == 0 {
            return Err("every seed is run to the step on the screen: make some steps first".into());
        }
        let arms = arms(&main.snapshot(), self.runs.iter().map(Run::snapshot));
        let known = self.seeds.as_ref().filter(|seeds| seeds.step == main.step());
        let study = known.map_or_else(|| arms.study(), |seeds| (*seeds.study).clone());
        let sower = Sower::start(arms, study, more);
        self.sower = Some(sower.map_err(|error| format!("the system gave no thread for seeds: {error}"))?);
        Ok(())
    }

    /// Where news of seeds come from; nowhere while none are run.
    pub fn seed_news(&self) -> crossbeam_channel::Receiver<Seeds> {
        self.sower.as_ref().map_or_else(crossbeam_channel::never, |sower| sower.news.clone())
    }

    /// Takes news of seeds; without any, their thread has come to an unexpected end.
    pub fn hear(&mut self, news: Option<Seeds>) {
        let over = news.as_ref().is_none_or(|news| !news.running);
        if let Some(news) = news {
            self.seeds = Some(Arc::new(news));
        } else if let Some(seeds) = &mut self.seeds {
            let seeds = Arc::make_mut(seeds);
            if seeds.running {
                (seeds.running, seeds.fault) = (false, Some("running seeds hit a bug of its own".into()));
            }
        }
        if over {
            self.sower = None;
        }
    }
}

/// The runs on the screen as they would be made again: their starts, and their edits up to the step they are at.
pub fn arms(main: &Snapshot, others: impl Iterator<Item = Snapshot>) -> Arms {
    let step = main.step;
    let replay = |snapshot: &Snapshot| Replay {
        start: (*snapshot.start).clone(),
        edits: snapshot.edits.iter().filter(|edit| edit.step <= step).cloned().collect(),
        step,
    };
    let others: Vec<Replay> = others.map(|other| replay(&other)).collect();
    Arms { replays: std::iter::once(replay(main)).chain(others).collect(), mark: main.mark() }
}

#[cfg(test)]
mod tests;
