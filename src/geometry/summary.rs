//! What the metrics share: the sample, checked once, its classes, lengths and nearest class means.
//!
//! Checks live here so that a metric's code is its formula; each accessor gives the thing or the reason why
//! this sample has none.

use std::sync::OnceLock;

use nalgebra::DMatrix;

use super::agreement::{self, Scored};
use super::class_pairs::ClassPairs;
use super::effort::{self, Effort};
use super::{Classes, Metric, Over, Sample, Undefined};
use crate::features::Matrix;

/// A sample with everything metrics share, each part computed at most once.
pub struct Summary<'a> {
    sample: Sample<'a>,
    usable: Result<(), Undefined>,
    classes: Result<Classes, Undefined>,
    norms: Vec<f64>,
    effort: Effort,
    drawn: [OnceLock<Option<Vec<usize>>>; 3],
    mean_pairs: OnceLock<ClassPairs>,
    centred_pairs: OnceLock<ClassPairs>,
    nearest: OnceLock<Result<Vec<usize>, Undefined>>,
    scored: OnceLock<Result<Vec<Scored>, Undefined>>,
}

impl<'a> Summary<'a> {
    /// Checks the rows and groups them by class. No number over pairs takes more than `effort`.
    pub fn new(sample: Sample<'a>, effort: Effort) -> Self {
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
            effort,
            drawn: [OnceLock::new(), OnceLock::new(), OnceLock::new()],
            mean_pairs: OnceLock::new(),
            centred_pairs: OnceLock::new(),
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

    /// The rows or classes that stand for all in numbers over these pairs; `None` where all are looked at.
    pub(super) fn drawn(&self, over: Over) -> Option<&[usize]> {
        let (kept, count) = match over {
            Over::Rows => return None,
            Over::RowPairs => (0, self.sample.points.rows),
            Over::RowsByClasses => (1, self.sample.points.rows),
            Over::ClassPairs => (2, self.classes.as_ref().map_or(0, Classes::len)),
        };
        let dim = self.sample.points.cols;
        let chosen = || match over {
            Over::Rows => count,
            Over::RowPairs | Over::ClassPairs => self.effort.for_pairs(count, dim),
            Over::RowsByClasses => {
                let present = self.classes.as_ref().map_or(0, Classes::len);
                let classes = present.max(self.sample.weights.map_or(0, |weights| weights.rows));
                self.effort.for_rows(count, classes as u64 * dim as u64)
            }
        };
        self.drawn[kept].get_or_init(|| effort::draw(count, chosen())).as_deref()
    }

    /// From what sample a metric was taken, if not from everything.
    pub(super) fn remark(&self, metric: &Metric) -> Option<String> {
        let seen = self.drawn(metric.over)?.len();
        let rows = self.sample.points.rows;
        let least = if metric.key.starts_with("min_") { "; the smallest of all is at most this" } else { "" };
        Some(match metric.over {
            Over::Rows => return None,
            Over::RowPairs => format!("from a sample: the pairs among {seen} of {rows} rows, evenly drawn"),
            Over::ClassPairs => {
                let classes = self.classes.as_ref().map_or(0, Classes::len);
                format!("from a sample: the pairs among {seen} of {classes} classes, evenly drawn{least}")
            }
            Over::RowsByClasses => format!("from a sample: {seen} of {rows} rows, evenly drawn"),
        })
    }

    /// Numbers over pairs of class means; at least two classes.
    pub(super) fn mean_pairs(&self) -> Result<&ClassPairs, Undefined> {
        let classes = self.classes()?;
        classes.at_least_two()?;
        let drawn = || self.drawn(Over::ClassPairs);
        Ok(self.mean_pairs.get_or_init(|| ClassPairs::new(&classes.means, drawn(), 0.0)))
    }

    /// Numbers over pairs of centred class means; at least two classes.
    pub(super) fn centred_pairs(&self) -> Result<&ClassPairs, Undefined> {
        let classes = self.classes()?;
        classes.at_least_two()?;
        let ideal = -1.0 / (classes.len() as f64 - 1.0);
        let drawn = || self.drawn(Over::ClassPairs);
        Ok(self.centred_pairs.get_or_init(|| ClassPairs::new(&classes.centred, drawn(), ideal)))
    }

    /// The rows of [`Over::RowsByClasses`], by number.
    pub(super) fn scored_rows(&self) -> Vec<usize> {
        let all = || (0..self.sample.points.rows).collect();
        self.drawn(Over::RowsByClasses).map_or_else(all, <[usize]>::to_vec)
    }

    /// The class whose mean is nearest to each of [`Summary::scored_rows`]; of equally near ones the first.
    pub(super) fn nearest(&self) -> Result<&[usize], Undefined> {
        let classes = self.classes()?;
        let nearest = self
            .nearest
            .get_or_init(|| Ok(agreement::nearest_means(self.points()?, classes, &self.scored_rows())));
        nearest.as_deref().map_err(Clone::clone)
    }

    /// The largest score of each of [`Summary::scored_rows`].
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
