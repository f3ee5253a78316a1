//! Networks in f64, a row at a time on a tape: nothing of the fast passes, no derivative worked out by hand.

use super::{Table, add, dot};
use crate::engine::Problem;
use crate::models::{Kind, Layer, Network, NetworkGradient};
use crate::optimizer::Decay;
use crate::tape::{Tape, Var};

/// A network's parameters.
#[derive(Clone)]
pub(super) struct Net {
    kind: Kind,
    inputs: Table,
    layers: Vec<Sheet>,
}

/// One layer.
#[derive(Clone)]
struct Sheet {
    matrix: Table,
    bias: Option<Table>,
    rectified: bool,
}

/// The gradient with respect to a network: the inputs of the batch's rows, and each layer.
pub(super) struct NetSlope {
    inputs: Vec<Vec<f64>>,
    layers: Vec<(Vec<f64>, Vec<f64>)>,
}

/// What a layer was on a tape: matrix and bias as variables.
type Placed<'t> = (Vec<Var<'t>>, Vec<Var<'t>>);

impl NetSlope {
    pub(super) fn square(&self) -> f64 {
        let layers = self.layers.iter().map(|(matrix, bias)| dot(matrix, matrix) + dot(bias, bias));
        layers.sum::<f64>() + self.inputs.iter().map(|row| dot(row, row)).sum::<f64>()
    }
}

impl Net {
    pub(super) fn new(network: &Network) -> Self {
        let sheet = |layer: &Layer| Sheet {
            matrix: Table::new(&layer.matrix),
            bias: layer.bias.as_ref().map(Table::new),
            rectified: layer.rectified,
        };
        Self {
            kind: network.kind,
            inputs: Table::new(&network.inputs),
            layers: network.layers.iter().map(sheet).collect(),
        }
    }

    pub(super) fn network(&self) -> Network {
        let layer = |sheet: &Sheet| Layer {
            matrix: sheet.matrix.parameter(),
            bias: sheet.bias.as_ref().map(Table::parameter),
            rectified: sheet.rectified,
        };
        Network {
            kind: self.kind,
            inputs: self.inputs.parameter(),
            layers: self.layers.iter().map(layer).collect(),
        }
    }

    /// Puts a row and all layers on a tape: the row, the layers, and what comes out.
    fn run<'t>(&self, tape: &'t Tape, row: usize) -> (Vec<Var<'t>>, Vec<Placed<'t>>, Vec<Var<'t>>) {
        let on_tape = |data: &[f64]| data.iter().map(|&x| tape.variable(x)).collect::<Vec<_>>();
        let input = on_tape(self.inputs.row(row));
        let mut x = input.clone();
        let mut placed = Vec::new();
        for layer in &self.layers {
            let matrix = on_tape(&layer.matrix.value);
            let bias = layer.bias.as_ref().map_or_else(Vec::new, |bias| on_tape(&bias.value));
            let unit = |k: usize| {
                let weights = &matrix[k * x.len()..(k + 1) * x.len()];
                let sum = Var::total(tape, weights.iter().zip(&x).map(|(&w, &x)| w * x));
                let y = bias.get(k).map_or(sum, |&b| sum + b);
                if layer.rectified { y.rectified() } else { y }
            };
            x = (0..layer.matrix.rows).map(unit).collect();
            placed.push((matrix, bias));
        }
        (input, placed, x)
    }

    /// What the network gives for an input.
    pub(super) fn outputs(&self, row: usize) -> Vec<f64> {
        let tape = Tape::new();
        self.run(&tape, row).2.iter().map(|y| y.value).collect()
    }

    /// The gradient of a loss whose gradient with respect to the outputs of `rows` is `outputs`.
    pub(super) fn slope(&self, rows: &[u32], outputs: &[Vec<f64>]) -> NetSlope {
        let zeros = |layer: &Sheet| {
            (vec![0.0; layer.matrix.value.len()], vec![0.0; layer.bias.as_ref().map_or(0, |b| b.cols)])
        };
        let mut slope = NetSlope { inputs: Vec::new(), layers: self.layers.iter().map(zeros).collect() };
        for (&row, gradient) in rows.iter().zip(outputs) {
            let tape = Tape::new();
            let (input, placed, y) = self.run(&tape, row as usize);
            // Σ ∂L/∂y·y with the first factor held: its slopes are those of the loss.
            let along = Var::total(&tape, y.iter().zip(gradient).map(|(&y, &g)| y * tape.constant(g)));
            let slopes = tape.slopes(along);
            for ((matrix, bias), (to_matrix, to_bias)) in placed.iter().zip(&mut slope.layers) {
                for (to, &var) in to_matrix.iter_mut().zip(matrix) {
                    *to += slopes.of(var);
                }
                for (to, &var) in to_bias.iter_mut().zip(bias) {
                    *to += slopes.of(var);
                }
            }
            if self.kind == Kind::Linear {
                slope.inputs.push(input.iter().map(|&x| slopes.of(x)).collect());
            }
        }
        slope
    }

    /// Adds the decay to the gradient and returns its part of the loss.
    pub(super) fn add_decay(&self, slope: &mut NetSlope, rows: &[u32], decay: Decay, share: f64) -> f64 {
        let mut penalty = 0.0;
        for (gradient, &r) in slope.inputs.iter_mut().zip(rows) {
            let row = self.inputs.row(r as usize);
            penalty += decay.features * share * dot(row, row) / 2.0;
            add(gradient, decay.features * share, row);
        }
        let lambda = match self.kind {
            Kind::Linear => decay.weights,
            Kind::Mlp => decay.features,
        };
        for ((gradient, _), layer) in slope.layers.iter_mut().zip(&self.layers) {
            add(gradient, lambda, &layer.matrix.value);
            penalty += lambda * layer.matrix.half_square();
        }
        penalty
    }

    /// Moves everything that moves, finite or not.
    pub(super) fn update(
        &mut self,
        slope: &mut NetSlope,
        rows: &[u32],
        problem: &Problem,
        rate: f64,
        step: u64,
    ) {
        for (gradient, &r) in slope.inputs.iter_mut().zip(rows) {
            self.inputs.update_row(r as usize, gradient, problem, rate, step, false);
        }
        for (layer, (matrix, bias)) in self.layers.iter_mut().zip(&mut slope.layers) {
            for (i, gradient) in matrix.chunks_exact_mut(layer.matrix.cols).enumerate() {
                layer.matrix.update_row(i, gradient, problem, rate, step, false);
            }
            if let Some(to) = &mut layer.bias {
                to.update_row(0, bias, problem, rate, step, false);
            }
        }
    }

    pub(super) fn is_finite(&self) -> bool {
        let layer =
            |sheet: &Sheet| sheet.matrix.is_finite() && sheet.bias.as_ref().is_none_or(Table::is_finite);
        self.inputs.is_finite() && self.layers.iter().all(layer)
    }

    pub(super) fn gradient(&self, slope: NetSlope) -> NetworkGradient {
        let layers = slope.layers.into_iter().zip(&self.layers);
        NetworkGradient {
            inputs: (self.kind == Kind::Linear).then(|| slope.inputs.into_iter().flatten().collect()),
            layers: layers
                .map(|((matrix, bias), sheet)| (matrix, sheet.bias.is_some().then_some(bias)))
                .collect(),
        }
    }
}
