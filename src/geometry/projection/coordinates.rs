//! The coordinates as they are: the identity for d ≤ 3, the first three beyond.

use super::covariance::Covariance;
use super::{Projection, ProjectionKind, SHOWN, Source, with_shares};
use crate::geometry::Undefined;
use crate::geometry::seeded::orthonormal;

/// The first three coordinates, from the origin.
pub(super) const COORDINATES: ProjectionKind = ProjectionKind {
    name: "coordinates",
    description: "the first three coordinates as they are; everything where d is 3 or less",
    build: coordinates,
};

fn coordinates(source: &Source) -> Result<Projection, Undefined> {
    let covariance = Covariance::new(source.points)?;
    let dim = source.points.cols;
    // Without candidates the coordinate axes themselves come in their order.
    Ok(with_shares(COORDINATES.name, vec![0.0; dim], orthonormal(&[], SHOWN, dim), &covariance))
}
