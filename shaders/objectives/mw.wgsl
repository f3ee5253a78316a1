// The MW loss: the twin of src/objectives/mw.rs. The loss is what `tabulate` adds up.

// Of a bin of the positives (below `bins`) or of the negatives: its coupling and its part of the loss.
fn tabulate(bin: u32, batch: Batch) -> vec2<f32> {
    let bins = term.bins;
    let same_pairs = batch.positive_pairs;
    let other_pairs = batch.negative_pairs;
    if same_pairs == 0.0 || other_pairs == 0.0 {
        return vec2<f32>(0.0);
    }
    let temperature = knob(0u);
    let spacing = (term.high - term.low) / (f32(bins) - 1.0) / temperature;
    let positive = bin < bins;
    let here = i32(bin % bins);
    let others = choose_word(positive, bins, 0u);
    var slopes = 0.0;
    var costs = 0.0;
    for (var block = 0u; block < bins; block += 64u) {
        // Blocks are summed by themselves, so that long sums stay accurate.
        var some = vec2<f32>(0.0);
        for (var c = block; c < min(bins, block + 64u); c++) {
            let n = count_of(others + c);
            if n > 0.0 {
                let x = f32(choose_whole(positive, i32(c) - here, here - i32(c))) * spacing;
                some += n * vec2<f32>(sigmoid(x), softplus(x));
            }
        }
        slopes += some.x;
        costs += some.y;
    }
    // Dividing one after the other keeps the product of the pairs in range.
    let each = slopes / same_pairs / other_pairs / temperature;
    if positive {
        return vec2<f32>(-each, count_of(bin) * (costs / same_pairs / other_pairs));
    }
    return vec2<f32>(each, 0.0);
}

fn coupling(pair: Pair, e: vec2<f32>, row: Row, batch: Batch) -> f32 {
    let at = place(pair.score);
    let first = choose_word(pair.positive, 0u, term.bins) + at.bin;
    let low = table(first);
    return low + at.share * (table(first + 1u) - low);
}
