// Counts the scores of all pairs, positives and negatives apart, each split between its two bins.
// Counts are 64-bit fixed point made of two words; the carry is seen in the value an addition
// returns, so that the sums are exact and do not depend on their order.

@group(0) @binding(0) var<storage, read> now: Step;
@group(0) @binding(1) var<storage, read> term: Term;
@group(0) @binding(2) var<storage, read> owner_rows: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> other_rows: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> aims: array<Aim>;
@group(0) @binding(5) var<storage, read_write> counts: array<atomic<u32>>;

const ONE = 16777216u;

fn column(j: u32) -> Column {
    return Column(aims[j].group, vec2<f32>(0.0), NO_ROW);
}

fn add(at: u32, amount: u32) {
    let before = atomicAdd(&counts[2u * at], amount);
    if before + amount < before {
        atomicAdd(&counts[2u * at + 1u], 1u);
    }
}

@compute @workgroup_size(64)
fn clear(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x < 4u * term.bins {
        atomicStore(&counts[id.x], 0u);
    }
}

@compute @workgroup_size(LANES)
fn count(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let owners = now.rows;
    let tiles = (owners + TILE - 1u) / TILE;
    let share = (tiles + groups.y - 1u) / groups.y;
    let end = min(owners, (group.y + 1u) * share * TILE);
    open(group.x, owners, lane, 0u);
    for (var first = group.y * share * TILE; first < end; first += TILE) {
        let width = min(TILE, end - first);
        note(first, width, lane);
        load(first, width, lane);
        for (var r = 0u; r < OWN; r++) {
            let anchor = row_of(group.x, lane, r);
            let own_group = aims[min(anchor, owners - 1u)].group;
            for (var k = 0u; k < TILE / 4u; k++) {
                let four = scores(lane, r, k);
                for (var i = 0u; i < 4u; i++) {
                    let c = 4u * k + i;
                    let same = group_at(c) == own_group;
                    if c < width && anchor < owners && first + c != anchor {
                        let at = place(four[i]);
                        let bin = at.bin + choose_word(same, 0u, term.bins);
                        let upper = u32(at.share * f32(ONE));
                        add(bin, ONE - upper);
                        add(bin + 1u, upper);
                    }
                }
            }
        }
    }
}
