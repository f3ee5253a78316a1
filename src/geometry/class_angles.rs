//! Angles between class means, and between rows and their own class mean.
//!
//! Histograms over pairs of rows live in `angles`.

use nalgebra::DVectorView;

use super::{Better, Metric, Over, Summary, Undefined};

/// Smallest angle between two class means.
pub(super) const MIN_CLASS_ANGLE_DEG: Metric = Metric {
    key: "min_class_angle_deg",
    description: "smallest angle between two class means",
    unit: "degrees",
    better: Better::Higher,
    cheap: true,
    over: Over::ClassPairs,
    compute: |summary| {
        let classes = summary.classes()?;
        classes.at_least_two()?;
        classes.means_have_directions()?;
        Ok(summary.mean_pairs()?.least_angle)
    },
};

/// Smallest angle between two centred class means.
pub(super) const MIN_CENTRED_ANGLE_DEG: Metric = Metric {
    key: "min_centred_angle_deg",
    description: "smallest angle between two class means seen from the mean of all class means",
    unit: "degrees",
    better: Better::Higher,
    cheap: true,
    over: Over::ClassPairs,
    compute: |summary| {
        let classes = summary.classes()?;
        classes.at_least_two()?;
        classes.centred_have_directions()?;
        Ok(summary.centred_pairs()?.least_angle)
    },
};

/// Mean angle between a row and its class mean.
pub(super) const MEAN_WITHIN_ANGLE_DEG: Metric = Metric {
    key: "mean_within_angle_deg",
    description: "mean angle between a row and its class mean",
    unit: "degrees",
    better: Better::Lower,
    cheap: true,
    over: Over::Rows,
    compute: mean_within_angle,
};

/// Mean absolute cosine between class means.
pub(super) const MEAN_ABS_CLASS_COS: Metric = Metric {
    key: "mean_abs_class_cos",
    description: "mean of |cos| over pairs of class means, not centred; 0 for an orthogonal frame",
    unit: "",
    better: Better::Neither,
    cheap: true,
    over: Over::ClassPairs,
    compute: |summary| {
        let classes = summary.classes()?;
        classes.at_least_two()?;
        classes.means_have_directions()?;
        Ok(summary.mean_pairs()?.mean_gap)
    },
};

/// The angle between two unit vectors in degrees, accurate at both ends where an arc cosine is not.
pub(super) fn angle_deg(u: DVectorView<f64>, v: DVectorView<f64>) -> f64 {
    let (mut gap, mut sum) = (0.0, 0.0);
    for (a, b) in u.iter().zip(v.iter()) {
        gap += (a - b).powi(2);
        sum += (a + b).powi(2);
    }
    (2.0 * gap.sqrt().atan2(sum.sqrt())).to_degrees()
}

fn mean_within_angle(summary: &Summary) -> Result<f64, Undefined> {
    let points = summary.points()?;
    let classes = summary.classes()?;
    let norms = summary.positive_norms()?;
    classes.means_have_directions()?;
    let lengths: Vec<f64> = classes.means.column_iter().map(|mean| mean.norm()).collect();
    let mut sum = 0.0;
    for ((row, norm), &class) in points.rows_iter().zip(norms).zip(&classes.of_row) {
        let (mut gap, mut total) = (0.0, 0.0);
        for (&x, m) in row.iter().zip(classes.means.column(class).iter()) {
            let (u, m) = (f64::from(x) / norm, m / lengths[class]);
            gap += (u - m) * (u - m);
            total += (u + m) * (u + m);
        }
        sum += 2.0 * gap.sqrt().atan2(total.sqrt());
    }
    Ok((sum / points.rows as f64).to_degrees())
}

#[cfg(test)]
mod tests {
    use crate::features::Matrix;
    use crate::geometry::{Sample, measure};

    #[test]
    fn angles_on_a_circle() {
        // Rows at 0 and 20 degrees (class 0), 100 and 120 (class 1): means at 10 and 110.
        let points = Matrix::from_fn(4, 2, |i, j| {
            let angle = [0.0_f64, 20.0, 100.0, 120.0][i].to_radians();
            if j == 0 { angle.cos() as f32 } else { angle.sin() as f32 }
        });
        let measured = measure(&Sample { labels: Some(&[0, 0, 1, 1]), ..Sample::of_points(&points) });
        let close = |key: &str, value: f64| {
            let got = measured.get(key).unwrap();
            assert!((got - value).abs() < 1e-5, "{key} is {got}, not {value}");
        };
        close("min_class_angle_deg", 100.0);
        close("min_centred_angle_deg", 180.0);
        close("mean_within_angle_deg", 10.0);
        close("mean_abs_class_cos", 100.0_f64.to_radians().cos().abs());
    }

    #[test]
    fn tiny_angles_keep_their_digits() {
        let points = Matrix::new(2, 2, vec![1.0, 0.0, 1.0, 1e-9]);
        let measured = measure(&Sample { labels: Some(&[0, 1]), ..Sample::of_points(&points) });
        let expected = f64::from(1e-9_f32).to_degrees();
        assert!((measured.get("min_class_angle_deg").unwrap() - expected).abs() < 1e-6 * expected);
    }

    #[test]
    fn a_row_of_length_zero_is_named() {
        let points = Matrix::new(3, 1, vec![1.0, 0.0, 2.0]);
        let measured = measure(&Sample { labels: Some(&[0, 0, 0]), ..Sample::of_points(&points) });
        let reason = "row 1 has length 0, so it has no direction";
        assert_eq!(measured.note("mean_within_angle_deg"), Some(reason));
        assert_eq!(measured.note("uniformity"), Some(reason));
    }

    #[test]
    fn a_class_whose_rows_cancel_has_no_direction() {
        let points = Matrix::new(3, 2, vec![0.1, 0.3, -0.1, -0.3, 1.0, 0.0]);
        let measured = measure(&Sample { labels: Some(&[4, 4, 5]), ..Sample::of_points(&points) });
        assert_eq!(
            measured.note("min_class_angle_deg"),
            Some("class 4 has a mean of length 0, so it has no direction")
        );
    }
}
