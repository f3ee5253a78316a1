//! Linear discriminants: cases known by hand, classes that have collapsed, frames that follow, data too large.

use super::*;
use crate::geometry::projection::covariance::Scatter;

/// Rows at each class mean plus and minus `spread[i]` along each coordinate: W = diag(spread²)/d in every class.
fn crosses(means: &[Vec<f64>], spread: &[f64]) -> (Matrix, Vec<u32>) {
    let dim = spread.len();
    let per_class = 2 * dim;
    let points = Matrix::from_fn(means.len() * per_class, dim, |row, j| {
        let (class, arm) = (row / per_class, row % per_class);
        let off = if arm / 2 == j { spread[j] } else { 0.0 };
        (means[class][j] + if arm % 2 == 0 { off } else { -off }) as f32
    });
    (points, (0..means.len() * per_class).map(|row| (row / per_class) as u32).collect())
}

fn lda(points: &Matrix, labels: &[u32], previous: Option<&Projection>) -> Projection {
    let classes = Classes::new(points, labels).unwrap();
    build("lda", &Source { classes: Some(&classes), previous, ..Source::of_points(points) })
}

#[test]
fn two_classes_are_parted_along_the_inverse_scatter_times_the_difference_of_means() {
    // δ = (2, 2, 0, 0), W ∝ diag(9, 1, 1, 25): v ∝ (2/9, 2, 0, 0), while most variance lies along the last axis.
    let (points, labels) =
        crosses(&[vec![1.0, 1.0, 0.0, 0.0], vec![-1.0, -1.0, 0.0, 0.0]], &[3.0, 1.0, 1.0, 5.0]);
    let found = lda(&points, &labels, None);
    let length = (2.0_f64 / 9.0).hypot(2.0);
    let expected = [2.0 / 9.0 / length, 2.0 / length, 0.0, 0.0];
    for (x, e) in found.axes[0].iter().zip(expected) {
        // The ridge is a thousandth of the mean variance within classes, 9 of 9 and 9 of 1 times it.
        assert!((x - e).abs() < 2e-3, "{:?}", found.axes[0]);
    }
    // Beside the one discriminant stand the widest directions: the last axis, then what is left of the first.
    assert!((found.axes[1][3].abs() - 1.0).abs() < 1e-3, "{:?}", found.axes[1]);
    // W's diagonal is (9, 1, 1, 25)/4 and B adds 1 to the first two: only the third coordinate is out of sight.
    let total = (9.0 + 1.0 + 1.0 + 25.0) / 4.0 + 2.0;
    assert!((found.hidden - 0.25 / total).abs() < 1e-4, "{}", found.hidden);
}

#[test]
fn the_discriminants_of_three_classes_solve_the_generalised_problem() {
    // In a turned space nothing lies along coordinates: Bv = λ(W + εI)v must hold for both of the span.
    let means =
        [vec![3.0, 0.0, 0.0, 1.0, 0.0], vec![0.0, 2.0, 0.0, 0.0, 1.0], vec![-3.0, -2.0, 0.5, -1.0, 0.0]];
    let (plain, labels) = crosses(&means, &[4.0, 1.0, 0.5, 2.0, 3.0]);
    let points = frames::rotate(&plain, 5);
    let found = lda(&points, &labels, None);
    let classes = Classes::new(&points, &labels).unwrap();
    let scatter = Scatter::new(&points, &classes).unwrap();
    let dim = 5;
    let between = &scatter.means * scatter.means.transpose();
    let ridge = 1e-3 * scatter.within.trace() / 5.0 + 1e-8 * scatter.total.total() / 5.0;
    let within = &scatter.within + nalgebra::DMatrix::identity(dim, dim) * ridge;
    // The span {a, b} is invariant under W⁻¹B.
    let operator = within.try_inverse().unwrap() * between;
    for axis in &found.axes[..2] {
        let image = &operator * nalgebra::DVector::from_column_slice(axis);
        let mut rest = image.as_slice().to_vec();
        for other in &found.axes[..2] {
            let along = dot(&rest, other);
            rest.iter_mut().zip(other).for_each(|(x, o)| *x -= along * o);
        }
        assert!(dot(&rest, &rest).sqrt() < 1e-5 * image.norm(), "{rest:?}");
    }
}

#[test]
fn collapsed_classes_are_seen_as_the_principal_components_of_their_means() {
    // Six classes, each one point many times: no scatter within at all.
    let means = Matrix::from_fn(6, 9, |i, j| Seeded(4).normal((i * 9 + j) as u64) as f32);
    let points = Matrix::from_fn(48, 9, |i, j| means.row(i / 8)[j]);
    let labels: Vec<u32> = (0..48).map(|i| i / 8).collect();
    let (found, pca) = (lda(&points, &labels, None), build("pca", &Source::of_points(&points)));
    for (a, b) in found.axes.iter().zip(&pca.axes) {
        assert!(dot(a, b).abs() > 1.0 - 1e-6, "{a:?} {b:?}");
    }
    assert!((found.hidden - pca.hidden).abs() < 1e-6);
}

