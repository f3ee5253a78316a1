//! Points that fell together: how many symbols there are to be seen of how many points.

use std::collections::HashMap;

use super::Projection;

/// Places nearer than this share of the picture are one.
const NEAR: f64 = 0.012;
/// It is said where there are this many times fewer places than points.
const FEWER: usize = 10;

impl Projection {
    /// "200 points at 4 places" where most points lie on others of their class; nothing elsewhere.
    pub(super) fn together(&self) -> Option<String> {
        let points: Vec<(usize, [f64; 2])> = self.finite_points().map(|p| (p.class, p.at)).collect();
        let along = |axis: usize| super::extent(points.iter().map(|(_, at)| at[axis]).chain(self.radius));
        let (x, y) = (along(0)?, along(1)?);
        let cell = NEAR * (x.1 - x.0).max(y.1 - y.0);
        if cell <= 0.0 {
            return (points.len() > 1).then(|| format!("{} points at 1 place", points.len()));
        }
        // A place is a cell with the cells around it that no earlier place has taken.
        let mut taken: HashMap<(usize, i64, i64), usize> = HashMap::new();
        let mut places = 0;
        for (class, at) in &points {
            let [column, row] = [(at[0] - x.0) / cell, (at[1] - y.0) / cell].map(|c| c.round() as i64);
            let around = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (*class, column + dx, row + dy)));
            if !around.clone().any(|cell| taken.contains_key(&cell)) {
                places += 1;
                taken.insert((*class, column, row), places);
            }
        }
        let few = places * FEWER <= points.len();
        let word = if places == 1 { "place" } else { "places" };
        few.then(|| format!("{} points at {places} {word}", points.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::ProjectedPoint;
    use super::*;

    fn of(points: impl Iterator<Item = (usize, [f64; 2])>) -> Projection {
        let points = points.map(|(class, at)| ProjectedPoint { at, class, given: None }).collect();
        Projection { points, ..Projection::default() }
    }

    #[test]
    fn collapsed_classes_are_told_and_scattered_ones_are_not() {
        let wiggle = |k: usize| 1e-3 * (k as f64 * 1.7).sin();
        let at = |k: usize| [(k % 4) as f64 + wiggle(k), 0.3 + wiggle(3 * k)];
        let collapsed = of((0..200).map(|k| (k % 4, at(k))));
        assert_eq!(collapsed.together().unwrap(), "200 points at 4 places");
        assert!(collapsed.full_subtitle().contains("200 points at 4 places"));
        let scattered = of((0..200).map(|k| (k % 4, [(k % 20) as f64, (k / 20) as f64])));
        assert_eq!(scattered.together(), None);
        let all = of((0..50).map(|k| (k % 2, [0.5, 0.5])));
        assert_eq!(all.together().unwrap(), "50 points at 1 place");
        assert_eq!(of(std::iter::once((0, [1.0, 2.0]))).together(), None);
        assert_eq!(of((0..9).map(|k| (0, [f64::NAN, f64::from(k)]))).together(), None);
    }
}
