//! The value of a row: where it stands on its slider, what may be typed, and how it enters an experiment.

use super::{INITS, MOVES, Row, Setting, Values, show};
use crate::experiment::{Experiment, Model, OptimizerKind};
use crate::objectives::Hard;

/// Engines compute in 32 bits, whose numbers end a little above.
const LARGEST: f64 = 3.4e38;

impl Row {
    /// Its letter, or its name where it has none.
    pub fn label(&self) -> &str {
        if self.symbol.is_empty() { &self.name } else { self.symbol }
    }

    /// Where the value stands on the slider, 0 to 1; `None` without a slider.
    pub fn share(&self) -> Option<f64> {
        self.share_of(self.value).map(|share| share.clamp(0.0, 1.0))
    }

    /// Where the thresholds stand on the slider, those that are on it.
    pub fn threshold_shares(&self) -> Vec<f64> {
        let shares = self.thresholds.iter().filter_map(|(value, _)| self.share_of(*value));
        shares.filter(|share| (0.0..=1.0).contains(share)).collect()
    }

    /// The nearest threshold as a sentence.
    pub fn threshold_words(&self) -> Option<String> {
        let gap = |(value, _): &&(f64, String)| (value.max(1e-300).ln() - self.value.max(1e-300).ln()).abs();
        let (value, words) = self.thresholds.iter().min_by(|a, b| gap(a).total_cmp(&gap(b)))?;
        Some(format!("from {} on: {words}", show(*value)))
    }

    /// The value at a place of the slider, 0 to 1; `None` without a slider.
    pub fn at_share(&self, share: f64) -> Option<f64> {
        let Values::Number { soft: (low, high), log, whole, .. } = self.values else { return None };
        let share = share.clamp(0.0, 1.0);
        let value = if log { low * (high / low).powf(share) } else { low + share * (high - low) };
        Some(match whole {
            Some(least) => value.round().max(least as f64),
            None => tidy(value).clamp(low, high),
        })
    }

    fn share_of(&self, value: f64) -> Option<f64> {
        let Values::Number { soft: (low, high), log, .. } = self.values else { return None };
        let at = |x: f64| if log { x.max(1e-300).ln() } else { x };
        Some((at(value) - at(low)) / (at(high) - at(low)))
    }

    /// The value so many notches on, kept on the slider; `None` when there is nothing to move.
    pub fn moved(&self, notches: i32) -> Option<f64> {
        match &self.values {
            Values::Picked => None,
            Values::Words(words) => {
                let count = words.len() as i32;
                Some(f64::from((self.value as i32 + notches.signum()).rem_euclid(count.max(1))))
            }
            Values::Number { soft: (low, high), whole: Some(least), .. } => {
                let low = low.max(*least as f64);
                Some(beyond(self.value, self.value + f64::from(notches), low, *high))
            }
            Values::Number { soft: (low, high), log: true, .. } => {
                // Twenty notches are a factor of ten.
                let moved = self.value.max(low / 10.0) * 10f64.powf(f64::from(notches) / 20.0);
                Some(beyond(self.value, tidy(moved), *low, *high))
            }
            Values::Number { soft: (low, high), .. } => {
                let notch = (high - low) / 50.0;
                let moved = ((self.value / notch).round() + f64::from(notches)) * notch;
                Some(beyond(self.value, tidy(moved), *low, *high))
            }
        }
    }

    /// A typed value, or one sentence on what it may be.
    pub fn parse(&self, text: &str) -> Result<f64, String> {
        let text = text.trim();
        match &self.values {
            Values::Picked => Err("the objective is chosen from its list".into()),
            Values::Words(words) => words
                .iter()
                .position(|word| *word == text)
                .map(|at| at as f64)
                .ok_or_else(|| format!("{} is one of {}, not \"{text}\"", self.name, words.join(", "))),
            Values::Number { hard, whole, .. } => {
                let value: f64 =
                    text.parse().map_err(|_| format!("{} is a number, not \"{text}\"", self.name))?;
                if let Some(least) = whole {
                    let fits = value.fract() == 0.0 && value >= *least as f64 && value <= 1e6;
                    return fits.then_some(value).ok_or_else(|| {
                        format!("{} is a whole number of at least {least}, not {text}", self.name)
                    });
                }
                self.bounded(value, *hard).map_err(|bound| format!("{} is {bound}, not {text}", self.name))
            }
        }
    }

    fn bounded(&self, value: f64, hard: Hard) -> Result<f64, String> {
        match self.setting {
            Setting::LabelNoise if !(0.0..=1.0).contains(&value) => Err("a share from 0 to 1".into()),
            Setting::Imbalance if !(value >= 1.0 && value.is_finite()) => {
                Err("a number of at least 1".into())
            }
            _ if value.is_finite() && value.abs() > LARGEST => Err(format!("at most {LARGEST:.1e} in size")),
            _ if hard.allows(value) => Ok(value),
            _ => Err(hard.to_string()),
        }
    }

