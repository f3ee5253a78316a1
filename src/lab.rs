//! The lab: terminal, screen state and simulation put together, and the loop that runs between them.
//!
//! What a message does stands in [`crate::app`], what is drawn in [`crate::view`], what runs in
//! [`crate::simulation`]; here they only meet.

pub mod export;
mod faults;
mod filming;
mod pixels;
pub mod plain;
pub mod progress;
mod recorder;
pub mod replaying;
mod session;
mod writing;

use std::collections::VecDeque;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::look::{Theme, background};
use crate::app::{App, Command, Look, Message, Said, Unwritten};
use crate::config::Config;
use crate::experiment::file::Document;
use crate::experiment::{Experiment, Model, Source};
use crate::lesson::Lesson;
use crate::share::{self, Share};
use crate::simulation::Simulation;
use crate::simulation::priority::engine_behind_the_screen;
use crate::snapshot::{Request, Status};
use crate::terminal::means::{self, Means};
use crate::terminal::{self, ColourMode, Event, Screen, TerminalError, take_worker_panic};
use crate::view;
use faults::Fault;
use session::Heard;

/// The time between two frames while something moves.
const FRAME: Duration = Duration::from_millis(33);
/// How often an answer is looked for while one is expected.
const SOON: Duration = Duration::from_millis(15);
/// For how long an answer without a number is expected.
const ANSWER: Duration = Duration::from_secs(1);
/// How often anything is looked for while nothing is expected.
const IDLE: Duration = Duration::from_millis(500);

/// How the lab is shown.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether the mouse turns the view from the start.
    pub mouse: bool,
    /// The colours; [`ColourMode::Auto`] asks the environment.
    pub colour: ColourMode,
    /// The lesson to open in.
    pub lesson: Option<Lesson>,
    /// The recording to play.
    pub player: Option<replaying::Player>,
    /// How it looks, and which keys do what.
    pub config: Config,
}

impl Default for Options {
    fn default() -> Self {
        Self { mouse: true, colour: ColourMode::Auto, lesson: None, player: None, config: Config::default() }
    }
}

/// Why the lab did not open, or closed by itself.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// The experiment cannot start.
    #[error("{0}")]
    Start(String),
    /// The terminal cannot be used.
    #[error(transparent)]
    Terminal(#[from] TerminalError),
}

/// Opens the lab on an experiment and stays until the user leaves; errors go to stderr, as one sentence.
pub fn open(document: &Document, config: Config) -> ExitCode {
    enter(document, None, None, config)
}

/// Opens the lab and plays a recording in it.
pub fn replay(player: replaying::Player, config: Config) -> ExitCode {
    let experiment = player.recording().beginning.share.experiment.clone();
    enter(&Document { experiment, ..Document::default() }, None, Some(player), config)
}

/// Opens the lab in a lesson, where it was left.
pub fn teach(lesson: Lesson, config: Config) -> ExitCode {
    let experiment = lesson.pages[0].runs[0].1.clone();
    enter(&Document { experiment, ..Document::default() }, Some(lesson), None, config)
}

fn enter(
    document: &Document,
    lesson: Option<Lesson>,
    player: Option<replaying::Player>,
    config: Config,
) -> ExitCode {
    // Without colours none may be sent, not even a reset of one.
    let colour = if config.look.theme == Theme::Mono { ColourMode::Mono } else { ColourMode::Auto };
    match run(document, &Options { mouse: config.mouse, colour, lesson, player, config }) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            // A closed stderr is no reason to die of it.
            let _ = writeln!(std::io::stderr(), "losslab: {error}");
            ExitCode::from(2)
        }
    }
}

