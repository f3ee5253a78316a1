//! A file that grows by whole lines while the lab goes on. It is not put in place whole as other files are: what has
//! been written of it is to be there whatever happens next.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{ExportError, reserve};
use crate::data::write::WriteError;

/// A file that grows. One that nothing was written into goes away.
pub(in crate::lab) struct Grown {
    path: PathBuf,
    file: File,
    is_empty: bool,
}

/// Begins a file under the first free name of a folder.
///
/// # Errors
/// [`ExportError`] where no file can be made.
pub(in crate::lab) fn begin(folder: &Path, end: &str) -> Result<Grown, ExportError> {
    let [path] = <[PathBuf; 1]>::try_from(reserve(folder, &[end])?.paths).map_err(|_| no_name(folder))?;
    match OpenOptions::new().append(true).open(&path) {
        Ok(file) => Ok(Grown { path, file, is_empty: true }),
        Err(cause) => Err(WriteError { path, cause }.into()),
    }
}

fn no_name(folder: &Path) -> ExportError {
    ExportError::Folder { folder: folder.to_owned(), cause: std::io::Error::other("no name was taken") }
}

impl Grown {
    /// Writes more of it.
    ///
    /// # Errors
    /// [`WriteError`] with the system's reason.
    pub(in crate::lab) fn write(&mut self, text: &str) -> Result<(), WriteError> {
        self.is_empty &= text.is_empty();
        self.file.write_all(text.as_bytes()).map_err(|cause| WriteError { path: self.path.clone(), cause })
    }

    /// Its name.
    pub(in crate::lab) fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Its name and folder, as a sentence has them.
    pub(in crate::lab) fn place(&self) -> String {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        format!("{} into {}", self.name(), folder.display())
    }
}

impl Drop for Grown {
    fn drop(&mut self) {
        if self.is_empty {
            // There is nobody to tell when it stays.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_there_at_once_and_what_is_not_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        drop(begin(folder.path(), ".llrec").unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        let mut file = begin(folder.path(), ".llrec").unwrap();
        file.write("a line\n").unwrap();
        let text = || fs::read_to_string(folder.path().join("losslab-001.llrec")).unwrap();
        assert_eq!((file.name().as_str(), text().as_str()), ("losslab-001.llrec", "a line\n"));
        assert!(file.place().starts_with("losslab-001.llrec into /"), "{}", file.place());
        file.write("another\n").unwrap();
        drop(file);
        assert_eq!(text(), "a line\nanother\n");
    }
}
