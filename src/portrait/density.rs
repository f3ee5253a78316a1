//! Densities of rows on the circle or the sphere, by class, and the spread of their angles.

use std::f64::consts::PI;

use crate::features::Matrix;
use crate::figure::{Density, Group, Map};
use crate::geometry::mollweide;
use crate::geometry::projection::{self, Source};
use crate::geometry::{Classes, Undefined};

use super::map;

/// Half the sides of the square around the circle.
const SQUARE: f64 = 1.35;
/// Columns and rows of a density on the circle.
const CIRCLE_CELLS: [usize; 2] = [68, 68];
/// The same on a map, which is twice as broad as high.
const MAP_CELLS: [usize; 2] = [84, 42];
/// The width of the kernel in the plane, as a share of the radius.
const BANDWIDTH: f64 = 0.09;
/// The concentration of the kernel on the sphere, von Mises and Fisher's: about nine degrees.
const CONCENTRATION: f64 = 40.0;
/// Bins of a histogram.
const BINS: usize = 36;
/// Rows that a density is made of, at most: some at even distances.
const MOST_ROWS: usize = 6000;
/// Classes that are shown, at most.
const MOST_CLASSES: usize = 11;

/// The density of all rows and of each class; without labels of all rows alone.
///
/// In two dimensions a row lies where its direction lies on the circle, and its angle is the angle there. In more it
/// lies on the map of the sphere of the projection called mollweide, and its angle is that to the mean of its class,
/// taken in all dimensions.
///
/// # Errors
/// [`Undefined`] in one dimension, or where nothing has a direction.
pub fn density(points: &Matrix, classes: Option<&Classes>) -> Result<Density, Undefined> {
    if points.cols < 2 {
        return Err(Undefined("a density on the circle or the sphere needs two dimensions".into()));
    }
    let circle = points.cols == 2;
    let every = points.rows.div_ceil(MOST_ROWS).max(1);
    let rows: Vec<usize> = (0..points.rows).step_by(every).collect();
    let class_of = |row: usize| classes.map_or(0, |classes| classes.of_row[row]);
    let (ground, cells, hidden, notice, places) = if circle {
        let places: Vec<[f32; 3]> = points.rows_iter().map(|row| [row[0], row[1], 0.0]).collect();
        let ground = Map { half: [SQUARE; 2], graticule: Vec::new() };
        (ground, CIRCLE_CELLS, None, None, places)
    } else {
        let kind = projection::kind("mollweide").ok_or_else(|| Undefined("there is no map".into()))?;
        let seen = (kind.build)(&Source { classes, ..Source::of_points(points) })?;
        let places: Vec<[f32; 3]> = seen.project(points).into_iter().map(mollweide::upright).collect();
        (map::of(map::upright), MAP_CELLS, Some(seen.hidden), seen.notice.clone(), places)
    };
    let angles = if circle { on_circle(points) } else { to_means(points, classes) };
    let span = if circle { [-180.0, 180.0] } else { [0.0, 180.0] };
    let count = classes.map_or(1, Classes::len);
    // Of each class the sum of its kernels; that of all rows is the sum of these.
    let mut sums = vec![vec![0.0f64; cells[0] * cells[1]]; count];
    let mut counts = vec![vec![0u64; BINS]; count];
    let mut sizes = vec![0usize; count];
    let grid = Grid { half: ground.half, cells, circle };
    let middles = grid.middles();
    for row in 0..points.rows {
        sizes[class_of(row)] += 1;
        let Some(angle) = angles[row] else { continue };
        let share = (angle - span[0]) / (span[1] - span[0]);
        counts[class_of(row)][((share * BINS as f64) as usize).min(BINS - 1)] += 1;
    }
    for row in rows {
        let Some(direction) = unit(places[row]) else { continue };
        for (sum, middle) in sums[class_of(row)].iter_mut().zip(&middles) {
            if let Some(middle) = middle {
                *sum += grid.kernel(direction, *middle);
            }
        }
    }
    let group = |class: Option<usize>| {
        let of = |own: usize| class.is_none_or(|class| class == own);
        let mut heat = vec![0.0f64; cells[0] * cells[1]];
        let mut bins = vec![0u64; BINS];
        for own in (0..count).filter(|own| of(*own)) {
            heat.iter_mut().zip(&sums[own]).for_each(|(to, x)| *to += x);
            bins.iter_mut().zip(&counts[own]).for_each(|(to, x)| *to += x);
        }
        let most = heat.iter().copied().fold(0.0, f64::max);
        if most > 0.0 {
            for x in &mut heat {
                *x /= most;
            }
        }
        Group {
            class,
            rows: (0..count).filter(|own| of(*own)).map(|own| sizes[own]).sum(),
            heat,
            counts: bins,
        }
    };
    let shown = if classes.is_some() { count.min(MOST_CLASSES) } else { 0 };
    let ground_words =
        if circle { "directions on the circle" } else { "directions on Mollweide's map of the sphere" };
    let mut words = vec![ground_words.to_owned()];
    words.extend(notice);
    words.extend((every > 1).then(|| format!("densities of every {every}th row")));
    Ok(Density {
        subtitle: words.join(" · "),
        hidden_variance: hidden,
        ground,
        cells,
        x_label: match (circle, classes.is_some()) {
            (true, _) => "angle on the circle (°)".to_owned(),
            (false, true) => "angle to the class mean (°)".to_owned(),
            (false, false) => "angle to the mean (°)".to_owned(),
        },
        span,
        classes: if classes.is_some() { count } else { 0 },
        groups: std::iter::once(None).chain((0..shown).map(Some)).map(group).collect(),
        ..Density::default()
    })
}

/// Where the cells of a density lie.
struct Grid {
    half: [f64; 2],
    cells: [usize; 2],
    circle: bool,
}

