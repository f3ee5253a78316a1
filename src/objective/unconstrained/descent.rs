//! The convex problem of classes of unequal size, solved through factors by L-BFGS; its dual gives the bound.
//!
//! With q_k the probabilities of class k's rows, any couplings g_k, shrunk until σ_max ≤ θ, bound the loss from below:
//! −Σ_k p_k·ℓ*(g_k) − ‖Σ_k p_k g_k‖²/(2λ_b), p_k = n_k/N. At the optimum both values meet.

use nalgebra::{DMatrix, DVector};

use super::{MOST_CLASSES, RowLoss};
use crate::objective::Case;

/// A bound further than this below what was reached is not called a floor.
const LARGEST_GAP: f64 = 1e-6;
/// Steps at most; the gap is looked at every [`LOOK`] of them, and a small one is enough.
const STEPS: usize = 4000;
const LOOK: usize = 10;
const ENOUGH: f64 = 1e-9;
/// The relative error of a value.
const ROUNDING: f64 = 1e-14;
/// The shortest part of a step that is tried.
const SHORTEST: f64 = 1e-8;
const MEMORY: usize = 24;

/// The bound and X.
pub(super) fn solve(loss: RowLoss, case: &Case, theta: f64) -> Result<(f64, DMatrix<f64>), String> {
    let classes = case.classes;
    if classes > MOST_CLASSES {
        return Err(format!(
            "{classes} classes of unequal size: the least loss is not worked out beyond {MOST_CLASSES}"
        ));
    }
    let task = Task::new(loss, case, theta);
    let found = task.descend();
    let (upper, _) = task.value(&found);
    let (x, bias) = (task.product(&found), task.bias(&found));
    let lower = task.bound(&x, &bias);
    if upper - lower > LARGEST_GAP * (1.0 + upper.abs()) || !lower.is_finite() {
        return Err(format!(
            "classes are not balanced and the least loss is only known to lie between {lower:.6} and {upper:.6}"
        ));
    }
    Ok((lower, x))
}

struct Task {
    loss: RowLoss,
    classes: usize,
    /// √n_k.
    roots: Vec<f64>,
    /// n_k/N.
    shares: Vec<f64>,
    /// What is added to logits.
    offsets: Vec<f64>,
    theta: f64,
    bias: Option<f64>,
}

impl Task {
    fn new(loss: RowLoss, case: &Case, theta: f64) -> Self {
        let n = case.rows() as f64;
        let offset = |count: &usize| match loss {
            RowLoss::CrossEntropy { balanced: true } => (*count as f64).ln(),
            _ => 0.0,
        };
        Self {
            loss,
            classes: case.classes,
            roots: case.counts.iter().map(|&count| (count as f64).sqrt()).collect(),
            shares: case.counts.iter().map(|&count| count as f64 / n).collect(),
            offsets: case.counts.iter().map(offset).collect(),
            theta,
            bias: case.bias,
        }
    }

    fn factor(&self, at: &DVector<f64>, second: bool) -> DMatrix<f64> {
        let c = self.classes;
        let from = if second { c * c } else { 0 };
        DMatrix::from_column_slice(c, c, &at.as_slice()[from..from + c * c])
    }

    fn product(&self, at: &DVector<f64>) -> DMatrix<f64> {
        self.factor(at, false) * self.factor(at, true).transpose()
    }

    fn bias(&self, at: &DVector<f64>) -> Vec<f64> {
        let from = 2 * self.classes * self.classes;
        if self.bias.is_some() { at.as_slice()[from..].to_vec() } else { vec![0.0; self.classes] }
    }

    /// Loss and couplings of the rows of class k at class logits X.
    fn row(&self, x: &DMatrix<f64>, bias: &[f64], k: usize) -> (f64, Vec<f64>) {
        let mut z: Vec<f64> =
            (0..self.classes).map(|c| x[(c, k)] / self.roots[k] + bias[c] + self.offsets[c]).collect();
        match self.loss {
            RowLoss::Squares => {
                z[k] -= 1.0;
                (0.5 * z.iter().map(|miss| miss * miss).sum::<f64>(), z)
            }
            RowLoss::CrossEntropy { .. } => {
                let own = z[k];
                let most = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                for logit in &mut z {
                    *logit = (*logit - most).exp();
                }
                let sum: f64 = z.iter().sum();
                for p in &mut z {
                    *p /= sum;
                }
                z[k] -= 1.0;
                (sum.ln() + most - own, z)
            }
        }
    }

    /// What is minimised, and its gradient.
    fn value(&self, at: &DVector<f64>) -> (f64, DVector<f64>) {
        let c = self.classes;
        let (a, b) = (self.factor(at, false), self.factor(at, true));
        let x = &a * b.transpose();
        let bias = self.bias(at);
        let mut slope = DMatrix::zeros(c, c);
        let mut of_bias = vec![0.0; c];
        let mut value = 0.5 * self.theta * (a.norm_squared() + b.norm_squared());
        for k in 0..c {
            let (loss, g) = self.row(&x, &bias, k);
            value += self.shares[k] * loss;
            for (row, g) in g.into_iter().enumerate() {
                slope[(row, k)] = self.shares[k] * g / self.roots[k];
                of_bias[row] += self.shares[k] * g;
            }
        }
        let of_a = &slope * &b + &a * self.theta;
        let of_b = slope.transpose() * &a + &b * self.theta;
        let mut gradient: Vec<f64> = of_a.as_slice().iter().chain(of_b.as_slice()).copied().collect();
        if let Some(decay) = self.bias {
            value += 0.5 * decay * bias.iter().map(|b| b * b).sum::<f64>();
            gradient.extend(of_bias.iter().zip(&bias).map(|(slope, b)| slope + decay * b));
        }
        (value, DVector::from_vec(gradient))
    }

