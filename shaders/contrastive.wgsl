// The form that supcon and nt-xent share: `fast_form` of src/objectives/supcon.rs.

fn contrastive_exponents(pair: Pair) -> vec2<f32> {
    return vec2<f32>(pair.score * (1.0 / knob(0u)), LOWEST);
}

fn contrastive_terms(pair: Pair, e: vec2<f32>) -> vec4<f32> {
    let logit = pair.score * (1.0 / knob(0u));
    return vec4<f32>(e.x, keep(pair.positive, logit), 0.0, 0.0);
}

fn contrastive_finish_row(stats: Stats, anchor: Anchor, batch: Batch) -> Row {
    if anchor.positives == 0.0 {
        return Row(stats.max, 0.0, 0.0, vec4<f32>(0.0));
    }
    let loss = stats.max.x + logarithm(stats.sum.x) - stats.sum.y / anchor.positives;
    let each = 1.0 / (batch.active_anchors * knob(0u));
    return Row(
        stats.max,
        0.0,
        loss / batch.active_anchors,
        vec4<f32>(each / stats.sum.x, each / anchor.positives, 0.0, 0.0),
    );
}

fn contrastive_coupling(pair: Pair, e: vec2<f32>, row: Row) -> f32 {
    return e.x * row.value.x - keep(pair.positive, row.value.y);
}
