//! Which rows a step sees: whole instances, without replacement, reshuffled every epoch.

use super::Problem;
use crate::random::{self, Stream};

/// The batches of a problem, one epoch at a time.
#[derive(Clone, Debug, Default)]
pub struct Batches {
    /// The rows of each instance, instances in order of first appearance.
    instances: Vec<Vec<u32>>,
    size: Option<usize>,
    seed: u64,
    epoch: Option<u64>,
    order: Vec<u32>,
}

impl Batches {
    /// The batches of `problem`: one batch of all rows unless it asks for fewer.
    pub fn new(problem: &Problem) -> Self {
        let mut place = std::collections::HashMap::new();
        let mut instances: Vec<Vec<u32>> = Vec::new();
        for (row, instance) in problem.instances.iter().enumerate() {
            let at = *place.entry(instance).or_insert_with(|| {
                instances.push(Vec::new());
                instances.len() - 1
            });
            instances[at].push(row as u32);
        }
        let size = problem.batch.filter(|&b| b < instances.len());
        Self { instances, size, seed: problem.seed, epoch: None, order: Vec::new() }
    }

    /// Whether every step sees all rows.
    pub fn full(&self) -> bool {
        self.size.is_none()
    }

    /// The rows of `step`, in ascending order; `None` for all rows.
    pub fn rows(&mut self, step: u64) -> Option<Vec<u32>> {
        let size = self.size?;
        let per_epoch = self.instances.len().div_ceil(size) as u64;
        let epoch = step / per_epoch;
        if self.epoch != Some(epoch) {
            let key = |i: u32| random::words(self.seed, epoch, i, Stream::Shuffle as u32, 0);
            let mut order: Vec<u32> = (0..self.instances.len() as u32).collect();
            order.sort_by_cached_key(|&i| (key(i), i));
            self.order = order;
            self.epoch = Some(epoch);
        }
        let start = (step % per_epoch) as usize * size;
        let end = (start + size).min(self.order.len());
        let chosen = self.order[start..end].iter().flat_map(|&i| &self.instances[i as usize]);
        let mut rows: Vec<u32> = chosen.copied().collect();
        rows.sort_unstable();
        Some(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizer::{Decay, Method, Moves};

    fn problem(instances: Vec<u32>, batch: Option<usize>) -> Problem {
        Problem {
            terms: Vec::new(),
            labels: vec![0; instances.len()],
            instances,
            classes: 1,
            margins: None,
            seed: 5,
            batch,
            method: Method::Adam,
            decay: Decay::default(),
            moves: Moves::default(),
            sphere: false,
        }
    }

    #[test]
    fn an_epoch_meets_every_row_once_and_keeps_instances_together() {
        let problem = problem(vec![0, 0, 1, 1, 2, 2, 3, 3, 4, 4], Some(2));
        let mut batches = Batches::new(&problem);
        let mut seen: Vec<u32> = Vec::new();
        for step in 0..3 {
            let rows = batches.rows(step).unwrap();
            assert_eq!(rows.len(), if step == 2 { 2 } else { 4 }, "the short last batch is kept");
            for pair in rows.chunks(2) {
                assert_eq!(pair[0] / 2, pair[1] / 2);
            }
            seen.extend(rows);
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..10).collect::<Vec<_>>());
        let first: Vec<_> = (0..3).map(|s| batches.rows(s)).collect();
        let second: Vec<_> = (3..6).map(|s| batches.rows(s)).collect();
        assert_ne!(first, second, "a new epoch has a new order");
        assert_eq!(Batches::new(&problem).rows(4), second[1], "a step does not depend on the way there");
    }

    #[test]
    fn a_batch_of_everything_is_the_full_batch() {
        assert!(Batches::new(&problem(vec![0, 1, 2], Some(3))).full());
        assert!(Batches::new(&problem(vec![0, 1, 2], None)).full());
    }
}
