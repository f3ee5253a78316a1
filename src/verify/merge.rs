//! The merge law: statistics folded in parts and merged are the statistics folded at once.

use super::scene::{self, Setting, normal};
use super::{Check, Worst};
use crate::objectives::{Objective, Row, Stats, Tile};

/// Pairs of the row that is folded: four vectors of lanes, the last one ragged.
const PAIRS: usize = 61;
/// The parts, out of order and ragged: first pair and number of pairs.
const PARTS: [(usize, usize); 3] = [(48, 13), (0, 16), (16, 32)];
/// Error of the sums allowed, relative to 1 and their size: rounding of f32 terms.
const TOLERANCE: f64 = 2e-6;

/// Folds rows of small and large scores whole and in parts, in every setting and sweep.
pub(super) fn check(objective: &'static dyn Objective) -> Check {
    let mut worst = Worst::default();
    let mut rows = 0;
    for Setting { name, term } in scene::settings(objective, 5) {
        for seed in 5..9 {
            for sweep in 0..objective.sweeps() {
                rows += 1;
                let share = deviation(objective, &term.knobs, sweep, seed);
                worst.see(share / TOLERANCE, || {
                    format!(
                        "{name}: statistics merged from parts are not those of the whole row (sweep {sweep})"
                    )
                });
            }
        }
    }
    worst.check(objective, "merge", None, format!("{rows} rows folded whole and in 3 parts"))
}

/// The largest deviation of a sum; infinite where maxima differ or no pair counts as something.
fn deviation(objective: &dyn Objective, knobs: &crate::objectives::Knobs, sweep: usize, seed: u64) -> f64 {
    let scores: Vec<f32> = (0..64).map(|j| (normal(seed, 0, j).abs() * 1.5) as f32).collect();
    let groups: Vec<u32> = (0..64).map(|j| j % 3).collect();
    let constants = vec![0.5; 64];
    let row = Row { max: [0.3, 0.2], value: [0.4, 0.1, 0.2, 0.3], ..Row::default() };
    let fold = |tiles: &[(usize, usize)]| {
        tiles.iter().fold(Stats::EMPTY, |sum, &(from, len)| {
            let mut stats = Stats::EMPTY;
            let tile = Tile {
                scores: &scores[from..],
                len,
                groups: &groups[from..],
                constants: &constants[from..],
                group: 1,
                own: None,
                logit: 0.7,
            };
            objective.fold(knobs, sweep, &tile, &row, &mut stats, &mut []);
            sum.merge(stats, objective.scaled_by())
        })
    };
    let (whole, parts, nothing) = (fold(&[(0, PAIRS)]), fold(&PARTS), fold(&[(0, 0)]));
    if whole.max != parts.max || nothing.sum != [0.0; 4] {
        return f64::INFINITY;
    }
    let off = whole.sum.iter().zip(parts.sum).map(|(a, b)| (a - b).abs() / (1.0 + a.abs()));
    // `max` would hide a NaN.
    off.fold(0.0, |worst, off| if off > worst || off.is_nan() { off } else { worst })
}