impl Grid {
    /// The middle of each cell: in the plane of the circle, or a direction; nothing beside a map.
    fn middles(&self) -> Vec<Option<[f64; 3]>> {
        let [across, down] = self.cells;
        let at = |k: usize, of: usize, half: f64| ((k as f64 + 0.5) / of as f64 * 2.0 - 1.0) * half;
        let cell = |k: usize| {
            let (x, y) = (at(k % across, across, self.half[0]), -at(k / across, down, self.half[1]));
            if self.circle {
                return Some([x, y, 0.0]);
            }
            let [longitude, latitude] = mollweide::unplace([x, y])?;
            let (right, near) = longitude.sin_cos();
            let (up, flat) = latitude.sin_cos();
            Some([flat * right, up, flat * near])
        };
        (0..across * down).map(cell).collect()
    }

    /// What a direction adds to the density at a place.
    fn kernel(&self, direction: [f64; 3], at: [f64; 3]) -> f64 {
        if self.circle {
            let square: f64 = direction.iter().zip(at).map(|(a, b)| (a - b).powi(2)).sum();
            (-0.5 * square / BANDWIDTH.powi(2)).exp()
        } else {
            let cosine: f64 = direction.iter().zip(at).map(|(a, b)| a * b).sum();
            (CONCENTRATION * (cosine - 1.0)).exp()
        }
    }
}

fn unit(place: [f32; 3]) -> Option<[f64; 3]> {
    let place = place.map(f64::from);
    let length = place.iter().map(|x| x * x).sum::<f64>().sqrt();
    (length > 0.0 && length.is_finite()).then(|| place.map(|x| x / length))
}

/// The angle of each row on the circle, in degrees from −180 to 180.
fn on_circle(points: &Matrix) -> Vec<Option<f64>> {
    let angle = |row: &[f32]| {
        let (x, y) = (f64::from(row[0]), f64::from(row[1]));
        ((x != 0.0 || y != 0.0) && x.is_finite() && y.is_finite()).then(|| y.atan2(x) * 180.0 / PI)
    };
    points.rows_iter().map(angle).collect()
}

/// The angle of each row to the mean of its class, or without classes to the mean of all, in degrees.
fn to_means(points: &Matrix, classes: Option<&Classes>) -> Vec<Option<f64>> {
    let count = classes.map_or(1, Classes::len);
    let class_of = |row: usize| classes.map_or(0, |classes| classes.of_row[row]);
    let mut sums = vec![vec![0.0f64; points.cols]; count];
    for (k, row) in points.rows_iter().enumerate() {
        sums[class_of(k)].iter_mut().zip(row).for_each(|(sum, &x)| *sum += f64::from(x));
    }
    let length = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>().sqrt();
    let angle = |(k, row): (usize, &[f32])| {
        let row: Vec<f64> = row.iter().map(|&x| f64::from(x)).collect();
        let mean = &sums[class_of(k)];
        let lengths = length(&row) * length(mean);
        let dot: f64 = row.iter().zip(mean).map(|(a, b)| a * b).sum();
        (lengths > 0.0 && lengths.is_finite()).then(|| (dot / lengths).clamp(-1.0, 1.0).acos().to_degrees())
    };
    points.rows_iter().enumerate().map(angle).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of two classes around two directions.
    fn rows(dim: usize) -> (Matrix, Vec<u32>) {
        let points = Matrix::from_fn(200, dim, |i, j| {
            let wiggle = 0.05 * ((i * 7 + j * 3) as f32).sin();
            wiggle + f32::from(u8::from(j == i % 2))
        });
        (points, (0..200).map(|i| i % 2).collect())
    }

    #[test]
    fn a_density_is_greatest_where_the_rows_of_its_class_lie() {
        for dim in [2, 3, 5] {
            let (points, labels) = rows(dim);
            let classes = Classes::new(&points, &labels).unwrap();
            let density = density(&points, Some(&classes)).unwrap();
            assert_eq!(density.groups.len(), 3);
            assert_eq!(density.groups.iter().map(|group| group.rows).collect::<Vec<_>>(), [200, 100, 100]);
            let top = |group: &Group| {
                let most = group.heat.iter().copied().fold(0.0, f64::max);
                assert_eq!(most, 1.0);
                group.heat.iter().position(|value| *value == most).unwrap()
            };
            let [_, first, second] = density.groups.as_slice() else { panic!() };
            assert_ne!(top(first), top(second));
            // The place of the first class on the ground.
            if dim == 2 {
                let (column, row) = (top(first) % density.cells[0], top(first) / density.cells[0]);
                let middle = |k: usize, of: usize| ((k as f64 + 0.5) / of as f64 * 2.0 - 1.0) * SQUARE;
                let (x, y) = (middle(column, density.cells[0]), -middle(row, density.cells[1]));
                assert!((x - 1.0).abs() < 0.1 && y.abs() < 0.1, "{x} {y}");
            }
            for group in &density.groups {
                assert_eq!(group.counts.iter().sum::<u64>() as usize, group.rows, "every row has an angle");
            }
            // On the circle the classes are a quarter apart; elsewhere all rows are near the mean of their class.
            let bin = |counts: &[u64]| counts.iter().enumerate().max_by_key(|(_, count)| **count).unwrap().0;
            let apart = bin(&second.counts) as i64 - bin(&first.counts) as i64;
            if dim == 2 { assert!((8..=10).contains(&apart), "{apart}") } else { assert!(apart.abs() <= 1) }
        }
    }

    #[test]
    fn one_dimension_has_neither_circle_nor_sphere() {
        assert!(density(&Matrix::zeros(3, 1), None).is_err());
        let alone = density(&rows(3).0, None).unwrap();
        assert_eq!(alone.groups.len(), 1);
    }
}
