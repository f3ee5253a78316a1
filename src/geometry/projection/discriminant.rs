//! Linear discriminants (Fisher 1936): directions in which class means lie far apart for the spread of the classes.
//!
//! With W the scatter of rows about their class means and B = MMᵀ that of the class means, discriminants maximise
//! vᵀBv / vᵀ(W + εI)v. The ridge ε keeps this sensible where W is singular: with fewer rows than dimensions, or
//! where classes have collapsed to points; then the discriminants become the principal components of the class
//! means. Axes are an orthonormal basis of the discriminants' span, in their order, so that lengths stay true.
//!
//! The work is in whitened coordinates u = Lᵀv with LLᵀ = W + εI, where discriminants are the eigenvectors of ZZᵀ,
//! Z = L⁻¹M. From frame to frame they are followed as principal components are, since equal ones are arbitrary.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

use super::covariance::{Scatter, widest_beside};
use super::steady::{keep_the_lost, turn_towards};
use super::{Projection, ProjectionKind, SHOWN, Source, largest_entry_positive, showing};
use crate::features::Matrix;
use crate::geometry::seeded::{dot, orthonormal};
use crate::geometry::{Classes, Undefined, blocks, spectrum};

/// The directions that part the classes best.
pub(super) const DISCRIMINANT: ProjectionKind = ProjectionKind {
    name: "lda",
    description: "the three linear discriminants: class means far apart for the spread of their classes (Fisher)",
    build: discriminant,
};

/// Multiplications for the scatter: beyond them a part of the rows stands for all.
const WORK: usize = 1 << 30;
/// The most classes and coordinates that are looked at.
const MOST: usize = 512;
/// The ridge, as a share of the mean variance within classes, …
const RIDGE: f64 = 1e-3;
/// … and of the mean of all variances, which is what there is where classes have collapsed.
const LEAST_RIDGE: f64 = 1e-8;
/// Steps of subspace iteration a frame.
const STEPS: usize = 4;
/// Discriminants weaker than this share of the strongest are rounding.
const NOTHING: f64 = 1e-12;

fn discriminant(source: &Source) -> Result<Projection, Undefined> {
    let classes = source.classes.ok_or(Undefined::because("there are no labels"))?;
    let points = source.points;
    if classes.means.nrows() != points.cols || classes.of_row.len() != points.rows {
        return Err(Undefined::because("the classes are those of other points"));
    }
    classes.at_least_two()?;
    let previous = source.previous_of(DISCRIMINANT.name);
    let Some(part) = Part::of(points, classes)? else {
        let scatter = Scatter::new(points, classes)?;
        let axes = axes(&scatter, previous.map(|previous| previous.axes.as_slice()), points.cols)?;
        let total = &scatter.total;
        return Ok(super::with_shares(DISCRIMINANT.name, total.mean.clone(), axes, total));
    };
    let scatter = Scatter::new(&part.points, &part.classes)?;
    let before: Option<Vec<Vec<f64>>> =
        previous.map(|previous| previous.axes.iter().map(|axis| part.narrowed(axis)).collect());
    let found = axes(&scatter, before.as_deref(), part.points.cols)?;
    let axes: Vec<Vec<f64>> = found.iter().map(|axis| part.widened(axis, points.cols)).collect();
    // What is hidden is hidden of all rows and coordinates, looked at or not.
    let (mean, along, total) = variances(points, &axes);
    let made = showing(DISCRIMINANT.name, mean, axes, &along, total);
    Ok(Projection { notice: Some(part.notice), ..made })
}

/// The span of the discriminants and, where they are fewer than three, the widest directions beside them.
fn axes(scatter: &Scatter, before: Option<&[Vec<f64>]>, dim: usize) -> Result<Vec<Vec<f64>>, Undefined> {
    let count = scatter.means.ncols();
    let variance = |matrix: &DMatrix<f64>| matrix.trace() / dim as f64;
    let ridge = RIDGE * variance(&scatter.within) + LEAST_RIDGE * scatter.total.total() / dim as f64;
    let mut axes = Vec::new();
    if ridge > 0.0 {
        let mut spread = scatter.within.clone();
        for i in 0..dim {
            spread[(i, i)] += ridge;
        }
        let white =
            Cholesky::new(spread).ok_or(Undefined::because("the scatter within classes is not finite"))?;
        let white = White { z: whitened(&white, &scatter.means)?, lower: white.unpack() };
        // All there are of few: nothing is arbitrary about their span.
        let followed = before.filter(|_| count > SHOWN + 1).and_then(|before| white.followed(before));
        axes = match followed {
            Some(axes) => axes,
            None => white.strongest()?,
        };
    }
    while axes.len() < SHOWN.min(dim) {
        let start = before.and_then(|before| farthest(before, &axes));
        let widest = widest_beside(&scatter.total, &axes, start, dim);
        axes.push(widest);
        axes = orthonormal(&axes, axes.len(), dim);
    }
    Ok(match before {
        Some(before) if before.len() == axes.len() => turn_towards(&axes, before),
        _ => {
            largest_entry_positive(&mut axes);
            axes
        }
    })
}

