//! The adapter and the device: choosing, opening, and hearing of its faults.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::EngineError;

/// Which adapters will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Discrete, integrated and virtual GPUs: no software rasteriser.
    Real,
    /// Anything that runs compute shaders.
    Any,
}

/// Which kernels go through the scores, where the adapter has a choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tiles {
    /// Those made for the adapter: [`Tiles::Subgroup`] for processors that emulate a GPU, and
    /// [`Tiles::Workgroup`] for GPUs.
    #[default]
    Best,
    /// Through workgroup memory, in large tiles where there is room; no subgroup operations at all.
    Workgroup,
    /// Through 16 KiB of workgroup memory.
    Narrow,
    /// Within a subgroup.
    Subgroup,
}

/// An adapter as `doctor` lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdapterEntry {
    /// Its name.
    pub name: String,
    /// `discrete`, `integrated`, `virtual`, `software` or `other`.
    pub kind: &'static str,
    /// The interface it is reached by.
    pub backend: String,
    /// The driver and its version.
    pub driver: String,
    /// The largest array one kernel can see, in bytes.
    pub largest_array: u64,
}

/// An open device, to be shared. Faults that no call reports are kept until [`Device::check`] asks.
#[derive(Clone)]
pub(super) struct Device {
    pub(super) handle: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    pub(super) name: String,
    pub(super) limits: wgpu::Limits,
    /// Whether the adapter is a processor.
    pub(super) software: bool,
    pub(super) tiles: Tiles,
    /// The adapter has subgroup operations.
    subgroups: bool,
    /// Lanes of its subgroups, where all have the same number and that is one the kernels are made for.
    pub(super) lanes: Option<u32>,
    /// Whether the times of passes can be asked for.
    pub(super) timestamps: bool,
    fault: Arc<Mutex<Option<String>>>,
    pub(super) submissions: Arc<AtomicUsize>,
    pub(super) mappings: Arc<AtomicUsize>,
}

/// The only place where an instance is made: the Vulkan loader writes to stderr here.
fn instance() -> wgpu::Instance {
    wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends: wgpu::Backends::VULKAN | wgpu::Backends::METAL | wgpu::Backends::DX12,
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    })
}

fn kind(device_type: wgpu::DeviceType) -> &'static str {
    match device_type {
        wgpu::DeviceType::DiscreteGpu => "discrete",
        wgpu::DeviceType::IntegratedGpu => "integrated",
        wgpu::DeviceType::VirtualGpu => "virtual",
        wgpu::DeviceType::Cpu => "software",
        wgpu::DeviceType::Other => "other",
    }
}

/// How gladly an adapter is taken: the smallest first.
fn rank(device_type: wgpu::DeviceType) -> usize {
    match device_type {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::IntegratedGpu => 1,
        wgpu::DeviceType::VirtualGpu => 2,
        wgpu::DeviceType::Other => 3,
        wgpu::DeviceType::Cpu => 4,
    }
}

fn found(instance: &wgpu::Instance) -> Vec<wgpu::Adapter> {
    let mut found = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all()));
    found.retain(|adapter| {
        let flags = adapter.get_downlevel_capabilities().flags;
        flags.contains(wgpu::DownlevelFlags::COMPUTE_SHADERS)
    });
    found.sort_by_key(|adapter| rank(adapter.get_info().device_type));
    found
}

/// Every adapter of this machine, in the order they would be chosen.
pub fn adapters() -> Vec<AdapterEntry> {
    let entry = |adapter: &wgpu::Adapter| {
        let info = adapter.get_info();
        AdapterEntry {
            name: info.name,
            kind: kind(info.device_type),
            backend: info.backend.to_string(),
            driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
            largest_array: adapter.limits().max_storage_buffer_binding_size,
        }
    };
    found(&instance()).iter().map(entry).collect()
}

/// The storage arrays the largest kernel sees.
const ARRAYS: u32 = 10;

/// Sizes of subgroups that the kernels within one are made for: the scores of one are 4 to 16 KiB.
const LANES: [u32; 4] = [4, 8, 16, 32];

/// What the kernel of Linux calls the devices through which programs reach a GPU.
#[cfg(target_os = "linux")]
const NODES: [&str; 8] = ["dri", "nvidia", "nvhost", "nvgpu", "dxg", "mali", "kgsl", "pvr"];

