//! The terminal: taking it, drawing on it, hearing the user, and giving it back on every way out: a return, an error,
//! a panic, a signal, a stop, a lost line. What is drawn, and what a key means, is decided elsewhere.
//!
//! One [`Screen`] at a time holds the terminal of the process. Three threads know of it: the caller's, which draws
//! and takes events; an input thread, which reads the keyboard; and a guard, which hears signals and notices when
//! the terminal has gone. Each of them can give the terminal back, and the first one does.

use std::{
    io,
    marker::PhantomData,
    path::PathBuf,
    time::{Duration, Instant},
};

use base64::Engine as _;
use crossbeam_channel::{Receiver, RecvTimeoutError};
use crossterm::event::{KeyEvent, MouseEvent, MouseEventKind};
use ratatui::{Frame, Terminal};
use rustix::stdio::{stdin, stdout};
use thiserror::Error;

mod backend;
mod capabilities;
mod colour;
pub mod graphics;
mod guard;
mod input;
mod log;
pub mod means;
mod modes;
mod panics;
mod queue;

pub use capabilities::{Capabilities, ColourMode, Glyphs, Unfit, capabilities, fit_for_a_screen};
pub use colour::{to_indexed, to_sixteen, without_colours};
pub use guard::LONGEST_SAVE;
pub use log::default_log;
pub use panics::{WorkerPanic, take_worker_panic};

use backend::{FrameBackend, FrameBytes};

const BEGIN_FRAME: &[u8] = b"\x1b[?2026h";
const END_FRAME: &[u8] = b"\x1b[?2026l";

/// How the screen is to be opened.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether to ask for mouse reports. They take the terminal's own selecting away.
    pub mouse: bool,
    /// Where stderr goes while the screen is up; by default a file under the user's state folder.
    pub log: Option<PathBuf>,
    /// The colours to send.
    pub colour: ColourMode,
}

/// Why the terminal could not be taken or used.
#[derive(Debug, Error)]
pub enum TerminalError {
    /// stdin or stdout is a file or a pipe.
    #[error(
        "{stream} is not a terminal, and the lab needs one: use `losslab run` for the same run without a screen"
    )]
    NotATerminal {
        /// Which of the two.
        stream: &'static str,
    },
    /// `TERM` rules a full screen out.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// A second screen was asked for.
    #[error("the terminal is already in use by this program")]
    AlreadyOpen,
    /// The screen was closed, or was given back after a panic.
    #[error("the screen is closed")]
    Closed,
    /// The log file that was asked for cannot be written.
    #[error("cannot write the log {}: {source}", path.display())]
    Log {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system refused something.
    #[error("cannot {what}: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl TerminalError {
    /// The exit code for a program that ends with this error: wrong use.
    pub const fn exit_code(&self) -> u8 {
        2
    }
}

/// What the screen's thread hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A key was pressed; releases are not reported. Ctrl-C comes as [`Event::Quit`], Ctrl-Z does not come.
    Key(KeyEvent),
    /// The mouse moved or was pressed. Movements that were overtaken by later ones are left out.
    Mouse(MouseEvent),
    /// A text was pasted, with its line ends as they came.
    Paste(String),
    /// The terminal has this many columns and rows now. Only the last of several is reported.
    Resize(u16, u16),
    /// The terminal's window came to the front.
    FocusGained,
    /// The terminal's window went to the back.
    FocusLost,
    /// Draw again: the program was continued after a stop, or a worker panicked.
    Redraw,
    /// Leave now, with exit code 128 + this signal number. Ctrl-C is SIGINT (2).
    Quit(i32),
}

/// The terminal while it is ours. Dropping it gives the terminal back.
///
/// It stays with the thread that opened it: a panic of that thread ends the program, a panic of another does not.
#[derive(Debug)]
pub struct Screen {
    terminal: Terminal<FrameBackend>,
    bytes: FrameBytes,
    events: Receiver<Event>,
    /// An event that was taken too early, while looking for a later one of the same kind.
    next: Option<Event>,
    colour: ColourMode,
    stays_on_its_thread: PhantomData<*const ()>,
}

impl Screen {
    /// Takes the terminal: raw mode, alternate screen, bracketed paste, focus reports, mouse if asked for, cursor
    /// hidden, stderr into the log. Refuses, having written nothing, where stdin or stdout is no terminal or `TERM`
    /// rules a screen out.
    pub fn open(options: &Options) -> Result<Self, TerminalError> {
        if !rustix::termios::isatty(stdin()) {
            return Err(TerminalError::NotATerminal { stream: "standard input" });
        }
        if !rustix::termios::isatty(stdout()) {
            return Err(TerminalError::NotATerminal { stream: "standard output" });
        }
        fit_for_a_screen(means::environment("TERM").as_deref())?;
        if modes::is_taken() {
            return Err(TerminalError::AlreadyOpen);
        }
        let colour = match options.colour {
            ColourMode::Auto => capabilities(means::environment).colour,
            chosen => chosen,
        };
        // Colours are taken out here, not by crossterm, which would write resets in their place.
        crossterm::style::force_color_output(true);

        let log = log::Log::open(options.log.as_deref())?;
        let bytes = FrameBytes::default();
        let failed = |source| TerminalError::Io { what: "read the terminal's size", source };
        let terminal = Terminal::new(FrameBackend::new(bytes.clone())).map_err(failed)?;
        let events = queue::open();
        guard::set_save(None);
        guard::start()?;
        panics::install();
        let ends = modes::take(options.mouse, log)?;
        // From here on, dropping the screen undoes what was done.
        let stays_on_its_thread = PhantomData;
        let screen = Self { terminal, bytes, events, next: None, colour, stays_on_its_thread };
        guard::wake();
        queue::start_reading(ends)?;
        Ok(screen)
    }

