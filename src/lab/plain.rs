//! The lab in lines of plain sentences: no escape code, commands typed on stdin. For screen readers, logs and pipes.
//! It is the same lab: what a command does is done by [`App`], what is said comes from [`crate::describe`].

use std::io::{BufRead as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, unbounded};

use super::export;
use crate::app::keys::{Action, KEYS};
use crate::app::{App, Camera, Command, Message};
use crate::config::Config;
use crate::data::printable;
use crate::describe;
use crate::experiment::file::Document;
use crate::experiment::nearest::did_you_mean;
use crate::simulation::Simulation;
use crate::snapshot::{Inspection, Pace, Request, Snapshot, Status};

/// How often a new snapshot is looked for.
const LOOK: Duration = Duration::from_millis(20);
/// The first step that is told unasked; then every doubling of it.
const FIRST: u64 = 100;
/// After so many looks the geometry is said as it is, with its own step.
const LONGEST_MEASURE: usize = 3000;
/// Longer lines are not read.
const LONGEST_LINE: usize = 4096;

/// The words that are commands beside the names of actions, and what they do.
const WORDS: [(&str, &str); 12] = [
    ("run", "run on"),
    ("pause", "pause"),
    ("step", "make one step, or as many as a number says: step 50"),
    ("set", "set what the params pane shows: set margin=0.4"),
    ("objective", "minimise something else: objective softmax + 0.1*opl(gamma=0.5)"),
    ("seed", "restart from another seed: seed 7"),
    ("point", "pick a row, and say who pulls it: point 37; alone: the one picked"),
    ("params", "say what can be set, and its values"),
    ("describe", "say everything the screen would show"),
    ("actions", "say every action of the lab that can be typed"),
    ("help", "say these commands"),
    ("quit", "leave"),
];

/// Opens the line mode, a share string at its step, and stays until the input ends or says quit.
pub fn open(document: &Document, config: &Config) -> ExitCode {
    let experiment = &document.experiment;
    let simulation = match Simulation::start(experiment) {
        Ok(simulation) => simulation,
        Err(sentence) => {
            let _ = writeln!(std::io::stderr(), "losslab: {sentence}");
            return ExitCode::from(2);
        }
    };
    simulation.ask(Request::Accelerate);
    simulation.ask(Request::Pace(config.pace));
    let mut app = App::new(simulation.snapshot(), (80, 24));
    // A line that was typed is meant.
    app.asks = false;
    let mut lines = Lines {
        simulation,
        app,
        typed: listen(),
        next: FIRST,
        holds: None,
        deaf: false,
        steps: experiment.steps,
    };
    match lines.open_at(document).and_then(|()| lines.stay()) {
        Ok(code) => ExitCode::from(code),
        // A reader that has left is no fault of ours.
        Err(_) => ExitCode::SUCCESS,
    }
}

/// Reads stdin on a thread of its own, which ends with the program; `None` is the end of the input.
fn listen() -> Receiver<Option<String>> {
    let (sender, receiver) = unbounded();
    let read = move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            if sender.send(Some(line)).is_err() {
                return;
            }
        }
        let _ = sender.send(None);
    };
    // Without the thread nothing can be typed, which is the same as an input that has ended.
    let _ = std::thread::Builder::new().name("losslab-input".into()).spawn(read);
    receiver
}

struct Lines {
    simulation: Simulation,
    app: App,
    typed: Receiver<Option<String>>,
    /// The next step that is told unasked.
    next: u64,
    /// Commands wait until the run stands at this step or beyond.
    holds: Option<u64>,
    /// Whether the input has ended.
    deaf: bool,
    /// Where a run ends that nobody can say anything to.
    steps: u64,
}

type Written<T> = std::io::Result<T>;

/// Whether a run stands still and its geometry is about to be that of the state.
fn measuring(snapshot: &Snapshot) -> bool {
    !matches!(snapshot.status, Status::Running | Status::Failed(_)) && !snapshot.analysed
}

impl Lines {
    /// Goes to the moment of a share string, and waits until it is there.
    fn open_at(&mut self, document: &Document) -> Written<()> {
        let commands = self.app.open_at(document);
        if commands.is_empty() {
            return Ok(());
        }
        self.perform(commands)?;
        while self.app.waits() || self.app.snapshot.time.journey.is_some() {
            std::thread::sleep(LOOK);
            self.take_in()?;
        }
        self.app.said = None;
        self.next = self.app.snapshot.step.max(FIRST).saturating_mul(2);
        Ok(())
    }

