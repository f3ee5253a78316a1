//! A program on a terminal of its own: start it, type, look at its screen, send signals, wait for its end.
//! Every wait has a bound that a loaded machine does not reach; nothing sleeps for a fixed time where it can look.

use std::{
    fs,
    io::{Read, Write},
    num::NonZeroU16,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// The bound of every wait.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// How a program is started.
pub(crate) struct Start<'a> {
    /// The program and its arguments.
    pub(crate) command: Vec<&'a str>,
    /// Variables to set, or, with `None`, to remove. Nothing else is inherited but `PATH`.
    pub(crate) env: Vec<(&'a str, Option<&'a str>)>,
    /// Columns and rows.
    pub(crate) size: (u16, u16),
}

impl<'a> Start<'a> {
    /// On a usual terminal of 80×24, with home and state folder in `home`.
    pub(crate) fn new(command: &[&'a str], home: &'a str) -> Self {
        let env = vec![
            ("TERM", Some("xterm-256color")),
            ("LANG", Some("C.UTF-8")),
            ("HOME", Some(home)),
            ("XDG_STATE_HOME", Some(home)),
        ];
        Self { command: command.to_vec(), env, size: (80, 24) }
    }

    /// With one more variable, or one less.
    pub(crate) fn env(mut self, name: &'a str, value: Option<&'a str>) -> Self {
        self.env.push((name, value));
        self
    }
}

/// How a program ended, and how long that took from the moment of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct End {
    /// The exit code; `None` where a signal killed it.
    pub(crate) code: Option<u32>,
    /// The signal that killed it.
    pub(crate) signal: Option<String>,
}

impl End {
    /// Ended by itself with this code.
    pub(crate) fn with(code: u32) -> Self {
        Self { code: Some(code), signal: None }
    }
}

/// What came out of the program so far.
struct Seen {
    screen: vt100::Parser,
    raw: Vec<u8>,
}

/// A running program and its terminal.
pub(crate) struct Lab {
    child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    reader: Option<JoinHandle<()>>,
    stop_reading: Arc<AtomicBool>,
    stalled: Arc<AtomicBool>,
    seen: Arc<Mutex<Seen>>,
    modes_before: String,
}

