//! The largest score that is beyond the engine's precision, without computing all of them: lengths bound scores.

use super::{Diagnosis, MOST_STEPS, Search, What, Whom};
use crate::objectives::{Family, Score};

/// ‖row‖ in f64, where no square of an f32 overflows.
pub(super) fn length(row: &[f32]) -> f64 {
    row.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt()
}

/// Places and lengths, longest first.
fn by_length(lengths: impl Iterator<Item = f64>) -> Vec<(usize, f64)> {
    let mut places: Vec<(usize, f64)> = lengths.enumerate().collect();
    places.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    places
}

impl Search<'_> {
    /// The pair with the largest raw score, where that is beyond the precision. Cosines and distances of unit rows never
    /// are.
    pub(super) fn scores(&self) -> Option<Diagnosis> {
        let features = &self.state.features.value;
        let weights = &self.state.weights.value;
        for (k, term) in self.terms().filter(|(_, term)| term.objective.score() == Score::Raw) {
            let anchors = by_length((0..self.count).map(|i| length(features.row(self.row(i) as usize))));
            let candidates = match term.objective.family() {
                Family::Class => by_length(weights.rows_iter().map(length)),
                Family::Pair => anchors.clone(),
            };
            let bias = self.state.bias.iter().flat_map(|bias| &bias.value.data);
            let bias = bias.map(|&b| f64::from(b).abs()).fold(0.0, f64::max);
            let d = features.cols.max(1) as u64;
            let (mut best, mut made) = (self.precision.most(), 0u64);
            let mut found = None;
            'search: for &(i, x) in &anchors {
                for &(j, y) in &candidates {
                    // No candidate after this one can do more.
                    if x * y + bias <= best {
                        break;
                    }
                    if made.saturating_mul(d) >= MOST_STEPS {
                        break 'search;
                    }
                    made += 1;
                    if self.candidate(term, j) == Whom::Point(self.row(i)) {
                        continue;
                    }
                    let score = self.score(term, i, j);
                    let size = if score.is_nan() { f64::INFINITY } else { score.abs() };
                    if size > best || found.is_none() && !self.precision.holds(score) {
                        best = size;
                        found = Some((i, j, score));
                    }
                }
                if candidates.first().is_some_and(|&(_, y)| x * y + bias <= best) {
                    break;
                }
            }
            if let Some((i, j, score)) = found {
                let (whom, with) = (Whom::Point(self.row(i)), self.candidate(term, j));
                let found = self.blank(What::Score(score), Some(whom), Some(with));
                let all = self.count as u64 * candidates.len() as u64;
                let searched = Some((made, all)).filter(|_| made.saturating_mul(d) >= MOST_STEPS);
                return Some(self.in_term(k, Diagnosis { searched, ..found }));
            }
        }
        None
    }
}
