//! What the settings of an experiment may be, before any data is read.
//!
//! What only the data can tell (labels, dimensions of a file) is checked by `start`.

use super::nearest::did_you_mean;
use super::{Experiment, Fault, ImbalanceKind, Init, Model, OptimizerKind, Source};
use crate::data::{DATA_SETS, DataSource};
use crate::objective::knobs::Range;
use crate::objectives::{Family, Objective, Score, Term};

/// The most steps a run may have: the counter of random numbers has 32 bits for them.
const MOST_STEPS: u64 = u32::MAX as u64;

/// The largest integer of a TOML file.
const LARGEST_INTEGER: u64 = i64::MAX as u64;

/// Everything that is wrong with the settings themselves, in the order of the options.
pub fn faults(experiment: &Experiment) -> Vec<Fault> {
    let mut faults = Vec::new();
    objective(experiment, &mut faults);
    source(experiment, &mut faults);
    sizes(experiment, &mut faults);
    numbers(experiment, &mut faults);
    model(experiment, &mut faults);
    faults
}

/// Settings that would change nothing here, with the reason: a headless run refuses them, the lab, where
/// the next key may give them a meaning, only says so.
pub(super) fn idle(experiment: &Experiment, sphere: bool) -> Vec<Fault> {
    let e = experiment;
    let mut idle = Vec::new();
    let mut say = |option, sentence: &str| idle.push(Fault::new(option, sentence));
    let class_terms = terms_of(e, |o| o.family() == Family::Class);
    let synthetic = e.source == Source::Synthetic;
    let layered = matches!(e.model, Model::Linear { depth: 2.. });
    if !synthetic && (e.init != Init::Gaussian || (e.init_scale != 1.0 && !layered)) {
        say("init", "--init and --init-scale have no effect on features that are given");
    } else if sphere && !layered && e.init == Init::Gaussian && e.init_scale != 1.0 {
        say("init-scale", "--init-scale has no effect where a gaussian start is put on the sphere");
    }
    if e.imbalance == 1.0 && e.imbalance_kind != ImbalanceKind::Exponential {
        say("imbalance-kind", "--imbalance-kind has no effect without --imbalance");
    }
    if e.optimizer == OptimizerKind::Adam && e.momentum != Experiment::MOMENTUM {
        say("momentum", "--momentum has no effect on adam; it is for --optimizer sgd");
    }
    if e.weight_decay_weights != 0.0 && !class_terms {
        say("weight-decay-weights", "--weight-decay-weights has no effect: no term has class weights");
    }
    if e.weight_decay_bias != 0.0 && !has_bias(e) {
        say("weight-decay-bias", "--weight-decay-bias has no effect: there is no bias");
    }
    if e.bias == Some(true) && !has_bias(e) {
        say("bias", "--bias true has no effect: no term compares raw scores with class weights");
    }
    if synthetic && e.drop_bad_rows {
        say("drop-bad-rows", "--drop-bad-rows has no effect without --features");
    }
    idle
}

/// Whether any term is as `wanted`.
fn terms_of(experiment: &Experiment, wanted: impl Fn(&dyn Objective) -> bool) -> bool {
    experiment.objective.iter().any(|term| wanted(term.objective))
}

/// Whether the run has a bias: raw class objectives do unless it is switched off.
pub(super) fn has_bias(experiment: &Experiment) -> bool {
    experiment.bias.unwrap_or(true)
        && terms_of(experiment, |o| o.family() == Family::Class && o.score() == Score::Raw)
}

