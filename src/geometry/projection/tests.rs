//! What every projection keeps, and a known case of each. Discriminants and the tour have files of their own.

mod discriminant;
mod tour;

use super::*;
use crate::geometry::frames;
use crate::geometry::seeded::{Seeded, dot};

fn build(name: &str, source: &Source) -> Projection {
    let projection = (kind(name).unwrap().build)(source).unwrap();
    for (k, a) in projection.axes.iter().enumerate() {
        for (l, b) in projection.axes.iter().enumerate() {
            let expected = if k == l { 1.0 } else { 0.0 };
            assert!((dot(a, b) - expected).abs() < 1e-9, "{name}: axes {k}, {l}");
        }
    }
    projection
}

/// A cloud with standard deviations 1, 2, 3, … along the coordinates, last ones largest.
fn cloud(rows: usize, dim: usize, seed: u64) -> Matrix {
    Matrix::from_fn(rows, dim, |i, j| (Seeded(seed).normal((i * dim + j) as u64) * (j + 1) as f64) as f32)
}

#[test]
fn pca_finds_the_long_directions_in_order() {
    // Points at ±5 on axis 3, ±2 on axis 0, ±1 on axis 2, ±0.5 on axis 1: variances 25, 4, 1, 1/4 over 4.
    let lengths = [(3, 5.0), (0, 2.0), (2, 1.0), (1, 0.5)];
    let points = Matrix::from_fn(8, 4, |i, j| {
        let (axis, length) = lengths[i / 2];
        if j == axis { if i % 2 == 0 { 7.0 + length } else { 7.0 - length } } else { 7.0 }
    });
    let projection = build("pca", &Source::of_points(&points));
    for (axis, place) in projection.axes.iter().zip([3, 0, 2]) {
        assert!((axis[place] - 1.0).abs() < 1e-6, "{axis:?}");
    }
    for (share, expected) in projection.shares.iter().zip([25.0, 4.0, 1.0]) {
        assert!((share - expected / 30.25).abs() < 1e-6);
    }
    assert!((projection.hidden - 0.25 / 30.25).abs() < 1e-6);
    let picture = projection.project(&points);
    assert!((picture[0][0] - 5.0).abs() < 1e-5 && (picture[3][1] + 2.0).abs() < 1e-5, "{picture:?}");
}

#[test]
fn three_axes_keep_a_third_of_a_ten_class_simplex() {
    // In 9 equal directions two axes keep 2/9 = 22.2 %, three keep 3/9.
    let points = frames::rotate(&frames::simplex(10, 16).unwrap(), 3);
    let projection = build("pca", &Source::of_points(&points));
    assert!((projection.shares[0] + projection.shares[1] - 2.0 / 9.0).abs() < 1e-5);
    assert!((projection.hidden - 6.0 / 9.0).abs() < 1e-5);
}

#[test]
fn a_still_picture_stays_still_where_variances_are_equal() {
    let simplex = frames::rotate(&frames::simplex(10, 16).unwrap(), 3);
    let mut before = build("pca", &Source::of_points(&simplex));
    for frame in 0..20 {
        // Jitter far below what anybody sees.
        let points = Matrix::from_fn(10, 16, |i, j| {
            simplex.row(i)[j] + 1e-5 * Seeded(frame).normal((i * 16 + j) as u64) as f32
        });
        let now = build("pca", &Source { previous: Some(&before), ..Source::of_points(&points) });
        for (a, b) in now.axes.iter().zip(&before.axes) {
            assert!(dot(a, b) > 1.0 - 1e-6, "frame {frame} turned: {}", dot(a, b));
        }
        before = now;
    }
}

#[test]
fn axes_already_in_the_right_span_do_not_turn_in_it() {
    // Variances 16, 9, 4 in the first three of five coordinates; the frame before had axes 30 degrees off.
    let points = Matrix::from_fn(6, 5, |i, j| {
        let length = [4.0, 3.0, 2.0][i / 2];
        if j != i / 2 {
            0.0
        } else if i % 2 == 0 {
            length
        } else {
            -length
        }
    });
    let mut before = build("pca", &Source::of_points(&points));
    let (sin, cos) = 30.0_f64.to_radians().sin_cos();
    before.axes[0] = vec![cos, sin, 0.0, 0.0, 0.0];
    before.axes[1] = vec![-sin, cos, 0.0, 0.0, 0.0];
    let now = build("pca", &Source { previous: Some(&before), ..Source::of_points(&points) });
    for (a, b) in now.axes.iter().zip(&before.axes) {
        assert!(dot(a, b) > 1.0 - 1e-12, "{a:?} {b:?}");
    }
}

#[test]
fn following_catches_up_with_the_true_components() {
    let old = cloud(300, 12, 1);
    let turned = frames::rotate(&old, 9);
    let truth = build("pca", &Source::of_points(&turned));
    let mut now = build("pca", &Source::of_points(&old));
    for _ in 0..40 {
        now = build("pca", &Source { previous: Some(&now), ..Source::of_points(&turned) });
    }
    assert!((now.hidden - truth.hidden).abs() < 1e-6, "{} {}", now.hidden, truth.hidden);
}

#[test]
fn following_does_not_stay_where_nothing_is() {
    // First all variance in the first three of eight coordinates, then all in the last three.
    let normal = |i: usize, j: usize| Seeded(5).normal((i * 8 + j) as u64) as f32;
    let first = Matrix::from_fn(30, 8, |i, j| if j < 3 { normal(i, j) } else { 0.0 });
    let last = Matrix::from_fn(30, 8, |i, j| first.row(i)[7 - j]);
    let before = build("pca", &Source::of_points(&first));
    let now = build("pca", &Source { previous: Some(&before), ..Source::of_points(&last) });
    assert!(now.hidden < 1e-6, "{}", now.hidden);
}

