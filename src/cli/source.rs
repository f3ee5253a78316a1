//! What stands where an experiment is asked for: an experiment file, a share string, or a file that carries one.

use std::path::Path;

use super::mistyped;
use crate::data::printable;
use crate::experiment::Source;
use crate::experiment::file::{self, Document};
use crate::share::{Share, carried, looks_like_one};

/// Reads an experiment from wherever it stands.
///
/// # Errors
/// Sentences, one a line, for the user.
pub(super) fn document(what: &Path) -> Result<Document, String> {
    let name = || printable(&what.to_string_lossy());
    if let Some(text) = what.to_str().filter(|text| looks_like_one(text)) {
        return Share::decode(text).map(Document::from).map_err(|error| error.to_string());
    }
    if carried::may_carry(what) {
        return match carried::share_in(what) {
            Some(Ok(share)) => Ok(share.into()),
            Some(Err(error)) => Err(format!("{}: {error}", name())),
            None => Err(format!(
                "{} carries no share string: those that losslab exports do; features are given with --features",
                name()
            )),
        };
    }
    if let Some(preset) = mistyped::as_preset(what) {
        return Ok(preset?.document);
    }
    file::read(what).map_err(|error| mistyped::as_command(what).unwrap_or_else(|| error.to_string()))
}

/// Finds the feature file of a share string: where it says, or in this folder. A string holds no data.
///
/// # Errors
/// A sentence that the file is needed.
pub(super) fn find_features(document: &mut Document) -> Result<(), String> {
    if document.step.is_none() {
        return Ok(());
    }
    let edits = document.edits.iter_mut().map(|edit| &mut edit.experiment);
    for experiment in edits.chain([&mut document.experiment]) {
        let Source::File(path) = &mut experiment.source else { continue };
        if path.exists() {
            continue;
        }
        match path.file_name().map(Path::new).filter(|here| here.exists()) {
            Some(here) => *path = here.to_owned(),
            None => {
                return Err(format!(
                    "this share string needs the feature file {}, which is not here: a share string holds no data; \
                     put the file into this folder, or say where it is with --features",
                    printable(&path.to_string_lossy())
                ));
            }
        }
    }
    Ok(())
}
