//! What one key writes: the picture, the curve and the state of this moment, under names that are free.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::app::Camera;
use crate::data::write::{WriteError, atomic_write_bytes, features_arrays, write_npz};
use crate::features::Features;
use crate::figure::{
    Curves, Figure, FigureError, Floor, Format, ProjectedPoint, ProjectedWeight, Projection, Series, Size,
    YScale, render,
};
use crate::palette;
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
    let picture = Figure::Projection(projection(snapshot, camera));
    let size = Size::default();
    atomic_write_bytes(&paths[0], &render(&picture, Format::Png, size)?)?;
    let curves = Figure::Curves(curves(snapshot));
    atomic_write_bytes(&paths[1], &render(&curves, Format::Png, size)?)?;
    let features = state(snapshot);
    write_npz(&paths[2], &features_arrays(&features))?;
    Ok(())
}

fn names(snapshot: &Snapshot) -> Vec<String> {
    let given = snapshot.cast.label_names.clone();
    given.unwrap_or_else(|| (0..snapshot.cast.classes).map(|k| palette::letter(k).to_string()).collect())
}

/// The view as it is turned on the screen.
fn projection(snapshot: &Snapshot, camera: &Camera) -> Projection {
    let picture = &snapshot.picture;
    let cast = &snapshot.cast;
    let turned = picture.shares.len() >= 3;
    let see = |p: [f32; 3]| {
        let o = picture.origin;
        let p = if picture.sphere { [p[0] - o[0], p[1] - o[1], p[2] - o[2]] } else { p };
        let seen = if turned { camera.turn(p) } else { p };
        [f64::from(seen[0]), f64::from(seen[1])]
    };
    let points = picture.points.iter().zip(&picture.rows).map(|(place, &row)| {
        let label = cast.labels.get(row as usize).map_or(0, |label| *label as usize);
        let class = cast.truth.get(row as usize).map_or(label, |class| *class as usize);
        ProjectedPoint { at: see(*place), class, given: (label != class).then_some(label) }
    });
    let weights = picture.weights.iter().enumerate();
    Projection {
        title: title(snapshot),
        subtitle: format!("step {}, {} points, {}", snapshot.step, picture.rows.len(), picture.projection),
        hidden_variance: Some(picture.hidden),
        class_names: names(snapshot),
        points: points.collect(),
        weights: weights.map(|(class, place)| ProjectedWeight { at: see(*place), class }).collect(),
        targets: picture.targets.iter().map(|(place, _)| see(*place)).collect(),
        target_name: snapshot
            .geometry
            .fit
            .as_ref()
            .map_or(String::new(), |fit| format!("target: {}", fit.name)),
        radius: picture.sphere.then_some(1.0),
        ..Projection::default()
    }
}

fn title(snapshot: &Snapshot) -> String {
    let names: Vec<&str> =
        snapshot.experiment.objective.iter().map(|term| term.objective.about().title).collect();
    names.join(" + ")
}

fn curves(snapshot: &Snapshot) -> Curves {
    let points: Vec<[f64; 2]> =
        snapshot.history.iter().map(|sample| [sample.step as f64, sample.loss]).collect();
    let above = points.iter().all(|point| point[1] > 0.0);
    let floor = snapshot.floor.value();
    Curves {
        title: title(snapshot),
        subtitle: format!("{} steps, seed {}", snapshot.step, snapshot.experiment.seed),
        y_label: "loss".into(),
        y_scale: if above && floor.is_none_or(|floor| floor > 0.0) { YScale::Log } else { YScale::Linear },
        series: vec![Series { name: "loss".into(), points }],
        floors: floor
            .map(|value| Floor { value, label: "proved floor".into(), series: None })
            .into_iter()
            .collect(),
        ..Curves::default()
    }
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
