//! The update: all parameters move, or none does.

use rayon::prelude::*;

use super::rows::{CHUNK, FEW, reach};
use super::{Slopes, Workspace};
use crate::engine::{Parameter, Problem, State};
use crate::features::Matrix;
use crate::lanes::dispatch::{Simd, Vectorised, vectorised};
use crate::optimizer::{self, Method, RowState, update_row};

/// How large the numbers of a parameter can be: its values, and both moments.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bounds([f32; 3]);

impl Bounds {
    const NOTHING: Self = Self([0.0; 3]);

    fn of(parameter: &Parameter) -> Self {
        Self([&parameter.value, &parameter.first, &parameter.second].map(|m| reach(&m.data)))
    }

    fn with(self, other: Self) -> Self {
        Self([0, 1, 2].map(|k| self.0[k].max(other.0[k])))
    }

    pub(super) fn finite(self) -> bool {
        self.0.iter().all(|x| x.is_finite())
    }

    /// Whether a step along a gradient of at most `slope` cannot take any number out of bounds.
    fn cannot_overflow(self, slope: f64, method: Method, rate: f32, d: usize) -> bool {
        let most = f64::from(f32::MAX) / 16.0;
        let [x, m, v] = self.0.map(f64::from);
        let (moment, length) = match method {
            Method::Sgd { momentum } => {
                let moment = momentum.abs() * m + slope;
                (moment, moment)
            }
            // Bias correction makes the first moment at most ten times larger, ε the divisor at least 1e-8.
            Method::Adam => (m + slope, 10.0 * (m + slope) / optimizer::ADAM.2),
        };
        let second = if method == Method::Adam { v + slope * slope } else { 0.0 };
        // A row's length is a sum of squares.
        let next = x + f64::from(rate).abs() * length;
        moment < most && second < most && next < most.sqrt() / (d as f64 + 1.0)
    }
}

/// Moves rows of a parameter; how large their numbers are afterwards.
struct Move<'a> {
    value: &'a mut [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
    gradient: &'a mut [f32],
    d: usize,
    how: How,
}

/// How a gradient becomes a step, this step.
#[derive(Clone, Copy)]
pub(super) struct How {
    pub(super) method: Method,
    pub(super) rate: f32,
    pub(super) step: u64,
    pub(super) sphere: bool,
}

impl Vectorised for Move<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, _: Simd) {
        let How { method, rate, step, sphere } = self.how;
        // Off the sphere no number of a row concerns another: all rows are one long one.
        let d = if sphere { self.d } else { self.value.len() };
        for i in 0..self.value.len() / d.max(1) {
            let span = i * d..(i + 1) * d;
            let row = RowState {
                value: &mut self.value[span.clone()],
                first: &mut self.first[span.clone()],
                second: &mut self.second[span.clone()],
            };
            update_row(row, &mut self.gradient[span], method, rate, step, sphere);
        }
    }
}

/// How many numbers of each kind fit the first-level cache together.
const FITS: usize = 1 << 11;

/// Some rows' values, both moments and gradient, as parallel iterators put them together.
type Stretch<'a> = (((&'a mut [f32], &'a mut [f32]), &'a mut [f32]), &'a mut [f32]);

/// Moves all rows of `parameter`; how large its numbers are then.
pub(super) fn move_rows(parameter: &mut Parameter, gradient: &mut [f32], how: How) -> Bounds {
    let d = parameter.value.cols.max(1);
    let Parameter { value, first, second } = parameter;
    let adam = how.method == Method::Adam;
    // Looked at while they are still in the first-level cache.
    let few = (FITS / d).max(1) * d;
    let work = |(((value, first), second), gradient): Stretch<'_>| {
        let pieces = value.chunks_mut(few).zip(first.chunks_mut(few));
        let pieces = pieces.zip(second.chunks_mut(few)).zip(gradient.chunks_mut(few));
        pieces.fold(Bounds::NOTHING, |bounds, (((value, first), second), gradient)| {
            let (of_value, of_first, of_second) = (&mut *value, &mut *first, &mut *second);
            vectorised(Move { value: of_value, first: of_first, second: of_second, gradient, d, how });
            bounds.with(Bounds([reach(value), reach(first), if adam { reach(second) } else { 0.0 }]))
        })
    };
    let (value, first, second) = (&mut value.data, &mut first.data, &mut second.data);
    if value.len() <= FEW {
        return work((((value, first), second), gradient));
    }
    let chunks = value.par_chunks_mut(CHUNK * d).zip(first.par_chunks_mut(CHUNK * d));
    let chunks = chunks.zip(second.par_chunks_mut(CHUNK * d)).zip(gradient.par_chunks_mut(CHUNK * d));
    chunks.map(work).reduce(|| Bounds::NOTHING, Bounds::with)
}

