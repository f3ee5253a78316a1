//! One sweep over the pairs of class means (or of some of them), from which several numbers are read.

use nalgebra::DMatrix;

use super::blocks;
use super::class_angles::angle_deg;
use super::pairs::over_pairs_of;
use crate::lanes::dispatch::{Simd, Vectorised, vectorised};

/// Numbers over pairs of vectors.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClassPairs {
    /// Mean of |cos − ideal|.
    pub(super) mean_gap: f64,
    /// The smallest angle in degrees.
    pub(super) least_angle: f64,
    /// ‖A/‖A‖ − T‖ in Frobenius norms: A the Gram matrix of all vectors, T the simplex's, of norm 1.
    pub(super) simplex_distance: f64,
}

/// What one strip of pairs adds up to.
#[derive(Default)]
struct Sums {
    gap: f64,
    off: f64,
    /// Cosine and places of the closest pair.
    closest: Option<(f64, usize, usize)>,
}

impl ClassPairs {
    /// Over the columns at `drawn` (ascending), or all of them; at least two. Columns of length 0 count as at right
    /// angles to all others: who asks for angles checks before.
    pub(super) fn new(columns: &DMatrix<f64>, drawn: Option<&[usize]>, ideal: f64) -> Self {
        let all: Vec<f64> = columns.column_iter().map(|column| column.norm()).collect();
        let norm = blocks::smaller_gram(columns).norm();
        let mut unit = drawn.map_or_else(|| columns.clone(), |drawn| columns.select_columns(drawn));
        let lengths: Vec<f64> = drawn.map_or_else(|| all.clone(), |d| d.iter().map(|&c| all[c]).collect());
        for (mut column, &length) in unit.column_iter_mut().zip(&lengths) {
            if length > 0.0 {
                column /= length;
            }
        }
        let count = columns.ncols() as f64;
        let scale = 1.0 / (count - 1.0).sqrt();
        let (on, off) = ((1.0 - 1.0 / count) * scale, -scale / count);
        // All lengths 0: the distance is not asked for.
        let norm = if norm > 0.0 { norm } else { 1.0 };
        let sums = over_pairs_of(&unit, |sums: &mut Sums, j, first, cosines| {
            let others = &lengths[first..first + cosines.len()];
            let fold = Fold { cosines, others, ideal, scale: lengths[j] / norm, off };
            let (most, gap, off) = vectorised(fold);
            sums.gap += gap;
            sums.off += off;
            if sums.closest.is_none_or(|(closest, ..)| most > closest) && !cosines.is_empty() {
                let place = cosines.iter().position(|&cosine| cosine == most).unwrap_or(0);
                sums.closest = Some((most, first + place, j));
            }
        });
        let pairs = |count: f64| count * (count - 1.0) / 2.0;
        let seen = pairs(unit.ncols() as f64);
        let mut total = Sums::default();
        for sums in sums {
            total.gap += sums.gap;
            total.off += sums.off;
            if let Some(this) = sums.closest
                && total.closest.is_none_or(|best| this.0 > best.0)
            {
                total.closest = Some(this);
            }
        }
        let diagonal: f64 = all.iter().map(|length| (length * length / norm - on).powi(2)).sum();
        // Pairs that were left out count like those seen.
        let squares = diagonal + 2.0 * total.off * (pairs(count) / seen);
        let (_, i, j) = total.closest.unwrap_or((0.0, 0, 0));
        Self {
            mean_gap: total.gap / seen,
            least_angle: angle_deg(unit.column(i), unit.column(j)),
            simplex_distance: squares.sqrt(),
        }
    }
}

/// The largest cosine; the sum of |cos − ideal|; the sum of (cos · others · scale − off)².
struct Fold<'a> {
    cosines: &'a [f64],
    others: &'a [f64],
    ideal: f64,
    scale: f64,
    off: f64,
}

