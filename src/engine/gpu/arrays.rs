//! The arrays on the device: one [`Side`] each for features, weights and bias, and what the terms
//! work with. Rows are padded to whole quads of four numbers; the padding stays zero.

use bytemuck::{Pod, Zeroable};

use super::device::Device;
use crate::engine::{EngineError, Parameter, Problem};
use crate::features::Matrix;
use crate::optimizer::{Method, Moves};

/// `Side` of rows.wgsl and update.wgsl.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
struct SideWords {
    rows: u32,
    quads: u32,
    batch: u32,
    sphere: u32,
    decay: u32,
    method: u32,
    bias: u32,
    still: u32,
}

/// Which parameter a side is; also its place in `Step.decay`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Features = 0,
    Weights = 1,
    Bias = 2,
}

/// How a side that belongs to a network, or lies above one, differs from the three of every run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Which of `Step.decay`.
    pub(super) slot: u32,
    /// Whether the gradient goes back through the normalisation.
    pub(super) normalised: bool,
}

/// One kind of parameter with everything a step needs of it.
pub(super) struct Side {
    which: Which,
    place: Option<Place>,
    /// Rows and columns as the host knows them.
    shape: (usize, usize),
    /// Rows and quads a row as the device does: the bias is a column of quads.
    pub(super) rows: u32,
    pub(super) quads: u32,
    pub(super) about: wgpu::Buffer,
    pub(super) value: wgpu::Buffer,
    pub(super) first: wgpu::Buffer,
    pub(super) second: wgpu::Buffer,
    pub(super) raw: wgpu::Buffer,
    pub(super) unit: wgpu::Buffer,
    pub(super) lengths: wgpu::Buffer,
    pub(super) gradient_raw: wgpu::Buffer,
    pub(super) gradient_unit: wgpu::Buffer,
    pub(super) norms: wgpu::Buffer,
    pub(super) next: wgpu::Buffer,
}

impl Side {
    pub(super) fn new(device: &Device, which: Which, of: &Parameter) -> Result<Self, EngineError> {
        Self::placed(device, which, of, None)
    }

    /// The same in a place of its own.
    pub(super) fn placed(
        device: &Device,
        which: Which,
        of: &Parameter,
        place: Option<Place>,
    ) -> Result<Self, EngineError> {
        let (rows, cols) = (of.value.rows, of.value.cols);
        let (device_rows, quads) = match which {
            Which::Bias => (cols.div_ceil(4), 1),
            _ => (rows, cols.div_ceil(4)),
        };
        let name = match which {
            Which::Features => "the features",
            Which::Weights => "the class weights",
            Which::Bias => "the bias",
        };
        let bytes = (device_rows * quads * 16) as u64;
        let array = |what: &str, bytes: u64| device.buffer(&format!("{what} of {name}"), bytes);
        let side = Self {
            which,
            place,
            shape: (rows, cols),
            rows: device_rows as u32,
            quads: quads as u32,
            about: array("the description", 32)?,
            value: array("the values", bytes)?,
            first: array("the first moments", bytes)?,
            second: array("the second moments", bytes)?,
            raw: array("the gathered rows", bytes)?,
            unit: array("the unit rows", bytes)?,
            lengths: array("the lengths", device_rows as u64 * 4)?,
            gradient_raw: array("the gradient", bytes)?,
            gradient_unit: array("the gradient on the sphere", bytes)?,
            norms: array("the norms", device_rows as u64 * 8)?,
            next: array("the next values", 3 * bytes)?,
        };
        side.write(device, of);
        Ok(side)
    }

    /// Tells the device how this side moves.
    pub(super) fn describe(&self, device: &Device, problem: &Problem) {
        let words = SideWords {
            rows: self.rows,
            quads: self.quads,
            batch: u32::from(self.which == Which::Features),
            sphere: u32::from(problem.sphere && self.which != Which::Bias && self.place.is_none()),
            decay: self.place.map_or(self.which as u32, |place| place.slot),
            method: match problem.method {
                Method::Sgd { .. } => 0,
                Method::Adam => super::schedule::METHOD_ADAM,
            },
            bias: u32::from(self.which == Which::Bias || self.place.is_some_and(|place| !place.normalised)),
            still: u32::from(!self.moves(problem.moves)),
        };
        device.queue.write_buffer(&self.about, 0, bytemuck::bytes_of(&words));
    }

    /// Whether it is of the half that moves.
    pub(super) fn moves(&self, moves: Moves) -> bool {
        if self.which == Which::Features || self.place.is_some() { moves.features() } else { moves.weights() }
    }

    /// Whether the rows of a step are those of the batch.
    pub(super) fn of_batch(&self) -> bool {
        self.which == Which::Features
    }

    /// Words of one matrix of this side.
    pub(super) fn words(&self) -> u64 {
        u64::from(self.rows) * u64::from(self.quads) * 4
    }

    pub(super) fn write(&self, device: &Device, of: &Parameter) {
        for (buffer, matrix) in
            [(&self.value, &of.value), (&self.first, &of.first), (&self.second, &of.second)]
        {
            device.queue.write_buffer(buffer, 0, bytemuck::cast_slice(&self.padded(matrix)));
        }
    }

    fn pitch(&self) -> usize {
        match self.which {
            Which::Bias => self.words() as usize,
            _ => self.quads as usize * 4,
        }
    }

    fn padded(&self, matrix: &Matrix) -> Vec<f32> {
        let mut out = vec![0.0; self.words() as usize];
        if matrix.cols > 0 {
            for (to, from) in out.chunks_mut(self.pitch().max(1)).zip(matrix.rows_iter()) {
                to[..from.len()].copy_from_slice(from);
            }
        }
        out
    }

    /// The numbers of a matrix of this side, padding left out, from words read back.
    pub(super) fn numbers(&self, words: &[u32]) -> Vec<f32> {
        let (rows, cols) = self.shape;
        let lines = words.chunks(self.pitch().max(1)).take(rows);
        lines.flat_map(|line| line[..cols].iter().map(|&w| f32::from_bits(w))).collect()
    }

    pub(super) fn matrix(&self, words: &[u32]) -> Matrix {
        Matrix::new(self.shape.0, self.shape.1, self.numbers(words))
    }

    /// What to read back for a snapshot.
    pub(super) fn stretches(&self) -> [(&wgpu::Buffer, u64, u64); 3] {
        [&self.value, &self.first, &self.second].map(|buffer| (buffer, 0, self.words()))
    }

    /// The parameter from the words of [`Side::stretches`], which are taken off the front.
    pub(super) fn parameter(&self, words: &mut &[u32]) -> Parameter {
        let mut take = || {
            let (mine, rest) = words.split_at(self.words() as usize);
            *words = rest;
            self.matrix(mine)
        };
        Parameter { value: take(), first: take(), second: take() }
    }
}
