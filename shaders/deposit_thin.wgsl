// Couplings of few dimensions, times the rows at the other end: an invocation has its own sums.
// The same names as deposit_blocked.wgsl and deposit_lanes.wgsl.

// Zero at the start; each tile is summed by itself first, so that long sums stay accurate.
var<private> sums: array<vec4<f32>, HELD>;
var<private> part: array<vec4<f32>, HELD>;

fn begin_sums(block: u32, owners: u32, lane: u32, to: u32) {}

fn put_one(c: u32, g: f32) {
    for (var k = 0u; k < HELD; k++) {
        if SCORE == SQUARED_DISTANCE {
            part[k] += 2.0 * g * (own[k] - others[c * HELD + k]);
        } else {
            part[k] += g * others[c * HELD + k];
        }
    }
}

// Takes the couplings of row `r` with columns 4k to 4k + 3 of the tile.
fn put(lane: u32, r: u32, k: u32, g: vec4<f32>) {
    put_one(4u * k, g.x);
    put_one(4u * k + 1u, g.y);
    put_one(4u * k + 2u, g.z);
    put_one(4u * k + 3u, g.w);
}

// Adds the couplings of a tile, times its rows, to the sums.
fn deposit(first: u32, count: u32, block: u32, owners: u32, lane: u32, slice: u32, to: u32) {
    for (var k = 0u; k < HELD; k++) {
        sums[k] += part[k];
        part[k] = vec4<f32>(0.0);
    }
}

// Writes the sums of the owners from row `to` of `partial`.
fn close(block: u32, owners: u32, lane: u32, slice: u32, to: u32) {
    let row = block * OWNERS + lane;
    if row < owners {
        for (var k = 0u; k < HELD; k++) {
            if k < quads {
                partial[(to + row) * term.stride + k] = sums[k];
            }
        }
    }
}
