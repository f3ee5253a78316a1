//! Which of many candidates may have a row's largest score: found by f32 products in tiles, with a bound on their
//! rounding, so that the exact comparison is left with one or two candidates a row.

use super::blocks;
use super::product::{View, multiply};
use crate::lanes::dispatch::{Simd, Vectorised, vectorised};

/// Rows of a block, and candidates of a tile.
const WIDTH: usize = 256;
/// Rows and candidates are divided by the candidates' size first; a row beyond this is left to the exact comparison.
const LARGEST: f64 = 1e12;

/// Candidates y with a shift each: the score of a row x is x·y + shift.
pub(super) struct Candidates {
    dim: usize,
    /// Column after column, divided by `size`.
    columns: Vec<f32>,
    /// Divided by `size²`, as rows are divided by `size` too.
    shifts: Vec<f32>,
    size: f64,
    /// Longest column and largest shift, as they are here.
    longest: f64,
    most_shift: f64,
}

impl Candidates {
    /// `count` candidates of `dim` numbers; `fill` writes one, `shift` gives what is added to its scores.
    pub(super) fn new(
        (count, dim): (usize, usize),
        fill: impl Fn(usize, &mut [f64]),
        shift: impl Fn(usize) -> f64,
    ) -> Self {
        let mut one = vec![0.0; dim];
        let mut size = 0.0_f64;
        for c in 0..count {
            fill(c, &mut one);
            size = one.iter().fold(size, |most, x| most.max(x.abs()));
            size = size.max(shift(c).abs().sqrt());
        }
        let size = if size > 0.0 { size } else { 1.0 };
        let mut columns = Vec::with_capacity(count * dim);
        let mut longest = 0.0_f64;
        for c in 0..count {
            fill(c, &mut one);
            columns.extend(one.iter().map(|x| (x / size) as f32));
            longest = longest.max(one.iter().map(|x| (x / size).powi(2)).sum::<f64>());
        }
        let shifts: Vec<f32> = (0..count).map(|c| (shift(c) / size / size) as f32).collect();
        let most_shift = shifts.iter().fold(0.0_f32, |most, x| most.max(x.abs())).into();
        Self { dim, columns, shifts, size, longest: longest.sqrt(), most_shift }
    }

    fn len(&self) -> usize {
        self.shifts.len()
    }

    /// Twice how far a rounded score of a row of this length (divided by the size) may be from the exact one: rounding of both factors,
    /// of d products and sums, of the shift.
    fn slack(&self, length: f64) -> f32 {
        let steps = (self.dim + 8) as f64;
        let bound = steps * f64::from(f32::EPSILON) * (length * self.longest + self.most_shift);
        // Products may also fall below the smallest normal number.
        (2.0 * bound + steps * f64::from(f32::MIN_POSITIVE)) as f32
    }
}

/// For each of `rows` the candidate with the least `cost`, of equal ones the first. `fill` writes a row; the candidate of least cost must be
/// the one of largest score.
pub(super) fn decide(
    rows: &[usize],
    candidates: &Candidates,
    fill: impl Fn(usize, &mut [f64]) + Sync,
    cost: impl Fn(usize, usize) -> f64 + Sync,
) -> Vec<usize> {
    let least = |row: usize, among: &mut dyn Iterator<Item = usize>| {
        let mut best = (0, f64::INFINITY);
        for candidate in among {
            let this = cost(row, candidate);
            if this < best.1 {
                best = (candidate, this);
            }
        }
        best.0
    };
    let found = blocks::in_order(rows.len().div_ceil(WIDTH), |number| {
        let block = &rows[blocks::block_range(number, WIDTH, rows.len())];
        let near = contenders(block, candidates, &fill);
        let winners = block.iter().zip(near).map(|(&row, near)| match near {
            Some(near) if near.len() == 1 => near[0] as usize,
            Some(near) => least(row, &mut near.iter().map(|&c| c as usize)),
            None => least(row, &mut (0..candidates.len())),
        });
        winners.collect::<Vec<usize>>()
    });
    found.concat()
}

