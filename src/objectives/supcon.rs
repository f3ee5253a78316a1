//! Supervised contrastive loss, L_out, and its shared form with NT-Xent.
//!
//! L = −(1/A) Σ_i (1/|P_i|) Σ_p log[e^{s_ip} / Σ_{a≠i} e^{s_ia}], s = cos/τ, over the A anchors that
//! have a positive. G_ij = (a_ij − 1[j ∈ P_i]/|P_i|)/(A·τ), a the softmax over all others. Khosla et
//! al. 2020, "Supervised contrastive learning". Minimum with C classes of b rows, C ≤ d + 1:
//! log[(b−1) + (N−b)·e^{−C/((C−1)τ)}].

use super::{
    About, Anchor, Batch, Case, Family, Floor, Frame, Grouping, Hard, Knob, Knobs, Objective, Pair, Row,
    Scene, Score, Stats, alignment, codes,
};
use crate::lanes::{DEEPEST, LOWEST, Lanes};
use crate::tape::Var;

/// The unit struct of this objective.
pub(super) struct SupCon;

/// The temperature knob of a contrastive objective.
pub(super) const fn temperature_knob(default: f64) -> Knob {
    Knob::log_number(
        "temperature",
        "τ",
        "What cosines are divided by: small temperatures look at near rows only.",
        default,
        (0.02, 1.0),
        Hard::Positive,
    )
}

/// L_out as printed.
pub(super) fn reference<'t>(temperature: f64, scene: &Scene<'t>) -> Var<'t> {
    let losses: Vec<_> = (0..scene.anchors)
        .filter(|&i| scene.positives(i).next().is_some())
        .map(|i| {
            let logits: Vec<_> = scene.others(i).map(|j| scene.score(i, j) / temperature).collect();
            let positives: Vec<_> = scene.positives(i).map(|j| scene.score(i, j) / temperature).collect();
            Var::log_sum_exp(scene.tape, &logits) - scene.mean(&positives)
        })
        .collect();
    scene.mean(&losses)
}

/// The minimum for groups of equal size, each collapsed, the groups on a simplex.
pub(super) fn floor(temperature: f64, groups: &[usize], what: &str, dim: usize) -> Floor {
    if let Err(reason) = simplex(groups, what, dim) {
        return Floor::Unknown(reason);
    }
    if groups[0] < 2 {
        return Floor::Unknown("no row has a positive".into());
    }
    let (count, size) = (groups.len() as f64, groups[0] as f64);
    let far = (count * size - size) * (-count / ((count - 1.0) * temperature)).exp();
    Floor::Proved { value: (size - 1.0 + far).ln(), frame: frame(what) }
}

/// Whether groups of these sizes can form a simplex with equal weight, or what fails.
pub(super) fn simplex(groups: &[usize], what: &str, dim: usize) -> Result<(), String> {
    let count = groups.len();
    if count < 2 {
        return Err(format!("a floor needs at least two {what}"));
    }
    if groups.iter().any(|&g| g != groups[0]) {
        return Err(format!("{what} are not of equal size: no floor known"));
    }
    if count > dim + 1 {
        return Err(format!(
            "{count} {what} > d + 1 = {}: the simplex does not fit and no floor is known{}",
            dim + 1,
            codes::best_angle_words(count, dim)
        ));
    }
    Ok(())
}

/// The simplex of classes, or of instances.
pub(super) fn frame(what: &str) -> Frame {
    if what == "classes" { Frame::Simplex } else { Frame::InstanceSimplex }
}

/// The fast form inside an `impl`: the knob at place 0 is the temperature.
///
/// Sums: Σ e^(s − max), Σ of s over positives. Value: \[1/(A·τ·Z), 1/(A·τ·|P|)\].
macro_rules! fast_form {
    () => {
        #[inline(always)]
        fn exponents(&self, knobs: &super::Knobs, pair: &super::Pair) -> [crate::lanes::Lanes; 2] {
            super::supcon::exponents(knobs, pair)
        }

        fn exponentials(&self) -> usize {
            1
        }

        #[inline(always)]
        fn terms(
            &self,
            knobs: &super::Knobs,
            _: usize,
            pair: &super::Pair,
            e: [crate::lanes::Lanes; 2],
            _: &super::RowLanes,
        ) -> [crate::lanes::Lanes; 4] {
            super::supcon::terms(knobs, pair, e)
        }

        fn sums(&self) -> usize {
            2
        }

        fn scaled_by(&self) -> [Option<usize>; 4] {
            [Some(0), None, None, None]
        }

        fn needs(&self) -> super::Needs {
            super::Needs::Row
        }

        #[inline(always)]
        fn ceiling(&self, knobs: &super::Knobs) -> Option<[f32; 2]> {
            super::supcon::ceiling(knobs)
        }

        fn finish_row(
            &self,
            knobs: &super::Knobs,
            _: usize,
            stats: &super::Stats,
            anchor: &super::Anchor,
            batch: &super::Batch,
            _: &super::Row,
        ) -> super::Row {
            super::supcon::finish_row(knobs, stats, anchor, batch)
        }

        #[inline(always)]
        fn coupling(
            &self,
            _: &super::Knobs,
            pair: &super::Pair,
            e: [crate::lanes::Lanes; 2],
            row: &super::RowLanes,
            _: &super::BatchLanes<'_>,
        ) -> crate::lanes::Lanes {
            e[0] * row.value[0] - pair.positive.keep(row.value[1])
        }
    };
}
pub(super) use fast_form;