    fn stay(&mut self) -> Written<u8> {
        say(&describe::what_runs(&self.app.snapshot))?;
        say(&describe::state(&self.app.snapshot))?;
        say("Type help for what can be typed.")?;
        loop {
            self.look()?;
            if self.holding() {
                std::thread::sleep(LOOK);
                continue;
            }
            if self.deaf {
                let snapshot = &self.app.snapshot;
                if snapshot.status != Status::Running {
                    return self.end();
                }
                if snapshot.step >= self.steps {
                    // What it came to is measured where it stands.
                    self.simulation.ask(Request::Run(false));
                    self.holds = Some(0);
                }
                std::thread::sleep(LOOK);
                continue;
            }
            match self.typed.recv_timeout(LOOK) {
                Ok(Some(line)) if line.trim() == "quit" || line.trim() == "q" => return Ok(0),
                Ok(Some(line)) => self.obey(&line)?,
                Ok(None) | Err(RecvTimeoutError::Disconnected) => {
                    self.deaf = true;
                    // Nobody is left to watch it step by step, or to say that it is enough.
                    self.simulation.ask(Request::Until(Some(self.steps)));
                    self.simulation.ask(Request::Pace(Pace::BOUNDS.1));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// The last words of a run whose input has ended.
    fn end(&mut self) -> Written<u8> {
        self.everything()?;
        Ok(if matches!(self.app.snapshot.status, Status::Diverged { .. }) { 3 } else { 0 })
    }

    /// Takes in the newest snapshot; whether there was another.
    fn take_in(&mut self) -> Written<bool> {
        let newest = self.simulation.snapshot();
        if Arc::ptr_eq(&newest, &self.app.snapshot) {
            return Ok(false);
        }
        let commands = self.app.update(Message::Snapshot(newest));
        self.perform(commands)?;
        Ok(true)
    }

    /// Takes in the newest snapshot and says what has changed.
    fn look(&mut self) -> Written<()> {
        let before = self.app.snapshot.clone();
        if !self.take_in()? {
            return Ok(());
        }
        let now = self.app.snapshot.clone();
        if now.generation != before.generation {
            self.next = FIRST;
        }
        if now.status != before.status {
            say(&describe::state(&now))?;
        }
        if now.step >= self.next && !measuring(&now) {
            self.next = now.step.max(FIRST).saturating_mul(2);
            say(&describe::line(&now))?;
        }
        self.said()
    }

    /// What the screen would have in its status line.
    fn said(&mut self) -> Written<()> {
        match self.app.said.take() {
            Some(said) => say(&describe::sentence(&said.text)),
            None => Ok(()),
        }
    }

    /// Whether what was asked for last is still on its way.
    fn holding(&mut self) -> bool {
        let snapshot = &self.app.snapshot;
        if let Some(step) = self.holds {
            let there = snapshot.step >= step && snapshot.status != Status::Running;
            let over =
                matches!(snapshot.status, Status::Diverged { .. } | Status::Failed(_) | Status::Converged(_));
            if there || over {
                self.holds = None;
            }
        }
        let owes = self.app.snapshot.step >= self.next && measuring(&self.app.snapshot);
        self.holds.is_some() || self.app.waits() || owes
    }

    fn obey(&mut self, line: &str) -> Written<()> {
        let line = line.get(..LONGEST_LINE).unwrap_or(line).trim();
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        let done = match word {
            "" => Ok(Vec::new()),
            "run" => Ok(vec![Command::Ask(Request::Run(true))]),
            "pause" => {
                self.holds = Some(0);
                Ok(vec![Command::Ask(Request::Run(false))])
            }
            "step" => self.step(rest),
            "set" => match rest.split_once('=') {
                Some((name, value)) => self.app.set_by_name(name, value),
                None => Err("set takes a name and a value: set margin=0.4".to_owned()),
            },
            "objective" => self.app.take_expression(rest),
            "seed" => self.seed(rest),
            "describe" => return self.everything(),
            "point" => return self.point(rest),
            "params" => return self.params(),
            "actions" => return actions(),
            "help" | "?" => {
                for (word, help) in WORDS {
                    say(&format!("{word}: {help}."))?;
                }
                return Ok(());
            }
            _ => match Action::of_id(word) {
                Some(action) if rest.is_empty() => Ok(self.app.act(action)),
                Some(_) => Err(format!("{word} takes nothing after it")),
                None => {
                    let ids = Action::ids();
                    let known = WORDS.iter().map(|(word, _)| *word).chain(ids.iter().map(String::as_str));
                    Err(format!("no command is called \"{}\"{}", printable(word), did_you_mean(word, known)))
                }
            },
        };
        match done {
            Ok(commands) => self.perform(commands)?,
            Err(sentence) => say(&describe::sentence(&printable(&sentence)))?,
        }
        self.said()
    }

    fn step(&mut self, rest: &str) -> Result<Vec<Command>, String> {
        let steps = if rest.is_empty() { Ok(1) } else { rest.parse::<u64>() };
        match steps {
            Ok(steps) if (1..=10_000_000).contains(&steps) => {
                self.holds = Some(self.app.snapshot.step + steps);
                Ok(vec![Command::Ask(Request::Step(steps))])
            }
            _ => Err(format!("step takes a whole number from 1 to 10000000, not \"{}\"", printable(rest))),
        }
    }

    fn seed(&mut self, rest: &str) -> Result<Vec<Command>, String> {
        if rest.is_empty() {
            return Ok(self.app.act(Action::NewSeed));
        }
        let seed =
            rest.parse().map_err(|_| format!("seed takes a whole number, not \"{}\"", printable(rest)))?;
        // The action counts one on.
        self.app.experiment.seed = u64::wrapping_sub(seed, 1);
        Ok(self.app.act(Action::NewSeed))
    }

    fn perform(&mut self, commands: Vec<Command>) -> Written<()> {
        for command in commands {
            match command {
                Command::Ask(request) => {
                    if !self.simulation.ask(request) {
                        say("The simulation is too busy to hear this: try again.")?;
                    }
                }
                Command::Export(what) => {
                    let folder = std::env::current_dir().unwrap_or_else(|_| ".".into());
                    let written = export::write(
                        what,
                        &self.app.snapshot,
                        &Camera::default(),
                        &export::Screen::default(),
                        &folder,
                    );
                    self.app.said = None;
                    say(&describe::sentence(&written.unwrap_or_else(|error| error.to_string())))?;
                }
                // Lessons are read and tested by a command of their own where there is no screen.
                Command::Copy(text) | Command::Remember(text) => say(&text)?,
                Command::Record | Command::Mark => {
                    say("The line mode records nothing: what is typed here can be typed again.")?;
                }
                Command::Mouse(_) | Command::Keep(_) | Command::StopFilm => {}
                Command::Quit(_) => self.deaf = true,
            }
        }
        Ok(())
    }

    /// Everything the screen would show, with geometry that belongs to the step.
    fn everything(&mut self) -> Written<()> {
        for _ in 0..LONGEST_MEASURE {
            let snapshot = &self.app.snapshot;
            if !measuring(snapshot) {
                break;
            }
            std::thread::sleep(LOOK);
            self.look()?;
        }
        for sentence in describe::sentences(&self.app.snapshot) {
            say(&sentence)?;
        }
        Ok(())
    }

    /// Picks a row and says who pulls it.
    fn point(&mut self, rest: &str) -> Written<()> {
        let rows = self.app.snapshot.points.rows;
        match rest.trim_start_matches('#').parse::<u32>() {
            Ok(row) if (row as usize) < rows => self.app.picked = Some(row),
            _ if rest.is_empty() && self.app.picked.is_some() => {}
            _ => {
                let rest = printable(rest);
                return say(&format!(
                    "Point takes a row from 0 to {}, not \"{rest}\".",
                    rows.saturating_sub(1)
                ));
            }
        }
        let commands = self.app.update(Message::Frame);
        self.perform(commands)?;
        let picked = self.app.picked;
        for _ in 0..500 {
            let inspection = &self.app.snapshot.inspection;
            if inspection.of(picked).is_some() || matches!(inspection, Inspection::Refused(_)) {
                break;
            }
            std::thread::sleep(LOOK);
            self.look()?;
        }
        for sentence in describe::point::point(&self.app.snapshot) {
            say(&sentence)?;
        }
        Ok(())
    }

    fn params(&self) -> Written<()> {
        for row in self.app.rows() {
            let effect = if row.live { "live" } else { "changing it restarts" };
            say(&format!("{} is {}, {effect}.", row.name, row.text))?;
        }
        Ok(())
    }
}

fn actions() -> Written<()> {
    for binding in KEYS {
        say(&format!("{}: {}.", binding.action.id(), binding.help))?;
    }
    Ok(())
}

/// A line on stdout, at once.
fn say(sentence: &str) -> Written<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{sentence}")?;
    stdout.flush()
}
