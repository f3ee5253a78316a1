//! The sweeps over the scores of the GPU engine against naive kernels in which an invocation takes one
//! anchor and loops over its candidates: GFLOP/s side by side, in turn, on whatever adapter there is.
//!
//! `cargo bench --bench gpu_kernels -- [WORKLOAD…] [--best]`, with `--best` only the kernels that the
//! adapter would get and not those through workgroup memory besides. Values are checked before anything is timed:
//! the naive kernels' against f64, the engine's loss and gradient against the CPU engine's.
//! 2·N·M·d operations are counted for the statistics and 4·N·M·d for the gradient of one side; together is the time
//! of all sweeps of a step, the naive gradient's speed standing for both sides.

#![expect(clippy::unwrap_used, reason = "a step that fails is a bench that fails")]

use std::time::{Duration, Instant};

use losslab::engine::cpu::CpuEngine;
use losslab::engine::gpu::{Choice, GpuEngine, Tiles};
use losslab::engine::{Engine, Evaluation, MarginsAt, Parameter, Problem, State};
use losslab::features::Matrix;
use losslab::objectives::{self, Family, Knobs, Term};
use losslab::optimizer::{Decay, Method, Moves, normalise};
use losslab::random;

/// Candidates one naive invocation loops over: software Vulkan cuts longer loops.
const SPAN: usize = 2048;
/// Anchors of a naive kernel: enough to be busy, few enough to wait for.
const ANCHORS: usize = 512;
const DIMENSIONS: usize = 64;
const ROUNDS: usize = 7;

/// The same for both: what a score is multiplied by before e^(x − 16).
const SCALE: f32 = 16.0;

const NAIVE: &str = "
@group(0) @binding(0) var<storage, read> anchors: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> candidates: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> out: array<vec4<f32>>;

const QUADS = 16u;

@compute @workgroup_size(64)
fn statistics(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    var x: array<vec4<f32>, QUADS>;
    for (var k = 0u; k < QUADS; k++) {
        x[k] = anchors[id.x * QUADS + k];
    }
    var top = -1e30;
    var sum = 0.0;
    let end = min((id.y + 1u) * SPAN, arrayLength(&candidates) / QUADS);
    for (var j = id.y * SPAN; j < end; j++) {
        var s = 0.0;
        for (var k = 0u; k < QUADS; k++) {
            s += dot(x[k], candidates[j * QUADS + k]);
        }
        s *= SCALE;
        let higher = max(top, s);
        sum = sum * exp(top - higher) + exp(s - higher);
        top = higher;
    }
    out[id.y * groups.x * 64u + id.x] = vec4<f32>(top, sum, 0.0, 0.0);
}

@compute @workgroup_size(64)
fn gradient(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    var x: array<vec4<f32>, QUADS>;
    var sums: array<vec4<f32>, QUADS>;
    for (var k = 0u; k < QUADS; k++) {
        x[k] = anchors[id.x * QUADS + k];
    }
    let end = min((id.y + 1u) * SPAN, arrayLength(&candidates) / QUADS);
    for (var j = id.y * SPAN; j < end; j++) {
        var s = 0.0;
        for (var k = 0u; k < QUADS; k++) {
            s += dot(x[k], candidates[j * QUADS + k]);
        }
        let g = exp(s * SCALE - SCALE);
        for (var k = 0u; k < QUADS; k++) {
            sums[k] += g * candidates[j * QUADS + k];
        }
    }
    for (var k = 0u; k < QUADS; k++) {
        out[(id.y * groups.x * 64u + id.x) * QUADS + k] = sums[k];
    }
}
";

struct Workload {
    name: &'static str,
    objective: &'static str,
    rows: usize,
    classes: usize,
}

const WORKLOADS: [Workload; 3] = [
    Workload { name: "arcface-512", objective: "arcface", rows: 4096, classes: 512 },
    Workload { name: "arcface-8192", objective: "arcface", rows: 8192, classes: 8192 },
    Workload { name: "supcon-4096", objective: "supcon", rows: 4096, classes: 10 },
];

