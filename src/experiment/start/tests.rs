//! Starts one can check by hand: sizes, labels, clumps, files.

use std::path::PathBuf;

use super::synthetic::class_sizes;
use super::*;
use crate::data::write::{features_arrays, write_npz};
use crate::experiment::{EngineKind, ImbalanceKind, Init, expression};
use crate::features::Features;

fn run(experiment: &Experiment) -> Start {
    start(experiment, Asker::Run).unwrap()
}

fn refused(experiment: &Experiment) -> String {
    start(experiment, Asker::Run).unwrap_err().to_string()
}

fn objective(text: &str) -> Experiment {
    Experiment { objective: expression::parse(text).unwrap(), ..Experiment::default() }
}

#[test]
fn the_default_is_four_classes_of_fifty_on_the_sphere() {
    let start = run(&Experiment::default());
    assert_eq!((start.state.features.value.rows, start.state.features.value.cols), (200, 3));
    assert!(start.problem.sphere && start.state.bias.is_none());
    assert!(start.state.features.value.norms().iter().all(|norm| (norm - 1.0).abs() < 1e-6));
    assert_eq!((start.rate, start.schedule), (0.05, Schedule::Cosine));
    let lab = super::start(&Experiment::default(), Asker::Lab).unwrap();
    assert_eq!((lab.rate, lab.schedule), (0.02, Schedule::Constant));
    assert_eq!(lab.state, start.state);
    assert_eq!(run(&start.experiment), start, "the filled experiment gives the same run");
}

#[test]
fn sizes_fall_as_section_nine_says() {
    let sizes = |kind, classes, per_class, imbalance| {
        class_sizes(&Experiment {
            classes: Some(classes),
            per_class: Some(per_class),
            imbalance,
            imbalance_kind: kind,
            ..Experiment::default()
        })
    };
    assert_eq!(sizes(ImbalanceKind::Step, 5, 50, 4.0), [50, 50, 50, 13, 13], "12.5 rounds up");
    assert_eq!(sizes(ImbalanceKind::Exponential, 3, 100, 100.0), [100, 10, 1]);
    assert_eq!(sizes(ImbalanceKind::Exponential, 3, 10, 1000.0), [10, 1, 1], "at least one");
    assert_eq!(sizes(ImbalanceKind::Exponential, 1, 10, 10.0), [10]);
}

#[test]
fn a_raw_objective_is_free_and_has_a_bias_unless_told_otherwise() {
    let start = run(&objective("softmax"));
    assert!(!start.problem.sphere);
    assert_eq!(start.state.bias.unwrap().value.data, [0.0; 4]);
    let without = run(&Experiment { bias: Some(false), ..objective("softmax") });
    assert!(without.state.bias.is_none());
    let mixed = run(&objective("softmax + normface"));
    assert!(!mixed.problem.sphere, "one raw term is enough");
    let forced = run(&Experiment { constraint: Some(Constraint::Sphere), ..objective("softmax") });
    assert!(forced.problem.sphere);
}

#[test]
fn label_noise_moves_exactly_its_share_to_other_classes() {
    let start = run(&Experiment { label_noise: 0.3, views: 2, ..Experiment::default() });
    let moved: Vec<usize> = (0..400).filter(|&i| start.truth[i] != start.problem.labels[i]).collect();
    assert_eq!(moved.len(), 120, "60 of 200 instances with two rows each");
    assert!(moved.chunks(2).all(|pair| pair[0] + 1 == pair[1]), "views move together");
    assert!(!start.case.clean);
    let all = run(&Experiment { label_noise: 1.0, classes: Some(2), ..Experiment::default() });
    assert!(all.truth.iter().zip(&all.problem.labels).all(|(a, b)| a + b == 1));
}

#[test]
fn starts_lie_where_they_should() {
    let free =
        |init, views| Experiment { init, views, init_scale: 3.0, dim: Some(8), ..objective("softmax") };
    let distance =
        |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| f64::from(x - y).powi(2)).sum::<f64>().sqrt();
    let rows = |start: &Start, i: usize| start.state.features.value.row(i).to_vec();
    let collapsed = run(&free(Init::Collapsed, 1));
    assert!(distance(&rows(&collapsed, 0), &rows(&collapsed, 49)) < 0.15);
    assert!(distance(&rows(&collapsed, 0), &rows(&collapsed, 50)) > 1.0);
    let antipodal = run(&free(Init::Antipodal, 1));
    let opposite: Vec<f32> = rows(&antipodal, 1).iter().map(|x| -x).collect();
    assert!(distance(&rows(&antipodal, 0), &opposite) < 0.15);
    assert!(distance(&rows(&antipodal, 0), &rows(&antipodal, 2)) < 0.15);
    let views = run(&free(Init::Gaussian, 2));
    let apart = distance(&rows(&views, 0), &rows(&views, 1));
    assert!((0.1..3.0).contains(&apart), "0.3·√16 = 1.2 is expected, {apart} found");
    let (once, again) = (run(&free(Init::Gaussian, 1)), run(&free(Init::Gaussian, 1)));
    assert_eq!(once.state, again.state);
    assert_ne!(once.state, run(&Experiment { seed: 1, ..free(Init::Gaussian, 1) }).state);
}

