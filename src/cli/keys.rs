//! `losslab keys`: which key does what, as the configuration leaves it.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::app::Keymap;
use crate::app::keys::{Scope, name};
use crate::config;

/// Arguments of `keys`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// The configuration file that may have given actions other keys
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Prints the table.
pub fn run(arguments: &Arguments) -> u8 {
    let config = match config::load(arguments.config.as_deref()) {
        Ok(config) => config,
        Err(error) => return super::refuse(&error.to_string()),
    };
    if arguments.json {
        super::say(&format!("{}\n", Value::Array(entries(&config.keymap))));
    } else {
        super::say(&table(&config.keymap));
    }
    super::FINE
}

fn place(scope: Scope) -> String {
    match scope {
        Scope::Anywhere => "anywhere".to_owned(),
        Scope::In(pane) => format!("in {}", pane.name()),
        Scope::Lesson => "in a lesson".to_owned(),
        Scope::Lists => "in lists".to_owned(),
        Scope::Comparison => "in a comparison".to_owned(),
    }
}

fn entries(keymap: &Keymap) -> Vec<Value> {
    let mut entries = Vec::new();
    for (binding, keys) in keymap.rows() {
        entries.push(json!({
            "action": binding.action.id(),
            "keys": keys.iter().map(|key| name(*key)).collect::<Vec<_>>(),
            "where": place(binding.scope),
            "label": binding.label,
            "help": binding.help,
        }));
    }
    entries
}

/// One row a line: keys, what they do, where, and the action's name for the configuration file.
pub(super) fn table(keymap: &Keymap) -> String {
    let mut text = String::new();
    for (binding, _) in keymap.rows() {
        let keys = keymap.names(binding);
        let place = match binding.scope {
            Scope::Anywhere => String::new(),
            scope @ (Scope::In(_) | Scope::Lesson | Scope::Lists | Scope::Comparison) => {
                format!(" ({})", place(scope))
            }
        };
        let keys = if keys.is_empty() { "no key".to_owned() } else { keys };
        let _ = writeln!(text, "{keys:<10} {:<16} {}{place}", binding.action.id(), binding.help);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_and_the_json_say_the_same() {
        let (text, entries) = (table(&Keymap::default()), entries(&Keymap::default()));
        assert_eq!(text.lines().count(), entries.len());
        assert!(text.contains("space      toggle           run or pause\n"), "{text}");
        assert!(text.contains("difference       show cosines") && text.contains("(in Gram)"), "{text}");
        let toggle = &entries[0];
        assert_eq!((&toggle["action"], &toggle["keys"][0]), (&json!("toggle"), &json!("space")));
    }
}
