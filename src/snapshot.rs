//! What crosses between the simulation and whoever shows it: a [`Request`] one way, an immutable [`Snapshot`] back.
//!
//! Plain data only. Nothing here computes, draws or waits.

mod cast;
mod company;
mod forces;
mod time;

use std::sync::Arc;

pub use cast::Cast;
pub use company::{Company, MOST_RUNS, Reached, Seeds};
pub use forces::{Arrow, Arrows, Forces, Inspected, Inspection, Law, LawCurve, Share};
pub use time::{Aside, Branch, Time, To};

use crate::engine::Diagnosis;
use crate::experiment::holdout::Judged;
use crate::experiment::{Edit, Experiment};
use crate::features::Matrix;
use crate::geometry::Measurements;
use crate::geometry::angles::Angles;
use crate::geometry::gram::ClassGram;
use crate::geometry::spread::ClassSpread;
use crate::objectives::Floor;
use crate::theory::{Brief, Fit};

/// What the simulation can be asked to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Run on, or pause.
    Run(bool),
    /// Pause, and make so many steps.
    Step(u64),
    /// How fast a run goes.
    Pace(Pace),
    /// Set what can be set while the run goes on: objective, knobs, weights, rate, optimiser, decay.
    /// The last number is that of the change with which the gesture began that this is a part of, its own where it is no
    /// such part: a gesture is taken back as one.
    Change(u64, Box<Experiment>, u64),
    /// Go to another time, and pause there. The number comes back as that of a change.
    Seek(u64, To),
    /// Begin a branch at this step.
    Branch(u64),
    /// Go to the newest step of the branch with this id.
    Switch(u64, u32),
    /// Forget the branch with this id.
    Forget(u64, u32),
    /// Take the last change of a knob back, as a change of its own.
    Undo(u64),
    /// Bring back what was taken back.
    Redo(u64),
    /// Begin anew with what this tells.
    Replay(u64, Box<Replay>),
    /// The same for one run of a comparison, 0 being the main one: [`Request::Change`], [`Request::Restart`],
    /// [`Request::Undo`] and [`Request::Redo`]. Anything else is about all of them.
    On(usize, Box<Self>),
    /// Copy this run of those that go side by side (0 is the main one) to go beside them, and take all of them to their
    /// start.
    Copy(u64, usize),
    /// Let this run go; where it is the main one, the next takes its place.
    Drop(u64, usize),
    /// Let all runs go but the main one.
    Alone(u64),
    /// Whether runs side by side are seen along the axes of the main one.
    Lock(bool),
    /// Run all of them from so many more seeds, to the present step; with 0 stop doing so.
    Seeds(u64, usize),
    /// Begin anew with this experiment. The number is handed back in [`Snapshot::answered`]; the last one is that of the
    /// gesture, as for a change. What makes room is put aside: an undo brings it back.
    Restart(u64, Box<Experiment>, u64),
    /// The same with one run, which takes the place of all.
    Replace(u64, Box<Experiment>, u64),
    /// Look through this entry of [`crate::geometry::projection::PROJECTIONS`].
    Project(usize),
    /// Which forces are wanted in the picture.
    Forces(Arrows),
    /// Tell this row in numbers, or none.
    Inspect(Option<u32>),
    /// Lay the force laws of the objectives of these names over that of the run.
    Laws(Vec<&'static str>),
    /// What else is wanted in the picture.
    Show(Shown),
    /// Go to this place on the path of the tour, in random frames passed.
    Tour(f64),
    /// Look for a GPU beside the run, and move there if the experiment's engine allows it.
    Accelerate,
    /// Stand where the run stands as if it had just come there: what lies before changes nothing of what is to come. Only
    /// the edits of the line can be undone, and convergence is watched for from here on.
    Afresh,
    /// Make no step of a run beyond this one, or as many as come. Journeys are not held.
    Until(Option<u64>),
    /// Do all this at one step, one after another, and tell which step it was: see [`Snapshot::noted`].
    Noted(u64, Vec<Self>),
}

/// What is wanted in the picture, beside the projection and forces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The labels of the classes that span the class plane; the first three where nobody has chosen.
    pub plane: Option<[u32; 3]>,
    /// Whether a tour moves on, while the run stands too.
    pub touring: bool,
    /// A row that must be among those shown.
    pub picked: Option<u32>,
    /// Whether the ways that points have come are shown.
    pub trails: bool,
}

/// A run to be made again: its start, its edits in ascending order of their steps, and where to stand in the end.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    /// The experiment at step 0.
    pub start: Experiment,
    /// Edits; those after `step` are left out.
    pub edits: Vec<Edit>,
    /// Steps to make.
    pub step: u64,
}

/// Steps a frame, as a power of two: −5 (a step every 32 frames) to 12.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pace(i8);

impl Pace {
    /// The slowest and the fastest.
    pub const BOUNDS: (Self, Self) = (Self(-5), Self(12));

