// Adds the partial sums of a term's gradient to the gradient of the whole objective.

struct Collect {
    splits: u32,
    // Rows of this side: 0 for those of the batch.
    rows: u32,
    quads: u32,
    stride: u32,
    // Row after row of a quad's groups of 65535 * 64.
    wide: u32,
}

@group(0) @binding(0) var<storage, read> now: Step;
@group(0) @binding(1) var<storage, read> term: Term;
@group(0) @binding(2) var<storage, read> size: Collect;
@group(0) @binding(3) var<storage, read> partial: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> sums: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> flags: array<atomic<u32>, 2>;

@compute @workgroup_size(64)
fn collect(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let rows = select(size.rows, now.rows, size.rows == 0u);
    let at = id.y * groups.x * 64u + id.x;
    if at >= rows * size.quads {
        return;
    }
    let row = at / size.quads;
    let k = at % size.quads;
    var sum = vec4<f32>(0.0);
    for (var s = 0u; s < size.splits; s++) {
        sum += partial[(s * rows + row) * size.stride + k];
    }
    if !all_finite(sum) {
        atomicMin(&flags[0], term.index);
    }
    sums[at] += term.weight * sum;
}

// The bias: the extra quad of each class, put side by side.
@compute @workgroup_size(64)
fn collect_bias(@builtin(global_invocation_id) id: vec3<u32>) {
    let row = id.x;
    let quad = row / 4u;
    if row % 4u != 0u || row >= size.rows {
        return;
    }
    var sum = vec4<f32>(0.0);
    for (var s = 0u; s < size.splits; s++) {
        for (var c = 0u; c < 4u; c++) {
            if row + c < size.rows {
                sum[c] += partial[(s * size.rows + row + c) * size.stride + size.quads].x;
            }
        }
    }
    if !all_finite(sum) {
        atomicMin(&flags[0], term.index);
    }
    sums[quad] += term.weight * sum;
}
