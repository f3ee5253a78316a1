//! The unconstrained features model: least loss over free features and class weights under sum-form decay, and the
//! arrangement that reaches it.
//!
//! With logits W·Hᵀ (+ b) the decay of the best factors of a product is θ times its nuclear norm, θ = √(λ_W·λ_H), and
//! all rows of a class are alike. So one convex problem in the C×C class logits Z remains, with X = Z·D^½, D the class
//! sizes: Σ_k (n_k/N)·ℓ(z_k + b, k) + λ_b/2·‖b‖² + θ·‖X‖_*. Closed forms stand where there are any; elsewhere
//! `descent` solves it and its dual gives the bound, so that what is called a floor is one whatever the solver did.

pub mod deep;
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

/// The least loss, and what is known of the arrangement without writing it out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Least {
    /// A proved lower bound, reached to rounding.
    pub value: f64,
    /// The dimensions the arrangement takes; 0 where everything lies at the origin.
    pub rank: usize,
    /// Whether equal classes stand on a simplex.
    pub simplex: bool,
}

/// The arrangement that reaches the least loss.
#[derive(Clone, Debug, PartialEq)]
pub struct Minimum {
    /// As in [`Least`].
    pub value: f64,
    /// C×r: class weights, up to one rotation of both.
    pub weights: DMatrix<f64>,
    /// C×r: class means.
    pub means: DMatrix<f64>,
}

/// X = Z·D^½ at the least loss, as far as it has to be written out.
enum Logits {
    /// One number a class.
    Diagonal(Vec<f64>),
    /// `contrast`·(I − J/C) + `ones`·J/C of equal classes.
    Equal { contrast: f64, ones: f64 },
    /// All of it.
    Full(DMatrix<f64>),
}

/// A product θ² = λ_W·λ_H at which an arrangement changes, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// λ_W·λ_H.
    pub product: f64,
    /// What is so from there on, as a clause.
    pub words: String,
}

/// Singular values of X below this count as none: √n times a logit, as a descent leaves it.
const NONE: f64 = 1e-4;
/// More classes of unequal size than this would keep a person waiting, in a descent and in a decomposition.
const MOST_CLASSES: usize = 48;
const MOST_DECOMPOSED: usize = 256;

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

/// The least loss under both decays, or the condition that fails.
///
/// # Errors
/// One clause: what is missing for a proof.
pub fn least(loss: RowLoss, case: &Case) -> Result<Least, String> {
    settled(loss, case).map(|(least, _)| least)
}

fn settled(loss: RowLoss, case: &Case) -> Result<(Least, Logits), String> {
    let (value, logits) = solve(loss, case)?;
    let (rank, simplex) = match &logits {
        Logits::Diagonal(x) => (x.iter().filter(|&&s| s > 0.0).count(), false),
        Logits::Equal { contrast, ones } => {
            let rank = if *contrast > 0.0 { case.classes - 1 } else { 0 };
            (rank + usize::from(*ones > 0.0), *ones == 0.0 && rank > 0)
        }
        Logits::Full(x) => (rank(&x.singular_values()), false),
    };
    if rank > case.dim {
        return Err(format!(
            "C = {}, d = {}: the best arrangement takes {rank} dimensions, and in fewer no floor is known{}; the loss \
             stays above {value:.6}",
            case.classes,
            case.dim,
            super::codes::best_angle_words(case.classes, case.dim)
        ));
    }
    Ok((Least { value, rank, simplex }, logits))
}

/// The arrangement itself, for as many classes as can be taken apart.
///
/// # Errors
/// As [`least`].
pub fn minimum(loss: RowLoss, case: &Case) -> Result<Minimum, String> {
    if case.classes > MOST_DECOMPOSED {
        return Err(format!("{} classes are too many to write their arrangement out", case.classes));
    }
    let (Least { value, .. }, logits) = settled(loss, case)?;
    let classes = case.classes;
    let x = match logits {
        Logits::Diagonal(x) => DMatrix::from_fn(classes, classes, |c, k| if c == k { x[k] } else { 0.0 }),
        Logits::Equal { contrast, ones } => DMatrix::from_fn(classes, classes, |c, k| {
            (ones - contrast) / classes as f64 + if c == k { contrast } else { 0.0 }
        }),
        Logits::Full(x) => x,
    };
    let svd = x.svd(true, true);
    let (Some(u), Some(v_t)) = (&svd.u, &svd.v_t) else {
        return Err("the arrangement could not be taken apart".into());
    };
    let lean = (case.decay_features / case.decay_weights).powf(0.25);
    let part = |k: usize| svd.singular_values[k].max(0.0).sqrt();
    let root = |k: usize| (case.counts[k] as f64).sqrt();
    let rank = rank(&svd.singular_values);
    let mut order: Vec<usize> = (0..classes).collect();
    order.sort_by(|&a, &b| svd.singular_values[b].total_cmp(&svd.singular_values[a]));
    order.truncate(rank);
    Ok(Minimum {
        value,
        weights: DMatrix::from_fn(classes, rank, |c, k| lean * part(order[k]) * u[(c, order[k])]),
        means: DMatrix::from_fn(classes, rank, |c, k| part(order[k]) * v_t[(order[k], c)] / (lean * root(c))),
    })
}