/// The former axis that has most outside the present ones.
fn farthest<'a>(before: &'a [Vec<f64>], axes: &[Vec<f64>]) -> Option<&'a Vec<f64>> {
    let inside = |axis: &Vec<f64>| axes.iter().map(|other| dot(axis, other).powi(2)).sum::<f64>();
    before.iter().min_by(|a, b| inside(a).total_cmp(&inside(b)))
}

fn whitened(cholesky: &Cholesky<f64, Dyn>, means: &DMatrix<f64>) -> Result<DMatrix<f64>, Undefined> {
    let lost = Undefined::because("the scatter within classes cannot be inverted");
    cholesky.l_dirty().solve_lower_triangular(means).ok_or(lost)
}

/// Class means in whitened coordinates, and the way back.
struct White {
    /// d×C.
    z: DMatrix<f64>,
    /// L, with zeros above its diagonal.
    lower: DMatrix<f64>,
}

impl White {
    /// The strongest discriminants there are, at most three, orthonormal in their order.
    fn strongest(&self) -> Result<Vec<Vec<f64>>, Undefined> {
        let (dim, count) = self.z.shape();
        let tall = dim > count;
        let gram = blocks::smaller_gram(&self.z);
        let (values, vectors) = spectrum::symmetric_eigen(gram)?;
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
        let most = order.first().map_or(0.0, |&k| values[k]);
        order.retain(|&k| values[k] > NOTHING * most && values[k] > 0.0);
        let directions = order.iter().take(SHOWN.min(count - 1)).map(|&k| {
            let vector = vectors.column(k).into_owned();
            self.back(&if tall { &self.z * vector } else { vector })
        });
        let directions: Vec<Vec<f64>> = directions.collect();
        Ok(orthonormal(&directions, directions.len(), dim))
    }

    /// The discriminants reached in a few steps from former axes; none where those are cut off from them.
    fn followed(&self, before: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
        let dim = self.z.nrows();
        let count = SHOWN.min(dim);
        let start: Vec<Vec<f64>> = before
            .iter()
            .map(|axis| self.lower.tr_mul(&DVector::from_column_slice(axis)).as_slice().to_vec())
            .collect();
        let mut axes = orthonormal(&start, count, dim);
        let image = |axis: &Vec<f64>| {
            let seen = self.z.tr_mul(&DVector::from_column_slice(axis));
            (&self.z * seen).as_slice().to_vec()
        };
        for _ in 0..STEPS {
            let mut images: Vec<Vec<f64>> = axes.iter().map(image).collect();
            keep_the_lost(&mut images, &axes);
            axes = orthonormal(&images, count, dim);
        }
        let strength: f64 = axes.iter().map(|axis| dot(axis, &image(axis))).sum();
        let least = (1.0 - 1e-6) * self.z.norm_squared() * count as f64 / dim as f64;
        let back: Vec<Vec<f64>> =
            axes.iter().map(|axis| self.back(&DVector::from_column_slice(axis))).collect();
        (strength > 0.0 && strength >= least).then(|| orthonormal(&back, count, dim))
    }

    /// v of u = Lᵀv.
    fn back(&self, u: &DVector<f64>) -> Vec<f64> {
        self.lower.tr_solve_lower_triangular(u).map_or_else(Vec::new, |v| v.as_slice().to_vec())
    }
}

/// What stands for points of which there are too many.
struct Part {
    points: Matrix,
    classes: Classes,
    /// Which coordinates, where not all.
    columns: Option<Vec<usize>>,
    notice: String,
}