#[test]
fn a_still_picture_of_equal_discriminants_stays_still_and_a_turned_one_is_followed() {
    // Ten classes at a simplex: nine discriminants are equal, so any three of them would do.
    let simplex = frames::rotate(&frames::simplex(10, 16).unwrap(), 3);
    let at = |noise: f64, seed: u64| {
        Matrix::from_fn(80, 16, |i, j| {
            simplex.row(i / 8)[j] + (noise * Seeded(seed).normal((i * 16 + j) as u64)) as f32
        })
    };
    let labels: Vec<u32> = (0..80).map(|i| i / 8).collect();
    let mut before = lda(&at(1e-2, 0), &labels, None);
    for frame in 0..20 {
        // The noise itself jitters by a thousandth.
        let (still, jitter) = (at(1e-2, 0), at(1e-5, frame + 1));
        let points =
            Matrix::from_fn(80, 16, |i, j| still.row(i)[j] + jitter.row(i)[j] - simplex.row(i / 8)[j]);
        let now = lda(&points, &labels, Some(&before));
        for (a, b) in now.axes.iter().zip(&before.axes) {
            assert!(dot(a, b) > 1.0 - 1e-3, "frame {frame} turned: {}", dot(a, b));
        }
        before = now;
    }
    // Classes listed the other way round are the same picture.
    let reversed: Vec<u32> = labels.iter().map(|label| 9 - label).collect();
    let again = lda(&at(1e-2, 0), &reversed, Some(&before));
    for (a, b) in again.axes.iter().zip(&before.axes) {
        assert!(dot(a, b) > 1.0 - 1e-3, "{}", dot(a, b));
    }
    // All means move into the last three of sixteen dimensions, where none of the axes is.
    let flat = frames::simplex(4, 3).unwrap();
    let moved = Matrix::from_fn(80, 16, |i, j| if j >= 13 { flat.row(i / 8 % 4)[j - 13] } else { 0.0 });
    let lost = Projection {
        axes: lda(
            &Matrix::from_fn(80, 16, |i, j| if j < 13 { at(0.0, 0).row(i)[j] } else { 0.0 }),
            &labels,
            None,
        )
        .axes,
        ..before
    };
    let found = lda(&moved, &labels, Some(&lost));
    assert!(found.hidden < 1e-6, "{}", found.hidden);
}

#[test]
fn what_is_too_large_is_thinned_and_says_so() {
    // 600 classes in 520 dimensions, two rows each.
    let points = Matrix::from_fn(1200, 520, |i, j| {
        let mean = Seeded((i / 2) as u64).normal(j as u64);
        (mean + 0.1 * Seeded(9).normal((i * 520 + j) as u64)) as f32 * if j < 8 { 0.01 } else { 1.0 }
    });
    let labels: Vec<u32> = (0..1200).map(|i| i / 2).collect();
    let found = lda(&points, &labels, None);
    let notice = found.notice.clone().unwrap();
    assert_eq!(
        notice,
        "from 1024 of 1200 rows, 512 of 600 classes, the 512 of 520 coordinates that vary most"
    );
    assert!(found.axes.iter().all(|axis| axis.len() == 520 && axis[..8].iter().all(|x| *x == 0.0)));
    assert!(found.hidden > 0.9 && found.hidden < 1.0, "{}", found.hidden);
    let now = lda(&points, &labels, Some(&found));
    assert!(now.axes.iter().zip(&found.axes).all(|(a, b)| dot(a, b) > 0.9));
    // Rows beyond the work there is: at least one of each class stays.
    let (many, labels) = crosses(&(0..4).map(|c| vec![f64::from(c); 2]).collect::<Vec<_>>(), &[1.0, 2.0]);
    assert_eq!(lda(&many, &labels, None).notice, None);
}

#[test]
fn without_classes_to_part_there_are_none() {
    let points = cloud(6, 4, 1);
    let refusal = |labels: &[u32]| {
        let classes = Classes::new(&points, labels).unwrap();
        let source = Source { classes: Some(&classes), ..Source::of_points(&points) };
        (kind("lda").unwrap().build)(&source).unwrap_err().to_string()
    };
    assert!(refusal(&[3; 6]).contains("only one class"));
    assert_eq!(
        (kind("lda").unwrap().build)(&Source::of_points(&points)).unwrap_err().to_string(),
        "there are no labels"
    );
}
