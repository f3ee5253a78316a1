use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn labelled<'a>(points: &'a Matrix, labels: &'a [u32]) -> Sample<'a> {
    Sample { labels: Some(labels), ..Sample::of_points(points) }
}

fn close(measured: &Measurements, key: &str, expected: f64, tolerance: f64) {
    let value = measured.get(key).unwrap_or_else(|| panic!("{key}: {:?}", measured.note(key)));
    assert!((value - expected).abs() <= tolerance, "{key} is {value}, not {expected}");
}

/// Every vector of a frame `copies` times, with its labels.
fn collapsed(frame: &Matrix, copies: usize) -> (Matrix, Vec<u32>) {
    let points = Matrix::from_fn(frame.rows * copies, frame.cols, |i, j| frame.row(i / copies)[j]);
    (points, (0..frame.rows * copies).map(|i| (i / copies) as u32).collect())
}

#[test]
fn the_registry_has_the_documented_keys_once_each() {
    let keys: Vec<&str> = METRICS.iter().map(|metric| metric.key).collect();
    let documented = [
        "nc1",
        "nc2_equinorm",
        "nc2_equiangular",
        "nc2_etf_distance",
        "nc3",
        "nc4",
        "accuracy",
        "ncc_accuracy",
        "min_class_angle_deg",
        "min_centred_angle_deg",
        "mean_within_angle_deg",
        "alignment",
        "uniformity",
        "mean_abs_class_cos",
        "effective_rank",
        "effective_rank_means",
        "fisher_ratio",
        "seli_distance",
        "norm_mean",
        "norm_cv",
    ];
    assert_eq!(keys, documented);
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
    assert!(METRICS.iter().all(|metric| !metric.description.is_empty()));
}

#[test]
fn a_collapsed_simplex_is_ideal_in_every_number() {
    let frame = frames::rotate(&frames::simplex(5, 6).unwrap(), 1);
    let (points, labels) = collapsed(&frame, 4);
    let measured = measure(&Sample { weights: Some(&frame), ..labelled(&points, &labels) });
    for key in ["nc1", "nc2_equinorm", "nc2_equiangular", "nc2_etf_distance", "nc3", "seli_distance"] {
        close(&measured, key, 0.0, 2e-6);
    }
    assert_eq!(measured.get("nc1"), Some(0.0));
    for key in ["nc4", "accuracy", "ncc_accuracy"] {
        close(&measured, key, 1.0, 0.0);
    }
    let angle = (-0.25_f64).acos().to_degrees();
    close(&measured, "min_class_angle_deg", angle, 1e-4);
    close(&measured, "min_centred_angle_deg", angle, 1e-4);
    close(&measured, "mean_within_angle_deg", 0.0, 1e-5);
    close(&measured, "mean_abs_class_cos", 0.25, 1e-6);
    close(&measured, "alignment", 0.0, 1e-12);
    close(&measured, "effective_rank", 4.0, 1e-5);
    close(&measured, "effective_rank_means", 4.0, 1e-5);
    close(&measured, "norm_mean", 1.0, 1e-6);
    close(&measured, "norm_cv", 0.0, 1e-6);
    // 20 rows: 190 pairs, of which 30 coincide; the others have ‖u − u'‖² = 2 + 2/4.
    close(&measured, "uniformity", ((30.0 + 160.0 * (-5.0_f64).exp()) / 190.0).ln(), 1e-5);
    assert!(measured.note("fisher_ratio").unwrap().contains("no within-class scatter"));
}

#[test]
fn the_simplex_is_the_most_uniform_of_few_points() {
    // N ≤ d + 1: −2tN/(N−1) with t = 2.
    let measured = measure(&Sample::of_points(&frames::simplex(7, 6).unwrap()));
    close(&measured, "uniformity", -4.0 * 7.0 / 6.0, 1e-6);
    // The cross-polytope of N = 2d: log[((2d−2)e^(−2t) + e^(−4t))/(2d−1)].
    let measured = measure(&Sample::of_points(&frames::cross_polytope(6, 3).unwrap()));
    close(&measured, "uniformity", ((4.0 * (-4.0_f64).exp() + (-8.0_f64).exp()) / 5.0).ln(), 1e-12);
}

