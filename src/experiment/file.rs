//! Experiments as TOML files: every option is a key, and a file says everything that was set.
//!
//! Reading is strict: an unknown key, a value of the wrong kind or one that cannot be is refused with
//! its line, and all of them at once.

use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::nearest::did_you_mean;
use super::{Edit, Experiment, Fault, Options, Source, faults};
use crate::data::{plain_io, printable};
use crate::share::{Share, View};

/// The largest file that is read: an experiment takes a few hundred bytes.
const LARGEST: u64 = 1 << 20;

/// The keys beside the options: where results go, and a share string that the other keys lie over.
const BESIDE: [&str; 3] = ["out", "json", "share"];

/// What an experiment file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// What to run. A relative path of a feature file is relative to the folder of the experiment file.
    pub experiment: Experiment,
    /// Where to write the run folder (`out`), relative as the features are.
    pub out: Option<PathBuf>,
    /// Whether to print JSON (`json`).
    pub json: Option<bool>,
    /// What is changed on the way; from a share string alone.
    pub edits: Vec<Edit>,
    /// Where a share string stands: the steps to make.
    pub step: Option<u64>,
    /// How a share string looks at it.
    pub view: View,
}

impl From<Share> for Document {
    fn from(Share { experiment, edits, step, view }: Share) -> Self {
        Self { experiment, edits, step: Some(step), view, ..Self::default() }
    }
}

impl Document {
    /// Puts options over the experiment, and over every edit: what is set by hand holds for the whole run. A number
    /// of steps replaces the step at which a share string stands.
    #[must_use = "faults are for the user"]
    pub fn apply(&mut self, options: &Options) -> Vec<Fault> {
        let mut faults = options.clone().apply(&mut self.experiment);
        for edit in &mut self.edits {
            faults.extend(options.clone().apply(&mut edit.experiment));
        }
        if self.step.is_some() {
            self.step = options.steps.or(self.step);
        }
        faults.dedup();
        faults
    }

    /// The experiment in the end, after all edits.
    pub fn last(&self) -> &Experiment {
        let until = self.step.unwrap_or(self.experiment.steps);
        let made = self.edits.iter().rev().find(|edit| edit.step <= until);
        made.map_or(&self.experiment, |edit| &edit.experiment)
    }
}

/// One thing wrong with an experiment file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The line, from 1; `None` where the file as a whole is meant.
    pub line: Option<usize>,
    /// What is wrong.
    pub sentence: String,
}

/// Why an experiment file was refused: everything wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct FileError {
    /// The file, if the text came from one.
    pub path: Option<PathBuf>,
    /// What is wrong, by line.
    pub mistakes: Vec<Mistake>,
}

impl FileError {
    fn sentence(&self) -> String {
        let path = self.path.as_ref().map(|path| printable(&path.to_string_lossy()));
        let mut lines = Vec::new();
        for mistake in &self.mistakes {
            let place = match (&path, mistake.line) {
                (Some(path), Some(line)) => format!("{path}:{line}: "),
                (Some(path), None) => format!("{path}: "),
                (None, Some(line)) => format!("line {line}: "),
                (None, None) => String::new(),
            };
            lines.push(format!("{place}{}", mistake.sentence));
        }
        lines.join("\n")
    }
}

/// The text of a file that a person wrote: regular, UTF-8, of at most `largest` bytes. `what` it is goes into the error.
///
/// # Errors
/// [`FileError`] if it cannot be read or is not such a file.
pub fn text(path: &Path, largest: u64, what: &str) -> Result<String, FileError> {
    let whole = |sentence: String| FileError {
        path: Some(path.to_owned()),
        mistakes: vec![Mistake { line: None, sentence }],
    };
    let facts = std::fs::metadata(path).map_err(|error| whole(plain_io(&error)))?;
    if !facts.is_file() {
        return Err(whole("this is not a regular file".into()));
    }
    if facts.len() > largest {
        return Err(whole(format!("{} bytes are more than {what} can have", facts.len())));
    }
    let bytes = std::fs::read(path).map_err(|error| whole(plain_io(&error)))?;
    String::from_utf8(bytes).map_err(|_| whole("this is not text (UTF-8)".into()))
}

