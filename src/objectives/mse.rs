//! Mean squared error against one-hot targets, raw scores.
//!
//! L = ‖S − Y‖²_F / (2N), G = (S − Y)/N. Without a bias its optimum is an orthogonal frame, with a
//! free bias the simplex ETF (Dang et al. 2023, core results §2).

use super::unconstrained::{self, Least, deep};
use super::{
    About, Anchor, Batch, BatchLanes, Case, Family, Floor, Frame, Knobs, Needs, Objective, Origin, Pair, Row,
    RowLanes, RowLoss, Scene, Score, Stats,
};
use crate::lanes::Lanes;
use crate::tape::Var;

/// The unit struct of this objective.
pub(super) struct Mse;

impl Objective for Mse {
    fn name(&self) -> &'static str {
        "mse"
    }

    fn about(&self) -> About {
        About {
            title: "Mean squared error",
            formula: "L = |S - Y|_F^2 / (2N),  Y one-hot,  s = H W^T + b",
            paper: "Dang et al. 2023: Neural collapse in deep linear networks",
            effect: "Collapses classes to an orthogonal frame without a bias, to a simplex with one.",
        }
    }

    fn proved(&self) -> &'static str {
        "With decay: bias-free and d >= C the general orthogonal frame (class of n rows gone iff n \
         <= N^2 lW lH); free bias and d >= C-1 the simplex for equal classes; a decayed bias in \
         between. Bias-free and d < C: a floor but no single frame."
    }

    fn family(&self) -> Family {
        Family::Class
    }

    fn score(&self) -> Score {
        Score::Raw
    }

    fn reference<'t>(&self, _: &Knobs, scene: &Scene<'t>) -> Var<'t> {
        let losses: Vec<_> = (0..scene.anchors)
            .map(|i| {
                let squares = scene.others(i).map(|j| {
                    let miss = scene.score(i, j) - if j == scene.label(i) { 1.0 } else { 0.0 };
                    miss * miss
                });
                Var::total(scene.tape, squares) / 2.0
            })
            .collect();
        scene.mean(&losses)
    }

    fn floor(&self, _: &Knobs, case: &Case) -> Floor {
        floor(case)
    }

    fn row_loss(&self) -> Option<RowLoss> {
        Some(RowLoss::Squares)
    }

    fn sums(&self) -> usize {
        1
    }

    #[inline(always)]
    fn terms(&self, _: &Knobs, _: usize, pair: &Pair, _: [Lanes; 2], _: &RowLanes) -> [Lanes; 4] {
        let miss = miss(pair);
        [miss * miss, Lanes::ZERO, Lanes::ZERO, Lanes::ZERO]
    }

    fn needs(&self) -> Needs {
        Needs::Nothing
    }

    fn finish_row(&self, _: &Knobs, _: usize, stats: &Stats, _: &Anchor, batch: &Batch, _: &Row) -> Row {
        Row {
            value: [(1.0 / batch.anchors) as f32, 0.0, 0.0, 0.0],
            loss: stats.sum[0] / (2.0 * batch.anchors),
            ..Row::default()
        }
    }

    #[inline(always)]
    fn coupling(&self, _: &Knobs, pair: &Pair, _: [Lanes; 2], row: &RowLanes, _: &BatchLanes<'_>) -> Lanes {
        miss(pair) * row.value[0]
    }

    fn shader(&self) -> Option<&'static [&'static str]> {
        Some(&[include_str!("../../shaders/objectives/mse.wgsl")])
    }
}

/// The score minus its target.
#[inline(always)]
fn miss(pair: &Pair) -> Lanes {
    pair.score - pair.positive.keep(Lanes::splat(1.0))
}

/// What is proved with decay over free features (core results §2.5): [`unconstrained::minimum`] has the cases.
fn floor(case: &Case) -> Floor {
    if case.decay_features == 0.0 || case.decay_weights == 0.0 {
        return Floor::Proved { value: 0.0, frame: Frame::Other };
    }
    match case.origin {
        Origin::Free => {}
        Origin::Linear { matrices } if case.bias.is_none() && case.dim >= case.classes => {
            if !case.clean {
                return Floor::Unknown("labels are noisy: the proof needs clean labels".into());
            }
            if case.sphere {
                return Floor::Unknown("rows are kept on the sphere: the proof needs free lengths".into());
            }
            return deep_floor(case, matrices);
        }
        Origin::Linear { .. } => {
            return Floor::Unknown("linear layers with a bias or d < C: no floor is proved".into());
        }
        Origin::Mlp => {
            return Floor::Unknown("decay of a network, not of free features: no floor is proved".into());
        }
    }
    match unconstrained::least(RowLoss::Squares, case) {
        Ok(Least { value, rank, simplex }) => {
            let frame = match case.bias {
                _ if rank == 0 => Frame::Origin,
                // Any tight frame will do: lengths and angles are open.
                None if case.dim < case.classes => Frame::Other,
                None if case.balanced() => Frame::Orthogonal,
                None => Frame::GeneralOrthogonal,
                Some(_) if simplex => Frame::Simplex,
                Some(_) => Frame::Computed,
            };
            Floor::Proved { value, frame }
        }
        Err(reason) => Floor::Unknown(reason),
    }
}

/// The minimum over M matrices on free features, without a bias and d ≥ C: [`deep`] has it.
fn deep_floor(case: &Case, matrices: usize) -> Floor {
    let (value, strengths) = deep::least(case, matrices);
    let frame = match () {
        () if strengths.iter().all(|&x| x == 0.0) => Frame::Origin,
        () if case.balanced() => Frame::Orthogonal,
        () => Frame::GeneralOrthogonal,
    };
    Floor::Proved { value, frame }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_vanishes_exactly_at_its_threshold() {
        // n_k ≤ N²·λ_W·λ_H: with N = 8 and θ² = 1/32 the class of 2 is at its threshold.
        let case = Case {
            counts: vec![6, 2],
            classes: 2,
            dim: 3,
            clean: true,
            decay_features: 1.0 / 16.0,
            decay_weights: 0.5,
            ..Case::default()
        };
        let theta = (1.0f64 / 32.0).sqrt();
        let want = theta * 6f64.sqrt() - 8.0 * theta * theta / 2.0 + 2.0 / 16.0;
        assert!((floor(&case).value().unwrap() - want).abs() < 1e-12);
    }
    #[test]
    fn linear_layers_vanish_all_at_once_at_the_threshold() {
        let case = |beta: f64| deep::tests::case(beta, 2);
        assert_eq!(floor(&case(0.51)), Floor::Proved { value: 0.5, frame: Frame::Origin });
        let Floor::Proved { value, frame } = floor(&case(0.49)) else { panic!("it is proved") };
        assert!(value < 0.5 && value > 0.49 && frame == Frame::Orthogonal, "{value}");
    }
}
