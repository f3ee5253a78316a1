//! A run with edits, as the stretches between them. The same states come out as in the lab, where the edits were made.

use crate::engine::{Problem, State};
use crate::experiment::file::Document;
use crate::experiment::start::{Asker, ExperimentError, Start, start};
use crate::experiment::{Edit, Experiment, Fault};
use crate::share::Share;
use crate::simulation::setup::carry;

/// What runs from a step on.
pub(super) struct Leg {
    /// Steps made before it.
    pub(super) from: u64,
    /// What runs; of all but the first leg the state is taken from the leg before.
    pub(super) begun: Start,
}

/// The legs of a document, the first from step 0.
///
/// # Errors
/// [`ExperimentError`] where an experiment cannot start, or an edit would need other data.
pub(super) fn legs(document: &Document) -> Result<Vec<Leg>, ExperimentError> {
    // A setting without effect is refused where it was typed for this run; in the lab it may have had one before.
    let asker = if document.step.is_some() { Asker::Lab } else { Asker::Run };
    let mut legs = vec![Leg::new(0, &document.experiment, asker)?];
    for (k, edit) in document.edits.iter().enumerate() {
        if document.edits.get(k + 1).is_some_and(|next| next.step == edit.step) {
            // Nothing happens between two edits of one step.
            continue;
        }
        let mut leg = Leg::new(edit.step, &edit.experiment, Asker::Lab)?;
        let (first, begun) = (&legs[0].begun, &mut leg.begun);
        if !same_data(first, begun) {
            let sentence =
                format!("the edit at step {} needs other data, which no edit can bring", edit.step);
            return Err(Fault::new("share", sentence).into());
        }
        begun.state = State { bias: begun.state.bias.take(), ..State::default() };
        begun.notices.retain(|notice| !first.notices.contains(notice));
        legs.push(leg);
    }
    Ok(legs)
}

fn same_data(one: &Start, other: &Start) -> bool {
    let networks = match (&one.state.network, &other.state.network) {
        (None, None) => true,
        (Some(one), Some(other)) => other.fits(one),
        _ => false,
    };
    let same_width = one.state.features.value.cols == other.state.features.value.cols;
    networks && same_width && one.problem.labels == other.problem.labels
}

impl Leg {
    /// What runs from a step on, with the state it would start from by itself.
    pub(super) fn new(from: u64, asked: &Experiment, asker: Asker) -> Result<Self, ExperimentError> {
        Ok(Self { from, begun: start(asked, asker)? })
    }

    /// The state of the leg before, under this one's problem.
    pub(super) fn take_over(&self, state: &mut State, before: &Problem) {
        carry(state, before, &self.begun.problem, self.begun.state.bias.as_ref());
    }
}

/// The share string of the moment a run ended at, rates and schedules filled in: the lab has other defaults. `None`
/// where a setting has no place in a string.
pub(super) fn share(document: &Document, legs: &[Leg], step: u64) -> Option<String> {
    let known = |leg: &Leg| leg.begun.experiment.clone();
    let edits = legs.iter().skip(1).filter(|leg| leg.from <= step);
    let share = Share {
        experiment: known(legs.first()?),
        edits: edits.map(|leg| Edit { step: leg.from, experiment: known(leg) }).collect(),
        step,
        view: document.view.clone(),
    };
    share.encode().ok()
}
