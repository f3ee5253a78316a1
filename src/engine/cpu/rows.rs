//! Work that is done row by row: normalising, going back through the normalisation, decay, norms.

use rayon::prelude::*;

use super::Slopes;
use crate::engine::{Problem, State};
use crate::features::Matrix;
use crate::lanes::LANES;
use crate::lanes::dispatch::{Simd, Vectorised, vectorised};
use crate::optimizer::{self, SHORTEST};

/// Rows a thread takes at a time.
pub(super) const CHUNK: usize = 512;
/// Up to so many numbers one thread does them all.
pub(super) const FEW: usize = 1 << 15;
/// Numbers that are summed together, whatever the number of threads.
const STRETCH: usize = 1 << 16;

/// Rows divided by their lengths, and their transpose for distances.
#[derive(Default)]
pub(super) struct Unit {
    pub(super) rows: Matrix,
    pub(super) lengths: Vec<f32>,
    /// d × N, each line padded to whole lanes.
    pub(super) transposed: Vec<f32>,
}

struct Normalise<'a> {
    raw: &'a [f32],
    unit: &'a mut [f32],
    lengths: &'a mut [f32],
}

impl Vectorised for Normalise<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, _: Simd) {
        let d = self.raw.len() / self.lengths.len().max(1);
        for (i, length) in self.lengths.iter_mut().enumerate() {
            let (from, to) = (&self.raw[i * d..(i + 1) * d], &mut self.unit[i * d..(i + 1) * d]);
            // In f64: over many decades the squares would underflow or overflow in f32.
            let mut sums = [0.0f64; 8];
            let (whole, rest) = from.as_chunks::<8>();
            for x in whole {
                for l in 0..8 {
                    sums[l] += f64::from(x[l]) * f64::from(x[l]);
                }
            }
            let rest: f64 = rest.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
            let exact = (sums.iter().sum::<f64>() + rest).sqrt().max(SHORTEST);
            *length = exact as f32;
            let inverse = 1.0 / exact;
            for (to, &x) in to.iter_mut().zip(from) {
                *to = (f64::from(x) * inverse) as f32;
            }
        }
    }
}

/// Turns gradients with respect to unit rows into gradients with respect to the rows.
struct PullBack<'a> {
    gradient: &'a mut [f32],
    unit: &'a [f32],
    lengths: &'a [f32],
}

impl Vectorised for PullBack<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, _: Simd) {
        let d = self.unit.len() / self.lengths.len().max(1);
        for (i, &length) in self.lengths.iter().enumerate() {
            let span = i * d..(i + 1) * d;
            let (gradient, unit) = (&mut self.gradient[span.clone()], &self.unit[span]);
            let along = optimizer::dot(gradient, unit);
            let inverse = 1.0 / length;
            for (g, &u) in gradient.iter_mut().zip(unit) {
                *g = (*g - along * u) * inverse;
            }
        }
    }
}

impl Unit {
    /// Takes the unit rows of `raw`, and their transpose if it is wanted.
    pub(super) fn fill(&mut self, raw: &Matrix, transpose: bool) {
        self.rows.rows = raw.rows;
        self.rows.cols = raw.cols;
        self.rows.data.resize(raw.data.len(), 0.0);
        self.lengths.resize(raw.rows, 0.0);
        let d = raw.cols.max(1);
        let work = |((raw, unit), lengths): ((&[f32], &mut [f32]), &mut [f32])| {
            vectorised(Normalise { raw, unit, lengths });
        };
        let (unit, lengths) = (&mut self.rows.data, &mut self.lengths);
        if raw.data.len() > FEW {
            let chunks = raw.data.par_chunks(CHUNK * d).zip(unit.par_chunks_mut(CHUNK * d));
            chunks.zip(lengths.par_chunks_mut(CHUNK)).for_each(work);
        } else {
            work(((&raw.data, unit), lengths));
        }
        self.transposed.clear();
        if transpose {
            let padded = raw.rows.next_multiple_of(LANES);
            self.transposed.resize(raw.cols * padded, 0.0);
            // Sixteen rows at a time, so that what is written together lies together.
            for (b, rows) in self.rows.data.chunks(LANES * d).enumerate() {
                for (k, line) in self.transposed.chunks_exact_mut(padded).enumerate() {
                    let line = &mut line[b * LANES..(b + 1) * LANES];
                    for (to, row) in line.iter_mut().zip(rows.chunks_exact(d)) {
                        *to = row[k];
                    }
                }
            }
        }
    }

    /// Turns gradients with respect to the unit rows into gradients with respect to the rows.
    pub(super) fn pull_back(&self, gradient: &mut Matrix) {
        let d = gradient.cols.max(1);
        let work = |((gradient, unit), lengths): ((&mut [f32], &[f32]), &[f32])| {
            vectorised(PullBack { gradient, unit, lengths });
        };
        if gradient.data.len() > FEW {
            let chunks = gradient.data.par_chunks_mut(CHUNK * d).zip(self.rows.data.par_chunks(CHUNK * d));
            chunks.zip(self.lengths.par_chunks(CHUNK)).for_each(work);
        } else {
            work(((&mut gradient.data, &self.rows.data), &self.lengths));
        }
    }
}