/// How many singular values are not rounding.
fn rank(values: &nalgebra::DVector<f64>) -> usize {
    values.iter().filter(|&&s| s > NONE).count()
}

fn solve(loss: RowLoss, case: &Case) -> Result<(f64, Logits), String> {
    let theta = theta(case)?;
    let n = case.rows() as f64;
    let roots: Vec<f64> = case.counts.iter().map(|&count| (count as f64).sqrt()).collect();
    Ok(match (loss, case.bias) {
        (RowLoss::Squares, None) => squares_alone(&roots, n, theta, case.dim),
        (RowLoss::Squares, Some(decay)) if case.balanced() => squares_equal(&roots, n, theta, decay),
        (RowLoss::Squares, Some(0.0)) => squares_centred(&roots, n, theta)?,
        (RowLoss::CrossEntropy { .. }, _) if case.balanced() => entropy_equal(&roots, theta),
        _ => {
            let (value, x) = descent::solve(loss, case, theta)?;
            (value, Logits::Full(x))
        }
    })
}

/// The cost of a singular direction of strength `s` against θ.
fn direction(s: f64, n: f64, theta: f64) -> f64 {
    if s > n * theta { theta * s - n * theta * theta / 2.0 } else { s * s / (2.0 * n) }
}

/// Squared error without a bias: each class alone, the `dim` largest of them (the best X of rank d keeps the largest
/// singular values of the target, for the target's are all that matters).
fn squares_alone(roots: &[f64], n: f64, theta: f64, dim: usize) -> (f64, Logits) {
    let mut order: Vec<usize> = (0..roots.len()).collect();
    order.sort_by(|&a, &b| roots[b].total_cmp(&roots[a]));
    let mut x = vec![0.0; roots.len()];
    let mut value = 0.0;
    for (place, &k) in order.iter().enumerate() {
        if place < dim {
            value += direction(roots[k], n, theta);
            x[k] = (roots[k] - n * theta).max(0.0);
        } else {
            value += roots[k] * roots[k] / (2.0 * n);
        }
    }
    (value, Logits::Diagonal(x))
}

/// (I − n1ᵀ/N)·D^½: what is left of the target once a free bias has taken its part.
fn centred_target(roots: &[f64], n: f64) -> DMatrix<f64> {
    DMatrix::from_fn(roots.len(), roots.len(), |c, k| {
        let own = if c == k { 1.0 } else { 0.0 };
        (own - roots[c] * roots[c] / n) * roots[k]
    })
}

fn squares_centred(roots: &[f64], n: f64, theta: f64) -> Result<(f64, Logits), String> {
    if roots.len() > MOST_DECOMPOSED {
        return Err(format!("{} classes of unequal size are too many for this floor", roots.len()));
    }
    let mut svd = centred_target(roots, n).svd(true, true);
    let value = svd.singular_values.iter().map(|&s| direction(s, n, theta)).sum();
    svd.singular_values.apply(|s| *s = (*s - n * theta).max(0.0));
    let x = svd.recompose().map_err(|_| "the target could not be taken apart".to_owned())?;
    Ok((value, Logits::Full(x)))
}

/// Equal classes, bias under decay λ_b (0: free): contrasts shrink by Nθ, the all-ones direction by
/// Nθ·(1 + λ_b)/λ_b.
fn squares_equal(roots: &[f64], n: f64, theta: f64, decay: f64) -> (f64, Logits) {
    let (classes, root) = (roots.len() as f64, roots[0]);
    let share = decay / (1.0 + decay);
    let contrast = (root - n * theta).max(0.0);
    let ones = if share > 0.0 { (root - n * theta / share).max(0.0) } else { 0.0 };
    let of_ones = if ones > 0.0 {
        theta * root - n * theta * theta / (2.0 * share)
    } else {
        share * root * root / (2.0 * n)
    };
    let value = (classes - 1.0) * direction(root, n, theta) + of_ones;
    (value, Logits::Equal { contrast, ones })
}

/// Equal classes under cross-entropy: with ε = √n·θ every wrong class ends at probability ε, the right one at
/// 1 − (C−1)ε.
fn entropy_equal(roots: &[f64], theta: f64) -> (f64, Logits) {
    let classes = roots.len() as f64;
    let epsilon = roots[0] * theta;
    if classes * epsilon >= 1.0 {
        return (classes.ln(), Logits::Equal { contrast: 0.0, ones: 0.0 });
    }
    let right = 1.0 - (classes - 1.0) * epsilon;
    let gap = (right / epsilon).ln();
    let value = -right.ln() + (classes - 1.0) * epsilon * gap;
    (value, Logits::Equal { contrast: roots[0] * gap, ones: 0.0 })
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
    if case.balanced() {
        return Some(roots[0]);
    }
    if classes > MOST_DECOMPOSED {
        return None;
    }
    // What every row predicts at the origin.
    let prior: Vec<f64> = match (loss, case.bias) {
        (RowLoss::Squares, None) => vec![0.0; classes],
        (RowLoss::Squares, Some(decay)) => roots.iter().map(|r| r * r / n / (1.0 + decay)).collect(),
        (RowLoss::CrossEntropy { balanced: false }, None) => vec![1.0 / classes as f64; classes],
        (RowLoss::CrossEntropy { balanced: true }, None) | (_, Some(0.0)) => {
            roots.iter().map(|r| r * r / n).collect()
        }
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
