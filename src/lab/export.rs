//! What one key writes: the picture, the curve and the state of this moment, under names that are free.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::app::Camera;
use crate::data::write::{WriteError, atomic_write_bytes, features_arrays, write_npz};
use crate::features::Features;
use crate::figure::{Figure, FigureError, Format, Size, render};
use crate::portrait::screen;
use crate::snapshot::Snapshot;

/// Why nothing, or not everything, was written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A file could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A picture could not be painted.
    #[error(transparent)]
    Figure(#[from] FigureError),
    /// No name is free, or the folder takes no files.
    #[error("nothing was written into {}: {cause}", .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        cause: io::Error,
    },
}

/// What a set of three files ends in.
const ENDS: [&str; 3] = [".png", "-curves.png", ".npz"];

/// Writes the three files into a folder and says in one sentence which.
///
/// # Errors
/// [`ExportError`]; names that were taken but not filled are given back.
pub fn write(snapshot: &Snapshot, camera: &Camera, folder: &Path) -> Result<String, ExportError> {
    let (number, paths) =
        reserve(folder).map_err(|cause| ExportError::Folder { folder: folder.to_owned(), cause })?;
    let written = fill(snapshot, camera, &paths);
    if let Err(error) = written {
        for path in &paths {
            // Only what is still empty is ours to take away.
            if fs::metadata(path).is_ok_and(|facts| facts.len() == 0) {
                let _ = fs::remove_file(path);
            }
        }
        return Err(error);
    }
    let stem = format!("losslab-{number:03}");
    Ok(format!("wrote {stem}.png, {stem}-curves.png and {stem}.npz into {}", folder.display()))
}

/// The file an unexpected end leaves its last state in.
pub const RESCUED: &str = "rescued.npz";

/// Saves the state on an unexpected way out, over what an earlier one left. There is nobody to tell when it fails.
pub fn rescue(snapshot: &Snapshot, folder: &Path) {
    let _ = write_npz(&folder.join(RESCUED), &features_arrays(&state(snapshot)));
}

/// Takes the first number whose three names are all free, by making the files.
fn reserve(folder: &Path) -> io::Result<(u32, [PathBuf; 3])> {
    for number in 1..100_000 {
        let paths = ENDS.map(|end| folder.join(format!("losslab-{number:03}{end}")));
        let mut taken = 0;
        let clash =
            paths.iter().find_map(|path| match OpenOptions::new().write(true).create_new(true).open(path) {
                Ok(_) => {
                    taken += 1;
                    None
                }
                Err(error) => Some(error),
            });
        let Some(error) = clash else { return Ok((number, paths)) };
        for path in &paths[..taken] {
            fs::remove_file(path)?;
        }
        if error.kind() != io::ErrorKind::AlreadyExists {
            return Err(error);
        }
    }
    Err(io::Error::other("all names from losslab-001 to losslab-99999 are taken"))
}

fn fill(snapshot: &Snapshot, camera: &Camera, paths: &[PathBuf; 3]) -> Result<(), ExportError> {
    let picture = Figure::Projection(screen::projection(snapshot, &|p| camera.turn(p)));
    let size = Size::default();
    atomic_write_bytes(&paths[0], &render(&picture, Format::Png, size)?)?;
    let curves = Figure::Curves(screen::curves(snapshot));
    atomic_write_bytes(&paths[1], &render(&curves, Format::Png, size)?)?;
    let features = state(snapshot);
    write_npz(&paths[2], &features_arrays(&features))?;
    Ok(())
}

/// The features as a file that losslab reads again.
fn state(snapshot: &Snapshot) -> Features {
    let cast = &snapshot.cast;
    Features {
        points: (*snapshot.points).clone(),
        labels: Some(cast.labels.clone()),
        weights: snapshot.weights.as_ref().map(|weights| (**weights).clone()),
        bias: snapshot.bias.as_ref().map(|bias| bias.data.clone()),
        instances: (snapshot.experiment.views > 1).then(|| cast.instances.clone()),
        label_names: cast.label_names.clone(),
        point_names: cast.point_names.clone(),
        step: Some(snapshot.step),
        loss: Some(snapshot.loss),
        ..Features::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{ReadOptions, read};
    use crate::experiment::Experiment;
    use crate::simulation::Run;

    #[test]
    fn files_are_numbered_and_nothing_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let mut run = Run::new(&Experiment { per_class: Some(3), ..Experiment::default() }).unwrap();
        run.advance(7);
        run.read_back();
        let snapshot = run.snapshot();
        fs::write(folder.path().join("losslab-002-curves.png"), b"mine").unwrap();
        for (expected, left_alone) in [("losslab-001", false), ("losslab-003", true)] {
            let said = write(&snapshot, &Camera::default(), folder.path()).unwrap();
            assert!(said.contains(expected), "{said}");
            let png = fs::read(folder.path().join(format!("{expected}.png"))).unwrap();
            assert_eq!(png[..4], *b"\x89PNG");
            assert!(!left_alone || !folder.path().join("losslab-002.png").exists());
        }
        assert_eq!(fs::read(folder.path().join("losslab-002-curves.png")).unwrap(), b"mine");
        let state = read(&folder.path().join("losslab-001.npz"), &ReadOptions::default()).unwrap();
        assert_eq!((state.points, state.step), ((*snapshot.points).clone(), Some(7)));
        assert_eq!(state.loss, Some(snapshot.loss));
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let run = Run::new(&Experiment::default()).unwrap();
        let error = write(&run.snapshot(), &Camera::default(), Path::new("/nonexistent/x")).unwrap_err();
        assert!(error.to_string().contains("/nonexistent/x"), "{error}");
    }
}
