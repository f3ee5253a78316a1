//! The folder a run leaves: everything to run it again, to read it, and to show it.

use std::path::Path;

use serde_json::Value;

use super::record::Record;
use super::{Ended, Seen};
use crate::data::write::{Array, atomic_write_bytes, features_arrays, write_npz};
use crate::engine::State;
use crate::experiment::file;
use crate::experiment::start::Start;
use crate::features::Features;
use crate::figure::{Figure, Format, render_with_metadata};
use crate::portrait::{self, Sitter};
use crate::share;

/// What the files of the folder say about the run they are of.
pub(super) struct Carried {
    /// The share string, where there is one.
    pub(super) share: Option<String>,
    /// Whether the run was changed on the way.
    pub(super) edited: bool,
}

/// Writes the folder; it exists already.
pub(super) fn write(
    out: &Path,
    begun: &Start,
    ended: &Ended,
    record: &Record,
    seen: &Seen,
    summary: &Value,
    carried: &Carried,
) -> Result<(), String> {
    let (state, loss) = (&ended.state, ended.loss);
    let text = match &carried.share {
        Some(share) if carried.edited => file::print_shared(share),
        _ => file::print(&begun.experiment).map_err(|error| error.to_string())?,
    };
    put(&out.join("experiment.toml"), text.as_bytes())?;
    put(&out.join("curves.csv"), record.csv().as_bytes())?;
    let pretty = serde_json::to_string_pretty(summary).map_err(|error| error.to_string())?;
    put(&out.join("summary.json"), format!("{pretty}\n").as_bytes())?;
    let features = features(begun, state, loss);
    let mut arrays = features_arrays(&features);
    arrays.push(("seed", Array::integer(begun.experiment.seed as i64)));
    let share: Vec<String> = carried.share.iter().cloned().collect();
    if !share.is_empty() {
        arrays.push((share::KEY, Array::texts(&share)));
    }
    let layers = layer_arrays(state);
    arrays.extend(layers.iter().map(|(name, array)| (name.as_str(), array.clone())));
    write_npz(&out.join("final.npz"), &arrays).map_err(|error| error.to_string())?;
    figures(out, begun, state, record, seen, carried)
}

/// The network under the features: `layer0`, `layer0_bias` and so on from the inputs up, each matrix out × in; and
/// the free features beneath linear layers, `inputs`. The inputs of an mlp are the rows of the source.
fn layer_arrays(state: &State) -> Vec<(String, Array<'_>)> {
    let mut arrays = Vec::new();
    let Some(network) = &state.network else { return arrays };
    if network.moves_inputs() {
        arrays.push(("inputs".to_owned(), Array::matrix(&network.inputs.value)));
    }
    for (k, layer) in network.layers.iter().enumerate() {
        arrays.push((format!("layer{k}"), Array::matrix(&layer.matrix.value)));
        if let Some(bias) = &layer.bias {
            arrays.push((format!("layer{k}_bias"), Array::f32s(&bias.value.data)));
        }
    }
    arrays
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), String> {
    atomic_write_bytes(path, bytes).map_err(|error| error.to_string())
}

/// The state as a feature file.
fn features(begun: &Start, state: &State, loss: f64) -> Features {
    let several = begun.case.views.iter().any(|&rows| rows > 1) || begun.has_instances;
    Features {
        points: state.features.value.clone(),
        labels: begun.labelled.then(|| begun.problem.labels.clone()),
        weights: begun.problem.uses_weights().then(|| state.weights.value.clone()),
        bias: state.bias.as_ref().filter(|_| begun.problem.uses_raw()).map(|b| b.value.data.clone()),
        instances: several.then(|| begun.problem.instances.clone()),
        margins: None,
        label_names: (!begun.label_names.is_empty()).then(|| begun.label_names.clone()),
        point_names: begun.point_names.clone(),
        step: Some(state.step),
        loss: Some(loss),
        notices: Vec::new(),
    }
}

fn figures(
    out: &Path,
    begun: &Start,
    state: &State,
    record: &Record,
    seen: &Seen,
    carried: &Carried,
) -> Result<(), String> {
    let floor = &seen.brief.theory.floor;
    let terms = begun.problem.terms.iter().map(|term| term.objective.about().title);
    let title = terms.collect::<Vec<_>>().join(" + ");
    let sitter = Sitter {
        points: &state.features.value,
        truth: begun.labelled.then_some(begun.truth.as_slice()),
        given: begun.labelled.then_some(begun.problem.labels.as_slice()),
        weights: begun.problem.uses_weights().then_some(&state.weights.value),
        names: &begun.label_names,
        sphere: begun.problem.sphere && state.network.is_none(),
        title: &title,
        fit: seen.fit.as_ref(),
    };
    let target = portrait::target_angle(seen.brief.theory.target.as_ref());
    let collapsed = seen.brief.collapsed().filter(|_| seen.brief.has_certificate());
    let mut pictures =
        vec![("curves.png", Figure::Curves(portrait::curves(&title, record.curve(), floor, collapsed)))];
    // A picture that cannot be (one class, no labels) is left out; the others are not.
    if let Ok(projection) = sitter.projection(None) {
        pictures.push(("projection.png", Figure::Projection(projection)));
    }
    if let Ok(gram) = sitter.gram() {
        pictures.push(("gram.png", Figure::Gram(gram)));
    }
    if let Ok(angles) = sitter.angles(target) {
        pictures.push(("angles.png", Figure::Angles(angles)));
    }
    let metadata = share::metadata(carried.share.as_deref());
    for (name, figure) in pictures {
        let bytes = render_with_metadata(&figure, Format::Png, figure.natural_size(), &metadata)
            .map_err(|error| error.to_string())?;
        put(&out.join(name), &bytes)?;
    }
    Ok(())
}
