// What happens to each row by itself: gathering and normalising before the terms, the way back
// through the normalisation and the decay after them. `Side` is features, weights or bias.

struct Side {
    rows: u32,
    quads: u32,
    // 1: the rows are those of the batch, by their numbers in `block`.
    batch: u32,
    sphere: u32,
    // Which of Step.decay.
    decay: u32,
    method: u32,
    bias: u32,
    // 1: it does not move, and its gradient does not count.
    still: u32,
}

@group(0) @binding(0) var<storage, read> now: Step;
@group(0) @binding(1) var<storage, read> side: Side;
@group(0) @binding(2) var<storage, read> block: array<u32>;
@group(0) @binding(3) var<storage, read> value: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> raw: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> unit: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> lengths: array<f32>;
@group(0) @binding(7) var<storage, read_write> gradient_raw: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> gradient_unit: array<vec4<f32>>;
@group(0) @binding(9) var<storage, read_write> norms: array<vec2<f32>>;

fn rows() -> u32 {
    return select(side.rows, now.rows, side.batch == 1u);
}

fn source(i: u32) -> u32 {
    if side.batch == 1u {
        return block[now.block + i];
    }
    return i;
}

@compute @workgroup_size(64)
fn prepare(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    if i >= rows() {
        return;
    }
    let to = i * side.quads;
    let origin = source(i) * side.quads;
    // Lengths are taken relative to the largest entry: squares neither overflow nor vanish.
    var largest = 0.0;
    for (var k = 0u; k < side.quads; k++) {
        let x = value[origin + k];
        raw[to + k] = x;
        gradient_raw[to + k] = vec4<f32>(0.0);
        gradient_unit[to + k] = vec4<f32>(0.0);
        let a = abs(x);
        largest = max(largest, max(max(a.x, a.y), max(a.z, a.w)));
    }
    let scale = select(1.0, largest, largest > 0.0);
    var squares = 0.0;
    for (var k = 0u; k < side.quads; k++) {
        let x = value[origin + k] / scale;
        squares += dot(x, x);
    }
    let length = scale * sqrt(squares);
    let divisor = max(length, SHORTEST);
    lengths[i] = divisor;
    for (var k = 0u; k < side.quads; k++) {
        unit[to + k] = value[origin + k] / divisor;
    }
}

// The gradient of what is minimised with respect to the row as it is, left in `gradient_raw`.
@compute @workgroup_size(64)
fn back(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    if i >= rows() {
        return;
    }
    let to = i * side.quads;
    var along = 0.0;
    for (var k = 0u; k < side.quads; k++) {
        along += dot(gradient_unit[to + k], unit[to + k]);
    }
    let decay = now.decay[side.decay];
    let divisor = lengths[i];
    var squares = 0.0;
    var weight = 0.0;
    for (var k = 0u; k < side.quads; k++) {
        let x = raw[to + k];
        let tangent = (gradient_unit[to + k] - along * unit[to + k]) / divisor;
        let g = gradient_raw[to + k] + select(tangent, vec4<f32>(0.0), side.bias == 1u) + decay * x;
        gradient_raw[to + k] = g;
        squares += dot(g, g);
        weight += dot(x, x);
    }
    norms[i] = vec2<f32>(select(squares, 0.0, side.still == 1u), 0.5 * decay * weight);
}
