//! The one matrix type and the labelled set of features everything works on.
//!
//! No file format, no loss and no optimiser lives here: [`Matrix`] is storage, [`Features`] is
//! what a user hands in and what a run hands out.

/// A dense row-major matrix of `f32`: row `i` is one vector.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matrix {
    /// Number of rows (points, or classes).
    pub rows: usize,
    /// Number of columns (the dimension d).
    pub cols: usize,
    /// `rows * cols` numbers, row after row.
    pub data: Vec<f32>,
}

impl Matrix {
    /// A matrix of zeros.
    pub fn zeros(rows: usize, cols: usize) -> Self {
        Self { rows, cols, data: vec![0.0; rows * cols] }
    }

    /// Wraps row-major data.
    ///
    /// # Panics
    /// If `data` does not hold exactly `rows * cols` numbers: readers check before.
    pub fn new(rows: usize, cols: usize, data: Vec<f32>) -> Self {
        assert_eq!(data.len(), rows * cols, "a matrix holds rows * cols numbers");
        Self { rows, cols, data }
    }

    /// A matrix whose entry at `(row, column)` is `value(row, column)`.
    pub fn from_fn(rows: usize, cols: usize, mut value: impl FnMut(usize, usize) -> f32) -> Self {
        let mut data = Vec::with_capacity(rows * cols);
        for row in 0..rows {
            for col in 0..cols {
                data.push(value(row, col));
            }
        }
        Self { rows, cols, data }
    }

    /// Row `i` as a slice of length `cols`.
    pub fn row(&self, i: usize) -> &[f32] {
        &self.data[i * self.cols..(i + 1) * self.cols]
    }

    /// Row `i`, to be written.
    pub fn row_mut(&mut self, i: usize) -> &mut [f32] {
        &mut self.data[i * self.cols..(i + 1) * self.cols]
    }

    /// The rows in order, each a slice of length `cols` (none for a matrix without columns).
    pub fn rows_iter(&self) -> impl Iterator<Item = &[f32]> {
        self.data.chunks_exact(self.cols.max(1))
    }

    /// Whether every number is finite.
    pub fn is_finite(&self) -> bool {
        self.data.iter().all(|x| x.is_finite())
    }

    /// Euclidean length of every row, in f64.
    pub fn norms(&self) -> Vec<f64> {
        self.rows_iter().map(|row| row.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt()).collect()
    }
}

/// Feature vectors with what is known about them: the content of a feature file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Features {
    /// N×d, one point a row.
    pub points: Matrix,
    /// N class numbers; not necessarily dense.
    pub labels: Option<Vec<u32>>,
    /// C×d class weights.
    pub weights: Option<Matrix>,
    /// C biases.
    pub bias: Option<Vec<f32>>,
    /// N instance numbers: rows with the same number are views of one instance.
    pub instances: Option<Vec<u32>>,
    /// N margins for the random-margin objectives, used instead of drawing.
    pub margins: Option<Vec<f32>>,
    /// A name for each class number, where given.
    pub label_names: Option<Vec<String>>,
    /// A name for each point, where given.
    pub point_names: Option<Vec<String>>,
    /// The step of the run this is a state of, where given.
    pub step: Option<u64>,
    /// The loss at that step, where given.
    pub loss: Option<f64>,
    /// What the reader noticed and the user should know (unknown keys, dropped rows).
    pub notices: Vec<String>,
}
