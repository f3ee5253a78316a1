//! Which classes are present, their sizes and their means: what most metrics start from.
//!
//! Class numbers may be sparse; inside, classes are numbered 0..C in the order of their labels.

use nalgebra::{DMatrix, DVector};

use super::Undefined;
use crate::features::Matrix;

/// Lengths below this share of the lengths they were computed from are rounding, not geometry.
pub(super) const ROUNDING: f64 = 1e-12;

/// The classes present in a sample and their means, in f64.
#[derive(Clone, Debug)]
pub struct Classes {
    /// The label of each class, ascending; C of them.
    pub labels: Vec<u32>,
    /// The class (0..C) of each row.
    pub of_row: Vec<usize>,
    /// Rows in each class, at least 1.
    pub counts: Vec<usize>,
    /// d×C: column c is the mean of class c.
    pub means: DMatrix<f64>,
    /// The mean of the class means (not of the rows: they differ when classes differ in size).
    pub centre: DVector<f64>,
    /// d×C: the class means less the centre.
    pub centred: DMatrix<f64>,
    /// The greatest length of a row, for each class.
    pub reach: Vec<f64>,
}

impl Classes {
    /// Groups the rows by label. The rows must be finite; an error says why there are no classes.
    pub fn new(points: &Matrix, labels: &[u32]) -> Result<Self, Undefined> {
        if points.rows == 0 || points.cols == 0 {
            return Err(Undefined::because("there are no rows"));
        }
        if labels.len() != points.rows {
            return Err(Undefined::at(format!("there are {} labels for {} rows", labels.len(), points.rows)));
        }
        let mut present = labels.to_vec();
        present.sort_unstable();
        present.dedup();
        let of_row: Vec<usize> =
            labels.iter().map(|label| present.partition_point(|known| known < label)).collect();
        let mut counts = vec![0; present.len()];
        for &class in &of_row {
            counts[class] += 1;
        }
        let means = class_means(points, &of_row, &counts);
        let centre = mean_of_columns(&means);
        let mut centred = means.clone();
        for mut column in centred.column_iter_mut() {
            column -= &centre;
        }
        let mut reach = vec![0.0_f64; present.len()];
        for (norm, &class) in points.norms().iter().zip(&of_row) {
            reach[class] = reach[class].max(*norm);
        }
        Ok(Self { labels: present, of_row, counts, means, centre, centred, reach })
    }

    /// The number of classes present.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is none (a sample without rows).
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// An error unless at least two classes are present.
    pub(super) fn at_least_two(&self) -> Result<(), Undefined> {
        if self.len() < 2 {
            return Err(Undefined::because("only one class is present, and this compares classes"));
        }
        Ok(())
    }

    /// The class means as unit columns.
    pub fn unit_means(&self) -> Result<DMatrix<f64>, Undefined> {
        self.means_have_directions()?;
        Ok(unit_columns(&self.means))
    }

    /// The centred class means as unit columns.
    pub fn unit_centred(&self) -> Result<DMatrix<f64>, Undefined> {
        self.centred_have_directions()?;
        Ok(unit_columns(&self.centred))
    }

    /// An error if the mean of a class has length 0, up to rounding.
    pub(super) fn means_have_directions(&self) -> Result<(), Undefined> {
        let reach = |class: usize| self.reach[class];
        self.have_directions(&self.means, reach, "has a mean of length 0, so it has no direction")
    }

    /// An error if a class has its mean at the mean of all class means, up to rounding.
    pub(super) fn centred_have_directions(&self) -> Result<(), Undefined> {
        let reach = self.reach.iter().copied().fold(0.0, f64::max);
        let fault = "has its mean at the mean of all class means, so it has no direction from there";
        self.have_directions(&self.centred, |_| reach, fault)
    }

