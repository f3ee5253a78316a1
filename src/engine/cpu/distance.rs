//! Squared distances by direct difference, and the gradient through them.
//!
//! 2 − 2·cos loses everything at near coincidence (59 % error at 1e-7 in f32), so distances and
//! their gradient go through the differences themselves.

use crate::lanes::dispatch::{Simd, Vectorised, vectorised};
use crate::lanes::{LANES, Lanes};

/// One anchor's squared distances to a stretch of candidates.
struct Distances<'a> {
    anchor: &'a [f32],
    /// d lines of candidates, `stride` apart, from the stretch's first candidate on.
    candidates: &'a [f32],
    stride: usize,
    out: &'a mut [f32],
    len: usize,
}

impl Vectorised for Distances<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, simd: Simd) {
        for start in (0..self.len).step_by(LANES) {
            let mut sum = Lanes::ZERO;
            for (k, &x) in self.anchor.iter().enumerate() {
                let difference = Lanes::splat(x) - Lanes::load(&self.candidates[k * self.stride + start..]);
                sum = difference.times_plus(difference, sum, simd);
            }
            sum.store(&mut self.out[start..]);
        }
    }
}

/// Writes ‖anchor − candidate‖² for `len` candidates, given as d lines, `stride` apart.
pub(super) fn distances(anchor: &[f32], (candidates, stride): (&[f32], usize), out: &mut [f32], len: usize) {
    vectorised(Distances { anchor, candidates, stride, out, len });
}

/// Below this 2 − 2·cos is not exact enough in f32 and the difference itself is taken.
const NEAR: f32 = 0.1;

struct FromCosines<'a>(Distances<'a>);

impl Vectorised for FromCosines<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, simd: Simd) {
        let Distances { anchor, candidates, stride, out, len } = self.0;
        for start in (0..len).step_by(LANES) {
            let squared = Lanes::splat(2.0) - Lanes::load(&out[start..]) * 2.0;
            if Lanes::splat(NEAR).greater(squared).any() {
                let near = Distances {
                    anchor,
                    candidates: &candidates[start..],
                    stride,
                    out: &mut out[start..],
                    len: LANES,
                };
                near.run(simd);
            } else {
                squared.store(&mut out[start..]);
            }
        }
    }
}

/// Turns the cosines in `out` into squared distances, near ones by direct difference.
pub(super) fn from_cosines(
    anchor: &[f32],
    (candidates, stride): (&[f32], usize),
    out: &mut [f32],
    len: usize,
) {
    vectorised(FromCosines(Distances { anchor, candidates, stride, out, len }));
}

/// Σ of the first `len` numbers; those past them up to whole lanes must be 0.
pub(super) fn sum(couplings: &[f32], len: usize) -> f32 {
    struct Sum<'a>(&'a [f32]);
    impl Vectorised for Sum<'_> {
        type Output = f32;
        #[inline(always)]
        fn run(self, _: Simd) -> f32 {
            let (whole, _) = self.0.as_chunks::<LANES>();
            whole.iter().fold(Lanes::ZERO, |sum, &lanes| sum + Lanes(lanes)).sum()
        }
    }
    vectorised(Sum(&couplings[..len.next_multiple_of(LANES)]))
}

struct PullBack<'a> {
    anchor: &'a [f32],
    candidates: &'a [f32],
    stride: usize,
    couplings: &'a [f32],
    factor: f32,
    out: &'a mut [f32],
    len: usize,
}

impl Vectorised for PullBack<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, simd: Simd) {
        for (k, (&x, out)) in self.anchor.iter().zip(self.out.iter_mut()).enumerate() {
            let mut sum = Lanes::ZERO;
            for start in (0..self.len).step_by(LANES) {
                let difference = Lanes::splat(x) - Lanes::load(&self.candidates[k * self.stride + start..]);
                sum = Lanes::load(&self.couplings[start..]).times_plus(difference, sum, simd);
            }
            *out += 2.0 * self.factor * sum.sum();
        }
    }
}

/// Adds factor · Σ_j coupling_j · 2·(anchor − candidate_j) to the anchor's gradient `out`.
///
/// The couplings past `len` up to whole lanes must be 0.
pub(super) fn pull_back(
    anchor: &[f32],
    (candidates, stride): (&[f32], usize),
    couplings: &[f32],
    factor: f32,
    out: &mut [f32],
    len: usize,
) {
    vectorised(PullBack { anchor, candidates, stride, couplings, factor, out, len });
}
