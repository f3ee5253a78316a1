//! The features a figure is of: from a run folder or from a file.

use std::path::Path;

use super::super::reading::Reading;
use super::objective_of;
use crate::data::{self, printable};
use crate::experiment::start::{Asker, start};
use crate::experiment::{Experiment, file};
use crate::features::Features;
use crate::geometry::Classes;
use crate::objectives::Family;
use crate::theory::{Brief, Fit, Target};

/// Features and the words about them.
pub(super) struct Material {
    pub(super) features: Features,
    /// The classes, where there are labels.
    pub(super) classes: Option<Classes>,
    /// What is drawn: an objective, or a file.
    pub(super) title: String,
    /// Sizes and step.
    pub(super) subtitle: String,
    /// Of a run: what is proved about it.
    pub(super) brief: Option<Brief>,
    /// The proved arrangement laid over the rows.
    pub(super) fit: Option<Fit>,
}

/// Reads a run folder (its last state) or a feature file.
pub(super) fn read(path: &Path, reading: &Reading, notices: &mut Vec<String>) -> Result<Material, String> {
    let folder = path.is_dir();
    let file = if folder { path.join("final.npz") } else { path.to_owned() };
    let mut features = data::read(&file, &reading.options()).map_err(|error| error.to_string())?;
    let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy();
    let mut title = printable(&name);
    let mut brief = None;
    if folder {
        let document = file::read(&path.join("experiment.toml")).map_err(|error| error.to_string())?;
        title = objective_of(document.last());
        brief = brief_of(document.last());
        let uses_weights =
            document.last().objective.iter().any(|term| term.objective.family() == Family::Class);
        if !uses_weights {
            // They stand where they started: nothing of the run is in them.
            features.weights = None;
        }
    } else {
        notices.extend(
            features.notices.iter().map(|notice| format!("{}: {notice}", printable(&path.to_string_lossy()))),
        );
    }
    let classes = match features.labels.as_deref() {
        Some(labels) => Some(Classes::new(&features.points, labels).map_err(|error| error.to_string())?),
        None => None,
    };
    let mut parts: Vec<String> = features.step.map(|step| format!("step {step}")).into_iter().collect();
    parts.push(counted(features.points.rows, "row", "rows"));
    parts.push(counted(features.points.cols, "dimension", "dimensions"));
    parts.extend(classes.as_ref().map(|classes| counted(classes.len(), "class", "classes")));
    let fit = brief.as_ref().filter(|brief| brief.problem.labels.len() == features.points.rows);
    let fit = fit.and_then(|brief| brief.fit(&features.points, features.weights.as_ref()));
    Ok(Material { features, classes, title, subtitle: parts.join(" · "), brief, fit })
}

/// What is proved about the run of a folder; its data may be gone by now, then nothing.
pub(super) fn brief_of(experiment: &Experiment) -> Option<Brief> {
    let begun = start(experiment, Asker::Run).ok()?;
    Some(Brief::new(experiment, &begun.problem, &begun.case))
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

impl Material {
    /// The arrangement that is proved for the run, if it is of one.
    pub(super) fn target(&self) -> Option<&Target> {
        self.brief.as_ref().and_then(|brief| brief.theory.target.as_ref())
    }

    /// The name of each class present, in their order.
    pub(super) fn class_names(&self) -> Vec<String> {
        let Some(classes) = &self.classes else { return Vec::new() };
        let given = self.features.label_names.as_deref().unwrap_or_default();
        let name = |&label: &u32| match given.get(label as usize).filter(|name| !name.trim().is_empty()) {
            Some(name) => name.clone(),
            None => format!("class {label}"),
        };
        classes.labels.iter().map(name).collect()
    }

    /// The classes, or the sentence that there are none.
    pub(super) fn classes(&self) -> Result<&Classes, String> {
        self.classes.as_ref().ok_or_else(|| "this figure needs labels, and the features have none".to_owned())
    }
}
