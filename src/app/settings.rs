//! What can be set: the rows of the params pane, their ranges, and how a value enters an experiment.

mod meaning;

pub use crate::describe::knobs::setting as show;
use crate::experiment::{Experiment, Init, Model, OptimizerKind, Source};
use crate::objectives::{Hard, Range};
use crate::optimizer::Moves;
use crate::theory::{Lever, Threshold};

/// One thing that can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// The objective, from the picker.
    Objective,
    /// The weight of a term.
    Weight(usize),
    /// A knob of a term.
    Knob(usize, usize),
    /// The learning rate.
    Rate,
    /// SGD or Adam.
    Optimizer,
    /// Of SGD.
    Momentum,
    /// λ of features.
    DecayFeatures,
    /// λ of class weights.
    DecayWeights,
    /// What moves.
    Moves,
    /// C.
    Classes,
    /// Instances of each class.
    PerClass,
    /// d.
    Dim,
    /// Rows of each instance.
    Views,
    /// R.
    Imbalance,
    /// Share of labels moved.
    LabelNoise,
    /// Where features start.
    Init,
    /// Matrices, or hidden layers.
    Depth,
    /// Units of a hidden layer.
    Width,
}

/// What values a row takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// A number on a slider.
    Number {
        /// The slider's ends.
        soft: (f64, f64),
        /// The bound of mathematics.
        hard: Hard,
        /// Whether the slider moves by factors.
        log: bool,
        /// Whether only whole numbers, and at least this one.
        whole: Option<u64>,
    },
    /// One of some words.
    Words(Vec<&'static str>),
    /// Chosen elsewhere.
    Picked,
}

/// A row of the params pane.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What it sets.
    pub setting: Setting,
    /// Its name.
    pub name: String,
    /// Its letter, where it has one.
    pub symbol: &'static str,
    /// What it does, in a sentence or a part of one.
    pub meaning: &'static str,
    /// Its value: for words the place in the list.
    pub value: f64,
    /// The value as text.
    pub text: String,
    /// What it may be.
    pub values: Values,
    /// Whether it can change while the run goes on; else changing it restarts.
    pub live: bool,
    /// Values at which the arrangement changes, and how: proved.
    pub thresholds: Vec<(f64, String)>,
}

/// Hands each row the thresholds of its knob.
pub fn mark(rows: &mut [Row], thresholds: &[Threshold]) {
    for at in thresholds {
        let setting = match at.lever {
            Lever::DecayFeatures => Setting::DecayFeatures,
            Lever::DecayWeights => Setting::DecayWeights,
            Lever::Imbalance => Setting::Imbalance,
            Lever::PerClass => Setting::PerClass,
        };
        if let Some(row) = rows.iter_mut().find(|row| row.setting == setting) {
            row.thresholds.push((at.value, at.words.clone()));
        }
    }
}

const INITS: [(&str, Init); 3] =
    [("gaussian", Init::Gaussian), ("antipodal", Init::Antipodal), ("collapsed", Init::Collapsed)];

const MOVES: [(&str, Moves); 3] =
    [("all", Moves::All), ("features", Moves::Features), ("weights", Moves::Weights)];

