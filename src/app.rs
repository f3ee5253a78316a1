//! The state of the screen and how it changes: a [`Message`] in, [`Command`]s out.
//!
//! Pure: no clock, no file, no thread, no drawing. What is drawn from this state stands in `view`.

mod back;
pub mod camera;
pub mod compare;
mod export;
pub mod find;
pub mod forces;
mod gesture;
pub mod help;
mod inspect;
pub mod keymap;
pub mod keys;
pub mod layout;
pub mod lesson;
pub mod list;
pub mod look;
mod looking;
mod mouse;
pub mod places;
pub mod presets;
pub mod record;
pub mod selection;
pub mod settings;
pub mod share;
mod stake;
pub mod time;
mod typed;
mod update;
mod warned;
mod welcome;

use std::sync::Arc;

use crossterm::event::{KeyEvent, MouseEvent};

pub use back::Back;
pub use camera::{Camera, Sight};
pub use compare::Beside;
pub use export::Export;
pub use gesture::REST;
pub use keymap::Keymap;
pub use layout::{Area, Layout, Pane};
pub use look::Look;
pub use record::Tape;
pub use selection::Marked;
pub use typed::Number;

use crate::experiment::Experiment;
use crate::experiment::start::lab_rate;
use crate::snapshot::{Request, Shown, Snapshot};
use settings::Row;

/// Everything that can happen to the screen.
#[derive(Clone, Debug)]
pub enum Message {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse did something.
    Mouse(MouseEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has this many columns and rows.
    Resize(u16, u16),
    /// There is a new snapshot.
    Snapshot(Arc<Snapshot>),
    /// A thirtieth of a second has passed while the run was going.
    Frame,
    /// Nobody has done anything for [`REST`]: what comes next is something new.
    Rest,
    /// Something the user asked for has come to an end.
    Said(Said),
    /// Something was to be written and was not.
    Unwritten(Unwritten),
}

/// What was to be written, and why it was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwritten {
    /// What it was, in a word or two.
    pub what: &'static str,
    /// Why, in a sentence.
    pub why: String,
}

/// What the world outside is asked to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Ask the simulation.
    Ask(Request),
    /// Write something into the working directory.
    Export(Export),
    /// Put a share string into the clipboard, and print it in the end.
    Copy(String),
    /// Print a share string in the end: of a run that makes room for a lesson.
    Remember(String),
    /// End the film that is being made.
    StopFilm,
    /// Take the mouse, or free it.
    Mouse(bool),
    /// Keep how far somebody got in the lessons.
    Keep(lesson::Progress),
    /// Record the session from here on, or end that and write it.
    Record,
    /// Put a mark into the recording.
    Mark,
    /// Leave; `true` leaves the last frame on the terminal.
    Quit(bool),
}

/// One sentence for the status line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The sentence.
    pub text: String,
    /// Whether it is about something that went wrong.
    pub wrong: bool,
}

/// What lies over the panes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Overlay {
    /// The keys, from this line on.
    Help(usize),
    /// Warnings and notices, from this line on.
    Warnings(usize),
    /// Objectives found by a text, one of them chosen.
    Picker(Search),
    /// Actions found by a text, one of them chosen.
    Palette(Search),
    /// Lessons found by a text, one of them chosen.
    Lessons(Search),
    /// Presets found by a text, one of them chosen.
    Presets(Search),
    /// The branches of the run, this one chosen.
    Branches(usize),
    /// What can be written, one of it chosen.
    Export(usize),
    /// Points and classes found by a text, one of them chosen.
    Find(find::Finder),
    /// The picked point in numbers, from this line on.
    Inspector(usize),
}

impl Overlay {
    /// What was typed, where a list is searched.
    fn search(&mut self) -> Option<&mut Search> {
        match self {
            Self::Picker(search) | Self::Palette(search) | Self::Lessons(search) | Self::Presets(search) => {
                Some(search)
            }
            Self::Find(finder) => Some(&mut finder.search),
            Self::Help(_) | Self::Warnings(_) | Self::Branches(_) | Self::Export(_) | Self::Inspector(_) => {
                None
            }
        }
    }
}

