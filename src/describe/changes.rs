//! What was changed, in words: between two experiments, on the way of a run, and in which of several runs.

use serde_json::Value;

use super::knobs::setting;
use crate::experiment::start::lab_rate;
use crate::experiment::{Edit, Experiment};
use crate::palette;
use crate::share::settings;
use crate::snapshot::Snapshot;

/// How many settings a difference names where there are more than one more: as long as "and 1 more" would be.
const NAMED: usize = 3;

/// What differs between two experiments, in a few words: `s 4 > 8`; of many settings the first three and how many more.
pub fn difference(from: &Experiment, to: &Experiment) -> String {
    let parts = differences(from, to);
    match parts.len() {
        0 => "the same settings".to_owned(),
        count if count <= NAMED + 1 => parts.join(", "),
        count => format!("{} and {} more", parts[..NAMED].join(", "), count - NAMED),
    }
}

/// A number of an experiment.
type NumberOf = fn(&Experiment) -> f64;

/// Every setting that differs between two experiments, the objective's first, each with both its values.
fn differences(from: &Experiment, to: &Experiment) -> Vec<String> {
    let mut parts = of_objective(from, to);
    // Where none was set, the one that the lab takes.
    let rate = |of: &Experiment| setting(of.lr.unwrap_or_else(|| lab_rate(of.model)));
    if from.lr != to.lr {
        parts.push(("lr", rate(from), rate(to)));
    }
    let numbers: [(&'static str, NumberOf); 10] = [
        ("momentum", |of| of.momentum),
        ("point decay", |of| of.weight_decay),
        ("weight decay", |of| of.weight_decay_weights),
        ("C", |of| of.classes.unwrap_or(Experiment::CLASSES) as f64),
        ("per class", |of| of.per_class.unwrap_or(Experiment::PER_CLASS) as f64),
        ("d", |of| of.dim.unwrap_or(Experiment::DIM) as f64),
        ("views", |of| of.views as f64),
        ("imbalance", |of| of.imbalance),
        ("label noise", |of| of.label_noise),
        ("seed", |of| of.seed as f64),
    ];
    parts.extend(numbers.map(|(name, of)| (name, setting(of(from)), setting(of(to)))));
    let batch = |of: &Experiment| of.batch.map_or_else(|| "all".to_owned(), |batch| batch.to_string());
    parts.push(("batch", batch(from), batch(to)));
    let word = |word: &dyn std::fmt::Debug| format!("{word:?}").to_lowercase();
    parts.push(("start", word(&from.init), word(&to.init)));
    parts.push(("moves", word(&from.moves), word(&to.moves)));
    parts.push(("", word(&from.optimizer), word(&to.optimizer)));
    let told = parts.into_iter().filter(|(_, old, new)| old != new);
    let told = told.map(|(name, old, new)| format!("{name} {old} > {new}").trim_start().to_owned());
    told.chain(of_others(from, to)).collect()
}

/// What differs in the objective: its name, or else its knobs and weights.
fn of_objective(from: &Experiment, to: &Experiment) -> Vec<(&'static str, String, String)> {
    let name =
        |of: &Experiment| of.objective.iter().map(|t| t.objective.name()).collect::<Vec<_>>().join(" + ");
    if name(from) != name(to) {
        return vec![("", name(from), name(to))];
    }
    let mut parts = Vec::new();
    for (old, new) in from.objective.iter().zip(&to.objective) {
        for (k, knob) in old.objective.knobs().iter().enumerate() {
            if old.knobs.exact(k) != new.knobs.exact(k) {
                parts.push((knob.symbol, knob.show(old.knobs.exact(k)), knob.show(new.knobs.exact(k))));
            }
        }
        if old.weight != new.weight {
            parts.push(("weight", old.weight.to_string(), new.weight.to_string()));
        }
    }
    parts
}

/// The options that have words above.
const TOLD: [&str; 16] = [
    "objective",
    "lr",
    "momentum",
    "weight-decay",
    "weight-decay-weights",
    "classes",
    "per-class",
    "dim",
    "views",
    "imbalance",
    "label-noise",
    "seed",
    "batch",
    "init",
    "moves",
    "optimizer",
];

/// All other settings that differ, by the names of their options.
fn of_others(from: &Experiment, to: &Experiment) -> Vec<String> {
    // Only a path that is no text has no place among them.
    let (Ok(before), Ok(after)) = (settings::of(from), settings::of(to)) else { return Vec::new() };
    let mut parts = Vec::new();
    for (name, new) in settings::difference(&before, &after) {
        if !TOLD.contains(&name.as_str()) {
            let old = before.get(&name).unwrap_or(&Value::Null);
            parts.push(format!("{} {} > {}", name.replace('-', " "), worded(old), worded(&new)));
        }
    }
    parts
}

/// A value of an option; one that is left open is the usual one.
fn worded(value: &Value) -> String {
    match value {
        Value::Null => "usual".to_owned(),
        Value::String(word) => word.clone(),
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), setting),
        other => other.to_string(),
    }
}

