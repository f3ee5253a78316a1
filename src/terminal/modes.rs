//! The one terminal of the process: whose it is just now, the modes to put on and to give back, bounded writes.
//!
//! Everything here may be called from any thread, also from a panic hook, and never waits long: a lock that a stuck
//! thread holds is passed over after a moment, and a terminal that takes no bytes is given up.

use std::{
    fs::File,
    io::{self, PipeReader, PipeWriter},
    os::fd::{AsFd, OwnedFd},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, TryLockError,
        atomic::{AtomicBool, AtomicU8, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    fs::{Mode, OFlags},
    io::Errno,
    process::getpgrp,
    stdio::{stderr, stdin, stdout},
    termios::{OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcgetpgrp, tcsetattr, ttyname},
};

use super::{TerminalError, log::Log};

/// Nobody's: the modes are those the program found.
const CLOSED: u8 = 0;
/// Ours: raw mode and the alternate screen.
const OPEN: u8 = 1;
/// Lent back to the shell while the program is stopped.
const SUSPENDED: u8 = 2;

/// How long a lock held by another thread, and then a terminal that takes no bytes, is waited for when giving back.
const PATIENCE: Duration = Duration::from_millis(150);

/// What the alternate screen is entered with.
const ENTER: &str = "\x1b[?1049h\x1b[?2004h\x1b[?1004h\x1b[?25l\x1b[0m\x1b[2J";
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1003h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[?1000l";
/// Ends a synchronised update, a cut-off string, every mode of `ENTER`, and shows the cursor.
const LEAVE: &str = "\x1b\\\x1b[?2026l\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[?1000l\x1b[?1004l\x1b[?2004l\x1b[0m\x1b[?25h\x1b[?1049l\x1b[?25h";

static STATE: AtomicU8 = AtomicU8::new(CLOSED);
static MOUSE: AtomicBool = AtomicBool::new(false);
static REDRAW: AtomicBool = AtomicBool::new(false);
/// Held while bytes are written, so that a frame and a change of modes never mix.
static OUTPUT: Mutex<()> = Mutex::new(());
static HELD: Mutex<Option<Arc<Held>>> = Mutex::new(None);

/// What was found when the terminal was taken, and must be given back.
struct Held {
    found: Mutex<Termios>,
    out: OwnedFd,
    log: Log,
    /// The input thread ends when this end of its pipe goes away.
    _input: PipeWriter,
}

/// Takes the terminal. Both standard streams have been checked to be terminals.
/// Gives back the pipe that tells the input thread when to end.
pub(super) fn take(mouse: bool, log: Log) -> Result<PipeReader, TerminalError> {
    let mut held = lock(&HELD);
    if STATE.load(SeqCst) != CLOSED {
        return Err(TerminalError::AlreadyOpen);
    }
    let failed = |what| move |source: Errno| TerminalError::Io { what, source: source.into() };
    let found = tcgetattr(stdin()).map_err(failed("read the terminal's modes"))?;
    let out = own_description().map_err(failed("open the terminal for writing"))?;
    let (ends, input) = io::pipe()
        .map_err(|source| TerminalError::Io { what: "make a pipe for the input thread", source })?;
    let taken = Arc::new(Held { found: Mutex::new(found), out, log, _input: input });
    MOUSE.store(mouse, SeqCst);
    *held = Some(Arc::clone(&taken));
    drop(held);
    STATE.store(OPEN, SeqCst);
    if let Err(source) = put_on(&taken) {
        give_back();
        return Err(TerminalError::Io { what: "switch the terminal to raw mode", source });
    }
    Ok(ends)
}

/// Gives the terminal back for good. The first call does it; later ones, from any thread, do nothing.
/// Says whether this call was the one.
pub(super) fn give_back() -> bool {
    let before = STATE.swap(CLOSED, SeqCst);
    let held = lock_within(&HELD, PATIENCE).and_then(|mut held| held.take());
    if let (OPEN, Some(held)) = (before, held) {
        take_off(&held);
        return true;
    }
    false
}

/// Lends the terminal back to the shell before the program stops.
pub(super) fn suspend() {
    if STATE.compare_exchange(OPEN, SUSPENDED, SeqCst, SeqCst).is_ok()
        && let Some(held) = held()
    {
        take_off(&held);
    }
}

/// What came of taking the terminal again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resumed {
    /// There is no screen to redraw.
    Nothing,
    /// There is one.
    Screen,
    /// The terminal is another job's: nothing was touched.
    InBackground,
}

/// Takes the terminal again after the program was continued; also after a stop that nobody announced (SIGSTOP). In the
/// background it is the shell's, and it is left alone: `fg` continues the program once more.
pub(super) fn resume() -> Resumed {
    let Some(held) = held() else { return Resumed::Nothing };
    let before = STATE.load(SeqCst);
    if before == CLOSED {
        return Resumed::Nothing;
    }
    if !in_foreground() {
        return Resumed::InBackground;
    }
    if before == SUSPENDED {
        // Whatever the shell has set meanwhile is what it wants back.
        if let Ok(found) = tcgetattr(stdin()) {
            *lock(&held.found) = found;
        }
    }
    // A failure here means that the terminal has gone, which the guard notices by itself.
    let shown = put_on(&held).is_ok();
    // Only now may frames be written: one written earlier would be wiped out by entering the screen.
    REDRAW.store(true, SeqCst);
    if before == SUSPENDED && STATE.compare_exchange(SUSPENDED, OPEN, SeqCst, SeqCst).is_err() {
        // Closed meanwhile, by a thread that thought it had nothing to take off.
        take_off(&held);
        return Resumed::Nothing;
    }
    if shown { Resumed::Screen } else { Resumed::Nothing }
}

/// Whether a frame must be drawn from scratch; asking answers it.
pub(super) fn must_redraw() -> bool {
    REDRAW.swap(false, SeqCst)
}

/// Whether a screen is held, shown or suspended.
pub(super) fn is_taken() -> bool {
    STATE.load(SeqCst) != CLOSED
}

/// Writes one frame. While suspended, or while the terminal is another job's, the frame is dropped and the next one is
/// drawn from scratch.
pub(super) fn write_frame(bytes: &[u8]) -> Result<(), TerminalError> {
    write_while_open(bytes).map_err(|source| TerminalError::Io { what: "draw on the terminal", source })
}

/// Asks for mouse reports, or for none.
pub(super) fn set_mouse(on: bool) -> Result<(), TerminalError> {
    MOUSE.store(on, SeqCst);
    write_while_open(if on { MOUSE_ON } else { MOUSE_OFF }.as_bytes())
        .map_err(|source| TerminalError::Io { what: "switch the mouse", source })
}

/// Where the log of this screen is, while one is open.
pub(super) fn log_path() -> Option<std::path::PathBuf> {
    held().and_then(|held| held.log.path.clone())
}

fn write_while_open(bytes: &[u8]) -> io::Result<()> {
    let Some(held) = held() else { return Ok(()) };
    let _writing = lock(&OUTPUT);
    // After a stop that nobody announced the program may be continued while the shell has the terminal, and the screen's
    // thread be sooner here than the guard hears of it.
    let finished = in_foreground() && write_until(&held.out, bytes, || STATE.load(SeqCst) != OPEN)?;
    if !finished {
        REDRAW.store(true, SeqCst);
    }
    Ok(())
}

fn held() -> Option<Arc<Held>> {
    lock_within(&HELD, PATIENCE).and_then(|held| held.clone())
}

fn put_on(held: &Held) -> io::Result<()> {
    let mut raw = lock(&held.found).clone();
    raw.make_raw();
    tcsetattr(stdin(), OptionalActions::Now, &raw)?;
    held.log.receive_stderr();
    let _writing = lock_within(&OUTPUT, PATIENCE);
    let mouse = if MOUSE.load(SeqCst) { MOUSE_ON } else { "" };
    let enter = format!("{ENTER}{mouse}");
    let deadline = Instant::now() + PATIENCE;
    write_until(&held.out, enter.as_bytes(), || STATE.load(SeqCst) == CLOSED || Instant::now() > deadline)?;
    Ok(())
}

/// Every step is tried, whatever became of the others.
fn take_off(held: &Held) {
    let writing = lock_within(&OUTPUT, PATIENCE);
    if in_foreground() {
        let before = |deadline: Instant| move || Instant::now() > deadline;
        let written = write_until(&held.out, LEAVE.as_bytes(), before(Instant::now() + PATIENCE));
        if !matches!(written, Ok(true)) {
            // Nobody reads. What is queued is worthless now, and without it there may be room.
            let _ = tcflush(&held.out, QueueSelector::OFlush);
            let _ = write_until(&held.out, LEAVE.as_bytes(), before(Instant::now() + PATIENCE));
        }
        if let Some(found) = lock_within(&held.found, PATIENCE) {
            let _ = tcsetattr(stdin(), OptionalActions::Now, &found);
        }
    }
    drop(writing);
    held.log.return_stderr();
}

/// In the background the terminal is another job's: touching it would stop the program in the middle of its end.
/// Where there is no job control at all, the terminal is ours.
fn in_foreground() -> bool {
    tcgetpgrp(stdin()).map_or(true, |group| group == getpgrp())
}

/// The terminal behind stdout, opened afresh, so that non-blocking writes are ours alone and not the shell's as
/// well; stdout itself where that is not allowed.
fn own_description() -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    ttyname(stdout(), Vec::new())
        .and_then(|name| rustix::fs::open(name, flags, Mode::empty()))
        .or_else(|_| rustix::io::fcntl_dupfd_cloexec(stdout(), 3))
}

