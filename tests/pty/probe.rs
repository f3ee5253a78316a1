//! A bare screen, so that the terminal layer can be tested without the lab: it shows what it hears and breaks on
//! demand. Keys: `q` quits, `p` panics, `w` makes a worker panic, `s` gets stuck, `e` writes to stderr, `m` switches
//! the mouse. Options: `--fault=panic:main|worker`, `--save=FILE`, `--log=FILE`, `--colour=mono|sixteen|truecolour`.

use std::{
    io::Write,
    path::PathBuf,
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

use crossterm::event::KeyCode;
use losslab::terminal::{ColourMode, Event, Options, Screen, TerminalError, take_worker_panic};
use ratatui::{
    Frame,
    style::{Color, Stylize},
    text::Line,
};

#[derive(Default)]
struct Shown {
    frames: u64,
    last: String,
    pasted: String,
    worker: String,
    redraws: u32,
}

fn main() -> ExitCode {
    match show() {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "losslab: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

fn show() -> Result<u8, TerminalError> {
    let option =
        |name: &str| std::env::args().find_map(|argument| argument.strip_prefix(name).map(str::to_owned));
    let colour = match option("--colour=").as_deref() {
        Some("mono") => ColourMode::Mono,
        Some("sixteen") => ColourMode::Sixteen,
        Some("truecolour") => ColourMode::TrueColour,
        _ => ColourMode::Auto,
    };
    let options = Options { mouse: true, log: option("--log=").map(PathBuf::from), colour };
    let mut screen = Screen::open(&options)?;
    if let Some(file) = option("--save=") {
        screen.on_exit(move || drop(std::fs::write(file, "saved\n")));
    }
    let mut fault = option("--fault=").filter(|_| cfg!(debug_assertions));
    let mut shown = Shown::default();
    let mut mouse = true;
    loop {
        let before = Instant::now();
        screen.draw(|frame| draw(frame, &shown))?;
        shown.frames += 1;
        match fault.take().as_deref() {
            Some("panic:main") => fail_here("the fault that was asked for"),
            Some("panic:worker") => fail_on_a_worker(),
            _ => {}
        }
        if let Some(worker) = take_worker_panic() {
            shown.worker = format!("{}: {}", worker.thread, worker.message);
        }
        let Some(event) = screen.next_event(Duration::from_millis(30).saturating_sub(before.elapsed()))?
        else {
            continue;
        };
        shown.last = format!("{event:?}");
        match event {
            Event::Quit(signal) => return Ok(128 + signal as u8),
            Event::Redraw => shown.redraws += 1,
            Event::Paste(text) => shown.pasted = format!("{} bytes", text.len()),
            Event::Key(key) => match key.code {
                KeyCode::Char('q') => return Ok(0),
                KeyCode::Char('p') => fail_here("the panic that was asked for"),
                KeyCode::Char('w') => fail_on_a_worker(),
                KeyCode::Char('s') => loop {
                    thread::park();
                },
                KeyCode::Char('e') => drop(writeln!(std::io::stderr(), "a library complains")),
                KeyCode::Char('m') => {
                    mouse = !mouse;
                    screen.set_mouse(mouse)?;
                }
                _ => {}
            },
            _ => {}
        }
    }
}

fn draw(frame: &mut Frame<'_>, shown: &Shown) {
    let area = frame.area();
    let lines = [
        Line::from("losslab probe").bold().reversed(),
        Line::from("coloured").fg(Color::Rgb(250, 10, 10)).bg(Color::Blue).underlined(),
        Line::from(format!("frame {} of {}x{}", shown.frames, area.width, area.height)),
        Line::from(format!("heard {}", shown.last)),
        Line::from(format!("pasted {}", shown.pasted)),
        Line::from(format!("worker {}", shown.worker)),
        Line::from(format!("redraws {}", shown.redraws)),
    ];
    for (line, row) in lines.into_iter().zip(area.rows()) {
        frame.render_widget(line, row);
    }
}

fn fail_here(why: &str) {
    panic!("{why}");
}

fn fail_on_a_worker() {
    let worker = thread::Builder::new().name("simulation".into());
    if let Ok(handle) = worker.spawn(|| fail_here("the worker's panic")) {
        drop(handle.join());
    }
}
