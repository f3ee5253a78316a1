// Couplings of many dimensions, times the rows at the other end: a slice of 64 dimensions, of which
// an invocation has 8 rows by 2 quads in registers. The same names as deposit_thin.wgsl and
// deposit_lanes.wgsl; the lines at the marks are generated (src/engine/gpu/blocked.rs).

// Rows of the other side that are in workgroup memory at a time.
const CHUNK = 8u;
var<workgroup> ys: array<vec4<f32>, CHUNK * 16u>;

//#sums

fn begin_sums(block: u32, owners: u32, lane: u32, to: u32) {}

// Takes the couplings of row `r` with columns 4k to 4k + 3 of the tile, in the place of its scores.
fn put(lane: u32, r: u32, k: u32, g: vec4<f32>) {
    tile[lane * PITCH + k] = g;
}

// Adds the couplings of a tile, times its rows, to the sums.
fn deposit(first: u32, count: u32, block: u32, owners: u32, lane: u32, slice: u32, to: u32) {
    let tx = lane % 8u;
    let ty = lane / 8u;
    // The couplings of all rows are there.
    workgroupBarrier();
    for (var chunk = 0u; chunk < count; chunk += CHUNK) {
        for (var h = 0u; h < CHUNK / 4u; h++) {
            let at = h * 64u + lane;
            let row = chunk + at / 16u;
            let quad = slice * 16u + at % 16u;
            var y = vec4<f32>(0.0);
            if row < count && quad < quads {
                y = other_rows[(first + row) * quads + quad];
            }
            ys[at] = y;
        }
        workgroupBarrier();
        for (var c = 0u; c < CHUNK / 4u; c++) {
            let at = ty * PITCH + chunk / 4u + c;
            //#multiply
        }
        workgroupBarrier();
    }
}

// Writes the sums of the owners from row `to` of `partial`.
fn close(block: u32, owners: u32, lane: u32, slice: u32, to: u32) {
    let quad = slice * 16u + lane % 8u;
    let ty = lane / 8u;
    let stride = term.stride;
    //#store
}
