//! What somebody should be warned of, and what explains where a run is: what the list of warnings holds.

use super::App;
use crate::describe::{sentence, spent};
use crate::snapshot::Snapshot;
use crate::theory::remarks;

impl App {
    /// What the user should be warned of: notices about the run that is looked at, what could not be written, and what
    /// is wrong with it just now.
    pub fn warnings(&self) -> Vec<String> {
        let subject = self.subject();
        let driven = subject.geometry.remarks.first().filter(|_| Self::drives(subject));
        let now = driven.map(|remark| sentence(remark));
        let spent = spent(subject).map(|text| sentence(&text));
        subject.notices.iter().chain(&self.unwritten).cloned().chain(now).chain(spent).collect()
    }

    /// What keeps the run that is looked at from where theory puts it, in whole sentences; what is wrong with it stands
    /// among the warnings.
    pub fn explanations(&self) -> Vec<String> {
        let subject = self.subject();
        let remarks = subject.geometry.remarks.iter().filter(|_| !Self::drives(subject));
        remarks.map(|remark| sentence(remark)).collect()
    }

    /// Whether the loss is far above where the main run began, and a remark says so.
    pub fn is_driven(&self) -> bool {
        Self::drives(&self.snapshot)
    }

    fn drives(run: &Snapshot) -> bool {
        let begun = run.history.first().filter(|_| run.edits.is_empty());
        !run.geometry.remarks.is_empty()
            && begun.is_some_and(|begun| remarks::is_driven(begun.loss, run.loss))
    }
}