/// A file of three points in the plane, and the experiment that starts from it.
fn from_file(change: impl FnOnce(&mut Features), text: &str) -> (tempfile::TempDir, Experiment) {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("f.npz");
    let mut features = Features {
        points: Matrix::new(3, 2, vec![2.0, 0.0, 0.0, 4.0, 0.0, 6.0]),
        labels: Some(vec![7, 3, 3]),
        ..Features::default()
    };
    change(&mut features);
    write_npz(&path, &features_arrays(&features)).unwrap();
    (folder, Experiment { source: Source::File(path), ..objective(text) })
}

#[test]
fn a_file_starts_as_given_with_dense_labels_and_class_means() {
    let (_folder, experiment) = from_file(|_| {}, "softmax");
    let start = run(&experiment);
    assert_eq!(start.state.features.value.data, [2.0, 0.0, 0.0, 4.0, 0.0, 6.0]);
    assert_eq!(start.problem.labels, [1, 0, 0]);
    assert_eq!(start.label_names, ["3", "7"]);
    // The mean length is 4, so both class means point to their class with length 4.
    assert_eq!(start.state.weights.value.data, [0.0, 4.0, 4.0, 0.0]);
    assert_eq!(run(&start.experiment).state, start.state);
    let wrong = refused(&Experiment { dim: Some(3), ..experiment.clone() });
    assert_eq!(wrong, "--dim 3 contradicts the data, which have 2 dimensions");
    assert!(refused(&Experiment { classes: Some(4), ..experiment.clone() }).contains("have 2 classes"));
    assert!(refused(&Experiment { per_class: Some(4), ..experiment.clone() }).contains("synthetic"));
    assert!(refused(&Experiment { init_scale: 2.0, ..experiment }).contains("no effect"));
}

#[test]
fn with_weights_labels_are_their_row_numbers() {
    let weights = Matrix::new(9, 2, (0..18u8).map(f32::from).collect());
    let (_folder, experiment) = from_file(|f| f.weights = Some(weights.clone()), "softmax");
    let start = run(&experiment);
    assert_eq!((start.problem.labels.as_slice(), start.problem.classes), (&[7, 3, 3][..], 9));
    assert_eq!(start.state.weights.value, weights);
    assert_eq!(start.case.counts, [2, 1], "only the classes present have counts");
    let (_folder, experiment) = from_file(|f| f.weights = Some(Matrix::zeros(5, 2)), "softmax");
    assert!(refused(&experiment).contains("\"labels\" holds 7 in row 0"));
}

#[test]
fn without_labels_the_error_lists_what_runs() {
    let (_folder, experiment) = from_file(|f| f.labels = None, "softmax");
    assert!(refused(&experiment).starts_with("softmax needs labels and the data have none; without labels "));
}

#[test]
fn sizes_beyond_memory_are_refused_at_once() {
    for experiment in [
        Experiment { per_class: Some(usize::MAX), ..Experiment::default() },
        Experiment { classes: Some(usize::MAX), ..Experiment::default() },
        Experiment { dim: Some(usize::MAX), ..Experiment::default() },
        Experiment { views: usize::MAX, ..Experiment::default() },
        Experiment { class_sizes: Some(vec![usize::MAX, 2]), ..Experiment::default() },
    ] {
        assert!(refused(&experiment).contains("--max-array-bytes"), "{experiment:?}");
    }
}

#[test]
fn settings_without_effect_are_refused_in_a_run_and_noticed_in_the_lab() {
    let experiment = Experiment { momentum: 0.5, ..Experiment::default() };
    assert!(refused(&experiment).contains("--optimizer sgd"));
    assert_eq!(start(&experiment, Asker::Lab).unwrap().notices.len(), 1);
}

#[test]
fn the_engine_is_the_one_asked_for() {
    let start = run(&Experiment { per_class: Some(2), ..Experiment::default() });
    for (kind, name) in
        [(EngineKind::Auto, "cpu"), (EngineKind::Cpu, "cpu"), (EngineKind::Reference, "reference")]
    {
        let experiment = Experiment { engine: kind, ..Experiment::default() };
        let (engine, _) = engine(&experiment, &start.problem, start.state.clone()).unwrap();
        assert_eq!(engine.name(), name);
    }
}