/// Whether this machine may have a GPU at all. Where the system shows none, no driver need be loaded to
/// find out: one for software rendering alone takes 50 MiB.
fn possible() -> bool {
    #[cfg(target_os = "linux")]
    if let Ok(devices) = std::fs::read_dir("/dev") {
        let names = devices.flatten().map(|device| device.file_name().to_string_lossy().into_owned());
        return names.into_iter().any(|name| NODES.iter().any(|node| name.starts_with(node)));
    }
    true
}

impl Device {
    pub(super) fn open(choice: Choice) -> Result<Self, EngineError> {
        if choice == Choice::Real && !possible() {
            return Err(EngineError::NoAdapter("the system shows no GPU".into()));
        }
        let all = found(&instance());
        let adapter = all
            .iter()
            .find(|a| choice == Choice::Any || a.get_info().device_type != wgpu::DeviceType::Cpu)
            .ok_or_else(|| {
                let names: Vec<String> = all.iter().map(|a| a.get_info().name).collect();
                EngineError::NoAdapter(if names.is_empty() {
                    "no Vulkan, Metal or DirectX 12 adapter was found".into()
                } else {
                    format!("only a software adapter was found ({})", names.join(", "))
                })
            })?;
        let info = adapter.get_info();
        let limits = adapter.limits();
        if limits.max_storage_buffers_per_shader_stage < ARRAYS
            || limits.max_compute_invocations_per_workgroup < 256
        {
            return Err(EngineError::NoAdapter(format!(
                "{} is too small: it allows {} arrays a kernel and {} invocations a workgroup, {ARRAYS} and \
                 256 are needed",
                info.name,
                limits.max_storage_buffers_per_shader_stage,
                limits.max_compute_invocations_per_workgroup
            )));
        }
        let features = adapter.features() & (wgpu::Features::SUBGROUP | wgpu::Features::TIMESTAMP_QUERY);
        let subgroups = features.contains(wgpu::Features::SUBGROUP);
        let lanes = (subgroups && info.subgroup_min_size == info.subgroup_max_size)
            .then_some(info.subgroup_min_size)
            .filter(|lanes| LANES.contains(lanes));
        let (device, queue) = pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor {
            label: Some("losslab"),
            required_features: features,
            required_limits: limits.clone(),
            experimental_features: wgpu::ExperimentalFeatures::disabled(),
            memory_hints: wgpu::MemoryHints::Performance,
            trace: wgpu::Trace::Off,
        }))
        .map_err(|error| EngineError::NoAdapter(format!("{} did not open: {error}", info.name)))?;
        let fault = Arc::new(Mutex::new(None));
        let keep = |fault: &Arc<Mutex<Option<String>>>, message: String| {
            fault.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(message);
        };
        let heard = Arc::clone(&fault);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| keep(&heard, first_line(&error))));
        let heard = Arc::clone(&fault);
        device.set_device_lost_callback(move |reason, message| {
            keep(&heard, format!("the device was lost ({reason:?}) {message}"));
        });
        Ok(Self {
            handle: device,
            queue,
            name: info.name,
            limits,
            software: info.device_type == wgpu::DeviceType::Cpu,
            tiles: Tiles::Best,
            subgroups,
            lanes,
            timestamps: features.contains(wgpu::Features::TIMESTAMP_QUERY),
            fault,
            submissions: Arc::default(),
            mappings: Arc::default(),
        })
    }

    /// The same device with other kernels; an error where it lacks what they need.
    pub(super) fn with_tiles(&self, tiles: Tiles) -> Result<Self, EngineError> {
        if tiles == Tiles::Subgroup && self.lanes.is_none() {
            return Err(EngineError::Unsupported(format!("{} has no subgroups of one size", self.name)));
        }
        Ok(Self { tiles, ..self.clone() })
    }

    /// Whether reductions use subgroup operations.
    pub(super) fn subgroups(&self) -> bool {
        self.subgroups && matches!(self.tiles, Tiles::Best | Tiles::Subgroup)
    }

    /// Whether the device is still well.
    pub(super) fn check(&self) -> Result<(), EngineError> {
        match &*self.fault.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(fault) => Err(EngineError::Device(fault.clone())),
            None => Ok(()),
        }
    }

    /// Makes something and turns every kind of error of doing so into one value.
    pub(super) fn guarded<T>(
        &self,
        what: &str,
        make: impl FnOnce(&wgpu::Device) -> T,
    ) -> Result<T, EngineError> {
        self.check()?;
        let invalid = self.handle.push_error_scope(wgpu::ErrorFilter::Validation);
        let memory = self.handle.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let internal = self.handle.push_error_scope(wgpu::ErrorFilter::Internal);
        let made = make(&self.handle);
        let errors = [internal.pop(), memory.pop(), invalid.pop()].map(pollster::block_on);
        match errors.into_iter().flatten().next() {
            Some(error) => Err(EngineError::Device(format!("{what}: {}", first_line(&error)))),
            None => Ok(made),
        }
    }

    /// A buffer for a kernel, `bytes` rounded up to whole quads.
    pub(super) fn buffer(&self, label: &str, bytes: u64) -> Result<wgpu::Buffer, EngineError> {
        let size = bytes.max(16).next_multiple_of(16);
        let most = self.limits.max_storage_buffer_binding_size.min(self.limits.max_buffer_size);
        if size > most {
            return Err(EngineError::Unsupported(format!(
                "the GPU engine needs an array of {} MiB for {label} and {} allows {} MiB: use --engine cpu",
                size >> 20,
                self.name,
                most >> 20
            )));
        }
        self.guarded(label, |device| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size,
                usage: wgpu::BufferUsages::STORAGE
                    | wgpu::BufferUsages::COPY_SRC
                    | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            })
        })
    }

    /// A buffer that holds `data`.
    pub(super) fn filled<T: bytemuck::Pod>(
        &self,
        label: &str,
        data: &[T],
    ) -> Result<wgpu::Buffer, EngineError> {
        let bytes: &[u8] = bytemuck::cast_slice(data);
        let buffer = self.buffer(label, bytes.len() as u64)?;
        self.queue.write_buffer(&buffer, 0, bytes);
        Ok(buffer)
    }

    pub(super) fn submit(&self, commands: wgpu::CommandBuffer) -> wgpu::SubmissionIndex {
        self.submissions.fetch_add(1, Ordering::Relaxed);
        self.queue.submit([commands])
    }

    /// Waits for a submission.
    pub(super) fn wait(&self, submission: wgpu::SubmissionIndex) -> Result<(), EngineError> {
        let until = wgpu::PollType::Wait { submission_index: Some(submission), timeout: None };
        self.handle.poll(until).map_err(|error| EngineError::Device(error.to_string()))?;
        self.check()
    }

    /// The words of stretches of buffers (buffer, offset and length in words), one after the other.
    pub(super) fn read(&self, stretches: &[(&wgpu::Buffer, u64, u64)]) -> Result<Vec<u32>, EngineError> {
        let words: u64 = stretches.iter().map(|(_, _, words)| words).sum();
        let bytes = (words * 4).max(16);
        let landing = self.guarded("reading back", |device| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("landing"),
                size: bytes,
                usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            })
        })?;
        let mut encoder =
            self.handle.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("read back") });
        let mut at = 0;
        for &(buffer, from, words) in stretches {
            if words > 0 {
                encoder.copy_buffer_to_buffer(buffer, from * 4, &landing, at * 4, words * 4);
            }
            at += words;
        }
        let submission = self.submit(encoder.finish());
        self.mappings.fetch_add(1, Ordering::Relaxed);
        let (told, hear) = std::sync::mpsc::channel();
        landing.map_async(wgpu::MapMode::Read, .., move |result| {
            // The receiver is gone only if waiting failed, which is reported on its own.
            let _ = told.send(result);
        });
        self.wait(submission)?;
        let failed = |error: &dyn std::fmt::Display| EngineError::Device(format!("reading back: {error}"));
        hear.recv().map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
        let view = landing.get_mapped_range(..).map_err(|error| failed(&error))?;
        let data = bytemuck::pod_collect_to_vec::<u8, u32>(&view[..words as usize * 4]);
        drop(view);
        landing.unmap();
        Ok(data)
    }
}

/// The last line of an error of wgpu says what was wrong; the others say where it came through.
fn first_line(error: &wgpu::Error) -> String {
    let text = error.to_string();
    text.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or("unknown").to_owned()
}
