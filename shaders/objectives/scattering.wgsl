// Hyperspherical scattering: the twin of src/objectives/scattering.rs.

fn terms(sweep: u32, pair: Pair, e: vec2<f32>, row: Row) -> vec4<f32> {
    return vec4<f32>(pair.score, 0.0, 0.0, 0.0);
}

fn finish_batch(total: Stats, batch: Batch) -> vec4<f32> {
    return vec4<f32>(1.0 / (batch.anchors * batch.anchors), 0.0, 0.0, 0.0);
}

fn loss(rows: f32, total: Stats, batch: Batch) -> f32 {
    return (total.sum.x + batch.anchors) * batch.value.x - 1.0;
}

fn coupling(pair: Pair, e: vec2<f32>, row: Row, batch: Batch) -> f32 {
    return batch.value.x;
}
