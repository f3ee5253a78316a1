// CosFace: the twin of src/objectives/cosface.rs.

fn target_logit(at: Target) -> TargetLogit {
    return cosine_margin_target(knob(0u), knob(1u), at);
}

fn exponents(pair: Pair) -> vec2<f32> {
    return cross_entropy_exponents(pair, pair.score * knob(0u));
}

fn terms(sweep: u32, pair: Pair, e: vec2<f32>, row: Row) -> vec4<f32> {
    return cross_entropy_terms(pair, e);
}

fn finish_row(sweep: u32, stats: Stats, anchor: Anchor, batch: Batch, row: Row) -> Row {
    return cross_entropy_finish_row(stats, anchor, batch);
}

fn coupling(pair: Pair, e: vec2<f32>, row: Row, batch: Batch) -> f32 {
    return cross_entropy_coupling(pair, knob(0u), e, row);
}
