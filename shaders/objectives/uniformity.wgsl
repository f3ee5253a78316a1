// Uniformity: the twin of src/objectives/uniformity.rs.

fn exponents(pair: Pair) -> vec2<f32> {
    return vec2<f32>(pair.score * -knob(0u), LOWEST);
}

fn terms(sweep: u32, pair: Pair, e: vec2<f32>, row: Row) -> vec4<f32> {
    return vec4<f32>(e.x, 0.0, 0.0, 0.0);
}

// [largest exponent of all, sum of e^(x - largest), 0, 0].
fn finish_batch(total: Stats, batch: Batch) -> vec4<f32> {
    return vec4<f32>(total.max.x, total.sum.x, 0.0, 0.0);
}

fn finish_row(sweep: u32, stats: Stats, anchor: Anchor, batch: Batch, row: Row) -> Row {
    let share = exponential(stats.max.x - batch.value.x) / max(batch.value.y, SMALLEST);
    return Row(stats.max, 0.0, 0.0, vec4<f32>(-knob(0u) * share, 0.0, 0.0, 0.0));
}

fn loss(rows: f32, total: Stats, batch: Batch) -> f32 {
    let pairs = batch.positive_pairs + batch.negative_pairs;
    if pairs > 0.0 {
        return batch.value.x + logarithm(batch.value.y / pairs);
    }
    return 0.0;
}

fn coupling(pair: Pair, e: vec2<f32>, row: Row, batch: Batch) -> f32 {
    return e.x * row.value.x;
}
