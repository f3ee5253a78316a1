// From the counts of a histogram to the table of couplings and the loss.

@group(0) @binding(0) var<storage, read> term: Term;
@group(0) @binding(1) var<storage, read> counts: array<vec2<u32>>;
@group(0) @binding(2) var<storage, read_write> finished: Finished;
@group(0) @binding(3) var<storage, read_write> parts: array<f32>;
@group(0) @binding(4) var<storage, read_write> losses: array<f32>;
@group(0) @binding(5) var<storage, read_write> flags: array<atomic<u32>, 2>;

// How many scores fell into bin `i`, of the positives and then of the negatives.
fn count_of(i: u32) -> f32 {
    let words = counts[i];
    return f32(words.y) * 256.0 + f32(words.x) * 5.9604645e-8;
}

@compute @workgroup_size(64)
fn fill(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x < 2u * term.bins {
        let of_bin = tabulate(id.x, finished.batch);
        finished.table[id.x] = of_bin.x;
        parts[id.x] = of_bin.y;
    }
}

@compute @workgroup_size(256)
fn add_up(crew: Crew) {
    var part = 0.0;
    for (var i = crew.lane; i < term.bins; i += CREW) {
        part += parts[i];
    }
    let all = crew_sum(crew, vec4<f32>(part, 0.0, 0.0, 0.0));
    if crew.lane == 0u {
        losses[term.index] = all.x;
        if !finite(all.x) {
            atomicMin(&flags[0], term.index);
        }
    }
}
