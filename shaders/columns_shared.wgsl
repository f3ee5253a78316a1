// What is known of the columns of a tile, in workgroup memory: one invocation takes each down, all
// read it. The same names as columns_lanes.wgsl.

var<workgroup> tile_group: array<u32, TILE>;
var<workgroup> tile_about: array<vec2<f32>, TILE>;
var<workgroup> tile_row: array<Row, ROWS_KEPT>;

// Takes down columns `first` to `first + count`; `load` has the barrier after it.
fn note(first: u32, count: u32, lane: u32) {
    workgroupBarrier();
    if lane < count {
        let about = column(first + lane);
        tile_group[lane] = about.group;
        tile_about[lane] = about.about;
        if ROWS_KEPT > 1u {
            tile_row[lane] = about.row;
        }
    }
}

fn group_at(c: u32) -> u32 {
    return tile_group[c];
}

fn about_at(c: u32) -> vec2<f32> {
    return tile_about[c];
}

fn row_at(c: u32) -> Row {
    return tile_row[c];
}