/// The same with options; the exit code of the program.
///
/// # Errors
/// [`LabError`], with nothing left on the screen.
pub fn run(document: &Document, options: &Options) -> Result<u8, LabError> {
    engine_behind_the_screen();
    let begin = if is_as_read(document) { Simulation::standing } else { Simulation::start };
    let simulation = begin(&document.experiment).map_err(LabError::Start)?;
    // Before the screen is open: an answer must not come among the keys.
    let Means { protocol, paper, colour } = means::ask(&options.config, options.colour);
    let screen_options = terminal::Options { mouse: options.mouse, colour, log: None };
    let mut screen = Screen::open(&screen_options)?;
    // Only now: drivers write to stderr while they are looked for, and that goes to the log by now.
    // What ran on the processor is played there: a GPU has other last digits.
    if options.player.as_ref().is_none_or(|player| player.recording().beginning.engine != "cpu") {
        simulation.ask(Request::Accelerate);
    }
    simulation.ask(Request::Pace(options.config.pace));
    let (slot, place) = (simulation.slot(), screen.log_path());
    screen.on_exit(move || {
        // The state folder is where the log lies; without one there is no place that a person would look.
        if let Some(folder) = place.as_deref().and_then(Path::parent) {
            export::rescue(&slot.load(), folder);
        }
    });
    let mut lab = Lab::new(&simulation, &screen, options);
    lab.app.look = lab.app.look.on(paper);
    lab.pixels = protocol.and_then(|protocol| pixels::Pixels::new(protocol, screen.cell_pixels()));
    if let Some(lesson) = options.lesson.clone() {
        let commands = lab.app.open_lesson(lesson);
        lab.obey(commands, &mut screen)?;
    }
    lab.open_at(document, &mut screen)?;
    if is_as_read(document) {
        lab.app.welcome();
    }
    if let Some(player) = options.player.clone() {
        lab.begin_to_play(player);
    }
    let end = lab.stay(&mut screen);
    // However it ended: a recording is not lost.
    let last = lab.write_recording();
    let recorded: Vec<_> = lab.recorded.drain(..).chain(last).collect();
    let end = end?;
    let (text, commands) = (lab.text(), lab.commands());
    drop(lab);
    // Its threads end before stderr is given back: a driver may still be writing there.
    drop(simulation);
    screen.close();
    for recording in recorded {
        let _ = match recording {
            Ok(written) => writeln!(std::io::stdout(), "the recording: {written}"),
            Err(why) => writeln!(std::io::stderr(), "losslab: {why}"),
        };
    }
    let code = match end {
        End::Left { keep } => {
            if keep {
                let _ = std::io::stdout().write_all(text.as_bytes());
            }
            0
        }
        End::Signal(number) => 128u8.saturating_add(number as u8),
    };
    for command in commands {
        let _ = match command {
            Ok(command) => writeln!(std::io::stdout(), "{command}"),
            Err(why) => writeln!(std::io::stderr(), "losslab: {why}"),
        };
    }
    Ok(code)
}

/// Whether the lab opens on rows of a person's own: they are looked at as they are before anything moves them.
fn is_as_read(document: &Document) -> bool {
    let Experiment { source, model, .. } = &document.experiment;
    matches!(source, Source::File(_)) && *model == Model::Free && document.step.is_none()
}

/// How the program was called, for a shell: by its place where that was given, since it may not be on the path.
fn called() -> String {
    let first = std::env::args().next().filter(|first| first.contains('/'));
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    match first {
        None => "losslab".to_owned(),
        Some(place) if place.chars().all(plain) => place,
        Some(place) => format!("'{}'", place.replace('\'', "'\\''")),
    }
}

/// How the stay ended.
enum End {
    Left { keep: bool },
    Signal(i32),
}

struct Lab<'a> {
    simulation: &'a Simulation,
    app: App,
    /// What exports have to say.
    news: (Sender<Message>, Receiver<Message>),
    /// Exports that have not come to an end.
    writing: usize,
    /// The film that is being made.
    film: Option<filming::Filming>,
    /// What was said of it last.
    film_words: String,
    /// The share string that was copied last.
    copied: Option<String>,
    /// The view in real pixels, where the terminal has them.
    pixels: Option<pixels::Pixels>,
    /// The recording that is made.
    recorder: Option<recorder::Recorder>,
    /// What became of recordings that a lesson ended: said on leaving too, since other words may come over it.
    recorded: Vec<Result<String, String>>,
    /// What a person did and waits to be taken in, while that is recorded.
    waiting: VecDeque<Message>,
    /// The recording that is played.
    player: Option<replaying::Player>,
    /// When a person last did something.
    touched: Instant,
    /// When the simulation was last asked for something: what it shows then is looked for at once.
    asked: Option<Instant>,
    fault: Option<Fault>,
    struck: bool,
}

