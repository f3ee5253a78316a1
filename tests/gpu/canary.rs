//! Whether the adapter runs loops to their end as long as the engine lets them be: software Vulkan
//! leaves them after some 65,535 iterations without a word.

use losslab::engine::gpu::MOST_TRIPS;

/// Counts in one loop, in nested loops, and in a loop around an empty one.
const KERNEL: &str = "
@group(0) @binding(0) var<storage, read> wanted: array<u32, 3>;
@group(0) @binding(1) var<storage, read_write> counted: array<u32, 3>;

@compute @workgroup_size(1)
fn one() {
    for (var i = 0u; i < wanted[0]; i++) {
        counted[0] += 1u;
    }
}

@compute @workgroup_size(1)
fn nested() {
    for (var i = 0u; i < wanted[0]; i++) {
        for (var j = 0u; j < wanted[1]; j++) {
            counted[0] += 1u;
        }
    }
}
";

/// What `entry` counts when it is asked for loops of these lengths.
fn counted(device: &wgpu::Device, queue: &wgpu::Queue, entry: &str, wanted: [u32; 2]) -> u32 {
    let buffer = |usage| {
        device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: 16,
            usage,
            mapped_at_creation: false,
        })
    };
    let given = buffer(wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST);
    let result = buffer(wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC);
    let landing = buffer(wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST);
    queue.write_buffer(&given, 0, bytemuck::cast_slice(&[wanted[0], wanted[1], 0, 0]));
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some("canary"),
        source: wgpu::ShaderSource::Wgsl(KERNEL.into()),
    });
    let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(entry),
        layout: None,
        module: &module,
        entry_point: Some(entry),
        compilation_options: wgpu::PipelineCompilationOptions::default(),
        cache: None,
    });
    let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: None,
        layout: &pipeline.get_bind_group_layout(0),
        entries: &[
            wgpu::BindGroupEntry { binding: 0, resource: given.as_entire_binding() },
            wgpu::BindGroupEntry { binding: 1, resource: result.as_entire_binding() },
        ],
    });
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: None });
    {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(&pipeline);
        pass.set_bind_group(0, &group, &[]);
        pass.dispatch_workgroups(1, 1, 1);
    }
    encoder.copy_buffer_to_buffer(&result, 0, &landing, 0, 16);
    queue.submit([encoder.finish()]);
    landing.map_async(wgpu::MapMode::Read, .., |mapped| mapped.expect("a small buffer"));
    device.poll(wgpu::PollType::wait_indefinitely()).expect("the device answers");
    let view = landing.get_mapped_range(..).expect("it is mapped");
    u32::from_le_bytes([view[0], view[1], view[2], view[3]])
}

/// Loops as long as the engine allows are run to their end; longer ones are measured and printed.
pub(crate) fn loops() {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends: wgpu::Backends::VULKAN | wgpu::Backends::METAL | wgpu::Backends::DX12,
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    let adapters = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all()));
    assert!(!adapters.is_empty());
    for adapter in adapters {
        let name = adapter.get_info().name;
        let (device, queue) =
            pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor::default())).expect("a device");
        let run = |entry: &str, wanted| counted(&device, &queue, entry, wanted);
        // A loop counts one more than its trips, also for the last test of its condition.
        assert_eq!(run("one", [MOST_TRIPS - 1, 0]), MOST_TRIPS - 1, "{name}");
        let inner = MOST_TRIPS / 128 - 2;
        assert_eq!(run("nested", [128, inner]), 128 * inner, "{name}");
        // The host counts at least as much as the adapter does.
        assert!(128 * (inner + 1) < MOST_TRIPS);
        let (long, square) = (run("one", [200_000, 0]), run("nested", [1000, 200]));
        println!("  {name}: of 200000 iterations {long} in one loop and {square} in nested ones were made");
        assert!(long >= MOST_TRIPS && square >= MOST_TRIPS, "{name}: the limit is too high");
    }
}
