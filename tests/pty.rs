//! The lab on a real terminal: whatever happens, the terminal comes back as it was, with the right exit
//! code, soon.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test file: what fails here is the test")]

use std::{fs, path::Path, time::Duration};

use rustix::process::Signal;

#[path = "pty/harness.rs"]
mod harness;

use harness::{End, LONGEST_WAIT, Lab, Start, count};

/// The program under test. It shows `READY` when its screen is up. Faults are made by `LOSSLAB_FAULT`, which builds
/// without debug assertions know only with `--features faults`; without it those tests are ignored, with the reason.
const PROGRAM: &str = env!("CARGO_BIN_EXE_losslab");
const READY: &str = "4 Params";

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

    /// What is left of a run that was ended from outside.
    fn rescued(&self) -> bool {
        Path::new(&self.file("losslab/rescued.npz")).metadata().is_ok_and(|facts| facts.len() > 1000)
    }

    fn start(&self) -> Lab {
        let lab = Lab::start(&Start::new(&[PROGRAM], self.path()));
        lab.wait_for(READY);
        lab
    }

    /// Starts with a fault, which strikes after the first frame.
    fn start_with(&self, fault: &str) -> Lab {
        Lab::start(&Start::new(&[PROGRAM], self.path()).env("LOSSLAB_FAULT", Some(fault)))
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
        let mut lab = home.start();
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
fn a_whole_session_leaves_the_terminal_as_it_was() {
    let home = Home::new();
    let mut lab = home.script("cd \"$HOME\" && exec \"$0\"");
    lab.wait_for(READY);
    lab.send(b" 4");
    lab.wait_for("paused");
    lab.send(b"\x1b[B");
    lab.send(b"12.5\r");
    lab.wait_for("normface s=12.5");
    lab.send(b"oarcf\r");
    lab.wait_for("arcface s=12.5");
    // The first entry of the menu: view, curve and state.
    lab.send(b"xx");
    lab.wait_for("wrote losslab-001.png");
    for name in ["losslab-001.png", "losslab-001-curves.png", "losslab-001.npz"] {
        assert!(fs::metadata(home.file(name)).unwrap().len() > 1000, "{name}");
    }
    lab.resize(120, 40);
    lab.wait_for("6 Gram");
    lab.resize(40, 10);
    lab.wait_for("losslab needs 60x18");
    lab.resize(80, 24);
    lab.wait_for("3 Angles");
    lab.send(b"q");
    assert_ends(&mut lab, 0);
    assert!(!home.rescued(), "an orderly end needs no rescue");
}

#[test]
fn a_session_is_recorded_and_replayed() {
    let home = Home::new();
    let in_it = |arguments: &str| home.script(&format!("cd \"$HOME\" && exec \"$0\" {arguments}"));
    let mut lab = in_it("--engine cpu");
    lab.wait_for(READY);
    lab.send(b"M");
    lab.wait_for("nothing is recorded that could be marked: r begins a recording");
    lab.send(b"r");
    lab.wait_for("recording into losslab-001.llrec: M puts a mark, r ends it");
    lab.send(b"4\x1b[B\x1b[CM");
    lab.wait_for("mark 1 at step");
    lab.send(b" ");
    lab.wait_for("paused");
    lab.send(b"..M");
    lab.wait_for("rec, 2 marks");
    lab.send(b"q");
    assert_ends(&mut lab, 0);
    let said = lab.contents().replace('\n', "");
    assert!(said.contains("the recording: wrote losslab-001.llrec into "), "{said}");
    // A replay stops at the marks, and does not hear what is typed by mistake.
    let mut lab = in_it("replay losslab-001.llrec --speed 4");
    lab.wait_for("at the mark 1: space goes on, Esc takes over");
    lab.send(b"o");
    lab.wait_for("a recording is played: space holds it, Esc takes over");
    lab.send(b" ");
    lab.wait_for("at the mark 2: space goes on");
    lab.send(b"\r");
    lab.wait_for("the replay is over: the lab is yours");
    lab.send(b"q");
    assert_ends(&mut lab, 0);
    let mut lab = in_it("replay losslab-001.llrec --stop-at mark:2");
    lab.wait_for("replay ");
    lab.send(b"\x1b");
    lab.wait_for("the lab is yours");
    lab.send(b"q");
    assert_ends(&mut lab, 0);
    // Nothing can be lost that was done before a kill.
    let mut lab = in_it("--engine cpu");
    lab.wait_for(READY);
    lab.send(b"r");
    lab.wait_for("recording into losslab-002.llrec");
    lab.send(b" ");
    lab.wait_for("paused");
    lab.send(b"M");
    lab.wait_for("mark 1 at step");
    lab.signal(Signal::KILL);
    lab.wait_for_end();
    let mut lab = in_it("replay losslab-002.llrec --plain");
    let (end, _) = lab.wait_for_end();
    assert_eq!(end, End::with(0));
    let said = String::from_utf8_lossy(&lab.raw()).into_owned();
    assert!(said.contains("Mark 1, at step") && said.contains("Here it breaks off, at step"), "{said}");
}

#[test]
fn the_lab_opens_on_networks_and_shows_rows_they_never_saw() {
    let home = Home::new();
    let network = [
        "--objective",
        "softmax",
        "--model",
        "mlp",
        "--width",
        "16",
        "--data",
        "digits",
        "--dim",
        "5",
        "--batch",
        "64",
        "--holdout",
        "0.2",
        "--engine",
        "cpu",
    ];
    let mut lab = Lab::start(&Start::new(&[&[PROGRAM], &network[..]].concat(), home.path()));
    lab.wait_for(READY);
    lab.send(b"9");
    for name in ["train accuracy", "held-out accuracy", "train loss", "held-out loss"] {
        lab.wait_for(name);
    }
    // A fifth of the 1797 digits is held out, class by class.
    let shown = lab.contents();
    assert!(shown.contains("C=10 d=5 N=14"), "{shown}");
    lab.send(b"q");
    assert_ends(&mut lab, 0);
    let matrices = [
        "--objective",
        "mse",
        "--model",
        "linear",
        "--depth",
        "3",
        "--bias",
        "false",
        "--dim",
        "6",
        "--weight-decay",
        "0.01",
        "--weight-decay-weights",
        "0.01",
        "--engine",
        "cpu",
    ];
    let mut lab = Lab::start(&Start::new(&[&[PROGRAM], &matrices[..]].concat(), home.path()));
    lab.wait_for(READY);
    lab.wait_for("C=4 d=6 N=200");
    lab.send(b"9");
    lab.wait_for("above floor");
    assert!(!lab.contents().contains("held-out"));
    lab.send(b"q");
    assert_ends(&mut lab, 0);
}

#[test]
fn a_capital_q_leaves_the_last_frame_on_the_shells_screen() {
    let home = Home::new();
    let mut lab = home.start();
    lab.send(b"Q");
    assert_ends(&mut lab, 0);
    assert!(lab.contents().contains("4 Params"), "{}", lab.contents());
}

#[test]
fn signals_save_restore_and_say_their_number() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129), (Signal::QUIT, 131)] {
        let home = Home::new();
        let mut lab = home.start();
        lab.signal(signal);
        assert_ends(&mut lab, code);
        assert!(home.rescued(), "{signal:?}: the state is saved");
    }
}

