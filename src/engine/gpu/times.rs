//! How long each dispatch takes: by the adapter's own clock while steps run (`LOSSLAB_GPU_TIMES`), or
//! one at a time by the host's for benches. Nothing here is in the way of an ordinary step.

use std::time::{Duration, Instant};

use super::GpuEngine;
use super::device::Device;
use super::plan::Plan;
use super::schedule::At;
use crate::engine::{EngineError, MarginsAt};

/// The variable that asks for times.
const ASKED_BY: &str = "LOSSLAB_GPU_TIMES";

/// How long one dispatch took.
#[derive(Clone, Debug, PartialEq)]
pub struct CallTime {
    /// Its entry point.
    pub entry: &'static str,
    /// The entry point, its file and the objective around which it is made.
    pub label: String,
    /// From beginning to end.
    pub time: Duration,
}

/// Whether the times of passes are asked for: `LOSSLAB_GPU_TIMES` is set and not empty.
pub(super) fn asked() -> bool {
    std::env::var_os(ASKED_BY).is_some_and(|value| !value.is_empty())
}

/// Runs one step with a pass a dispatch and prints to stderr how long each took.
pub(super) fn print(device: &Device, plan: &Plan, rows: u32, moving: bool) -> Result<(), EngineError> {
    let calls: Vec<_> = plan.calls(moving).take(wgpu::QUERY_SET_MAX_QUERIES as usize / 2).collect();
    let count = 2 * calls.len() as u32;
    let (set, landing) = device.guarded("the times", |handle| {
        let set = handle.create_query_set(&wgpu::QuerySetDescriptor {
            label: Some("times"),
            ty: wgpu::QueryType::Timestamp,
            count,
        });
        let landing = handle.create_buffer(&wgpu::BufferDescriptor {
            label: Some("times"),
            size: u64::from(count) * 8,
            usage: wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC,
            mapped_at_creation: false,
        });
        (set, landing)
    })?;
    let mut encoder =
        device.handle.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("timed step") });
    for (i, call) in calls.iter().enumerate() {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
            label: Some(call.label()),
            timestamp_writes: Some(wgpu::ComputePassTimestampWrites {
                query_set: &set,
                beginning_of_pass_write_index: Some(2 * i as u32),
                end_of_pass_write_index: Some(2 * i as u32 + 1),
            }),
        });
        call.encode(&mut pass, rows);
    }
    encoder.resolve_query_set(&set, 0..count, &landing, 0);
    device.submit(encoder.finish());
    let words = device.read(&[(&landing, 0, 2 * u64::from(count))])?;
    let ticks: Vec<u64> = words.chunks_exact(2).map(|w| u64::from(w[0]) | u64::from(w[1]) << 32).collect();
    let tick = f64::from(device.queue.get_timestamp_period());
    for (call, ends) in calls.iter().zip(ticks.chunks_exact(2)) {
        let nanoseconds = ends[1].saturating_sub(ends[0]) as f64 * tick;
        eprintln!("{:10.3} ms  {}", nanoseconds * 1e-6, call.label());
    }
    Ok(())
}

impl GpuEngine {
    /// Times every dispatch of one evaluation, each submitted by itself: the least of `repeats` (at
    /// least one). What a submission costs is in it.
    ///
    /// # Errors
    /// When the device is gone.
    pub fn call_times(&mut self, repeats: usize) -> Result<Vec<CallTime>, EngineError> {
        let mut best: Vec<CallTime> = Vec::new();
        for _ in 0..repeats.max(1) {
            self.write_block(0, &self.full);
            let at = At {
                step: self.step,
                rate: 0.0,
                margins: MarginsAt::Mean,
                decays: false,
                network: self.kind(),
            };
            self.write_steps(&[self.full.step(&self.problem, at, 0)]);
            for (i, call) in self.plan.calls(false).enumerate() {
                let mut encoder = self
                    .device
                    .handle
                    .create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some(call.label()) });
                {
                    let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
                        label: Some(call.label()),
                        timestamp_writes: None,
                    });
                    call.encode(&mut pass, self.full.rows);
                }
                let start = Instant::now();
                let sent = self.device.submit(encoder.finish());
                self.device.wait(sent)?;
                let time = start.elapsed();
                match best.get_mut(i) {
                    Some(before) => before.time = before.time.min(time),
                    None => best.push(CallTime { entry: call.entry(), label: call.label().to_owned(), time }),
                }
            }
        }
        Ok(best)
    }
}
