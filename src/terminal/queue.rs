//! The queue of events between the threads that hear (input, guard, panic hook) and the one that shows, and the
//! thread that reads the keyboard. The screen's thread never reads by itself, so Ctrl-C is heard though it be stuck.

use std::{
    io::PipeReader,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread,
};

use crossbeam_channel::{Receiver, Sender};
use crossterm::event::{KeyCode, KeyModifiers};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    stdio::stdin,
};
use signal_hook::consts::SIGINT;

use super::{
    Event, TerminalError, guard,
    input::{Input, Parser},
    modes::lock,
};

/// After this, a lone ESC is the Esc key and a half sequence is dropped. Slow lines deliver a sequence in one go.
const PAUSE: Timespec = Timespec { tv_sec: 0, tv_nsec: 30_000_000 };
/// A paste may come in slow pieces; its text must not turn into keys.
const PASTE_PAUSE: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };

static QUEUE: Mutex<Option<Sender<Event>>> = Mutex::new(None);
/// A Ctrl-C was sent that the screen's thread has not taken yet.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Opens the queue of a new screen.
pub(super) fn open() -> Receiver<Event> {
    let (send, receive) = crossbeam_channel::unbounded();
    INTERRUPTED.store(false, SeqCst);
    *lock(&QUEUE) = Some(send);
    receive
}

/// Queues an event, if there is a screen.
pub(super) fn send(event: Event) {
    if let Some(queue) = &*lock(&QUEUE) {
        let _ = queue.send(event);
    }
}

/// The screen's thread has taken a quit event, so it is alive.
pub(super) fn quit_was_taken() {
    INTERRUPTED.store(false, SeqCst);
}

/// Starts the thread that reads the keyboard until `ends` is closed at the other side.
pub(super) fn start_reading(ends: PipeReader) -> Result<(), TerminalError> {
    thread::Builder::new()
        .name("losslab-input".into())
        .spawn(move || read(&ends))
        .map(drop)
        .map_err(|source| TerminalError::Io { what: "start the input thread", source })
}

fn read(ends: &PipeReader) {
    let standard_input = stdin();
    let mut parser = Parser::default();
    let mut bytes = vec![0; 64 << 10];
    let mut inputs = Vec::new();
    loop {
        let mut awaited = [PollFd::new(&standard_input, PollFlags::IN), PollFd::new(ends, PollFlags::IN)];
        let pause = if parser.is_pasting() { PASTE_PAUSE } else { PAUSE };
        let ready = poll(&mut awaited, parser.is_waiting().then_some(&pause));
        let [keyboard, ended] = awaited.map(|one| one.revents());
        match ready {
            Ok(0) => parser.pause(&mut inputs),
            // A terminal that has gone is the guard's business; reading it would spin.
            Ok(_) if !ended.is_empty() || keyboard.intersects(PollFlags::HUP | PollFlags::ERR) => return,
            Ok(_) => match rustix::io::read(standard_input, &mut bytes[..]) {
                Ok(0) => return,
                Ok(count) => parser.feed(&bytes[..count], &mut inputs),
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(_) => return,
            },
            Err(Errno::INTR) => {}
            Err(_) => return,
        }
        for input in inputs.drain(..) {
            pass_on(input);
        }
    }
}

fn pass_on(input: Input) {
    let event = match input {
        Input::Key(key) if key.modifiers == KeyModifiers::CONTROL && key.code == KeyCode::Char('z') => {
            return guard::ask_to_stop();
        }
        Input::Key(key) if key.modifiers == KeyModifiers::CONTROL && key.code == KeyCode::Char('c') => {
            if INTERRUPTED.swap(true, SeqCst) {
                // The first one still lies there: the screen's thread is stuck.
                guard::end(SIGINT);
            }
            Event::Quit(SIGINT)
        }
        Input::Key(key) => Event::Key(key),
        Input::Mouse(mouse) => Event::Mouse(mouse),
        Input::Paste(text) => Event::Paste(text),
        Input::Focus(true) => Event::FocusGained,
        Input::Focus(false) => Event::FocusLost,
    };
    send(event);
}
