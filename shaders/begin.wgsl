// Takes the parameters of the next step from the list that the host uploaded.

@group(0) @binding(0) var<storage, read> steps: array<Step>;
@group(0) @binding(1) var<storage, read_write> progress: array<u32, 6>;
@group(0) @binding(2) var<storage, read_write> now: Step;
@group(0) @binding(3) var<storage, read_write> flags: array<atomic<u32>, 2>;

@compute @workgroup_size(1)
fn begin() {
    now = steps[progress[0]];
    progress[0] += 1u;
    atomicStore(&flags[0], NOBODY);
    atomicStore(&flags[1], 0u);
}
