//! How parameters move: momentum and Adam, decay, schedules, and staying on the sphere.
//!
//! Written once over f32 and f64, for the fast engine and the reference; the WGSL twin is
//! `shaders/update.wgsl`.

use num_traits::Float;

use crate::features::Matrix;

/// Adam's β1, β2 and ε (Kingma and Ba 2015).
pub const ADAM: (f64, f64, f64) = (0.9, 0.999, 1e-8);

/// Below this length a row counts as zero: what normalisation divides by at least.
pub const SHORTEST: f64 = 1e-12;

/// How a gradient becomes a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Method {
    /// m ← momentum·m + g; x ← x − rate·m.
    Sgd {
        /// 0 for plain gradient descent.
        momentum: f64,
    },
    /// Adam with bias correction, constants [`ADAM`].
    Adam,
}

/// How the rate changes over a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// The same rate throughout.
    Constant,
    /// Half a cosine from the rate to 0.
    Cosine,
    /// Warm-up, stable, decay: 5 % linear up, constant, the last 20 % linear to 0.
    Wsd,
}

impl Schedule {
    /// Its name, as it is typed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Cosine => "cosine",
            Self::Wsd => "wsd",
        }
    }

    /// Whether it ends with a rate of 0, after which nothing moves.
    pub const fn ends(self) -> bool {
        !matches!(self, Self::Constant)
    }

    /// The factor on the rate at `step` of `steps`.
    pub fn factor(self, step: u64, steps: u64) -> f64 {
        let (at, all) = (step as f64, steps.max(1) as f64);
        match self {
            Self::Constant => 1.0,
            Self::Cosine => 0.5 * (1.0 + (std::f64::consts::PI * (at / all).min(1.0)).cos()),
            Self::Wsd => {
                let warm = (0.05 * all).max(1.0);
                let last = 0.2 * all;
                let up = ((at + 1.0) / warm).min(1.0);
                let down = ((all - at) / last.max(1.0)).clamp(0.0, 1.0);
                up.min(down)
            }
        }
    }
}

/// Which half of the parameters a step moves; the other half stays, its moments too.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum Moves {
    /// All of them.
    #[default]
    All,
    /// The features, or what makes them.
    Features,
    /// Class weights and bias.
    Weights,
}

impl Moves {
    /// Whether features, or what makes them, move.
    pub fn features(self) -> bool {
        self != Self::Weights
    }

    /// Whether class weights and bias move.
    pub fn weights(self) -> bool {
        self != Self::Features
    }
}

/// λ in sum form, λ/2·‖·‖²_F, for each kind of parameter.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Decay {
    /// Of features (or of a network's matrices).
    pub features: f64,
    /// Of class weights.
    pub weights: f64,
    /// Of the bias.
    pub bias: f64,
}

/// A parameter matrix with the optimiser's moments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameter {
    /// The parameters.
    pub value: Matrix,
    /// The momentum, or Adam's first moment.
    pub first: Matrix,
    /// Adam's second moment.
    pub second: Matrix,
}

impl Parameter {
    /// A parameter at rest.
    pub fn new(value: Matrix) -> Self {
        let zeros = Matrix::zeros(value.rows, value.cols);
        Self { first: zeros.clone(), second: zeros, value }
    }
}

/// One row's parameters: value and the two moments, each of length d.
pub struct RowState<'a, T> {
    /// The parameters.
    pub value: &'a mut [T],
    /// The momentum, or Adam's first moment.
    pub first: &'a mut [T],
    /// Adam's second moment (unused by SGD).
    pub second: &'a mut [T],
}

/// Moves one row along its gradient.
///
/// With `sphere` the gradient is projected to the tangent at the row, the row renormalised after
/// the step, and the momentum projected to the tangent at the new place. `step` counts from 0.
#[inline(always)]
pub fn update_row<T: Float>(
    row: RowState<'_, T>,
    gradient: &mut [T],
    method: Method,
    rate: T,
    step: u64,
    sphere: bool,
) {
    let RowState { value, first, second } = row;
    if sphere {
        project(value, gradient);
    }
    match method {
        Method::Sgd { momentum } => {
            let momentum = cast::<T>(momentum);
            for ((x, m), &g) in value.iter_mut().zip(first.iter_mut()).zip(gradient.iter()) {
                *m = momentum * *m + g;
                *x = *x - rate * *m;
            }
        }
        Method::Adam => {
            let (b1, b2, epsilon) = (cast::<T>(ADAM.0), cast::<T>(ADAM.1), cast::<T>(ADAM.2));
            let power = i32::try_from(step + 1).unwrap_or(i32::MAX);
            let unbias1 = cast::<T>(1.0 / (1.0 - ADAM.0.powi(power)));
            let unbias2 = cast::<T>(1.0 / (1.0 - ADAM.1.powi(power)));
            for (((x, m), v), &g) in
                value.iter_mut().zip(first.iter_mut()).zip(second.iter_mut()).zip(gradient.iter())
            {
                *m = b1 * *m + (T::one() - b1) * g;
                *v = b2 * *v + (T::one() - b2) * g * g;
                *x = *x - rate * (*m * unbias1) / ((*v * unbias2).sqrt() + epsilon);
            }
        }
    }
    if sphere {
        normalise(value);
        project(value, first);
    }
}

