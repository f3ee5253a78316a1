//! Deep linear networks: four classes of ten in six dimensions without a bias, around both thresholds.

use std::io::Read;
use std::path::Path;

use losslab::data::{ReadOptions, read};
use nalgebra::DMatrix;

use super::trial::{Trial, number};

const N: f64 = 40.0;
const SEEDS: u64 = 6;

/// The decay of every matrix and of the features that makes b/n = β.
fn decay(matrices: usize, beta: f64) -> f64 {
    let m = matrices as f64;
    ((beta / (4.0 * m)).powf(m) / N).powf(1.0 / (m + 1.0))
}

/// The largest x with β = M·x^(M−1)/(x^M + 1)², by halves: above the peak the right side falls.
fn largest_root(matrices: usize, beta: f64) -> f64 {
    let m = matrices as f64;
    let right = |x: f64| m * x.powf(m - 1.0) / (x.powf(m) + 1.0).powi(2);
    // The slope changes its sign where (M − 1)(x^M + 1) = 2M·x^M.
    let (mut low, mut high) = (((m - 1.0) / (m + 1.0)).powf(1.0 / m), 100.0);
    assert!(right(low) > beta, "there is no root above the peak");
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if right(middle) > beta { low = middle } else { high = middle }
    }
    low
}

/// An array of an archive that the program's own reader leaves to others.
fn array(archive: &Path, name: &str, rows: usize) -> DMatrix<f64> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(archive).unwrap()).unwrap();
    let mut bytes = Vec::new();
    archive.by_name(&format!("{name}.npy")).unwrap().read_to_end(&mut bytes).unwrap();
    let data = &bytes[10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]))..];
    let values: Vec<f64> =
        data.chunks_exact(4).map(|b| f64::from(f32::from_le_bytes([b[0], b[1], b[2], b[3]]))).collect();
    DMatrix::from_row_slice(rows, values.len() / rows, &values)
}

/// What a run ends with.
struct End {
    loss: f64,
    /// The four largest singular values of the product of all matrices.
    values: Vec<f64>,
    /// How far the class means are from the target.
    distance: f64,
}

fn end(trial: &Trial, matrices: usize, beta: f64, seed: u64, more: &str) -> End {
    let folder = tempfile::tempdir().unwrap();
    let lambda = decay(matrices, beta);
    let options = format!(
        "--model linear --depth {matrices} --per-class 10 --dim 6 --bias false --steps 6000 --seed {seed} \
         --weight-decay {lambda} --weight-decay-weights {lambda} {more}"
    );
    let done = trial.run_into("mse", &options, folder.path());
    let file = folder.path().join("final.npz");
    let weights = read(&file, &ReadOptions::default()).unwrap().weights.unwrap();
    let mut product =
        DMatrix::from_row_iterator(weights.rows, weights.cols, weights.data.iter().map(|&x| f64::from(x)));
    for k in (0..matrices - 1).rev() {
        product *= array(&file, &format!("layer{k}"), 6);
    }
    let mut values: Vec<f64> = product.singular_values().iter().copied().collect();
    values.sort_by(|a, b| b.total_cmp(a));
    values.truncate(4);
    End { loss: number(&done, "loss"), values, distance: number(&done, "target.distance") }
}

fn farthest(values: &[f64], from: f64) -> f64 {
    values.iter().map(|value| (value - from).abs()).fold(0.0, f64::max)
}

/// The singular value and the loss of the state in which all classes stand.
fn standing(matrices: usize, beta: f64) -> (f64, f64) {
    let power = largest_root(matrices, beta).powi(matrices as i32);
    let strength = (N * decay(matrices, beta) * power).sqrt();
    (strength, 0.5 * (1.0 / (1.0 + power) + beta * largest_root(matrices, beta)))
}

fn seeds(trial: &Trial, matrices: usize, beta: f64, more: &str) -> Vec<End> {
    (0..SEEDS).map(|seed| end(trial, matrices, beta, seed, more)).collect()
}

fn best(ends: &[End]) -> &End {
    ends.iter().min_by(|a, b| a.loss.total_cmp(&b.loss)).unwrap()
}

fn row(trial: &Trial, matrices: usize, global: f64, existence: f64) {
    let beta = 0.9 * global;
    let (strength, loss) = standing(matrices, beta);
    let ends = seeds(trial, matrices, beta, "");
    let found = best(&ends);
    let what = format!("M={matrices} b/n={beta:.4} (0.9 of global), best of {SEEDS}");
    trial.near(&format!("{what}, loss"), found.loss, loss, 1e-5);
    trial.below(
        &format!("{what}, singular values off {strength:.4}"),
        farthest(&found.values, strength),
        1e-3,
    );
    trial.below(&format!("{what}, distance to the target"), found.distance, 1e-3);

    let beta = f64::midpoint(global, existence);
    let (strength, loss) = standing(matrices, beta);
    let mut ends = seeds(trial, matrices, beta, "");
    let what = format!("M={matrices} b/n={beta:.4} (between)");
    ends.sort_by(|a, b| farthest(&a.values, strength).total_cmp(&farthest(&b.values, strength)));
    trial.near(&format!("{what}, the standing state's loss"), ends[0].loss, loss, 1e-5);
    trial.below(
        &format!("{what}, singular values off {strength:.4}"),
        farthest(&ends[0].values, strength),
        1e-3,
    );
    let gone = end(trial, matrices, beta, 0, "--init-scale 0.1");
    trial.near(&format!("{what}, from --init-scale 0.1, the vanished state's loss"), gone.loss, 0.5, 1e-5);
    trial.below(
        &format!("{what}, from --init-scale 0.1, singular values"),
        farthest(&gone.values, 0.0),
        1e-3,
    );

    let beta = 1.1 * existence;
    let what = format!("M={matrices} b/n={beta:.4} (1.1 of existence)");
    let ends = seeds(trial, matrices, beta, "");
    for (seed, End { loss, values, .. }) in ends.iter().enumerate() {
        println!("         {what} seed {seed}: loss {loss:.7}, largest {:.2e}", values[0]);
    }
    let found = best(&ends);
    trial.near(&format!("{what}, best of {SEEDS}, loss"), found.loss, 0.5, 1e-5);
    trial.below(&format!("{what}, best of {SEEDS}, singular values"), farthest(&found.values, 0.0), 1e-3);
}

pub(crate) fn two(trial: &Trial) {
    row(trial, 2, 0.5, 0.649_5);
}

pub(crate) fn three(trial: &Trial) {
    row(trial, 3, 2f64.powf(2.0 / 3.0) / 3.0, 0.84);
}
