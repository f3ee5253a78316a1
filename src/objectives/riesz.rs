//! Riesz energy: points that only repel.
//!
//! L = mean over unordered pairs of ‖u − u′‖^{−p}; p = 0 stands for −log ‖u − u′‖. Thomson's problem
//! is p = 1 on the sphere. In D = ‖u − u′‖²: G = −(p/2)·D^{−p/2−1} (p = 0: −1/(2D)) over N(N − 1).

use std::f64::consts::TAU;

use super::{
    About, Batch, BatchLanes, Case, Family, Floor, Frame, Grouping, Hard, Knob, Knobs, Needs, Objective,
    Pair, RowLanes, Scene, Score, Stats, codes, distance,
};
use crate::lanes::Lanes;
use crate::tape::Var;

/// The unit struct of this objective.
pub(super) struct Riesz;

impl Objective for Riesz {
    fn name(&self) -> &'static str {
        "riesz"
    }

    fn about(&self) -> About {
        About {
            title: "Riesz energy",
            formula: "L = mean over pairs of |u - u'|^-p  (p = 0: -log |u - u'|)",
            paper: "Thomson 1904; Saff, Kuijlaars 1997: Distributing many points on a sphere",
            effect: "Every row repels every other: tetrahedron, octahedron, icosahedron.",
        }
    }

    fn knobs(&self) -> &'static [Knob] {
        const { &[Knob::number("power", "p", "Power of the distance.", 1.0, (0.0, 4.0), Hard::NonNegative)] }
    }

    fn proved(&self) -> &'static str {
        "As uniformity: simplex, cross-polytope, icosahedron, regular polygon; else none, but the \
         least known energy of N = 5 and 32 at power 1."
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
        let power = knobs.exact(0);
        let terms: Vec<_> = (0..scene.anchors)
            .flat_map(|i| scene.others(i).filter(move |&j| j > i).map(move |j| scene.score(i, j)))
            .map(|square| if power == 0.0 { square.ln() * -0.5 } else { square.powf(-power / 2.0) })
            .collect();
        scene.mean(&terms)
    }

    fn floor(&self, knobs: &Knobs, case: &Case) -> Floor {
        let (n, d, power) = (case.rows() as f64, case.dim as f64, knobs.exact(0));
        if n < 2.0 {
            return Floor::Proved { value: 0.0, frame: Frame::Other };
        }
        let energy = |square: f64| if power == 0.0 { -0.5 * square.ln() } else { square.powf(-power / 2.0) };
        if n <= d + 1.0 {
            // The energy is convex and falling in the squared distance, whose mean is at most this.
            return Floor::Proved { value: energy(2.0 * n / (n - 1.0)), frame: Frame::RowSimplex };
        }
        if n == 2.0 * d {
            let value = ((2.0 * d - 2.0) * energy(2.0) + energy(4.0)) / (n - 1.0);
            return Floor::Proved { value, frame: Frame::CrossPolytope };
        }
        if n == 12.0 && d == 3.0 {
            let near = 2.0 - 2.0 / 5f64.sqrt();
            let value = (5.0 * energy(near) + 5.0 * energy(4.0 - near) + energy(4.0)) / 11.0;
            return Floor::Proved { value, frame: Frame::Icosahedron };
        }
        if d == 2.0 {
            let squares = (1..case.rows()).map(|k| 2.0 - 2.0 * (TAU * k as f64 / n).cos());
            return Floor::Proved {
                value: squares.map(energy).sum::<f64>() / (n - 1.0),
                frame: Frame::Polygon,
            };
        }
        let known = codes::thomson(case.rows()).filter(|_| power == 1.0 && d == 3.0);
        let known = known.map_or(String::new(), |sum| {
            format!("; least known loss {:.9} (energy {sum:.6})", sum / (n * (n - 1.0) / 2.0))
        });
        Floor::Unknown(format!("N = {n} rows in d = {d}: no arrangement is proved best{known}"))
    }

    fn sums(&self) -> usize {
        1
    }

    #[inline(always)]
    fn terms(&self, knobs: &Knobs, _: usize, pair: &Pair, _: [Lanes; 2], _: &RowLanes) -> [Lanes; 4] {
        let power = knobs.fast(0);
        let energy = if power == 0.0 {
            distance::ln(pair.score) * -0.5
        } else {
            distance::power(pair.score, power * -0.5)
        };
        [energy, Lanes::ZERO, Lanes::ZERO, Lanes::ZERO]
    }

    fn needs(&self) -> Needs {
        Needs::Nothing
    }

    fn finish_batch(&self, _: &Knobs, _: &Stats, batch: &Batch) -> [f64; 4] {
        let pairs = batch.positive_pairs + batch.negative_pairs;
        [if pairs > 0.0 { 1.0 / pairs } else { 0.0 }, 0.0, 0.0, 0.0]
    }

    fn loss(&self, _: &Knobs, _: f64, total: &Stats, batch: &Batch) -> f64 {
        total.sum[0] * batch.value[0]
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
        let power = knobs.fast(0);
        let slope = if power == 0.0 { -0.5 } else { power * -0.5 };
        distance::power(pair.score, power * -0.5 - 1.0) * (slope * batch.value[0])
    }

    fn shader(&self) -> Option<&'static [&'static str]> {
        Some(&[
            include_str!("../../shaders/distance.wgsl"),
            include_str!("../../shaders/objectives/riesz.wgsl"),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thomson_energies_of_four_six_and_twelve() {
        for (n, energy) in [(4, 3.674_235), (6, 9.985_281), (12, 49.165_253)] {
            let case = Case { counts: vec![n], classes: 1, dim: 3, clean: true, ..Case::default() };
            let floor = Riesz.floor(&Knobs([1.0, 0., 0., 0., 0., 0., 0., 0.]), &case).value().unwrap();
            let pairs = (n * (n - 1) / 2) as f64;
            assert!((floor * pairs - energy).abs() < 1e-5, "{n}: {}", floor * pairs);
        }
    }
}
