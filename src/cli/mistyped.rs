//! What the parser of arguments says about a wrong one, as one plain sentence with the nearest right name.

use std::path::Path;

use clap::ValueEnum as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::list;
use crate::data::printable;
use crate::experiment::nearest::{did_you_mean, nearest};
use crate::experiment::preset::{self, Preset};

/// The parser's complaint in one sentence: its first paragraph, and the likeliest correction.
pub(super) fn sentence(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let complaint = text.trim_start_matches("error: ").split("\n\n").next().unwrap_or_default();
    let words: Vec<String> = complaint.split_whitespace().map(printable).collect();
    let mut text = words.join(" ").replace(" [possible", ", not one of [possible");
    for (parser, words) in NUMBERS {
        if let Some(what) = text.strip_suffix(parser) {
            text = format!("{what}{words}");
        }
    }
    format!("{text}{}{}", choices(error), correction(error))
}

/// What may stand where a required word is missing, if there is a list of it.
fn choices(error: &clap::Error) -> String {
    let missing = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::Strings(names)) if error.kind() == ErrorKind::MissingRequiredArgument => names,
        _ => return String::new(),
    };
    let mut definition = super::definition();
    // Only then do arguments have the names by which they are missed.
    definition.build();
    let arguments = definition.get_subcommands().flat_map(clap::Command::get_arguments);
    let values = arguments
        .filter(|argument| missing.contains(&argument.to_string()))
        .map(clap::Arg::get_possible_values)
        .find(|values| !values.is_empty());
    let names: Vec<String> =
        values.unwrap_or_default().iter().map(|value| value.get_name().to_owned()).collect();
    if names.is_empty() { String::new() } else { format!(", one of {}", names.join(", ")) }
}

/// How the standard library says that a text is no number, and how a person would.
const NUMBERS: [(&str, &str); 4] = [
    ("invalid digit found in string", "it must be a whole number without sign, in digits alone"),
    ("invalid float literal", "it must be a number, like 0.05 or 1e-3"),
    ("number too large to fit in target type", "it is too large"),
    ("cannot parse integer from empty string", "it must be a whole number"),
];

fn correction(error: &clap::Error) -> String {
    let suggestions =
        [ContextKind::SuggestedArg, ContextKind::SuggestedValue, ContextKind::SuggestedSubcommand];
    let suggested = suggestions.into_iter().find_map(|kind| match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word.clone()),
        Some(ContextValue::Strings(words)) => words.first().cloned(),
        _ => None,
    });
    suggested.map(|word| format!("; did you mean {word}?")).unwrap_or_default()
}

/// The sentence for the name of what can be listed, which is no command by itself.
fn as_list(name: &str) -> Option<String> {
    let asked = if name == "losses" { "objectives" } else { name };
    let mut lists = list::What::value_variants().iter().filter_map(clap::ValueEnum::to_possible_value);
    let known = lists.any(|list| list.get_name() == asked);
    known.then(|| format!("there is no command \"{name}\": losslab list {asked} shows what there is"))
}

/// The sentence for a name that is no file and looks like a command.
pub(super) fn as_command(path: &Path) -> Option<String> {
    let name = path.to_str().filter(|name| !name.contains(['.', '/', '\\']) && !path.exists())?;
    let definition = super::definition();
    let commands: Vec<&str> = definition.get_subcommands().map(clap::Command::get_name).collect();
    if commands.contains(&name) {
        return Some(format!(
            "{name} is a command: it comes first, and its options after it (losslab {name} --help names them)"
        ));
    }
    nearest(name, commands.iter().copied())?;
    let hint = did_you_mean(name, commands.iter().copied());
    Some(format!("there is no command and no file \"{}\"{hint}", printable(name)))
}

/// The preset that a name which is no file means: the one of this name, or the sentence about a slip in one, where no
/// command is nearer.
pub(super) fn as_preset(path: &Path) -> Option<Result<Preset, String>> {
    let name = path.to_str().filter(|name| !name.contains(['.', '/', '\\']) && !path.exists())?;
    if let Ok(preset) = preset::find(name) {
        return Some(Ok(preset));
    }
    if let Some(sentence) = as_list(name) {
        return Some(Err(sentence));
    }
    let presets = preset::PRESETS.iter().map(|(known, _)| *known);
    let near = nearest(name, presets)?;
    let definition = super::definition();
    let commands = definition.get_subcommands().map(clap::Command::get_name);
    match nearest(name, commands.chain([near])) {
        Some(best) if best == near => {
            Some(Err(format!("there is no file and no preset \"{}\"; did you mean {near}?", printable(name))))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(words: &[&str]) -> String {
        let all = ["losslab"].iter().chain(words);
        sentence(&crate::cli::definition().try_get_matches_from(all).unwrap_err())
    }

    #[test]
    fn a_slip_is_one_sentence_with_the_right_name() {
        assert_eq!(
            said(&["run", "--clases", "4"]),
            "unexpected argument '--clases' found; did you mean --classes?"
        );
        assert_eq!(
            said(&["run", "--engine", "gpuu"]),
            "invalid value 'gpuu' for '--engine <ENGINE>', not one of [possible values: auto, cpu, gpu, reference]; \
             did you mean gpu?"
        );
        assert_eq!(
            said(&["run", "--dim", "x"]),
            "invalid value 'x' for '--dim <D>': it must be a whole number without sign, in digits alone"
        );
        assert_eq!(
            said(&["run", "--lr", "fast"]),
            "invalid value 'fast' for '--lr <X>': it must be a number, like 0.05 or 1e-3"
        );
        assert!(said(&["eval"]).contains("--objective"));
        let missing = said(&["list"]);
        assert!(
            missing.ends_with("<WHAT>, one of objectives, metrics, projections, data, presets, lessons"),
            "{missing}"
        );
        assert!(!said(&["run", "--data=\u{1b}[31m", "--\u{1b}[31m"]).contains('\u{1b}'));
    }

    #[test]
    fn a_command_mistyped_is_not_taken_for_a_file() {
        for (name, asked) in [("presets", "presets"), ("losses", "objectives"), ("lessons", "lessons")] {
            let said = as_preset(Path::new(name)).unwrap().unwrap_err();
            assert!(said.ends_with(&format!("losslab list {asked} shows what there is")), "{said}");
        }
        let said = as_command(Path::new("lsit")).unwrap();
        assert_eq!(said, "there is no command and no file \"lsit\"; did you mean list?");
        let said = as_command(Path::new("keys")).unwrap();
        assert!(said.starts_with("keys is a command: it comes first"), "{said}");
        assert_eq!(as_command(Path::new("lsit.toml")), None);
        assert_eq!(as_command(Path::new("zzz")), None);
    }
}
