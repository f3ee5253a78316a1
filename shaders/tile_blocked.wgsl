// Scores of many dimensions, through workgroup memory: 64 invocations as 8 by 8, each with 8 rows by
// 8 (or 4) columns in registers, so that two loads serve as many products as they can. The lines at
// the marks are generated (src/engine/gpu/blocked.rs): named scalars, because loops over arrays are
// not unrolled everywhere. The same names as tile_thin.wgsl and tile_lanes.wgsl.

// Quads of the rows that are in workgroup memory at a time.
const DEPTH = 8u;
// One more than the 64 rows, so that neighbouring quads do not fall into one bank.
const ROW_PITCH = 65u;
const COLUMNS_FROM = DEPTH * ROW_PITCH;
// A row of scores in quads; one more, for the same reason.
const PITCH = TILE / 4u + 1u;

// First the rows of both sides, depth by depth; then the scores; then the couplings.
var<workgroup> tile: array<vec4<f32>, TILE_QUADS>;
var<private> own_first: u32;
var<private> own_count: u32;
var<private> quads: u32;

fn open(block: u32, owners: u32, lane: u32, slice: u32) {
    quads = term.quads;
    own_first = block * OWNERS;
    own_count = min(OWNERS, owners - own_first);
    //#open
}

fn load(first: u32, count: u32, lane: u32) {
    let tx = lane % 8u;
    let ty = lane / 8u;
    //#declare
    for (var from_quad = 0u; from_quad < quads; from_quad += DEPTH) {
        // Eight neighbouring invocations read neighbouring quads of a row.
        let k = lane % 8u;
        for (var h = 0u; h < 8u; h++) {
            let row = h * 8u + lane / 8u;
            var x = vec4<f32>(0.0);
            if from_quad + k < quads && row < own_count {
                x = owner_rows[(own_first + row) * quads + from_quad + k];
            }
            tile[k * ROW_PITCH + row] = x;
        }
        for (var h = 0u; h < TILE / 8u; h++) {
            let row = h * 8u + lane / 8u;
            var y = vec4<f32>(0.0);
            if from_quad + k < quads && row < count {
                y = other_rows[(first + row) * quads + from_quad + k];
            }
            // Column 4t + c of each half stands at 8c + t: invocation t reads without conflicts
            // and has four neighbouring columns, one quad of scores.
            let place = (row / 32u) * 32u + (row % 4u) * 8u + (row / 4u) % 8u;
            tile[COLUMNS_FROM + k * (TILE + 1u) + place] = y;
        }
        workgroupBarrier();
        for (var k = 0u; k < min(DEPTH, quads - from_quad); k++) {
            let row = k * ROW_PITCH + ty;
            let col = COLUMNS_FROM + k * (TILE + 1u) + tx;
            //#multiply
        }
        workgroupBarrier();
    }
    //#store
    workgroupBarrier();
}

// Of the invocation's row `r`, columns 4k to 4k + 3.
fn scores(lane: u32, r: u32, k: u32) -> vec4<f32> {
    return tile[lane * PITCH + k];
}

// Which row of the side the invocation's row `r` is.
fn row_of(block: u32, lane: u32, r: u32) -> u32 {
    return block * OWNERS + lane;
}
