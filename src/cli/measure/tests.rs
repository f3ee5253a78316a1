//! What `measure` prints, on three epochs of a small network whose numbers are known.

use super::*;
use crate::data::ReadOptions;

fn digits(epochs: &[&str]) -> Vec<Measured> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let one = |epoch: &&str| {
        let path = folder.join(format!("digits_mlp_epoch_{epoch}.npz"));
        let features = data::read(&path, &ReadOptions::default()).unwrap();
        let measurements = measure(&Sample::from(&features));
        let size =
            (features.points.rows, features.points.cols, features.labels.as_deref().map(count_distinct));
        Measured { path: format!("{epoch}.npz").into(), size, measurements, notices: Vec::new() }
    };
    epochs.iter().map(one).collect()
}

#[test]
fn within_class_variability_falls_over_training() {
    let all = digits(&["0000", "0050", "0200"]);
    let json = to_json(&all);
    let nc1: Vec<f64> = json.as_array().unwrap().iter().map(|one| one["nc1"].as_f64().unwrap()).collect();
    for (got, want) in nc1.iter().zip([3.0305, 0.1756, 0.2147]) {
        assert!((got - want).abs() < 5e-5, "{got} {want}");
    }
    let table = table::print(&all);
    let line = table.lines().find(|line| line.starts_with("nc1 ")).unwrap();
    assert!(line.ends_with("     3.0305     0.1756     0.2147"), "{line}");
}

#[test]
fn one_file_is_an_object_and_undefined_numbers_are_null_with_their_reason() {
    let points = crate::features::Matrix::from_fn(3, 2, |i, k| (i + k) as f32 + 1.0);
    let features = crate::features::Features { points, ..crate::features::Features::default() };
    let measurements = measure(&Sample::from(&features));
    let one = Measured { path: "bare.npy".into(), size: (3, 2, None), measurements, notices: Vec::new() };
    let json = to_json(&[one]);
    assert!(json["nc1"].is_null() && json["norm_mean"].as_f64().unwrap() > 0.0);
    assert_eq!(json["notes"]["nc1"], "there are no labels");
    assert_eq!(json.as_object().unwrap().len(), crate::geometry::METRICS.len() + 1);
}

#[test]
fn twelve_files_fit_into_eighty_columns() {
    let all = digits(&["0000"; 12]);
    let table = table::print(&all);
    let widest = table.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(widest <= 80, "{widest} columns:\n{table}");
    assert_eq!(table.lines().filter(|line| line.starts_with("nc1 ")).count(), 3, "three blocks of four");
    assert!(
        table.lines().any(|line| line.trim_start().starts_with("9 ") && line.ends_with(" 12")),
        "{table}"
    );
}
