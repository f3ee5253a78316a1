//! Densities of rows on the circle or the sphere, by class, and the spread of their angles.

use std::f64::consts::PI;

use crate::features::Matrix;
use crate::figure::{Density, Group, Map};
use crate::geometry::kernel::{Ground, Kernel};
use crate::geometry::mollweide;
use crate::geometry::projection::{self, Source};
use crate::geometry::{Classes, Undefined};

use super::map;

/// Half the sides of the square around the circle.
const SQUARE: f64 = 1.3;
/// Directions of a density on the circle: a degree each.
const CIRCLE_CELLS: [usize; 2] = [360, 1];
/// Columns and rows of a density on a map, which is twice as broad as high.
const MAP_CELLS: [usize; 2] = [132, 66];
/// The concentrations of the kernels on the circle and on the sphere.
const CONCENTRATIONS: [f64; 2] = [100.0, 40.0];
/// Rows whose own places are marked on the circle, at most.
const MARKED: usize = 400;
/// Bins of a histogram.
const BINS: usize = 36;
/// Rows that a density is made of, at most: some at even distances.
const MOST_ROWS: usize = 4000;
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
    let mut used = vec![0usize; count];
    let mut marks: Vec<Vec<f64>> = vec![Vec::new(); count];
    let [on_circle_k, on_sphere_k] = CONCENTRATIONS;
    let kernel = if circle {
        Kernel::new(Ground::Circle, on_circle_k)
    } else {
        Kernel::new(Ground::Sphere, on_sphere_k)
    };
    let middles = if circle { around() } else { over(ground.half, cells) };
    for row in 0..points.rows {
        sizes[class_of(row)] += 1;
        let Some(angle) = angles[row] else { continue };
        if circle {
            marks[class_of(row)].push(angle);
            continue;
        }
        let share = (angle - span[0]) / (span[1] - span[0]);
        counts[class_of(row)][((share * BINS as f64) as usize).min(BINS - 1)] += 1;
    }
    for row in rows {
        let Some(direction) = unit(places[row]) else { continue };
        used[class_of(row)] += 1;
        for (sum, middle) in sums[class_of(row)].iter_mut().zip(&middles) {
            if let Some(middle) = middle {
                *sum += kernel.at(direction.iter().zip(middle).map(|(a, b)| a * b).sum());
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
        let rows: usize = (0..count).filter(|own| of(*own)).map(|own| used[own]).sum();
        for share in &mut heat {
            *share /= rows.max(1) as f64;
        }
        let own: Vec<f64> = (0..count).filter(|own| of(*own)).flat_map(|own| marks[own].clone()).collect();
        let every = own.len().div_ceil(MARKED).max(1);
        Group {
            class,
            rows: (0..count).filter(|own| of(*own)).map(|own| sizes[own]).sum(),
            heat,
            marks: own.into_iter().step_by(every).collect(),
            counts: if circle { Vec::new() } else { bins },
        }
    };
    let shown = if classes.is_some() { count.min(MOST_CLASSES) } else { 0 };
    let ground_words = if circle { "directions on the circle" } else { "directions on Mollweide's map" };
    let mut words = vec![ground_words.to_owned(), kernel.words()];
    words.push(
        if circle { "broken line, mark on the bar: uniform" } else { "mark on the bar: uniform" }.to_owned(),
    );
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

/// The directions of the cells on the circle, from −180° on.
fn around() -> Vec<Option<[f64; 3]>> {
    let direction = |k: usize| {
        let (sin, cos) = ((k as f64 + 0.5) / CIRCLE_CELLS[0] as f64 * 2.0 * PI - PI).sin_cos();
        Some([cos, sin, 0.0])
    };
    (0..CIRCLE_CELLS[0]).map(direction).collect()
}

/// The directions of the cells of a map, row after row from the top left; nothing beside it.
fn over(half: [f64; 2], [across, down]: [usize; 2]) -> Vec<Option<[f64; 3]>> {
    let at = |k: usize, of: usize, half: f64| ((k as f64 + 0.5) / of as f64 * 2.0 - 1.0) * half;
    let cell = |k: usize| {
        let [x, y] = [at(k % across, across, half[0]), -at(k / across, down, half[1])];
        // A cell that is cut by the border has the direction at the border.
        let reach = half[0] * (1.0 - (y / half[1]).powi(2)).max(0.0).sqrt();
        let width = 2.0 * half[0] / across as f64;
        if x.abs() > reach + width {
            return None;
        }
        let [longitude, latitude] = mollweide::unplace([x.clamp(-reach, reach) * (1.0 - 1e-9), y])?;
        let (right, near) = longitude.sin_cos();
        let (up, flat) = latitude.sin_cos();
        Some([flat * right, up, flat * near])
    };
    (0..across * down).map(cell).collect()
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

    /// The cells whose middle lies on the map.
    fn cells_within(heat: &[f64], half: [f64; 2], [across, down]: [usize; 2]) -> Vec<f64> {
        let at = |k: usize, of: usize| (k as f64 + 0.5) / of as f64 * 2.0 - 1.0;
        let inside = |k: &usize| {
            let place = [at(k % across, across) * half[0], at(k / across, down) * half[1]];
            mollweide::unplace(place).is_some()
        };
        (0..heat.len()).filter(inside).map(|k| heat[k]).collect()
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
                group.heat.iter().position(|value| *value == most).unwrap()
            };
            for group in &density.groups {
                // Equal areas: the mean over all cells is that over all directions, 1 for a density over the uniform.
                let inside: Vec<f64> = match dim {
                    2 => group.heat.clone(),
                    _ => cells_within(&group.heat, density.ground.half, density.cells),
                };
                let mean = inside.iter().sum::<f64>() / inside.len() as f64;
                assert!((mean - 1.0).abs() < 0.02, "{dim}: {mean}");
            }
            let [_, first, second] = density.groups.as_slice() else { panic!() };
            assert_ne!(top(first), top(second));
            // The place of the first class on the ground.
            if dim == 2 {
                let degrees = |group: &Group| top(group) as f64 + 0.5 - 180.0;
                assert!(degrees(first).abs() < 3.0 && (degrees(second) - 90.0).abs() < 3.0);
                assert_eq!(first.marks.len(), 100, "each row has its place");
                continue;
            }
            for group in &density.groups {
                assert_eq!(group.counts.iter().sum::<u64>() as usize, group.rows, "every row has an angle");
            }
            // All rows are near the mean of their class.
            let bin = |counts: &[u64]| counts.iter().enumerate().max_by_key(|(_, count)| **count).unwrap().0;
            let apart = bin(&second.counts) as i64 - bin(&first.counts) as i64;
            assert!(apart.abs() <= 1);
        }
    }

    #[test]
    fn one_dimension_has_neither_circle_nor_sphere() {
        assert!(density(&Matrix::zeros(3, 1), None).is_err());
        let alone = density(&rows(3).0, None).unwrap();
        assert_eq!(alone.groups.len(), 1);
    }
}
