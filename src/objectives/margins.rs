//! Random margins: how they are handed to the anchors.

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
