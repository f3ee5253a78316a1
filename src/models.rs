//! Networks under the loss: layers that make the rows an objective sees out of what goes in.
//!
//! What a network is, how it starts and what decays stands here; how it is run forward and backward stands
//! with each engine, so that one can judge the other.

pub mod linear;
pub mod mlp;

use crate::features::Matrix;
use crate::optimizer::{Decay, Parameter};

/// What kind of network it is: that decides what moves and what decays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Matrices on free features: the features move with them, λ_H is theirs and λ_W that of each matrix.
    Linear,
    /// A multilayer perceptron on given inputs, which stay: λ_H is that of each matrix, biases do not decay.
    Mlp,
}

/// One layer: y = W·x + b, and max(y, 0) where it is rectified.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// W, out × in.
    pub matrix: Parameter,
    /// b, 1 × out, where the layer has one.
    pub bias: Option<Parameter>,
    /// Whether what is below 0 becomes 0.
    pub rectified: bool,
}

/// A network and what goes into it.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// What kind it is.
    pub kind: Kind,
    /// N × in: free features, or inputs that stay as they are.
    pub inputs: Parameter,
    /// From the inputs to the rows that the objective sees; at least one.
    pub layers: Vec<Layer>,
}

/// The gradient of a loss with respect to a network, row-major.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NetworkGradient {
    /// N × in, where the inputs move.
    pub inputs: Option<Vec<f64>>,
    /// Of each layer: its matrix, out × in, and its bias, where it has one.
    pub layers: Vec<(Vec<f64>, Option<Vec<f64>>)>,
}

impl Network {
    /// Numbers a row has when it comes out.
    pub fn width_out(&self) -> usize {
        self.layers.last().map_or(self.inputs.value.cols, |layer| layer.matrix.value.rows)
    }

    /// Whether what goes in is moved too.
    pub fn moves_inputs(&self) -> bool {
        self.kind == Kind::Linear
    }

    /// λ of what goes in; 0 where it does not move.
    pub fn input_decay(&self, decay: Decay) -> f64 {
        match self.kind {
            Kind::Linear => decay.features,
            Kind::Mlp => 0.0,
        }
    }

    /// λ of each matrix.
    pub fn matrix_decay(&self, decay: Decay) -> f64 {
        match self.kind {
            Kind::Linear => decay.weights,
            Kind::Mlp => decay.features,
        }
    }

    /// What decay adds to the loss: λ/2·‖·‖² of each matrix and of free features.
    pub fn penalty(&self, decay: Decay) -> f64 {
        let half = |m: &Matrix| m.data.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>() / 2.0;
        let matrices: f64 = self.layers.iter().map(|layer| half(&layer.matrix.value)).sum();
        self.input_decay(decay) * half(&self.inputs.value) + self.matrix_decay(decay) * matrices
    }

    /// Whether both have layers of the same sizes, and inputs of the same number and size.
    pub fn fits(&self, other: &Self) -> bool {
        let size = |m: &Matrix| (m.rows, m.cols);
        let alike = |a: &Layer, b: &Layer| {
            size(&a.matrix.value) == size(&b.matrix.value) && a.bias.is_some() == b.bias.is_some()
        };
        self.kind == other.kind
            && size(&self.inputs.value) == size(&other.inputs.value)
            && self.layers.len() == other.layers.len()
            && self.layers.iter().zip(&other.layers).all(|(a, b)| alike(a, b))
    }

    /// ‖gradient‖² over everything that moves, decay added to what decays.
    pub fn squared_norm(&self, gradient: &NetworkGradient, decay: Decay) -> f64 {
        let square = |slope: &[f64], at: &Matrix, lambda: f64| -> f64 {
            slope.iter().zip(&at.data).map(|(g, &x)| (g + lambda * f64::from(x)).powi(2)).sum()
        };
        let inputs = gradient.inputs.as_ref();
        let mut sum = inputs.map_or(0.0, |g| square(g, &self.inputs.value, self.input_decay(decay)));
        for (layer, (matrix, bias)) in self.layers.iter().zip(&gradient.layers) {
            sum += square(matrix, &layer.matrix.value, self.matrix_decay(decay));
            sum += bias.iter().flatten().map(|g| g * g).sum::<f64>();
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decay_is_of_the_matrices_and_of_free_features_alone() {
        let layer = |rectified| Layer {
            matrix: Parameter::new(Matrix::new(1, 2, vec![3.0, 4.0])),
            bias: Some(Parameter::new(Matrix::new(1, 1, vec![100.0]))),
            rectified,
        };
        let inputs = Parameter::new(Matrix::new(1, 2, vec![1.0, 1.0]));
        let of = |kind| Network { kind, inputs: inputs.clone(), layers: vec![layer(true)] };
        let decay = Decay { features: 10.0, weights: 0.1, bias: 7.0 };
        // λ_W/2·25 + λ_H/2·2 under free features; λ_H/2·25 for a network on inputs that stay.
        assert!((of(Kind::Linear).penalty(decay) - (1.25 + 10.0)).abs() < 1e-12);
        assert!((of(Kind::Mlp).penalty(decay) - 125.0).abs() < 1e-12);
        let gradient = NetworkGradient { inputs: None, layers: vec![(vec![1.0, 0.0], Some(vec![2.0]))] };
        // (1 + 30)² + (0 + 40)² + 2².
        assert!((of(Kind::Mlp).squared_norm(&gradient, decay) - (961.0 + 1600.0 + 4.0)).abs() < 1e-9);
    }
}