#[test]
#[cfg_attr(
    not(any(debug_assertions, feature = "faults")),
    ignore = "faults need debug assertions or --features faults"
)]
fn a_signal_ends_a_stuck_screen_and_so_does_a_second_control_c() {
    let home = Home::new();
    let mut lab = home.start_with("stuck");
    lab.wait_for(READY);
    lab.signal(Signal::TERM);
    assert_ends(&mut lab, 143);

    let mut lab = home.start_with("stuck");
    lab.wait_for(READY);
    lab.send(b"\x03\x03");
    assert_ends(&mut lab, 130);
}

#[test]
#[cfg_attr(
    not(any(debug_assertions, feature = "faults")),
    ignore = "faults need debug assertions or --features faults"
)]
fn a_panic_of_the_screens_thread_restores_then_speaks() {
    let home = Home::new();
    let mut lab = home.start_with("panic:main");
    assert_ends(&mut lab, 101);
    let left = lab.contents().replace('\n', "");
    assert!(
        left.contains("the fault that was asked for"),
        "the message stands on the shell's screen: {left}"
    );
    assert!(left.contains("losslab/losslab.log"), "and where the log is: {left}");
    assert!(home.rescued());
}

#[test]
#[cfg_attr(
    not(any(debug_assertions, feature = "faults")),
    ignore = "faults need debug assertions or --features faults"
)]
fn a_panic_of_a_worker_leaves_the_screen_alive() {
    for (fault, key, said) in
        [("panic:worker", "", "losslab-worker hit a bug"), ("panic:export", "xx", "hit a bug of its own")]
    {
        let home = Home::new();
        let mut lab = home.start_with(fault);
        lab.wait_for(READY);
        lab.send(key.as_bytes());
        lab.wait_for(said);
        assert!(lab.look(vt100::Screen::alternate_screen));
        assert!(
            !String::from_utf8_lossy(&lab.raw()).contains("panicked at"),
            "the hook's text is not on the screen"
        );
        lab.wait_until("the log has it", |_| home.log().contains("'s panic"));
        lab.send(b"q");
        assert_ends(&mut lab, 0);
    }
}

