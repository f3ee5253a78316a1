// The pull along the arc between an anchor and its own class weight, where the slope of the target
// logit is infinite at the weight: along the unit tangent, made directly from the two rows.

@group(0) @binding(0) var<storage, read> now: Step;
@group(0) @binding(1) var<storage, read> term: Term;
@group(0) @binding(2) var<storage, read> block: array<u32>;
@group(0) @binding(3) var<storage, read> anchors: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> candidates: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> aims: array<Aim>;
@group(0) @binding(6) var<storage, read> rows: array<Row>;
@group(0) @binding(7) var<storage, read_write> partial: array<vec4<f32>>;

const CHUNK = 4096u;

fn pull(i: u32) -> f32 {
    return select(rows[i].arc / aims[i].sine, 0.0, aims[i].sine < SHORTEST);
}

// Of each anchor: added to what the gradient kernel left in the first split.
@compute @workgroup_size(64)
fn arc_anchors(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    if i >= now.rows {
        return;
    }
    let quads = term.quads;
    let along = pull(i);
    let c = aims[i].score;
    let group = aims[i].group;
    for (var k = 0u; k < quads; k++) {
        let side = candidates[group * quads + k] - c * anchors[i * quads + k];
        partial[i * quads + k] += along * side;
    }
}

// Of each class weight, over its anchors: one workgroup a class and a chunk of its anchors.
@compute @workgroup_size(64)
fn arc_classes(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let number = group.x + group.z * 65535u;
    if number >= term.classes {
        return;
    }
    let quads = term.quads;
    let members = now.block + now.rows;
    let starts = members + now.rows;
    let first = block[starts + number] + group.y * CHUNK;
    let end = min(block[starts + number + 1u], first + CHUNK);
    for (var k = lane; k < quads; k += 64u) {
        var sum = vec4<f32>(0.0);
        for (var m = first; m < end; m++) {
            let i = block[members + m];
            let side = anchors[i * quads + k] - aims[i].score * candidates[number * quads + k];
            sum += pull(i) * side;
        }
        partial[(group.y * term.classes + number) * quads + k] = sum;
    }
}
