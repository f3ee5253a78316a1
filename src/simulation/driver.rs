//! The loop of the simulation's thread: requests, steps at the wanted pace, snapshots; sleeping when there is nothing
//! to do. A panic in a run is caught here and becomes a status that a restart clears.

mod aside;
mod company;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use crossbeam_channel::{Receiver, RecvTimeoutError, TryRecvError, select};

use super::accelerator::{Accelerator, Found};
use super::analyst::Analyst;
use super::aside::Shelf;
use super::company::Company;
use super::priority::{Rank, step_back};
use super::run::Run;
use crate::engine::EngineError;
use crate::experiment::EngineKind;
use crate::snapshot::{Pace, Request, Snapshot, Status, To};

/// The time between two snapshots of a run.
pub(super) const FRAME: Duration = Duration::from_millis(33);
/// Requests are heard this often at least, unless one step takes longer.
const PATIENCE: Duration = Duration::from_millis(8);

pub(super) struct Driver {
    /// `None` after a panic, until a restart.
    run: Option<Run>,
    /// What goes beside it.
    company: Company,
    /// What made room for them.
    shelf: Shelf,
    requests: Receiver<Request>,
    slot: Arc<ArcSwap<Snapshot>>,
    analyst: Analyst,
    accelerator: Accelerator,
    /// Whether a GPU was asked for; each start looks again.
    accelerates: bool,
    pace: Pace,
    /// Steps that are due by now; a fraction for slow paces.
    owed: f64,
    /// How many steps fit into [`PATIENCE`], learned on the way.
    stretch: usize,
    speed: f64,
    answered: u64,
    refusal: Option<String>,
    /// The step beyond which a run is held.
    until: Option<u64>,
    noted: Option<(u64, u64)>,
    generation: u64,
    /// Whether there is something new to show.
    news: bool,
    /// Until when a tour has been followed.
    toured: Instant,
    /// The last token that a run was given.
    tokens: u64,
}

impl Driver {
    pub(super) fn new(
        run: Run,
        requests: Receiver<Request>,
        slot: Arc<ArcSwap<Snapshot>>,
    ) -> std::io::Result<Self> {
        Ok(Self {
            run: Some(run),
            company: Company::default(),
            shelf: Shelf::default(),
            requests,
            slot,
            analyst: Analyst::start()?,
            accelerator: Accelerator::new(),
            accelerates: false,
            pace: Pace::default(),
            owed: 0.0,
            stretch: 1,
            speed: 0.0,
            answered: 0,
            refusal: None,
            until: None,
            noted: None,
            generation: 0,
            news: true,
            toured: Instant::now(),
            tokens: 0,
        })
    }

    /// Runs until the other end of the channel is gone.
    pub(super) fn drive(mut self) {
        step_back(Rank::Engine);
        let mut frame_ends = Instant::now();
        loop {
            if !self.is_running() {
                self.guarded(Self::publish);
                if self.run.as_ref().is_some_and(Run::is_touring) {
                    frame_ends = Instant::now() + FRAME;
                    if !self.hear_until(frame_ends) {
                        return;
                    }
                    self.guarded(Self::repaint);
                    continue;
                }
                if !self.wait() {
                    return;
                }
                frame_ends = Instant::now();
                continue;
            }
            let now = Instant::now();
            if now >= frame_ends {
                self.guarded(Self::publish);
                self.owed = (self.owed.fract() + self.pace.steps_per_frame()).max(0.0);
                // A frame that took too long is not caught up on.
                frame_ends = (frame_ends + FRAME).max(now + FRAME / 2);
            } else if self.is_held() {
                self.guarded(Self::publish);
            }
            if self.is_due() {
                self.guarded(Self::stretch);
            }
            let until = if self.is_due() { Instant::now() } else { frame_ends };
            if !self.hear_until(until) {
                return;
            }
        }
    }

