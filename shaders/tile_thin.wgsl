// Scores of few dimensions: an invocation keeps its own row and takes dot products with the
// candidates of the tile. The same names as tile_blocked.wgsl.

const OWNERS = 64u;

var<workgroup> others: array<vec4<f32>, 64u * QUADS>;
var<private> own: array<vec4<f32>, QUADS>;
var<private> sums: array<vec4<f32>, QUADS>;
var<private> part: array<vec4<f32>, QUADS>;

// Takes the rows that stay while the tiles go by.
fn open(block: u32, owners: u32, lane: u32, slice: u32) {
    let row = min(block * OWNERS + lane, owners - 1u);
    for (var k = 0u; k < QUADS; k++) {
        own[k] = owner_rows[row * QUADS + k];
        sums[k] = vec4<f32>(0.0);
    }
}

// Makes the scores of the tile ready.
fn load(first: u32, count: u32, lane: u32) {
    workgroupBarrier();
    for (var k = 0u; k < QUADS; k++) {
        part[k] = vec4<f32>(0.0);
        let at = k * 64u + lane;
        if at < count * QUADS {
            others[at] = other_rows[first * QUADS + at];
        }
    }
    workgroupBarrier();
}

fn score(c: u32, lane: u32) -> f32 {
    var s = 0.0;
    for (var k = 0u; k < QUADS; k++) {
        if SCORE == SQUARED_DISTANCE {
            let x = own[k] - others[c * QUADS + k];
            s += dot(x, x);
        } else {
            s += dot(own[k], others[c * QUADS + k]);
        }
    }
    return s;
}

// Takes the coupling of the owner with candidate `c` of the tile.
fn put(c: u32, lane: u32, g: f32) {
    for (var k = 0u; k < QUADS; k++) {
        if SCORE == SQUARED_DISTANCE {
            part[k] += 2.0 * g * (own[k] - others[c * QUADS + k]);
        } else {
            part[k] += g * others[c * QUADS + k];
        }
    }
}

// Adds the couplings of a tile, times its rows, to the sums.
fn deposit(first: u32, count: u32, lane: u32, slice: u32) {
    for (var k = 0u; k < QUADS; k++) {
        sums[k] += part[k];
    }
}

// Writes the sums of the owners from row `to` of `partial`, `stride` quads a row.
fn close(block: u32, owners: u32, lane: u32, slice: u32, to: u32, stride: u32) {
    let row = block * OWNERS + lane;
    if row < owners {
        for (var k = 0u; k < QUADS; k++) {
            partial[(to + row) * stride + k] = sums[k];
        }
    }
}
