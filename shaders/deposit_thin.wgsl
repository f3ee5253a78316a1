// Couplings of few dimensions, times the rows at the other end: an invocation has its own sums.
// The same names as deposit_blocked.wgsl.

// Zero at the start; each tile is summed by itself first, so that long sums stay accurate.
var<private> sums: array<vec4<f32>, QUADS>;
var<private> part: array<vec4<f32>, QUADS>;

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
        part[k] = vec4<f32>(0.0);
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
