//! Principal components, kept steady from frame to frame.
//!
//! At an ideal frame many variances are equal, and the eigenvectors of equal variances are arbitrary: recomputed
//! each frame they would make a still picture spin. So a projection with a frame before it takes a few steps of
//! subspace iteration from there, and turns within its own three dimensions to the frame before.

use super::covariance::Covariance;
use super::steady::{keep_the_lost, turn_towards};
use super::{Projection, ProjectionKind, SHOWN, Source, largest_entry_positive, with_shares};
use crate::geometry::Undefined;
use crate::geometry::seeded::orthonormal;

/// The axes of greatest variance.
pub(super) const PCA: ProjectionKind = ProjectionKind {
    name: "pca",
    description: "the three directions in which the points vary most",
    build: pca,
};

/// Steps of subspace iteration a frame.
const STEPS: usize = 4;

fn pca(source: &Source) -> Result<Projection, Undefined> {
    let covariance = Covariance::new(source.points)?;
    let axes = widest(&covariance, source.previous_of(PCA.name), source.points.cols)?;
    Ok(with_shares(PCA.name, covariance.mean.clone(), axes, &covariance))
}

/// The axes of greatest variance, near those of the frame before.
pub(super) fn widest(
    covariance: &Covariance,
    previous: Option<&Projection>,
    dim: usize,
) -> Result<Vec<Vec<f64>>, Undefined> {
    let followed = previous.map(|previous| follow(covariance, previous, dim));
    // The best axes never show less than their part of the dimensions. Axes that do are cut off from the points
    // (all of them moved to other directions), and would follow for ever without seeing any.
    let least = (1.0 - 1e-6) * covariance.total() * SHOWN.min(dim) as f64 / dim as f64;
    let shows = |axes: &Vec<Vec<f64>>| axes.iter().map(|axis| covariance.along(axis)).sum::<f64>() >= least;
    if let Some(axes) = followed.filter(shows) {
        return Ok(axes);
    }
    let mut axes = orthonormal(&covariance.principal_axes(SHOWN)?, SHOWN, dim);
    largest_entry_positive(&mut axes);
    Ok(axes)
}

fn follow(covariance: &Covariance, previous: &Projection, dim: usize) -> Vec<Vec<f64>> {
    let mut axes = previous.axes.clone();
    for _ in 0..STEPS {
        let mut images: Vec<Vec<f64>> = axes.iter().map(|axis| covariance.times(axis)).collect();
        keep_the_lost(&mut images, &axes);
        axes = orthonormal(&images, SHOWN, dim);
    }
    turn_towards(&axes, &previous.axes)
}
