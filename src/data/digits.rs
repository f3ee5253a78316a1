//! The bundled handwritten digits: 1,797 images of 8×8 pixels as 64 numbers each, with their labels.
//!
//! Attribution and licence stand beside the file in `assets/data/digits.LICENSE.md`.

use std::io::Cursor;
use std::path::PathBuf;

use super::{DataSet, DataSource, ReadError, ReadOptions, npz};
use crate::features::Features;

static DIGITS_NPZ: &[u8] = include_bytes!("../../assets/data/digits.npz");

/// The entry of the digits in the list of sets.
pub const DIGITS: DataSet = DataSet {
    name: "digits",
    summary: "1,797 handwritten digits, 8×8 pixels in [0, 1], 10 classes (Alpaydin and Kaynak, UCI, CC BY 4.0)",
    source: DataSource::Bundled(load),
};

/// The digits: 1797×64 pixel values in [0, 1], labels 0 to 9.
///
/// # Errors
/// Only if the program file itself is damaged.
pub fn load() -> Result<Features, ReadError> {
    npz::read(&mut Cursor::new(DIGITS_NPZ), &ReadOptions::default())
        .map_err(|fault| ReadError { path: PathBuf::from("bundled digits.npz"), fault })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_are_all_there() {
        let digits = load().unwrap();
        assert_eq!((digits.points.rows, digits.points.cols), (1797, 64));
        assert!(digits.points.data.iter().all(|x| (0.0..=1.0).contains(x)));
        let mut counts = [0; 10];
        for &label in digits.labels.as_ref().unwrap() {
            counts[label as usize] += 1;
        }
        assert_eq!(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
        assert!(digits.notices.is_empty());
    }
}
