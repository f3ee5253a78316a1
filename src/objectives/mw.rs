//! The MW loss: every positive pair against every negative pair of the batch.
//!
//! L = mean over positive pairs a and negative pairs b of softplus((s_b − s_a)/τ), s the cosines: a
//! smooth bound on 1 − AUC (Mann–Whitney). "MW loss" 2025 (arXiv 2510.00137); pooling over all
//! anchors of the batch. Pairs of pairs are never formed: the cosines are counted in two histograms
//! with linear splitting, and the coupling of a score is read from a table over the bins.

use super::{
    About, Batch, BatchLanes, Family, Histogram, Knob, Knobs, Objective, Pair, RowLanes, Scene, Score,
    Tabulated, supcon,
};
use crate::lanes::{LANES, Lanes};
use crate::tape::Var;

/// The unit struct of this objective.
pub(super) struct Mw;

/// The most bins a histogram has.
const MOST_BINS: usize = 4096;
/// The widest a bin may be, in units of the temperature, while there are bins left.
const WIDEST_BIN: f64 = 1.0 / 300.0;
/// Cosines of unit rows in f32 exceed ±1 by rounding at most.
const REACH: f64 = 1.000_001;

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

impl Objective for Mw {
    fn name(&self) -> &'static str {
        "mw"
    }

    fn about(&self) -> About {
        About {
            title: "MW (Mann-Whitney) loss",
            formula: "L = mean over positive pairs a, negative pairs b of softplus((s_b - s_a) / tau)",
            paper: "MW loss 2025, arXiv 2510.00137",
            effect: "Wants every positive cosine above every negative one: one threshold for all anchors.",
        }
    }

    fn knobs(&self) -> &'static [Knob] {
        const { &[supcon::temperature_knob(0.05)] }
    }

    fn family(&self) -> Family {
        Family::Pair
    }

    fn score(&self) -> Score {
        Score::Cosine
    }

    fn reference<'t>(&self, knobs: &Knobs, scene: &Scene<'t>) -> Var<'t> {
        let all = 0..scene.anchors;
        let same: Vec<_> =
            all.clone().flat_map(|i| scene.positives(i).map(move |j| scene.score(i, j))).collect();
        let other: Vec<_> = all.flat_map(|i| scene.negatives(i).map(move |j| scene.score(i, j))).collect();
        let pairs = (same.len() * other.len()).max(1) as f64;
        let terms = same.iter().flat_map(|&a| other.iter().map(move |&b| (b - a) / knobs.exact(0)));
        Var::total(scene.tape, terms.map(Var::softplus)) / pairs
    }

    fn histogram(&self, knobs: &Knobs) -> Option<Histogram> {
        let wanted = 2.0 * REACH / (knobs.exact(0) * WIDEST_BIN);
        let bins = (wanted.ceil() as usize + 1).clamp(64, MOST_BINS);
        Some(Histogram { low: -REACH, high: REACH, bins })
    }

    fn tabulate(&self, knobs: &Knobs, counts: [&[f64]; 2], batch: &Batch) -> Tabulated {
        let (same_pairs, other_pairs) = (batch.positive_pairs, batch.negative_pairs);
        let bins = counts[0].len();
        let mut table = vec![0.0; 2 * bins];
        if same_pairs == 0.0 || other_pairs == 0.0 {
            return Tabulated { table, loss: 0.0 };
        }
        let temperature = knobs.exact(0);
        let spacing = 2.0 * REACH / (bins as f64 - 1.0) / temperature;
        // What depends on two bins depends on their difference only.
        let differences = (0..2 * bins - 1).map(|k| (k as f64 - (bins as f64 - 1.0)) * spacing);
        let (costs, slopes): (Vec<f64>, Vec<f64>) =
            differences.map(|x| (softplus(x), 1.0 / (1.0 + (-x).exp()))).unzip();
        let each = 1.0 / (same_pairs * other_pairs * temperature);
        let mut loss = 0.0;
        for (a, &same) in counts[0].iter().enumerate() {
            let from = bins - 1 - a;
            let over = |of: &[f64]| -> f64 {
                counts[1].iter().zip(&of[from..from + bins]).map(|(n, x)| n * x).sum()
            };
            table[a] = (-over(&slopes) * each) as f32;
            if same > 0.0 {
                loss += same * over(&costs);
            }
        }
        for b in 0..bins {
            let push: f64 = counts[0].iter().enumerate().map(|(a, n)| n * slopes[b + bins - 1 - a]).sum();
            table[bins + b] = (push * each) as f32;
        }
        Tabulated { table, loss: loss / (same_pairs * other_pairs) }
    }

    fn sums(&self) -> usize {
        0
    }

    #[inline(always)]
    fn terms(&self, _: &Knobs, _: usize, _: &Pair, _: [Lanes; 2], _: &RowLanes) -> [Lanes; 4] {
        [Lanes::ZERO; 4]
    }

    fn loss(&self, _: &Knobs, _: f64, _: &super::Stats, batch: &Batch) -> f64 {
        batch.tabulated.loss
    }

    #[inline(always)]
    fn coupling(
        &self,
        knobs: &Knobs,
        pair: &Pair,
        _: [Lanes; 2],
        _: &RowLanes,
        batch: &BatchLanes<'_>,
    ) -> Lanes {
        let Some(histogram) = self.histogram(knobs) else { return Lanes::ZERO };
        let mut same = [0.0; LANES];
        let mut other = [0.0; LANES];
        for l in 0..LANES {
            let (bin, share) = histogram.place(pair.score.0[l]);
            let at = |first: usize| {
                let table = &batch.table[first..first + histogram.bins];
                table[bin] + share * (table[bin + 1] - table[bin])
            };
            same[l] = at(0);
            other[l] = at(histogram.bins);
        }
        pair.positive.select(Lanes(same), Lanes(other))
    }

    fn shader(&self) -> Option<&'static [&'static str]> {
        Some(&[include_str!("../../shaders/objectives/mw.wgsl")])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_scores_a_bin_apart_cost_the_softplus_of_their_difference() {
        let knobs = Knobs([0.5, 0., 0., 0., 0., 0., 0., 0.]);
        let histogram = Mw.histogram(&knobs).unwrap();
        let mut counts = [vec![0.0; histogram.bins], vec![0.0; histogram.bins]];
        histogram.deposit(&mut counts[0], 0.9);
        histogram.deposit(&mut counts[1], -0.3);
        let batch = Batch { positive_pairs: 1.0, negative_pairs: 1.0, ..Batch::default() };
        let tabulated = Mw.tabulate(&knobs, [&counts[0], &counts[1]], &batch);
        assert!((tabulated.loss - softplus(-1.2 / 0.5)).abs() < 1e-5, "{}", tabulated.loss);
    }
}