    /// The dual's value at the couplings of a point.
    fn bound(&self, x: &DMatrix<f64>, bias: &[f64]) -> f64 {
        let c = self.classes;
        let rows: Vec<Vec<f64>> = (0..c).map(|k| self.row(x, bias, k).1).collect();
        let scaled = DMatrix::from_fn(c, c, |row, k| self.shares[k] * rows[k][row] / self.roots[k]);
        let shrink = (self.theta / scaled.singular_values().max()).min(1.0);
        let mut value = 0.0;
        for (k, g) in rows.iter().enumerate() {
            let conjugate: f64 = match self.loss {
                RowLoss::Squares => 0.5 * g.iter().map(|g| (shrink * g).powi(2)).sum::<f64>() + shrink * g[k],
                RowLoss::CrossEntropy { .. } => {
                    let of = |(row, g): (usize, &f64)| {
                        let q = shrink * g + if row == k { 1.0 } else { 0.0 };
                        let entropy = if q > 0.0 { q * q.ln() } else { 0.0 };
                        entropy - q * self.offsets[row]
                    };
                    g.iter().enumerate().map(of).sum::<f64>() + self.offsets[k]
                }
            };
            value -= self.shares[k] * conjugate;
        }
        let drift: f64 = (0..c)
            .map(|row| (0..c).map(|k| shrink * self.shares[k] * rows[k][row]).sum::<f64>().powi(2))
            .sum();
        match self.bias {
            None => value,
            // A free bias needs no drift at all; what rounding leaves costs at most this.
            Some(0.0) => value - drift.sqrt() * bias.iter().map(|b| b * b).sum::<f64>().sqrt(),
            Some(decay) => value - drift / (2.0 * decay),
        }
    }

    /// L-BFGS from factors near the identity, off it by a little so that no direction is left out.
    fn descend(&self) -> DVector<f64> {
        let c = self.classes;
        let entry = |i: usize| {
            let (row, column) = (i % c, i / c % c);
            let noise = ((i * 7919 + 13) % 101) as f64 / 101.0 - 0.5;
            if row == column { 1.0 } else { -1.0 / c as f64 + 0.02 * noise }
        };
        let size = 2 * c * c + if self.bias.is_some() { c } else { 0 };
        let mut at = DVector::from_fn(size, |i, _| if i < 2 * c * c { entry(i) } else { 0.0 });
        let (mut value, mut gradient) = self.value(&at);
        let mut memory: Vec<(DVector<f64>, DVector<f64>)> = Vec::new();
        for step in 1..=STEPS {
            if gradient.amax() < 1e-13 {
                break;
            }
            if step.is_multiple_of(LOOK)
                && value - self.bound(&self.product(&at), &self.bias(&at)) < ENOUGH * (1.0 + value.abs())
            {
                break;
            }
            let mut way = -two_loops(&memory, &gradient);
            let mut slope = way.dot(&gradient);
            if slope >= 0.0 {
                memory.clear();
                way = -gradient.clone();
                slope = way.dot(&gradient);
            }
            let mut length = if memory.is_empty() { (1.0 / gradient.norm()).min(1.0) } else { 1.0 };
            let taken = loop {
                let next = &at + &way * length;
                let (there, slope_there) = self.value(&next);
                let falls = there <= value + 1e-4 * length * slope;
                // Where the value itself is lost in rounding the slope decides (Hager and Zhang, 2005).
                let level =
                    there <= value + ROUNDING * value.abs() && slope_there.dot(&way) <= (2e-4 - 1.0) * slope;
                if falls || level {
                    break Some((next, there, slope_there));
                }
                length *= 0.5;
                if length < SHORTEST {
                    break None;
                }
            };
            let Some((next, there, slope_there)) = taken else {
                if memory.is_empty() {
                    break;
                }
                memory.clear();
                continue;
            };
            let (moved, turned) = (&next - &at, &slope_there - &gradient);
            if moved.dot(&turned) > 1e-300 {
                memory.push((moved, turned));
                if memory.len() > MEMORY {
                    memory.remove(0);
                }
            }
            (at, value, gradient) = (next, there, slope_there);
        }
        at
    }
}

/// The inverse Hessian that the last steps imply, times a gradient.
fn two_loops(memory: &[(DVector<f64>, DVector<f64>)], gradient: &DVector<f64>) -> DVector<f64> {
    let mut way = gradient.clone();
    let mut parts = vec![0.0; memory.len()];
    for (k, (moved, turned)) in memory.iter().enumerate().rev() {
        parts[k] = moved.dot(&way) / moved.dot(turned);
        way.axpy(-parts[k], turned, 1.0);
    }
    if let Some((moved, turned)) = memory.last() {
        way *= moved.dot(turned) / turned.norm_squared();
    }
    for (k, (moved, turned)) in memory.iter().enumerate() {
        let back = turned.dot(&way) / moved.dot(turned);
        way.axpy(parts[k] - back, moved, 1.0);
    }
    way
}
