// The gradient of a term with respect to the rows of one side: the force law of every pair, times
// the row at its other end. SWAPPED: the owners are the class weights and the anchors go by.
// Partial sums stand in `partial`, split after split. The lines at the marks are generated
// (src/engine/gpu/eight.rs).

@group(0) @binding(0) var<storage, read> now: Step;
@group(0) @binding(1) var<storage, read> term: Term;
@group(0) @binding(2) var<storage, read> owner_rows: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> other_rows: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> aims: array<Aim>;
@group(0) @binding(5) var<storage, read> traits: array<vec2<f32>>;
@group(0) @binding(6) var<storage, read> rows: array<Row>;
@group(0) @binding(7) var<storage, read> finished: Finished;
@group(0) @binding(8) var<storage, read_write> partial: array<vec4<f32>>;

// A row of this side while the others go by.
struct Own {
    group: u32,
    // (bias, constant) of a class, (logit, 0) of an anchor.
    about: vec2<f32>,
    row: Row,
    column: f32,
}

fn column(j: u32) -> Column {
    if PAIRS || SWAPPED {
        return Column(aims[j].group, vec2<f32>(aims[j].logit, 0.0), rows[j]);
    }
    return Column(j, traits[j], NO_ROW);
}

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

fn pull(score: f32, c: u32, first: u32, count: u32, owner: u32, own: Own, batch: Batch) -> f32 {
    var group = first + c;
    if PAIRS || SWAPPED {
        group = group_at(c);
    }
    let same = group == own.group;
    let real = c < count && (!PAIRS || first + c != owner);
    var pair = Pair(score, same && real, !same && real, own.about.x, 0.0);
    if SWAPPED {
        pair.score += own.about.x;
        pair.constant = own.about.y;
        pair.logit = about_at(c).x;
        return force(pair, row_at(c), batch);
    } else if PAIRS {
        return force(pair, own.row, batch) + force(pair, row_at(c), batch);
    }
    let about = about_at(c);
    pair.score += about.x;
    pair.constant = about.y;
    return force(pair, own.row, batch);
}

// The k-th eight scores of an owner become couplings; gives their sum.
fn couple(own: Own, lane: u32, r: u32, k: u32, first: u32, count: u32, owner: u32, batch: Batch) -> f32 {
    let s = scores(lane, r, 2u * k);
    let t = scores(lane, r, 2u * k + 1u);
    let c = 8u * k;
    //#couple
    put(lane, r, 2u * k, g);
    put(lane, r, 2u * k + 1u, h);
    return dot(g, vec4<f32>(1.0)) + dot(h, vec4<f32>(1.0));
}

@compute @workgroup_size(LANES)
fn gradient(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    knobs = term.knobs;
    let owners = select(now.rows, term.classes, SWAPPED);
    let candidates = select(term.classes, now.rows, PAIRS || SWAPPED);
    let tiles = (candidates + TILE - 1u) / TILE;
    let share = (tiles + groups.y - 1u) / groups.y;
    let end = min(candidates, (group.y + 1u) * share * TILE);
    let slice = group.z;
    let to = group.y * owners;
    let batch = finished.batch;
    open(group.x, owners, lane, slice);
    begin_sums(group.x, owners, lane, to);
    var own: array<Own, OWN>;
    for (var r = 0u; r < OWN; r++) {
        let owner = min(row_of(group.x, lane, r), owners - 1u);
        if SWAPPED {
            own[r] = Own(owner, traits[owner], NO_ROW, 0.0);
        } else {
            own[r] = Own(aims[owner].group, vec2<f32>(aims[owner].logit, 0.0), rows[owner], 0.0);
        }
    }
    for (var first = group.y * share * TILE; first < end; first += TILE) {
        let count = min(TILE, end - first);
        note(first, count, lane);
        load(first, count, lane);
        //#each
        deposit(first, count, group.x, owners, lane, slice, to);
    }
    close(group.x, owners, lane, slice, to);
    // One quad more for the bias: the sum of the couplings of a class.
    if term.stride > term.quads && slice == 0u {
        for (var r = 0u; r < OWN; r++) {
            let owner = row_of(group.x, lane, r);
            if owner < owners {
                partial[(to + owner) * term.stride + term.quads] = vec4<f32>(own[r].column, 0.0, 0.0, 0.0);
            }
        }
    }
}
