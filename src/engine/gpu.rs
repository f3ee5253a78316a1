//! The engine of the graphics processor: every stage of a step in WGSL, through wgpu.
//!
//! Parameters live on the device; a stretch of steps is one submission, and only what each step
//! saw (its record) comes back. Lifetimes: [`device`] and the pipelines ([`kernel`]) once, the
//! arrays ([`arrays`]) per set of sizes, the list of dispatches ([`plan`]) per problem, the
//! parameters of a step ([`schedule`]) per submission. wgpu appears nowhere outside this module.
//! How to write the WGSL twin of an objective stands in [`compose`].

mod arrays;
mod blocked;
mod compose;
mod device;
mod eight;
mod kernel;
mod lanes;
mod network;
mod plan;
mod schedule;
mod tile;
mod tiling;
mod times;
mod valid;

use std::sync::atomic::Ordering;

pub use device::{AdapterEntry, Choice, Tiles, adapters};
pub use tiling::MOST_TRIPS;
pub use times::CallTime;
pub use valid::check_shaders;

use super::batches::Batches;
use super::{Advance, Divergence, Engine, EngineError, Evaluation, Gradient, MarginsAt, Parameter, Problem};
use super::{Record, State};
use crate::models::Kind;
use arrays::{Side, Which};
use device::Device;
use kernel::Kernels;
use network::Net;
use plan::{Plan, Site};
use schedule::{At, Block, StepWords};

/// Steps one submission makes at most.
const MOST_STEPS: usize = 128;
/// Words of uploaded batches one submission may need: 32 MiB.
const MOST_BLOCK_WORDS: usize = 8 << 20;
/// Multiply-adds of one submission: keeps each well under the patience of a desktop's driver.
const MOST_WORK: f64 = 2e11;
/// Dimensions the loops over a row allow.
const MOST_DIMENSIONS: usize = 16_384;
/// Words of `Progress` in judge.wgsl.
const PROGRESS: u64 = 6;

/// How often the host spoke to the device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Command buffers submitted.
    pub submissions: usize,
    /// Buffers mapped to be read.
    pub mappings: usize,
    /// Pipelines compiled.
    pub pipelines: usize,
}

/// The engine of the graphics processor.
pub struct GpuEngine {
    device: Device,
    kernels: Kernels,
    problem: Problem,
    batches: Batches,
    step: u64,
    features: Side,
    weights: Side,
    bias: Option<Side>,
    /// The bias's shape on the host, kept though no term uses it.
    idle_bias: Option<Parameter>,
    /// What makes the features, unless they are free.
    network: Option<Net>,
    full: Block,
    steps: wgpu::Buffer,
    progress: wgpu::Buffer,
    records: wgpu::Buffer,
    record_room: usize,
    block: wgpu::Buffer,
    block_room: usize,
    plan: Plan,
}

impl GpuEngine {
    /// An engine that starts from `state` on the best adapter that `choice` allows.
    ///
    /// # Errors
    /// [`EngineError::NoAdapter`] without an adapter, [`EngineError::Unsupported`] when an objective
    /// has no WGSL form or an array is larger than the adapter allows.
    pub fn new(problem: Problem, state: &State, choice: Choice) -> Result<Self, EngineError> {
        Self::on(Device::open(choice)?, Kernels::default(), problem, state)
    }

