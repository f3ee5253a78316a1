//! The list of dispatches that make one step, built once for a problem.

use std::sync::Arc;

use bytemuck::{Pod, Zeroable};

use super::arrays::Side;
use super::compose::{self, Shape, Stage};
use super::device::Device;
use super::kernel::{Kernel, Kernels};
use super::tiling::{self, MOST_TRIPS, Tiling};
use crate::engine::{EngineError, Problem, Term};
use crate::objectives::{Family, Grouping, Score};
use crate::random::Stream;

/// `Term` of the prelude.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
struct TermWords {
    knobs: [f32; 8],
    weight: f32,
    index: u32,
    kind: u32,
    stream: u32,
    seed: [u32; 2],
    mean: f32,
    sigma: f32,
    low: f32,
    high: f32,
    bins: u32,
    classes: u32,
}

/// `Collect` of collect.wgsl.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
struct CollectWords {
    splits: u32,
    rows: u32,
    quads: u32,
    stride: u32,
    padding: [u32; 4],
}

/// Anchors of a class one workgroup of arc.wgsl takes.
const ARC_CHUNK: u32 = 4096;
/// Anchors one invocation of the ranking compares with.
const RANK_CHUNK: u32 = 8192;

/// How many workgroups a dispatch has.
#[derive(Clone, Copy, Debug)]
enum Size {
    /// One invocation a row of the batch.
    Rows,
    /// Blocks of rows of the batch, by splits, by slices.
    Blocks(Tiling),
    /// One invocation a quad of the rows of the batch.
    Quads(u32),
    /// Rows of the batch, by chunks of rows of the batch.
    Ranks,
    Fixed([u32; 3]),
}

impl Size {
    fn groups(self, rows: u32) -> [u32; 3] {
        match self {
            Self::Rows => [rows.div_ceil(64), 1, 1],
            Self::Blocks(cut) => [rows.div_ceil(64), cut.splits, cut.slices],
            Self::Quads(quads) => flat(rows * quads),
            Self::Ranks => [rows.div_ceil(64), rows.div_ceil(RANK_CHUNK), 1],
            Self::Fixed(groups) => groups,
        }
    }
}

/// Workgroups of 64 for so many invocations, in two dimensions where one is too short.
fn flat(invocations: u32) -> [u32; 3] {
    let groups = invocations.div_ceil(64);
    let wide = groups.min(65_535);
    [wide, groups.div_ceil(wide.max(1)), 1]
}

/// One dispatch.
struct Call {
    kernel: Arc<Kernel>,
    group: wgpu::BindGroup,
    size: Size,
}

/// Everything a term has of its own.
struct TermArrays {
    about: wgpu::Buffer,
    traits: wgpu::Buffer,
}

/// The dispatches of a step.
pub(super) struct Plan {
    slope: Vec<Call>,
    movement: Vec<Call>,
    terms: Vec<TermArrays>,
    pub(super) losses: wgpu::Buffer,
}

/// What a plan is built from.
pub(super) struct Site<'a> {
    pub(super) device: &'a Device,
    pub(super) kernels: &'a Kernels,
    pub(super) problem: &'a Problem,
    pub(super) features: &'a Side,
    pub(super) weights: &'a Side,
    pub(super) bias: Option<&'a Side>,
    pub(super) steps: &'a wgpu::Buffer,
    pub(super) progress: &'a wgpu::Buffer,
    pub(super) records: &'a wgpu::Buffer,
    pub(super) block: &'a wgpu::Buffer,
    /// The largest class, in rows.
    pub(super) largest_class: u32,
}

/// Arrays that the terms use one after the other.
struct Shared {
    now: wgpu::Buffer,
    flags: wgpu::Buffer,
    groups: wgpu::Buffer,
    given: wgpu::Buffer,
    margins: wgpu::Buffer,
    sorted: wgpu::Buffer,
    ranks: wgpu::Buffer,
    aims: wgpu::Buffer,
    rows: wgpu::Buffer,
    finished: wgpu::Buffer,
    found: wgpu::Buffer,
    partial: wgpu::Buffer,
    counts: wgpu::Buffer,
    parts: wgpu::Buffer,
    losses: wgpu::Buffer,
    sizes: wgpu::Buffer,
    nothing: wgpu::Buffer,
}

/// Where the relations of a term stand in `Step.pairs`.
fn relation_kind(term: &Term) -> u32 {
    match (term.objective.family(), term.objective.grouping(&term.knobs)) {
        (Family::Class, _) => 0,
        (Family::Pair, Grouping::Instance) => 2,
        (Family::Pair, _) => 1,
    }
}

