//! Playing a recording: its events come to the screen when their time has come and the run stands at their step.
//!
//! The simulation is held ([`Request::Until`]) at the step of what comes next, so that no machine is too fast; a slow
//! one is waited for. Whatever is waited for is on its way, or the replay ends with a sentence that names the line: it
//! never waits for what cannot come. With a screen it is one of the lab, without one it is [`headless`].

pub mod headless;

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::recorder::{rested, set_out, split};
use crate::app::{App, Keymap, Message, Tape};
use crate::experiment::nearest::did_you_mean;
use crate::recording::{Recording, What};
use crate::simulation::Simulation;
use crate::snapshot::{Pace, Replay, Request, Snapshot, Status, To};

/// After so long without a word of the simulation it is not waited for any more.
const PATIENCE: Duration = Duration::from_mins(1);
/// No more than this is counted between two looks: whoever was stopped himself has not waited.
const LOOK: Duration = Duration::from_millis(200);

/// A recording and where it stands.
#[derive(Clone, Debug)]
pub struct Player {
    recording: Recording,
    /// The place of what comes next; the end comes after the last event.
    at: usize,
    phase: Phase,
    /// The number of the last request whose step is noted.
    number: u64,
    /// How many times as fast as it was recorded; nothing is as fast as it goes.
    speed: Option<f64>,
    /// The one mark to stop at; else every one.
    stop_at: Option<String>,
    /// When the time of the recording was this many milliseconds.
    clock: (Instant, u64),
    /// The milliseconds of the last event of the person.
    touched: u64,
    /// The size of the terminal it was recorded on, by now.
    size: (u16, u16),
    /// How fast the recorded run went, by now.
    pace: Pace,
    /// Whether it is to stand as soon as it can.
    holds: bool,
    /// Whether the simulation did not take a request.
    unheard: bool,
    /// Since when the simulation is looked at, for how long it has said nothing, and what it said last.
    silence: Option<(Instant, Duration, Arc<Snapshot>)>,
    /// The keys of whoever sits here.
    own_keys: Option<Keymap>,
}

#[derive(Clone, Debug, PartialEq)]
enum Phase {
    /// The run is made again as far as it had gone.
    Opening,
    /// It goes back to where it stood when the recording began.
    GoingBack,
    /// The next event waits for its time and step.
    Due,
    /// The last event waits for the step at which these were heard.
    Hearing(Vec<Request>),
    /// Waiting for the answer to what was heard at this step.
    Answering(u64),
    /// Waiting for the run to stop for good, as it did.
    Diverging,
    /// Standing at a mark, or where a person has stopped it.
    Standing(Option<String>),
    /// Everything was played.
    Over,
}

/// What came of playing on.
#[derive(Clone, Debug, PartialEq)]
pub enum Played {
    /// There is nothing to do before this time has passed, or before the simulation has something new.
    Waits(Duration),
    /// It stands: at a mark, or where a person has stopped it.
    Stands(Option<String>),
    /// It is over.
    Over,
}

impl Player {
    /// A player at the beginning.
    ///
    /// # Errors
    /// One sentence, where there is no mark of this name. The word `mark:` may stand before it.
    pub fn new(recording: Recording, speed: Option<f64>, stop_at: Option<&str>) -> Result<Self, String> {
        let stop_at = match stop_at {
            None => None,
            Some(name) => {
                let name = name.strip_prefix("mark:").unwrap_or(name);
                if !recording.marks().any(|mark| mark == name) {
                    let hint = did_you_mean(name, recording.marks());
                    let name = crate::data::printable(name);
                    return Err(match recording.marks().count() {
                        0 => "this recording has no marks to stop at".to_owned(),
                        count => format!("none of its {count} marks is called \"{name}\"{hint}"),
                    });
                }
                Some(name.to_owned())
            }
        };
        Ok(Self {
            at: 0,
            phase: Phase::Opening,
            number: 0,
            speed,
            stop_at,
            clock: (Instant::now(), 0),
            touched: 0,
            size: recording.beginning.size,
            pace: recording.beginning.pace,
            holds: false,
            unheard: false,
            silence: None,
            own_keys: None,
            recording,
        })
    }

    /// What is played.
    pub fn recording(&self) -> &Recording {
        &self.recording
    }

    /// How fast the recorded run went by now.
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// The keys of whoever sits here.
    pub fn own_keys(&self) -> Keymap {
        self.own_keys.clone().unwrap_or_default()
    }

