//! What an objective asks of the data: labels, or views of instances.

use super::ExperimentError;
use crate::objectives::{Family, Grouping, OBJECTIVES, Objective, Term};

/// Whether the data have what each term compares.
///
/// # Errors
/// [`ExperimentError::Data`] if labels are missing, with the objectives that need none, or if rows are to
/// be compared with others of their instance and there are none.
pub(crate) fn check_needs(terms: &[Term], labelled: bool, instances: &[u32]) -> Result<(), ExperimentError> {
    let mut sorted = instances.to_vec();
    sorted.sort_unstable();
    let has_views = sorted.windows(2).any(|pair| pair[0] == pair[1]);
    for term in terms {
        let objective = term.objective;
        let grouping = objective.grouping(&term.knobs);
        let by_labels = objective.family() == Family::Class || grouping == Grouping::Class;
        if by_labels && !labelled {
            return Err(ExperimentError::Data(format!(
                "{} needs labels and the data have none; without labels {}",
                objective.name(),
                without_labels(has_views)
            )));
        }
        if objective.family() == Family::Pair && grouping == Grouping::Instance && !has_views {
            let by_class = objective.knobs().iter().any(|knob| knob.name == "positives");
            return Err(ExperimentError::Data(format!(
                "{} compares views of one instance and no instance has two rows: use --views 2 or a file with \
                 instances{}",
                objective.name(),
                if by_class { ", or positives=class" } else { "" }
            )));
        }
    }
    Ok(())
}

/// The end of a sentence: which objectives run without labels.
fn without_labels(has_views: bool) -> String {
    let needs_none = |objective: &&&dyn Objective| {
        let grouping = objective.grouping(&super::super::expression::defaults(**objective));
        objective.family() == Family::Pair
            && (grouping == Grouping::None || (grouping == Grouping::Instance && has_views))
    };
    let names: Vec<&str> = OBJECTIVES.iter().filter(needs_none).map(|objective| objective.name()).collect();
    if names.is_empty() { "no objective runs".into() } else { format!("these run: {}", names.join(", ")) }
}
