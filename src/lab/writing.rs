//! What the lab writes while it goes on: on a thread of its own, heard of in the end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use super::{Lab, export, filming};
use crate::app::{Export, Message, Said, Unwritten};

/// For so long what somebody was told is not replaced by how far a film is.
const TO_READ: Duration = Duration::from_secs(4);

impl Lab<'_> {
    /// Says how far the film is, where nobody has been told anything else just now.
    pub(super) fn tell_of_film(&mut self, text: String) {
        let free = self.app.said.as_ref().is_none_or(|said| said.text == self.film_words);
        if free || self.touched.elapsed() >= TO_READ {
            self.app.update(Message::Said(Said { text, wrong: false }));
            self.film_words = self.app.said.as_ref().map_or(String::new(), |said| said.text.clone());
        }
    }

    /// Writes what was asked for into the working directory.
    pub(super) fn export(&mut self, what: Export) {
        // Of runs side by side what is about one is about that which has the focus.
        let app = self.app.of(self.app.beside.run);
        let (snapshot, camera) = (app.snapshot, app.camera);
        let together = (what == Export::Comparison).then(|| export::Together::of(&self.app));
        let share = self.app.share().encode().ok();
        let screen = export::Screen { picked: app.picked, share, target: app.target, log_axis: app.log_axis };
        let film = filming::Filming::default();
        if what == Export::Gif {
            self.film = Some(film.clone());
            self.film_words = self.app.said.as_ref().map_or(String::new(), |said| said.text.clone());
        }
        let news = self.news.0.clone();
        let fault = self.fault;
        let write = move || {
            let folder = std::env::current_dir().unwrap_or_else(|_| ".".into());
            let written = catch_unwind(AssertUnwindSafe(|| {
                if let Some(fault) = fault {
                    fault.strike_export();
                }
                if what == Export::Gif {
                    return film.make(&snapshot, &camera, screen.share.as_deref(), &folder);
                }
                if let Some(together) = &together {
                    return export::write_together(together, &folder);
                }
                export::write(what, &snapshot, &camera, &screen, &folder).map_err(|error| error.to_string())
            }));
            let answer = match written {
                Ok(Ok(text)) => Message::Said(Said { text, wrong: false }),
                Ok(Err(why)) => unwritten(what, why),
                Err(_) => unwritten(what, "the export hit a bug of its own: the log has it".into()),
            };
            // The lab may have been left meanwhile; the files are there all the same.
            let _ = news.send(answer);
        };
        match std::thread::Builder::new().name("losslab-export".into()).spawn(write) {
            Ok(_) => self.writing += 1,
            Err(error) => {
                let why = format!("nothing was written: the system gave no thread: {error}");
                self.film = None;
                self.app.filming = false;
                self.app.update(unwritten(what, why));
            }
        }
    }
}

/// An export that came to nothing.
fn unwritten(what: Export, why: String) -> Message {
    Message::Unwritten(Unwritten { what: what.words().0, why })
}
