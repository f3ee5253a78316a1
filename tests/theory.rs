//! What is proved about losses, reached by runs from random starts with the defaults of the command line.
#![expect(clippy::unwrap_used, reason = "a test file: what fails here is the test")]

use std::process::Command;

use serde_json::Value;

/// What `losslab run --json` prints.
fn run(objective: &str, options: &str) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_losslab"));
    command.args(["run", "--engine", "cpu", "--json", "--objective", objective]);
    let output = command.args(options.split_whitespace()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{objective} {options}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

fn number(value: &Value, path: &str) -> f64 {
    let found = path.split('.').fold(value, |value, key| &value[key]);
    found.as_f64().unwrap_or_else(|| panic!("{path} of {value}"))
}

fn numbers(value: &Value, path: &str) -> Vec<f64> {
    let found = path.split('.').fold(value, |value, key| &value[key]);
    found
        .as_array()
        .unwrap_or_else(|| panic!("{path} of {value}"))
        .iter()
        .map(|x| x.as_f64().unwrap())
        .collect()
}

/// How far a run ends above its floor; below it only by rounding.
fn gap(done: &Value) -> f64 {
    let gap = number(done, "loss") - number(done, "floor");
    assert!(gap > -2e-6, "below the floor: {done}");
    gap
}

fn reaches(done: &Value, tolerance: f64) {
    let gap = gap(done);
    assert!(gap < tolerance, "{gap:.2e} above the floor: {done}");
}

fn note<'a>(done: &'a Value, key: &str) -> &'a str {
    done["notes"][key].as_str().unwrap_or_default()
}

#[test]
fn margin_losses_reach_their_floors_at_the_simplex() {
    for classes in [3, 4, 10] {
        for scale in [4, 6] {
            for (name, variant, frame) in
                [("normface", "", 0.01), ("cosface", "", 0.01), ("arcface", ", variant=hard", 0.05)]
            {
                let options =
                    format!("--classes {classes} --per-class 10 --dim {} --steps 6000", 2 * classes);
                let done = run(&format!("{name}(scale={scale}{variant})"), &options);
                reaches(&done, 1e-5);
                assert!(
                    number(&done, "metrics.nc2_etf_distance") < frame,
                    "{name} {classes} {scale}: {done}"
                );
                assert_eq!(done["target"]["frame"], "simplex");
                assert!(number(&done, "target.distance") < frame, "{name} {classes} {scale}: {done}");
            }
        }
    }
}

#[test]
fn rows_left_behind_by_an_angular_margin_are_counted_and_named() {
    let mut stuck = 0;
    for seed in 0..3 {
        for variant in ["exact", "hard"] {
            let options = format!("--classes 4 --dim 3 --per-class 30 --steps 3000 --seed {seed}");
            let done = run(&format!("arcface(scale=4, variant={variant})"), &options);
            if gap(&done) > 1e-3 {
                stuck += 1;
                assert!(note(&done, "loss").contains("past π − m = 2.642"), "{done}");
                assert!(!note(&done, "loss").contains("on a circle"), "{done}");
            } else {
                assert!(note(&done, "loss").is_empty(), "{done}");
            }
        }
    }
    assert!(stuck > 0, "some seed leaves rows behind in three dimensions");
    for variant in ["exact", "hard"] {
        let done = run(&format!("arcface(scale=4, variant={variant})"), "--classes 3 --dim 2 --steps 3000");
        assert!(gap(&done) > 0.1, "{done}");
        let words = note(&done, "loss");
        let counted: usize = words.split(' ').next().unwrap().parse().unwrap();
        assert!(counted > 0 && words.contains("on a circle rows cannot pass each other"), "{words}");
    }
}

#[test]
fn a_large_scale_reaches_its_floor_and_says_why_the_frame_does_not_follow() {
    let done = run("normface(scale=16)", "--dim 8 --per-class 20 --steps 3000");
    reaches(&done, 1e-4);
    assert!(number(&done, "metrics.nc2_etf_distance") > 0.05, "{done}");
    assert!(note(&done, "loss").contains("at scale 16 is too small for the frame to finish"), "{done}");
}

/// C = 10, n = 20, d = 16, both decays at this value.
fn softmax_at(decay: f64, steps: usize) -> Value {
    let options = format!(
        "--classes 10 --per-class 20 --dim 16 --weight-decay {decay} --weight-decay-weights {decay} --steps {steps}"
    );
    run("softmax", &options)
}

