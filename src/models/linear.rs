//! A deep linear network: M matrices on free features, the last of which are the class weights.
//!
//! With any decay and M ≥ 2 the origin is a strict local minimum (the data term is of order M + 1 there, decay of
//! order 2), so a small start collapses; hence matrices of order √d.

use nalgebra::DMatrix;
use rand_distr::{Distribution, StandardNormal};

use super::{Kind, Layer, Network};
use crate::features::Matrix;
use crate::optimizer::Parameter;
use crate::random::{RowRng, Stream};

/// M − 1 square matrices on `features`, each orthogonal times √d times `scale`; with the class weights there are
/// `matrices` of them.
pub fn start(features: Matrix, matrices: usize, scale: f64, seed: u64) -> Network {
    let d = features.cols;
    let layers = (1..matrices).map(|k| Layer {
        matrix: Parameter::new(orthogonal(d, scale * (d as f64).sqrt(), seed, k as u64)),
        bias: None,
        rectified: false,
    });
    Network { kind: Kind::Linear, layers: layers.collect(), inputs: Parameter::new(features) }
}

/// `length` times a d×d orthogonal matrix, uniform among them: the orthonormal factor of a gaussian matrix with the
/// signs of the other factor's diagonal.
fn orthogonal(d: usize, length: f64, seed: u64, layer: u64) -> Matrix {
    let mut gaussian = DMatrix::<f64>::zeros(d, d);
    for i in 0..d {
        let mut rng = RowRng::new(seed, layer, i as u32, Stream::Layers);
        for k in 0..d {
            gaussian[(i, k)] = StandardNormal.sample(&mut rng);
        }
    }
    let qr = gaussian.qr();
    let (q, r) = (qr.q(), qr.r());
    Matrix::from_fn(d, d, |i, k| (length * q[(i, k)] * r[(k, k)].signum()) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_orthogonal_and_as_long_as_the_root_of_the_columns() {
        let network = start(Matrix::zeros(3, 5), 3, 0.5, 9);
        assert_eq!((network.layers.len(), network.width_out()), (2, 5));
        let matrices: Vec<&Matrix> = network.layers.iter().map(|layer| &layer.matrix.value).collect();
        assert_ne!(matrices[0], matrices[1]);
        for matrix in matrices {
            for i in 0..5 {
                for j in 0..5 {
                    let product: f32 = matrix.row(i).iter().zip(matrix.row(j)).map(|(a, b)| a * b).sum();
                    // (½·√5)² = 1.25 on the diagonal.
                    let want = if i == j { 1.25 } else { 0.0 };
                    assert!((product - want).abs() < 1e-5, "{i} {j} {product}");
                }
            }
        }
    }
}
