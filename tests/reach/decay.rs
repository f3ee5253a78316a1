//! Cross-entropy and squared error under decay: the unconstrained features model.

use losslab::data::{ReadOptions, read};
use serde_json::Value;

use super::trial::{Trial, length, number, numbers, worst_ratio};

/// C = 10, n = 20, d = 16, both decays at this value.
fn softmax_at(trial: &Trial, decay: f64) -> Value {
    let options =
        format!("--classes 10 --per-class 20 --dim 16 --weight-decay {decay} --weight-decay-weights {decay}");
    trial.run("softmax", &options)
}

/// The least loss and the norm ‖W‖_F of C = 10, n = 20, from ε = √n·λ.
fn closed_form(decay: f64) -> (f64, f64) {
    let eps = 20f64.sqrt() * decay;
    let gap = ((1.0 - 9.0 * eps) / eps).ln();
    let loss = -(1.0 - 9.0 * eps).ln() + 9.0 * eps * gap;
    (loss, (9.0 * 20f64.sqrt() * gap).sqrt())
}

pub(crate) fn softmax(trial: &Trial) {
    let done = softmax_at(trial, 5e-3);
    let (loss, norm) = closed_form(5e-3);
    trial.near("loss", number(&done, "loss"), loss, 1e-5);
    let rows = numbers(&done, "target.lengths.weights");
    let worst = worst_ratio(&rows, &[norm / 10f64.sqrt(); 10]);
    trial.below("class weights, off the predicted norm", worst, 1e-3);
    let means = numbers(&done, "target.lengths.means");
    // h = w·√(λ_W/(n·λ_H)).
    let worst = worst_ratio(&means, &[norm / 200f64.sqrt(); 10]);
    trial.below("class means, off the predicted norm", worst, 1e-3);
    trial.near("σ_max(G)/θ", number(&done, "metrics.certificate"), 1.0, 1e-3);
}

pub(crate) fn softmax_threshold(trial: &Trial) {
    for product in [1.1, 0.9] {
        let decay = product / (10.0 * 20f64.sqrt());
        let done = softmax_at(trial, decay);
        let norm = length(&numbers(&done, "target.lengths.weights"));
        if product > 1.0 {
            trial.below("C·ε = 1.1, ‖W‖", norm, 0.01);
            trial.near("C·ε = 1.1, loss", number(&done, "loss"), 10f64.ln(), 1e-5);
        } else {
            let (loss, want) = closed_form(decay);
            trial.below("C·ε = 0.9, ‖W‖ off the predicted norm", (norm / want - 1.0).abs(), 1e-2);
            trial.near("C·ε = 0.9, loss", number(&done, "loss"), loss, 1e-5);
        }
    }
}

pub(crate) fn mse_biases(trial: &Trial) {
    // N = 200, θ = 5e-3, √n = √50, λ_b = 0.5 at last. (At θ = 1e-3 the same takes 8000 steps.)
    let (theta, bias) = (5e-3, 0.5);
    let (root, shrink) = (50f64.sqrt(), 200.0 * theta);
    let decay = format!("--dim 8 --weight-decay {theta} --weight-decay-weights {theta}");
    let each = |s: f64| theta * s - 200.0 * theta * theta / 2.0;
    let (s0, s1) = (root - shrink, (root - shrink * (1.0 + bias) / bias).max(0.0));
    let between = (s1 - s0) / 4.0 / (s0 + (s1 - s0) / 4.0);
    for (name, more, frame, cosine) in [
        ("no bias", "--bias false", "orthogonal frame", 0.0),
        ("free bias", "", "simplex", -1.0 / 3.0),
        ("decayed bias", "--weight-decay-bias 0.5", "convex optimum", between),
    ] {
        let done = trial.run("mse", &format!("{decay} {more}"));
        trial.says(name, &done["target"]["frame"], frame);
        trial.floor(name, &done, 1e-6);
        match name {
            "no bias" => trial.near("no bias, loss", number(&done, "loss"), 4.0 * each(root), 1e-6),
            "free bias" => trial.near("free bias, loss", number(&done, "loss"), 3.0 * each(root), 1e-6),
            _ => {}
        }
        let angle = number(&done, "metrics.min_class_angle_deg");
        trial.near(&format!("{name}, cosine of classes"), angle.to_radians().cos(), cosine, 1e-3);
    }
}

pub(crate) fn mse_imbalance(trial: &Trial) {
    // N = 2·(10 + 1) = 22: the classes of one row go at θ² = 1/22².
    let all = 22.0;
    for share in [0.5f64, 0.9, 1.1] {
        let theta = share / all;
        let options = format!(
            "--bias false --per-class 10 --imbalance 10 --imbalance-kind step --dim 6 \
             --weight-decay {theta} --weight-decay-weights {theta}"
        );
        let done = trial.run("mse", &options);
        trial.floor(&format!("θ at {share} of the threshold"), &done, 1e-6);
        for (k, n) in [10f64, 10.0, 1.0, 1.0].into_iter().enumerate() {
            let want = (n.sqrt() - all * theta).max(0.0);
            let seen = numbers(&done, "target.lengths.weights")[k].powi(2);
            let what = format!("θ at {share} of the threshold, ‖w_{k}‖²");
            if want == 0.0 {
                trial.below(&format!("{what} of a class that is gone"), seen, 1e-3);
            } else {
                trial.near(&what, seen, want, 1e-3 * want);
            }
        }
    }
}

pub(crate) fn minority(trial: &Trial) {
    for share in [1.1, 0.9] {
        let decay = share * 5f64.sqrt() / 110.0;
        let folder = tempfile::tempdir().unwrap();
        let options =
            format!("--class-sizes 50,50,5,5 --weight-decay {decay} --weight-decay-weights {decay}");
        let done = trial.run_into("softmax", &options, folder.path());
        trial.floor(&format!("θ at {share} of √n_B/N"), &done, 1e-5);
        let state = read(&folder.path().join("final.npz"), &ReadOptions::default()).unwrap();
        let weights = state.weights.unwrap();
        let apart: Vec<f64> =
            weights.row(2).iter().zip(weights.row(3)).map(|(a, b)| f64::from(a - b)).collect();
        let what = format!("θ at {share} of √n_B/N, minority weights apart");
        if share > 1.0 {
            trial.below(&what, length(&apart), 1e-2);
        } else {
            trial.above(&what, length(&apart), 0.5);
        }
    }
}

pub(crate) fn seli(trial: &Trial) {
    let mut last = f64::INFINITY;
    for (decay, want) in [("1e-2", 0.116), ("1e-3", 0.073), ("1e-4", 0.054), ("1e-5", 0.044), ("1e-6", 0.036)]
    {
        let options = format!(
            "--class-sizes 8,8,2,2 --bias false --weight-decay {decay} --weight-decay-weights {decay} \
             --steps 20000"
        );
        let done = trial.run("softmax", &options);
        let distance = number(&done, "metrics.seli_distance");
        trial.near(&format!("λ = {decay}, distance to SELI"), distance, want, 1e-3);
        trial.above(&format!("λ = {decay}, nearer than at the last decade by"), last - distance, 0.0);
        last = distance;
    }
}
