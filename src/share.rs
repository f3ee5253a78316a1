//! The share string `ll1:…`: a run, what was changed on the way, where it stands and how it is looked at, in a line.
//!
//! `settings` turns experiments into what differs from the defaults, `packed` turns that into characters with a
//! checksum, `carried` finds the string in a file that losslab exported. Nothing here runs or draws anything.

pub mod carried;
mod packed;
pub(crate) mod settings;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use carried::{COMMENT, KEY, metadata};
pub use packed::{LONGEST, looks_like_one};

use crate::data::printable;
use crate::experiment::{Edit, Experiment, faults};

/// The version that is written into share strings.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The most edits a share string may tell.
pub const MOST_EDITS: usize = 4096;
/// The last step that a run can make.
const LAST_STEP: u64 = u32::MAX as u64;

/// A moment of a run: all that is needed to see it again.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// What the run began with.
    pub experiment: Experiment,
    /// What was changed on the way, in ascending order of steps.
    pub edits: Vec<Edit>,
    /// The steps made.
    pub step: u64,
    /// How it was looked at.
    pub view: View,
}

/// How a moment was looked at. What is left open is as the lab opens.
///
/// Names of panes and projections that are not known here are passed over: they change no run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct View {
    /// The name of the projection.
    #[serde(rename = "p", skip_serializing_if = "Option::is_none")]
    pub projection: Option<String>,
    /// Yaw and pitch in radians, and zoom.
    #[serde(rename = "c", skip_serializing_if = "Option::is_none")]
    pub camera: Option<[f32; 3]>,
    /// Whether it turns by itself.
    #[serde(rename = "t", skip_serializing_if = "Option::is_none")]
    pub spin: Option<bool>,
    /// Whether forces are drawn.
    #[serde(rename = "f", skip_serializing_if = "Option::is_none")]
    pub forces: Option<bool>,
    /// The name of the arrows that are drawn.
    #[serde(rename = "a", skip_serializing_if = "Option::is_none")]
    pub arrows: Option<String>,
    /// Whether the proved arrangement is drawn.
    #[serde(rename = "g", skip_serializing_if = "Option::is_none")]
    pub target: Option<bool>,
    /// Whether the gram pane shows differences.
    #[serde(rename = "d", skip_serializing_if = "Option::is_none")]
    pub difference: Option<bool>,
    /// Whether the loss axis is logarithmic.
    #[serde(rename = "y", skip_serializing_if = "Option::is_none")]
    pub log_axis: Option<bool>,
    /// The pane that has the focus.
    #[serde(rename = "o", skip_serializing_if = "Option::is_none")]
    pub focus: Option<String>,
    /// The pane in the changing place.
    #[serde(rename = "s", skip_serializing_if = "Option::is_none")]
    pub second: Option<String>,
    /// Whether the focused pane stands alone.
    #[serde(rename = "e", skip_serializing_if = "Option::is_none")]
    pub expanded: Option<bool>,
    /// The picked point.
    #[serde(rename = "n", skip_serializing_if = "Option::is_none")]
    pub picked: Option<u32>,
    /// The picked class, or two of them.
    #[serde(rename = "k", skip_serializing_if = "Option::is_none")]
    pub marked: Option<Vec<u32>>,
    /// The classes that span the class plane.
    #[serde(rename = "l", skip_serializing_if = "Option::is_none")]
    pub plane: Option<[u32; 3]>,
    /// Whether trails are drawn.
    #[serde(rename = "w", skip_serializing_if = "Option::is_none")]
    pub trails: Option<bool>,
    /// Whether the tour moves.
    #[serde(rename = "m", skip_serializing_if = "Option::is_none")]
    pub touring: Option<bool>,
    /// How far along its path the tour is, in random frames passed.
    #[serde(rename = "h", skip_serializing_if = "Option::is_none")]
    pub phase: Option<f64>,
}

/// Why a share string is not one, or says something that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// It does not begin as one.
    #[error("a share string begins with ll1:, which this does not")]
    NotOne,
    /// A kind of string that is not known here.
    #[error(
        "this share string is of kind {kind}, which losslab {VERSION} does not know: a later one reads it"
    )]
    Kind {
        /// What stands before the colon.
        kind: String,
    },
    /// Longer than any that is written.
    #[error("{length} characters are more than a share string has ({LONGEST} at most)")]
    TooLong {
        /// Its length.
        length: usize,
    },
    /// The checksum does not fit.
    #[error("a character of the share string is missing or changed: copy it whole, from ll1: to its end")]
    Damaged,
    /// It is whole, but what it says is not known here or cannot be.
    #[error("this share string is from losslab {}{}: {sentence}", printable(version), other_than(version))]
    Content {
        /// The version that wrote it.
        version: String,
        /// What is wrong with it.
        sentence: String,
    },
    /// A setting has no place in a string: a path that is not text.
    #[error("this run has no share string: {0}")]
    Unsayable(String),
}

