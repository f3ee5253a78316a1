//! The statistics of a row of scores, and what they are finished to.

use crate::lanes::LOWEST;

/// Statistics of one anchor, or of a whole batch: two maxima and four sums.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stats {
    /// The largest exponent of each exponential ([`LOWEST`] when there was none).
    pub max: [f32; 2],
    /// The sums; one that is scaled by an exponential is in units of e^max.
    pub sum: [f64; 4],
}

impl Default for Stats {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl Stats {
    /// The statistics of no pair at all.
    pub const EMPTY: Self = Self { max: [LOWEST; 2], sum: [0.0; 4] };

    /// Raises the maxima to at least `max` and rescales the sums that depend on them.
    pub fn raise(&mut self, max: [f32; 2], scaled_by: [Option<usize>; 4]) {
        for (sum, scale) in self.sum.iter_mut().zip(scaled_by) {
            if let Some(e) = scale
                && max[e] > self.max[e]
                && *sum != 0.0
            {
                *sum *= f64::from(self.max[e] - max[e]).exp();
            }
        }
        for (mine, new) in self.max.iter_mut().zip(max) {
            *mine = mine.max(new);
        }
    }

    /// The statistics of two sets of pairs together.
    pub fn merge(mut self, mut other: Self, scaled_by: [Option<usize>; 4]) -> Self {
        self.raise(other.max, scaled_by);
        other.raise(self.max, scaled_by);
        for (mine, theirs) in self.sum.iter_mut().zip(other.sum) {
            *mine += theirs;
        }
        self
    }
}

/// The target pair of an anchor, before the margin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// The score of the anchor against its own class weight.
    pub score: f32,
    /// |v − c·u|: the sine of the angle between them, as a length (0 for raw scores).
    pub sine: f32,
    /// The anchor's random margin, where the objective draws one.
    pub margin: f32,
    /// The target's constant ([`super::Objective::constant`]).
    pub constant: f32,
}

/// What the target pairs of a stretch of anchors are, before the margin, besides their scores.
#[derive(Clone, Copy, Debug)]
pub struct Stretch<'a> {
    /// The anchors' labels.
    pub labels: &'a [u32],
    /// [`Target::sine`] of each.
    pub sines: &'a [f32],
    /// Their random margins, where the objective draws them.
    pub margins: Option<&'a [f32]>,
    /// The candidates' constants.
    pub constants: &'a [f32],
}

/// The target logit and how it moves.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TargetLogit {
    /// The logit that enters the loss.
    pub logit: f32,
    /// Its derivative with respect to the score.
    pub slope: f32,
    /// Its derivative along the arc toward the target, −∂logit/∂θ, where the slope would be
    /// infinite at θ = 0: the engine applies it along the unit tangent. Then `slope` is 0.
    pub arc: f32,
}

/// What is known of an anchor besides its statistics.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Anchor {
    /// The score of the target pair (class family).
    pub score: f32,
    /// The target logit (class family).
    pub target: TargetLogit,
    /// How many candidates are positives.
    pub positives: f32,
    /// How many candidates are negatives.
    pub negatives: f32,
}

/// What is known of the batch before and after its statistics are merged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// N, the number of anchors.
    pub anchors: f64,
    /// M, the number of candidates.
    pub candidates: f64,
    /// Ordered positive pairs.
    pub positive_pairs: f64,
    /// Ordered negative pairs.
    pub negative_pairs: f64,
    /// Anchors with at least one positive.
    pub active: f64,
    /// The result of [`super::Objective::finish_batch`].
    pub value: [f64; 4],
    /// The result of [`super::Objective::tabulate`].
    pub tabulated: super::Tabulated,
}

/// Finished statistics of one anchor.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Row {
    /// The maxima its exponentials are relative to.
    pub max: [f32; 2],
    /// What the coupling needs; the meaning is the objective's own.
    pub value: [f32; 4],
    /// ∂L/∂logit · [`TargetLogit::arc`]: the pull along the arc toward the target.
    pub arc: f32,
    /// This anchor's part of the loss.
    pub loss: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_is_the_same_in_any_order() {
        let scaled = [Some(0), Some(1), None, Some(0)];
        let a = Stats { max: [3.0, LOWEST], sum: [1.5, 0.0, 2.0, -1.0] };
        let b = Stats { max: [50.0, -2.0], sum: [1.0, 4.0, 1.0, 2.0] };
        let c = Stats { max: [49.0, 7.0], sum: [2.0, 1.0, 0.5, 2.0] };
        let left = a.merge(b, scaled).merge(c, scaled);
        let right = a.merge(b.merge(c, scaled), scaled);
        assert_eq!(left.max, right.max);
        for (l, r) in left.sum.iter().zip(right.sum) {
            assert!((l - r).abs() <= 1e-12 * r.abs(), "{l} {r}");
        }
        // By hand: 2·e^(49−50) + 1 for the first sum, up to the vanishing 1.5·e^−47.
        assert!((left.sum[0] - (1.0 + 2.0 * (-1f64).exp())).abs() < 1e-12);
    }

    #[test]
    fn no_pair_changes_nothing() {
        let a = Stats { max: [3.0, -1.0], sum: [1.5, 2.0, 3.0, 4.0] };
        assert_eq!(a.merge(Stats::EMPTY, [Some(0), Some(1), None, None]), a);
        assert_eq!(Stats::EMPTY.merge(a, [Some(0), Some(1), None, None]), a);
    }
}