#[test]
fn control_z_and_tstp_stop_and_cont_draws_again() {
    let home = Home::new();
    let mut lab = home.start();
    for by_key in [true, false, true] {
        if by_key {
            lab.send(b"\x1a");
        } else {
            lab.signal_group(Signal::TSTP);
        }
        lab.wait_until("the program is stopped", |lab| lab.state() == Some('T'));
        lab.wait_until("the alternate screen was left", |lab| !lab.look(vt100::Screen::alternate_screen));
        lab.assert_restored();
        lab.signal_group(Signal::CONT);
        lab.wait_until("the screen is back", |lab| {
            lab.look(vt100::Screen::alternate_screen) && lab.contents().contains(READY)
        });
        assert_ne!(lab.modes(), lab.modes_before(), "raw mode is on again");
    }
    // A stop that nobody announces.
    lab.signal_group(Signal::STOP);
    lab.wait_until("the program is stopped", |lab| lab.state() == Some('T'));
    lab.signal_group(Signal::CONT);
    lab.send(b"?");
    lab.wait_for(" Keys ");
    lab.send(b"?q");
    let (end, _) = lab.wait_for_end();
    assert_eq!(end, End::with(0));
    assert_eq!(lab.modes(), lab.modes_before());
}

#[test]
fn a_stopped_program_can_be_ended() {
    let home = Home::new();
    let mut lab = home.start();
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

/// The program started by a shell, stopped and continued by somebody else while the shell has the terminal; `before` is
/// what a script does before it becomes the program.
fn continued_behind_the_shell(before: &str, stops_again: bool) {
    let home = Home::new();
    let shell = ["bash", "--norc", "--noprofile", "-i"];
    let mut lab = Lab::start(&Start::new(&shell, home.path()).env("PS1", Some("shell> ")));
    lab.wait_for("shell>");
    let script = format!("{before}echo $$ > {}; exec {PROGRAM}", home.file("pid"));
    fs::write(home.file("script"), script).unwrap();
    lab.send(format!("sh {}\r", home.file("script")).as_bytes());
    lab.wait_for(READY);
    let pid: i32 = fs::read_to_string(home.file("pid")).unwrap().trim().parse().unwrap();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    let signal = |signal| rustix::process::kill_process(pid, signal).unwrap();
    let stopped = || {
        let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap();
        stat.rsplit_once(") ").unwrap().1.starts_with('T')
    };
    for round in 0..2 {
        signal(Signal::STOP);
        lab.wait_for("Stopped");
        lab.send(format!("clear; echo the-shell-'has'-it-{round}\r").as_bytes());
        lab.wait_for(&format!("the-shell-has-it-{round}"));
        let before = lab.raw().len();
        // Nothing is typed that the program could be stopped at while it reads.
        lab.send(format!("sleep 0.5; echo still-'here'-{round}\r").as_bytes());
        lab.wait_for(&format!("sleep 0.5; echo still-'here'-{round}"));
        signal(Signal::CONT);
        lab.wait_for(&format!("still-here-{round}"));
        if !stops_again {
            // It has waited; a key that it and the shell both could read is none of this test.
            signal(Signal::STOP);
        }
        lab.wait_until("the program is stopped", |_| stopped());
        // The shell has to have heard of it before it is asked to fetch it.
        let asked = std::time::Instant::now();
        while !lab.contents().contains("Stopped") {
            assert!(asked.elapsed() < LONGEST_WAIT, "the shell knows nothing of it: {}", lab.contents());
            lab.send(b"jobs\r");
            std::thread::sleep(Duration::from_millis(100));
        }
        let raw = lab.raw();
        let told = String::from_utf8_lossy(&raw[before..]);
        assert!(!told.contains("\x1b[?2026h") && !told.contains("\x1b[?1049h"), "it drew: {told:?}");
        lab.send(b"fg\r");
        // Drawn whole: nothing of the shell's is left.
        lab.wait_until("the screen is back", |lab| {
            let shown = lab.contents();
            shown.contains(READY) && shown.contains("1 View") && !shown.contains("still-here")
        });
        lab.send(b"?");
        lab.wait_for(" Keys ");
        lab.send(b"?");
        lab.wait_until("the help is closed", |lab| !lab.contents().contains(" Keys "));
    }
    lab.send(b"q");
    lab.wait_until("the shell is back", |lab| !lab.look(vt100::Screen::alternate_screen));
    lab.send(b"echo code-$?; exit 7\r");
    lab.wait_for("code-0");
    assert_eq!(lab.wait_for_end().0, End::with(7));
}

#[test]
fn stopped_and_continued_from_outside_it_leaves_the_shell_alone_until_it_is_fetched() {
    continued_behind_the_shell("", true);
    // Where nothing stops what writes in the background it waits.
    continued_behind_the_shell("trap '' TTOU; ", false);
}

#[test]
fn a_lost_terminal_ends_the_program_even_where_hangups_are_ignored() {
    for ignoring in [false, true] {
        let home = Home::new();
        let trap = if ignoring { "trap '' HUP; " } else { "" };
        let mut lab = home.script(&format!("{trap}exec \"$0\""));
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
        assert!(used.get() < 60, "{} ticks of processor time after the terminal had gone", used.get());
        assert!(home.rescued());
    }
}

#[test]
fn an_ignored_hangup_stays_ignored() {
    let home = Home::new();
    let mut lab = home.script("trap '' HUP; exec \"$0\"");
    lab.wait_for(READY);
    lab.signal(Signal::HUP);
    lab.send(b"?");
    lab.wait_for(" Keys ");
    lab.send(b"?q");
    assert_ends(&mut lab, 0);
}

#[test]
fn without_a_terminal_it_says_so_in_one_line_and_sends_no_escape() {
    let table = [
        ("\"$0\" < /dev/null", "standard input is not a terminal"),
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
    lab.send(b"?");
    lab.wait_for(" Keys ");
    lab.send(b"?q");
    assert_ends(&mut lab, 0);
}

#[test]
#[cfg_attr(
    not(any(debug_assertions, feature = "faults")),
    ignore = "faults need debug assertions or --features faults"
)]
fn what_libraries_say_goes_to_the_log_and_never_to_the_screen() {
    let home = Home::new();
    let mut lab = home.start_with("stderr");
    lab.wait_for(READY);
    lab.wait_until("the log has it", |_| home.log().contains("a library complains"));
    lab.send(b"q");
    assert_ends(&mut lab, 0);
    assert!(!String::from_utf8_lossy(&lab.raw()).contains("a library complains"));
}

