//! A film made beside the live run: on a thread of its own, heard of by the status line, ended by a word.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::export::{self, ExportError};
use crate::app::{Camera, Export};
use crate::data::write::atomic_write_bytes;
use crate::geometry::projection;
use crate::portrait::film::{Plan, Progress, make};
use crate::snapshot::Snapshot;

/// How far a film is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct News {
    /// The same for the status line.
    pub(super) text: String,
    /// What share of its frames are made.
    pub(super) share: f64,
}

/// What the screen's thread and the film's share.
#[derive(Clone, Debug, Default)]
pub(super) struct Filming {
    stop: Arc<AtomicBool>,
    news: Arc<Mutex<Option<News>>>,
}

impl Filming {
    /// Ends the film; nothing is written.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// How far it is, where that has changed.
    pub(super) fn news(&self) -> Option<News> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether the film's thread has let go of it.
    pub(super) fn is_over(&self) -> bool {
        Arc::strong_count(&self.stop) == 1
    }

    fn tell(&self, text: String, share: f64) {
        *self.news.lock().unwrap_or_else(PoisonError::into_inner) = Some(News { text, share });
    }

    /// Makes the film of a run up to where it is, and writes it under a free name into a folder, which is tried first:
    /// nobody should wait for a film that cannot be kept.
    pub(super) fn make(
        &self,
        snapshot: &Snapshot,
        camera: &Camera,
        share: Option<&str>,
        folder: &Path,
    ) -> Result<String, String> {
        export::try_folder(folder, Export::Gif.ends()).map_err(|error| error.to_string())?;
        let picture = &snapshot.picture;
        let (projection, plane) = (projection::kind(picture.projection), picture.plane);
        let metadata = crate::share::metadata(share);
        let plan = Plan { projection, plane, metadata, ..Plan::of(snapshot.step.max(1)) };
        let edits: Vec<_> =
            snapshot.edits.iter().filter(|edit| edit.step <= snapshot.step).cloned().collect();
        let (began, mut phase) = (Instant::now(), (Instant::now(), false));
        let film = make(&snapshot.start, &edits, &plan, &|p| camera.see(p, picture.map), &mut |progress| {
            let (what, at, of, painting) = match progress {
                Progress::Steps(at, of) => ("step", at, of, false),
                Progress::Frames(at, of) => ("frame", at as u64, of as u64, true),
            };
            if painting != phase.1 {
                phase = (Instant::now(), painting);
            }
            let left = phase.0.elapsed().as_secs_f64() * (of.saturating_sub(at)) as f64 / at.max(1) as f64;
            let share = if painting { at as f64 / of.max(1) as f64 } else { 0.0 };
            self.tell(format!("filming: {what} {at} of {of}, about {left:.0} s to go   Esc ends it"), share);
            !self.stop.load(Ordering::Relaxed)
        })?;
        if self.stop.load(Ordering::Relaxed) {
            return Ok("the film was ended, and nothing was written".into());
        }
        let write = || -> Result<String, ExportError> {
            let taken = export::reserve(folder, Export::Gif.ends())?;
            taken.fill(|paths| Ok(atomic_write_bytes(&paths[0], &film.bytes)?))?;
            let size = film.bytes.len() as f64 / 1e6;
            let frames = film.frames;
            let seconds = began.elapsed().as_secs_f64();
            Ok(format!(
                "wrote {} into {}: {frames} frames, {size:.1} MB, in {seconds:.0} s",
                taken.names(),
                folder.display()
            ))
        };
        write().map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;
    use crate::simulation::Run;

    #[test]
    fn a_folder_that_takes_no_files_is_found_out_before_anything_is_painted() {
        let mut run = Run::new(&Experiment { per_class: Some(3), ..Experiment::default() }).unwrap();
        run.advance(5);
        run.read_back();
        let (snapshot, camera) = (run.snapshot(), Camera::default());
        let film = Filming::default();
        let why = film.make(&snapshot, &camera, None, Path::new("/nonexistent/x")).unwrap_err();
        assert!(why.starts_with("nothing was written into /nonexistent/x: "), "{why}");
        assert_eq!(film.news(), None, "no frame was made");
        // One that is given up leaves nothing.
        let folder = tempfile::tempdir().unwrap();
        let left = || std::fs::read_dir(folder.path()).unwrap().count();
        let given_up = Filming::default();
        given_up.stop();
        let said = given_up.make(&snapshot, &camera, None, folder.path()).unwrap();
        assert_eq!((said.as_str(), left()), ("the film was ended, and nothing was written", 0));
        assert!(given_up.news().is_some());
        let said = film.make(&snapshot, &camera, None, folder.path()).unwrap();
        assert!(said.starts_with("wrote losslab-001.gif into ") && left() == 1, "{said}");
    }
}