#[test]
fn decayed_softmax_ends_at_its_closed_form_with_its_certificate() {
    let done = softmax_at(5e-3, 3000);
    reaches(&done, 1e-5);
    assert!((number(&done, "floor") - 0.944_308).abs() < 1e-6);
    assert!((number(&done, "metrics.certificate") - 1.0).abs() < 1e-3, "{done}");
    for part in ["means", "weights"] {
        let seen = numbers(&done, &format!("target.lengths.{part}"));
        let predicted = numbers(&done, &format!("target.lengths.{part}_predicted"));
        assert_eq!(seen.len(), 10);
        for (seen, predicted) in seen.iter().zip(&predicted) {
            assert!((seen / predicted - 1.0).abs() < 1e-3, "{part}: {seen} {predicted}");
        }
    }
}

#[test]
fn everything_collapses_past_the_threshold_and_not_before() {
    // C·ε = C·√n·λ.
    let at = |product: f64| softmax_at(product / (10.0 * 20f64.sqrt()), 4000);
    let gone = at(1.1);
    reaches(&gone, 1e-6);
    let size =
        |done: &Value| numbers(done, "target.lengths.weights").iter().map(|x| x * x).sum::<f64>().sqrt();
    assert!(size(&gone) < 0.01, "{}", size(&gone));
    assert_eq!(gone["target"]["frame"], "origin");
    assert!((number(&gone, "floor") - 10f64.ln()).abs() < 1e-12);
    let there = at(0.9);
    reaches(&there, 1e-6);
    let predicted = numbers(&there, "target.lengths.weights_predicted");
    let predicted = predicted.iter().map(|x| x * x).sum::<f64>().sqrt();
    assert!((size(&there) / predicted - 1.0).abs() < 1e-2, "{} {predicted}", size(&there));
    let threshold = &there["thresholds"].as_array().unwrap()[0];
    assert_eq!(threshold["knob"], "weight-decay");
    // λ_H* = n/(N²·λ_W).
    let lambda = 0.9 / (10.0 * 20f64.sqrt());
    assert!((threshold["value"].as_f64().unwrap() * lambda * 40_000.0 / 20.0 - 1.0).abs() < 1e-9);
}

#[test]
fn squared_error_ends_at_three_frames_by_its_bias() {
    let decay = "--dim 8 --weight-decay 1e-3 --weight-decay-weights 1e-3 --steps 3000 --per-class 20";
    let bare = run("mse", &format!("{decay} --bias false"));
    let free = run("mse", decay);
    let held = run("mse", &format!("{decay} --weight-decay-bias 0.1"));
    for (done, frame) in [(&bare, "orthogonal frame"), (&free, "simplex"), (&held, "convex optimum")] {
        reaches(done, 1e-6);
        assert_eq!(done["target"]["frame"], frame);
        assert!(number(done, "target.distance") < 1e-3, "{done}");
    }
    let cosine = |done: &Value| number(done, "metrics.min_class_angle_deg").to_radians().cos();
    assert!(cosine(&bare).abs() < 1e-3 && (cosine(&free) + 1.0 / 3.0).abs() < 1e-3, "{bare} {free}");
    // ((s1 − s0)/C)/(s0 + (s1 − s0)/C), s0 = √n − Nθ, s1 = √n − Nθ(1 + λ_b)/λ_b, N = 80, θ = 1e-3.
    let (s0, s1) = (20f64.sqrt() - 0.08, 20f64.sqrt() - 0.08 * 11.0);
    let between = (s1 - s0) / 4.0 / (s0 + (s1 - s0) / 4.0);
    assert!((cosine(&held) - between).abs() < 1e-3, "{} {between}", cosine(&held));
    assert!(between < -0.02 && between > -0.3);
}

