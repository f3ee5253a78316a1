// Contrastive attraction and repulsion: the twin of src/objectives/cacr.rs.

const CACR_ATTRACTION = 0u;
const CACR_REPULSION = 1u;
const CACR_POSITIVE_TEMPERATURE = 2u;
const CACR_NEGATIVE_TEMPERATURE = 3u;
const CACR_WEIGHTS = 4u;

fn exponents(pair: Pair) -> vec2<f32> {
    return vec2<f32>(
        choose(pair.positive, pair.score * knob(CACR_POSITIVE_TEMPERATURE), LOWEST),
        choose(pair.negative, pair.score * -knob(CACR_NEGATIVE_TEMPERATURE), LOWEST),
    );
}

// The sums of e+, e+ D, e-, e- D.
fn terms(sweep: u32, pair: Pair, e: vec2<f32>, row: Row) -> vec4<f32> {
    let pull = keep(pair.positive, e.x);
    let push = keep(pair.negative, e.y);
    return vec4<f32>(pull, pull * pair.score, push, push * pair.score);
}

fn cacr_part(sum: f32, costs: f32, weight: f32, batch: Batch) -> vec2<f32> {
    if sum > 0.0 {
        return vec2<f32>(weight / (batch.anchors * sum), costs / sum);
    }
    return vec2<f32>(0.0);
}

fn finish_row(sweep: u32, stats: Stats, anchor: Anchor, batch: Batch, row: Row) -> Row {
    let attraction = knob(CACR_ATTRACTION);
    let repulsion = knob(CACR_REPULSION);
    let pull = cacr_part(stats.sum.x, stats.sum.y, attraction, batch);
    let push = cacr_part(stats.sum.z, stats.sum.w, repulsion, batch);
    return Row(
        stats.max,
        0.0,
        (attraction * pull.y - repulsion * push.y) / batch.anchors,
        vec4<f32>(pull, push),
    );
}

fn coupling(pair: Pair, e: vec2<f32>, row: Row, batch: Batch) -> f32 {
    // Without the second factor, the weights are held constant.
    let flows = choose(choice(CACR_WEIGHTS) == 0u, 1.0, 0.0);
    let pull = (pair.score - row.value.y) * (flows * knob(CACR_POSITIVE_TEMPERATURE)) + 1.0;
    let push = (row.value.w - pair.score) * (flows * knob(CACR_NEGATIVE_TEMPERATURE)) + 1.0;
    return keep(pair.positive, e.x * row.value.x * pull) - keep(pair.negative, e.y * row.value.z * push);
}
