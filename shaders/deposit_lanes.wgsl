// Couplings times the rows at the other end, within one subgroup: the sums stand in `partial`, where
// each lane adds to its own rows. The same names as deposit_thin.wgsl and deposit_blocked.wgsl; the
// lines at the marks are generated (src/engine/gpu/lanes.rs).

fn begin_sums(block: u32, owners: u32, lane: u32, to: u32) {
    let stride = term.stride;
    //#rows
    for (var k = 0u; k < quads; k++) {
        //#clear
    }
}

// Takes the couplings of row `r` with columns 4k to 4k + 3 of the tile, in the place of its scores.
fn put(lane: u32, r: u32, k: u32, g: vec4<f32>) {
    tile[cell(lane, r, k)] = g;
}

// Adds the couplings of a tile, times its rows, to the sums.
fn deposit(first: u32, count: u32, block: u32, owners: u32, lane: u32, slice: u32, to: u32) {
    let stride = term.stride;
    let last = first + count - 1u;
    //#rows
    //#take
    for (var k = 0u; k < quads; k++) {
        //#multiply
    }
}

fn close(block: u32, owners: u32, lane: u32, slice: u32, to: u32) {}
