//! Networks: forward and backward through matrix products, over the rows of a batch.
//!
//! Rows are cut into pieces of a fixed size, and so are the rows of a matrix's gradient, each of which sums over the
//! whole batch at once: no sum depends on the number of threads. The loss over the outputs is not known here.

use rayon::prelude::*;

use super::moves::{How, is_finite, move_rows, pick, put};
use super::rows::{add_scaled, half_square, reach};
use super::{CpuEngine, Slopes, Workspace};
use crate::engine::{Parameter, Problem, State};
use crate::features::Matrix;
use crate::models::{Layer, Network, NetworkGradient};
use crate::optimizer::Decay;
use crate::product::general::{View, multiply_rows};

/// Rows of a batch that are taken at a time.
const ROWS: usize = 64;
/// Rows of a matrix whose gradient is taken at a time.
const UNITS: usize = 32;
/// Rows that go through all layers at a time where nothing is kept for the way back.
const PASSING: usize = 256;

/// What a pass through a network leaves, kept from step to step.
#[derive(Default)]
pub(super) struct Pass {
    /// What went in, and what came out of each layer.
    values: Vec<Matrix>,
    /// The gradient with respect to one of them, and to the one before it.
    slopes: [Matrix; 2],
    /// Gradient of each layer: matrix and bias.
    layers: Vec<(Vec<f32>, Vec<f32>)>,
    /// Gradient with respect to what went in, where that moves; else empty.
    inputs: Vec<f32>,
}

/// `to` = `from` through a layer.
fn through(layer: &Layer, from: &[f32], to: &mut [f32]) {
    let (out, width) = (layer.matrix.value.rows, layer.matrix.value.cols);
    let rows = to.len() / out;
    let matrix = View::rows(&layer.matrix.value.data, out, width, width);
    multiply_rows(to, View::rows(from, rows, width, width), matrix.transposed());
    for row in to.chunks_exact_mut(out) {
        if let Some(bias) = &layer.bias {
            add_scaled(row, 1.0, &bias.value.data);
        }
        if layer.rectified {
            for y in row {
                // Unlike `max`, this lets a NaN through to where it is noticed.
                *y = if *y < 0.0 { 0.0 } else { *y };
            }
        }
    }
}

fn resize(matrix: &mut Matrix, rows: usize, cols: usize) {
    (matrix.rows, matrix.cols) = (rows, cols);
    matrix.data.resize(rows * cols, 0.0);
}

/// What a network gives for its inputs, N×d.
pub fn outputs(network: &Network) -> Matrix {
    let (width, out) = (network.inputs.value.cols, network.width_out());
    let mut outputs = Matrix::zeros(network.inputs.value.rows, out);
    let pieces = outputs.data.par_chunks_mut(PASSING * out);
    pieces.zip(network.inputs.value.data.par_chunks(PASSING * width)).for_each(|(to, from)| {
        let rows = to.len() / out;
        let mut values = from.to_vec();
        for layer in &network.layers {
            let mut next = vec![0.0; rows * layer.matrix.value.rows];
            through(layer, &values, &mut next);
            values = next;
        }
        to.copy_from_slice(&values);
    });
    outputs
}

impl Pass {
    /// Runs `rows` of the inputs (all of them for `None`) through the network.
    fn forward(&mut self, network: &Network, rows: Option<&[u32]>) {
        self.values.resize_with(network.layers.len() + 1, Matrix::default);
        let inputs = &network.inputs.value;
        let first = &mut self.values[0];
        (first.rows, first.cols) = (rows.map_or(inputs.rows, <[u32]>::len), inputs.cols);
        first.data.clear();
        match rows {
            Some(rows) => rows.iter().for_each(|&r| first.data.extend_from_slice(inputs.row(r as usize))),
            None => first.data.extend_from_slice(&inputs.data),
        }
        for (l, layer) in network.layers.iter().enumerate() {
            let (before, after) = self.values.split_at_mut(l + 1);
            let (from, to) = (&before[l], &mut after[0]);
            resize(to, from.rows, layer.matrix.value.rows);
            let (width, out) = (from.cols, to.cols);
            let pieces = to.data.par_chunks_mut(ROWS * out).zip(from.data.par_chunks(ROWS * width));
            pieces.for_each(|(to, from)| through(layer, from, to));
        }
    }

