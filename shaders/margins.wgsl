// The random margins of a step, and for the sorted assignment their order: ranks by counting, ties
// by number, so that the smallest target cosine gets the largest margin.

@group(0) @binding(0) var<storage, read> now: Step;
@group(0) @binding(1) var<storage, read> term: Term;
@group(0) @binding(2) var<storage, read> block: array<u32>;
@group(0) @binding(3) var<storage, read> given: array<f32>;
@group(0) @binding(4) var<storage, read> aims: array<Aim>;
@group(0) @binding(5) var<storage, read_write> margins: array<f32>;
@group(0) @binding(6) var<storage, read_write> sorted: array<f32>;
// The rank of each score from below, then of each margin from above.
@group(0) @binding(7) var<storage, read_write> ranks: array<atomic<u32>>;

@compute @workgroup_size(64)
fn draw(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    if i >= now.rows {
        return;
    }
    let row = block[now.block + i];
    var margin = term.mean;
    if now.draw == DRAW_GIVEN {
        margin = given[row];
    } else if now.draw == DRAW_STEP {
        margin += term.sigma * normal(term.seed, now.step, row, term.stream);
    }
    margins[i] = margin;
    atomicStore(&ranks[i], 0u);
    atomicStore(&ranks[now.rows + i], 0u);
}

const RANK_CHUNK = 8192u;

@compute @workgroup_size(64)
fn rank(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    if i >= now.rows {
        return;
    }
    let score = aims[i].score;
    let margin = margins[i];
    var lower = 0u;
    var larger = 0u;
    let first = id.y * RANK_CHUNK;
    let end = min(now.rows, first + RANK_CHUNK);
    for (var j = first; j < end; j++) {
        let s = aims[j].score;
        let m = margins[j];
        lower += select(0u, 1u, s < score || (s == score && j < i));
        larger += select(0u, 1u, m > margin || (m == margin && j < i));
    }
    atomicAdd(&ranks[i], lower);
    atomicAdd(&ranks[now.rows + i], larger);
}

@compute @workgroup_size(64)
fn scatter(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x < now.rows {
        sorted[atomicLoad(&ranks[now.rows + id.x])] = margins[id.x];
    }
}

@compute @workgroup_size(64)
fn assign(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x < now.rows {
        margins[id.x] = sorted[atomicLoad(&ranks[id.x])];
    }
}
