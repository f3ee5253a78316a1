// Sums and maxima over the invocations of a workgroup, by halving in workgroup memory. The same
// names as crew_subgroup.wgsl.

const CREW = 256u;
var<workgroup> crew_part: array<vec4<f32>, CREW>;

struct Crew {
    @builtin(local_invocation_index) lane: u32,
}

fn crew_sum(crew: Crew, x: vec4<f32>) -> vec4<f32> {
    crew_part[crew.lane] = x;
    for (var width = CREW / 2u; width > 0u; width /= 2u) {
        workgroupBarrier();
        if crew.lane < width {
            crew_part[crew.lane] += crew_part[crew.lane + width];
        }
    }
    workgroupBarrier();
    let all = crew_part[0];
    workgroupBarrier();
    return all;
}

fn crew_max(crew: Crew, x: vec2<f32>) -> vec2<f32> {
    crew_part[crew.lane] = x.xyxy;
    for (var width = CREW / 2u; width > 0u; width /= 2u) {
        workgroupBarrier();
        if crew.lane < width {
            crew_part[crew.lane] = max(crew_part[crew.lane], crew_part[crew.lane + width]);
        }
    }
    workgroupBarrier();
    let all = crew_part[0];
    workgroupBarrier();
    return all.xy;
}
