//! What a new snapshot changes, and what is said about it.

use std::sync::Arc;

use crate::app::App;
use crate::snapshot::{Snapshot, Status};

impl App {
    pub(super) fn take(&mut self, snapshot: Arc<Snapshot>) {
        let before = std::mem::replace(&mut self.snapshot, snapshot);
        let looked_at = self.beside.run;
        self.company_came(&before);
        let now = &self.snapshot;
        if now.answered >= self.asked {
            // On a journey edits come and go by themselves.
            let (old, new) = (&before.beside(looked_at).experiment, &self.subject().experiment);
            if !Arc::ptr_eq(old, new) || now.answered > before.answered {
                self.experiment = (**new).clone();
            }
            if now.answered > before.answered
                && let Some(refusal) = now.refusal.clone()
            {
                self.wrong(refusal);
            }
        }
        let (old, new) = (&before.time, &self.snapshot.time);
        if self.snapshot.generation == before.generation
            && new.branches.len() > old.branches.len()
            && let Some(branch) = new.branches.iter().find(|branch| branch.id == new.branch)
            && let Some((_, step)) = branch.parent
        {
            self.say(format!("a new branch, {}, from step {step}: <branches> lists them", branch.name));
        }
        let (old, new) = (&before.beside(looked_at).notices, &self.subject().notices);
        if new.len() > old.len()
            && let Some(notice) = new.last().cloned()
        {
            self.wrong(notice);
        }
        // Who stopped the run is a matter of the status line itself, and of the warnings.
        let stopped =
            |snapshot: &Snapshot| matches!(snapshot.beside(looked_at).status, Status::Diverged { .. });
        if stopped(&self.snapshot) && !stopped(&before) {
            self.said = None;
        }
        // Words of something else would hide that nothing goes on; a lesson says it beside its check.
        let rests = |snapshot: &Snapshot| matches!(snapshot.beside(looked_at).status, Status::Converged(_));
        if rests(&self.snapshot)
            && !rests(&before)
            && self.lesson.is_none()
            && let Some(said) = self.said.as_mut().filter(|said| !said.wrong)
        {
            said.text = format!("it has come to rest; {}", said.text);
        }
        if let (Status::Failed(why), false) =
            (&self.snapshot.status, matches!(before.status, Status::Failed(_)))
        {
            let text = format!("{why}; <restart> starts again");
            self.wrong(text);
        }
        if self.snapshot.generation != before.generation {
            self.inspected = None;
            (self.told, self.sought) = (None, None);
        }
        self.sought = self.sought.filter(|sought| *sought != self.snapshot.picture.chosen);
        let count = self.snapshot.points.rows as u32;
        self.picked = self.picked.filter(|row| *row < count);
        self.keep_marks_of_what_is_there();
        self.row = self.row.min(self.rows().len().saturating_sub(1));
    }

    pub(in crate::app) fn say(&mut self, text: impl AsRef<str>) {
        self.put(text.as_ref(), false);
    }

    pub(in crate::app) fn wrong(&mut self, text: impl AsRef<str>) {
        self.put(text.as_ref(), true);
    }
}