/// `to` += `factor`·`from`, over the shorter of the two.
pub(super) fn add_scaled(to: &mut [f32], factor: f32, from: &[f32]) {
    struct Add<'a>(&'a mut [f32], f32, &'a [f32]);
    impl Vectorised for Add<'_> {
        type Output = ();
        #[inline(always)]
        fn run(self, _: Simd) {
            for (t, &f) in self.0.iter_mut().zip(self.2) {
                *t += self.1 * f;
            }
        }
    }
    vectorised(Add(to, factor, from));
}

struct Squares<'a>(&'a [f32]);

impl Vectorised for Squares<'_> {
    type Output = f64;
    #[inline(always)]
    fn run(self, _: Simd) -> f64 {
        let mut sums = [0.0f64; 16];
        let (whole, rest) = self.0.as_chunks::<16>();
        for x in whole {
            for l in 0..16 {
                sums[l] += f64::from(x[l]) * f64::from(x[l]);
            }
        }
        sums.iter().sum::<f64>() + rest.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>()
    }
}

/// ‖data‖²/2, in f64, where no square overflows: finite if and only if all numbers are.
pub(super) fn half_square(data: &[f32]) -> f64 {
    if data.len() <= STRETCH {
        return vectorised(Squares(data)) / 2.0;
    }
    let parts: Vec<f64> = data.par_chunks(STRETCH).map(|part| vectorised(Squares(part))).collect();
    parts.iter().sum::<f64>() / 2.0
}

/// The largest absolute value: Inf if any is Inf or NaN.
pub(super) fn reach(data: &[f32]) -> f32 {
    struct Reach<'a>(&'a [f32]);
    impl Vectorised for Reach<'_> {
        type Output = f32;
        #[inline(always)]
        fn run(self, _: Simd) -> f32 {
            let (whole, rest) = self.0.as_chunks::<LANES>();
            let mut bits = [0u32; LANES];
            // The order of absolute values is that of their bits, NaN above all.
            for x in whole {
                for l in 0..LANES {
                    bits[l] = bits[l].max(x[l].abs().to_bits());
                }
            }
            let most = bits.iter().copied().chain(rest.iter().map(|x| x.abs().to_bits())).max();
            let most = f32::from_bits(most.unwrap_or(0));
            if most.is_nan() { f32::INFINITY } else { most }
        }
    }
    if data.len() <= STRETCH {
        return vectorised(Reach(data));
    }
    data.par_chunks(STRETCH).map(|part| vectorised(Reach(part))).reduce(|| 0.0, f32::max)
}

impl Slopes {
    /// Whether the gradient is finite.
    pub(super) fn finite(&self) -> bool {
        [&self.features.data, &self.weights.data, &self.bias].into_iter().all(|g| half_square(g).is_finite())
    }

    /// Adds the decay to the gradient and returns its part of the loss. `raw` are the rows of the batch,
    /// out of all rows.
    pub(super) fn add_decay(
        &mut self,
        problem: &Problem,
        state: &State,
        raw: &Matrix,
        has_bias: bool,
    ) -> f64 {
        let decay = problem.decay;
        let mut penalty = 0.0;
        if decay.features != 0.0 && state.network.is_none() {
            // The batch's rows stand for all of them.
            let share = state.features.value.rows as f64 / raw.rows.max(1) as f64;
            penalty += decay.features * share * half_square(&raw.data);
            add_scaled(&mut self.features.data, (decay.features * share) as f32, &raw.data);
        }
        if problem.uses_weights() && decay.weights != 0.0 {
            penalty += decay.weights * half_square(&state.weights.value.data);
            add_scaled(&mut self.weights.data, decay.weights as f32, &state.weights.value.data);
        }
        if let Some(bias) = state.bias.as_ref().filter(|_| has_bias && decay.bias != 0.0) {
            penalty += decay.bias * half_square(&bias.value.data);
            add_scaled(&mut self.bias, decay.bias as f32, &bias.value.data);
        }
        penalty
    }

    /// ‖gradient‖²/2 over everything that moves: of features, weights and bias.
    pub(super) fn half_squares(&self, problem: &Problem, has_bias: bool) -> [f64; 3] {
        let of = |gradient: &[f32], moves: bool| if moves { half_square(gradient) } else { 0.0 };
        let weights = problem.moves.weights();
        [
            of(&self.features.data, problem.moves.features()),
            of(&self.weights.data, weights && problem.uses_weights()),
            of(&self.bias, weights && has_bias),
        ]
    }
}
