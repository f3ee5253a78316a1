//! Random axes: the picture that owes nothing to the points, against which the others can be judged.

use super::covariance::Covariance;
use super::{Projection, ProjectionKind, SHOWN, Source, with_shares};
use crate::geometry::Undefined;
use crate::geometry::seeded::{Seeded, orthonormal};

/// Three random orthonormal axes, the same for one seed.
pub(super) const RANDOM: ProjectionKind = ProjectionKind {
    name: "random",
    description: "three random directions, the same for one seed",
    build: random,
};

fn random(source: &Source) -> Result<Projection, Undefined> {
    let covariance = Covariance::new(source.points)?;
    let dim = source.points.cols;
    let draws: Vec<Vec<f64>> = (0..SHOWN)
        .map(|k| (0..dim).map(|j| Seeded(source.seed).normal((k * dim + j) as u64)).collect())
        .collect();
    Ok(with_shares(RANDOM.name, covariance.mean.clone(), orthonormal(&draws, SHOWN, dim), &covariance))
}
