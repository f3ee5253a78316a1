// The gradient of a term with respect to the rows of one side: the force law of every pair, times
// the row at its other end. SWAPPED: the owners are the class weights and the anchors go by.
// Partial sums stand in `partial`, split after split.

@group(0) @binding(0) var<storage, read> now: Step;
@group(0) @binding(1) var<storage, read> term: Term;
@group(0) @binding(2) var<storage, read> owner_rows: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> other_rows: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> aims: array<Aim>;
@group(0) @binding(5) var<storage, read> traits: array<vec2<f32>>;
@group(0) @binding(6) var<storage, read> rows: array<Row>;
@group(0) @binding(7) var<storage, read> finished: Finished;
@group(0) @binding(8) var<storage, read_write> partial: array<vec4<f32>>;

// Of each row of the tile: its group, (bias, constant) of a candidate, (logit, 0) of an anchor,
// and the finished statistics of an anchor.
var<workgroup> tile_group: array<u32, TILE>;
var<workgroup> tile_trait: array<vec2<f32>, TILE>;
var<workgroup> tile_row: array<Row, TILE>;

fn table(i: u32) -> f32 {
    return finished.table[i];
}

fn force(pair: Pair, row: Row, batch: Batch) -> f32 {
    let exists = pair.positive || pair.negative;
    let x = select(vec2<f32>(LOWEST), exponents(pair), exists);
    var e = vec2<f32>(0.0);
    if EXPONENTIALS > 0u {
        e.x = exponential(x.x - row.max.x);
    }
    if EXPONENTIALS > 1u {
        e.y = exponential(x.y - row.max.y);
    }
    return keep(exists, coupling(pair, e, row, batch));
}

@compute @workgroup_size(64)
fn gradient(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let owners = select(now.rows, term.classes, SWAPPED);
    let candidates = select(term.classes, now.rows, PAIRS || SWAPPED);
    let tiles = (candidates + TILE - 1u) / TILE;
    let share = (tiles + groups.y - 1u) / groups.y;
    let end = min(candidates, (group.y + 1u) * share * TILE);
    let slice = group.z;
    open(group.x, owners, lane, slice);
    let owner = min(group.x * 64u + lane, owners - 1u);
    let batch = finished.batch;
    var own_group = owner;
    var own_logit = 0.0;
    var own_trait = vec2<f32>(0.0);
    var own_row = NO_ROW;
    if SWAPPED {
        own_trait = traits[owner];
    } else {
        own_group = aims[owner].group;
        own_logit = aims[owner].logit;
        own_row = rows[owner];
    }
    var column = 0.0;
    for (var first = group.y * share * TILE; first < end; first += TILE) {
        let count = min(TILE, end - first);
        workgroupBarrier();
        if lane < count {
            let j = first + lane;
            if PAIRS || SWAPPED {
                tile_group[lane] = aims[j].group;
                tile_trait[lane] = vec2<f32>(aims[j].logit, 0.0);
                tile_row[lane] = rows[j];
            } else {
                tile_group[lane] = j;
                tile_trait[lane] = traits[j];
            }
        }
        load(first, count, lane);
        for (var c = 0u; c < count; c++) {
            let same = tile_group[c] == own_group;
            let real = !PAIRS || first + c != owner;
            var pair = Pair(score(c, lane), same && real, !same && real, own_logit, 0.0);
            var g: f32;
            if SWAPPED {
                pair.score += own_trait.x;
                pair.constant = own_trait.y;
                pair.logit = tile_trait[c].x;
                g = force(pair, tile_row[c], batch);
            } else if PAIRS {
                g = force(pair, own_row, batch) + force(pair, tile_row[c], batch);
            } else {
                pair.score += tile_trait[c].x;
                pair.constant = tile_trait[c].y;
                g = force(pair, own_row, batch);
            }
            column += g;
            put(c, lane, g);
        }
        deposit(first, count, lane, slice);
    }
    close(group.x, owners, lane, slice, group.y * owners, STRIDE);
    // One quad more for the bias: the sum of the couplings of a class.
    if STRIDE > QUADS && slice == 0u && group.x * 64u + lane < owners {
        partial[(group.y * owners + owner) * STRIDE + QUADS] = vec4<f32>(column, 0.0, 0.0, 0.0);
    }
}
