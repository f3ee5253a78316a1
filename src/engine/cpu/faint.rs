//! Tiles of couplings that are too faint to matter, left out of the products: off unless asked for.
//!
//! Late in training most probabilities are far below the precision of what their pulls are added to (Cut
//! Your Losses in Large-Vocabulary Language Models, section 4.3). A tile of a block of anchors and
//! [`WIDTH`] candidates whose couplings all lie below a threshold t adds nothing then: the gradient of an
//! anchor is off by at most t·M·max‖y‖, that of a candidate by t·N·max‖x‖.

use super::rows::reach;

/// Candidates of a tile: the columns that the widest product takes at a time.
pub(super) const WIDTH: usize = 64;

/// How many tiles there were, and how many were left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tiles whose couplings were all below the threshold.
    pub skipped: u64,
    /// All tiles.
    pub all: u64,
}

impl Tally {
    /// Both together.
    pub(super) fn with(self, other: Self) -> Self {
        Self { skipped: self.skipped + other.skipped, all: self.all + other.all }
    }
}

/// Hands every stretch of candidates to `work` in which each tile has a coupling of at least `least`.
/// `couplings` are rows `stride` apart, of `candidates` each.
pub(super) fn stretches(
    couplings: &[f32],
    stride: usize,
    candidates: usize,
    least: f32,
    mut work: impl FnMut(usize, usize),
) -> Tally {
    let mut tally = Tally::default();
    let mut begun = 0;
    for start in (0..candidates).step_by(WIDTH) {
        let end = (start + WIDTH).min(candidates);
        let felt = couplings.chunks(stride).any(|row| reach(&row[start..end]) >= least);
        tally.all += 1;
        if !felt {
            tally.skipped += 1;
            if begun < start {
                work(begun, start - begun);
            }
            begun = end;
        }
    }
    if begun < candidates {
        work(begun, candidates - begun);
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Workload;
    use crate::engine::cpu::CpuEngine;
    use crate::engine::{Engine, MarginsAt};

    #[test]
    fn stretches_leave_out_faint_tiles_and_nothing_else() {
        // Two rows of 200: something in the tiles 0 and 3 (of 8 numbers), nothing in 1 and 2.
        let mut couplings = vec![1e-9; 2 * 208];
        (couplings[208 + 5], couplings[195]) = (-0.5, 1e-3);
        let mut found = Vec::new();
        let tally = stretches(&couplings, 208, 200, 1e-6, |start, len| found.push((start, len)));
        assert_eq!((found, tally), (vec![(0, 64), (192, 8)], Tally { skipped: 2, all: 4 }));
        let mut found = Vec::new();
        stretches(&couplings, 208, 200, 1.0, |start, len| found.push((start, len)));
        assert_eq!(found, vec![]);
        let tally = stretches(&couplings, 208, 200, 0.0, |start, len| found.push((start, len)));
        assert_eq!((found, tally.skipped), (vec![(0, 200)], 0));
    }

    #[test]
    fn what_is_left_out_is_within_the_bound() {
        let threshold = 1e-6;
        let workload = Workload { objective: "softmax", rows: 200, classes: 300, dim: 24 };
        let (problem, mut state) = workload.start();
        // Every row near its own class weight, ordered by class: far tiles are faint.
        for i in 0..200 {
            let weight: Vec<f32> = state.weights.value.row(i % 300).to_vec();
            for (x, w) in state.features.value.row_mut(i).iter_mut().zip(weight) {
                *x = 0.1 * *x + w;
            }
        }
        let mut engine = CpuEngine::new(problem, state.clone(), Some(1));
        let exact = engine.evaluate(MarginsAt::Step(0)).unwrap();
        engine.skip_below(threshold);
        let skipping = engine.evaluate(MarginsAt::Step(0)).unwrap();
        let tally = engine.skipped();
        assert!(tally.skipped > 0 && tally.skipped < tally.all, "{tally:?}");
        assert_eq!(exact.terms, skipping.terms, "losses need no products");
        let longest = |norms: Vec<f64>| norms.into_iter().fold(0.0, f64::max);
        let of_anchor = f64::from(threshold) * 300.0 * longest(state.weights.value.norms());
        let of_candidate = f64::from(threshold) * 200.0 * longest(state.features.value.norms());
        let off = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        let features = off(&exact.gradient.features, &skipping.gradient.features);
        assert!(features > 0.0 && features <= of_anchor, "{features} {of_anchor}");
        let weights =
            off(exact.gradient.weights.as_deref().unwrap(), skipping.gradient.weights.as_deref().unwrap());
        assert!(weights <= of_candidate, "{weights} {of_candidate}");
    }
}