    /// Goes back from the gradient with respect to the outputs of the last pass forward.
    fn backward(&mut self, network: &Network, outputs: &Matrix) {
        self.layers.resize_with(network.layers.len(), Default::default);
        let [slope, before] = &mut self.slopes;
        slope.clone_from(outputs);
        for (l, layer) in network.layers.iter().enumerate().rev() {
            let (n, out, width) = (slope.rows, layer.matrix.value.rows, layer.matrix.value.cols);
            let (from, gave) = (&self.values[l], &self.values[l + 1]);
            if layer.rectified {
                let pieces = slope.data.par_chunks_mut(ROWS * out).zip(gave.data.par_chunks(ROWS * out));
                pieces.for_each(|(slope, gave)| {
                    for (s, &y) in slope.iter_mut().zip(gave) {
                        *s = if y > 0.0 { *s } else { 0.0 };
                    }
                });
            }
            let (matrix, bias) = &mut self.layers[l];
            matrix.resize(out * width, 0.0);
            bias.resize(if layer.bias.is_some() { out } else { 0 }, 0.0);
            let slope_of = |unit: usize, units: usize| View::rows(&slope.data[unit..], n, units, out);
            matrix.par_chunks_mut(UNITS * width).enumerate().for_each(|(piece, to)| {
                let of_units = slope_of(piece * UNITS, to.len() / width).transposed();
                multiply_rows(to, of_units, View::rows(&from.data, n, width, width));
            });
            bias.par_chunks_mut(UNITS).enumerate().for_each(|(piece, to)| {
                let mut sums = [0.0f64; UNITS];
                for row in slope.data.chunks_exact(out) {
                    for (sum, &s) in sums.iter_mut().zip(&row[piece * UNITS..piece * UNITS + to.len()]) {
                        *sum += f64::from(s);
                    }
                }
                for (b, sum) in to.iter_mut().zip(sums) {
                    *b = sum as f32;
                }
            });
            if l == 0 && !network.moves_inputs() {
                break;
            }
            resize(before, n, width);
            let whole = View::rows(&layer.matrix.value.data, out, width, width);
            let pieces = before.data.par_chunks_mut(ROWS * width).zip(slope.data.par_chunks(ROWS * out));
            pieces.for_each(|(to, slope)| {
                multiply_rows(to, View::rows(slope, slope.len() / out, out, out), whole);
            });
            std::mem::swap(slope, before);
        }
        self.inputs.clear();
        if network.moves_inputs() {
            self.inputs.extend_from_slice(&slope.data);
        }
    }

    /// Adds the decay to the gradient and returns its part of the loss; a batch's rows stand for all of them.
    pub(super) fn add_decay(&mut self, network: &Network, decay: Decay) -> f64 {
        let mut penalty = 0.0;
        let inputs = &self.values[0];
        let share = network.inputs.value.rows as f64 / inputs.rows.max(1) as f64;
        let of_inputs = network.input_decay(decay) * share;
        if of_inputs != 0.0 {
            penalty += of_inputs * half_square(&inputs.data);
            add_scaled(&mut self.inputs, of_inputs as f32, &inputs.data);
        }
        let lambda = network.matrix_decay(decay);
        if lambda != 0.0 {
            for ((gradient, _), layer) in self.layers.iter_mut().zip(&network.layers) {
                penalty += lambda * half_square(&layer.matrix.value.data);
                add_scaled(gradient, lambda as f32, &layer.matrix.value.data);
            }
        }
        penalty
    }

    /// ‖gradient‖²/2 over the network.
    pub(super) fn half_squares(&self) -> f64 {
        let layers = self.layers.iter().map(|(matrix, bias)| half_square(matrix) + half_square(bias));
        layers.sum::<f64>() + half_square(&self.inputs)
    }

    fn gradient(&self, network: &Network) -> NetworkGradient {
        let wide = |data: &[f32]| data.iter().map(|&x| f64::from(x)).collect::<Vec<f64>>();
        let layers = self.layers.iter().zip(&network.layers);
        NetworkGradient {
            inputs: network.moves_inputs().then(|| wide(&self.inputs)),
            layers: layers
                .map(|((matrix, bias), layer)| (wide(matrix), layer.bias.is_some().then(|| wide(bias))))
                .collect(),
        }
    }
}

impl CpuEngine {
    /// Makes the features of `rows` from their inputs, where there is a network.
    pub(super) fn forward(&mut self, rows: Option<&[u32]>) {
        let Self { state, work, .. } = self;
        let State { features, network: Some(network), .. } = state else { return };
        work.pass.forward(network, rows);
        let Some(outputs) = work.pass.values.last() else { return };
        match rows {
            None => features.value.data.copy_from_slice(&outputs.data),
            Some(rows) => {
                for (i, &r) in rows.iter().enumerate() {
                    features.value.row_mut(r as usize).copy_from_slice(outputs.row(i));
                }
            }
        }
    }