/// For each row the candidates, ascending, whose score may be the largest; `None` for rows that f32 cannot tell about.
fn contenders(
    rows: &[usize],
    candidates: &Candidates,
    fill: &impl Fn(usize, &mut [f64]),
) -> Vec<Option<Vec<u32>>> {
    let dim = candidates.dim;
    let mut columns = vec![0.0_f32; rows.len() * dim];
    let mut exact = vec![0.0; dim];
    let mut runs: Vec<Option<Running>> = Vec::with_capacity(rows.len());
    for (column, &row) in columns.chunks_exact_mut(dim.max(1)).zip(rows) {
        fill(row, &mut exact);
        let length = exact.iter().map(|x| (x / candidates.size).powi(2)).sum::<f64>().sqrt();
        let fits = length < LARGEST;
        for (to, x) in column.iter_mut().zip(&exact) {
            *to = if fits { (x / candidates.size) as f32 } else { 0.0 };
        }
        runs.push(fits.then(|| Running {
            best: f32::NEG_INFINITY,
            slack: candidates.slack(length),
            near: Vec::new(),
        }));
    }
    let mut tile = vec![0.0_f32; WIDTH.min(candidates.len()) * rows.len()];
    for first in (0..candidates.len()).step_by(WIDTH) {
        let count = WIDTH.min(candidates.len() - first);
        let these = &candidates.columns[first * dim..(first + count) * dim];
        let a = View::columns(these, dim, count).transposed();
        multiply(&mut tile, a, View::columns(&columns, dim, rows.len()));
        let shifts = &candidates.shifts[first..first + count];
        for (scores, run) in tile.chunks_exact_mut(count).zip(&mut runs) {
            let Some(run) = run else { continue };
            run.take(vectorised(Shifted { scores, shifts }), scores, first);
        }
    }
    runs.into_iter().map(|run| run.map(Running::end)).collect()
}

/// The largest score so far, and who is near it.
struct Running {
    best: f32,
    slack: f32,
    near: Vec<(u32, f32)>,
}

impl Running {
    fn take(&mut self, most: f32, scores: &[f32], first: usize) {
        if most < self.best - self.slack {
            return;
        }
        self.best = self.best.max(most);
        let least = self.best - self.slack;
        let near = scores.iter().enumerate().filter(|&(_, &score)| score >= least);
        self.near.extend(near.map(|(k, &score)| ((first + k) as u32, score)));
        // Few stay; a long tail of former leaders is let go.
        if self.near.len() > 64 {
            self.near.retain(|&(_, score)| score >= least);
        }
    }

    fn end(self) -> Vec<u32> {
        let least = self.best - self.slack;
        self.near.into_iter().filter(|&(_, score)| score >= least).map(|(candidate, _)| candidate).collect()
    }
}

/// Adds the shifts to the scores and returns the largest sum.
struct Shifted<'a> {
    scores: &'a mut [f32],
    shifts: &'a [f32],
}

impl Vectorised for Shifted<'_> {
    type Output = f32;
    #[inline(always)]
    fn run(self, _: Simd) -> f32 {
        const LANES: usize = 16;
        let (whole, rest) = self.scores.as_chunks_mut::<LANES>();
        let (shifts, last) = self.shifts.as_chunks::<LANES>();
        let mut most = [f32::NEG_INFINITY; LANES];
        for (scores, shifts) in whole.iter_mut().zip(shifts) {
            for lane in 0..LANES {
                scores[lane] += shifts[lane];
                most[lane] = if scores[lane] > most[lane] { scores[lane] } else { most[lane] };
            }
        }
        for (lane, (score, shift)) in rest.iter_mut().zip(last).enumerate() {
            *score += shift;
            most[lane] = if *score > most[lane] { *score } else { most[lane] };
        }
        most.into_iter().fold(f32::NEG_INFINITY, f32::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::seeded::{Seeded, dot};

    #[test]
    fn the_winner_is_the_exact_one_among_many_that_f32_cannot_tell_apart() {
        // 700 candidates, in groups of seven that differ by 1e-12, far below what f32 keeps.
        let (count, dim) = (700, 5);
        let entry = |c: usize, k: usize| {
            Seeded(3).normal((c / 7 * dim + k) as u64) + if k == 0 { (c % 7) as f64 * 1e-12 } else { 0.0 }
        };
        let candidate = |c: usize| -> Vec<f64> { (0..dim).map(|k| entry(c, k)).collect() };
        let shift = |c: usize| if c % 3 == 0 { 0.25 } else { -1e-9 * c as f64 };
        let candidates = Candidates::new((count, dim), |c, out| out.copy_from_slice(&candidate(c)), shift);
        // The last rows are beyond f32, or nothing.
        let row = |i: usize| -> Vec<f64> {
            let size = [1.0, 1e-20, 1e30, 0.0][i / 300 % 4];
            (0..dim).map(|k| size * Seeded(9).normal((i * dim + k) as u64)).collect()
        };
        let rows: Vec<usize> = (0..1200).collect();
        let score = |i: usize, c: usize| dot(&row(i), &candidate(c)) + shift(c);
        let found = decide(&rows, &candidates, |i, out| out.copy_from_slice(&row(i)), |i, c| -score(i, c));
        for &i in &rows {
            let best = (0..count).map(|c| score(i, c)).fold(f64::NEG_INFINITY, f64::max);
            let first = (0..count).position(|c| score(i, c) == best);
            assert_eq!(Some(found[i]), first, "row {i}");
        }
    }
}
