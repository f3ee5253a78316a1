//! A network on real data.

use std::time::Instant;

use super::trial::{Trial, number};

pub(crate) fn digits(trial: &Trial) {
    let folder = tempfile::tempdir().unwrap();
    let start = Instant::now();
    let done = trial.run_into(
        "softmax",
        "--model mlp --data digits --depth 2 --width 128 --dim 32 --batch 128 --lr 0.005 --steps 2000 \
         --holdout 0.2 --weight-decay 5e-4 --weight-decay-weights 5e-4 --weight-decay-bias 5e-4",
        folder.path(),
    );
    let seconds = start.elapsed().as_secs_f64();
    trial.above("train accuracy", number(&done, "metrics.accuracy"), 0.995 - 1e-12);
    trial.above("held-out accuracy", number(&done, "metrics.holdout_accuracy"), 0.96 - 1e-12);
    let curves = std::fs::read_to_string(folder.path().join("curves.csv")).unwrap();
    let place = curves.lines().next().unwrap().split(',').position(|key| key == "nc1").unwrap();
    let first: f64 =
        curves.lines().skip(1).find_map(|line| line.split(',').nth(place)?.parse().ok()).unwrap();
    let last = number(&done, "metrics.nc1");
    trial.above(&format!("nc1 from {first:.3} to {last:.3}, falling by a factor of"), first / last, 3.0);
    // A software adapter is no promise about speed.
    if done["engine"] == "cpu" {
        trial.above("60 s less what it takes", 60.0 - seconds, 0.0);
    } else {
        println!("         it took {seconds:.1} s");
    }
}
