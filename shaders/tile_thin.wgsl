// Scores of few dimensions: an invocation keeps its own row and takes dot products with the
// candidates of the tile. The same names as tile_blocked.wgsl.

const OWNERS = 64u;

var<workgroup> others: array<vec4<f32>, TILE * QUADS>;
var<private> own: array<vec4<f32>, QUADS>;

// Takes the rows that stay while the tiles go by.
fn open(block: u32, owners: u32, lane: u32, slice: u32) {
    let row = min(block * OWNERS + lane, owners - 1u);
    for (var k = 0u; k < QUADS; k++) {
        own[k] = owner_rows[row * QUADS + k];
    }
}

// Makes the scores of the tile ready.
fn load(first: u32, count: u32, lane: u32) {
    for (var k = 0u; k < QUADS; k++) {
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