#[test]
fn an_orthonormal_frame_is_orthogonal_and_centred_a_simplex() {
    let frame = frames::orthogonal(5, 5).unwrap();
    let (points, labels) = collapsed(&frame, 3);
    let measured = measure(&labelled(&points, &labels));
    close(&measured, "mean_abs_class_cos", 0.0, 1e-12);
    close(&measured, "min_class_angle_deg", 90.0, 1e-9);
    close(&measured, "nc2_etf_distance", 0.0, 1e-12);
    close(&measured, "effective_rank", 5.0, 1e-9);
    close(&measured, "effective_rank_means", 4.0, 1e-9);
}

#[test]
fn two_antipodal_classes() {
    let (points, labels) = collapsed(&frames::antipodal(2, 3).unwrap(), 2);
    let measured = measure(&labelled(&points, &labels));
    close(&measured, "min_class_angle_deg", 180.0, 1e-9);
    close(&measured, "nc2_equiangular", 0.0, 1e-12);
    close(&measured, "effective_rank", 1.0, 1e-12);
    // Two of the six pairs coincide, four are opposite at squared distance 4.
    close(&measured, "uniformity", ((2.0 + 4.0 * (-8.0_f64).exp()) / 6.0).ln(), 1e-12);
}

#[test]
fn scatter_by_hand() {
    // Class means ±3, rows at ±1 around them: Sw = 1, Sb = 9.
    let points = Matrix::new(4, 1, vec![2.0, 4.0, -2.0, -4.0]);
    let measured = measure(&labelled(&points, &[10, 10, 20, 20]));
    close(&measured, "nc1", 1.0 / 18.0, 1e-15);
    close(&measured, "fisher_ratio", 9.0, 1e-12);
    close(&measured, "alignment", 0.0, 1e-15);
    close(&measured, "norm_mean", 3.0, 1e-15);
}

#[test]
fn what_is_missing_is_said() {
    let points = Matrix::from_fn(3, 2, |i, j| (i + 2 * j) as f32 + 1.0);
    let bare = measure(&Sample::of_points(&points));
    assert_eq!(bare.note("nc1"), Some("there are no labels"));
    assert_eq!(bare.note("nc3"), Some("there are no class weights"));
    for key in ["uniformity", "effective_rank", "norm_mean", "norm_cv"] {
        assert!(bare.get(key).is_some(), "{key} needs no labels");
    }
    let one_class = measure(&labelled(&points, &[4, 4, 4]));
    assert_eq!(one_class.note("nc2_equinorm"), Some("only one class is present, and this compares classes"));
    assert!(one_class.get("mean_within_angle_deg").is_some() && one_class.get("alignment").is_some());
    let singles = measure(&labelled(&points, &[1, 2, 3]));
    assert!(singles.note("alignment").is_some() && singles.note("fisher_ratio").is_some());
    assert_eq!(singles.get("nc1"), Some(0.0));
    let same = Matrix::from_fn(4, 2, |_, j| 0.1 + j as f32);
    let coincide = measure(&labelled(&same, &[0, 0, 1, 1]));
    assert_eq!(coincide.note("nc1"), Some("all class means coincide, so there is no between-class scatter"));
    let broken = Matrix::new(2, 1, vec![1.0, f32::NAN]);
    assert_eq!(
        measure(&Sample::of_points(&broken)).note("norm_mean"),
        Some("row 1 holds a number that is not finite")
    );
}

#[test]
fn cheap_metrics_are_the_same_numbers() {
    let points = Matrix::from_fn(30, 4, |i, j| ((i * 5 + j * 3) % 7) as f32 - 2.5);
    let labels: Vec<u32> = (0..30).map(|i| i % 3).collect();
    let (all, cheap) = (measure(&labelled(&points, &labels)), measure_cheap(&labelled(&points, &labels)));
    assert!(cheap.values.len() < all.values.len() && cheap.get("nc1").is_some());
    for (key, value) in &cheap.values {
        assert_eq!(*value, all.get(key), "{key}");
    }
}

