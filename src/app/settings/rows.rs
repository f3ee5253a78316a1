//! The rows of an experiment, in their order.

use super::{INITS, MOVES, Row, Setting, Values, describe, meaning, show};
use crate::experiment::{Experiment, Model, OptimizerKind, Source};
use crate::objectives::{Hard, Range};

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
    let batch = size(Setting::Batch, "batch", "b", experiment.batch.unwrap_or(0), (0.0, 128.0), 0);
    let text = if experiment.batch.is_none() { "all".to_owned() } else { batch.text };
    rows.push(Row { text, live: true, ..batch });
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