impl Part {
    /// Fewer classes, rows or coordinates; nothing where all can be looked at.
    fn of(points: &Matrix, classes: &Classes) -> Result<Option<Self>, Undefined> {
        let (dim, count) = (points.cols, classes.len());
        let columns = (dim > MOST).then(|| widest_columns(points));
        let narrow = dim.min(MOST);
        let room = (WORK / (narrow * narrow)).max(2 * count.min(MOST));
        let kept = |class: usize| count <= MOST || class * MOST % count < MOST;
        let present: usize = (0..count).filter(|&class| kept(class)).map(|class| classes.counts[class]).sum();
        if columns.is_none() && present == points.rows && present <= room {
            return Ok(None);
        }
        let share = (room as f64 / present.max(1) as f64).min(1.0);
        let mut seen = vec![0usize; count];
        let rows: Vec<usize> = (0..points.rows)
            .filter(|&row| {
                let class = classes.of_row[row];
                let k = seen[class];
                seen[class] += 1;
                // One from each of as many equal stretches of the class.
                let stretch = |k: usize| (k as f64 * share).ceil();
                kept(class) && (k == 0 || stretch(k) < stretch(k + 1) || share >= 1.0)
            })
            .collect();
        let mut part = Matrix::zeros(rows.len(), narrow);
        for (to, &row) in rows.iter().enumerate() {
            match &columns {
                Some(columns) => {
                    for (x, &column) in part.row_mut(to).iter_mut().zip(columns) {
                        *x = points.row(row)[column];
                    }
                }
                None => part.row_mut(to).copy_from_slice(points.row(row)),
            }
        }
        let labels: Vec<u32> = rows.iter().map(|&row| classes.of_row[row] as u32).collect();
        let classes = Classes::new(&part, &labels)?;
        let parts = [
            (rows.len() < points.rows).then(|| format!("{} of {} rows", rows.len(), points.rows)),
            (classes.len() < count).then(|| format!("{} of {count} classes", classes.len())),
            columns.as_ref().map(|_| format!("the {MOST} of {dim} coordinates that vary most")),
        ];
        let notice = format!("from {}", parts.into_iter().flatten().collect::<Vec<_>>().join(", "));
        Ok(Some(Self { points: part, classes, columns, notice }))
    }

    fn narrowed(&self, axis: &[f64]) -> Vec<f64> {
        match &self.columns {
            Some(columns) => columns.iter().map(|&column| axis[column]).collect(),
            None => axis.to_vec(),
        }
    }

    fn widened(&self, axis: &[f64], dim: usize) -> Vec<f64> {
        let Some(columns) = &self.columns else { return axis.to_vec() };
        let mut wide = vec![0.0; dim];
        for (&column, &x) in columns.iter().zip(axis) {
            wide[column] = x;
        }
        wide
    }
}

/// The coordinates of greatest variance, ascending.
fn widest_columns(points: &Matrix) -> Vec<usize> {
    let units: Vec<Vec<f64>> = Vec::new();
    let variance = coordinate_variances(points, &variances(points, &units).0);
    let mut order: Vec<usize> = (0..points.cols).collect();
    order.sort_by(|&a, &b| variance[b].total_cmp(&variance[a]));
    order.truncate(MOST);
    order.sort_unstable();
    order
}

fn coordinate_variances(points: &Matrix, mean: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; points.cols];
    for row in points.rows_iter() {
        for ((sum, &x), m) in sums.iter_mut().zip(row).zip(mean) {
            *sum += (f64::from(x) - m).powi(2);
        }
    }
    sums.into_iter().map(|sum| sum / points.rows.max(1) as f64).collect()
}

/// The mean of all rows, the variance along each axis, and that along all coordinates together.
fn variances(points: &Matrix, axes: &[Vec<f64>]) -> (Vec<f64>, Vec<f64>, f64) {
    let count = points.rows.max(1) as f64;
    let mut mean = vec![0.0; points.cols];
    for row in points.rows_iter() {
        for (mean, &x) in mean.iter_mut().zip(row) {
            *mean += f64::from(x) / count;
        }
    }
    let mut along = vec![0.0; axes.len()];
    for row in points.rows_iter() {
        for (sum, axis) in along.iter_mut().zip(axes) {
            let at: f64 = row.iter().zip(&mean).zip(axis).map(|((&x, m), a)| (f64::from(x) - m) * a).sum();
            *sum += at * at / count;
        }
    }
    let total = coordinate_variances(points, &mean).iter().sum();
    (mean, along, total)
}