    /// An error if all class means coincide, up to rounding.
    pub(super) fn means_differ(&self) -> Result<(), Undefined> {
        self.at_least_two()?;
        let reach = self.reach.iter().copied().fold(0.0, f64::max);
        let spread = self.centred.column_iter().map(|column| column.norm()).fold(0.0, f64::max);
        if spread <= ROUNDING * reach {
            return Err(Undefined::because("all class means coincide, so there is no between-class scatter"));
        }
        Ok(())
    }

    fn have_directions(
        &self,
        columns: &DMatrix<f64>,
        reach: impl Fn(usize) -> f64,
        fault: &str,
    ) -> Result<(), Undefined> {
        let none =
            |(class, column): (usize, nalgebra::DVectorView<f64>)| column.norm() <= ROUNDING * reach(class);
        match columns.column_iter().enumerate().position(none) {
            Some(class) => Err(Undefined::at(format!("class {} {fault}", self.labels[class]))),
            None => Ok(()),
        }
    }
}

fn unit_columns(columns: &DMatrix<f64>) -> DMatrix<f64> {
    let mut unit = columns.clone();
    for mut column in unit.column_iter_mut() {
        let norm = column.norm();
        column /= norm;
    }
    unit
}

/// Sums the differences to the first row of the class: exact for rows that coincide, so that a collapsed
/// class has a scatter of exactly zero and not of the rounding of its mean.
fn class_means(points: &Matrix, of_row: &[usize], counts: &[usize]) -> DMatrix<f64> {
    let mut first: Vec<Option<usize>> = vec![None; counts.len()];
    let mut sums = DMatrix::<f64>::zeros(points.cols, counts.len());
    for (row, &class) in of_row.iter().enumerate() {
        let origin = points.row(*first[class].get_or_insert(row));
        let mut sum = sums.column_mut(class);
        for ((sum, &x), &x0) in sum.iter_mut().zip(points.row(row)).zip(origin) {
            *sum += f64::from(x) - f64::from(x0);
        }
    }
    for (class, mut mean) in sums.column_iter_mut().enumerate() {
        let Some(origin) = first[class] else { continue };
        for (mean, &x0) in mean.iter_mut().zip(points.row(origin)) {
            *mean = f64::from(x0) + *mean / counts[class] as f64;
        }
    }
    sums
}

/// The mean of the columns, again as differences to the first: exact where they coincide.
fn mean_of_columns(columns: &DMatrix<f64>) -> DVector<f64> {
    let origin = columns.column(0).into_owned();
    let mut sum = DVector::<f64>::zeros(columns.nrows());
    for column in columns.column_iter() {
        sum += column - &origin;
    }
    origin + sum / columns.ncols() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sparse_labels_and_unequal_sizes() {
        let points = Matrix::new(3, 2, vec![0., 0., 2., 0., 5., 3.]);
        let classes = Classes::new(&points, &[7, 7, 900]).unwrap();
        assert_eq!(classes.labels, [7, 900]);
        assert_eq!(classes.of_row, [0, 0, 1]);
        assert_eq!(classes.counts, [2, 1]);
        assert_eq!(classes.means.as_slice(), [1., 0., 5., 3.]);
        // The mean of the means (1,0), (5,3), not of the three rows.
        assert_eq!(classes.centre.as_slice(), [3., 1.5]);
        assert_eq!(classes.centred.as_slice(), [-2., -1.5, 2., 1.5]);
    }

    #[test]
    fn coinciding_rows_have_exactly_their_place_as_mean() {
        let points = Matrix::from_fn(1001, 1, |_, _| 0.1);
        let classes = Classes::new(&points, &vec![3; 1001]).unwrap();
        assert_eq!(classes.means[(0, 0)], f64::from(0.1_f32));
    }

    #[test]
    fn wrong_lengths_are_said() {
        let points = Matrix::zeros(3, 2);
        assert_eq!(Classes::new(&points, &[0]).unwrap_err().to_string(), "there are 1 labels for 3 rows");
    }
}
