//! The unconstrained features model: least loss over free features and class weights under sum-form decay, and the
//! arrangement that reaches it.
//!
//! With logits W·Hᵀ (+ b) the decay of the best factors of a product is θ times its nuclear norm, θ = √(λ_W·λ_H), and
//! all rows of a class are alike. So one convex problem in the C×C class logits Z remains, with X = Z·D^½, D the class
//! sizes: Σ_k (n_k/N)·ℓ(z_k + b, k) + λ_b/2·‖b‖² + θ·‖X‖_*. Closed forms stand where there are any; elsewhere
//! `descent` solves it and its dual gives the bound, so that what is called a floor is one whatever the solver did.

mod descent;

use nalgebra::DMatrix;

use super::Case;

/// The loss of one row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RowLoss {
    /// Cross-entropy of logits, or of logits + log n_c.
    CrossEntropy {
        /// Whether log n_c is added.
        balanced: bool,
    },
    /// ½‖z − onehot‖².
    Squares,
}

/// The least loss and what reaches it.
#[derive(Clone, Debug, PartialEq)]
pub struct Minimum {
    /// A proved lower bound, reached to rounding by the arrangement.
    pub value: f64,
    /// C×r: class weights, up to one rotation of both.
    pub weights: DMatrix<f64>,
    /// C×r: class means.
    pub means: DMatrix<f64>,
}

/// A product θ² = λ_W·λ_H at which an arrangement changes, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// λ_W·λ_H.
    pub product: f64,
    /// What is so from there on, as a clause.
    pub words: String,
}

/// Singular values below this part of the largest count as none.
const NONE: f64 = 1e-7;
/// More classes of unequal size than this would keep a person waiting.
const MOST_CLASSES: usize = 48;

/// θ, or why the lengths have no minimum.
fn theta(case: &Case) -> Result<f64, String> {
    if case.sphere {
        return Err("rows are kept on the sphere: the proof needs free lengths".into());
    }
    if case.decay_weights == 0.0 || case.decay_features == 0.0 {
        return Err("without decay of both features and weights there is no minimum".into());
    }
    if case.counts.len() < case.classes {
        let missing = case.classes - case.counts.len();
        let (noun, verb) = if missing == 1 { ("class", "has") } else { ("classes", "have") };
        return Err(format!("{missing} {noun} {verb} no rows: no floor known"));
    }
    if case.classes < 2 {
        return Err("a floor needs at least two classes".into());
    }
    Ok((case.decay_weights * case.decay_features).sqrt())
}

/// The minimum under both decays, or the condition that fails.
///
/// # Errors
/// One clause: what is missing for a proof.
pub fn minimum(loss: RowLoss, case: &Case) -> Result<Minimum, String> {
    let theta = theta(case)?;
    let n = case.rows() as f64;
    let roots: Vec<f64> = case.counts.iter().map(|&count| (count as f64).sqrt()).collect();
    let found = match loss {
        RowLoss::Squares => match case.bias {
            None => squares_alone(&roots, n, theta, case.dim),
            Some(0.0) => squares_centred(&roots, n, theta),
            Some(decay) if case.balanced() => squares_between(&roots, n, theta, decay),
            Some(_) => descent::solve(loss, case, theta)?,
        },
        RowLoss::CrossEntropy { .. } if case.balanced() => entropy_simplex(&roots, n, theta),
        RowLoss::CrossEntropy { .. } => descent::solve(loss, case, theta)?,
    };
    let (value, x) = found;
    let svd = x.clone().svd(true, true);
    let most = svd.singular_values.max();
    let rank = svd.singular_values.iter().filter(|&&s| s > NONE * most.max(1e-30)).count();
    if rank > case.dim {
        return Err(format!(
            "C = {}, d = {}: the best arrangement takes {rank} dimensions and no floor is known below that{}; the \
             loss stays above {value:.6}",
            case.classes,
            case.dim,
            super::codes::best_angle_words(case.classes, case.dim)
        ));
    }
    let (Some(u), Some(v_t)) = (&svd.u, &svd.v_t) else {
        return Err("the arrangement could not be taken apart".into());
    };
    let lean = (case.decay_features / case.decay_weights).powf(0.25);
    let part = |k: usize| svd.singular_values[k].max(0.0).sqrt();
    let (classes, width) = (case.classes, svd.singular_values.len());
    Ok(Minimum {
        value,
        weights: DMatrix::from_fn(classes, width, |c, k| lean * part(k) * u[(c, k)]),
        means: DMatrix::from_fn(classes, width, |c, k| part(k) * v_t[(k, c)] / (lean * roots[c])),
    })
}

/// The cost of a singular direction of strength `s` against θ.
fn direction(s: f64, n: f64, theta: f64) -> f64 {
    if s > n * theta { theta * s - n * theta * theta / 2.0 } else { s * s / (2.0 * n) }
}

/// Squared error without a bias: each class alone, the `dim` largest of them (the best X of rank d keeps the largest
/// singular values of the target, for the target's are all that matters).
fn squares_alone(roots: &[f64], n: f64, theta: f64, dim: usize) -> (f64, DMatrix<f64>) {
    let mut order: Vec<usize> = (0..roots.len()).collect();
    order.sort_by(|&a, &b| roots[b].total_cmp(&roots[a]));
    let mut x = DMatrix::zeros(roots.len(), roots.len());
    let mut value = 0.0;
    for (place, &k) in order.iter().enumerate() {
        if place < dim {
            value += direction(roots[k], n, theta);
            x[(k, k)] = (roots[k] - n * theta).max(0.0);
        } else {
            value += roots[k] * roots[k] / (2.0 * n);
        }
    }
    (value, x)
}

