// Gathers what the rows of a network's parameters add to the norm of the gradient and to the decay
// in the place where `judge` expects the features', which are no parameters under a network.

struct Tally {
    rows: u32,
    // 1: the rows are those of the batch.
    batch: u32,
    // 1: the first of a step, which clears what stood there.
    first: u32,
}

@group(0) @binding(0) var<storage, read> now: Step;
@group(0) @binding(1) var<storage, read> about: Tally;
@group(0) @binding(2) var<storage, read> norms: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read_write> tally: array<vec2<f32>>;

const CREW = 256u;
var<workgroup> parts: array<vec2<f32>, CREW>;

@compute @workgroup_size(256)
fn gather_norms(@builtin(local_invocation_index) lane: u32) {
    var part = vec2<f32>(0.0);
    let rows = select(about.rows, now.rows, about.batch == 1u);
    for (var i = lane; i < rows; i += CREW) {
        part += norms[i];
    }
    parts[lane] = part;
    for (var width = CREW / 2u; width > 0u; width /= 2u) {
        workgroupBarrier();
        if lane < width {
            parts[lane] += parts[lane + width];
        }
    }
    if about.first == 1u {
        for (var i = lane + 1u; i < now.rows; i += CREW) {
            tally[i] = vec2<f32>(0.0);
        }
    }
    if lane == 0u {
        tally[0] = parts[0] + select(tally[0], vec2<f32>(0.0), about.first == 1u);
    }
}
