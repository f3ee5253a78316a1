//! Hyperspherical representation scattering.
//!
//! L = −(1/N) Σ ‖u_i − ū‖² = ‖ū‖² − 1, G = 1/N² on every pair: a first-moment constraint. Any
//! arrangement whose mean is zero reaches −1, two opposite clumps included. CircuitGCL 2025; SGRL.

use super::{
    About, Batch, BatchLanes, Case, Family, Floor, Frame, Grouping, Knobs, Objective, Pair, RowLanes, Scene,
    Score, Stats,
};
use crate::lanes::Lanes;
use crate::tape::Var;

/// The unit struct of this objective.
pub(super) struct Scattering;

impl Objective for Scattering {
    fn name(&self) -> &'static str {
        "scattering"
    }

    fn about(&self) -> About {
        About {
            title: "Hyperspherical scattering",
            formula: "L = -mean_i |u_i - mean u|^2 = |mean u|^2 - 1",
            paper: "CircuitGCL 2025; SGRL (He et al. 2024)",
            effect: "Pushes the mean of all rows to the origin, and asks for nothing else.",
        }
    }

    fn proved(&self) -> &'static str {
        "-1, at every arrangement of mean zero: no frame is singled out."
    }

    fn family(&self) -> Family {
        Family::Pair
    }

    fn score(&self) -> Score {
        Score::Cosine
    }

    fn grouping(&self, _: &Knobs) -> Grouping {
        Grouping::None
    }

    fn reference<'t>(&self, _: &Knobs, scene: &Scene<'t>) -> Var<'t> {
        // ‖ū‖² = (1/N²) Σ_ij u_i·u_j; a row with itself gives 1.
        let n = scene.anchors as f64;
        let cosines = (0..scene.anchors).flat_map(|i| scene.others(i).map(move |j| scene.score(i, j)));
        (Var::total(scene.tape, cosines) + n) / (n * n) - 1.0
    }

    fn floor(&self, _: &Knobs, case: &Case) -> Floor {
        if case.rows() < 2 {
            return Floor::Proved { value: 0.0, frame: Frame::Together };
        }
        if case.dim < 2 && case.rows() % 2 == 1 {
            return Floor::Unknown("an odd number of rows on a line cannot have mean zero".into());
        }
        Floor::Proved { value: -1.0, frame: Frame::ZeroMean }
    }

    fn linear(&self, _: &Knobs) -> bool {
        true
    }

    fn sums(&self) -> usize {
        1
    }

    #[inline(always)]
    fn terms(&self, _: &Knobs, _: usize, pair: &Pair, _: [Lanes; 2], _: &RowLanes) -> [Lanes; 4] {
        [pair.score, Lanes::ZERO, Lanes::ZERO, Lanes::ZERO]
    }

    fn finish_batch(&self, _: &Knobs, _: &Stats, batch: &Batch) -> [f64; 4] {
        [1.0 / (batch.anchors * batch.anchors), 0.0, 0.0, 0.0]
    }

    fn loss(&self, _: &Knobs, _: f64, total: &Stats, batch: &Batch) -> f64 {
        (total.sum[0] + batch.anchors) * batch.value[0] - 1.0
    }

    #[inline(always)]
    fn coupling(&self, _: &Knobs, _: &Pair, _: [Lanes; 2], _: &RowLanes, batch: &BatchLanes<'_>) -> Lanes {
        Lanes::splat(batch.value[0])
    }

    fn shader(&self) -> Option<&'static [&'static str]> {
        Some(&[include_str!("../../shaders/objectives/scattering.wgsl")])
    }
}
