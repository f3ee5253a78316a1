// Orthogonal projection loss: the twin of src/objectives/opl.rs.

const OPL_MEAN = 0u;
const OPL_ABS = 1u;

fn terms(sweep: u32, pair: Pair, e: vec2<f32>, row: Row) -> vec4<f32> {
    let between = choose(choice(1u) == OPL_ABS, abs(pair.score), pair.score);
    return vec4<f32>(keep(pair.positive, pair.score), keep(pair.negative, between), 0.0, 0.0);
}

fn opl_mean(sum: f32, count: f32) -> f32 {
    return choose(count > 0.0, sum / max(count, 1.0), 0.0);
}

// [same mean, other mean, pull of a same pair, push of an other pair].
fn finish_batch(total: Stats, batch: Batch) -> vec4<f32> {
    let same = opl_mean(total.sum.x, batch.positive_pairs);
    let other = opl_mean(total.sum.y, batch.negative_pairs);
    let side = choose(choice(1u) == OPL_MEAN, sign(other), 1.0);
    return vec4<f32>(
        same,
        other,
        -opl_mean(1.0, batch.positive_pairs),
        knob(0u) * side * opl_mean(1.0, batch.negative_pairs),
    );
}

fn finish_row(sweep: u32, stats: Stats, anchor: Anchor, batch: Batch, row: Row) -> Row {
    return Row(stats.max, 0.0, 0.0, vec4<f32>(0.0));
}

fn loss(rows: f32, total: Stats, batch: Batch) -> f32 {
    let other = batch.value.y;
    let between = choose(choice(1u) == OPL_MEAN, abs(other), other);
    return 1.0 - batch.value.x + knob(0u) * between;
}

fn coupling(pair: Pair, e: vec2<f32>, row: Row, batch: Batch) -> f32 {
    let push = batch.value.w * choose(choice(1u) == OPL_ABS, sign(pair.score), 1.0);
    return choose(pair.positive, batch.value.z, push);
}
