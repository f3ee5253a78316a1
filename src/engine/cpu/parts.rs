//! Work shared out in parts: fixed pieces, each with its own sums, added in a fixed order.
//!
//! How many parts there are depends on the size of the problem alone, so that the result does not
//! depend on the number of threads.

use rayon::prelude::*;

use super::faint::Tally;
use super::rows::add_scaled;
use crate::lanes::Lanes;
use crate::objectives::Stats;

/// The most parts, and so the most threads that can help.
const MOST: usize = 16;
/// The fewest.
const FEWEST: usize = 4;
/// How many numbers the parts may hold together before there are fewer of them: 32 MiB.
const ROOM: usize = 1 << 23;
/// Below so many multiply-adds a sweep stays on one thread.
pub(super) const WORTH_THREADS: usize = 400_000;
/// Numbers a thread adds at a time.
const STRETCH: usize = 1 << 14;

/// What one part of the anchors contributes.
#[derive(Default)]
pub(super) struct Part {
    /// The gradient of the candidates, M×d.
    pub(super) candidates: Vec<f32>,
    pub(super) bias: Vec<f32>,
    pub(super) total: Stats,
    pub(super) losses: f64,
    /// The sums of all anchors that this part knows of ([`crate::objectives::Columns`]).
    pub(super) sums: Vec<f64>,
    /// The candidates' gradient and the bias's, a lane an anchor.
    pub(super) across: Vec<Lanes>,
    /// Tiles left out.
    pub(super) skipped: Tally,
}

impl Part {
    /// Nothing yet: no losses, no statistics. (The vectors are the work's to fill.)
    pub(super) fn reset(&mut self) {
        self.total = Stats::EMPTY;
        self.losses = 0.0;
        self.skipped = Tally::default();
    }
}

/// How many parts there are for candidates of `numbers` numbers.
pub(super) fn count(numbers: usize) -> usize {
    (ROOM / numbers.max(1)).clamp(FEWEST, MOST)
}

/// `vector` with `len` entries of 0, without giving its memory back.
pub(super) fn zeroed<T: Clone + Default>(vector: &mut Vec<T>, len: usize) -> &mut [T] {
    vector.clear();
    vector.resize(len, T::default());
    vector
}

/// The same for many numbers, on several threads.
pub(super) fn zeroed_abreast(vector: &mut Vec<f32>, len: usize) {
    if len <= STRETCH {
        zeroed(vector, len);
    } else {
        vector.resize(len, 0.0);
        vector.par_chunks_mut(STRETCH).for_each(|stretch| stretch.fill(0.0));
    }
}

/// Runs `work` on each of the parts, on several threads where they `pay`.
pub(super) fn each(pay: bool, parts: &mut [Part], work: impl Fn(usize, &mut Part) + Sync + Send) {
    if pay {
        parts.par_iter_mut().enumerate().for_each(|(p, part)| work(p, part));
    } else {
        parts.iter_mut().enumerate().for_each(|(p, part)| work(p, part));
    }
}

/// Runs `work` on each of the parts with its stretch of `data`, `chunk` entries each; how many parts
/// there was data for.
pub(super) fn each_with<T: Send>(
    pay: bool,
    parts: &mut [Part],
    data: &mut [T],
    chunk: usize,
    work: impl Fn(usize, &mut Part, &mut [T]) + Sync + Send,
) -> usize {
    let used = data.len().div_ceil(chunk).min(parts.len());
    if pay {
        let both = parts.par_iter_mut().zip(data.par_chunks_mut(chunk));
        both.enumerate().for_each(|(p, (part, data))| work(p, part, data));
    } else {
        let both = parts.iter_mut().zip(data.chunks_mut(chunk));
        both.enumerate().for_each(|(p, (part, data))| work(p, part, data));
    }
    used
}

/// Adds `factor` times what each part has under `of` to `to`, in the order of the parts.
pub(super) fn add(
    pay: bool,
    to: &mut [f32],
    parts: &[Part],
    factor: f32,
    of: impl Fn(&Part) -> &[f32] + Sync,
) {
    let stretch = |(s, to): (usize, &mut [f32])| {
        for part in parts {
            let from = of(part);
            if !from.is_empty() {
                add_scaled(to, factor, &from[s * STRETCH..]);
            }
        }
    };
    if pay {
        to.par_chunks_mut(STRETCH).enumerate().for_each(stretch);
    } else {
        to.chunks_mut(STRETCH).enumerate().for_each(stretch);
    }
}
