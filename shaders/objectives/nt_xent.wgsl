// NT-Xent: the twin of src/objectives/nt_xent.rs.

fn exponents(pair: Pair) -> vec2<f32> {
    return contrastive_exponents(pair);
}

fn terms(sweep: u32, pair: Pair, e: vec2<f32>, row: Row) -> vec4<f32> {
    return contrastive_terms(pair, e);
}

fn finish_row(sweep: u32, stats: Stats, anchor: Anchor, batch: Batch, row: Row) -> Row {
    return contrastive_finish_row(stats, anchor, batch);
}

fn coupling(pair: Pair, e: vec2<f32>, row: Row, batch: Batch) -> f32 {
    return contrastive_coupling(pair, e, row);
}
