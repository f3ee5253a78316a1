//! Ways to see d dimensions in three: axes, and how much of the variance they leave out.
//!
//! [`PROJECTIONS`] is the registry. A projection is linear and its axes are orthonormal, so lengths on screen are
//! never longer than in truth, and a picture of the origin or of a class mean uses the same axes as the points.

mod class_plane;
mod coordinates;
mod covariance;
mod discriminant;
mod map;
mod pca;
mod random;
mod steady;
pub mod tour;

use std::sync::Arc;

use super::{Classes, Undefined};
use crate::features::Matrix;
use covariance::Covariance;
pub use tour::Tour;

/// Numbers of a picture's point.
pub const SHOWN: usize = 3;

/// What a projection is made from.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// N×d, one point a row.
    pub points: &'a Matrix,
    /// The classes of the points, where there are labels (only `class-plane` and `lda` need them).
    pub classes: Option<&'a Classes>,
    /// Three labels whose means span the class plane; the first three present otherwise.
    pub plane: Option<[u32; 3]>,
    /// The projection of the frame before, to move on from smoothly. Leave it out after a jump in time: a
    /// projection that follows another one catches up over a few frames. One of another kind is not followed.
    pub previous: Option<&'a Projection>,
    /// Picks the axes of `random` and the path of `tour`.
    pub seed: u64,
    /// How far along its path `tour` is, in random places passed.
    pub phase: f64,
}

impl<'a> Source<'a> {
    /// Bare points, no frame before.
    pub fn of_points(points: &'a Matrix) -> Self {
        Source { points, classes: None, plane: None, previous: None, seed: 0, phase: 0.0 }
    }

    /// The frame before, if it was made in the same way for as many dimensions.
    fn previous_of(&self, name: &str) -> Option<&'a Projection> {
        self.previous.filter(|previous| previous.name == name && previous.centre.len() == self.points.cols)
    }
}

/// Three orthonormal axes (fewer where d is less) and what they show.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    /// The registry's name of it.
    pub name: &'static str,
    /// d numbers: the place that is drawn at (0, 0, 0).
    pub centre: Vec<f64>,
    /// At most [`SHOWN`] axes of d numbers, orthonormal.
    pub axes: Vec<Vec<f64>>,
    /// Each axis's share of the points' variance (of 1); all 0 where the points coincide.
    pub shares: Vec<f64>,
    /// The share of the variance that no axis shows.
    pub hidden: f64,
    /// Whether the picture is drawn as a map of directions: see [`crate::geometry::mollweide`].
    pub map: bool,
    /// The labels of the classes that span the plane, where a plane of classes is shown.
    pub plane: Option<[u32; SHOWN]>,
    /// What of the points was looked at to choose the axes, where that was not everything, and what else is not seen.
    pub notice: Option<String>,
    /// The tour this is a view of: [`Tour::at`] gives the view from further along.
    pub tour: Option<Arc<Tour>>,
}

impl Projection {
    /// The same place and axes with what they show of other points.
    #[must_use]
    pub fn of(&self, points: &Matrix) -> Self {
        let rows = points.rows.max(1) as f64;
        let variance = |sum: f64, squares: f64| (squares / rows - (sum / rows).powi(2)).max(0.0);
        let mut whole = 0.0;
        for column in 0..points.cols {
            // From the first row on, so that a cloud far from the origin loses no digits.
            let first = if points.rows > 0 { f64::from(points.row(0)[column]) } else { 0.0 };
            let (mut sum, mut squares) = (0.0, 0.0);
            for row in points.rows_iter() {
                let x = f64::from(row[column]) - first;
                sum += x;
                squares += x * x;
            }
            whole += variance(sum, squares);
        }
        let along = |axis: &Vec<f64>| {
            let (mut sum, mut squares) = (0.0, 0.0);
            for row in points.rows_iter() {
                let offsets = row.iter().zip(&self.centre).map(|(&x, c)| f64::from(x) - c);
                let x: f64 = offsets.zip(axis).map(|(x, a)| x * a).sum();
                sum += x;
                squares += x * x;
            }
            if whole > 0.0 { (variance(sum, squares) / whole).min(1.0) } else { 0.0 }
        };
        let shares: Vec<f64> = self.axes.iter().map(along).collect();
        let shown: f64 = shares.iter().sum();
        let all = self.axes.len() == points.cols || whole == 0.0;
        Self { hidden: if all { 0.0 } else { (1.0 - shown).clamp(0.0, 1.0) }, shares, ..self.clone() }
    }

    /// The picture of every row; numbers beyond the axes are 0. Rows have as many columns as the centre.
    pub fn project(&self, points: &Matrix) -> Vec<[f32; SHOWN]> {
        let picture = Picture::new(self);
        points.rows_iter().map(|row| picture.of(row)).collect()
    }

    /// The picture of one vector.
    pub fn project_one(&self, vector: &[f32]) -> [f32; SHOWN] {
        Picture::new(self).of(vector)
    }

    /// The pictures of directions, a row each.
    pub fn project_directions(&self, directions: &Matrix) -> Vec<[f32; SHOWN]> {
        let picture = Picture { centre: vec![0.0; self.centre.len()], ..Picture::new(self) };
        directions.rows_iter().map(|row| picture.of(row)).collect()
    }

