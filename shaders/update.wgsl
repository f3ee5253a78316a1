// How parameters move: the twin of src/optimizer.rs. `update` works out the next values, `commit`
// takes them over once the whole step is known to be finite.

struct Side {
    rows: u32,
    quads: u32,
    batch: u32,
    sphere: u32,
    decay: u32,
    method: u32,
    bias: u32,
    still: u32,
}

struct Progress {
    at: u32,
    made: u32,
    frozen: u32,
    bad_step: u32,
    bad_term: u32,
    go: u32,
}

@group(0) @binding(0) var<storage, read> now: Step;
@group(0) @binding(1) var<storage, read> side: Side;
@group(0) @binding(2) var<storage, read> block: array<u32>;
@group(0) @binding(3) var<storage, read> gradient: array<vec4<f32>>;
// The parameters, the first and the second moments.
@group(0) @binding(4) var<storage, read_write> value: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> first: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> second: array<vec4<f32>>;
// The same three of the rows that move, one after the other.
@group(0) @binding(7) var<storage, read_write> next: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> flags: array<atomic<u32>, 2>;
@group(0) @binding(9) var<storage, read> progress: Progress;

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
fn update(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    if i >= rows() {
        return;
    }
    let here = i * side.quads;
    let origin = source(i) * side.quads;
    let all = rows() * side.quads;
    let sphere = side.sphere == 1u;
    var along = 0.0;
    if sphere {
        for (var k = 0u; k < side.quads; k++) {
            along += dot(value[origin + k], gradient[here + k]);
        }
    }
    var largest = 0.0;
    for (var k = 0u; k < side.quads; k++) {
        var x = value[origin + k];
        var m = first[origin + k];
        var v = second[origin + k];
        let g = gradient[here + k] - along * x;
        if side.method == METHOD_ADAM {
            m = ADAM_FIRST * m + ADAM_FIRST_REST * g;
            v = ADAM_SECOND * v + ADAM_SECOND_REST * g * g;
            x -= now.rate * (m * now.unbias_first) / (sqrt(v * now.unbias_second) + ADAM_EPSILON);
        } else {
            m = now.momentum * m + g;
            x -= now.rate * m;
        }
        next[here + k] = x;
        next[all + here + k] = m;
        next[2u * all + here + k] = v;
        let a = abs(x);
        largest = max(largest, max(max(a.x, a.y), max(a.z, a.w)));
    }
    if sphere {
        let scale = select(1.0, largest, largest > 0.0);
        var squares = 0.0;
        for (var k = 0u; k < side.quads; k++) {
            let x = next[here + k] / scale;
            squares += dot(x, x);
        }
        let divisor = max(scale * sqrt(squares), SHORTEST);
        var normal = 0.0;
        for (var k = 0u; k < side.quads; k++) {
            let x = next[here + k] / divisor;
            next[here + k] = x;
            normal += dot(x, next[all + here + k]);
        }
        for (var k = 0u; k < side.quads; k++) {
            next[all + here + k] -= normal * next[here + k];
        }
    }
    var fine = true;
    for (var k = 0u; k < side.quads; k++) {
        fine = fine && all_finite(next[here + k]) && all_finite(next[all + here + k])
            && all_finite(next[2u * all + here + k]);
    }
    if !fine {
        atomicStore(&flags[1], 1u);
    }
}

@compute @workgroup_size(64)
fn commit(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    if i >= rows() || progress.go == 0u {
        return;
    }
    let here = i * side.quads;
    let origin = source(i) * side.quads;
    let all = rows() * side.quads;
    for (var k = 0u; k < side.quads; k++) {
        value[origin + k] = next[here + k];
        first[origin + k] = next[all + here + k];
        second[origin + k] = next[2u * all + here + k];
    }
}
