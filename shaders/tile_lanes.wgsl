// Scores within one subgroup, without barriers: a workgroup is one subgroup, each lane has 8 rows by
// 16 or 32 columns of its own, and the rows of the columns go from lane to lane. For processors that
// emulate a GPU: there every load is a loop over the lanes, and every barrier a change of context.
// The lines at the marks are generated (src/engine/gpu/lanes.rs). The same names as tile_thin.wgsl
// and tile_blocked.wgsl.

// Scores, then couplings: each lane reads only what it wrote.
//#tile

var<private> own_block: u32;
var<private> own_rows: u32;
var<private> quads: u32;

fn open(block: u32, owners: u32, lane: u32, slice: u32) {
    quads = term.quads;
    own_block = block;
    own_rows = owners;
}

fn load(first: u32, count: u32, lane: u32) {
    let last = first + count - 1u;
    //#declare
    for (var k = 0u; k < quads; k++) {
        //#multiply
    }
    //#store
}

// Of the lane's row `r`, columns 4k to 4k + 3.
fn scores(lane: u32, r: u32, k: u32) -> vec4<f32> {
    return tile[cell(lane, r, k)];
}

// Which row of the side the lane's row `r` is.
fn row_of(block: u32, lane: u32, r: u32) -> u32 {
    return block * OWNERS + r * LANES + lane;
}
