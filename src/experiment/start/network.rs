//! The network of an experiment at its start, checked for size before any of it is made.

use super::material::Material;
use crate::data::ReadOptions;
use crate::experiment::{Experiment, Fault, Model};
use crate::models::{Network, linear, mlp};

/// The network under an experiment's features, on the rows of its source; `None` for free features.
///
/// # Errors
/// [`Fault`] if its matrices, or what its layers give for all rows, would not fit.
pub(super) fn network(experiment: &Experiment, material: &mut Material) -> Result<Option<Network>, Fault> {
    let (rows, cols) = (material.features.rows, material.features.cols);
    let dim = experiment.dim.unwrap_or(Experiment::DIM);
    match experiment.model {
        Model::Free | Model::Linear { depth: 0 | 1 } => return Ok(None),
        Model::Linear { depth } => check(experiment, "depth", rows.max(cols), cols, depth - 1, cols * cols)?,
        Model::Mlp { depth, width } => {
            let hidden = width.saturating_mul(width);
            check(experiment, "width", rows.max(cols).max(width), width.max(dim), depth, hidden)?;
            check(experiment, "dim", rows.max(width), dim, 1, 0)?;
        }
    }
    let inputs = std::mem::take(&mut material.features);
    let (scale, seed) = (experiment.init_scale, experiment.seed);
    Ok(Some(match experiment.model {
        Model::Mlp { depth, width } => mlp::start(inputs, depth, width, dim, seed),
        Model::Linear { depth } => linear::start(inputs, depth, scale, seed),
        Model::Free => linear::start(inputs, 1, scale, seed),
    }))
}

/// Refuses layers whose largest array (`rows` × `cols`) or whose matrices together (`count` of `each` numbers) are
/// beyond what is allowed.
fn check(
    experiment: &Experiment,
    option: &'static str,
    rows: usize,
    cols: usize,
    count: usize,
    each: usize,
) -> Result<(), Fault> {
    let limit = experiment.max_array_bytes.unwrap_or(ReadOptions::default().max_array_bytes);
    let bytes = |a: usize, b: usize| (a as u64).checked_mul(b as u64).and_then(|n| n.checked_mul(4));
    let fits = |bytes: Option<u64>| bytes.is_some_and(|bytes| bytes <= limit);
    if fits(bytes(rows, cols)) && fits(bytes(count, each)) {
        return Ok(());
    }
    let sentence = format!(
        "--{option} makes layers larger than the {limit} bytes allowed; --max-array-bytes allows more"
    );
    Err(Fault::new(option, sentence))
}
