//! Losses between rows.

use super::trial::{Trial, number};

pub(crate) fn floors(trial: &Trial) {
    for (objective, options) in [
        ("supcon", ""),
        ("supcon(temperature=0.5)", ""),
        ("cacr(positives=class)", ""),
        ("cacr", "--classes 2 --per-class 3 --views 2 --dim 8"),
        ("nt-xent", "--classes 2 --per-class 4 --views 2 --dim 7"),
        ("nt-xent", "--classes 4 --per-class 8 --views 2 --dim 31"),
        ("uniformity", "--classes 1 --per-class 4"),
        ("uniformity", "--classes 1 --per-class 6"),
        ("uniformity", "--classes 1 --per-class 12"),
    ] {
        let done = trial.run(objective, options);
        let frame = done["target"]["frame"].as_str().unwrap_or("no frame").to_owned();
        trial.floor(&format!("{objective} {options} ({frame})"), &done, 1e-4);
    }
}

pub(crate) fn opl(trial: &Trial) {
    for dim in [4, 2] {
        for variant in ["mean", "signed", "abs"] {
            let what = format!("opl {variant} d={dim}");
            let done = trial.run(&format!("opl(variant={variant})"), &format!("--dim {dim}"));
            match (variant, dim) {
                ("mean", _) => trial.near(&format!("{what}, loss"), number(&done, "loss"), 0.0, 1e-5),
                ("signed", _) => {
                    trial.near(&format!("{what}, loss"), number(&done, "loss"), -0.5 / 3.0, 1e-5);
                }
                // Four classes on two axes: two pairs of six at |cos| = 1, γ·2·2/12.
                (_, 2) => trial.near(&format!("{what}, loss"), number(&done, "loss"), 0.5 / 3.0, 1e-4),
                _ => trial.near(&format!("{what}, loss"), number(&done, "loss"), 0.0, 1e-4),
            }
            let cosine = number(&done, "metrics.mean_abs_class_cos");
            match (variant, dim) {
                ("abs", 4) => trial.below(&format!("{what}, mean |cos|"), cosine, 1e-3),
                ("abs", _) => trial.near(&format!("{what}, mean |cos|"), cosine, 1.0 / 3.0, 1e-3),
                _ => println!("         {what}, mean |cos| of classes {cosine:.4}"),
            }
        }
    }
}

pub(crate) fn scattering(trial: &Trial) {
    let mut ranks = Vec::new();
    for init in ["gaussian", "antipodal"] {
        let done = trial.run("scattering", &format!("--init {init}"));
        trial.near(&format!("from {init}, loss"), number(&done, "loss"), -1.0, 1e-6);
        ranks.push(number(&done, "metrics.effective_rank"));
    }
    trial.above("from gaussian, effective rank in d = 3", ranks[0], 2.8);
    trial.above("2 less the effective rank from antipodal", 2.0 - ranks[1], 0.5);
}

pub(crate) fn riesz(trial: &Trial) {
    for (n, energy) in [(4, 3.674_235), (6, 9.985_281), (12, 49.165_253), (32, 412.261_275)] {
        let pairs = f64::from(n * (n - 1)) / 2.0;
        let at = |seed: u64| {
            let done = trial.run("riesz(power=1)", &format!("--classes 1 --per-class {n} --seed {seed}"));
            number(&done, "loss") * pairs
        };
        let least = (0..10).map(at).fold(f64::INFINITY, f64::min);
        trial.near(&format!("N = {n}, energy, best of 10 seeds"), least, energy, 1e-6 * energy);
    }
}
