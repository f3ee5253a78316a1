// The Z-loss: the twin of src/objectives/z_loss.rs.

const Z_EPSILON = 1e-12;

fn terms(sweep: u32, pair: Pair, e: vec2<f32>, row: Row) -> vec4<f32> {
    let centred = pair.score - row.value.x;
    return vec4<f32>(choose(sweep == 0u, pair.score, centred * centred), 0.0, 0.0, 0.0);
}

// Value: [mean, factor of e_y - 1/C, factor of s - mean].
fn finish_row(sweep: u32, stats: Stats, anchor: Anchor, batch: Batch, row: Row) -> Row {
    let classes = batch.candidates;
    if sweep == 0u {
        return Row(vec2<f32>(0.0), 0.0, 0.0, vec4<f32>(stats.sum.x / classes, 0.0, 0.0, 0.0));
    }
    let a = knob(0u);
    let b = knob(1u);
    let mean = row.value.x;
    let deviation = sqrt(stats.sum.x / classes);
    let sigma = deviation + Z_EPSILON;
    let spread = deviation > 0.0;
    let z = choose(spread, (anchor.score - mean) / sigma, 0.0);
    let x = a * (b - z);
    let loss = softplus(x) / a;
    let pull = choose(spread, -sigmoid(x) / (sigma * batch.anchors), 0.0);
    let along = choose(spread, -pull * z / (classes * max(deviation, SMALLEST)), 0.0);
    return Row(vec2<f32>(0.0), 0.0, loss / batch.anchors, vec4<f32>(mean, pull, along, pull / classes));
}

fn coupling(pair: Pair, e: vec2<f32>, row: Row, batch: Batch) -> f32 {
    return keep(pair.positive, row.value.y) - row.value.w + (pair.score - row.value.x) * row.value.z;
}
