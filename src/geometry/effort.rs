//! How much work one number may take, and which rows or classes stand for all of them where it would take more.
//!
//! The rule: as many as the effort allows, one drawn from each of that many equal stretches, by a fixed seed. The
//! draw depends on the sizes alone, so the same sample is looked at from step to step and from run to run.

use super::seeded::Seeded;

/// The seed of every sample.
const SEED: u64 = 0;

/// The most multiplications that one number over pairs may take: over rows (`uniformity`), over classes (angles and
/// cosines between class means, `seli_distance`), or over rows and classes (accuracies, `nc4`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Effort(pub u64);

impl Effort {
    /// For numbers that are asked for once: 32,768 rows against 32,768 classes in 64 dimensions are all looked at.
    pub const THOROUGH: Self = Self(1 << 36);
    /// For numbers that follow a run: a few hundredths of a second each.
    pub const BRISK: Self = Self(1 << 31);

    /// How many of `count` things may be compared with each other, at `cost` multiplications a pair.
    pub(super) fn for_pairs(self, count: usize, cost: usize) -> usize {
        let pairs = self.0 / (cost as u64).max(1);
        // k(k − 1)/2 pairs of k things.
        let most = f64::midpoint(1.0, (1.0 + 8.0 * pairs as f64).sqrt()) as usize;
        count.min(most.max(2))
    }

    /// How many of `count` things may be looked at, at `cost` multiplications each.
    pub(super) fn for_each(self, count: usize, cost: u64) -> usize {
        count.min(((self.0 / cost.max(1)) as usize).max(1))
    }
}

/// `chosen` of the numbers 0..`count`, ascending; `None` where that is all of them.
pub(super) fn draw(count: usize, chosen: usize) -> Option<Vec<usize>> {
    if chosen >= count {
        return None;
    }
    let start = |k: usize| (k as u128 * count as u128 / chosen as u128) as usize;
    let pick = |k: usize| start(k) + Seeded(SEED).below(k as u64, (start(k + 1) - start(k)) as u64) as usize;
    Some((0..chosen).map(pick).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_each_stretch_and_all_where_there_is_room() {
        assert_eq!(draw(5, 5), None);
        let drawn = draw(1000, 70).unwrap();
        assert_eq!(drawn.len(), 70);
        assert!(drawn.iter().enumerate().all(|(k, &row)| (k * 1000 / 70..(k + 1) * 1000 / 70).contains(&row)));
        assert_eq!(draw(1000, 70), Some(drawn), "by a fixed seed");
    }

    #[test]
    fn the_work_stays_within_the_effort() {
        assert_eq!(Effort(45 * 8).for_pairs(1000, 8), 10, "ten things make 45 pairs");
        assert_eq!(Effort(45 * 8).for_pairs(7, 8), 7);
        assert_eq!(Effort(0).for_pairs(7, 8), 2);
        assert_eq!(Effort(100).for_each(1000, 9), 11);
        // The largest that is promised to be exact where numbers are asked for once.
        assert_eq!(Effort::THOROUGH.for_pairs(32_768, 64), 32_768);
        assert_eq!(Effort::THOROUGH.for_each(32_768, 32_768 * 64), 32_768);
    }
}
