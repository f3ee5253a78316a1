// What is known of the columns of a tile, spread over the lanes of the subgroup. The same names as
// columns_shared.wgsl; the lines at the marks are generated (src/engine/gpu/lanes.rs): a register
// for every so many columns as there are lanes.

//#registers

// Takes down columns `first` to `first + count`.
fn note(first: u32, count: u32, lane: u32) {
    let last = first + count - 1u;
    //#note
}

fn group_at(c: u32) -> u32 {
    let at = c % LANES;
    //#group
}

fn about_at(c: u32) -> vec2<f32> {
    let at = c % LANES;
    //#about
}

fn row_at(c: u32) -> Row {
    let at = c % LANES;
    //#row
}
