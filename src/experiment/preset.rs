//! Ready-made experiments: the files under `assets/presets`, each an experiment in the usual TOML with a `[preset]`
//! table that says what it is. Another one is a file there and a line in [`PRESETS`].

use toml::de::DeTable;

use super::file::{self, Document, FileError, Mistake};
use super::nearest::did_you_mean;

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// Every preset: its name, and the text of its file.
        pub const PRESETS: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../assets/presets/", $name, ".toml")))),*];
    };
}

files![
    "alignment-uniformity",
    "arcface-on-the-sphere",
    "arcface",
    "balanced-softmax",
    "cacr",
    "circuitgcl",
    "cosface",
    "decoupled-softmax",
    "deep-linear-mse",
    "digits-mlp",
    "elastic-arcface",
    "elastic-cosface",
    "minority-collapse",
    "mw",
    "neural-collapse",
    "normface",
    "opl-abs",
    "opl",
    "orthogonal-frame-mse",
    "scattering",
    "simclr",
    "supcon",
    "thomson",
    "z-loss",
];

/// A ready-made experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// What it shows, in a few words.
    pub title: String,
    /// Where it comes from.
    pub paper: String,
    /// What to look for.
    pub look_for: String,
    /// What runs.
    pub document: Document,
}

/// The preset of this name, read.
///
/// # Errors
/// One sentence with the nearest name when there is none of this name.
pub fn find(name: &str) -> Result<Preset, String> {
    let Some((name, text)) = PRESETS.iter().find(|(known, _)| *known == name) else {
        let names = PRESETS.iter().map(|(known, _)| *known);
        return Err(format!(
            "there is no preset \"{}\"{}",
            crate::data::printable(name),
            did_you_mean(name, names)
        ));
    };
    read(name, text).map_err(|error| error.to_string())
}

/// All presets, in the order of the list.
pub fn all() -> Vec<Preset> {
    PRESETS.iter().filter_map(|(name, text)| read(name, text).ok()).collect()
}

/// Reads the text of a preset.
fn read(name: &'static str, text: &str) -> Result<Preset, FileError> {
    let (mut mistakes, mut words) = (Vec::new(), [const { String::new() }; 3]);
    let mut rest = text.to_owned();
    if let Ok(table) = DeTable::parse(text)
        && let Some((key, value)) = table.get_ref().get_key_value("preset")
    {
        let line = file::line_at(text, key.span().start);
        for (place, key) in ["title", "paper", "look-for"].into_iter().enumerate() {
            match value.get_ref().get(key).and_then(|word| word.as_ref().as_str()) {
                Some(word) => word.clone_into(&mut words[place]),
                None => mistakes.push(Mistake { line, sentence: format!("[preset] says no {key}") }),
            }
        }
        // What is left is an experiment, on the lines where it stands. The table is the last of a file.
        rest.truncate(text[..key.span().start].rfind('[').unwrap_or(0));
    } else {
        mistakes.push(Mistake { line: None, sentence: "there is no [preset] table".into() });
    }
    let [title, paper, look_for] = words;
    match file::parse(&rest) {
        Ok(document) if mistakes.is_empty() => Ok(Preset { name, title, paper, look_for, document }),
        Ok(_) => Err(FileError { path: Some(name.into()), mistakes }),
        Err(error) => Err(FileError { path: Some(name.into()), ..error }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_a_preset_that_can_be_read() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/presets");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().replace(".toml", ""))
            .collect();
        files.sort();
        let mut names: Vec<&str> = PRESETS.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        assert_eq!(files, names);
        for (name, text) in PRESETS {
            let preset = read(name, text).unwrap();
            assert!(!preset.title.is_empty() && !preset.look_for.is_empty(), "{name}");
        }
        assert_eq!(find("thomsen").unwrap_err(), "there is no preset \"thomsen\"; did you mean thomson?");
    }

    #[test]
    fn every_paper_of_the_core_families_has_a_preset() {
        let presets = all();
        for objective in crate::objectives::OBJECTIVES {
            let used = |preset: &&Preset| {
                let terms = &preset.document.experiment.objective;
                terms.iter().any(|term| term.objective.name() == objective.name())
            };
            assert!(presets.iter().any(|preset| used(&preset)), "{} has a preset", objective.name());
        }
    }
}
