//! Whole states kept at some steps, within a budget of bytes: thin where they are old, dense where they are new.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::{Parameter, State};

/// The most states kept, however small they are: more than a screen has columns.
const MOST: usize = 4096;

/// States of all lines by line and step, each as it was before an edit at that step.
#[derive(Debug)]
pub struct Keyframes {
    kept: BTreeMap<(u32, u64), Arc<State>>,
    used: usize,
    budget: usize,
}

impl Keyframes {
    /// Room for so many bytes.
    pub fn new(budget: usize) -> Self {
        Self { kept: BTreeMap::new(), used: 0, budget }
    }

    /// Bytes taken, and bytes that may be.
    pub fn memory(&self) -> (usize, usize) {
        (self.used, self.budget)
    }

    /// Sets how many bytes there are, and lets states go where there are fewer now.
    pub fn limit(&mut self, budget: usize, now: u64) {
        self.budget = budget;
        while self.used > self.budget && self.drop_one((0, 0), now) {}
    }

    /// Keeps a state, and lets others go where there is no room. `now` is where the person looks: steps near it are
    /// kept denser than those far off. The start is always kept.
    pub fn keep(&mut self, line: u32, state: &Arc<State>, now: u64) {
        if self.kept.contains_key(&(line, state.step)) {
            return;
        }
        self.used += bytes(state);
        self.kept.insert((line, state.step), state.clone());
        while (self.used > self.budget || self.kept.len() > MOST) && self.drop_one((line, state.step), now) {}
    }

    /// Drops the state whose loss leaves the smallest gap for its distance from `now`.
    fn drop_one(&mut self, new: (u32, u64), now: u64) -> bool {
        let places: Vec<(u32, u64)> = self.kept.keys().copied().collect();
        let gap_left = |k: usize| {
            let (line, step) = places[k];
            let on_line = |at: Option<&(u32, u64)>| at.filter(|(l, _)| *l == line).map(|(_, step)| *step);
            let before = on_line(k.checked_sub(1).and_then(|k| places.get(k))).unwrap_or(0);
            let after = on_line(places.get(k + 1)).unwrap_or(step + 1);
            (after - before) as f64 / (now.abs_diff(step) + 1) as f64
        };
        let candidates = (0..places.len()).filter(|&k| places[k] != new && places[k] != (0, 0));
        let Some(least) = candidates.min_by(|&a, &b| gap_left(a).total_cmp(&gap_left(b))) else {
            return false;
        };
        self.remove(places[least]);
        true
    }

    fn remove(&mut self, place: (u32, u64)) {
        if let Some(state) = self.kept.remove(&place) {
            self.used -= bytes(&state);
        }
    }

    /// The last state of a line at or before a step.
    pub fn before(&self, line: u32, step: u64) -> Option<&Arc<State>> {
        self.kept.range((line, 0)..=(line, step)).next_back().map(|(_, state)| state)
    }

    /// The steps of a line that are kept, up to one.
    pub fn steps(&self, line: u32, last: u64) -> impl Iterator<Item = u64> {
        self.kept.range((line, 0)..=(line, last)).map(|((_, step), _)| *step)
    }

    /// The kept states of a line up to a step, in order.
    pub fn states(&self, line: u32, last: u64) -> impl Iterator<Item = &Arc<State>> {
        self.kept.range((line, 0)..=(line, last)).map(|(_, state)| state)
    }

    /// Forgets what a line has after a step.
    pub fn forget_after(&mut self, line: u32, step: u64) {
        let gone: Vec<_> = self
            .kept
            .range((line, step)..=(line, u64::MAX))
            .map(|(at, _)| *at)
            .filter(|at| at.1 > step)
            .collect();
        for at in gone {
            self.remove(at);
        }
    }

    /// Forgets a line.
    pub fn forget(&mut self, line: u32) {
        let gone: Vec<_> = self.kept.range((line, 0)..=(line, u64::MAX)).map(|(at, _)| *at).collect();
        for at in gone {
            self.remove(at);
        }
    }
}

/// What a state takes.
pub fn bytes(state: &State) -> usize {
    let of = |p: &Parameter| 4 * (p.value.data.len() + p.first.data.len() + p.second.data.len());
    let network = state.network.as_ref().map_or(0, |network| {
        let layer = |layer: &crate::models::Layer| of(&layer.matrix) + layer.bias.as_ref().map_or(0, of);
        of(&network.inputs) + network.layers.iter().map(layer).sum::<usize>()
    });
    // The allocator and the containers take their part; it matters where there are many small states.
    512 + of(&state.features) + of(&state.weights) + state.bias.as_ref().map_or(0, of) + network
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Matrix;

    fn at(step: u64) -> Arc<State> {
        // 3·4·10 bytes of features.
        Arc::new(State { step, features: Parameter::new(Matrix::zeros(5, 2)), ..State::default() })
    }

    #[test]
    fn memory_stays_within_the_budget_and_old_states_are_thinned() {
        let one = 512 + 120;
        let mut kept = Keyframes::new(40 * one);
        for step in 0..5000 {
            kept.keep(0, &at(step), step);
            assert!(kept.memory().0 <= 40 * one);
        }
        let steps: Vec<u64> = kept.steps(0, u64::MAX).collect();
        assert_eq!((steps[0], steps.len()), (0, 40));
        assert_eq!(steps[39], 4999);
        let recent = steps.iter().filter(|s| **s >= 4900).count();
        let old = steps.iter().filter(|s| **s < 2500).count();
        assert!(recent > 2 * old && old > 1, "{steps:?}");
        // No stretch between two kept states is longer than a third of the way back to it.
        assert!(
            steps.windows(2).all(|p| (p[1] - p[0]) as f64 <= 5.0 + (4999 - p[0]) as f64 / 2.0),
            "{steps:?}"
        );
        assert_eq!(kept.before(0, 4999).unwrap().step, 4999);
        assert!(kept.before(1, 4999).is_none());
        kept.forget(0);
        assert_eq!(kept.memory().0, 0);
    }
}
