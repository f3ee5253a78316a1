// The gradient of a layer's bias: the sum of each column of the slopes over the rows of the batch.

@group(0) @binding(0) var<storage, read> now: Step;
// Numbers from one row of the slopes to the next.
@group(0) @binding(1) var<storage, read> pitch: array<u32, 1>;
@group(0) @binding(2) var<storage, read> left: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

const CREW = 64u;
var<workgroup> parts: array<f32, CREW>;

@compute @workgroup_size(64)
fn totals(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    var part = 0.0;
    for (var i = lane; i < now.rows; i += CREW) {
        part += left[i * pitch[0] + group.x];
    }
    parts[lane] = part;
    for (var width = CREW / 2u; width > 0u; width /= 2u) {
        workgroupBarrier();
        if lane < width {
            parts[lane] += parts[lane + width];
        }
    }
    if lane == 0u {
        out[group.x] = parts[0];
    }
}
