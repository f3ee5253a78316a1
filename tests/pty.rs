//! The terminal layer on a real terminal: whatever happens, the terminal comes back as it was, with the right exit
//! code, soon.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test file: what fails here is the test")]

use std::{fs, path::Path, time::Duration};

use rustix::process::Signal;

#[path = "pty/harness.rs"]
mod harness;

use harness::{End, Lab, Start, count};

/// The program under test. It shows `READY` when its screen is up, and obeys the keys of `tests/pty/probe.rs`.
const PROGRAM: &str = env!("CARGO_BIN_EXE_terminal-probe");
const READY: &str = "losslab probe";

/// What "soon" means on a machine that is busy with other tests; alone it is well under a second.
const SOON: Duration = Duration::from_secs(4);

/// A folder for the log and what is saved.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &str {
        self.0.path().to_str().unwrap()
    }

    fn file(&self, name: &str) -> String {
        format!("{}/{name}", self.path())
    }

    fn log(&self) -> String {
        fs::read_to_string(self.file("losslab/losslab.log")).unwrap()
    }

    fn start(&self, arguments: &[&str]) -> Lab {
        let lab = Lab::start(&Start::new(&[&[PROGRAM], arguments].concat(), self.path()));
        lab.wait_for(READY);
        lab
    }

    /// Runs a shell script in which `$0` is the program.
    fn script(&self, script: &str) -> Lab {
        Lab::start(&Start::new(&["sh", "-c", script, PROGRAM], self.path()))
    }
}

fn assert_ends(lab: &mut Lab, code: u32) {
    let (end, took) = lab.wait_for_end();
    assert_eq!(end, End::with(code));
    assert!(took < SOON, "it took {took:?}");
    lab.assert_restored();
}

#[test]
fn q_and_control_c_quit() {
    for (key, code) in [("q", 0), ("\x03", 130)] {
        let home = Home::new();
        let mut lab = home.start(&[]);
        assert_ne!(lab.modes(), lab.modes_before(), "raw mode is on");
        assert!(lab.look(vt100::Screen::alternate_screen));
        assert!(lab.look(vt100::Screen::bracketed_paste));
        assert!(lab.look(vt100::Screen::hide_cursor));
        lab.send(key.as_bytes());
        assert_ends(&mut lab, code);
        assert_eq!(lab.contents().trim(), "", "nothing is left on the shell's screen");
    }
}

#[test]
fn signals_save_restore_and_say_their_number() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129), (Signal::QUIT, 131)] {
        let home = Home::new();
        let saved = home.file("saved");
        let mut lab = home.start(&[&format!("--save={saved}")]);
        lab.signal(signal);
        assert_ends(&mut lab, code);
        assert!(Path::new(&saved).exists(), "{signal:?}: what was to be saved is saved");
    }
}

#[test]
fn a_signal_ends_a_stuck_screen_and_so_does_a_second_control_c() {
    let home = Home::new();
    let mut lab = home.start(&[]);
    lab.send(b"s");
    lab.wait_until("the program is idle", |lab| {
        let before = lab.raw().len();
        std::thread::sleep(Duration::from_millis(150));
        lab.raw().len() == before
    });
    lab.signal(Signal::TERM);
    assert_ends(&mut lab, 143);

    let mut lab = home.start(&[]);
    lab.send(b"s\x03\x03");
    assert_ends(&mut lab, 130);
}

#[test]
fn a_panic_of_the_screens_thread_restores_then_speaks() {
    for (arguments, key, message) in [
        (&[][..], "p", "the panic that was asked for"),
        (&["--fault=panic:main"], "", "the fault that was asked for"),
    ] {
        let home = Home::new();
        let saved = home.file("saved");
        let save = format!("--save={saved}");
        let mut lab = Lab::start(&Start::new(&[&[PROGRAM, &save], arguments].concat(), home.path()));
        if !key.is_empty() {
            lab.wait_for(READY);
            lab.send(key.as_bytes());
        }
        assert_ends(&mut lab, 101);
        let left = lab.contents().replace('\n', "");
        assert!(left.contains(message), "the message stands on the shell's screen: {left}");
        assert!(left.contains("losslab/losslab.log"), "and where the log is: {left}");
        assert!(Path::new(&saved).exists());
    }
}