#[test]
fn no_color_sends_no_colour_and_keeps_bold() {
    let home = Home::new();
    let mut lab = Lab::start(&Start::new(&[PROGRAM], home.path()).env("NO_COLOR", Some("1")));
    lab.wait_for(READY);
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
fn colours_and_marks_are_those_the_environment_allows() {
    let colours = |variables: &[(&'static str, &'static str)]| {
        let home = Home::new();
        let start = Start::new(&[PROGRAM], home.path());
        let start = variables.iter().fold(start, |start, (name, value)| start.env(name, Some(value)));
        let mut lab = Lab::start(&start);
        lab.wait_for(READY);
        let shown = lab.contents();
        lab.send(b"q");
        assert_ends(&mut lab, 0);
        (String::from_utf8(lab.raw()).unwrap(), shown)
    };
    let (raw, shown) = colours(&[("COLORTERM", "truecolor")]);
    assert!(raw.contains("38;2;") && !shown.is_ascii());
    let (raw, _) = colours(&[]);
    assert!(raw.contains("38;5;") && !raw.contains("38;2;"));
    let (_, shown) = colours(&[("LANG", "C")]);
    assert!(shown.is_ascii(), "{shown}");
}

#[test]
fn frames_are_synchronised_updates() {
    let home = Home::new();
    let mut lab = home.start();
    lab.send(b"q");
    assert_ends(&mut lab, 0);
    let raw = String::from_utf8(lab.raw()).unwrap();
    let first = raw.find("\x1b[?2026h").unwrap();
    assert!(raw.find("Params").unwrap() > first);
    let unbalanced = count(&raw, "\x1b[?2026l") - count(&raw, "\x1b[?2026h");
    assert_eq!(unbalanced, 1, "each frame is ended, and leaving ends one more to be sure");
}

#[test]
fn input_of_every_kind_arrives_and_junk_does_not() {
    let home = Home::new();
    let mut lab = home.start();
    // A click into the pane of the loss, at column 60 of row 4.
    lab.send(b"\x1b[<0;60;4M");
    lab.wait_for("> 2 Loss");
    lab.send(b"\x1b[O\x1b[1;2A");
    lab.send(b"o");
    lab.wait_for("Choose an objective");
    lab.send(&[b"\x1b[200~", &vec![b'x'; 100_000][..], b"\x1b[201~"].concat());
    lab.wait_for("nothing found");
    lab.send(b"\x1b");
    lab.wait_until("the picker is closed", |lab| !lab.contents().contains("Choose an objective"));
    // An answer that nobody asked for, and half a sequence, which must not hold up the next key.
    lab.send(b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\");
    lab.send(b"1");
    lab.wait_for("> 1 View");
    lab.send(b"\x1b[12;");
    std::thread::sleep(Duration::from_millis(200));
    lab.send(b"4");
    lab.wait_for("> 4 Params");
    lab.send(b"\xff\xc3(\xe2\x82\t");
    lab.wait_for("> 5 Force law");
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
    let mut lab = home.start();
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

    let mut lab = home.start();
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
    let mut lab = home.start();
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
    lab.wait_for("9 Numbers");
    lab.send(b"q");
    assert_ends(&mut lab, 0);
}

#[test]
fn what_was_copied_is_printed_as_a_command_that_opens_it() {
    let home = Home::new();
    let mut lab = home.script("cd \"$HOME\" && exec \"$0\" --engine cpu --per-class 8");
    lab.wait_for(READY);
    lab.send(b"Y");
    lab.wait_for("copied");
    lab.send(b"q");
    assert_ends(&mut lab, 0);
    let raw = String::from_utf8_lossy(&lab.raw()).into_owned();
    let (_, after) = raw.rsplit_once("losslab 'll1:").unwrap();
    let (share, _) = after.split_once('\'').unwrap();
    assert!(losslab::share::Share::decode(&format!("ll1:{share}")).is_ok(), "{share}");
}

#[test]
fn a_run_that_was_changed_on_its_way_is_printed_as_a_command_however_the_lab_is_left() {
    for (key, code) in [("q", 0), ("\x03", 130)] {
        let home = Home::new();
        let mut lab = home.script("cd \"$HOME\" && exec \"$0\" --engine cpu --per-class 8");
        lab.wait_for(READY);
        lab.send(b" 4\x1b[B");
        lab.wait_for("paused");
        lab.send(b"7\r");
        lab.wait_for("normface s=7");
        lab.send(b".");
        lab.wait_for("m");
        lab.send(key.as_bytes());
        assert_ends(&mut lab, code);
        let raw = String::from_utf8_lossy(&lab.raw()).into_owned();
        let (_, after) = raw.rsplit_once("losslab 'll1:").unwrap();
        let (share, _) = after.split_once('\'').unwrap();
        let share = losslab::share::Share::decode(&format!("ll1:{share}")).unwrap();
        assert_eq!(share.edits.len(), 1, "{key:?}");
    }
}

#[test]
fn rows_of_ones_own_are_shown_as_they_are_before_a_loss_moves_them() {
    let home = Home::new();
    let rows: String = (0..12).map(|k| format!("{},{},{},{}\n", k % 3, k, 7 - k, (k * k) % 5)).collect();
    fs::write(home.file("mine.csv"), format!("label,x0,x1,x2\n{rows}")).unwrap();
    let mut lab = home.script("cd \"$HOME\" && exec \"$0\" --features mine.csv --objective uniformity");
    lab.wait_for("step 0 paused");
    lab.wait_for("mine.csv: 12 rows of 3 dimensions in 3 classes, as they were read:");
    // Their geometry is there before any step.
    lab.wait_for("in mean");
    std::thread::sleep(Duration::from_millis(300));
    assert!(lab.contents().contains("step 0 paused"), "{}", lab.contents());
    lab.send(b" ");
    lab.wait_for("▶");
    lab.send(b"q");
    assert_ends(&mut lab, 0);
}

#[test]
fn two_losses_side_by_side_from_the_same_start() {
    let home = Home::new();
    let mut lab = home.script("cd \"$HOME\" && exec \"$0\" --engine cpu --per-class 8");
    lab.wait_for(READY);
    lab.send(b"c");
    lab.wait_for("COMPARE  same start and batches");
    lab.wait_for("step 0 paused");
    lab.wait_for("> B normface");
    // B has the focus: the picker changes it and leaves A alone.
    lab.send(b"oarcf\r");
    lab.wait_for("> B arcface");
    assert!(lab.contents().contains("A normface"), "{}", lab.contents());
    lab.send(b">>");
    lab.wait_for("step 100 paused");
    lab.wait_for("scales differ");
    lab.send(b"<,");
    lab.wait_for("step 49 paused");
    lab.send(b"a");
    lab.wait_for("> A normface");
    lab.send(b"S");
    lab.wait_for("sign test over 6 seeds");
    // The first entry of the menu, in a comparison.
    lab.send(b"xx");
    lab.wait_for("wrote losslab-001-compare.png");
    for (name, least) in [("compare.png", 10_000), ("compare.svg", 10_000), ("compare.json", 1000)] {
        assert!(fs::metadata(home.file(&format!("losslab-001-{name}"))).unwrap().len() > least, "{name}");
    }
    let text = fs::read_to_string(home.file("losslab-001-compare.json")).unwrap();
    assert_eq!(text.matches("ll1:").count(), 2, "a share string of each run: {text}");
    // Each size shows something that no other does: three charts fold, one comes up, two are left.
    for (width, height, shown) in
        [(60, 18, " same start, seed 0"), (160, 48, "Force law"), (80, 24, "3 Angles  in and between")]
    {
        lab.resize(width, height);
        lab.wait_for(shown);
    }
    // What only one of them was changed on its way stands in the title, and in the figure too.
    lab.send(b"4\x1b[B\x1b[C");
    lab.wait_for("A with 1 change, B as begun");
    lab.send(b"xx");
    lab.wait_for("wrote losslab-002-compare.png");
    let figure = fs::read_to_string(home.file("losslab-002-compare.svg")).unwrap();
    assert!(figure.contains("A with 1 change, B as begun"));
    lab.send(b"\x1b");
    lab.wait_for("Esc leave ");
    lab.send(b"\x1b");
    lab.wait_for("Esc again leaves for A alone");
    lab.send(b"\x1b");
    lab.wait_for("A goes on alone");
    lab.wait_for(READY);
    // What A had after the change is a branch of it now.
    lab.send(b"q");
    lab.wait_for("q again quits and drops 1 branch");
    lab.send(b"q");
    assert_ends(&mut lab, 0);
}

#[test]
fn ten_thousand_random_events_leave_it_answering() {
    let home = Home::new();
    let mut lab = home.start();
    let seed = 11u64;
    println!("seed {seed}");
    let mut state = seed;
    // A linear congruential generator; its upper bits are good enough for keys.
    let mut below = move |count: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % count
    };
    for round in 0..100 {
        let mut bytes = Vec::new();
        for _ in 0..100 {
            match below(10) {
                0 => bytes.extend(b"\x1b[".iter().chain([b"A", b"B", b"C", b"D", b"Z"][below(5) as usize])),
                1 | 2 => {
                    let (button, x, y) =
                        ([0, 2, 32, 64, 65][below(5) as usize], 1 + below(80), 1 + below(17));
                    let end = if below(3) == 0 { 'm' } else { 'M' };
                    bytes.extend(format!("\x1b[<{button};{x};{y}{end}").bytes());
                }
                3 => bytes.push(b"\r\t\x7f"[below(3) as usize]),
                4 => bytes.extend("é\u{1f600}".bytes()),
                _ => {
                    let key = 32 + below(95) as u8;
                    // Neither leaving, by key, by palette or by the footer, nor writing files into the folder of the test.
                    bytes.push(if matches!(key, b'q' | b'Q' | b'x' | b':') { b'n' } else { key });
                }
            }
        }
        lab.send(&bytes);
        // A lone Escape closes what is open; the pause keeps it from beginning a sequence.
        lab.send(b"\x1b");
        std::thread::sleep(Duration::from_millis(60));
        if round % 20 == 7 {
            lab.resize(60 + below(80) as u16, 18 + below(30) as u16);
        }
    }
    lab.resize(100, 30);
    for _ in 0..4 {
        lab.send(b"\x1b");
        std::thread::sleep(Duration::from_millis(60));
    }
    lab.send(b"?");
    lab.wait_for(" Keys ");
    // Where there are branches by now, the second one says that they may go.
    lab.send(b"?qq");
    assert_ends(&mut lab, 0);
}

#[test]
fn a_pipe_gets_sentences_and_a_wrong_configuration_is_refused() {
    let home = Home::new();
    let script = "printf 'pause\\nstep 5\\nset scale=8\\ndescribe\\nquit\\n' | \"$0\" | cat";
    let mut lab = home.script(script);
    let (end, _) = lab.wait_for_end();
    let raw = String::from_utf8(lab.raw()).unwrap();
    assert_eq!(end, End::with(0), "{raw}");
    assert!(raw.contains("normface(scale=8) is minimised") && !raw.contains('\x1b'), "{raw:?}");
    fs::write(home.file("c.toml"), "theme = \"drak\"\nmous = 1\n").unwrap();
    let mut lab = home.script("\"$0\" --config \"$HOME/c.toml\"");
    let (end, _) = lab.wait_for_end();
    let raw = String::from_utf8(lab.raw()).unwrap();
    assert_eq!(end, End::with(2), "{raw}");
    assert!(
        raw.contains("c.toml:1: theme is one of") && raw.contains("c.toml:2: unknown key \"mous\""),
        "{raw}"
    );
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