#[test]
fn squared_error_keeps_or_loses_classes_by_their_size() {
    // N = 2·(30 + 3) = 66: the small class of 3 goes at θ² = 3/66².
    for (share, gone) in [(0.5f64, false), (1.3, true)] {
        let decay = share * (3.0f64 / 66f64.powi(2)).sqrt();
        let options = format!(
            "--bias false --per-class 30 --imbalance 10 --imbalance-kind step --dim 6 --weight-decay {decay} \
             --weight-decay-weights {decay} --steps 4000"
        );
        let done = run("mse", &options);
        reaches(&done, 1e-6);
        let seen = numbers(&done, "target.lengths.weights");
        let predicted = numbers(&done, "target.lengths.weights_predicted");
        for (k, n) in [30f64, 30.0, 3.0, 3.0].into_iter().enumerate() {
            let square = (n.sqrt() - 66.0 * decay).max(0.0);
            assert!((predicted[k].powi(2) - square).abs() < 1e-9);
            assert!(
                (seen[k].powi(2) - square).abs() < 1e-3 * square.max(1e-3),
                "{k}: {} {square}",
                seen[k].powi(2)
            );
            assert_eq!(square == 0.0, gone && n < 4.0);
        }
        assert_eq!(done["target"]["frame"], "general orthogonal frame");
    }
}

/// ‖w_2 − w_3‖ of the run, from the file it leaves.
fn minority_distance(share: f64) -> (f64, Value) {
    let decay = share * 5f64.sqrt() / 110.0;
    let folder = tempfile::tempdir().unwrap();
    let options = format!(
        "--class-sizes 50,50,5,5 --dim 8 --weight-decay {decay} --weight-decay-weights {decay} --steps 4000 --out {}",
        folder.path().display()
    );
    let done = run("softmax", &options);
    let state = losslab::data::read(&folder.path().join("final.npz"), &losslab::data::ReadOptions::default());
    let weights = state.unwrap().weights.unwrap();
    let apart = weights.row(2).iter().zip(weights.row(3)).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>();
    (apart.sqrt(), done)
}

#[test]
fn minority_weights_merge_at_the_predicted_decay() {
    let (apart, merged) = minority_distance(1.1);
    reaches(&merged, 1e-5);
    assert!(apart < 1e-2, "{apart}");
    let (apart, split) = minority_distance(0.9);
    reaches(&split, 1e-5);
    assert!(apart > 0.5, "{apart}");
    assert!(number(&split, "target.distance") < 1e-2, "{split}");
    assert!((number(&split, "metrics.certificate") - 1.0).abs() < 1e-3, "{split}");
    assert_eq!(split["thresholds"][0]["from_there"], "classes of 5 rows merge");
}

#[test]
fn imbalance_and_moved_labels_have_floors_too() {
    for options in [
        "--imbalance 10 --classes 5",
        "--imbalance 4 --imbalance-kind step --classes 6",
        "--label-noise 0.2 --classes 4",
    ] {
        for (objective, more) in
            [("softmax", ""), ("balanced-softmax", ""), ("mse", "--weight-decay-bias 0.2")]
        {
            let options = format!(
                "{options} {more} --per-class 20 --dim 8 --weight-decay 4e-3 --weight-decay-weights 4e-3 --steps 4000"
            );
            let done = run(objective, &options);
            reaches(&done, 1e-5);
            assert_eq!(done["target"]["frame"], "convex optimum", "{objective} {options}");
            assert!(number(&done, "target.distance") < 0.02, "{objective} {options}: {done}");
        }
    }
}

#[test]
fn pair_losses_reach_their_floors() {
    for (objective, options) in [
        ("supcon", "--dim 8 --per-class 12 --steps 5000"),
        ("supcon(temperature=0.5)", "--dim 3 --per-class 12 --steps 3000"),
        ("cacr(positives=class)", "--dim 8 --per-class 12 --steps 3000"),
        ("cacr", "--classes 2 --per-class 3 --views 2 --dim 8 --steps 4000"),
        ("nt-xent", "--classes 2 --per-class 4 --views 2 --dim 7 --steps 4000"),
        ("uniformity", "--classes 1 --per-class 4 --dim 3"),
        ("uniformity", "--classes 1 --per-class 6 --dim 3"),
        ("uniformity", "--classes 1 --per-class 12 --dim 3"),
        ("uniformity", "--classes 1 --per-class 7 --dim 2 --steps 4000"),
        ("riesz(power=2)", "--classes 1 --per-class 7 --dim 2 --steps 4000"),
    ] {
        let done = run(objective, options);
        reaches(&done, 1e-4);
        // At a small temperature the loss is at its floor long before the frame is.
        let near = if objective == "supcon" { 0.2 } else { 0.05 };
        assert!(number(&done, "target.distance") < near, "{objective} {options}: {done}");
    }
}

