// Scores of many dimensions: 64 invocations as 8 by 8, each with 8 rows by 8 (or 4) columns in
// registers. The lines between the marks are generated (src/engine/gpu/blocked.rs): named scalars,
// because loops over arrays are not unrolled everywhere. The same names as tile_thin.wgsl.

const OWNERS = 64u;
// A row of scores is one longer than the tile, so that a column does not fall into one bank.
const PITCH = TILE + 1u;

var<workgroup> scores: array<f32, OWNERS * PITCH>;
var<workgroup> xs: array<vec4<f32>, 128>;
var<workgroup> ys: array<vec4<f32>, 128>;
var<private> own_first: u32;
var<private> own_count: u32;

fn open(block: u32, owners: u32, lane: u32, slice: u32) {
    own_first = block * OWNERS;
    own_count = min(OWNERS, owners - own_first);
    //#open
}

fn load(first: u32, count: u32, lane: u32) {
    let tx = lane % 8u;
    let ty = lane / 8u;
    //#declare
    for (var quad = 0u; quad < QUADS; quad += 2u) {
        for (var h = 0u; h < 2u; h++) {
            var x = vec4<f32>(0.0);
            var y = vec4<f32>(0.0);
            if quad + h < QUADS && lane < own_count {
                x = owner_rows[(own_first + lane) * QUADS + quad + h];
            }
            if quad + h < QUADS && lane < count {
                y = other_rows[(first + lane) * QUADS + quad + h];
            }
            xs[h * 64u + lane] = x;
            ys[h * 64u + lane] = y;
        }
        workgroupBarrier();
        for (var h = 0u; h < 2u; h++) {
            let at = h * 64u;
            //#multiply
        }
        workgroupBarrier();
    }
    //#store
    workgroupBarrier();
}

fn score(c: u32, lane: u32) -> f32 {
    return scores[lane * PITCH + c];
}
