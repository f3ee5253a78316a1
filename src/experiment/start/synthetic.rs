//! Classes drawn from the seed: their sizes, their instances, where their rows start.

use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

use super::material::Material;
use crate::data::ReadOptions;
use crate::experiment::{Experiment, Fault, ImbalanceKind, Init};
use crate::features::Matrix;
use crate::random::{RowRng, Stream};

/// Noise of a view about the centre of its instance, relative to the centre's.
const VIEW_NOISE: f64 = 0.1;
/// Noise about a clump or a class mean.
const CLUMP_NOISE: f64 = 0.01;

/// The classes of an experiment with synthetic data.
pub(super) fn material(experiment: &Experiment) -> Result<Material, Fault> {
    let dim = experiment.dim.unwrap_or(Experiment::DIM);
    let classes = experiment.class_sizes.as_ref().map_or(experiment.classes, |sizes| Some(sizes.len()));
    let classes = classes.unwrap_or(Experiment::CLASSES);
    check_rows(experiment, "class weights", "classes", Some(classes), dim)?;
    let sizes = class_sizes(experiment);
    let rows = sizes.iter().try_fold(0usize, |sum, &size| sum.checked_add(size));
    let rows = rows.and_then(|sum| sum.checked_mul(experiment.views));
    check_rows(experiment, "features", "per-class", rows, dim)?;
    let mut labels = Vec::new();
    let mut instances = Vec::new();
    let mut instance = 0;
    for (class, &size) in sizes.iter().enumerate() {
        for _ in 0..size {
            for _ in 0..experiment.views {
                labels.push(class as u32);
                instances.push(instance);
            }
            instance += 1;
        }
    }
    let weights = gaussian_rows(experiment, sizes.len(), dim, Stream::Weights);
    Ok(Material {
        features: features(experiment, &labels, &instances, dim),
        labels,
        labelled: true,
        instances,
        has_instances: experiment.views > 1,
        classes: sizes.len(),
        weights: Some(weights),
        ..Material::default()
    })
}

/// Instances of each class.
pub fn class_sizes(experiment: &Experiment) -> Vec<usize> {
    if let Some(sizes) = &experiment.class_sizes {
        return sizes.clone();
    }
    let classes = experiment.classes.unwrap_or(Experiment::CLASSES);
    let most = experiment.per_class.unwrap_or(Experiment::PER_CLASS);
    let ratio = experiment.imbalance;
    let size = |k: usize| {
        let share = match experiment.imbalance_kind {
            ImbalanceKind::Step if k < classes.div_ceil(2) => 1.0,
            ImbalanceKind::Step => 1.0 / ratio,
            ImbalanceKind::Exponential if classes == 1 => 1.0,
            ImbalanceKind::Exponential => ratio.powf(-(k as f64) / (classes as f64 - 1.0)),
        };
        ((most as f64 * share).round() as usize).max(1)
    };
    (0..classes).map(size).collect()
}

/// The most rows there may be: engines count them in 32 bits.
const MOST_ROWS: usize = i32::MAX as usize;

/// Refuses rows that would not fit, before any of them is made.
fn check_rows(
    experiment: &Experiment,
    what: &str,
    option: &'static str,
    rows: Option<usize>,
    dim: usize,
) -> Result<(), Fault> {
    let limit = experiment.max_array_bytes.unwrap_or(ReadOptions::default().max_array_bytes);
    let bytes = rows.filter(|&n| n <= MOST_ROWS).and_then(|n| (n as u64 * 4).checked_mul(dim as u64));
    if bytes.is_some_and(|bytes| bytes <= limit) {
        return Ok(());
    }
    let rows = rows.map_or("too many".to_owned(), |rows| rows.to_string());
    let sentence = format!(
        "the {what} are {rows} rows of {dim} numbers, more than the {limit} bytes allowed; --max-array-bytes \
         allows more"
    );
    Err(Fault::new(option, sentence))
}

pub(super) fn gaussian_rows(experiment: &Experiment, rows: usize, dim: usize, stream: Stream) -> Matrix {
    let mut matrix = Matrix::zeros(rows, dim);
    for i in 0..rows {
        let mut rng = RowRng::new(experiment.seed, 0, i as u32, stream);
        for x in matrix.row_mut(i) {
            *x = (experiment.init_scale * normal(&mut rng)) as f32;
        }
    }
    matrix
}

fn features(experiment: &Experiment, labels: &[u32], instances: &[u32], dim: usize) -> Matrix {
    if experiment.init == Init::Gaussian && experiment.views == 1 {
        return gaussian_rows(experiment, labels.len(), dim, Stream::Features);
    }
    let scale = experiment.init_scale;
    let mut matrix = Matrix::zeros(labels.len(), dim);
    for (i, (&label, &instance)) in labels.iter().zip(instances).enumerate() {
        // Whose centre the row starts at, on which side of the origin, and how far from it.
        let (centre, side, noise) = match experiment.init {
            Init::Gaussian => (instance, 1.0, VIEW_NOISE * scale),
            Init::Antipodal => (0, if instance.is_multiple_of(2) { 1.0 } else { -1.0 }, CLUMP_NOISE),
            Init::Collapsed => (label, 1.0, CLUMP_NOISE),
        };
        let mut centre = RowRng::new(experiment.seed, 0, centre, Stream::Centres);
        let mut own = RowRng::new(experiment.seed, 0, i as u32, Stream::Features);
        for x in matrix.row_mut(i) {
            *x = (side * scale * normal(&mut centre) + noise * normal(&mut own)) as f32;
        }
    }
    matrix
}

fn normal(rng: &mut impl Rng) -> f64 {
    StandardNormal.sample(rng)
}