    /// What to save on the ways out that do not return here: an ending signal, a lost terminal, a panic of this
    /// thread. It runs on a thread of its own, once, and is waited for [`LONGEST_SAVE`] at most.
    pub fn on_exit(&self, save: impl FnOnce() + Send + 'static) {
        guard::set_save(Some(Box::new(save)));
    }

    /// Draws one frame; only what changed is written, as one synchronised update. While the program is being
    /// stopped the frame is dropped.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> Result<(), TerminalError> {
        // A terminal that has gone fails here before the guard has woken, and the guard's end is the right one.
        self.draw_frame(render).inspect_err(|_| guard::end_if_lost())
    }

    fn draw_frame(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> Result<(), TerminalError> {
        stay_open()?;
        let failed = |source| TerminalError::Io { what: "draw on the terminal", source };
        if modes::must_redraw() {
            self.terminal.clear().map_err(failed)?;
        }
        let colour = self.colour;
        let drawn = self.terminal.draw(|frame| {
            render(frame);
            colour::reduce(frame.buffer_mut(), colour);
        });
        drawn.map_err(failed)?;
        let frame = self.bytes.take();
        let frame = if colour == ColourMode::Mono { without_colours(&frame) } else { frame };
        modes::write_frame(&[BEGIN_FRAME, &frame, END_FRAME].concat())
    }

    /// The next event, or `None` when `timeout` has passed without one.
    pub fn next_event(&mut self, timeout: Duration) -> Result<Option<Event>, TerminalError> {
        stay_open()?;
        let Some(mut event) = self.receive(timeout)? else { return Ok(None) };
        // A stream of sizes or of mouse places is worth its last one.
        while is_overtaken_by_its_like(&event)
            && let Some(later) = self.receive(Duration::ZERO)?
        {
            if !is_alike(&event, &later) {
                self.next = Some(later);
                break;
            }
            event = later;
        }
        if matches!(event, Event::Quit(_)) {
            queue::quit_was_taken();
        }
        Ok(Some(event))
    }

    fn receive(&mut self, timeout: Duration) -> Result<Option<Event>, TerminalError> {
        if let Some(event) = self.next.take() {
            return Ok(Some(event));
        }
        // A deadline that a clock cannot hold is no deadline.
        let deadline = Instant::now().checked_add(timeout);
        let received = match deadline {
            Some(deadline) => self.events.recv_deadline(deadline),
            None => self.events.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match received {
            Ok(event) => Ok(Some(event)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(TerminalError::Closed),
        }
    }

    /// Asks for mouse reports, or leaves the mouse to the terminal's own selecting.
    pub fn set_mouse(&mut self, on: bool) -> Result<(), TerminalError> {
        modes::set_mouse(on)
    }

    /// Puts a text into the terminal's clipboard (OSC 52), where the terminal lets programs do that.
    pub fn copy(&mut self, text: &str) -> Result<(), TerminalError> {
        stay_open()?;
        let coded = base64::engine::general_purpose::STANDARD.encode(text);
        modes::write_frame(format!("\x1b]52;c;{coded}\x07").as_bytes())
    }

    /// Writes the bytes of a picture, or of taking one away, over the frame that was drawn last.
    pub fn write_picture(&mut self, bytes: &[u8]) -> Result<(), TerminalError> {
        stay_open()?;
        modes::write_frame(&[BEGIN_FRAME, bytes, END_FRAME].concat()).inspect_err(|_| guard::end_if_lost())
    }

    /// Draws every cell again with the next frame: what lies over them goes.
    pub fn wipe(&mut self) -> Result<(), TerminalError> {
        stay_open()?;
        self.terminal.clear().map_err(|source| TerminalError::Io { what: "draw on the terminal", source })
    }

    /// The pixels of a cell, across and down, where the terminal says.
    pub fn cell_pixels(&self) -> Option<(u16, u16)> {
        let size = rustix::termios::tcgetwinsize(stdout()).ok()?;
        let side = |pixels: u16, cells: u16| pixels.checked_div(cells).filter(|side| (4..=64).contains(side));
        Some((side(size.ws_xpixel, size.ws_col)?, side(size.ws_ypixel, size.ws_row)?))
    }

    /// The colours that are sent; never [`ColourMode::Auto`].
    pub fn colour(&self) -> ColourMode {
        self.colour
    }

    /// The file stderr goes to while the screen is up.
    pub fn log_path(&self) -> Option<PathBuf> {
        modes::log_path()
    }

    /// Gives the terminal back, and forgets what was to be saved on the way out.
    pub fn close(self) {
        drop(self);
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        guard::wait_while_ending();
        if modes::give_back() {
            guard::set_save(None);
        }
    }
}

/// An error where the screen is closed, unless the process is just being ended: then it waits for that.
fn stay_open() -> Result<(), TerminalError> {
    if modes::is_taken() {
        return Ok(());
    }
    guard::wait_while_ending();
    Err(TerminalError::Closed)
}

fn is_overtaken_by_its_like(event: &Event) -> bool {
    match event {
        Event::Resize(..) => true,
        Event::Mouse(mouse) => matches!(mouse.kind, MouseEventKind::Moved | MouseEventKind::Drag(_)),
        _ => false,
    }
}

fn is_alike(event: &Event, later: &Event) -> bool {
    match (event, later) {
        (Event::Resize(..), Event::Resize(..)) => true,
        (Event::Mouse(one), Event::Mouse(other)) => {
            one.kind == other.kind && one.modifiers == other.modifiers
        }
        _ => false,
    }
}