#[test]
fn the_three_forms_of_opl_end_in_three_places() {
    let end = |variant: &str, dim: usize| {
        run(&format!("opl(variant={variant})"), &format!("--dim {dim} --per-class 12 --steps 3000"))
    };
    for dim in [4, 2] {
        reaches(&end("mean", dim), 1e-5);
        let signed = end("signed", dim);
        assert!((number(&signed, "floor") + 0.5 / 3.0).abs() < 1e-12);
        reaches(&signed, 1e-5);
        assert_eq!(signed["target"], Value::Null, "any mean of zero will do");
    }
    let abs = end("abs", 4);
    reaches(&abs, 1e-5);
    assert!(number(&abs, "metrics.mean_abs_class_cos") < 1e-3, "orthogonal: {abs}");
    assert_eq!(abs["target"]["frame"], "orthogonal frame");
    // Four classes on two axes: two pairs of six at |cos| = 1, γ·2·2/12.
    let crowded = end("abs", 2);
    assert!((number(&crowded, "loss") - 0.5 * 4.0 / 12.0).abs() < 1e-4, "{crowded}");
    assert!(crowded["floor"].is_null() && note(&crowded, "floor").contains("least known value 0.166667"));
}

#[test]
fn scattering_is_satisfied_with_a_cloud_and_with_two_clumps() {
    let cloud = run("scattering", "--per-class 25 --dim 8");
    let clumps = run("scattering", "--per-class 25 --dim 8 --init antipodal");
    for done in [&cloud, &clumps] {
        assert!((number(done, "loss") + 1.0).abs() < 1e-6, "{done}");
        assert_eq!(done["target"], Value::Null);
    }
    let rank = |done: &Value| number(done, "metrics.effective_rank");
    assert!(rank(&cloud) > 7.0 && rank(&clumps) < 1.5, "{} {}", rank(&cloud), rank(&clumps));
}

#[test]
fn charges_find_the_energies_of_thomsons_problem() {
    for (n, energy) in [(4, 3.674_235), (6, 9.985_281), (12, 49.165_253), (32, 412.261_275)] {
        let pairs = f64::from(n * (n - 1)) / 2.0;
        let at = |seed: u64| {
            run("riesz(power=1)", &format!("--classes 1 --per-class {n} --dim 3 --steps 3000 --seed {seed}"))
        };
        let least = (0..10).map(|seed| number(&at(seed), "loss") * pairs).fold(f64::INFINITY, f64::min);
        assert!((least / energy - 1.0).abs() < 1e-6, "{n}: {least} {energy}");
    }
}

#[test]
fn points_that_repel_steeply_find_the_best_known_codes() {
    for (n, angle) in
        [(5, 90.0), (6, 90.0), (7, 77.869), (8, 74.858), (9, 70.529), (10, 66.146), (12, 63.435)]
    {
        let at = |seed: u64| {
            let options = format!("--classes {n} --per-class 1 --dim 3 --steps 3000 --seed {seed}");
            number(&run("uniformity(t=40)", &options), "metrics.min_class_angle_deg")
        };
        let best = (0..4).map(at).fold(0.0, f64::max);
        assert!(best > angle - 1.5 && best < angle + 0.01, "{n}: {best} {angle}");
    }
    let crowded = run("normface(scale=16)", "--classes 6 --dim 3 --per-class 5 --steps 10");
    assert!(crowded["floor"].is_null());
    assert!(note(&crowded, "floor").contains("C = 6 > d + 1 = 4"), "{crowded}");
    assert!(note(&crowded, "floor").ends_with("best known angle 90°"), "{crowded}");
}

#[test]
fn imbalanced_weights_come_nearer_to_seli_as_decay_falls() {
    let mut last = f64::INFINITY;
    for (decay, want) in [("1e-2", 0.116), ("1e-3", 0.073), ("1e-4", 0.054), ("1e-5", 0.044), ("1e-6", 0.036)]
    {
        let options = format!(
            "--class-sizes 8,8,2,2 --dim 4 --bias false --weight-decay {decay} --weight-decay-weights {decay} \
             --steps 20000"
        );
        let done = run("softmax", &options);
        let distance = number(&done, "metrics.seli_distance");
        assert!((distance - want).abs() < 1.5e-3 && distance < last, "{decay}: {distance}");
        reaches(&done, 1e-6);
        last = distance;
    }
}
