//! The loss curve in bounded memory: evenly thinned, first and last step always there.

use crate::snapshot::Sample;

/// The most samples kept. More than a screen has columns, little enough to copy every frame.
pub const MOST_SAMPLES: usize = 2048;

/// Samples at every `stride`-th step.
#[derive(Clone, Debug)]
pub struct History {
    samples: Vec<Sample>,
    /// The newest sample, when it is not at a multiple of the stride.
    newest: Option<Sample>,
    stride: u64,
}

impl Default for History {
    fn default() -> Self {
        Self { samples: Vec::new(), newest: None, stride: 1 }
    }
}

impl History {
    /// Adds a sample; one at a step that is there already replaces it.
    pub fn push(&mut self, sample: Sample) {
        self.forget_after(sample.step);
        if self.samples.last().is_some_and(|last| last.step == sample.step) {
            self.samples.pop();
        }
        self.newest = None;
        if !sample.step.is_multiple_of(self.stride) {
            self.newest = Some(sample);
            return;
        }
        self.samples.push(sample);
        if self.samples.len() >= MOST_SAMPLES {
            self.stride *= 2;
            let stride = self.stride;
            self.samples.retain(|kept| kept.step.is_multiple_of(stride));
            if self.samples.last() != Some(&sample) {
                self.newest = Some(sample);
            }
        }
    }

    /// Drops what was measured after `step`.
    pub fn forget_after(&mut self, step: u64) {
        while self.samples.last().is_some_and(|last| last.step > step) {
            self.samples.pop();
        }
        self.newest = self.newest.filter(|newest| newest.step <= step);
    }

    /// The step of the newest sample.
    pub fn last_step(&self) -> Option<u64> {
        self.newest.or(self.samples.last().copied()).map(|sample| sample.step)
    }

    /// Where it begins.
    pub fn first(&self) -> Option<&Sample> {
        self.samples.first().or(self.newest.as_ref())
    }

    /// The curve so far.
    pub fn curve(&self) -> Vec<Sample> {
        self.samples.iter().copied().chain(self.newest).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(step: u64) -> Sample {
        Sample { step, loss: step as f64, floor: None }
    }

    #[test]
    fn memory_is_bounded_and_the_ends_stay() {
        let mut history = History::default();
        for step in 0..=100_003 {
            history.push(at(step));
        }
        let curve = history.curve();
        assert!(curve.len() <= MOST_SAMPLES && curve.len() > MOST_SAMPLES / 4, "{}", curve.len());
        assert_eq!((curve[0], curve[curve.len() - 1]), (at(0), at(100_003)));
        let gaps: Vec<u64> = curve.windows(2).map(|pair| pair[1].step - pair[0].step).collect();
        assert!(gaps[..gaps.len() - 1].iter().all(|&gap| gap == gaps[0]), "evenly thinned");
    }

    #[test]
    fn measuring_a_step_again_replaces_it() {
        let mut history = History::default();
        history.push(at(0));
        history.push(at(1));
        history.push(Sample { loss: 7.0, ..at(1) });
        assert_eq!(history.curve(), [at(0), Sample { loss: 7.0, ..at(1) }]);
    }
}
