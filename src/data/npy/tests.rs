//! Honest arrays of every type and order.

use super::super::hostile::{npy_array, npy_text, read_npy};
use super::*;
use crate::features::Matrix;

#[test]
fn floats_of_every_width_and_order() {
    // The matrix [[1, -2, 0.5], [3, 4, 65504]], row after row and column after column.
    let rows = [1.0_f64, -2.0, 0.5, 3.0, 4.0, 65504.0];
    let columns = [1.0_f64, 3.0, -2.0, 4.0, 0.5, 65504.0];
    let halves = |values: [f64; 6]| {
        values.map(|x| match x {
            1.0 => 0x3C00_u16,
            -2.0 => 0xC000,
            0.5 => 0x3800,
            3.0 => 0x4200,
            4.0 => 0x4400,
            _ => 0x7BFF,
        })
    };
    for (fortran, values) in [(false, rows), (true, columns)] {
        let arrays: [(&str, Vec<u8>); 6] = [
            ("<f8", values.iter().flat_map(|x| x.to_le_bytes()).collect()),
            (">f8", values.iter().flat_map(|x| x.to_be_bytes()).collect()),
            ("<f4", values.iter().flat_map(|&x| (x as f32).to_le_bytes()).collect()),
            (">f4", values.iter().flat_map(|&x| (x as f32).to_be_bytes()).collect()),
            ("<f2", halves(values).iter().flat_map(|x| x.to_le_bytes()).collect()),
            (">f2", halves(values).iter().flat_map(|x| x.to_be_bytes()).collect()),
        ];
        for (descr, data) in arrays {
            let features = read_npy(&npy_array(descr, fortran, "(2, 3)", &data)).unwrap();
            assert_eq!(
                features.points,
                Matrix::new(2, 3, rows.map(|x| x as f32).to_vec()),
                "{descr} {fortran}"
            );
            assert_eq!(features.labels, None);
        }
    }
}

#[test]
fn headers_of_other_writers_are_read() {
    for text in [
        "{\"shape\":(2,2),\"descr\":\"<f4\",\"fortran_order\":False}",
        " { 'fortran_order' : False , 'shape' : ( 2 , 2 , ) , 'descr' : '<f4' } \n\n",
    ] {
        assert!(read_npy(&npy_text(text, &[0; 16])).is_ok(), "{text}");
    }
    let text = b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)}";
    for version in [2, 3] {
        let mut bytes =
            [b"\x93NUMPY".as_slice(), &[version, 0], &(text.len() as u32).to_le_bytes(), text].concat();
        bytes.extend([0; 16]);
        assert!(read_npy(&bytes).is_ok(), "version {version}");
    }
}

#[test]
fn a_double_beyond_single_precision_is_a_bad_row() {
    let data: Vec<u8> = [1.0, 1e300, 3.0].iter().flat_map(|x: &f64| x.to_le_bytes()).collect();
    assert_eq!(
        read_npy(&npy_array("<f8", false, "(3, 1)", &data)).unwrap_err(),
        "1 of 3 rows holds a NaN, an Inf or a number too large for f32 (row 1, counted from 0); --drop-bad-rows drops it"
    );
}

#[test]
fn the_written_header_is_aligned_and_read_back() {
    for shape in [vec![], vec![7], vec![1797, 64], vec![usize::MAX, 0, 3]] {
        let bytes = header_bytes("<f4", &shape);
        assert_eq!(bytes.len() % 64, 0);
        assert_eq!(bytes.last(), Some(&b'\n'));
        let header = read_header(&mut bytes.as_slice());
        if shape.len() < 3 {
            let header = header.unwrap();
            assert_eq!((&header.shape, header.kind, header.item), (&shape, Kind::Float, 4));
            assert_eq!(header.prefix, bytes.len() as u64);
        }
    }
    let expected = "{'descr': '<i8', 'fortran_order': False, 'shape': (7,), }";
    assert!(header_bytes("<i8", &[7])[10..].starts_with(expected.as_bytes()));
}