    /// The picture of a direction (a force, an axis): its place does not matter, only its direction and length.
    pub fn project_direction(&self, direction: &[f32]) -> [f32; SHOWN] {
        Picture { centre: vec![0.0; self.centre.len()], ..Picture::new(self) }.of(direction)
    }
}

/// A projection in f32, axes padded to three.
struct Picture {
    centre: Vec<f32>,
    axes: [Vec<f32>; SHOWN],
}

impl Picture {
    fn new(projection: &Projection) -> Self {
        let dim = projection.centre.len();
        let axis = |k: usize| match projection.axes.get(k) {
            Some(axis) => axis.iter().map(|&x| x as f32).collect(),
            None => vec![0.0; dim],
        };
        let centre = projection.centre.iter().map(|&x| x as f32).collect();
        Self { centre, axes: [axis(0), axis(1), axis(2)] }
    }

    /// Sums in four lanes a coordinate, which the compiler keeps in SIMD registers.
    fn of(&self, row: &[f32]) -> [f32; SHOWN] {
        const LANES: usize = 4;
        let mut lanes = [[0.0_f32; LANES]; SHOWN];
        let (rows, row_rest) = row.as_chunks::<LANES>();
        let (centres, centre_rest) = self.centre.as_chunks::<LANES>();
        let axes = self.axes.each_ref().map(|axis| axis.as_chunks::<LANES>());
        for (place, (x, c)) in rows.iter().zip(centres).enumerate() {
            let offset: [f32; LANES] = std::array::from_fn(|lane| x[lane] - c[lane]);
            for (sums, (axis, _)) in lanes.iter_mut().zip(&axes) {
                for lane in 0..LANES {
                    sums[lane] += offset[lane] * axis[place][lane];
                }
            }
        }
        std::array::from_fn(|k| {
            let rest = row_rest.iter().zip(centre_rest).zip(axes[k].1).map(|((x, c), a)| (x - c) * a);
            lanes[k].iter().sum::<f32>() + rest.sum::<f32>()
        })
    }
}

/// One way to choose the axes.
pub struct ProjectionKind {
    /// Its name on the command line and screen.
    pub name: &'static str,
    /// One line about it.
    pub description: &'static str,
    /// Chooses the axes, or says why it cannot.
    pub build: fn(&Source) -> Result<Projection, Undefined>,
}

/// Every way, the default first.
pub const PROJECTIONS: &[&ProjectionKind] = &[
    &pca::PCA,
    &coordinates::COORDINATES,
    &random::RANDOM,
    &class_plane::CLASS_PLANE,
    &discriminant::DISCRIMINANT,
    &map::MOLLWEIDE,
    &tour::TOUR,
];

/// The way of this name.
pub fn kind(name: &str) -> Option<&'static ProjectionKind> {
    PROJECTIONS.iter().copied().find(|kind| kind.name == name)
}

/// The place of a name in [`PROJECTIONS`].
pub fn place(name: &str) -> Option<usize> {
    PROJECTIONS.iter().position(|kind| kind.name.eq_ignore_ascii_case(name))
}

/// The way to start with: the coordinates themselves where all fit, else PCA.
pub fn default_for(dim: usize) -> &'static ProjectionKind {
    if dim <= SHOWN { &coordinates::COORDINATES } else { &pca::PCA }
}

/// The variance along each axis and what is left, as shares of all of it.
fn with_shares(
    name: &'static str,
    centre: Vec<f64>,
    axes: Vec<Vec<f64>>,
    covariance: &Covariance,
) -> Projection {
    let total = covariance.total();
    let along: Vec<f64> = axes.iter().map(|axis| covariance.along(axis)).collect();
    showing(name, centre, axes, &along, total)
}

/// The same from the variances along the axes and the total of all variances.
fn showing(
    name: &'static str,
    centre: Vec<f64>,
    axes: Vec<Vec<f64>>,
    along: &[f64],
    total: f64,
) -> Projection {
    let shares: Vec<f64> = along.iter().map(|along| if total > 0.0 { along / total } else { 0.0 }).collect();
    let complete = axes.len() == centre.len();
    let hidden =
        if complete || total == 0.0 { 0.0 } else { (1.0 - shares.iter().sum::<f64>()).clamp(0.0, 1.0) };
    Projection { name, centre, axes, shares, hidden, map: false, plane: None, notice: None, tour: None }
}

/// Reverses an axis.
fn flip(axis: &mut [f64]) {
    for x in axis {
        *x = -*x;
    }
}

/// The signs that make each axis's largest entry positive (of equal ones the first decides).
fn largest_entry_positive(axes: &mut [Vec<f64>]) {
    for axis in axes {
        let mut largest = 0.0_f64;
        for &x in axis.iter() {
            // A little more counts as equal, so that rounding does not choose the sign.
            if x.abs() > largest.abs() * (1.0 + 1e-6) {
                largest = x;
            }
        }
        if largest < 0.0 {
            flip(axis);
        }
    }
}

#[cfg(test)]
mod tests;
