// Where a score stands among the bins of a histogram. `Histogram::place` of src/objectives.rs.

struct Place {
    bin: u32,
    share: f32,
}

fn place(score: f32) -> Place {
    let last = f32(term.bins) - 1.0;
    let spacing = (term.high - term.low) / last;
    let at = clamp((score - term.low) / spacing, 0.0, last);
    let bin = min(u32(at), term.bins - 2u);
    return Place(bin, at - f32(bin));
}
