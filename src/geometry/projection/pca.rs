//! Principal components, kept steady from frame to frame.
//!
//! At an ideal frame many variances are equal, and the eigenvectors of equal variances are arbitrary: recomputed
//! each frame they would make a still picture spin. So a projection with a frame before it takes a few steps of
//! subspace iteration from there, and turns within its own three dimensions to the frame before.

use nalgebra::Matrix3;

use super::covariance::Covariance;
use super::{Projection, ProjectionKind, SHOWN, Source, largest_entry_positive, with_shares};
use crate::geometry::Undefined;
use crate::geometry::seeded::{dot, orthonormal};

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
    let dim = source.points.cols;
    let followed = source.previous_of(PCA.name).map(|previous| follow(&covariance, previous, dim));
    // The best axes never show less than their part of the dimensions. Axes that do are cut off from the points
    // (all of them moved to other directions), and would follow for ever without seeing any.
    let least = (1.0 - 1e-6) * covariance.total() * SHOWN.min(dim) as f64 / dim as f64;
    let shows = |axes: &Vec<Vec<f64>>| axes.iter().map(|axis| covariance.along(axis)).sum::<f64>() >= least;
    let axes = if let Some(axes) = followed.filter(shows) {
        axes
    } else {
        let mut axes = orthonormal(&covariance.principal_axes(SHOWN)?, SHOWN, dim);
        largest_entry_positive(&mut axes);
        axes
    };
    Ok(with_shares(PCA.name, covariance.mean.clone(), axes, &covariance))
}

fn follow(covariance: &Covariance, previous: &Projection, dim: usize) -> Vec<Vec<f64>> {
    let mut axes = previous.axes.clone();
    for _ in 0..STEPS {
        let mut images: Vec<Vec<f64>> = axes.iter().map(|axis| covariance.times(axis)).collect();
        // A direction that the points left shows as an image of rounding size: keep the old axis there.
        let largest = images.iter().map(|image| dot(image, image)).fold(0.0, f64::max);
        for (image, axis) in images.iter_mut().zip(&axes) {
            if dot(image, image) <= 1e-24 * largest {
                image.clone_from(axis);
            }
        }
        axes = orthonormal(&images, SHOWN, dim);
    }
    turn_towards(&axes, &previous.axes)
}

/// The orthonormal axes of the same span nearest to the former ones: with M = axes·formerᵀ = U Σ Vᵀ these are the
/// rows of (U Vᵀ)ᵀ·axes (the orthogonal Procrustes problem).
fn turn_towards(axes: &[Vec<f64>], former: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let overlap = Matrix3::from_fn(|k, l| match (axes.get(k), former.get(l)) {
        (Some(axis), Some(before)) => dot(axis, before),
        // Fewer than three axes: the missing ones stay what they are.
        _ => f64::from(u8::from(k == l)),
    });
    if !overlap.iter().all(|x| x.is_finite()) {
        return axes.to_vec();
    }
    let Some(svd) = overlap.try_svd(true, true, f64::EPSILON, 1000) else { return axes.to_vec() };
    let (Some(u), Some(v_t)) = (svd.u, svd.v_t) else { return axes.to_vec() };
    let turn = u * v_t;
    let turned: Vec<Vec<f64>> = (0..axes.len())
        .map(|l| {
            let mut sum = vec![0.0; axes[0].len()];
            for (k, axis) in axes.iter().enumerate() {
                for (sum, x) in sum.iter_mut().zip(axis) {
                    *sum += turn[(k, l)] * x;
                }
            }
            sum
        })
        .collect();
    // Rounding would grow over thousands of frames.
    orthonormal(&turned, axes.len(), axes[0].len())
}
