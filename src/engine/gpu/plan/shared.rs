//! The arrays that the terms use one after the other, large enough for each of them.

use super::{ARC_CHUNK, Site};
use crate::engine::EngineError;
use crate::engine::gpu::tiling;
use crate::objectives::Family;

/// Arrays that the terms use one after the other.
pub(in crate::engine::gpu) struct Shared {
    pub(in crate::engine::gpu) now: wgpu::Buffer,
    pub(super) flags: wgpu::Buffer,
    pub(super) groups: wgpu::Buffer,
    pub(super) given: wgpu::Buffer,
    pub(super) margins: wgpu::Buffer,
    pub(super) sorted: wgpu::Buffer,
    pub(super) ranks: wgpu::Buffer,
    pub(super) aims: wgpu::Buffer,
    pub(super) rows: wgpu::Buffer,
    pub(super) finished: wgpu::Buffer,
    pub(super) found: wgpu::Buffer,
    pub(super) partial: wgpu::Buffer,
    pub(super) counts: wgpu::Buffer,
    pub(super) parts: wgpu::Buffer,
    pub(super) losses: wgpu::Buffer,
    pub(super) sizes: wgpu::Buffer,
    pub(in crate::engine::gpu) nothing: wgpu::Buffer,
}

impl Shared {
    pub(super) fn new(site: &Site<'_>) -> Result<Self, EngineError> {
        let (device, problem) = (site.device, site.problem);
        let n = u64::from(site.features.rows);
        let classes = problem.classes as u32;
        let quads = site.features.quads;
        let cut = |owners, candidates| tiling::cut(device, quads, owners, candidates, false);
        let (mut found, mut partial, mut table) = (1, 1, 0);
        for term in &problem.terms {
            let pairs = term.objective.family() == Family::Pair;
            let candidates = if pairs { site.features.rows } else { classes };
            let over_anchors = cut(site.features.rows, candidates)?;
            found = found.max(u64::from(over_anchors.splits));
            partial = partial.max(u64::from(over_anchors.splits) * n * u64::from(quads + 1));
            if !pairs {
                let over_classes = cut(classes, site.features.rows)?;
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
