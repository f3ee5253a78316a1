//! Uniformity: all rows apart.
//!
//! L = log mean over pairs of e^{−tD}, D = ‖u − u′‖²; G = −t·e^{−tD}/Σe^{−tD}. Wang and Isola 2020.

use super::{
    About, Anchor, Batch, BatchLanes, Case, Family, Floor, Frame, Grouping, Hard, Knob, Knobs, Needs,
    Objective, Pair, Row, RowLanes, Scene, Score, Stats,
};
use crate::lanes::{DEEPEST, LOWEST, Lanes};
use crate::tape::Var;

/// The unit struct of this objective.
pub(super) struct Uniformity;

impl Objective for Uniformity {
    fn name(&self) -> &'static str {
        "uniformity"
    }

    fn about(&self) -> About {
        About {
            title: "Uniformity",
            formula: "L = log mean over pairs of exp(-t |u - u'|^2)",
            paper: "Wang, Isola 2020: Alignment and uniformity on the hypersphere",
            effect: "Spreads all rows over the sphere, near ones hardest.",
        }
    }

    fn knobs(&self) -> &'static [Knob] {
        const {
            &[Knob::log_number(
                "t",
                "t",
                "How near a pair must be to feel the other.",
                2.0,
                (0.5, 10.0),
                Hard::Positive,
            )]
        }
    }

    fn proved(&self) -> &'static str {
        "N <= d+1: -2tN/(N-1), simplex of rows; N = 2d: cross-polytope; N = 12, d = 3: icosahedron; \
         d = 2: regular polygon (Cohn, Kumar 2007). Else none."
    }

    fn family(&self) -> Family {
        Family::Pair
    }

    fn score(&self) -> Score {
        Score::SquaredDistance
    }

    fn grouping(&self, _: &Knobs) -> Grouping {
        Grouping::None
    }

    fn reference<'t>(&self, knobs: &Knobs, scene: &Scene<'t>) -> Var<'t> {
        let t = knobs.exact(0);
        let exponents: Vec<_> =
            (0..scene.anchors).flat_map(|i| scene.others(i).map(move |j| scene.score(i, j) * -t)).collect();
        if exponents.is_empty() {
            return scene.tape.constant(0.0);
        }
        Var::log_sum_exp(scene.tape, &exponents) - (exponents.len() as f64).ln()
    }

    fn floor(&self, knobs: &Knobs, case: &Case) -> Floor {
        let (n, d, t) = (case.rows() as f64, case.dim as f64, knobs.exact(0));
        if n < 2.0 {
            return Floor::Proved { value: 0.0, frame: Frame::Other };
        }
        if n <= d + 1.0 {
            return Floor::Proved { value: -2.0 * t * n / (n - 1.0), frame: Frame::RowSimplex };
        }
        let code = |parts: &[(f64, f64)]| {
            let sum: f64 = parts.iter().map(|&(count, square)| count * (-t * square).exp()).sum();
            (sum / (n - 1.0)).ln()
        };
        if n == 2.0 * d {
            let value = code(&[(2.0 * d - 2.0, 2.0), (1.0, 4.0)]);
            return Floor::Proved { value, frame: Frame::CrossPolytope };
        }
        if n == 12.0 && d == 3.0 {
            let near = 2.0 - 2.0 / 5f64.sqrt();
            let value = code(&[(5.0, near), (5.0, 4.0 - near), (1.0, 4.0)]);
            return Floor::Proved { value, frame: Frame::Icosahedron };
        }
        if d == 2.0 {
            let squares: Vec<_> = (1..case.rows())
                .map(|k| (1.0, 2.0 - 2.0 * (std::f64::consts::TAU * k as f64 / n).cos()))
                .collect();
            return Floor::Proved { value: code(&squares), frame: Frame::Polygon };
        }
        Floor::Unknown(format!("N = {n} rows in d = {d}: no arrangement is proved best"))
    }

    fn regular(&self, _: &Knobs) -> bool {
        true
    }

    #[inline(always)]
    fn exponents(&self, knobs: &Knobs, pair: &Pair) -> [Lanes; 2] {
        [pair.score * -knobs.fast(0), Lanes::splat(LOWEST)]
    }

    fn exponentials(&self) -> usize {
        1
    }

    fn sums(&self) -> usize {
        1
    }

    #[inline(always)]
    fn terms(&self, _: &Knobs, _: usize, _: &Pair, e: [Lanes; 2], _: &RowLanes) -> [Lanes; 4] {
        [e[0], Lanes::ZERO, Lanes::ZERO, Lanes::ZERO]
    }

    fn needs(&self) -> Needs {
        Needs::Factor
    }

    /// Squared distances lie in [0, 4].
    #[inline(always)]
    fn ceiling(&self, knobs: &Knobs) -> Option<[f32; 2]> {
        (4.0 * knobs.fast(0) <= DEEPEST).then_some([0.0, LOWEST])
    }

    fn scaled_by(&self) -> [Option<usize>; 4] {
        [Some(0), None, None, None]
    }

    /// \[largest exponent of all, Σ e^(x − largest), 0, 0\].
    fn finish_batch(&self, _: &Knobs, total: &Stats, _: &Batch) -> [f64; 4] {
        [f64::from(total.max[0]), total.sum[0], 0.0, 0.0]
    }

    fn finish_row(&self, knobs: &Knobs, _: usize, stats: &Stats, _: &Anchor, batch: &Batch, _: &Row) -> Row {
        let [largest, sum, ..] = batch.value;
        let share = (f64::from(stats.max[0]) - largest).exp() / sum.max(f64::MIN_POSITIVE);
        Row { max: stats.max, value: [(-knobs.exact(0) * share) as f32, 0.0, 0.0, 0.0], ..Row::default() }
    }

    fn loss(&self, _: &Knobs, _: f64, _: &Stats, batch: &Batch) -> f64 {
        let [largest, sum, ..] = batch.value;
        let pairs = batch.positive_pairs + batch.negative_pairs;
        if pairs > 0.0 { largest + (sum / pairs).ln() } else { 0.0 }
    }

    #[inline(always)]
    fn coupling(&self, _: &Knobs, _: &Pair, e: [Lanes; 2], row: &RowLanes, _: &BatchLanes<'_>) -> Lanes {
        e[0] * row.value[0]
    }

    fn shader(&self) -> Option<&'static [&'static str]> {
        Some(&[include_str!("../../shaders/objectives/uniformity.wgsl")])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_rows_in_three_dimensions_form_a_simplex() {
        let case = Case { counts: vec![4], classes: 1, dim: 3, clean: true, ..Case::default() };
        let knobs = Knobs([2.0, 0., 0., 0., 0., 0., 0., 0.]);
        assert!((Uniformity.floor(&knobs, &case).value().unwrap() + 16.0 / 3.0).abs() < 1e-12);
    }
}
