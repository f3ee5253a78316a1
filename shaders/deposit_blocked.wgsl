// Couplings of many dimensions, times the rows at the other end: a slice of 64 dimensions, of which
// an invocation has 8 rows by 2 quads in registers. The same names as deposit_thin.wgsl; the lines
// at the marks are generated (src/engine/gpu/blocked.rs).

//#sums

fn put(c: u32, lane: u32, g: f32) {
    scores[lane * PITCH + c] = g;
}

fn deposit(first: u32, count: u32, lane: u32, slice: u32) {
    let tx = lane % 8u;
    let ty = lane / 8u;
    for (var c = count; c < TILE; c++) {
        scores[lane * PITCH + c] = 0.0;
    }
    for (var chunk = 0u; chunk < TILE; chunk += 8u) {
        for (var h = 0u; h < 2u; h++) {
            let at = h * 64u + lane;
            let row = chunk + at / 16u;
            let quad = slice * 16u + at % 16u;
            var y = vec4<f32>(0.0);
            if row < count && quad < QUADS {
                y = other_rows[(first + row) * QUADS + quad];
            }
            ys[at] = y;
        }
        workgroupBarrier();
        for (var c = 0u; c < 8u; c++) {
            let at = ty * PITCH + chunk + c;
            let near = ys[c * 16u + tx];
            let far = ys[c * 16u + 8u + tx];
            //#multiply
        }
        workgroupBarrier();
    }
}

fn close(block: u32, owners: u32, lane: u32, slice: u32, to: u32, stride: u32) {
    let quad = slice * 16u + lane % 8u;
    let ty = lane / 8u;
    //#store
}
