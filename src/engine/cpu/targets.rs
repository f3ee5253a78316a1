//! What is known of a term before its scores are swept: targets, margins, groups, constants.

use rayon::prelude::*;

use super::parts::zeroed;
use super::term::Sides;
use crate::features::Matrix;
use crate::lanes::LANES;
use crate::lanes::dispatch::{Simd, Vectorised, vectorised};
use crate::objectives::{Anchor, Family, Score, Stretch};

/// Anchors a thread prepares at a time.
const CHUNK: usize = 512;

/// What is known of a term before its scores are swept.
#[derive(Default)]
pub(super) struct Prepared {
    pub(super) anchors: Vec<Anchor>,
    /// Whether these know how many positives and negatives they have in the present relations.
    counted: bool,
    /// sine of each target angle, where it is used.
    pub(super) sines: Vec<f32>,
    /// The candidates' groups and constants, padded to whole lanes.
    pub(super) groups: Vec<u32>,
    pub(super) constants: Vec<f32>,
}

impl Prepared {
    /// To be called when relations are others.
    pub(super) fn recount(&mut self) {
        self.counted = false;
    }
}

/// The scores of a stretch of anchors with their class weights and, unless scores are raw, the sines of the angles
/// between them; all sums in f64.
struct Along<'a> {
    rows: &'a [f32],
    labels: &'a [u32],
    weights: &'a Matrix,
    raw: bool,
    /// Of raw scores.
    bias: Option<&'a [f32]>,
    anchors: &'a mut [Anchor],
    sines: &'a mut [f32],
}

impl Vectorised for Along<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, _: Simd) {
        let d = self.weights.cols;
        let ends = self.rows.chunks_exact(d).zip(self.labels);
        for ((row, &label), (anchor, sine)) in ends.zip(self.anchors.iter_mut().zip(self.sines)) {
            let label = label as usize;
            let weight = &self.weights.data[label * d..(label + 1) * d];
            let dot = sum_of(row, weight, |a, b| a * b);
            if self.raw {
                anchor.score = (dot + self.bias.map_or(0.0, |bias| f64::from(bias[label]))) as f32;
                *sine = 0.0;
            } else {
                anchor.score = dot as f32;
                // The part of the weight across the anchor.
                *sine = sum_of(row, weight, |a, b| (b - dot * a) * (b - dot * a)).sqrt() as f32;
            }
        }
    }
}

/// Σ term(a, b) in f64, eight at a time.
#[inline(always)]
fn sum_of(a: &[f32], b: &[f32], term: impl Fn(f64, f64) -> f64) -> f64 {
    let (a, a_rest) = a.as_chunks::<8>();
    let (b, b_rest) = b.as_chunks::<8>();
    let mut rest = 0.0;
    for (&a, &b) in a_rest.iter().zip(b_rest) {
        rest += term(f64::from(a), f64::from(b));
    }
    if a.is_empty() {
        return rest;
    }
    let mut sums = [0.0f64; 8];
    for (a, b) in a.iter().zip(b) {
        for l in 0..8 {
            sums[l] += term(f64::from(a[l]), f64::from(b[l]));
        }
    }
    sums.iter().sum::<f64>() + rest
}

impl Sides<'_> {
    /// Fills `prepared` for the rows as they stand.
    pub(super) fn prepare(&self, prepared: &mut Prepared) {
        let (objective, knobs) = (self.term.objective, &self.term.knobs);
        let (n, m) = (self.x.rows, self.y.rows);
        let padded = m.next_multiple_of(LANES);
        let Prepared { anchors, counted, sines, groups, constants } = prepared;
        zeroed(constants, padded);
        groups.clear();
        anchors.resize(n, Anchor::default());
        if !std::mem::replace(counted, true) {
            let counts = self.relations.positives.iter().zip(&self.relations.negatives);
            for (anchor, (&positives, &negatives)) in anchors.iter_mut().zip(counts) {
                (anchor.positives, anchor.negatives) = (positives, negatives);
            }
        }
        if objective.family() == Family::Pair {
            groups.extend_from_slice(self.groups);
            groups.resize(padded, 0);
            return;
        }
        sines.resize(n, 0.0);
        groups.extend(0..m as u32);
        groups.resize(padded, 0);
        for (constant, &count) in constants.iter_mut().zip(self.counts) {
            *constant = objective.constant(knobs, count);
        }
        let constants = &*constants;
        let targets = |first: usize, sines: &[f32], margins: Option<&[f32]>, anchors: &mut [Anchor]| {
            let stretch = Stretch { labels: &self.groups[first..], sines, margins, constants };
            objective.targets(knobs, &stretch, anchors);
        };
        // The largest margin to the smallest score: all scores must be known first.
        let sorted = objective.margins(knobs).is_some_and(|margins| margins.sorted);
        let work = |(c, (anchors, sines)): (usize, (&mut [Anchor], &mut [f32]))| {
            let first = c * CHUNK;
            vectorised(Along {
                rows: &self.x.data[first * self.x.cols..],
                labels: &self.groups[first..],
                weights: self.y,
                raw: objective.score() == Score::Raw,
                bias: self.bias,
                anchors: &mut *anchors,
                sines: &mut *sines,
            });
            if !sorted {
                targets(first, sines, self.margins.map(|margins| &margins[first..]), anchors);
            }
        };
        if self.threads_pay() {
            anchors.par_chunks_mut(CHUNK).zip(sines.par_chunks_mut(CHUNK)).enumerate().for_each(work);
        } else {
            anchors.chunks_mut(CHUNK).zip(sines.chunks_mut(CHUNK)).enumerate().for_each(work);
        }
        if let Some(margins) = self.margins.filter(|_| sorted) {
            let scores: Vec<f32> = anchors.iter().map(|anchor| anchor.score).collect();
            let margins = crate::objective::margins::sorted(&scores, margins);
            targets(0, sines, Some(&margins), anchors);
        }
    }

    /// Adds to both ends the pull along the arc from anchor `i` to its target.
    pub(super) fn pull_along_arc(
        &self,
        prepared: &Prepared,
        i: usize,
        arc: f32,
        anchor: &mut [f32],
        candidate: &mut [f32],
    ) {
        let sine = prepared.sines[i];
        if arc == 0.0 || f64::from(sine) < crate::optimizer::SHORTEST {
            return;
        }
        let pull = self.term.weight as f32 * arc / sine;
        let cosine = prepared.anchors[i].score;
        let (u, v) = (self.x.row(i), self.y.row(self.groups[i] as usize));
        for (g, (&u, &v)) in anchor.iter_mut().zip(u.iter().zip(v)) {
            *g += pull * (v - cosine * u);
        }
        for (g, (&u, &v)) in candidate.iter_mut().zip(u.iter().zip(v)) {
            *g += pull * (u - cosine * v);
        }
    }
}