impl Workload {
    fn problem(&self) -> (Problem, State) {
        let objective = objectives::find(self.objective).expect("a registered objective");
        let unit = |rows: usize, stream: u32| {
            let mut matrix = Matrix::from_fn(rows, DIMENSIONS, |i, k| {
                random::normal(5, 0, i as u32, 50 + stream, k as u32) as f32
            });
            for i in 0..rows {
                normalise(matrix.row_mut(i));
            }
            Parameter::new(matrix)
        };
        let problem = Problem {
            terms: vec![Term {
                objective,
                weight: 1.0,
                knobs: Knobs::defaults(objective.knobs(), self.classes),
            }],
            labels: (0..self.rows).map(|i| (i * 7 % self.classes) as u32).collect(),
            instances: (0..self.rows as u32).collect(),
            classes: self.classes,
            margins: None,
            seed: 1,
            batch: None,
            method: Method::Adam,
            decay: Decay::default(),
            moves: Moves::default(),
            sphere: false,
        };
        let state = State {
            step: 0,
            features: unit(self.rows, 0),
            weights: unit(self.classes, 1),
            bias: None,
            network: None,
        };
        (problem, state)
    }

    fn candidates(&self, problem: &Problem) -> usize {
        match problem.terms[0].objective.family() {
            Family::Pair => self.rows,
            Family::Class => self.classes,
        }
    }
}

/// The naive kernels on a device of their own.
struct Naive {
    device: wgpu::Device,
    queue: wgpu::Queue,
}

impl Naive {
    fn open() -> Option<Self> {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
            backends: wgpu::Backends::VULKAN | wgpu::Backends::METAL | wgpu::Backends::DX12,
            ..wgpu::InstanceDescriptor::new_without_display_handle()
        });
        let adapter =
            pollster::block_on(instance.request_adapter(&wgpu::RequestAdapterOptions::default())).ok()?;
        println!("adapter: {}", adapter.get_info().name);
        let (device, queue) =
            pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor::default())).ok()?;
        Some(Self { device, queue })
    }

    /// A kernel ready to run: what runs and times it, and what it leaves.
    fn kernel<'a>(
        &'a self,
        entry: &'a str,
        anchors: &Matrix,
        candidates: &Matrix,
    ) -> (impl Fn() -> Duration + 'a, impl Fn() -> Vec<f32> + 'a) {
        let source = format!("const SPAN = {SPAN}u;\nconst SCALE = {SCALE:?};\n{NAIVE}");
        let module = self.device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("naive"),
            source: wgpu::ShaderSource::Wgsl(source.into()),
        });
        let pipeline = self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(entry),
            layout: None,
            module: &module,
            entry_point: Some(entry),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        let buffer = |bytes: usize, usage| {
            self.device.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size: bytes as u64,
                usage,
                mapped_at_creation: false,
            })
        };
        let upload = |data: &[f32]| {
            let to = buffer(data.len() * 4, wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST);
            self.queue.write_buffer(&to, 0, bytemuck::cast_slice(data));
            to
        };
        let (x, y) = (upload(&anchors.data[..ANCHORS * DIMENSIONS]), upload(&candidates.data));
        let splits = candidates.rows.div_ceil(SPAN);
        let bytes = splits * ANCHORS * DIMENSIONS * 4;
        let out = buffer(bytes, wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC);
        let entries = [&x, &y, &out].map(wgpu::Buffer::as_entire_binding);
        let entries: Vec<_> = entries
            .into_iter()
            .enumerate()
            .map(|(i, resource)| wgpu::BindGroupEntry { binding: i as u32, resource })
            .collect();
        let group = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries,
        });
        let run = move || {
            let mut encoder =
                self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: None });
            {
                let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
                pass.set_pipeline(&pipeline);
                pass.set_bind_group(0, &group, &[]);
                pass.dispatch_workgroups(ANCHORS as u32 / 64, splits as u32, 1);
            }
            let start = Instant::now();
            self.queue.submit([encoder.finish()]);
            self.device.poll(wgpu::PollType::wait_indefinitely()).unwrap();
            start.elapsed()
        };
        let read = move || {
            let landing = self.device.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size: bytes as u64,
                usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            });
            let mut encoder =
                self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: None });
            encoder.copy_buffer_to_buffer(&out, 0, &landing, 0, bytes as u64);
            self.queue.submit([encoder.finish()]);
            landing.map_async(wgpu::MapMode::Read, .., |mapped| mapped.unwrap());
            self.device.poll(wgpu::PollType::wait_indefinitely()).unwrap();
            let view = landing.get_mapped_range(..).unwrap();
            bytemuck::pod_collect_to_vec(&view)
        };
        (run, read)
    }
}

