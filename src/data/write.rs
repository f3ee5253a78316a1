//! Writing files whole: beside the target, synced, renamed; and the writer of npz archives.
//!
//! Every file the program leaves behind goes through [`atomic_write`], so that a crash, a full disk or a
//! `kill -9` leaves the old file or the new one, never half of one.

use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use super::{plain_io, printable};

mod npz;
pub use npz::{Array, features_arrays, npz_bytes, write_npz};

/// How the names of files that are not finished yet begin; the number of the process follows.
const TEMPORARY_PREFIX: &str = ".losslab-";
/// How their names end.
const TEMPORARY_SUFFIX: &str = ".tmp";

/// Why a file was not written: one plain sentence that names it. The old file, if any, is as it was.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {}", printable(&path.to_string_lossy()), plain_io(.cause))]
pub struct WriteError {
    /// The file that was to be written.
    pub path: PathBuf,
    /// The system's reason.
    pub cause: io::Error,
}

/// What a file is written to before it takes its place.
pub trait Sink: Write + Seek {}
impl<T: Write + Seek> Sink for T {}

/// Replaces the file at `path` by what `write` writes, or leaves it as it was.
///
/// A link is followed, so that the file it points to is replaced; the permissions of an old file are kept.
///
/// # Errors
/// [`WriteError`] with the reason of the system or of `write`; nothing is left beside the target then.
pub fn atomic_write(
    path: &Path,
    write: impl FnOnce(&mut dyn Sink) -> io::Result<()>,
) -> Result<(), WriteError> {
    replace(path, write).map_err(|cause| WriteError { path: path.to_owned(), cause })
}

/// Replaces the file at `path` by these bytes, or leaves it as it was: see [`atomic_write`].
pub fn atomic_write_bytes(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    atomic_write(path, |sink| sink.write_all(bytes))
}

fn replace(path: &Path, write: impl FnOnce(&mut dyn Sink) -> io::Result<()>) -> io::Result<()> {
    let old = match fs::metadata(path) {
        Ok(old) if !old.is_file() => {
            return Err(io::Error::other("there is something that is not a regular file"));
        }
        Ok(old) => Some(old.permissions()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let target = if old.is_some() { fs::canonicalize(path)? } else { path.to_owned() };
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let prefix = format!("{TEMPORARY_PREFIX}{}-", std::process::id());
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(TEMPORARY_SUFFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Like any new file: what the umask leaves of it.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut temporary = builder.tempfile_in(folder)?;
    let mut buffered = BufWriter::new(temporary.as_file_mut());
    write(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    if let Some(old) = old {
        temporary.as_file().set_permissions(old)?;
    }
    temporary.as_file().sync_all()?;
    temporary.persist(&target).map_err(|error| error.error)?;
    sync_folder(folder)
}

/// Makes the renaming itself last through a power cut, where the system can.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        match File::open(folder)?.sync_all() {
            // Some file systems cannot sync a folder; the file itself is synced already.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
            result => result,
        }
    } else {
        Ok(())
    }
}

/// Removes unfinished files that processes which are gone left in `folder`, and says how many.
///
/// # Errors
/// Only if the folder cannot be listed; a file that cannot be removed is left.
pub fn remove_strays(folder: &Path) -> io::Result<usize> {
    let mut removed = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let process = name
            .to_str()
            .and_then(|name| {
                name.strip_prefix(TEMPORARY_PREFIX)?.strip_suffix(TEMPORARY_SUFFIX)?.split_once('-')
            })
            .and_then(|(process, _)| process.parse::<i32>().ok());
        if process.is_some_and(is_gone) && fs::remove_file(entry.path()).is_ok() {
            removed += 1;
        }
    }
    Ok(removed)
}

#[cfg(unix)]
fn is_gone(process: i32) -> bool {
    use rustix::process::{Pid, test_kill_process};
    Pid::from_raw(process).is_some_and(|process| test_kill_process(process) == Err(rustix::io::Errno::SRCH))
}

/// Without a way to ask, only our own number is known to be alive, and no other is taken for gone.
#[cfg(not(unix))]
fn is_gone(_process: i32) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_failing_writer_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        atomic_write_bytes(&path, b"old").unwrap();
        let error = atomic_write(&path, |sink| {
            sink.write_all(b"half of the new")?;
            Err(io::Error::from_raw_os_error(28))
        })
        .unwrap_err();
        assert!(error.to_string().ends_with("a.txt: no space left on device"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["a.txt"]);
        atomic_write_bytes(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["a.txt"]);
    }

    #[test]
    fn a_missing_folder_and_a_folder_in_the_way_are_said() {
        let folder = tempfile::tempdir().unwrap();
        let error = atomic_write_bytes(&folder.path().join("no/a.txt"), b"").unwrap_err().to_string();
        assert!(error.contains("no/a.txt: no such file or directory"), "{error}");
        let error = atomic_write_bytes(folder.path(), b"").unwrap_err().to_string();
        assert!(error.ends_with("there is something that is not a regular file"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_permissions_kept() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, b"old").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&real, &link).unwrap();
        atomic_write_bytes(&link, b"new").unwrap();
        assert_eq!(fs::read(&real).unwrap(), b"new");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[cfg(unix)]
    #[test]
    fn only_files_of_dead_processes_are_strays() {
        let folder = tempfile::tempdir().unwrap();
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        let (dead, alive) = (child.id(), std::process::id());
        for name in [format!(".losslab-{dead}-x.tmp"), format!(".losslab-{alive}-x.tmp"), "a.tmp".to_owned()]
        {
            fs::write(folder.path().join(name), b"").unwrap();
        }
        assert_eq!(remove_strays(folder.path()).unwrap(), 1);
        assert_eq!(names(folder.path()), [format!(".losslab-{alive}-x.tmp"), "a.tmp".to_owned()]);
    }
}
