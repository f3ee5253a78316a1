//! The numbers that say what geometry a representation has, and the ways to look at it in three dimensions.
//!
//! [`METRICS`] is the registry: one entry a number, its definition beside its code. [`projection`] makes the
//! pictures' axes, [`angles`] and [`gram`] the material of two panes, [`frames`] the ideal configurations.
//! Everything is computed in f64 from f32 rows. No loss, no proven bound of one, and no drawing lives here.

mod agreement;
pub mod angles;
mod blocks;
mod class_angles;
mod class_pairs;
mod classes;
mod collapse;
mod contenders;
mod effort;
pub mod frames;
pub mod gram;
pub mod kernel;
pub mod mollweide;
mod norms;
mod pairs;
pub mod projection;
mod rank;
mod seeded;
mod seli;
mod spectrum;
mod sphere;
pub mod spread;
mod summary;

use std::borrow::Cow;

pub use classes::Classes;
pub use effort::Effort;
pub use summary::Summary;

use crate::features::{Features, Matrix};

/// What is measured: rows, and what is known about them. Borrowed, because a run measures often.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// N×d, one point a row.
    pub points: &'a Matrix,
    /// N class numbers. They need not be dense; with `weights` they are row numbers of it.
    pub labels: Option<&'a [u32]>,
    /// C×d class weights.
    pub weights: Option<&'a Matrix>,
    /// C biases, added to raw scores.
    pub bias: Option<&'a [f32]>,
    /// Whether scores are cosines (of a cosine objective) rather than `H·Wᵀ + b`.
    pub cosine_scores: bool,
    /// How many rows each class (each row of `weights`) has, where that is not what `labels` counts: for
    /// instance when a part of the data stands for all of it. Only `seli_distance` looks at it.
    pub class_sizes: Option<&'a [usize]>,
}

impl<'a> Sample<'a> {
    /// Bare rows, with nothing known about them.
    pub fn of_points(points: &'a Matrix) -> Self {
        Sample { points, labels: None, weights: None, bias: None, cosine_scores: false, class_sizes: None }
    }
}

impl<'a> From<&'a Features> for Sample<'a> {
    /// The content of a feature file, with raw scores.
    fn from(features: &'a Features) -> Self {
        Sample {
            points: &features.points,
            labels: features.labels.as_deref(),
            weights: features.weights.as_ref(),
            bias: features.bias.as_deref(),
            cosine_scores: false,
            class_sizes: None,
        }
    }
}

/// Why a number does not exist for this input, as one plain sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Undefined(pub Cow<'static, str>);

impl Undefined {
    /// A reason known beforehand.
    const fn because(reason: &'static str) -> Self {
        Self(Cow::Borrowed(reason))
    }

    /// A reason with the place in it.
    fn at(reason: String) -> Self {
        Self(Cow::Owned(reason))
    }
}

/// Which way a number moves when the representation becomes tidier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Smaller is nearer to the ideal.
    Lower,
    /// Larger is nearer to the ideal.
    Higher,
    /// It describes; neither end is the ideal.
    Neither,
}

/// What a number goes over, and so what is left out where that is too much work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Rows and classes, each once: always all of them.
    Rows,
    /// Pairs of rows.
    RowPairs,
    /// Pairs of classes.
    ClassPairs,
    /// Rows, each against every class.
    RowsByClasses,
}

/// One number of a representation.
pub struct Metric {
    /// Its name in JSON, in `curves.csv` and on screen.
    pub key: &'static str,
    /// Its definition in one line.
    pub description: &'static str,
    /// `"degrees"`, `"share"`, … or empty for a pure number.
    pub unit: &'static str,
    /// Which way is tidier.
    pub better: Better,
    /// Whether it costs no more than one gradient step, so that a curve may have it at every step.
    pub cheap: bool,
    /// What it goes over.
    pub over: Over,
    /// Computes it. Never NaN, never infinite, never a panic.
    pub compute: fn(&Summary) -> Result<f64, Undefined>,
}

/// Every metric, in the order of the documentation.
pub const METRICS: &[&Metric] = &[
    &collapse::NC1,
    &collapse::NC2_EQUINORM,
    &collapse::NC2_EQUIANGULAR,
    &collapse::NC2_ETF_DISTANCE,
    &collapse::NC3,
    &agreement::NC4,
    &agreement::ACCURACY,
    &agreement::NCC_ACCURACY,
    &class_angles::MIN_CLASS_ANGLE_DEG,
    &class_angles::MIN_CENTRED_ANGLE_DEG,
    &class_angles::MEAN_WITHIN_ANGLE_DEG,
    &sphere::ALIGNMENT,
    &sphere::UNIFORMITY,
    &class_angles::MEAN_ABS_CLASS_COS,
    &rank::EFFECTIVE_RANK,
    &rank::EFFECTIVE_RANK_MEANS,
    &collapse::FISHER_RATIO,
    &seli::SELI_DISTANCE,
    &norms::NORM_MEAN,
    &norms::NORM_CV,
];

/// Every metric of one sample: a value, or the reason why there is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measurements {
    /// Key and value in the order of [`METRICS`]; `None` where the metric is undefined.
    pub values: Vec<(&'static str, Option<f64>)>,
    /// Key and reason for each undefined metric; key and what was looked at for each that was taken from a sample
    /// of the rows or classes.
    pub notes: Vec<(&'static str, String)>,
}

impl Measurements {
    /// The value under a key, if it is defined.
    pub fn get(&self, key: &str) -> Option<f64> {
        self.values.iter().find(|(name, _)| *name == key).and_then(|(_, value)| *value)
    }

    /// The reason why a key has no value.
    pub fn note(&self, key: &str) -> Option<&str> {
        self.notes.iter().find(|(name, _)| *name == key).map(|(_, reason)| reason.as_str())
    }

    /// Whether the value of a key was taken from a sample: [`Measurements::note`] says from which.
    pub fn is_sampled(&self, key: &str) -> bool {
        self.get(key).is_some() && self.note(key).is_some()
    }
}

/// All metrics of a sample, within [`Effort::THOROUGH`].
pub fn measure(sample: &Sample) -> Measurements {
    measure_where(sample, Effort::THOROUGH, |_| true)
}

/// The metrics a curve can afford at every step, within [`Effort::BRISK`].
pub fn measure_cheap(sample: &Sample) -> Measurements {
    measure_where(sample, Effort::BRISK, |metric| metric.cheap)
}

/// The metrics that `wanted` picks, computed over one shared [`Summary`]. What takes more than `effort` is estimated
/// from a sample, and a note says from which.
pub fn measure_where(sample: &Sample, effort: Effort, wanted: impl Fn(&Metric) -> bool) -> Measurements {
    let summary = Summary::new(*sample, effort);
    let mut measured = Measurements::default();
    for metric in METRICS.iter().filter(|metric| wanted(metric)) {
        match (metric.compute)(&summary) {
            Ok(value) if value.is_finite() => {
                measured.values.push((metric.key, Some(value)));
                measured.notes.extend(summary.remark(metric).map(|remark| (metric.key, remark)));
            }
            Ok(_) => {
                measured.values.push((metric.key, None));
                measured.notes.push((metric.key, "the value is beyond the range of f64".to_owned()));
            }
            Err(reason) => {
                measured.values.push((metric.key, None));
                measured.notes.push((metric.key, reason.to_string()));
            }
        }
    }
    measured
}

/// The metric of this name.
pub fn metric(key: &str) -> Option<&'static Metric> {
    METRICS.iter().copied().find(|metric| metric.key == key)
}

#[cfg(test)]
mod tests;
