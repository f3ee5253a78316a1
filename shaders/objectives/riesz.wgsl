// Riesz energy: the twin of src/objectives/riesz.rs.

fn terms(sweep: u32, pair: Pair, e: vec2<f32>, row: Row) -> vec4<f32> {
    let p = knob(0u);
    var energy: f32;
    if p == 0.0 {
        energy = distance_ln(pair.score) * -0.5;
    } else {
        energy = distance_power(pair.score, p * -0.5);
    }
    return vec4<f32>(energy, 0.0, 0.0, 0.0);
}

fn finish_batch(total: Stats, batch: Batch) -> vec4<f32> {
    let pairs = batch.positive_pairs + batch.negative_pairs;
    return vec4<f32>(choose(pairs > 0.0, 1.0 / max(pairs, 1.0), 0.0), 0.0, 0.0, 0.0);
}

fn finish_row(sweep: u32, stats: Stats, anchor: Anchor, batch: Batch, row: Row) -> Row {
    return Row(vec2<f32>(0.0), 0.0, stats.sum.x * batch.value.x, vec4<f32>(0.0));
}

fn coupling(pair: Pair, e: vec2<f32>, row: Row, batch: Batch) -> f32 {
    let p = knob(0u);
    let slope = choose(p == 0.0, -0.5, p * -0.5);
    return distance_power(pair.score, p * -0.5 - 1.0) * (slope * batch.value.x);
}