/// Σ e^(16s − 16) and Σ e^(16s − 16)·y over the candidates, in f64.
fn exact(anchor: &[f32], candidates: &Matrix) -> (f64, Vec<f64>) {
    let (mut sum, mut pull) = (0.0, vec![0.0; DIMENSIONS]);
    for y in candidates.rows_iter() {
        let s: f64 = anchor.iter().zip(y).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
        let e = (f64::from(SCALE) * (s - 1.0)).exp();
        sum += e;
        pull.iter_mut().zip(y).for_each(|(p, &b)| *p += e * f64::from(b));
    }
    (sum, pull)
}

/// Refuses naive kernels that are wrong.
fn check_naive(statistics: &[f32], gradient: &[f32], anchors: &Matrix, candidates: &Matrix) {
    let splits = candidates.rows.div_ceil(SPAN);
    for i in [0, 1, 63, 64, ANCHORS - 1] {
        let (sum, pull) = exact(anchors.row(i), candidates);
        let got: f64 = (0..splits)
            .map(|s| {
                let at = 4 * (s * ANCHORS + i);
                f64::from(statistics[at + 1]) * f64::from(statistics[at] - SCALE).exp()
            })
            .sum();
        assert!((got - sum).abs() < 1e-4 * sum, "naive statistics of row {i}: {got} is not {sum}");
        let size = pull.iter().map(|p| p * p).sum::<f64>().sqrt();
        for k in 0..DIMENSIONS {
            let got: f64 = (0..splits).map(|s| f64::from(gradient[(s * ANCHORS + i) * DIMENSIONS + k])).sum();
            assert!(
                (got - pull[k]).abs() < 1e-4 * size,
                "naive gradient of row {i}: {got} is not {}",
                pull[k]
            );
        }
    }
}

