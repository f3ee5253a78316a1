//! The lengths of class means and weights of a run, beside those that theory predicts.

use super::source::Material;
use crate::figure::{ClassLengths, Figure, Predicted, significant};

/// Lengths as they are and as they are predicted, a class at a time.
pub(super) fn figure(material: &Material) -> Result<Figure, String> {
    let fit =
        material.fit.as_ref().ok_or("no arrangement is proved for this, so no lengths are predicted")?;
    let lengths = fit.lengths.as_ref().ok_or("only directions are proved for this, not lengths")?;
    let mut groups = vec![Predicted {
        name: "class means".into(),
        seen: lengths.means.clone(),
        predicted: lengths.means_predicted.clone(),
    }];
    if lengths.weights.len() == lengths.weights_predicted.len() && !lengths.weights.is_empty() {
        groups.push(Predicted {
            name: "class weights".into(),
            seen: lengths.weights.clone(),
            predicted: lengths.weights_predicted.clone(),
        });
    }
    let given = material.features.label_names.clone().unwrap_or_default();
    Ok(Figure::Lengths(ClassLengths {
        title: material.title.clone(),
        subtitle: format!(
            "{} · {} away from the {}",
            material.subtitle,
            significant(fit.distance, 2),
            fit.name
        ),
        class_names: given,
        groups,
    }))
}