impl<'a> Lab<'a> {
    fn new(simulation: &'a Simulation, screen: &Screen, options: &Options) -> Self {
        let mut app = App::new(simulation.snapshot(), (80, 24));
        app.mouse = options.mouse;
        app.progress = progress::read();
        app.colours = means::colours(screen.colour());
        app.marks = options.config.marks.unwrap_or_else(means::marks);
        app.look = Look { background: background(means::environment), ..options.config.look };
        app.keymap = options.config.keymap.clone();
        app.log_axis = options.config.log_axis;
        let fault = faults::asked_for();
        Self {
            simulation,
            app,
            news: unbounded(),
            writing: 0,
            film: None,
            film_words: String::new(),
            copied: None,
            pixels: None,
            recorder: None,
            recorded: Vec::new(),
            waiting: VecDeque::new(),
            player: None,
            touched: Instant::now(),
            asked: None,
            fault,
            struck: false,
        }
    }

    /// Goes to the moment of a share string and looks at it as it says.
    fn open_at(&mut self, document: &Document, screen: &mut Screen) -> Result<(), LabError> {
        let commands = self.app.open_at(document);
        self.obey(commands, screen)?;
        Ok(())
    }

    fn stay(&mut self, screen: &mut Screen) -> Result<End, LabError> {
        let mut drawn = Instant::now();
        let mut dirty = true;
        loop {
            let newest = self.simulation.snapshot();
            if !Arc::ptr_eq(&newest, &self.app.snapshot) {
                let commands = self.app.update(Message::Snapshot(newest));
                if let Some(end) = self.obey(commands, screen)? {
                    return Ok(end);
                }
                dirty = true;
            }
            if let Some(end) = self.catch_up(screen)? {
                return Ok(end);
            }
            let plays = self.play();
            dirty |= self.player.is_some();
            if let Some(filming::News { text, share }) = self.film.as_ref().and_then(filming::Filming::news) {
                self.app.filmed = share;
                self.tell_of_film(text);
                dirty = true;
            }
            while let Ok(news) = self.news.1.try_recv() {
                self.writing = self.writing.saturating_sub(1);
                if self.film.as_ref().is_some_and(filming::Filming::is_over) {
                    self.film = None;
                    self.app.filming = false;
                }
                self.app.update(news);
                dirty = true;
            }
            let running = self.app.snapshot.status == Status::Running;
            // A tour goes on while the run stands.
            let moves = running || self.app.snapshot.picture.touring;
            if let Some(pixels) = &mut self.pixels {
                pixels.show(&self.app, screen)?;
            }
            if dirty && (!moves || drawn.elapsed() >= FRAME / 2) {
                if running {
                    self.app.update(Message::Frame);
                }
                if let Some(pixels) = &mut self.pixels {
                    pixels.prepare(&mut self.app, screen)?;
                }
                let app = &mut self.app;
                screen.draw(|frame| {
                    let area = frame.area();
                    app.size = (area.width, area.height);
                    view::draw(app, frame);
                })?;
                drawn = Instant::now();
                if let Some(pixels) = &mut self.pixels {
                    pixels.ask(&self.app);
                }
                dirty = false;
                if let (Some(fault), false) = (self.fault, std::mem::replace(&mut self.struck, true)) {
                    fault.strike();
                }
            }
            let timeout = if moves {
                FRAME.saturating_sub(drawn.elapsed())
            } else if self.expects_news() {
                SOON
            } else {
                IDLE
            };
            let timeout = plays.map_or(timeout, |wait| wait.min(timeout));
            let mut next = screen.next_event(timeout)?;
            // All that has come is taken in before the next frame.
            while let Some(event) = next {
                dirty = true;
                if let Some(end) = self.hear(event, screen)? {
                    return Ok(end);
                }
                next = screen.next_event(Duration::ZERO)?;
            }
        }
    }

