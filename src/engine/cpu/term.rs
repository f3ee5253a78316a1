//! One term on the CPU: which way its statistics, couplings and gradient are computed.

use super::faint::Tally;
use super::narrow;
use super::parts::{Part, WORTH_THREADS};
use super::targets::Prepared;
use super::{block, linear};
use crate::engine::relations::Relations;
use crate::features::Matrix;
use crate::objectives::{BatchLanes, Coupled, Ends, Family, Needs, Row, Rows, Score, Stats, Term};
use crate::product::{Panels, Right};

/// Below so many columns distances are as fast by direct difference.
const NARROW: usize = 16;

/// What a term works on.
pub(super) struct Sides<'a> {
    pub(super) term: &'a Term,
    /// Anchors, N×d.
    pub(super) x: &'a Matrix,
    /// Candidates, M×d.
    pub(super) y: &'a Matrix,
    /// The candidates transposed and padded, for squared distances.
    pub(super) transposed: &'a [f32],
    pub(super) bias: Option<&'a [f32]>,
    /// The anchors' groups.
    pub(super) groups: &'a [u32],
    pub(super) relations: &'a Relations,
    pub(super) margins: Option<&'a [f32]>,
    /// Rows of each class in the data.
    pub(super) counts: &'a [f32],
    /// [`super::CpuEngine::skip_below`].
    pub(super) skip_below: f32,
}

/// Where the gradient of a term is added.
pub(super) struct TermSlope<'a> {
    pub(super) anchors: &'a mut Matrix,
    pub(super) candidates: &'a mut Matrix,
    pub(super) bias: &'a mut [f32],
}

/// Buffers of one term, kept from step to step.
#[derive(Default)]
pub(super) struct Buffers {
    pub(super) prepared: Prepared,
    pub(super) rows: Vec<Row>,
    pub(super) stats: Vec<Stats>,
    pub(super) columns: Rows,
    pub(super) parts: Vec<Part>,
    pub(super) panels: Packed,
    pub(super) skipped: Tally,
}

impl Buffers {
    /// To be called when relations are others.
    pub(super) fn recount(&mut self) {
        self.prepared.recount();
    }
}

/// The factors of the products, packed.
#[derive(Default)]
pub(super) struct Packed {
    /// Yᵀ, for scores X·Yᵀ.
    pub(super) scores: Panels,
    /// Y and X, unless they can be read as they lie.
    candidates: Panels,
    anchors: Panels,
}

impl Packed {
    /// Packs the two sides of a term.
    fn fill(&mut self, sides: &Sides<'_>) {
        let d = sides.x.cols;
        self.scores.fill_transposed(&sides.y.data, d);
        if Right::as_it_lies(&sides.y.data, d).is_none() {
            self.candidates.fill(&sides.y.data, d);
        }
        let class = sides.term.objective.family() == Family::Class;
        if class && Right::as_it_lies_by_columns(&sides.x.data, d).is_none() {
            self.anchors.fill(&sides.x.data, d);
        }
    }

    /// The candidates, for G·Y.
    pub(super) fn candidates<'a>(&'a self, sides: &Sides<'a>) -> Right<'a> {
        Right::as_it_lies(&sides.y.data, sides.y.cols).unwrap_or_else(|| self.candidates.view())
    }

    /// The anchors of the class family, for Gᵀ·X with G read by columns.
    pub(super) fn anchors<'a>(&'a self, sides: &Sides<'a>) -> Right<'a> {
        Right::as_it_lies_by_columns(&sides.x.data, sides.x.cols).unwrap_or_else(|| self.anchors.view())
    }
}

/// Adds the gradient of one term, times its weight, and returns its loss (unweighted).
pub(super) fn evaluate(sides: &Sides<'_>, buffers: &mut Buffers, mut slope: TermSlope<'_>) -> f64 {
    let objective = sides.term.objective;
    if sides.x.cols == 0 {
        return 0.0;
    }
    if objective.family() == Family::Pair && objective.linear(&sides.term.knobs) {
        return linear::evaluate(sides, slope.anchors);
    }
    sides.prepare(&mut buffers.prepared);
    let class = objective.family() == Family::Class;
    let at_once = class && objective.needs() <= Needs::Row && sides.y.rows <= block::WIDEST;
    if at_once && sides.y.rows <= narrow::CANDIDATES && sides.x.cols <= narrow::DIMENSIONS {
        return narrow::evaluate(sides, buffers, &mut slope);
    }
    if !sides.differences() {
        buffers.panels.fill(sides);
    }
    match objective.family() {
        Family::Class if at_once => block::evaluate(sides, buffers, &mut slope),
        Family::Class => sides.by_tiles(buffers, &mut slope),
        Family::Pair if sides.differences() => sides.by_differences(buffers, slope.anchors),
        Family::Pair if sides.at_once() => sides.pairs_at_once(buffers, slope.anchors),
        Family::Pair => sides.pairs(buffers, slope.anchors),
    }
}

