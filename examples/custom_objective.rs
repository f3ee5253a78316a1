//! An objective defined outside the crate: the mean logistic loss of one-against-all scores.
//!
//! It says what a pair adds to its anchor's statistics and how hard it pulls; normalising, scores,
//! gradient and update are shared. Without a shader it runs on the CPU.
//!
//!     cargo run --release --example custom_objective

use losslab::engine::MarginsAt;
use losslab::experiment::{Experiment, start};
use losslab::lanes::Lanes;
use losslab::objectives::{
    About, Anchor, Batch, BatchLanes, Family, Knobs, Objective, Pair, Row, RowLanes, Scene, Score, Stats,
    Term,
};
use losslab::tape::Var;

struct Logistic;

impl Objective for Logistic {
    fn name(&self) -> &'static str {
        "logistic"
    }
    fn about(&self) -> About {
        let formula = "L = mean_i sum_c log(1 + exp(-t_ic s_ic)), t = +1 for the own class, else -1";
        About { title: "One against all", formula, paper: "textbook", effect: "Separates each class." }
    }
    fn family(&self) -> Family {
        Family::Class
    }
    fn score(&self) -> Score {
        Score::Raw
    }
    fn reference<'t>(&self, _: &Knobs, scene: &Scene<'t>) -> Var<'t> {
        let sign = |i, j| if scene.positive(i, j) { -1.0 } else { 1.0 };
        let rows = (0..scene.anchors).map(|i| {
            Var::total(scene.tape, scene.others(i).map(|j| (scene.score(i, j) * sign(i, j)).softplus()))
        });
        scene.mean(&rows.collect::<Vec<_>>())
    }
    fn terms(&self, _: &Knobs, _: usize, pair: &Pair, _: [Lanes; 2], _: &RowLanes) -> [Lanes; 4] {
        let cost = pair.positive.select(-pair.score, pair.score).softplus();
        [cost, Lanes::ZERO, Lanes::ZERO, Lanes::ZERO]
    }
    fn finish_row(&self, _: &Knobs, _: usize, stats: &Stats, _: &Anchor, batch: &Batch, _: &Row) -> Row {
        let value = [(1.0 / batch.anchors) as f32, 0.0, 0.0, 0.0];
        Row { value, loss: stats.sum[0] / batch.anchors, ..Row::default() }
    }
    fn coupling(&self, _: &Knobs, pair: &Pair, _: [Lanes; 2], row: &RowLanes, _: &BatchLanes<'_>) -> Lanes {
        let pull = pair.score.sigmoid() - pair.positive.keep(Lanes::splat(1.0));
        pull * row.value[0]
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let term = Term { objective: &Logistic, weight: 1.0, knobs: Knobs::default() };
    let experiment =
        Experiment { objective: vec![term], classes: Some(4), dim: Some(3), ..Experiment::default() };
    let begun = start::start(&experiment, start::Asker::Run)?;
    let (mut engine, _) = start::engine(&experiment, &begun.problem, begun.state.clone())?;
    println!("loss before {:.4}", engine.evaluate(MarginsAt::Mean)?.terms[0]);
    engine.advance(&[0.05; 400])?;
    println!("loss after  {:.4}", engine.evaluate(MarginsAt::Mean)?.terms[0]);
    Ok(())
}
