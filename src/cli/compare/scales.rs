//! Whether the runs of a comparison have one scale: a loss by cosines that nobody gave one has its paper's, which makes
//! more of a difference than what was to be compared.

use crate::experiment::{Experiment, expression};
use crate::objectives::Term;
use crate::palette;

/// The knob that is looked at.
const SCALE: &str = "scale";

/// The first term that has a scale, and the place of the knob.
fn scaled(terms: &[Term]) -> Option<(usize, usize)> {
    terms.iter().enumerate().find_map(|(k, term)| {
        term.objective.knobs().iter().position(|knob| knob.name == SCALE).map(|knob| (k, knob))
    })
}

fn scale(terms: &[Term]) -> Option<f64> {
    scaled(terms).map(|(k, knob)| terms[k].knobs.exact(knob))
}

/// Where runs differ in scale and one of them has the default, which nobody wrote: who has which, and what to write for
/// one scale. A sentence without a full stop; `texts` is what was typed of each run.
pub(super) fn unlike(arms: &[Vec<Term>], texts: &[String]) -> Option<String> {
    let scales: Vec<Option<f64>> = arms.iter().map(|terms| scale(terms)).collect();
    if scales.windows(2).all(|pair| pair[0] == pair[1]) {
        return None;
    }
    let is_open = |arm: &usize| scales[*arm].is_some() && !texts[*arm].contains(SCALE);
    let open = (0..arms.len()).find(is_open)?;
    let told: Vec<String> = scales
        .iter()
        .enumerate()
        .map(|(arm, scale)| {
            let letter = palette::letter(arm);
            match scale {
                None => format!("{letter} has none"),
                Some(scale) if is_open(&arm) => format!("{letter} has its default, {scale}"),
                Some(scale) => format!("{letter} has {scale}"),
            }
        })
        .collect();
    let written = (0..arms.len()).find(|arm| scales[*arm].is_some() && !is_open(arm));
    let (goal, whose) = match written {
        Some(arm) => (scales[arm], format!("that of {}", palette::letter(arm))),
        None => (scale(&Experiment::default().objective), "that of the lab".to_owned()),
    };
    let mut equal = arms[open].clone();
    let (k, knob) = scaled(&equal)?;
    equal[k].knobs.0[knob] = goal?;
    let equal = expression::print(&equal);
    Some(format!("scales differ: {}; \"{equal}\" has {whose}", told.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(texts: &[&str]) -> Option<String> {
        let arms: Vec<Vec<Term>> = texts.iter().map(|text| expression::parse(text).unwrap()).collect();
        unlike(&arms, &texts.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn a_scale_that_nobody_wrote_is_told_where_it_differs() {
        assert_eq!(
            said(&["softmax", "arcface(margin=0.3)"]).unwrap(),
            "scales differ: A has none, B has its default, 64; \"arcface(scale=4, margin=0.3)\" has that of the lab"
        );
        assert_eq!(
            said(&["normface(scale=8)", "arcface", "cosface"]).unwrap(),
            "scales differ: A has 8, B has its default, 64, C has its default, 64; \"arcface(scale=8)\" has that of A"
        );
        for fair in [
            &["cosface", "arcface"][..],
            &["normface(scale=4)", "arcface(scale=8)"],
            &["softmax", "arcface(scale=64)"],
            &["softmax", "supcon"],
        ] {
            assert_eq!(said(fair), None, "{fair:?}");
        }
    }
}