#[test]
fn a_panic_of_a_worker_leaves_the_screen_alive() {
    let home = Home::new();
    let mut lab = home.start(&[]);
    lab.send(b"w");
    lab.wait_for("worker simulation: the worker's panic");
    lab.wait_for("redraws 1");
    assert!(lab.look(vt100::Screen::alternate_screen));
    assert!(
        !String::from_utf8_lossy(&lab.raw()).contains("panicked at"),
        "the hook's text is not on the screen"
    );
    assert!(home.log().contains("the worker's panic"), "it is in the log");
    lab.send(b"q");
    assert_ends(&mut lab, 0);
}

#[test]
fn control_z_and_tstp_stop_and_cont_draws_again() {
    let home = Home::new();
    let mut lab = home.start(&[]);
    for (round, by_key) in [true, false, true].into_iter().enumerate() {
        if by_key {
            lab.send(b"\x1a");
        } else {
            lab.signal_group(Signal::TSTP);
        }
        lab.wait_until("the program is stopped", |lab| lab.state() == Some('T'));
        lab.wait_until("the alternate screen was left", |lab| !lab.look(vt100::Screen::alternate_screen));
        lab.assert_restored();
        lab.signal_group(Signal::CONT);
        lab.wait_for(&format!("redraws {}", round + 1));
        lab.wait_for(READY);
        assert_ne!(lab.modes(), lab.modes_before(), "raw mode is on again");
    }
    // A stop that nobody announces.
    lab.signal_group(Signal::STOP);
    lab.wait_until("the program is stopped", |lab| lab.state() == Some('T'));
    lab.signal_group(Signal::CONT);
    lab.wait_for("redraws 4");
    lab.send(b"q");
    let (end, _) = lab.wait_for_end();
    assert_eq!(end, End::with(0));
    assert_eq!(lab.modes(), lab.modes_before());
}

#[test]
fn a_stopped_program_can_be_ended() {
    let home = Home::new();
    let mut lab = home.start(&[]);
    lab.send(b"\x1a");
    lab.wait_until("the program is stopped", |lab| lab.state() == Some('T'));
    lab.signal_group(Signal::TERM);
    lab.signal_group(Signal::CONT);
    assert_ends(&mut lab, 143);
}

#[test]
fn a_shell_with_job_control_stops_and_continues_it() {
    let home = Home::new();
    let shell = ["bash", "--norc", "--noprofile", "-i"];
    let mut lab = Lab::start(&Start::new(&shell, home.path()).env("PS1", Some("shell> ")));
    lab.wait_for("shell>");
    lab.send(format!("{PROGRAM}\r").as_bytes());
    lab.wait_for(READY);
    lab.send(b"\x1a");
    lab.wait_for("Stopped");
    // In the background it must not draw: it is stopped again as soon as it touches the terminal.
    lab.send(b"bg; sleep 0.3; echo still-'here'\r");
    lab.wait_for("still-here");
    assert!(!lab.look(vt100::Screen::alternate_screen));
    lab.send(b"fg\r");
    lab.wait_for(READY);
    lab.send(b"q");
    lab.wait_until("the shell is back", |lab| !lab.look(vt100::Screen::alternate_screen));
    lab.send(b"echo code-$?; exit 7\r");
    lab.wait_for("code-0");
    assert_eq!(lab.wait_for_end().0, End::with(7));
}

#[test]
fn a_lost_terminal_ends_the_program_even_where_hangups_are_ignored() {
    for ignoring in [false, true] {
        let home = Home::new();
        let saved = home.file("saved");
        let trap = if ignoring { "trap '' HUP; " } else { "" };
        let mut lab = home.script(&format!("{trap}exec \"$0\" --save={saved}"));
        lab.wait_for(READY);
        let ticks = lab.ticks().unwrap();
        lab.hang_up();
        let used = std::cell::Cell::new(0);
        lab.wait_until("the program has ended", |lab| {
            used.set(lab.ticks().map_or(used.get(), |now| now - ticks));
            matches!(lab.state(), None | Some('Z'))
        });
        let (end, _) = lab.wait_for_end();
        assert_eq!(end, End::with(129), "ignoring: {ignoring}");
        assert!(used.get() < 30, "{} ticks of processor time after the terminal had gone", used.get());
        assert!(Path::new(&saved).exists());
    }
}

