//! Who made a step impossible, as an object for scripts.

use serde_json::{Map, Value, json};

use super::number;
use crate::describe::divergence::{class_name, class_of, point_name, quantity, value, what_to_do, why};
use crate::engine::Diagnosis;
use crate::engine::diagnosis::Whom;
use crate::snapshot::Cast;

/// One end: what kind of thing it is and which one. Rows and classes are counted from 0, layers and units from 1.
fn end(whom: Whom, cast: &Cast) -> Value {
    let of_row = |kind: &str, row: u32| {
        let class = class_of(cast, row).map(|class| class_name(cast, class));
        json!({"kind": kind, "row": row, "name": point_name(cast, row), "class": class})
    };
    match whom {
        Whom::Point(row) => of_row("row", row),
        Whom::Input(row) => of_row("input", row),
        Whom::Weight(class) => json!({"kind": "weight", "class": class_name(cast, class), "number": class}),
        Whom::Bias(class) => json!({"kind": "bias", "class": class_name(cast, class), "number": class}),
        Whom::Unit { layer, unit } => json!({"kind": "unit", "layer": layer + 1, "unit": unit + 1}),
    }
}

/// What is added to `"diverged"` in the object of a run.
pub(super) fn told(found: &Diagnosis, cast: &Cast) -> Map<String, Value> {
    let ends = |whom: Option<Whom>| whom.map_or(Value::Null, |whom| end(whom, cast));
    let mut object = Map::new();
    object.insert("quantity".into(), quantity(&found.what).into());
    object.insert("value".into(), value(&found.what).map_or(Value::Null, number));
    object.insert("of".into(), ends(found.whom));
    object.insert("with".into(), ends(found.with));
    object.insert("objective".into(), found.term.map_or(Value::Null, Value::from));
    object.insert("why".into(), why(found, cast).into());
    object.insert("try".into(), what_to_do(found, cast).into());
    object
}
