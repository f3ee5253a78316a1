//! What can be set: the kinds of rows of the params pane. Which rows a run has stands in `rows`, their ranges and how a
//! value enters an experiment in `value`.

mod meaning;
mod rows;
mod value;

pub use rows::rows;

pub use crate::describe::knobs::setting as show;
use crate::experiment::{Experiment, Init};
use crate::objectives::Hard;
use crate::optimizer::Moves;
use crate::theory::{Lever, Threshold};

/// One thing that can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// The objective, from the picker.
    Objective,
    /// The weight of a term.
    Weight(usize),
    /// A knob of a term.
    Knob(usize, usize),
    /// The learning rate.
    Rate,
    /// SGD or Adam.
    Optimizer,
    /// Of SGD.
    Momentum,
    /// Instances that a step looks at; 0 for all of them.
    Batch,
    /// λ of features.
    DecayFeatures,
    /// λ of class weights.
    DecayWeights,
    /// What moves.
    Moves,
    /// C.
    Classes,
    /// Instances of each class.
    PerClass,
    /// d.
    Dim,
    /// Rows of each instance.
    Views,
    /// R.
    Imbalance,
    /// Share of labels moved.
    LabelNoise,
    /// Where features start.
    Init,
    /// Matrices, or hidden layers.
    Depth,
    /// Units of a hidden layer.
    Width,
}

/// What values a row takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// A number on a slider.
    Number {
        /// The slider's ends.
        soft: (f64, f64),
        /// The bound of mathematics.
        hard: Hard,
        /// Whether the slider moves by factors.
        log: bool,
        /// Whether only whole numbers, and at least this one.
        whole: Option<u64>,
    },
    /// One of some words.
    Words(Vec<&'static str>),
    /// Chosen elsewhere.
    Picked,
}

/// A row of the params pane.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What it sets.
    pub setting: Setting,
    /// Its name.
    pub name: String,
    /// Its letter, where it has one.
    pub symbol: &'static str,
    /// What it does, in a sentence or a part of one.
    pub meaning: &'static str,
    /// Its value: for words the place in the list.
    pub value: f64,
    /// The value as text.
    pub text: String,
    /// What it may be.
    pub values: Values,
    /// Whether it can change while the run goes on; else changing it restarts.
    pub live: bool,
    /// Values at which the arrangement changes, and how: proved.
    pub thresholds: Vec<(f64, String)>,
}

/// Hands each row the thresholds of its knob.
pub fn mark(rows: &mut [Row], thresholds: &[Threshold]) {
    for at in thresholds {
        let setting = match at.lever {
            Lever::DecayFeatures => Setting::DecayFeatures,
            Lever::DecayWeights => Setting::DecayWeights,
            Lever::Imbalance => Setting::Imbalance,
            Lever::PerClass => Setting::PerClass,
        };
        if let Some(row) = rows.iter_mut().find(|row| row.setting == setting) {
            row.thresholds.push((at.value, at.words.clone()));
        }
    }
}

/// Tells the row of the rate which one is in force, where a schedule has made another of it.
pub fn put_in_force(rows: &mut [Row], rate: f64) {
    if let Some(row) = rows.iter_mut().find(|row| row.setting == Setting::Rate) {
        let (set, now) = (show(row.value), show(rate));
        if set != now {
            row.text = format!("{set} now {now}");
        }
    }
}

const INITS: [(&str, Init); 3] =
    [("gaussian", Init::Gaussian), ("antipodal", Init::Antipodal), ("collapsed", Init::Collapsed)];

const MOVES: [(&str, Moves); 3] =
    [("all", Moves::All), ("features", Moves::Features), ("weights", Moves::Weights)];

/// The objective with its knobs, as an expression.
pub fn describe(experiment: &Experiment) -> String {
    let mut text = String::new();
    for (k, term) in experiment.objective.iter().enumerate() {
        if k > 0 {
            text.push_str(" + ");
        }
        if term.weight != 1.0 {
            text = text + &show(term.weight) + "*";
        }
        text.push_str(term.objective.name());
    }
    text
}
