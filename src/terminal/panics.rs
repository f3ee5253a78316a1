//! What a panic does to the screen. On the screen's own thread: the terminal is given back, then the message is
//! printed. On a worker: the screen lives on, the message goes to the log and into a list the app reads.

use std::{
    collections::VecDeque,
    io::Write,
    panic::{self, PanicHookInfo},
    sync::{Mutex, Once},
    thread::{self, ThreadId},
    time::Duration,
};

use signal_hook::low_level;

use super::{
    Event, guard, modes,
    modes::{lock, lock_within},
    queue,
};

/// The exit code of a Rust program that panicked.
const PANICKED: i32 = 101;
/// How many messages are kept for the app.
const LONGEST_LIST: usize = 16;

static SCREEN_THREAD: Mutex<Option<ThreadId>> = Mutex::new(None);
static WORKERS: Mutex<VecDeque<WorkerPanic>> = Mutex::new(VecDeque::new());

/// A panic on a thread that is not the screen's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerPanic {
    /// The thread's name, empty where it has none.
    pub thread: String,
    /// What the panic said.
    pub message: String,
    /// `file:line:column`, where known.
    pub place: String,
}

/// The oldest worker panic that was not taken yet. An [`Event::Redraw`] announces a new one.
///
/// A panic that its thread caught by itself is listed as well, so only the owner of the thread, who knows whether
/// it lives, should call it dead.
pub fn take_worker_panic() -> Option<WorkerPanic> {
    lock(&WORKERS).pop_front()
}

/// Makes the calling thread the screen's, and installs the hook, once, in front of the one that is there.
pub(super) fn install() {
    static INSTALLED: Once = Once::new();
    *lock(&SCREEN_THREAD) = Some(thread::current().id());
    INSTALLED.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !modes::is_taken() {
                previous(info);
            } else if is_screen_thread() {
                end_of_screen(info, &previous);
            } else {
                // stderr is the log just now.
                previous(info);
                note_worker(info);
            }
        }));
    });
}

fn is_screen_thread() -> bool {
    let current = thread::current();
    let screen = lock_within(&SCREEN_THREAD, Duration::from_millis(100)).and_then(|thread| *thread);
    screen == Some(current.id()) || current.name() == Some("main")
}

fn end_of_screen(info: &PanicHookInfo<'_>, previous: &dyn Fn(&PanicHookInfo<'_>)) {
    let log = modes::log_path();
    let saving = guard::start_saving();
    modes::give_back();
    // Only now: what is printed before the alternate screen is left vanishes with it.
    previous(info);
    if let Some(path) = log {
        let _ =
            writeln!(std::io::stderr(), "losslab has hit a bug of its own; the log is {}", path.display());
    }
    guard::wait_for(saving);
    // Unwinding ends the program by itself, unless something it drops waits for a thread that never ends.
    let _ = thread::Builder::new().name("losslab-end".into()).spawn(|| {
        thread::sleep(Duration::from_millis(400));
        low_level::exit(PANICKED)
    });
}

fn note_worker(info: &PanicHookInfo<'_>) {
    let noted = WorkerPanic {
        thread: thread::current().name().unwrap_or_default().to_owned(),
        message: info.payload_as_str().unwrap_or("a panic without a message").to_owned(),
        place: info.location().map(ToString::to_string).unwrap_or_default(),
    };
    if let Some(mut list) = lock_within(&WORKERS, Duration::from_millis(100)) {
        list.truncate(LONGEST_LIST - 1);
        list.push_back(noted);
    }
    queue::send(Event::Redraw);
}
