//! Powers of squared distances, safe where two rows coincide.

use crate::lanes::Lanes;

/// The squared distance below which two rows count as coincident: the square of the shortest
/// length that normalisation knows.
pub(crate) const COINCIDENT: f32 = 1e-24;

/// D^`power`, D being at least [`COINCIDENT`]. Finite; coincident rows have no direction, so a
/// large coupling between them moves nothing.
#[inline(always)]
pub(crate) fn power(squared: Lanes, power: f32) -> Lanes {
    (ln(squared) * power).exp()
}

/// log D, D being at least [`COINCIDENT`].
#[inline(always)]
pub(crate) fn ln(squared: Lanes) -> Lanes {
    squared.max(Lanes::splat(COINCIDENT)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coincident_rows_stay_finite() {
        let at_zero = power(Lanes::ZERO, -1.5).0[0];
        assert!(at_zero.is_finite() && at_zero > 1e30);
        assert!((power(Lanes::splat(0.25), 0.5).0[7] - 0.5).abs() < 1e-6);
        assert_eq!(power(Lanes::splat(3.0), 0.0).0[7], 1.0);
    }
}