#[test]
fn an_ignored_hangup_stays_ignored() {
    let home = Home::new();
    let mut lab = home.script("trap '' HUP; exec \"$0\"");
    lab.wait_for(READY);
    lab.signal(Signal::HUP);
    lab.send(b"x");
    lab.wait_for("Char('x')");
    lab.send(b"q");
    assert_ends(&mut lab, 0);
}

#[test]
fn without_a_terminal_it_says_so_in_one_line_and_sends_no_escape() {
    let table = [
        ("\"$0\" < /dev/null", "standard input is not a terminal"),
        ("\"$0\" | cat; exit 2", "standard output is not a terminal"),
        ("\"$0\" <&-", "standard input is not a terminal"),
        ("\"$0\" >&-", "standard output is not a terminal"),
        ("\"$0\" <&- >&-", "standard input is not a terminal"),
        ("\"$0\" <&- >&- 2>&-", ""),
        ("TERM=dumb \"$0\"", "TERM=dumb cannot show the lab"),
        ("TERM= \"$0\"", "TERM is not set"),
    ];
    for (script, message) in table {
        let home = Home::new();
        let mut lab = home.script(script);
        let (end, _) = lab.wait_for_end();
        assert_eq!(end, End::with(2), "{script}");
        let raw = String::from_utf8(lab.raw()).unwrap();
        assert!(raw.contains(message), "{script}: {raw}");
        assert!(!raw.contains('\x1b'), "{script}: {raw:?}");
        assert_eq!(count(&raw, "\n"), usize::from(!message.is_empty()), "one line: {raw:?}");
        assert_eq!(count(&raw, "losslab run"), usize::from(!message.is_empty()), "the way out: {raw:?}");
    }
}

#[test]
fn a_closed_stderr_is_no_obstacle() {
    let home = Home::new();
    let mut lab = home.script("exec \"$0\" 2>&-");
    lab.wait_for(READY);
    lab.send(b"e");
    lab.wait_for("Char('e')");
    lab.send(b"q");
    assert_ends(&mut lab, 0);
}

#[test]
fn what_libraries_say_goes_to_the_log_and_never_to_the_screen() {
    let home = Home::new();
    let mut lab = home.start(&[]);
    lab.send(b"e");
    lab.wait_until("the log has it", |_| home.log().contains("a library complains"));
    lab.send(b"q");
    assert_ends(&mut lab, 0);
    assert!(!String::from_utf8_lossy(&lab.raw()).contains("a library complains"));

    let mut refused = Lab::start(&Start::new(&[PROGRAM, "--log=/proc/no/such.log"], home.path()));
    assert_eq!(refused.wait_for_end().0, End::with(2));
    assert!(refused.contents().contains("cannot write the log /proc/no/such.log"), "{}", refused.contents());
}

#[test]
fn no_color_sends_no_colour_and_keeps_bold_and_reverse() {
    let home = Home::new();
    let mut lab = Lab::start(&Start::new(&[PROGRAM], home.path()).env("NO_COLOR", Some("1")));
    lab.wait_for(READY);
    lab.look(|screen| {
        let title = screen.cell(0, 0).unwrap();
        assert!(title.bold() && title.inverse());
        assert!(screen.cell(1, 0).unwrap().underline());
    });
    lab.send(b"q");
    assert_ends(&mut lab, 0);
    let raw = String::from_utf8(lab.raw()).unwrap();
    for parameters in sgr_parameters(&raw) {
        assert_ne!(parameters, "", "a bare reset");
        for code in parameters.split(';') {
            assert!(matches!(code.parse::<u8>(), Ok(0..=29)), "CSI {parameters} m is a colour");
        }
    }
    assert!(sgr_parameters(&raw).contains(&"1"), "bold is sent");
}

