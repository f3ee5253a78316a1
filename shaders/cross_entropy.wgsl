// Cross-entropy of a row of logits with a target: the twin of src/objectives/cross_entropy.rs.

fn cross_entropy_exponents(pair: Pair, logit: f32) -> vec2<f32> {
    return vec2<f32>(choose(pair.positive, pair.logit, logit), LOWEST);
}

fn cross_entropy_terms(pair: Pair, e: vec2<f32>) -> vec4<f32> {
    return vec4<f32>(e.x, keep(pair.negative, e.x), 0.0, 0.0);
}

fn cross_entropy_finish_row(stats: Stats, anchor: Anchor, batch: Batch) -> Row {
    let sum = stats.sum.x;
    let rest = stats.sum.y;
    let below = stats.max.x - anchor.goal.logit;
    var loss = log1p(rest);
    if below > 0.0 {
        loss = logarithm(sum) + below;
    }
    let pull = -(rest / sum) / batch.anchors;
    return Row(
        stats.max,
        pull * anchor.goal.arc,
        loss / batch.anchors,
        vec4<f32>(1.0 / (sum * batch.anchors), pull * anchor.goal.slope, 0.0, 0.0),
    );
}

fn cross_entropy_coupling(pair: Pair, scale: f32, e: vec2<f32>, row: Row) -> f32 {
    return choose(pair.positive, row.value.y, e.x * row.value.x * scale);
}
