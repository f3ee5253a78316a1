//! One run as plain data: everything a person can set, and nothing else.
//!
//! The same [`Experiment`] comes from a TOML file, from the command line and from the lab, and is
//! written to every run folder. `options` is the one list of what can be set, `check` says what a value
//! may be, and what it all means (parameters, labels, engine) is made by `start`.

mod check;
mod edit;
pub mod expression;
pub mod file;
pub mod floor;
pub mod holdout;
pub mod nearest;
pub mod options;
pub mod preset;
pub mod start;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use check::faults;
pub use edit::Edit;
pub use options::{Fault, Options};

use crate::objectives::Term;
use crate::optimizer::{Moves, Schedule};

/// One run, as a person describes it. Defaults are those of the command line.
#[derive(Clone, Debug, PartialEq)]
pub struct Experiment {
    /// The summands of the objective. A knob that nobody set stands at its default.
    pub objective: Vec<Term>,
    /// Where the features come from.
    pub source: Source,
    /// Whether rows of a file that hold a NaN or Inf are left out instead of refused.
    pub drop_bad_rows: bool,
    /// The largest array to read or to start, in bytes; [`crate::data::ReadOptions`] has the default.
    pub max_array_bytes: Option<u64>,
    /// C, where the source leaves it open.
    pub classes: Option<usize>,
    /// Instances of each class.
    pub per_class: Option<usize>,
    /// Instances of each class, one number a class, instead of `classes` and `per_class`.
    pub class_sizes: Option<Vec<usize>>,
    /// R: how many times fewer instances the smallest class has.
    pub imbalance: f64,
    /// How sizes fall from the largest class to the smallest.
    pub imbalance_kind: ImbalanceKind,
    /// Share of the labels moved to another class.
    pub label_noise: f64,
    /// Where free features start.
    pub init: Init,
    /// Length of the start.
    pub init_scale: f64,
    /// What makes features from parameters.
    pub model: Model,
    /// d, where the source leaves it open.
    pub dim: Option<usize>,
    /// Rows an instance has.
    pub views: usize,
    /// The optimiser.
    pub optimizer: OptimizerKind,
    /// The rate; the default depends on the model and on who asks.
    pub lr: Option<f64>,
    /// For SGD.
    pub momentum: f64,
    /// λ of features (or of the network), sum form.
    pub weight_decay: f64,
    /// λ of class weights.
    pub weight_decay_weights: f64,
    /// λ of the bias.
    pub weight_decay_bias: f64,
    /// Which half of the parameters steps move.
    pub moves: Moves,
    /// Whether raw class objectives have a bias.
    pub bias: Option<bool>,
    /// How the rate changes.
    pub schedule: Option<Schedule>,
    /// Whether rows stay on the sphere; by default they do when every term is a cosine objective.
    pub constraint: Option<Constraint>,
    /// Instances a batch has.
    pub batch: Option<usize>,
    /// Share of the data held out.
    pub holdout: f64,
    /// Steps of a headless run.
    pub steps: u64,
    /// The key of all random numbers.
    pub seed: u64,
    /// Who runs it.
    pub engine: EngineKind,
    /// Threads of the CPU engine.
    pub threads: Option<usize>,
}

/// Where features come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Drawn from the seed.
    Synthetic,
    /// A bundled set, by name.
    Bundled(String),
    /// A user's file.
    File(PathBuf),
}

/// How class sizes fall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum ImbalanceKind {
    /// n·R^(−k/(C−1)).
    Exponential,
    /// Half the classes n, the other half n/R.
    Step,
}

/// Where free features start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Init {
    /// Every entry N(0, 1).
    Gaussian,
    /// Two opposite clumps.
    Antipodal,
    /// Each row on its class mean plus noise 0.01.
    Collapsed,
}

/// What makes features.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// The features themselves are the parameters.
    Free,
    /// A product of matrices on free features.
    Linear {
        /// Matrices, the class weights included.
        depth: usize,
    },
    /// A multilayer perceptron on inputs.
    Mlp {
        /// Hidden layers.
        depth: usize,
        /// Units of each.
        width: usize,
    },
}

/// The optimiser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum OptimizerKind {
    /// Stochastic gradient descent with momentum.
    Sgd,
    /// Adam.
    Adam,
}

/// Where rows may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Constraint {
    /// Anywhere.
    None,
    /// On the unit sphere.
    Sphere,
}

/// Who runs the steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum EngineKind {
    /// A real GPU if there is one, else the CPU.
    Auto,
    /// The fast CPU engine.
    Cpu,
    /// Any GPU adapter.
    Gpu,
    /// The f64 yardstick.
    Reference,
}

impl Source {
    /// What the data drawn from the seed is called.
    pub const SYNTHETIC: &str = "synthetic";
}

impl Model {
    /// Layers unless a number is given.
    pub const DEPTH: usize = 2;
    /// Units of a hidden layer unless a number is given.
    pub const WIDTH: usize = 128;
}

impl Experiment {
    /// Momentum of SGD unless one is given.
    pub const MOMENTUM: f64 = 0.9;
    /// C unless a number is given.
    pub const CLASSES: usize = 4;
    /// Instances of each class unless a number is given.
    pub const PER_CLASS: usize = 50;
    /// d unless a number is given.
    pub const DIM: usize = 3;

    /// The same data under the numbers of another: objective, rate, optimiser, decay of features and weights, what moves.
    #[must_use]
    pub fn with_numbers_of(&self, other: &Self) -> Self {
        Self {
            objective: other.objective.clone(),
            lr: other.lr,
            optimizer: other.optimizer,
            momentum: other.momentum,
            weight_decay: other.weight_decay,
            weight_decay_weights: other.weight_decay_weights,
            moves: other.moves,
            ..self.clone()
        }
    }
}

impl Default for Experiment {
    /// `normface(scale=4)`, four classes of 50 on the sphere in three dimensions.
    fn default() -> Self {
        let objective = crate::objectives::find("normface").expect("normface is registered");
        let mut knobs = crate::objectives::Knobs::defaults(objective.knobs(), 4);
        knobs.0[0] = 4.0;
        Self {
            objective: vec![Term { objective, weight: 1.0, knobs }],
            source: Source::Synthetic,
            drop_bad_rows: false,
            max_array_bytes: None,
            classes: None,
            per_class: None,
            class_sizes: None,
            imbalance: 1.0,
            imbalance_kind: ImbalanceKind::Exponential,
            label_noise: 0.0,
            init: Init::Gaussian,
            init_scale: 1.0,
            model: Model::Free,
            dim: None,
            views: 1,
            optimizer: OptimizerKind::Adam,
            lr: None,
            momentum: Self::MOMENTUM,
            weight_decay: 0.0,
            weight_decay_weights: 0.0,
            weight_decay_bias: 0.0,
            moves: Moves::All,
            bias: None,
            schedule: None,
            constraint: None,
            batch: None,
            holdout: 0.0,
            steps: 2000,
            seed: 0,
            engine: EngineKind::Auto,
            threads: None,
        }
    }
}
