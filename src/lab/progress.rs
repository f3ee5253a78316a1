//! Which lessons were finished, and on which page the others were left: a small file in the state folder.

use std::path::PathBuf;

use crate::app::lesson::Progress;

fn place() -> Option<PathBuf> {
    crate::terminal::default_log().map(|log| log.with_file_name("lessons"))
}

/// What is known; nothing where there is no file.
pub fn read() -> Progress {
    let text = place().and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
    Progress::parse(&text)
}

/// Writes it, whole or not at all.
///
/// # Errors
/// One sentence.
pub fn write(progress: &Progress) -> Result<(), String> {
    let Some(path) = place() else { return Ok(()) };
    let told = |error: std::io::Error| format!("the progress was not kept in {}: {error}", path.display());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(told)?;
    }
    let beside = path.with_extension("new");
    std::fs::write(&beside, progress.print()).and_then(|()| std::fs::rename(&beside, &path)).map_err(told)
}
