//! An experiment as the settings it is made of, by the names of the command line: what differs between two, and back.
//!
//! The names are those of [`Options`], the one list; nothing here knows any of them.

use serde_json::{Map, Value};

use super::ShareError;
use crate::data::printable;
use crate::experiment::{Experiment, Options};

/// Every setting of an experiment that is not left open.
pub(crate) fn of(experiment: &Experiment) -> Result<Map<String, Value>, ShareError> {
    let written = serde_json::to_value(Options::of(experiment))
        .map_err(|error| ShareError::Unsayable(error.to_string()))?;
    let Value::Object(mut all) = written else {
        return Err(ShareError::Unsayable("its settings are no list".into()));
    };
    all.retain(|_, value| !value.is_null());
    Ok(all)
}

/// What makes `after` out of `before`; null takes a setting away.
pub(crate) fn difference(before: &Map<String, Value>, after: &Map<String, Value>) -> Map<String, Value> {
    let gone =
        before.keys().filter(|name| !after.contains_key(*name)).map(|name| (name.clone(), Value::Null));
    let new = after.iter().filter(|(name, value)| before.get(*name) != Some(value));
    new.map(|(name, value)| (name.clone(), value.clone())).chain(gone).collect()
}

/// Makes the changes that [`difference`] found.
pub(super) fn change(all: &mut Map<String, Value>, changes: Map<String, Value>) {
    for (name, value) in changes {
        if value.is_null() {
            all.remove(&name);
        } else {
            all.insert(name, value);
        }
    }
}

/// The experiment of these settings; a sentence about the first that is not understood.
pub(super) fn experiment(all: &Map<String, Value>) -> Result<Experiment, String> {
    let options: Options = serde_json::from_value(Value::Object(all.clone()))
        .map_err(|error| printable(&error.to_string()).replace('`', "\""))?;
    let mut experiment = Experiment::default();
    match options.apply(&mut experiment).into_iter().next() {
        Some(fault) => Err(fault.to_string()),
        None => Ok(experiment),
    }
}
