//! The arrangement that a floor names, as vectors: of classes, of instances, or of the rows themselves.

use nalgebra::DMatrix;

use super::model;
use crate::engine::Problem;
use crate::features::Matrix;
use crate::geometry::frames;
use crate::objective::unconstrained::{self, Minimum, deep};
use crate::objectives::{Case, Floor, Frame, Origin, Score};

/// More members than this have no target written out: nobody could see them.
const MOST_MEMBERS: usize = 256;

/// Who stands at the vectors of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Members {
    /// The class means, in the order of their labels.
    Classes,
    /// The means of instances, in their order.
    Instances,
    /// The rows, in any order.
    Rows,
}

/// An arrangement up to one rotation.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// What it is called: "simplex", "general orthogonal frame".
    pub name: &'static str,
    /// Who stands there.
    pub members: Members,
    /// One row a member, in no more dimensions than needed.
    pub shape: DMatrix<f64>,
    /// Whether lengths are part of what is proved; else only directions are.
    pub lengths: bool,
    /// C×r in the same axes: where the class weights go, where that is proved.
    pub weights: Option<DMatrix<f64>>,
}

/// The target of a problem, where its floor names one arrangement.
pub fn target(problem: &Problem, case: &Case, floor: &Floor) -> Option<Target> {
    let Floor::Proved { frame, .. } = floor else { return None };
    if let Some((loss, own)) = model(problem, case) {
        let name = name(*frame, case.classes)?;
        let Minimum { weights, means, .. } = match own.origin {
            // A class without rows has no place among the means.
            Origin::Linear { .. } if own.counts.len() < own.classes => return None,
            Origin::Linear { matrices } => deep::minimum(&own, matrices),
            _ => unconstrained::minimum(loss, &own).ok()?,
        };
        return Some(Target {
            name,
            members: Members::Classes,
            shape: means,
            lengths: true,
            weights: Some(weights),
        });
    }
    let (rows, instances) = (case.rows(), case.views.len());
    let classes = case.counts.len();
    let members = match frame {
        Frame::Simplex | Frame::Orthogonal => classes,
        Frame::InstanceSimplex => instances,
        _ => rows,
    };
    if members > MOST_MEMBERS {
        return None;
    }
    let (members, built) = match frame {
        Frame::Simplex => (Members::Classes, frames::simplex(classes, classes.max(2) - 1)),
        Frame::Orthogonal => (Members::Classes, frames::orthogonal(classes, classes)),
        Frame::InstanceSimplex => (Members::Instances, frames::simplex(instances, instances.max(2) - 1)),
        Frame::RowSimplex => (Members::Rows, frames::simplex(rows, rows.max(2) - 1)),
        Frame::CrossPolytope => (Members::Rows, frames::cross_polytope(rows, case.dim)),
        Frame::Icosahedron => (Members::Rows, frames::icosahedron(rows, 3)),
        Frame::Polygon => (Members::Rows, frames::polygon(rows, 2)),
        _ => return None,
    };
    let shape = built.ok()?;
    let all_cosines = problem.terms.iter().all(|term| term.objective.score() != Score::Raw);
    Some(Target {
        name: name(*frame, if members == Members::Classes { classes } else { 3 })?,
        members,
        shape: wide(&shape),
        lengths: case.sphere && all_cosines,
        weights: None,
    })
}

fn wide(matrix: &Matrix) -> DMatrix<f64> {
    DMatrix::from_fn(matrix.rows, matrix.cols, |i, k| f64::from(matrix.row(i)[k]))
}

