// Alignment: the twin of src/objectives/alignment.rs.

fn terms(sweep: u32, pair: Pair, e: vec2<f32>, row: Row) -> vec4<f32> {
    let reach = distance_power(pair.score, knob(0u) * 0.5);
    return vec4<f32>(keep(pair.positive, reach), 0.0, 0.0, 0.0);
}

fn finish_batch(total: Stats, batch: Batch) -> vec4<f32> {
    let pairs = batch.positive_pairs;
    return vec4<f32>(choose(pairs > 0.0, 1.0 / max(pairs, 1.0), 0.0), 0.0, 0.0, 0.0);
}

fn finish_row(sweep: u32, stats: Stats, anchor: Anchor, batch: Batch, row: Row) -> Row {
    return Row(vec2<f32>(0.0), 0.0, stats.sum.x * batch.value.x, vec4<f32>(0.0));
}

fn coupling(pair: Pair, e: vec2<f32>, row: Row, batch: Batch) -> f32 {
    let half = knob(0u) * 0.5;
    return keep(pair.positive, distance_power(pair.score, half - 1.0) * (half * batch.value.x));
}
