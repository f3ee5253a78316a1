//! `losslab completions SHELL`.

use clap_complete::Shell;

/// Arguments of `completions`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The shell
    shell: Shell,
}

/// Prints the completions of a shell.
pub fn run(arguments: &Arguments) -> u8 {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut super::definition(), "losslab", &mut text);
    super::say(&String::from_utf8_lossy(&text));
    super::FINE
}
