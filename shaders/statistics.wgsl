// The statistics of each anchor over a stretch of its candidates: one workgroup a block of 64
// anchors and a split of the candidates. Partial results stand in `partial`, split after split.

@group(0) @binding(0) var<storage, read> now: Step;
@group(0) @binding(1) var<storage, read> term: Term;
@group(0) @binding(2) var<storage, read> owner_rows: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> other_rows: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> aims: array<Aim>;
@group(0) @binding(5) var<storage, read> traits: array<vec2<f32>>;
@group(0) @binding(6) var<storage, read> rows: array<Row>;
@group(0) @binding(7) var<storage, read_write> found: array<Stats>;

// The group and traits of the candidates of the tile.
var<workgroup> tile_group: array<u32, TILE>;
var<workgroup> tile_trait: array<vec2<f32>, TILE>;

fn pair_at(c: u32, first: u32, lane: u32, anchor: u32, goal: Aim) -> Pair {
    let about = tile_trait[c];
    let same = tile_group[c] == goal.group;
    let real = !PAIRS || first + c != anchor;
    return Pair(score(c, lane) + about.x, same && real, !same && real, goal.logit, about.y);
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

@compute @workgroup_size(64)
fn statistics(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let owners = now.rows;
    let candidates = select(term.classes, now.rows, PAIRS);
    let tiles = (candidates + TILE - 1u) / TILE;
    let share = (tiles + groups.y - 1u) / groups.y;
    let end = min(candidates, (group.y + 1u) * share * TILE);
    open(group.x, owners, lane, 0u);
    let anchor = group.x * 64u + lane;
    let goal = aims[min(anchor, owners - 1u)];
    var before = NO_ROW;
    if SWEEP > 0u {
        before = rows[min(anchor, owners - 1u)];
    }
    var stats = EMPTY;
    if EXPONENTIALS == 0u || SWEEP > 0u {
        stats.max = before.max;
    }
    for (var first = group.y * share * TILE; first < end; first += TILE) {
        let count = min(TILE, end - first);
        workgroupBarrier();
        if lane < count {
            if PAIRS {
                tile_group[lane] = aims[first + lane].group;
                tile_trait[lane] = vec2<f32>(0.0);
            } else {
                tile_group[lane] = first + lane;
                tile_trait[lane] = traits[first + lane];
            }
        }
        load(first, count, lane);
        var tile = Stats(stats.max, vec4<f32>(0.0));
        if EXPONENTIALS > 0u && SWEEP == 0u {
            for (var c = 0u; c < count; c++) {
                tile.max = max(tile.max, bounded(pair_at(c, first, lane, anchor, goal)));
            }
        }
        before.max = tile.max;
        for (var c = 0u; c < count; c++) {
            let pair = pair_at(c, first, lane, anchor, goal);
            let e = exponentials(bounded(pair), tile.max);
            let added = terms(SWEEP, pair, e, before);
            tile.sum += select(vec4<f32>(0.0), added, pair.positive || pair.negative);
        }
        if SWEEP == 0u {
            stats = merged(stats, tile);
        } else {
            stats.sum += tile.sum;
        }
    }
    if anchor < owners {
        found[group.y * owners + anchor] = stats;
    }
}