/// What a frame is called; `None` for those that name no single arrangement.
pub fn name(frame: Frame, members: usize) -> Option<&'static str> {
    Some(match frame {
        Frame::Simplex if members == 2 => "antipodal points",
        Frame::Simplex => "simplex",
        Frame::Orthogonal => "orthogonal frame",
        Frame::GeneralOrthogonal => "general orthogonal frame",
        Frame::InstanceSimplex => "simplex of instances",
        Frame::RowSimplex => "simplex of rows",
        Frame::CrossPolytope => "cross-polytope",
        Frame::Icosahedron => "icosahedron",
        Frame::Polygon => "regular polygon",
        Frame::Computed => "convex optimum",
        Frame::Origin => "origin",
        Frame::Together | Frame::ZeroMean | Frame::Other => return None,
    })
}

impl Target {
    /// The cosine between members `k` and `l`; 0 where one has no length.
    pub fn cosine(&self, k: usize, l: usize) -> f64 {
        let (a, b) = (self.shape.row(k), self.shape.row(l));
        let lengths = a.norm() * b.norm();
        if lengths > 1e-12 { (a.dot(&b) / lengths).clamp(-1.0, 1.0) } else { 0.0 }
    }

    /// The least angle between two members in degrees.
    pub fn least_angle(&self) -> Option<f64> {
        let count = self.shape.nrows();
        // Beyond this nobody waits for all pairs.
        if !(2..=512).contains(&count) || self.shape.row_iter().any(|row| row.norm() < 1e-9) {
            return None;
        }
        let pairs = (0..count).flat_map(|k| (0..k).map(move |l| (k, l)));
        let most = pairs.map(|(k, l)| self.cosine(k, l)).fold(-1.0, f64::max);
        Some(most.acos().to_degrees())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::start::{Asker, start};
    use crate::experiment::{Experiment, expression};

    fn of(text: &str, experiment: Experiment) -> Option<Target> {
        let experiment = Experiment { objective: expression::parse(text).unwrap(), ..experiment };
        let start = start(&experiment, Asker::Run).unwrap();
        let floor = crate::experiment::floor::floor(&start.problem, &start.case);
        target(&start.problem, &start.case, &floor)
    }

    #[test]
    fn four_classes_have_the_tetrahedron_and_two_are_antipodal() {
        let found = of("normface(scale=4)", Experiment::default()).unwrap();
        assert_eq!((found.name, found.shape.ncols(), found.lengths), ("simplex", 3, true));
        assert!((found.least_angle().unwrap() - 109.471).abs() < 1e-3);
        let two = of("normface", Experiment { classes: Some(2), ..Experiment::default() }).unwrap();
        assert_eq!((two.name, two.least_angle()), ("antipodal points", Some(180.0)));
    }

    #[test]
    fn nothing_that_is_not_proved_becomes_a_target() {
        let decayed = Experiment { weight_decay: 1e-3, weight_decay_weights: 1e-3, ..Experiment::default() };
        let bias_free = Experiment { bias: Some(false), ..decayed.clone() };
        assert_eq!(of("mse", Experiment { dim: Some(2), ..bias_free.clone() }), None, "any tight frame");
        assert_eq!(of("mse", Experiment { dim: Some(5), ..bias_free }).unwrap().name, "orthogonal frame");
        assert_eq!(of("opl(variant=signed)", Experiment::default()), None);
        assert_eq!(of("scattering", Experiment::default()), None);
        assert_eq!(of("normface", Experiment { dim: Some(2), ..Experiment::default() }), None);
        let lengths = of("softmax", decayed).unwrap();
        assert!(lengths.lengths && lengths.weights.is_some());
    }

    #[test]
    fn rows_that_repel_have_their_polyhedra() {
        let rows =
            |n, d| Experiment { classes: Some(1), per_class: Some(n), dim: Some(d), ..Experiment::default() };
        for (n, d, name) in [
            (4, 3, "simplex of rows"),
            (6, 3, "cross-polytope"),
            (12, 3, "icosahedron"),
            (7, 2, "regular polygon"),
        ] {
            let found = of("riesz(power=1)", rows(n, d)).unwrap();
            assert_eq!((found.name, found.shape.nrows()), (name, n));
        }
        assert_eq!(of("riesz(power=1)", rows(7, 3)), None);
    }
}
