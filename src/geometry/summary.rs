//! What the metrics share: the sample, checked once, its classes, lengths and nearest class means.
//!
//! Checks live here so that a metric's code is its formula; each accessor gives the thing or the reason why
//! this sample has none.

use std::sync::OnceLock;

use nalgebra::DMatrix;

use super::agreement::{self, Scored};
use super::{Classes, Sample, Undefined};
use crate::features::Matrix;

/// A sample with everything metrics share, each part computed at most once.
pub struct Summary<'a> {
    sample: Sample<'a>,
    usable: Result<(), Undefined>,
    classes: Result<Classes, Undefined>,
    norms: Vec<f64>,
    nearest: OnceLock<Result<Vec<usize>, Undefined>>,
    scored: OnceLock<Result<Vec<Scored>, Undefined>>,
}

impl<'a> Summary<'a> {
    /// Checks the rows and groups them by class.
    pub fn new(sample: Sample<'a>) -> Self {
        let usable = check_rows(sample.points);
        let classes = usable.clone().and_then(|()| {
            let labels = sample.labels.ok_or(Undefined::because("there are no labels"))?;
            Classes::new(sample.points, labels)
        });
        Self {
            sample,
            usable,
            classes,
            norms: sample.points.norms(),
            nearest: OnceLock::new(),
            scored: OnceLock::new(),
        }
    }

    /// What is measured, as handed in.
    pub fn sample(&self) -> &Sample<'a> {
        &self.sample
    }

    /// The rows, if there are any and all their numbers are finite.
    pub fn points(&self) -> Result<&'a Matrix, Undefined> {
        self.usable.clone().map(|()| self.sample.points)
    }

    /// The classes present.
    pub fn classes(&self) -> Result<&Classes, Undefined> {
        self.classes.as_ref().map_err(Clone::clone)
    }

    /// The length of each row.
    pub fn norms(&self) -> Result<&[f64], Undefined> {
        self.points()?;
        Ok(&self.norms)
    }

    /// The length of each row, if every row has a direction.
    pub fn positive_norms(&self) -> Result<&[f64], Undefined> {
        let norms = self.norms()?;
        match norms.iter().position(|&norm| norm == 0.0) {
            Some(row) => Err(Undefined::at(format!("row {row} has length 0, so it has no direction"))),
            None => Ok(norms),
        }
    }

    /// The class whose mean is nearest to each row; of equally near ones the first.
    pub fn nearest(&self) -> Result<&[usize], Undefined> {
        let classes = self.classes()?;
        let nearest = self.nearest.get_or_init(|| Ok(agreement::nearest_means(self.points()?, classes)));
        nearest.as_deref().map_err(Clone::clone)
    }

    /// The largest score of each row.
    pub(super) fn scored(&self) -> Result<&[Scored], Undefined> {
        self.scored.get_or_init(|| agreement::largest_scores(self)).as_deref().map_err(Clone::clone)
    }

    /// The class weights, if they fit the rows.
    pub fn weights(&self) -> Result<&'a Matrix, Undefined> {
        let weights = self.sample.weights.ok_or(Undefined::because("there are no class weights"))?;
        if weights.rows == 0 {
            return Err(Undefined::because("there are no class weights"));
        }
        if weights.cols != self.sample.points.cols {
            return Err(Undefined::at(format!(
                "the class weights have {} columns but the rows have {}",
                weights.cols, self.sample.points.cols
            )));
        }
        if !weights.is_finite() {
            return Err(Undefined::because("the class weights hold a number that is not finite"));
        }
        Ok(weights)
    }

    /// The biases, none for cosine scores, if they fit the weights.
    pub fn bias(&self) -> Result<Option<&'a [f32]>, Undefined> {
        let weights = self.weights()?;
        match self.sample.bias {
            Some(_) if self.sample.cosine_scores => Ok(None),
            Some(bias) if bias.len() != weights.rows => Err(Undefined::at(format!(
                "there are {} biases for {} rows of class weights",
                bias.len(),
                weights.rows
            ))),
            Some(bias) if !bias.iter().all(|b| b.is_finite()) => {
                Err(Undefined::because("the biases hold a number that is not finite"))
            }
            bias => Ok(bias),
        }
    }

    /// The row of the weights that belongs to each class present.
    pub fn weight_rows(&self) -> Result<&[u32], Undefined> {
        let weights = self.weights()?;
        let labels = &self.classes()?.labels;
        match labels.last() {
            Some(&last) if last as usize >= weights.rows => Err(Undefined::at(format!(
                "label {last} has no row among the {} class weights",
                weights.rows
            ))),
            _ => Ok(labels),
        }
    }

    /// d×C: the weights of the classes present as columns.
    pub fn present_weights(&self) -> Result<DMatrix<f64>, Undefined> {
        let weights = self.weights()?;
        let rows = self.weight_rows()?;
        Ok(DMatrix::from_fn(weights.cols, rows.len(), |i, class| {
            f64::from(weights.row(rows[class] as usize)[i])
        }))
    }
}

fn check_rows(points: &Matrix) -> Result<(), Undefined> {
    if points.rows == 0 || points.cols == 0 {
        return Err(Undefined::because("there are no rows"));
    }
    match points.rows_iter().position(|row| !row.iter().all(|x| x.is_finite())) {
        Some(row) => Err(Undefined::at(format!("row {row} holds a number that is not finite"))),
        None => Ok(()),
    }
}