/// Reads an experiment file.
///
/// # Errors
/// [`FileError`] if the file cannot be read or says anything that is not understood.
pub fn read(path: &Path) -> Result<Document, FileError> {
    let text = text(path, LARGEST, "an experiment")?;
    let mut document = parse(&text).map_err(|error| FileError { path: Some(path.to_owned()), ..error })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let edits = document.edits.iter_mut().map(|edit| &mut edit.experiment);
    for experiment in edits.chain([&mut document.experiment]) {
        if let Source::File(features) = &mut experiment.source {
            *features = folder.join(&features);
        }
    }
    document.out = document.out.map(|out| folder.join(out));
    Ok(document)
}

/// Reads the text of an experiment file; paths stay as they are written.
///
/// # Errors
/// [`FileError`] with every mistake in the text.
pub fn parse(text: &str) -> Result<Document, FileError> {
    let refused = |mistakes| FileError { path: None, mistakes };
    let line_at = |offset: usize| line_at(text, offset);
    let table = DeTable::parse(text).map_err(|error| {
        let line = error.span().and_then(|span| line_at(span.start));
        refused(vec![Mistake { line, sentence: one_line(error.message()) }])
    })?;
    let known = Options::names();
    let mut document = Document::default();
    let mut lines: Vec<(String, usize)> = Vec::new();
    let mut mistakes: Vec<Mistake> = Vec::new();
    let mut typed = String::new();
    let mut keys: Vec<_> = table.get_ref().iter().collect();
    keys.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in keys {
        let line = line_at(key.span().start);
        let name = key.get_ref().replace('_', "-");
        let mut wrong = |sentence: String| mistakes.push(Mistake { line, sentence });
        let source = &text[value.span()];
        if name == "out" {
            match value.get_ref().as_str() {
                Some(out) => document.out = Some(out.into()),
                None => wrong("out must be the name of a folder, in quotes".into()),
            }
        } else if name == "json" {
            match value.get_ref().as_bool() {
                Some(json) => document.json = Some(json),
                None => wrong("json must be true or false".into()),
            }
        } else if name == "share" {
            match value.get_ref().as_str().map(Share::decode) {
                Some(Ok(share)) => {
                    document =
                        Document { out: document.out.take(), json: document.json, ..Document::from(share) };
                }
                Some(Err(error)) => wrong(error.to_string()),
                None => wrong("share must be a share string, in quotes".into()),
            }
        } else if !known.contains(&name) {
            let names = known.iter().map(String::as_str).chain(BESIDE);
            wrong(format!("unknown key \"{}\"{}", printable(key.get_ref()), did_you_mean(&name, names)));
        } else if lines.iter().any(|(other, _)| *other == name) {
            wrong(format!("{name} is set twice"));
        } else if value.get_ref().is_table() {
            wrong(format!("{name} must be a plain value, not a table"));
        } else {
            let entry = format!("{name} = {source}\n");
            match toml::from_str::<Options>(&entry) {
                Ok(_) => typed.push_str(&entry),
                Err(error) => wrong(format!("{name}: {}", one_line(error.message()))),
            }
            lines.push((name, line.unwrap_or(1)));
        }
    }
    let line_of = |option: &str| lines.iter().find(|(name, _)| name == option).map(|(_, line)| *line);
    match toml::from_str::<Options>(&typed) {
        Ok(options) => {
            for fault in document.apply(&options) {
                mistakes.push(Mistake { line: line_of(fault.option), sentence: fault.sentence });
            }
        }
        Err(error) => mistakes.push(Mistake { line: None, sentence: one_line(error.message()) }),
    }
    for fault in faults(&document.experiment) {
        mistakes.push(Mistake { line: line_of(fault.option), sentence: fault.sentence });
    }
    mistakes.sort_by_key(|mistake| mistake.line);
    mistakes.dedup();
    if mistakes.is_empty() { Ok(document) } else { Err(refused(mistakes)) }
}

/// The text of an experiment file that reads back as the same experiment.
///
/// Settings left open stay open; [`super::start::Start::experiment`] has none left.
///
/// # Errors
/// [`FileError`] if a setting has no place in TOML: a path that is not text, an integer beyond 63 bits.
/// The checks of an experiment refuse both.
pub fn print(experiment: &Experiment) -> Result<String, FileError> {
    let body = toml::to_string(&Options::of(experiment)).map_err(|error| FileError {
        path: None,
        mistakes: vec![Mistake { line: None, sentence: one_line(&error.to_string()) }],
    })?;
    Ok(format!("# An experiment of losslab: \"losslab run THIS_FILE\" runs it again.\n{body}"))
}