/// Whether [`move_rows`] would leave all numbers finite. It is tried out a chunk at a time, on copies: a parameter as
/// large as the memory has no room for a second one.
fn survives(parameter: &Parameter, gradient: &[f32], how: How) -> bool {
    let d = parameter.value.cols.max(1);
    let Parameter { value, first, second } = parameter;
    let chunks = value.data.par_chunks(CHUNK * d).zip(first.data.par_chunks(CHUNK * d));
    let chunks = chunks.zip(second.data.par_chunks(CHUNK * d)).zip(gradient.par_chunks(CHUNK * d));
    chunks.all(|(((value, first), second), gradient)| {
        let [mut value, mut first, mut second, mut gradient] =
            [value, first, second, gradient].map(<[f32]>::to_vec);
        let (of_value, of_first, of_second) = (&mut value[..], &mut first[..], &mut second[..]);
        vectorised(Move {
            value: of_value,
            first: of_first,
            second: of_second,
            gradient: &mut gradient,
            d,
            how,
        });
        [value, first, second].iter().all(|moved| reach(moved).is_finite())
    })
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
    /// Moves all parameters along gradients whose half squares are `squares`, or none of them and
    /// returns false.
    pub(super) fn move_all(
        &mut self,
        problem: &Problem,
        state: &mut State,
        rows: Option<&[u32]>,
        squares: [f64; 3],
        rate: f32,
    ) -> bool {
        let how = How { method: problem.method, rate, step: state.step, sphere: problem.sphere };
        let State { features, weights, bias, .. } = state;
        let bounds = self.bounds.get_or_insert_with(|| {
            let bias = bias.as_ref().map_or(Bounds::NOTHING, Bounds::of);
            [Bounds::of(features), Bounds::of(weights), bias]
        });
        let mut batch = rows.map(|rows| pick(features, rows));
        let Slopes { features: to_features, weights: to_weights, bias: to_bias, .. } = &mut self.slopes;
        let mut moved = [None; 3];
        let places = [
            Some((batch.as_mut().unwrap_or(features), &mut to_features.data, how)),
            problem.uses_weights().then_some((weights, &mut to_weights.data, how)),
            bias.as_mut()
                .filter(|_| problem.uses_raw())
                .map(|bias| (bias, to_bias, How { sphere: false, ..how })),
        ];
        let safe = places.iter().zip(&*bounds).zip(squares).all(|((place, bounds), square)| {
            let slope = (2.0 * square).sqrt();
            place.as_ref().is_none_or(|(p, ..)| bounds.cannot_overflow(slope, how.method, rate, p.value.cols))
        });
        // What may overflow is tried out first, all of it before any of it moves.
        let survive = || places.iter().flatten().all(|(p, gradient, how)| survives(p, gradient, *how));
        if !safe && !survive() {
            return false;
        }
        for (place, moved) in places.into_iter().zip(&mut moved) {
            *moved = place.map(|(parameter, gradient, how)| move_rows(parameter, gradient, how));
        }
        for (k, (bounds, moved)) in bounds.iter_mut().zip(moved).enumerate() {
            if let Some(moved) = moved {
                // Of the rows outside a batch only the old bounds are known.
                *bounds = if k == 0 && rows.is_some() { bounds.with(moved) } else { moved };
            }
        }
        if let (Some(batch), Some(rows)) = (batch, rows) {
            put(&mut state.features, &batch, rows);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cpu::CpuEngine;
    use crate::engine::{Divergence, Engine};
    use crate::objectives::{Knobs, Term, find};
    use crate::optimizer::Decay;

    #[test]
    fn what_overflows_last_moves_nothing_and_what_only_might_moves_all() {
        let objective = find("softmax").unwrap();
        let problem = Problem {
            terms: vec![Term { objective, weight: 1.0, knobs: Knobs::defaults(objective.knobs(), 3) }],
            labels: (0..300).map(|i| i % 3).collect(),
            instances: (0..300).collect(),
            classes: 3,
            margins: None,
            seed: 0,
            batch: None,
            method: Method::Sgd { momentum: 0.5 },
            decay: Decay::default(),
            sphere: false,
        };
        let rows = |count: usize| Matrix::from_fn(count, 5, |i, k| ((i * 7 + k * 3) % 5) as f32 - 2.0);
        let mut state = State {
            features: Parameter::new(rows(300)),
            weights: Parameter::new(rows(3)),
            ..State::default()
        };
        // Half of it is kept, and that times the rate is beyond f32.
        state.weights.first.data[14] = 3e38;
        let mut engine = CpuEngine::new(problem.clone(), state.clone(), None);
        let advance = engine.advance(&[10.0]).unwrap();
        assert_eq!(advance.diverged, Some(Divergence { step: 0, term: None }));
        assert_eq!(engine.state().unwrap(), state, "features too are as they were");
        // At a small rate the same numbers are not safe by their size, and all is well.
        let advance = engine.advance(&[1e-3]).unwrap();
        assert_eq!((advance.records.len(), advance.diverged), (1, None));
        let moved = engine.state().unwrap();
        assert!((moved.weights.value.data[14] + 1.5e35).abs() < 1e30, "{}", moved.weights.value.data[14]);
        assert_ne!(moved.features.value, state.features.value);
    }
}
