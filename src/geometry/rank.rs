//! Effective rank (Roy and Vetterli, 2007): how many directions the rows, or the class means, really use.

use super::{Better, Metric, Over, Undefined, spectrum};

/// Effective rank of the rows.
pub(super) const EFFECTIVE_RANK: Metric = Metric {
    key: "effective_rank",
    description: "exp of the entropy of the rows' singular values over their sum, rows not centred",
    unit: "directions",
    better: Better::Neither,
    cheap: false,
    over: Over::Rows,
    compute: |summary| exp_entropy(&spectrum::singular_values_of_rows(summary.points()?)?),
};

/// Effective rank of the centred class means.
pub(super) const EFFECTIVE_RANK_MEANS: Metric = Metric {
    key: "effective_rank_means",
    description: "the same of the centred class means; C − 1 at the simplex",
    unit: "directions",
    better: Better::Neither,
    cheap: false,
    over: Over::Rows,
    compute: |summary| {
        let classes = summary.classes()?;
        classes.means_differ()?;
        exp_entropy(&spectrum::singular_values(classes.centred.clone())?)
    },
};

fn exp_entropy(values: &[f64]) -> Result<f64, Undefined> {
    let sum: f64 = values.iter().sum();
    if sum <= 0.0 {
        return Err(Undefined::because("every row is 0, so there is no direction"));
    }
    let entropy: f64 = values.iter().map(|value| value / sum).filter(|&p| p > 0.0).map(|p| -p * p.ln()).sum();
    Ok(entropy.exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Matrix;
    use crate::geometry::{Sample, measure};

    #[test]
    fn equal_singular_values_count_and_one_alone_is_one() {
        assert!((exp_entropy(&[3.0, 3.0, 3.0, 0.0]).unwrap() - 3.0).abs() < 1e-14);
        assert!((exp_entropy(&[3.0, 0.0]).unwrap() - 1.0).abs() < 1e-14);
        assert!(exp_entropy(&[0.0]).is_err());
    }

    #[test]
    fn collinear_rows_have_rank_one_whatever_their_number() {
        let points = Matrix::from_fn(2000, 6, |i, j| (1.0 + i as f32) * [1.0, -2.0, 4.0, 0.5, 8.0, 1.0][j]);
        let rank = measure(&Sample::of_points(&points)).get("effective_rank").unwrap();
        assert!((rank - 1.0).abs() < 1e-12, "{rank}");
    }
}