/// Each change of a run that began with some settings: the steps made before it, and what it changed.
pub fn along<'a>(
    mut before: &'a Experiment,
    edits: impl IntoIterator<Item = &'a Edit>,
) -> Vec<(u64, String)> {
    let mut changes = Vec::new();
    for edit in edits {
        changes.push((edit.step, difference(before, &edit.experiment)));
        before = &edit.experiment;
    }
    changes
}

/// The changes that led to the state on the screen. What was set before the first step is what the run began with.
pub fn of(snapshot: &Snapshot) -> Vec<(u64, String)> {
    let all = along(&snapshot.start, snapshot.edits.iter().filter(|edit| edit.step <= snapshot.step));
    all.into_iter().filter(|(step, _)| *step > 0).collect()
}

/// What was changed on the way of a run. Each change that acted for some steps is one, whether it was taken back later or
/// not: it has moved the points, and share strings hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// How many changes there are.
    pub changes: usize,
    /// Whether the settings after them are those before them again.
    pub taken_back: bool,
}

impl Way {
    /// That of a run with this start and these edits, in ascending order of their steps. What was set at the start was
    /// set before its way began.
    pub fn of(start: &Experiment, edits: &[Edit]) -> Self {
        let begun = edits.iter().take_while(|edit| edit.step == 0).count();
        let first = begun.checked_sub(1).map_or(start, |last| &edits[last].experiment);
        let changes = edits.len() - begun;
        let last = edits.last().map_or(first, |edit| &edit.experiment);
        Self { changes, taken_back: changes > 0 && differences(first, last).is_empty() }
    }

    /// That of a run on the screen.
    pub fn of_run(shown: &Snapshot) -> Self {
        Self::of(&shown.start, &shown.edits)
    }

    /// `2 changes`, or `2 changes taken back`; nothing without any.
    pub fn words(self) -> Option<String> {
        let back = if self.taken_back { " taken back" } else { "" };
        match self.changes {
            0 => None,
            1 => Some(format!("1 change{back}")),
            count => Some(format!("{count} changes{back}")),
        }
    }
}

/// What a branch with so many edits has come to, beside its start: that of its newest step.
pub fn of_branch(start: &Experiment, edits: usize, now: &Experiment) -> String {
    match edits {
        0 => "no edits".to_owned(),
        _ if !differences(start, now).is_empty() => difference(start, now),
        _ => Way { changes: edits, taken_back: true }.words().unwrap_or_default(),
    }
}

/// Whether all runs have the same changes on their way.
fn is_even(snapshot: &Snapshot) -> bool {
    let changes = |run: usize| snapshot.beside(run).edits.iter().filter(|edit| edit.step > 0);
    (1..snapshot.runs()).all(|run| changes(run).eq(changes(0)))
}

/// Where the runs do not have the same changes on their way, so that they are not compared like with like: how many each
/// has, in long and in short words: `A with 2 changes, B as begun`, `A 2 changes, B none`.
pub fn uneven(snapshot: &Snapshot) -> Option<[String; 2]> {
    if is_even(snapshot) {
        return None;
    }
    let told = |with: &str, none: &str| {
        let of = |run| match Way::of_run(snapshot.beside(run)).words() {
            None => format!("{} {none}", palette::letter(run)),
            Some(words) => format!("{} {with}{words}", palette::letter(run)),
        };
        (0..snapshot.runs()).map(of).collect::<Vec<_>>().join(", ")
    };
    Some([told("with ", "as begun"), told("", "none")])
}

