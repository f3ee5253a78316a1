//! Where stderr goes while the screen is up: libraries (the Vulkan loader) write there, and it must not reach the
//! screen. The log is for people to read afterwards; nothing reads it back.

use std::{
    env,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use rustix::stdio::dup2_stderr;

use super::{TerminalError, modes::copy_of_stderr};

/// A log longer than this, in bytes, is started afresh.
const LONGEST: u64 = 1 << 20;

/// The log file, and the stderr it stands in for.
pub(super) struct Log {
    /// `None` where no file could be made, and what libraries say is dropped.
    pub(super) path: Option<PathBuf>,
    file: File,
    stderr: File,
}

impl Log {
    /// Opens the log at `asked`, or else under the state folder, or else as a temporary file.
    pub(super) fn open(asked: Option<&Path>) -> Result<Self, TerminalError> {
        let (path, file) = match asked {
            Some(path) => {
                let opened = open_file(path);
                let file = opened.map_err(|source| TerminalError::Log { path: path.into(), source })?;
                (Some(path.to_owned()), file)
            }
            None => default_file()
                .map_err(|source| TerminalError::Io { what: "find a place for the log", source })?,
        };
        let stderr = copy_of_stderr()
            .map_err(|source| TerminalError::Io { what: "keep standard error aside", source })?;
        Ok(Self { path, file, stderr })
    }

    /// From now on, what is written to stderr goes to the log.
    pub(super) fn receive_stderr(&self) {
        let _ = dup2_stderr(&self.file);
    }

    /// stderr is what it was again.
    pub(super) fn return_stderr(&self) {
        let _ = dup2_stderr(&self.stderr);
    }
}

/// Where the log goes unless a place is asked for; `None` where that is a temporary file.
pub fn default_log() -> Option<PathBuf> {
    state_path(|name| env::var_os(name).map(PathBuf::from))
}

fn default_file() -> io::Result<(Option<PathBuf>, File)> {
    if let Some(path) = default_log()
        && let Ok(file) = open_file(&path)
    {
        return Ok((Some(path), file));
    }
    // A predictable name in a folder that everybody may write to could be a trap; a temporary file is not.
    let temporary = tempfile::Builder::new()
        .prefix("losslab-")
        .suffix(".log")
        .tempfile()
        .and_then(|file| Ok(file.keep()?));
    match temporary {
        Ok((file, path)) => Ok((Some(path), file)),
        Err(_) => Ok((None, OpenOptions::new().write(true).open("/dev/null")?)),
    }
}

/// `$XDG_STATE_HOME/losslab/losslab.log`, with `~/.local/state` where the variable is unset or relative.
fn state_path(env: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let folder = env("XDG_STATE_HOME").filter(|path| path.is_absolute());
    let folder = folder
        .or_else(|| env("HOME").filter(|home| home.is_absolute()).map(|home| home.join(".local/state")))?;
    Some(folder.join("losslab/losslab.log"))
}

fn open_file(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    let about = file.metadata()?;
    if about.is_file() && about.len() > LONGEST {
        file.set_len(0)?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_lies_in_the_state_folder() {
        let of = |pairs: &'static [(&str, &str)]| {
            state_path(|name| {
                pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| PathBuf::from(value))
            })
        };
        assert_eq!(of(&[("XDG_STATE_HOME", "/s"), ("HOME", "/h")]), Some("/s/losslab/losslab.log".into()));
        assert_eq!(
            of(&[("XDG_STATE_HOME", "s"), ("HOME", "/h")]),
            Some("/h/.local/state/losslab/losslab.log".into())
        );
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn an_overlong_log_is_started_afresh_and_a_short_one_is_added_to() {
        use std::io::Write;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made/losslab.log");
        open_file(&path).unwrap().write_all(b"one ").unwrap();
        open_file(&path).unwrap().write_all(b"two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "one two");
        open_file(&path).unwrap().set_len(LONGEST + 1).unwrap();
        assert_eq!(open_file(&path).unwrap().metadata().unwrap().len(), 0);
    }
}
