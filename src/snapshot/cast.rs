//! What stays the same from one start to the next.

use crate::experiment::start::Start;

/// Labels and names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cast {
    /// The class of each row as the objective sees it.
    pub labels: Vec<u32>,
    /// The class each row was drawn from; differs from `labels` where labels are noisy.
    pub truth: Vec<u32>,
    /// Whether there are labels at all. Without them all rows are of class 0.
    pub labelled: bool,
    /// The instance of each row.
    pub instances: Vec<u32>,
    /// C.
    pub classes: usize,
    /// Names of the classes, where given.
    pub label_names: Option<Vec<String>>,
    /// Names of the points, where given.
    pub point_names: Option<Vec<String>>,
}

impl Cast {
    /// That of a start.
    pub fn of(start: &Start) -> Self {
        Self {
            labels: start.problem.labels.clone(),
            truth: start.truth.clone(),
            labelled: start.labelled,
            instances: start.problem.instances.clone(),
            classes: start.problem.classes,
            label_names: (!start.label_names.is_empty()).then(|| start.label_names.clone()),
            point_names: start.point_names.clone(),
        }
    }
}
