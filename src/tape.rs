//! Reverse-mode differentiation of f64 scalars, for the reference engine only.
//!
//! The reference writes each loss as its paper prints it and lets the tape find the slope, so that
//! no derivative worked out by hand stands between the formula and the judgement of the fast
//! engines. Nothing here is fast, on purpose.

use std::cell::RefCell;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// No node: the value is a constant.
const CONSTANT: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct Node {
    parents: [u32; 2],
    slopes: [f64; 2],
}

/// The record of a calculation, node after node.
#[derive(Default)]
pub struct Tape {
    nodes: RefCell<Vec<Node>>,
}

/// A number that remembers how it was made.
#[derive(Clone, Copy)]
pub struct Var<'t> {
    tape: &'t Tape,
    node: u32,
    /// The number itself.
    pub value: f64,
}

impl Tape {
    /// An empty record.
    pub fn new() -> Self {
        Self::default()
    }

    /// A number to differentiate with respect to.
    pub fn variable(&self, value: f64) -> Var<'_> {
        self.push(value, [CONSTANT; 2], [0.0; 2])
    }

    /// A number that does not change.
    pub fn constant(&self, value: f64) -> Var<'_> {
        Var { tape: self, node: CONSTANT, value }
    }

    fn push(&self, value: f64, parents: [u32; 2], slopes: [f64; 2]) -> Var<'_> {
        let mut nodes = self.nodes.borrow_mut();
        nodes.push(Node { parents, slopes });
        Var { tape: self, node: (nodes.len() - 1) as u32, value }
    }

    /// The derivative of `result` with respect to every node; read it with [`Slopes::of`].
    pub fn slopes(&self, result: Var<'_>) -> Slopes {
        let nodes = self.nodes.borrow();
        let mut slopes = vec![0.0; nodes.len()];
        if result.node != CONSTANT {
            slopes[result.node as usize] = 1.0;
            for i in (0..=result.node as usize).rev() {
                let slope = slopes[i];
                if slope != 0.0 {
                    for (parent, weight) in nodes[i].parents.into_iter().zip(nodes[i].slopes) {
                        if parent != CONSTANT {
                            slopes[parent as usize] += slope * weight;
                        }
                    }
                }
            }
        }
        Slopes(slopes)
    }
}

/// Derivatives of one result.
pub struct Slopes(Vec<f64>);

impl Slopes {
    /// The derivative with respect to `variable` (0 for a constant).
    pub fn of(&self, variable: Var<'_>) -> f64 {
        self.0.get(variable.node as usize).copied().unwrap_or(0.0)
    }
}

impl<'t> Var<'t> {
    fn unary(self, value: f64, slope: f64) -> Self {
        if self.node == CONSTANT {
            return self.tape.constant(value);
        }
        self.tape.push(value, [self.node, CONSTANT], [slope, 0.0])
    }

    fn binary(self, other: Self, value: f64, slopes: [f64; 2]) -> Self {
        if self.node == CONSTANT && other.node == CONSTANT {
            return self.tape.constant(value);
        }
        self.tape.push(value, [self.node, other.node], slopes)
    }

    /// e^x.
    pub fn exp(self) -> Self {
        let e = self.value.exp();
        self.unary(e, e)
    }

    /// Natural logarithm.
    pub fn ln(self) -> Self {
        self.unary(self.value.ln(), 1.0 / self.value)
    }

    /// x to a fixed power.
    pub fn powf(self, power: f64) -> Self {
        let slope = if power == 0.0 { 0.0 } else { power * self.value.powf(power - 1.0) };
        self.unary(self.value.powf(power), slope)
    }

    /// Square root.
    pub fn sqrt(self) -> Self {
        let root = self.value.sqrt();
        self.unary(root, 0.5 / root)
    }

    /// |x|, with slope 0 at 0.
    pub fn abs(self) -> Self {
        let sign = if self.value == 0.0 { 0.0 } else { self.value.signum() };
        self.unary(self.value.abs(), sign)
    }

    /// max(x, 0), with slope 0 at 0.
    pub fn rectified(self) -> Self {
        if self.value > 0.0 { self } else { self.unary(0.0 * self.value, 0.0) }
    }

