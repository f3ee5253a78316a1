//! What the export menu writes of this moment, under names that are free.

mod grown;
mod numbers;
mod together;
mod whole;

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::app::{Camera, Export};
use crate::data::write::{Array, WriteError, atomic_write_bytes, features_arrays, write_npz};
use crate::experiment::expression;
use crate::features::Features;
use crate::figure::{Extent, Figure, FigureError, Format, Panels, Size, Theme, USUAL_DPI, render_with};
use crate::portrait::screen as portrait;
use crate::share;
use crate::snapshot::Snapshot;

pub(super) use grown::{Grown, begin};
pub use together::{Together, write_together};

/// Why nothing, or not everything, was written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A file could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A picture could not be painted.
    #[error(transparent)]
    Figure(#[from] FigureError),
    /// There is nothing to be seen of it.
    #[error("nothing was written: {0}")]
    Nothing(String),
    /// No name is free, or the folder takes no files.
    #[error("nothing was written into {}: {cause}", .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        cause: io::Error,
    },
}

/// What the screen knows beside the snapshot.
#[derive(Clone, Debug)]
pub struct Screen {
    /// The picked row.
    pub picked: Option<u32>,
    /// The moment as a share string, carried by what is written.
    pub share: Option<String>,
    /// Whether the proved arrangement is shown.
    pub target: bool,
    /// Whether losses are shown by powers of ten.
    pub log_axis: bool,
}

impl Default for Screen {
    fn default() -> Self {
        Self { picked: None, share: None, target: true, log_axis: true }
    }
}

/// Writes what was asked for into a folder and says in one sentence what. A film is made elsewhere.
///
/// # Errors
/// [`ExportError`]; names that were taken but not filled are given back.
pub fn write(
    what: Export,
    snapshot: &Snapshot,
    camera: &Camera,
    screen: &Screen,
    folder: &Path,
) -> Result<String, ExportError> {
    let taken = reserve(folder, what.ends())?;
    taken.fill(|paths| fill(what, snapshot, camera, screen, paths))?;
    Ok(format!("wrote {} into {}", taken.names(), folder.display()))
}

/// Names that were taken by making empty files.
pub(super) struct Taken {
    paths: Vec<PathBuf>,
}

impl Taken {
    /// Fills the files, or gives the names back.
    pub(super) fn fill(
        &self,
        fill: impl FnOnce(&[PathBuf]) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        fill(&self.paths).inspect_err(|_| {
            for path in &self.paths {
                // Only what is still empty is ours to take away.
                if fs::metadata(path).is_ok_and(|facts| facts.len() == 0) {
                    let _ = fs::remove_file(path);
                }
            }
        })
    }

    /// The names, as a sentence has them.
    pub(super) fn names(&self) -> String {
        let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let names: Vec<String> = self.paths.iter().map(name).collect();
        match names.split_last() {
            Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
            _ => names.concat(),
        }
    }
}

/// The file an unexpected end leaves its last state in.
pub const RESCUED: &str = "rescued.npz";

/// Saves the state on an unexpected way out, over what an earlier one left. There is nobody to tell when it fails.
pub fn rescue(snapshot: &Snapshot, folder: &Path) {
    let _ = write_npz(&folder.join(RESCUED), &features_arrays(&state(snapshot)));
}

/// Takes the first number whose names are all free, by making the files.
pub(super) fn reserve(folder: &Path, ends: &[&str]) -> Result<Taken, ExportError> {
    let paths =
        take(folder, ends).map_err(|cause| ExportError::Folder { folder: folder.to_owned(), cause })?;
    Ok(Taken { paths })
}

/// Whether files can be made in a folder; nothing is left in it.
///
/// # Errors
/// [`ExportError::Folder`], with the system's reason.
pub(super) fn try_folder(folder: &Path, ends: &[&str]) -> Result<(), ExportError> {
    let taken = reserve(folder, ends)?;
    let give_back = |path: &PathBuf| fs::remove_file(path);
    let given = taken.paths.iter().try_for_each(give_back);
    given.map_err(|cause| ExportError::Folder { folder: folder.to_owned(), cause })
}

fn take(folder: &Path, ends: &[&str]) -> io::Result<Vec<PathBuf>> {
    for number in 1..100_000 {
        let paths: Vec<PathBuf> =
            ends.iter().map(|end| folder.join(format!("losslab-{number:03}{end}"))).collect();
        let mut taken = 0;
        let clash =
            paths.iter().find_map(|path| match OpenOptions::new().write(true).create_new(true).open(path) {
                Ok(_) => {
                    taken += 1;
                    None
                }
                Err(error) => Some(error),
            });
        let Some(error) = clash else { return Ok(paths) };
        for path in &paths[..taken] {
            fs::remove_file(path)?;
        }
        if error.kind() != io::ErrorKind::AlreadyExists {
            return Err(error);
        }
    }
    Err(io::Error::other("all names from losslab-001 to losslab-99999 are taken"))
}

