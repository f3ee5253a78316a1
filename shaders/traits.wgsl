// Puts the present bias beside the constant of each class weight.

@group(0) @binding(0) var<storage, read> bias: array<f32>;
@group(0) @binding(1) var<storage, read_write> traits: array<vec2<f32>>;

@compute @workgroup_size(64)
fn refresh(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x < arrayLength(&traits) {
        traits[id.x].x = bias[id.x];
    }
}
