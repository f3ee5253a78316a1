//! A network on the device: its arrays, and the dispatches that run it forward and backward.
//!
//! Matrices, biases and free features are [`Side`]s like any other and move by the same kernels; only the products
//! between them are new. Outputs go where the features stand, so that the terms know nothing of a network.

use bytemuck::{Pod, Zeroable};

use super::arrays::{Place, Side, Which};
use super::device::Device;
use super::plan::{Call, Shared, Site, Size};
use super::tiling::Extent;
use crate::engine::{EngineError, Parameter, Problem};
use crate::models::{Kind, Layer, Network, NetworkGradient};

/// The rows of a batch that the loops of product.wgsl allow: 15 iterations for 16 of them, of 32,768.
const MOST_ROWS: usize = 34_000;

/// `Product` of product.wgsl.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, Pod, Zeroable)]
struct ProductWords {
    rows: u32,
    cols: u32,
    inner: u32,
    left_pitch: u32,
    right_pitch: u32,
    out_pitch: u32,
    batch_rows: u32,
    batch_inner: u32,
    left_transposed: u32,
    right_transposed: u32,
    biased: u32,
    rectified: u32,
    masked: u32,
    scattered: u32,
}

/// What goes in.
enum Inputs {
    /// Given, and never moved: all of them, those of the batch, and the host's copy.
    Fixed { value: wgpu::Buffer, raw: wgpu::Buffer, kept: Parameter, quads: u32 },
    /// Free features.
    Free(Box<Side>),
}

/// One layer.
struct Sheet {
    matrix: Side,
    bias: Option<Side>,
    rectified: bool,
    /// Numbers in, numbers out.
    width: u32,
    out: u32,
    /// What came out for the rows of the batch; of the last layer nothing is kept here.
    gave: wgpu::Buffer,
    /// The gradient with respect to that.
    slope: wgpu::Buffer,
}

/// A network's arrays.
pub(super) struct Net {
    kind: Kind,
    inputs: Inputs,
    sheets: Vec<Sheet>,
}

/// Numbers from one row to the next where rows are padded to whole quads.
fn pitch(cols: u32) -> u32 {
    cols.next_multiple_of(4)
}

impl Net {
    /// The arrays of `network`, for batches of up to `rows` rows.
    pub(super) fn new(device: &Device, network: &Network, rows: usize) -> Result<Self, EngineError> {
        let widest = network.layers.iter().map(|l| l.matrix.value.rows.max(l.matrix.value.cols)).max();
        let most = rows.max(widest.unwrap_or(0));
        if most > MOST_ROWS {
            return Err(EngineError::Unsupported(format!(
                "the GPU engine runs networks with up to {MOST_ROWS} rows a step and as many units, not {most}: give \
                 a --batch, or use --engine cpu"
            )));
        }
        // Which of Step.decay each kind has; `Block::step` fills them.
        let (of_matrix, nothing) = match network.kind {
            Kind::Linear => (1, 3),
            Kind::Mlp => (3, 0),
        };
        let plain = |slot| Some(Place { slot, normalised: false });
        let side = |which, of: &Parameter, slot| Side::placed(device, which, of, plain(slot));
        let inputs = &network.inputs;
        let quads = inputs.value.cols.div_ceil(4) as u32;
        let inputs = match network.kind {
            Kind::Linear => Inputs::Free(Box::new(side(Which::Features, inputs, 0)?)),
            Kind::Mlp => {
                let bytes = |rows: usize| rows as u64 * u64::from(quads) * 16;
                let value = device.buffer("the inputs", bytes(inputs.value.rows))?;
                write_rows(device, &value, &inputs.value);
                Inputs::Fixed {
                    value,
                    raw: device.buffer("the gathered inputs", bytes(rows))?,
                    kept: inputs.clone(),
                    quads,
                }
            }
        };
        let last = network.layers.len() - 1;
        let sheet = |(l, layer): (usize, &Layer)| {
            let out = layer.matrix.value.rows as u32;
            let bytes = if l == last { 0 } else { rows as u64 * u64::from(pitch(out)) * 4 };
            Ok(Sheet {
                matrix: side(Which::Weights, &layer.matrix, of_matrix)?,
                bias: layer.bias.as_ref().map(|bias| side(Which::Bias, bias, nothing)).transpose()?,
                rectified: layer.rectified,
                width: layer.matrix.value.cols as u32,
                out,
                gave: device.buffer("the outputs of a layer", bytes)?,
                slope: device.buffer("the slopes of a layer", bytes)?,
            })
        };
        let sheets = network.layers.iter().enumerate().map(sheet).collect::<Result<_, EngineError>>()?;
        Ok(Self { kind: network.kind, inputs, sheets })
    }

