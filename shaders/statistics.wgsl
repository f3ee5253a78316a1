// The statistics of each anchor over a stretch of its candidates: one workgroup a block of anchors
// and a split of the candidates. Partial results stand in `found`, split after split.

@group(0) @binding(0) var<storage, read> now: Step;
@group(0) @binding(1) var<storage, read> term: Term;
@group(0) @binding(2) var<storage, read> owner_rows: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> other_rows: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> aims: array<Aim>;
@group(0) @binding(5) var<storage, read> traits: array<vec2<f32>>;
@group(0) @binding(6) var<storage, read> rows: array<Row>;
@group(0) @binding(7) var<storage, read_write> found: array<Stats>;

// An anchor while its candidates go by.
struct Own {
    group: u32,
    logit: f32,
    before: Row,
    stats: Stats,
}

fn column(j: u32) -> Column {
    if PAIRS {
        return Column(aims[j].group, vec2<f32>(0.0), NO_ROW);
    }
    return Column(j, traits[j], NO_ROW);
}

fn pair_of(score: f32, c: u32, first: u32, count: u32, anchor: u32, own: Own) -> Pair {
    var group = first + c;
    var about = vec2<f32>(0.0);
    if PAIRS {
        group = group_at(c);
    } else {
        about = about_at(c);
    }
    let same = group == own.group;
    let real = c < count && (!PAIRS || first + c != anchor);
    return Pair(score + about.x, same && real, !same && real, own.logit, about.y);
}

fn bounded(pair: Pair) -> vec2<f32> {
    return select(vec2<f32>(LOWEST), exponents(pair), pair.positive || pair.negative);
}

fn exponentials(x: vec2<f32>, top: vec2<f32>) -> vec2<f32> {
    var e = vec2<f32>(0.0);
    if EXPONENTIALS > 0u {
        e.x = exponential(x.x - top.x);
    }
    if EXPONENTIALS > 1u {
        e.y = exponential(x.y - top.y);
    }
    return e;
}

fn added(pair: Pair, x: vec2<f32>, before: Row) -> vec4<f32> {
    let terms_of = terms(SWEEP, pair, exponentials(x, before.max), before);
    return select(vec4<f32>(0.0), terms_of, pair.positive || pair.negative);
}

// Sums relative to a higher maximum.
fn rescaled(stats: Stats, top: vec2<f32>) -> vec4<f32> {
    if EXPONENTIALS == 0u || SWEEP > 0u {
        return stats.sum;
    }
    let by = vec3<f32>(exponentials(stats.max, top), 1.0);
    return stats.sum * vec4<f32>(by[SCALED_BY.x], by[SCALED_BY.y], by[SCALED_BY.z], by[SCALED_BY.w]);
}

// The k-th eight scores of an anchor: the new maximum first, then the sums relative to it.
// The lines at the marks are generated (src/engine/gpu/eight.rs).
fn fold(own: Own, lane: u32, r: u32, k: u32, first: u32, count: u32, anchor: u32) -> Stats {
    let s = scores(lane, r, 2u * k);
    let t = scores(lane, r, 2u * k + 1u);
    let c = 8u * k;
    var before = own.before;
    before.max = own.stats.max;
    //#pairs
    if EXPONENTIALS > 0u && SWEEP == 0u {
        //#maximum
    }
    //#sum
    return Stats(before.max, rescaled(own.stats, before.max) + sum);
}

@compute @workgroup_size(LANES)
fn statistics(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    knobs = term.knobs;
    let owners = now.rows;
    let candidates = select(term.classes, now.rows, PAIRS);
    let tiles = (candidates + TILE - 1u) / TILE;
    let share = (tiles + groups.y - 1u) / groups.y;
    let end = min(candidates, (group.y + 1u) * share * TILE);
    open(group.x, owners, lane, 0u);
    var own: array<Own, OWN>;
    for (var r = 0u; r < OWN; r++) {
        let anchor = min(row_of(group.x, lane, r), owners - 1u);
        var it = Own(aims[anchor].group, aims[anchor].logit, NO_ROW, EMPTY);
        if SWEEP > 0u {
            it.before = rows[anchor];
        }
        if EXPONENTIALS == 0u || SWEEP > 0u {
            it.stats.max = it.before.max;
        }
        own[r] = it;
    }
    for (var first = group.y * share * TILE; first < end; first += TILE) {
        let count = min(TILE, end - first);
        note(first, count, lane);
        load(first, count, lane);
        //#each
    }
    for (var r = 0u; r < OWN; r++) {
        let anchor = row_of(group.x, lane, r);
        if anchor < owners {
            found[group.y * owners + anchor] = own[r].stats;
        }
    }
}
