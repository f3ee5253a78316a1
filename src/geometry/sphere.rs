//! Alignment and uniformity on the sphere (Wang and Isola, 2020), over same-class pairs and over all pairs.
//!
//! These are measurements in f64; the objectives of the same names live elsewhere and sum in their own way.

use std::ops::Range;

use nalgebra::DMatrix;

use super::pairs::{ROUNDED_FROM, over_pairs};
use super::{Better, Metric, Over, Summary, Undefined};
use crate::lanes::dispatch::{Simd, Vectorised, vectorised};

/// Mean squared distance of same-class pairs.
pub(super) const ALIGNMENT: Metric = Metric {
    key: "alignment",
    description: "mean of ‖u − u'‖² over pairs of the same class, u of unit length; 0 when classes are points",
    unit: "",
    better: Better::Lower,
    cheap: true,
    over: Over::Rows,
    compute: alignment,
};

/// Log of the mean Gaussian potential of all pairs.
pub(super) const UNIFORMITY: Metric = Metric {
    key: "uniformity",
    description: "log of the mean of exp(−2‖u − u'‖²) over all pairs, u of unit length; lower is more even",
    unit: "",
    better: Better::Lower,
    cheap: false,
    over: Over::RowPairs,
    compute: uniformity,
};

/// The sum of ‖u − u'‖² over the pairs of n rows is n Σ ‖u − ū‖², so each class costs one pass and no pairs.
fn alignment(summary: &Summary) -> Result<f64, Undefined> {
    let points = summary.points()?;
    let classes = summary.classes()?;
    let norms = summary.positive_norms()?;
    let pairs: f64 = classes.counts.iter().map(|&n| n as f64 * (n as f64 - 1.0) / 2.0).sum();
    if pairs == 0.0 {
        return Err(Undefined::because("no class has two rows, so there is no pair of the same class"));
    }
    let mut means = DMatrix::<f64>::zeros(points.cols, classes.len());
    for ((row, norm), &class) in points.rows_iter().zip(norms).zip(&classes.of_row) {
        for (mean, &x) in means.column_mut(class).iter_mut().zip(row) {
            *mean += f64::from(x) / norm / classes.counts[class] as f64;
        }
    }
    let mut sum = 0.0;
    for ((row, norm), &class) in points.rows_iter().zip(norms).zip(&classes.of_row) {
        let mut spread = 0.0;
        for (&x, mean) in row.iter().zip(means.column(class).iter()) {
            spread += (f64::from(x) / norm - mean).powi(2);
        }
        sum += spread * classes.counts[class] as f64;
    }
    Ok(sum / pairs)
}

/// Sums kept side by side, so that the compiler can add several at once in a fixed order.
const LANES: usize = 8;

fn uniformity(summary: &Summary) -> Result<f64, Undefined> {
    let points = summary.points()?;
    let norms = summary.positive_norms()?;
    if points.rows < 2 {
        return Err(Undefined::because("there is only one row, so there is no pair"));
    }
    let drawn = summary.drawn(Over::RowPairs);
    let count = drawn.map_or(points.rows, <[usize]>::len);
    let unit = |place: usize| {
        let row = drawn.map_or(place, |drawn| drawn[place]);
        points.row(row).iter().map(move |&x| f64::from(x) / norms[row])
    };
    let shape = (points.cols, count);
    let sums = if count < ROUNDED_FROM {
        let fill = |range: Range<usize>, out: &mut [f64]| {
            for (to, x) in out.iter_mut().zip(range.flat_map(unit)) {
                *to = x;
            }
        };
        over_pairs(shape, fill, |sum: &mut f64, _, _, cosines| *sum += vectorised(Potential(cosines)))
    } else {
        let fill = |range: Range<usize>, out: &mut [f32]| {
            for (column, place) in out.chunks_exact_mut(points.cols).zip(range) {
                for (to, x) in column.iter_mut().zip(unit(place)) {
                    *to = x as f32;
                }
            }
        };
        over_pairs(shape, fill, |sum: &mut f64, _, _, cosines| *sum += vectorised(Potential(cosines)))
    };
    let pairs = count as f64 * (count as f64 - 1.0) / 2.0;
    // The potential leaves out a factor exp(−4). At most 0 by definition; rounding may end just above.
    Ok(((sums.iter().sum::<f64>() / pairs).ln() - 4.0).min(0.0))
}

