//! `losslab doctor`: what losslab finds on this machine and what it makes of it. Nothing is changed, and whether
//! the numbers are right is for `losslab verify`.

mod gpu;
mod terminal;

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::Args;

use crate::lanes::dispatch::Simd;

/// Show what losslab finds here: terminal, glyphs, colours, processor, GPU
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct DoctorArgs {}

/// Width of the names.
const NAMES: usize = 14;

/// Runs the command; always exit code 0.
pub fn run(_: &DoctorArgs) -> ExitCode {
    let surroundings = terminal::Surroundings::of_process();
    let mut text = format!("losslab {}\n", env!("CARGO_PKG_VERSION"));
    section(&mut text, "Terminal", &surroundings.facts());
    text.push_str(&surroundings.glyphs());
    section(&mut text, "Processor", &processor());
    let adapters = super::hushed(crate::engine::gpu::adapters);
    section(&mut text, "GPU", &gpu::facts(&adapters));
    section(&mut text, "Files", &files());
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

fn files() -> Vec<(&'static str, String)> {
    let log = match crate::terminal::default_log() {
        Some(path) => crate::data::printable(&path.to_string_lossy()),
        None => "a temporary file: neither XDG_STATE_HOME nor HOME names a folder".to_owned(),
    };
    vec![
        ("log", log),
        ("config", "no configuration file is read: options and experiment files say everything".to_owned()),
    ]
}

/// Whether stdout shows characters to a person.
fn on_terminal() -> bool {
    std::io::stdout().is_terminal()
}