/// The text of an experiment file for a run that was changed on the way, which no key can say.
pub fn print_shared(share: &str) -> String {
    format!(
        "# An experiment of losslab: \"losslab run THIS_FILE\" runs it again.\n# It was changed on the way: \"losslab \
         THIS_FILE\" shows what and when. Keys under this line win over it.\nshare = \"{share}\"\n"
    )
}

/// The line of a byte, from 1.
pub fn line_at(text: &str, offset: usize) -> Option<usize> {
    Some(text[..offset.min(text.len())].matches('\n').count() + 1)
}

/// A message of the parser on one line.
pub fn one_line(message: &str) -> String {
    let line = message.lines().collect::<Vec<_>>().join(" ").replace('`', "\"");
    printable(line.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::{Init, OptimizerKind};

    #[test]
    fn every_option_is_a_key_and_comes_back() {
        let text = "objective = \"softmax - 0.5*normface(scale=4)\"\nclass-sizes = [3, 4]\nlabel_noise = 0.25\n\
                    init = \"antipodal\"\ninit-scale = 2\noptimizer = \"sgd\"\nmomentum = 0.5\nlr = 1e-3\nseed = 7\n\
                    out = \"runs/a\"\njson = true\nbias = false\nmodel = \"free\"\nschedule = \"wsd\"\n";
        let document = parse(text).unwrap();
        let e = &document.experiment;
        assert_eq!(
            (e.class_sizes.as_deref(), e.label_noise, e.init),
            (Some(&[3, 4][..]), 0.25, Init::Antipodal)
        );
        assert_eq!((e.optimizer, e.momentum, e.lr, e.seed), (OptimizerKind::Sgd, 0.5, Some(1e-3), 7));
        assert_eq!((document.out.as_deref(), document.json), (Some(Path::new("runs/a")), Some(true)));
        assert_eq!(parse(&print(e).unwrap()).unwrap().experiment, *e);
        assert_eq!(parse("").unwrap().experiment, Experiment::default());
    }

    #[test]
    fn all_mistakes_are_told_with_their_lines() {
        let text = "objective = \"softmx\"\nstesp = 3\nlr = \"fast\"\n\nlabel-noise = 2.0\n[views]\nx = 1\n";
        let error = parse(text).unwrap_err().to_string();
        let lines: Vec<&str> = error.lines().collect();
        assert_eq!(lines.len(), 5, "{error}");
        assert!(lines[0].starts_with("line 1: unknown objective \"softmx\" at column 1"), "{error}");
        assert_eq!(lines[1], "line 2: unknown key \"stesp\"; did you mean steps?");
        assert!(lines[2].starts_with("line 3: lr: invalid type: string \"fast\""), "{error}");
        assert_eq!(lines[3], "line 5: --label-noise must be between 0 and 1, not 2");
        assert_eq!(lines[4], "line 6: views must be a plain value, not a table");
    }

    #[test]
    fn a_share_string_is_a_key_that_others_lie_over() {
        let slower = Experiment { lr: Some(0.01), ..Experiment::default() };
        let share = Share {
            experiment: Experiment { seed: 3, ..Experiment::default() },
            edits: vec![Edit { step: 5, experiment: Experiment { seed: 3, ..slower } }],
            step: 9,
            view: View::default(),
        };
        let text = print_shared(&share.encode().unwrap());
        assert_eq!(parse(&text).unwrap(), Document::from(share.clone()));
        let document = parse(&format!("seed = 8\n{text}steps = 7\nout = \"x\"\n")).unwrap();
        assert_eq!((document.experiment.seed, document.last().seed, document.last().lr), (8, 8, Some(0.01)));
        assert_eq!((document.step, document.out), (Some(7), Some("x".into())));
        let error = parse("\nshare = \"ll1:AAAA\"").unwrap_err().to_string();
        assert!(error.starts_with("line 2: a character of the share string is missing"), "{error}");
    }

    #[test]
    fn a_broken_file_is_named_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.toml");
        std::fs::write(&path, "steps = 3\nlr =\n").unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{}:2: ", path.display())), "{error}");
        std::fs::write(&path, "features = \"a.npz\"\n").unwrap();
        assert_eq!(read(&path).unwrap().experiment.source, Source::File(folder.path().join("a.npz")));
        std::fs::write(&path, [0xff, 0xfe]).unwrap();
        assert!(read(&path).unwrap_err().to_string().ends_with("this is not text (UTF-8)"));
    }
}