/// What was changed first on the way of the first run that has such a change, in long and in short words: of all runs where
/// all have the same. Nothing where none has any.
pub fn first_on_the_way(snapshot: &Snapshot) -> Option<[String; 2]> {
    let ways = |run: &usize| Way::of_run(snapshot.beside(*run)).changes > 0;
    let run = (0..snapshot.runs()).find(ways)?;
    let shown = snapshot.beside(run);
    let at = shown.edits.iter().position(|edit| edit.step > 0)?;
    let before = at.checked_sub(1).map_or(&*shown.start, |last| &shown.edits[last].experiment);
    let (step, what) = (shown.edits[at].step, difference(before, &shown.edits[at].experiment));
    let way = Way::of_run(shown);
    let (were, short) = if is_even(snapshot) {
        ("all runs were".to_owned(), "all".to_owned())
    } else {
        let letter = palette::letter(run);
        (format!("{letter} was"), letter.to_string())
    };
    let their = if is_even(snapshot) { "their" } else { "its" };
    Some(match way.changes {
        1 => [
            format!("{were} changed on {their} way: {what} at step {step}"),
            format!("{short}: {what} @{step}"),
        ],
        times => {
            let back = if way.taken_back { " and back" } else { "" };
            let words = way.words().unwrap_or_default();
            [
                format!("{were} changed {times} times on {their} way{back}, first {what} at step {step}"),
                format!("{short}: {words} from @{step}"),
            ]
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::{Constraint, Init, OptimizerKind, expression};
    use crate::optimizer::Moves;

    fn louder(scale: f64) -> Experiment {
        let objective = expression::parse(&format!("normface(scale={scale})")).unwrap();
        Experiment { objective, ..Experiment::default() }
    }

    #[test]
    fn a_difference_is_said_in_a_few_words() {
        let from = Experiment::default();
        let mut to = Experiment { lr: Some(0.5), ..from.clone() };
        to.objective[0].knobs.0[0] = 8.0;
        assert_eq!(difference(&from, &to), "s 4 > 8, lr 0.02 > 0.5");
        let slower = Experiment { lr: Some(0.005), ..from };
        assert_eq!(difference(&to, &slower), "s 8 > 4, lr 0.5 > 0.005");
    }

    #[test]
    fn whatever_differs_has_its_name_and_values() {
        let from = Experiment::default();
        let of = |change: fn(&mut Experiment)| {
            let mut to = from.clone();
            change(&mut to);
            difference(&from, &to)
        };
        assert_eq!(of(|to| to.batch = Some(40)), "batch all > 40");
        assert_eq!(of(|to| to.moves = Moves::Weights), "moves all > weights");
        assert_eq!(of(|to| to.weight_decay_bias = 0.01), "weight decay bias 0 > 0.01");
        assert_eq!(of(|to| to.constraint = Some(Constraint::Sphere)), "constraint usual > sphere");
        assert_eq!(of(|to| to.init = Init::Collapsed), "start gaussian > collapsed");
        assert_eq!(of(|to| to.optimizer = OptimizerKind::Sgd), "adam > sgd");
        assert_eq!(of(|to| to.class_sizes = Some(vec![3, 2])), "class sizes usual > [3,2]");
        assert_eq!(of(|to| to.lr = Some(lab_rate(to.model))), "the same settings");
        let many = |to: &mut Experiment| {
            (to.batch, to.seed, to.momentum, to.views) = (Some(40), 7, 0.5, 2);
        };
        assert_eq!(of(many), "momentum 0.9 > 0.5, views 1 > 2, seed 0 > 7, batch all > 40");
        let more = |to: &mut Experiment| {
            (to.batch, to.seed, to.momentum, to.views, to.label_noise) = (Some(40), 7, 0.5, 2, 0.1);
        };
        assert_eq!(of(more), "momentum 0.9 > 0.5, views 1 > 2, label noise 0 > 0.1 and 2 more");
    }

    #[test]
    fn changes_that_were_taken_back_are_counted_and_said_to_be() {
        let edit = |step, scale| Edit { step, experiment: louder(scale) };
        let of = |edits: &[Edit]| Way::of(&louder(4.0), edits).words();
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[edit(0, 5.0)]), None, "it begins so");
        assert_eq!(of(&[edit(0, 5.0), edit(9, 6.0)]).unwrap(), "1 change");
        assert_eq!(of(&[edit(5, 4.49), edit(9, 4.0)]).unwrap(), "2 changes taken back");
        assert_eq!(of(&[edit(0, 5.0), edit(5, 6.0), edit(9, 4.0)]).unwrap(), "2 changes");
        assert_eq!(of(&[edit(0, 5.0), edit(5, 6.0), edit(9, 5.0)]).unwrap(), "2 changes taken back");
        assert_eq!(of_branch(&louder(4.0), 0, &louder(4.0)), "no edits");
        assert_eq!(of_branch(&louder(4.0), 2, &louder(4.0)), "2 changes taken back");
        assert_eq!(of_branch(&louder(4.0), 1, &louder(9.0)), "s 4 > 9");
    }
}
