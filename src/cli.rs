//! The command line: what can be typed, and which file does it. One file a command.

pub mod bench;
pub mod compare;
pub mod completions;
pub mod describe;
mod diverged;
pub mod doctor;
pub mod eval;
pub mod keys;
pub mod lesson;
pub mod list;
pub mod man;
pub mod measure;
mod mistyped;
pub mod plot;
mod reading;
pub mod replay;
pub mod run;
pub mod screen;
mod source;
pub mod verify;

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::experiment::{Experiment, Options, file};

/// Everything went well.
pub const FINE: u8 = 0;
/// Wrong use, configuration or input.
pub const WRONG: u8 = 2;
/// The run diverged.
pub const DIVERGED: u8 = 3;
/// The GPU was demanded and there is none.
pub const NO_GPU: u8 = 4;
/// SIGINT ended it; what it had is there.
pub const INTERRUPTED: u8 = 130;

/// See what a loss does to a representation: live, in the terminal
#[derive(Debug, Parser)]
#[command(name = "losslab", version, max_term_width = 100, args_conflicts_with_subcommands = true)]
#[command(after_help = "Exit codes: 0 fine; 1 a check failed; 2 wrong use or input; 3 diverged; 4 no GPU.")]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    lab: Setup,
    #[command(flatten)]
    screen: screen::ScreenArgs,
}

/// An experiment: a file, and options over it.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Setup {
    /// An experiment file, the name of a preset ("losslab list presets"), a share string, or a file that losslab
    /// exported; options win over it
    #[arg(value_name = "EXPERIMENT.toml")]
    pub file: Option<PathBuf>,
    /// What is set by hand.
    #[command(flatten)]
    pub options: Options,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run without a screen, and write a run folder
    Run(Box<run::Arguments>),
    /// Compare objectives on the same start and batches, over several seeds
    Compare(Box<compare::Arguments>),
    /// Evaluate an objective, and its gradient, on features of your own
    Eval(eval::Arguments),
    /// Measure the geometry of your own features
    Measure(measure::MeasureArgs),
    /// Say what there is: objectives, metrics, projections, data, presets, lessons
    List(list::Arguments),
    /// Draw a figure of a run folder or of a feature file
    Plot(plot::PlotArgs),
    /// Say in sentences what a run, a feature file or an experiment shows
    Describe(describe::Arguments),
    /// Say which key does what
    Keys(keys::Arguments),
    /// Say what this machine and terminal can do
    Doctor(doctor::DoctorArgs),
    /// Check gradients, engines and floors on this machine
    Verify(verify::VerifyArgs),
    /// Time steps on this machine, against what it can do
    Bench(bench::Arguments),
    /// Lessons: predict, run, measure; and the test of what they teach
    Lesson(lesson::Arguments),
    /// Play a recorded session: in the lab, or as sentences at its marks
    Replay(replay::Arguments),
    /// Print shell completions
    Completions(completions::Arguments),
    /// Print the man page
    Man,
}

/// The whole definition, for completions and the man page.
pub fn definition() -> clap::Command {
    Cli::command()
}

/// Reads the arguments of this process and does what they say.
pub fn main() -> ExitCode {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let colour = if plain { ColorChoice::Never } else { ColorChoice::Auto };
    let parsed = definition().color(colour).try_get_matches().and_then(|found| Cli::from_arg_matches(&found));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            if error.use_stderr() {
                return ExitCode::from(refuse(&mistyped::sentence(&error)));
            }
            // Help and version are fine; a closed pipe is no reason to complain.
            let _ = error.print();
            return ExitCode::from(FINE);
        }
    };
    ExitCode::from(match cli.command {
        None => return open_lab(cli.lab, &cli.screen),
        Some(Command::Run(arguments)) => run::run(*arguments),
        Some(Command::Compare(arguments)) => compare::run(*arguments),
        Some(Command::Eval(arguments)) => eval::run(&arguments),
        Some(Command::Measure(arguments)) => return measure::run(&arguments),
        Some(Command::Plot(arguments)) => return plot::run(&arguments),
        Some(Command::Describe(arguments)) => describe::run(&arguments),
        Some(Command::Keys(arguments)) => keys::run(&arguments),
        Some(Command::Doctor(arguments)) => return doctor::run(&arguments),
        Some(Command::Verify(arguments)) => return verify::run(&arguments),
        Some(Command::Bench(arguments)) => bench::run(&arguments),
        Some(Command::List(arguments)) => list::run(&arguments),
        Some(Command::Lesson(arguments)) => return lesson::run(&arguments),
        Some(Command::Replay(arguments)) => return replay::run(&arguments),
        Some(Command::Completions(arguments)) => completions::run(&arguments),
        Some(Command::Man) => man::run(),
    })
}

fn open_lab(setup: Setup, screen: &screen::ScreenArgs) -> ExitCode {
    let (config, document) = match (screen.config(), setup.document()) {
        (Ok(config), Ok(document)) => (config, document),
        (config, document) => {
            let sentences: Vec<String> = config.err().into_iter().chain(document.err()).collect();
            return ExitCode::from(refuse(&sentences.join("\n")));
        }
    };
    if screen.plain() {
        return crate::lab::plain::open(&document, &config);
    }
    crate::lab::open(&document, config)
}

impl Setup {
    /// The experiment the file and the options describe, with where its results go.
    ///
    /// # Errors
    /// Sentences, one a line, for the user.
    pub fn document(self) -> Result<file::Document, String> {
        let mut document = match &self.file {
            Some(what) => source::document(what)?,
            None => file::Document { experiment: Experiment::default(), ..file::Document::default() },
        };
        let faults = document.apply(&self.options);
        if !faults.is_empty() {
            return Err(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
        }
        source::find_features(&mut document)?;
        Ok(document)
    }
}

/// Says why something was refused, a sentence a line, and returns the exit code of wrong use.
fn refuse(sentence: &str) -> u8 {
    complain(sentence);
    WRONG
}

/// A line on stderr for the user; a closed stderr is nobody's problem.
fn complain(sentence: &str) {
    let mut stderr = std::io::stderr().lock();
    for line in sentence.lines() {
        let _ = writeln!(stderr, "losslab: {line}");
    }
}

/// Prints to stdout; a reader that has left is no error of ours.
fn say(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

/// Runs `work` with stderr closed to what drivers print when a GPU is looked for (the Vulkan loader
/// has a word to say on many machines). Our own words come before or after.
#[cfg(unix)]
fn hushed<R>(work: impl FnOnce() -> R) -> R {
    let quiet = rustix::io::dup(rustix::stdio::stderr()).ok().and_then(|kept| {
        let null = std::fs::OpenOptions::new().write(true).open("/dev/null").ok()?;
        rustix::stdio::dup2_stderr(&null).ok()?;
        Some(kept)
    });
    let result = work();
    if let Some(kept) = quiet {
        // Nothing can be said about a failure: there is nowhere to say it.
        let _ = rustix::stdio::dup2_stderr(&kept);
    }
    result
}

#[cfg(not(unix))]
fn hushed<R>(work: impl FnOnce() -> R) -> R {
    work()
}

/// Whether a person watches stderr.
fn watched() -> bool {
    std::io::stderr().is_terminal()
}

/// A number for JSON: null where it is not finite.
fn number(x: f64) -> serde_json::Value {
    serde_json::Number::from_f64(x).map_or(serde_json::Value::Null, serde_json::Value::Number)
}
