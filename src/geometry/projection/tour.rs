//! A grand tour (Asimov 1985): a smooth path through random views of the points, so that no view is trusted alone.
//!
//! Random right-handed frames stand at whole phases. Between two frames A and B there is a shortest way: with
//! AᵀB = U cos(τ) Vᵀ the principal vectors A·uᵢ turn by their angles tτᵢ toward B·vᵢ, while the picture turns within
//! itself by (UVᵀ)^t. The path is a quadratic spline of such ways (de Casteljau), so that it passes the frames without
//! a kink: its velocity is continuous. It depends on seed, phase and the number of dimensions alone. In three
//! dimensions all frames show everything, and the tour is a turning.

use std::sync::Arc;

use nalgebra::{DMatrix, Matrix3, Rotation3, UnitQuaternion};

use super::covariance::Covariance;
use super::{Projection, ProjectionKind, SHOWN, with_shares};
use crate::features::Matrix;
use crate::geometry::Undefined;
use crate::geometry::seeded::{Seeded, orthonormal};

/// A moving picture; a still one where nobody moves it.
pub(super) const TOUR: ProjectionKind = ProjectionKind {
    name: "tour",
    description: "a smooth path through random directions, by the seed",
    build: |source| {
        let tour = Tour::new(source.points, source.seed)?;
        Ok(Projection { tour: Some(Arc::new(tour.clone())), ..tour.at(source.phase) })
    },
};

/// How long the way from one random frame to the next is meant to take.
pub const SECONDS_A_FRAME: f64 = 6.0;

/// A tour of points: their covariance, by which it knows what each view hides.
#[derive(Clone, Debug, PartialEq)]
pub struct Tour {
    covariance: Covariance,
    seed: u64,
}

impl Tour {
    /// The name of the projection in the registry.
    pub const NAME: &'static str = TOUR.name;

    /// The tour of finite points in three dimensions or more; an error says why there is none.
    pub fn new(points: &Matrix, seed: u64) -> Result<Self, Undefined> {
        let covariance = Covariance::new(points)?;
        if points.cols < SHOWN {
            let dim = points.cols;
            return Err(Undefined::at(format!(
                "a tour needs three dimensions; in {dim} everything is in sight"
            )));
        }
        Ok(Self { covariance, seed })
    }

    /// The view at a phase of 0 or more.
    pub fn at(&self, phase: f64) -> Projection {
        let dim = self.covariance.mean.len();
        let phase = if phase.is_finite() { phase.max(0.0) } else { 0.0 };
        let (k, t) = (phase.floor() as u64, phase.fract());
        let [a, b, c] = [k, k + 1, k + 2].map(|k| frame(self.seed, k, dim));
        let view = way(&way(&a, &b, f64::midpoint(1.0, t)), &way(&b, &c, t / 2.0), t);
        let axes: Vec<Vec<f64>> = view.column_iter().map(|axis| axis.iter().copied().collect()).collect();
        with_shares(TOUR.name, self.covariance.mean.clone(), orthonormal(&axes, SHOWN, dim), &self.covariance)
    }
}

/// The random frame of a number: d×3, orthonormal, right-handed where d is 3.
fn frame(seed: u64, number: u64, dim: usize) -> DMatrix<f64> {
    let draw = |k: usize, i: usize| {
        let place = (number.wrapping_mul(SHOWN as u64).wrapping_add(k as u64)).wrapping_mul(dim as u64);
        Seeded(seed).normal(place.wrapping_add(i as u64))
    };
    let draws: Vec<Vec<f64>> = (0..SHOWN).map(|k| (0..dim).map(|i| draw(k, i)).collect()).collect();
    let axes = orthonormal(&draws, SHOWN, dim);
    let mut frame = DMatrix::from_fn(dim, SHOWN, |i, k| axes[k][i]);
    if dim == SHOWN && frame.determinant() < 0.0 {
        frame.column_mut(SHOWN - 1).neg_mut();
    }
    frame
}

/// A share `t` of the way from one frame to another.
fn way(from: &DMatrix<f64>, to: &DMatrix<f64>, t: f64) -> DMatrix<f64> {
    let overlap = from.tr_mul(to);
    let overlap = Matrix3::from_fn(|i, j| overlap[(i, j)]);
    let Some((mut u, mut cosines, mut v)) = decomposed(overlap) else { return from.clone() };
    // Both turns are proper; the last angle may then be more than a right one.
    for side in [&mut u, &mut v] {
        if side.determinant() < 0.0 {
            side.column_mut(2).neg_mut();
            cosines[2] = -cosines[2];
        }
    }
    let (near, far) = (
        from * DMatrix::from_column_slice(3, 3, u.as_slice()),
        to * DMatrix::from_column_slice(3, 3, v.as_slice()),
    );
    let mut moved = near.clone();
    for k in 0..SHOWN {
        let cosine = cosines[k].clamp(-1.0, 1.0);
        let angle = cosine.acos();
        if angle.sin() > 1e-9 {
            let ahead = (far.column(k) - near.column(k) * cosine) / angle.sin();
            moved.set_column(k, &(near.column(k) * (t * angle).cos() + ahead * (t * angle).sin()));
        }
    }
    let turn =
        UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(u * v.transpose())).powf(t);
    let within = u.transpose() * turn.to_rotation_matrix().into_inner();
    moved * DMatrix::from_column_slice(3, 3, within.as_slice())
}

/// U, the singular values and V.
fn decomposed(matrix: Matrix3<f64>) -> Option<(Matrix3<f64>, [f64; 3], Matrix3<f64>)> {
    if !matrix.iter().all(|x| x.is_finite()) {
        return None;
    }
    let svd = matrix.try_svd(true, true, f64::EPSILON, 1000)?;
    Some((svd.u?, svd.singular_values.into(), svd.v_t?.transpose()))
}
