// Mean squared error: the twin of src/objectives/mse.rs.

fn terms(sweep: u32, pair: Pair, e: vec2<f32>, row: Row) -> vec4<f32> {
    let miss = mse_miss(pair);
    return vec4<f32>(miss * miss, 0.0, 0.0, 0.0);
}

fn finish_row(sweep: u32, stats: Stats, anchor: Anchor, batch: Batch, row: Row) -> Row {
    let loss = stats.sum.x / (2.0 * batch.anchors);
    return Row(vec2<f32>(0.0), 0.0, loss, vec4<f32>(1.0 / batch.anchors, 0.0, 0.0, 0.0));
}

fn coupling(pair: Pair, e: vec2<f32>, row: Row, batch: Batch) -> f32 {
    return mse_miss(pair) * row.value.x;
}

fn mse_miss(pair: Pair) -> f32 {
    return pair.score - keep(pair.positive, 1.0);
}
