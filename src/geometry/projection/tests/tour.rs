//! The tour: smooth, the same for one seed, without memory, and a turning in three dimensions.

use super::*;

fn gap(a: &Projection, b: &Projection) -> f64 {
    let square = |(a, b): (&Vec<f64>, &Vec<f64>)| a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum::<f64>();
    a.axes.iter().zip(&b.axes).map(square).sum::<f64>().sqrt()
}

#[test]
fn the_path_is_smooth_in_every_number_of_dimensions() {
    for dim in [3, 4, 5, 6, 16, 64] {
        let tour = Tour::new(&cloud(40, dim, 2), 7).unwrap();
        let h = 1e-4;
        let velocity = |phase: f64| -> Vec<f64> {
            let (a, b) = (tour.at(phase - h), tour.at(phase + h));
            let pairs = a.axes.iter().flatten().zip(b.axes.iter().flatten());
            pairs.map(|(x, y)| (y - x) / (2.0 * h)).collect()
        };
        // It never stands still and never leaps: an axis turns by at most about half a circle a frame.
        for k in 1..60 {
            let speed = dot(&velocity(0.13 * f64::from(k)), &velocity(0.13 * f64::from(k))).sqrt();
            assert!(speed > 0.05 && speed < 9.0, "{dim}: {speed}");
        }
        // Where one piece of the path ends the next goes on in the same direction, as fast.
        for knot in [1.0, 2.0, 3.0, 7.0] {
            let (before, after) = (velocity(knot - 2.0 * h), velocity(knot + 2.0 * h));
            let kink: f64 = before.iter().zip(&after).map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt();
            assert!(kink < 0.02 * dot(&before, &before).sqrt(), "{dim} at {knot}: {kink}");
        }
    }
}

#[test]
fn a_view_depends_on_seed_and_phase_alone() {
    let points = cloud(40, 9, 2);
    let at = |seed, phase| build("tour", &Source { seed, phase, ..Source::of_points(&points) });
    let tour = Tour::new(&points, 5).unwrap();
    for phase in [0.0, 0.25, 3.7, 1234.5] {
        assert_eq!(tour.at(phase).axes, at(5, phase).axes);
    }
    assert!(gap(&at(5, 0.5), &at(6, 0.5)) > 0.1 && gap(&at(5, 0.5), &at(5, 1.5)) > 0.1);
    assert_eq!(at(5, f64::NAN).axes, at(5, 0.0).axes);
}

#[test]
fn what_a_view_hides_is_what_its_axes_leave_out() {
    let points = cloud(300, 9, 2);
    let tour = Tour::new(&points, 1).unwrap();
    let spread: f64 = {
        let mean: Vec<f64> =
            (0..9).map(|j| points.rows_iter().map(|r| f64::from(r[j])).sum::<f64>() / 300.0).collect();
        points
            .rows_iter()
            .map(|r| r.iter().zip(&mean).map(|(&x, m)| (f64::from(x) - m).powi(2)).sum::<f64>())
            .sum()
    };
    for phase in [0.0, 0.4, 2.9] {
        let view = tour.at(phase);
        let seen: f64 = view.project(&points).iter().flatten().map(|&x| f64::from(x).powi(2)).sum();
        assert!((view.hidden - (1.0 - seen / spread)).abs() < 1e-4, "{} {}", view.hidden, seen / spread);
    }
}

#[test]
fn three_dimensions_are_turned_and_nothing_is_hidden() {
    let points = cloud(40, 3, 2);
    let tour = Tour::new(&points, 1).unwrap();
    let start = tour.at(0.0);
    for k in 0..50 {
        let view = tour.at(0.1 * f64::from(k));
        assert_eq!(view.hidden, 0.0);
        let at = |r: usize, c: usize| view.axes[r][c];
        let determinant = nalgebra::Matrix3::from_fn(at).determinant();
        assert!((determinant - 1.0).abs() < 1e-9, "no mirror image: {determinant}");
    }
    assert!(gap(&start, &tour.at(1.0)) > 0.3);
    assert!(Tour::new(&cloud(40, 2, 2), 1).unwrap_err().to_string().contains("in 2 everything is in sight"));
}
