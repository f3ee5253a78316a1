//! Features from a file or a bundled set, as the start of a run.

use super::ExperimentError;
use super::material::Material;
use crate::data::{self, DATA_SETS, DataSource, ReadOptions};
use crate::experiment::{Experiment, Fault, Model, Source};
use crate::features::Features;

/// The rows of an experiment whose features are given.
pub(super) fn material(experiment: &Experiment) -> Result<Material, ExperimentError> {
    let features = read(experiment)?;
    let material = of_features(features)?;
    // An mlp takes the features as inputs and gives rows of any size.
    let dim = experiment.dim.filter(|_| !matches!(experiment.model, Model::Mlp { .. }));
    for (option, asked, found, what) in [
        ("dim", dim, material.features.cols, "dimensions"),
        ("classes", experiment.classes, material.classes, "classes"),
    ] {
        if let Some(asked) = asked
            && asked != found
        {
            let sentence = format!("--{option} {asked} contradicts the data, which have {found} {what}");
            return Err(Fault::new(option, sentence).into());
        }
    }
    Ok(material)
}

fn read(experiment: &Experiment) -> Result<Features, ExperimentError> {
    let mut options = ReadOptions { drop_bad_rows: experiment.drop_bad_rows, ..ReadOptions::default() };
    if let Some(bytes) = experiment.max_array_bytes {
        options.max_array_bytes = bytes;
    }
    match &experiment.source {
        Source::File(path) => Ok(data::read(path, &options)?),
        Source::Bundled(name) => match DATA_SETS.iter().find(|set| set.name == name).map(|set| set.source) {
            Some(DataSource::Bundled(load)) => Ok(load()?),
            _ => {
                Err(Fault::new("data", format!("there is no bundled set \"{}\"", data::printable(name)))
                    .into())
            }
        },
        Source::Synthetic => Err(Fault::new("data", "synthetic data are not given").into()),
    }
}

/// Labels as row numbers of the weights: as they are where weights are given, else mapped to dense
/// numbers in sorted order.
fn of_features(features: Features) -> Result<Material, ExperimentError> {
    let n = features.points.rows;
    let Features { points, labels, weights, bias, instances, margins, .. } = features;
    if let Some(weights) = &weights
        && weights.cols != points.cols
    {
        return Err(ExperimentError::Data(format!(
            "the weights have {} columns and the features {}",
            weights.cols, points.cols
        )));
    }
    let labelled = labels.is_some();
    let labels = labels.unwrap_or_else(|| vec![0; n]);
    let names = features.label_names.unwrap_or_default();
    let mut present = labels.clone();
    present.sort_unstable();
    present.dedup();
    let (labels, classes, numbers): (Vec<u32>, usize, Vec<u32>) = if let Some(weights) = &weights {
        (labels, weights.rows, (0..weights.rows as u32).collect())
    } else {
        let dense = |label: &u32| present.partition_point(|known| known < label) as u32;
        (labels.iter().map(dense).collect(), present.len(), present)
    };
    let renumbered = numbers.iter().enumerate().any(|(dense, &number)| dense != number as usize);
    let label_names = if names.is_empty() && !renumbered {
        Vec::new()
    } else {
        let name = |number: &u32| names.get(*number as usize).cloned().unwrap_or_else(|| number.to_string());
        numbers.iter().map(name).collect()
    };
    let mut notices = features.notices;
    if renumbered {
        notices.push(format!(
            "labels are numbered anew: the {classes} classes present become 0 to {}",
            classes - 1
        ));
    }
    Ok(Material {
        features: points,
        labels,
        labelled,
        has_instances: instances.is_some(),
        instances: instances.unwrap_or_else(|| (0..n as u32).collect()),
        classes,
        weights,
        bias,
        margins,
        label_names,
        point_names: features.point_names,
        notices,
    })
}