/// (I − n1ᵀ/N)·D^½: what is left of the target once a free bias has taken its part.
fn centred_target(roots: &[f64], n: f64) -> DMatrix<f64> {
    DMatrix::from_fn(roots.len(), roots.len(), |c, k| {
        let own = if c == k { 1.0 } else { 0.0 };
        (own - roots[c] * roots[c] / n) * roots[k]
    })
}

fn squares_centred(roots: &[f64], n: f64, theta: f64) -> (f64, DMatrix<f64>) {
    let mut svd = centred_target(roots, n).svd(true, true);
    let value = svd.singular_values.iter().map(|&s| direction(s, n, theta)).sum();
    svd.singular_values.apply(|s| *s = (*s - n * theta).max(0.0));
    (value, svd.recompose().unwrap_or_else(|_| DMatrix::zeros(roots.len(), roots.len())))
}

/// Balanced classes, bias under decay λ_b: contrasts shrink by Nθ, the all-ones direction by Nθ·(1 + λ_b)/λ_b.
fn squares_between(roots: &[f64], n: f64, theta: f64, decay: f64) -> (f64, DMatrix<f64>) {
    let (classes, root) = (roots.len() as f64, roots[0]);
    let share = decay / (1.0 + decay);
    let contrast = (root - n * theta).max(0.0);
    let ones = (root - n * theta / share).max(0.0);
    let of_ones = if ones > 0.0 {
        theta * root - n * theta * theta / (2.0 * share)
    } else {
        share * root * root / (2.0 * n)
    };
    let x = DMatrix::from_fn(roots.len(), roots.len(), |c, k| {
        (ones - contrast) / classes + if c == k { contrast } else { 0.0 }
    });
    ((classes - 1.0) * direction(root, n, theta) + of_ones, x)
}

/// Balanced cross-entropy: with ε = √n·θ every wrong class ends at probability ε, the right one at 1 − (C−1)ε.
fn entropy_simplex(roots: &[f64], n: f64, theta: f64) -> (f64, DMatrix<f64>) {
    let classes = roots.len() as f64;
    let epsilon = roots[0] * theta;
    debug_assert!((n - classes * roots[0] * roots[0]).abs() < 1e-6 * n, "all classes are equally large");
    if classes * epsilon >= 1.0 {
        return (classes.ln(), DMatrix::zeros(roots.len(), roots.len()));
    }
    let right = 1.0 - (classes - 1.0) * epsilon;
    let gap = (right / epsilon).ln();
    let x = DMatrix::from_fn(roots.len(), roots.len(), |c, k| {
        roots[0] * gap * (if c == k { 1.0 } else { 0.0 } - 1.0 / classes)
    });
    (-right.ln() + (classes - 1.0) * epsilon * gap, x)
}

/// Where, as λ_W·λ_H grows, classes vanish or merge and everything collapses, ascending. Empty where the model does
/// not hold.
pub fn changes(loss: RowLoss, case: &Case) -> Vec<Change> {
    let free = Case { decay_weights: 1.0, decay_features: 1.0, ..case.clone() };
    if theta(&free).is_err() {
        return Vec::new();
    }
    let n = case.rows() as f64;
    let roots: Vec<f64> = case.counts.iter().map(|&count| (count as f64).sqrt()).collect();
    let alone = loss == RowLoss::Squares && case.bias.is_none();
    let Some(strongest) = strongest(loss, case, &roots, n) else { return Vec::new() };
    let total = (strongest / n).powi(2);
    let mut sizes = case.counts.clone();
    sizes.sort_unstable();
    sizes.dedup();
    let mut all: Vec<Change> = Vec::new();
    for size in sizes {
        let many = case.counts.iter().filter(|&&count| count == size).count();
        let product = size as f64 / (n * n);
        if product < total * (1.0 - 1e-9) && (alone || many > 1) {
            let what = if alone { "vanish" } else { "merge" };
            let words = if alone && many == 1 {
                format!("the class of {size} rows vanishes")
            } else {
                format!("classes of {size} rows {what}")
            };
            all.push(Change { product, words });
        }
    }
    all.push(Change { product: total, words: "everything collapses to the origin".into() });
    all
}

/// The largest singular value of N·G·D^½-scaled couplings at the origin: nothing leaves it iff this ≤ N·θ.
fn strongest(loss: RowLoss, case: &Case, roots: &[f64], n: f64) -> Option<f64> {
    let classes = roots.len();
    // What every row predicts at the origin.
    let prior: Vec<f64> = match (loss, case.bias) {
        (RowLoss::Squares, None) => vec![0.0; classes],
        (RowLoss::Squares, Some(decay)) => roots.iter().map(|r| r * r / n / (1.0 + decay)).collect(),
        (RowLoss::CrossEntropy { balanced: false }, None) => vec![1.0 / classes as f64; classes],
        (RowLoss::CrossEntropy { balanced: true }, None) | (_, Some(0.0)) => {
            roots.iter().map(|r| r * r / n).collect()
        }
        (RowLoss::CrossEntropy { .. }, Some(_)) if case.balanced() => vec![1.0 / classes as f64; classes],
        _ => return None,
    };
    let couplings = DMatrix::from_fn(classes, classes, |c, k| {
        let own = if c == k { 1.0 } else { 0.0 };
        (prior[c] - own) * roots[k]
    });
    Some(couplings.singular_values().max())
}

#[cfg(test)]
mod tests;
