//! Ideal configurations of unit vectors: the frames that losses tend to, as C×d matrices.
//!
//! What a loss's value at a frame is, and whether that is proven least, is theory and not kept here.

use std::f64::consts::TAU;

use super::seeded::{Seeded, orthonormal};
use crate::features::Matrix;

/// Why a frame does not exist, as one plain sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FrameError(pub String);

/// A family of frames: one for each number of vectors and dimension where it exists.
pub struct Frame {
    /// Its name.
    pub name: &'static str,
    /// One line about it.
    pub description: &'static str,
    /// The frame of `classes` unit rows in `dim` dimensions.
    pub build: fn(classes: usize, dim: usize) -> Result<Matrix, FrameError>,
}

/// Every frame.
pub const FRAMES: &[&Frame] = &[
    &Frame {
        name: "simplex",
        description: "equiangular tight frame: every pair at cosine −1/(C−1); C ≤ d + 1",
        build: simplex,
    },
    &Frame { name: "orthogonal", description: "every pair at a right angle; C ≤ d", build: orthogonal },
    &Frame {
        name: "cross-polytope",
        description: "axes and their opposites in pairs; C ≤ 2d",
        build: cross_polytope,
    },
    &Frame {
        name: "icosahedron",
        description: "the 12 vertices of the icosahedron; d ≥ 3",
        build: icosahedron,
    },
    &Frame { name: "polygon", description: "C vectors evenly around one circle; d ≥ 2", build: polygon },
    &Frame {
        name: "antipodal",
        description: "two opposite points, classes in turn; d ≥ 1",
        build: antipodal,
    },
];

/// The simplex equiangular tight frame: C unit vectors at mutual cosine −1/(C−1), sum 0.
pub fn simplex(classes: usize, dim: usize) -> Result<Matrix, FrameError> {
    need(classes, dim, classes >= 2 && classes - 1 <= dim, "a simplex needs 2 ≤ C ≤ d + 1")?;
    // Rows of Helmert's contrasts, scaled to length 1.
    let stretch = (classes as f64 / (classes as f64 - 1.0)).sqrt();
    Ok(Matrix::from_fn(classes, dim, |k, j| {
        let scale = stretch / (((j + 1) * (j + 2)) as f64).sqrt();
        match k.cmp(&(j + 1)) {
            _ if j + 1 >= classes => 0.0,
            std::cmp::Ordering::Less => scale as f32,
            std::cmp::Ordering::Equal => (-((j + 1) as f64) * scale) as f32,
            std::cmp::Ordering::Greater => 0.0,
        }
    }))
}

/// The first C coordinate axes.
pub fn orthogonal(classes: usize, dim: usize) -> Result<Matrix, FrameError> {
    need(classes, dim, classes >= 1 && classes <= dim, "an orthogonal frame needs 1 ≤ C ≤ d")?;
    Ok(Matrix::from_fn(classes, dim, |k, j| if j == k { 1.0 } else { 0.0 }))
}

/// Rows 2j and 2j + 1 are plus and minus axis j.
pub fn cross_polytope(classes: usize, dim: usize) -> Result<Matrix, FrameError> {
    need(classes, dim, classes >= 1 && classes.div_ceil(2) <= dim, "a cross-polytope needs 1 ≤ C ≤ 2d")?;
    Ok(Matrix::from_fn(classes, dim, |k, j| if j == k / 2 { sign(k) } else { 0.0 }))
}

/// The 12 vertices of the icosahedron: cyclic permutations of (0, ±1, ±φ).
pub fn icosahedron(classes: usize, dim: usize) -> Result<Matrix, FrameError> {
    need(classes, dim, classes == 12 && dim >= 3, "an icosahedron needs C = 12 and d ≥ 3")?;
    let golden = f64::midpoint(1.0, 5.0_f64.sqrt());
    let length = (1.0 + golden * golden).sqrt();
    Ok(Matrix::from_fn(12, dim, |k, j| {
        let (turn, signs) = (k / 4, k % 4);
        match (j < 3).then(|| (j + 3 - turn) % 3) {
            Some(1) => sign(signs) * (1.0 / length) as f32,
            Some(2) => sign(signs / 2) * (golden / length) as f32,
            _ => 0.0,
        }
    }))
}