impl Lab {
    /// Starts the program as the leader of a session on a new terminal.
    pub(crate) fn start(start: &Start<'_>) -> Self {
        let (columns, rows) = start.size;
        let pair = native_pty_system().openpty(pty_size(columns, rows)).unwrap();
        let mut command = CommandBuilder::new(start.command[0]);
        command.args(&start.command[1..]);
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        for (name, value) in &start.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            }
        }
        let modes_before = modes(&*pair.master);
        let mut output = pair.master.try_clone_reader().unwrap();
        let writer = pair.master.take_writer().unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);

        let screen = vt100::Parser::new(at_least_one(rows), at_least_one(columns), 0);
        let seen = Arc::new(Mutex::new(Seen { screen, raw: Vec::new() }));
        let stop_reading = Arc::new(AtomicBool::new(false));
        let stalled = Arc::new(AtomicBool::new(false));
        let (shared, stop, stall) = (Arc::clone(&seen), Arc::clone(&stop_reading), Arc::clone(&stalled));
        let reader = thread::spawn(move || {
            let mut bytes = [0; 16 << 10];
            // The read fails when the program has ended and everything was read.
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                let mut seen = shared.lock().unwrap_or_else(PoisonError::into_inner);
                seen.raw.extend_from_slice(&bytes[..count]);
                seen.screen.process(&bytes[..count]);
                drop(seen);
                while stall.load(SeqCst) {
                    thread::sleep(Duration::from_millis(1));
                }
                if stop.load(SeqCst) {
                    return;
                }
            }
        });
        let (master, writer, reader) = (Some(pair.master), Some(writer), Some(reader));
        Self { child, master, writer, reader, stop_reading, stalled, seen, modes_before }
    }

    /// Types.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        let writer = self.writer.as_mut().expect("the terminal is still there");
        writer.write_all(bytes).and_then(|()| writer.flush()).unwrap();
    }

    /// The screen as text, one line a row.
    pub(crate) fn contents(&self) -> String {
        self.seen().screen.screen().contents()
    }

    /// Every byte written so far.
    pub(crate) fn raw(&self) -> Vec<u8> {
        self.seen().raw.clone()
    }

    /// Looks at the emulated screen: its cells, its modes.
    pub(crate) fn look<T>(&self, at: impl FnOnce(&vt100::Screen) -> T) -> T {
        at(self.seen().screen.screen())
    }

    /// Waits until the screen shows `text`, and panics with the screen otherwise.
    pub(crate) fn wait_for(&self, text: &str) {
        self.wait_until(text, |lab| lab.contents().contains(text));
    }

    /// Waits until a condition holds; `what` names it in the failure.
    pub(crate) fn wait_until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + LONGEST_WAIT;
        while !holds(self) {
            assert!(
                Instant::now() < deadline,
                "waited in vain for: {what}\nthe screen:\n{}",
                self.contents()
            );
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Gives the terminal another size; the emulated screen follows.
    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        self.seen().screen.screen_mut().set_size(at_least_one(rows), at_least_one(columns));
        self.master.as_ref().expect("the terminal is still there").resize(pty_size(columns, rows)).unwrap();
    }

    /// Reads nothing more from the terminal, or goes on reading.
    pub(crate) fn stall(&self, on: bool) {
        self.stalled.store(on, SeqCst);
    }

    /// Sends a signal to the started process alone.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Sends a signal to the process group, as a shell does.
    pub(crate) fn signal_group(&self, signal: Signal) {
        kill_process_group(self.pid(), signal).unwrap();
    }

    /// The started process.
    pub(crate) fn pid(&self) -> Pid {
        let id = self.child.process_id().expect("the process was started");
        Pid::from_raw(id as i32).expect("no process has the number 0")
    }

    /// The state letter of the process: `R`, `S`, `T` for stopped, `Z`. None where it has gone.
    pub(crate) fn state(&self) -> Option<char> {
        self.stat().and_then(|stat| stat.chars().next())
    }

    /// Processor time used so far, in clock ticks (a hundred a second); None where the process has gone.
    pub(crate) fn ticks(&self) -> Option<u64> {
        let stat = self.stat()?;
        let fields: Vec<&str> = stat.split(' ').collect();
        Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
    }

    /// `/proc/PID/stat` from the state on: what comes before may hold spaces.
    fn stat(&self) -> Option<String> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid().as_raw_nonzero())).ok()?;
        Some(stat.rsplit_once(") ")?.1.to_owned())
    }

    /// The modes of the terminal as they are now.
    pub(crate) fn modes(&self) -> String {
        modes(&**self.master.as_ref().expect("the terminal is still there"))
    }

    /// The modes the terminal had before the program started.
    pub(crate) fn modes_before(&self) -> &str {
        &self.modes_before
    }

    /// Takes the terminal away, as a closed window does. The program must be drawing: the reader ends with its
    /// next bytes.
    pub(crate) fn hang_up(&mut self) {
        self.stop_reading.store(true, SeqCst);
        self.join_reader();
        self.writer = None;
        self.master = None;
    }

    /// Waits for the end, with everything the program wrote, and says how it ended and how long that took.
    pub(crate) fn wait_for_end(&mut self) -> (End, Duration) {
        let asked = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            let screen = || format!("still running after {LONGEST_WAIT:?}\nthe screen:\n{}", self.contents());
            assert!(asked.elapsed() < LONGEST_WAIT, "{}", screen());
            thread::sleep(Duration::from_millis(2));
        };
        let took = asked.elapsed();
        self.join_reader();
        let signal = status.signal().map(str::to_owned);
        let code = signal.is_none().then(|| status.exit_code());
        (End { code, signal }, took)
    }

    /// Panics unless the terminal is as it was before the program started, and was told so exactly once.
    pub(crate) fn assert_restored(&self) {
        assert_eq!(self.modes(), self.modes_before, "the modes differ from those before");
        let raw = self.raw();
        let told = String::from_utf8_lossy(&raw);
        assert_eq!(
            count(&told, "\x1b[?1049l"),
            count(&told, "\x1b[?1049h"),
            "alternate screen: entered and left"
        );
        let after = told.rsplit("\x1b[?1049h").next().unwrap_or_default();
        for sequence in ["?1049l", "?25h", "?2004l", "?1004l", "?1000l", "?1002l", "?1003l", "?1006l"] {
            assert!(after.contains(&format!("\x1b[{sequence}")), "{sequence} was not sent");
        }
        self.look(|screen| {
            assert!(!screen.alternate_screen(), "the alternate screen was left");
            assert!(!screen.hide_cursor(), "the cursor is shown");
            assert!(!screen.bracketed_paste(), "bracketed paste is off");
            assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None, "the mouse is free");
        });
    }

    fn join_reader(&mut self) {
        let Some(reader) = self.reader.take() else { return };
        let deadline = Instant::now() + LONGEST_WAIT;
        while !reader.is_finished() {
            assert!(Instant::now() < deadline, "the terminal is still held open by somebody");
            thread::sleep(Duration::from_millis(2));
        }
        reader.join().unwrap();
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Lab {
    /// A failed test leaves no process behind.
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = kill_process_group(self.pid(), Signal::KILL);
            let _ = self.child.wait();
        }
    }
}

/// How often `part` occurs in `text`.
pub(crate) fn count(text: &str, part: &str) -> usize {
    text.matches(part).count()
}

fn modes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().expect("a terminal has modes"))
}

fn pty_size(cols: u16, rows: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

fn at_least_one(size: u16) -> NonZeroU16 {
    NonZeroU16::new(size).unwrap_or(NonZeroU16::MIN)
}