    /// Takes the gradient with respect to the features back through the network, where there is one.
    pub(super) fn backward(&mut self) {
        let Some(network) = &self.state.network else { return };
        let Workspace { pass, slopes, .. } = &mut self.work;
        pass.backward(network, &slopes.features);
    }

    /// The gradient of the last pass, where there is a network.
    pub(super) fn network_gradient(&self) -> Option<NetworkGradient> {
        self.state.network.as_ref().map(|network| self.work.pass.gradient(network))
    }

    /// The features of all rows, made anew where there is a network.
    pub(super) fn refresh(&mut self) {
        if let State { features, network: Some(network), .. } = &mut self.state {
            features.value = outputs(network);
        }
    }
}

/// A parameter that moves, its gradient, and how.
type Moving<'a> = (&'a mut Parameter, &'a mut [f32], How);

/// Everything that moves under a network; `batch` are the free features of a batch's rows.
fn moving<'a>(
    problem: &Problem,
    state: &'a mut State,
    work: (&'a mut Pass, &'a mut Slopes),
    batch: Option<&'a mut Parameter>,
    how: How,
) -> Vec<Moving<'a>> {
    let (pass, Slopes { weights: to_weights, bias: to_bias, .. }) = work;
    let State { weights, bias, network, .. } = state;
    let mut moving: Vec<Moving<'a>> = Vec::new();
    if let Some(network) = network.as_mut().filter(|_| problem.moves.features()) {
        if network.moves_inputs() {
            moving.push((batch.unwrap_or(&mut network.inputs), &mut pass.inputs, how));
        }
        for (layer, (matrix, of_bias)) in network.layers.iter_mut().zip(&mut pass.layers) {
            moving.push((&mut layer.matrix, matrix, how));
            moving.extend(layer.bias.as_mut().map(|bias| (bias, of_bias.as_mut_slice(), how)));
        }
    }
    if !problem.moves.weights() {
        return moving;
    }
    if problem.uses_weights() {
        moving.push((weights, &mut to_weights.data, How { sphere: problem.sphere, ..how }));
    }
    if let Some(bias) = bias.as_mut().filter(|_| problem.uses_raw()) {
        moving.push((bias, to_bias, how));
    }
    moving
}

/// Whether outputs might overflow, by the largest numbers of each layer alone.
fn may_overflow(network: &Network) -> bool {
    let largest = |m: &Matrix| f64::from(reach(&m.data));
    let through = |most: f64, layer: &Layer| {
        let bias = layer.bias.as_ref().map_or(0.0, |bias| largest(&bias.value));
        most * layer.matrix.value.cols as f64 * largest(&layer.matrix.value) + bias
    };
    let most = network.layers.iter().fold(largest(&network.inputs.value), through);
    most.is_nan() || most >= f64::from(f32::MAX) / 16.0
}

impl Workspace {
    /// Moves network, class weights and bias; or none of them and returns false, where a parameter or what the
    /// network would give is not finite.
    pub(super) fn move_network(
        &mut self,
        problem: &Problem,
        state: &mut State,
        rows: Option<&[u32]>,
        rate: f32,
    ) -> bool {
        let how = How { method: problem.method, rate, step: state.step, sphere: false };
        let moved_rows = rows.filter(|_| state.network.as_ref().is_some_and(Network::moves_inputs));
        let inputs =
            |state: &State| state.network.as_ref().zip(moved_rows).map(|(n, rows)| pick(&n.inputs, rows));
        let mut batch = inputs(state);
        let put_batch = |state: &mut State, batch: &Option<Parameter>| {
            if let (Some(network), Some(batch), Some(rows)) = (&mut state.network, batch, moved_rows) {
                put(&mut network.inputs, batch, rows);
            }
        };
        let Self { pass, slopes, .. } = self;
        let places = moving(problem, state, (pass, slopes), batch.as_mut(), how);
        let before: Vec<Parameter> = places.iter().map(|(parameter, ..)| (*parameter).clone()).collect();
        let mut finite = true;
        for (parameter, gradient, how) in places {
            move_rows(parameter, gradient, how);
            finite &= is_finite(parameter);
        }
        put_batch(state, &batch);
        let fine = |network: &Network| !may_overflow(network) || outputs(network).is_finite();
        if finite && state.network.as_ref().is_none_or(fine) {
            return true;
        }
        let places = moving(problem, state, (pass, slopes), batch.as_mut(), how);
        for ((parameter, ..), before) in places.into_iter().zip(before) {
            *parameter = before;
        }
        put_batch(state, &batch);
        false
    }
}