/// The exponent: cos/τ.
#[inline(always)]
pub(super) fn exponents(knobs: &Knobs, pair: &Pair) -> [Lanes; 2] {
    [pair.score * (1.0 / knobs.fast(0)), Lanes::splat(LOWEST)]
}

/// Cosines over τ lie in [−1/τ, 1/τ].
#[inline(always)]
pub(super) fn ceiling(knobs: &Knobs) -> Option<[f32; 2]> {
    let most = 1.0 / knobs.fast(0);
    (2.0 * most <= DEEPEST).then_some([most, LOWEST])
}

/// The two sums.
#[inline(always)]
pub(super) fn terms(knobs: &Knobs, pair: &Pair, e: [Lanes; 2]) -> [Lanes; 4] {
    let logit = pair.score * (1.0 / knobs.fast(0));
    [e[0], pair.positive.keep(logit), Lanes::ZERO, Lanes::ZERO]
}

/// The loss of an anchor, nothing for one without a positive.
pub(super) fn finish_row(knobs: &Knobs, stats: &Stats, anchor: &Anchor, batch: &Batch) -> Row {
    if anchor.positives == 0.0 {
        return Row { max: stats.max, ..Row::default() };
    }
    let (positives, temperature) = (f64::from(anchor.positives), knobs.exact(0));
    let loss = f64::from(stats.max[0]) + stats.sum[0].ln() - stats.sum[1] / positives;
    let each = 1.0 / (batch.active * temperature);
    Row {
        max: stats.max,
        value: [(each / stats.sum[0]) as f32, (each / positives) as f32, 0.0, 0.0],
        arc: 0.0,
        loss: loss / batch.active,
    }
}

impl Objective for SupCon {
    fn name(&self) -> &'static str {
        "supcon"
    }

    fn about(&self) -> About {
        About {
            title: "Supervised contrastive",
            formula: "L = -mean_i mean_{p in P_i} log [ exp(s_ip) / sum_{a != i} exp(s_ia) ],  s = cos/tau",
            paper: "Khosla et al. 2020: Supervised contrastive learning",
            effect: "Gathers classes and spreads them as a simplex, by comparing rows with rows.",
        }
    }

    fn knobs(&self) -> &'static [Knob] {
        const { &[temperature_knob(0.1), alignment::positives_knob("class")] }
    }

    fn proved(&self) -> &'static str {
        "Equal groups of b rows, groups - 1 <= d: log((b-1) + (N-b) exp(-C/((C-1) tau))), at the \
         simplex; never 0 for b > 2."
    }

    fn family(&self) -> Family {
        Family::Pair
    }

    fn score(&self) -> Score {
        Score::Cosine
    }

    fn grouping(&self, knobs: &Knobs) -> Grouping {
        alignment::grouping(knobs, 1)
    }

    fn reference<'t>(&self, knobs: &Knobs, scene: &Scene<'t>) -> Var<'t> {
        reference(knobs.exact(0), scene)
    }

    fn floor(&self, knobs: &Knobs, case: &Case) -> Floor {
        if self.grouping(knobs) == Grouping::Instance {
            return floor(knobs.exact(0), &case.views, "instances", case.dim);
        }
        if !case.clean {
            return Floor::Unknown("labels are noisy: the proof needs clean labels".into());
        }
        floor(knobs.exact(0), &case.counts, "classes", case.dim)
    }

    fast_form!();

    fn shader(&self) -> Option<&'static [&'static str]> {
        Some(&[
            include_str!("../../shaders/contrastive.wgsl"),
            include_str!("../../shaders/objectives/supcon.wgsl"),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_of_two_antipodal_pairs_by_hand() {
        // Each row: its partner at cosine 1, two others at −1: log(1 + 2e^{−2/τ}).
        let got = floor(0.5, &[2, 2], "classes", 2).value().unwrap();
        assert!((got - (1.0 + 2.0 * (-4f64).exp()).ln()).abs() < 1e-12);
    }
}
