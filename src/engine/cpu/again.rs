//! A step that could not be made, computed again for whoever asks why.

use super::term::{Buffers, Couplings, Sides, each_coupling};
use super::tiles::with_tiles;
use super::{CpuEngine, MarginsAt};
use crate::engine::Evaluation;
use crate::engine::diagnosis::{Seen, Witness};
use crate::lanes::LANES;

impl Witness for CpuEngine {
    fn evaluate_on(&mut self, rows: Option<&[u32]>, margins: MarginsAt) -> Evaluation {
        self.evaluation(rows, margins)
    }

    fn look(
        &mut self,
        rows: Option<&[u32]>,
        margins: MarginsAt,
        anchors: &[usize],
        visit: &mut (dyn FnMut(usize, usize, &Seen) -> bool + Send),
    ) {
        self.in_pool(|engine| engine.look_here(rows, margins, anchors, visit));
    }
}

impl CpuEngine {
    /// [`Witness::look`], on the threads of the caller.
    fn look_here(
        &mut self,
        rows: Option<&[u32]>,
        margins: MarginsAt,
        anchors: &[usize],
        visit: &mut (dyn FnMut(usize, usize, &Seen) -> bool + Send),
    ) {
        self.forward(rows);
        let Self { problem, counts, state, work, .. } = self;
        if state.features.value.cols == 0 {
            return;
        }
        let (mut term, mut goes_on) = (0, true);
        work.each_term(problem, counts, state, rows, margins, |sides, buffers, _, _| {
            let anchors = if goes_on { anchors } else { &[] };
            each_coupling(sides, buffers, anchors, |buffers, anchor, Couplings { pairs, .. }| {
                let seen = Seen {
                    couplings: pairs.into_iter().map(f64::from).collect(),
                    exponents: exponents(sides, buffers, anchor),
                    loss: buffers.rows[anchor].loss,
                };
                goes_on = visit(term, anchor, &seen);
                goes_on
            });
            term += 1;
        });
    }
}

/// The larger (by size) of what each pair of an anchor puts into exponentials; nothing where the objective has none.
fn exponents(sides: &Sides<'_>, buffers: &Buffers, anchor: usize) -> Vec<f64> {
    let (objective, knobs) = (sides.term.objective, &sides.term.knobs);
    let used = objective.exponentials();
    if used == 0 {
        return Vec::new();
    }
    let mut all = vec![0.0; sides.y.rows];
    with_tiles(|scores, _| {
        for (start, len) in sides.tiles(0) {
            sides.scores(&buffers.panels, (anchor, 1), (start, len), scores);
            sides.tile(&buffers.prepared, anchor, (start, len), scores).each(|c, pair| {
                let exponents = objective.exponents(knobs, pair);
                let exists = pair.exists();
                for (l, to) in all[start + c * LANES..start + len].iter_mut().take(LANES).enumerate() {
                    for of_pair in exponents.iter().take(used).filter(|_| exists.0[l] != 0) {
                        let x = f64::from(of_pair.0[l]);
                        if x.is_nan() || x.abs() > f64::abs(*to) {
                            *to = x;
                        }
                    }
                }
            });
        }
    });
    all
}
