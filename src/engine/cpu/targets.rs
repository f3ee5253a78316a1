//! What is known of a term before its scores are swept: targets, margins, groups, constants.

use rayon::prelude::*;

use super::parts::zeroed;
use super::term::Sides;
use crate::lanes::LANES;
use crate::lanes::dispatch::{Simd, Vectorised, vectorised};
use crate::objectives::{Anchor, Family, Score, Target};

/// Anchors a thread prepares at a time.
const CHUNK: usize = 512;

/// What is known of a term before its scores are swept.
#[derive(Default)]
pub(super) struct Prepared {
    pub(super) anchors: Vec<Anchor>,
    /// sine of each target angle, where it is used.
    pub(super) sines: Vec<f32>,
    /// The candidates' groups and constants, padded to whole lanes.
    pub(super) groups: Vec<u32>,
    pub(super) constants: Vec<f32>,
}

/// The inner product of two rows and the length of `b` across `a`, both in f64.
struct Along<'a>(&'a [f32], &'a [f32], bool);

impl Vectorised for Along<'_> {
    type Output = (f64, f64);
    #[inline(always)]
    fn run(self, _: Simd) -> (f64, f64) {
        let Along(a, b, across) = self;
        let dot = sum_of(a, b, |a, b| a * b);
        if !across {
            return (dot, 0.0);
        }
        (dot, sum_of(a, b, |a, b| (b - dot * a) * (b - dot * a)).sqrt())
    }
}

/// Σ term(a, b) in f64, eight at a time.
#[inline(always)]
fn sum_of(a: &[f32], b: &[f32], term: impl Fn(f64, f64) -> f64) -> f64 {
    let (a, a_rest) = a.as_chunks::<8>();
    let (b, b_rest) = b.as_chunks::<8>();
    let mut sums = [0.0f64; 8];
    for (a, b) in a.iter().zip(b) {
        for l in 0..8 {
            sums[l] += term(f64::from(a[l]), f64::from(b[l]));
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(&a, &b)| term(f64::from(a), f64::from(b))).sum();
    sums.iter().sum::<f64>() + rest
}

impl Sides<'_> {
    /// Fills `prepared` for the rows as they stand.
    pub(super) fn prepare(&self, prepared: &mut Prepared) {
        let (objective, knobs) = (self.term.objective, &self.term.knobs);
        let (n, m) = (self.x.rows, self.y.rows);
        let padded = m.next_multiple_of(LANES);
        let Prepared { anchors, sines, groups, constants } = prepared;
        let relations = self.relations;
        zeroed(constants, padded);
        groups.clear();
        anchors.resize(n, Anchor::default());
        if objective.family() == Family::Pair {
            for (i, anchor) in anchors.iter_mut().enumerate() {
                anchor.positives = relations.positives[i];
                anchor.negatives = relations.negatives[i];
            }
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
        let target = |i: usize, anchor: &mut Anchor, sine: f32, margin: f32| {
            let constant = constants[self.groups[i] as usize];
            anchor.target = objective.target(knobs, &Target { score: anchor.score, sine, margin, constant });
        };
        let sorted = objective.margins(knobs).is_some_and(|margins| margins.sorted);
        let work = |(c, (anchors, sines)): (usize, (&mut [Anchor], &mut [f32]))| {
            for (r, (anchor, sine)) in anchors.iter_mut().zip(sines).enumerate() {
                let i = c * CHUNK + r;
                (anchor.score, *sine) = self.score_of_target(i, self.groups[i] as usize);
                anchor.positives = relations.positives[i];
                anchor.negatives = relations.negatives[i];
                if !sorted {
                    target(i, anchor, *sine, self.margins.map_or(0.0, |margins| margins[i]));
                }
            }
        };
        if self.threads_pay() {
            anchors.par_chunks_mut(CHUNK).zip(sines.par_chunks_mut(CHUNK)).enumerate().for_each(work);
        } else {
            anchors.chunks_mut(CHUNK).zip(sines.chunks_mut(CHUNK)).enumerate().for_each(work);
        }
        if let Some(margins) = self.margins.filter(|_| sorted) {
            // The largest margin to the smallest score: all scores must be known first.
            let scores: Vec<f32> = anchors.iter().map(|anchor| anchor.score).collect();
            let margins = crate::objective::margins::sorted(&scores, margins);
            for (i, (anchor, margin)) in anchors.iter_mut().zip(margins).enumerate() {
                target(i, anchor, sines[i], margin);
            }
        }
    }

    /// The score of an anchor and its class weight, and the sine of the angle between them.
    fn score_of_target(&self, i: usize, label: usize) -> (f32, f32) {
        let raw = self.term.objective.score() == Score::Raw;
        let (dot, across) = vectorised(Along(self.x.row(i), self.y.row(label), !raw));
        let bias = self.bias.filter(|_| raw).map_or(0.0, |bias| f64::from(bias[label]));
        ((dot + bias) as f32, across as f32)
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