/// Takes from `vector` its part along the unit vector `normal`.
#[inline(always)]
pub fn project<T: Float>(normal: &[T], vector: &mut [T]) {
    let along = dot(normal, vector);
    for (x, &n) in vector.iter_mut().zip(normal) {
        *x = *x - along * n;
    }
}

/// Divides a row by its length (at least [`SHORTEST`]) and returns the length.
#[inline(always)]
pub fn normalise<T: Float>(row: &mut [T]) -> T {
    let length = dot(row, row).sqrt();
    if !length.is_finite() {
        return shrink(row);
    }
    let divisor = length.max(cast(SHORTEST));
    for x in row.iter_mut() {
        *x = *x / divisor;
    }
    length
}

/// The same for a row whose square is beyond the largest number. What is not finite itself stays so.
#[cold]
fn shrink<T: Float>(row: &mut [T]) -> T {
    let largest = row.iter().fold(T::zero(), |most, x| most.max(x.abs()));
    for x in row.iter_mut() {
        *x = *x / largest;
    }
    let length = dot(row, row).sqrt();
    for x in row.iter_mut() {
        *x = *x / length;
    }
    largest * length
}

/// Σ a·b, in eight interleaved sums so that it need not wait for one addition after another.
#[inline(always)]
pub fn dot<T: Float>(a: &[T], b: &[T]) -> T {
    let (a, a_rest) = a.as_chunks::<8>();
    let (b, b_rest) = b.as_chunks::<8>();
    let mut sums = [T::zero(); 8];
    for (a, b) in a.iter().zip(b) {
        for l in 0..8 {
            sums[l] = sums[l] + a[l] * b[l];
        }
    }
    let rest = a_rest.iter().zip(b_rest).fold(T::zero(), |sum, (&x, &y)| sum + x * y);
    sums.iter().fold(rest, |sum, &x| sum + x)
}

#[inline(always)]
fn cast<T: Float>(x: f64) -> T {
    T::from(x).expect("f32 and f64 both take an f64")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_adam_step_has_the_length_of_the_rate() {
        let (mut x, mut m, mut v) = ([1.0, 2.0], [0.0; 2], [0.0; 2]);
        let row = RowState { value: &mut x, first: &mut m, second: &mut v };
        update_row(row, &mut [1e-3, -5.0], Method::Adam, 0.1, 0, false);
        assert!((x[0] - 0.9f64).abs() < 1e-5 && (x[1] - 2.1).abs() < 1e-5, "{x:?}");
    }

    #[test]
    fn a_step_on_the_sphere_stays_there_and_turns_by_the_tangent() {
        let (mut x, mut m, mut v) = ([1.0f64, 0.0], [0.0; 2], [0.0; 2]);
        let row = RowState { value: &mut x, first: &mut m, second: &mut v };
        // The gradient's part along the row must not matter.
        update_row(row, &mut [7.0, -1.0], Method::Sgd { momentum: 0.9 }, 0.5, 0, true);
        let angle = 0.5f64.atan();
        assert!((x[0] - angle.cos()).abs() < 1e-12 && (x[1] - angle.sin()).abs() < 1e-12);
        assert!((x[0] * m[0] + x[1] * m[1]).abs() < 1e-15, "the momentum is tangent");
    }

    #[test]
    fn a_step_beyond_all_squares_still_ends_on_the_sphere() {
        let (mut x, mut m, mut v) = ([1.0f32, 0.0], [0.0; 2], [0.0; 2]);
        let row = RowState { value: &mut x, first: &mut m, second: &mut v };
        update_row(row, &mut [0.0, -1.0], Method::Sgd { momentum: 0.0 }, 1e30, 0, true);
        assert!((x[1] - 1.0).abs() < 1e-6 && x[0].abs() < 1e-6, "{x:?}");
        let mut longest = [f32::MAX; 4];
        normalise(&mut longest);
        assert!(longest.iter().all(|x| (x - 0.5).abs() < 1e-6), "{longest:?}");
        let mut endless = [f32::INFINITY, 1.0];
        normalise(&mut endless);
        assert!(
            endless.iter().any(|x| !x.is_finite()),
            "what is not finite is not made to look so: {endless:?}"
        );
    }

    #[test]
    fn schedules_start_and_end_where_they_should() {
        assert_eq!(Schedule::Cosine.factor(0, 100), 1.0);
        assert!(Schedule::Cosine.factor(99, 100) < 3e-4);
        assert_eq!(Schedule::Wsd.factor(50, 100), 1.0);
        assert_eq!(Schedule::Wsd.factor(0, 100), 0.2);
        assert!((Schedule::Wsd.factor(90, 100) - 0.5).abs() < 1e-12);
        assert_eq!(Schedule::Constant.factor(77, 100), 1.0);
    }
}
