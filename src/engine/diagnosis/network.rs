//! Which layer of a network gives what is no number.

use super::{Diagnosis, MOST_STEPS, Search, What, Whom};
use crate::engine::Evaluation;
use crate::models::Network;

/// A unit that gives more than the precision holds.
struct Odd {
    layer: usize,
    unit: usize,
    value: f64,
}

impl Search<'_> {
    /// Runs a row through a network in f64, until a unit gives more than the precision holds.
    fn odd_unit(&self, network: &Network, row: usize) -> Option<Odd> {
        let mut x: Vec<f64> = network.inputs.value.row(row).iter().map(|&x| f64::from(x)).collect();
        for (l, layer) in network.layers.iter().enumerate() {
            let bias = layer.bias.as_ref();
            let give = |unit: usize| {
                let weights = layer.matrix.value.row(unit);
                let sum: f64 = weights.iter().zip(&x).map(|(&w, x)| f64::from(w) * x).sum();
                sum + bias.map_or(0.0, |bias| f64::from(bias.value.data[unit]))
            };
            let mut y: Vec<f64> = (0..layer.matrix.value.rows).map(give).collect();
            if let Some(unit) = y.iter().position(|y| !self.precision.holds(*y)) {
                return Some(Odd { layer: l, unit, value: y[unit] });
            }
            if layer.rectified {
                for y in &mut y {
                    *y = y.max(0.0);
                }
            }
            x = y;
        }
        None
    }

    /// The first row of the batch, as far as a search may go, for which a network gives no number, and the unit.
    fn odd_row(&self, network: &Network) -> Option<(u32, Odd)> {
        let work: usize = network.layers.iter().map(|layer| layer.matrix.value.data.len()).sum();
        let affordable = (MOST_STEPS / work.max(1) as u64).max(1) as usize;
        let rows = (0..self.count.min(affordable)).map(|place| self.row(place));
        rows.into_iter().find_map(|row| self.odd_unit(network, row as usize).map(|odd| (row, odd)))
    }

    /// What the network gives before the step.
    pub(super) fn outputs(&self) -> Option<Diagnosis> {
        let (row, Odd { layer, unit, value }) = self.odd_row(self.state.network.as_ref()?)?;
        let (layer, unit) = (layer as u32, unit as u32);
        let what = What::Output { layer, unit, value };
        Some(self.blank(what, Some(Whom::Point(row)), Some(Whom::Unit { layer, unit })))
    }

    /// What the network would give after it.
    pub(super) fn outputs_after(&self, network: &Network) -> Option<Diagnosis> {
        let (row, Odd { layer, unit, value }) = self.odd_row(network)?;
        let (layer, unit) = (layer as u32, unit as u32);
        let what = What::OutputAfter { layer, unit, value };
        Some(self.blank(what, Some(Whom::Point(row)), Some(Whom::Unit { layer, unit })))
    }

    /// A gradient of a layer that is not finite though those of its outputs are: the last such layer, where the way back
    /// meets it first.
    pub(super) fn broken_layer(&self, evaluation: &Evaluation) -> Option<Diagnosis> {
        let gradient = evaluation.gradient.network.as_ref()?;
        let holds = |x: &f64| self.precision.holds(*x);
        for (layer, (matrix, bias)) in gradient.layers.iter().enumerate().rev() {
            let width = (matrix.len() / self.state.network.as_ref()?.layers[layer].matrix.value.rows).max(1);
            let of_matrix = matrix.iter().position(|g| !holds(g)).map(|at| at / width);
            let unit = of_matrix.or_else(|| bias.iter().flatten().position(|g| !holds(g)));
            if let Some(unit) = unit {
                let whom = Whom::Unit { layer: layer as u32, unit: unit as u32 };
                return Some(self.blank(What::Gradient, Some(whom), None));
            }
        }
        let inputs = gradient.inputs.as_ref()?;
        let width = self.state.network.as_ref()?.inputs.value.cols.max(1);
        let place = inputs.iter().position(|g| !holds(g))? / width;
        Some(self.blank(What::Gradient, Some(Whom::Input(self.row(place))), None))
    }
}