/// The couplings of one anchor, as they move it: the weight of the term included.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Couplings {
    /// ∂L/∂score with every candidate; in the pair family both directions together.
    pub pairs: Vec<f32>,
    /// −∂L/∂θ: the pull along the arc toward the target, where the objective gives it as such.
    pub arc: f32,
}

/// The couplings of each of the `anchors`, and the loss of the term, unweighted. What is known of all rows stays in
/// `buffers`.
pub(super) fn couplings(
    sides: &Sides<'_>,
    buffers: &mut Buffers,
    anchors: &[usize],
) -> (Vec<Couplings>, f64) {
    let mut all = Vec::with_capacity(anchors.len());
    let loss = each_coupling(sides, buffers, anchors, |_, _, of_anchor| {
        all.push(of_anchor);
        true
    });
    (all, loss)
}

/// Hands the couplings of one anchor after the other to `visit`, until it says false, with what is known of all rows;
/// the loss of the term, unweighted.
pub(super) fn each_coupling(
    sides: &Sides<'_>,
    buffers: &mut Buffers,
    anchors: &[usize],
    mut visit: impl FnMut(&Buffers, usize, Couplings) -> bool,
) -> f64 {
    let (objective, knobs) = (sides.term.objective, &sides.term.knobs);
    let weight = sides.term.weight as f32;
    sides.prepare(&mut buffers.prepared);
    buffers.panels.fill(sides);
    let finished = sides.statistics(buffers);
    let view = finished.view();
    let buffers = &*buffers;
    let Buffers { prepared, rows, columns, panels, .. } = buffers;
    for &i in anchors {
        let mut pairs = Vec::with_capacity(sides.y.rows);
        super::tiles::with_tiles(|scores, couplings| {
            for (start, len) in sides.tiles(0) {
                sides.scores(panels, (i, 1), (start, len), scores);
                let found = match objective.family() {
                    Family::Class => {
                        let tile = sides.tile(prepared, i, (start, len), &[]);
                        objective.couple(knobs, &tile, &rows[i], &view, Coupled::in_place(scores));
                        &*scores
                    }
                    Family::Pair => {
                        let tile = sides.tile(prepared, i, (start, len), scores);
                        let ends = Ends { row: &rows[i], rows: columns, first: start, batch: &view };
                        objective.couple_both(knobs, &tile, &ends, couplings);
                        &*couplings
                    }
                };
                pairs.extend(found[..len].iter().map(|g| g * weight));
            }
        });
        if !visit(buffers, i, Couplings { pairs, arc: weight * rows[i].arc }) {
            break;
        }
    }
    finished.loss
}

impl Sides<'_> {
    pub(super) fn threads_pay(&self) -> bool {
        self.x.rows * self.y.rows * self.x.cols.max(4) > WORTH_THREADS
    }

    /// Whether distances come from matrix products: where that is safe and pays.
    pub(super) fn by_products(&self) -> bool {
        let objective = self.term.objective;
        objective.score() == Score::SquaredDistance
            && objective.regular(&self.term.knobs)
            && self.x.cols >= NARROW
    }

    /// Whether the gradient must go through the differences of rows themselves.
    fn differences(&self) -> bool {
        self.term.objective.score() == Score::SquaredDistance && !self.by_products()
    }

    /// Whether a pair has the same exponentials, and adds the same, seen from either end.
    pub(super) fn symmetric(&self) -> bool {
        let objective = self.term.objective;
        objective.exponentials() == 0 || objective.ceiling(&self.term.knobs).is_some()
    }

    /// Whether the pairs can be coupled in the sweep that folds them.
    fn at_once(&self) -> bool {
        let objective = self.term.objective;
        match objective.needs() {
            Needs::Nothing => self.symmetric(),
            Needs::Factor => objective.ceiling(&self.term.knobs).is_some(),
            Needs::Row | Needs::Batch => false,
        }
    }
}

/// What the statistics of a term were finished to, beside its rows.
pub(super) struct Finished {
    pub(super) batch: crate::objectives::Batch,
    pub(super) loss: f64,
}

impl Finished {
    /// What a coupling may know of it.
    pub(super) fn view(&self) -> BatchLanes<'_> {
        BatchLanes { value: self.batch.value.map(|x| x as f32), table: &self.batch.tabulated.table }
    }
}
