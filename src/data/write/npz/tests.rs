//! What is written is read back bit for bit, and the same arrays give the same bytes.

use proptest::prelude::*;

use super::*;
use crate::data::{ReadOptions, read};

fn full() -> Features {
    Features {
        points: Matrix::new(2, 3, vec![1.0, -0.0, f32::MIN_POSITIVE / 4.0, f32::MAX, 1e-45, -3.25]),
        labels: Some(vec![1, 0]),
        weights: Some(Matrix::new(2, 3, vec![0.1, 0.2, 0.3, 0.4, 0.5, 0.6])),
        bias: Some(vec![-1.5, 2.5]),
        instances: Some(vec![7, u32::MAX]),
        margins: Some(vec![0.5, 0.25]),
        label_names: Some(vec!["zéro".to_owned(), "一".to_owned()]),
        point_names: Some(vec![String::new(), "p".to_owned()]),
        step: Some(i64::MAX as u64),
        loss: Some(0.1 + 0.2),
        notices: Vec::new(),
    }
}

fn bits(numbers: &[f32]) -> Vec<u32> {
    numbers.iter().map(|x| x.to_bits()).collect()
}

#[test]
fn features_come_back_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("final.npz");
    let minimal = Features { points: Matrix::new(1, 1, vec![2.0]), ..Features::default() };
    for features in [full(), minimal] {
        write_npz(&path, &features_arrays(&features)).unwrap();
        let back = read(&path, &ReadOptions::default()).unwrap();
        assert_eq!(back, features);
        // Equality takes 0 for -0.
        assert_eq!(bits(&back.points.data), bits(&features.points.data));
        assert_eq!(back.loss.map(f64::to_bits), features.loss.map(f64::to_bits));
    }
}

#[test]
fn equal_arrays_give_equal_bytes_without_a_date() {
    let features = full();
    let bytes = npz_bytes(&features_arrays(&features)).unwrap();
    assert_eq!(bytes, npz_bytes(&features_arrays(&features)).unwrap());
    // The zip epoch, 1 January 1980, at midnight.
    assert_eq!(bytes[10..14], [0, 0, 0x21, 0]);
    assert_eq!(bytes[8..10], [8, 0], "the first entry is deflated");
}

#[test]
fn shapes_hold_their_numbers_and_names_are_unique() {
    assert!(Array::shaped(&[2, 3], &[0.0; 6]).is_some());
    assert!(Array::shaped(&[2, 3], &[0.0; 5]).is_none());
    assert!(Array::shaped(&[usize::MAX, 2], &[0.0; 5]).is_none());
    assert!(npz_bytes(&[("a", Array::number(1.0)), ("a", Array::number(2.0))]).is_err());
}

proptest! {
    #[test]
    fn any_finite_matrix_comes_back(rows in 1_usize..9, cols in 1_usize..9, seed in any::<[u32; 64]>()) {
        let points = Matrix::from_fn(rows, cols, |row, col| {
            let number = f32::from_bits(seed[row * 8 + col]);
            if number.is_finite() { number } else { 0.0 }
        });
        let features = Features { points, ..Features::default() };
        let bytes = npz_bytes(&features_arrays(&features)).unwrap();
        let back = crate::data::hostile::read_npz(&bytes).unwrap();
        prop_assert_eq!(bits(&back.points.data), bits(&features.points.data));
    }
}
