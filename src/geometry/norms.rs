//! Lengths of the rows: their mean and how much they vary.

use super::collapse::variation;
use super::{Better, Metric, Over, Undefined};

/// Mean length of the rows.
pub(super) const NORM_MEAN: Metric = Metric {
    key: "norm_mean",
    description: "mean length of the rows",
    unit: "",
    better: Better::Neither,
    cheap: true,
    over: Over::Rows,
    compute: |summary| {
        let norms = summary.norms()?;
        Ok(norms.iter().sum::<f64>() / norms.len() as f64)
    },
};

/// Coefficient of variation of the lengths.
pub(super) const NORM_CV: Metric = Metric {
    key: "norm_cv",
    description: "spread of the rows' lengths, standard deviation over mean",
    unit: "",
    better: Better::Neither,
    cheap: true,
    over: Over::Rows,
    compute: |summary| {
        let norms = summary.norms()?;
        if norms.iter().all(|&norm| norm == 0.0) {
            return Err(Undefined::because("every row has length 0"));
        }
        Ok(variation(norms))
    },
};

#[cfg(test)]
mod tests {
    use crate::features::Matrix;
    use crate::geometry::{Sample, measure};

    #[test]
    fn lengths_five_and_fifteen() {
        let points = Matrix::new(2, 2, vec![3.0, 4.0, 0.0, 15.0]);
        let measured = measure(&Sample::of_points(&points));
        assert_eq!(measured.get("norm_mean"), Some(10.0));
        assert_eq!(measured.get("norm_cv"), Some(0.5));
    }
}
