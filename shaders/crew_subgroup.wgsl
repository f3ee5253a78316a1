// Sums and maxima over the invocations of a workgroup: within each subgroup, whatever its size, then
// over the subgroups. The same names as crew_tree.wgsl.

const CREW = 256u;
var<workgroup> crew_part: array<vec4<f32>, CREW>;

struct Crew {
    @builtin(local_invocation_index) lane: u32,
    @builtin(subgroup_id) subgroup: u32,
    @builtin(num_subgroups) subgroups: u32,
    @builtin(subgroup_invocation_id) place: u32,
}

fn crew_sum(crew: Crew, x: vec4<f32>) -> vec4<f32> {
    let mine = subgroupAdd(x);
    if crew.place == 0u {
        crew_part[crew.subgroup] = mine;
    }
    workgroupBarrier();
    var all = crew_part[0];
    for (var s = 1u; s < crew.subgroups; s++) {
        all += crew_part[s];
    }
    workgroupBarrier();
    return all;
}

fn crew_max(crew: Crew, x: vec2<f32>) -> vec2<f32> {
    let mine = subgroupMax(x);
    if crew.place == 0u {
        crew_part[crew.subgroup] = mine.xyxy;
    }
    workgroupBarrier();
    var all = crew_part[0];
    for (var s = 1u; s < crew.subgroups; s++) {
        all = max(all, crew_part[s]);
    }
    workgroupBarrier();
    return all.xy;
}
