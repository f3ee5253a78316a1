//! A compute pipeline that knows its buffers by name, and the cache of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::compose::Text;
use super::device::Device;
use crate::engine::EngineError;

/// A pipeline and the names of its bindings, which are those of the WGSL variables.
pub(super) struct Kernel {
    pub(super) pipeline: wgpu::ComputePipeline,
    layout: wgpu::BindGroupLayout,
    bindings: Vec<(u32, String)>,
    label: String,
}

/// Pipelines by their text and entry point.
type Made = HashMap<(Text, &'static str), Arc<Kernel>>;

/// Every pipeline made so far, shared by the engines of a device; turning a knob makes none.
#[derive(Clone, Default)]
pub(super) struct Kernels {
    made: Arc<Mutex<Made>>,
}

/// `(binding, name, read only)` of each storage buffer that a text declares.
pub(super) fn bindings(source: &str) -> Vec<(u32, String, bool)> {
    let mut found = Vec::new();
    for line in source.lines() {
        let Some(rest) = line.strip_prefix("@group(0) @binding(") else { continue };
        let Some((number, rest)) = rest.split_once(')') else { continue };
        let Some((access, rest)) =
            rest.trim_start().strip_prefix("var<storage, ").and_then(|r| r.split_once('>'))
        else {
            continue;
        };
        let name = rest.split(':').next().unwrap_or_default().trim();
        if let Ok(number) = number.parse() {
            found.push((number, name.to_owned(), access == "read"));
        }
    }
    found
}

impl Kernels {
    /// How many pipelines there are.
    pub(super) fn len(&self) -> usize {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The kernel `entry` of a text.
    pub(super) fn get(
        &self,
        device: &Device,
        text: Text,
        entry: &'static str,
    ) -> Result<Arc<Kernel>, EngineError> {
        let key = (text, entry);
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kernel) = made.get(&key) {
            return Ok(Arc::clone(kernel));
        }
        let kernel = Arc::new(Kernel::new(device, &key.0, entry)?);
        made.insert(key, Arc::clone(&kernel));
        Ok(kernel)
    }
}

impl Kernel {
    fn new(device: &Device, text: &Text, entry: &'static str) -> Result<Self, EngineError> {
        let label = format!("{entry} of {}", text.name());
        let module = compile(device, text, &label)?;
        let bindings = bindings(&text.source);
        let entries: Vec<_> = bindings
            .iter()
            .map(|(number, _, read_only)| wgpu::BindGroupLayoutEntry {
                binding: *number,
                visibility: wgpu::ShaderStages::COMPUTE,
                ty: wgpu::BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Storage { read_only: *read_only },
                    has_dynamic_offset: false,
                    min_binding_size: None,
                },
                count: None,
            })
            .collect();
        let (layout, pipeline) = device.guarded(&label, |device| {
            let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
                label: Some(&label),
                entries: &entries,
            });
            let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: Some(&label),
                bind_group_layouts: &[Some(&layout)],
                immediate_size: 0,
            });
            let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some(&label),
                layout: Some(&pipeline_layout),
                module: &module,
                entry_point: Some(entry),
                compilation_options: wgpu::PipelineCompilationOptions {
                    // Every kernel writes its workgroup memory before it reads it.
                    zero_initialize_workgroup_memory: false,
                    ..Default::default()
                },
                cache: None,
            });
            (layout, pipeline)
        })?;
        let bindings = bindings.into_iter().map(|(number, name, _)| (number, name)).collect();
        Ok(Self { pipeline, layout, bindings, label })
    }

    /// The entry point and the text it is in.
    pub(super) fn label(&self) -> &str {
        &self.label
    }

    /// Binds buffers by name.
    pub(super) fn bind(
        &self,
        device: &Device,
        named: &[(&str, &wgpu::Buffer)],
    ) -> Result<wgpu::BindGroup, EngineError> {
        let mut entries = Vec::with_capacity(self.bindings.len());
        for (number, name) in &self.bindings {
            let buffer = named.iter().find(|(given, _)| given == name).map(|(_, buffer)| *buffer);
            let Some(buffer) = buffer else {
                return Err(EngineError::Device(format!("{}: no buffer is called {name}", self.label)));
            };
            entries.push(wgpu::BindGroupEntry { binding: *number, resource: buffer.as_entire_binding() });
        }
        device.guarded(&self.label, |device| {
            device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some(&self.label),
                layout: &self.layout,
                entries: &entries,
            })
        })
    }
}

/// Compiles a text; an error names the piece of it and the line.
fn compile(device: &Device, text: &Text, label: &str) -> Result<wgpu::ShaderModule, EngineError> {
    device.check()?;
    let scope = device.handle.push_error_scope(wgpu::ErrorFilter::Validation);
    let module = device.handle.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(label),
        source: wgpu::ShaderSource::Wgsl(text.source.as_str().into()),
    });
    let Some(error) = pollster::block_on(scope.pop()) else { return Ok(module) };
    let info = pollster::block_on(module.get_compilation_info());
    let worst = info.messages.iter().find(|m| m.message_type == wgpu::CompilationMessageType::Error);
    Err(EngineError::Device(match worst {
        Some(message) => {
            let place = message.location.as_ref().map(|l| text.locate(l.line_number as usize));
            format!("{}: {}", place.as_deref().unwrap_or(label), message.message.replace('\n', " "))
        }
        None => format!("{label}: {error}"),
    }))
}