    /// The features above a network: normalised where a term wants it, no decay, never on the sphere.
    pub(super) fn place_of_features(kind: Kind) -> Place {
        Place { slot: if kind == Kind::Linear { 3 } else { 0 }, normalised: true }
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// Multiply-adds of a row, forward and back.
    pub(super) fn work(&self) -> f64 {
        self.sheets.iter().map(|s| 3.0 * f64::from(s.width) * f64::from(s.out)).sum()
    }

    /// The parameters that move.
    pub(super) fn sides(&self) -> Vec<&Side> {
        let inputs = match &self.inputs {
            Inputs::Free(side) => Some(&**side),
            Inputs::Fixed { .. } => None,
        };
        let layers = self.sheets.iter().flat_map(|sheet| [Some(&sheet.matrix), sheet.bias.as_ref()]);
        [inputs].into_iter().chain(layers).flatten().collect()
    }

    pub(super) fn describe(&self, device: &Device, problem: &Problem) {
        for side in self.sides() {
            side.describe(device, problem);
        }
    }

    pub(super) fn write(&mut self, device: &Device, network: &Network) {
        match &mut self.inputs {
            Inputs::Free(side) => side.write(device, &network.inputs),
            Inputs::Fixed { value, kept, .. } => {
                write_rows(device, value, &network.inputs.value);
                kept.clone_from(&network.inputs);
            }
        }
        for (sheet, layer) in self.sheets.iter().zip(&network.layers) {
            sheet.matrix.write(device, &layer.matrix);
            if let (Some(side), Some(bias)) = (&sheet.bias, &layer.bias) {
                side.write(device, bias);
            }
        }
    }

    /// The network from the words of the sides' stretches, taken off the front in their order.
    pub(super) fn network(&self, words: &mut &[u32]) -> Network {
        let inputs = match &self.inputs {
            Inputs::Free(side) => side.parameter(words),
            Inputs::Fixed { kept, .. } => kept.clone(),
        };
        let layer = |sheet: &Sheet| Layer {
            matrix: sheet.matrix.parameter(words),
            bias: sheet.bias.as_ref().map(|bias| bias.parameter(words)),
            rectified: sheet.rectified,
        };
        Network { kind: self.kind, inputs, layers: self.sheets.iter().map(layer).collect() }
    }

    /// The gradient from the words of the sides' gradients, by a function that takes those of a side off the front.
    pub(super) fn gradient(&self, mut take: impl FnMut(&Side) -> Vec<f64>) -> NetworkGradient {
        let inputs = match &self.inputs {
            Inputs::Free(side) => Some(take(side)),
            Inputs::Fixed { .. } => None,
        };
        let layer = |sheet: &Sheet| (take(&sheet.matrix), sheet.bias.as_ref().map(&mut take));
        NetworkGradient { inputs, layers: self.sheets.iter().map(layer).collect() }
    }

    /// What goes in, of the rows of the batch, and its pitch.
    fn entrance(&self) -> (&wgpu::Buffer, u32) {
        match &self.inputs {
            Inputs::Free(side) => (&side.raw, side.quads * 4),
            Inputs::Fixed { raw, quads, .. } => (raw, quads * 4),
        }
    }

    /// What a layer takes.
    fn into(&self, l: usize) -> (&wgpu::Buffer, u32) {
        if l == 0 { self.entrance() } else { (&self.sheets[l - 1].gave, pitch(self.sheets[l - 1].out)) }
    }

    /// The dispatches that make the features of the batch's rows.
    pub(super) fn forward(
        &self,
        site: &Site<'_>,
        shared: &Shared,
        calls: &mut Vec<Call>,
    ) -> Result<(), EngineError> {
        match &self.inputs {
            Inputs::Free(side) => calls.push(site.rows("prepare", side, shared)?),
            Inputs::Fixed { value, raw, quads, .. } => {
                let extent = Extent { quads: *quads, ..site.extent() };
                let quads = site.device.filled("quads of an input", &[*quads])?;
                let named = [
                    ("now", &shared.now),
                    ("quads", &quads),
                    ("block", site.block),
                    ("value", value),
                    ("raw", raw),
                ];
                calls.push(site.plain_within("gather.wgsl", "gather", &named, Size::Rows, extent)?);
            }
        }
        let last = self.sheets.len() - 1;
        for (l, sheet) in self.sheets.iter().enumerate() {
            let (from, from_pitch) = self.into(l);
            let to = if l == last { &site.features.value } else { &sheet.gave };
            let words = ProductWords {
                cols: sheet.out,
                inner: sheet.width,
                left_pitch: from_pitch,
                right_pitch: sheet.matrix.quads * 4,
                out_pitch: pitch(sheet.out),
                batch_rows: 1,
                right_transposed: 1,
                biased: u32::from(sheet.bias.is_some()),
                rectified: u32::from(sheet.rectified),
                scattered: u32::from(l == last),
                ..ProductWords::default()
            };
            let bias = sheet.bias.as_ref().map_or(&shared.nothing, |bias| &bias.value);
            calls.push(product(site, shared, words, [from, &sheet.matrix.value, bias, &shared.nothing, to])?);
        }
        Ok(())
    }

    /// The dispatches that take the gradient with respect to the features back to the parameters, decay added.
    pub(super) fn backward(
        &self,
        site: &Site<'_>,
        shared: &Shared,
        calls: &mut Vec<Call>,
    ) -> Result<(), EngineError> {
        for sheet in &self.sheets {
            for side in [Some(&sheet.matrix), sheet.bias.as_ref()].into_iter().flatten() {
                calls.push(site.rows("prepare", side, shared)?);
            }
        }
        let last = self.sheets.len() - 1;
        for (l, sheet) in self.sheets.iter().enumerate().rev() {
            let slope = if l == last { &site.features.gradient_raw } else { &sheet.slope };
            let slope_pitch = pitch(sheet.out);
            let (from, from_pitch) = self.into(l);
            let of_matrix = ProductWords {
                rows: sheet.out,
                cols: sheet.width,
                left_pitch: slope_pitch,
                right_pitch: from_pitch,
                out_pitch: sheet.matrix.quads * 4,
                batch_inner: 1,
                left_transposed: 1,
                ..ProductWords::default()
            };
            let nothing = &shared.nothing;
            let to = &sheet.matrix.gradient_raw;
            calls.push(product(site, shared, of_matrix, [slope, from, nothing, nothing, to])?);
            if let Some(bias) = &sheet.bias {
                let pitch = site.device.filled("the pitch of a layer", &[slope_pitch])?;
                let named =
                    [("now", &shared.now), ("pitch", &pitch), ("left", slope), ("out", &bias.gradient_raw)];
                calls.push(site.plain("totals.wgsl", "totals", &named, Size::Fixed([sheet.out, 1, 1]))?);
            }
            let mut back = ProductWords {
                cols: sheet.width,
                inner: sheet.out,
                left_pitch: slope_pitch,
                right_pitch: sheet.matrix.quads * 4,
                out_pitch: from_pitch,
                batch_rows: 1,
                ..ProductWords::default()
            };
            let matrix = &sheet.matrix.value;
            if l > 0 {
                let below = &self.sheets[l - 1];
                back.masked = u32::from(below.rectified);
                let mask = if below.rectified { &below.gave } else { nothing };
                calls.push(product(site, shared, back, [slope, matrix, nothing, mask, &below.slope])?);
            } else if let Inputs::Free(side) = &self.inputs {
                calls.push(product(
                    site,
                    shared,
                    back,
                    [slope, matrix, nothing, nothing, &side.gradient_raw],
                )?);
            }
        }
        for (k, side) in self.sides().into_iter().enumerate() {
            calls.push(site.rows("back", side, shared)?);
            let of_batch = k == 0 && self.kind == Kind::Linear;
            let words = [side.rows, u32::from(of_batch), u32::from(k == 0)];
            let about = site.device.filled("a tally", &words)?;
            let named = [
                ("now", &shared.now),
                ("about", &about),
                ("norms", &side.norms),
                ("tally", &site.features.norms),
            ];
            let extent = Extent { rows: side.rows.max(site.features.rows), ..site.extent() };
            let size = Size::Fixed([1, 1, 1]);
            calls.push(site.plain_within("tally.wgsl", "gather_norms", &named, size, extent)?);
        }
        Ok(())
    }
}

/// One dispatch of product.wgsl: left, right, bias, mask, out.
fn product(
    site: &Site<'_>,
    shared: &Shared,
    words: ProductWords,
    [left, right, bias, mask, out]: [&wgpu::Buffer; 5],
) -> Result<Call, EngineError> {
    let about = site.device.filled("a product", &[words])?;
    let named = [
        ("now", &shared.now),
        ("about", &about),
        ("block", site.block),
        ("left", left),
        ("right", right),
        ("bias", bias),
        ("mask", mask),
        ("out", out),
    ];
    let size = if words.batch_rows == 1 {
        Size::Tiles(words.cols.div_ceil(32))
    } else {
        Size::Fixed([words.cols.div_ceil(32), words.rows.div_ceil(32), 1])
    };
    let rows = if words.batch_inner == 1 { site.features.rows } else { words.inner };
    site.plain_within("product.wgsl", "product", &named, size, Extent { rows, ..site.extent() })
}

/// Uploads rows, each padded to whole quads.
fn write_rows(device: &Device, buffer: &wgpu::Buffer, matrix: &crate::features::Matrix) {
    let pitch = pitch(matrix.cols as u32) as usize;
    let mut padded = vec![0.0f32; matrix.rows * pitch];
    for (to, from) in padded.chunks_mut(pitch.max(1)).zip(matrix.rows_iter()) {
        to[..from.len()].copy_from_slice(from);
    }
    device.queue.write_buffer(buffer, 0, bytemuck::cast_slice(&padded));
}
