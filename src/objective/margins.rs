//! Random margins: their knobs, and how they are handed to the anchors.

use super::{Hard, Knob, Knobs, RandomMargins, Scene};

/// The standard deviation knob.
pub(crate) const SIGMA: Knob = Knob::number(
    "sigma",
    "σ",
    "Standard deviation of the margins, drawn anew each step.",
    0.05,
    (0.0, 0.2),
    Hard::NonNegative,
);

/// The assignment knob.
pub(crate) const ASSIGNMENT: Knob = Knob::choice(
    "assignment",
    "Who gets which margin: as drawn, or the largest to the smallest target cosine.",
    "random",
    &["random", "sorted"],
);

/// The margins of an elastic objective: knobs scale, margin, sigma, assignment.
pub(crate) fn of(knobs: &Knobs) -> RandomMargins {
    RandomMargins { mean: knobs.exact(1), sigma: knobs.exact(2), sorted: knobs.choice(3) == 1 }
}

/// The margins of a scene as the objective assigns them, written out for the reference: anchors by
/// ascending target cosine meet margins by descending size.
pub(crate) fn assigned(knobs: &Knobs, scene: &Scene<'_>) -> Vec<f64> {
    let margins = scene.margins().to_vec();
    if !of(knobs).sorted {
        return margins;
    }
    let mut hardest_first: Vec<usize> = (0..scene.anchors).collect();
    hardest_first.sort_by(|&a, &b| {
        let cosine = |i: usize| scene.score(i, scene.label(i)).value;
        cosine(a).total_cmp(&cosine(b)).then(a.cmp(&b))
    });
    let mut largest_first = margins.clone();
    largest_first.sort_by(|a, b| b.total_cmp(a));
    let mut out = margins;
    for (anchor, margin) in hardest_first.into_iter().zip(largest_first) {
        out[anchor] = margin;
    }
    out
}

/// Gives the largest margin to the smallest score, the next to the next; ties go by index.
///
/// This is what the ElasticFace paper calls "+"; its published code applies the sorting
/// permutation where the inverse is meant, so that margins end up unrelated to the scores.
pub fn sorted(scores: &[f32], margins: &[f32]) -> Vec<f32> {
    let order = |of: &[f32]| {
        let mut order: Vec<usize> = (0..of.len()).collect();
        order.sort_by(|&a, &b| of[a].total_cmp(&of[b]).then(a.cmp(&b)));
        order
    };
    let mut out = vec![0.0; scores.len()];
    for (anchor, margin) in order(scores).into_iter().zip(order(margins).into_iter().rev()) {
        out[anchor] = margins[margin];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hardest_anchor_gets_the_largest_margin() {
        assert_eq!(sorted(&[0.9, -0.2, 0.5], &[0.4, 0.6, 0.5]), [0.4, 0.6, 0.5]);
        assert_eq!(sorted(&[0.1, 0.2, 0.3], &[0.4, 0.6, 0.5]), [0.6, 0.5, 0.4]);
    }
}
