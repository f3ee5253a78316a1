// out = left · right for the layers of a network: forward, the gradient of a matrix, and the way
// back to what went in. A workgroup makes 32 × 32 numbers, an invocation 4 × 4 of them; both
// factors go through workgroup memory, 16 of the inner size at a time.

struct Product {
    rows: u32,
    cols: u32,
    inner: u32,
    // Numbers from one row of an array to the next.
    left_pitch: u32,
    right_pitch: u32,
    out_pitch: u32,
    // 1: rows, or the inner size, are the rows of the batch.
    batch_rows: u32,
    batch_inner: u32,
    // 1: the array holds the transpose.
    left_transposed: u32,
    right_transposed: u32,
    // 1: add a bias to every row; set to 0 what is below 0; set to 0 where the mask is not above 0;
    // put the rows where the batch has them.
    biased: u32,
    rectified: u32,
    masked: u32,
    scattered: u32,
}

@group(0) @binding(0) var<storage, read> now: Step;
@group(0) @binding(1) var<storage, read> about: Product;
@group(0) @binding(2) var<storage, read> block: array<u32>;
@group(0) @binding(3) var<storage, read> left: array<f32>;
@group(0) @binding(4) var<storage, read> right: array<f32>;
@group(0) @binding(5) var<storage, read> bias: array<f32>;
@group(0) @binding(6) var<storage, read> mask: array<f32>;
@group(0) @binding(7) var<storage, read_write> out: array<f32>;

const EDGE = 32u;
const DEPTH = 16u;
const CREW = 64u;

// DEPTH lines of EDGE numbers each.
var<workgroup> left_tile: array<f32, 512>;
var<workgroup> right_tile: array<f32, 512>;

fn of_left(row: u32, k: u32) -> f32 {
    return left[select(row * about.left_pitch + k, k * about.left_pitch + row, about.left_transposed == 1u)];
}

fn of_right(k: u32, col: u32) -> f32 {
    return right[select(k * about.right_pitch + col, col * about.right_pitch + k, about.right_transposed == 1u)];
}

fn add(sums: ptr<function, array<vec4<f32>, 4>>, line: u32, row: u32, col: u32) {
    let at = line * EDGE;
    let y = vec4<f32>(
        right_tile[at + col], right_tile[at + col + 1u], right_tile[at + col + 2u], right_tile[at + col + 3u]
    );
    (*sums)[0] += left_tile[at + row] * y;
    (*sums)[1] += left_tile[at + row + 1u] * y;
    (*sums)[2] += left_tile[at + row + 2u] * y;
    (*sums)[3] += left_tile[at + row + 3u] * y;
}

@compute @workgroup_size(8, 8)
fn product(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) me: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let rows = select(about.rows, now.rows, about.batch_rows == 1u);
    let inner = select(about.inner, now.rows, about.batch_inner == 1u);
    let first_row = group.y * EDGE;
    let first_col = group.x * EDGE;
    let row = 4u * me.y;
    let col = 4u * me.x;
    var sums = array<vec4<f32>, 4>();
    for (var start = 0u; start < inner; start += DEPTH) {
        for (var e = lane; e < DEPTH * EDGE; e += CREW) {
            // The fast index runs along memory where an array is not transposed.
            let left_line = select(e % DEPTH, e / EDGE, about.left_transposed == 1u);
            let left_place = select(e / DEPTH, e % EDGE, about.left_transposed == 1u);
            var x = 0.0;
            if first_row + left_place < rows && start + left_line < inner {
                x = of_left(first_row + left_place, start + left_line);
            }
            left_tile[left_line * EDGE + left_place] = x;
            let right_line = select(e / EDGE, e % DEPTH, about.right_transposed == 1u);
            let right_place = select(e % EDGE, e / DEPTH, about.right_transposed == 1u);
            var y = 0.0;
            if first_col + right_place < about.cols && start + right_line < inner {
                y = of_right(start + right_line, first_col + right_place);
            }
            right_tile[right_line * EDGE + right_place] = y;
        }
        workgroupBarrier();
        for (var line = 0u; line < DEPTH; line += 4u) {
            add(&sums, line, row, col);
            add(&sums, line + 1u, row, col);
            add(&sums, line + 2u, row, col);
            add(&sums, line + 3u, row, col);
        }
        workgroupBarrier();
    }
    for (var i = 0u; i < 4u; i++) {
        let r = first_row + row + i;
        if r >= rows {
            return;
        }
        var to = r;
        if about.scattered == 1u {
            to = block[now.block + r];
        }
        for (var k = 0u; k < 4u; k++) {
            let c = first_col + col + k;
            if c < about.cols {
                var y = sums[i][k];
                if about.biased == 1u {
                    y += bias[c];
                }
                // What is not a number passes both, and is noticed later.
                if about.rectified == 1u && y < 0.0 {
                    y = 0.0;
                }
                if about.masked == 1u && !(mask[r * about.out_pitch + c] > 0.0) {
                    y = 0.0;
                }
                out[to * about.out_pitch + c] = y;
            }
        }
    }
}
