//! The update: all parameters move, or none does.

use rayon::prelude::*;

use super::rows::{CHUNK, FEW, reach};
use super::{Slopes, Workspace};
use crate::engine::{Parameter, Problem, State};
use crate::features::Matrix;
use crate::lanes::dispatch::{Simd, Vectorised, vectorised};
use crate::optimizer::{self, Method, RowState, update_row};

/// What the lengths of a parameter's rows cannot exceed: of its values, and of both moments.
///
/// A step makes them grow by no more than what [`Bounds::after`] says, so that the numbers themselves are looked at
/// once, and again only where that has grown too far to promise anything.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bounds([f64; 3]);

impl Bounds {
    const NOTHING: Self = Self([0.0; 3]);

    fn of(parameter: &Parameter) -> Self {
        let root = (parameter.value.cols as f64).sqrt();
        let of = |m: &Matrix| f64::from(reach(&m.data)) * root;
        Self([&parameter.value, &parameter.first, &parameter.second].map(of))
    }

    /// After a step along a gradient no longer than `slope`. (Taking a row's part along another vector away makes it no
    /// longer, nor does putting it on the sphere beyond 1, which the bound of a row there is not under.)
    fn after(self, slope: f64, how: How) -> Self {
        let [x, m, v] = self.0;
        let rate = f64::from(how.rate).abs();
        let x = if how.sphere { x.max(1.0) } else { x };
        match how.method {
            Method::Sgd { momentum } => {
                let moment = momentum.abs() * m + slope;
                Self([x + rate * moment, moment, v])
            }
            // Bias correction makes the first moment at most ten times larger, ε the divisor at least 1e-8.
            Method::Adam => {
                let moment = m + slope;
                Self([x + rate * 10.0 * moment / optimizer::ADAM.2, moment, v + slope * slope])
            }
        }
    }

    /// Whether no number within them overflows, nor a sum of squares of a row.
    fn are_safe(self) -> bool {
        let most = f64::from(f32::MAX) / 16.0;
        let [x, m, v] = self.0;
        m < most && v < most && x < most.sqrt() / 2.0
    }
}

/// Whether all numbers of a parameter are finite.
pub(super) fn is_finite(parameter: &Parameter) -> bool {
    Bounds::of(parameter).0.iter().all(|x| x.is_finite())
}

/// Moves rows of a parameter.
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

/// Some rows' values, both moments and gradient, as parallel iterators put them together.
type Stretch<'a> = (((&'a mut [f32], &'a mut [f32]), &'a mut [f32]), &'a mut [f32]);

/// Moves all rows of `parameter`.
pub(super) fn move_rows(parameter: &mut Parameter, gradient: &mut [f32], how: How) {
    let d = parameter.value.cols.max(1);
    let Parameter { value, first, second } = parameter;
    let work = |(((value, first), second), gradient): Stretch<'_>| {
        vectorised(Move { value, first, second, gradient, d, how });
    };
    let (value, first, second) = (&mut value.data, &mut first.data, &mut second.data);
    if value.len() <= FEW {
        return work((((value, first), second), gradient));
    }
    let chunks = value.par_chunks_mut(CHUNK * d).zip(first.par_chunks_mut(CHUNK * d));
    let chunks = chunks.zip(second.par_chunks_mut(CHUNK * d)).zip(gradient.par_chunks_mut(CHUNK * d));
    chunks.for_each(work);
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
        let known = self.bounds.take();
        let mut batch = rows.map(|rows| pick(features, rows));
        let Slopes { features: to_features, weights: to_weights, bias: to_bias, .. } = &mut self.slopes;
        let mut bounds = known.unwrap_or([Bounds::NOTHING; 3]);
        let all = [Some(&*features), Some(&*weights), bias.as_ref()];
        let weights_move = problem.moves.weights();
        let moves = [
            problem.moves.features(),
            weights_move && problem.uses_weights(),
            weights_move && problem.uses_raw() && bias.is_some(),
        ];
        let how_of = |k: usize| if k == 2 { How { sphere: false, ..how } } else { how };
        let mut safe = true;
        for k in (0..3).filter(|&k| moves[k]) {
            let after = |bounds: Bounds| bounds.after((2.0 * squares[k]).sqrt(), how_of(k));
            let guess = after(bounds[k]);
            bounds[k] = match known {
                Some(_) if guess.are_safe() => guess,
                _ => after(all[k].map_or(Bounds::NOTHING, Bounds::of)),
            };
            safe &= bounds[k].are_safe();
        }
        let places = [
            moves[0].then_some((batch.as_mut().unwrap_or(features), &mut to_features.data)),
            moves[1].then_some((weights, &mut to_weights.data)),
            bias.as_mut().filter(|_| moves[2]).map(|bias| (bias, to_bias)),
        ];
        // What may overflow is tried out first, all of it before any of it moves.
        let survive = || {
            let mut places = places.iter().enumerate();
            places
                .all(|(k, place)| place.as_ref().is_none_or(|(p, gradient)| survives(p, gradient, how_of(k))))
        };
        if !safe && !survive() {
            return false;
        }
        for (k, place) in places.into_iter().enumerate() {
            if let Some((parameter, gradient)) = place {
                move_rows(parameter, gradient, how_of(k));
            }
        }
        self.bounds = safe.then_some(bounds);
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
    use crate::optimizer::{Decay, Moves};

    /// Three classes of as many rows under one objective.
    fn problem(name: &str, rows: u32, method: Method, sphere: bool) -> Problem {
        let objective = find(name).unwrap();
        Problem {
            terms: vec![Term { objective, weight: 1.0, knobs: Knobs::defaults(objective.knobs(), 3) }],
            labels: (0..rows).map(|i| i % 3).collect(),
            instances: (0..rows).collect(),
            classes: 3,
            margins: None,
            seed: 0,
            batch: None,
            method,
            decay: Decay::default(),
            moves: Moves::default(),
            sphere,
        }
    }

    #[test]
    fn what_overflows_last_moves_nothing_and_what_only_might_moves_all() {
        let problem = problem("softmax", 300, Method::Sgd { momentum: 0.5 }, false);
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

    #[test]
    fn nothing_grows_beyond_its_bounds_and_these_stay_far_from_overflow() {
        for (method, sphere) in [
            (Method::Sgd { momentum: 0.9 }, false),
            (Method::Sgd { momentum: 0.9 }, true),
            (Method::Adam, false),
        ] {
            let problem = problem("normface", 30, method, sphere);
            let rows = |count: usize| Matrix::from_fn(count, 4, |i, k| ((i * 7 + k * 3) % 5) as f32 - 1.5);
            let state = State {
                features: Parameter::new(rows(30)),
                weights: Parameter::new(rows(3)),
                ..State::default()
            };
            let mut engine = CpuEngine::new(problem, state, None);
            for _ in 0..300 {
                engine.advance(&[0.1]).unwrap();
                let bounds = engine.work.bounds.expect("every step here is safe");
                for (parameter, Bounds(bound)) in
                    [&engine.state.features, &engine.state.weights].into_iter().zip(bounds)
                {
                    for (of, bound) in
                        [&parameter.value, &parameter.first, &parameter.second].into_iter().zip(bound)
                    {
                        let longest =
                            of.rows_iter().map(|row| optimizer::dot(row, row).sqrt()).fold(0.0, f32::max);
                        assert!(
                            f64::from(longest) <= bound * (1.0 + 1e-5),
                            "{method:?} {sphere}: {longest} {bound}"
                        );
                    }
                }
            }
        }
    }
}