    /// So many steps a frame, where that is a power of two within the bounds.
    pub fn of_steps(steps: f64) -> Option<Self> {
        let power = steps.log2();
        let within = f64::from(Self::BOUNDS.0.0)..=f64::from(Self::BOUNDS.1.0);
        (power.fract() == 0.0 && within.contains(&power)).then_some(Self(power as i8))
    }

    /// Twice as fast, or half, within the bounds.
    #[must_use]
    pub fn changed(self, by: i8) -> Self {
        Self(self.0.saturating_add(by).clamp(Self::BOUNDS.0.0, Self::BOUNDS.1.0))
    }

    /// The same in words: `1 step a frame`, `a step every 4 frames`.
    pub fn words(self) -> String {
        match self.0 {
            0 => "1 step a frame".to_owned(),
            1.. => format!("{} steps a frame", 1u32 << self.0),
            slow => format!("a step every {} frames", 1u32 << -slow),
        }
    }

    /// Steps a frame; below 1 for the slow ones.
    pub fn steps_per_frame(self) -> f64 {
        2f64.powi(i32::from(self.0))
    }
}

impl std::fmt::Display for Pace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            0.. => write!(f, "{}/frame", 1u32 << self.0),
            slow => write!(f, "1/{} frames", 1u32 << -slow),
        }
    }
}

/// What the run is doing.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    /// Steps are being made.
    Running,
    /// Waiting for a word.
    Paused,
    /// Nothing changes any more: which of the two conditions says so.
    Converged(Convergence),
    /// Stopped at the last finite state.
    Diverged {
        /// The step that could not be made.
        step: u64,
        /// The term that was not finite; without one the update itself overflowed.
        term: Option<String>,
        /// Who it was and by which number, where that was looked for.
        why: Option<Arc<Diagnosis>>,
    },
    /// The simulation itself failed: a bug, or an experiment that cannot start.
    Failed(String),
}

/// Why a run counts as finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convergence {
    /// The loss is within 1e-6 of its proven floor.
    Floor,
    /// The loss has changed by less than 1e-7 of itself over 500 steps.
    Still,
    /// The schedule of the rate has ended, at the experiment's number of steps: the rate is 0 from here on.
    Schedule,
}

/// One point of the loss curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Steps made when it was measured.
    pub step: u64,
    /// What is minimised, decay included.
    pub loss: f64,
    /// Its proven floor at that time.
    pub floor: Option<f64>,
}

/// The loss of one summand.
#[derive(Clone, Debug, PartialEq)]
pub struct TermLoss {
    /// The objective's name.
    pub name: &'static str,
    /// Its weight in the sum.
    pub weight: f64,
    /// Its own loss, unweighted.
    pub loss: f64,
}

/// The points as three numbers each, ready to be turned and drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// The name of the projection.
    pub projection: &'static str,
    /// Its place in the registry.
    pub chosen: usize,
    /// Share of the variance along each axis.
    pub shares: Vec<f64>,
    /// Share of the variance that no axis shows.
    pub hidden: f64,
    /// Which rows are shown, ascending.
    pub rows: Vec<u32>,
    /// The shown rows.
    pub points: Vec<[f32; 3]>,
    /// Who pulls them, where asked for.
    pub forces: Forces,
    /// Class weights, where a term uses them.
    pub weights: Vec<[f32; 3]>,
    /// Where each class mean (or instance, or row) should end, and where it is; empty where nothing is proved.
    pub targets: Vec<([f32; 3], [f32; 3])>,
    /// The mean of the shown rows of each class that is present: its number and place.
    pub means: Vec<(u32, [f32; 3])>,
    /// Where the origin of feature space lies.
    pub origin: [f32; 3],
    /// Whether rows are on (or are normalised to) the unit sphere around the origin.
    pub sphere: bool,
    /// The greatest distance of anything shown from the origin of the picture.
    pub reach: f32,
    /// Whether it is drawn as a map of directions: see [`crate::geometry::mollweide`].
    pub map: bool,
    /// The labels of the classes that span the plane, where a plane of classes is shown.
    pub plane: Option<[u32; 3]>,
    /// What was looked at to choose the axes, where not everything was, and what else is not seen.
    pub notice: Option<String>,
    /// Whether it moves on by itself.
    pub touring: bool,
    /// How far along its path a tour is, in random frames passed; nothing where the projection is none.
    pub phase: Option<f64>,
    /// The ways that class means and some points have come, where asked for.
    pub trails: Trails,
}

/// The most steps that a trail goes back, unless fewer than [`LEAST_PLACES`] of them were kept.
pub const TRAIL_STEPS: u64 = 200;
/// The most places a trail has where more than [`TRAIL_STEPS`] lie between them.
pub const LEAST_PLACES: usize = 24;
/// The most bytes that trails take, beside the states that are kept anyway.
pub const MOST_TRAIL_BYTES: usize = 4 << 20;

