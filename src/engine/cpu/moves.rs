//! The update: all parameters move, or none does.

use rayon::prelude::*;

use super::Workspace;
use super::rows::{CHUNK, reach};
use crate::engine::{Parameter, Problem, State};
use crate::features::Matrix;
use crate::lanes::dispatch::{Vectorised, vectorised};
use crate::optimizer::{self, Method, RowState, update_row};

/// Whether no number of a parameter can overflow in this step, by the largest values alone.
pub(super) fn cannot_overflow(parameter: &Parameter, gradient: &[f32], method: Method, rate: f32) -> bool {
    let most = f64::from(f32::MAX) / 16.0;
    let [x, m, v, g] = [&parameter.value.data, &parameter.first.data, &parameter.second.data, gradient]
        .map(|data| f64::from(reach(data)));
    let (moment, length) = match method {
        Method::Sgd { momentum } => {
            let moment = momentum.abs() * m + g;
            (moment, moment)
        }
        // Bias correction makes the first moment at most ten times larger, ε the divisor at least 1e-8.
        Method::Adam => (m + g, 10.0 * (m + g) / optimizer::ADAM.2),
    };
    let second = if method == Method::Adam { v + g * g } else { 0.0 };
    // A row's length is a sum of squares.
    let next = x + f64::from(rate).abs() * length;
    moment < most && second < most && next < most.sqrt() / (parameter.value.cols as f64 + 1.0)
}

/// Moves rows of a parameter; whether they are all finite afterwards.
struct Move<'a> {
    value: &'a mut [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
    gradient: &'a mut [f32],
    d: usize,
    method: Method,
    rate: f32,
    step: u64,
    sphere: bool,
}

impl Vectorised for Move<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let d = self.d;
        for i in 0..self.value.len() / d {
            let span = i * d..(i + 1) * d;
            let row = RowState {
                value: &mut self.value[span.clone()],
                first: &mut self.first[span.clone()],
                second: &mut self.second[span.clone()],
            };
            let gradient = &mut self.gradient[span];
            update_row(row, gradient, self.method, self.rate, self.step, self.sphere);
        }
    }
}

/// Moves all rows of `parameter`. Returns false, and leaves it as it was, if that would overflow.
pub(super) fn move_rows(
    parameter: &mut Parameter,
    gradient: &mut [f32],
    problem: &Problem,
    rate: f32,
    step: u64,
    sphere: bool,
) -> bool {
    let before = (!cannot_overflow(parameter, gradient, problem.method, rate)).then(|| parameter.clone());
    let d = parameter.value.cols.max(1);
    let Parameter { value, first, second } = parameter;
    let chunks = value.data.par_chunks_mut(CHUNK * d).zip(first.data.par_chunks_mut(CHUNK * d));
    chunks.zip(second.data.par_chunks_mut(CHUNK * d)).zip(gradient.par_chunks_mut(CHUNK * d)).for_each(
        |(((value, first), second), gradient)| {
            vectorised(Move {
                value,
                first,
                second,
                gradient,
                d,
                method: problem.method,
                rate,
                step,
                sphere,
            });
        },
    );
    if let Some(before) = before {
        let finite = value.is_finite() && first.is_finite() && second.is_finite();
        if !finite {
            *parameter = before;
            return false;
        }
    }
    true
}

/// The rows of a batch as a parameter of their own.
pub(super) fn pick(parameter: &Parameter, rows: &[u32]) -> Parameter {
    let take = |m: &Matrix| {
        let mut out = Matrix::zeros(rows.len(), m.cols);
        for (i, &r) in rows.iter().enumerate() {
            out.row_mut(i).copy_from_slice(m.row(r as usize));
        }
        out
    };
    Parameter {
        value: take(&parameter.value),
        first: take(&parameter.first),
        second: take(&parameter.second),
    }
}

/// Writes the rows of a batch back.
pub(super) fn put(parameter: &mut Parameter, from: &Parameter, rows: &[u32]) {
    for (to, from) in [
        (&mut parameter.value, &from.value),
        (&mut parameter.first, &from.first),
        (&mut parameter.second, &from.second),
    ] {
        for (i, &r) in rows.iter().enumerate() {
            to.row_mut(r as usize).copy_from_slice(from.row(i));
        }
    }
}

impl Workspace {
    /// Moves all parameters, or none of them and returns false.
    pub(super) fn move_all(
        &mut self,
        problem: &Problem,
        state: &mut State,
        rows: Option<&[u32]>,
        has_bias: bool,
        rate: f32,
    ) -> bool {
        if state.network.is_some() {
            return self.move_network(problem, state, rows, has_bias, rate);
        }
        let (step, sphere) = (state.step, problem.sphere);
        let mut batch = rows.map(|rows| pick(&state.features, rows));
        let weights = problem.uses_weights();
        // What is moved before the last is put back if the last overflows.
        let features = batch.as_mut().unwrap_or(&mut state.features);
        let safe = |p: &Parameter, g: &[f32]| cannot_overflow(p, g, problem.method, rate);
        let all_safe = (!weights || safe(&state.weights, &self.weights.data))
            && state.bias.as_ref().is_none_or(|bias| !has_bias || safe(bias, &self.bias));
        let before = (!all_safe).then(|| (features.clone(), state.weights.clone()));
        let mut moved = move_rows(features, &mut self.features.data, problem, rate, step, sphere);
        if moved && weights {
            moved = move_rows(&mut state.weights, &mut self.weights.data, problem, rate, step, sphere);
        }
        if moved
            && has_bias
            && let Some(bias) = &mut state.bias
        {
            moved = move_rows(bias, &mut self.bias, problem, rate, step, false);
        }
        if !moved {
            if let Some((features, weights)) = before {
                state.weights = weights;
                if batch.is_none() {
                    state.features = features;
                }
            }
            return false;
        }
        if let (Some(batch), Some(rows)) = (batch, rows) {
            put(&mut state.features, &batch, rows);
        }
        true
    }
}