/// The rows for an experiment with so many classes and dimensions, at this rate.
pub fn rows(experiment: &Experiment, classes: usize, dim: usize, rate: f64) -> Vec<Row> {
    let mut rows = vec![Row {
        setting: Setting::Objective,
        name: "loss".into(),
        symbol: "L",
        meaning: meaning::of(Setting::Objective),
        value: 0.0,
        text: describe(experiment),
        values: Values::Picked,
        live: true,
        thresholds: Vec::new(),
    }];
    let several = experiment.objective.len() > 1;
    for (t, term) in experiment.objective.iter().enumerate() {
        let of = if several { format!("{} ", term.objective.name()) } else { String::new() };
        if several {
            let soft = (0.0, 2.0);
            rows.push(number(Setting::Weight(t), format!("{of}weight"), "", term.weight, soft, Hard::Finite));
        }
        for (k, knob) in term.objective.knobs().iter().enumerate() {
            let value = term.knobs.exact(k);
            rows.push(Row {
                setting: Setting::Knob(t, k),
                name: format!("{of}{}", knob.name),
                symbol: knob.symbol,
                meaning: knob.meaning,
                value,
                text: match knob.range {
                    Range::Number { .. } => show(value),
                    Range::Choice(_) => knob.show(value),
                },
                values: match knob.range {
                    Range::Number { soft, hard, log } => Values::Number { soft, hard, log, whole: None },
                    Range::Choice(words) => Values::Words(words.to_vec()),
                },
                live: true,
                thresholds: Vec::new(),
            });
        }
    }
    let mut rate = number(Setting::Rate, "rate".into(), "lr", rate, (1e-4, 1.0), Hard::NonNegative);
    if let Values::Number { log, .. } = &mut rate.values {
        *log = true;
    }
    rows.push(rate);
    let adam = experiment.optimizer == OptimizerKind::Adam;
    rows.push(words(Setting::Optimizer, "optimiser", &["sgd", "adam"], usize::from(adam), true));
    if !adam {
        let momentum = experiment.momentum;
        let range = (0.0, 0.99);
        rows.push(number(Setting::Momentum, "momentum".into(), "", momentum, range, Hard::Below(1.0)));
    }
    let (features, weights) = (experiment.weight_decay, experiment.weight_decay_weights);
    let decay = |setting, name: &str, symbol, value| {
        number(setting, name.into(), symbol, value, (0.0, 0.1), Hard::NonNegative)
    };
    let of_network = matches!(experiment.model, Model::Mlp { .. });
    let whose = if of_network { "network decay" } else { "point decay" };
    rows.push(decay(Setting::DecayFeatures, whose, "λH", features));
    rows.push(decay(Setting::DecayWeights, "weight decay", "λW", weights));
    let at = MOVES.iter().position(|(_, moves)| *moves == experiment.moves).unwrap_or(0);
    rows.push(words(Setting::Moves, "what moves", &MOVES.map(|(name, _)| name), at, true));
    match experiment.model {
        Model::Free => {}
        Model::Linear { depth } => rows.push(size(Setting::Depth, "matrices", "M", depth, (1.0, 6.0), 1)),
        Model::Mlp { depth, width } => {
            rows.push(size(Setting::Depth, "hidden layers", "L", depth, (1.0, 6.0), 1));
            rows.push(size(Setting::Width, "width", "h", width, (8.0, 512.0), 1));
            rows.push(size(Setting::Dim, "dimensions", "d", dim, (2.0, 64.0), 1));
        }
    }
    if experiment.source == Source::Synthetic {
        rows.extend(of_data(experiment, classes, dim));
    }
    rows
}

/// The rows of what data are made, each of which restarts.
fn of_data(experiment: &Experiment, classes: usize, dim: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    if experiment.class_sizes.is_none() {
        rows.push(size(Setting::Classes, "classes", "C", classes, (2.0, 20.0), 1));
        let each = experiment.per_class.unwrap_or(50);
        rows.push(size(Setting::PerClass, "per class", "n", each, (1.0, 200.0), 1));
    }
    rows.push(size(Setting::Dim, "dimensions", "d", dim, (2.0, 64.0), 1));
    rows.push(size(Setting::Views, "views", "", experiment.views, (1.0, 4.0), 1));
    if experiment.class_sizes.is_none() {
        let imbalance = experiment.imbalance;
        let range = (1.0, 100.0);
        let mut row = number(Setting::Imbalance, "imbalance".into(), "R", imbalance, range, Hard::Positive);
        row.live = false;
        if let Values::Number { log, .. } = &mut row.values {
            *log = true;
        }
        rows.push(row);
    }
    let noise = experiment.label_noise;
    let row = number(Setting::LabelNoise, "label noise".into(), "p", noise, (0.0, 0.5), Hard::NonNegative);
    rows.push(Row { live: false, ..row });
    let at = INITS.iter().position(|(_, init)| *init == experiment.init).unwrap_or(0);
    rows.push(words(Setting::Init, "start", &INITS.map(|(name, _)| name), at, false));
    rows
}

