//! The Z-loss: softplus of a standardised target score.
//!
//! z_y = (s_y − μ)/σ over the scores of a row (σ the population standard deviation + 1e-12),
//! L = (1/N) Σ softplus(a(b − z_y))/a, G = (g/σ)(e_y − 1/C − z_y·z/C)/N with g = −sigmoid(a(b − z_y)).
//! de Brébisson and Vincent 2016, "The Z-loss: a shift and scale invariant classification loss
//! belonging to the spherical family". z_y never exceeds √(C−1).

use super::{
    About, Anchor, Batch, BatchLanes, Case, Default, Family, Floor, Frame, Hard, Knob, Knobs, Needs,
    Objective, Pair, Range, Row, RowLanes, Scene, Score, Stats,
};
use crate::lanes::Lanes;
use crate::tape::Var;

/// The unit struct of this objective.
pub(super) struct ZLoss;

/// Keeps a row of equal scores finite.
const EPSILON: f64 = 1e-12;

impl Objective for ZLoss {
    fn name(&self) -> &'static str {
        "z-loss"
    }

    fn about(&self) -> About {
        About {
            title: "Z-loss",
            formula: "L = mean_i softplus(a (b - z_iy)) / a,  z = (s - mean s) / sd s",
            paper: "de Brebisson, Vincent 2016: The Z-loss",
            effect: "Looks at standardised scores only: rows line up with their class but norms never grow.",
        }
    }

    fn knobs(&self) -> &'static [Knob] {
        const {
            &[
                Knob::log_number("a", "a", "Sharpness of the softplus.", 0.2, (0.05, 5.0), Hard::Positive),
                Knob {
                    name: "b",
                    symbol: "b",
                    meaning: "The standardised target score aimed at; log C unless set.",
                    default: Default::LogClasses,
                    range: Range::Number { soft: (0.0, 10.0), hard: Hard::Finite, log: false },
                },
            ]
        }
    }

    fn proved(&self) -> &'static str {
        "Without decay: the softplus at the largest standardised score, sqrt(C-1)."
    }

    fn family(&self) -> Family {
        Family::Class
    }

    fn score(&self) -> Score {
        Score::Raw
    }

    fn reference<'t>(&self, knobs: &Knobs, scene: &Scene<'t>) -> Var<'t> {
        let (a, b) = (knobs.exact(0), knobs.exact(1));
        let losses: Vec<_> = (0..scene.anchors)
            .map(|i| {
                let scores = scene.scores(i);
                let mean = scene.mean(scores);
                let squares: Vec<_> = scores.iter().map(|&s| (s - mean) * (s - mean)).collect();
                let variance = scene.mean(&squares);
                if variance.value == 0.0 {
                    // Equal scores have no direction to standardise along.
                    return scene.tape.constant(a * b).softplus() / a;
                }
                let z = (scores[scene.label(i)] - mean) / (variance.sqrt() + EPSILON);
                ((-z + b) * a).softplus() / a
            })
            .collect();
        scene.mean(&losses)
    }

    fn floor(&self, knobs: &Knobs, case: &Case) -> Floor {
        if case.decay_features != 0.0 || case.decay_weights != 0.0 {
            return Floor::Unknown("with decay no floor is proved".into());
        }
        let (a, b) = (knobs.exact(0), knobs.exact(1));
        let best = ((case.classes.max(1) - 1) as f64).sqrt();
        let x = a * (b - best);
        let value = (x.max(0.0) + (-x.abs()).exp().ln_1p()) / a;
        Floor::Proved { value, frame: Frame::Other }
    }

    fn sweeps(&self) -> usize {
        2
    }

    fn needs(&self) -> Needs {
        Needs::Row
    }

    /// First Σ s, then Σ (s − mean)², which loses nothing to cancellation.
    fn sums(&self) -> usize {
        1
    }

    #[inline(always)]
    fn terms(&self, _: &Knobs, sweep: usize, pair: &Pair, _: [Lanes; 2], row: &RowLanes) -> [Lanes; 4] {
        let centred = pair.score - row.value[0];
        [if sweep == 0 { pair.score } else { centred * centred }, Lanes::ZERO, Lanes::ZERO, Lanes::ZERO]
    }

    /// Value: \[mean, factor of e_y − 1/C, factor of s − mean\].
    fn finish_row(
        &self,
        knobs: &Knobs,
        sweep: usize,
        stats: &Stats,
        anchor: &Anchor,
        batch: &Batch,
        row: &Row,
    ) -> Row {
        let classes = batch.candidates;
        if sweep == 0 {
            return Row { value: [(stats.sum[0] / classes) as f32, 0.0, 0.0, 0.0], ..Row::default() };
        }
        let (a, b) = (knobs.exact(0), knobs.exact(1));
        let mean = f64::from(row.value[0]);
        let deviation = (stats.sum[0] / classes).sqrt();
        let sigma = deviation + EPSILON;
        let z = if deviation > 0.0 { (f64::from(anchor.score) - mean) / sigma } else { 0.0 };
        let x = a * (b - z);
        let loss = (x.max(0.0) + (-x.abs()).exp().ln_1p()) / a;
        let pull = if deviation > 0.0 { -1.0 / (1.0 + (-x).exp()) / (sigma * batch.anchors) } else { 0.0 };
        let along = if deviation > 0.0 { -pull * z / (classes * deviation) } else { 0.0 };
        Row {
            value: [row.value[0], pull as f32, along as f32, (pull / classes) as f32],
            loss: loss / batch.anchors,
            ..Row::default()
        }
    }

    #[inline(always)]
    fn coupling(&self, _: &Knobs, pair: &Pair, _: [Lanes; 2], row: &RowLanes, _: &BatchLanes<'_>) -> Lanes {
        pair.positive.keep(row.value[1]) - row.value[3] + (pair.score - row.value[0]) * row.value[2]
    }

    fn shader(&self) -> Option<&'static [&'static str]> {
        Some(&[include_str!("../../shaders/objectives/z_loss.wgsl")])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_standardised_score_exceeds_the_root_of_c_minus_one() {
        let case = Case { counts: vec![1; 4], classes: 4, dim: 2, clean: true, ..Case::default() };
        let knobs = Knobs([0.2, 3f64.sqrt(), 0., 0., 0., 0., 0., 0.]);
        // b = √3 is the ceiling: softplus(0)/a = log 2 / 0.2.
        assert!((ZLoss.floor(&knobs, &case).value().unwrap() - 5.0 * 2f64.ln()).abs() < 1e-12);
    }
}
