//! One thread, alive from the first screen to the end of the process, which hears signals and notices when the
//! terminal goes away. It ends, stops and continues the program by itself, so that a stuck screen cannot prevent it.
//!
//! It never polls on a clock: it sleeps until a signal or the terminal wakes it.

use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    process,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, Ordering::SeqCst},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Signal, kill_current_process_group},
    stdio::{stdin, stdout},
};
use signal_hook::{
    consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH},
    flag, low_level,
};

use super::{
    Event, TerminalError, modes,
    modes::{Resumed, lock, lock_within},
    queue,
};

/// Those that end the program, then the others; the order in which they are looked at.
const SIGNALS: [i32; 7] = [SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH];
const ENDING: [i32; 4] = [SIGTERM, SIGHUP, SIGINT, SIGQUIT];

/// How long the program waits for what is to be saved on the way out.
pub const LONGEST_SAVE: Duration = Duration::from_millis(500);

type Save = Box<dyn FnOnce() + Send>;

static SAVE: Mutex<Option<Save>> = Mutex::new(None);
static GUARD: OnceLock<Guard> = OnceLock::new();
static STARTING: Mutex<()> = Mutex::new(());

struct Guard {
    heard: [Arc<AtomicBool>; SIGNALS.len()],
    wake: UnixStream,
}

/// What to do, once, on every way out that does not come back to the caller: a signal, a lost terminal, a panic of
/// the screen's thread. It runs on a thread of its own and is waited for [`LONGEST_SAVE`] at most.
/// Without a `save`, the one set before is forgotten.
pub(super) fn set_save(save: Option<Save>) {
    *lock(&SAVE) = save;
}

/// Starts the guard, once.
pub(super) fn start() -> Result<(), TerminalError> {
    let _starting = lock(&STARTING);
    if GUARD.get().is_some() {
        return Ok(());
    }
    let failed = |source| TerminalError::Io { what: "listen for signals", source };
    let (hear, wake) = UnixStream::pair().map_err(failed)?;
    let heard: [Arc<AtomicBool>; SIGNALS.len()] = Default::default();
    let ignored = ignored_signals();
    for (signal, flag) in SIGNALS.iter().zip(&heard) {
        // `nohup` and its like have asked that these be ignored, and ignored they stay.
        if ignored & (1 << (signal - 1)) == 0 {
            flag::register(*signal, Arc::clone(flag)).map_err(failed)?;
            low_level::pipe::register(*signal, wake.try_clone().map_err(failed)?).map_err(failed)?;
        }
    }
    let flags = heard.clone();
    thread::Builder::new().name("losslab-guard".into()).spawn(move || watch(hear, &flags)).map_err(failed)?;
    // The lock above makes this the only call.
    let _ = GUARD.set(Guard { heard, wake });
    Ok(())
}

/// Stops the program as the Ctrl-Z key should, which raw mode hands over as a plain key.
pub(super) fn ask_to_stop() {
    let stop_is_ignored = ignored_signals() & (1 << (SIGTSTP - 1)) != 0;
    if let Some(guard) = GUARD.get().filter(|_| !stop_is_ignored) {
        let place = SIGNALS.iter().position(|signal| *signal == SIGTSTP).unwrap_or_default();
        guard.heard[place].store(true, SeqCst);
        let _ = (&guard.wake).write(&[0]);
    }
}

static ENDED: AtomicBool = AtomicBool::new(false);

/// Ends the process with 128 + `signal`: saves, gives the terminal back, and does not wait for any other thread.
pub(super) fn end(signal: i32) -> ! {
    if ENDED.swap(true, SeqCst) {
        wait_while_ending();
    }
    let saving = start_saving();
    modes::give_back();
    wait_for(saving);
    // Not `process::exit`: handlers of libraries whose threads still run have been seen to hang.
    low_level::exit(128 + signal)
}

/// Ends the process as after a hang-up if the terminal has gone. Does nothing where no screen is held.
pub(super) fn end_if_lost() {
    wait_while_ending();
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    let (standard_input, standard_output) = (stdin(), stdout());
    let mut ends =
        [PollFd::new(&standard_input, PollFlags::empty()), PollFd::new(&standard_output, PollFlags::empty())];
    if modes::is_taken() && poll(&mut ends, Some(&at_once)).is_ok() && ends.iter().any(has_gone) {
        end(SIGHUP);
    }
}

fn has_gone(terminal: &PollFd<'_>) -> bool {
    terminal.revents().intersects(PollFlags::HUP | PollFlags::ERR)
}

