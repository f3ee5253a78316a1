//! The plane through three class means, seen face on.
//!
//! The first two axes span the plane; the third is the direction of greatest variance among what is left, so that
//! turning the picture shows something.

use super::covariance::{Covariance, widest_beside};
use super::{Projection, ProjectionKind, SHOWN, Source, flip, largest_entry_positive, with_shares};
use crate::geometry::seeded::{dot, orthonormal};
use crate::geometry::{Classes, Undefined};

/// The plane of three class means.
pub(super) const CLASS_PLANE: ProjectionKind = ProjectionKind {
    name: "class-plane",
    description: "the plane through three class means, face on, their triangle undistorted",
    build: class_plane,
};

fn class_plane(source: &Source) -> Result<Projection, Undefined> {
    let classes = source.classes.ok_or(Undefined::because("there are no labels"))?;
    let dim = source.points.cols;
    if classes.means.nrows() != dim {
        return Err(Undefined::because("the classes are those of other points"));
    }
    let [a, b, c] = corners(classes, source.plane)?;
    let mean = |class: usize| classes.means.column(class);
    let edge = |to: usize| -> Vec<f64> { (mean(to) - mean(a)).iter().copied().collect() };
    let covariance = Covariance::new(source.points)?;
    let mut axes = orthonormal(&[edge(b), edge(c)], 2, dim);
    let start = source.previous_of(CLASS_PLANE.name).and_then(|previous| previous.axes.get(2));
    axes.push(widest_beside(&covariance, &axes, start, dim));
    let mut axes = orthonormal(&axes, SHOWN, dim);
    if let Some(third) = axes.get_mut(2) {
        match source.previous_of(CLASS_PLANE.name).and_then(|previous| previous.axes.get(2)) {
            Some(before) => {
                if dot(third, before) < 0.0 {
                    flip(third);
                }
            }
            _ => largest_entry_positive(std::slice::from_mut(third)),
        }
    }
    let centre = (mean(a) + mean(b) + mean(c)) / 3.0;
    let made = with_shares(CLASS_PLANE.name, centre.iter().copied().collect(), axes, &covariance);
    Ok(Projection { plane: Some([a, b, c].map(|class| classes.labels[class])), ..made })
}

/// The classes (0..C) of the three corners.
fn corners(classes: &Classes, plane: Option<[u32; 3]>) -> Result<[usize; 3], Undefined> {
    if classes.len() < 3 {
        return Err(Undefined::at(format!("a plane needs three classes; there are {}", classes.len())));
    }
    let Some(labels) = plane else { return Ok([0, 1, 2]) };
    let mut corners = [0; 3];
    for (corner, label) in corners.iter_mut().zip(labels) {
        *corner = classes
            .labels
            .binary_search(&label)
            .map_err(|_| Undefined::at(format!("no row has label {label}")))?;
    }
    if corners[0] == corners[1] || corners[0] == corners[2] || corners[1] == corners[2] {
        return Err(Undefined::because("a plane needs three different classes"));
    }
    Ok(corners)
}
