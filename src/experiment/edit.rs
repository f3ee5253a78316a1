//! What a person set while a run went on.

use super::Experiment;

/// A change of what can be changed without starting anew: objective, knobs, weights, rate, optimiser, decay.
///
/// A run is its experiment and its edits in ascending order of their steps: playing them again from the same
/// start gives the same states, bit by bit on the CPU engine.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// Steps made before it. Of several at one step the later one in the list holds.
    pub step: u64,
    /// The whole experiment from then on.
    pub experiment: Experiment,
}
