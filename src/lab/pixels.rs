//! The view in real pixels beside the cells: painted and encoded on a thread of its own, so that no frame waits, and
//! written after a frame where the view still lies where it was painted for.

use std::thread;

use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded};

use crate::app::{App, Area};
use crate::figure::Sketch;
use crate::terminal::graphics::{self, Protocol};
use crate::terminal::{Screen, TerminalError};
use crate::view;

/// The pixels of a cell where the terminal does not say: kitty and iTerm2 scale a picture to its cells.
const USUAL_CELL: (u16, u16) = (10, 20);
/// The most pixels a picture has: beyond them it is painted coarser and scaled up.
const MOST_PIXELS: u32 = 900_000;

/// The painter's thread and what is on the screen.
pub(super) struct Pixels {
    protocol: Protocol,
    cell: (u16, u16),
    jobs: Sender<(Area, Sketch)>,
    painted: Receiver<(Area, Vec<u8>)>,
    busy: bool,
    /// Where a picture lies now.
    shown: Option<Area>,
}

impl Pixels {
    /// Starts the painter; nothing where sixels would have to guess the size of a cell or there is no thread.
    pub(super) fn new(protocol: Protocol, cell: Option<(u16, u16)>) -> Option<Self> {
        let cell = match (protocol, cell) {
            (Protocol::Sixel, None) => return None,
            (_, cell) => cell.unwrap_or(USUAL_CELL),
        };
        let (jobs, inbox) = bounded::<(Area, Sketch)>(1);
        let (done, painted) = bounded(1);
        let paint = move || {
            for (area, sketch) in inbox {
                let at = (area.x, area.y);
                let bytes = sketch
                    .indexed()
                    .map(|picture| graphics::put(protocol, &picture, at, (area.width, area.height)));
                if done.send((area, bytes.unwrap_or_default())).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("losslab-pixels".into()).spawn(paint).ok()?;
        Some(Self { protocol, cell, jobs, painted, busy: false, shown: None })
    }

    /// Whether a picture is being painted.
    pub(super) fn is_busy(&self) -> bool {
        self.busy
    }

    /// Before a frame: whether the view is left to pixels, and the picture taken away where it must go.
    pub(super) fn prepare(&mut self, app: &mut App, screen: &mut Screen) -> Result<(), TerminalError> {
        let place = view::sketch_area(app);
        app.pixels = place.is_some();
        if self.shown.is_some() && self.shown != place {
            self.shown = None;
            screen.write_picture(graphics::clear(self.protocol))?;
            screen.wipe()?;
        }
        Ok(())
    }

    /// After a frame: has the view painted, unless the painter is at one still.
    pub(super) fn ask(&mut self, app: &App) {
        if !self.busy
            && let Some(job) = view::sketch(app, self.cell_for(app))
        {
            self.busy = self.jobs.try_send(job).is_ok();
        }
    }

    /// Large views are painted coarser where the terminal scales pictures.
    fn cell_for(&self, app: &App) -> (u16, u16) {
        let Some(area) = view::sketch_area(app).filter(|_| self.protocol != Protocol::Sixel) else {
            return self.cell;
        };
        let (mut cell, cells) = (self.cell, u32::from(area.width) * u32::from(area.height));
        while cells * u32::from(cell.0) * u32::from(cell.1) > MOST_PIXELS && cell.0 > 5 {
            cell = (cell.0 * 4 / 5, cell.1 * 4 / 5);
        }
        cell
    }

    /// Writes what was painted, where the view still lies there.
    pub(super) fn show(&mut self, app: &App, screen: &mut Screen) -> Result<(), TerminalError> {
        match self.painted.try_recv() {
            Ok((area, bytes)) => {
                self.busy = false;
                if app.pixels && view::sketch_area(app) == Some(area) && !bytes.is_empty() {
                    screen.write_picture(&bytes)?;
                    self.shown = Some(area);
                }
            }
            Err(TryRecvError::Empty) => {}
            // The painter is gone, which only a bug brings about: cells show the view again.
            Err(TryRecvError::Disconnected) => self.busy = true,
        }
        Ok(())
    }
}
