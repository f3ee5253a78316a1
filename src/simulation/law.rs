//! The force laws that are drawn: that of the run, and of objectives laid over it.

use crate::engine::force::{force_law, target_logit, turning_angle};
use crate::objectives::{Knobs, Term, find};
use crate::snapshot::{Law, LawCurve};

/// More classes than this are too slow for a curve.
const MOST_CLASSES: usize = 64;
/// Whole degrees: the ends are left out, where an angular margin has no finite slope in the cosine.
const ANGLES: std::ops::RangeInclusive<u32> = 1..=179;

/// What laws are wanted: the terms of each curve, that of the run first.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// Classes of the run.
    pub classes: usize,
    /// Name and terms.
    pub laws: Vec<(String, Vec<Term>)>,
}

impl Wanted {
    /// The law of `terms` and those of the objectives of these names, with as much as possible as in `terms`.
    pub fn new(terms: &[Term], over: &[&'static str], classes: usize) -> Self {
        let name = match terms {
            [term] => term.objective.name().to_owned(),
            _ => "the sum".to_owned(),
        };
        let alone = |name: &str| matches!(terms, [term] if term.objective.name() == name);
        let others = over.iter().filter(|name| !alone(name)).filter_map(|name| find(name));
        let others = others.map(|objective| {
            let term = Term { objective, weight: 1.0, knobs: Knobs::like(objective.knobs(), terms, classes) };
            (objective.name().to_owned(), vec![term])
        });
        Self { classes, laws: std::iter::once((name, terms.to_vec())).chain(others).collect() }
    }

    /// Whether `law` is what is wanted.
    pub fn is(&self, law: &Law) -> bool {
        let same = |(curve, (_, terms)): (&LawCurve, &(String, Vec<Term>))| curve.terms == *terms;
        law.of == self.classes
            && law.curves.len() == self.laws.len()
            && law.curves.iter().zip(&self.laws).all(same)
    }

    /// Computes them; curves that `before` has already are taken from there.
    pub fn make(&self, before: &Law) -> Law {
        let classes = self.classes.clamp(2, MOST_CLASSES);
        let angles: Vec<f64> = ANGLES.map(f64::from).collect();
        let curve = |(name, terms): &(String, Vec<Term>)| {
            let known = before.curves.iter().filter(|_| before.classes == classes);
            if let Some(known) = known.into_iter().find(|curve| curve.terms == *terms) {
                return LawCurve { name: name.clone(), ..known.clone() };
            }
            let logits: Option<Vec<f64>> = match terms.as_slice() {
                [term] => angles.iter().map(|angle| target_logit(term, *angle)).collect(),
                _ => None,
            };
            LawCurve {
                name: name.clone(),
                terms: terms.clone(),
                pulls: force_law(terms, classes, &angles).into_iter().map(|pull| pull.coupling).collect(),
                logits,
                turn: turning_angle(terms, classes),
            }
        };
        Law { classes, of: self.classes, curves: self.laws.iter().map(curve).collect(), angles }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::expression;

    #[test]
    fn laws_laid_over_take_the_scale_of_the_run_and_known_curves_are_kept() {
        let terms = expression::parse("arcface(scale=4, margin=0.5)").unwrap();
        let wanted = Wanted::new(&terms, &["normface", "arcface", "cosface"], 4);
        let names: Vec<&str> = wanted.laws.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["arcface", "normface", "cosface"], "its own law stands there once");
        assert_eq!(wanted.laws[1].1[0].knobs.exact(0), 4.0);
        let law = wanted.make(&Law::default());
        assert!(wanted.is(&law) && !Wanted::new(&terms, &[], 4).is(&law));
        let turn = law.curves[0].turn.unwrap();
        assert!((turn - 151.35).abs() < 0.01, "{turn}");
        assert_eq!(law.curves[1].turn, None);
        // At right angles the logit of s·cos(θ + m) is −s·sin m.
        let logits = law.curves[0].logits.as_ref().unwrap();
        assert!((logits[89] + 4.0 * 0.5f64.sin()).abs() < 1e-4, "{}", logits[89]);
        let fewer = Wanted::new(&terms, &["normface"], 4);
        assert_eq!(fewer.make(&law).curves, law.curves[..2]);
    }
}