    fn on(device: Device, kernels: Kernels, problem: Problem, state: &State) -> Result<Self, EngineError> {
        let (n, d) = (state.features.value.rows, state.features.value.cols);
        if n == 0 || d == 0 || d > MOST_DIMENSIONS {
            return Err(EngineError::Unsupported(format!(
                "the GPU engine needs between 1 and {MOST_DIMENSIONS} dimensions and at least one row, not {n} rows of {d}"
            )));
        }
        let batches = Batches::new(&problem);
        let network = state.network.as_ref().map(|network| Net::new(&device, network, n)).transpose()?;
        let place = network.as_ref().map(|net| Net::place_of_features(net.kind()));
        let features = Side::placed(&device, Which::Features, &state.features, place)?;
        let weights = Side::new(&device, Which::Weights, &state.weights)?;
        let used = state.bias.as_ref().filter(|_| problem.uses_raw());
        let bias = used.map(|bias| Side::new(&device, Which::Bias, bias)).transpose()?;
        let idle_bias = if used.is_some() { None } else { state.bias.clone() };
        let full = Block::new(&problem, &(0..n as u32).collect::<Vec<_>>());
        let steps = device.buffer("the steps", (MOST_STEPS * size_of::<StepWords>()) as u64)?;
        let progress = device.buffer("the progress", PROGRESS * 4)?;
        let block_room = block_room(&problem, &batches);
        let block = device.buffer("the batches", block_room as u64 * 4)?;
        let record_room = MOST_STEPS * (problem.terms.len() + 2);
        let records = device.buffer("the records", record_room as u64 * 4)?;
        let plan = Plan::new(&Site {
            device: &device,
            kernels: &kernels,
            problem: &problem,
            features: &features,
            weights: &weights,
            bias: bias.as_ref(),
            network: network.as_ref(),
            steps: &steps,
            progress: &progress,
            records: &records,
            block: &block,
            largest_class: largest_class(&problem),
        })?;
        let engine = Self {
            device,
            kernels,
            batches,
            step: state.step,
            features,
            weights,
            bias,
            idle_bias,
            network,
            full,
            steps,
            progress,
            records,
            record_room,
            block,
            block_room,
            plan,
            problem,
        };
        engine.describe();
        Ok(engine)
    }

    /// How often host and device have spoken so far.
    pub fn traffic(&self) -> Traffic {
        Traffic {
            submissions: self.device.submissions.load(Ordering::Relaxed),
            mappings: self.device.mappings.load(Ordering::Relaxed),
            pipelines: self.kernels.len(),
        }
    }

    /// Gives the device up, as if it had been taken away: for tests of the fall-back.
    pub fn lose(&self) {
        self.device.handle.destroy();
    }

    /// Uploads the numbers that do not change the list of dispatches.
    fn describe(&self) {
        for side in [Some(&self.features), Some(&self.weights), self.bias.as_ref()].into_iter().flatten() {
            side.describe(&self.device, &self.problem);
        }
        if let Some(net) = &self.network {
            net.describe(&self.device, &self.problem);
        }
        self.plan.describe(&self.device, &self.problem);
        self.write_block(0, &self.full);
    }

    fn write_block(&self, at: usize, block: &Block) {
        self.device.queue.write_buffer(&self.block, at as u64 * 4, bytemuck::cast_slice(&block.words));
    }

    fn write_steps(&self, words: &[StepWords]) {
        self.device.queue.write_buffer(&self.steps, 0, bytemuck::cast_slice(words));
        self.device.queue.write_buffer(&self.progress, 0, bytemuck::bytes_of(&0u32));
    }

    /// Submits steps of so many rows each.
    ///
    /// # Errors
    /// Only while the times of passes are asked for.
    fn submit(&self, rows: &[u32], moving: bool) -> Result<wgpu::SubmissionIndex, EngineError> {
        let mut rows = rows;
        if self.device.timestamps
            && times::asked()
            && let [first, rest @ ..] = rows
        {
            times::print(&self.device, &self.plan, *first, moving)?;
            rows = rest;
        }
        let mut encoder = self
            .device
            .handle
            .create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("steps") });
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
                label: Some("steps"),
                timestamp_writes: None,
            });
            for &rows in rows {
                self.plan.encode(&mut pass, rows, moving);
            }
        }
        Ok(self.device.submit(encoder.finish()))
    }

    fn kind(&self) -> Option<Kind> {
        self.network.as_ref().map(Net::kind)
    }

    /// Makes the features of all rows anew, where a network makes them.
    fn make_features(&self) {
        if self.network.is_none() {
            return;
        }
        self.write_block(0, &self.full);
        let margins = MarginsAt::Mean;
        let at = At { step: self.step, rate: 0.0, margins, decays: false, network: self.kind() };
        self.write_steps(&[self.full.step(&self.problem, at, 0)]);
        let label = Some("the features");
        let mut encoder =
            self.device.handle.create_command_encoder(&wgpu::CommandEncoderDescriptor { label });
        let mut pass =
            encoder.begin_compute_pass(&wgpu::ComputePassDescriptor { label, timestamp_writes: None });
        self.plan.encode_forward(&mut pass, self.full.rows);
        drop(pass);
        self.device.submit(encoder.finish());
    }

    /// How many steps the next submission makes.
    fn stretch(&self) -> usize {
        let (n, d) = (f64::from(self.full.rows), f64::from(self.features.quads * 4));
        let per_term = |term: &super::Term| match term.objective.family() {
            crate::objectives::Family::Class => n * self.problem.classes as f64,
            crate::objectives::Family::Pair => n * n,
        };
        let layers = self.network.as_ref().map_or(0.0, |net| n * net.work());
        let work = layers + self.problem.terms.iter().map(|term| 4.0 * d * per_term(term)).sum::<f64>();
        let words = schedule::block_words(self.full.rows as usize, self.problem.classes);
        let blocks = if self.batches.full() { MOST_STEPS } else { self.block_room / words };
        ((MOST_WORK / work.max(1.0)) as usize).min(blocks).clamp(1, MOST_STEPS)
    }

    /// Uploads and submits a stretch of steps from `first` on.
    fn send(&mut self, first: u64, rates: &[f64]) -> Result<wgpu::SubmissionIndex, EngineError> {
        let mut words = Vec::with_capacity(rates.len());
        let mut rows = Vec::with_capacity(rates.len());
        let mut place = 0;
        for (i, &rate) in rates.iter().enumerate() {
            let step = first + i as u64;
            let at = At { step, rate, margins: MarginsAt::Step(step), decays: true, network: self.kind() };
            match self.batches.rows(step) {
                None => words.push(self.full.step(&self.problem, at, 0)),
                Some(chosen) => {
                    let block = Block::new(&self.problem, &chosen);
                    self.write_block(place, &block);
                    words.push(block.step(&self.problem, at, place));
                    place += block.words.len();
                }
            }
            rows.push(words[i].rows);
        }
        self.write_steps(&words);
        self.submit(&rows, true)
    }
}

