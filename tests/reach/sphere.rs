//! Losses of cosines: normface and its margins.

use super::trial::{Trial, number};

pub(crate) fn margins(trial: &Trial) {
    for classes in [3, 4, 10] {
        for scale in [4, 6] {
            for (name, variant, frame) in
                [("normface", "", 0.01), ("cosface", "", 0.01), ("arcface", ", variant=hard", 0.05)]
            {
                let options = format!("--classes {classes} --dim {} --steps 6000", 2 * classes);
                let done = trial.run(&format!("{name}(scale={scale}{variant})"), &options);
                let what = format!("{name} C={classes} s={scale}");
                trial.floor(&what, &done, 1e-5);
                trial.below(
                    &format!("{what}, to the simplex"),
                    number(&done, "metrics.nc2_etf_distance"),
                    frame,
                );
            }
        }
    }
}

/// At the loss's own scale of 64 and at one where frames finish.
pub(crate) fn left_behind(trial: &Trial) {
    for scale in [64, 4] {
        for variant in ["exact", "hard"] {
            let objective = format!("arcface(scale={scale}, variant={variant})");
            let mut stuck = 0;
            for seed in 0..3 {
                let done = trial.run(&objective, &format!("--classes 4 --dim 3 --seed {seed}"));
                let what = format!("{objective} C=4 d=3 seed {seed}");
                if number(&done, "loss") - number(&done, "floor") > 1e-3 {
                    stuck += 1;
                    trial.says(&what, &done["notes"]["loss"], "past π − m = 2.642");
                } else {
                    trial.floor(&what, &done, 1e-4);
                }
            }
            println!("         {objective} C=4 d=3: rows are left behind from {stuck} of 3 seeds");
            let done = trial.run(&objective, "--classes 3 --dim 2");
            let what = format!("{objective} C=3 d=2");
            trial.says(&what, &done["notes"]["loss"], "past π − m = 2.642");
            trial.says(&what, &done["notes"]["loss"], "on a circle rows cannot pass each other");
        }
    }
}

pub(crate) fn large_scale(trial: &Trial) {
    let done = trial.run("normface(scale=16)", "");
    trial.floor("normface s=16", &done, 1e-4);
    trial.says("normface s=16", &done["notes"]["loss"], "too small for the frame to finish");
}
