//! The dispatches of one term: targets, statistics, loss, then the gradient of either side.

use super::{ARC_CHUNK, Call, CollectWords, Shared, Site, Size, TermArrays, flat};
use crate::engine::EngineError;
use crate::engine::gpu::arrays::Side;
use crate::engine::gpu::compose::{self, Stage};
use crate::engine::gpu::tiling::{self, Extent, Tiling};
use crate::objectives::{Family, Score, Term};

/// The dispatches of one term.
pub(super) struct TermPlan<'s, 'a> {
    pub(super) site: &'s Site<'a>,
    pub(super) shared: &'s Shared,
    pub(super) arrays: &'s TermArrays,
    pub(super) k: usize,
}

impl TermPlan<'_, '_> {
    fn term(&self) -> &Term {
        &self.site.problem.terms[self.k]
    }

    pub(super) fn calls(&self, calls: &mut Vec<Call>) -> Result<(), EngineError> {
        let objective = self.term().objective;
        let margins = objective.margins(&self.term().knobs);
        let pairs = objective.family() == Family::Pair;
        let raw = objective.score() == Score::Raw;
        if raw
            && !pairs
            && let Some(bias) = self.site.bias
        {
            let size = Size::Fixed(flat(self.site.problem.classes as u32));
            calls.push(self.site.plain(
                "traits.wgsl",
                "refresh",
                &[("bias", &bias.value), ("traits", &self.arrays.traits)],
                size,
            )?);
        }
        if margins.is_some() {
            calls.push(self.margins("draw", Size::Rows)?);
        }
        calls.push(self.objective(Stage::Aim, "aim", None, Size::Rows, Tiling::NONE)?);
        if margins.is_some_and(|m| m.sorted) {
            calls.push(self.margins("rank", Size::Ranks)?);
            calls.push(self.margins("scatter", Size::Rows)?);
            calls.push(self.margins("assign", Size::Rows)?);
            calls.push(self.objective(Stage::Aim, "aim", None, Size::Rows, Tiling::NONE)?);
        }
        self.statistics(calls)?;
        self.gradient(calls)
    }

    fn cut(&self, owners: u32, candidates: u32) -> Result<Tiling, EngineError> {
        let quads = self.site.features.quads;
        tiling::cut(self.site.device, quads, owners, candidates, false)
    }

    /// What the loops of a term's kernels run over, its scores cut like this.
    fn extent(&self, cut: Tiling) -> Extent {
        let bins = self.term().objective.histogram(&self.term().knobs).map_or(0, |h| h.bins as u32);
        Extent { splits: cut.splits, tiled: cut.trips, bins, ..self.site.extent() }
    }

    fn statistics(&self, calls: &mut Vec<Call>) -> Result<(), EngineError> {
        let objective = self.term().objective;
        let rows = self.site.features.rows;
        let candidates = match objective.family() {
            Family::Pair => rows,
            Family::Class => self.site.problem.classes as u32,
        };
        let cut = Tiling { slices: 1, ..self.cut(rows, candidates)? };
        let splits = self.site.device.filled("the splits", &[cut.splits])?;
        if let Some(histogram) = objective.histogram(&self.term().knobs) {
            let bins = histogram.bins as u32;
            let one = Size::Fixed([1, 1, 1]);
            let finish = Stage::Finish { sweep: 0 };
            calls.push(self.objective(finish, "total", Some(&splits), one, cut)?);
            let all = Size::Fixed(flat(4 * bins));
            calls.push(self.objective(Stage::Histogram, "clear", None, all, cut)?);
            let quads = self.site.features.quads;
            let counted =
                Tiling { slices: 1, ..tiling::cut(self.site.device, quads, rows, candidates, true)? };
            calls.push(self.objective(Stage::Histogram, "count", None, Size::Blocks(counted), counted)?);
            let all = Size::Fixed(flat(2 * bins));
            calls.push(self.objective(Stage::Tabulate, "fill", None, all, cut)?);
            calls.push(self.objective(Stage::Tabulate, "add_up", None, one, cut)?);
            return Ok(());
        }
        for sweep in 0..objective.sweeps() as u32 {
            let fold = Stage::Statistics { sweep };
            calls.push(self.objective(fold, "statistics", None, Size::Blocks(cut), cut)?);
            let finish = Stage::Finish { sweep };
            let one = Size::Fixed([1, 1, 1]);
            for (entry, size) in [("merge", Size::Rows), ("total", one), ("finish", Size::Rows)] {
                calls.push(self.objective(finish, entry, Some(&splits), size, cut)?);
            }
            if sweep as usize + 1 == objective.sweeps() {
                calls.push(self.objective(finish, "sum", Some(&splits), one, cut)?);
            }
        }
        Ok(())
    }

