// Softmax cross-entropy of raw scores: the twin of src/objectives/softmax.rs.

fn exponents(pair: Pair) -> vec2<f32> {
    return cross_entropy_exponents(pair, pair.score);
}

fn terms(sweep: u32, pair: Pair, e: vec2<f32>, row: Row) -> vec4<f32> {
    return cross_entropy_terms(pair, e);
}

fn finish_row(sweep: u32, stats: Stats, anchor: Anchor, batch: Batch, row: Row) -> Row {
    return cross_entropy_finish_row(stats, anchor, batch);
}

fn coupling(pair: Pair, e: vec2<f32>, row: Row, batch: Batch) -> f32 {
    return cross_entropy_coupling(pair, 1.0, e, row);
}
