// ArcFace: the twin of src/objectives/arcface.rs.

fn target_logit(at: Target) -> TargetLogit {
    let scale = knob(0u);
    let m = knob(1u);
    let exact = arc_margin_exact_target(scale, m, at);
    let c = at.score;
    let side = turn(m);
    switch choice(2u) {
        // hard
        case 1u: {
            if c <= -side.x {
                return TargetLogit(scale * (c - m * side.y), scale, 0.0);
            }
            return exact;
        }
        // easy
        case 2u: {
            if c <= 0.0 {
                return TargetLogit(scale * c, scale, 0.0);
            }
            return exact;
        }
        // straight-through
        case 3u: {
            return TargetLogit(exact.logit, scale, 0.0);
        }
        default: {
            return exact;
        }
    }
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
