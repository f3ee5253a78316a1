//! The plane through three class means, seen face on.
//!
//! The first two axes span the plane; the third is the direction of greatest variance among what is left, so that
//! turning the picture shows something.

use super::covariance::Covariance;
use super::{Projection, ProjectionKind, SHOWN, Source, flip, largest_entry_positive, with_shares};
use crate::geometry::seeded::{dot, orthonormal};
use crate::geometry::{Classes, Undefined};

/// The plane of three class means.
pub(super) const CLASS_PLANE: ProjectionKind = ProjectionKind {
    name: "class-plane",
    description: "the plane through three class means, face on, their triangle undistorted",
    build: class_plane,
};

/// Steps of power iteration for the third axis.
const STEPS: usize = 30;

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
    axes.push(outside(&covariance, &axes, source, dim));
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
    Ok(with_shares(CLASS_PLANE.name, centre.iter().copied().collect(), axes, &covariance))
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

/// The direction of greatest variance orthogonal to the plane, by power iteration from the frame before.
fn outside(covariance: &Covariance, plane: &[Vec<f64>], source: &Source, dim: usize) -> Vec<f64> {
    let start = match source.previous_of(CLASS_PLANE.name) {
        Some(previous) if previous.axes.len() == SHOWN => previous.axes[2].clone(),
        // Not a coordinate axis: that may be orthogonal to what is sought.
        _ => (0..dim).map(|i| 1.0 + 0.1 * (i % 7) as f64).collect(),
    };
    let mut axes = plane.to_vec();
    axes.push(start);
    let mut axes = orthonormal(&axes, SHOWN, dim);
    for _ in 0..STEPS {
        let Some(third) = axes.pop() else { break };
        let image = covariance.times(&third);
        let outside = dot(&image, &image) > 1e-24 * covariance.total().powi(2);
        axes.push(if outside { image } else { third });
        axes = orthonormal(&axes, SHOWN, dim);
    }
    axes.pop().unwrap_or_default()
}