#[test]
fn what_is_too_much_work_is_sampled_near_the_truth_and_says_so() {
    // 600 classes of three rows each around directions of their own.
    let noise = |i: usize, k: usize| 0.2 * seeded::Seeded(5).normal((i * 8 + k) as u64);
    let centre = |c: usize, k: usize| seeded::Seeded(6).normal((c * 8 + k) as u64);
    let points = Matrix::from_fn(1800, 8, |i, k| (centre(i / 3, k) + noise(i, k)) as f32);
    let weights = Matrix::from_fn(600, 8, |c, k| centre(c, k) as f32);
    let labels: Vec<u32> = (0..1800).map(|i| i / 3).collect();
    let sample = Sample { weights: Some(&weights), cosine_scores: true, ..labelled(&points, &labels) };
    let whole = measure(&sample);
    // 300 rows or classes make 44,850 pairs of eight multiplications.
    let some = measure_where(&sample, Effort { pairs: 45_000 * 8, rows: 45_000 * 8 }, |_| true);
    assert!(whole.notes.is_empty(), "{:?}", whole.notes);
    for metric in METRICS {
        assert_eq!(some.is_sampled(metric.key), metric.over != Over::Rows, "{}", metric.key);
        assert!(!whole.is_sampled(metric.key));
        if metric.over == Over::Rows {
            assert_eq!(some.get(metric.key), whole.get(metric.key), "{}", metric.key);
        }
    }
    assert_eq!(
        some.note("uniformity"),
        Some("from a sample: the pairs among 300 of 1800 rows, evenly drawn")
    );
    assert_eq!(some.note("accuracy"), Some("from a sample: 75 of 1800 rows, evenly drawn"));
    assert!(some.note("min_class_angle_deg").unwrap().ends_with("the smallest of all is at most this"));
    for (key, share) in [
        ("uniformity", 0.03),
        ("mean_abs_class_cos", 0.05),
        ("nc2_equiangular", 0.05),
        ("nc2_etf_distance", 0.05),
        ("seli_distance", 0.05),
        ("accuracy", 0.1),
        ("ncc_accuracy", 0.1),
        ("nc4", 0.1),
    ] {
        let value = whole.get(key).unwrap();
        close(&some, key, value, share * value.abs());
    }
    assert!(some.get("min_class_angle_deg") >= whole.get("min_class_angle_deg"));
}

#[test]
fn the_same_bits_whatever_the_thread_count() {
    let points = Matrix::from_fn(1500, 20, |i, j| ((i * 37 + j * 101 + i * j * 13) % 97) as f32 - 48.2);
    let labels: Vec<u32> = (0..1500).map(|i| (i * i) as u32 % 37).collect();
    let weights = Matrix::from_fn(40, 20, |i, j| ((i * 7 + j * 11) % 13) as f32 - 6.0);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| measure(&Sample { weights: Some(&weights), ..labelled(&points, &labels) }))
    };
    let (one, three) = (on(1), on(3));
    assert!(one.notes.is_empty(), "{:?}", one.notes);
    for ((key, a), (_, b)) in one.values.iter().zip(&three.values) {
        assert_eq!(a.map(f64::to_bits), b.map(f64::to_bits), "{key}");
    }
}

/// Numbers of every size, many of them equal or zero.
fn number() -> impl Strategy<Value = f32> {
    prop_oneof![
        3 => Just(0.0_f32),
        3 => Just(1.0_f32),
        1 => Just(1e30_f32),
        1 => Just(-3.4e38_f32),
        1 => Just(1e-45_f32),
        1 => Just(f32::INFINITY),
        8 => -2.0_f32..2.0,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_metric_is_finite_or_explained(
        (rows, cols, classes) in (0_usize..12, 0_usize..6, 1_u32..6),
        numbers in prop::collection::vec(number(), 200),
        labels in prop::collection::vec(0_u32..1000, 12),
        cosine_scores in any::<bool>(),
    ) {
        let points = Matrix::from_fn(rows, cols, |i, j| numbers[(i * 6 + j) % 200]);
        let weights = Matrix::from_fn(classes as usize, cols, |i, j| numbers[(100 + i * 6 + j) % 200]);
        let labels: Vec<u32> = labels.iter().take(rows).map(|label| label % classes).collect();
        let bias = vec![0.5; classes as usize];
        let sample = Sample {
            weights: Some(&weights),
            bias: Some(&bias),
            cosine_scores,
            ..labelled(&points, &labels)
        };
        let measured = measure(&sample);
        prop_assert_eq!(measured.values.len(), METRICS.len());
        for (key, value) in &measured.values {
            match value {
                Some(value) => prop_assert!(value.is_finite() && measured.note(key).is_none(), "{key} = {value}"),
                None => prop_assert!(measured.note(key).is_some_and(|note| note.len() > 10), "{key}"),
            }
        }
        let shares = ["accuracy", "ncc_accuracy", "nc4"];
        prop_assert!(shares.iter().all(|key| measured.get(key).is_none_or(|x| (0.0..=1.0).contains(&x))));
        let _ = angles::histogram(&points, Some(&labels), 18, 20);
    }
}
