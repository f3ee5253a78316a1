//! The curve as a table and the numbers of a moment as JSON.

use serde_json::{Map, Value, json};

use crate::experiment::expression;
use crate::snapshot::Snapshot;

/// A row a sample: step, loss, floor (empty where none is proved); before them the share string as a comment.
pub(super) fn csv(snapshot: &Snapshot, share: Option<&str>) -> String {
    let mut text = share.map_or_else(String::new, |share| format!("{}{share}\n", crate::share::COMMENT));
    text += "step,loss,floor\n";
    for sample in snapshot.history.iter() {
        let floor = sample.floor.map_or(String::new(), |floor| floor.to_string());
        text.push_str(&format!("{},{},{floor}\n", sample.step, sample.loss));
    }
    text
}

/// What the panes say, by name. Numbers that are not finite are null.
pub(super) fn json(snapshot: &Snapshot, share: Option<&str>) -> String {
    let measured = snapshot.geometry.measured.values.iter();
    let metrics: Map<String, Value> =
        measured.map(|(key, value)| ((*key).to_owned(), (*value).map_or(Value::Null, Value::from))).collect();
    let terms: Vec<Value> = snapshot
        .terms
        .iter()
        .map(|term| json!({ "name": term.name, "weight": term.weight, "loss": term.loss }))
        .collect();
    let mut numbers = json!({
        "software": format!("losslab {}", env!("CARGO_PKG_VERSION")),
        "objective": expression::print(&snapshot.experiment.objective),
        "seed": snapshot.experiment.seed,
        "engine": snapshot.engine,
        "step": snapshot.step,
        "loss": snapshot.loss,
        "floor": snapshot.floor.value(),
        "terms": terms,
        "decay": snapshot.decay,
        "gradient_norm": snapshot.gradient_norm,
        "rate": snapshot.rate,
        "classes": snapshot.cast.classes,
        "points": snapshot.points.rows,
        "dimensions": snapshot.points.cols,
        "projection": snapshot.picture.projection,
        "hidden_variance": snapshot.picture.hidden,
        "metrics_at_step": snapshot.geometry.step,
        "metrics": metrics,
    });
    if let Some(share) = share {
        numbers[crate::share::KEY] = share.into();
    }
    format!("{numbers:#}\n")
}