/// What decides which dispatches there are; knobs that only change numbers do not.
pub(super) fn structure(problem: &Problem) -> Vec<(String, u32, bool, bool, usize)> {
    let of = |term: &Term| {
        let margins = term.objective.margins(&term.knobs);
        (
            term.objective.name().to_owned(),
            relation_kind(term),
            margins.is_some(),
            margins.is_some_and(|m| m.sorted),
            term.objective.histogram(&term.knobs).map_or(0, |h| h.bins),
        )
    };
    problem.terms.iter().map(of).collect()
}

fn term_words(problem: &Problem, k: usize) -> TermWords {
    let term = &problem.terms[k];
    let margins = term.objective.margins(&term.knobs);
    let histogram = term.objective.histogram(&term.knobs);
    TermWords {
        knobs: std::array::from_fn(|i| term.knobs.fast(i)),
        weight: term.weight as f32,
        index: k as u32,
        kind: relation_kind(term),
        stream: Stream::Margins as u32 + k as u32,
        seed: [problem.seed as u32, (problem.seed >> 32) as u32],
        mean: margins.map_or(0.0, |m| m.mean as f32),
        sigma: margins.map_or(0.0, |m| m.sigma as f32),
        low: histogram.map_or(0.0, |h| h.low as f32),
        high: histogram.map_or(0.0, |h| h.high as f32),
        bins: histogram.map_or(0, |h| h.bins as u32),
        classes: problem.classes as u32,
    }
}

impl Plan {
    /// Builds the dispatches of `site.problem`.
    pub(super) fn new(site: &Site<'_>) -> Result<Self, EngineError> {
        let shared = Shared::new(site)?;
        let mut plan = Self {
            slope: Vec::new(),
            movement: Vec::new(),
            terms: Vec::new(),
            losses: shared.losses.clone(),
        };
        plan.slope.push(site.plain(
            "begin.wgsl",
            "begin",
            &[
                ("steps", site.steps),
                ("progress", site.progress),
                ("now", &shared.now),
                ("flags", &shared.flags),
            ],
            Size::Fixed([1, 1, 1]),
        )?);
        for side in site.sides() {
            plan.slope.push(site.rows("prepare", side, &shared)?);
        }
        for k in 0..site.problem.terms.len() {
            let arrays = TermArrays::new(site, k)?;
            TermPlan { site, shared: &shared, arrays: &arrays, k }.calls(&mut plan.slope)?;
            plan.terms.push(arrays);
        }
        for side in site.sides() {
            plan.slope.push(site.rows("back", side, &shared)?);
        }
        for side in site.sides() {
            plan.movement.push(site.moves("update", side, &shared)?);
        }
        plan.movement.push(site.plain(
            "judge.wgsl",
            "judge",
            &[
                ("now", &shared.now),
                ("sizes", &shared.sizes),
                ("norms_features", &site.features.norms),
                ("norms_weights", &site.weights.norms),
                ("norms_bias", site.bias.map_or(&shared.nothing, |bias| &bias.norms)),
                ("losses", &shared.losses),
                ("flags", &shared.flags),
                ("progress", site.progress),
                ("records", site.records),
            ],
            Size::Fixed([1, 1, 1]),
        )?);
        for side in site.sides() {
            plan.movement.push(site.moves("commit", side, &shared)?);
        }
        Ok(plan)
    }

    /// Uploads the numbers of the terms: knobs, weights, constants of the classes.
    ///
    /// The bias beside the constants is the device's: a kernel puts it there at every step.
    pub(super) fn describe(&self, device: &Device, problem: &Problem) {
        let counts = problem.counts();
        for (k, arrays) in self.terms.iter().enumerate() {
            let term = &problem.terms[k];
            device.queue.write_buffer(&arrays.about, 0, bytemuck::bytes_of(&term_words(problem, k)));
            if term.objective.family() == Family::Class {
                let constant = |&n: &f64| [0.0, term.objective.constant(&term.knobs, n as f32)];
                let traits: Vec<[f32; 2]> = counts.iter().map(constant).collect();
                device.queue.write_buffer(&arrays.traits, 0, bytemuck::cast_slice(&traits));
            }
        }
    }

    /// Records one step, or with `moving` false only its loss and gradient.
    pub(super) fn encode(&self, pass: &mut wgpu::ComputePass<'_>, rows: u32, moving: bool) {
        let movement: &[Call] = if moving { &self.movement } else { &[] };
        for call in self.slope.iter().chain(movement) {
            let [x, y, z] = call.size.groups(rows);
            pass.set_pipeline(&call.kernel.pipeline);
            pass.set_bind_group(0, &call.group, &[]);
            pass.dispatch_workgroups(x, y, z);
        }
    }
}