    /// Whether it stands.
    pub fn stands(&self) -> bool {
        matches!(self.phase, Phase::Standing(_))
    }

    /// Takes the screen and the simulation to the moment of the beginning.
    pub fn open(&mut self, app: &mut App, simulation: &Simulation) {
        let keys = self.recording.beginning.keymap.clone();
        self.own_keys = Some(std::mem::replace(&mut app.keymap, keys));
        app.asked += 1;
        let share = &self.recording.beginning.share;
        let (start, edits, step) = (share.experiment.clone(), share.edits.clone(), share.step);
        let replay = Request::Replay(app.asked, Box::new(Replay { start, edits, step }));
        self.ask(simulation, Request::Run(false));
        self.ask(simulation, Request::Pace(self.pace_here(self.pace)));
        self.ask(simulation, replay);
        self.tell(app);
    }

    /// Lets go of screen and simulation, which stands where it is.
    pub fn release(self, app: &mut App, simulation: &Simulation) {
        app.tape = None;
        app.keymap = self.own_keys();
        for request in [Request::Run(false), Request::Until(None), Request::Pace(self.pace)] {
            // One that is too busy for it has failed, or will say so at the next key.
            simulation.ask(request);
        }
    }

    /// Goes on as far as it can now.
    ///
    /// # Errors
    /// One sentence with the line, where it cannot go on: the run goes another way than the recorded one did, or not at
    /// all.
    pub fn play(&mut self, app: &mut App, simulation: &Simulation) -> Result<Played, String> {
        loop {
            let snapshot = app.snapshot.clone();
            if let Status::Failed(why) = &snapshot.status {
                return Err(self.at_its_line(&format!("the run has failed: {why}")));
            }
            if self.unheard {
                return Err(self.at_its_line("the simulation is too busy to hear what is to be played"));
            }
            let settled = app.is_settled();
            match &self.phase {
                Phase::Over => return Ok(Played::Over),
                Phase::Standing(mark) => return Ok(Played::Stands(mark.clone())),
                Phase::Opening | Phase::GoingBack if settled => {
                    if let Some(refusal) = &snapshot.refusal {
                        return Err(self.at_its_line(&format!("it cannot begin: {refusal}")));
                    }
                    let begin = self.recording.beginning.step;
                    if snapshot.step == begin {
                        self.clock = (Instant::now(), 0);
                        let requests = set_out(app, &self.recording.beginning);
                        self.tell(app);
                        self.ask_noted(simulation, requests, begin);
                    } else if self.phase == Phase::Opening && snapshot.step > begin {
                        self.phase = Phase::GoingBack;
                        app.asked += 1;
                        self.ask(simulation, Request::Seek(app.asked, To::Step(begin)));
                    } else {
                        return Err(self.departed(begin, snapshot.step));
                    }
                }
                Phase::Answering(heard) if settled => match snapshot.noted {
                    Some((number, step)) if number == self.number && step == *heard => {
                        self.phase = Phase::Due;
                    }
                    Some((number, step)) if number == self.number => {
                        return Err(self.departed(*heard, step));
                    }
                    _ => return self.waits(app),
                },
                Phase::Hearing(requests) if snapshot.step == self.heard() => {
                    let requests = requests.clone();
                    self.ask_noted(simulation, requests, snapshot.step);
                }
                Phase::Due if settled && std::mem::take(&mut self.holds) => {
                    let (since, before) = self.clock;
                    let passed = since.elapsed().as_secs_f64() * 1000.0 * self.speed.unwrap_or(1.0);
                    self.clock.1 = (before + passed as u64).min(self.ms());
                    self.phase = Phase::Standing(None);
                    self.ask(simulation, Request::Until(Some(snapshot.step)));
                    self.tell(app);
                }
                Phase::Due if settled && self.is_there(snapshot.step) => {
                    let wait = self.until_due();
                    if wait > Duration::ZERO {
                        self.silence = None;
                        return Ok(Played::Waits(wait));
                    }
                    self.play_next(app, simulation);
                }
                Phase::Diverging if matches!(snapshot.status, Status::Diverged { .. }) && settled => {
                    if snapshot.step != self.heard() {
                        return Err(self.departed(self.heard(), snapshot.step));
                    }
                    self.ask(simulation, Request::Until(Some(self.recording.seen(self.at))));
                    self.phase = Phase::Due;
                }
                // The step that cannot be made is tried.
                Phase::Diverging => return self.comes_to(self.heard() + 1, app),
                Phase::Hearing(_) => return self.comes_to(self.heard(), app),
                Phase::Due if settled => return self.comes_to(self.recording.seen(self.at), app),
                Phase::Opening | Phase::GoingBack | Phase::Due | Phase::Answering(_) => {
                    return self.waits(app);
                }
            }
        }
    }

