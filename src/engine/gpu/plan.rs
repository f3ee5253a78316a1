//! The list of dispatches that make one step, built once for a problem.

mod shared;
mod term;

use std::sync::Arc;

use bytemuck::{Pod, Zeroable};

use super::arrays::Side;
use super::compose;
use super::device::Device;
use super::kernel::{Kernel, Kernels};
use super::network::Net;
use super::tiling::{self, Extent, Tiling};
use crate::engine::{EngineError, Problem, Term};
use crate::objectives::{Family, Grouping, Score};
use crate::optimizer::Moves;
use crate::random::Stream;
pub(super) use shared::Shared;
use term::TermPlan;

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
    quads: u32,
    stride: u32,
    padding: [u32; 2],
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
pub(super) const ARC_CHUNK: u32 = 4096;
/// Anchors one invocation of the ranking compares with.
pub(super) const RANK_CHUNK: u32 = 8192;

/// How many workgroups a dispatch has.
#[derive(Clone, Copy, Debug)]
pub(super) enum Size {
    /// One invocation a row of the batch.
    Rows,
    /// Blocks of rows of the batch, by splits, by slices.
    Blocks(Tiling),
    /// One invocation a quad of the rows of the batch.
    Quads(u32),
    /// Rows of the batch, by chunks of rows of the batch.
    Ranks,
    /// So many tiles of columns, by tiles of 32 rows of the batch.
    Tiles(u32),
    Fixed([u32; 3]),
}

impl Size {
    fn groups(self, rows: u32) -> [u32; 3] {
        match self {
            Self::Rows => [rows.div_ceil(64), 1, 1],
            Self::Blocks(cut) => [rows.div_ceil(cut.owners), cut.splits, cut.slices],
            Self::Quads(quads) => flat(rows * quads),
            Self::Ranks => [rows.div_ceil(64), rows.div_ceil(RANK_CHUNK), 1],
            Self::Tiles(columns) => [columns, rows.div_ceil(32), 1],
            Self::Fixed(groups) => groups,
        }
    }
}

fn size_of(side: &Side) -> Size {
    if side.of_batch() { Size::Rows } else { Size::Fixed(flat(side.rows)) }
}

/// Workgroups of 64 for so many invocations, in two dimensions where one is too short.
fn flat(invocations: u32) -> [u32; 3] {
    let groups = invocations.div_ceil(64);
    let wide = groups.min(65_535);
    [wide, groups.div_ceil(wide.max(1)), 1]
}

/// One dispatch.
pub(super) struct Call {
    entry: &'static str,
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
    /// How many of them only make the features.
    forward: usize,
    movement: Vec<Call>,
    terms: Vec<TermArrays>,
    quads: u32,
    bias: bool,
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
    pub(super) network: Option<&'a Net>,
    pub(super) steps: &'a wgpu::Buffer,
    pub(super) progress: &'a wgpu::Buffer,
    pub(super) records: &'a wgpu::Buffer,
    pub(super) block: &'a wgpu::Buffer,
    /// The largest class, in rows.
    pub(super) largest_class: u32,
}

/// Where the relations of a term stand in `Step.pairs`.
fn relation_kind(term: &Term) -> u32 {
    match (term.objective.family(), term.objective.grouping(&term.knobs)) {
        (Family::Class, _) => 0,
        (Family::Pair, Grouping::Instance) => 2,
        (Family::Pair, _) => 1,
    }
}

/// Objective, kind of relations, whether margins are drawn and sorted, bins of a histogram.
type TermStructure = (String, u32, bool, bool, usize);

/// What decides which dispatches there are; knobs that only change numbers do not.
pub(super) fn structure(problem: &Problem) -> (Moves, Vec<TermStructure>) {
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
    (problem.moves, problem.terms.iter().map(of).collect())
}

/// Whether a term has a gradient of the bias: a quad more in its partial sums.
fn has_bias(term: &Term, bias: bool) -> bool {
    bias && term.objective.score() == Score::Raw && term.objective.family() == Family::Class
}

fn term_words(problem: &Problem, k: usize, quads: u32, bias: bool) -> TermWords {
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
        quads,
        stride: quads + u32::from(has_bias(term, bias)),
        padding: [0; 2],
    }
}

