//! Orthogonal projection loss.
//!
//! L = 1 − s + γ·D with s the mean cosine of same-class pairs and D one of three published forms
//! over different-class pairs: |mean| (the paper), mean of |cos| (the authors' CIFAR and ImageNet
//! code), the signed mean (the file their README tells users to copy). The three have different
//! optima. Ranasinghe et al. 2021, "Orthogonal projection loss". No epsilon in the denominators.

use super::{
    About, Batch, BatchLanes, Case, Family, Floor, Frame, Hard, Knob, Knobs, Objective, Pair, RowLanes,
    Scene, Score, Stats,
};
use crate::lanes::Lanes;
use crate::tape::Var;

/// The unit struct of this objective.
pub(super) struct Opl;

/// The forms of the term over different classes, in the order of the `variant` knob.
const VARIANTS: &[&str] = &["mean", "abs", "signed"];
const MEAN: usize = 0;
const ABS: usize = 1;

/// Equal classes as evenly as possible on d axes, C = q·d + r: γ·2·[r·(q+1 over 2) + (d−r)·(q over 2)]/(C·(C−1)).
fn shared_axes(gamma: f64, case: &Case) -> f64 {
    let (classes, dim) = (case.classes as f64, case.dim as f64);
    let on_each = (classes / dim).floor();
    let more = classes - on_each * dim;
    let pairs = more * (on_each + 1.0) * on_each / 2.0 + (dim - more) * on_each * (on_each - 1.0) / 2.0;
    2.0 * gamma * pairs / (classes * (classes - 1.0))
}

impl Objective for Opl {
    fn name(&self) -> &'static str {
        "opl"
    }

    fn about(&self) -> About {
        About {
            title: "Orthogonal projection loss",
            formula: "L = 1 - mean_same cos + gamma (|mean_other cos| or mean_other |cos| or mean_other cos)",
            paper: "Ranasinghe et al. 2021: Orthogonal projection loss",
            effect: "Gathers classes; what it does between them depends on the variant.",
        }
    }

    fn knobs(&self) -> &'static [Knob] {
        const {
            &[
                Knob::number(
                    "gamma",
                    "γ",
                    "Weight of the different-class term.",
                    0.5,
                    (0.0, 2.0),
                    Hard::NonNegative,
                ),
                Knob::choice(
                    "variant",
                    "Which published form of the different-class term.",
                    "mean",
                    VARIANTS,
                ),
            ]
        }
    }

    fn proved(&self) -> &'static str {
        "signed: -gamma sum n_c^2 / (pairs of other classes), at any collapsed arrangement of mean \
         zero. mean: 0, reachable for C > d too. abs: 0 iff classes are orthogonal, which needs C \
         <= d; beyond it no floor."
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
        let between = match VARIANTS[knobs.choice(1)] {
            "mean" => scene.mean(&other).abs(),
            "abs" => scene.mean(&other.into_iter().map(Var::abs).collect::<Vec<_>>()),
            _ => scene.mean(&other),
        };
        -scene.mean(&same) + 1.0 + between * knobs.exact(0)
    }

    fn floor(&self, knobs: &Knobs, case: &Case) -> Floor {
        if !case.clean {
            return Floor::Unknown("labels are noisy: the proof needs clean labels".into());
        }
        if case.counts.iter().all(|&n| n < 2) {
            return Floor::Unknown("no class has two rows: there is no same-class pair".into());
        }
        let n = case.rows() as f64;
        let squares: f64 = case.counts.iter().map(|&k| (k * k) as f64).sum();
        let other_pairs = n * n - squares;
        if other_pairs == 0.0 {
            return Floor::Proved { value: 0.0, frame: Frame::Together };
        }
        match VARIANTS[knobs.choice(1)] {
            "signed" => {
                Floor::Proved { value: -knobs.exact(0) * squares / other_pairs, frame: Frame::ZeroMean }
            }
            "abs" if case.counts.len() > case.dim => {
                let known = if case.balanced() {
                    format!(
                        "; least known value {:.6}, classes sharing axes",
                        shared_axes(knobs.exact(0), case)
                    )
                } else {
                    String::new()
                };
                Floor::Unknown(format!(
                    "C = {} > d = {}: classes cannot all be orthogonal and no floor is known{known}",
                    case.counts.len(),
                    case.dim
                ))
            }
            _ => Floor::Proved {
                value: 0.0,
                frame: if knobs.choice(1) == ABS { Frame::Orthogonal } else { Frame::Other },
            },
        }
    }

    fn linear(&self, knobs: &Knobs) -> bool {
        knobs.choice(1) != ABS
    }

    fn sums(&self) -> usize {
        2
    }

    #[inline(always)]
    fn terms(&self, knobs: &Knobs, _: usize, pair: &Pair, _: [Lanes; 2], _: &RowLanes) -> [Lanes; 4] {
        let between = if knobs.choice(1) == ABS { pair.score.abs() } else { pair.score };
        [pair.positive.keep(pair.score), pair.negative.keep(between), Lanes::ZERO, Lanes::ZERO]
    }

    /// \[same mean, other mean, pull of a same pair, push of an other pair\].
    fn finish_batch(&self, knobs: &Knobs, total: &Stats, batch: &Batch) -> [f64; 4] {
        let mean = |sum: f64, count: f64| if count > 0.0 { sum / count } else { 0.0 };
        let same = mean(total.sum[0], batch.positive_pairs);
        let other = mean(total.sum[1], batch.negative_pairs);
        let sign = match knobs.choice(1) {
            MEAN if other < 0.0 => -1.0,
            MEAN if other == 0.0 => 0.0,
            _ => 1.0,
        };
        [
            same,
            other,
            -mean(1.0, batch.positive_pairs),
            knobs.exact(0) * sign * mean(1.0, batch.negative_pairs),
        ]
    }

    fn loss(&self, knobs: &Knobs, _: f64, _: &Stats, batch: &Batch) -> f64 {
        let [same, other, ..] = batch.value;
        let between = if knobs.choice(1) == MEAN { other.abs() } else { other };
        1.0 - same + knobs.exact(0) * between
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
        let push = Lanes::splat(batch.value[3]);
        let push = if knobs.choice(1) == ABS { push * pair.score.sign() } else { push };
        pair.positive.select(Lanes::splat(batch.value[2]), push)
    }

    fn shader(&self) -> Option<&'static [&'static str]> {
        Some(&[include_str!("../../shaders/objectives/opl.wgsl")])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signed_form_goes_below_zero_and_the_others_do_not() {
        let case = Case { counts: vec![3; 4], classes: 4, dim: 4, clean: true, ..Case::default() };
        let floor = |variant: f64| Opl.floor(&Knobs([0.5, variant, 0., 0., 0., 0., 0., 0.]), &case).value();
        assert_eq!([floor(0.0), floor(1.0)], [Some(0.0); 2]);
        assert!((floor(2.0).unwrap() + 0.5 / 3.0).abs() < 1e-12, "-gamma/(C-1)");
    }
}