    /// Stands as soon as it can.
    pub fn hold(&mut self) {
        self.holds = true;
    }

    /// Goes on from where it stands.
    pub fn go_on(&mut self, app: &mut App, simulation: &Simulation) {
        if self.stands() {
            self.holds = false;
            self.clock.0 = Instant::now();
            self.phase = Phase::Due;
            self.ask(simulation, Request::Until(Some(self.recording.seen(self.at))));
            self.tell(app);
        }
    }

    /// Whether what stands there in the end is what stood there when it was recorded.
    ///
    /// # Errors
    /// One sentence with the line, where it is not.
    pub fn compare(&self, snapshot: &Snapshot) -> Result<(), String> {
        match self.recording.end.loss {
            Some(loss)
                if loss.to_bits() != snapshot.loss.to_bits()
                    && self.recording.beginning.engine == snapshot.engine =>
            {
                let now = snapshot.loss;
                Err(self
                    .at_its_line(&format!("the recorded loss is {loss:?}, and the one played is {now:?}")))
            }
            _ => Ok(()),
        }
    }

    fn play_next(&mut self, app: &mut App, simulation: &Simulation) {
        let Some(entry) = self.recording.events.get(self.at).cloned() else {
            self.phase = Phase::Over;
            return self.tell(app);
        };
        self.at += 1;
        let message = match entry.what {
            What::Mark(name) => {
                if self.stop_at.as_ref().is_none_or(|wanted| *wanted == name) {
                    self.clock.1 = entry.ms;
                    self.phase = Phase::Standing(Some(name));
                } else {
                    self.ask(simulation, Request::Until(Some(self.recording.seen(self.at))));
                }
                return self.tell(app);
            }
            What::Diverged => {
                self.phase = Phase::Diverging;
                return self.ask(simulation, Request::Until(Some(entry.seen + 1)));
            }
            What::Key(key) => Message::Key(key),
            What::Mouse(mouse) => Message::Mouse(mouse),
            What::Paste(text) => Message::Paste(text),
            What::Resize(width, height) => {
                self.size = (width, height);
                Message::Resize(width, height)
            }
        };
        if app.snapshot.pace != self.pace {
            Arc::make_mut(&mut app.snapshot).pace = self.pace;
        }
        // Clicks mean what lay under them where they were made; the terminal here has its own size, and its own mouse.
        let (size, mouse) = (std::mem::replace(&mut app.size, self.size), app.mouse);
        if rested(std::mem::replace(&mut self.touched, entry.ms), entry.ms) {
            app.update(Message::Rest);
        }
        let commands = app.update(message);
        (app.size, app.mouse, app.filming) = (size, mouse, false);
        // What it wrote and copied it does not write and copy again.
        let (asks, _) = split(commands);
        let asks: Vec<Request> = asks.into_iter().filter_map(|request| self.here(request)).collect();
        if asks.is_empty() {
            self.ask(simulation, Request::Until(Some(self.recording.seen(self.at))));
        } else {
            self.ask(simulation, Request::Until(Some(entry.heard)));
            self.phase = Phase::Hearing(asks);
        }
        self.tell(app);
    }

    /// A request as it is made here: at the pace of this replay, and without a clock nothing moves by one.
    fn here(&mut self, request: Request) -> Option<Request> {
        match request {
            Request::Pace(pace) => {
                self.pace = pace;
                self.speed.is_some().then(|| Request::Pace(self.pace_here(pace)))
            }
            Request::Show(mut shown) => {
                shown.touring &= self.speed.is_some();
                Some(Request::Show(shown))
            }
            other => Some(other),
        }
    }

    /// How fast the run is to go here where the recorded one went at a pace; rather too fast, since it is held.
    fn pace_here(&self, pace: Pace) -> Pace {
        match self.speed {
            Some(speed) => pace.changed(speed.log2().ceil().clamp(-20.0, 20.0) as i8),
            None => Pace::BOUNDS.1,
        }
    }