/// The ways that class means, the picked point and some others have come on the present line, up to the present step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trails {
    /// The steps at which the places were taken, ascending.
    pub steps: Vec<u64>,
    /// The ways, a place for each of the steps.
    pub ways: Vec<(Trailed, Vec<[f32; 3]>)>,
}

/// What leaves a trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trailed {
    /// The mean of a class.
    Class(u32),
    /// A row.
    Row(u32),
}

/// Geometry of one state. It may be a little older than the picture: it is computed beside the run, within
/// [`Effort::BRISK`](crate::geometry::Effort), and what was taken from a sample has a note in `measured`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Geometry {
    /// The step of the state it belongs to.
    pub step: u64,
    /// The loss that `remarks` speak of: while a run goes that of its last step, then that of the state itself.
    pub loss: f64,
    /// Every cheap metric.
    pub measured: Measurements,
    /// Angles within and between classes, in bins of one degree.
    pub angles: Option<Angles>,
    /// Cosines between class means.
    pub gram: Option<ClassGram>,
    /// How far the rows of each class lie from their mean, ascending by label.
    pub spreads: Vec<ClassSpread>,
    /// C×d: the means of those classes, in their order.
    pub means: Matrix,
    /// The proved arrangement laid over the state.
    pub fit: Option<Fit>,
    /// Why the state is not where theory puts it, as far as that is known.
    pub remarks: Vec<String>,
    /// How the rows held out do, where there are any.
    pub held: Option<Judged>,
}

/// Everything the screen shows, at one moment. Of runs side by side it is about the main one.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// What runs, with everything a person has set.
    pub experiment: Arc<Experiment>,
    /// What the run began with, at step 0.
    pub start: Arc<Experiment>,
    /// The edits of the present line in ascending order of their steps; after a rewind some lie after `step`.
    pub edits: Arc<Vec<Edit>>,
    /// How far the run has been, and what can be gone back to.
    pub time: Time,
    /// The number of the last [`Request::Change`] or [`Request::Restart`] that was dealt with.
    pub answered: u64,
    /// Why that one was refused, if it was.
    pub refusal: Option<String>,
    /// Whether geometry, forces and axes are those of this state.
    pub analysed: bool,
    /// The number of the last [`Request::Noted`], and the step at which it was heard.
    pub noted: Option<(u64, u64)>,
    /// How many times the run has begun.
    pub generation: u64,
    /// Runs that go beside this one.
    pub company: Option<Arc<Company>>,
    /// Labels and names.
    pub cast: Arc<Cast>,
    /// What the run is doing.
    pub status: Status,
    /// Steps made.
    pub step: u64,
    /// What is minimised, decay included; not a number before it is known.
    pub loss: f64,
    /// Its summands.
    pub terms: Vec<TermLoss>,
    /// The decay's part of the loss.
    pub decay: f64,
    /// ‖gradient‖ over all parameters, once it is known.
    pub gradient_norm: Option<f64>,
    /// The rate of the next step.
    pub rate: f64,
    /// What is proved about the least loss.
    pub floor: Floor,
    /// What else is proved: target, thresholds.
    pub brief: Arc<Brief>,
    /// The loss curve, thinned evenly.
    pub history: Arc<Vec<Sample>>,
    /// N×d features.
    pub points: Arc<Matrix>,
    /// C×d class weights, where a term uses them.
    pub weights: Option<Arc<Matrix>>,
    /// The bias, where there is one.
    pub bias: Option<Arc<Matrix>>,
    /// The points for the screen.
    pub picture: Arc<Picture>,
    /// The numbers about them.
    pub geometry: Arc<Geometry>,
    /// When the class angles came near their target for good, where they are there.
    pub reached: Option<Reached>,
    /// The row that was asked about.
    pub inspection: Inspection,
    /// Force laws; without curves before they are known.
    pub law: Arc<Law>,
    /// The engine that runs.
    pub engine: &'static str,
    /// Its adapter, for the GPU; for the CPU why no GPU runs, once that is known.
    pub adapter: Option<String>,
    /// How fast it is meant to go.
    pub pace: Pace,
    /// How fast it goes, in steps a second; 0 when it stands.
    pub speed: f64,
    /// What the user should know, oldest first.
    pub notices: Arc<Vec<String>>,
}

impl Snapshot {
    /// A run of those side by side, 0 and whatever there is not being this one.
    pub fn beside(&self, run: usize) -> &Self {
        let others = self.company.as_ref().map_or(&[][..], |company| &company.others);
        run.checked_sub(1).and_then(|place| others.get(place)).map_or(self, |other| other)
    }

    /// How many runs go side by side, this one among them.
    pub fn runs(&self) -> usize {
        1 + self.company.as_ref().map_or(0, |company| company.others.len())
    }
}
