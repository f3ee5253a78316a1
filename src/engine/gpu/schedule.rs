//! What the host tells the device about each step: rates, rows of the batch, relations.
//!
//! The layout of a block, in words: the rows of the batch, the places of its anchors sorted by
//! class, where each class starts among them (C + 1), the positives of each anchor by class and by
//! instance (bits of f32).

use bytemuck::{Pod, Zeroable};

use crate::engine::relations::Relations;
use crate::engine::{MarginsAt, Problem};
use crate::models::Kind;
use crate::objectives::{Batch, Family};
use crate::optimizer::{ADAM, Method};

/// The number of Adam in the shaders.
pub(super) const METHOD_ADAM: u32 = 1;
/// Margins are drawn for the step.
pub(super) const DRAW_STEP: u32 = 1;
/// Margins are those given with the data.
pub(super) const DRAW_GIVEN: u32 = 2;

/// `Step` of the prelude.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub(super) struct StepWords {
    pub(super) rows: u32,
    step: u32,
    block: u32,
    draw: u32,
    rate: f32,
    unbias_first: f32,
    unbias_second: f32,
    momentum: f32,
    decay: [f32; 4],
    pairs: [[f32; 4]; 3],
}

/// The words of a block and the totals of its relations.
pub(super) struct Block {
    pub(super) rows: u32,
    pub(super) words: Vec<u32>,
    pairs: [[f32; 4]; 3],
}

/// How many words a block of `rows` rows takes.
pub(super) fn block_words(rows: usize, classes: usize) -> usize {
    4 * rows + classes + 1
}

impl Block {
    /// The block of a batch of these rows.
    pub(super) fn new(problem: &Problem, rows: &[u32]) -> Self {
        let classes = problem.classes;
        let pick = |of: &[u32]| -> Vec<u32> { rows.iter().map(|&r| of[r as usize]).collect() };
        let (labels, instances) = (pick(&problem.labels), pick(&problem.instances));
        let mut words = rows.to_vec();
        let mut starts = vec![0u32; classes + 1];
        for &label in &labels {
            starts[label as usize + 1] += 1;
        }
        for c in 0..classes {
            starts[c + 1] += starts[c];
        }
        let mut members = vec![0u32; rows.len()];
        let mut next = starts.clone();
        for (i, &label) in labels.iter().enumerate() {
            members[next[label as usize] as usize] = i as u32;
            next[label as usize] += 1;
        }
        words.extend(members);
        words.extend(starts);
        let by_class = Relations::new(Family::Pair, &labels, classes);
        let by_instance = Relations::new(Family::Pair, &instances, classes);
        for relations in [&by_class, &by_instance] {
            words.extend(relations.positives.iter().map(|p| p.to_bits()));
        }
        let to_class = Relations::new(Family::Class, &labels, classes);
        let pairs = [&to_class, &by_class, &by_instance].map(|r| totals(&r.batch));
        Self { rows: rows.len() as u32, words, pairs }
    }

    /// What the step that uses this block, standing at word `offset`, is told.
    pub(super) fn step(&self, problem: &Problem, at: At, offset: usize) -> StepWords {
        let share = problem.labels.len() as f64 / f64::from(self.rows.max(1));
        let decay = problem.decay;
        let power = i32::try_from(at.step + 1).unwrap_or(i32::MAX);
        let unbias = |beta: f64| (1.0 / (1.0 - beta.powi(power))) as f32;
        let decays = if !at.decays {
            [0.0; 4]
        } else if at.network == Some(Kind::Mlp) {
            // The features above an mlp do not decay: λ_H is that of its matrices, whatever the batch.
            [0.0, decay.weights as f32, decay.bias as f32, decay.features as f32]
        } else {
            [(decay.features * share) as f32, decay.weights as f32, decay.bias as f32, 0.0]
        };
        let (step, draw) = match at.margins {
            _ if problem.margins.is_some() => (at.step, DRAW_GIVEN),
            MarginsAt::Mean => (at.step, 0),
            MarginsAt::Step(step) => (step, DRAW_STEP),
        };
        StepWords {
            rows: self.rows,
            step: step as u32,
            block: offset as u32,
            draw,
            rate: at.rate as f32,
            unbias_first: unbias(ADAM.0),
            unbias_second: unbias(ADAM.1),
            momentum: match problem.method {
                Method::Sgd { momentum } => momentum as f32,
                Method::Adam => 0.0,
            },
            decay: decays,
            pairs: self.pairs,
        }
    }
}

/// When and how a block is used.
#[derive(Clone, Copy, Debug)]
pub(super) struct At {
    pub(super) step: u64,
    pub(super) rate: f64,
    pub(super) margins: MarginsAt,
    /// Whether decay counts.
    pub(super) decays: bool,
    /// What kind of network makes the features, where one does.
    pub(super) network: Option<Kind>,
}

fn totals(batch: &Batch) -> [f32; 4] {
    [batch.candidates, batch.positive_pairs, batch.negative_pairs, batch.active].map(|x| x as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizer::{Decay, Moves};

    #[test]
    fn members_stand_sorted_by_class() {
        let problem = Problem {
            terms: Vec::new(),
            labels: vec![2, 0, 2, 1],
            instances: vec![0, 1, 0, 3],
            classes: 4,
            margins: None,
            seed: 0,
            batch: None,
            method: Method::Adam,
            decay: Decay::default(),
            moves: Moves::default(),
            sphere: false,
        };
        let block = Block::new(&problem, &[0, 1, 2]);
        let one = 1f32.to_bits();
        // Rows; anchor 1 is of class 0, anchors 0 and 2 of class 2; starts of four classes.
        assert_eq!(block.words, [0, 1, 2, 1, 0, 2, 0, 1, 1, 3, 3, one, 0, one, one, 0, one]);
        assert_eq!(block.words.len(), block_words(3, 4));
        assert_eq!(block.pairs[0], [4.0, 3.0, 9.0, 3.0]);
        assert_eq!(block.pairs[1], [3.0, 2.0, 4.0, 2.0]);
    }
}