    fn is_running(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.status == Status::Running) || self.gathers()
    }

    /// Whether steps should be made now.
    fn is_due(&self) -> bool {
        self.owed >= 1.0 && !self.is_held() || self.gathers()
    }

    /// How many steps a run may make before it is held.
    fn room(&self) -> usize {
        let step = self.run.as_ref().map_or(0, Run::step);
        self.until.map_or(usize::MAX, |until| until.saturating_sub(step) as usize)
    }

    fn is_held(&self) -> bool {
        self.room() == 0
    }

    /// Makes some of the steps that are due.
    fn stretch(&mut self) {
        let room = self.room();
        let Some(run) = &mut self.run else { return };
        let steps = self.stretch.min(self.owed as usize).max(1).min(room);
        let (started, before) = (Instant::now(), run.step());
        let level = self.company.is_level(run);
        if run.travel(self.stretch) || !level {
            // The clock waits for whoever is behind.
            self.owed = 0.0;
            self.company.follow(run, self.stretch);
        } else {
            run.advance(steps);
            self.company.follow(run, steps);
        }
        let took = started.elapsed();
        self.owed = (self.owed - steps as f64).max(0.0);
        let made = if level { run.step().saturating_sub(before) as usize } else { self.stretch };
        let per_step = took.as_secs_f64() / made.max(1) as f64;
        self.stretch = ((PATIENCE.as_secs_f64() / per_step.max(1e-7)) as usize).clamp(1, 4096);
        self.news = true;
    }

    /// Takes requests and results until `until`; `false` when nobody is there any more.
    fn hear_until(&mut self, until: Instant) -> bool {
        loop {
            self.hear_analyst();
            match self.requests.recv_deadline(until) {
                Ok(request) => {
                    self.guarded(|driver| driver.obey(request));
                    // Whoever holds a run waits for it.
                    if self.until.is_some() {
                        return true;
                    }
                }
                Err(RecvTimeoutError::Timeout) => return true,
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
    }

    /// Sleeps until there is a request or a result.
    fn wait(&mut self) -> bool {
        let (results, found) = (self.analyst.results.clone(), self.accelerator.found().clone());
        let seeds = self.company.seed_news();
        select! {
            recv(self.requests) -> request => match request {
                Ok(request) => self.guarded(|driver| driver.obey(request)),
                Err(_) => return false,
            },
            recv(results) -> result => {
                if let Ok(round) = result {
                    self.take(round);
                }
            }
            recv(seeds) -> news => self.hear_seeds(news.ok()),
            recv(found) -> engine => {
                if let Ok(engine) = engine {
                    self.guarded(|driver| driver.move_to(engine));
                }
            }
        }
        true
    }

    fn hear_analyst(&mut self) {
        while let Ok(round) = self.analyst.results.try_recv() {
            self.take(round);
        }
        while let Ok(engine) = self.accelerator.found().try_recv() {
            self.guarded(|driver| driver.move_to(engine));
        }
        loop {
            match self.company.seed_news().try_recv() {
                Ok(news) => self.hear_seeds(Some(news)),
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => return self.hear_seeds(None),
            }
        }
    }

    /// Looks for a GPU for the present run, if one was asked for.
    fn accelerate(&mut self) {
        if let (Some(run), true) = (&self.run, self.accelerates) {
            let (problem, state) = run.material();
            self.accelerator.look(run.experiment.engine, self.generation, problem, state);
        }
    }

    fn move_to(&mut self, (generation, engine): Found) {
        let Some(run) = self.run.as_mut().filter(|_| generation == self.generation) else { return };
        self.news = true;
        match engine {
            Ok(engine) => run.move_to(engine),
            // Nobody asked for a GPU by name: the line about the engine says why there is none.
            Err(EngineError::NoAdapter(why)) if run.experiment.engine == EngineKind::Auto => {
                run.no_gpu = Some(why);
            }
            Err(error) => run.notices.push(format!("{error}; the CPU goes on")),
        }
    }

    fn take(&mut self, round: Vec<super::analysis::Analysis>) {
        self.analyst.took();
        // Even a result that nobody wants any more makes room for the next round.
        self.news = true;
        let Some(run) = &mut self.run else { return };
        let mut all: Vec<&mut Run> = std::iter::once(run).chain(self.company.runs_mut()).collect();
        // All of a round or nothing: numbers of one run beside older ones of another would be compared.
        if round.iter().all(|analysis| all.iter().any(|run| run.token == analysis.token)) {
            for analysis in round {
                if let Some(run) = all.iter_mut().find(|run| run.token == analysis.token) {
                    run.learn(analysis);
                }
            }
        }
    }

    fn obey(&mut self, request: Request) {
        self.news = true;
        match request {
            Request::On(run, request) => return self.obey_of(run, *request),
            Request::Change(..)
            | Request::Restart(..)
            | Request::Replace(..)
            | Request::Undo(_)
            | Request::Redo(_) => {
                return self.obey_of(0, request);
            }
            Request::Replay(number, replay) => {
                let made = Run::replaying(&replay).map(aside::alone);
                self.shelf.forget();
                return self.restart(number, made, None);
            }
            Request::Copy(..) | Request::Drop(..) | Request::Alone(_) | Request::Seeds(..) => {
                return self.obey_about_company(&request);
            }
            Request::Seek(..) | Request::Branch(_) | Request::Switch(..) | Request::Forget(..) => {
                return self.move_in_time(&request);
            }
            Request::Until(step) => {
                self.until = step;
                return;
            }
            Request::Noted(number, requests) => {
                let step = self.run.as_ref().map_or_else(|| self.slot.load().step, Run::step);
                self.noted = Some((number, step));
                return requests.into_iter().for_each(|request| self.obey(request));
            }
            Request::Pace(pace) => {
                self.pace = pace;
                self.owed = 0.0;
                return;
            }
            _ => {}
        }
        let Some(run) = &mut self.run else { return };
        match request {
            Request::Run(true) => run.go(),
            Request::Run(false) => run.stop(),
            Request::Step(steps) => {
                run.pause();
                run.seek(To::By(i64::try_from(steps).unwrap_or(i64::MAX)));
            }
            Request::Project(chosen) => {
                run.project(chosen);
                self.company.runs_mut().iter_mut().for_each(|run| run.project(chosen));
            }
            Request::Forces(_) | Request::Inspect(_) | Request::Laws(_) => {
                run.want(&request);
                self.company.runs_mut().iter_mut().for_each(|run| run.want(&request));
            }
            Request::Show(shown) => {
                if !run.is_touring() {
                    self.toured = Instant::now();
                }
                run.show(shown);
                self.company.runs_mut().iter_mut().for_each(|run| run.show(shown));
            }
            Request::Tour(phase) => {
                self.toured = Instant::now();
                run.tour_to(phase);
                self.company.runs_mut().iter_mut().for_each(|run| run.tour_to(phase));
            }
            Request::Afresh => {
                run.afresh();
                self.shelf.forget();
                self.company.share_memory(run, self.shelf.room());
            }
            Request::Lock(locked) => self.company.lock(locked),
            Request::Accelerate => {
                self.accelerates = true;
                self.accelerate();
            }
            _ => {}
        }
    }

    fn move_in_time(&mut self, request: &Request) {
        let (Request::Seek(number, _)
        | Request::Branch(number)
        | Request::Switch(number, _)
        | Request::Forget(number, _)) = *request
        else {
            return;
        };
        let moved = match &mut self.run {
            Some(run) => run.move_in_time(request),
            None => Err("the run has failed: restart it".into()),
        };
        if matches!(request, Request::Switch(..))
            && let Some(run) = &self.run
        {
            self.company.changed(run);
        }
        self.renew_all();
        self.answer(number, moved);
    }

    fn answer(&mut self, number: u64, result: Result<(), String>) {
        self.answered = number;
        self.refusal = result.err();
    }

    /// Puts the newest snapshot into the slot, and its state before the analyst.
    fn publish(&mut self) {
        if !std::mem::take(&mut self.news) {
            return;
        }
        if self.run.as_ref().is_some_and(|run| !self.company.is_level(run)) {
            return self.publish_gathering();
        }
        let held = self.is_held();
        let Some(run) = &mut self.run else { return };
        run.read_back();
        let toured = std::mem::replace(&mut self.toured, Instant::now()).elapsed().as_secs_f64();
        run.tour_on(toured);
        self.company.runs_mut().iter_mut().for_each(|run| run.tour_on(toured));
        let mut snapshot = run.snapshot();
        snapshot.company = self.company.told(run);
        let others = self.company.runs();
        snapshot.time.used += others.iter().map(Run::memory).sum::<usize>() + self.shelf.memory();
        snapshot.time.budget = super::timeline::BUDGET;
        snapshot.time.aside.clone_from(self.shelf.told());
        // Numbers of runs side by side are of one step: all are looked for together.
        if !run.is_analysed() || others.iter().any(|run| !run.is_analysed()) {
            let round = || std::iter::once(&*run).chain(others).map(Run::job).collect();
            self.analyst.try_give(run.status == Status::Running && !held, round);
        }
        let last = self.slot.load();
        if run.status == Status::Running && !held && last.generation == self.generation {
            // Smoothed over about ten frames.
            let now = (snapshot.step.saturating_sub(last.step)) as f64 / FRAME.as_secs_f64();
            self.speed = if last.speed > 0.0 { 0.9 * self.speed + 0.1 * now } else { now };
        } else {
            self.speed = 0.0;
        }
        snapshot.answered = self.answered;
        snapshot.refusal.clone_from(&self.refusal);
        snapshot.noted = self.noted;
        snapshot.generation = self.generation;
        snapshot.pace = self.pace;
        snapshot.speed = self.speed;
        self.slot.store(Arc::new(snapshot));
    }

    /// Puts the picture of a run that stands a little further along its tour into the slot; all else is as it was.
    fn repaint(&mut self) {
        let Some(run) = self.run.as_mut().filter(|run| run.is_touring()) else { return };
        run.tour_on(std::mem::replace(&mut self.toured, Instant::now()).elapsed().as_secs_f64());
        let picture = Arc::new(run.picture());
        self.slot.store(Arc::new(Snapshot { picture, ..Snapshot::clone(&self.slot.load()) }));
    }

    /// Does something; a panic ends the run, not the thread.
    fn guarded(&mut self, deed: impl FnOnce(&mut Self)) {
        let outcome = catch_unwind(AssertUnwindSafe(|| deed(self)));
        if let Err(panic) = outcome {
            let said = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("no message");
            self.run = None;
            self.company.leave();
            let mut last = Snapshot::clone(&self.slot.load());
            last.status = Status::Failed(format!("the simulation hit a bug of its own: {said}"));
            last.answered = self.answered.max(last.answered);
            last.noted = self.noted;
            last.speed = 0.0;
            last.company = None;
            self.slot.store(Arc::new(last));
        }
    }
}
