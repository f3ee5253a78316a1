//! Who is whose positive in a batch: counts that depend on labels alone.

use std::collections::HashMap;

use crate::objectives::{Batch, Family};

/// Positives and negatives of each anchor, and their totals.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Relations {
    /// How many positives each anchor has.
    pub positives: Vec<f32>,
    /// How many negatives.
    pub negatives: Vec<f32>,
    /// The number of each anchor's group (pair family): 0, 1, … in order of first appearance.
    pub group: Vec<u32>,
    /// The size of each group.
    pub sizes: Vec<u32>,
    /// The totals, with nothing finished yet.
    pub batch: Batch,
}

impl Relations {
    /// The relations of `groups` among each other (pair family), or to `classes` weights.
    pub fn new(family: Family, groups: &[u32], classes: usize) -> Self {
        let n = groups.len();
        let (mut group, mut sizes) = (Vec::new(), Vec::new());
        let (positives, candidates): (Vec<f32>, usize) = match family {
            Family::Class => (vec![1.0; n], classes),
            Family::Pair => {
                let mut place: HashMap<u32, u32> = HashMap::new();
                group.extend(groups.iter().map(|&g| {
                    let at = *place.entry(g).or_insert_with(|| {
                        sizes.push(0);
                        sizes.len() as u32 - 1
                    });
                    sizes[at as usize] += 1;
                    at
                }));
                (group.iter().map(|&g| (sizes[g as usize] - 1) as f32).collect(), n)
            }
        };
        let others = match family {
            Family::Class => candidates,
            Family::Pair => n.saturating_sub(1),
        } as f32;
        let negatives: Vec<f32> = positives.iter().map(|p| others - p).collect();
        let total = |counts: &[f32]| counts.iter().map(|&x| f64::from(x)).sum();
        let batch = Batch {
            anchors: n as f64,
            candidates: candidates as f64,
            positive_pairs: total(&positives),
            negative_pairs: total(&negatives),
            active: positives.iter().filter(|&&p| p > 0.0).count() as f64,
            ..Batch::default()
        };
        Self { positives, negatives, group, sizes, batch }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_three_and_one() {
        let relations = Relations::new(Family::Pair, &[4, 9, 4, 4], 0);
        assert_eq!(relations.positives, [2.0, 0.0, 2.0, 2.0]);
        assert_eq!(relations.negatives, [1.0, 3.0, 1.0, 1.0]);
        assert_eq!((relations.group, relations.sizes), (vec![0, 1, 0, 0], vec![3, 1]));
        assert_eq!(relations.batch.positive_pairs, 6.0);
        assert_eq!(relations.batch.negative_pairs, 6.0);
        assert_eq!(relations.batch.active, 3.0);
    }
}