    /// The experiment with this row at a value.
    pub fn set(&self, experiment: &Experiment, value: f64) -> Experiment {
        let mut new = experiment.clone();
        match self.setting {
            Setting::Objective => {}
            Setting::Weight(t) => new.objective[t].weight = value,
            Setting::Knob(t, k) => new.objective[t].knobs.0[k] = value,
            Setting::Rate => new.lr = Some(value),
            Setting::Optimizer => {
                new.optimizer = if value == 0.0 { OptimizerKind::Sgd } else { OptimizerKind::Adam };
            }
            Setting::Momentum => new.momentum = value,
            Setting::Batch => new.batch = Some(value as usize).filter(|&instances| instances > 0),
            Setting::DecayFeatures => new.weight_decay = value,
            Setting::DecayWeights => new.weight_decay_weights = value,
            Setting::Moves => new.moves = MOVES[(value as usize).min(MOVES.len() - 1)].1,
            Setting::Classes => new.classes = Some(value as usize),
            Setting::PerClass => new.per_class = Some(value as usize),
            Setting::Dim => new.dim = Some(value as usize),
            Setting::Views => new.views = value as usize,
            Setting::Imbalance => new.imbalance = value,
            Setting::LabelNoise => new.label_noise = value,
            Setting::Depth | Setting::Width => {
                let value = value as usize;
                match &mut new.model {
                    Model::Free => {}
                    Model::Mlp { width, .. } if self.setting == Setting::Width => *width = value,
                    Model::Linear { depth } | Model::Mlp { depth, .. } => *depth = value,
                }
            }
            Setting::Init => new.init = INITS[(value as usize).min(INITS.len() - 1)].1,
        }
        new
    }
}

/// Kept on the slider, except that a value typed beyond it may stay beyond.
fn beyond(before: f64, after: f64, low: f64, high: f64) -> f64 {
    after.clamp(low.min(before), high.max(before))
}

/// Three significant digits.
fn tidy(x: f64) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return 0.0;
    }
    format!("{x:.2e}").parse().unwrap_or(x)
}

#[cfg(test)]
mod tests {
    use super::super::rows;
    use super::*;
    use crate::experiment::Source;

    fn row(setting: Setting) -> Row {
        let all = rows(&Experiment::default(), 4, 3, 0.02);
        all.into_iter().find(|row| row.setting == setting).unwrap()
    }

    #[test]
    fn notches_are_tidy_and_stop_at_the_ends() {
        let scale = row(Setting::Knob(0, 0));
        assert_eq!((scale.value, scale.moved(1), scale.moved(20)), (4.0, Some(4.49), Some(40.0)));
        assert_eq!((scale.moved(-100), scale.moved(100)), (Some(1.0), Some(64.0)));
        let classes = row(Setting::Classes);
        assert_eq!(
            (classes.moved(1), classes.moved(-10), classes.moved(99)),
            (Some(5.0), Some(2.0), Some(20.0))
        );
        assert_eq!(row(Setting::DecayFeatures).moved(1), Some(0.002));
        assert_eq!(row(Setting::Optimizer).moved(1), Some(0.0), "words go round");
    }

    #[test]
    fn a_slider_reaches_from_end_to_end() {
        let scale = row(Setting::Knob(0, 0));
        assert_eq!(
            (scale.at_share(-1.0), scale.at_share(0.5), scale.at_share(1.0)),
            (Some(1.0), Some(8.0), Some(64.0))
        );
        let classes = row(Setting::Classes);
        assert_eq!((classes.at_share(0.0), classes.at_share(0.5)), (Some(2.0), Some(11.0)));
        assert_eq!(row(Setting::Init).at_share(0.5), None);
    }

    #[test]
    fn typing_passes_the_soft_range_but_not_the_hard_one() {
        let scale = row(Setting::Knob(0, 0));
        assert_eq!(scale.parse(" 1e3"), Ok(1000.0));
        assert_eq!(scale.parse("0").unwrap_err(), "scale is a finite number above 0, not 0");
        assert_eq!(scale.parse("1e99").unwrap_err(), "scale is at most 3.4e38 in size, not 1e99");
        assert_eq!(scale.parse("x").unwrap_err(), "scale is a number, not \"x\"");
        assert_eq!(
            row(Setting::Classes).parse("2.5").unwrap_err(),
            "classes is a whole number of at least 1, not 2.5"
        );
        assert!(row(Setting::LabelNoise).parse("1.5").is_err());
    }

    #[test]
    fn what_is_set_is_what_the_row_shows_next() {
        let digits = Experiment {
            source: Source::Bundled("digits".into()),
            model: Model::Mlp { depth: 2, width: 16 },
            ..Experiment::default()
        };
        for before in [Experiment::default(), digits] {
            each_row_shows_what_it_sets(&before);
        }
    }

    fn each_row_shows_what_it_sets(before: &Experiment) {
        for row in rows(before, 4, 3, 0.02) {
            let Some(value) = row.moved(1) else { continue };
            let changed = row.set(before, value);
            let all = rows(
                &changed,
                changed.classes.unwrap_or(4),
                changed.dim.unwrap_or(3),
                changed.lr.unwrap_or(0.02),
            );
            let after = all.iter().find(|after| after.setting == row.setting).unwrap();
            assert_eq!(after.value, value, "{:?}", row.setting);
        }
    }
}