#[test]
fn coordinates_are_the_identity_up_to_three_dimensions() {
    let points = Matrix::new(2, 2, vec![1.0, 2.0, 3.0, 5.0]);
    let projection = build("coordinates", &Source::of_points(&points));
    assert_eq!(projection.project(&points), [[1.0, 2.0, 0.0], [3.0, 5.0, 0.0]]);
    assert_eq!(projection.hidden, 0.0);
    assert_eq!(default_for(3).name, "coordinates");
    assert_eq!(default_for(4).name, "pca");
}

#[test]
fn the_class_plane_keeps_the_triangle_of_the_means() {
    let points = frames::rotate(&frames::orthogonal(5, 7).unwrap(), 2);
    let classes = Classes::new(&points, &[0, 1, 2, 3, 4]).unwrap();
    let source = Source { classes: Some(&classes), plane: Some([4, 1, 3]), ..Source::of_points(&points) };
    let projection = build("class-plane", &source);
    let picture = projection.project(&points);
    for (k, l) in [(4, 1), (1, 3), (3, 4)] {
        let (a, b) = (picture[k], picture[l]);
        let length = (a[0] - b[0]).hypot(a[1] - b[1]);
        assert!((length - 2.0_f32.sqrt()).abs() < 1e-5 && (a[2] - b[2]).abs() < 1e-5, "{a:?} {b:?}");
    }
    let wrong = Source { plane: Some([0, 1, 9]), ..source };
    assert_eq!((kind("class-plane").unwrap().build)(&wrong).unwrap_err().to_string(), "no row has label 9");
}

#[test]
fn coinciding_points_have_no_variance_to_share() {
    let points = Matrix::from_fn(700, 5, |_, j| 0.1 + j as f32 / 3.0);
    let projection = build("pca", &Source::of_points(&points));
    assert_eq!((projection.shares, projection.hidden), (vec![0.0; 3], 0.0));
}

#[test]
fn random_axes_follow_the_seed() {
    let points = cloud(50, 6, 4);
    let a = build("random", &Source { seed: 1, ..Source::of_points(&points) });
    assert_eq!(a, build("random", &Source { seed: 1, ..Source::of_points(&points) }));
    assert_ne!(a.axes, build("random", &Source { seed: 2, ..Source::of_points(&points) }).axes);
}

#[test]
fn directions_forget_the_centre() {
    let points = Matrix::new(2, 2, vec![1.0, 2.0, 3.0, 5.0]);
    let projection = build("pca", &Source::of_points(&points));
    assert_eq!(projection.project_direction(&[0.0, 0.0]), [0.0; 3]);
    let picture = projection.project_direction(&[2.0, 3.0]);
    assert!((picture[0] - 13.0_f32.sqrt()).abs() < 1e-5, "{picture:?}");
}

#[test]
fn every_projection_survives_nasty_points() {
    let labels = [0, 1, 2, 2];
    let nasty = [
        Matrix::zeros(4, 5),
        Matrix::from_fn(4, 5, |_, _| 1e30),
        Matrix::from_fn(4, 5, |i, j| if i == j { 3e38 } else { -3e38 }),
        Matrix::from_fn(4, 1, |i, _| i as f32),
        Matrix::from_fn(4, 2, |i, j| 1e-40 * (i + j) as f32),
    ];
    for points in &nasty {
        let classes = Classes::new(points, &labels).unwrap();
        for kind in PROJECTIONS {
            let made = (kind.build)(&Source { classes: Some(&classes), ..Source::of_points(points) });
            if points.cols < SHOWN && ["tour", "mollweide"].contains(&kind.name) {
                assert!(made.unwrap_err().to_string().contains("needs three dimensions"));
                continue;
            }
            let first = made.unwrap();
            let source =
                Source { classes: Some(&classes), previous: Some(&first), ..Source::of_points(points) };
            for projection in [&first, &(kind.build)(&source).unwrap()] {
                assert_eq!(projection.axes.len(), points.cols.min(3), "{}", kind.name);
                let numbers = projection.axes.iter().flatten().chain(&projection.shares);
                assert!(numbers.chain([&projection.hidden]).all(|x| x.is_finite()), "{}", kind.name);
            }
        }
    }
    let empty = Matrix::zeros(0, 3);
    let broken = Matrix::from_fn(2, 2, |_, _| f32::NAN);
    for kind in PROJECTIONS {
        assert!((kind.build)(&Source::of_points(&empty)).is_err());
        assert!((kind.build)(&Source::of_points(&broken)).is_err());
    }
}

#[test]
fn axes_say_what_they_show_of_other_points() {
    let points = cloud(40, 6, 3);
    for name in ["pca", "random"] {
        let own = build(name, &Source::of_points(&points));
        let again = own.of(&points);
        assert!((again.hidden - own.hidden).abs() < 1e-6, "{name}: {} {}", again.hidden, own.hidden);
        assert!(again.shares.iter().zip(&own.shares).all(|(a, b)| (a - b).abs() < 1e-6), "{name}");
    }
    // Points that differ along the last coordinate alone, seen along the first three.
    let along = Matrix::from_fn(4, 6, |i, j| if j == 5 { i as f32 } else { 2.0 });
    let first = Projection {
        name: "pca",
        centre: vec![0.0; 6],
        axes: (0..3).map(|k| (0..6).map(|j| f64::from(u8::from(j == k))).collect()).collect(),
        shares: vec![1.0, 0.0, 0.0],
        hidden: 0.0,
        map: false,
        plane: None,
        notice: None,
        tour: None,
    };
    let seen = first.of(&along);
    assert_eq!((seen.shares, seen.hidden), (vec![0.0; 3], 1.0));
}