/// A text typed to search a list, and the chosen place in what it finds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// What was typed.
    pub text: String,
    /// The chosen entry.
    pub at: usize,
}

/// How points are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Marks {
    /// Braille lines and symbols.
    #[default]
    Braille,
    /// Octant lines and symbols: solid where braille is dotted, in fonts that have them.
    Octant,
    /// Half blocks and symbols.
    HalfBlock,
    /// One dot a cell and symbols.
    Dot,
    /// Printable ASCII only.
    Ascii,
}

/// How colours are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Colours {
    /// None: bold, dim and reverse only.
    Mono,
    /// The terminal's own sixteen.
    Sixteen,
    /// The palette of the figures.
    #[default]
    Full,
}

/// The state of the screen.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own that a key turns")]
pub struct App {
    /// What is shown.
    pub snapshot: Arc<Snapshot>,
    /// What the person has set of the run that is looked at, ahead of the snapshot until the simulation has answered.
    pub experiment: Experiment,
    /// The number of the last change asked for.
    pub asked: u64,
    /// Columns and rows.
    pub size: (u16, u16),
    /// The pane that arrows belong to.
    pub focus: Pane,
    /// The pane that shares the right column of a small screen with the loss.
    pub second: Pane,
    /// Whether the focused pane has the screen for itself.
    pub expanded: bool,
    /// How the view is turned.
    pub camera: Camera,
    /// How runs side by side are looked at, while there are any.
    pub beside: Beside,
    /// Whether it turns by itself while the run goes.
    pub spin: bool,
    /// What is looked at of the forces.
    pub forces: forces::ForceLook,
    /// Whether the proved arrangement is drawn over the points.
    pub target: bool,
    /// Whether the gram pane shows how far cosines are from the proved arrangement.
    pub difference: bool,
    /// Whether the loss axis is logarithmic.
    pub log_axis: bool,
    /// The picked row of the features.
    pub picked: Option<u32>,
    /// The picked class or pair of classes. Where one is, no row is picked.
    pub marked: Option<Marked>,
    /// Whether a tour moves on.
    pub touring: bool,
    /// Whether the ways that points have come are shown.
    pub trails: bool,
    /// The labels of the classes that span the class plane, once somebody has chosen.
    pub plane: Option<[u32; 3]>,
    /// The projection that was asked for and has not come yet.
    sought: Option<usize>,
    /// What the run on the screen was last asked to show; nothing is known of a run that has just begun.
    told: Option<Shown>,
    /// The chosen row of the params pane.
    pub row: usize,
    /// A number being typed for it.
    pub entry: Option<Number>,
    /// A sign or a point pressed just now, which a digit right after it makes a part of a number.
    prefix: Option<typed::Prefix>,
    /// What lies over the panes.
    pub overlay: Option<Overlay>,
    /// The status line.
    pub said: Option<Said>,
    /// What came for it while a question stood there.
    held: Option<Said>,
    /// The question before something is lost, while it stands.
    question: Option<stake::Question>,
    /// Whether there are such questions: what was typed as a line is meant.
    pub asks: bool,
    /// The event that is being taken in.
    by: Option<stake::By>,
    /// What could not be written, each with its step and reason, the newest last.
    unwritten: Vec<String>,
    /// What was written last: a second `x` repeats it.
    pub exported: Export,
    /// Whether a film of the run is being made.
    pub filming: bool,
    /// What share of it is made.
    pub filmed: f64,
    /// What ran when the lab was opened.
    opened: Arc<Experiment>,
    /// How many keys were pressed; the first-run hint goes away after a few.
    pub pressed: u32,
    /// Whether the mouse is ours.
    pub mouse: bool,
    /// Where a drag was last.
    dragged_from: Option<mouse::Drag>,
    /// The knob that is being turned.
    gesture: Option<gesture::Gesture>,
    /// The step that all charts are read at.
    pub inspected: Option<u64>,
    /// How points are drawn.
    pub marks: Marks,
    /// Whether the view is drawn in real pixels, beside the cells.
    pub pixels: bool,
    /// How colours are drawn.
    pub colours: Colours,
    /// The open lesson.
    pub lesson: Option<lesson::Session>,
    /// How far somebody got in the lessons.
    pub progress: lesson::Progress,
    /// The recording that is made or played.
    pub tape: Option<Tape>,
    /// Which colours.
    pub look: Look,
    /// Which keys do what.
    pub keymap: Keymap,
}

