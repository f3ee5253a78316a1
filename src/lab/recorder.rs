//! Recording a session: the events of the person with the steps at which they happened, written as they come.
//!
//! While a session is recorded, an event is taken in only when all that followed from the one before it is on the
//! screen. So what the screen knew when it gave an event its meaning is what it will know when that is played.
//! An event is written when the simulation has said at which step it heard of it; so a recording that is cut off, by
//! whatever, goes as far as its last line.

use std::path::Path;
use std::time::{Duration, Instant};

use super::export::{self, ExportError, Grown};
use crate::app::{App, Command, Message, REST, Tape};
use crate::recording::{Beginning, ENDING, End, Entry, MOST_EVENTS, What, is_sayable};
use crate::share::{Share, ShareError};
use crate::simulation::Simulation;
use crate::snapshot::{Request, Snapshot, Status};

/// How long the end of a recording waits for the simulation to say at which step it heard the last event.
const LAST_WORD: Duration = Duration::from_secs(2);

/// Why no recording began.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unbegun {
    /// A replay could not begin here.
    #[error("{0}")]
    Refused(String),
    /// The moment has no share string.
    #[error(transparent)]
    Unsaid(#[from] ShareError),
    /// No file can be made.
    #[error(transparent)]
    Unwritten(#[from] ExportError),
}

/// A recording that is being made.
pub(super) struct Recorder {
    beginning: Beginning,
    file: Grown,
    begins: Instant,
    /// The milliseconds at which the event that is being taken in came, and those of the last one of a person.
    times: (u64, u64),
    /// The number of the last request whose step is to be noted.
    number: u64,
    /// Whether the simulation owes the step at which it heard that: of the beginning, or of the first of `unwritten`.
    owed: bool,
    /// Whether the beginning is written.
    begun: bool,
    /// Events that are not written yet.
    unwritten: Vec<Entry>,
    /// How many events there are.
    count: usize,
    marks: usize,
    /// The step at which the last event that was written was heard.
    last: u64,
    /// Whether it was written that the run has stopped for good, and nothing was asked since.
    diverged: bool,
    fault: Option<String>,
}

impl Recorder {
    /// Begins at this moment, in a new file of a folder. What is on the screen then is what a replay begins with.
    ///
    /// # Errors
    /// [`Unbegun`], where a replay could not begin here or no file can be made.
    pub(super) fn begin(app: &mut App, simulation: &Simulation, folder: &Path) -> Result<Self, Unbegun> {
        let refused = |why: &str| Err(Unbegun::Refused(why.to_owned()));
        if app.lesson.is_some() {
            return refused("a lesson is not recorded: leave it first");
        }
        if app.compares() {
            return refused("a recording begins with one run: leave the comparison first");
        }
        if matches!(app.snapshot.status, Status::Diverged { .. } | Status::Failed(_)) {
            return refused("the run has stopped for good: R restarts it, and that can be recorded");
        }
        if !app.is_settled() {
            return refused("the run is on its way: record when it has arrived");
        }
        // A share string rounds where nobody sees it; the recording begins with what it holds.
        let text = app.line().encode()?;
        let share = Share::decode(&text)?;
        let beginning = Beginning {
            size: app.size,
            engine: app.snapshot.engine.to_owned(),
            pace: app.snapshot.pace,
            row: app.row,
            keymap: app.keymap.clone(),
            step: app.snapshot.step,
            running: app.snapshot.status == Status::Running,
            share,
        };
        let file = export::begin(folder, ENDING)?;
        let number = app.snapshot.noted.map_or(0, |(number, _)| number) + 1;
        let requests = set_out(app, &beginning);
        if !simulation.ask(Request::Noted(number, requests)) {
            return refused("the simulation is too busy: try again");
        }
        app.tape = Some(Tape::Recording(0));
        Ok(Self {
            last: beginning.step,
            beginning,
            file,
            begins: Instant::now(),
            times: (0, 0),
            number,
            owed: true,
            begun: false,
            unwritten: Vec::new(),
            count: 0,
            marks: 0,
            diverged: false,
            fault: None,
        })
    }

    /// The name of the file.
    pub(super) fn name(&self) -> String {
        self.file.name()
    }

    /// Whether the next event may be taken in.
    pub(super) fn is_ready(&self, app: &App) -> bool {
        !self.owed && app.is_settled() || matches!(app.snapshot.status, Status::Failed(_))
    }

    /// Looks whether the simulation has said when it heard the last event, and writes what is known whole.
    pub(super) fn hear(&mut self, noted: Option<(u64, u64)>) {
        if self.owed
            && let Some((number, step)) = noted
            && number == self.number
        {
            self.owed = false;
            if self.begun {
                // A mark that came with the event stands where the run stood by then.
                let mut entries = self.unwritten.iter_mut();
                entries.next().into_iter().for_each(|entry| entry.heard = step);
                entries.for_each(|mark| (mark.seen, mark.heard) = (step, step));
            } else {
                self.beginning.step = step;
                self.beginning.share.step = self.beginning.share.step.max(step);
                self.last = step;
            }
        }
        if !self.owed {
            self.write();
        }
    }

    fn write(&mut self) {
        let mut text = String::new();
        if !std::mem::replace(&mut self.begun, true) {
            match self.beginning.print() {
                Ok(head) => text = head,
                Err(error) => self.fault = Some(error.to_string()),
            }
        }
        for entry in self.unwritten.drain(..) {
            text.push_str(&entry.print());
            self.last = entry.heard;
        }
        self.grow(&text);
    }

    fn grow(&mut self, text: &str) {
        if self.fault.is_none() {
            self.fault = self.file.write(text).err().map(|error| error.to_string());
        }
    }

    /// An event was lost on its way: nothing that comes after it could be played.
    pub(super) fn lose(&mut self) {
        self.unwritten.clear();
        self.owed = false;
        self.fault = Some("the simulation was too busy to hear of it".to_owned());
    }

    /// Why it cannot go on, if it cannot.
    pub(super) fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }

    /// The event that a message is, where it is one of the person's that means something.
    pub(super) fn of_message(message: &Message) -> Option<What> {
        let what = match message {
            Message::Key(key) => What::Key(*key),
            Message::Mouse(mouse) => What::Mouse(*mouse),
            Message::Paste(text) => What::Paste(text.clone()),
            Message::Resize(width, height) => What::Resize(*width, *height),
            Message::Snapshot(_)
            | Message::Frame
            | Message::Rest
            | Message::Said(_)
            | Message::Unwritten(_) => {
                return None;
            }
        };
        is_sayable(&what).then_some(what)
    }

    /// An event is about to be taken in; whether nobody had done anything before it for long enough to be said
    /// ([`Message::Rest`]). A replay reads the same from the times that are written.
    pub(super) fn rests(&mut self) -> bool {
        self.times.0 = self.ms();
        rested(self.times.1, self.times.0)
    }

    /// Takes an event down, with what was on the screen when it was taken in; what it asks of the simulation is put so
    /// that its step is noted.
    pub(super) fn take(&mut self, what: What, seen: &Snapshot, commands: Vec<Command>) -> Vec<Command> {
        let (asks, mut rest) = split(commands);
        self.look(seen);
        if !asks.is_empty() {
            // What waits for its step comes first of what is not written.
            self.write();
        }
        self.push(seen.step, what);
        self.times.1 = self.times.0;
        if asks.is_empty() {
            self.write();
        } else {
            self.diverged = false;
            self.number += 1;
            self.owed = true;
            rest.insert(0, Command::Ask(Request::Noted(self.number, asks)));
        }
        rest
    }

    /// Takes down that the run has stopped for good, where that is to be seen.
    fn look(&mut self, seen: &Snapshot) {
        let diverged = matches!(seen.status, Status::Diverged { .. });
        if diverged && !std::mem::replace(&mut self.diverged, diverged) {
            self.push(seen.step, What::Diverged);
        }
    }

    fn push(&mut self, step: u64, what: What) {
        self.count += 1;
        let ms = self.times.0;
        self.unwritten.push(Entry { seen: step, heard: step, ms, what });
    }

    /// Whether no more fits into it.
    pub(super) fn is_full(&self) -> bool {
        self.count + 3 >= MOST_EVENTS
    }

    /// Puts a mark, and says so.
    pub(super) fn mark(&mut self, app: &mut App) -> String {
        let step = app.snapshot.step;
        self.marks += 1;
        self.times.0 = self.ms();
        if !self.owed {
            self.look(&app.snapshot);
        }
        self.push(step, What::Mark(self.marks.to_string()));
        if !self.owed {
            self.write();
        }
        app.tape = Some(Tape::Recording(self.marks));
        format!("mark {} at step {step}", self.marks)
    }

    /// Ends it; says in one sentence where it is. An event of which the simulation has not heard by then is not in it.
    ///
    /// # Errors
    /// One sentence.
    pub(super) fn end(mut self, app: &mut App, simulation: &Simulation) -> Result<String, String> {
        app.tape = None;
        let began = Instant::now();
        self.hear(simulation.snapshot().noted);
        while self.owed && began.elapsed() < LAST_WORD {
            std::thread::sleep(Duration::from_millis(2));
            self.hear(simulation.snapshot().noted);
        }
        if !self.begun {
            return Err("nothing was recorded: the simulation was too busy to begin".to_owned());
        }
        let newest = simulation.snapshot();
        self.times.0 = self.ms();
        if !self.owed {
            self.look(&newest);
            self.write();
        }
        let end = self.ending(app, &newest);
        self.grow(&end.print());
        match self.fault {
            None => Ok(format!("wrote {}: losslab replay plays it", self.file.place())),
            Some(fault) => Err(format!("the recording broke off: {fault}")),
        }
    }

    fn ending(&self, app: &App, newest: &Snapshot) -> End {
        let answered = !self.owed && newest.answered >= app.asked;
        let arrived = answered && newest.time.journey.is_none();
        let step = match newest.time.journey {
            Some((_, goal)) if answered => goal,
            None if answered => newest.step,
            _ => self.last,
        };
        // Another engine may have come on the way; its last digits are its own.
        let known = arrived && newest.loss.is_finite() && newest.engine == self.beginning.engine;
        End { step, ms: self.ms(), loss: known.then_some(newest.loss), broken: false }
    }

    fn ms(&self) -> u64 {
        u64::try_from(self.begins.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Puts the screen at the beginning of a recording, made or played; what the simulation is to do there.
pub(super) fn set_out(app: &mut App, beginning: &Beginning) -> Vec<Request> {
    let (looks, _) = split(app.begin_tape(&beginning.share.view, beginning.row));
    let mut requests = vec![Request::Afresh];
    requests.extend(looks);
    if beginning.running {
        requests.push(Request::Run(true));
    }
    requests
}

/// Whether between two events of a person, at these milliseconds of a recording, nothing was done for [`REST`].
pub(super) fn rested(last: u64, now: u64) -> bool {
    u128::from(now.saturating_sub(last)) >= REST.as_millis()
}

/// What is asked of the simulation, and the rest.
pub(super) fn split(commands: Vec<Command>) -> (Vec<Request>, Vec<Command>) {
    let (mut asks, mut rest) = (Vec::new(), Vec::new());
    for command in commands {
        match command {
            Command::Ask(request) => asks.push(request),
            other => rest.push(other),
        }
    }
    (asks, rest)
}