/// Words that the blocks of a submission take at most.
fn block_room(problem: &Problem, batches: &Batches) -> usize {
    let one = schedule::block_words(problem.labels.len(), problem.classes);
    if batches.full() { one } else { one.max((one * MOST_STEPS).min(MOST_BLOCK_WORDS)) }
}

fn largest_class(problem: &Problem) -> u32 {
    problem.counts().into_iter().fold(0.0, f64::max) as u32
}

impl Engine for GpuEngine {
    fn name(&self) -> &'static str {
        "gpu"
    }

    fn adapter(&self) -> Option<String> {
        Some(self.device.name.clone())
    }

    fn evaluate(&mut self, margins: MarginsAt) -> Result<Evaluation, EngineError> {
        self.write_block(0, &self.full);
        let at = At { step: self.step, rate: 0.0, margins, decays: false, network: self.kind() };
        self.write_steps(&[self.full.step(&self.problem, at, 0)]);
        self.submit(&[self.full.rows], false)?;
        let sides =
            [Some(&self.features), self.problem.uses_weights().then_some(&self.weights), self.bias.as_ref()];
        let terms = self.problem.terms.len();
        let mut stretches = vec![(&self.plan.losses, 0, terms as u64)];
        stretches.extend(sides.into_iter().flatten().map(|side| (&side.gradient_raw, 0, side.words())));
        let of_network = self.network.as_ref().map_or_else(Vec::new, Net::sides);
        stretches.extend(of_network.iter().map(|side| (&side.gradient_raw, 0, side.words())));
        let read = self.device.read(&stretches)?;
        let (losses, mut rest) = read.split_at(terms);
        let mut take = |side: Option<&Side>| {
            side.map(|side| {
                let (mine, others) = rest.split_at(side.words() as usize);
                rest = others;
                side.numbers(mine).into_iter().map(f64::from).collect::<Vec<f64>>()
            })
        };
        let gradient = Gradient {
            features: take(sides[0]).unwrap_or_default(),
            weights: take(sides[1]),
            bias: take(sides[2]),
            network: self
                .network
                .as_ref()
                .map(|net| net.gradient(|side| take(Some(side)).unwrap_or_default())),
        };
        Ok(Evaluation { terms: losses.iter().map(|&w| f64::from(f32::from_bits(w))).collect(), gradient })
    }

    fn advance(&mut self, rates: &[f64]) -> Result<Advance, EngineError> {
        if rates.is_empty() {
            return Ok(Advance::default());
        }
        let width = self.problem.terms.len() + 2;
        if rates.len() * width > self.record_room {
            // More steps at once than the records hold: in parts, each of them read back.
            let mut whole = Advance::default();
            for part in rates.chunks((self.record_room / width).max(1)) {
                let mut advance = self.advance(part)?;
                whole.records.append(&mut advance.records);
                whole.diverged = advance.diverged;
                if whole.diverged.is_some() {
                    break;
                }
            }
            return Ok(whole);
        }
        self.device.queue.write_buffer(&self.progress, 0, bytemuck::cast_slice(&[0u32; PROGRESS as usize]));
        let stretch = self.stretch();
        let mut before: Option<wgpu::SubmissionIndex> = None;
        for (i, part) in rates.chunks(stretch).enumerate() {
            let sent = self.send(self.step + (i * stretch) as u64, part)?;
            if let Some(before) = before.replace(sent) {
                self.device.wait(before)?;
            }
        }
        let words = (rates.len() * width) as u64;
        let read = self.device.read(&[(&self.progress, 0, PROGRESS), (&self.records, 0, words)])?;
        let (progress, records) = read.split_at(PROGRESS as usize);
        let [_, made, frozen, _, term, ..] = *progress else {
            return Err(EngineError::Device("the progress came back short".into()));
        };
        let made = (made as usize).min(rates.len());
        let number = |word: u32| f64::from(f32::from_bits(word));
        let records = records
            .chunks(width)
            .zip(rates)
            .take(made)
            .enumerate()
            .map(|(i, (words, &rate))| Record {
                step: self.step + i as u64,
                terms: words[..width - 2].iter().map(|&w| number(w)).collect(),
                decay: number(words[width - 2]),
                gradient_norm: number(words[width - 1]),
                rate,
            })
            .collect();
        self.step += made as u64;
        let diverged = (frozen == 1)
            .then(|| Divergence { step: self.step, term: (term != u32::MAX).then_some(term as usize) });
        Ok(Advance { records, diverged })
    }

    fn state(&mut self) -> Result<State, EngineError> {
        self.make_features();
        let mut sides = vec![&self.features, &self.weights];
        sides.extend(&self.bias);
        sides.extend(self.network.iter().flat_map(Net::sides));
        let stretches: Vec<_> = sides.into_iter().flat_map(Side::stretches).collect();
        let words = self.device.read(&stretches)?;
        let mut rest = words.as_slice();
        Ok(State {
            step: self.step,
            features: self.features.parameter(&mut rest),
            weights: self.weights.parameter(&mut rest),
            bias: match &self.bias {
                Some(bias) => Some(bias.parameter(&mut rest)),
                None => self.idle_bias.clone(),
            },
            network: self.network.as_ref().map(|net| net.network(&mut rest)),
        })
    }

    fn set_state(&mut self, state: &State) -> Result<(), EngineError> {
        self.device.check()?;
        self.step = state.step;
        self.features.write(&self.device, &state.features);
        if let (Some(net), Some(network)) = (&mut self.network, &state.network) {
            net.write(&self.device, network);
        }
        self.weights.write(&self.device, &state.weights);
        match (&self.bias, &state.bias) {
            (Some(side), Some(bias)) => side.write(&self.device, bias),
            _ => self.idle_bias.clone_from(&state.bias),
        }
        Ok(())
    }

    fn set_problem(&mut self, problem: &Problem) -> Result<(), EngineError> {
        let same = plan::structure(&self.problem) == plan::structure(problem)
            && self.problem.labels == problem.labels
            && self.problem.instances == problem.instances
            && self.problem.margins == problem.margins
            && self.problem.classes == problem.classes
            && self.problem.batch == problem.batch;
        if same {
            self.problem = problem.clone();
            self.batches = Batches::new(problem);
            self.describe();
            return Ok(());
        }
        let state = self.state()?;
        *self = self.beside(problem, &state)?;
        Ok(())
    }
}

impl GpuEngine {
    /// An engine for another problem and state, of any sizes, on the same device and with the
    /// pipelines made so far.
    ///
    /// # Errors
    /// As [`GpuEngine::new`].
    pub fn beside(&self, problem: &Problem, state: &State) -> Result<Self, EngineError> {
        Self::on(self.device.clone(), self.kernels.clone(), problem.clone(), state)
    }

    /// The same with kernels of another kind than those made for the adapter: for tests and benches.
    ///
    /// # Errors
    /// As [`GpuEngine::new`], and where the adapter lacks what the kernels need.
    pub fn beside_with(&self, tiles: Tiles, problem: &Problem, state: &State) -> Result<Self, EngineError> {
        Self::on(self.device.with_tiles(tiles)?, self.kernels.clone(), problem.clone(), state)
    }
}