/// Σ exp(4c) over cosines c, rounded or not, itself not rounded.
struct Potential<'a, T>(&'a [T]);

impl<T: Copy + Into<f64>> Vectorised for Potential<'_, T> {
    type Output = f64;
    #[inline(always)]
    fn run(self, _: Simd) -> f64 {
        let (whole, rest) = self.0.as_chunks::<LANES>();
        let mut lanes = [0.0; LANES];
        for chunk in whole {
            for (lane, &cosine) in lanes.iter_mut().zip(chunk) {
                *lane += exp_of_four(cosine.into());
            }
        }
        let rest = rest.iter().map(|&cosine| exp_of_four(cosine.into()));
        lanes.iter().sum::<f64>() + rest.sum::<f64>()
    }
}

/// exp(4c) for |c| ≤ 1 as exp(c/4)¹⁶, the inner one by its series to the 11th power: no branch and no table,
/// so it runs in SIMD lanes. The first term left out is 1.2e-16; the relative error stays below 1e-14.
#[inline(always)]
fn exp_of_four(cosine: f64) -> f64 {
    const SERIES: [f64; 12] = [
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        1.0 / 2.0,
        1.0,
        1.0,
    ];
    let y = 0.25 * cosine;
    let mut value = SERIES[0];
    for coefficient in &SERIES[1..] {
        value = value * y + coefficient;
    }
    let squared = value * value;
    let fourth = squared * squared;
    let eighth = fourth * fourth;
    eighth * eighth
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Matrix;
    use crate::geometry::{Effort, Sample};

    fn scattered(rows: usize, cols: usize) -> Matrix {
        Matrix::from_fn(rows, cols, |i, j| ((i * 37 + j * 101 + i * j * 13) % 97) as f32 - 48.2)
    }

    #[test]
    fn the_series_is_the_exponential() {
        for step in -1000..=1000 {
            let cosine = f64::from(step) / 1000.0;
            let exact = (4.0 * cosine).exp();
            assert!((exp_of_four(cosine) - exact).abs() <= 1e-14 * exact, "at {cosine}");
        }
    }

    #[test]
    fn both_agree_with_plain_loops_over_pairs() {
        let points = scattered(301, 5);
        let labels: Vec<u32> = (0..301).map(|i| i % 7).collect();
        let unit: Vec<Vec<f64>> = points
            .rows_iter()
            .zip(points.norms())
            .map(|(row, norm)| row.iter().map(|&x| f64::from(x) / norm).collect())
            .collect();
        let (mut near, mut same, mut potential) = (0.0, 0.0, 0.0);
        for i in 0..301 {
            for j in 0..i {
                let gap: f64 = unit[i].iter().zip(&unit[j]).map(|(a, b)| (a - b).powi(2)).sum();
                potential += (-2.0 * gap).exp();
                if labels[i] == labels[j] {
                    near += gap;
                    same += 1.0;
                }
            }
        }
        let summary =
            Summary::new(Sample { labels: Some(&labels), ..Sample::of_points(&points) }, Effort::THOROUGH);
        assert!((alignment(&summary).unwrap() - near / same).abs() < 1e-12);
        let expected = (potential / (301.0 * 150.0)).ln();
        assert!((uniformity(&summary).unwrap() - expected).abs() < 1e-12);
    }

    #[test]
    fn many_rows_are_rounded_and_it_hardly_shows() {
        let points = scattered(ROUNDED_FROM + 100, 6);
        let norms = points.norms();
        let mut potential = 0.0;
        for i in 0..points.rows {
            for j in 0..i {
                let (a, b) = (points.row(i), points.row(j));
                let product: f64 = a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
                potential += (4.0 * product / norms[i] / norms[j] - 4.0).exp();
            }
        }
        let pairs = (points.rows * (points.rows - 1) / 2) as f64;
        let got = uniformity(&Summary::new(Sample::of_points(&points), Effort::THOROUGH)).unwrap();
        let expected = (potential / pairs).ln();
        assert!((got - expected).abs() < 1e-7 && got != expected, "{got} {expected}");
    }

    #[test]
    fn the_same_bits_on_one_thread_and_on_three() {
        let points = scattered(1200, 9);
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                uniformity(&Summary::new(Sample::of_points(&points), Effort::THOROUGH)).unwrap().to_bits()
            })
        };
        assert_eq!(on(1), on(3));
    }
}