impl App {
    /// The screen as it opens.
    pub fn new(snapshot: Arc<Snapshot>, size: (u16, u16)) -> Self {
        Self {
            experiment: (*snapshot.experiment).clone(),
            opened: snapshot.start.clone(),
            snapshot,
            asked: 0,
            size,
            focus: Pane::View,
            second: Pane::Angles,
            expanded: false,
            camera: Camera::default(),
            beside: Beside::default(),
            spin: true,
            forces: forces::ForceLook::default(),
            target: true,
            difference: false,
            log_axis: true,
            picked: None,
            marked: None,
            touring: true,
            trails: false,
            plane: None,
            sought: None,
            told: Some(Shown::default()),
            row: 0,
            entry: None,
            prefix: None,
            overlay: None,
            said: None,
            held: None,
            question: None,
            asks: true,
            by: None,
            unwritten: Vec::new(),
            exported: Export::default(),
            filming: false,
            filmed: 0.0,
            pressed: 0,
            mouse: true,
            dragged_from: None,
            gesture: None,
            lesson: None,
            progress: lesson::Progress::default(),
            inspected: None,
            marks: Marks::default(),
            pixels: false,
            tape: None,
            colours: Colours::default(),
            look: Look::default(),
            keymap: Keymap::default(),
        }
    }

    /// The division of the screen; `None` when it is too small.
    pub fn layout(&self) -> Option<Layout> {
        if self.lesson.is_some() {
            return self.desk().map(|(layout, _)| layout);
        }
        if let Some((layout, _)) = self.stage() {
            return Some(layout);
        }
        layout::divide(
            self.size.0,
            self.size.1,
            self.second,
            (self.expanded && self.focus != Pane::Time).then_some(self.focus),
        )
    }

    /// The division of the screen while a lesson is open.
    pub fn desk(&self) -> Option<(Layout, lesson::layout::Desk)> {
        let session = self.lesson.as_ref()?;
        let stands = self.snapshot.status != crate::snapshot::Status::Running;
        let reads = session.asks() || session.met.is_some() || session.hint && stands;
        lesson::layout::divide(self.size.0, self.size.1, self.focus, self.second, self.expanded, reads)
    }

    /// The rows of the params pane.
    pub fn rows(&self) -> Vec<Row> {
        let subject = self.subject();
        let classes = self.experiment.classes.unwrap_or(subject.cast.classes);
        let dim = self.experiment.dim.unwrap_or(subject.points.cols);
        let rate = self.experiment.lr.unwrap_or_else(|| lab_rate(self.experiment.model));
        let mut rows = settings::rows(&self.experiment, classes, dim, rate);
        settings::mark(&mut rows, &subject.brief.theory.thresholds);
        // While a change is on its way nobody knows what is in force.
        if subject.experiment.lr == self.experiment.lr {
            settings::put_in_force(&mut rows, subject.rate);
        }
        rows
    }

    /// Where the view draws its points, inside its border.
    pub fn sight(&self) -> Option<Sight> {
        let area = self.layout()?.area(Pane::View)?;
        let shown = places::scene(places::inside(area));
        Some(Sight::new(self.camera, &self.subject().picture, shown))
    }

    /// Whether the simulation owes an answer.
    pub fn waits(&self) -> bool {
        self.snapshot.answered < self.asked
    }
}

#[cfg(test)]
mod tests;
