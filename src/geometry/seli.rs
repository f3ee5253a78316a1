//! Distance of the class weights from SELI, the geometry that cross-entropy tends to under class imbalance when
//! the decay vanishes (Thrampoulidis, Kini, Vakilian and Behnia, 2022).
//!
//! Ẑ is the C×N matrix of one-hot columns less 1/C, V Λ Uᵀ its singular value decomposition; the Gram matrix of the class weights tends to a
//! multiple of V Λ Vᵀ. Convergence is logarithmically slow, so the distance falls but hardly ever vanishes.

use nalgebra::DMatrix;

use super::class_pairs::gram_distance;
use super::{Better, Metric, Over, Summary, Undefined, spectrum};

/// Distance of the class weights' Gram matrix from SELI's.
pub(super) const SELI_DISTANCE: Metric = Metric {
    key: "seli_distance",
    description: "distance of the class weights' normalised Gram matrix from that of the SELI geometry",
    unit: "",
    better: Better::Lower,
    cheap: false,
    over: Over::ClassPairs,
    compute: seli_distance,
};

fn seli_distance(summary: &Summary) -> Result<f64, Undefined> {
    let all = summary.weights()?;
    let (rows, sizes) = match summary.sample().class_sizes {
        Some(sizes) if sizes.len() != all.rows => {
            return Err(Undefined::at(format!(
                "there are {} class sizes for {} rows of class weights",
                sizes.len(),
                all.rows
            )));
        }
        Some(sizes) => (0..all.rows).filter(|&row| sizes[row] > 0).map(|row| (row, sizes[row])).unzip(),
        None => {
            let rows: Vec<usize> = summary.weight_rows()?.iter().map(|&row| row as usize).collect();
            (rows, summary.classes()?.counts.clone())
        }
    };
    if rows.len() < 2 {
        return Err(Undefined::because("only one class is present, and this compares classes"));
    }
    let weights = DMatrix::from_fn(all.cols, rows.len(), |i, class| f64::from(all.row(rows[class])[i]));
    if weights.amax() == 0.0 {
        return Err(Undefined::because("the class weights are all 0"));
    }
    let seli = Seli::new(&sizes)?;
    // Sizes that are handed in may be of other classes than those present: then all of them are looked at.
    let drawn = summary.drawn(Over::ClassPairs).filter(|_| summary.sample().class_sizes.is_none());
    Ok(gram_distance(&weights, drawn, |k, l| seli.entry(k, l) / seli.norm))
}

/// V Λ Vᵀ for given class sizes, kept by groups of equally large classes.
///
/// (V Λ Vᵀ)² = Ẑ Ẑᵀ = D − (n1ᵀ + 1nᵀ)/C + (N/C²) 11ᵀ with D = diag(n). A contrast inside a group of classes of
/// size n is an eigenvector with eigenvalue n; what remains is one dimension a group. So the eigenproblem has as
/// many rows as there are different sizes, at most √(2N), and not C.
struct Seli {
    group: Vec<usize>,
    diagonal: Vec<f64>,
    between: DMatrix<f64>,
    norm: f64,
}

impl Seli {
    fn new(sizes: &[usize]) -> Result<Self, Undefined> {
        let mut different = sizes.to_vec();
        different.sort_unstable();
        different.dedup();
        let group: Vec<usize> = sizes.iter().map(|n| different.partition_point(|known| known < n)).collect();
        let mut members = vec![0.0_f64; different.len()];
        for &g in &group {
            members[g] += 1.0;
        }
        let classes = sizes.len() as f64;
        let total: f64 = sizes.iter().map(|&n| n as f64).sum();
        let size = |g: usize| different[g] as f64;
        let squared = DMatrix::from_fn(different.len(), different.len(), |g, h| {
            let cross = (size(g) + size(h)) / classes - total / (classes * classes);
            let own = if g == h { size(g) } else { 0.0 };
            own - cross * (members[g] * members[h]).sqrt()
        });
        let (values, vectors) = spectrum::symmetric_eigen(squared)?;
        // The all-ones direction has eigenvalue 0; its rounding must not come back as a square root.
        let cut = 1e-12 * size(different.len() - 1);
        let roots: Vec<f64> =
            values.iter().map(|&value| if value > cut { value.sqrt() } else { 0.0 }).collect();
        let mut scaled = vectors.clone();
        for (mut column, root) in scaled.column_iter_mut().zip(&roots) {
            column *= *root;
        }
        let mut between = scaled * vectors.transpose();
        let diagonal: Vec<f64> = (0..different.len()).map(|g| size(g).sqrt()).collect();
        for g in 0..different.len() {
            between[(g, g)] -= diagonal[g];
            for h in 0..different.len() {
                between[(g, h)] /= (members[g] * members[h]).sqrt();
            }
        }
        // ‖V Λ Vᵀ‖² = tr(Ẑ Ẑᵀ) = N (1 − 1/C).
        Ok(Self { group, diagonal, between, norm: (total * (1.0 - 1.0 / classes)).sqrt() })
    }

    fn entry(&self, k: usize, l: usize) -> f64 {
        let (g, h) = (self.group[k], self.group[l]);
        self.between[(g, h)] + if k == l { self.diagonal[g] } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Matrix;
    use crate::geometry::{Sample, measure};

    #[test]
    fn the_square_is_the_gram_matrix_of_the_label_matrix() {
        let sizes = [8, 8, 2, 2, 5];
        let seli = Seli::new(&sizes).unwrap();
        let root = DMatrix::from_fn(5, 5, |k, l| seli.entry(k, l));
        let square = &root * &root;
        // Ẑ by its definition.
        let owner: Vec<usize> = sizes.iter().enumerate().flat_map(|(c, &n)| vec![c; n]).collect();
        let label = DMatrix::from_fn(5, 25, |c, i| f64::from(u8::from(owner[i] == c)) - 0.2);
        assert!((square - &label * label.transpose()).amax() < 1e-12);
        assert!((root.norm() - seli.norm).abs() < 1e-12);
        assert!((&root - root.transpose()).amax() < 1e-14);
    }

    #[test]
    fn majority_and_minority_lengths_are_the_published_ratio() {
        // n = (8, 8, 2, 2): the ratio of the weights' lengths at SELI is 1.248.
        let seli = Seli::new(&[8, 8, 2, 2]).unwrap();
        assert!(((seli.entry(0, 0) / seli.entry(2, 2)).sqrt() - 1.248).abs() < 5e-4);
    }

    #[test]
    fn zero_at_seli_itself_and_not_at_the_simplex() {
        let sizes = [8, 8, 2, 2];
        let seli = Seli::new(&sizes).unwrap();
        let (values, vectors) =
            spectrum::symmetric_eigen(DMatrix::from_fn(4, 4, |k, l| seli.entry(k, l))).unwrap();
        let weights = Matrix::from_fn(4, 4, |c, k| (vectors[(c, k)] * values[k].max(0.0).sqrt()) as f32);
        let simplex = Matrix::from_fn(4, 4, |c, k| if c == k { 0.75 } else { -0.25 });
        let points = Matrix::from_fn(1, 4, |_, _| 1.0);
        let distance = |weights: &Matrix| {
            let sample =
                Sample { weights: Some(weights), class_sizes: Some(&sizes), ..Sample::of_points(&points) };
            measure(&sample).get("seli_distance").unwrap()
        };
        assert!(distance(&weights) < 1e-6, "{}", distance(&weights));
        assert!(distance(&simplex) > 0.1);
    }
}