/// C vectors evenly around the circle of the first two axes.
pub fn polygon(classes: usize, dim: usize) -> Result<Matrix, FrameError> {
    need(classes, dim, classes >= 1 && dim >= 2, "a polygon needs C ≥ 1 and d ≥ 2")?;
    Ok(Matrix::from_fn(classes, dim, |k, j| {
        let angle = TAU * k as f64 / classes as f64;
        match j {
            0 => angle.cos() as f32,
            1 => angle.sin() as f32,
            _ => 0.0,
        }
    }))
}

/// Even classes on one point, odd ones on its opposite.
pub fn antipodal(classes: usize, dim: usize) -> Result<Matrix, FrameError> {
    need(classes, dim, classes >= 1 && dim >= 1, "antipodal points need C ≥ 1 and d ≥ 1")?;
    Ok(Matrix::from_fn(classes, dim, |k, j| if j == 0 { sign(k) } else { 0.0 }))
}

/// The rows turned by one orthogonal matrix, drawn evenly from all of them by the seed.
pub fn rotate(rows: &Matrix, seed: u64) -> Matrix {
    let dim = rows.cols;
    let draws: Vec<Vec<f64>> =
        (0..dim).map(|k| (0..dim).map(|j| Seeded(seed).normal((k * dim + j) as u64)).collect()).collect();
    let axes = orthonormal(&draws, dim, dim);
    Matrix::from_fn(rows.rows, dim, |i, j| {
        rows.row(i).iter().zip(&axes).map(|(&x, axis)| f64::from(x) * axis[j]).sum::<f64>() as f32
    })
}

fn sign(k: usize) -> f32 {
    if k.is_multiple_of(2) { 1.0 } else { -1.0 }
}

fn need(classes: usize, dim: usize, holds: bool, rule: &str) -> Result<(), FrameError> {
    if holds { Ok(()) } else { Err(FrameError(format!("{rule}, not C = {classes} and d = {dim}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cosines(frame: &Matrix) -> Vec<f64> {
        let mut all = vec![];
        for i in 0..frame.rows {
            for j in 0..i {
                let cosine = frame.row(i).iter().zip(frame.row(j)).map(|(a, b)| f64::from(a * b)).sum();
                all.push(cosine);
            }
        }
        all
    }

    fn is_close(values: &[f64], expected: f64) {
        assert!(values.iter().all(|value| (value - expected).abs() < 1e-6), "{values:?} are not {expected}");
    }

    #[test]
    fn every_frame_has_unit_rows_and_keeps_its_angles_when_turned() {
        for frame in FRAMES {
            let classes = if frame.name == "icosahedron" { 12 } else { 5 };
            let rows = (frame.build)(classes, 6).unwrap();
            is_close(&rows.norms(), 1.0);
            let turned = rotate(&rows, 11);
            assert_ne!(rows, turned, "{}", frame.name);
            for (a, b) in cosines(&rows).iter().zip(cosines(&turned)) {
                assert!((a - b).abs() < 1e-6, "{}", frame.name);
            }
            assert!((frame.build)(0, 6).is_err() && (frame.build)(5, 0).is_err(), "{}", frame.name);
        }
    }

    #[test]
    fn cosines_are_those_of_the_textbook() {
        for classes in 2..=7 {
            is_close(&cosines(&simplex(classes, 6).unwrap()), -1.0 / (classes as f64 - 1.0));
        }
        is_close(&cosines(&orthogonal(4, 4).unwrap()), 0.0);
        // Regular pentagon: neighbours at 72 degrees.
        let most = cosines(&polygon(5, 2).unwrap()).into_iter().fold(-1.0, f64::max);
        is_close(&[most], 72.0_f64.to_radians().cos());
        // Icosahedron: every pair at ±1/√5 or opposite; neighbours at 63.435 degrees.
        for cosine in cosines(&icosahedron(12, 3).unwrap()) {
            assert!((cosine.abs() - 0.2_f64.sqrt()).abs() < 1e-6 || (cosine + 1.0).abs() < 1e-6, "{cosine}");
        }
        assert_eq!(cross_polytope(3, 2).unwrap().data, [1.0, 0.0, -1.0, 0.0, 0.0, 1.0]);
    }

    #[test]
    fn impossible_sizes_are_explained() {
        assert_eq!(
            simplex(6, 4).unwrap_err().to_string(),
            "a simplex needs 2 ≤ C ≤ d + 1, not C = 6 and d = 4"
        );
    }
}