fn fill(
    what: Export,
    snapshot: &Snapshot,
    camera: &Camera,
    screen: &Screen,
    paths: &[PathBuf],
) -> Result<(), ExportError> {
    let turn = |p| camera.see(p, snapshot.picture.map);
    let view = || Figure::Projection(portrait::projection(snapshot, &turn, screen.picked, screen.target));
    let curves = || Figure::Curves(portrait::curves(snapshot, screen.log_axis));
    let draw = |path: &Path, figure: &Figure, size: Size| -> Result<(), ExportError> {
        let format = Format::from_path(path)?;
        let bytes =
            render_with(figure, format, size, Theme::Light, &metadata(snapshot, screen.share.as_deref()))?;
        Ok(atomic_write_bytes(path, &bytes)?)
    };
    let state = |path: &Path| {
        let features = state(snapshot);
        let mut arrays = features_arrays(&features);
        let share: Vec<String> = screen.share.iter().cloned().collect();
        if !share.is_empty() {
            arrays.push((share::KEY, Array::texts(&share)));
        }
        write_npz(path, &arrays)
    };
    match what {
        Export::Set => {
            let (view, curves) = (view(), curves());
            draw(&paths[0], &view, view.natural_size())?;
            draw(&paths[1], &curves, curves.natural_size())?;
            state(&paths[2])?;
        }
        // A film, and the figure of several runs, are made elsewhere; what is asked for here is the view.
        Export::Png | Export::Svg | Export::Gif | Export::Comparison => {
            let view = view();
            draw(&paths[0], &view, view.natural_size())?;
        }
        Export::Csv => {
            atomic_write_bytes(&paths[0], numbers::csv(snapshot, screen.share.as_deref()).as_bytes())?;
        }
        Export::Json => {
            atomic_write_bytes(&paths[0], numbers::json(snapshot, screen.share.as_deref()).as_bytes())?;
        }
        Export::Npz => state(&paths[0])?,
        Export::Lab => {
            let (figure, size) = whole::lab(snapshot, &turn, screen)?;
            draw(&paths[0], &figure, size)?;
        }
        Export::Density => {
            let density =
                portrait::density(snapshot).map_err(|error| ExportError::Nothing(error.to_string()))?;
            let size = density.natural_size();
            draw(&paths[0], &Figure::Density(density), size)?;
        }
        Export::Paper => {
            let size = Extent::Millimetres(180.0, 62.0).at(USUAL_DPI)?;
            let mut figures = vec![view(), curves()];
            figures.extend(portrait::gram(snapshot).map(Figure::Gram));
            draw(&paths[0], &Figure::Panels(Panels::grid(figures, size)), size)?;
        }
    }
    Ok(())
}

/// What every figure says about where it comes from.
fn metadata(snapshot: &Snapshot, share: Option<&str>) -> Vec<(String, String)> {
    let pair = |key: &str, value: String| (key.to_owned(), value);
    let mut pairs = share::metadata(share);
    pairs.extend([
        pair("Objective", expression::print(&snapshot.experiment.objective)),
        pair("Step", snapshot.step.to_string()),
        pair("Seed", snapshot.experiment.seed.to_string()),
    ]);
    pairs
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
    use std::sync::Arc;

    use super::*;
    use crate::app::App;
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
            let said =
                write(Export::Set, &snapshot, &Camera::default(), &Screen::default(), folder.path()).unwrap();
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
        let error = write(
            Export::Set,
            &run.snapshot(),
            &Camera::default(),
            &Screen::default(),
            Path::new("/nonexistent/x"),
        )
        .unwrap_err();
        assert!(error.to_string().contains("/nonexistent/x"), "{error}");
    }

    #[test]
    fn everything_in_the_menu_is_written_as_what_its_name_says() {
        let folder = tempfile::tempdir().unwrap();
        let mut run = Run::new(&Experiment { per_class: Some(3), ..Experiment::default() }).unwrap();
        run.advance(7);
        run.read_back();
        run.analyse();
        let snapshot = run.snapshot();
        let screen = Screen { picked: Some(2), ..Screen::default() };
        for what in Export::ALL.into_iter().filter(|what| *what != Export::Gif) {
            let said = write(what, &snapshot, &Camera::default(), &screen, folder.path()).unwrap();
            assert!(said.starts_with("wrote losslab-0"), "{said}");
        }
        let text = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(text("losslab-001.svg").contains("<svg") && text("losslab-001-panels.svg").contains("180."));
        let csv = text("losslab-001.csv");
        assert!(csv.starts_with("step,loss,floor\n0,") && csv.lines().count() > 7, "{csv}");
        let numbers: serde_json::Value = serde_json::from_str(&text("losslab-001.json")).unwrap();
        assert_eq!((numbers["step"].as_u64(), numbers["loss"].as_f64()), (Some(7), Some(snapshot.loss)));
        assert!(numbers["metrics"]["nc1"].is_number());
        // With a share string it is in every one of them, and found there again.
        let text = App::new(Arc::new(snapshot.clone()), (160, 48)).share().encode().unwrap();
        let moment = share::Share::decode(&text).unwrap();
        let screen = Screen { share: Some(text), ..screen };
        let other = tempfile::tempdir().unwrap();
        for what in Export::ALL.into_iter().filter(|what| *what != Export::Gif) {
            write(what, &snapshot, &Camera::default(), &screen, other.path()).unwrap();
        }
        let mut files = 0;
        for entry in fs::read_dir(other.path()).unwrap() {
            let path = entry.unwrap().path();
            let found = share::carried::share_in(&path).unwrap_or_else(|| panic!("{}", path.display()));
            assert_eq!(found.unwrap(), moment, "{}", path.display());
            files += 1;
        }
        assert!(files > 8, "{files}");
        let csv = fs::read_to_string(other.path().join("losslab-001.csv")).unwrap();
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(csv.as_bytes());
        assert_eq!(reader.headers().unwrap(), vec!["step", "loss", "floor"]);
        assert_eq!(reader.records().count(), snapshot.history.iter().count());
        let lab = fs::read(folder.path().join("losslab-001-lab.png")).unwrap();
        assert_eq!(lab[..4], *b"\x89PNG");
    }
}
