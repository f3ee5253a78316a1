//! A loss or gradient that is not finite: which pair it begins with, or who adds most to it.

use super::{Diagnosis, MOST_STEPS, Search, Seen, What, Whom, Witness};
use crate::engine::Evaluation;
use crate::objectives::{Family, Score, Term};

impl Search<'_> {
    /// A loss or a gradient that is not finite before decay: where it begins.
    pub(super) fn broken(&self, witness: &mut dyn Witness, evaluation: &Evaluation) -> Option<Diagnosis> {
        let gradient = &evaluation.gradient;
        let d = self.state.features.value.cols.max(1);
        let holds = |x: &f64| self.precision.holds(*x);
        let bad = |data: &[f64]| -> Vec<usize> {
            data.chunks(d).enumerate().filter(|(_, row)| !row.iter().all(holds)).map(|(i, _)| i).collect()
        };
        let points = bad(&gradient.features);
        let weights = gradient.weights.as_deref().map(bad).unwrap_or_default();
        let bias = gradient.bias.iter().flatten().position(|g| !holds(g));
        let losses: Vec<usize> =
            (0..evaluation.terms.len()).filter(|&k| !holds(&evaluation.terms[k])).collect();
        let all_fine = points.is_empty() && weights.is_empty() && losses.is_empty() && bias.is_none();
        if all_fine {
            return self.broken_layer(witness, evaluation);
        }
        let affordable = (MOST_STEPS / (self.work() / self.count.max(1) as u64).max(1)).max(1) as usize;
        // Rows whose gradient is not finite first; where none is, all of them.
        let anchors: Vec<usize> = if points.is_empty() { (0..self.count).collect() } else { points.clone() };
        let anchors = &anchors[..anchors.len().min(affordable)];
        let mut found = None;
        // The pair with the largest coupling, in case all are finite.
        let mut largest: Option<(f64, usize, usize, usize)> = None;
        let named = self.named;
        witness.look(self.rows, self.margins(), anchors, &mut |k, anchor, seen| {
            for (place, coupling) in seen.couplings.iter().enumerate().filter(|_| losses.contains(&k)) {
                if coupling.abs() > largest.map_or(0.0, |(most, ..)| most) {
                    largest = Some((coupling.abs(), k, anchor, place));
                }
            }
            let Some(one) = self.odd(k, anchor, seen) else { return true };
            let better = found.is_none() || Some(k) == named;
            if better {
                found = Some(one);
            }
            Some(k) != named && named.is_some()
        });
        let shared = |found: Diagnosis| Diagnosis {
            share: Some((points.len().max(1), self.count)).filter(|_| !points.is_empty()),
            ..found
        };
        if let Some(found) = found {
            return Some(shared(found));
        }
        if let Some(&place) = points.first() {
            let found = self.pulled(witness, place, What::Gradient);
            return Some(shared(found));
        }
        if let Some(&class) = weights.first() {
            let found = self.pulling(witness, class, What::Gradient);
            return Some(Diagnosis {
                share: Some((weights.len(), gradient.weights.as_ref()?.len() / d)),
                ..found
            });
        }
        if let Some(class) = bias {
            return Some(self.blank(What::Gradient, Some(Whom::Bias(class as u32)), None));
        }
        Some(match largest {
            Some((_, k, anchor, place)) => {
                let with = self.candidate(&self.problem.terms[k], place);
                self.in_term(k, self.blank(What::Sum, Some(Whom::Point(self.row(anchor))), Some(with)))
            }
            None => self.in_term(*losses.first()?, self.blank(What::Sum, None, None)),
        })
    }

    /// The first number of an anchor's pairs in one term that is not finite.
    fn odd(&self, k: usize, anchor: usize, seen: &Seen) -> Option<Diagnosis> {
        let term = &self.problem.terms[k];
        let holds = |x: &f64| self.precision.holds(*x);
        let whom = Whom::Point(self.row(anchor));
        let of = |what: What, place: usize| {
            self.in_term(k, self.blank(what, Some(whom), Some(self.candidate(term, place))))
        };
        if let Some(place) = seen.exponents.iter().position(|x| !holds(x)) {
            return Some(of(What::Exponent { score: self.score(term, anchor, place) }, place));
        }
        let broken = |place: &usize| !holds(&seen.couplings[*place]);
        let couplings = (0..seen.couplings.len()).find(broken);
        if !holds(&seen.loss) {
            // The pair that tells most: the largest score.
            let largest = (0..seen.couplings.len())
                .filter(|&place| self.candidate(term, place) != whom)
                .map(|place| (place, self.score(term, anchor, place)))
                .max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
            if let Some((place, score)) = largest {
                return Some(of(What::Loss { score }, place));
            }
        }
        couplings.map(|place| of(What::Coupling { score: self.score(term, anchor, place) }, place))
    }

    /// A row of the batch, and who adds most to its gradient.
    pub(super) fn pulled(&self, witness: &mut dyn Witness, place: usize, what: What) -> Diagnosis {
        let mut most: Option<(f64, usize, usize)> = None;
        witness.look(self.rows, self.margins(), &[place], &mut |k, _, seen| {
            for (candidate, &coupling) in seen.couplings.iter().enumerate() {
                let part = (coupling * self.reach(&self.problem.terms[k], place, candidate)).abs();
                if coupling != 0.0 && most.is_none_or(|(other, ..)| part > other) {
                    most = Some((part, k, candidate));
                }
            }
            true
        });
        let whom = Some(Whom::Point(self.row(place)));
        match most {
            Some((_, k, candidate)) => {
                let with = self.candidate(&self.problem.terms[k], candidate);
                self.in_term(k, self.blank(what, whom, Some(with)))
            }
            None => self.blank(what, whom, None),
        }
    }

    /// A class weight, and which row adds most to its gradient.
    pub(super) fn pulling(&self, witness: &mut dyn Witness, class: usize, what: What) -> Diagnosis {
        let affordable = (MOST_STEPS / (self.work() / self.count.max(1) as u64).max(1)).max(1) as usize;
        let anchors: Vec<usize> = (0..self.count.min(affordable)).collect();
        let mut most: Option<(f64, usize, usize)> = None;
        witness.look(self.rows, self.margins(), &anchors, &mut |k, anchor, seen| {
            let term = &self.problem.terms[k];
            if term.objective.family() == Family::Class {
                let coupling = seen.couplings[class];
                let length = self.length(Whom::Point(self.row(anchor))).unwrap_or(1.0);
                let reach = if term.objective.score() == Score::Raw { length } else { 1.0 };
                if coupling != 0.0 && most.is_none_or(|(other, ..)| (coupling * reach).abs() > other) {
                    most = Some(((coupling * reach).abs(), k, anchor));
                }
            }
            true
        });
        let whom = Some(Whom::Weight(class as u32));
        let mut found = match most {
            Some((_, k, anchor)) => {
                self.in_term(k, self.blank(what, whom, Some(Whom::Point(self.row(anchor)))))
            }
            None => self.blank(what, whom, None),
        };
        if anchors.len() < self.count {
            let all = self.state.weights.value.rows as u64;
            found.searched = Some((anchors.len() as u64 * all, self.count as u64 * all));
        }
        found
    }

    /// How far a coupling of one moves the anchor: the length of what it multiplies.
    fn reach(&self, term: &Term, anchor: usize, candidate: usize) -> f64 {
        match term.objective.score() {
            Score::Raw => self.length(self.candidate(term, candidate)).unwrap_or(1.0),
            Score::Cosine => 1.0,
            Score::SquaredDistance => 2.0 * self.score(term, anchor, candidate).sqrt(),
        }
    }
}