impl Shared {
    fn new(site: &Site<'_>) -> Result<Self, EngineError> {
        let (device, problem) = (site.device, site.problem);
        let n = u64::from(site.features.rows);
        let classes = problem.classes as u32;
        let quads = site.features.quads;
        let kind = tiling::kind(device, quads);
        let (mut found, mut partial, mut table) = (1, 1, 0);
        for term in &problem.terms {
            let pairs = term.objective.family() == Family::Pair;
            let candidates = if pairs { site.features.rows } else { classes };
            let over_anchors = tiling::cut(kind, quads, site.features.rows, candidates)?;
            found = found.max(u64::from(over_anchors.splits));
            partial = partial.max(u64::from(over_anchors.splits) * n * u64::from(quads + 1));
            if !pairs {
                let over_classes = tiling::cut(kind, quads, classes, site.features.rows)?;
                let splits = over_classes.splits.max(site.largest_class.div_ceil(ARC_CHUNK));
                partial = partial.max(u64::from(splits) * u64::from(classes) * u64::from(quads + 1));
            }
            table = table.max(term.objective.histogram(&term.knobs).map_or(0, |h| 2 * h.bins as u64));
        }
        let groups: Vec<[u32; 2]> =
            problem.labels.iter().zip(&problem.instances).map(|(&l, &i)| [l, i]).collect();
        let sizes = [
            problem.terms.len() as u32,
            site.features.rows,
            if problem.uses_weights() { site.weights.rows } else { 0 },
            site.bias.map_or(0, |bias| bias.rows),
        ];
        Ok(Self {
            now: device.buffer("the present step", 112)?,
            flags: device.buffer("the flags", 8)?,
            groups: device.filled("the labels and instances", &groups)?,
            given: device.filled("the given margins", problem.margins.as_deref().unwrap_or(&[0.0]))?,
            margins: device.buffer("the margins", n * 4)?,
            sorted: device.buffer("the sorted margins", n * 4)?,
            ranks: device.buffer("the ranks", n * 8)?,
            aims: device.buffer("the targets", n * 32)?,
            rows: device.buffer("the finished rows", n * 32)?,
            finished: device.buffer("the finished batch", 96 + table * 4)?,
            found: device.buffer("the statistics", found * n * 32)?,
            partial: device.buffer("the partial gradients", partial * 16)?,
            counts: device.buffer("the histogram", table * 8)?,
            parts: device.buffer("the parts of the loss", table * 4)?,
            losses: device.buffer("the losses", problem.terms.len() as u64 * 4)?,
            sizes: device.filled("the sizes", &sizes)?,
            nothing: device.buffer("nothing", 16)?,
        })
    }
}

impl TermArrays {
    fn new(site: &Site<'_>, k: usize) -> Result<Self, EngineError> {
        let about = device_words(site.device, "a term", &[term_words(site.problem, k)])?;
        let traits = site.device.buffer("the traits of the classes", site.problem.classes as u64 * 8)?;
        Ok(Self { about, traits })
    }
}

fn device_words<T: Pod>(device: &Device, label: &str, data: &[T]) -> Result<wgpu::Buffer, EngineError> {
    device.filled(label, data)
}

impl<'a> Site<'a> {
    /// The parameters that move.
    fn sides(&self) -> Vec<&'a Side> {
        let weights = self.problem.uses_weights().then_some(self.weights);
        [Some(self.features), weights, self.bias].into_iter().flatten().collect()
    }

    fn plain(
        &self,
        file: &'static str,
        entry: &'static str,
        named: &[(&str, &wgpu::Buffer)],
        size: Size,
    ) -> Result<Call, EngineError> {
        let kernel = self.kernels.get(self.device, compose::plain(file), entry)?;
        let group = kernel.bind(self.device, named)?;
        Ok(Call { kernel, group, size })
    }

    fn size_of(&self, side: &Side) -> Size {
        if std::ptr::eq(side, self.features) { Size::Rows } else { Size::Fixed(flat(side.rows)) }
    }

    fn rows(&self, entry: &'static str, side: &Side, shared: &Shared) -> Result<Call, EngineError> {
        let size = self.size_of(side);
        let named = [
            ("now", &shared.now),
            ("side", &side.about),
            ("block", self.block),
            ("value", &side.value),
            ("raw", &side.raw),
            ("unit", &side.unit),
            ("lengths", &side.lengths),
            ("gradient_raw", &side.gradient_raw),
            ("gradient_unit", &side.gradient_unit),
            ("norms", &side.norms),
        ];
        self.plain("rows.wgsl", entry, &named, size)
    }

    fn moves(&self, entry: &'static str, side: &Side, shared: &Shared) -> Result<Call, EngineError> {
        let size = self.size_of(side);
        let named = [
            ("now", &shared.now),
            ("side", &side.about),
            ("block", self.block),
            ("gradient", &side.gradient_raw),
            ("value", &side.value),
            ("first", &side.first),
            ("second", &side.second),
            ("next", &side.next),
            ("flags", &shared.flags),
            ("progress", self.progress),
        ];
        self.plain("update.wgsl", entry, &named, size)
    }
}

