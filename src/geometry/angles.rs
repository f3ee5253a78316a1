//! Histograms of the angles between rows: pairs of the same class, and pairs of different classes.
//!
//! All pairs are counted while there are few; beyond a budget a fixed sample of them is, and the result says so.

use super::seeded::Seeded;
use super::{Undefined, blocks};
use crate::features::Matrix;

/// Pairs of one kind in the bins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AngleCounts {
    /// Pairs in each bin; bin b of B covers 180·b/B to 180·(b+1)/B degrees, the last one 180 itself too.
    pub bins: Vec<u64>,
    /// Pairs counted.
    pub counted: u64,
    /// Pairs there are.
    pub pairs: u64,
    /// Mean angle of the pairs counted in degrees; `None` without a pair.
    pub mean_deg: Option<f64>,
}

impl AngleCounts {
    /// Whether only a sample of the pairs was counted.
    pub fn is_sample(&self) -> bool {
        self.counted < self.pairs
    }
}

/// Angles within and between classes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Angles {
    /// Pairs of rows of the same class.
    pub within: AngleCounts,
    /// Pairs of rows of different classes; all pairs where there are no labels.
    pub between: AngleCounts,
}

/// Counts angles into `bins` bins (at least 1). At most `budget` pairs of each kind are looked at: all of them
/// in order where they fit, else `budget` drawn with replacement by a fixed seed.
///
/// # Errors
/// No rows, numbers that are not finite, a row of length 0, or labels that do not fit.
pub fn histogram(
    points: &Matrix,
    labels: Option<&[u32]>,
    bins: usize,
    budget: u64,
) -> Result<Angles, Undefined> {
    if points.rows == 0 || points.cols == 0 {
        return Err(Undefined::because("there are no rows"));
    }
    if labels.is_some_and(|labels| labels.len() != points.rows) {
        return Err(Undefined::because("there is not one label for each row"));
    }
    if !points.is_finite() {
        return Err(Undefined::because("the rows hold a number that is not finite"));
    }
    let norms = points.norms();
    if let Some(row) = norms.iter().position(|&norm| norm == 0.0) {
        return Err(Undefined::at(format!("row {row} has length 0, so it has no direction")));
    }
    let unit = Unit { points, norms: &norms, bins: bins.max(1) };
    let groups = Groups::new(points.rows, labels);
    Ok(Angles {
        within: unit.count(groups.pairs_within(), budget, 1, |t| groups.within(t)),
        // Pairs between classes are numbered in both orders, so a full count sees each one twice.
        between: unit.count(groups.pairs_between(), budget, 2, |t| groups.between(t)),
    })
}

/// Pairs handled at a time; the sums of the pieces are added in their order.
const PIECE: u64 = 8192;

struct Unit<'a> {
    points: &'a Matrix,
    norms: &'a [f64],
    bins: usize,
}

impl Unit<'_> {
    /// Counts pair numbers 0..numbered (each pair `times` of them), or a sample of `budget`.
    fn count(
        &self,
        numbered: u64,
        budget: u64,
        times: u64,
        pair: impl Fn(u64) -> (usize, usize) + Sync + Send,
    ) -> AngleCounts {
        let pairs = numbered / times;
        let all = pairs <= budget;
        let looks = if all { numbered } else { budget };
        let pieces = blocks::in_order(looks.div_ceil(PIECE) as usize, |piece| {
            let mut bins = vec![0; self.bins];
            let mut sum = 0.0;
            let first = piece as u64 * PIECE;
            for look in first..(first + PIECE).min(looks) {
                let (i, j) = pair(if all { look } else { Seeded(0).below(look, numbered) });
                let angle = self.angle_deg(i, j);
                sum += angle;
                let bin = (angle / 180.0 * self.bins as f64) as usize;
                bins[bin.min(self.bins - 1)] += 1;
            }
            (bins, sum)
        });
        let mut counts = AngleCounts { bins: vec![0; self.bins], pairs, ..AngleCounts::default() };
        let mut sum = 0.0;
        for (bins, part) in pieces {
            sum += part;
            for (total, bin) in counts.bins.iter_mut().zip(bins) {
                *total += bin;
            }
        }
        counts.mean_deg = (looks > 0).then(|| sum / looks as f64);
        counts.counted = looks;
        if all && times > 1 {
            for bin in &mut counts.bins {
                *bin /= times;
            }
            counts.counted = pairs;
        }
        counts
    }

    fn angle_deg(&self, i: usize, j: usize) -> f64 {
        let (a, b) = (self.points.row(i), self.points.row(j));
        let product: f64 = a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
        // Good to 1e-6 degrees at the ends, far below any bin.
        (product / self.norms[i] / self.norms[j]).clamp(-1.0, 1.0).acos().to_degrees()
    }
}

/// Rows in the order of their classes, and numbers for the pairs within and between them.
struct Groups {
    /// Row numbers, class after class.
    rows: Vec<usize>,
    /// First place of each class, then N.
    starts: Vec<usize>,
    /// Pairs within the classes before each one, then all.
    within: Vec<u64>,
    /// Ordered pairs between classes whose first row is in a class before each one, then all.
    between: Vec<u64>,
}

