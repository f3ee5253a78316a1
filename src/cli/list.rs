//! `losslab list`: what there is, read from the registries.

use serde_json::{Value, json};

use super::number;
use crate::app::Keymap;
use crate::data::DATA_SETS;
use crate::experiment::{expression, preset};
use crate::geometry::projection::PROJECTIONS;
use crate::geometry::{Better, METRICS};
use crate::objective::knobs::Range;
use crate::objectives::{Family, OBJECTIVES, Score};
use crate::theory::certificate;

/// Arguments of `list`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What to list
    #[arg(value_enum)]
    what: What,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum What {
    /// The losses, their knobs and papers
    Objectives,
    /// The numbers of `measure` and of a run
    Metrics,
    /// The views of the lab and of figures
    Projections,
    /// The sets that `--data` knows
    Data,
    /// Ready-made experiments
    Presets,
    /// Lessons
    Lessons,
}

/// Prints a registry.
pub fn run(arguments: &Arguments) -> u8 {
    let entries = match arguments.what {
        What::Objectives => objectives(),
        What::Metrics => metrics(),
        What::Projections => {
            PROJECTIONS.iter().map(|p| json!({"name": p.name, "description": p.description})).collect()
        }
        What::Data => {
            DATA_SETS.iter().map(|set| json!({"name": set.name, "description": set.summary})).collect()
        }
        What::Presets => presets(),
        What::Lessons => crate::lesson::all()
            .iter()
            .map(|lesson| json!({"name": lesson.name, "description": lesson.title, "pages": lesson.pages.len()}))
            .collect(),
    };
    if arguments.json {
        super::say(&format!("{}\n", Value::Array(entries)));
        return super::FINE;
    }
    if entries.is_empty() {
        super::say("There are none yet.\n");
    }
    let mut text = String::new();
    for entry in &entries {
        show(entry, &mut text);
    }
    super::say(&text);
    super::FINE
}

fn objectives() -> Vec<Value> {
    let entry = |objective: &&dyn crate::objectives::Objective| {
        let about = objective.about();
        let knobs = objective.knobs().iter().map(|knob| {
            let mut entry = json!({
                "name": knob.name,
                "symbol": knob.symbol,
                "description": knob.meaning,
                "default": match knob.default {
                    crate::objectives::Default::Number(x) => number(x),
                    crate::objectives::Default::Choice(word) => json!(word),
                    crate::objectives::Default::LogClasses => json!("log C"),
                },
            });
            match knob.range {
                Range::Number { soft, hard, log } => {
                    entry["soft_range"] = json!([soft.0, soft.1]);
                    entry["allowed"] = json!(hard.to_string());
                    entry["scale"] = json!(if log { "log" } else { "linear" });
                }
                Range::Choice(words) => entry["choices"] = json!(words),
            }
            entry
        });
        json!({
            "name": objective.name(),
            "title": about.title,
            "description": about.effect,
            "formula": about.formula,
            "paper": about.paper,
            "proved": objective.proved(),
            "family": match objective.family() { Family::Class => "class", Family::Pair => "pair" },
            "scores": match objective.score() {
                Score::Raw => "raw",
                Score::Cosine => "cosine",
                Score::SquaredDistance => "squared distance",
            },
            "knobs": knobs.collect::<Vec<_>>(),
        })
    };
    OBJECTIVES.iter().map(entry).collect()
}

fn presets() -> Vec<Value> {
    let entry = |preset: preset::Preset| {
        let objective = expression::print(&preset.document.experiment.objective);
        json!({
            "name": preset.name,
            "description": preset.title,
            "formula": objective,
            "paper": preset.paper,
            "look_for": Keymap::default().spell(&preset.look_for),
        })
    };
    preset::all().into_iter().map(entry).collect()
}

fn metrics() -> Vec<Value> {
    let entry = |metric: &&crate::geometry::Metric| {
        let better = match metric.better {
            Better::Lower => "lower",
            Better::Higher => "higher",
            Better::Neither => "neither",
        };
        json!({"name": metric.key, "description": metric.description, "unit": metric.unit, "better": better})
    };
    // The one number that needs the loss itself stands with the theory of losses.
    let certificate = json!({"name": certificate::KEY, "description": certificate::DESCRIPTION, "unit": "", "better": "lower"});
    METRICS.iter().map(entry).chain([certificate]).collect()
}

/// One entry as lines a person reads.
fn show(entry: &Value, text: &mut String) {
    use std::fmt::Write;
    let word = |key: &str| entry[key].as_str().unwrap_or_default();
    let unit = if word("unit").is_empty() { String::new() } else { format!(" [{}]", word("unit")) };
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{:22}{}{unit}", word("name"), word("description"));
    if !word("formula").is_empty() {
        let _ = writeln!(text, "{:22}{}\n{:22}{}", "", word("formula"), "", word("paper"));
    }
    for (label, key) in [("Proved", "proved"), ("Look for", "look_for")] {
        if !word(key).is_empty() {
            let _ = writeln!(text, "{:22}{label}: {}", "", word(key));
        }
    }
    for knob in entry["knobs"].as_array().into_iter().flatten() {
        let default = knob["default"].as_str().map_or_else(|| knob["default"].to_string(), str::to_owned);
        let range = match knob["choices"].as_array() {
            Some(words) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
            None => knob["allowed"].as_str().unwrap_or_default().to_owned(),
        };
        let name = knob["name"].as_str().unwrap_or_default();
        let _ = writeln!(text, "{:22}  {name} = {default}  ({range})", "");
    }
}
