//! A target laid over the rows as they are, and how far they are from it.

use nalgebra::DMatrix;

use super::align::{align, align_unordered};
use super::target::{Members, Target};
use crate::features::Matrix;
use crate::geometry::Classes;

/// A target turned to where the rows are.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// What the target is called.
    pub name: &'static str,
    /// Who stands at its vectors.
    pub members: Members,
    /// One row a member, in feature space.
    pub places: Matrix,
    /// Where each member is now.
    pub seen: Matrix,
    /// ‖places − seen‖_F/‖places‖_F.
    pub distance: f64,
    /// The lengths of class means, predicted and seen, where lengths are proved.
    pub lengths: Option<Lengths>,
}

/// Lengths as predicted and as they are, a number a class.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lengths {
    /// ‖class mean‖ at the floor.
    pub means_predicted: Vec<f64>,
    /// ‖class mean‖.
    pub means: Vec<f64>,
    /// ‖w_c‖ at the floor; empty where nothing is proved about weights.
    pub weights_predicted: Vec<f64>,
    /// ‖w_c‖; empty without weights.
    pub weights: Vec<f64>,
}

/// Lays a target over rows with these labels and instances.
pub fn fit(
    target: &Target,
    points: &Matrix,
    labels: &[u32],
    instances: &[u32],
    weights: Option<&Matrix>,
) -> Option<Fit> {
    let count = target.shape.nrows();
    if points.rows == 0 {
        return None;
    }
    let seen = match target.members {
        Members::Classes => means(points, labels)?,
        Members::Instances => means(points, instances)?,
        Members::Rows => DMatrix::from_fn(points.rows, points.cols, |i, k| f64::from(points.row(i)[k])),
    };
    if seen.nrows() != count || seen.iter().any(|x| !x.is_finite()) {
        return None;
    }
    let mut aim = seen.clone();
    if !target.lengths {
        for mut row in aim.row_iter_mut() {
            let length = row.norm();
            if length > 1e-12 {
                row /= length;
            }
        }
    }
    let turned = match target.members {
        // Every order of a simplex is a turn of every other.
        Members::Rows if target.name != "simplex of rows" => align_unordered(&target.shape, &aim)?,
        _ => align(&target.shape, &aim)?,
    };
    let size = turned.norm().max(1e-12);
    let distance = if size <= 1e-12 { aim.norm() } else { (&turned - &aim).norm() / size };
    let mut places = turned;
    if !target.lengths {
        for (mut row, seen) in places.row_iter_mut().zip(seen.row_iter()) {
            row *= seen.norm();
        }
    }
    let lengths = (target.lengths && target.members == Members::Classes).then(|| Lengths {
        means_predicted: norms(&target.shape),
        means: norms(&seen),
        weights_predicted: target.weights.as_ref().map(norms).unwrap_or_default(),
        weights: weights.map(Matrix::norms).unwrap_or_default(),
    });
    Some(Fit {
        name: target.name,
        members: target.members,
        places: narrow(&places),
        seen: narrow(&seen),
        distance,
        lengths,
    })
}

fn means(points: &Matrix, groups: &[u32]) -> Option<DMatrix<f64>> {
    Classes::new(points, groups).ok().map(|classes| classes.means.transpose())
}

fn norms(rows: &DMatrix<f64>) -> Vec<f64> {
    rows.row_iter().map(|row| row.norm()).collect()
}

fn narrow(matrix: &DMatrix<f64>) -> Matrix {
    Matrix::from_fn(matrix.nrows(), matrix.ncols(), |i, k| matrix[(i, k)] as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::frames;

    #[test]
    fn a_state_at_the_target_is_at_no_distance_and_one_that_is_short_is_told_so() {
        let shape = DMatrix::from_row_slice(2, 1, &[2.0, -2.0]);
        let target = Target {
            name: "antipodal points",
            members: Members::Classes,
            shape,
            lengths: true,
            weights: None,
        };
        let points = Matrix::new(4, 2, vec![0.0, 1.0, 0.0, 1.0, 0.0, -1.0, 0.0, -1.0]);
        let found = fit(&target, &points, &[0, 0, 1, 1], &[0, 1, 2, 3], None).unwrap();
        assert!((found.distance - 0.5).abs() < 1e-12, "half of each length is missing");
        assert!((found.places.row(0)[1] - 2.0).abs() < 1e-6);
        let lengths = found.lengths.unwrap();
        assert_eq!((lengths.means_predicted[0], lengths.means[0]), (2.0, 1.0));
        let unit = DMatrix::from_row_slice(2, 1, &[1.0, -1.0]);
        let target = Target { lengths: false, shape: unit, ..target };
        let directions = fit(&target, &points, &[0, 0, 1, 1], &[], None).unwrap();
        assert!(directions.distance < 1e-12 && directions.lengths.is_none());
    }

    #[test]
    fn rows_of_an_octahedron_fit_it_in_any_order() {
        let rows = frames::rotate(&frames::cross_polytope(6, 3).unwrap(), 2);
        let target = Target {
            name: "cross-polytope",
            members: Members::Rows,
            shape: DMatrix::from_fn(6, 3, |i, k| {
                f64::from(frames::cross_polytope(6, 3).unwrap().row((i + 3) % 6)[k])
            }),
            lengths: true,
            weights: None,
        };
        assert!(fit(&target, &rows, &[0; 6], &[0; 6], None).unwrap().distance < 1e-5);
    }
}
