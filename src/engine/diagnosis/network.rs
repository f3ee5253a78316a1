//! Which layer of a network gives what is no number.

use super::{Diagnosis, MOST_STEPS, Search, What, Whom, Witness};
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
    pub(super) fn broken_layer(
        &self,
        witness: &mut dyn Witness,
        evaluation: &Evaluation,
    ) -> Option<Diagnosis> {
        let gradient = evaluation.gradient.network.as_ref()?;
        let holds = |x: &f64| self.precision.holds(*x);
        for (layer, (matrix, bias)) in gradient.layers.iter().enumerate().rev() {
            let width = (matrix.len() / self.state.network.as_ref()?.layers[layer].matrix.value.rows).max(1);
            let of_matrix = matrix.iter().position(|g| !holds(g)).map(|at| at / width);
            let of_bias = || bias.iter().flatten().position(|g| !holds(g));
            if let Some(unit) = of_matrix.or_else(of_bias) {
                return Some(self.pulling_unit(
                    evaluation,
                    (layer, unit),
                    of_matrix.is_none(),
                    What::Gradient,
                ));
            }
        }
        let inputs = gradient.inputs.as_ref()?;
        let width = self.state.network.as_ref()?.inputs.value.cols.max(1);
        let place = inputs.iter().position(|g| !holds(g))? / width;
        Some(self.pulled_input(witness, place, What::Gradient))
    }

    /// What goes into a network for a row of the batch, and who adds most to the gradient of what comes out for it.
    pub(super) fn pulled_input(&self, witness: &mut dyn Witness, place: usize, what: What) -> Diagnosis {
        let near = self.pulled(witness, place, what);
        let whom = Whom::Input(self.row(place));
        Diagnosis { term: near.term, ..self.blank(what, Some(whom), near.with) }
    }

    /// A unit of a layer (of its bias), and which row of the batch adds most to its gradient: ∂L/∂output of the row,
    /// taken back to the unit, times what the row puts into the layer.
    pub(super) fn pulling_unit(
        &self,
        evaluation: &Evaluation,
        (layer, unit): (usize, usize),
        of_bias: bool,
        what: What,
    ) -> Diagnosis {
        let whom = Some(Whom::Unit { layer: layer as u32, unit: unit as u32 });
        let Some(network) = &self.state.network else { return self.blank(what, whom, None) };
        let work: usize = network.layers.iter().map(|layer| layer.matrix.value.data.len()).sum();
        let affordable = (MOST_STEPS / (2 * work).max(1) as u64).max(1) as usize;
        let d = self.state.features.value.cols.max(1);
        let slopes = evaluation.gradient.features.chunks(d).take(affordable).enumerate();
        let pulls = slopes.map(|(place, slope)| {
            let pull = pull_on(network, self.row(place) as usize, slope, (layer, unit), of_bias);
            (place, if pull.is_nan() { f64::INFINITY } else { pull })
        });
        let most = pulls.max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, pull)| *pull > 0.0);
        self.blank(what, whom, most.map(|(place, _)| Whom::Point(self.row(place))))
    }
}

/// How much a row adds to the gradient of a unit of a layer (of its bias), from the gradient of what the network gives
/// for the row: its length, in f64.
fn pull_on(
    network: &Network,
    row: usize,
    slope: &[f64],
    (layer, unit): (usize, usize),
    of_bias: bool,
) -> f64 {
    let mut inputs: Vec<Vec<f64>> =
        vec![network.inputs.value.row(row).iter().map(|&x| f64::from(x)).collect()];
    for layer in &network.layers {
        let x = &inputs[inputs.len() - 1];
        let give = |unit: usize| {
            let sum: f64 = layer.matrix.value.row(unit).iter().zip(x).map(|(&w, x)| f64::from(w) * x).sum();
            let y = sum + layer.bias.as_ref().map_or(0.0, |bias| f64::from(bias.value.data[unit]));
            if layer.rectified { y.max(0.0) } else { y }
        };
        inputs.push((0..layer.matrix.value.rows).map(give).collect());
    }
    let mut slope = slope.to_vec();
    for (l, of_layer) in network.layers.iter().enumerate().skip(layer).rev() {
        if of_layer.rectified {
            for (slope, y) in slope.iter_mut().zip(&inputs[l + 1]) {
                *slope = if *y > 0.0 { *slope } else { 0.0 };
            }
        }
        if l == layer {
            break;
        }
        let mut below = vec![0.0; of_layer.matrix.value.cols];
        for (row, slope) in of_layer.matrix.value.rows_iter().zip(&slope) {
            below.iter_mut().zip(row).for_each(|(to, &w)| *to += f64::from(w) * slope);
        }
        slope = below;
    }
    let reach = if of_bias { 1.0 } else { inputs[layer].iter().map(|x| x * x).sum::<f64>().sqrt() };
    slope.get(unit).map_or(0.0, |slope| slope.abs()) * reach
}