/// The command that opens a share string, to be pasted into a shell, by the name that the program goes by.
pub fn command(program: &str, share: &str) -> String {
    format!("{program} '{share}'")
}

fn other_than(version: &str) -> String {
    if version == VERSION { String::new() } else { format!(", and this is losslab {VERSION}") }
}

/// What stands in the string, after unpacking.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// The version of losslab.
    v: String,
    /// Steps made.
    #[serde(default, skip_serializing_if = "is_zero")]
    at: u64,
    /// What of the experiment differs from the default one.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    x: Map<String, Value>,
    /// Steps, and what differs from then on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    edits: Vec<(u64, Map<String, Value>)>,
    #[serde(default, skip_serializing_if = "is_as_it_opens")]
    view: View,
}

/// Only the version, from a string whose rest may not be understood.
#[derive(Deserialize)]
struct Signed {
    v: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde wants")]
fn is_zero(step: &u64) -> bool {
    *step == 0
}

fn is_as_it_opens(view: &View) -> bool {
    *view == View::default()
}

impl Share {
    /// Whether it holds the same course as another, however either is looked at.
    pub fn is_of_the_run_of(&self, other: &Self) -> bool {
        (self.step, &self.experiment, &self.edits) == (other.step, &other.experiment, &other.edits)
    }

    /// The share string.
    ///
    /// # Errors
    /// [`ShareError::Unsayable`] where the path of a feature file is not text, and [`ShareError::TooLong`].
    pub fn encode(&self) -> Result<String, ShareError> {
        let mut before = settings::of(&Experiment::default())?;
        let all = settings::of(&self.experiment)?;
        let x = settings::difference(&before, &all);
        before = all;
        let mut edits = Vec::new();
        for edit in &self.edits {
            let all = settings::of(&edit.experiment)?;
            edits.push((edit.step, settings::difference(&before, &all)));
            before = all;
        }
        let mut view = self.view.clone();
        if let Some(camera) = &mut view.camera {
            // A thousandth of a radian is less than a cell.
            *camera = camera.map(|x| (x * 1000.0).round() / 1000.0);
        }
        // As little of the way from one random frame to the next.
        view.phase = view.phase.map(|x| (x * 1000.0).round() / 1000.0);
        let written = Written { v: VERSION.to_owned(), at: self.step, x, edits, view };
        let text =
            serde_json::to_string(&written).map_err(|error| ShareError::Unsayable(error.to_string()))?;
        packed::pack(&text)
    }

    /// Reads a share string. White space in it, as a terminal puts into a copied line, does not matter.
    ///
    /// # Errors
    /// [`ShareError`] for anything else than what [`Share::encode`] writes.
    pub fn decode(text: &str) -> Result<Self, ShareError> {
        let json = packed::unpack(text)?;
        let version = serde_json::from_str::<Signed>(&json).map(|signed| signed.v).unwrap_or_default();
        let version =
            if version.is_empty() || version.len() > 40 { "an unknown version".into() } else { version };
        let refused = |sentence: String| ShareError::Content { version: version.clone(), sentence };
        let written: Written =
            serde_json::from_str(&json).map_err(|error| refused(printable(&error.to_string())))?;
        if written.edits.len() > MOST_EDITS {
            return Err(refused(format!("it has more than {MOST_EDITS} edits")));
        }
        if written.at.max(written.edits.last().map_or(0, |edit| edit.0)) > LAST_STEP {
            return Err(refused(format!("no run makes more than {LAST_STEP} steps")));
        }
        let mut all = settings::of(&Experiment::default())?;
        settings::change(&mut all, written.x);
        let experiment = understood(&all).map_err(refused)?;
        let mut edits: Vec<Edit> = Vec::new();
        for (step, changes) in written.edits {
            if edits.last().is_some_and(|last| last.step > step) {
                return Err(refused("its edits are not in the order of their steps".into()));
            }
            settings::change(&mut all, changes);
            let experiment =
                understood(&all).map_err(|why| refused(format!("the edit at step {step}: {why}")))?;
            edits.push(Edit { step, experiment });
        }
        let mut view = written.view;
        view.camera = view.camera.filter(|camera| camera.iter().all(|x| x.is_finite()));
        view.phase = view.phase.filter(|phase| phase.is_finite() && *phase >= 0.0);
        Ok(Self { experiment, edits, step: written.at, view })
    }
}

/// The experiment of these settings, if it can be.
fn understood(all: &Map<String, Value>) -> Result<Experiment, String> {
    let experiment = settings::experiment(all)?;
    match faults(&experiment).into_iter().next() {
        Some(fault) => Err(fault.to_string()),
        None => Ok(experiment),
    }
}

#[cfg(test)]
mod tests;