    /// Passes on what the screen asks for by itself.
    fn pass_on(&mut self, simulation: &Simulation, request: Request) {
        if let Some(request) = self.here(request) {
            self.ask(simulation, request);
        }
    }

    fn ask(&mut self, simulation: &Simulation, request: Request) {
        self.unheard |= !simulation.ask(request);
    }

    /// Asks at this step, on the way to what comes next.
    fn ask_noted(&mut self, simulation: &Simulation, requests: Vec<Request>, step: u64) {
        self.number += 1;
        let mut all = vec![Request::Until(Some(self.recording.seen(self.at)))];
        all.extend(requests);
        self.ask(simulation, Request::Noted(self.number, all));
        self.phase = Phase::Answering(step);
    }

    /// The step at which the last event was heard.
    fn heard(&self) -> u64 {
        self.recording.events.get(self.at.saturating_sub(1)).map_or(0, |entry| entry.heard)
    }

    /// Whether what comes next is to happen at this step. Where a recording broke off nobody knows the last one.
    fn is_there(&self, step: u64) -> bool {
        step == self.recording.seen(self.at)
            || self.at == self.recording.events.len() && self.recording.end.broken
    }

    /// The time of the next event.
    fn ms(&self) -> u64 {
        self.recording.events.get(self.at).map_or(self.recording.end.ms, |entry| entry.ms)
    }

    /// The time until the next event.
    fn until_due(&self) -> Duration {
        let Some(speed) = self.speed else { return Duration::ZERO };
        let (since, before) = self.clock;
        let seconds = self.ms().saturating_sub(before) as f64 / 1000.0 / speed;
        let due = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        due.saturating_sub(since.elapsed())
    }

    /// Waits for a step, if the run is on its way there.
    fn comes_to(&mut self, wanted: u64, app: &App) -> Result<Played, String> {
        let snapshot = &app.snapshot;
        // Not whether all is answered: what the event asks for is sent only there.
        let runs = snapshot.status == Status::Running && snapshot.step < wanted;
        if runs || snapshot.time.journey.is_some() {
            return self.waits(app);
        }
        Err(self.departed(wanted, snapshot.step))
    }

    /// Waits for the simulation, but not for one that has fallen silent.
    fn waits(&mut self, app: &App) -> Result<Played, String> {
        let now = Instant::now();
        let waited = match self.silence.take() {
            Some((last, waited, said)) if Arc::ptr_eq(&said, &app.snapshot) => {
                waited + now.duration_since(last).min(LOOK)
            }
            _ => Duration::ZERO,
        };
        if waited > PATIENCE {
            return Err(self.at_its_line("the simulation has not said a word for a minute"));
        }
        self.silence = Some((now, waited, app.snapshot.clone()));
        Ok(Played::Waits(Duration::MAX))
    }

    fn departed(&self, wanted: u64, now: u64) -> String {
        self.at_its_line(&format!(
            "the recorded run was at step {wanted}, this one is at {now}: it cannot be played on (recorded on the {} engine)",
            self.recording.beginning.engine
        ))
    }

    /// What is wrong, with the line at which that is: of what is played, or comes next, or of the beginning.
    fn at_its_line(&self, what: &str) -> String {
        let line = match self.phase {
            Phase::Opening | Phase::GoingBack => self.recording.beginning.lines(),
            Phase::Hearing(_) | Phase::Answering(_) | Phase::Diverging => self.recording.line(self.at) - 1,
            Phase::Due | Phase::Standing(_) | Phase::Over => self.recording.line(self.at),
        };
        format!("line {line}: {what}")
    }

    /// Tells the title.
    fn tell(&self, app: &mut App) {
        let ahead = self.recording.events.iter().skip(self.at).filter_map(|entry| match &entry.what {
            What::Mark(name) => Some(name),
            _ => None,
        });
        let next = ahead.into_iter().find(|name| self.stop_at.as_ref().is_none_or(|wanted| wanted == *name));
        let (mark, stands) = match &self.phase {
            Phase::Standing(mark) => (mark.clone(), true),
            _ => (next.cloned(), false),
        };
        app.tape = Some(Tape::Playing { at: self.at, of: self.recording.events.len(), mark, stands });
    }
}

#[cfg(test)]
mod tests;
