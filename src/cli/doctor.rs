//! `losslab doctor`: what losslab finds on this machine and what it makes of it. Nothing is changed, and whether
//! the numbers are right is for `losslab verify`.

mod gpu;
mod terminal;

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::config;
use crate::lanes::dispatch::Simd;

/// Show what losslab finds here: terminal, glyphs, colours, processor, GPU
#[derive(Args, Clone, Debug, Default)]
pub struct DoctorArgs {
    /// Look at this configuration file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print a configuration file with every key at its default, and nothing else
    #[arg(long)]
    config_template: bool,
}

/// Width of the names.
const NAMES: usize = 14;

/// Runs the command; always exit code 0.
pub fn run(arguments: &DoctorArgs) -> ExitCode {
    if arguments.config_template {
        super::say(&config::template());
        return ExitCode::SUCCESS;
    }
    let surroundings = terminal::Surroundings::of_process();
    let mut text = format!("losslab {}\n", env!("CARGO_PKG_VERSION"));
    section(&mut text, "Terminal", &surroundings.facts());
    text.push_str(&surroundings.glyphs());
    section(&mut text, "Processor", &processor());
    let adapters = super::hushed(crate::engine::gpu::adapters);
    section(&mut text, "GPU", &gpu::facts(&adapters));
    section(&mut text, "Files", &files(arguments.config.as_deref()));
    text.push_str("\n`losslab verify` checks gradients, engines and floors on this machine.\n");
    // A reader that has gone away is no fault of the machine.
    let _ = std::io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

fn section(text: &mut String, title: &str, facts: &[(&str, String)]) {
    let _ = write!(text, "\n{title}\n");
    for (name, fact) in facts {
        let _ = writeln!(text, "  {name:NAMES$}{fact}");
    }
}

fn processor() -> Vec<(&'static str, String)> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let simd = Simd::current().name();
    let simd = match std::env::var("LOSSLAB_SIMD") {
        Ok(wanted) if wanted == simd => format!("{simd} (as LOSSLAB_SIMD says)"),
        Ok(wanted) if !wanted.is_empty() => {
            format!("{simd} (LOSSLAB_SIMD asks for {}, which is not there)", crate::data::quoted(&wanted))
        }
        _ => format!("{simd}, the widest this processor has"),
    };
    vec![
        ("target", format!("{}, {}", std::env::consts::ARCH, std::env::consts::OS)),
        ("vectors", simd),
        ("threads", format!("{threads}; --threads uses fewer")),
    ]
}

fn files(named: Option<&Path>) -> Vec<(&'static str, String)> {
    let shown = |path: &Path| crate::data::printable(&path.to_string_lossy());
    let log = match crate::terminal::default_log() {
        Some(path) => shown(&path),
        None => "a temporary file: neither XDG_STATE_HOME nor HOME names a folder".to_owned(),
    };
    let place = named.map(Path::to_owned).or_else(config::default_place);
    let config = match &place {
        None => "none: neither XDG_CONFIG_HOME nor HOME names a folder".to_owned(),
        Some(path) if named.is_none() && !path.exists() => format!("{}, which is not there", shown(path)),
        Some(path) => shown(path),
    };
    let mut facts = vec![("log", log), ("config", config)];
    match config::load(named) {
        Ok(_) => {}
        Err(error) => facts.extend(error.to_string().lines().map(|line| ("config fault", line.to_owned()))),
    }
    facts
}

/// Whether stdout shows characters to a person.
pub(super) fn on_terminal() -> bool {
    std::io::stdout().is_terminal()
}