fn objective(e: &Experiment, faults: &mut Vec<Fault>) {
    let mut say = |sentence: String| faults.push(Fault::new("objective", sentence));
    if e.objective.is_empty() {
        say("the objective has no terms".into());
    }
    if e.objective.len() > super::expression::MOST_TERMS {
        say(format!("the objective has more than {} terms", super::expression::MOST_TERMS));
    }
    for Term { objective, weight, knobs } in &e.objective {
        let name = objective.name();
        if !weight.is_finite() {
            say(format!("the weight of {name} is {weight}, but must be a finite number"));
        }
        for (knob, value) in objective.knobs().iter().zip(knobs.0) {
            let waits = value.is_nan() && knob.default == crate::objectives::Default::LogClasses;
            match knob.range {
                Range::Number { hard, .. } if !waits && !hard.allows(value) => {
                    say(format!("{} of {name} is {value}, but must be {hard}", knob.name));
                }
                Range::Choice(words) if !(0.0..words.len() as f64).contains(&value) => {
                    say(format!("{} of {name} is none of {}", knob.name, words.join(", ")));
                }
                _ => {}
            }
        }
    }
}

fn source(e: &Experiment, faults: &mut Vec<Fault>) {
    if let Source::Bundled(name) = &e.source {
        let bundled = DATA_SETS.iter().find(|set| set.name == name);
        if !bundled.is_some_and(|set| matches!(set.source, DataSource::Bundled(_))) {
            let names = || DATA_SETS.iter().map(|set| set.name).chain([Source::SYNTHETIC]);
            let known: Vec<&str> = names().collect();
            let sentence = format!(
                "--data knows no set \"{}\", only {}{}",
                crate::data::printable(name),
                known.join(", "),
                did_you_mean(name, names())
            );
            faults.push(Fault::new("data", sentence));
        }
    }
    if let Source::File(path) = &e.source
        && path.to_str().is_none()
    {
        faults.push(Fault::new("features", "the name of the feature file is not text (UTF-8)"));
    }
    if e.source == Source::Synthetic {
        return;
    }
    for (option, given) in [
        ("per-class", e.per_class.is_some()),
        ("class-sizes", e.class_sizes.is_some()),
        ("imbalance", e.imbalance != 1.0),
    ] {
        if given {
            let sentence =
                format!("--{option} is for synthetic data: the sizes of given classes are as they are");
            faults.push(Fault::new(option, sentence));
        }
    }
    if e.views != 1 {
        faults.push(Fault::new(
            "views",
            "--views is for synthetic data: a file says which rows are views of one instance in its array instances",
        ));
    }
}

fn sizes(e: &Experiment, faults: &mut Vec<Fault>) {
    let mut at_least_one = |option: &'static str, value: Option<usize>| {
        if value == Some(0) {
            faults.push(Fault::new(option, format!("--{option} must be at least 1, not 0")));
        }
    };
    at_least_one("classes", e.classes);
    at_least_one("per-class", e.per_class);
    at_least_one("dim", e.dim);
    at_least_one("views", Some(e.views));
    at_least_one("batch", e.batch);
    at_least_one("threads", e.threads);
    if let Some(sizes) = &e.class_sizes {
        if sizes.is_empty() || sizes.contains(&0) {
            faults
                .push(Fault::new("class-sizes", "--class-sizes must be numbers of at least 1, one a class"));
        }
        if e.classes.is_some() || e.per_class.is_some() || e.imbalance != 1.0 {
            faults.push(Fault::new(
                "class-sizes",
                "--class-sizes says everything about sizes, so --classes, --per-class and --imbalance cannot \
                 stand beside it",
            ));
        }
    }
    if e.threads.is_some_and(|threads| threads > 1024) {
        faults.push(Fault::new("threads", "--threads must be at most 1024"));
    }
    if e.threads.is_some() && matches!(e.engine, super::EngineKind::Gpu | super::EngineKind::Reference) {
        faults.push(Fault::new("threads", "--threads is for the cpu engine"));
    }
}