impl Vectorised for Fold<'_> {
    type Output = (f64, f64, f64);
    #[inline(always)]
    fn run(self, _: Simd) -> (f64, f64, f64) {
        const LANES: usize = 8;
        let (whole, rest) = self.cosines.as_chunks::<LANES>();
        let (lengths, last) = self.others.as_chunks::<LANES>();
        let (mut most, mut gap, mut off) = ([f64::NEG_INFINITY; LANES], [0.0; LANES], [0.0; LANES]);
        for (cosines, lengths) in whole.iter().zip(lengths) {
            for lane in 0..LANES {
                let cosine = cosines[lane];
                most[lane] = if cosine > most[lane] { cosine } else { most[lane] };
                gap[lane] += (cosine - self.ideal).abs();
                let distance = cosine * lengths[lane] * self.scale - self.off;
                off[lane] += distance * distance;
            }
        }
        for (lane, (&cosine, length)) in rest.iter().zip(last).enumerate() {
            most[lane] = if cosine > most[lane] { cosine } else { most[lane] };
            gap[lane] += (cosine - self.ideal).abs();
            off[lane] += (cosine * length * self.scale - self.off).powi(2);
        }
        (most.into_iter().fold(f64::NEG_INFINITY, f64::max), gap.iter().sum(), off.iter().sum())
    }
}

/// ‖A/‖A‖ − T‖ in Frobenius norms, A the Gram matrix of the columns and T, symmetric with ‖T‖ = 1, given entry by
/// entry. Entry by entry, because `2 − 2⟨A, T⟩` would lose half the digits near zero. Off the diagonal only the
/// columns at `drawn` are looked at, if that is given.
pub(super) fn gram_distance(
    columns: &DMatrix<f64>,
    drawn: Option<&[usize]>,
    target: impl Fn(usize, usize) -> f64 + Sync,
) -> f64 {
    let norm = blocks::smaller_gram(columns).norm();
    let mut seen = drawn.map_or_else(|| columns.clone(), |drawn| columns.select_columns(drawn));
    // Products of scaled columns are entries of A/‖A‖, and no size is beyond f32.
    seen /= norm.sqrt();
    let seen = &seen;
    let place = |column: usize| drawn.map_or(column, |drawn| drawn[column]);
    let sums = over_pairs_of(seen, |sum: &mut f64, j, first, products| {
        for (i, &value) in products.iter().enumerate() {
            *sum += (value - target(place(first + i), place(j))).powi(2);
        }
    });
    let diagonal: f64 = columns
        .column_iter()
        .enumerate()
        .map(|(k, column)| (column.norm_squared() / norm - target(k, k)).powi(2))
        .sum();
    let pairs = |count: usize| count as f64 * (count as f64 - 1.0) / 2.0;
    (diagonal + 2.0 * sums.iter().sum::<f64>() * pairs(columns.ncols()) / pairs(seen.ncols()).max(1.0)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_uncentred_orthonormal_frame_is_this_far_from_the_simplex() {
        // sqrt(2 − 2 sqrt((C−1)/C)), 0.460 for C = 5.
        let pairs = ClassPairs::new(&DMatrix::identity(5, 5), None, -0.25);
        let expected = (2.0 - 2.0 * (4.0_f64 / 5.0).sqrt()).sqrt();
        assert!((pairs.simplex_distance - expected).abs() < 1e-14 && (expected - 0.460).abs() < 5e-4);
        assert!((pairs.mean_gap - 0.25).abs() < 1e-14 && (pairs.least_angle - 90.0).abs() < 1e-12);
        let simplex = |k: usize, l: usize| if k == l { 0.4 } else { -0.1 };
        assert!((gram_distance(&DMatrix::identity(5, 5), None, simplex) - expected).abs() < 1e-14);
    }

    #[test]
    fn a_sample_of_like_columns_says_what_all_would() {
        // Every column is ±e1 or ±e2, in turn, so that every sample of a multiple of four looks like the whole but
        // for the pairs of a column with itself.
        let columns = DMatrix::from_fn(2, 4000, |k, c| match (c % 4, k) {
            (0, 0) | (1, 1) => 1.0,
            (2, 0) | (3, 1) => -1.0,
            _ => 0.0,
        });
        let drawn: Vec<usize> = (0..1000).collect();
        let (all, some) =
            (ClassPairs::new(&columns, None, 0.0), ClassPairs::new(&columns, Some(&drawn), 0.0));
        assert!((all.mean_gap - 0.5).abs() < 1e-3 && (some.mean_gap - 0.5).abs() < 2e-3);
        assert!((all.simplex_distance - some.simplex_distance).abs() < 2e-3 * all.simplex_distance);
        assert_eq!((all.least_angle, some.least_angle), (0.0, 0.0));
        let simplex = |k: usize, l: usize| {
            let scale = 1.0 / 3999.0_f64.sqrt();
            if k == l { (1.0 - 1.0 / 4000.0) * scale } else { -scale / 4000.0 }
        };
        let distance = gram_distance(&columns, Some(&drawn), simplex);
        assert!((distance - some.simplex_distance).abs() < 1e-12);
    }
}
