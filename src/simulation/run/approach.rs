//! How the class angles of a run came near their target: what an analyst measured on the present line, step by step.

use super::Run;
use crate::comparison::Mark;
use crate::snapshot::{Cast, Reached, Snapshot};
use crate::theory::Brief;

/// Steps that are remembered at most; beyond that every other one is let go.
const MOST: usize = 4096;

/// The smallest class angle at the steps at which it was measured, ascending.
#[derive(Clone, Debug, Default)]
pub(super) struct Approach {
    seen: Vec<(u64, f64)>,
}

impl Approach {
    /// Notes a measurement; of one step the last counts.
    fn note(&mut self, step: u64, angle: f64) {
        match self.seen.binary_search_by_key(&step, |(step, _)| *step) {
            Ok(place) => self.seen[place].1 = angle,
            Err(place) => self.seen.insert(place, (step, angle)),
        }
        if self.seen.len() > MOST {
            let mut k = 0usize;
            self.seen.retain(|_| {
                k += 1;
                k.is_multiple_of(2)
            });
        }
    }

    /// From this step on the line is another one.
    pub(super) fn forget_from(&mut self, step: u64) {
        self.seen.retain(|(seen, _)| *seen < step);
    }

    /// From which step on the angle lies beyond the mark, up to the step `now`.
    fn reached(&self, now: u64, mark: &Mark) -> Option<Reached> {
        let upto = self.seen.partition_point(|(step, _)| *step <= now);
        let seen = &self.seen[..upto];
        let first = seen.iter().rposition(|(_, angle)| !mark.is_beyond(*angle)).map_or(0, |last| last + 1);
        let (step, _) = seen.get(first)?;
        Some(Reached { step: *step, after: first.checked_sub(1).map(|place| seen[place].0) })
    }
}

impl Run {
    /// Notes what the last analysis says.
    pub(super) fn note_approach(&mut self) {
        if let Some(angle) = self.geometry.measured.get("min_class_angle_deg") {
            self.approach.note(self.geometry.step, angle);
        }
    }

    /// When the class angles came near their target, where they have one.
    pub(super) fn reached(&self) -> Option<Reached> {
        let mark = mark(&self.brief, &self.setup.cast)?;
        self.approach.reached(self.state.step, &mark)
    }
}

impl Snapshot {
    /// The line at which the class angles count as near their target, where there are classes that have one.
    pub fn mark(&self) -> Option<Mark> {
        mark(&self.brief, &self.cast)
    }
}

fn mark(brief: &Brief, cast: &Cast) -> Option<Mark> {
    Mark::usual(brief.case.counts.len(), brief.case.dim).filter(|_| cast.labelled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(seen: &[(u64, f64)], now: u64) -> Option<(u64, Option<u64>)> {
        let mut approach = Approach::default();
        for (step, angle) in seen {
            approach.note(*step, *angle);
        }
        let mark = Mark { key: "min_class_angle_deg", at_least: true, value: 100.0 };
        approach.reached(now, &mark).map(|reached| (reached.step, reached.after))
    }

    #[test]
    fn it_is_there_from_the_step_after_which_it_never_was_elsewhere() {
        let seen = [(0, 90.0), (10, 101.0), (20, 99.0), (30, 100.0), (40, 105.0)];
        assert_eq!(after(&seen, 40), Some((30, Some(20))));
        assert_eq!(after(&seen, 25), None, "as it was known then");
        assert_eq!(after(&seen, 15), Some((10, Some(0))));
        assert_eq!(after(&[(7, 103.0)], 9), Some((7, None)));
        assert_eq!(after(&[(7, 99.0), (7, 103.0)], 9), Some((7, None)), "the last word about a step counts");
        assert_eq!(after(&[], 9), None);
    }

    #[test]
    fn another_line_has_another_approach_and_many_steps_are_thinned() {
        let mut approach = Approach::default();
        (0..10).for_each(|k| approach.note(10 * k, 0.0));
        approach.forget_from(50);
        assert_eq!(approach.seen.last(), Some(&(40, 0.0)));
        (0..20_000).for_each(|k| approach.note(k, 0.0));
        assert!(approach.seen.len() <= MOST && approach.seen.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