fn numbers(e: &Experiment, faults: &mut Vec<Fault>) {
    let mut within = |option: &'static str, value: f64, ok: bool, what: &str| {
        if !(value.is_finite() && ok) {
            faults.push(Fault::new(option, format!("--{option} must be {what}, not {value}")));
        }
    };
    within("imbalance", e.imbalance, e.imbalance >= 1.0, "a finite number of at least 1");
    within("label-noise", e.label_noise, (0.0..=1.0).contains(&e.label_noise), "between 0 and 1");
    within("init-scale", e.init_scale, e.init_scale > 0.0, "a finite number above 0");
    let lr = e.lr.unwrap_or(1.0);
    within("lr", lr, lr > 0.0, "a finite number above 0");
    within("momentum", e.momentum, (0.0..1.0).contains(&e.momentum), "at least 0 and below 1");
    for (option, value) in [
        ("weight-decay", e.weight_decay),
        ("weight-decay-weights", e.weight_decay_weights),
        ("weight-decay-bias", e.weight_decay_bias),
    ] {
        within(option, value, value >= 0.0, "a finite number of at least 0");
    }
    within("holdout", e.holdout, (0.0..1.0).contains(&e.holdout), "at least 0 and below 1");
    if e.steps > MOST_STEPS {
        faults.push(Fault::new("steps", format!("--steps must be at most {MOST_STEPS}, not {}", e.steps)));
    }
    for (option, value) in [("seed", e.seed), ("max-array-bytes", e.max_array_bytes.unwrap_or(0))] {
        if value > LARGEST_INTEGER {
            faults.push(Fault::new(
                option,
                format!("--{option} must be at most {LARGEST_INTEGER}, not {value}"),
            ));
        }
    }
}

fn model(e: &Experiment, faults: &mut Vec<Fault>) {
    match e.model {
        Model::Linear { depth: 0 } | Model::Mlp { depth: 0, .. } => {
            faults.push(Fault::new("depth", "--depth must be at least 1, not 0"));
        }
        Model::Mlp { width: 0, .. } => {
            faults.push(Fault::new("width", "--width must be at least 1, not 0"));
        }
        Model::Mlp { .. } if e.source == Source::Synthetic => {
            faults.push(Fault::new(
                "model",
                "--model mlp needs inputs: give --features or --data digits, not synthetic data",
            ));
        }
        Model::Free | Model::Linear { .. } | Model::Mlp { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(experiment: &Experiment) -> String {
        let faults = faults(experiment);
        assert_eq!(faults.len(), 1, "{faults:?}");
        faults[0].to_string()
    }

    #[test]
    fn the_default_has_no_faults_and_nothing_idle() {
        assert_eq!(faults(&Experiment::default()), []);
        assert_eq!(idle(&Experiment::default(), true), []);
    }

    #[test]
    fn a_wrong_value_is_named() {
        let lr = Experiment { lr: Some(f64::NAN), ..Experiment::default() };
        assert_eq!(only(&lr), "--lr must be a finite number above 0, not NaN");
        let noise = Experiment { label_noise: 1.5, ..Experiment::default() };
        assert_eq!(only(&noise), "--label-noise must be between 0 and 1, not 1.5");
        let data = Experiment { source: Source::Bundled("digit".into()), ..Experiment::default() };
        assert_eq!(
            only(&data),
            "--data knows no set \"digit\", only digits, synthetic; did you mean digits?"
        );
        let sizes = Experiment { class_sizes: Some(vec![3, 0]), ..Experiment::default() };
        assert_eq!(only(&sizes), "--class-sizes must be numbers of at least 1, one a class");
        let mlp = Experiment { model: Model::Mlp { depth: 2, width: 8 }, ..Experiment::default() };
        assert!(only(&mlp).contains("not synthetic data"));
    }

    #[test]
    fn a_setting_without_effect_is_noticed() {
        let momentum = Experiment { momentum: 0.5, ..Experiment::default() };
        assert_eq!(idle(&momentum, true)[0].option, "momentum");
        let scale = Experiment { init_scale: 2.0, ..Experiment::default() };
        assert_eq!(idle(&scale, true)[0].option, "init-scale");
        assert_eq!(idle(&scale, false), []);
    }
}
