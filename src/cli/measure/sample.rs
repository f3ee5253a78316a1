//! Keeps a measurement to seconds: metrics over all pairs of rows see a sample of many rows, and say so.

use crate::features::{Features, Matrix};
use crate::geometry::{Measurements, Sample, measure_where};

/// The most rows whose pairs are all looked at: 2·10⁸ pairs take seconds.
pub(super) const MOST_ROWS: usize = 20_000;
/// The metrics that look at all pairs of rows.
const OF_PAIRS: [&str; 1] = ["uniformity"];

/// Every metric of a file.
pub(super) fn measure(features: &Features) -> Measurements {
    measure_up_to(features, MOST_ROWS)
}

fn measure_up_to(features: &Features, most: usize) -> Measurements {
    let whole = Sample::from(features);
    let rows = features.points.rows;
    if rows <= most {
        return measure_where(&whole, |_| true);
    }
    let stride = rows.div_ceil(most);
    let chosen: Vec<usize> = (0..rows).step_by(stride).collect();
    let points =
        Matrix::from_fn(chosen.len(), features.points.cols, |i, k| features.points.row(chosen[i])[k]);
    let sampled = measure_where(&Sample::of_points(&points), |metric| OF_PAIRS.contains(&metric.key));
    let mut all = measure_where(&whole, |metric| !OF_PAIRS.contains(&metric.key));
    let place = |key: &str| crate::geometry::METRICS.iter().position(|metric| metric.key == key);
    for (key, value) in sampled.values {
        if value.is_some() {
            all.notes
                .push((key, format!("of {} of {rows} rows: one in {stride}, from the first", chosen.len())));
        }
        all.values.push((key, value));
    }
    all.notes.extend(sampled.notes);
    all.values.sort_by_key(|(key, _)| place(key));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::METRICS;

    #[test]
    fn many_rows_are_sampled_by_a_stride_and_the_note_says_so() {
        // Every second row is e1, the others alternate: rows 0, 2, 4, … coincide, so their potential is 1.
        let points = Matrix::from_fn(11, 2, |i, k| if (i % 2 == 0) == (k == 0) { 1.0 } else { 0.0 });
        let features = Features { points, labels: Some(vec![0; 11]), ..Features::default() };
        let all = measure_up_to(&features, 11);
        let some = measure_up_to(&features, 6);
        assert_eq!(all.note("uniformity"), None);
        assert!(some.get("uniformity").unwrap().abs() < 1e-12);
        assert_eq!(some.note("uniformity"), Some("of 6 of 11 rows: one in 2, from the first"));
        assert!(all.get("uniformity").unwrap() < -0.1);
        assert_eq!(some.get("norm_mean"), all.get("norm_mean"));
        let keys: Vec<&str> = some.values.iter().map(|(key, _)| *key).collect();
        assert_eq!(keys, METRICS.iter().map(|m| m.key).collect::<Vec<_>>(), "in the usual order");
    }
}