/// The dispatches of one term.
struct TermPlan<'s, 'a> {
    site: &'s Site<'a>,
    shared: &'s Shared,
    arrays: &'s TermArrays,
    k: usize,
}

impl TermPlan<'_, '_> {
    fn term(&self) -> &Term {
        &self.site.problem.terms[self.k]
    }

    fn calls(&self, calls: &mut Vec<Call>) -> Result<(), EngineError> {
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
        calls.push(self.objective(Stage::Aim, "aim", false, None, Size::Rows)?);
        if margins.is_some_and(|m| m.sorted) {
            calls.push(self.margins("rank", Size::Ranks)?);
            calls.push(self.margins("scatter", Size::Rows)?);
            calls.push(self.margins("assign", Size::Rows)?);
            calls.push(self.objective(Stage::Aim, "aim", false, None, Size::Rows)?);
        }
        self.statistics(calls)?;
        self.gradient(calls)
    }

    fn cut(&self, owners: u32, candidates: u32) -> Result<Tiling, EngineError> {
        let quads = self.site.features.quads;
        tiling::cut(tiling::kind(self.site.device, quads), quads, owners, candidates)
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
            calls.push(self.objective(finish, "total", false, Some(&splits), one)?);
            let all = Size::Fixed(flat(4 * bins));
            calls.push(self.objective(Stage::Histogram, "clear", false, None, all)?);
            calls.push(self.objective(Stage::Histogram, "count", false, None, Size::Blocks(cut))?);
            let all = Size::Fixed(flat(2 * bins));
            calls.push(self.objective(Stage::Tabulate, "fill", false, None, all)?);
            calls.push(self.objective(Stage::Tabulate, "add_up", false, None, one)?);
            return Ok(());
        }
        for sweep in 0..objective.sweeps() as u32 {
            let fold = Stage::Statistics { sweep };
            calls.push(self.objective(fold, "statistics", false, None, Size::Blocks(cut))?);
            let finish = Stage::Finish { sweep };
            let one = Size::Fixed([1, 1, 1]);
            for (entry, size) in [("merge", Size::Rows), ("total", one), ("finish", Size::Rows)] {
                calls.push(self.objective(finish, entry, false, Some(&splits), size)?);
            }
            if sweep as usize + 1 == objective.sweeps() {
                calls.push(self.objective(finish, "sum", false, Some(&splits), one)?);
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
        calls.push(self.objective(forward, "gradient", false, None, Size::Blocks(cut))?);
        if arcs {
            calls.push(self.objective(Stage::Arc, "arc_anchors", false, None, Size::Rows)?);
        }
        let collected = CollectWords { splits: cut.splits, rows: 0, quads, stride, padding: [0; 4] };
        calls.push(self.collect("collect", collected, &sums(features), Size::Quads(quads))?);
        if pairs {
            return Ok(());
        }
        let cut = self.cut(classes, rows)?;
        let size = Size::Fixed([classes.div_ceil(64), cut.splits, cut.slices]);
        calls.push(self.objective(Stage::Gradient { swapped: true }, "gradient", true, None, size)?);
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
            let deep = quads.div_ceil(64) * (ARC_CHUNK + 1);
            if deep >= MOST_TRIPS {
                return Err(EngineError::Unsupported("rows are too long for the GPU engine".into()));
            }
            let size = Size::Fixed([classes.min(65_535), chunks, classes.div_ceil(65_535)]);
            calls.push(self.objective(Stage::Arc, "arc_classes", false, None, size)?);
            let collected =
                CollectWords { splits: chunks, rows: classes, quads, stride: quads, padding: [0; 4] };
            calls.push(self.collect("collect", collected, &sums(weights), all)?);
        }
        Ok(())
    }

    fn has_bias(&self) -> bool {
        let objective = self.term().objective;
        self.site.bias.is_some() && objective.score() == Score::Raw && objective.family() == Family::Class
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
        self.site.plain("collect.wgsl", entry, &named, size)
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

    /// A kernel around the term's objective; with `swapped` the classes are the owners.
    fn objective(
        &self,
        stage: Stage,
        entry: &'static str,
        swapped: bool,
        split: Option<&wgpu::Buffer>,
        size: Size,
    ) -> Result<Call, EngineError> {
        let objective = self.term().objective;
        let (features, weights) = (self.site.features, self.site.weights);
        let quads = features.quads;
        let shape = Shape { quads, bias: self.has_bias(), tile: tiling::kind(self.site.device, quads) };
        let text = compose::around(objective, shape, stage).ok_or_else(|| {
            EngineError::Unsupported(format!("{} has no GPU form: it runs on the CPU only", objective.name()))
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
        Ok(Call { kernel, group, size })
    }
}