    /// log(1 + e^x).
    pub fn softplus(self) -> Self {
        let value = self.value.max(0.0) + (-self.value.abs()).exp().ln_1p();
        self.unary(value, 1.0 / (1.0 + (-self.value).exp()))
    }

    /// The same value with the gradient stopped.
    pub fn detach(self) -> Self {
        self.tape.constant(self.value)
    }

    /// `value` with this number's slope: the straight-through estimator.
    pub fn straight_through(self, value: f64) -> Self {
        self.unary(value, 1.0)
    }

    /// log Σ e^x over `terms`, shifted by the largest so that nothing overflows; log 0 for none.
    pub fn log_sum_exp(tape: &'t Tape, terms: &[Self]) -> Self {
        let largest = terms.iter().map(|t| t.value).fold(f64::NEG_INFINITY, f64::max);
        if !largest.is_finite() {
            return tape.constant(largest);
        }
        let sum: Self = terms.iter().map(|&t| (t - largest).exp()).fold(tape.constant(0.0), |a, b| a + b);
        sum.ln() + largest
    }

    /// Σ over `terms`.
    pub fn total(tape: &'t Tape, terms: impl Iterator<Item = Self>) -> Self {
        terms.fold(tape.constant(0.0), |a, b| a + b)
    }
}

impl Add for Var<'_> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.binary(other, self.value + other.value, [1.0, 1.0])
    }
}
impl Sub for Var<'_> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.binary(other, self.value - other.value, [1.0, -1.0])
    }
}
impl Mul for Var<'_> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        self.binary(other, self.value * other.value, [other.value, self.value])
    }
}
impl Div for Var<'_> {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let quotient = self.value / other.value;
        self.binary(other, quotient, [1.0 / other.value, -quotient / other.value])
    }
}
impl Neg for Var<'_> {
    type Output = Self;
    fn neg(self) -> Self {
        self.unary(-self.value, -1.0)
    }
}
impl Add<f64> for Var<'_> {
    type Output = Self;
    fn add(self, other: f64) -> Self {
        self.unary(self.value + other, 1.0)
    }
}
impl Sub<f64> for Var<'_> {
    type Output = Self;
    fn sub(self, other: f64) -> Self {
        self.unary(self.value - other, 1.0)
    }
}
impl Mul<f64> for Var<'_> {
    type Output = Self;
    fn mul(self, other: f64) -> Self {
        self.unary(self.value * other, other)
    }
}
impl Div<f64> for Var<'_> {
    type Output = Self;
    fn div(self, other: f64) -> Self {
        self.unary(self.value / other, 1.0 / other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_agree_with_central_differences() {
        let f = |x: f64, y: f64| {
            let tape = Tape::new();
            let (a, b) = (tape.variable(x), tape.variable(y));
            let z = (a * b).softplus() / (a.exp() + 2.0).sqrt() - (b.powf(3.0) - a).abs().ln() * 0.3;
            let slopes = tape.slopes(z);
            (z.value, slopes.of(a), slopes.of(b))
        };
        let (x, y, h) = (0.7, -1.3, 1e-6);
        let (_, slope_x, slope_y) = f(x, y);
        assert!((slope_x - (f(x + h, y).0 - f(x - h, y).0) / (2.0 * h)).abs() < 1e-8);
        assert!((slope_y - (f(x, y + h).0 - f(x, y - h).0) / (2.0 * h)).abs() < 1e-8);
    }

    #[test]
    fn a_stopped_gradient_is_stopped() {
        let tape = Tape::new();
        let x = tape.variable(3.0);
        assert_eq!(tape.slopes(x.detach() * x).of(x), 3.0);
        assert_eq!(tape.slopes(x.straight_through(9.0) * 2.0).of(x), 2.0);
    }

    #[test]
    fn log_sum_exp_of_huge_and_of_no_terms() {
        let tape = Tape::new();
        let terms = [tape.variable(1000.0), tape.variable(1000.0)];
        assert!((Var::log_sum_exp(&tape, &terms).value - 1000.0 - 2f64.ln()).abs() < 1e-12);
        assert_eq!(Var::log_sum_exp(&tape, &[]).value, f64::NEG_INFINITY);
    }
}