    /// Whether something is on its way that nobody will announce.
    fn expects_news(&self) -> bool {
        let snapshot = &self.app.snapshot;
        self.writing > 0
            || self.recorder.as_ref().is_some_and(|recorder| !recorder.is_ready(&self.app))
            || self.asked.is_some_and(|asked| asked.elapsed() < ANSWER)
            || self.pixels.as_ref().is_some_and(pixels::Pixels::is_busy)
            || self.app.waits()
            || self.app.awaits_forces()
            || snapshot.time.journey.is_some()
            || snapshot.geometry.step != snapshot.step
            || snapshot.company.as_ref().is_some_and(|company| {
                company.seeds.as_ref().is_some_and(|seeds| seeds.running)
                    || company.others.iter().any(|other| other.geometry.step != other.step)
            })
    }

    fn hear(&mut self, event: Event, screen: &mut Screen) -> Result<Option<End>, LabError> {
        let event = match self.hear_while_playing(event) {
            Heard::Event(event) => event,
            Heard::Taken => return Ok(None),
            Heard::End(end) => return Ok(Some(end)),
        };
        let message = match event {
            Event::Key(key) => Message::Key(key),
            Event::Mouse(mouse) => Message::Mouse(mouse),
            Event::Paste(text) => Message::Paste(text),
            Event::Resize(width, height) => Message::Resize(width, height),
            Event::FocusGained | Event::FocusLost => return Ok(None),
            Event::Redraw => match take_worker_panic() {
                // Simulation and geometry catch their own panics and say so in the snapshot; this is for the log's
                // reader, who should know that there is something in it.
                Some(panic) => Message::Said(Said {
                    text: format!(
                        "{} hit a bug of its own: {} ({})",
                        panic.thread, panic.message, panic.place
                    ),
                    wrong: true,
                }),
                None => return Ok(None),
            },
            Event::Quit(signal) => return Ok(Some(End::Signal(signal))),
        };
        self.take_in(message, screen)
    }

    fn obey(&mut self, commands: Vec<Command>, screen: &mut Screen) -> Result<Option<End>, LabError> {
        for command in commands {
            match command {
                Command::Ask(request) => {
                    self.asked = Some(Instant::now());
                    if !self.simulation.ask(request) {
                        self.recorder.iter_mut().for_each(recorder::Recorder::lose);
                        let text = "the simulation is too busy to hear this: try again".to_owned();
                        self.app.update(Message::Said(Said { text, wrong: true }));
                    }
                }
                Command::Keep(kept) => {
                    if let Err(why) = progress::write(&kept) {
                        self.app.update(Message::Unwritten(Unwritten { what: "progress in lessons", why }));
                    }
                }
                Command::Export(what) => self.export(what),
                Command::Copy(text) => {
                    screen.copy(&text)?;
                    self.copied = Some(text);
                }
                Command::Remember(text) => self.copied = Some(text),
                Command::Record => self.record(),
                Command::Mark => self.mark(),
                Command::StopFilm => self.film.iter().for_each(filming::Filming::stop),
                Command::Mouse(on) => screen.set_mouse(on)?,
                Command::Quit(keep) => return Ok(Some(End::Left { keep })),
            }
        }
        Ok(None)
    }

    /// How what was copied last, and what else is not soon made again, is opened once more: commands for a shell, or why
    /// there is none.
    fn commands(&mut self) -> Vec<Result<String, String>> {
        let several = self.app.snapshot.runs() > 1;
        let copied = self.copied.take();
        let held = copied.as_ref().and_then(|text| Share::decode(text).ok());
        let program = called();
        let mut commands: Vec<_> = copied.iter().map(|share| Ok(share::command(&program, share))).collect();
        for (letter, share) in self.app.parting() {
            if held.as_ref().is_some_and(|held| held.is_of_the_run_of(&share)) {
                continue;
            }
            let command = share.encode().map(|share| share::command(&program, &share));
            let told = command.map(|command| if several { format!("{command} # {letter}") } else { command });
            commands.push(told.map_err(|why| why.to_string()));
        }
        commands
    }

    /// The last frame as plain text.
    fn text(&self) -> String {
        let (width, height) = self.app.size;
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        view::draw_on(&self.app, &mut buffer);
        let mut text = String::new();
        for row in buffer.content.chunks(usize::from(width.max(1))) {
            let line: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}
