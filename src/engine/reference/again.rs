//! A step that could not be made, computed again for whoever asks why.

use super::ReferenceEngine;
use crate::engine::diagnosis::{Seen, Witness};
use crate::engine::{Evaluation, Gradient, MarginsAt};
use crate::objectives::Family;

impl Witness for ReferenceEngine {
    fn evaluate_on(&mut self, rows: Option<&[u32]>, margins: MarginsAt) -> Evaluation {
        let slope = self.slope(rows.unwrap_or(&self.all_rows()), margins);
        let gradient = Gradient {
            features: slope.features.into_iter().flatten().collect(),
            weights: self.problem.uses_weights().then(|| slope.weights.into_iter().flatten().collect()),
            bias: self.has_bias().then_some(slope.bias),
            network: slope.network.zip(self.network.as_ref()).map(|(slope, net)| net.gradient(slope)),
        };
        Evaluation { terms: slope.terms, gradient }
    }

    fn look(
        &mut self,
        rows: Option<&[u32]>,
        margins: MarginsAt,
        anchors: &[usize],
        visit: &mut (dyn FnMut(usize, usize, &Seen) -> bool + Send),
    ) {
        let rows = rows.map_or_else(|| self.all_rows(), <[u32]>::to_vec);
        let slope = self.slope(&rows, margins);
        for (k, (term, couplings)) in self.problem.terms.iter().zip(&slope.couplings).enumerate() {
            let pair = term.objective.family() == Family::Pair;
            let candidates = if pair { rows.len() } else { self.weights.rows };
            for &i in anchors {
                // A pair moves its anchor as both ends see it.
                let coupling = |j: usize| {
                    let other = if pair { couplings[j * candidates + i] } else { 0.0 };
                    term.weight * (couplings[i * candidates + j] + other)
                };
                let seen = Seen {
                    couplings: (0..candidates).map(coupling).collect(),
                    exponents: Vec::new(),
                    loss: 0.0,
                };
                if !visit(k, i, &seen) {
                    return;
                }
            }
        }
    }
}
