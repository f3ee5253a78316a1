//! An objective that is another one but for a single fault.

use losslab::lanes::Lanes;
use losslab::objective::stats::{Anchor, Batch, Row, Stats, Target, TargetLogit};
use losslab::objectives::{
    About, BatchLanes, Case, Family, Floor, Grouping, Histogram, Knob, Knobs, Needs, Objective, Pair,
    RandomMargins, RowLanes, Scene, Score, Tabulated,
};
use losslab::tape::Var;

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// The coupling has the wrong sign.
    Coupling,
    /// Merging does not rescale.
    Merge,
    /// The floor is off by so much.
    Floor(f64),
    /// Half of the reference's loss does not reach its gradient.
    Reference,
    /// The WGSL form is this text.
    Shader(&'static str),
    /// There is no WGSL form.
    NoShader,
}

pub(crate) struct Faulty {
    inner: &'static dyn Objective,
    fault: Fault,
    shader: Option<&'static [&'static str]>,
}

impl Faulty {
    pub(crate) fn new(inner: &'static dyn Objective, fault: Fault) -> &'static Self {
        let shader = match fault {
            Fault::Shader(text) => Some(&*Vec::leak(vec![text])),
            Fault::NoShader => None,
            _ => inner.shader(),
        };
        Box::leak(Box::new(Self { inner, fault, shader }))
    }
}

impl Objective for Faulty {
    fn name(&self) -> &'static str {
        "faulty"
    }
    fn about(&self) -> About {
        self.inner.about()
    }
    fn knobs(&self) -> &'static [Knob] {
        self.inner.knobs()
    }
    fn family(&self) -> Family {
        self.inner.family()
    }
    fn score(&self) -> Score {
        self.inner.score()
    }
    fn grouping(&self, knobs: &Knobs) -> Grouping {
        self.inner.grouping(knobs)
    }
    fn margins(&self, knobs: &Knobs) -> Option<RandomMargins> {
        self.inner.margins(knobs)
    }
    fn reference<'t>(&self, knobs: &Knobs, scene: &Scene<'t>) -> Var<'t> {
        let loss = self.inner.reference(knobs, scene);
        if self.fault == Fault::Reference { loss * 0.5 + loss.value * 0.5 } else { loss }
    }
    fn floor(&self, knobs: &Knobs, case: &Case) -> Floor {
        let by = if let Fault::Floor(by) = self.fault { by } else { 0.0 };
        match self.inner.floor(knobs, case) {
            Floor::Proved { value, frame } => Floor::Proved { value: value + by, frame },
            Floor::Infimum { value, why } => Floor::Infimum { value: value + by, why },
            unknown @ Floor::Unknown(_) => unknown,
        }
    }
    fn sweeps(&self) -> usize {
        self.inner.sweeps()
    }
    fn histogram(&self, knobs: &Knobs) -> Option<Histogram> {
        self.inner.histogram(knobs)
    }
    fn tabulate(&self, knobs: &Knobs, counts: [&[f64]; 2], batch: &Batch) -> Tabulated {
        self.inner.tabulate(knobs, counts, batch)
    }
    fn constant(&self, knobs: &Knobs, count: f32) -> f32 {
        self.inner.constant(knobs, count)
    }
    fn target(&self, knobs: &Knobs, target: &Target) -> TargetLogit {
        self.inner.target(knobs, target)
    }
    fn exponents(&self, knobs: &Knobs, pair: &Pair) -> [Lanes; 2] {
        self.inner.exponents(knobs, pair)
    }
    fn exponentials(&self) -> usize {
        self.inner.exponentials()
    }
    fn terms(&self, knobs: &Knobs, sweep: usize, pair: &Pair, e: [Lanes; 2], row: &RowLanes) -> [Lanes; 4] {
        self.inner.terms(knobs, sweep, pair, e, row)
    }
    fn scaled_by(&self) -> [Option<usize>; 4] {
        if self.fault == Fault::Merge { [None; 4] } else { self.inner.scaled_by() }
    }
    fn needs(&self) -> Needs {
        self.inner.needs()
    }
    fn ceiling(&self, knobs: &Knobs) -> Option<[f32; 2]> {
        self.inner.ceiling(knobs)
    }
    fn linear(&self, knobs: &Knobs) -> bool {
        self.inner.linear(knobs)
    }
    fn regular(&self, knobs: &Knobs) -> bool {
        self.inner.regular(knobs)
    }
    fn finish_batch(&self, knobs: &Knobs, total: &Stats, batch: &Batch) -> [f64; 4] {
        self.inner.finish_batch(knobs, total, batch)
    }
    fn finish_row(
        &self,
        knobs: &Knobs,
        sweep: usize,
        stats: &Stats,
        anchor: &Anchor,
        batch: &Batch,
        row: &Row,
    ) -> Row {
        self.inner.finish_row(knobs, sweep, stats, anchor, batch, row)
    }
    fn loss(&self, knobs: &Knobs, rows: f64, total: &Stats, batch: &Batch) -> f64 {
        self.inner.loss(knobs, rows, total, batch)
    }
    fn coupling(
        &self,
        knobs: &Knobs,
        pair: &Pair,
        e: [Lanes; 2],
        row: &RowLanes,
        batch: &BatchLanes<'_>,
    ) -> Lanes {
        let coupling = self.inner.coupling(knobs, pair, e, row, batch);
        if self.fault == Fault::Coupling { -coupling } else { coupling }
    }
    fn shader(&self) -> Option<&'static [&'static str]> {
        self.shader
    }
}
