// The inputs of the rows of the batch, one after the other: an mlp's do not move.

@group(0) @binding(0) var<storage, read> now: Step;
// Quads of a row.
@group(0) @binding(1) var<storage, read> quads: array<u32, 1>;
@group(0) @binding(2) var<storage, read> block: array<u32>;
@group(0) @binding(3) var<storage, read> value: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> raw: array<vec4<f32>>;

@compute @workgroup_size(64)
fn gather(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= now.rows {
        return;
    }
    let origin = block[now.block + id.x] * quads[0];
    for (var k = 0u; k < quads[0]; k++) {
        raw[id.x * quads[0] + k] = value[origin + k];
    }
}