/// Writes all bytes unless `give_up` says so; says whether all were written.
fn write_until(out: &OwnedFd, bytes: &[u8], give_up: impl Fn() -> bool) -> io::Result<bool> {
    /// Small enough for a descriptor that does block to take at once when it says it is ready.
    const CHUNK: usize = 1024;
    let moment = rustix::event::Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
    let mut rest = bytes;
    while !rest.is_empty() {
        if give_up() {
            return Ok(false);
        }
        let mut ready = [PollFd::new(out, PollFlags::OUT)];
        match poll(&mut ready, Some(&moment)) {
            Ok(0) | Err(Errno::INTR) => continue,
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        match rustix::io::write(out, &rest[..rest.len().min(CHUNK)]) {
            Ok(count) => rest = &rest[count..],
            // A terminal may say it is ready and still have no room for this chunk.
            Err(Errno::AGAIN) => thread::sleep(Duration::from_millis(1)),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(true)
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The lock, or `None` where a stuck thread keeps it.
pub(super) fn lock_within<T>(mutex: &Mutex<T>, patience: Duration) -> Option<MutexGuard<'_, T>> {
    let deadline = Instant::now() + patience;
    loop {
        match mutex.try_lock() {
            Ok(guard) => return Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) if Instant::now() > deadline => return None,
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(2)),
        }
    }
}

/// A second descriptor of what stderr is now.
pub(super) fn copy_of_stderr() -> io::Result<File> {
    Ok(File::from(rustix::io::fcntl_dupfd_cloexec(stderr().as_fd(), 3)?))
}
