// Decoupled softmax: the twin of src/objectives/decoupled_softmax.rs.

fn exponents(pair: Pair) -> vec2<f32> {
    return vec2<f32>(choose(pair.negative, pair.score * (1.0 / knob(0u)), LOWEST), LOWEST);
}

// First the sum of e^(s - max) over negatives; then, over positives, of Neg/(e^s + Neg) and the costs.
fn terms(sweep: u32, pair: Pair, e: vec2<f32>, row: Row) -> vec4<f32> {
    if sweep == 0u {
        return vec4<f32>(keep(pair.negative, e.x), 0.0, 0.0, 0.0);
    }
    let above = row.value.y - pair.score * (1.0 / knob(0u));
    return vec4<f32>(keep(pair.positive, sigmoid(above)), keep(pair.positive, softplus(above)), 0.0, 0.0);
}

// Value: [factor of e on negatives, log Neg, factor on positives, sum of e of the first sweep].
fn finish_row(sweep: u32, stats: Stats, anchor: Anchor, batch: Batch, row: Row) -> Row {
    if sweep == 0u {
        let sum = stats.sum.x;
        var whole = LOWEST;
        if sum > 0.0 {
            whole = stats.max.x + logarithm(sum);
        }
        return Row(stats.max, 0.0, 0.0, vec4<f32>(0.0, whole, 0.0, sum));
    }
    if anchor.positives == 0.0 {
        return Row(row.max, row.arc, 0.0, vec4<f32>(0.0, row.value.y, 0.0, 0.0));
    }
    let each = 1.0 / (anchor.positives * batch.active_anchors);
    let scale = each / knob(0u);
    let sum = row.value.w;
    let negatives = choose(sum > 0.0, scale * stats.sum.x / max(sum, SMALLEST), 0.0);
    return Row(row.max, row.arc, stats.sum.y * each, vec4<f32>(negatives, row.value.y, scale, 0.0));
}

fn coupling(pair: Pair, e: vec2<f32>, row: Row, batch: Batch) -> f32 {
    let above = row.value.y - pair.score * (1.0 / knob(0u));
    return choose(pair.positive, -(sigmoid(above) * row.value.z), e.x * row.value.x);
}