/// A whole number, at least so large, that a run begins with.
fn size(
    setting: Setting,
    name: &str,
    symbol: &'static str,
    value: usize,
    soft: (f64, f64),
    least: u64,
) -> Row {
    Row {
        values: Values::Number { soft, hard: Hard::NonNegative, log: false, whole: Some(least) },
        live: false,
        ..number(setting, name.into(), symbol, value as f64, soft, Hard::NonNegative)
    }
}

fn number(
    setting: Setting,
    name: String,
    symbol: &'static str,
    value: f64,
    soft: (f64, f64),
    hard: Hard,
) -> Row {
    let values = Values::Number { soft, hard, log: false, whole: None };
    Row {
        setting,
        name,
        symbol,
        meaning: meaning::of(setting),
        value,
        text: show(value),
        values,
        live: true,
        thresholds: Vec::new(),
    }
}

fn words(setting: Setting, name: &str, words: &[&'static str], at: usize, live: bool) -> Row {
    Row {
        setting,
        name: name.into(),
        symbol: "",
        meaning: meaning::of(setting),
        value: at as f64,
        text: words[at].into(),
        values: Values::Words(words.to_vec()),
        live,
        thresholds: Vec::new(),
    }
}

/// The objective with its knobs, as an expression.
pub fn describe(experiment: &Experiment) -> String {
    let mut text = String::new();
    for (k, term) in experiment.objective.iter().enumerate() {
        if k > 0 {
            text.push_str(" + ");
        }
        if term.weight != 1.0 {
            text = text + &show(term.weight) + "*";
        }
        text.push_str(term.objective.name());
    }
    text
}

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
            Values::Picked => Err("the objective is chosen from a list: press o".into()),
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
    use super::*;

    fn row(setting: Setting) -> Row {
        let all = rows(&Experiment::default(), 4, 3, 0.02);
        all.into_iter().find(|row| row.setting == setting).unwrap()
    }

    #[test]
    fn every_row_says_what_it_does() {
        for objective in crate::objectives::OBJECTIVES {
            let knobs = crate::objectives::Knobs::defaults(objective.knobs(), 4);
            let term = crate::objectives::Term { objective: *objective, weight: 1.0, knobs };
            let objective = vec![term, term];
            let experiment = Experiment { objective, optimizer: OptimizerKind::Sgd, ..Experiment::default() };
            for row in rows(&experiment, 4, 3, 0.05) {
                assert!(
                    row.meaning.len() > 8 && row.meaning.ends_with('.'),
                    "{}: {:?}",
                    row.name,
                    row.meaning
                );
            }
        }
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
        assert_eq!(scale.parse("x").unwrap_err(), "scale is a number, not \"x\"");
        assert_eq!(
            row(Setting::Classes).parse("2.5").unwrap_err(),
            "classes is a whole number of at least 1, not 2.5"
        );
        assert!(row(Setting::LabelNoise).parse("1.5").is_err());
    }

    #[test]
    fn a_network_has_rows_of_its_own() {
        let of = |model| -> Vec<Setting> {
            let experiment = Experiment { model, ..Experiment::default() };
            rows(&experiment, 4, 3, 0.02).into_iter().map(|row| row.setting).collect()
        };
        let has = |model, setting| of(model).contains(&setting);
        assert!(!has(Model::Free, Setting::Depth));
        assert!(has(Model::Linear { depth: 2 }, Setting::Depth));
        assert!(!has(Model::Linear { depth: 2 }, Setting::Width));
        assert!(has(Model::Mlp { depth: 2, width: 8 }, Setting::Width));
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