    fn gradient(&self, calls: &mut Vec<Call>) -> Result<(), EngineError> {
        let objective = self.term().objective;
        let (rows, classes) = (self.site.features.rows, self.site.problem.classes as u32);
        let pairs = objective.family() == Family::Pair;
        let raw = objective.score() == Score::Raw;
        let arcs = objective.score() == Score::Cosine && !pairs;
        let (features, weights) = (self.site.features, self.site.weights);
        let quads = features.quads;
        let stride = quads + u32::from(self.has_bias());
        let sums = |side: &Side| if raw { side.gradient_raw.clone() } else { side.gradient_unit.clone() };
        let cut = self.cut(rows, if pairs { rows } else { classes })?;
        let forward = Stage::Gradient { swapped: false };
        calls.push(self.objective(forward, "gradient", None, Size::Blocks(cut), cut)?);
        if arcs {
            calls.push(self.objective(Stage::Arc, "arc_anchors", None, Size::Rows, cut)?);
        }
        let collected = CollectWords { splits: cut.splits, rows: 0, quads, stride, padding: [0; 4] };
        calls.push(self.collect("collect", collected, &sums(features), Size::Quads(quads))?);
        if pairs {
            return Ok(());
        }
        let cut = self.cut(classes, rows)?;
        let size = Size::Fixed([classes.div_ceil(cut.owners), cut.splits, cut.slices]);
        calls.push(self.objective(Stage::Gradient { swapped: true }, "gradient", None, size, cut)?);
        let all = Size::Fixed(flat(classes * quads));
        let collected = CollectWords { splits: cut.splits, rows: classes, quads, stride, padding: [0; 4] };
        calls.push(self.collect("collect", collected, &sums(weights), all)?);
        if self.has_bias()
            && let Some(bias) = self.site.bias
        {
            let size = Size::Fixed(flat(classes));
            calls.push(self.collect("collect_bias", collected, &bias.gradient_raw, size)?);
        }
        if arcs {
            let chunks = self.site.largest_class.div_ceil(ARC_CHUNK).max(1);
            let size = Size::Fixed([classes.min(65_535), chunks, classes.div_ceil(65_535)]);
            calls.push(self.objective(Stage::Arc, "arc_classes", None, size, cut)?);
            let collected =
                CollectWords { splits: chunks, rows: classes, quads, stride: quads, padding: [0; 4] };
            calls.push(self.collect("collect", collected, &sums(weights), all)?);
        }
        Ok(())
    }

    fn has_bias(&self) -> bool {
        super::has_bias(self.term(), self.site.bias.is_some())
    }

    fn collect(
        &self,
        entry: &'static str,
        words: CollectWords,
        sums: &wgpu::Buffer,
        size: Size,
    ) -> Result<Call, EngineError> {
        let about = self.site.device.filled("the shape of the partial gradients", &[words])?;
        let named = [
            ("now", &self.shared.now),
            ("term", &self.arrays.about),
            ("size", &about),
            ("partial", &self.shared.partial),
            ("sums", sums),
            ("flags", &self.shared.flags),
        ];
        let extent = Extent { splits: words.splits, ..self.site.extent() };
        self.site.plain_within("collect.wgsl", entry, &named, size, extent)
    }

    fn margins(&self, entry: &'static str, size: Size) -> Result<Call, EngineError> {
        let named = [
            ("now", &self.shared.now),
            ("term", &self.arrays.about),
            ("block", self.site.block),
            ("given", &self.shared.given),
            ("aims", &self.shared.aims),
            ("margins", &self.shared.margins),
            ("sorted", &self.shared.sorted),
            ("ranks", &self.shared.ranks),
        ];
        self.site.plain("margins.wgsl", entry, &named, size)
    }

    /// A kernel around the term's objective, its scores cut like this.
    fn objective(
        &self,
        stage: Stage,
        entry: &'static str,
        split: Option<&wgpu::Buffer>,
        size: Size,
        cut: Tiling,
    ) -> Result<Call, EngineError> {
        tiling::allowed(entry, &self.extent(cut))?;
        let swapped = stage == Stage::Gradient { swapped: true };
        let objective = self.term().objective;
        let (features, weights) = (self.site.features, self.site.weights);
        let text =
            compose::around(objective, cut.kind, self.site.device.subgroups(), stage).ok_or_else(|| {
                EngineError::Unsupported(format!(
                    "{} has no GPU form: it runs on the CPU only",
                    objective.name()
                ))
            })?;
        let of = |side: &Side| match objective.score() {
            Score::Raw => side.raw.clone(),
            _ => side.unit.clone(),
        };
        let anchors = of(features);
        let candidates = if objective.family() == Family::Pair { anchors.clone() } else { of(weights) };
        let (owner, other) = if swapped { (&candidates, &anchors) } else { (&anchors, &candidates) };
        let shared = self.shared;
        let named = [
            ("now", &shared.now),
            ("term", &self.arrays.about),
            ("block", self.site.block),
            ("groups", &shared.groups),
            ("anchors", &anchors),
            ("candidates", &candidates),
            ("owner_rows", owner),
            ("other_rows", other),
            ("traits", &self.arrays.traits),
            ("margins", &shared.margins),
            ("aims", &shared.aims),
            ("rows", &shared.rows),
            ("found", &shared.found),
            ("finished", &shared.finished),
            ("counts", &shared.counts),
            ("parts", &shared.parts),
            ("losses", &shared.losses),
            ("flags", &shared.flags),
            ("partial", &shared.partial),
            ("split", split.unwrap_or(&shared.nothing)),
        ];
        let kernel = self.site.kernels.get(self.site.device, text, entry)?;
        let group = kernel.bind(self.site.device, &named)?;
        Ok(Call { entry, kernel, group, size })
    }
}
