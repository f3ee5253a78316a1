//! Directions on a map of the sphere: the axes whose three coordinates say where north is. The drawing is
//! [`crate::geometry::mollweide`].

use super::covariance::Covariance;
use super::pca::widest;
use super::{Projection, ProjectionKind, SHOWN, Source, with_shares};
use crate::geometry::Undefined;
use crate::geometry::seeded::orthonormal;

/// The sphere unrolled: equal areas stay equal.
pub(super) const MOLLWEIDE: ProjectionKind = ProjectionKind {
    name: "mollweide",
    description: "the whole sphere as a map of equal areas (Mollweide): directions, without lengths",
    build: mollweide,
};

fn mollweide(source: &Source) -> Result<Projection, Undefined> {
    let covariance = Covariance::new(source.points)?;
    let dim = source.points.cols;
    if dim < SHOWN {
        return Err(Undefined::at(format!("a map of the sphere needs three dimensions; there are {dim}")));
    }
    let (axes, notice) = if dim == SHOWN {
        (orthonormal(&[], SHOWN, dim), None)
    } else {
        let axes = widest(&covariance, source.previous_of(MOLLWEIDE.name), dim)?;
        (axes, Some("PC 1-3, normalised".to_owned()))
    };
    let made = with_shares(MOLLWEIDE.name, vec![0.0; dim], axes, &covariance);
    Ok(Projection { map: true, notice, ..made })
}
