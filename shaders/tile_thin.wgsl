// Scores of few dimensions: an invocation keeps its own row and takes dot products with the
// candidates of the tile. HELD quads are worked on, zero past the end of a row. The same names as
// tile_blocked.wgsl and tile_lanes.wgsl.

var<workgroup> others: array<vec4<f32>, TILE * HELD>;
var<private> own: array<vec4<f32>, HELD>;
var<private> quads: u32;

// Takes the rows that stay while the tiles go by.
fn open(block: u32, owners: u32, lane: u32, slice: u32) {
    quads = term.quads;
    let row = min(block * OWNERS + lane, owners - 1u);
    for (var k = 0u; k < HELD; k++) {
        own[k] = vec4<f32>(0.0);
        if k < quads {
            own[k] = owner_rows[row * quads + k];
        }
    }
}

// Makes the scores of the tile ready.
fn load(first: u32, count: u32, lane: u32) {
    for (var k = 0u; k < HELD; k++) {
        let at = k * 64u + lane;
        var y = vec4<f32>(0.0);
        if at / HELD < count && at % HELD < quads {
            y = other_rows[(first + at / HELD) * quads + at % HELD];
        }
        others[at] = y;
    }
    workgroupBarrier();
}

fn score(c: u32) -> f32 {
    var s = 0.0;
    for (var k = 0u; k < HELD; k++) {
        if SCORE == SQUARED_DISTANCE {
            let x = own[k] - others[c * HELD + k];
            s += dot(x, x);
        } else {
            s += dot(own[k], others[c * HELD + k]);
        }
    }
    return s;
}

// Of the invocation's row `r`, columns 4k to 4k + 3.
fn scores(lane: u32, r: u32, k: u32) -> vec4<f32> {
    return vec4<f32>(score(4u * k), score(4u * k + 1u), score(4u * k + 2u), score(4u * k + 3u));
}

// Which row of the side the invocation's row `r` is.
fn row_of(block: u32, lane: u32, r: u32) -> u32 {
    return block * OWNERS + lane;
}
