//! Several objectives on the same start and the same batches, over several seeds, and what may be said of the
//! difference. Shared metrics are subtracted; losses of unlike objectives never are.
//!
//! Nothing here knows screens or files.

pub mod sign;
pub mod stars;
pub mod study;
mod told;
pub mod trial;

pub use sign::{Sign, sign_test};
pub use study::{Mark, Spread, Study};
pub use told::told;
pub use trial::{Trial, TrialError};

use crate::engine::{Problem, State};
use crate::features::Matrix;

/// How alike the starts of several runs are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kinship {
    /// Rows, class weights and labels are the same numbers.
    #[default]
    Same,
    /// Rows have the same directions, but not all runs keep them on the sphere, so lengths differ.
    Directions,
    /// Something else differs: sizes, labels, instances or directions.
    Different,
}

impl Kinship {
    /// What titles say of it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Same => "same start and batches",
            Self::Directions => "same directions at the start, same batches",
            Self::Different => "starts differ",
        }
    }

    /// What of the starts is the same, for scripts.
    pub const fn shared(self) -> &'static str {
        match self {
            Self::Same => "every number",
            Self::Directions => "directions",
            Self::Different => "nothing",
        }
    }
}

/// How alike starts are, looked at number by number.
pub fn kinship(starts: &[(&Problem, &State)]) -> Kinship {
    let Some(((problem, state), others)) = starts.split_first() else { return Kinship::Same };
    let mut kinship = Kinship::Same;
    for (its, other) in others {
        let told_alike = problem.labels == its.labels
            && problem.instances == its.instances
            && problem.batch == its.batch
            && problem.seed == its.seed;
        let matrices =
            [(&state.features.value, &other.features.value), (&state.weights.value, &other.weights.value)];
        if !told_alike || !matrices.iter().all(|(a, b)| same_directions(a, b)) {
            return Kinship::Different;
        }
        if matrices.iter().any(|(a, b)| a != b) {
            kinship = Kinship::Directions;
        }
    }
    kinship
}

/// Whether rows agree once their lengths are divided away.
fn same_directions(a: &Matrix, b: &Matrix) -> bool {
    type Long<'a> = (&'a [f32], f64);
    let near = |((x, length), (y, other)): (Long<'_>, Long<'_>)| {
        let (length, other) = (length.max(1e-30), other.max(1e-30));
        x.iter().zip(y).all(|(x, y)| (f64::from(*x) / length - f64::from(*y) / other).abs() < 1e-5)
    };
    let rows = |m: &Matrix| m.norms();
    (a.rows, a.cols) == (b.rows, b.cols)
        && a.rows_iter().zip(rows(a)).zip(b.rows_iter().zip(rows(b))).all(near)
}
