//! How far the rows of each class lie from their mean, in angle.

use super::Classes;
use crate::features::Matrix;

/// One class and its rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassSpread {
    /// Its label.
    pub label: u32,
    /// Its rows.
    pub rows: usize,
    /// The mean angle of its rows to their mean in degrees; `None` where the mean has no direction. Rows of length 0
    /// are left out.
    pub degrees: Option<f64>,
}

/// The spread of every class, ascending by label. The classes must be those of the points.
pub fn spreads(points: &Matrix, classes: &Classes) -> Vec<ClassSpread> {
    let lengths: Vec<f64> = classes.means.column_iter().map(|mean| mean.norm()).collect();
    let mut sums = vec![(0.0, 0usize); classes.len()];
    for (row, &class) in points.rows_iter().zip(&classes.of_row) {
        let mean = classes.means.column(class);
        let (mut product, mut square) = (0.0, 0.0);
        for (&x, m) in row.iter().zip(mean.iter()) {
            product += f64::from(x) * m;
            square += f64::from(x).powi(2);
        }
        let cosine = product / (square.sqrt() * lengths[class]);
        if cosine.is_finite() {
            sums[class].0 += cosine.clamp(-1.0, 1.0).acos().to_degrees();
            sums[class].1 += 1;
        }
    }
    let of = |(class, (sum, count)): (usize, (f64, usize))| ClassSpread {
        label: classes.labels[class],
        rows: classes.counts[class],
        degrees: (count > 0).then(|| sum / count as f64),
    };
    sums.into_iter().enumerate().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_at_thirty_degrees_on_both_sides_of_their_mean_are_thirty_away() {
        let (sin, cos) = 30.0_f32.to_radians().sin_cos();
        let points = Matrix::new(4, 2, vec![cos, sin, 0.0, 1.0, cos, -sin, 0.0, -1.0]);
        let classes = Classes::new(&points, &[7, 9, 7, 9]).unwrap();
        let found = spreads(&points, &classes);
        assert_eq!((found[0].label, found[0].rows), (7, 2));
        assert!((found[0].degrees.unwrap() - 30.0).abs() < 1e-5);
        assert_eq!((found[1].label, found[1].degrees), (9, None), "a mean at the origin points nowhere");
    }
}