#[test]
fn colours_are_cut_down_to_what_was_asked_for() {
    for (argument, wanted) in [
        ("--colour=sixteen", vt100::Color::Idx(9)),
        ("--colour=truecolour", vt100::Color::Rgb(250, 10, 10)),
        ("--colour=mono", vt100::Color::Default),
        ("--colour=auto", vt100::Color::Idx(196)),
    ] {
        let home = Home::new();
        let mut lab = home.start(&[argument]);
        assert_eq!(lab.look(|screen| screen.cell(1, 0).unwrap().fgcolor()), wanted, "{argument}");
        lab.send(b"q");
        assert_ends(&mut lab, 0);
    }
}

#[test]
fn frames_are_synchronised_updates() {
    let home = Home::new();
    let mut lab = home.start(&[]);
    lab.send(b"q");
    assert_ends(&mut lab, 0);
    let raw = String::from_utf8(lab.raw()).unwrap();
    let first = raw.find("\x1b[?2026h").unwrap();
    assert!(raw.find("coloured").unwrap() > first);
    let unbalanced = count(&raw, "\x1b[?2026l") - count(&raw, "\x1b[?2026h");
    assert_eq!(unbalanced, 1, "each frame is ended, and leaving ends one more to be sure");
}

#[test]
fn input_of_every_kind_arrives_and_junk_does_not() {
    let home = Home::new();
    let mut lab = home.start(&[]);
    lab.send(b"\x1b[<0;5;7M");
    lab.wait_for("Down(Left)");
    lab.send(b"\x1b[1;2A");
    lab.wait_for("Up");
    lab.send(b"\x1b[O");
    lab.wait_for("FocusLost");
    lab.send(&[b"\x1b[200~", &vec![b'x'; 100_000][..], b"\x1b[201~"].concat());
    lab.wait_for("pasted 100000 bytes");
    // An answer that nobody asked for, and half a sequence, which must not hold up the next key.
    lab.send(b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\");
    lab.send(b"k");
    lab.wait_for("Char('k')");
    lab.send(b"\x1b[12;");
    std::thread::sleep(Duration::from_millis(200));
    lab.send(b"y");
    lab.wait_for("Char('y')");
    lab.send(b"\xff\xc3(\xe2\x82z");
    lab.wait_for("Char('z')");
    lab.send(b"m");
    lab.wait_until("the mouse is free", |lab| {
        lab.look(|screen| screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None)
    });
    lab.send(b"q");
    assert_ends(&mut lab, 0);
}

#[test]
fn a_terminal_that_takes_no_bytes_holds_up_no_signal_and_a_slow_one_no_key() {
    let home = Home::new();
    let mut lab = home.start(&[]);
    lab.stall(true);
    // Each new size is a whole frame; some dozens fill the line.
    for round in 0..80 {
        lab.resize(150 + round % 2, 50);
        std::thread::sleep(Duration::from_millis(10));
    }
    lab.signal(Signal::TERM);
    lab.wait_until("the program has ended", |lab| matches!(lab.state(), None | Some('Z')));
    lab.stall(false);
    assert_ends(&mut lab, 143);

    let mut lab = home.start(&[]);
    lab.stall(true);
    for round in 0..80 {
        lab.resize(150 + round % 2, 50);
        std::thread::sleep(Duration::from_millis(10));
    }
    lab.send(b"q");
    lab.stall(false);
    assert_ends(&mut lab, 0);
}

#[test]
fn a_storm_of_sizes_is_survived() {
    let home = Home::new();
    let mut lab = home.start(&[]);
    // A fixed walk over odd sizes, with the extreme ones in between.
    for round in 0..300_u32 {
        let (columns, rows) = match round % 10 {
            0 => (0, 0),
            1 => (1, 1),
            2 => (2, 1),
            3 => (1, 500),
            4 => (500, 1),
            _ => (1 + (round * 7919 % 200) as u16, 1 + (round * 104_729 % 60) as u16),
        };
        lab.resize(columns, rows);
        std::thread::sleep(Duration::from_millis(2));
    }
    lab.resize(100, 30);
    lab.wait_for("of 100x30");
    lab.send(b"q");
    assert_ends(&mut lab, 0);
}

/// The parameters of each `CSI … m`.
fn sgr_parameters(raw: &str) -> Vec<&str> {
    raw.split("\x1b[")
        .skip(1)
        .filter_map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != ';' && c != ':')?;
            rest[end..].starts_with('m').then(|| &rest[..end])
        })
        .collect()
}
