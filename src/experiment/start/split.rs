//! Rows that are held out: whole instances, the same share of every class, chosen by the seed.

use std::collections::HashMap;

use super::material::Material;
use crate::experiment::Fault;
use crate::features::Matrix;
use crate::random::{self, Stream};

/// Rows that no step sees, with what is needed to judge them at the end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Held {
    /// What the source gives for each: features as they start, or the inputs of a network.
    pub rows: Matrix,
    /// The class of each, without noise.
    pub labels: Vec<u32>,
    /// The instance of each.
    pub instances: Vec<u32>,
    /// The margin of each, where the source has them.
    pub margins: Option<Vec<f32>>,
}

/// Takes the share `holdout` of every class's instances out of `material`; each class keeps at least one.
///
/// An instance with rows of several classes counts as one of its first row's.
///
/// # Errors
/// [`Fault`] if that is no row at all.
pub(super) fn split(material: &mut Material, holdout: f64, seed: u64) -> Result<Held, Fault> {
    let mut class_of: HashMap<u32, u32> = HashMap::new();
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); material.classes];
    for (&instance, &label) in material.instances.iter().zip(&material.labels) {
        if class_of.insert(instance, label).is_none() {
            members[label as usize].push(instance);
        }
    }
    let mut out: Vec<u32> = Vec::new();
    for mut class in members {
        let count = ((holdout * class.len() as f64).round() as usize).min(class.len().saturating_sub(1));
        class.sort_by_cached_key(|&i| (random::words(seed, 0, i, Stream::Holdout as u32, 0), i));
        out.extend(&class[..count]);
    }
    if out.is_empty() {
        return Err(Fault::new("holdout", format!("--holdout {holdout} is not one instance of any class")));
    }
    out.sort_unstable();
    let is_out = |row: &usize| out.binary_search(&material.instances[*row]).is_ok();
    let (held, kept): (Vec<usize>, Vec<usize>) = (0..material.labels.len()).partition(is_out);
    let held_rows = Held {
        rows: rows(&material.features, &held),
        labels: pick(&material.labels, &held),
        instances: pick(&material.instances, &held),
        margins: material.margins.as_ref().map(|margins| pick(margins, &held)),
    };
    material.features = rows(&material.features, &kept);
    material.labels = pick(&material.labels, &kept);
    material.instances = pick(&material.instances, &kept);
    material.margins = material.margins.as_ref().map(|margins| pick(margins, &kept));
    material.point_names = material.point_names.as_ref().map(|names| pick(names, &kept));
    Ok(held_rows)
}

fn pick<T: Clone>(of: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().map(|&row| of[row].clone()).collect()
}

fn rows(of: &Matrix, rows: &[usize]) -> Matrix {
    let data = rows.iter().flat_map(|&row| of.row(row)).copied().collect();
    Matrix::new(rows.len(), of.cols, data)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten instances of two rows in class 0, three of one row in class 1, one in class 2.
    fn material() -> Material {
        let mut instances: Vec<u32> = (0..20).map(|row| row / 2).collect();
        instances.extend([10, 11, 12, 13]);
        let labels = [vec![0; 20], vec![1; 3], vec![2]].concat();
        Material {
            features: Matrix::from_fn(24, 2, |row, col| (10 * row + col) as f32),
            labels,
            instances,
            classes: 3,
            margins: Some((0..24).map(|row| row as f32).collect()),
            ..Material::default()
        }
    }

    #[test]
    fn every_class_gives_its_share_in_whole_instances_and_rows_keep_what_is_theirs() {
        let mut kept = material();
        let held = split(&mut kept, 0.3, 5).unwrap();
        let of = |labels: &[u32], class| labels.iter().filter(|&&l| l == class).count();
        assert_eq!([0, 1, 2].map(|class| of(&held.labels, class)), [6, 1, 0]);
        assert_eq!([0, 1, 2].map(|class| of(&kept.labels, class)), [14, 2, 1]);
        assert!(held.instances.iter().all(|i| !kept.instances.contains(i)));
        for (rows, margins) in [(&held.rows, &held.margins), (&kept.features, &kept.margins)] {
            for (row, margin) in rows.rows_iter().zip(margins.as_ref().unwrap()) {
                assert_eq!(row[0], 10.0 * margin);
            }
        }
        assert_eq!(split(&mut material(), 0.3, 5).unwrap(), held, "the seed decides");
        assert_ne!(split(&mut material(), 0.3, 6).unwrap(), held);
        // Nine of ten, two of three and none of one.
        let most = split(&mut material(), 0.99, 5).unwrap();
        assert_eq!(most.labels.len(), 18 + 2, "each class keeps one instance");
        assert!(split(&mut material(), 0.01, 5).is_err());
    }
}
