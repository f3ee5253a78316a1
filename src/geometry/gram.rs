//! Cosines between class means as a matrix, and how far it is from the simplex.

use nalgebra::DMatrix;

use super::{Classes, Undefined, blocks};

/// The largest matrix made: nobody reads more cells, and memory grows with the square.
pub const MOST_CLASSES: usize = 2048;

/// Cosines between the class means.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassGram {
    /// The label of each row and column.
    pub labels: Vec<u32>,
    /// C×C cosines, row-major; the diagonal is 1.
    pub cosines: Vec<f64>,
    /// Whether the means were taken from the mean of all class means.
    pub centred: bool,
    /// The simplex's cosine off the diagonal, −1/(C−1).
    pub simplex_cosine: f64,
    /// Largest |cos + 1/(C−1)| off the diagonal.
    pub simplex_gap: f64,
}

impl ClassGram {
    /// The cosine between classes `k` and `l` (places in `labels`).
    pub fn cosine(&self, k: usize, l: usize) -> f64 {
        self.cosines[k * self.labels.len() + l]
    }
}

/// Cosines between class means (`centred`: seen from their mean). Needs two classes with a direction each.
pub fn class_gram(classes: &Classes, centred: bool) -> Result<ClassGram, Undefined> {
    classes.at_least_two()?;
    let count = classes.len();
    if count > MOST_CLASSES {
        return Err(Undefined::at(format!("{count} classes are too many to show; up to {MOST_CLASSES} are")));
    }
    let unit = if centred { classes.unit_centred()? } else { classes.unit_means()? };
    let mut gram: DMatrix<f64> = blocks::transposed_product(&unit, &unit);
    let simplex_cosine = -1.0 / (count as f64 - 1.0);
    let mut simplex_gap = 0.0_f64;
    for (place, cosine) in gram.as_mut_slice().iter_mut().enumerate() {
        if place / count == place % count {
            *cosine = 1.0;
        } else {
            *cosine = cosine.clamp(-1.0, 1.0);
            simplex_gap = simplex_gap.max((*cosine - simplex_cosine).abs());
        }
    }
    let labels = classes.labels.clone();
    Ok(ClassGram { labels, cosines: gram.as_slice().to_vec(), centred, simplex_cosine, simplex_gap })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::frames;

    #[test]
    fn an_orthogonal_frame_is_a_simplex_once_centred() {
        let rows = frames::orthogonal(4, 5).unwrap();
        let classes = Classes::new(&rows, &[0, 3, 5, 9]).unwrap();
        let plain = class_gram(&classes, false).unwrap();
        assert_eq!(plain.labels, [0, 3, 5, 9]);
        assert!(plain.cosine(0, 1).abs() < 1e-12 && plain.cosine(2, 2) == 1.0);
        assert!((plain.simplex_gap - 1.0 / 3.0).abs() < 1e-12);
        let centred = class_gram(&classes, true).unwrap();
        assert!(centred.simplex_gap < 1e-12 && (centred.cosine(1, 3) + 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn one_class_has_none() {
        let classes = Classes::new(&frames::orthogonal(2, 2).unwrap(), &[1, 1]).unwrap();
        assert!(class_gram(&classes, true).is_err());
    }
}