/// Holds the calling thread while another one is ending the process, which takes well under a second. Otherwise the
/// screen's thread would find its screen closed, and end the process by itself with the wrong code and half a save.
pub(super) fn wait_while_ending() {
    let deadline = Instant::now() + Duration::from_secs(3);
    while ENDED.load(SeqCst) && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(50));
    }
}

/// Starts the save in the background, if one is set.
pub(super) fn start_saving() -> Option<mpsc::Receiver<()>> {
    let save = lock_within(&SAVE, Duration::from_millis(100))?.take()?;
    let (done, wait) = mpsc::channel::<()>();
    thread::Builder::new()
        .name("losslab-save".into())
        .spawn(move || {
            let _done = done;
            save();
        })
        .ok()?;
    Some(wait)
}

/// Waits for the save, [`LONGEST_SAVE`] at most.
pub(super) fn wait_for(saving: Option<mpsc::Receiver<()>>) {
    if let Some(wait) = saving {
        // The sender sends nothing: it goes away when the save has ended, well or badly.
        let _ = wait.recv_timeout(LONGEST_SAVE);
    }
}

fn watch(mut hear: UnixStream, heard: &[Arc<AtomicBool>; SIGNALS.len()]) {
    loop {
        if let Some(signal) =
            ENDING.iter().zip(heard).find(|(_, flag)| flag.load(SeqCst)).map(|(signal, _)| *signal)
        {
            end(signal);
        }
        let take = |signal: i32| {
            SIGNALS.iter().zip(heard).any(|(one, flag)| *one == signal && flag.swap(false, SeqCst))
        };
        if take(SIGTSTP) {
            modes::suspend();
            // The whole group, or a script that started the program would hold the shell. SIGCONT comes as a signal.
            let _ = kill_current_process_group(Signal::STOP);
        }
        if take(SIGCONT) {
            match modes::resume() {
                Resumed::Screen => queue::send(Event::Redraw),
                Resumed::Nothing => {}
                // What touches the terminal in the background is stopped until it is brought to the front.
                Resumed::InBackground => {
                    let _ = kill_current_process_group(Signal::TTOU);
                }
            }
        }
        if take(SIGWINCH)
            && let Ok(size) = rustix::termios::tcgetwinsize(stdout())
        {
            queue::send(Event::Resize(size.ws_col, size.ws_row));
        }
        sleep_until_woken(&mut hear);
    }
}

fn sleep_until_woken(hear: &mut UnixStream) {
    let (standard_input, standard_output) = (stdin(), stdout());
    let mut awaited = vec![PollFd::new(&*hear, PollFlags::IN)];
    if modes::is_taken() {
        // With nothing asked for, only "gone" and "broken" are reported.
        awaited.push(PollFd::new(&standard_input, PollFlags::empty()));
        awaited.push(PollFd::new(&standard_output, PollFlags::empty()));
    }
    if poll(&mut awaited, None).is_err() {
        return;
    }
    let gone = awaited[1..].iter().any(has_gone);
    let woken = !awaited[0].revents().is_empty();
    if gone && modes::is_taken() {
        end(SIGHUP);
    }
    if woken && !matches!(hear.read(&mut [0; 64]), Ok(1..)) {
        // Our own pipe cannot fail while the guard lives; without it there would be no way to hear anything.
        process::abort();
    }
}

/// Wakes the guard, so that it looks at a newly opened terminal too.
pub(super) fn wake() {
    if let Some(guard) = GUARD.get() {
        let _ = (&guard.wake).write(&[0]);
    }
}

/// The signals that were ignored when the program started (bit n − 1 for signal n); none where the system does not
/// say. Handlers set since then are not in it.
fn ignored_signals() -> u64 {
    std::fs::read_to_string("/proc/self/status").map_or(0, |status| ignored_in(&status))
}

fn ignored_in(status: &str) -> u64 {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_signals_are_read_from_the_mask() {
        let status = "Name:\tlosslab\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\nSigCgt:\t0\n";
        let ignored = ignored_in(status);
        assert_ne!(ignored & (1 << (SIGHUP - 1)), 0, "bit 0 is SIGHUP");
        assert_eq!(ignored & (1 << (SIGTERM - 1)), 0);
        assert_eq!(ignored_in("nothing of the kind"), 0);
    }

    #[test]
    fn a_save_is_waited_for_and_a_slow_one_only_so_long() {
        let saved = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&saved);
        set_save(Some(Box::new(move || flag.store(true, SeqCst))));
        wait_for(start_saving());
        assert!(saved.load(SeqCst));
        assert!(start_saving().is_none(), "once only");

        set_save(Some(Box::new(|| thread::sleep(Duration::from_secs(5)))));
        let before = Instant::now();
        wait_for(start_saving());
        assert!(before.elapsed() < Duration::from_secs(3));
    }
}
