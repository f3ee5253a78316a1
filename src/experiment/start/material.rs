//! Rows and what is known about them before a run, wherever they come from.

use rand::RngExt;

use crate::experiment::Fault;
use crate::features::Matrix;
use crate::objectives::Case;
use crate::optimizer::SHORTEST;
use crate::random::{self, RowRng, Stream};

/// Rows at their start, with labels, instances and what else the source gives.
#[derive(Debug, Default)]
pub(super) struct Material {
    /// N×d.
    pub(super) features: Matrix,
    /// N dense class numbers, without noise; zeros when there are no labels.
    pub(super) labels: Vec<u32>,
    /// Whether the source has labels.
    pub(super) labelled: bool,
    /// N instance numbers; the row's own where the source has none.
    pub(super) instances: Vec<u32>,
    /// Whether the source says which rows are views of one instance.
    pub(super) has_instances: bool,
    /// C.
    pub(super) classes: usize,
    /// C×d, where the source has them.
    pub(super) weights: Option<Matrix>,
    /// C, where the source has them.
    pub(super) bias: Option<Vec<f32>>,
    /// N, where the source has them.
    pub(super) margins: Option<Vec<f32>>,
    /// One a class, or none.
    pub(super) label_names: Vec<String>,
    /// One a row.
    pub(super) point_names: Option<Vec<String>>,
    /// What the user should know.
    pub(super) notices: Vec<String>,
}

impl Material {
    /// The labels with the share `noise` of the instances moved to another class, uniformly.
    ///
    /// Which ones, and where to, depends on the seed alone; rows of one instance move together.
    pub(super) fn noisy_labels(&self, noise: f64, seed: u64) -> Result<Vec<u32>, Fault> {
        let mut labels = self.labels.clone();
        if noise == 0.0 {
            return Ok(labels);
        }
        if !self.labelled || self.classes < 2 {
            return Err(Fault::new("label-noise", "--label-noise needs labels of at least two classes"));
        }
        let mut instances = self.instances.clone();
        instances.sort_unstable();
        instances.dedup();
        let moved = (noise * instances.len() as f64).round() as usize;
        instances.sort_by_cached_key(|&i| (random::words(seed, 0, i, Stream::LabelNoise as u32, 0), i));
        instances.truncate(moved);
        instances.sort_unstable();
        let classes = self.classes as u32;
        for (label, instance) in labels.iter_mut().zip(&self.instances) {
            if instances.binary_search(instance).is_ok() {
                let mut rng = RowRng::new(seed, 1, *instance, Stream::LabelNoise);
                *label = (*label + rng.random_range(1..classes)) % classes;
            }
        }
        Ok(labels)
    }

    /// Class weights for want of given ones: the class means, scaled to the mean length of the rows.
    pub(super) fn class_means(&self, labels: &[u32]) -> Matrix {
        let d = self.features.cols;
        let mut sums = vec![0.0f64; self.classes * d];
        for (row, &label) in self.features.rows_iter().zip(labels) {
            let start = label as usize * d;
            for (sum, &x) in sums[start..start + d].iter_mut().zip(row) {
                *sum += f64::from(x);
            }
        }
        let norms = self.features.norms();
        let length = norms.iter().sum::<f64>() / norms.len().max(1) as f64;
        for mean in sums.chunks_exact_mut(d.max(1)) {
            let norm = mean.iter().map(|x| x * x).sum::<f64>().sqrt().max(SHORTEST);
            for x in mean {
                *x *= length / norm;
            }
        }
        Matrix::new(self.classes, d, sums.into_iter().map(|x| x as f32).collect())
    }

    /// What floors are asked about, decay and sphere left out.
    pub(super) fn case(&self, labels: &[u32], dim: usize, clean: bool) -> Case {
        let mut counts = vec![0; self.classes];
        for &label in labels {
            counts[label as usize] += 1;
        }
        counts.retain(|&count| count > 0);
        let mut instances = self.instances.clone();
        instances.sort_unstable();
        let views = instances.chunk_by(|a, b| a == b).map(<[u32]>::len).collect();
        Case { counts, classes: self.classes, dim, views, clean, ..Case::default() }
    }
}