impl Plan {
    /// Builds the dispatches of `site.problem`.
    pub(super) fn new(site: &Site<'_>) -> Result<Self, EngineError> {
        let shared = Shared::new(site)?;
        let mut plan = Self {
            slope: Vec::new(),
            forward: 0,
            movement: Vec::new(),
            terms: Vec::new(),
            quads: site.features.quads,
            bias: site.bias.is_some(),
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
        if let Some(net) = site.network {
            net.forward(site, &shared, &mut plan.slope)?;
        }
        plan.forward = plan.slope.len();
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
        if let Some(net) = site.network {
            net.backward(site, &shared, &mut plan.slope)?;
        }
        for side in site.moving() {
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
        for side in site.moving() {
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
            let words = term_words(problem, k, self.quads, self.bias);
            device.queue.write_buffer(&arrays.about, 0, bytemuck::bytes_of(&words));
            if term.objective.family() == Family::Class {
                let constant = |&n: &f64| [0.0, term.objective.constant(&term.knobs, n as f32)];
                let traits: Vec<[f32; 2]> = counts.iter().map(constant).collect();
                device.queue.write_buffer(&arrays.traits, 0, bytemuck::cast_slice(&traits));
            }
        }
    }

    /// The dispatches of one step in their order: names, and how to record each.
    pub(super) fn calls(&self, moving: bool) -> impl Iterator<Item = &Call> {
        let movement: &[Call] = if moving { &self.movement } else { &[] };
        self.slope.iter().chain(movement)
    }

    /// Records what makes the features of so many rows.
    pub(super) fn encode_forward(&self, pass: &mut wgpu::ComputePass<'_>, rows: u32) {
        for call in &self.slope[..self.forward] {
            call.encode(pass, rows);
        }
    }

    /// Records one step, or with `moving` false only its loss and gradient.
    pub(super) fn encode(&self, pass: &mut wgpu::ComputePass<'_>, rows: u32, moving: bool) {
        for call in self.calls(moving) {
            call.encode(pass, rows);
        }
    }
}

impl Call {
    /// What is dispatched, with the objective it is made around.
    pub(super) fn label(&self) -> &str {
        self.kernel.label()
    }

    /// The entry point.
    pub(super) fn entry(&self) -> &'static str {
        self.entry
    }

    /// Records the dispatch for a batch of so many rows.
    pub(super) fn encode(&self, pass: &mut wgpu::ComputePass<'_>, rows: u32) {
        let [x, y, z] = self.size.groups(rows);
        pass.set_pipeline(&self.kernel.pipeline);
        pass.set_bind_group(0, &self.group, &[]);
        pass.dispatch_workgroups(x, y, z);
    }
}

impl TermArrays {
    fn new(site: &Site<'_>, k: usize) -> Result<Self, EngineError> {
        let about = device_words(
            site.device,
            "a term",
            &[term_words(site.problem, k, site.features.quads, site.bias.is_some())],
        )?;
        let traits = site.device.buffer("the traits of the classes", site.problem.classes as u64 * 8)?;
        Ok(Self { about, traits })
    }
}

fn device_words<T: Pod>(device: &Device, label: &str, data: &[T]) -> Result<wgpu::Buffer, EngineError> {
    device.filled(label, data)
}

impl<'a> Site<'a> {
    /// The parameters that move: under a network not the features, which it makes anew.
    fn moving(&self) -> Vec<&'a Side> {
        let mut sides = self.sides();
        if let Some(net) = self.network {
            sides.remove(0);
            sides.extend(net.sides());
        }
        sides.retain(|side| side.moves(self.problem.moves));
        sides
    }

    /// What the terms compare.
    fn sides(&self) -> Vec<&'a Side> {
        let weights = self.problem.uses_weights().then_some(self.weights);
        [Some(self.features), weights, self.bias].into_iter().flatten().collect()
    }

    pub(super) fn plain(
        &self,
        file: &'static str,
        entry: &'static str,
        named: &[(&str, &wgpu::Buffer)],
        size: Size,
    ) -> Result<Call, EngineError> {
        self.plain_within(file, entry, named, size, self.extent())
    }

    /// The same where the loops run over other sizes than the problem's.
    pub(super) fn plain_within(
        &self,
        file: &'static str,
        entry: &'static str,
        named: &[(&str, &wgpu::Buffer)],
        size: Size,
        extent: Extent,
    ) -> Result<Call, EngineError> {
        tiling::allowed(entry, &extent)?;
        let text = compose::plain(file, self.device.subgroups());
        let kernel = self.kernels.get(self.device, text, entry)?;
        let group = kernel.bind(self.device, named)?;
        Ok(Call { entry, kernel, group, size })
    }

    /// What the loops of the kernels run over.
    pub(super) fn extent(&self) -> Extent {
        Extent {
            rows: self.features.rows,
            classes: self.problem.classes as u32,
            quads: self.features.quads,
            terms: self.problem.terms.len() as u32,
            ..Extent::default()
        }
    }

    pub(super) fn rows(
        &self,
        entry: &'static str,
        side: &Side,
        shared: &Shared,
    ) -> Result<Call, EngineError> {
        let size = size_of(side);
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
        // Those of a network have their own dimensions.
        let extent = Extent { quads: side.quads, ..self.extent() };
        self.plain_within("rows.wgsl", entry, &named, size, extent)
    }

    fn moves(&self, entry: &'static str, side: &Side, shared: &Shared) -> Result<Call, EngineError> {
        let size = size_of(side);
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
        let extent = Extent { quads: side.quads, ..self.extent() };
        self.plain_within("update.wgsl", entry, &named, size, extent)
    }
}
