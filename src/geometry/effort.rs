//! How much work one number may take, and which rows or classes stand for all of them where it would take more.
//!
//! The rule: as many as the effort allows, one drawn from each of that many equal stretches, by a fixed seed. The
//! draw depends on the sizes alone, so the same sample is looked at from step to step and from run to run.

use super::seeded::Seeded;

/// The seed of every sample.
const SEED: u64 = 0;

/// The most multiplications that one number may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Over pairs of rows (`uniformity`) or of classes (angles and cosines between class means, `seli_distance`).
    pub pairs: u64,
    /// Over rows, each against every class (accuracies, `nc4`).
    pub rows: u64,
}

impl Effort {
    /// For numbers that are asked for once, a few seconds in all: the pairs among 16,384 rows or classes in 64
    /// dimensions, and 32,768 rows against 32,768 classes.
    pub const THOROUGH: Self = Self { pairs: 1 << 33, rows: 1 << 36 };
    /// For numbers that follow a run, some hundredths of a second each: the pairs among 4,096 classes in 64
    /// dimensions, and 4,096 rows against as many.
    pub const BRISK: Self = Self { pairs: 1 << 29, rows: 1 << 30 };

    /// How many of `count` things may be compared with each other, at `cost` multiplications a pair.
    pub(super) fn for_pairs(self, count: usize, cost: usize) -> usize {
        let pairs = self.pairs / (cost as u64).max(1);
        // k(k − 1)/2 pairs of k things.
        let most = f64::midpoint(1.0, (1.0 + 8.0 * pairs as f64).sqrt()) as usize;
        count.min(most.max(2))
    }

    /// How many of `count` rows may be looked at, at `cost` multiplications each.
    pub(super) fn for_rows(self, count: usize, cost: u64) -> usize {
        count.min(((self.rows / cost.max(1)) as usize).max(1))
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
        assert!(
            drawn.iter().enumerate().all(|(k, &row)| (k * 1000 / 70..(k + 1) * 1000 / 70).contains(&row))
        );
        assert_eq!(draw(1000, 70), Some(drawn), "by a fixed seed");
    }

    #[test]
    fn the_work_stays_within_the_effort() {
        let little = Effort { pairs: 45 * 8, rows: 100 };
        assert_eq!(little.for_pairs(1000, 8), 10, "ten things make 45 pairs");
        assert_eq!(little.for_pairs(7, 8), 7);
        assert_eq!(little.for_pairs(7, 1000), 2);
        assert_eq!(little.for_rows(1000, 9), 11);
        assert_eq!(Effort::THOROUGH.for_pairs(100_000, 64), 16_384);
        assert_eq!(Effort::THOROUGH.for_rows(32_768, 32_768 * 64), 32_768);
        assert_eq!(Effort::BRISK.for_pairs(8192, 64), 4096);
        assert_eq!(Effort::BRISK.for_rows(4096, 4096 * 64), 4096);
    }
}
