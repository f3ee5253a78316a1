//! A multilayer perceptron: hidden layers with rectifiers on given inputs, then a linear layer to d.
//!
//! The class weights above it are parameters of the run like any others.

use rand_distr::{Distribution, StandardNormal};

use super::{Kind, Layer, Network};
use crate::features::Matrix;
use crate::optimizer::Parameter;
use crate::random::{RowRng, Stream};

/// Sizes of the layers as (out, in), from the inputs up.
pub fn sizes(inputs: usize, depth: usize, width: usize, dim: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..=depth).map(move |k| (if k == depth { dim } else { width }, if k == 0 { inputs } else { width }))
}

/// `depth` hidden layers of `width` units, then a linear layer to `dim`.
///
/// Entries are normal with variance 2/in under a rectifier (He et al. 2015) and 1/in in the last layer, which
/// has none; biases are 0.
pub fn start(inputs: Matrix, depth: usize, width: usize, dim: usize, seed: u64) -> Network {
    let layers = sizes(inputs.cols, depth, width, dim).enumerate().map(|(k, (rows, cols))| {
        let rectified = k < depth;
        let spread = ((if rectified { 2.0 } else { 1.0 }) / cols as f64).sqrt();
        let mut matrix = Matrix::zeros(rows, cols);
        for i in 0..rows {
            let mut rng = RowRng::new(seed, k as u64, i as u32, Stream::Layers);
            for x in matrix.row_mut(i) {
                let normal: f64 = StandardNormal.sample(&mut rng);
                *x = (spread * normal) as f32;
            }
        }
        let bias = Some(Parameter::new(Matrix::zeros(1, rows)));
        Layer { matrix: Parameter::new(matrix), bias, rectified }
    });
    Network { kind: Kind::Mlp, layers: layers.collect(), inputs: Parameter::new(inputs) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_have_the_sizes_and_the_spread_they_should() {
        let network = start(Matrix::zeros(7, 64), 2, 128, 3, 1);
        let sizes: Vec<_> =
            network.layers.iter().map(|l| (l.matrix.value.rows, l.matrix.value.cols)).collect();
        assert_eq!(sizes, [(128, 64), (128, 128), (3, 128)]);
        assert_eq!(network.layers.iter().map(|l| l.rectified).collect::<Vec<_>>(), [true, true, false]);
        for (layer, want) in network.layers.iter().zip([2.0 / 64.0, 2.0 / 128.0, 1.0 / 128.0]) {
            let data = &layer.matrix.value.data;
            let variance = data.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / data.len() as f64;
            assert!((variance / want - 1.0).abs() < 0.15, "{variance} {want}");
            assert!(layer.bias.as_ref().unwrap().value.data.iter().all(|&b| b == 0.0));
        }
    }
}