impl Groups {
    fn new(count: usize, labels: Option<&[u32]>) -> Self {
        let mut rows: Vec<usize> = (0..count).collect();
        let mut starts = vec![0];
        if let Some(labels) = labels {
            rows.sort_by_key(|&row| labels[row]);
            starts.extend((1..count).filter(|&place| labels[rows[place]] != labels[rows[place - 1]]));
        } else {
            // Nobody shares a class: every pair is between.
            starts.extend(1..count);
        }
        starts.push(count);
        let (mut within, mut between) = (vec![0], vec![0]);
        for (class, bounds) in starts.windows(2).enumerate() {
            let size = (bounds[1] - bounds[0]) as u64;
            within.push(within[class] + size * (size - 1) / 2);
            between.push(between[class] + size * (count as u64 - size));
        }
        Self { rows, starts, within, between }
    }

    fn pairs_within(&self) -> u64 {
        self.within[self.within.len() - 1]
    }

    fn pairs_between(&self) -> u64 {
        self.between[self.between.len() - 1]
    }

    /// Pair number `t` within a class: (i, j), i > j, row after row of the triangle.
    fn within(&self, t: u64) -> (usize, usize) {
        let class = self.within.partition_point(|&before| before <= t) - 1;
        let rest = t - self.within[class];
        let mut i = f64::midpoint(1.0, (1.0 + 8.0 * rest as f64).sqrt()) as u64;
        // The square root may be off by one for large numbers.
        while i * (i - 1) / 2 > rest {
            i -= 1;
        }
        while i * (i + 1) / 2 <= rest {
            i += 1;
        }
        let start = self.starts[class];
        (self.rows[start + i as usize], self.rows[start + (rest - i * (i - 1) / 2) as usize])
    }

    /// Ordered pair number `t` between classes.
    fn between(&self, t: u64) -> (usize, usize) {
        let class = self.between.partition_point(|&before| before <= t) - 1;
        let (start, end) = (self.starts[class], self.starts[class + 1]);
        let others = (self.rows.len() - (end - start)) as u64;
        let rest = t - self.between[class];
        let other = (rest % others) as usize;
        let place = if other < start { other } else { other + (end - start) };
        (self.rows[start + (rest / others) as usize], self.rows[place])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn circle(degrees: &[f64]) -> Matrix {
        Matrix::from_fn(degrees.len(), 2, |i, j| {
            let (sin, cos) = degrees[i].to_radians().sin_cos();
            (if j == 0 { cos } else { sin }) as f32
        })
    }

    #[test]
    fn four_points_on_a_circle() {
        let points = circle(&[0.0, 91.0, 20.0, 121.0]);
        let angles = histogram(&points, Some(&[5, 9, 5, 9]), 18, 1000).unwrap();
        // Within: 20 and 30 degrees, safe from the edges of bins only as a pair's sum; between: 91, 121, 71, 101.
        assert_eq!((angles.within.counted, angles.within.pairs), (2, 2));
        assert_eq!((angles.between.counted, angles.between.pairs), (4, 4));
        assert!((angles.within.mean_deg.unwrap() - 25.0).abs() < 1e-4);
        assert!((angles.between.mean_deg.unwrap() - 96.0).abs() < 1e-4);
        for bin in [7, 9, 10, 12] {
            assert_eq!(angles.between.bins[bin], 1, "bin {bin}");
        }
    }

    #[test]
    fn every_pair_has_one_number() {
        let labels = [3, 1, 3, 3, 1, 7, 3, 1];
        let groups = Groups::new(8, Some(&labels));
        let within: BTreeSet<_> = (0..groups.pairs_within()).map(|t| groups.within(t)).collect();
        let between: BTreeSet<_> = (0..groups.pairs_between()).map(|t| groups.between(t)).collect();
        assert_eq!(
            (within.len() as u64, between.len() as u64),
            (groups.pairs_within(), groups.pairs_between())
        );
        assert_eq!(within.len() + between.len() / 2, 28);
        assert!(within.iter().all(|&(i, j)| i != j && labels[i] == labels[j]));
        assert!(between.iter().all(|&(i, j)| labels[i] != labels[j] && between.contains(&(j, i))));
    }

    #[test]
    fn a_sample_says_so_and_looks_like_the_whole() {
        let degrees: Vec<f64> = (0..400).map(|i| f64::from(i % 200) * 0.9).collect();
        let points = circle(&degrees);
        let labels: Vec<u32> = (0..400).map(|i| i / 100).collect();
        let all = histogram(&points, Some(&labels), 6, u64::MAX).unwrap();
        let some = histogram(&points, Some(&labels), 6, 10_000).unwrap();
        assert!(!all.between.is_sample() && some.between.is_sample() && some.within.is_sample());
        assert_eq!(some.between.counted, 10_000);
        assert_eq!(all.between.pairs, 60_000);
        assert_eq!(all.between.bins.iter().sum::<u64>(), 60_000);
        for (a, b) in all.between.bins.iter().zip(&some.between.bins) {
            assert!((*a as f64 / 60_000.0 - *b as f64 / 10_000.0).abs() < 0.02, "{a} {b}");
        }
        assert_eq!(some, histogram(&points, Some(&labels), 6, 10_000).unwrap());
    }

    #[test]
    fn opposite_rows_and_one_row() {
        let angles = histogram(&circle(&[0.0, 180.0]), None, 4, 10).unwrap();
        assert_eq!(angles.between.bins, [0, 0, 0, 1]);
        let alone = histogram(&circle(&[0.0]), None, 4, 10).unwrap();
        assert_eq!((alone.between.pairs, alone.between.mean_deg), (0, None));
        assert!(histogram(&Matrix::zeros(2, 2), None, 4, 10).is_err());
    }
}