/// Refuses an engine that disagrees with the CPU engine; gives the relative error of the gradient.
fn check_engine(got: &Evaluation, want: &Evaluation) -> f64 {
    for (g, w) in got.terms.iter().zip(&want.terms) {
        assert!((g - w).abs() < 1e-5 * w.abs(), "loss {g} is not {w}");
    }
    let pairs = || {
        let rest = got.gradient.weights.iter().flatten().zip(want.gradient.weights.iter().flatten());
        got.gradient.features.iter().zip(&want.gradient.features).chain(rest)
    };
    let off = pairs().map(|(g, w)| (g - w) * (g - w)).sum::<f64>().sqrt();
    let size = pairs().map(|(_, w)| w * w).sum::<f64>().sqrt();
    assert!(off < 1e-4 * size, "the gradient is off by {} of itself", off / size);
    off / size
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let kinds: &[Tiles] = if std::env::args().any(|arg| arg == "--best") {
        &[Tiles::Best]
    } else {
        &[Tiles::Best, Tiles::Workgroup]
    };
    let Some(naive) = Naive::open() else {
        println!("no Vulkan, Metal or DirectX 12 adapter was found: nothing to time");
        return;
    };
    let mut first: Option<GpuEngine> = None;
    for workload in &WORKLOADS {
        if !wanted.is_empty() && !wanted.iter().any(|name| workload.name.contains(name.as_str())) {
            continue;
        }
        let (problem, state) = workload.problem();
        let m = workload.candidates(&problem);
        let candidates = if m == workload.classes { &state.weights.value } else { &state.features.value };
        let anchors = &state.features.value;
        let engine = first
            .get_or_insert_with(|| GpuEngine::new(problem.clone(), &state, Choice::Any).expect("an adapter"));
        let mut engines: Vec<(Tiles, GpuEngine)> = kinds
            .iter()
            .map(|&tiles| (tiles, engine.beside_with(tiles, &problem, &state).expect("an engine")))
            .collect();
        println!("\n{}: {} N={} M={m} d={DIMENSIONS}", workload.name, workload.objective, workload.rows);
        let want = CpuEngine::new(problem.clone(), state.clone(), None).evaluate(MarginsAt::Mean).unwrap();
        for (tiles, engine) in &mut engines {
            let off = check_engine(&engine.evaluate(MarginsAt::Mean).unwrap(), &want);
            println!("  {tiles:?}: gradient off by {off:.1e} of the CPU engine's");
        }
        let (statistics, read_statistics) = naive.kernel("statistics", anchors, candidates);
        let (gradient, read_gradient) = naive.kernel("gradient", anchors, candidates);
        statistics();
        gradient();
        check_naive(&read_statistics(), &read_gradient(), anchors, candidates);

        let mut least = [[Duration::MAX; 3]; 3];
        for _ in 0..ROUNDS {
            least[0][0] = least[0][0].min(statistics());
            least[0][1] = least[0][1].min(gradient());
            for (place, (_, engine)) in engines.iter_mut().enumerate() {
                let times = engine.call_times(1).unwrap();
                let mut gradients = times.iter().filter(|call| call.entry == "gradient");
                let folded = times.iter().filter(|call| call.entry == "statistics").map(|call| call.time);
                let of = &mut least[place + 1];
                of[0] = of[0].min(folded.sum());
                of[1] = of[1].min(gradients.next().expect("a gradient").time);
                of[2] = gradients.next().map_or(of[2], |call| of[2].min(call.time));
            }
        }
        let work = |rows: usize| (rows * m * DIMENSIONS) as f64;
        let speed = |operations: f64, time: Duration| operations / time.as_secs_f64() / 1e9;
        let base = [speed(2.0 * work(ANCHORS), least[0][0]), speed(4.0 * work(ANCHORS), least[0][1])];
        println!("  naive      statistics {:6.2} GFLOP/s   gradient {:6.2} GFLOP/s", base[0], base[1]);
        for (place, (tiles, _)) in engines.iter().enumerate() {
            let whole = work(workload.rows);
            let of = &least[place + 1];
            let got = [speed(2.0 * whole, of[0]), speed(4.0 * whole, of[1]), speed(4.0 * whole, of[2])];
            print!(
                "  {:10} statistics {:6.2} GFLOP/s ({:4.1}x)   gradient {:6.2} GFLOP/s ({:4.1}x)",
                format!("{tiles:?}"),
                got[0],
                got[0] / base[0],
                got[1],
                got[1] / base[1]
            );
            // What the naive kernels would take for the same step.
            let mut naive = 2.0 / base[0] + 4.0 / base[1];
            let mut own = 2.0 / got[0] + 4.0 / got[1];
            if of[2] < Duration::MAX {
                print!("   of the classes {:6.2} GFLOP/s ({:4.1}x)", got[2], got[2] / base[1]);
                naive += 4.0 / base[1];
                own += 4.0 / got[2];
            }
            println!("   together {:4.1}x", naive / own);
        }
    }
}
